//! Nodes in a snapshot.

use serde_json::{Value, json};

use super::Looking;
use super::fields::{field, name};

/// `nodes`: cordon, taints and readiness.
pub(super) fn list(looking: &Looking<'_>) -> Value {
    looking.objects("Node").iter().map(|object| node(object, looking)).collect()
}

fn node(object: &Value, looking: &Looking<'_>) -> Value {
    let taints = field(object, "spec.taints").as_array();
    let mut taints: Vec<Value> = taints.into_iter().flatten().map(taint).collect();
    taints.sort_by_key(Value::to_string);
    let conditions = field(object, "status.conditions").as_array();
    let ready = conditions.into_iter().flatten().find(|condition| condition["type"] == "Ready");
    json!({
        "name": name(object, looking),
        "unschedulable": field(object, "spec.unschedulable") == true,
        "taints": taints,
        "ready": ready.map(|condition| condition["status"].clone()),
    })
}

/// A taint without the time it was added at.
fn taint(taint: &Value) -> Value {
    let mut taint = taint.clone();
    if let Some(taint) = taint.as_object_mut() {
        taint.remove("timeAdded");
    }
    taint
}
