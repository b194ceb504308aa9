//! One scenario: each step, with both answers side by side.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::Value;

use super::html::{self, text};
use crate::conformance::divergences::Divergence;
use crate::conformance::report::{Compared, Outcome};

/// The page.
pub(super) fn page(outcome: &Outcome, divergences: &[&Divergence]) -> String {
    let mut body = format!(
        "<header><p class=\"back\"><a href=\"../index.html\">Fidelity</a></p><h1>{}</h1>\n<p>{}</p><p>{} {} of {} steps \
         match.</p></header>\n<main>\n",
        text(&outcome.id()),
        text(&outcome.title),
        html::verdict(outcome.is_match()),
        outcome.matching(),
        outcome.steps.len(),
    );
    if let Some(problem) = &outcome.problem {
        let _ = writeln!(body, "<p class=\"problem\">{}</p>", text(problem));
    }
    for (place, step) in outcome.steps.iter().enumerate() {
        let reason = divergences.iter().find(|divergence| divergence.step == place);
        section(&mut body, place, step, reason.map(|divergence| divergence.reason.as_str()));
    }
    body.push_str("</main>\n");
    html::page(&format!("{} — kubestep fidelity", outcome.id()), "../", &body)
}

fn section(body: &mut String, place: usize, step: &Compared, reason: Option<&str>) {
    let is_match = step.differences.is_empty();
    let open = if is_match { "" } else { " open" };
    let _ = writeln!(
        body,
        "<details{open}><summary><span class=\"number\">{}</span> <code>{}</code> {}</summary>",
        place + 1,
        text(&step.title),
        html::verdict(is_match),
    );
    if let Some(reason) = reason {
        let _ = writeln!(body, "<p class=\"problem\">{}</p>", text(reason));
    }
    for difference in &step.differences {
        let _ = writeln!(body, "<pre class=\"difference\">{}</pre>", text(difference.to_string().trim_end()));
    }
    let (expected, actual) = (rows(&step.expected), rows(&step.actual));
    let names: BTreeSet<&str> = expected.iter().chain(&actual).map(|(name, _)| name.as_str()).collect();
    body.push_str(
        "<table class=\"sides\"><thead><tr><th scope=\"col\"></th><th scope=\"col\">Kubernetes 1.36.2</th><th \
         scope=\"col\">kubestep</th></tr></thead>\n<tbody>\n",
    );
    for name in names {
        let cell = |rows: &[(String, String)]| {
            let found: Vec<&str> =
                rows.iter().filter(|(row, _)| row == name).map(|(_, shown)| shown.as_str()).collect();
            found.join("\n")
        };
        let (left, right) = (cell(&expected), cell(&actual));
        let class = if left == right { "" } else { " class=\"unequal\"" };
        let _ = writeln!(
            body,
            "<tr{class}><th scope=\"row\">{}</th><td><pre>{}</pre></td><td><pre>{}</pre></td></tr>",
            text(name),
            text(&left),
            text(&right),
        );
    }
    body.push_str("</tbody></table></details>\n");
}

/// A row per object, and per list of what has no name.
fn rows(answer: &Value) -> Vec<(String, String)> {
    let Some(fields) = answer.as_object() else { return Vec::new() };
    let mut rows = Vec::new();
    for (field, value) in fields {
        let Value::Array(entries) = value else {
            rows.push((field.clone(), shown(value)));
            continue;
        };
        let named = entries.iter().all(|entry| entry["name"].is_string()) && !is_counted(entries);
        for entry in entries {
            let name = if named { entry["name"].as_str() } else { None };
            let row = name.map_or_else(|| field.clone(), |name| format!("{field} {name}"));
            rows.push((row, shown(entry)));
        }
    }
    // Stable: what is listed in the order it happened stays so.
    rows.sort_by(|(one, _), (other, _)| one.cmp(other));
    rows
}

fn is_counted(entries: &[Value]) -> bool {
    entries.iter().any(|entry| entry.get("count").is_some())
}

/// One entry on one line: `phase: Running, ready: true`.
fn shown(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let parts: Vec<String> = fields
                .iter()
                .filter(|(field, _)| *field != "name" || fields.contains_key("kind"))
                .map(|(field, value)| match value {
                    Value::Object(_) => format!("{field}: {{{}}}", shown(value)),
                    other => format!("{field}: {}", shown(other)),
                })
                .collect();
            parts.join(", ")
        }
        Value::Array(list) => {
            let parts: Vec<String> = list.iter().map(shown).collect();
            format!("[{}]", parts.join("; "))
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
