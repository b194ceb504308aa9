//! Is the object well formed? Every field at fault is named, with upstream's words, in upstream's order.
//! Upstream: `pkg/apis/{core,apps,discovery}/validation`.
//!
//! What the stored version of an object shares with the new one was checked before and is not checked again.

mod annotations;
mod autoscaler;
mod claim;
mod configuration;
mod container;
mod cron_job;
mod daemon_set;
mod disruption_budget;
mod endpoint_slice;
mod endpoints;
mod environment;
mod ephemeral_container;
mod field;
mod go_value;
mod ingress;
mod job;
mod known;
mod metadata;
mod mounts;
mod names;
mod network_policy;
mod node;
mod operating_system;
mod persistent_volume;
mod pod;
mod pod_update;
mod probe;
mod quota;
mod rbac;
mod replication_controller;
mod resources;
mod scheduling;
mod security;
mod selector;
mod service;
mod stateful_set;
mod volume;
mod volume_source;
mod workload;

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::FieldError;
use crate::api::{Kind, Object, Pod, Stored};
use field::{Faults, Path};
use metadata::Again;
pub(super) use names::dns_label;
pub(crate) use names::label_value;

/// Checks a new object, defaults filled in. A pod's spec is checked by [`pod_spec`].
pub(super) fn create(object: &Object) -> Vec<FieldError> {
    let mut faults = Faults::default();
    if object.kind() == Kind::PodDisruptionBudget {
        // Upstream looks at its metadata only once the rest is fine.
        contents(object, None, &mut faults);
        if faults.0.is_empty() {
            metadata::create(object, &mut faults);
        }
        return faults.0;
    }
    metadata::create(object, &mut faults);
    if let Object::Pod(pod) = object {
        annotations::of_pod(pod, &mut faults);
    }
    contents(object, None, &mut faults);
    faults.0
}

/// Checks a new version of an object against the stored one.
pub(super) fn update(after: &Object, before: &Object) -> Vec<FieldError> {
    let is_relabelled = !Rc::ptr_eq(after.meta(), before.meta());
    let metadata = if is_relabelled { Again::new(after, before) } else { Again::default() };
    let mut specific = Faults::default();
    contents(after, Some(before), &mut specific);
    if let (Object::Pod(after), Object::Pod(before)) = (after, before) {
        if is_relabelled {
            annotations::of_changed_pod(after, before, &mut specific);
        }
        if !Rc::ptr_eq(&after.spec.spec, &before.spec.spec) || after.spec.node != before.spec.node {
            pod_update::spec(after, before, &mut specific);
        }
    }
    if metadata.is_empty() && specific.0.is_empty() {
        Vec::new()
    } else {
        told_again(after, &metadata, specific)
    }
}

/// Upstream tells of the metadata for every kind first, then as often as the kind's own rules look at it; and of some
/// kinds it checks a new version as a new object, and then once more against the stored one.
#[inline(never)]
fn told_again(after: &Object, metadata: &Again, specific: Faults) -> Vec<FieldError> {
    use Kind::*;
    let mut told: Vec<FieldError> = metadata.generic().collect();
    let specific = specific.0;
    match after.kind() {
        ReplicaSet | ReplicationController | DaemonSet | Job | Namespace | Node | NetworkPolicy => {
            told.extend(create(after));
            told.extend(metadata.change());
            told.extend(specific);
        }
        PersistentVolumeClaim => {
            told.extend(create(after));
            told.extend(metadata.change().chain(metadata.whole()));
            told.extend(specific);
        }
        PersistentVolume => {
            told.extend(create(after));
            told.extend(metadata.whole());
            told.extend(specific);
        }
        Role | ClusterRole | RoleBinding | ClusterRoleBinding => {
            told.extend(create(after));
            told.extend(metadata.whole());
            told.extend(specific);
            told.extend(metadata.change());
        }
        StorageClass => {
            told.extend(metadata.whole());
            told.extend(specific);
            told.extend(metadata.change());
        }
        Pod | Service | ConfigMap | Secret | ServiceAccount | Endpoints => {
            told.extend(metadata.change().chain(metadata.whole()));
            told.extend(specific);
        }
        LimitRange | EndpointSlice => {
            told.extend(metadata.whole());
            told.extend(specific);
        }
        Deployment
        | StatefulSet
        | CronJob
        | HorizontalPodAutoscaler
        | ResourceQuota
        | PriorityClass
        | ControllerRevision
        | Event => {
            told.extend(metadata.change());
            told.extend(specific);
        }
        PodDisruptionBudget | Inert(_) => told.extend(specific),
    }
    told
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
        | Object::PriorityClass(_)
        | Object::ServiceAccount(_)
        | Object::Role(_)
        | Object::ClusterRole(_)
        | Object::RoleBinding(_)
        | Object::ClusterRoleBinding(_)
        | Object::NetworkPolicy(_)
        | Object::Inert(_) => {}
    }
    faults.0
}

