//! What the API server added to an object on its way in: one line for each field, and the station that set it.

use std::rc::Rc;

use serde_json::Value;

use super::Change;

/// A field that the client left out and the API server set.
#[derive(Clone, Debug, PartialEq)]
pub struct FilledIn {
    /// `spec.template.spec.containers[0].imagePullPolicy`
    pub field: Rc<str>,
    /// As JSON.
    pub value: Value,
    /// Who set it.
    pub by: Filler,
}

/// Who sets a field that the client left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filler {
    /// The defaults of its kind.
    Defaulting,
    /// An admission plugin, by name.
    Admission(&'static str),
    /// The allocator of cluster IPs and node ports.
    Allocation,
}

/// The fields of the spec that were filled in by the creation or update of an object; none for other writes.
/// Metadata that the server alone writes (uid, timestamps, revisions) is not among them.
pub fn filled_in(change: &Change) -> Vec<FilledIn> {
    let (Some(sent), Some(stored)) = (&change.sent, &change.after) else { return Vec::new() };
    let (sent, stored) = (sent.to_json(), stored.to_json());
    let mut found = Vec::new();
    for field in ["labels", "spec"] {
        let (path, pointer) = match field {
            "labels" => ("metadata.labels", "/metadata/labels"),
            other => (other, "/spec"),
        };
        if let Some(stored) = stored.pointer(pointer) {
            compare(sent.pointer(pointer), stored, path, &mut found);
        }
    }
    found
}

fn compare(sent: Option<&Value>, stored: &Value, path: &str, found: &mut Vec<FilledIn>) {
    match stored {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, value) in fields {
                compare(sent.and_then(|sent| sent.get(name)), value, &format!("{path}.{name}"), found);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            for (index, item) in items.iter().enumerate() {
                compare(sent.and_then(|sent| sent.get(index)), item, &format!("{path}[{index}]"), found);
            }
        }
        // Structs that Go always prints are not something that anybody chose.
        Value::Object(_) | Value::Null => {}
        value if sent.is_none() => {
            found.push(FilledIn { field: path.into(), value: value.clone(), by: filler(path) });
        }
        _ => {}
    }
}

fn filler(path: &str) -> Filler {
    let starts = |prefix: &str| path.starts_with(prefix);
    if starts("spec.tolerations") {
        return Filler::Admission("DefaultTolerationSeconds");
    }
    if starts("spec.priority") || starts("spec.preemptionPolicy") {
        return Filler::Admission("Priority");
    }
    if starts("spec.clusterIP") || starts("spec.ipFamil") || path.ends_with(".nodePort") {
        return Filler::Allocation;
    }
    Filler::Defaulting
}
