//! The patch of `kubectl apply`: what the manifest changes, and what left it since the last apply.
//!
//! ```text
//! last applied {replicas: 3, paused: true}   manifest {replicas: 5}   live {replicas: 3, paused: true, strategy: …}
//! patch        {replicas: 5, paused: null}
//! ```
//! Fields that neither the manifest nor the last apply names belong to others and are left alone.
//! Upstream: `CreateThreeWayMergePatch` in `k8s.io/apimachinery/pkg/util/strategicpatch`.

use serde_json::{Map, Value, json};

use crate::api::Kind;
use crate::apiserver::patch::is_custom;
use crate::apiserver::strategic_merge::{ListStrategy, strategy};

/// The merge patch that makes `live` what `modified` says; `None` if it is that already. `original` is what was applied
/// last, or null. Custom objects get a JSON merge patch, all others a strategic one.
pub(super) fn patch(kind: Kind, original: &Value, modified: &Value, live: &Value) -> Option<Value> {
    let patch = match is_custom(kind) {
        true => merge_patch(original, modified, live),
        false => map_patch(original, modified, live, "", Keeps::All),
    };
    patch.map(Value::Object)
}

/// A JSON merge patch: lists take each other's place. Upstream: `CreateThreeWayJSONMergePatch` in
/// `k8s.io/apimachinery/pkg/util/jsonmergepatch`.
fn merge_patch(original: &Value, modified: &Value, live: &Value) -> Option<Map<String, Value>> {
    let mut patch = Map::new();
    for (key, wanted) in modified.as_object().into_iter().flatten().filter(|(_, wanted)| !wanted.is_null()) {
        match (wanted, &live[key]) {
            (wanted, live) if wanted == live => {}
            (Value::Object(_), live @ Value::Object(_)) => {
                if let Some(inner) = merge_patch(&original[key], wanted, live) {
                    patch.insert(key.clone(), Value::Object(inner));
                }
            }
            (wanted, _) => drop(patch.insert(key.clone(), wanted.clone())),
        }
    }
    for key in original.as_object().into_iter().flat_map(Map::keys) {
        if modified.get(key).is_none_or(Value::is_null) {
            patch.insert(key.clone(), Value::Null);
        }
    }
    (!patch.is_empty()).then_some(patch)
}

/// The deepest fields that a patch names, as paths: `spec.replicas`, `spec.template.spec.containers[0].image`.
pub(super) fn changed_fields(patch: &Value) -> Vec<String> {
    let mut fields = Vec::new();
    collect(patch, &mut String::new(), &mut fields);
    fields.retain(|field| {
        !field.starts_with("metadata.annotations.kubectl.kubernetes.io/last-applied-configuration")
    });
    fields
}

/// Whether a map keeps keys that a manifest does not name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keeps {
    /// Others may own them.
    All,
    /// One of several alternatives: the manifest's keys alone.
    Named,
}

/// `None` where nothing changes. `field` is the name of the field that holds the map.
fn map_patch(
    original: &Value,
    modified: &Value,
    live: &Value,
    field: &str,
    keeps: Keeps,
) -> Option<Map<String, Value>> {
    let nothing = Map::new();
    let map = |value: &'_ Value| value.as_object().cloned().unwrap_or_default();
    let (before, now) = (map(original), live.as_object().unwrap_or(&nothing));
    let wanted = map(modified);
    let mut patch = Map::new();
    for (key, value) in &wanted {
        let live = now.get(key).unwrap_or(&Value::Null);
        let original = before.get(key).unwrap_or(&Value::Null);
        match value {
            Value::Null if !live.is_null() => drop(patch.insert(key.clone(), Value::Null)),
            _ if value == live => {}
            _ if live.is_null() => drop(patch.insert(key.clone(), value.clone())),
            Value::Object(_) if live.is_object() => {
                if let Some(inner) = map_patch(original, value, live, key, keeps_of(field, key)) {
                    patch.insert(key.clone(), Value::Object(inner));
                }
            }
            Value::Array(items) if live.is_array() => {
                list_patch(original, items, live, field, key, &mut patch)
            }
            other => drop(patch.insert(key.clone(), other.clone())),
        }
    }
    for key in before.keys().filter(|key| wanted.get(*key).is_none()) {
        patch.insert(key.clone(), Value::Null);
    }
    if patch.is_empty() {
        return None;
    }
    if keeps == Keeps::Named {
        let names: Vec<&String> = wanted.keys().collect();
        patch.insert("$retainKeys".to_owned(), json!(names));
    }
    Some(patch)
}

