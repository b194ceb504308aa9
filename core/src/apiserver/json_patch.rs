//! The two patches that know nothing of the kinds they change: merge (RFC 7386) and operations (RFC 6902).
//! Upstream: `github.com/evanphx/json-patch`.

use serde_json::{Map, Value};

/// Merges `patch` into `target`: maps merge, `null` removes a key, everything else is replaced.
pub(super) fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(target) = target else { return };
    for (key, value) in patch {
        if value.is_null() {
            target.remove(key);
        } else {
            merge(target.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

/// Applies a list of operations, one after another.
///
/// # Errors
/// The first operation that cannot be applied.
pub(super) fn apply(target: &mut Value, operations: &Value) -> Result<(), String> {
    let Value::Array(operations) = operations else { return Err("a JSON patch is a list".to_owned()) };
    operations.iter().try_for_each(|operation| apply_one(target, operation))
}

fn apply_one(target: &mut Value, operation: &Value) -> Result<(), String> {
    let text = |name: &str| operation[name].as_str().ok_or_else(|| format!("an operation lacks its {name}"));
    let path = text("path")?;
    let missing = |path: &str| format!("the path {path} does not exist");
    match text("op")? {
        "add" => add(target, path, operation["value"].clone()),
        "remove" => remove(target, path).map(|_| ()),
        "replace" => {
            let found = target.pointer_mut(path).ok_or_else(|| missing(path))?;
            *found = operation["value"].clone();
            Ok(())
        }
        "move" => {
            let value = remove(target, text("from")?)?;
            add(target, path, value)
        }
        "copy" => {
            let from = text("from")?;
            let value = target.pointer(from).cloned().ok_or_else(|| missing(from))?;
            add(target, path, value)
        }
        "test" if target.pointer(path) == Some(&operation["value"]) => Ok(()),
        "test" => Err(format!("testing path {path} failed")),
        other => Err(format!("there is no operation {other}")),
    }
}

/// What holds the end of a path, and the end's name.
fn parent<'a>(target: &'a mut Value, path: &str) -> Result<(&'a mut Value, String), String> {
    let (before, last) = path.rsplit_once('/').ok_or_else(|| format!("{path:?} is no path"))?;
    let name = last.replace("~1", "/").replace("~0", "~");
    let parent = target.pointer_mut(before).ok_or_else(|| format!("the path {before} does not exist"))?;
    Ok((parent, name))
}

fn add(target: &mut Value, path: &str, value: Value) -> Result<(), String> {
    if path.is_empty() {
        *target = value;
        return Ok(());
    }
    match parent(target, path)? {
        (Value::Object(map), name) => {
            map.insert(name, value);
        }
        (Value::Array(list), name) => {
            let place = if name == "-" { Some(list.len()) } else { name.parse().ok() };
            let place = place.filter(|place| *place <= list.len());
            list.insert(place.ok_or_else(|| format!("the path {path} does not exist"))?, value);
        }
        _ => return Err(format!("the path {path} does not exist")),
    }
    Ok(())
}

fn remove(target: &mut Value, path: &str) -> Result<Value, String> {
    let missing = || format!("the path {path} does not exist");
    match parent(target, path)? {
        (Value::Object(map), name) => map.remove(&name).ok_or_else(missing),
        (Value::Array(list), name) => {
            let place = name.parse::<usize>().ok().filter(|place| *place < list.len());
            Ok(list.remove(place.ok_or_else(missing)?))
        }
        _ => Err(missing()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn maps_merge_and_null_removes() {
        let mut target = json!({"a": {"b": 1, "c": [1, 2]}, "d": 1});
        merge(&mut target, &json!({"a": {"b": null, "c": [3]}, "e": {"f": null, "g": 2}}));
        assert_eq!(target, json!({"a": {"c": [3]}, "d": 1, "e": {"g": 2}}));
    }

    #[test]
    fn operations_are_applied_in_order() {
        let mut target = json!({"spec": {"replicas": 1, "list": ["a", "c"]}, "a/b": 1});
        let operations = json!([
            {"op": "test", "path": "/spec/replicas", "value": 1},
            {"op": "replace", "path": "/spec/replicas", "value": 3},
            {"op": "add", "path": "/spec/list/1", "value": "b"},
            {"op": "add", "path": "/spec/list/-", "value": "d"},
            {"op": "remove", "path": "/spec/list/0"},
            {"op": "move", "from": "/a~1b", "path": "/moved"},
            {"op": "copy", "from": "/moved", "path": "/copied"},
        ]);
        apply(&mut target, &operations).unwrap();
        assert_eq!(
            target,
            json!({"spec": {"replicas": 3, "list": ["b", "c", "d"]}, "moved": 1, "copied": 1})
        );
    }

    #[test]
    fn what_cannot_be_applied_is_refused() {
        let refused = |operation: Value| apply(&mut json!({"a": [1]}), &json!([operation])).unwrap_err();
        assert!(refused(json!({"op": "remove", "path": "/b"})).contains("/b does not exist"));
        assert!(refused(json!({"op": "add", "path": "/a/5", "value": 1})).contains("does not exist"));
        assert!(refused(json!({"op": "test", "path": "/a", "value": 1})).contains("failed"));
        assert!(refused(json!({"op": "dance", "path": "/a"})).contains("no operation"));
    }
}
