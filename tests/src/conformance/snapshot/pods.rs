//! Pods in a snapshot: equal ones are counted.

use serde_json::{Value, json};

use super::Looking;
use super::fields::{add, counted, field, number, owner};

/// The label with a pod's controller revision.
const REVISION: &str = "controller-revision-hash";

/// The annotation with the index of a pod of an indexed Job.
const INDEX: &str = "batch.kubernetes.io/job-completion-index";

/// `pods`
pub(super) fn rows(looking: &Looking<'_>) -> Value {
    counted(looking.objects("Pod").iter().map(|pod| row(pod, looking)).collect())
}

fn row(pod: &Value, looking: &Looking<'_>) -> Value {
    let is_terminating = !field(pod, "metadata.deletionTimestamp").is_null();
    let mut row = json!({
        "owner": owner(pod, looking),
        "phase": field(pod, "status.phase"),
        "ready": condition(pod, "Ready").is_some_and(|ready| ready["status"] == "True"),
        "terminating": is_terminating,
    });
    let name = field(pod, "metadata.name").as_str().unwrap_or_default();
    // What was generated is told by the owner, while there is one.
    if row["owner"].is_null() || !looking.names.is_generated(name) {
        row["name"] = json!(looking.names.name(name));
    }
    match field(pod, "spec.nodeName") {
        Value::Null => row["bound"] = json!(false),
        node if looking.nodes.of_pods => row["node"] = node.clone(),
        _ => {}
    }
    if is_terminating {
        row["deletionGracePeriodSeconds"] = field(pod, "metadata.deletionGracePeriodSeconds").clone();
    }
    if let Some(revision) = field(pod, "metadata.labels")[REVISION].as_str() {
        row["revision"] = json!(controller_revision(revision, pod, looking));
    }
    containers(&mut row, pod);
    add(&mut row, "index", field(pod, "metadata.annotations")[INDEX].clone());
    add(&mut row, "reason", field(pod, "status.reason").clone());
    add(&mut row, "finalizers", field(pod, "metadata.finalizers").clone());
    if let Some(disruption) = condition(pod, "DisruptionTarget") {
        row["disruption"] = json!({"reason": disruption["reason"], "message": disruption["message"]});
    }
    row
}

/// The revision a pod is of, by its label: a StatefulSet writes the revision's name there, a DaemonSet its hash.
fn controller_revision(label: &str, pod: &Value, looking: &Looking<'_>) -> String {
    let known = looking.names.name(label);
    if known != label && !known.starts_with('<') {
        return known;
    }
    if let Some(revision) = known.strip_prefix("<hash ") {
        return revision.trim_end_matches('>').to_owned();
    }
    let owners = field(pod, "metadata.ownerReferences").as_array();
    let owner = owners.into_iter().flatten().find(|owner| owner["controller"] == true);
    let owner = owner.and_then(|owner| owner["name"].as_str()).unwrap_or_default();
    looking.names.name(&format!("{owner}-{label}"))
}

/// Restarts of all containers, and what the first that waits is waiting for.
fn containers(row: &mut Value, pod: &Value) {
    let statuses = || field(pod, "status.containerStatuses").as_array().into_iter().flatten();
    let restarts: i64 = statuses().map(|status| number(status, "restartCount")).sum();
    if restarts > 0 {
        row["restarts"] = json!(restarts);
    }
    let waiting =
        statuses().map(|status| field(status, "state.waiting.reason")).find(|reason| !reason.is_null());
    add(row, "waiting", waiting.cloned().unwrap_or_default());
}

fn condition<'a>(pod: &'a Value, name: &str) -> Option<&'a Value> {
    field(pod, "status.conditions").as_array()?.iter().find(|condition| condition["type"] == name)
}
