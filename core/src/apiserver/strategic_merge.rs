//! Strategic merge patches: maps merge, lists with a merge key merge by it, other lists are replaced.
//! Upstream: `staging/src/k8s.io/apimachinery/pkg/util/strategicpatch`.

use serde_json::{Map, Value};

/// Merges `patch` into `target`. `null` removes a key.
///
/// Directives: `$patch: delete | replace` in a map or list item, `$retainKeys`, `$deleteFromPrimitiveList/<field>`
/// and `$setElementOrder/<field>` beside a list.
pub fn merge(target: &mut Value, patch: &Value) {
    merge_at(target, patch, "");
}

/// How the lists of one field merge. Upstream: the `patchStrategy` and `patchMergeKey` tags of the Go types.
pub(crate) enum ListStrategy {
    /// By these keys: items with equal values merge.
    ByKey(&'static str),
    /// Values are added, none twice.
    Set,
    /// The whole list is replaced.
    Replace,
}

/// The strategy of the list `field`, whose parent is the field `parent`. Field names suffice: where one name
/// has two meanings, the parent tells them apart.
pub(crate) fn strategy(parent: &str, field: &str) -> ListStrategy {
    use ListStrategy::{ByKey, Replace, Set};
    match field {
        "containers"
        | "initContainers"
        | "ephemeralContainers"
        | "volumes"
        | "env"
        | "imagePullSecrets"
        | "schedulingGates"
        | "resourceClaims" => ByKey("name"),
        // A Service's ports are known by their number, a container's by theirs, a slice's not at all.
        "ports" if parent == "spec" => ByKey("port"),
        "ports" if parent == "containers" || parent == "initContainers" => ByKey("containerPort"),
        "volumeMounts" => ByKey("mountPath"),
        "volumeDevices" => ByKey("devicePath"),
        "hostAliases" => ByKey("ip"),
        "topologySpreadConstraints" => ByKey("topologyKey"),
        "ownerReferences" => ByKey("uid"),
        "conditions" | "addresses" => ByKey("type"),
        "podIPs" | "hostIPs" => ByKey("ip"),
        "finalizers" | "podCIDRs" => Set,
        "sources" if parent == "projected" => Replace,
        _ => Replace,
    }
}

fn merge_at(target: &mut Value, patch: &Value, field: &str) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if patch.get("$patch").and_then(Value::as_str) == Some("replace") {
        *target = Value::Object(without_directives(patch));
        return;
    }
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(target) = target else { return };
    if let Some(Value::Array(kept)) = patch.get("$retainKeys") {
        target.retain(|key, _| kept.iter().any(|name| name.as_str() == Some(key)));
    }
    for (key, value) in patch {
        if let Some(list) = key.strip_prefix("$deleteFromPrimitiveList/") {
            delete_values(target, list, value);
        }
    }
    for (key, value) in patch.iter().filter(|(key, _)| !key.starts_with('$')) {
        match value {
            Value::Null => {
                target.remove(key);
            }
            Value::Array(items) => {
                let list = target.entry(key.clone()).or_insert_with(|| Value::Array(Vec::new()));
                merge_list(list, items, strategy(field, key), key);
            }
            other => merge_at(target.entry(key.clone()).or_insert(Value::Null), other, key),
        }
    }
    for (key, order) in patch {
        if let (Some(list), Value::Array(order)) = (key.strip_prefix("$setElementOrder/"), order) {
            set_order(target, list, order, strategy(field, list));
        }
    }
}

fn merge_list(list: &mut Value, items: &[Value], strategy: ListStrategy, field: &str) {
    let replaces = |item: &Value| item.get("$patch").and_then(Value::as_str) == Some("replace");
    let Value::Array(known) = list else {
        *list = Value::Array(items.to_vec());
        return;
    };
    if items.iter().any(replaces) {
        *known = items.iter().filter(|item| !replaces(item)).cloned().collect();
        return;
    }
    match strategy {
        ListStrategy::Replace => *known = items.to_vec(),
        ListStrategy::Set => {
            for item in items {
                if !known.contains(item) {
                    known.push(item.clone());
                }
            }
        }
        ListStrategy::ByKey(key) => {
            for item in items {
                merge_item(known, item, key, field);
            }
        }
    }
}

