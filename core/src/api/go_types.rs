//! The Go types behind the stored kinds: what refusals name, and which fields a manifest may have.
//!
//! `go_types.txt` has a line per type, its fields in upstream's order: `v1.Volume name:string +:v1.VolumeSource`
//! is a struct with an inlined one, `TTY=tty:bool` a field whose Go name is not its JSON name with a capital,
//! `v1.Protocol =string` a type of its own. Upstream: `staging/src/k8s.io/api`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::spelling;

/// One field of a struct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    /// `TTY`, where it is not the JSON name with a capital.
    go: Option<&'static str>,
    /// `maxSurge`; empty for a struct that is inlined.
    pub(crate) json: &'static str,
    /// `*intstr.IntOrString`
    pub(crate) go_type: &'static str,
}

impl Field {
    /// `MaxSurge`
    pub(crate) fn go_name(&self) -> String {
        if let Some(name) = self.go {
            return name.to_owned();
        }
        let mut letters = self.json.chars();
        let capital = letters.next().map(|letter| letter.to_ascii_uppercase());
        capital.into_iter().chain(letters).collect()
    }
}

/// What a named type is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Fields, in upstream's order.
    Struct(Vec<Field>),
    /// Another type under a name of its own.
    Named(&'static str),
}

/// The type called `name` (`v1.Deployment`), unless it decodes itself: quantities, times, numbers or percentages.
pub(crate) fn shape(name: &str) -> Option<&'static Shape> {
    shapes().get(name)
}

/// The name as it stands in the list, if a type is called so.
pub(crate) fn named(name: &str) -> Option<&'static str> {
    shapes().get_key_value(name).map(|(name, _)| *name)
}

fn shapes() -> &'static BTreeMap<&'static str, Shape> {
    static SHAPES: OnceLock<BTreeMap<&'static str, Shape>> = OnceLock::new();
    SHAPES.get_or_init(|| include_str!("go_types.txt").lines().filter_map(read_line).collect())
}

/// The type of the field `json` of the struct called `name`, inlined structs included.
pub(crate) fn field(name: &str, json: &str) -> Option<&'static str> {
    let Shape::Struct(fields) = shape(name)? else { return None };
    let own = fields.iter().find(|field| field.json == json && !json.is_empty());
    own.map(|field| field.go_type).or_else(|| {
        fields
            .iter()
            .filter(|field| field.json.is_empty())
            .find_map(|inlined| self::field(inlined.go_type, json))
    })
}

/// The fields of the struct called `name`, inlined ones in the place of their struct, each with the struct that
/// declares it.
pub(crate) fn fields(name: &'static str) -> Vec<(&'static str, Field)> {
    let Some(Shape::Struct(own)) = shape(name) else { return Vec::new() };
    let expanded = own.iter().flat_map(|field| match field.json {
        "" => fields(field.go_type),
        _ => vec![(name, *field)],
    });
    expanded.collect()
}

/// The field of the struct called `name` that is spelled most like `json`, which it has not.
pub(crate) fn similar_field(name: &str, json: &str) -> Option<&'static str> {
    let mut names = Vec::new();
    add_field_names(name, &mut names);
    spelling::nearest(json, names)
}

fn add_field_names(name: &str, names: &mut Vec<&'static str>) {
    let Some(Shape::Struct(fields)) = shape(name) else { return };
    for field in fields {
        match field.json {
            "" => add_field_names(field.go_type, names),
            json => names.push(json),
        }
    }
}

fn read_line(line: &'static str) -> Option<(&'static str, Shape)> {
    let (name, rest) = line.split_once(' ')?;
    if let Some(other) = rest.strip_prefix('=') {
        return Some((name, Shape::Named(other)));
    }
    let fields = rest.split(' ').filter_map(|field| {
        let (names, go_type) = field.split_once(':')?;
        let (go, json) = names.split_once('=').map_or((None, names), |(go, json)| (Some(go), json));
        Some(Field { go, json: json.trim_start_matches('+'), go_type })
    });
    Some((name, Shape::Struct(fields.collect())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_inlined_structs_are_fields_of_the_outer_one() {
        assert_eq!(field("v1.Volume", "configMap"), Some("*v1.ConfigMapVolumeSource"));
        assert_eq!(field("v1.Container", "tty"), Some("bool"));
        assert_eq!(field("v1.Container", "cpu"), None);
        assert_eq!(shape("v1.Protocol"), Some(&Shape::Named("string")));
    }

    #[test]
    fn every_type_that_a_field_names_is_known_or_decodes_itself() {
        let itself = ["resource.Quantity", "v1.Time", "v1.MicroTime", "intstr.IntOrString", "v1.FieldsV1"];
        let plain = ["string", "bool", "int32", "int64", "uint8", "float64", "runtime.RawExtension"];
        for line in include_str!("go_types.txt").lines() {
            let Some((name, Shape::Struct(fields))) = read_line(line) else { continue };
            for field in fields {
                let named = field.go_type.trim_start_matches(['*', '[', ']']);
                let named = named
                    .strip_prefix("map[")
                    .and_then(|rest| rest.split_once(']'))
                    .map_or(named, |(_, value)| value);
                let named = named.trim_start_matches(['[', ']']);
                let known = shape(named).is_some() || itself.contains(&named) || plain.contains(&named);
                assert!(known, "{name}.{} has the unknown type {}", field.json, field.go_type);
            }
        }
    }
}
