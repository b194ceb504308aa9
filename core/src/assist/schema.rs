//! Which fields there are at a place of a manifest, and what they hold, from the API's types.

use crate::api::Kind;
use crate::api::go_types::{self, Field, Shape};
use crate::manifest::Segment;

/// What the metadata of an object holds that only the API server writes.
const SERVER_METADATA: [&str; 8] = [
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
];

/// The type of the value at the end of `path`, pointers taken off: `v1.Container`, `[]v1.Container`, `int32`.
pub(super) fn type_at(kind: Kind, path: &[Segment]) -> Option<&'static str> {
    path.iter().try_fold(root(kind)?, |holder, segment| inside(holder, segment))
}

/// The type of a kind: `v1.Deployment`.
fn root(kind: Kind) -> Option<&'static str> {
    go_types::named(&format!("{}.{}", kind.version(), kind.name()))
}

/// The type of what a value of type `holder` has at `segment`.
fn inside(holder: &'static str, segment: &Segment) -> Option<&'static str> {
    let inner = match segment {
        Segment::Index(_) => holder.strip_prefix("[]").filter(|_| holder != "[]uint8")?,
        Segment::Key(key) => match map_value(holder) {
            Some(value) => value,
            None => go_types::field(holder, key)?,
        },
    };
    Some(plain(inner))
}

/// The fields that an author may write in a struct, in upstream's order, each with the struct that declares it.
pub(super) fn fields(holder: &'static str) -> Vec<(&'static str, Field)> {
    go_types::fields(holder)
}

/// What a map holds: `string` of `map[string]string`.
pub(super) fn map_value(go_type: &'static str) -> Option<&'static str> {
    go_type.strip_prefix("map[").and_then(|rest| rest.split_once(']')).map(|(_, value)| value)
}

/// The type without its pointer; a name for a list or map gives way to what it names.
pub(super) fn plain(go_type: &'static str) -> &'static str {
    let bare = go_type.trim_start_matches('*');
    match go_types::shape(bare) {
        Some(Shape::Named(other)) if other.starts_with(['[', 'm']) => other,
        _ => bare,
    }
}

/// Whether a type has fields of its own.
pub(super) fn is_struct(go_type: &str) -> bool {
    matches!(go_types::shape(go_type), Some(Shape::Struct(_)))
}

/// Whether the API server alone writes the field at the end of `path`. A node's capacity is what the author says it is.
pub(super) fn is_of_the_server(kind: Kind, path: &[Segment]) -> bool {
    match path {
        [Segment::Key(first)] => first == "status" && kind != Kind::Node,
        [Segment::Key(first), Segment::Key(second), ..] => {
            (first == "status" && kind != Kind::Node)
                || (first == "metadata" && SERVER_METADATA.contains(&second.as_str()))
        }
        _ => false,
    }
}

/// What a type is called among people: `whole number`, `list of Container`.
pub(super) fn in_words(go_type: &'static str) -> String {
    let bare = plain(go_type);
    if bare == "[]uint8" {
        return "bytes in base64".to_owned();
    }
    if let Some(item) = bare.strip_prefix("[]") {
        return format!("list of {}", in_words(item));
    }
    if let Some(value) = map_value(bare) {
        return format!("map of {}", in_words(value));
    }
    match bare {
        "string" => "text",
        "bool" => "true or false",
        "int32" | "int64" | "uint8" => "whole number",
        "float64" => "number",
        "intstr.IntOrString" => "number or text",
        "resource.Quantity" => "quantity",
        "v1.Time" | "v1.MicroTime" => "point in time",
        "v1.Duration" => "duration",
        other => match go_types::shape(other) {
            Some(Shape::Named(inner)) => return in_words(inner),
            _ => other.rsplit('.').next().unwrap_or(other),
        },
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::parse_path;

    fn told(kind: Kind, path: &str) -> Option<String> {
        type_at(kind, &parse_path(path)).map(in_words)
    }

    #[test]
    fn a_path_leads_through_lists_maps_and_inlined_structs() {
        let words = |kind, path| told(kind, path).unwrap();
        assert_eq!(words(Kind::Deployment, "spec.template.spec.containers"), "list of Container");
        assert_eq!(
            words(Kind::Deployment, "spec.template.spec.containers[0].resources.limits[cpu]"),
            "quantity"
        );
        assert_eq!(words(Kind::Pod, "spec.volumes[0].configMap"), "ConfigMapVolumeSource");
        assert_eq!(words(Kind::Pod, "spec.restartPolicy"), "text");
        assert_eq!(words(Kind::HorizontalPodAutoscaler, "spec.minReplicas"), "whole number");
        assert_eq!(told(Kind::Pod, "spec.containers.image"), None);
        assert_eq!(told(Kind::Pod, "spec.nothing"), None);
    }
}