fn merge_item(known: &mut Vec<Value>, item: &Value, key: &str, field: &str) {
    let name = item.get(key);
    let place = known.iter().position(|candidate| name.is_some() && candidate.get(key) == name);
    if item.get("$patch").and_then(Value::as_str) == Some("delete") {
        known.retain(|candidate| candidate.get(key) != name);
        return;
    }
    match place {
        Some(place) => merge_at(&mut known[place], item, field),
        None => {
            let mut fresh = Value::Object(Map::new());
            merge_at(&mut fresh, item, field);
            known.push(fresh);
        }
    }
}

fn delete_values(target: &mut Map<String, Value>, list: &str, values: &Value) {
    if let (Some(Value::Array(known)), Value::Array(values)) = (target.get_mut(list), values) {
        known.retain(|value| !values.contains(value));
    }
}

/// Sorts a list as the client has it; items that it does not know keep their place after their neighbours.
fn set_order(target: &mut Map<String, Value>, list: &str, order: &[Value], strategy: ListStrategy) {
    let Some(Value::Array(known)) = target.get_mut(list) else { return };
    let place_of = |item: &Value| {
        order.iter().position(|wanted| match strategy {
            ListStrategy::ByKey(key) => wanted.get(key) == item.get(key),
            ListStrategy::Set | ListStrategy::Replace => wanted == item,
        })
    };
    let mut last = 0;
    let mut placed: Vec<(usize, Value)> = Vec::with_capacity(known.len());
    for item in known.drain(..) {
        if let Some(place) = place_of(&item) {
            last = place + 1;
            placed.push((2 * place + 1, item));
        } else {
            placed.push((2 * last, item));
        }
    }
    crate::order::sort_by_key(&mut placed, |(place, _)| *place);
    known.extend(placed.into_iter().map(|(_, item)| item));
}

fn without_directives(patch: &Map<String, Value>) -> Map<String, Value> {
    patch
        .iter()
        .filter(|(key, _)| !key.starts_with('$'))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::merge;

    #[test]
    fn containers_merge_by_name_and_nulls_remove() {
        let mut target = json!({"spec": {"replicas": 3, "paused": true, "template": {"spec": {"containers": [
            {"name": "web", "image": "web:1", "ports": [{"containerPort": 80}]}, {"name": "log", "image": "log:1"}]}}}});
        let patch = json!({"spec": {"paused": null, "template": {"spec": {"containers": [
            {"name": "web", "image": "web:2", "ports": [{"containerPort": 81}]}, {"name": "log", "$patch": "delete"}]}}}});
        merge(&mut target, &patch);
        let expected = json!({"spec": {"replicas": 3, "template": {"spec": {"containers": [
            {"name": "web", "image": "web:2", "ports": [{"containerPort": 80}, {"containerPort": 81}]}]}}}});
        assert_eq!(target, expected);
    }

    #[test]
    fn directives_order_retain_and_replace() {
        let mut target = json!({"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}},
            "containers": [{"name": "a"}, {"name": "b"}]}, "metadata": {"finalizers": ["x", "y"]}});
        let patch = json!({"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"},
            "$setElementOrder/containers": [{"name": "c"}, {"name": "b"}, {"name": "a"}],
            "containers": [{"name": "c"}]},
            "metadata": {"$deleteFromPrimitiveList/finalizers": ["x"], "finalizers": ["z"]}});
        merge(&mut target, &patch);
        let expected = json!({"spec": {"strategy": {"type": "Recreate"},
            "containers": [{"name": "c"}, {"name": "b"}, {"name": "a"}]}, "metadata": {"finalizers": ["y", "z"]}});
        assert_eq!(target, expected);
    }
}
