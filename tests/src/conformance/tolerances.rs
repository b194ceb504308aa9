//! The closed list of what a comparison may overlook; `tests/conformance/README.md` has it in words.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::act::Act;
use super::compare::{self, Difference, Rule};
use super::play::Answer;
use super::recording::{Scenario, Step, Varied};

/// What upstream's correlator writes before the tenth similar Event.
const COMBINED: &str = "(combined from similar events): ";

/// Reasons of Progressing that follow one another within a look.
const BEGINNINGS: [&str; 2] = ["NewReplicaSetCreated", "ReplicaSetUpdated"];

/// Events whose number depends on how many looks a change took.
const PER_LOOK: [&str; 3] = ["ScalingReplicaSet", "SuccessfulCreate", "SuccessfulDelete"];

/// Compares a scenario step by step, remembering what one step may make of the next.
pub struct Judge<'a> {
    varied: &'a [Varied],
    /// Several pods changed at one instant: from here on Events may be combined earlier or later.
    has_shifted: bool,
    /// Replica sets that were there before a restart wrote the time into a template.
    before_restart: Option<BTreeSet<String>>,
    sets: BTreeSet<String>,
}

impl<'a> Judge<'a> {
    /// At the beginning of a scenario.
    pub fn of(scenario: &'a Scenario) -> Judge<'a> {
        Judge {
            varied: &scenario.nondeterministic,
            has_shifted: false,
            before_restart: None,
            sets: BTreeSet::new(),
        }
    }

    /// What differs in a step: its result and the state after it.
    pub fn differences(&mut self, place: usize, step: &Step, answer: &Answer) -> Vec<Difference> {
        let found = self.look(place, step, answer);
        self.has_shifted |= step.act.is_simultaneous(answer.changed);
        if let Act::Kubectl(line) = &step.act
            && line.args.starts_with("rollout restart")
        {
            self.before_restart.get_or_insert_with(|| self.sets.clone());
        }
        self.sets.extend(names(step.expect.as_ref(), "replicasets"));
        found
    }

    /// As [`Judge::differences`], of the same moment: remembers nothing.
    pub fn look(&self, place: usize, step: &Step, answer: &Answer) -> Vec<Difference> {
        if let Some(problem) = &answer.problem {
            let path = format!("steps[{place}]");
            return vec![Difference { path, expected: None, actual: Some(Value::String(problem.clone())) }];
        }
        let rule = |path: &str| rule(self.varied, path);
        let mut found = Vec::new();
        if let Some(expected) = step.result.as_ref().filter(|expected| !is_nothing(expected)) {
            let path = format!("steps[{place}].result");
            found.extend(compare::values(&path, Some(expected), answer.result.as_ref(), &rule));
        }
        let Some(expected) = &step.expect else { return found };
        let mut expected = expected.clone();
        let mut actual = answer.state.clone();
        write_indexes(&mut expected);
        self.overlook_beginnings(&mut expected, &mut actual);
        self.overlook_restarted_hashes(&mut expected, &mut actual);
        overlook_retries(&mut expected, &mut actual);
        let is_simultaneous = step.act.is_simultaneous(answer.changed);
        if self.has_shifted || is_simultaneous {
            uncombine(&mut expected);
            uncombine(&mut actual);
        }
        if is_simultaneous && (is_rolling(&expected) || is_rolling(&actual)) {
            overlook_looks(&mut expected, &mut actual);
        }
        let path = format!("steps[{place}].expect");
        found.extend(compare::values(&path, Some(&expected.into()), Some(&actual.into()), &rule));
        found
    }

    /// Whether a tolerance overlooks a leaf of what a step expects: of its `root`, by its way below that.
    pub fn may_overlook(
        &self,
        step: &Step,
        answer: &Answer,
        root: &str,
        expected: &Value,
        way: &[String],
    ) -> bool {
        if root != "expect" {
            return false;
        }
        let is_simultaneous = step.act.is_simultaneous(answer.changed);
        let way: Vec<&str> = way.iter().map(String::as_str).collect();
        let entry = |list: &str, place: &str| {
            place.parse::<usize>().map_or(Value::Null, |place| expected[list][place].clone())
        };
        match way[..] {
            ["history", ..] => is_simultaneous,
            ["events", place, "message" | "count"] => {
                let event = entry("events", place);
                let reason = event["reason"].as_str().unwrap_or_default();
                (is_simultaneous && PER_LOOK.contains(&reason)) || is_retry(&event)
            }
            ["replicasets", place, "hash"] => {
                let name = entry("replicasets", place)["name"].as_str().unwrap_or_default().to_owned();
                self.before_restart.as_ref().is_some_and(|before| !before.contains(&name))
            }
            ["deployments", place, "conditions", condition, "message"] => {
                let conditions = entry("deployments", place)["conditions"].clone();
                let condition =
                    condition.parse::<usize>().map_or(Value::Null, |place| conditions[place].clone());
                condition["reason"].as_str().is_some_and(|reason| BEGINNINGS.contains(&reason))
            }
            _ => false,
        }
    }

    /// `NewReplicaSetCreated` and `ReplicaSetUpdated` are equal while the new replica set has pods that are not ready.
    fn overlook_beginnings(&self, expected: &mut Map<String, Value>, actual: &mut Map<String, Value>) {
        let unready = deployments_with_unready_pods(expected);
        for (name, expected) in entries(expected, "deployments").filter(|(name, _)| unready.contains(name)) {
            let Some((_, actual)) = entries(actual, "deployments").find(|(other, _)| *other == name) else {
                continue;
            };
            let (Some(expected), Some(actual)) = (progressing(expected), progressing(actual)) else {
                continue;
            };
            let is_beginning =
                |condition: &Value| condition["reason"].as_str().is_some_and(|it| BEGINNINGS.contains(&it));
            if is_beginning(expected) && is_beginning(actual) && expected["reason"] != actual["reason"] {
                for field in ["reason", "message"] {
                    actual[field] = expected[field].clone();
                }
            }
        }
    }

    /// After `rollout restart` a template holds the time, so that its hash is another in each run.
    fn overlook_restarted_hashes(&self, expected: &mut Map<String, Value>, actual: &mut Map<String, Value>) {
        let Some(before) = &self.before_restart else { return };
        for list in [expected, actual] {
            for (_, set) in entries(list, "replicasets").filter(|(name, _)| !before.contains(name)) {
                if let Some(set) = set.as_object_mut() {
                    set.remove("hash");
                }
            }
        }
    }
}

/// The index of a pod is an annotation, which is text; a recording may have it as the number it means.
fn write_indexes(state: &mut Map<String, Value>) {
    for row in state.get_mut("pods").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(index) = row.get("index").and_then(Value::as_u64) {
            row["index"] = index.to_string().into();
        }
    }
}

