//! The harness tests itself: each leaf of what a recording expects is changed, one at a time, and the scenario must
//! then fail. A comparison that cannot see a difference would let kubestep answer anything.

use serde_json::{Map, Value};

use super::play::Answer;
use super::recording::Scenario;
use super::tolerances::Judge;

/// How many leaves are changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampling {
    /// Every so-manieth.
    OneIn(usize),
    /// Each.
    All,
}

/// Changes leaves of a scenario that matches.
///
/// # Errors
/// The first leaf whose change goes unnoticed, where no tolerance overlooks it.
pub fn of_steps(scenario: &Scenario, answers: &[Answer], sampling: Sampling) -> Result<(), String> {
    let mut judge = Judge::of(scenario);
    let mut number = 0;
    for (place, (step, answer)) in scenario.steps.iter().zip(answers).enumerate() {
        let whole: Value = step.expect.clone().unwrap_or_default().into();
        let result = step.result.clone().unwrap_or_default();
        for (root, expected) in [("result", &result), ("expect", &whole)] {
            for path in leaves(expected).into_iter().filter(|path| !path.is_empty()) {
                number += 1;
                if !is_sampled(number, sampling) {
                    continue;
                }
                let mut changed = step.clone();
                let other = with_other_leaf(expected, &path);
                if root == "result" {
                    changed.result = Some(other);
                } else {
                    changed.expect = other.as_object().cloned();
                }
                let is_noticed = !judge.look(place, &changed, answer).is_empty();
                if !is_noticed && !judge.may_overlook(step, answer, root, expected, &path) {
                    return Err(format!("a change of steps[{place}].{root}{} goes unnoticed", shown(&path)));
                }
            }
        }
        judge.differences(place, step, answer);
    }
    Ok(())
}

/// Changes leaves of one value that matches, as `is_match` judges.
///
/// # Errors
/// The first leaf whose change goes unnoticed.
pub fn of_value(
    expected: &Value,
    sampling: Sampling,
    is_match: impl Fn(&Value) -> bool,
) -> Result<(), String> {
    of_value_but(expected, sampling, |_| false, is_match)
}

/// As [`of_value`], but for leaves that are not to be changed.
///
/// # Errors
/// The first leaf whose change goes unnoticed.
pub fn of_value_but(
    expected: &Value,
    sampling: Sampling,
    is_kept: impl Fn(&[String]) -> bool,
    is_match: impl Fn(&Value) -> bool,
) -> Result<(), String> {
    let is_changed = |path: &LeafPath| !is_kept(path);
    for (path, number) in leaves(expected).into_iter().filter(is_changed).zip(1..) {
        if is_sampled(number, sampling) && is_match(&with_other_leaf(expected, &path)) {
            return Err(format!("a change of answers{} goes unnoticed", shown(&path)));
        }
    }
    Ok(())
}

/// A way to a leaf: names and places.
pub type LeafPath = Vec<String>;

fn is_sampled(number: usize, sampling: Sampling) -> bool {
    match sampling {
        Sampling::OneIn(every) => number.is_multiple_of(every),
        Sampling::All => true,
    }
}

/// The ways to everything that holds nothing else.
fn leaves(value: &Value) -> Vec<LeafPath> {
    let below = |name: String, value: &Value| -> Vec<LeafPath> {
        leaves(value).into_iter().map(|rest| [vec![name.clone()], rest].concat()).collect()
    };
    match value {
        Value::Object(map) if !map.is_empty() => {
            map.iter().flat_map(|(name, value)| below(name.clone(), value)).collect()
        }
        Value::Array(list) if !list.is_empty() => {
            list.iter().enumerate().flat_map(|(place, value)| below(place.to_string(), value)).collect()
        }
        _ => vec![Vec::new()],
    }
}

fn with_other_leaf(value: &Value, path: &[String]) -> Value {
    let Some((first, rest)) = path.split_first() else { return other(value) };
    match value {
        Value::Object(map) => {
            let mut map: Map<String, Value> = map.clone();
            if let Some(inside) = map.get_mut(first) {
                *inside = with_other_leaf(inside, rest);
            }
            map.into()
        }
        Value::Array(list) => {
            let mut list = list.clone();
            if let Some(inside) = first.parse::<usize>().ok().and_then(|place| list.get_mut(place)) {
                *inside = with_other_leaf(inside, rest);
            }
            list.into()
        }
        other => other.clone(),
    }
}

/// Another value, of the same type where that has any.
fn other(leaf: &Value) -> Value {
    match leaf {
        Value::Bool(value) => (!value).into(),
        Value::Number(number) => (number.as_i64().unwrap_or(0) + 1).into(),
        Value::String(text) => format!("{text}~").into(),
        Value::Array(_) => Value::Array(vec![Value::Bool(true)]),
        Value::Object(_) | Value::Null => Value::Bool(true),
    }
}

fn shown(path: &[String]) -> String {
    path.iter().map(|part| format!(".{part}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_leaf_is_changed_once() {
        let value = json!({"a": [1, {"b": "x"}], "c": true, "d": []});
        let ways = leaves(&value);
        assert_eq!(ways.len(), 4);
        let changed: Vec<Value> = ways.iter().map(|way| with_other_leaf(&value, way)).collect();
        assert_eq!(changed[0], json!({"a": [2, {"b": "x"}], "c": true, "d": []}));
        assert_eq!(changed[1], json!({"a": [1, {"b": "x~"}], "c": true, "d": []}));
        assert_eq!(changed[2], json!({"a": [1, {"b": "x"}], "c": false, "d": []}));
        assert_eq!(changed[3], json!({"a": [1, {"b": "x"}], "c": true, "d": [true]}));
    }

    #[test]
    fn a_comparison_that_sees_nothing_is_found_out() {
        let value = json!({"a": 1});
        assert!(of_value(&value, Sampling::All, |other| *other == value).is_ok());
        assert!(of_value(&value, Sampling::All, |_| true).unwrap_err().contains("answers.a"));
    }
}
