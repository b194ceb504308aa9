//! What a packet finds where it arrives.

use std::net::Ipv4Addr;
use std::rc::Rc;

use super::flow::{Finding, Loss, Serving};
use super::walk::{Target, View};
use crate::api::{Key, Uid};
use crate::apiserver::Store;
use crate::kubelet::LocalPod;

pub(super) type Found = (Option<Rc<str>>, Option<(Key, Uid)>, Finding);

/// What a packet finds at its address: on which node, whose it is, and what answers.
pub(super) fn find(view: &View<'_>, target: &Target) -> Found {
    if let (Some(node), Some((key, uid))) = (&target.node, &target.pod) {
        let finding = match view.machines.get(node).map(|machine| machine.pod_of(*uid, key)) {
            Some(Some(pod)) => at_pod(pod, target),
            Some(None) => Finding::Nobody(Loss::NoSandbox),
            None => Finding::Nobody(Loss::NoNode),
        };
        return (Some(node.clone()), target.pod.clone(), finding);
    }
    let has_it = |pod: &&Rc<LocalPod>| pod.sandbox().is_some_and(|sandbox| sandbox.address == target.address);
    for machine in view.machines.values() {
        let mut there = machine.pods().filter(has_it);
        let first = there.next();
        let is_node = machine.address == target.address;
        // Pods on a node's own network share its address.
        let answering = first
            .into_iter()
            .chain(there)
            .find(|pod| pod.answers_on(i32::from(target.port), target.protocol));
        if let Some(pod) = answering.or(first) {
            let whose = Some((pod.key().clone(), pod.uid()));
            return (Some(machine.name.clone()), whose, at_pod(pod, target));
        }
        if is_node {
            return (Some(machine.name.clone()), None, Finding::Nobody(Loss::NotListening));
        }
    }
    let finding = match target.address.parse::<Ipv4Addr>() {
        Ok(address) if is_pod_address(address) => Finding::Nobody(Loss::NoSandbox),
        _ if is_api_server(view.store, &target.address) && view.simulation.stopped.api_server => {
            Finding::Nobody(Loss::NotListening)
        }
        // Somebody listed this address by hand: what is behind it is not simulated, and answers.
        _ => Finding::Beyond,
    };
    (None, None, finding)
}

/// Whether an address is one that nodes give to pods.
fn is_pod_address(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    first == 10 && second >= 128
}

fn is_api_server(store: &Store, address: &str) -> bool {
    let service = Key::new("default", "kubernetes");
    let mut endpoints = store.slices_of(&service).flat_map(|slice| &slice.spec.endpoints);
    endpoints.any(|endpoint| endpoint.addresses.iter().any(|known| **known == *address))
}

fn at_pod(pod: &LocalPod, target: &Target) -> Finding {
    if let Some((container, running)) = pod.answering(i32::from(target.port), target.protocol) {
        let (container, process) = (container.clone(), running.id.clone());
        return Finding::Answers(Serving { container, process, takes: running.behaviour.response });
    }
    let loss = if pod.sandbox().is_none() {
        Loss::NoSandbox
    } else if pod.containers().all(|container| !container.is_running()) {
        Loss::ProcessEnded
    } else {
        Loss::NotListening
    };
    Finding::Nobody(loss)
}
