//! Ingresses. Nobody acts on them, but a wrong one is told as by any cluster.
//! Upstream: `pkg/apis/networking/validation/validation.go`.

use std::net::IpAddr;

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::api::networking::v1 as networking;

use super::field::{Faults, Path, Shown};
use super::names;
use crate::api::Inert;

const KIND: (&str, &str) = ("networking.k8s.io/v1", "Ingress");
const SPEC: Path<'_> = Path::root("spec");
const ANNOTATIONS: Path<'_> = Path::root("annotations");
/// What named an Ingress's class before there was a field for it.
const CLASS: &str = "kubernetes.io/ingress.class";
const PATH_TYPES: [&str; 3] = ["Exact", "ImplementationSpecific", "Prefix"];
/// What a path must not contain, and what must not be at its end.
const SEQUENCES: [&str; 5] = ["//", "/./", "/../", "%2f", "%2F"];
const SUFFIXES: [&str; 2] = ["/..", "/."];

/// Checks an object that nobody acts on, if it is an Ingress.
#[inline(never)]
pub(super) fn ingress(ingress: &Inert, is_new: bool, faults: &mut Faults) {
    let names = ingress.spec.kind.names();
    if (names.api_version, names.kind) != KIND {
        return;
    }
    let spec = ingress.spec.fields.get("spec").cloned().unwrap_or_default();
    // What is of another type than it should be was refused when it was read.
    let Ok(spec) = serde_json::from_value::<Option<networking::IngressSpec>>(spec) else { return };
    let spec = spec.unwrap_or_default();
    let rules = spec.rules.as_deref().unwrap_or_default();
    if rules.is_empty() && spec.default_backend.is_none() {
        let none = if spec.rules.is_some() { "[]" } else { "null" };
        let detail = "either `defaultBackend` or `rules` must be specified";
        faults.invalid(SPEC, Shown::verbatim(none), detail);
    }
    if let Some(default) = &spec.default_backend {
        backend(default, SPEC.child("defaultBackend"), faults);
    }
    let list = SPEC.child("rules");
    for (index, each) in rules.iter().enumerate() {
        rule(each, list.index(index), faults);
    }
    let list = SPEC.child("tls");
    for (index, each) in spec.tls.iter().flatten().enumerate() {
        certificate(each, list.index(index), faults);
    }
    if let Some(class) = &spec.ingress_class_name {
        faults.invalid_each(SPEC.child("ingressClassName"), class, names::dns_subdomain(class));
        if let Some(annotated) = ingress.annotation(CLASS).filter(|it| is_new && it != class) {
            let detail = "must match `ingressClassName` when both are specified";
            faults.invalid(ANNOTATIONS.child(CLASS), annotated, detail);
        }
    }
}

fn rule(rule: &networking::IngressRule, path: Path<'_>, faults: &mut Faults) {
    let host = rule.host.as_deref().unwrap_or_default();
    let at = path.child("host");
    if host.parse::<IpAddr>().is_ok() {
        faults.invalid(at, host, "must be a DNS name, not an IP address");
    }
    if !host.is_empty() {
        faults.invalid_each(at, host, names::host(host));
    }
    let Some(http) = &rule.http else { return };
    let http_path = path.child("http");
    let list = http_path.child("paths");
    if http.paths.is_empty() {
        faults.required(list, "");
    }
    for (index, each) in http.paths.iter().enumerate() {
        http_rule(each, list.index(index), faults);
    }
}

fn http_rule(rule: &networking::HTTPIngressPath, path: Path<'_>, faults: &mut Faults) {
    let (at, text) = (path.child("path"), rule.path.as_deref().unwrap_or_default());
    match rule.path_type.as_str() {
        "" => return faults.required(path.child("pathType"), "pathType must be specified"),
        "Exact" | "Prefix" => {
            if !text.starts_with('/') {
                faults.invalid(at, text, "must be an absolute path");
            }
            for sequence in SEQUENCES.into_iter().filter(|sequence| text.contains(sequence)) {
                faults.invalid(at, text, format!("must not contain '{sequence}'"));
            }
            for suffix in SUFFIXES.into_iter().filter(|suffix| text.ends_with(suffix)) {
                faults.invalid(at, text, format!("cannot end with '{suffix}'"));
            }
        }
        "ImplementationSpecific" => {
            if !text.is_empty() && !text.starts_with('/') {
                faults.invalid(at, text, "must be an absolute path");
            }
        }
        other => faults.unsupported(path.child("pathType"), other, &PATH_TYPES),
    }
    backend(&rule.backend, path.child("backend"), faults);
}

fn backend(backend: &networking::IngressBackend, path: Path<'_>, faults: &mut Faults) {
    match (&backend.resource, &backend.service) {
        (Some(_), Some(_)) => faults.invalid(path, "", "cannot set both resource and service backends"),
        (Some(object), None) => resource(object, path.child("resource"), faults),
        (None, Some(to)) => service(to, path, faults),
        (None, None) => faults.invalid(path, "", "resource or service backend is required"),
    }
}

/// What is wrong with a port as a whole is told of the backend.
fn service(to: &networking::IngressServiceBackend, backend: Path<'_>, faults: &mut Faults) {
    let path = backend.child("service");
    if to.name.is_empty() {
        faults.required(path.child("name"), "");
    } else {
        faults.invalid_each(path.child("name"), &to.name, names::dns_label(&to.name));
    }
    let name = to.port.as_ref().and_then(|port| port.name.as_deref()).filter(|name| !name.is_empty());
    let number = to.port.as_ref().and_then(|port| port.number).filter(|number| *number != 0);
    let port = path.child("port");
    match (name, number) {
        (Some(_), Some(_)) => faults.invalid(backend, "", "cannot set both port name & port number"),
        (Some(name), None) => faults.invalid_each(port.child("name"), name, names::port_name(name)),
        (None, Some(number)) if !names::is_port(number) => {
            faults.invalid(port.child("number"), number, names::PORT_RANGE);
        }
        (None, Some(_)) => {}
        (None, None) => faults.required(backend, "port name or number is required"),
    }
}

fn resource(object: &core::TypedLocalObjectReference, path: Path<'_>, faults: &mut Faults) {
    if let Some(group) = &object.api_group {
        faults.invalid_each(path.child("apiGroup"), group, names::dns_subdomain(group));
    }
    for (field, text, detail) in
        [("kind", &object.kind, "kind is required"), ("name", &object.name, "name is required")]
    {
        if text.is_empty() {
            faults.required(path.child(field), detail);
        } else {
            faults.invalid_each(path.child(field), text, names::path_segment(text));
        }
    }
}

fn certificate(certificate: &networking::IngressTLS, path: Path<'_>, faults: &mut Faults) {
    let list = path.child("hosts");
    for (index, host) in certificate.hosts.iter().flatten().enumerate() {
        faults.invalid_each(list.index(index), host, names::host(host));
    }
    if let Some(secret) = certificate.secret_name.as_ref().filter(|secret| !secret.is_empty()) {
        faults.invalid_each(path.child("secretName"), secret, names::dns_subdomain(secret));
    }
}
