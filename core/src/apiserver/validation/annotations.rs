//! Annotations that mean something to a pod. Upstream: `ValidatePodSpecificAnnotations` and what it calls in
//! `pkg/apis/core/validation/validation.go`.

use k8s_openapi::api::core::v1 as core;

use super::field::{Faults, Path};
use super::mounts;
use crate::api::{Labels, Pod};

/// Marks the API's picture of a static pod.
const MIRROR: &str = "kubernetes.io/config.mirror";
/// Whom a ReplicaSet that shrinks lets go first.
const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";
const SECCOMP_OF_POD: &str = "seccomp.security.alpha.kubernetes.io/pod";
const SECCOMP: &str = "container.seccomp.security.alpha.kubernetes.io/";
const APP_ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";

/// Checks those of a pod.
pub(super) fn of_pod(pod: &Pod, faults: &mut Faults) {
    if !pod.meta.annotations.is_empty() {
        let metadata = Path::root("metadata");
        check(&pod.meta.annotations, &pod.spec.spec, pod.node(), metadata.child("annotations"), faults);
    }
}

/// Checks those of a template.
pub(super) fn of_template(annotations: &Labels, spec: &core::PodSpec, path: Path<'_>, faults: &mut Faults) {
    if !annotations.is_empty() {
        check(annotations, spec, spec.node_name.as_deref(), path, faults);
    }
}

/// Some of them are given once. Upstream: `ValidatePodSpecificAnnotationUpdates`.
#[inline(never)]
pub(super) fn of_changed_pod(after: &Pod, before: &Pod, faults: &mut Faults) {
    let metadata = Path::root("metadata");
    let path = metadata.child("annotations");
    let (new, old) = (&*after.meta.annotations, &*before.meta.annotations);
    of_pod(after, faults);
    for key in old.iter().filter(|(key, value)| new.get(*key) != Some(value)).map(|(key, _)| key) {
        if key.starts_with(APP_ARMOR) {
            faults.forbidden(path.key(key), "may not remove or update AppArmor annotations");
        }
        if key == MIRROR {
            faults.forbidden(path.key(key), "may not remove or update mirror pod annotation");
        }
    }
    for key in new.keys().filter(|key| !old.contains_key(*key)) {
        if key.starts_with(APP_ARMOR) {
            faults.forbidden(path.key(key), "may not add AppArmor annotations");
        }
        if key == MIRROR {
            faults.forbidden(path.key(key), "may not add mirror pod annotation");
        }
    }
    of_pod(after, faults);
}

#[inline(never)]
fn check(
    annotations: &Labels,
    spec: &core::PodSpec,
    node: Option<&str>,
    path: Path<'_>,
    faults: &mut Faults,
) {
    if let Some(value) = annotations.get(MIRROR).filter(|_| node.is_none_or(str::is_empty)) {
        let detail = "must set spec.nodeName if mirror pod annotation is set";
        faults.invalid(path.key(MIRROR), value, detail);
    }
    if let Some(cost) = annotations.get(DELETION_COST).filter(|cost| !is_cost(cost)) {
        faults.invalid(path.key(DELETION_COST), cost, "must be a 32bit integer");
    }
    if let Some(profile) = annotations.get(SECCOMP_OF_POD) {
        seccomp(profile, path.child(SECCOMP_OF_POD), faults);
    }
    for (key, profile) in annotations {
        if key.starts_with(SECCOMP) {
            seccomp(profile, path.child(key), faults);
        }
    }
    for (key, profile) in annotations {
        let Some(name) = key.strip_prefix(APP_ARMOR) else { continue };
        let mut containers = spec.init_containers.iter().flatten().chain(&spec.containers);
        let has_debugger = spec.ephemeral_containers.iter().flatten().any(|container| container.name == name);
        if !containers.any(|container| container.name == name) && !has_debugger {
            faults.invalid(path.key(key), name, "container not found");
        }
        let is_known = matches!(profile.as_str(), "" | "runtime/default" | "unconfined");
        if !is_known && !profile.starts_with("localhost/") {
            faults.invalid(path.key(key), profile, format!("invalid AppArmor profile name: {profile:?}"));
        }
    }
}

/// `-5`, `0`, `17`: no sign before what is not negative, no zero in front.
fn is_cost(text: &str) -> bool {
    matches!(text.as_bytes(), [b'0'] | [b'-' | b'1'..=b'9', ..]) && text.parse::<i32>().is_ok()
}

fn seccomp(profile: &str, path: Path<'_>, faults: &mut Faults) {
    match profile {
        "runtime/default" | "docker/default" | "unconfined" => {}
        _ => match profile.strip_prefix("localhost/") {
            Some(file) => mounts::descending_path(file, path, faults),
            None => faults.invalid(path, profile, "must be a valid seccomp profile"),
        },
    }
}