/// A strategy of rollouts, and what a volume is made of: one of several.
fn keeps_of(parent: &str, field: &str) -> Keeps {
    let is_choice = (parent == "spec" && field == "strategy") || field == "volumes";
    if is_choice { Keeps::Named } else { Keeps::All }
}

fn list_patch(
    original: &Value,
    items: &[Value],
    live: &Value,
    parent: &str,
    field: &str,
    patch: &mut Map<String, Value>,
) {
    let none = Vec::new();
    let live = live.as_array().unwrap_or(&none);
    let original = original.as_array().unwrap_or(&none);
    match strategy(parent, field) {
        ListStrategy::Replace => drop(patch.insert(field.to_owned(), Value::Array(items.to_vec()))),
        ListStrategy::Set => {
            let fresh: Vec<Value> = items.iter().filter(|item| !live.contains(item)).cloned().collect();
            let gone: Vec<Value> = original.iter().filter(|item| !items.contains(item)).cloned().collect();
            if !fresh.is_empty() {
                patch.insert(field.to_owned(), Value::Array(fresh));
            }
            if !gone.is_empty() {
                patch.insert(format!("$deleteFromPrimitiveList/{field}"), Value::Array(gone));
            }
        }
        ListStrategy::ByKey(key) => keyed_patch(original, items, live, field, key, patch),
    }
}

fn keyed_patch(
    original: &[Value],
    items: &[Value],
    live: &[Value],
    field: &str,
    key: &'static str,
    patch: &mut Map<String, Value>,
) {
    let find = |list: &[Value], name: Option<&Value>| {
        list.iter().find(|item| name.is_some() && item.get(key) == name).cloned().unwrap_or_default()
    };
    let mut changes = Vec::new();
    for item in items {
        let name = item.get(key);
        let known = find(live, name);
        if known.is_null() {
            changes.push(item.clone());
            continue;
        }
        let before = find(original, name);
        if let Some(mut inner) = map_patch(&before, item, &known, field, keeps_of("", field)) {
            inner.insert(key.to_owned(), name.cloned().unwrap_or_default());
            changes.push(Value::Object(inner));
        }
    }
    for item in original {
        let name = item.get(key);
        if find(items, name).is_null() {
            changes.push(json!({ key: name, "$patch": "delete" }));
        }
    }
    let place = |item: &Value| live.iter().position(|known| known.get(key) == item.get(key));
    let is_reordered = !items.iter().filter_map(place).is_sorted();
    if changes.is_empty() && !is_reordered {
        return;
    }
    let order: Vec<Value> = items.iter().map(|item| json!({ key: item.get(key) })).collect();
    patch.insert(format!("$setElementOrder/{field}"), Value::Array(order));
    if !changes.is_empty() {
        patch.insert(field.to_owned(), Value::Array(changes));
    }
}