/// What a recording says of a path: nothing, where it differed between the runs.
fn rule(varied: &[Varied], path: &str) -> Rule {
    match varied.iter().find(|varied| varied.path == path) {
        Some(varied) if varied.partial => Rule::Subset,
        Some(_) => Rule::Skip,
        None => Rule::Equal,
    }
}

/// An act that answers nothing has no result, or an empty one.
fn is_nothing(result: &Value) -> bool {
    result.is_null() || result.as_object().is_some_and(Map::is_empty)
}

/// The entries of a list, with their names.
fn entries<'a>(
    state: &'a mut Map<String, Value>,
    list: &str,
) -> impl Iterator<Item = (String, &'a mut Value)> {
    let listed = state.get_mut(list).and_then(Value::as_array_mut);
    listed.into_iter().flatten().filter_map(|entry| Some((entry["name"].as_str()?.to_owned(), entry)))
}

fn names(state: Option<&Map<String, Value>>, list: &str) -> Vec<String> {
    let listed = state.and_then(|state| state.get(list)?.as_array());
    listed.into_iter().flatten().filter_map(|entry| entry["name"].as_str().map(str::to_owned)).collect()
}

fn progressing(deployment: &mut Value) -> Option<&mut Value> {
    let conditions = deployment["conditions"].as_array_mut()?;
    conditions.iter_mut().find(|condition| condition["type"] == "Progressing")
}

