//! The list of all scenarios.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::html::{self, text};
use crate::conformance::divergences::Divergence;
use crate::conformance::report::Outcome;

/// What each suite asks.
const SUITES: [(&str, &str); 5] = [
    (
        "workloads",
        "After each step of a scenario: every object, the Events, the sizes of replica sets, kubectl's output.",
    ),
    ("scheduling", "Which node a pod gets, or the exact refusal."),
    ("api", "What becomes of a manifest: the stored object, or the refusal."),
    ("kubectl", "What kubectl prints."),
    ("kubelet", "Every status that a pod goes through."),
];

/// What no recording covers, a line each; comments begin with `#`.
const UNCOVERED: &str = include_str!("../../../conformance/uncovered.txt");

/// The page.
pub(super) fn page(outcomes: &[Outcome], divergences: &[Divergence]) -> String {
    let mut suites: BTreeMap<&str, Vec<&Outcome>> = BTreeMap::new();
    for outcome in outcomes {
        suites.entry(&outcome.suite).or_default().push(outcome);
    }
    let known = SUITES.iter().map(|(suite, _)| *suite);
    let others = suites.keys().copied().filter(|suite| SUITES.iter().all(|(known, _)| known != suite));
    let order: Vec<&str> = known.chain(others).filter(|suite| suites.contains_key(suite)).collect();
    let mut body = String::from(
        "<header><p class=\"back\"><a href=\"../\">kubestep</a></p><h1>Fidelity</h1>\n<p>The same scenarios were given \
         to a real Kubernetes 1.36.2 and to kubestep. Each page shows both answers, step by step.</p></header>\n<main>\n",
    );
    for suite in order {
        section(&mut body, suite, &suites[suite]);
    }
    divergences_of(&mut body, divergences);
    uncovered(&mut body);
    body.push_str("</main>\n");
    html::page("kubestep: fidelity", "", &body)
}

fn section(body: &mut String, suite: &str, outcomes: &[&Outcome]) {
    let asks = SUITES.iter().find(|(known, _)| *known == suite).map_or("", |(_, asks)| *asks);
    let matching = outcomes.iter().filter(|outcome| outcome.is_match()).count();
    let steps: usize = outcomes.iter().map(|outcome| outcome.steps.len()).sum();
    let same: usize = outcomes.iter().map(|outcome| outcome.matching()).sum();
    let _ = write!(
        body,
        "<section><h2>{}</h2>\n<p>{asks}</p>\n<p><strong>{matching} of {} scenarios match</strong> \
         ({same} of {steps} steps)</p>\n<table>\n<thead><tr><th scope=\"col\">Scenario</th><th scope=\"col\">Steps that \
         match</th><th scope=\"col\">Result</th></tr></thead>\n<tbody>\n",
        text(suite),
        outcomes.len(),
    );
    for outcome in outcomes {
        let title = if outcome.title.is_empty() { "" } else { &outcome.title };
        let _ = writeln!(
            body,
            "<tr><th scope=\"row\"><a href=\"{}\">{}</a> <span class=\"about\">{}</span></th><td>{} of {}</td><td>{}</td></tr>",
            super::file(outcome),
            text(&outcome.name),
            text(title),
            outcome.matching(),
            outcome.steps.len(),
            html::verdict(outcome.is_match()),
        );
    }
    body.push_str("</tbody>\n</table></section>\n");
}

fn divergences_of(body: &mut String, divergences: &[Divergence]) {
    body.push_str("<section><h2>Known divergences</h2>\n");
    if divergences.is_empty() {
        body.push_str("<p>None: whatever differs is a fault.</p></section>\n");
        return;
    }
    body.push_str("<ul>\n");
    for divergence in divergences {
        let Divergence { scenario, step, reason } = divergence;
        let _ =
            writeln!(body, "<li><code>{}</code>, step {}: {}</li>", text(scenario), step + 1, text(reason));
    }
    body.push_str("</ul></section>\n");
}

fn uncovered(body: &mut String) {
    body.push_str("<section><h2>What no recording covers</h2>\n<ul>\n");
    for line in UNCOVERED.lines().filter(|line| !line.starts_with('#')) {
        let _ = writeln!(body, "<li>{}</li>", text(line));
    }
    body.push_str("</ul></section>\n");
}
