//! From a command line to an [`Invocation`]: the first word that is no flag says which command reads the rest.
//! Upstream: `k8s.io/kubectl/pkg/cmd`, `spf13/cobra`.

use std::rc::Rc;

use super::input::{self, Input};
use super::{
    ApiResources, Apply, Auth, Autoscale, Cordon, Create, CreateToken, Delete, Describe, Diff, Drain, Events,
    Exec, Explain, Expose, Get, Help, Invocation, Label, Logs, Patch, Replace, Rollout, Say, Scale, SetEnv,
    SetImage, SetResources, Taint, Top, Unsimulated, Verb, Wait, flags, label, run, say, words,
};
use crate::apiserver::Person;
use crate::spelling;

/// Commands that kubectl has and that cannot be typed here, and why.
const NOT_SIMULATED: &[(&str, &str)] = &[
    ("alpha", "it holds nothing that this cluster could do"),
    ("attach", "containers here have no terminal; see kubectl logs"),
    ("certificate", "nobody asks for certificates here"),
    ("completion", "press Tab: names are completed already"),
    ("cp", "containers here have no files"),
    ("debug", "containers here have nothing to look into; see kubectl describe and kubectl logs"),
    ("edit", "change the manifest and apply it, or use kubectl patch"),
    ("kuberc", "there are no files of preferences here"),
    ("kustomize", "there are no folders here; paste what it renders"),
    ("plugin", "there are no programs beside kubectl here"),
    ("port-forward", "there is no machine to forward to; a Traffic document sends requests"),
    ("proxy", "there is no machine to listen on"),
];

/// Commands that can be typed here, in alphabetical order.
pub const SIMULATED: &[&str] = &[
    "annotate",
    "api-resources",
    "api-versions",
    "apply",
    "auth",
    "autoscale",
    "cluster-info",
    "config",
    "cordon",
    "create",
    "delete",
    "describe",
    "diff",
    "drain",
    "events",
    "exec",
    "explain",
    "expose",
    "get",
    "help",
    "label",
    "logs",
    "options",
    "patch",
    "replace",
    "rollout",
    "run",
    "scale",
    "set",
    "taint",
    "top",
    "uncordon",
    "version",
    "wait",
];

/// How many letters apart two names may be to be taken for each other.
const MOST_TYPOS: usize = 2;

/// Reads a command line, with or without its leading `kubectl`. `files` gives the text of a file that `-f` names.
///
/// # Errors
/// What kubectl would print instead of starting.
pub fn parse(line: &str, files: &dyn Fn(&str) -> Option<String>) -> Result<Invocation, String> {
    let Input { command, stdin } = input::read(line)?;
    let with_stdin = |name: &str| match (name, &stdin) {
        ("-", Some(text)) => Some(text.clone()),
        _ => files(name),
    };
    let words = words::split(&command)?;
    input::refuse_shell(&words)?;
    let words = match words.first() {
        Some(first) if first == "kubectl" => &words[1..],
        _ => &words[..],
    };
    let (name, rest) = flags::take_command(words);
    let line = command.trim();
    let is_whole = line.split_whitespace().next() == Some("kubectl");
    let line = if is_whole { line.into() } else { format!("kubectl {line}").into() };
    let (rest, person) = speaker(rest)?;
    let verb = verb(name.as_deref().unwrap_or("help"), &rest, &with_stdin)?;
    Ok(Invocation { line, verb, person })
}

/// Takes `--as` and `--as-group` out of the words: they are the same for every command.
fn speaker(words: Vec<String>) -> Result<(Vec<String>, Option<Rc<Person>>), String> {
    let (mut rest, mut name, mut groups) = (Vec::with_capacity(words.len()), None, Vec::new());
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        if word == "--" {
            rest.push(word);
            rest.extend(words.by_ref());
            break;
        }
        let (flag, value) =
            word.split_once('=').map_or((word.as_str(), None), |(flag, value)| (flag, Some(value)));
        if !matches!(flag, "--as" | "--as-group" | "--as-uid" | "--as-user-extra") {
            rest.push(word);
            continue;
        }
        let flag = flag.to_owned();
        let value = match value {
            Some(value) => value.to_owned(),
            None => words.next().ok_or_else(|| {
                format!("error: flag needs an argument: {flag}\nSee 'kubectl --help' for usage.")
            })?,
        };
        match flag.as_str() {
            "--as" => name = Some(value),
            "--as-group" => groups.push(value.into()),
            _ => {}
        }
    }
    match name.filter(|name| !name.is_empty()) {
        Some(name) => Ok((rest, Some(Rc::new(Person::named(&name, groups))))),
        None if groups.is_empty() => Ok((rest, None)),
        None => {
            Err("error: requesting groups, uid or user-extra for  without impersonating a user".to_owned())
        }
    }
}

