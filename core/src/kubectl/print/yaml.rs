//! YAML and JSON as Go writes them. Upstream: `sigs.k8s.io/yaml`, `k8s.io/cli-runtime/pkg/printers`.

use serde_json::Value;

/// JSON with four blanks a level, and a newline at its end.
pub(crate) fn json(value: &Value) -> String {
    let mut out = String::new();
    write_json(value, 0, &mut out);
    out.push('\n');
    out
}

/// YAML, keys sorted, lists not indented under their keys.
pub(crate) fn yaml(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => write_map(value, 0, &mut out),
        Value::Array(items) if !items.is_empty() => write_list(items, 0, &mut out),
        scalar => {
            write_inline(scalar, 0, &mut out);
            out.push('\n');
        }
    }
    out
}

fn write_json(value: &Value, depth: usize, out: &mut String) {
    let indent = |depth: usize| "    ".repeat(depth);
    match value {
        Value::Object(map) if !map.is_empty() => {
            out.push_str("{\n");
            for (place, (key, value)) in map.iter().enumerate() {
                out.push_str(if place == 0 { "" } else { ",\n" });
                out.push_str(&format!("{}{}: ", indent(depth + 1), Value::String(key.clone())));
                write_json(value, depth + 1, out);
            }
            out.push_str(&format!("\n{}}}", indent(depth)));
        }
        Value::Array(items) if !items.is_empty() => {
            out.push_str("[\n");
            for (place, item) in items.iter().enumerate() {
                out.push_str(if place == 0 { "" } else { ",\n" });
                out.push_str(&indent(depth + 1));
                write_json(item, depth + 1, out);
            }
            out.push_str(&format!("\n{}]", indent(depth)));
        }
        other => out.push_str(&other.to_string()),
    }
}

fn write_map(value: &Value, depth: usize, out: &mut String) {
    let Value::Object(map) = value else { return };
    for (place, (key, value)) in map.iter().enumerate() {
        if place > 0 {
            out.push_str(&"  ".repeat(depth));
        }
        out.push_str(&scalar(key));
        out.push(':');
        match value {
            Value::Object(inner) if !inner.is_empty() => {
                out.push('\n');
                out.push_str(&"  ".repeat(depth + 1));
                write_map(value, depth + 1, out);
            }
            Value::Array(items) if !items.is_empty() => {
                out.push('\n');
                out.push_str(&"  ".repeat(depth));
                write_list(items, depth, out);
            }
            other => {
                out.push(' ');
                write_inline(other, depth, out);
                out.push('\n');
            }
        }
    }
}

fn write_list(items: &[Value], depth: usize, out: &mut String) {
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            out.push_str(&"  ".repeat(depth));
        }
        out.push_str("- ");
        match item {
            Value::Object(map) if !map.is_empty() => write_map(item, depth + 1, out),
            Value::Array(inner) if !inner.is_empty() => write_list(inner, depth + 1, out),
            other => {
                write_inline(other, depth, out);
                out.push('\n');
            }
        }
    }
}

/// A scalar or an empty collection. Text of several lines is a literal block, indented by one level more.
fn write_inline(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Object(_) => out.push_str("{}"),
        Value::Array(_) => out.push_str("[]"),
        Value::String(text) if text.contains('\n') && !text.contains('\t') => {
            let body = text.strip_suffix('\n');
            let keep = body.is_some_and(|body| body.ends_with('\n') || body.is_empty());
            let indicator = match (body, keep) {
                (Some(_), true) => "|+",
                (Some(_), false) => "|",
                (None, _) => "|-",
            };
            out.push_str(indicator);
            for line in body.unwrap_or(text).split('\n') {
                out.push('\n');
                if !line.is_empty() {
                    out.push_str(&"  ".repeat(depth + 1));
                    out.push_str(line);
                }
            }
        }
        Value::String(text) => out.push_str(&scalar(text)),
        other => out.push_str(&other.to_string()),
    }
}

/// A text as plain as it can be: double quotes where plain text would be something else than text, single quotes
/// where it would not be read at all.
fn scalar(text: &str) -> String {
    if means_something_else(text) || text.chars().any(|character| character.is_control()) {
        return Value::String(text.to_owned()).to_string();
    }
    if needs_quotes(text) { format!("'{}'", text.replace('\'', "''")) } else { text.to_owned() }
}

/// Whether plain text would be read as null, a boolean, a number or a timestamp.
fn means_something_else(text: &str) -> bool {
    const WORDS: [&str; 31] = [
        "", "~", "null", "Null", "NULL", "true", "True", "TRUE", "false", "False", "FALSE", "y", "Y", "yes",
        "Yes", "YES", "on", "On", "ON", "n", "N", "no", "No", "NO", "off", "Off", "OFF", ".inf", ".nan",
        ".NaN", ".Inf",
    ];
    if WORDS.contains(&text) {
        return true;
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return false;
    }
    is_number(&digits.replace('_', "")) || is_time(text)
}

fn is_number(digits: &str) -> bool {
    let based = |prefix: &str, radix: u32| {
        digits
            .strip_prefix(prefix)
            .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|digit| digit.is_digit(radix)))
    };
    let is_decimal =
        digits.chars().all(|character| matches!(character, '0'..='9' | '.' | 'e' | 'E' | '+' | '-'));
    based("0x", 16) || based("0b", 2) || based("0o", 8) || (is_decimal && digits.parse::<f64>().is_ok())
}

/// `2026-01-01`, with or without a time of day.
fn is_time(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let number = |part: Option<&str>| {
        part.is_some_and(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let is_date = number(parts.next()) && number(parts.next());
    is_date
        && text.len() >= 8
        && parts.next().is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}

fn needs_quotes(text: &str) -> bool {
    let starts_badly = text.starts_with([
        '-', '?', ':', ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`', ' ',
    ]);
    let is_harmless_dash =
        text.starts_with('-') && text.len() > 1 && !text.starts_with("- ") && !text.starts_with("--- ");
    let is_harmless_colon = text.starts_with([':', '?']) && text.len() > 1 && text.as_bytes()[1] != b' ';
    (starts_badly && !is_harmless_dash && !is_harmless_colon)
        || text.ends_with([' ', ':'])
        || text.contains(": ")
        || text.contains(" #")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn yaml_has_the_form_that_go_gives_it() {
        let value = json!({
            "status": "True", "version": "1.20", "count": 3, "empty": {}, "none": null, "list": [1, {"b": "x", "a": []}],
            "message": "containers with unready status: [web]", "text": "{\"a\":1}\n", "time": "2026-01-01T00:00:05Z",
            "plain": "nginx:1.27", "dash": "-x", "nested": [[1, 2]], "colon": "a: b", "block": "a\nb", "star": "*",
        });
        let expected = "block: |-\n  a\n  b\ncolon: 'a: b'\ncount: 3\ndash: -x\nempty: {}\nlist:\n- 1\n- a: []\n  b: x\n\
                        message: 'containers with unready status: [web]'\nnested:\n- - 1\n  - 2\nnone: null\nplain: \
                        nginx:1.27\nstar: '*'\nstatus: \"True\"\ntext: |\n  {\"a\":1}\ntime: \
                        \"2026-01-01T00:00:05Z\"\nversion: \"1.20\"\n";
        assert_eq!(yaml(&value), expected);
    }

    #[test]
    fn json_is_indented_by_four_blanks() {
        let value = json!({"a": [1, {}], "b": {"c": "x"}});
        let expected =
            "{\n    \"a\": [\n        1,\n        {}\n    ],\n    \"b\": {\n        \"c\": \"x\"\n    }\n}\n";
        assert_eq!(json(&value), expected);
    }
}
