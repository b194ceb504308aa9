//! API objects as Go prints its internal types: some faults show whole structs, with Go's field names.
//!
//! `{"Type":"BlueGreen","RollingUpdate":null}`: every field is there, absent pointers, lists and maps are null.
//! Upstream: `encoding/json` over `pkg/apis/{core,apps}/types.go`.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::api::go_types::{self, Shape};

/// The fields of the internal PodSpec, whose order is not that of the versioned one.
const POD_SPEC: &[&str] = &[
    "volumes",
    "initContainers",
    "containers",
    "ephemeralContainers",
    "restartPolicy",
    "terminationGracePeriodSeconds",
    "activeDeadlineSeconds",
    "dnsPolicy",
    "nodeSelector",
    "serviceAccountName",
    "automountServiceAccountToken",
    "nodeName",
    "securityContext",
    "imagePullSecrets",
    "hostname",
    "subdomain",
    "setHostnameAsFQDN",
    "affinity",
    "schedulerName",
    "tolerations",
    "hostAliases",
    "priorityClassName",
    "priority",
    "preemptionPolicy",
    "dnsConfig",
    "readinessGates",
    "runtimeClassName",
    "overhead",
    "enableServiceLinks",
    "topologySpreadConstraints",
    "os",
    "schedulingGates",
    "resourceClaims",
    "resources",
    "hostnameOverride",
    "schedulingGroup",
];
/// Fields that the versioned PodSpec has itself and the internal one keeps in its security context, first.
const MOVED_TO_SECURITY: &[&str] =
    &["hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers"];
/// The other fields of the internal PodSecurityContext.
const POD_SECURITY: &[&str] = &[
    "seLinuxOptions",
    "windowsOptions",
    "runAsUser",
    "runAsGroup",
    "runAsNonRoot",
    "supplementalGroups",
    "supplementalGroupsPolicy",
    "fsGroup",
    "fsGroupChangePolicy",
    "sysctls",
    "seccompProfile",
    "appArmorProfile",
    "seLinuxChangePolicy",
];

/// A value with its fields in Go's order.
enum GoValue {
    Scalar(String),
    List(Vec<GoValue>),
    Map(Vec<(String, GoValue)>),
}

/// `value`, of the Go type `go_type` (`v1.DeploymentStrategy`), on one line.
pub(super) fn compact(go_type: &str, value: &impl Serialize) -> String {
    let mut text = String::new();
    tree(go_type, value).write(&mut text, None);
    text
}

/// The same over many lines, each level indented by one blank.
pub(super) fn indented(go_type: &str, value: &impl Serialize) -> String {
    let mut text = String::new();
    tree(go_type, value).write(&mut text, Some(0));
    text
}

fn tree(go_type: &str, value: &impl Serialize) -> GoValue {
    // The API types serialise into plain maps, lists and scalars: this cannot fail.
    convert(go_type, Some(&serde_json::to_value(value).unwrap_or_default()))
}

fn move_to_security(spec: &mut Value) {
    let Some(spec) = spec.as_object_mut() else { return };
    for name in MOVED_TO_SECURITY {
        let Some(value) = spec.remove(*name) else { continue };
        let security = spec.entry("securityContext").or_insert_with(|| Value::Object(Map::new()));
        if let Some(security) = security.as_object_mut() {
            security.insert((*name).to_owned(), value);
        }
    }
}

fn convert(go_type: &str, json: Option<&Value>) -> GoValue {
    let json = json.filter(|json| !json.is_null());
    let null = || GoValue::Scalar("null".to_owned());
    if let Some(pointed) = go_type.strip_prefix('*') {
        return if json.is_some() { convert(pointed, json) } else { null() };
    }
    if let Some(inner) = go_type.strip_prefix("[]") {
        let Some(items) = json.and_then(Value::as_array) else { return null() };
        return GoValue::List(items.iter().map(|item| convert(inner, Some(item))).collect());
    }
    if let Some((_, inner)) = go_type.strip_prefix("map[").and_then(|rest| rest.split_once(']')) {
        let Some(entries) = json.and_then(Value::as_object) else { return null() };
        return GoValue::Map(
            entries.iter().map(|(key, value)| (key.clone(), convert(inner, Some(value)))).collect(),
        );
    }
    match go_types::shape(go_type) {
        Some(Shape::Named(other)) => convert(other, json),
        Some(Shape::Struct(_)) => {
            let mut fields = Vec::new();
            add_fields(go_type, json, &mut fields);
            GoValue::Map(fields)
        }
        None => GoValue::Scalar(json.map_or_else(|| zero(go_type).to_owned(), Value::to_string)),
    }
}

