//! Is there room for what the pod asks for? Upstream: `plugins/noderesources/fit.go`.

use std::rc::Rc;

use crate::api::{Node, Pod};
use crate::scheduler::events::ClusterEvent;
use crate::scheduler::node_order::Room;
use crate::scheduler::view::{Candidate, Incoming, View};
use crate::why::scheduler::{Rejection, Shortage};

/// What a pod asks of a node.
pub(super) struct Wanted<'a> {
    incoming: &'a Incoming<'a>,
    /// Resources beyond cpu, memory and storage.
    extended: Vec<(&'a str, i64)>,
}

impl<'a> Wanted<'a> {
    pub(super) fn of(incoming: &'a Incoming<'a>) -> Wanted<'a> {
        let names = incoming.pod.extended_resources().into_iter();
        let extended = names.map(|name| (name, incoming.pod.request_of(name)));
        Wanted { incoming, extended: extended.filter(|(_, asked)| *asked > 0).collect() }
    }

    /// Everything that the node has too little of.
    pub(super) fn check(&self, view: &View<'_>, candidate: &Candidate<'_>) -> Option<Rejection> {
        let (room, asked, used) = (candidate.room, &self.incoming.requests, &candidate.used);
        let mut shortages = Vec::new();
        let mut compare = |resource: &str, asked: i64, used: i64, allocatable: i64| {
            if asked > 0 && asked > allocatable - used {
                shortages.push(Shortage { resource: resource.into(), asked, used, allocatable });
            }
        };
        compare("pods", 1, candidate.pods, room.pods);
        compare("cpu", asked.cpu, used.cpu, room.cpu);
        compare("memory", asked.memory, used.memory, room.memory);
        compare("ephemeral-storage", asked.storage, used.storage, room.storage);
        for (resource, asked) in &self.extended {
            let used = view.pods_on(candidate.node).map(|pod| pod.request_of(resource)).sum();
            compare(resource, *asked, used, candidate.node.allocatable(resource));
        }
        (!shortages.is_empty()).then(|| Rejection::TooLittle(Rc::from(shortages)))
    }
}

pub(super) fn may_help(event: &ClusterEvent<'_>, pod: &Pod, view: &View<'_>) -> bool {
    match event {
        ClusterEvent::PodGone(_) => true,
        ClusterEvent::NodeAdded(node) => fits(pod, node, view),
        ClusterEvent::NodeChanged { before, after } => {
            before.status.allocatable != after.status.allocatable && fits(pod, after, view)
        }
        ClusterEvent::PodChanged { before, after } => {
            let (before, after) = (before.requests(), after.requests());
            after.cpu < before.cpu || after.memory < before.memory || after.storage < before.storage
        }
        ClusterEvent::PodPlaced(_)
        | ClusterEvent::PodRelabelled { .. }
        | ClusterEvent::ClaimChanged(_)
        | ClusterEvent::VolumeChanged
        | ClusterEvent::ClassChanged => false,
    }
}

fn fits(pod: &Pod, node: &Node, view: &View<'_>) -> bool {
    let pod = Rc::new(pod.clone());
    let incoming = Incoming::new(&pod);
    let Some(node) = view.node(&node.key) else { return false };
    Wanted::of(&incoming).check(view, &view.candidate(node, Room::of(node))).is_none()
}
