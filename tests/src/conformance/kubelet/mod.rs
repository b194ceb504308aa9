//! The suite `kubelet`: what is done to a cluster, and every status that its pods go through.
//!
//! ```text
//! steps, each at its time --play--> the pods' statuses as rows, with their times --judge--> differences
//! ```
//!
//! When something happens hangs on luck: on the second in which a kubelet asks its runtime, on waits that are
//! lengthened by chance. A recording tells the range of a few runs. So a scenario is played with other luck until every
//! time lies within the ranges; what happens must be the same with any luck.

mod judge;
mod play;
mod rows;

use serde_json::{Map, Value, json};

use super::compare::Difference;
use super::recording::Scenario;
use super::report::{Compared, Outcome};
use super::self_test::{self, Sampling};

use play::Played;

/// How often a scenario is played before its times count as wrong.
const PLAYS: u64 = 40;

/// Plays a scenario and compares its statuses.
pub fn outcome(scenario: &Scenario, sampling: Sampling) -> Outcome {
    let mut outcome = Outcome::new(&scenario.suite, scenario.name.clone());
    outcome.title = scenario.title.clone();
    let mut played: Option<(Played, usize)> = None;
    for luck in 0..PLAYS {
        let next = match play::play(scenario, luck) {
            Ok(next) => next,
            Err(problem) => {
                outcome.problem = Some(problem);
                break;
            }
        };
        let wrong = judge::differences(scenario, &next).len();
        if played.as_ref().is_none_or(|(_, least)| wrong < *least) {
            played = Some((next, wrong));
        }
        if wrong == 0 {
            break;
        }
    }
    let (played, _) = played.unwrap_or_default();
    for (place, step) in scenario.steps.iter().enumerate() {
        let actual = played.results.get(place).cloned().unwrap_or_default();
        outcome.steps.push(Compared {
            title: step.act.title(),
            expected: as_map(step.result.clone().unwrap_or_default()),
            differences: judge::of_result(place, step, &actual),
            actual: as_map(actual),
        });
    }
    for (name, expected) in &scenario.pods {
        let actual = played.rows_of(name);
        outcome.steps.push(Compared {
            title: format!("the statuses of pod {name}"),
            expected: json!({"rows": expected}),
            actual: json!({"rows": actual}),
            differences: judge::of_pod(scenario, name, expected, actual),
        });
    }
    let (more, others): (Vec<Difference>, _) = judge::of_others(scenario, &played);
    outcome.steps.push(Compared {
        title: "Events, and pods that came and went".to_owned(),
        expected: json!({"events": scenario.events}),
        actual: json!({"events": played.events, "others": others}),
        differences: more,
    });
    if outcome.is_match() {
        outcome.problem = self_test(scenario, &played, sampling).err();
    }
    outcome
}

/// Changes each leaf of what is expected: the scenario must then fail. The two ends of a time are changed together, by
/// more than any luck makes up for.
fn self_test(scenario: &Scenario, played: &Played, sampling: Sampling) -> Result<(), String> {
    let results: Vec<Value> =
        scenario.steps.iter().map(|step| step.result.clone().unwrap_or_default()).collect();
    let whole = json!({"results": results, "pods": scenario.pods, "events": scenario.events});
    let is_match = |changed: &Value| {
        let mut other = scenario.clone();
        for (step, result) in other.steps.iter_mut().zip(changed["results"].as_array().into_iter().flatten())
        {
            step.result = (!result.is_null()).then(|| result.clone());
        }
        other.pods = serde_json::from_value(changed["pods"].clone()).unwrap_or_default();
        other.events = changed["events"].as_array().cloned().unwrap_or_default();
        judge::differences(&other, played).is_empty()
    };
    // What a step without an answer answers is nobody's to say.
    let is_kept = |path: &[String]| {
        let is_time = path.iter().any(|part| part == "t");
        let is_no_result = path[0] == "results" && path.len() == 2;
        is_time || is_no_result
    };
    self_test::of_value_but(&whole, sampling, is_kept, is_match)?;
    for (list, rows) in scenario.pods.iter().map(|(name, rows)| (name.as_str(), rows)) {
        for place in 0..rows.len() {
            let mut late = whole.clone();
            rows::shift(&mut late["pods"][list][place], 3600.0);
            if is_match(&late) {
                return Err(format!("a change of pods[{list}][{place}].t goes unnoticed"));
            }
        }
    }
    Ok(())
}

fn as_map(value: Value) -> Value {
    if value.is_object() { value } else { Value::Object(Map::new()) }
}
