//! Flags of a command line. Upstream: `spf13/pflag`, and the `cobra` that words its errors.

use crate::time::Duration;

/// One flag that a command knows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flag {
    /// `replicas` for `--replicas`
    pub(super) long: &'static str,
    /// `f` for `-f`
    pub(super) short: Option<char>,
    /// What follows it.
    pub(super) takes: Takes,
}

/// What follows a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// Nothing, or `=true` and the like.
    Nothing,
    /// A text.
    Text,
    /// A whole number.
    Number,
    /// A duration: `30s`, `1m30s`.
    Time,
    /// A text behind `=`, or nothing, which stands for this.
    Maybe(&'static str),
}

/// `-n`
pub(super) const NAMESPACE: Flag = Flag::new("namespace", Some('n'), Takes::Text);
/// `-A`
pub(super) const ALL_NAMESPACES: Flag = Flag::new("all-namespaces", Some('A'), Takes::Nothing);
/// `-f`
pub(super) const FILENAME: Flag = Flag::new("filename", Some('f'), Takes::Text);
/// `-l`
pub(super) const SELECTOR: Flag = Flag::new("selector", Some('l'), Takes::Text);
/// `-o`
pub(super) const OUTPUT: Flag = Flag::new("output", Some('o'), Takes::Text);
/// `--dry-run`
pub(super) const DRY_RUN: Flag = Flag::new("dry-run", None, Takes::Maybe("unchanged"));
/// `--all`
pub(super) const ALL: Flag = Flag::new("all", None, Takes::Nothing);

/// Flags of every command. But for the namespace they say how to reach the cluster, and there is one way alone.
const EVERYWHERE: &[Flag] = &[
    NAMESPACE,
    Flag::new("cache-dir", None, Takes::Text),
    Flag::new("certificate-authority", None, Takes::Text),
    Flag::new("client-certificate", None, Takes::Text),
    Flag::new("client-key", None, Takes::Text),
    Flag::new("cluster", None, Takes::Text),
    Flag::new("context", None, Takes::Text),
    Flag::new("disable-compression", None, Takes::Nothing),
    Flag::new("insecure-skip-tls-verify", None, Takes::Nothing),
    Flag::new("kubeconfig", None, Takes::Text),
    Flag::new("kuberc", None, Takes::Text),
    Flag::new("log-flush-frequency", None, Takes::Time),
    Flag::new("match-server-version", None, Takes::Nothing),
    Flag::new("password", None, Takes::Text),
    Flag::new("profile", None, Takes::Text),
    Flag::new("profile-output", None, Takes::Text),
    Flag::new("request-timeout", None, Takes::Text),
    Flag::new("server", Some('s'), Takes::Text),
    Flag::new("tls-server-name", None, Takes::Text),
    Flag::new("token", None, Takes::Text),
    Flag::new("user", None, Takes::Text),
    Flag::new("username", None, Takes::Text),
    Flag::new("v", Some('v'), Takes::Number),
    Flag::new("vmodule", None, Takes::Text),
    Flag::new("warnings-as-errors", None, Takes::Nothing),
];

/// Flags of single commands that change nothing of what is simulated.
const WITHOUT_EFFECT: &[Flag] = &[
    Flag::new("allow-missing-template-keys", None, Takes::Nothing),
    Flag::new("chunk-size", None, Takes::Number),
    Flag::new("field-manager", None, Takes::Text),
    Flag::new("openapi-patch", None, Takes::Nothing),
    Flag::new("recursive", Some('R'), Takes::Nothing),
    Flag::new("server-print", None, Takes::Nothing),
    Flag::new("show-managed-fields", None, Takes::Nothing),
];

/// Flags that kubectl has and that are not simulated.
const NOT_SIMULATED: &[&str] = &[
    "field-selector",
    "force-conflicts",
    "kustomize",
    "local",
    "prune",
    "raw",
    "record",
    "save-config",
    "server-side",
    "subresource",
    "template",
    "validate",
    "windows-line-endings",
];

/// The only context, cluster and user that there are.
pub(super) const CONTEXT: &str = "kubestep";

/// The command of a line and everything else that it says: flags of every command may come before it.
/// Upstream: cobra's `stripFlags`.
pub(super) fn take_command(words: &[String]) -> (Option<String>, Vec<String>) {
    let mut place = 0;
    while let Some(word) = words.get(place) {
        let known = match word.strip_prefix("--") {
            Some(long) => {
                let (name, value) = long.split_once('=').map_or((long, false), |(name, _)| (name, true));
                let speaker = matches!(name, "as" | "as-group" | "as-uid" | "as-user-extra");
                let flag = EVERYWHERE.iter().find(|flag| flag.long == name);
                let takes = speaker || flag.is_some_and(|flag| flag.takes != Takes::Nothing);
                (speaker || flag.is_some()).then_some(usize::from(takes && !value))
            }
            None => word.strip_prefix('-').filter(|rest| !rest.is_empty()).and_then(|letters| {
                let flag = EVERYWHERE.iter().find(|flag| flag.short == letters.chars().next())?;
                Some(usize::from(flag.takes != Takes::Nothing && letters.len() == 1))
            }),
        };
        match known {
            Some(values) => place += 1 + values,
            None => {
                let rest = words.iter().enumerate().filter(|(at, _)| *at != place);
                return (Some(word.clone()), rest.map(|(_, word)| word.clone()).collect());
            }
        }
    }
    (None, words.to_vec())
}

