//! ConfigMaps, Secrets, PriorityClasses and Namespaces. Upstream: `pkg/apis/core/validation/validation.go`,
//! `pkg/apis/scheduling/validation/validation.go`.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;

use super::field::{Faults, Path, Shown};
use super::{names, pod};
use crate::api::{ConfigMap, Namespace, PriorityClass, Secret};

/// How many bytes a ConfigMap or Secret may hold.
const SIZE: usize = 1 << 20;
/// The highest value of a class that is not the system's.
const HIGHEST: i32 = 1_000_000_000;
/// Finalizers that need no domain.
const FINALIZERS: [&str; 3] = ["kubernetes", "orphan", "foregroundDeletion"];
const FROZEN: &str = "field is immutable when `immutable` is set";

/// Checks a ConfigMap.
#[inline(never)]
pub(super) fn config_map(map: &ConfigMap, before: Option<&ConfigMap>, faults: &mut Faults) {
    let content = &map.spec;
    if let Some(before) = before.filter(|before| before.spec.immutable == Some(true)) {
        let changed = [
            ("immutable", content.immutable != Some(true)),
            ("data", content.data != before.spec.data),
            ("binaryData", content.binary_data != before.spec.binary_data),
        ];
        frozen(&changed, faults);
    }
    let list = Path::root("data");
    let mut size = 0;
    for (key, value) in content.data.iter().flatten() {
        faults.invalid_each(list.key(key), key, names::config_key(key));
        if content.binary_data.as_ref().is_some_and(|binary| binary.contains_key(key)) {
            faults.invalid(list.key(key), key, "duplicate of key present in binaryData");
        }
        size += value.len();
    }
    size += bytes(content.binary_data.as_ref(), Path::root("binaryData"), faults);
    if size > SIZE {
        faults.too_long(Path::root("[]"), SIZE);
    }
}

/// Tells of the fields that have changed though none may.
fn frozen(changed: &[(&'static str, bool)], faults: &mut Faults) {
    for (field, _) in changed.iter().filter(|(_, is_changed)| *is_changed) {
        faults.forbidden(Path::root(field), FROZEN);
    }
}

/// Checks the keys of some data, and says how much it is.
fn bytes(data: Option<&BTreeMap<String, ByteString>>, list: Path<'_>, faults: &mut Faults) -> usize {
    let mut size = 0;
    for (key, value) in data.into_iter().flatten() {
        faults.invalid_each(list.key(key), key, names::config_key(key));
        size += value.0.len();
    }
    size
}

/// Checks a Secret: each type has keys of its own.
#[inline(never)]
pub(super) fn secret(secret: &Secret, before: Option<&Secret>, faults: &mut Faults) {
    let content = &secret.spec;
    if let Some(before) = before {
        if content.type_ != before.spec.type_ {
            faults.invalid(Path::root("type"), Shown::json(&content.type_), "field is immutable");
        }
        if before.spec.immutable == Some(true) {
            let changed =
                [("immutable", content.immutable != Some(true)), ("data", content.data != before.spec.data)];
            frozen(&changed, faults);
        }
    }
    let list = Path::root("data");
    if bytes(content.data.as_ref(), list, faults) > SIZE {
        faults.too_long(list, SIZE);
    }
    let get = |key: &str| content.data.as_ref().and_then(|data| data.get(key));
    let mut needs = |keys: &[&str]| {
        for key in keys.iter().filter(|key| get(key).is_none()) {
            faults.required(list.key(key), "");
        }
    };
    match content.type_.as_deref().unwrap_or_default() {
        "kubernetes.io/service-account-token" => {
            const NAME: &str = "kubernetes.io/service-account.name";
            if secret.meta.annotations.get(NAME).is_none_or(String::is_empty) {
                let metadata = Path::root("metadata");
                let annotations = metadata.child("annotations");
                faults.required(annotations.key(NAME), "");
            }
        }
        "kubernetes.io/dockercfg" => registry(".dockercfg", get(".dockercfg"), faults),
        "kubernetes.io/dockerconfigjson" => registry(".dockerconfigjson", get(".dockerconfigjson"), faults),
        "kubernetes.io/basic-auth" if get("username").is_none() && get("password").is_none() => {
            needs(&["username", "password"]);
        }
        "kubernetes.io/ssh-auth" if get("ssh-privatekey").is_none_or(|key| key.0.is_empty()) => {
            faults.required(list.key("ssh-privatekey"), "");
        }
        "kubernetes.io/tls" => needs(&["tls.crt", "tls.key"]),
        _ => {}
    }
}

/// Passwords of registries are JSON.
fn registry(key: &str, value: Option<&ByteString>, faults: &mut Faults) {
    let list = Path::root("data");
    let Some(value) = value else { return faults.required(list.key(key), "") };
    let detail = match serde_json::from_slice::<serde_json::Value>(&value.0) {
        Ok(serde_json::Value::Object(_) | serde_json::Value::Null) => return,
        Ok(other) => {
            let found = match other {
                serde_json::Value::Array(_) => "array",
                serde_json::Value::Bool(_) => "bool",
                serde_json::Value::Number(_) => "number",
                _ => "string",
            };
            format!("json: cannot unmarshal {found} into Go value of type map[string]interface {{}}")
        }
        Err(problem) if problem.is_eof() => "unexpected end of JSON input".to_owned(),
        Err(problem) => {
            let line = value.0.split(|byte| *byte == b'\n').nth(problem.line().saturating_sub(1));
            let place = problem.column().saturating_sub(1);
            let byte = line.and_then(|line| line.get(place)).copied().unwrap_or(b' ');
            format!("invalid character '{}' looking for beginning of value", char::from(byte))
        }
    };
    faults.invalid(list.key(key), "<secret contents redacted>", detail);
}

/// Checks a PriorityClass: who uses it relies on its value.
#[inline(never)]
pub(super) fn priority_class(class: &PriorityClass, before: Option<&PriorityClass>, faults: &mut Faults) {
    let content = &class.spec;
    if let Some(before) = before {
        if content.value != before.spec.value {
            faults.forbidden(Path::root("value"), "may not be changed in an update.");
        }
        if content.preemption_policy != before.spec.preemption_policy {
            let shown = Shown::json(&content.preemption_policy);
            faults.invalid(Path::root("preemptionPolicy"), shown, "field is immutable");
        }
        return;
    }
    if class.name().starts_with("system-") {
        let detail = format!(
            "priority class names with 'system-' prefix are reserved for system use only. error: {} is not a known system \
             priority class",
            class.name()
        );
        faults.forbidden(Path::root("metadata").child("name"), detail);
    } else if content.value.unwrap_or(0) > HIGHEST {
        let detail = format!("maximum allowed value of a user defined priority is {HIGHEST}");
        faults.forbidden(Path::root("value"), detail);
    }
    if let Some(policy) = content.preemption_policy.as_deref() {
        pod::preemption_policy(policy, Path::root("preemptionPolicy"), faults);
    }
}

/// Checks what a Namespace waits for when it is deleted.
#[inline(never)]
pub(super) fn namespace(namespace: &Namespace, faults: &mut Faults) {
    let path = Path::root("spec");
    let path = path.child("finalizers");
    for name in namespace.spec.finalizers.iter().flatten() {
        faults.invalid_each(path, name, names::qualified_name(name));
        if !name.contains('/') && !FINALIZERS.contains(&name.as_str()) {
            let detail = "name is neither a standard finalizer name nor is it fully qualified";
            faults.invalid(path, name, detail);
        }
    }
}
