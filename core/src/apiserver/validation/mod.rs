//! Is the object well formed? Every field at fault is named, with upstream's words.
//! Upstream: `pkg/apis/{core,apps,discovery}/validation`.

mod names;

use k8s_openapi::api::core::v1 as core;

use super::{Fault, FieldError};
use crate::api::{Object, Pod};

/// Checks a new object, defaults filled in. A pod's spec is checked by [`pod_spec`].
pub(super) fn create(object: &Object) -> Vec<FieldError> {
    names::object_name(object)
}

/// Checks a new version of an object against the stored one.
pub(super) fn update(_after: &Object, _before: &Object) -> Vec<FieldError> {
    Vec::new()
}

/// Checks a new status.
pub(super) fn update_status(_after: &Object, _before: &Object) -> Vec<FieldError> {
    Vec::new()
}

/// Checks the spec of a new pod, defaults filled in.
pub(super) fn pod_spec(spec: &core::PodSpec, _pod: &Pod) -> Vec<FieldError> {
    let mut causes = Vec::new();
    if spec.containers.is_empty() {
        causes.push(FieldError {
            field: "spec.containers".to_owned(),
            fault: Fault::Required,
            value: String::new(),
            detail: String::new(),
        });
    }
    causes
}