/// The flags that the command of a line reads, as they begin: `--replicas=`, `--now`, `-f`. The command itself is
/// asked; none where there is no such command.
pub fn flags_of(line: &str) -> Vec<String> {
    let answer = parse(&format!("{line} {}", flags::LISTED), &|_| None).err().unwrap_or_default();
    answer.strip_prefix(flags::LISTED).map_or_else(Vec::new, |all| all.lines().map(str::to_owned).collect())
}

fn verb(name: &str, words: &[String], files: &dyn Fn(&str) -> Option<String>) -> Result<Verb, String> {
    let asks_for_help =
        words.iter().take_while(|word| *word != "--").any(|word| word == "-h" || word == "--help");
    if asks_for_help && SIMULATED.contains(&name) {
        return Ok(Verb::Help(Help::about(name)));
    }
    Ok(match name {
        "api-resources" => Verb::ApiResources(ApiResources::parse(words)?),
        "auth" if words.is_empty() => Verb::Help(Help::instead_of(name)),
        "auth" => Verb::Auth(Auth::parse(words, files)?),
        "top" if words.first().is_none_or(|word| word.starts_with('-')) => Verb::Help(Help::instead_of(name)),
        "top" => Verb::Top(Top::parse(words)?),
        "apply" => Verb::Apply(Apply::parse(words, files)?),
        "create" if words.first().is_some_and(|word| word == "token") => {
            Verb::CreateToken(CreateToken::parse(&words[1..])?)
        }
        "create" => Verb::Create(Create::parse(words, files)?),
        "delete" => Verb::Delete(Delete::parse(words, files)?),
        "diff" => Verb::Diff(Diff::parse(words, files)?),
        "explain" => Verb::Explain(Explain::parse(words)?),
        "get" => Verb::Get(Get::parse(words, files)?),
        "describe" => Verb::Describe(Describe::parse(words, files)?),
        "logs" => Verb::Logs(Logs::parse(words)?),
        "replace" => Verb::Replace(Replace::parse(words, files)?),
        "scale" => Verb::Scale(Scale::parse(words, files)?),
        "set" if words.is_empty() => Verb::Help(Help::instead_of(name)),
        "set" => return set(words, files),
        "autoscale" => Verb::Autoscale(Autoscale::parse(words, files)?),
        "events" => Verb::Events(Events::parse(words)?),
        "exec" => Verb::Exec(Exec::parse(words)?),
        "run" => Verb::Create(run::parse(words)?),
        "expose" => Verb::Expose(Expose::parse(words, files)?),
        "patch" => Verb::Patch(Patch::parse(words, files)?),
        "rollout" if words.is_empty() => Verb::Help(Help::instead_of(name)),
        "rollout" => Verb::Rollout(Rollout::parse(words, files)?),
        "cordon" => Verb::Cordon(Cordon::parse(true, words)?),
        "uncordon" => Verb::Cordon(Cordon::parse(false, words)?),
        "drain" => Verb::Drain(Drain::parse(words)?),
        "taint" => Verb::Taint(Taint::parse(words)?),
        "label" => Verb::Label(Label::parse(label::What::Labels, words, files)?),
        "annotate" => Verb::Label(Label::parse(label::What::Annotations, words, files)?),
        "wait" => Verb::Wait(Wait::parse(words, files)?),
        "api-versions" => Verb::Say(Say::parse(say::What::ApiVersions, words)?),
        "cluster-info" => Verb::Say(Say::parse(say::What::ClusterInfo, words)?),
        "config" if words.is_empty() => Verb::Help(Help::instead_of(name)),
        "config" => Verb::Say(Say::config(words)?),
        "options" => Verb::Say(Say::parse(say::What::Options, words)?),
        "version" => Verb::Say(Say::parse(say::What::Version, words)?),
        "help" | "-h" | "--help" => Verb::Help(Help::about(words.first().map_or("", |word| word))),
        flag if flag.starts_with("--") => {
            let flag = flag.split('=').next().unwrap_or(flag);
            return Err(format!("error: unknown flag: {flag}\nSee 'kubectl --help' for usage."));
        }
        flag if flag.starts_with('-') => {
            let letter = flag.chars().nth(1).unwrap_or('-');
            return Err(format!(
                "error: unknown shorthand flag: '{letter}' in {flag}\nSee 'kubectl --help' for usage."
            ));
        }
        "cp" => return Err(cp(words)),
        name @ ("attach" | "debug" | "edit" | "port-forward") => {
            let why = NOT_SIMULATED.iter().find(|(known, _)| *known == name).map_or("", |(_, why)| why);
            Verb::Unsimulated(Unsimulated::parse(name, why, words)?)
        }
        other => return Err(unknown(other)),
    })
}

