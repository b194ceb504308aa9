//! From a command line to an [`Invocation`]: the first words say which command reads the rest.

use super::{
    ApiResources, Apply, Autoscale, CanI, Cordon, Create, Delete, Describe, Drain, Events, Expose, Get, Help,
    Invocation, Label, Patch, Rollout, Scale, SetEnv, SetImage, SetResources, Taint, Verb, label, run, words,
};

/// Commands that kubectl has and that cannot be typed here yet.
const NOT_SIMULATED: &[&str] = &[
    "alpha",
    "api-versions",
    "attach",
    "certificate",
    "cluster-info",
    "completion",
    "config",
    "cp",
    "debug",
    "diff",
    "edit",
    "exec",
    "explain",
    "kustomize",
    "logs",
    "options",
    "plugin",
    "port-forward",
    "proxy",
    "replace",
    "version",
    "wait",
];

/// Commands that can be typed here, in alphabetical order.
pub const SIMULATED: &[&str] = &[
    "annotate",
    "api-resources",
    "apply",
    "auth",
    "autoscale",
    "cordon",
    "create",
    "delete",
    "describe",
    "drain",
    "events",
    "expose",
    "get",
    "help",
    "label",
    "patch",
    "rollout",
    "run",
    "scale",
    "set",
    "taint",
    "top",
    "uncordon",
];

/// How many letters apart two names may be to be taken for each other.
const MOST_TYPOS: usize = 2;

/// Reads a command line, with or without its leading `kubectl`. `files` gives the text of a file that `-f` names.
///
/// # Errors
/// What kubectl would print instead of starting.
pub fn parse(line: &str, files: &dyn Fn(&str) -> Option<String>) -> Result<Invocation, String> {
    let words = words::split(line)?;
    let words = match words.first() {
        Some(first) if first == "kubectl" => &words[1..],
        _ => &words[..],
    };
    let (first, rest) = words.split_first().map_or(("help", words), |(first, rest)| (first.as_str(), rest));
    let line = line.trim();
    let is_whole = line.split_whitespace().next() == Some("kubectl");
    let line = if is_whole { line.into() } else { format!("kubectl {line}").into() };
    Ok(Invocation { line, verb: verb(first, rest, files)? })
}

fn verb(name: &str, words: &[String], files: &dyn Fn(&str) -> Option<String>) -> Result<Verb, String> {
    let asks_for_help =
        words.iter().take_while(|word| *word != "--").any(|word| word == "-h" || word == "--help");
    if asks_for_help && SIMULATED.contains(&name) {
        return Ok(Verb::Help(Help::about(name)));
    }
    Ok(match name {
        "api-resources" => Verb::ApiResources(ApiResources::parse(words)?),
        "auth" => Verb::CanI(CanI::parse(words)?),
        // There is nobody who measures.
        "top" => return Err("error: Metrics API not available".to_owned()),
        "apply" => Verb::Apply(Apply::parse(words, files)?),
        "create" => Verb::Create(Create::parse(words, files)?),
        "delete" => Verb::Delete(Delete::parse(words, files)?),
        "get" => Verb::Get(Get::parse(words, files)?),
        "describe" => Verb::Describe(Describe::parse(words, files)?),
        "scale" => Verb::Scale(Scale::parse(words, files)?),
        "set" => return set(words, files),
        "autoscale" => Verb::Autoscale(Autoscale::parse(words, files)?),
        "events" => Verb::Events(Events::parse(words)?),
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
        "help" | "-h" | "--help" => Verb::Help(Help::about(words.first().map_or("", |word| word))),
        flag if flag.starts_with("--") => {
            let flag = flag.split('=').next().unwrap_or(flag);
            return Err(format!("error: unknown flag: {flag}\nSee 'kubectl --help' for usage."));
        }
        other => return Err(unknown(other)),
    })
}

fn set(words: &[String], files: &dyn Fn(&str) -> Option<String>) -> Result<Verb, String> {
    match words.split_first() {
        Some((first, rest)) if first == "image" => Ok(Verb::SetImage(SetImage::parse(rest, files)?)),
        Some((first, rest)) if first == "env" => Ok(Verb::SetEnv(SetEnv::parse(rest, files)?)),
        Some((first, rest)) if first == "resources" => {
            Ok(Verb::SetResources(SetResources::parse(rest, files)?))
        }
        Some((first, _)) => {
            Err(format!("error: kubectl set {first} is not simulated; image, env and resources are"))
        }
        None => Err("error: kubectl set is told what to set: image, env or resources".to_owned()),
    }
}

fn unknown(name: &str) -> String {
    if NOT_SIMULATED.contains(&name) {
        return format!("error: kubectl {name} is not simulated; see kubectl help");
    }
    let mut text = format!("error: unknown command \"{name}\" for \"kubectl\"");
    let mut known: Vec<&&str> = SIMULATED.iter().chain(NOT_SIMULATED).collect();
    crate::order::sort(&mut known);
    let similar: Vec<&str> = known
        .into_iter()
        .filter(|known| distance(name, known) <= MOST_TYPOS || known.starts_with(&name.to_lowercase()))
        .copied()
        .collect();
    if !similar.is_empty() {
        text += "\n\nDid you mean this?";
        text.extend(similar.iter().map(|name| format!("\n\t{name}")));
    }
    text
}

/// How many letters must be put in, taken out or replaced to make one name the other. Upstream: cobra's `ld`.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().flat_map(char::to_lowercase).collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (place, letter) in one.chars().flat_map(char::to_lowercase).enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], place + 1);
        for (column, candidate) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(*candidate != letter);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
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
        assert_eq!(refused("--foo"), "error: unknown flag: --foo\nSee 'kubectl --help' for usage.");
        assert!(refused("logs web").contains("not simulated"));
    }

    #[test]
    fn a_line_is_shown_with_its_kubectl() {
        assert_eq!(&*parse(" get pods ", &|_| None).unwrap().line, "kubectl get pods");
        assert_eq!(&*parse("kubectl get pods", &|_| None).unwrap().line, "kubectl get pods");
        assert_eq!(&*parse("", &|_| None).unwrap().line, "kubectl ");
    }
}
