//! A pod template as Go prints it with all its types: what the pod-template-hash is computed from.
//!
//! ```text
//! (v1.PodTemplateSpec){ObjectMeta:(v1.ObjectMeta){Name:(string) … Labels:(map[string]string)map[app:web] …
//! ```
//!
//! Every field is printed, set or not, in the order of its declaration: `go_types.txt` knows that order. Upstream:
//! `pkg/util/hash.DeepHashObject`, which prints with `github.com/davecgh/go-spew` and `%#v`.

use std::fmt;

use k8s_openapi::api::core::v1::PodTemplateSpec;
use serde_json::Value;

use super::dump_quantity;
use crate::api::go_types::{self, Field, Shape};

/// Prints `template` to `out`.
pub(super) fn write(out: &mut impl fmt::Write, template: &PodTemplateSpec) {
    // Templates are plain maps, lists and scalars: they have a JSON form. The sinks are a string and a hash: printing
    // to them cannot fail either.
    let json = serde_json::to_value(template).unwrap_or_default();
    let _ = typed(out, "v1.PodTemplateSpec", &json);
}

/// A value with its type in front: `(int32)8080`.
fn typed(out: &mut impl fmt::Write, go_type: &str, value: &Value) -> fmt::Result {
    write!(out, "({go_type})")?;
    bare(out, go_type, value)
}

/// A value without its type, as the elements of lists and maps are printed.
fn bare(out: &mut impl fmt::Write, go_type: &str, value: &Value) -> fmt::Result {
    if let Some(pointee) = go_type.strip_prefix('*') {
        return if value.is_null() { out.write_str("<nil>") } else { bare(out, pointee, value) };
    }
    if let Some(element) = go_type.strip_prefix("[]") {
        return list(out, element, value);
    }
    if let Some((_, element)) = go_type.strip_prefix("map[").and_then(|rest| rest.split_once(']')) {
        return map(out, element, value);
    }
    match go_type {
        "resource.Quantity" => return dump_quantity::write(out, value.as_str()),
        "intstr.IntOrString" => return int_or_string(out, value),
        // Templates have no times of their own: this is the zero one.
        "v1.Time" => {
            return out
                .write_str("{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}");
        }
        _ => {}
    }
    match go_types::shape(go_type) {
        Some(Shape::Struct(fields)) => structure(out, fields, value),
        Some(Shape::Named(underlying)) => bare(out, underlying, value),
        None => scalar(out, go_type, value),
    }
}

fn scalar(out: &mut impl fmt::Write, go_type: &str, value: &Value) -> fmt::Result {
    match value {
        Value::String(text) => out.write_str(text),
        Value::Bool(flag) => write!(out, "{flag}"),
        Value::Number(number) => write!(out, "{number}"),
        // The zero value of a field that is left out.
        _ => out.write_str(match go_type {
            "string" => "",
            "bool" => "false",
            _ => "0",
        }),
    }
}

fn structure(out: &mut impl fmt::Write, fields: &[Field], value: &Value) -> fmt::Result {
    out.write_char('{')?;
    for (place, field) in fields.iter().enumerate() {
        if place > 0 {
            out.write_char(' ')?;
        }
        if field.json.is_empty() {
            // An inlined struct goes by the name of its type, and its fields stand beside its siblings in JSON.
            write!(out, "{}:", field.go_type.rsplit('.').next().unwrap_or_default())?;
            typed(out, field.go_type, value)?;
        } else {
            write!(out, "{}:", field.go_name())?;
            typed(out, field.go_type, &value[field.json])?;
        }
    }
    out.write_char('}')
}

fn list(out: &mut impl fmt::Write, element: &str, value: &Value) -> fmt::Result {
    // What is stored has no empty lists: they come back as none.
    let Some(items) = value.as_array().filter(|items| !items.is_empty()) else {
        return out.write_str("<nil>");
    };
    out.write_char('[')?;
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            out.write_char(' ')?;
        }
        bare(out, element, item)?;
    }
    out.write_char(']')
}

/// Keys are printed in their order, which is the order of `serde_json`'s maps.
fn map(out: &mut impl fmt::Write, element: &str, value: &Value) -> fmt::Result {
    let Some(entries) = value.as_object().filter(|entries| !entries.is_empty()) else {
        return out.write_str("<nil>");
    };
    out.write_str("map[")?;
    for (place, (key, item)) in entries.iter().enumerate() {
        if place > 0 {
            out.write_char(' ')?;
        }
        write!(out, "{key}:")?;
        bare(out, element, item)?;
    }
    out.write_char(']')
}

fn int_or_string(out: &mut impl fmt::Write, value: &Value) -> fmt::Result {
    let (kind, number, text) = match value {
        Value::String(text) => (1, 0, text.as_str()),
        other => (0, other.as_i64().unwrap_or(0), ""),
    };
    write!(out, "{{Type:(intstr.Type){kind} IntVal:(int32){number} StrVal:(string){text}}}")
}