/// The Deployments whose new replica set has pods that are not ready.
fn deployments_with_unready_pods(state: &Map<String, Value>) -> BTreeSet<String> {
    let list = |name: &str| state.get(name).and_then(Value::as_array).into_iter().flatten();
    let has_unready = |deployment: &&Value| {
        let owner = format!("Deployment/{}", deployment["name"].as_str().unwrap_or_default());
        list("replicasets").any(|set| {
            set["owner"] == owner
                && set["revision"] == deployment["revision"]
                && set["status"]["readyReplicas"].as_i64() < set["replicas"].as_i64()
        })
    };
    list("deployments").filter(has_unready).filter_map(|it| it["name"].as_str().map(str::to_owned)).collect()
}

/// A create that a quota refuses is tried again and again: how often says nothing.
fn overlook_retries(expected: &mut Map<String, Value>, actual: &mut Map<String, Value>) {
    for state in [expected, actual] {
        let Some(listed) = state.get_mut("events").and_then(Value::as_array_mut) else { continue };
        let mut kept: Vec<Value> = Vec::with_capacity(listed.len());
        for mut event in listed.drain(..) {
            if is_retry(&event) {
                // The tenth retry and those after it are told as combined.
                let message = event["message"].as_str().unwrap_or_default();
                event["message"] = message.strip_prefix(COMBINED).unwrap_or(message).to_owned().into();
                event["count"] = 1.into();
                if kept.contains(&event) {
                    continue;
                }
            }
            kept.push(event);
        }
        *listed = kept;
    }
}

fn is_retry(event: &Value) -> bool {
    let message = event["message"].as_str().unwrap_or_default();
    let is_of_quota = message.contains("exceeded quota") || message.contains("failed quota");
    event["reason"] == "FailedCreate" && is_of_quota
}

fn events(state: &mut Map<String, Value>) -> impl Iterator<Item = &mut Value> {
    state.get_mut("events").and_then(Value::as_array_mut).into_iter().flatten()
}

fn uncombine(state: &mut Map<String, Value>) {
    for event in events(state) {
        let plain =
            event["message"].as_str().and_then(|message| message.strip_prefix(COMBINED)).map(str::to_owned);
        if let Some(plain) = plain {
            event["message"] = plain.into();
        }
    }
}

/// Whether replica sets changed their size.
fn is_rolling(state: &Map<String, Value>) -> bool {
    state.get("history").and_then(Value::as_array).is_some_and(|history| !history.is_empty())
}

/// When several pods changed at one instant, one look may have seen them all, or several looks some each: the last
/// size of each replica set is compared, and that there were Events about it.
fn overlook_looks(expected: &mut Map<String, Value>, actual: &mut Map<String, Value>) {
    for state in [expected, actual] {
        if let Some(history) = state.get("history").and_then(Value::as_array) {
            let last: BTreeMap<String, Value> =
                history.iter().map(|change| (change[0].to_string(), change.clone())).collect();
            state.insert("history".to_owned(), last.into_values().collect());
        }
        let Some(listed) = state.get_mut("events").and_then(Value::as_array_mut) else { continue };
        for event in listed.iter_mut() {
            if event["reason"].as_str().is_some_and(|reason| PER_LOOK.contains(&reason)) {
                event["message"] = Value::Null;
                event["count"] = 1.into();
            }
        }
        let mut kept: Vec<Value> = Vec::new();
        for event in listed.drain(..) {
            if !kept.contains(&event) {
                kept.push(event);
            }
        }
        *listed = kept;
    }
}
