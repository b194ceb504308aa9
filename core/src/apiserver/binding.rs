//! Binds a pod to its node. Upstream: `pkg/registry/core/pod/storage/storage.go` (`assignPod`).

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::handle::{Request, changed, existing};
use super::store::Store;
use super::{ApiError, Change, Verb, admission, metadata, pod_status};
use crate::api::{Key, Kind, Node, Object, ObjectRef, Pod, Uid};

/// Sets the pod's node, its PodScheduled condition and its topology labels. The generation stays.
pub(super) fn bind(
    store: &mut Store,
    request: Request<'_>,
    pod: &Key,
    uid: Uid,
    node: &Rc<str>,
) -> Result<Change, ApiError> {
    let target = ObjectRef::new(Kind::Pod, pod.clone());
    let before = existing(store, &target)?;
    metadata::check_current(&before, uid, 0)?;
    let Object::Pod(unbound) = &before else { return Err(ApiError::not_found(&target)) };
    if let Some(obstacle) = obstacle(unbound) {
        return Err(ApiError::conflict(&target, &obstacle));
    }
    let mut bound: Pod = (**unbound).clone();
    bound.spec.node = Some(node.clone());
    let status = Rc::make_mut(&mut bound.status);
    status.nominated_node_name = None;
    let condition = core::PodCondition {
        type_: "PodScheduled".to_owned(),
        status: "True".to_owned(),
        ..core::PodCondition::default()
    };
    pod_status::set_condition(status, condition, request.now);
    let node = store.get::<Node>(&Key { namespace: "".into(), name: node.clone() });
    let labels = admission::labels_at_binding(&bound, node);
    if !Rc::ptr_eq(&labels, &bound.meta.labels) {
        Rc::make_mut(&mut bound.meta).labels = labels;
    }
    let after = store.put(Object::Pod(Rc::new(bound)));
    Ok(changed(Verb::Create, "binding", before, after))
}

/// Why a pod cannot be bound, if it cannot.
fn obstacle(pod: &Pod) -> Option<String> {
    let name = pod.name();
    if pod.is_terminating() {
        return Some(format!("pod {name} is being deleted, cannot be assigned to a host"));
    }
    if let Some(node) = pod.node() {
        return Some(format!("pod {name} is already assigned to node \"{node}\""));
    }
    let is_gated = pod.spec.spec.scheduling_gates.as_ref().is_some_and(|gates| !gates.is_empty());
    is_gated.then(|| format!("pod {name} has non-empty .spec.schedulingGates"))
}
