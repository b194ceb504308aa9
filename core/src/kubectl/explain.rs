//! `kubectl explain`: the fields of a kind and their types. Upstream: `k8s.io/kubectl/pkg/explain/v2`.
//!
//! The types are those of the API; upstream's sentences about each field are not part of this project.

use super::flags::{self, Arguments, Flag, Takes};
use super::session::SessionTurn;
use crate::api::Kind;
use crate::api::go_types::{self, Shape};

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Explain {
    text: String,
}

const FLAGS: [Flag; 3] = [
    flags::OUTPUT,
    Flag::new("api-version", None, Takes::Text),
    Flag::new("recursive", Some('R'), Takes::Nothing),
];

const NOTHING_NAMED: &str = "error: You must specify the type of resource to explain. Use \"kubectl api-resources\" for a \
                             complete list of supported resources.";

/// Types that contain themselves are shown so deep.
const DEEPEST: usize = 12;
/// How many lines are shown at most.
const MOST_LINES: usize = 5000;

impl Explain {
    /// Reads a command line: everything is known then.
    #[inline(never)]
    pub(super) fn parse(words: &[String]) -> Result<Explain, String> {
        let arguments = Arguments::read("kubectl explain", words, &FLAGS)?;
        let path = match arguments.names.as_slice() {
            [path] => path,
            [] => return Err(NOTHING_NAMED.to_owned()),
            _ => {
                return Err("error: We accept only this format: explain RESOURCE\nSee 'kubectl explain -h' for help and \
                            examples"
                    .to_owned());
            }
        };
        let (word, fields) = resource_and_fields(path);
        let kind = Kind::from_word(word)
            .ok_or_else(|| format!("error: the server doesn't have a resource type \"{word}\""))?;
        if let Some(version) = arguments.text("api-version")
            && version != kind.names().api_version
        {
            let (plural, group) = (kind.names().plural, version);
            return Err(format!("error: couldn't find resource for \"{group}, Resource={plural}\""));
        }
        Ok(Explain { text: explained(kind, &fields, arguments.is_on("recursive"))? })
    }

    /// Prints it.
    #[inline(never)]
    pub(super) fn print(&self, turn: &mut SessionTurn<'_>) {
        turn.print(self.text.as_str());
        turn.end(0);
    }
}

/// `deployments.apps.spec.replicas` is the resource `deployments.apps` and the fields `spec`, `replicas`.
fn resource_and_fields(path: &str) -> (&str, Vec<&str>) {
    let path = path.trim_matches('.');
    let mut dots = path.match_indices('.').map(|(place, _)| place).chain([path.len()]);
    // The longest beginning that names a resource is one.
    let known = dots.rfind(|end| Kind::from_word(&path[..*end]).is_some());
    let end = known.or_else(|| path.find('.')).unwrap_or(path.len());
    (&path[..end], path[end..].split('.').filter(|field| !field.is_empty()).collect())
}

fn explained(kind: Kind, fields: &[&str], is_recursive: bool) -> Result<String, String> {
    let mut text = String::new();
    if !kind.group().is_empty() {
        text += &format!("GROUP:      {}\n", kind.group());
    }
    text += &format!("KIND:       {}\nVERSION:    {}\n\n", kind.name(), kind.version());
    let mut go_type = format!("{}.{}", kind.version(), kind.name());
    if go_types::shape(&go_type).is_none() {
        text += "DESCRIPTION:\n    The fields of this kind are not known here: whatever they hold is kept as it is.\n\n";
        return Ok(text);
    }
    for field in fields {
        let found = go_types::field(inner(&go_type), field);
        let found = found.filter(|_| go_types::shape(inner(&go_type)).is_some());
        go_type = found.ok_or_else(|| format!("error: field \"{field}\" does not exist"))?.to_owned();
    }
    if let Some(field) = fields.last() {
        text += &format!("FIELD: {field} <{}>\n\n", shown(&go_type));
    }
    text +=
        "DESCRIPTION:\n    Only the types of fields are known here, not upstream's sentences about them.\n\n";
    if is_struct(inner(&go_type)) {
        text += "FIELDS:\n";
        list(inner(&go_type), 1, is_recursive, &mut text);
        text.push('\n');
    }
    Ok(text)
}

/// The type inside pointers, lists and maps.
fn inner(go_type: &str) -> &str {
    let mut inner = go_type;
    loop {
        inner = match inner.strip_prefix('*').or_else(|| inner.strip_prefix("[]")) {
            Some(rest) => rest,
            None => match inner.strip_prefix("map[").and_then(|rest| rest.split_once(']')) {
                Some((_, rest)) => rest,
                None => return inner,
            },
        };
    }
}

fn is_struct(go_type: &str) -> bool {
    matches!(go_types::shape(go_type), Some(Shape::Struct(_)))
}

/// The fields of a struct in the order of their names, inlined structs' among them.
fn list(go_type: &str, depth: usize, is_recursive: bool, text: &mut String) {
    let mut fields = Vec::new();
    collect(go_type, &mut fields);
    crate::order::sort(&mut fields);
    for (name, go_type) in fields {
        if text.len() > MOST_LINES * 20 {
            return;
        }
        text.push_str(&format!("{}{name}\t<{}>\n", "  ".repeat(depth), shown(go_type)));
        if is_recursive && depth < DEEPEST && is_struct(inner(go_type)) {
            list(inner(go_type), depth + 1, true, text);
        }
    }
}

fn collect(go_type: &str, fields: &mut Vec<(&'static str, &'static str)>) {
    let Some(Shape::Struct(own)) = go_types::shape(go_type) else { return };
    for field in own {
        if field.json.is_empty() {
            collect(field.go_type, fields);
        } else {
            fields.push((field.json, field.go_type));
        }
    }
}

/// `[]Container`, `integer`, `map[string]string`: as the API's schema names a type.
fn shown(go_type: &str) -> String {
    if let Some(inner) = go_type.strip_prefix('*') {
        return shown(inner);
    }
    if go_type == "[]uint8" {
        return "string".to_owned();
    }
    if let Some(inner) = go_type.strip_prefix("[]") {
        return format!("[]{}", shown(inner));
    }
    if let Some((key, inner)) = go_type.strip_prefix("map[").and_then(|rest| rest.split_once(']')) {
        return format!("map[{}]{}", shown(key), shown(inner));
    }
    match (go_type, go_types::shape(go_type)) {
        ("int32" | "int64" | "uint8" | "int", _) => "integer".to_owned(),
        ("float64", _) => "number".to_owned(),
        ("bool", _) => "boolean".to_owned(),
        ("v1.Time" | "v1.MicroTime", _) => "string".to_owned(),
        (_, Some(Shape::Named(other))) => shown(other),
        _ => go_type.rsplit('.').next().unwrap_or(go_type).to_owned(),
    }
}
