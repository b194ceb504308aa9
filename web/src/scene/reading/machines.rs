//! Node truth: what runs on the machines, whatever the API says of it.

use std::rc::Rc;

use kubestep_core::Time;
use kubestep_core::api::{Pod, Uid};
use kubestep_core::engine::World;
use kubestep_core::kubelet::{Container, ContainerState, LocalPod, Stage, Stop};

use crate::scene::figures::{ContainerChip, Process};

/// What a node knows of a pod that is bound to it.
pub fn local<'a>(world: &'a World, pod: &Pod) -> Option<&'a Rc<LocalPod>> {
    world.machines.get(pod.node()?)?.pod_of(pod.uid, &pod.key)
}

/// Whether processes of a pod may still run on a machine.
pub fn lives(world: &World, node: &str, pod: Uid) -> bool {
    let local = world.machines.get(node).and_then(|machine| machine.pod(pod));
    local.is_some_and(|local| local.stage() != Stage::Ended)
}

/// Pods that live on a machine although the API server has no such object.
pub fn orphans(world: &World) -> impl Iterator<Item = &Rc<LocalPod>> {
    let known =
        // A static pod has a mirror with a uid of its own.
        |local: &LocalPod| {
            local.file().is_some()
                || world.store.get::<Pod>(local.key()).is_some_and(|pod| pod.uid == local.uid())
        };
    world
        .machines
        .values()
        .flat_map(|machine| machine.pods())
        .filter(move |local| local.stage() != Stage::Ended && !known(local))
}

/// A chip as its node sees it: whether the process runs.
pub fn chip(container: &Container, init: bool) -> ContainerChip {
    ContainerChip {
        name: container.name().to_owned(),
        restarts: container.restarts(),
        running: container.is_running(),
        init,
    }
}

/// The processes of a pod that its node is stopping; none while it is not.
pub fn processes(local: &LocalPod) -> Vec<Process> {
    if local.grace().is_none() {
        return Vec::new();
    }
    let started = local.containers().filter(|container| !matches!(container.state(), ContainerState::Absent));
    started.map(process).collect()
}

fn process(container: &Container) -> Process {
    let (words, signal) = match container.state() {
        ContainerState::Absent => ("not started".to_owned(), None),
        ContainerState::Ended(ended) => (format!("exited {}", ended.code), None),
        ContainerState::Running(running) => match running.stop {
            Stop::No | Stop::Asked => ("pid 1, runs".to_owned(), None),
            Stop::Hook(_) => ("preStop runs".to_owned(), None),
            Stop::Signalled { .. } => ("stops".to_owned(), Some("SIGTERM")),
            Stop::Killed => ("ends".to_owned(), Some("SIGKILL")),
        },
    };
    Process { container: container.name().to_owned(), words, signal }
}

/// What a node does about a pod, in few words: the latest signal it sent, or when it tries again.
pub fn note(local: &LocalPod, now: Time) -> Option<String> {
    let stops = || local.containers().filter_map(|container| container.running()).map(|running| running.stop);
    let words = |stop: Stop| match stop {
        Stop::No | Stop::Asked => None,
        Stop::Hook(_) => Some("preStop runs"),
        Stop::Signalled { .. } => Some("SIGTERM"),
        Stop::Killed => Some("SIGKILL"),
    };
    if let Some(signal) = stops().filter_map(words).last() {
        return Some(signal.to_owned());
    }
    again_in(local, now).map(|left| format!("again in {left}s"))
}

/// How long until a waiting container is tried again, in whole seconds.
fn again_in(local: &LocalPod, now: Time) -> Option<u64> {
    let until = local
        .containers()
        .filter_map(|container| container.waiting()?.until)
        .filter(|until| *until > now)
        .min()?;
    Some(until.since(now).as_seconds().ceil() as u64)
}
