//! How controllers and proxies answer a pod's deletion: another pod, and endpoints withdrawn.

use std::rc::Rc;

use super::gathering::{Gathered, begins, reached, short_name};
use super::{Fact, Outcome, Skip, Told};
use crate::api::{EndpointSlice, Key, Kind, Object, Pod, Uid};
use crate::engine::{Cause, Step, StepId, What};
use crate::kubelet::MachineChange;
use crate::why::{ReplicaSet, Why};

/// The pod that takes its place, and the node that it gets.
pub(super) fn replaced(gathered: &Gathered<'_>) -> Outcome {
    let Some(owner) = gathered.pod.controller() else { return Outcome::Skipped(Skip::NoOwner) };
    if matches!(gathered.accepted.why, Why::ReplicaSet(ReplicaSet::TooManyPods { .. })) {
        return Outcome::Skipped(Skip::NotWanted);
    }
    let Some((created, pod)) = replacement(gathered, owner) else {
        let is_over = gathered.removed.is_some();
        return if is_over { Outcome::Skipped(Skip::NotWanted) } else { Outcome::Ahead };
    };
    let bound = gathered.steps().find_map(|step| {
        let node = bound_node(step, pod.uid)?;
        Some((Rc::from(node), step.id))
    });
    reached(created, Fact::Replacement { pod: short_name(pod), bound })
}

/// The step that created a pod of the same owner in answer. One look may answer several deletions: they are served in
/// the order in which they were accepted.
fn replacement<'a>(gathered: &Gathered<'a>, owner: Uid) -> Option<(&'a Step, &'a Pod)> {
    let creations = |look| {
        gathered
            .steps()
            .filter(move |step| step.reconcile == look)
            .filter_map(move |step| Some((step, created_pod(step, owner)?)))
    };
    let first =
        gathered.steps().find(|step| created_pod(step, owner).is_some() && gathered.is_answer(step))?;
    let before = first.causes.iter().filter(|cause| is_earlier_deletion(gathered, *cause, owner)).count();
    creations(first.reconcile).nth(before).or_else(|| creations(first.reconcile).last())
}

/// Whether a cause is the accepted deletion of a sibling that came first.
fn is_earlier_deletion(gathered: &Gathered<'_>, cause: Cause, owner: Uid) -> bool {
    let Cause::Step(id) = cause else { return false };
    let sibling = gathered.timeline.step(id).and_then(|step| begins(step));
    id < gathered.accepted.id && sibling.is_some_and(|pod| pod.controller() == Some(owner))
}

fn created_pod(step: &Step, owner: Uid) -> Option<&Pod> {
    let change = step.change().filter(|change| change.before.is_none())?;
    match &change.after {
        Some(Object::Pod(pod)) if pod.controller() == Some(owner) => Some(pod),
        _ => None,
    }
}

fn bound_node(step: &Step, pod: Uid) -> Option<&str> {
    let change = step.change()?;
    let (Some(Object::Pod(before)), Some(Object::Pod(after))) = (&change.before, &change.after) else {
        return None;
    };
    if after.uid != pod || before.node().is_some() { None } else { after.node() }
}

/// Its endpoint is withdrawn, and the nodes' proxies are told of it.
pub(super) fn unrouted(gathered: &Gathered<'_>) -> Outcome {
    let uid = gathered.pod.uid;
    let withdrawn = gathered.steps().find_map(|step| {
        let (before, after) = slices(step)?;
        let was_ready = before.is_some_and(|slice| is_ready(slice, uid));
        let is_gone = after.is_none_or(|slice| !is_ready(slice, uid));
        (was_ready && is_gone).then_some((step, after.or(before)?, after))
    });
    let Some((step, slice, left)) = withdrawn else {
        return if is_served(gathered) { Outcome::Ahead } else { Outcome::Skipped(Skip::NoService) };
    };
    let service = slice.service().unwrap_or_else(|| slice.key.clone());
    let ready = left.map_or(0, |slice| slice.spec.endpoints.iter().filter(|endpoint| endpoint.ready).count());
    let told = told(gathered, step.id, &service);
    let nodes = gathered.timeline.world_at(step.id).machines.len();
    reached(step, Fact::Endpoints { service: service.name.clone(), ready, told, nodes })
}

/// An EndpointSlice before and after a step that wrote it.
fn slices(step: &Step) -> Option<(Option<&EndpointSlice>, Option<&EndpointSlice>)> {
    let change = step.change().filter(|change| change.object.kind == Kind::EndpointSlice)?;
    Some((as_slice(change.before.as_ref()), as_slice(change.after.as_ref())))
}

fn as_slice(object: Option<&Object>) -> Option<&EndpointSlice> {
    if let Some(Object::EndpointSlice(slice)) = object { Some(slice) } else { None }
}

fn is_ready(slice: &EndpointSlice, pod: Uid) -> bool {
    let endpoints = &slice.spec.endpoints;
    endpoints
        .iter()
        .any(|endpoint| endpoint.ready && endpoint.pod.as_ref().is_some_and(|(_, uid)| *uid == pod))
}

/// Whether any slice led to the pod when its deletion was accepted.
fn is_served(gathered: &Gathered<'_>) -> bool {
    let store = gathered.timeline.world_at(gathered.accepted.id).store;
    store.list::<EndpointSlice>().any(|slice| is_ready(slice, gathered.pod.uid))
}

/// The first rules that each node's proxy wrote in answer to the slice.
fn told(gathered: &Gathered<'_>, slice: StepId, service: &Key) -> Vec<Told> {
    let mut told: Vec<Told> = Vec::new();
    for step in gathered.steps().filter(|step| step.id > slice) {
        let What::Machine(MachineChange::RulesWritten { node, services }) = &step.what else { continue };
        let is_new = told.iter().all(|known| known.node != *node);
        if is_new && services.contains(service) && step.causes.iter().any(|cause| cause == Cause::Step(slice))
        {
            told.push(Told { node: node.clone(), at: step.at, step: step.id });
        }
    }
    told
}
