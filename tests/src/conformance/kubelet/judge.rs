//! Compares the statuses that pods went through, row by row, with those of a recording.

use serde_json::{Value, json};

use super::play::Played;
use super::rows::{self, Row};
use crate::conformance::compare::{self, Difference, Rule};
use crate::conformance::recording::{Scenario, Step, Varied};

/// Times are recorded to half a second.
const ROUNDED: f64 = 0.5;

/// Everything that differs.
pub(super) fn differences(scenario: &Scenario, played: &Played) -> Vec<Difference> {
    let mut found = Vec::new();
    for (place, step) in scenario.steps.iter().enumerate() {
        let actual = played.results.get(place).cloned().unwrap_or_default();
        found.extend(of_result(place, step, &actual));
    }
    for (name, expected) in &scenario.pods {
        found.extend(of_pod(scenario, name, expected, played.rows_of(name)));
    }
    found.extend(of_others(scenario, played).0);
    found
}

/// What differs in what an act answered.
pub(super) fn of_result(place: usize, step: &Step, actual: &Value) -> Vec<Difference> {
    let Some(expected) = step.result.as_ref().filter(|expected| !expected.is_null()) else {
        return Vec::new();
    };
    compare::values(&format!("steps[{place}].result"), Some(expected), Some(actual), &|_| Rule::Equal)
}

/// What differs in the statuses of one pod: each recorded row must come in its turn and in its time. Between them may
/// come only such rows as a run of the recording had, if it says that runs differed.
pub(super) fn of_pod(scenario: &Scenario, name: &str, expected: &[Value], actual: &[Row]) -> Vec<Difference> {
    let path = format!("pods[{name}]");
    let varied = scenario.nondeterministic.iter().find(|varied| varied.path == path);
    if varied.is_some_and(|varied| !varied.partial) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut rest = actual.iter().enumerate().peekable();
    for (place, row) in expected.iter().enumerate() {
        let path = format!("{path}[{place}]");
        let (what, bounds) = rows::recorded(row);
        while rest.next_if(|(_, next)| next.what != what && is_extra(next, varied)).is_some() {}
        let Some((_, next)) = rest.next() else {
            found.push(Difference { path, expected: Some(row.clone()), actual: None });
            return found;
        };
        if next.what != what {
            found.extend(compare::values(&path, Some(&what), Some(&next.what), &|_| Rule::Equal));
            return found;
        }
        let is_in_time = next.at >= bounds.0 - ROUNDED && next.at <= bounds.1 + ROUNDED;
        if !is_in_time {
            let path = format!("{path}.t");
            found.push(Difference {
                path,
                expected: Some(json!([bounds.0, bounds.1])),
                actual: Some(json!(next.at)),
            });
        }
    }
    for (place, more) in rest {
        if !is_extra(more, varied) {
            let path = format!("{path}[{place}]");
            found.push(Difference { path, expected: None, actual: Some(json!(more)) });
        }
    }
    found
}

/// What differs in Events, and pods that the recording does not have.
pub(super) fn of_others(scenario: &Scenario, played: &Played) -> (Vec<Difference>, Vec<String>) {
    let mut found = Vec::new();
    let others: Vec<String> =
        played.pods.keys().filter(|name| !scenario.pods.contains_key(*name)).cloned().collect();
    for name in &others {
        let path = format!("pods[{name}]");
        found.push(Difference { path, expected: None, actual: Some(json!(played.rows_of(name))) });
    }
    let varied = scenario.nondeterministic.iter().find(|varied| varied.path == "events");
    let timeless = |events: &[Value]| -> Vec<Value> {
        let mut list: Vec<Value> = events.iter().map(|event| rows::recorded(event).0).collect();
        list.sort_by_key(Value::to_string);
        list
    };
    let rule = match varied {
        Some(varied) if varied.partial => Rule::Subset,
        Some(_) => Rule::Skip,
        None => Rule::Equal,
    };
    let (expected, actual) = (json!(timeless(&scenario.events)), json!(timeless(&played.events)));
    found.extend(compare::values("events", Some(&expected), Some(&actual), &|_| rule));
    (found, others)
}

/// Whether some run of the recording had this row where others had not.
fn is_extra(row: &Row, varied: Option<&Varied>) -> bool {
    let runs = varied.into_iter().flat_map(|varied| &varied.values);
    let mut rows = runs.filter_map(Value::as_array).flatten();
    rows.any(|known| rows::recorded(known).0 == row.what)
}