fn collect(patch: &Value, path: &mut String, fields: &mut Vec<String>) {
    let length = path.len();
    match patch {
        Value::Object(map) if map.contains_key("$patch") => fields.push(path.clone()),
        Value::Object(map) => {
            let is_key_of_element = path.ends_with(']');
            for (key, value) in map.iter().filter(|(key, _)| !key.starts_with('$')) {
                if is_key_of_element && key == "name" && map.len() > 1 {
                    continue;
                }
                path.push_str(if path.is_empty() { "" } else { "." });
                path.push_str(key);
                collect(value, path, fields);
                path.truncate(length);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            for (index, item) in items.iter().enumerate() {
                path.push_str(&format!("[{index}]"));
                collect(item, path, fields);
                path.truncate(length);
            }
        }
        Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            fields.push(path.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(original: &Value, modified: &Value, live: &Value) -> Option<Value> {
        super::patch(Kind::Deployment, original, modified, live)
    }

    #[test]
    fn lists_of_custom_objects_are_replaced() {
        let original =
            json!({"spec": {"containers": [{"name": "a"}, {"name": "b"}], "old": {"x": 1}, "y": 1}});
        let modified = json!({"spec": {"containers": [{"name": "a", "z": 1}], "old": {}}});
        let live =
            json!({"spec": {"containers": [{"name": "a"}, {"name": "b"}], "old": {"x": 1}, "y": 1, "w": 1}});
        let expected =
            json!({"spec": {"containers": [{"name": "a", "z": 1}], "old": {"x": null}, "y": null}});
        assert_eq!(merge_patch(&original, &modified, &live).map(Value::Object), Some(expected));
        assert_eq!(merge_patch(&original, &original, &live), None);
    }

    #[test]
    fn an_unchanged_manifest_has_no_patch() {
        let manifest = json!({"spec": {"replicas": 1, "ports": [{"port": 80}]}});
        let live =
            json!({"spec": {"replicas": 1, "type": "ClusterIP", "ports": [{"port": 80, "protocol": "TCP"}]}});
        assert_eq!(patch(&manifest, &manifest, &live), None);
    }

    #[test]
    fn fields_that_left_the_manifest_are_removed_and_others_left_alone() {
        let original =
            json!({"spec": {"replicas": 1, "minReadySeconds": 3}, "metadata": {"labels": {"tier": "x"}}});
        let modified = json!({"spec": {"replicas": 2}, "metadata": {"labels": {}}});
        let live = json!({"spec": {"replicas": 1, "minReadySeconds": 3, "paused": true},
                          "metadata": {"labels": {"tier": "x", "by": "others"}}});
        let expected =
            json!({"spec": {"replicas": 2, "minReadySeconds": null}, "metadata": {"labels": {"tier": null}}});
        assert_eq!(patch(&original, &modified, &live), Some(expected.clone()));
        assert_eq!(
            changed_fields(&expected),
            ["metadata.labels.tier", "spec.minReadySeconds", "spec.replicas"]
        );
    }

    #[test]
    fn containers_merge_by_name() {
        let original = json!({"spec": {"containers": [{"name": "web", "image": "web:1"}, {"name": "log", "image": "log:1"}]}});
        let modified = json!({"spec": {"containers": [{"name": "web", "image": "web:2"}]}});
        let live = json!({"spec": {"containers": [
            {"name": "web", "image": "web:1", "imagePullPolicy": "IfNotPresent"}, {"name": "log", "image": "log:1"}]}});
        let expected = json!({"spec": {
            "$setElementOrder/containers": [{"name": "web"}],
            "containers": [{"name": "web", "image": "web:2"}, {"name": "log", "$patch": "delete"}]}});
        assert_eq!(patch(&original, &modified, &live), Some(expected.clone()));
        assert_eq!(changed_fields(&expected), ["spec.containers[0].image", "spec.containers[1]"]);
    }

    #[test]
    fn a_changed_strategy_drops_the_parameters_of_the_old_one() {
        let modified = json!({"spec": {"strategy": {"type": "Recreate"}}});
        let live =
            json!({"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%"}}}});
        let expected = json!({"spec": {"strategy": {"type": "Recreate", "$retainKeys": ["type"]}}});
        assert_eq!(patch(&Value::Null, &modified, &live), Some(expected));
    }
}
