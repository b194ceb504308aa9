//! A pod of the store as a figure: which of the states it is shown in, and the words for it.

use std::rc::Rc;

use kubestep_core::api::{Kind, Meta, Pod};
use kubestep_core::kubelet::{LocalPod, Role};
use kubestep_core::time::Time;

use super::machines;
use crate::scene::figures::{ContainerChip, Grace, PodFigure, PodName, PodState, Port};
use crate::scene::geometry::Rect;

/// What a figure needs beside the pod itself.
pub struct Around<'a> {
    /// Virtual time.
    pub now: Time,
    /// What its node knows of it.
    pub local: Option<&'a LocalPod>,
    /// The revision of the ReplicaSet that owns it; 0 for none.
    pub revision: u32,
    /// Whether its node answers.
    pub node_answers: bool,
    /// Its endpoint in the Service in focus.
    pub port: Option<Port>,
    /// Its place.
    pub rect: Rect,
    /// Whether there is room for its processes.
    pub roomy: bool,
    /// Whether the step is about it.
    pub hit: bool,
}

/// The name that a pod's element carries.
pub fn key(uid: kubestep_core::api::Uid) -> Rc<str> {
    format!("pod:{uid}").into()
}

/// The figure of a pod.
pub fn figure(pod: &Pod, around: &Around<'_>) -> PodFigure {
    let (state, label) = state(pod, around);
    described(pod, around, state, label)
}

/// The figure of a pod that lives on a node without an API object: as the node knows it.
pub fn orphan(local: &LocalPod, around: &Around<'_>) -> PodFigure {
    described(local.object(), around, PodState::Orphan, "No API object".to_owned())
}

fn described(pod: &Pod, around: &Around<'_>, state: PodState, label: String) -> PodFigure {
    let name = split_name(pod.name(), &pod.meta);
    let kind = if pod.is_mirror() { "Static pod" } else { "Pod" };
    let mut sentence = format!("{kind} {}", pod.name());
    if let Some(owner) = pod.meta.controller() {
        sentence.push_str(&format!(" of {} {}", owner.kind, owner.name));
    }
    if around.revision > 0 {
        sentence.push_str(&format!(", revision {}", around.revision));
    }
    sentence.push_str(&format!(", {label}"));
    let containers = around.local.map_or_else(|| containers(pod), chips);
    let restarts: u32 = containers.iter().map(|container| container.restarts).sum();
    if restarts > 0 {
        sentence.push_str(&format!(", restarted {restarts} times"));
    }
    if let Some(note) = around.local.and_then(|local| machines::note(local, around.now)) {
        sentence.push_str(&format!(", {note}"));
    }
    if let Some(ip) = pod.ip() {
        sentence.push_str(&format!(", IP {ip}"));
    }
    PodFigure {
        key: key(pod.uid),
        rect: around.rect,
        state,
        label,
        revision: around.revision,
        name,
        owner: owner(pod),
        is_static: pod.is_mirror(),
        containers,
        ip: around.local.and_then(|local| local.sandbox()).map(|sandbox| sandbox.address.to_string()),
        note: around.local.and_then(|local| machines::note(local, around.now)),
        port: around.port,
        // What has finished by itself is not being stopped.
        grace: around.local.and_then(on_node).filter(|_| !pod.is_finished()).or_else(|| grace(pod)),
        processes: if around.roomy {
            around.local.map(machines::processes).unwrap_or_default()
        } else {
            Vec::new()
        },
        hit: around.hit,
        node: pod.node().map(Rc::from),
        sentence,
    }
}

/// The kind of what owns a pod; nothing for the pods of a ReplicaSet, which carry its revision instead.
fn owner(pod: &Pod) -> Option<Kind> {
    let owner = pod.meta.controller()?;
    let kinds = [Kind::StatefulSet, Kind::DaemonSet, Kind::Job, Kind::ReplicationController];
    kinds.into_iter().find(|kind| kind.name() == &*owner.kind)
}

/// The grace period as its node counts it: from when it began to stop the pod.
fn on_node(local: &LocalPod) -> Option<Grace> {
    let clock = local.grace()?;
    Some(Grace { began: clock.since.as_seconds(), seconds: clock.grace_seconds.max(0) as f64 })
}

/// The grace period of a terminating pod, as the API has it.
fn grace(pod: &Pod) -> Option<Grace> {
    let deletion = pod.meta.deletion?;
    let seconds = deletion.grace_seconds.max(0) as f64;
    Some(Grace { began: deletion.at.as_seconds() - seconds, seconds })
}