/// Checks the spec of a new pod, defaults filled in.
pub(super) fn pod_spec(spec: &core::PodSpec, pod: &Pod) -> Vec<FieldError> {
    let mut faults = Faults::default();
    match pod.node() {
        Some(node) => {
            let bound = core::PodSpec { node_name: Some(node.to_owned()), ..spec.clone() };
            pod::spec(&bound, Path::root("spec"), &mut faults);
        }
        None => pod::spec(spec, Path::root("spec"), &mut faults),
    }
    pod::create_only(spec, pod.node().is_some(), &mut faults);
    faults.0
}

fn contents(object: &Object, before: Option<&Object>, faults: &mut Faults) {
    match object {
        Object::Deployment(it) => workload::deployment(it, stored(before), faults),
        Object::ReplicaSet(it) => workload::replica_set(it, stored(before), faults),
        Object::ReplicationController(it) => {
            replication_controller::replication_controller(it, stored(before), faults);
        }
        Object::StatefulSet(it) => stateful_set::stateful_set(it, stored(before), faults),
        Object::DaemonSet(it) => daemon_set::daemon_set(it, stored(before), faults),
        Object::Job(it) => job::job(it, stored(before), faults),
        Object::CronJob(it) => cron_job::cron_job(it, stored(before), faults),
        Object::Service(it) => service::service(it, stored(before), faults),
        Object::EndpointSlice(it) => endpoint_slice::endpoint_slice(it, stored(before), faults),
        Object::Endpoints(it) => endpoints::endpoints(it, stored(before), faults),
        Object::Node(it) => node::node(it, stored(before), faults),
        Object::Namespace(it) => configuration::namespace(it, faults),
        Object::ConfigMap(it) => configuration::config_map(it, stored(before), faults),
        Object::Secret(it) => configuration::secret(it, stored(before), faults),
        Object::PriorityClass(it) => configuration::priority_class(it, stored(before), faults),
        Object::HorizontalPodAutoscaler(it) => autoscaler::autoscaler(it, faults),
        Object::PodDisruptionBudget(it) => disruption_budget::disruption_budget(it, faults),
        Object::NetworkPolicy(it) => network_policy::network_policy(it, faults),
        Object::ResourceQuota(it) => quota::resource_quota(it, stored(before), faults),
        Object::LimitRange(it) => quota::limit_range(it, faults),
        // Pods are checked by `pod_spec` and `pod_update`; the others are written by components.
        Object::Pod(_) | Object::Event(_) | Object::ControllerRevision(_) => {}
        Object::PersistentVolumeClaim(it) => claim::claim(it, stored(before), faults),
        Object::PersistentVolume(it) => persistent_volume::volume(it, stored(before), faults),
        Object::StorageClass(it) => persistent_volume::storage_class(it, stored(before), faults),
        Object::Role(it) => rbac::role(it, faults),
        Object::ClusterRole(it) => rbac::cluster_role(it, faults),
        Object::RoleBinding(it) => rbac::role_binding(it, stored(before), faults),
        Object::ClusterRoleBinding(it) => rbac::cluster_role_binding(it, stored(before), faults),
        // Upstream checks their metadata alone.
        Object::ServiceAccount(_) => {}
        // Whatever else nobody acts on is kept as it is.
        Object::Inert(it) => ingress::ingress(it, before.is_none(), faults),
    }
}

/// The stored version, as what it is.
fn stored<T: Stored>(before: Option<&Object>) -> Option<&T> {
    before.and_then(T::from_object).map(|stored| &**stored)
}
