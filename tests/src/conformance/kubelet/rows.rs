//! A pod's status as a row of a recording: what a fake runtime and a fake prober cannot know is left out.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::conformance::names::Names;
use crate::conformance::text;

/// Conditions that a prober decides.
const PROBED: [&str; 2] = ["Ready", "ContainersReady"];

/// What the prober also decides, in part: whether an init container is ready, or a sidecar started. The recorder's
/// prober never said so, and its kubelets took initialisation for done when the first regular container had started.
const INITIALISED: &str = "Initialized";

/// What a runtime says of a process's end; the recorder's said nothing.
const OF_RUNTIMES: [&str; 2] = ["Completed", "Error"];

/// A status, and when the pod came to it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Row {
    /// Seconds from the beginning of the scenario.
    pub at: f64,
    /// The status, without its time; `{"gone": true}` at the end.
    pub what: Value,
}

/// The row of a pod.
pub(super) fn of(pod: &Value, names: &Names) -> Value {
    let status = &pod["status"];
    let mut row = json!({
        "phase": status["phase"],
        "bound": !pod["spec"]["nodeName"].is_null(),
        "conditions": conditions(pod, names),
        "hasIP": !status["podIP"].is_null(),
    });
    for list in ["initContainerStatuses", "containerStatuses"] {
        if let Some(statuses) = status[list].as_array().filter(|list| !list.is_empty()) {
            row[list] = statuses.iter().map(|status| container(status, names)).collect();
        }
    }
    for field in ["reason", "message"] {
        if let Some(said) = status[field].as_str() {
            row[field] = json!(text::line(said, names, &[]));
        }
    }
    if !status["startTime"].is_null() {
        row["started"] = json!(true);
    }
    if !pod["metadata"]["deletionTimestamp"].is_null() {
        // Forced deletion leaves no grace period, which JSON leaves out.
        let grace = &pod["metadata"]["deletionGracePeriodSeconds"];
        row["deletionGracePeriodSeconds"] = if grace.is_null() { json!(0) } else { grace.clone() };
    }
    row
}

/// A recorded row without its time, and the earliest and latest second that runs came to it.
pub(super) fn recorded(row: &Value) -> (Value, (f64, f64)) {
    let mut what = row.as_object().cloned().unwrap_or_default();
    let time = what.remove("t").unwrap_or_default();
    let bound = |place: usize| time[place].as_f64().or(time.as_f64()).unwrap_or(f64::NAN);
    (what.into(), (bound(0), bound(1)))
}

/// Moves a recorded row to later.
pub(super) fn shift(row: &mut Value, seconds: f64) {
    let (_, (earliest, latest)) = recorded(row);
    row["t"] = json!([earliest + seconds, latest + seconds]);
}

fn conditions(pod: &Value, names: &Names) -> Value {
    let listed = pod["status"]["conditions"].as_array().into_iter().flatten();
    let mut conditions = Map::new();
    for condition in listed {
        let name = condition["type"].as_str().unwrap_or_default();
        if PROBED.contains(&name) {
            continue;
        }
        if name == INITIALISED
            && let Some(incomplete) = uninitialised(pod)
        {
            conditions.insert(name.to_owned(), incomplete.into());
            continue;
        }
        let mut said = condition["status"].as_str().unwrap_or_default().to_owned();
        if let Some(reason) = condition["reason"].as_str() {
            said += &format!(" {reason}");
        }
        if let Some(message) = condition["message"].as_str() {
            said += &format!(": {}", text::line(message, names, &[]));
        }
        conditions.insert(name.to_owned(), said.into());
    }
    conditions.into()
}

/// What a kubelet without a prober says of initialisation until a regular container has started.
fn uninitialised(pod: &Value) -> Option<String> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let init = list(&pod["spec"]["initContainers"]);
    // One that got lost was declared so after conditions were computed.
    let is_lost = |status: &Value| status["state"]["terminated"]["reason"] == "ContainerStatusUnknown";
    let has_run = |status: &Value| {
        let is_there = |state: &Value, what: &str| !state[what].is_null();
        is_there(&status["state"], "running")
            || (is_there(&status["state"], "terminated") && !is_lost(status))
            || is_there(&status["lastState"], "terminated")
    };
    let is_over = pod["status"]["phase"] == "Succeeded"
        || list(&pod["status"]["containerStatuses"]).iter().any(has_run);
    if init.is_empty() || is_over {
        return None;
    }
    let names: Vec<&str> = init.iter().filter_map(|container| container["name"].as_str()).collect();
    Some(format!("False ContainersNotInitialized: containers with incomplete status: [{}]", names.join(" ")))
}

fn container(status: &Value, names: &Names) -> Value {
    let mut row = json!({"name": status["name"], "restartCount": status["restartCount"]});
    for (state, inside) in status["state"].as_object().into_iter().flatten() {
        row["state"] = json!(state);
        add(&mut row, inside, names);
    }
    if !status["lastState"]["terminated"].is_null() {
        row["last"] = json!({});
        add(&mut row["last"], &status["lastState"]["terminated"], names);
    }
    row
}

fn add(row: &mut Value, state: &Value, names: &Names) {
    if let Some(code) = state.get("exitCode") {
        row["exitCode"] = code.clone();
    }
    if let Some(reason) = state["reason"].as_str().filter(|reason| !OF_RUNTIMES.contains(reason)) {
        row["reason"] = json!(reason);
    }
    if let Some(message) = state["message"].as_str() {
        row["message"] = json!(text::line(message, names, &[]));
    }
}
