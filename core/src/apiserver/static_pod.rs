//! A pod from a file: completed and checked as the API server would, by a kubelet that asks nobody.
//! Upstream: `pkg/kubelet/config/common.go` (`tryDecodeSinglePod`).

use std::rc::Rc;

use super::{defaults, pod_status, validation};
use crate::api::{Object, Pod};

/// Completes a pod and gives it its first status.
///
/// # Errors
/// The first thing that is wrong with it, in a sentence.
pub(crate) fn complete(pod: Pod) -> Result<Pod, String> {
    let mut pod = pod;
    let spec = Rc::make_mut(&mut pod.spec.spec);
    defaults::pod::pod_spec(spec);
    if let Some(resource) = referenced(spec) {
        return Err(format!("static pods may not reference {resource}"));
    }
    pod.status = Rc::new(pod_status::initial(&pod.spec.spec));
    let mut faults = validation::create(&Object::Pod(Rc::new(pod.clone())));
    faults.extend(validation::pod_spec(&pod.spec.spec, &pod));
    match faults.first() {
        Some(fault) => Err(format!("{}: {}", fault.field, fault.detail)),
        None => Ok(pod),
    }
}

/// The first kind of API object that a pod's spec names.
fn referenced(spec: &k8s_openapi::api::core::v1::PodSpec) -> Option<&'static str> {
    if spec.service_account_name.as_ref().is_some_and(|name| !name.is_empty()) {
        return Some("serviceaccounts");
    }
    let containers = || spec.init_containers.iter().flatten().chain(&spec.containers);
    for container in containers() {
        for from in container.env_from.iter().flatten() {
            let secret = from.secret_ref.as_ref().map(|_| "secrets");
            let found = from.config_map_ref.as_ref().map(|_| "configmaps").or(secret);
            if found.is_some() {
                return found;
            }
        }
        for from in container.env.iter().flatten().filter_map(|variable| variable.value_from.as_ref()) {
            let secret = from.secret_key_ref.as_ref().map(|_| "secrets");
            let found = from.config_map_key_ref.as_ref().map(|_| "configmaps").or(secret);
            if found.is_some() {
                return found;
            }
        }
    }
    spec.volumes.iter().flatten().find_map(|volume| {
        let map = volume.config_map.as_ref().map(|_| "configmaps");
        let secret = volume.secret.as_ref().map(|_| "secrets");
        let claim = volume.persistent_volume_claim.as_ref().map(|_| "persistentvolumeclaims");
        map.or(secret).or(claim)
    })
}
