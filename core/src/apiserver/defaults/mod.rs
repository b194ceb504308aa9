//! Fills in what a client left out. Upstream: `pkg/apis/{apps,core,discovery}/v1/defaults.go`.
//!
//! Also what decoding and encoding do to an object on the way: structs that Go always prints are present.

mod image;
pub(super) mod pod;
mod policy;
mod rbac;
mod service;
mod storage;
mod workload;

use std::rc::Rc;

use k8s_openapi::api::apps::v1 as apps;
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::api::policy::v1::PodDisruptionBudgetStatus;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::definitions;
use crate::api::{
    Deployment, EndpointSlice, Endpoints, Namespace, Node, Object, ReplicaSet, ReplicationController,
};
use crate::time::Time;

/// Fills in every default of `object`. A template that `before` has already is left as it is.
///
/// Pods get theirs in `admitted`, once for all pods that share a spec.
pub(super) fn fill(object: &mut Object, before: Option<&Object>) {
    match (object, before) {
        (Object::Deployment(it), Some(Object::Deployment(old))) => deployment(it, Some(old)),
        (Object::Deployment(it), _) => deployment(it, None),
        (Object::ReplicaSet(it), Some(Object::ReplicaSet(old))) => replica_set(it, Some(old)),
        (Object::ReplicaSet(it), _) => replica_set(it, None),
        (Object::ReplicationController(it), Some(Object::ReplicationController(old))) => {
            replication_controller(it, Some(old));
        }
        (Object::ReplicationController(it), _) => replication_controller(it, None),
        (Object::StatefulSet(it), Some(Object::StatefulSet(old))) => workload::stateful_set(it, Some(old)),
        (Object::StatefulSet(it), _) => workload::stateful_set(it, None),
        (Object::DaemonSet(it), Some(Object::DaemonSet(old))) => workload::daemon_set(it, Some(old)),
        (Object::DaemonSet(it), _) => workload::daemon_set(it, None),
        (Object::Job(it), Some(Object::Job(old))) => workload::job(it, Some(old)),
        (Object::Job(it), _) => workload::job(it, None),
        (Object::CronJob(it), Some(Object::CronJob(old))) => workload::cron_job(it, Some(old)),
        (Object::CronJob(it), _) => workload::cron_job(it, None),
        (Object::Service(it), old) => service::fill(it, old),
        (Object::Namespace(it), _) => namespace(it),
        (Object::Node(it), None) => node(it),
        (Object::ResourceQuota(it), old) => policy::resource_quota(it, old),
        (Object::LimitRange(it), old) => policy::limit_range(it, old),
        (Object::HorizontalPodAutoscaler(it), old) => policy::autoscaler(it, old),
        (Object::EndpointSlice(it), _) => endpoint_slice(it),
        (Object::Endpoints(it), _) => endpoints(it),
        (Object::PersistentVolumeClaim(it), old) => storage::claim(it, old),
        (Object::PersistentVolume(it), old) => storage::volume(it, old),
        (Object::StorageClass(it), old) => storage::storage_class(it, old),
        (Object::Secret(it), old) => policy::secret(it, old),
        (Object::PriorityClass(it), old) => policy::priority_class(it, old),
        (Object::RoleBinding(it), _) => rbac::role_binding(it),
        (Object::ClusterRoleBinding(it), _) => rbac::cluster_role_binding(it),
        (Object::Inert(it), _) if definitions::is_definition(it) => definitions::complete(Rc::make_mut(it)),
        (Object::NetworkPolicy(it), old) => policy::network_policy(it, old),
        // Kinds without defaults, and pods, which `admitted` completes.
        _ => {}
    }
}

fn deployment(deployment: &mut Rc<Deployment>, before: Option<&Deployment>) {
    if before.is_some_and(|before| Rc::ptr_eq(&before.spec, &deployment.spec)) {
        return;
    }
    let spec = Rc::make_mut(&mut Rc::make_mut(deployment).spec);
    if before.is_none_or(|before| before.spec.template != spec.template) {
        template(&mut spec.template);
    }
    spec.replicas.get_or_insert(1);
    spec.revision_history_limit.get_or_insert(10);
    spec.progress_deadline_seconds.get_or_insert(600);
    let strategy = spec.strategy.get_or_insert_default();
    let kind = strategy.type_.take().filter(|name| !name.is_empty());
    let kind = strategy.type_.insert(kind.unwrap_or_else(|| "RollingUpdate".to_owned()));
    if kind == "RollingUpdate" {
        let rolling = strategy.rolling_update.get_or_insert_default();
        rolling.max_unavailable.get_or_insert_with(|| IntOrString::String("25%".to_owned()));
        rolling.max_surge.get_or_insert_with(|| IntOrString::String("25%".to_owned()));
    }
}

/// A controller scales a ReplicaSet far more often than anybody edits its template.
#[inline(never)]
fn replica_set(set: &mut Rc<ReplicaSet>, before: Option<&ReplicaSet>) {
    let has_known_template = before.is_some_and(|before| {
        Rc::ptr_eq(&before.spec.spec, &set.spec.spec) || before.spec.template == set.spec.template
    });
    if has_known_template && set.spec.replicas.is_some() {
        return;
    }
    let spec = &mut Rc::make_mut(set).spec;
    spec.replicas.get_or_insert(1);
    template(Rc::make_mut(&mut spec.spec).template.get_or_insert_default());
}

