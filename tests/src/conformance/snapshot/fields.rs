//! Reads fields of an object's JSON, absent ones included.

use serde_json::{Map, Value, json};

use super::super::text;
use super::Looking;

/// A field by its path: `spec.replicas`. Null where it is absent.
pub(super) fn field<'a>(object: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(object, |value, name| &value[name])
}

/// A number, 0 where it is absent.
pub(super) fn number(object: &Value, path: &str) -> i64 {
    field(object, path).as_i64().unwrap_or(0)
}

/// The counters of a status by their names, 0 where one is absent.
pub(super) fn counters(object: &Value, names: &[&str]) -> Value {
    names
        .iter()
        .map(|name| ((*name).to_owned(), json!(number(&object["status"], name))))
        .collect::<Map<_, _>>()
        .into()
}

/// `metadata.name`, as recordings have it.
pub(super) fn name(object: &Value, looking: &Looking<'_>) -> String {
    looking.names.name(field(object, "metadata.name").as_str().unwrap_or_default())
}

/// `Deployment/web`, or null.
pub(super) fn owner(object: &Value, looking: &Looking<'_>) -> Value {
    let owners = field(object, "metadata.ownerReferences").as_array();
    let controller = owners.into_iter().flatten().find(|owner| owner["controller"] == true);
    let Some(owner) = controller else { return Value::Null };
    let text = |name: &str| owner[name].as_str().unwrap_or_default();
    json!(format!("{}/{}", text("kind"), looking.names.name(text("name"))))
}

/// Whether the controller has seen the latest spec.
pub(super) fn observed(object: &Value) -> bool {
    number(object, "metadata.generation") == number(object, "status.observedGeneration")
}

/// The conditions by type, with the given fields, absent ones empty.
pub(super) fn conditions(object: &Value, names: &[&str], looking: &Looking<'_>) -> Value {
    let listed = field(object, "status.conditions").as_array();
    let mut conditions: Vec<&Value> = listed.into_iter().flatten().collect();
    conditions.sort_by_key(|condition| condition["type"].to_string());
    let shown = |condition: &&Value| -> Value {
        let shown = |name: &&str| {
            let text = condition[*name].as_str().unwrap_or_default();
            ((*name).to_owned(), json!(text::line(text, looking.names, &[])))
        };
        names.iter().map(shown).collect::<Map<_, _>>().into()
    };
    conditions.iter().map(shown).collect()
}

/// Type, status, reason and message.
pub(super) const WHOLE: [&str; 4] = ["type", "status", "reason", "message"];

/// Adds a field, if it has a value.
pub(super) fn add(entry: &mut Value, name: &str, value: Value) {
    if !value.is_null() {
        entry[name] = value;
    }
}

/// Adds what every object may have: `terminating` and `finalizers`.
pub(super) fn add_deletion(entry: &mut Value, object: &Value) {
    if !field(object, "metadata.deletionTimestamp").is_null() {
        entry["terminating"] = json!(true);
    }
    add(entry, "finalizers", field(object, "metadata.finalizers").clone());
}

/// Counts equal rows: each gets its `count`.
pub(super) fn counted(rows: Vec<Value>) -> Value {
    let mut counted: Vec<(Value, u32)> = Vec::new();
    for row in rows {
        match counted.iter_mut().find(|(known, _)| *known == row) {
            Some((_, count)) => *count += 1,
            None => counted.push((row, 1)),
        }
    }
    counted.sort_by_key(|(row, _)| row.to_string());
    let with_count = |(mut row, count): (Value, u32)| {
        row["count"] = json!(count);
        row
    };
    counted.into_iter().map(with_count).collect()
}