fn add_fields(go_type: &str, json: Option<&Value>, fields: &mut Vec<(String, GoValue)>) {
    match go_type {
        // What is embedded keeps its JSON names, and leaves out what is empty.
        "v1.PodTemplateSpec" => {
            let metadata = json.and_then(|json| json.get("metadata"));
            let Some(Shape::Struct(own)) = go_types::shape("v1.ObjectMeta") else { return };
            for field in own {
                let value = metadata.and_then(|metadata| metadata.get(field.json));
                if let Some(value) = value.filter(|value| !value.is_null()) {
                    fields.push((field.json.to_owned(), convert(field.go_type, Some(value))));
                }
            }
            let spec = json.and_then(|json| json.get("spec"));
            fields.push(("Spec".to_owned(), convert("v1.PodSpec", spec)));
        }
        // The internal types have these as the API has them.
        "v1.LabelSelector" | "v1.LabelSelectorRequirement" => {
            let Some(Shape::Struct(own)) = go_types::shape(go_type) else { return };
            for field in own {
                let value = json.and_then(|json| json.get(field.json)).filter(|value| !value.is_null());
                let is_empty = value.is_none_or(|value| {
                    value.as_array().is_some_and(Vec::is_empty)
                        || value.as_object().is_some_and(Map::is_empty)
                });
                if !is_empty || matches!(field.json, "key" | "operator") {
                    fields.push((field.json.to_owned(), convert(field.go_type, value)));
                }
            }
        }
        "v1.PodSpec" => {
            let mut json = json.cloned().unwrap_or_default();
            move_to_security(&mut json);
            add_named("v1.PodSpec", POD_SPEC, Some(&json), fields);
        }
        "v1.PodSecurityContext" => {
            add_named("v1.PodSpec", MOVED_TO_SECURITY, json, fields);
            add_named("v1.PodSecurityContext", POD_SECURITY, json, fields);
        }
        _ => {
            let Some(Shape::Struct(own)) = go_types::shape(go_type) else { return };
            for field in own {
                if field.json.is_empty() {
                    add_fields(field.go_type, json, fields);
                } else {
                    let value = json.and_then(|json| json.get(field.json));
                    fields.push((field.go_name(), convert(field.go_type, value)));
                }
            }
        }
    }
}

fn add_named(owner: &str, names: &[&str], json: Option<&Value>, fields: &mut Vec<(String, GoValue)>) {
    let Some(Shape::Struct(own)) = go_types::shape(owner) else { return };
    for name in names {
        if let Some(field) = own.iter().find(|field| field.json == *name) {
            fields.push((field.go_name(), convert(field.go_type, json.and_then(|json| json.get(*name)))));
        }
    }
}

/// What an absent value of a plain type prints as.
fn zero(go_type: &str) -> &'static str {
    match go_type {
        "string" => "\"\"",
        "bool" => "false",
        "resource.Quantity" => "\"0\"",
        "v1.Time" | "v1.MicroTime" => "null",
        _ => "0",
    }
}

impl GoValue {
    /// On one line, or with `depth` blanks before each line of its own.
    fn write(&self, text: &mut String, depth: Option<usize>) {
        match self {
            GoValue::Scalar(scalar) => text.push_str(scalar),
            GoValue::List(items) => {
                let items: Vec<(Option<&str>, &GoValue)> = items.iter().map(|item| (None, item)).collect();
                write_all(text, ('[', ']'), &items, depth);
            }
            GoValue::Map(entries) => {
                let entries: Vec<(Option<&str>, &GoValue)> =
                    entries.iter().map(|(key, value)| (Some(key.as_str()), value)).collect();
                write_all(text, ('{', '}'), &entries, depth);
            }
        }
    }
}

fn write_all(
    text: &mut String,
    (open, close): (char, char),
    entries: &[(Option<&str>, &GoValue)],
    depth: Option<usize>,
) {
    text.push(open);
    for (index, (key, value)) in entries.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        new_line(text, depth.map(|depth| depth + 1));
        if let Some(key) = key {
            text.push_str(&Value::from(*key).to_string());
            text.push_str(if depth.is_some() { ": " } else { ":" });
        }
        value.write(text, depth.map(|depth| depth + 1));
    }
    if !entries.is_empty() {
        new_line(text, depth);
    }
    text.push(close);
}

fn new_line(text: &mut String, depth: Option<usize>) {
    if let Some(depth) = depth {
        text.push('\n');
        text.extend(std::iter::repeat_n(' ', depth));
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::{apps::v1 as apps, core::v1 as core};

    use super::{compact, indented};

    #[test]
    fn every_field_is_printed_under_its_go_name() {
        let strategy = apps::DeploymentStrategy { type_: Some("BlueGreen".to_owned()), rolling_update: None };
        assert_eq!(
            compact("v1.DeploymentStrategy", &strategy),
            r#"{"Type":"BlueGreen","RollingUpdate":null}"#
        );
        let context = core::SecurityContext { privileged: Some(true), ..core::SecurityContext::default() };
        let text = compact("v1.SecurityContext", &context);
        assert!(
            text.starts_with(r#"{"Capabilities":null,"Privileged":true,"SELinuxOptions":null,"#),
            "{text}"
        );
    }

    #[test]
    fn the_internal_pod_spec_keeps_host_namespaces_in_its_security_context() {
        let spec = core::PodSpec { host_network: Some(true), ..core::PodSpec::default() };
        let text = indented("v1.PodSpec", &spec);
        assert!(
            text.contains("\n \"SecurityContext\": {\n  \"HostNetwork\": true,\n  \"HostPID\": false,"),
            "{text}"
        );
    }
}
