//! Kinds that nobody acts on, in tables: name and age where there is nothing better.

use serde_json::Value;

use super::age;
use super::table::{Column, always};
use crate::api::{Inert, InertKind};
use crate::time::Time;

const PLAIN: &[Column] = &[always("NAME"), always("AGE")];
const DEFINITION: &[Column] = &[always("NAME"), always("CREATED AT")];
const INGRESS: &[Column] =
    &[always("NAME"), always("CLASS"), always("HOSTS"), always("ADDRESS"), always("PORTS"), always("AGE")];
const INGRESS_CLASS: &[Column] = &[always("NAME"), always("CONTROLLER"), always("PARAMETERS"), always("AGE")];
const LEASE: &[Column] = &[always("NAME"), always("HOLDER"), always("AGE")];

pub(super) fn columns(kind: InertKind) -> &'static [Column] {
    match kind.names().kind {
        _ if kind.is_added() => PLAIN,
        "CustomResourceDefinition" => DEFINITION,
        "Ingress" => INGRESS,
        "IngressClass" => INGRESS_CLASS,
        "Lease" => LEASE,
        _ => PLAIN,
    }
}

pub(super) fn cells(object: &Inert, now: Time) -> Vec<String> {
    let spec = object.spec.fields.get("spec").unwrap_or(&Value::Null);
    let (name, age) = (object.name().to_owned(), age::since(object.meta.created, now));
    let text = |path: &str| spec.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
    match object.spec.kind.names().kind {
        _ if object.spec.kind.is_added() => vec![name, age],
        "CustomResourceDefinition" => vec![name, object.meta.created.to_api().0.to_string()],
        "Ingress" => {
            let class = text("/ingressClassName");
            let class = if class.is_empty() { super::NONE.to_owned() } else { class };
            let ports =
                if spec["tls"].as_array().is_some_and(|tls| !tls.is_empty()) { "80, 443" } else { "80" };
            vec![name, class, hosts(spec), String::new(), ports.to_owned(), age]
        }
        "IngressClass" => vec![name, text("/controller"), super::NONE.to_owned(), age],
        "Lease" => vec![name, text("/holderIdentity"), age],
        _ => vec![name, age],
    }
}

/// The hosts of an Ingress's rules: three, and how many more.
fn hosts(spec: &Value) -> String {
    let rules = spec["rules"].as_array().map(Vec::as_slice).unwrap_or_default();
    let hosts: Vec<&str> =
        rules.iter().filter_map(|rule| rule["host"].as_str()).filter(|host| !host.is_empty()).collect();
    match hosts.len() {
        0 => "*".to_owned(),
        count @ 4.. => format!("{} + {} more...", hosts[..3].join(","), count - 3),
        _ => hosts.join(","),
    }
}
