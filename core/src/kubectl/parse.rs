//! From a command line to an [`Invocation`]: the first words say which command reads the rest.

use super::{Apply, Delete, Invocation, Scale, SetImage, Verb, words};

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
    let line = if line.trim_start().starts_with("kubectl") {
        line.trim().into()
    } else {
        format!("kubectl {}", line.trim()).into()
    };
    Ok(Invocation { line, verb: verb(first, rest, files)? })
}

fn verb(name: &str, words: &[String], files: &dyn Fn(&str) -> Option<String>) -> Result<Verb, String> {
    Ok(match name {
        "apply" => Verb::Apply(Apply::parse(words, files)?),
        "delete" => Verb::Delete(Delete::parse(words, files)?),
        "scale" => Verb::Scale(Scale::parse(words, files)?),
        "set" => return set(words, files),
        other => return Err(format!("error: unknown command \"{other}\" for \"kubectl\"")),
    })
}

fn set(words: &[String], files: &dyn Fn(&str) -> Option<String>) -> Result<Verb, String> {
    match words.split_first() {
        Some((first, rest)) if first == "image" => Ok(Verb::SetImage(SetImage::parse(rest, files)?)),
        Some((first, _)) => Err(format!("error: kubectl set {first} is not simulated")),
        None => Err("error: kubectl set needs to know what: kubectl set image".to_owned()),
    }
}
