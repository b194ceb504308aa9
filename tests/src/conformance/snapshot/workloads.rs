//! Controllers' objects in a snapshot: what is wanted, what their status counts, and their conditions.

use serde_json::{Value, json};

use super::Looking;
use super::fields::{WHOLE, add, add_deletion, conditions, counters, field, name, number, observed, owner};

/// One of `deployments`.
pub(super) fn deployment(object: &Value, looking: &Looking<'_>) -> Value {
    let counted = [
        "replicas",
        "updatedReplicas",
        "readyReplicas",
        "availableReplicas",
        "unavailableReplicas",
        "terminatingReplicas",
    ];
    let mut entry = json!({
        "name": name(object, looking),
        "replicas": number(object, "spec.replicas"),
        "revision": annotation(object, "deployment.kubernetes.io/revision"),
        "observed": observed(object),
        "status": counters(object, &counted),
        "conditions": conditions(object, &WHOLE, looking),
    });
    if field(object, "spec.paused") == true {
        entry["paused"] = json!(true);
    }
    add_deletion(&mut entry, object);
    entry
}

/// One of `replicasets`.
pub(super) fn replica_set(object: &Value, looking: &Looking<'_>) -> Value {
    let counted =
        ["replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "terminatingReplicas"];
    let images = field(object, "spec.template.spec.containers").as_array();
    let mut entry = json!({
        "name": name(object, looking),
        "owner": owner(object, looking),
        "replicas": number(object, "spec.replicas"),
        "observed": observed(object),
        "status": counters(object, &counted),
        "images": images.into_iter().flatten().map(|container| container["image"].clone()).collect::<Value>(),
    });
    for (name, annotated) in [
        ("revision", "revision"),
        ("revisionHistory", "revision-history"),
        ("desiredReplicas", "desired-replicas"),
        ("maxReplicas", "max-replicas"),
    ] {
        add(&mut entry, name, annotation(object, &format!("deployment.kubernetes.io/{annotated}")));
    }
    add(&mut entry, "hash", field(object, "metadata.labels")["pod-template-hash"].clone());
    let conditions = conditions(object, &WHOLE, looking);
    if conditions.as_array().is_some_and(|conditions| !conditions.is_empty()) {
        entry["conditions"] = conditions;
    }
    add_deletion(&mut entry, object);
    entry
}

/// One of `replicationcontrollers`.
pub(super) fn replication_controller(object: &Value, looking: &Looking<'_>) -> Value {
    let counted = ["replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas"];
    let mut entry = json!({
        "name": name(object, looking),
        "replicas": number(object, "spec.replicas"),
        "observed": observed(object),
        "status": counters(object, &counted),
        "conditions": conditions(object, &WHOLE, looking),
    });
    add_deletion(&mut entry, object);
    entry
}

/// One of `statefulsets`.
pub(super) fn stateful_set(object: &Value, looking: &Looking<'_>) -> Value {
    let counted = ["replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"];
    let revision = |path: &str| field(object, path).as_str().map(|name| looking.names.name(name));
    let mut entry = json!({
        "name": name(object, looking),
        "replicas": number(object, "spec.replicas"),
        "observed": observed(object),
        "status": counters(object, &counted),
        "currentRevision": revision("status.currentRevision"),
        "updateRevision": revision("status.updateRevision"),
        "conditions": conditions(object, &WHOLE, looking),
    });
    add_deletion(&mut entry, object);
    entry
}

/// One of `daemonsets`.
pub(super) fn daemon_set(object: &Value, looking: &Looking<'_>) -> Value {
    let counted = [
        "desiredNumberScheduled",
        "currentNumberScheduled",
        "numberMisscheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
        "numberUnavailable",
    ];
    let mut entry = json!({
        "name": name(object, looking),
        "observed": observed(object),
        "generation": number(object, "metadata.generation"),
        "status": counters(object, &counted),
    });
    add_deletion(&mut entry, object);
    entry
}

/// One of `controllerrevisions`.
pub(super) fn controller_revision(object: &Value, looking: &Looking<'_>) -> Value {
    json!({"name": name(object, looking), "revision": object["revision"], "owner": owner(object, looking)})
}

/// One of `jobs`.
pub(super) fn job(object: &Value, looking: &Looking<'_>) -> Value {
    let (spec, status) = (&object["spec"], &object["status"]);
    let mut counted = counters(object, &["active", "succeeded", "failed", "ready", "terminating"]);
    counted["started"] = json!(!status["startTime"].is_null());
    counted["completed"] = json!(!status["completionTime"].is_null());
    let mut entry = json!({
        "name": name(object, looking),
        "owner": owner(object, looking),
        "parallelism": spec["parallelism"],
        "completions": spec["completions"],
        "backoffLimit": spec["backoffLimit"],
        "suspend": spec["suspend"],
        "completionMode": spec["completionMode"],
        "status": counted,
        "conditions": conditions(object, &WHOLE, looking),
    });
    add_deletion(&mut entry, object);
    entry
}

/// One of `cronjobs`.
pub(super) fn cron_job(object: &Value, looking: &Looking<'_>) -> Value {
    let active = field(object, "status.active").as_array().map_or(0, Vec::len);
    json!({
        "name": name(object, looking),
        "suspend": field(object, "spec.suspend"),
        "active": active,
        "scheduled": !field(object, "status.lastScheduleTime").is_null(),
    })
}

/// One of `horizontalpodautoscalers`.
pub(super) fn autoscaler(object: &Value, looking: &Looking<'_>) -> Value {
    json!({
        "name": name(object, looking),
        "minReplicas": field(object, "spec.minReplicas"),
        "maxReplicas": field(object, "spec.maxReplicas"),
        "status": counters(object, &["currentReplicas", "desiredReplicas"]),
        "conditions": conditions(object, &WHOLE, looking),
    })
}

/// One of `poddisruptionbudgets`.
pub(super) fn disruption_budget(object: &Value, looking: &Looking<'_>) -> Value {
    let counted = ["currentHealthy", "desiredHealthy", "disruptionsAllowed", "expectedPods"];
    json!({
        "name": name(object, looking),
        "observed": observed(object),
        "status": counters(object, &counted),
        "conditions": conditions(object, &WHOLE[..3], looking),
    })
}

/// One of `resourcequotas`.
pub(super) fn quota(object: &Value, looking: &Looking<'_>) -> Value {
    json!({
        "name": name(object, looking),
        "hard": field(object, "status.hard"),
        "used": field(object, "status.used"),
    })
}

/// One of `persistentvolumeclaims`.
pub(super) fn claim(object: &Value, looking: &Looking<'_>) -> Value {
    let mut entry = json!({"name": name(object, looking), "phase": field(object, "status.phase")});
    add_deletion(&mut entry, object);
    entry
}

fn annotation(object: &Value, name: &str) -> Value {
    field(object, "metadata.annotations")[name].clone()
}