/// The state a pod is shown in, and its label: as kubectl's STATUS column says it, but ready apart from running.
fn state(pod: &Pod, around: &Around<'_>) -> (PodState, String) {
    let named = |state: PodState| (state, state.spoken().to_owned());
    if pod.is_terminating() {
        let left = grace(pod).map_or(0.0, |grace| grace.left(around.now.as_seconds()));
        return (PodState::Terminating, format!("Terminating {:.0}s", left.ceil()));
    }
    match pod.phase() {
        "Failed" => {
            let reason = pod.status.reason.clone().unwrap_or_else(|| "Error".to_owned());
            return (PodState::Failed, reason);
        }
        "Succeeded" => return named(PodState::Completed),
        _ => {}
    }
    if pod.node().is_none() {
        let gated = pod.spec.spec.scheduling_gates.iter().flatten().next().is_some();
        return named(if gated { PodState::Gated } else { PodState::Pending });
    }
    if !around.node_answers {
        return named(PodState::Unknown);
    }
    waiting(pod).unwrap_or_else(|| {
        if pod.container_statuses().is_empty() {
            return named(PodState::Pending);
        }
        named(if pod.is_ready() { PodState::Ready } else { PodState::NotReady })
    })
}

/// What a container waits for, if one does: the first in the pod's order decides.
fn waiting(pod: &Pod) -> Option<(PodState, String)> {
    let init = pod.status.init_container_statuses.as_deref().unwrap_or_default();
    let specs = pod.spec.spec.init_containers.as_deref().unwrap_or_default();
    let unfinished = init.iter().zip(specs).position(|(status, spec)| {
        let ended = status.state.as_ref().and_then(|state| state.terminated.as_ref());
        let is_sidecar = spec.restart_policy.as_deref() == Some("Always");
        ended.is_none_or(|ended| ended.exit_code != 0) && !(is_sidecar && status.started == Some(true))
    });
    if let Some(done) = unfinished {
        return Some((PodState::Initializing, format!("Init {done}/{}", init.len())));
    }
    for status in pod.container_statuses() {
        let Some(state) = &status.state else { continue };
        if let Some(reason) = state.waiting.as_ref().and_then(|waiting| waiting.reason.clone()) {
            let shown = match reason.as_str() {
                "ContainerCreating" | "PodInitializing" => PodState::Creating,
                "CrashLoopBackOff" => PodState::CrashLoop,
                "ErrImagePull" | "ImagePullBackOff" | "InvalidImageName" | "ErrImageNeverPull" => {
                    PodState::ImagePull
                }
                _ => PodState::Failed,
            };
            return Some((shown, reason));
        }
        if let Some(ended) = &state.terminated {
            let failed = ended.exit_code != 0;
            let reason =
                ended.reason.clone().unwrap_or_else(|| if failed { "Error" } else { "Completed" }.to_owned());
            return Some((if failed { PodState::Failed } else { PodState::Completed }, reason));
        }
    }
    None
}

/// The chips of a pod that its node has begun with.
fn chips(local: &LocalPod) -> Vec<ContainerChip> {
    local.containers().map(|container| machines::chip(container, container.role() != Role::Regular)).collect()
}

fn containers(pod: &Pod) -> Vec<ContainerChip> {
    let statuses = pod.container_statuses();
    let init_statuses = pod.status.init_container_statuses.as_deref().unwrap_or_default();
    let init = pod.spec.spec.init_containers.iter().flatten().map(|container| (container, true));
    init.chain(pod.containers().iter().map(|container| (container, false)))
        .map(|(container, init)| {
            let statuses = if init { init_statuses } else { statuses };
            let status = statuses.iter().find(|status| status.name == container.name);
            let running =
                status.and_then(|status| status.state.as_ref()).is_some_and(|state| state.running.is_some());
            ContainerChip {
                name: container.name.clone(),
                restarts: status.map_or(0, |status| status.restart_count.max(0) as u32),
                running,
                init,
            }
        })
        .collect()
}

/// Splits off what the API server made up for the name; a name that a person gave is never cut.
fn split_name(name: &str, meta: &Meta) -> PodName {
    let generated =
        meta.generate_name.as_deref().filter(|prefix| name.len() > prefix.len() && name.starts_with(*prefix));
    let (prefix, suffix) = name.split_at(generated.map_or(0, str::len));
    PodName { prefix: prefix.to_owned(), suffix: suffix.to_owned() }
}