/// A word that nobody types: a command that is given it last answers with the flags it reads.
pub(super) const LISTED: &str = "\0";

/// What a command line says after the command's name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Arguments {
    /// `kubectl get`
    command: String,
    values: Vec<(&'static str, String)>,
    /// The words that are no flags, in order.
    pub(super) names: Vec<String>,
    /// How many of them stand before `--`, if that is there.
    before_dashes: Option<usize>,
}

impl Flag {
    /// A flag.
    pub(super) const fn new(long: &'static str, short: Option<char>, takes: Takes) -> Flag {
        Flag { long, short, takes }
    }

    /// As refusals name it: `-w, --watch`.
    fn shown(&self) -> String {
        self.short.map_or_else(|| format!("--{}", self.long), |short| format!("-{short}, --{}", self.long))
    }

    /// Refuses a value of the wrong type, in Go's words.
    fn check(&self, value: &str) -> Result<(), String> {
        let fault = match self.takes {
            Takes::Text | Takes::Maybe(_) => None,
            Takes::Nothing => read_bool(value)
                .is_none()
                .then(|| format!("strconv.ParseBool: parsing {value:?}: invalid syntax")),
            Takes::Number => value
                .parse::<i64>()
                .is_err()
                .then(|| format!("strconv.ParseInt: parsing {value:?}: invalid syntax")),
            Takes::Time => {
                Duration::parse(value).is_none().then(|| format!("time: invalid duration {value:?}"))
            }
        };
        match fault {
            Some(fault) => Err(format!("invalid argument {value:?} for \"{}\" flag: {fault}", self.shown())),
            None => Ok(()),
        }
    }
}