/// `cp` copies from or to a container: one of its ends has a colon.
fn cp(words: &[String]) -> String {
    let names: Vec<&String> = words.iter().filter(|word| !word.starts_with('-')).collect();
    match names.as_slice() {
        [from, to] if !from.contains(':') && !to.contains(':') => {
            "error: one of src or dest must be a remote file specification".to_owned()
        }
        [_, _] => unknown("cp"),
        _ => "error: source and destination are required".to_owned(),
    }
}

fn set(words: &[String], files: &dyn Fn(&str) -> Option<String>) -> Result<Verb, String> {
    match words.split_first() {
        Some((first, rest)) if first == "image" => Ok(Verb::SetImage(SetImage::parse(rest, files)?)),
        Some((first, rest)) if first == "env" => Ok(Verb::SetEnv(SetEnv::parse(rest, files)?)),
        Some((first, rest)) if first == "resources" => {
            Ok(Verb::SetResources(SetResources::parse(rest, files)?))
        }
        Some((first, _)) if matches!(first.as_str(), "selector" | "serviceaccount" | "sa" | "subject") => {
            Err(format!("error: kubectl set {first} is not simulated; image, env and resources are"))
        }
        _ => Err(unknown_below("set", words)),
    }
}

/// What is said of a command that does not exist below another one. Upstream: `RequireNoArguments`.
pub(super) fn unknown_below(command: &str, words: &[String]) -> String {
    let words = words.join(" ");
    format!("error: unknown command \"{words}\"\nSee 'kubectl {command} -h' for help and examples")
}

fn unknown(name: &str) -> String {
    if let Some((_, why)) = NOT_SIMULATED.iter().find(|(known, _)| *known == name) {
        return format!("error: kubectl {name} is not simulated: {why}");
    }
    let mut text = format!("error: unknown command \"{name}\" for \"kubectl\"");
    // Cobra does not take its own help for a command that could have been meant.
    let mut known: Vec<&str> = SIMULATED.iter().copied().filter(|known| *known != "help").collect();
    known.extend(NOT_SIMULATED.iter().map(|(known, _)| *known));
    crate::order::sort(&mut known);
    let similar: Vec<&str> = known
        .into_iter()
        .filter(|known| {
            spelling::distance(name, known) <= MOST_TYPOS || known.starts_with(&name.to_ascii_lowercase())
        })
        .collect();
    if !similar.is_empty() {
        text += "\n\nDid you mean this?";
        text.extend(similar.iter().map(|name| format!("\n\t{name}")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(line: &str) -> String {
        parse(line, &|_| None).unwrap_err()
    }

    #[test]
    fn unknown_commands_are_answered_with_similar_ones() {
        assert_eq!(
            refused("kubectl foo"),
            "error: unknown command \"foo\" for \"kubectl\"\n\nDid you mean this?\n\ttop"
        );
        assert_eq!(
            refused("rolling-update web next"),
            "error: unknown command \"rolling-update\" for \"kubectl\""
        );
        assert_eq!(
            refused("-n shop delte pod web"),
            "error: unknown command \"delte\" for \"kubectl\"\n\nDid you mean this?\n\tdelete"
        );
        assert_eq!(refused("--foo"), "error: unknown flag: --foo\nSee 'kubectl --help' for usage.");
        assert!(refused("kustomize .").contains("not simulated"));
    }

    #[test]
    fn a_command_lists_the_flags_that_it_reads() {
        let flags = flags_of("kubectl delete pod web");
        let has = |flag: &str| flags.iter().any(|known| known == flag);
        assert!(has("--grace-period=") && has("--force") && has("-f"), "{flags:?}");
        assert!(flags_of("kubectl rollout status").contains(&"--timeout=".to_owned()));
        assert_eq!(flags_of("kubectl frobnicate"), Vec::<String>::new());
    }

    #[test]
    fn a_line_is_shown_with_its_kubectl() {
        assert_eq!(&*parse(" get pods ", &|_| None).unwrap().line, "kubectl get pods");
        assert_eq!(&*parse("kubectl get pods", &|_| None).unwrap().line, "kubectl get pods");
        assert_eq!(&*parse("", &|_| None).unwrap().line, "kubectl ");
    }

    #[test]
    fn flags_that_every_command_has_may_come_first() {
        let plain = parse("get pods -n shop", &|_| None).unwrap();
        assert_eq!(parse("-n shop get pods", &|_| None).unwrap().verb, plain.verb);
        assert_eq!(
            parse("--namespace=shop --context kubestep get pods", &|_| None).unwrap().verb,
            plain.verb
        );
        let asked = parse("--as jane get pods -n shop --as-group=devs", &|_| None).unwrap();
        let person = asked.person.unwrap();
        assert_eq!((&*person.name, person.groups.len()), ("jane", 2));
        assert_eq!(asked.verb, plain.verb);
    }
}
