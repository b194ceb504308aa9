//! API objects as YAML to be read: keys in alphabetical order as `kubectl get -o yaml` prints them, empty values left
//! out.

use serde_json::Value;

/// Renders a value as block YAML, one `\n` after each line.
pub fn render(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(_) | Value::Array(_) => block(value, 0, &mut out),
        scalar => {
            out.push_str(&self::scalar(scalar));
            out.push('\n');
        }
    }
    out
}

fn block(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Object(map) => {
            for (key, value) in map.iter().filter(|(_, value)| !is_empty(value)) {
                pad(indent, out);
                entry(&text(key), value, indent, out);
            }
        }
        Value::Array(list) => {
            for item in list {
                pad(indent, out);
                out.push_str("- ");
                item_of(item, indent + 2, out);
            }
        }
        _ => {}
    }
}

/// `key: value`, the value on the same line or in a block below.
fn entry(key: &str, value: &Value, indent: usize, out: &mut String) {
    out.push_str(key);
    out.push(':');
    match value {
        Value::Object(_) => {
            out.push('\n');
            block(value, indent + 2, out);
        }
        Value::Array(_) => {
            out.push('\n');
            block(value, indent, out);
        }
        scalar => {
            out.push(' ');
            out.push_str(&self::scalar(scalar));
            out.push('\n');
        }
    }
}

/// A list's item behind its dash; a map's first key stands on the dash's line.
fn item_of(value: &Value, indent: usize, out: &mut String) {
    let Value::Object(map) = value else {
        out.push_str(&scalar(value));
        out.push('\n');
        return;
    };
    for (place, (key, value)) in map.iter().filter(|(_, value)| !is_empty(value)).enumerate() {
        if place > 0 {
            pad(indent, out);
        }
        entry(&text(key), value, indent, out);
    }
}

fn pad(indent: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', indent));
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.values().all(is_empty),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(words) => text(words),
        other => other.to_string(),
    }
}

/// A string, quoted where YAML would read something else.
fn text(words: &str) -> String {
    let is_plain = !words.is_empty()
        && !words.starts_with([
            '-', '?', ':', '&', '*', '!', '|', '>', '%', '@', '`', '"', '\'', '#', '{', '[', ' ',
        ])
        && !words.contains(": ")
        && !words.contains(" #")
        && !words.contains('\n')
        && !words.ends_with([' ', ':'])
        && words.parse::<f64>().is_err()
        && !matches!(words, "true" | "false" | "null" | "~" | "yes" | "no" | "on" | "off");
    if is_plain { words.to_owned() } else { format!("{words:?}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn maps_lists_and_scalars_become_blocks() {
        let object = json!({
            "metadata": { "name": "web", "labels": { "app": "web" }, "annotations": {} },
            "spec": { "replicas": 3, "containers": [{ "image": "web:1", "name": "web" }, { "name": "log" }] },
        });
        let expected = "metadata:\n  labels:\n    app: web\n  name: web\nspec:\n  containers:\n  - image: web:1\n    \
                        name: web\n  - name: log\n  replicas: 3\n";
        assert_eq!(render(&object), expected);
    }

    #[test]
    fn strings_that_look_like_something_else_are_quoted() {
        assert_eq!(
            render(&json!({ "a": "true", "b": "10", "c": "x: y", "d": "" })),
            "a: \"true\"\nb: \"10\"\nc: \"x: y\"\nd: \"\"\n"
        );
    }
}