impl Arguments {
    /// Reads `words` for `command` (`kubectl get`), which knows these `flags`.
    ///
    /// # Errors
    /// kubectl's own words for flags that it does not know, or that lack their value.
    pub(super) fn read(command: &str, words: &[String], flags: &[Flag]) -> Result<Arguments, String> {
        if words.last().is_some_and(|word| word == LISTED) {
            return Err(listed(flags));
        }
        let usage = |fault: String| format!("error: {fault}\nSee '{command} --help' for usage.");
        let mut arguments = Arguments { command: command.to_owned(), ..Arguments::default() };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if word == "--" {
                arguments.before_dashes = Some(arguments.names.len());
                arguments.names.extend(words.cloned());
                break;
            }
            if let Some(long) = word.strip_prefix("--") {
                arguments.take_long(long, &mut words, flags).map_err(usage)?;
            } else if word.len() > 1 && word.starts_with('-') {
                arguments.take_short(&word[1..], &mut words, flags).map_err(usage)?;
            } else {
                arguments.names.push(word.clone());
            }
        }
        arguments.check_context()?;
        Ok(arguments)
    }

    /// `fault`, and where help is to be found. Upstream: `UsageErrorf`.
    pub(super) fn usage(&self, fault: impl std::fmt::Display) -> String {
        format!("error: {fault}\nSee '{} -h' for help and examples", self.command)
    }

    /// Refuses a line without one of these flags. Upstream: cobra's `ValidateRequiredFlags`.
    pub(super) fn require(&self, flags: &[&str]) -> Result<(), String> {
        let is_missing = |flag: &&&str| self.text(flag).is_none();
        let missing: Vec<String> =
            flags.iter().filter(is_missing).map(|flag| format!("\"{flag}\"")).collect();
        match missing.as_slice() {
            [] => Ok(()),
            missing => Err(format!("error: required flag(s) {} not set", missing.join(", "))),
        }
    }

    /// The one name that a command takes, and the command for a container behind it, which `--` sets off.
    /// Upstream: `NameFromCommandArgs`.
    pub(super) fn name_and_command(&self) -> Result<(&str, &[String]), String> {
        match (self.before_dashes.unwrap_or(self.names.len()), self.names.split_first()) {
            (1, Some((name, command))) => Ok((name, command)),
            (count, _) => Err(self.usage(format!("exactly one NAME is required, got {count}"))),
        }
    }

    /// Refuses words that are no flags.
    pub(super) fn refuse_names(&self) -> Result<(), String> {
        match self.names.as_slice() {
            [] => Ok(()),
            names => Err(self.usage(format!("Unexpected args: [{}]", names.join(" ")))),
        }
    }

    /// Refuses to speak to another cluster than this one.
    fn check_context(&self) -> Result<(), String> {
        let others = |flag: &str| self.text(flag).filter(|name| !name.is_empty() && *name != CONTEXT);
        if let Some(name) = others("context") {
            return Err(format!("error: context \"{name}\" does not exist"));
        }
        match others("cluster") {
            Some(name) => Err(format!("error: cluster \"{name}\" does not exist")),
            None => Ok(()),
        }
    }

    /// Whether a flag that takes nothing is on.
    pub(super) fn is_on(&self, long: &str) -> bool {
        self.text(long).and_then(read_bool).unwrap_or(false)
    }

    /// The last value of a flag.
    pub(super) fn text(&self, long: &str) -> Option<&str> {
        self.values.iter().rev().find(|(name, _)| *name == long).map(|(_, value)| value.as_str())
    }

    /// Every value of a flag.
    pub(super) fn texts<'a>(&'a self, long: &'a str) -> impl Iterator<Item = &'a str> {
        self.values.iter().filter(move |(name, _)| *name == long).map(|(_, value)| value.as_str())
    }

    /// Drops a flag that means something else to a command than to what reads on.
    pub(super) fn forget(&mut self, long: &str) {
        self.values.retain(|(name, _)| *name != long);
    }

    /// The value of a flag that takes a number.
    pub(super) fn number(&self, long: &str) -> Option<i64> {
        self.text(long)?.parse().ok()
    }

    /// The value of a flag that takes a duration.
    pub(super) fn time(&self, long: &str) -> Option<Duration> {
        Duration::parse(self.text(long)?)
    }

    fn take_long(
        &mut self,
        word: &str,
        words: &mut std::slice::Iter<'_, String>,
        flags: &[Flag],
    ) -> Result<(), String> {
        let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        let mut known = flags.iter().chain(EVERYWHERE).chain(WITHOUT_EFFECT);
        let Some(flag) = known.find(|flag| flag.long == name) else {
            let known = NOT_SIMULATED.contains(&name);
            return Err(if known {
                format!("--{name} is not simulated")
            } else {
                format!("unknown flag: --{name}")
            });
        };
        let value = match (value, flag.takes) {
            (Some(value), _) => value.to_owned(),
            (None, Takes::Nothing) => "true".to_owned(),
            (None, Takes::Maybe(default)) => default.to_owned(),
            (None, Takes::Text | Takes::Number | Takes::Time) => {
                words.next().cloned().ok_or_else(|| format!("flag needs an argument: --{name}"))?
            }
        };
        self.take(flag, value)
    }

    /// Reads `-Al app=web`: letters of flags, of which the last may take a value.
    fn take_short(
        &mut self,
        letters: &str,
        words: &mut std::slice::Iter<'_, String>,
        flags: &[Flag],
    ) -> Result<(), String> {
        let mut rest = letters.chars();
        while let Some(letter) = rest.next() {
            let mut known = flags.iter().chain(EVERYWHERE).chain(WITHOUT_EFFECT);
            let Some(flag) = known.find(|flag| flag.short == Some(letter)) else {
                return Err(format!("unknown shorthand flag: '{letter}' in -{letters}"));
            };
            let behind = rest.as_str();
            let explicit = behind.strip_prefix('=');
            let value = match flag.takes {
                Takes::Nothing if explicit.is_none() => {
                    self.take(flag, "true".to_owned())?;
                    continue;
                }
                Takes::Maybe(default) if behind.is_empty() => default.to_owned(),
                _ if !behind.is_empty() => explicit.unwrap_or(behind).to_owned(),
                _ => words
                    .next()
                    .cloned()
                    .ok_or_else(|| format!("flag needs an argument: '{letter}' in -{letters}"))?,
            };
            return self.take(flag, value);
        }
        Ok(())
    }

    fn take(&mut self, flag: &Flag, value: String) -> Result<(), String> {
        flag.check(&value)?;
        self.values.push((flag.long, value));
        Ok(())
    }
}

fn read_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// The flags as they begin on a line, one on each: `--replicas=`, `--now`, `-f`.
fn listed(flags: &[Flag]) -> String {
    let long = |flag: &Flag| match flag.takes {
        Takes::Nothing => format!("--{}", flag.long),
        Takes::Text | Takes::Number | Takes::Time | Takes::Maybe(_) => format!("--{}=", flag.long),
    };
    let all = flags
        .iter()
        .chain([&NAMESPACE])
        .flat_map(|flag| [Some(long(flag)), flag.short.map(|short| format!("-{short}"))]);
    let all: Vec<String> = all.flatten().collect();
    format!("{LISTED}{}", all.join("\n"))
}

#[cfg(test)]
mod tests;
