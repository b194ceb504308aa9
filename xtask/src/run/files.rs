//! Manifests from files, read as one, with each complaint at its file and line.

use std::fs;
use std::io::{self, Read};

use kubestep_core::manifest::Diagnostic;
use kubestep_core::simulation::{self, Setup};
use kubestep_core::{Command, kubectl};

use crate::failure::{Failure, Outcome, While};

/// The text of several files, one after the other.
pub(super) struct Manifests {
    text: String,
    /// Each file's name, and the number of the line before its first.
    files: Vec<(String, u32)>,
}

impl Manifests {
    /// Reads every file; `-` is the standard input.
    pub(super) fn read(names: &[String]) -> Outcome<Manifests> {
        let mut manifests = Manifests { text: String::new(), files: Vec::new() };
        for name in names {
            manifests.add(name, &text_of(name)?);
        }
        Ok(manifests)
    }

    fn add(&mut self, name: &str, text: &str) {
        if !self.files.is_empty() {
            self.text.push_str("---\n");
        }
        self.files.push((name.to_owned(), self.text.lines().count() as u32));
        self.text.push_str(text);
        if !text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    /// The cluster and the objects they describe. Warnings are printed; errors fail, all of them together.
    pub(super) fn setup(&self) -> Outcome<Setup> {
        let setup = simulation::read(&self.text);
        let (errors, warnings): (Vec<_>, Vec<_>) = setup.diagnostics.iter().partition(|found| found.is_error);
        for warning in warnings {
            eprintln!("warning: {}", self.at_its_place(warning));
        }
        match errors.is_empty() {
            true => Ok(setup),
            false => {
                let lines: Vec<String> = errors.iter().map(|error| self.at_its_place(error)).collect();
                Err(Failure::new(lines.join("\n")))
            }
        }
    }

    /// What a person would have typed: `kubectl apply -f one.yaml -f two.yaml`.
    pub(super) fn apply(&self, setup: &Setup) -> Command {
        let mut apply = kubectl::Invocation::apply(setup.documents.clone());
        let names: Vec<&str> = self.files.iter().map(|(name, _)| name.as_str()).collect();
        apply.line = format!("kubectl apply -f {}", names.join(" -f ")).into();
        Command::Kubectl(apply.into())
    }

    /// `web.yaml:7:3: what is wrong`
    fn at_its_place(&self, found: &Diagnostic) -> String {
        let file = self.files.iter().rev().find(|(_, before)| found.line > *before);
        match file {
            Some((name, before)) => {
                format!("{name}:{}:{}: {}", found.line - before, found.column, found.message)
            }
            None => found.message.clone(),
        }
    }
}

/// A line of kubectl's or of `sim`, with the files that it names.
pub(super) fn command(line: &str) -> Outcome<Command> {
    let read = |name: &str| text_of(name).ok();
    Command::parse(line, &read).map_err(|error| Failure::new(format!("{line}: {error}")))
}

fn text_of(name: &str) -> Outcome<String> {
    if name != "-" {
        return fs::read_to_string(name).while_doing(format!("read {name}"));
    }
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).while_doing("read the standard input")?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_is_placed_in_its_own_file() {
        let mut manifests = Manifests { text: String::new(), files: Vec::new() };
        manifests.add("one.yaml", "a: 1\nb: 2");
        manifests.add("two.yaml", "c: 3\n");
        assert_eq!(manifests.text, "a: 1\nb: 2\n---\nc: 3\n");
        let at = |line| {
            let found = Diagnostic {
                line,
                column: 3,
                length: 1,
                is_error: true,
                message: "wrong".to_owned(),
                fix: None,
            };
            manifests.at_its_place(&found)
        };
        assert_eq!(at(2), "one.yaml:2:3: wrong");
        assert_eq!(at(4), "two.yaml:1:3: wrong");
    }
}