/// What selects its pods, and its own labels, follow from the template's labels where they are left out.
#[inline(never)]
fn replication_controller(
    controller: &mut Rc<ReplicationController>,
    before: Option<&ReplicationController>,
) {
    let is_known = |before: &ReplicationController| {
        Rc::ptr_eq(&before.spec, &controller.spec) && Rc::ptr_eq(&before.meta.labels, &controller.meta.labels)
    };
    if before.is_some_and(is_known) {
        return;
    }
    let controller = Rc::make_mut(controller);
    let spec = Rc::make_mut(&mut controller.spec);
    spec.replicas.get_or_insert(1);
    let wanted = spec.template.get_or_insert_default();
    template(wanted);
    let Some(labels) = wanted.metadata.as_ref().and_then(|meta| meta.labels.clone()) else { return };
    if spec.selector.as_ref().is_none_or(|selector| selector.is_empty()) {
        spec.selector = Some(labels.clone());
    }
    if controller.meta.labels.is_empty() && !labels.is_empty() {
        Rc::make_mut(&mut controller.meta).labels = Rc::new(labels);
    }
}

fn template(template: &mut core::PodTemplateSpec) {
    template.metadata.get_or_insert_default();
    pod::template_spec(template.spec.get_or_insert_default());
}

#[inline(never)]
fn namespace(namespace: &mut Rc<Namespace>) {
    const NAME_LABEL: &str = "kubernetes.io/metadata.name";
    let name = namespace.key.name.clone();
    if namespace.label(NAME_LABEL) == Some(&*name) {
        return;
    }
    let meta = Rc::make_mut(&mut Rc::make_mut(namespace).meta);
    Rc::make_mut(&mut meta.labels).insert(NAME_LABEL.to_owned(), name.to_string());
}

/// Everything a node has can be given away, unless it says otherwise.
#[inline(never)]
fn node(node: &mut Rc<Node>) {
    if node.status.capacity.is_none() && node.status.allocatable.is_none() {
        return;
    }
    let status = Rc::make_mut(&mut Rc::make_mut(node).status);
    status.capacity.iter_mut().chain(&mut status.allocatable).for_each(pod::canonical_amounts);
    if status.allocatable.is_none() {
        status.allocatable.clone_from(&status.capacity);
    }
}

#[inline(never)]
fn endpoint_slice(slice: &mut Rc<EndpointSlice>) {
    let is_filled_in =
        |port: &k8s_openapi::api::discovery::v1::EndpointPort| port.name.is_some() && port.protocol.is_some();
    if slice.spec.ports.iter().all(is_filled_in) {
        return;
    }
    let content = Rc::make_mut(&mut Rc::make_mut(slice).spec);
    for port in Rc::make_mut(&mut content.ports) {
        port.name.get_or_insert_default();
        port.protocol.get_or_insert_with(|| "TCP".to_owned());
    }
}

#[inline(never)]
fn endpoints(endpoints: &mut Rc<Endpoints>) {
    let is_filled_in = |port: &core::EndpointPort| port.protocol.is_some();
    if endpoints.spec.iter().all(|subset| subset.ports.iter().all(is_filled_in)) {
        return;
    }
    for subset in Rc::make_mut(&mut Rc::make_mut(endpoints).spec) {
        for port in Rc::make_mut(&mut subset.ports) {
            port.protocol.get_or_insert_with(|| "TCP".to_owned());
        }
    }
}

/// A new Deployment's or ReplicaSet's status is empty, whatever the client sent.
pub(super) fn empty_status(object: &mut Object, now: Time) {
    match object {
        Object::Deployment(it) => Rc::make_mut(it).status = Rc::new(apps::DeploymentStatus::default()),
        Object::ReplicaSet(it) => Rc::make_mut(it).status = Rc::new(apps::ReplicaSetStatus::default()),
        Object::ReplicationController(it) => Rc::make_mut(it).status = Rc::default(),
        Object::StatefulSet(it) => {
            Rc::make_mut(it).status = Rc::new(workload::new_stateful_set_status());
        }
        Object::DaemonSet(it) => Rc::make_mut(it).status = Rc::default(),
        Object::Job(it) => Rc::make_mut(it).status = Rc::default(),
        Object::CronJob(it) => Rc::make_mut(it).status = Rc::default(),
        Object::PersistentVolumeClaim(it) => Rc::make_mut(it).status = Rc::new(storage::new_claim_status()),
        Object::PersistentVolume(it) => Rc::make_mut(it).status = Rc::new(storage::new_volume_status(now)),
        Object::ResourceQuota(it) => Rc::make_mut(it).status = Rc::default(),
        Object::HorizontalPodAutoscaler(it) => Rc::make_mut(it).status = Rc::default(),
        Object::PodDisruptionBudget(it) => {
            Rc::make_mut(it).status = Rc::new(PodDisruptionBudgetStatus {
                current_healthy: Some(0),
                desired_healthy: Some(0),
                disruptions_allowed: Some(0),
                expected_pods: Some(0),
                ..PodDisruptionBudgetStatus::default()
            });
        }
        Object::Service(it) => {
            let load_balancer = Some(core::LoadBalancerStatus::default());
            Rc::make_mut(it).status =
                Rc::new(core::ServiceStatus { load_balancer, ..core::ServiceStatus::default() });
        }
        Object::Namespace(it) => {
            let namespace = Rc::make_mut(it);
            let phase = Some("Active".to_owned());
            namespace.status = Rc::new(core::NamespaceStatus { phase, ..core::NamespaceStatus::default() });
            let finalizers = Rc::make_mut(&mut namespace.spec).finalizers.get_or_insert_default();
            if !finalizers.iter().any(|name| name == "kubernetes") {
                finalizers.push("kubernetes".to_owned());
            }
        }
        // A pod's follows from its spec, and a Node comes with the status that its kubelet registers.
        _ => {}
    }
}
