//! ReplicationControllers. Upstream: `pkg/apis/core/validation/validation.go`.

use std::rc::Rc;

use k8s_openapi::api::apps::v1::ReplicaSetStatus;
use k8s_openapi::api::core::v1 as core;

use super::field::{Faults, Path};
use super::workload;
use crate::api::{Labels, ReplicationController, Selector};

const SPEC: Path<'_> = Path::root("spec");

/// Checks a ReplicationController. A spec that the stored version has already is fine; its selector may change.
#[inline(never)]
pub(super) fn replication_controller(
    controller: &ReplicationController,
    before: Option<&ReplicationController>,
    faults: &mut Faults,
) {
    if before.is_some_and(|before| Rc::ptr_eq(&before.spec, &controller.spec)) {
        return;
    }
    let spec = &controller.spec;
    faults.negative(SPEC.child("minReadySeconds"), spec.min_ready_seconds);
    let selector = spec.selector.as_ref().filter(|selector| !selector.is_empty());
    if selector.is_none() {
        faults.required(SPEC.child("selector"), "");
    }
    faults.negative(SPEC.child("replicas"), spec.replicas);
    let path = SPEC.child("template");
    let Some(template) = &spec.template else {
        faults.required(path, "");
        return;
    };
    let labels = template.metadata.as_ref().and_then(|meta| meta.labels.as_ref());
    let is_selected =
        |selector: &Labels| Selector::from_map(selector).matches(labels.unwrap_or(&Labels::new()));
    if selector.is_some_and(|selector| !is_selected(selector)) {
        workload::unselected(labels, path, faults);
    }
    workload::lasting_template("ReplicationController", template, path, faults);
}

/// Checks the counters of a new status.
pub(super) fn status(status: &core::ReplicationControllerStatus, faults: &mut Faults) {
    let counters = ReplicaSetStatus {
        replicas: status.replicas,
        fully_labeled_replicas: status.fully_labeled_replicas,
        ready_replicas: status.ready_replicas,
        available_replicas: status.available_replicas,
        observed_generation: status.observed_generation,
        ..ReplicaSetStatus::default()
    };
    workload::replica_set_status(&counters, faults);
}
