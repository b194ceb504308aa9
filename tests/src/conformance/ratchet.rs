//! The ratchet: a list of the scenarios that match. One of them failing is a step back; one newly matching is to be
//! written down, so that it cannot be lost again.

use std::collections::BTreeSet;

use super::report::Outcome;

/// What a list of matching scenarios is to be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Listed, and failing.
    pub lost: Vec<String>,
    /// Matching, and not listed.
    pub gained: Vec<String>,
    /// Listed, and no longer recorded.
    pub unknown: Vec<String>,
}

impl Verdict {
    /// Whether the list is as it should be.
    pub fn holds(&self) -> bool {
        *self == Verdict::default()
    }
}

/// The ids of a list: one a line; lines that begin with `#` say something else.
pub fn read(text: &str) -> BTreeSet<String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

/// The list of what matches.
pub fn written(outcomes: &[Outcome]) -> String {
    let mut matching: Vec<String> = outcomes.iter().filter(|it| it.is_match()).map(Outcome::id).collect();
    matching.sort();
    let mut text =
        "# The scenarios in which kubestep answers as Kubernetes does, in every step.\n".to_owned();
    matching.iter().for_each(|id| text += &format!("{id}\n"));
    text
}

/// Compares a list with a run of everything.
pub fn judge(listed: &BTreeSet<String>, outcomes: &[Outcome]) -> Verdict {
    let matching: BTreeSet<String> = outcomes.iter().filter(|it| it.is_match()).map(Outcome::id).collect();
    let all: BTreeSet<String> = outcomes.iter().map(Outcome::id).collect();
    Verdict {
        lost: listed.iter().filter(|id| all.contains(*id) && !matching.contains(*id)).cloned().collect(),
        gained: matching.difference(listed).cloned().collect(),
        unknown: listed.difference(&all).cloned().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(name: &str, is_match: bool) -> Outcome {
        let problem = (!is_match).then(|| "it differs".to_owned());
        Outcome { problem, ..Outcome::new("workloads", name.to_owned()) }
    }

    #[test]
    fn a_list_follows_what_matches() {
        let outcomes = [outcome("a", true), outcome("b", false), outcome("c", true)];
        let verdict = judge(&read("# list\nworkloads/a\nworkloads/b\nworkloads/x\n"), &outcomes);
        assert_eq!(verdict.lost, ["workloads/b"]);
        assert_eq!(verdict.gained, ["workloads/c"]);
        assert_eq!(verdict.unknown, ["workloads/x"]);
        assert!(judge(&read(&written(&outcomes)), &outcomes).holds());
    }
}
