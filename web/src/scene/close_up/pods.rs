//! The static pods of a machine, as it knows them itself.

use std::rc::Rc;

use kubestep_core::api::{Key, Pod};
use kubestep_core::engine::{Step, What, World};
use kubestep_core::kubelet::{LocalPod, Machine, MachineChange, Role, Stage};
use kubestep_core::time::Time;

use super::{Place, short_uid};
use crate::scene::figures::{ContainerChip, PodState};
use crate::scene::reading::machines;

/// A static pod.
#[derive(Clone, Debug, PartialEq)]
pub struct StaticPod {
    /// Its namespace and name.
    pub key: Key,
    /// The file it comes from.
    pub file: Rc<str>,
    /// Whether it is the one in focus.
    pub in_focus: bool,
    /// How it is.
    pub state: PodState,
    /// The same in words.
    pub label: String,
    /// Its containers.
    pub containers: Vec<ContainerChip>,
    /// How long the first of them has been running: `up 6m12s`.
    pub up: Option<String>,
    /// Its address.
    pub ip: Option<Rc<str>>,
    /// Its uid, in short.
    pub uid: String,
    /// Restarts of all containers.
    pub restarts: u32,
    /// Whether the API has a mirror of it.
    pub has_mirror: bool,
    /// Whether the step is about it.
    pub hit: bool,
}

impl StaticPod {
    /// All of it in a sentence.
    pub fn sentence(&self) -> String {
        let up = self.up.as_ref().map_or_else(String::new, |up| format!(", {up}"));
        let mirror = if self.has_mirror { "" } else { ", without a mirror in the API" };
        format!("Static pod {}, {}{up}, {} restarts{mirror}", self.key.name, self.label, self.restarts)
    }
}

/// The pod in focus: that of the chosen file, or else the one that the step is about, or else the last by its file.
pub(super) fn in_focus(machines: &[&Machine], file: Option<&Place>, step: Option<&Step>) -> Option<Key> {
    let of_file = file.and_then(|place| {
        let machine = machines.iter().find(|machine| machine.name == place.node)?;
        let written = machine.manifests.get(&place.file).and_then(|manifest| manifest.pod.as_ref().ok());
        let runs = || machine.pods().find(|pod| pod.file() == Some(&place.file)).map(|pod| pod.key().clone());
        written.map(|pod| pod.key.clone()).or_else(runs)
    });
    let of_step = || {
        let key = match &step?.what {
            What::Machine(MachineChange::Pod { key, .. }) => key.clone(),
            _ => step?.change()?.object.key.clone(),
        };
        all(machines).any(|pod| *pod.key() == key).then_some(key)
    };
    let last = || all(machines).max_by_key(|pod| pod.file().cloned()).map(|pod| pod.key().clone());
    of_file.or_else(of_step).or_else(last)
}

fn all<'a>(machines: &'a [&Machine]) -> impl Iterator<Item = &'a Rc<LocalPod>> {
    machines.iter().flat_map(|machine| machine.pods()).filter(|pod| pod.file().is_some())
}

/// The static pods of a machine, the one in focus first, then by file.
pub(super) fn of(
    world: &World,
    machine: &Machine,
    focus: Option<&Key>,
    step: Option<&Step>,
) -> Vec<StaticPod> {
    let hit = match step.map(|step| &step.what) {
        Some(What::Machine(MachineChange::Pod { uid, .. })) => Some(*uid),
        _ => None,
    };
    let statics = machine.pods().filter(|pod| pod.file().is_some() && pod.stage() != Stage::Ended);
    let mut statics: Vec<StaticPod> =
        statics.map(|pod| StaticPod { hit: hit == Some(pod.uid()), ..figure(world, pod, focus) }).collect();
    kubestep_core::order::sort_by_key(&mut statics, |pod| (!pod.in_focus, pod.file.clone()));
    statics
}

fn figure(world: &World, pod: &LocalPod, focus: Option<&Key>) -> StaticPod {
    let state = state(pod);
    let containers: Vec<ContainerChip> = pod
        .containers()
        .map(|container| machines::chip(container, container.role() != Role::Regular))
        .collect();
    let since =
        pod.containers().filter_map(|container| container.running()).map(|running| running.since).min();
    StaticPod {
        key: pod.key().clone(),
        file: pod.file().cloned().unwrap_or_default(),
        in_focus: focus == Some(pod.key()),
        label: label(pod, state, world.now),
        state,
        restarts: containers.iter().map(|container| container.restarts).sum(),
        containers,
        up: since.map(|since| format!("up {}", age(world.now, since))),
        ip: pod.sandbox().map(|sandbox| sandbox.address.clone()),
        uid: short_uid(pod.uid()),
        has_mirror: world.store.get::<Pod>(pod.key()).is_some_and(|mirror| mirror.is_mirror()),
        hit: false,
    }
}

/// How a pod is, from what runs of it: nobody need be asked.
fn state(pod: &LocalPod) -> PodState {
    if matches!(pod.stage(), Stage::Ending | Stage::Stopped) {
        return PodState::Terminating;
    }
    let regular = || pod.containers().filter(|container| container.role() == Role::Regular);
    if regular().all(|container| container.is_ready()) {
        return PodState::Ready;
    }
    if let Some(waiting) = pod.containers().find_map(|container| container.waiting()) {
        return match waiting.reason {
            "CrashLoopBackOff" => PodState::CrashLoop,
            "ErrImagePull" | "ImagePullBackOff" => PodState::ImagePull,
            _ => PodState::Failed,
        };
    }
    if regular().any(|container| container.is_running()) {
        return PodState::NotReady;
    }
    if regular().any(|container| container.ended().is_some()) {
        return PodState::Failed;
    }
    if pod.sandbox().is_some() { PodState::Creating } else { PodState::Pending }
}

fn label(pod: &LocalPod, state: PodState, now: Time) -> String {
    let note = machines::note(pod, now);
    match (state, note) {
        (PodState::Ready, _) => "Ready".to_owned(),
        (state, Some(note)) => format!("{}, {note}", state.spoken()),
        (state, None) => state.spoken().to_owned(),
    }
}

/// A span as kubectl prints ages: `6m12s`.
fn age(now: Time, since: Time) -> String {
    let seconds = now.since(since).whole_seconds();
    match seconds {
        0..120 => format!("{seconds}s"),
        120..3600 => format!("{}m{}s", seconds / 60, seconds % 60),
        _ => format!("{}h{}m", seconds / 3600, seconds % 3600 / 60),
    }
}
