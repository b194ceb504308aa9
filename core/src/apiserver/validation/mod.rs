//! Is the object well formed? Every field at fault is named, with upstream's words, in upstream's order.
//! Upstream: `pkg/apis/{core,apps,discovery}/validation`.
//!
//! What the stored version of an object shares with the new one was checked before and is not checked again.

mod claim;
mod container;
mod cron_job;
mod daemon_set;
mod endpoint_slice;
mod field;
mod go_value;
mod job;
mod metadata;
mod names;
mod persistent_volume;
mod pod;
mod pod_update;
mod probe;
mod replication_controller;
mod scheduling;
mod selector;
mod service;
mod stateful_set;
mod volume;
mod workload;

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::FieldError;
use crate::api::{Object, Pod};
use field::{Faults, Path};

/// Checks a new object, defaults filled in. A pod's spec is checked by [`pod_spec`].
pub(super) fn create(object: &Object) -> Vec<FieldError> {
    let mut faults = Faults::default();
    metadata::create(object, &mut faults);
    contents(object, None, &mut faults);
    faults.0
}

/// Checks a new version of an object against the stored one.
pub(super) fn update(after: &Object, before: &Object) -> Vec<FieldError> {
    let mut faults = Faults::default();
    metadata::update(after, before, &mut faults);
    contents(after, Some(before), &mut faults);
    if let (Object::Pod(after), Object::Pod(before)) = (after, before)
        && (!Rc::ptr_eq(&after.spec.spec, &before.spec.spec) || after.spec.node != before.spec.node)
    {
        pod_update::spec(after, before, &mut faults);
    }
    faults.0
}

/// Checks a new status.
pub(super) fn update_status(after: &Object, before: &Object) -> Vec<FieldError> {
    let mut faults = Faults::default();
    metadata::update(after, before, &mut faults);
    match after {
        Object::Deployment(it) => workload::deployment_status(&it.status, &mut faults),
        Object::ReplicaSet(it) => workload::replica_set_status(&it.status, &mut faults),
        Object::StatefulSet(it) => stateful_set::status(&it.status, &mut faults),
        Object::DaemonSet(it) => daemon_set::status(&it.status, &mut faults),
        // Kubelets report what is; the others have no counters to disagree.
        Object::Pod(_)
        | Object::Node(_)
        | Object::Namespace(_)
        | Object::Service(_)
        | Object::Event(_)
        | Object::EndpointSlice(_) => {}
        Object::ReplicationController(it) => replication_controller::status(&it.status, &mut faults),
        Object::ControllerRevision(_)
        | Object::Job(_)
        | Object::CronJob(_)
        | Object::HorizontalPodAutoscaler(_)
        | Object::PodDisruptionBudget(_)
        | Object::Endpoints(_)
        | Object::ResourceQuota(_)
        | Object::LimitRange(_)
        | Object::ConfigMap(_)
        | Object::Secret(_)
        | Object::PersistentVolumeClaim(_)
        | Object::PersistentVolume(_)
        | Object::StorageClass(_)
        | Object::PriorityClass(_) => {}
    }
    faults.0
}

/// Checks the spec of a new pod, defaults filled in.
pub(super) fn pod_spec(spec: &core::PodSpec, pod: &Pod) -> Vec<FieldError> {
    let mut faults = Faults::default();
    pod::spec(spec, Path::root("spec"), &mut faults);
    pod::create_only(spec, pod.node().is_some(), &mut faults);
    faults.0
}

fn contents(object: &Object, before: Option<&Object>, faults: &mut Faults) {
    match (object, before) {
        (Object::Deployment(it), Some(Object::Deployment(old))) => {
            workload::deployment(it, Some(old), faults)
        }
        (Object::Deployment(it), _) => workload::deployment(it, None, faults),
        (Object::ReplicaSet(it), Some(Object::ReplicaSet(old))) => {
            workload::replica_set(it, Some(old), faults)
        }
        (Object::ReplicaSet(it), _) => workload::replica_set(it, None, faults),
        (Object::Service(it), Some(Object::Service(old))) => service::service(it, Some(old), faults),
        (Object::Service(it), _) => service::service(it, None, faults),
        (Object::EndpointSlice(it), Some(Object::EndpointSlice(old))) => {
            endpoint_slice::endpoint_slice(it, Some(old), faults);
        }
        (Object::EndpointSlice(it), _) => endpoint_slice::endpoint_slice(it, None, faults),
        (Object::Node(it), _) => {
            // Upstream names the path so.
            scheduling::taints(it.taints(), Path::root("metadata").child("taints"), faults);
        }
        (Object::Namespace(_) | Object::Pod(_) | Object::Event(_), _) => {}
        (Object::ReplicationController(it), Some(Object::ReplicationController(old))) => {
            replication_controller::replication_controller(it, Some(old), faults);
        }
        (Object::ReplicationController(it), _) => {
            replication_controller::replication_controller(it, None, faults);
        }
        (Object::StatefulSet(it), Some(Object::StatefulSet(old))) => {
            stateful_set::stateful_set(it, Some(old), faults);
        }
        (Object::StatefulSet(it), _) => stateful_set::stateful_set(it, None, faults),
        (Object::DaemonSet(it), Some(Object::DaemonSet(old))) => {
            daemon_set::daemon_set(it, Some(old), faults);
        }
        (Object::DaemonSet(it), _) => daemon_set::daemon_set(it, None, faults),
        (Object::ControllerRevision(_), _) => {}
        (Object::Job(it), Some(Object::Job(old))) => job::job(it, Some(old), faults),
        (Object::Job(it), _) => job::job(it, None, faults),
        (Object::CronJob(it), Some(Object::CronJob(old))) => cron_job::cron_job(it, Some(old), faults),
        (Object::CronJob(it), _) => cron_job::cron_job(it, None, faults),
        (Object::HorizontalPodAutoscaler(_) | Object::PodDisruptionBudget(_), _) => {}
        (Object::Endpoints(_), _) => {}
        (Object::ResourceQuota(_) | Object::LimitRange(_) | Object::PriorityClass(_), _) => {}
        (Object::ConfigMap(_) | Object::Secret(_), _) => {}
        (Object::PersistentVolumeClaim(it), Some(Object::PersistentVolumeClaim(old))) => {
            claim::claim(it, Some(old), faults);
        }
        (Object::PersistentVolumeClaim(it), _) => claim::claim(it, None, faults),
        (Object::PersistentVolume(it), Some(Object::PersistentVolume(old))) => {
            persistent_volume::volume(it, Some(old), faults);
        }
        (Object::PersistentVolume(it), _) => persistent_volume::volume(it, None, faults),
        (Object::StorageClass(it), Some(Object::StorageClass(old))) => {
            persistent_volume::storage_class(it, Some(old), faults);
        }
        (Object::StorageClass(it), _) => persistent_volume::storage_class(it, None, faults),
    }
}
