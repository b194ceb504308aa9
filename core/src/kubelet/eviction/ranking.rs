//! Which pod is evicted first, and what is said of it. Upstream: `rankMemoryPressure`, `rankDiskPressureFunc`,
//! `rankPIDPressure` and `evictionMessage` in `pkg/kubelet/eviction/helpers.go`.

use std::cmp::Reverse;
use std::rc::Rc;

use super::threshold::Left;
use super::{usage, volumes};
use crate::api::quantity::binary;
use crate::kubelet::local_pod::LocalPod;
use crate::kubelet::machine::Machine;
use crate::order;
use crate::simulation::Space;
use crate::time::Time;

/// A pod, and why it stands where it does.
pub(super) struct Candidate {
    pub(super) pod: Rc<LocalPod>,
    pub(super) used: i64,
    pub(super) requested: i64,
    pub(super) priority: i32,
}

/// The pods that run, in the order in which they are evicted: those that use more than they asked for first, of these the
/// ones of low priority, of these the ones that use most beyond it. Nobody asks for processes.
pub(super) fn ranked(machine: &Machine, space: Space, now: Time) -> Vec<Candidate> {
    let measured = volumes::measured(machine, now);
    let mut candidates: Vec<Candidate> = active(machine)
        .filter(|pod| pod.is_any_running())
        .map(|pod| Candidate {
            pod: pod.clone(),
            used: usage::of_pod(machine, pod, space, measured, now),
            requested: requested(pod, space),
            priority: pod.object().priority(),
        })
        .collect();
    order::sort_by_key(&mut candidates, |it| {
        let is_modest = space != Space::Pids && it.used <= it.requested;
        (is_modest, it.priority, Reverse(it.used - subtracted(&it.pod, space)), it.pod.key().clone())
    });
    candidates
}

/// The pods that a kubelet may evict. Upstream: `GetActivePods`.
pub(super) fn active(machine: &Machine) -> impl Iterator<Item = &Rc<LocalPod>> {
    machine.pods().filter(|pod| pod.is_to_run() && pod.verdict.is_none())
}

impl Candidate {
    /// `status.message` of the pod, and that of its Event.
    pub(super) fn message(&self, left: &Left, now: Time) -> String {
        let resource = left.space.resource();
        let mut message = format!(
            "The node was low on resource: {resource}. Threshold quantity: {}, available: {}. ",
            binary(left.threshold),
            left.space.written(left.available)
        );
        if matches!(left.space, Space::Inodes | Space::Pids) {
            return message;
        }
        let containers = usage::of_containers(&self.pod, left.space, now);
        for container in containers.iter().filter(|it| it.used > it.requested) {
            message += &format!(
                "Container {} was using {}, request is {}, has larger consumption of {resource}. ",
                container.name,
                binary(container.used),
                binary(container.requested)
            );
        }
        message
    }
}

fn requested(pod: &LocalPod, space: Space) -> i64 {
    let requests = pod.object().requests();
    match space {
        Space::Memory => requests.memory,
        Space::Disk => requests.storage,
        Space::Inodes | Space::Pids => 0,
    }
}

/// What is taken off a pod's use before it is compared. Upstream takes bytes of the disk off inodes, too.
fn subtracted(pod: &LocalPod, space: Space) -> i64 {
    match space {
        Space::Inodes => requested(pod, Space::Disk),
        Space::Memory | Space::Disk | Space::Pids => requested(pod, space),
    }
}
