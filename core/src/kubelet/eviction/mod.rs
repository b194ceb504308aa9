//! The kubelet frees memory, disk and process numbers that run out: every ten seconds it looks what is left, and while that is too little it
//! ends one pod after the other. Its node says so for five minutes longer. A pod that has written more than it may it ends
//! however much is left. Upstream: `pkg/kubelet/eviction/eviction_manager.go`.

mod limits;
mod ranking;
mod threshold;
pub(super) mod usage;
mod volumes;

use std::rc::Rc;

use limits::Excess;
use ranking::Candidate;
use threshold::Left;
pub use threshold::capacity;

use super::local_pod::{Cause, LocalPod, Verdict};
use super::machine::Machine;
use super::runtime::{self, Effect, MachineChange, PodChange};
use super::{MachineContext, node_report};
use crate::api::{EventType, Key, Kind, Node, ObjectRef, Uid};
use crate::engine::memory::Remember;
use crate::engine::workqueue::WorkItem;
use crate::plan::{EventDraft, EventText, Plan, Snapshot};
use crate::simulation::Space;
use crate::time::{Duration, Time};
use crate::why;

/// How often the kubelet looks what is left. Upstream: `evictionMonitoringPeriod`.
const PERIOD: Duration = Duration::from_seconds(10);

/// How often it looks whether an evicted pod is gone. Upstream: `podCleanupPollFreq`.
const CLEANUP: Duration = Duration::from_seconds(1);

/// How long it waits for that. Upstream: `podCleanupTimeout`.
const CLEANUP_TIMEOUT: Duration = Duration::from_seconds(30);

/// How long a node says that it is short of something after it was. Upstream: `evictionPressureTransitionPeriod`.
const TRANSITION: Duration = Duration::from_seconds(300);

/// How long an evicted pod has to end. Upstream: `immediateEvictionGracePeriodSeconds`.
pub(super) const GRACE_SECONDS: i64 = 1;

/// The priority from which on a pod counts as one that the cluster cannot do without.
const CRITICAL: i32 = 2_000_000_000;

/// `status.reason` of a pod that was evicted, or turned away for the same reason.
pub(super) const REASON: &str = "Evicted";

/// What a kubelet knows of what is left of its machine. A machine on which nothing speaks of that has none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pressure {
    /// In the order of [`Space::ALL`].
    shortages: [Shortage; Space::ALL.len()],
    /// The pods that were evicted last, and until when the kubelet waits for them to be gone.
    leaving: Option<(Rc<[Uid]>, Time)>,
    /// When it looks again, while there is something to look for.
    next: Option<Time>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Shortage {
    /// What is used by what is no pod.
    elsewhere: i64,
    /// When there was too little of it last.
    seen: Option<Time>,
    /// Whether the kubelet holds that its node is short of it.
    holds: bool,
}

impl Pressure {
    /// What is used by what is no pod: bytes, or how many.
    pub fn elsewhere(&self, space: Space) -> i64 {
        self.of(space).elsewhere
    }

    /// Whether the kubelet holds that its node is short of this.
    pub fn holds(&self, space: Space) -> bool {
        self.of(space).holds
    }

    fn of(&self, space: Space) -> &Shortage {
        &self.shortages[space as usize]
    }

    fn of_mut(&mut self, space: Space) -> &mut Shortage {
        &mut self.shortages[space as usize]
    }
}

/// From now on so much is used by what is no pod.
pub fn use_elsewhere(machine: &mut Machine, space: Space, used: i64, context: &mut MachineContext<'_>) {
    let pressure = Rc::make_mut(machine.pressure.get_or_insert_default());
    pressure.of_mut(space).elsewhere = used;
    usage_changed(machine, context);
}

/// Something uses more than before: the kubelet looks when there is too little left, or a pod uses more than it may.
pub(super) fn usage_changed(machine: &mut Machine, context: &mut MachineContext<'_>) {
    machine.pressure.get_or_insert_default();
    let is_short = |space: &Space| threshold::left(machine, *space, context.now).is_too_little();
    if Space::ALL.iter().any(is_short) || is_any_above_its_limits(machine, context.now) {
        context.wakes.push(WorkItem::Object(node_of(machine)));
    }
}

/// Whether a pod is to be evicted for what it has written, once that is measured.
fn is_any_above_its_limits(machine: &Machine, now: Time) -> bool {
    evictable(machine).any(|pod| limits::excess(machine, pod, now, now).is_some())
}

/// The pods that may be evicted.
fn evictable(machine: &Machine) -> impl Iterator<Item = &Rc<LocalPod>> {
    ranking::active(machine).filter(|pod| !is_critical(pod))
}

fn node_of(machine: &Machine) -> ObjectRef {
    ObjectRef::new(Kind::Node, Key::new("", machine.name.clone()))
}

/// The moments, from its setting up on, at which there is more in a pod's volumes than before.
pub(super) fn moments_of_volumes(pod: &LocalPod) -> Vec<Duration> {
    volumes::moments(pod)
}

/// Ends a pod, whatever its restart policy says.
pub(super) fn evict(
    machine: &mut Machine,
    pod: Uid,
    verdict: &Rc<Verdict>,
    context: &mut MachineContext<'_>,
) -> Option<MachineChange> {
    let local = machine.pod_mut(pod)?;
    local.verdict = Some(verdict.clone());
    context.wake(pod);
    Some(runtime::of_pod(local, PodChange::Evicted))
}

/// Whether a pod stays whatever it uses: static pods, and those of the highest priorities. Upstream: `IsCriticalPod`.
pub(super) fn is_critical(pod: &LocalPod) -> bool {
    pod.origin.is_some() || pod.object().priority() >= CRITICAL
}

/// Whether a pod was evicted by its kubelet.
pub(super) fn is_evicted(pod: &LocalPod) -> bool {
    pod.verdict.as_ref().is_some_and(|verdict| matches!(verdict.cause, Cause::Shortage | Cause::OwnLimit))
}

/// One look of a kubelet at its own node.
#[inline(never)]
pub fn look(snapshot: &Snapshot<'_>, machine: &Machine, plan: &mut Plan) {
    let Some(known) = &machine.pressure else { return };
    let mut pressure = (**known).clone();
    let now = snapshot.now;
    match pressure.next {
        Some(at) if now < at => {}
        Some(_) => manage(machine, &mut pressure, now, plan),
        // Woken out of rest: it looks at its next turn.
        None => pressure.next = Some(turn(PERIOD, machine, now)),
    }
    if let Some(at) = pressure.next {
        plan.look_again_in(at.since(now), why::Eviction::WatchesItsSpace);
    }
    node_report::report(snapshot, machine, &pressure, plan);
    if pressure != **known {
        plan.remember(Remember::Pressure(machine.name.clone(), Rc::new(pressure)));
    }
}

/// The next multiple of a period, as this machine counts.
pub(super) fn turn(period: Duration, machine: &Machine, now: Time) -> Time {
    let offset = u64::from(machine.number) * 137_000_000 % period.0;
    Time((now.0 + period.0 - offset) / period.0 * period.0 + offset)
}

/// Looks what is left, and evicts a pod where that is too little. Upstream: `synchronize`.
fn manage(machine: &Machine, pressure: &mut Pressure, now: Time, plan: &mut Plan) {
    if let Some((pods, until)) = &pressure.leaving {
        let is_there = |pod: &LocalPod| pod.is_any_running() || pod.sandbox().is_some();
        if now < *until && pods.iter().any(|pod| machine.pod(*pod).is_some_and(|pod| is_there(pod))) {
            pressure.next = Some(now + CLEANUP);
            return;
        }
        pressure.leaving = None;
    }
    let left = Space::ALL.map(|space| threshold::left(machine, space, now));
    for left in &left {
        let shortage = pressure.of_mut(left.space);
        if left.is_too_little() {
            shortage.seen = Some(now);
        }
        shortage.holds = shortage.seen.is_some_and(|seen| now.since(seen) < TRANSITION);
    }
    let is_short = |space: Space| pressure.of(space).holds;
    let is_to_watch = Space::ALL.into_iter().any(is_short) || is_any_above_its_limits(machine, now);
    pressure.next = is_to_watch.then(|| turn(PERIOD, machine, now));
    let ended = end_who_is_above_limits(machine, now, plan);
    if !ended.is_empty() {
        return wait_for(pressure, ended.into(), now);
    }
    // Memory comes before everything else.
    let Some(short) = left.iter().find(|left| left.is_too_little()) else { return };
    let resource = short.space.resource();
    let why = why::Eviction::SpaceShort { resource, available: short.available, threshold: short.threshold };
    // A node's own Events are about a uid that is its name: nobody's, here.
    let message = format!("Attempting to reclaim {resource}");
    plan.event(node_event(machine, EventType::Warning, "EvictionThresholdMet", message), why);
    if matches!(short.space, Space::Disk | Space::Inodes) && remove_images(machine, &left, plan) {
        return;
    }
    let candidates = ranking::ranked(machine, short.space, now);
    let of = candidates.len();
    let Some(first) = candidates.into_iter().find(|candidate| !is_critical(&candidate.pod)) else { return };
    end_first(&first, short, of, now, plan);
    wait_for(pressure, Rc::new([first.pod.uid()]), now);
}

fn wait_for(pressure: &mut Pressure, evicted: Rc<[Uid]>, now: Time) {
    pressure.leaving = Some((evicted, now + CLEANUP_TIMEOUT));
    pressure.next = Some(now + CLEANUP);
}

/// Evicts every pod that has written more than it may. Upstream: `localStorageEviction`.
fn end_who_is_above_limits(machine: &Machine, now: Time, plan: &mut Plan) -> Vec<Uid> {
    let measured = volumes::measured(machine, now);
    let mut ended = Vec::new();
    for pod in evictable(machine) {
        let Some(excess) = limits::excess(machine, pod, measured, now) else { continue };
        let Excess { limit, used: used_bytes, allowed: limit_bytes, message } = excess;
        let why = why::Eviction::AboveLimit { limit, used_bytes, limit_bytes };
        end(pod, Cause::OwnLimit, message, why, plan);
        ended.push(pod.uid());
    }
    ended
}

fn end_first(first: &Candidate, short: &Left, of: usize, now: Time, plan: &mut Plan) {
    let why = why::Eviction::EvictsPod {
        resource: short.space.resource(),
        used: first.used,
        requested: first.requested,
        priority: first.priority,
        of: of as u32,
    };
    end(&first.pod, Cause::Shortage, first.message(short, now), why, plan);
}

fn end(pod: &LocalPod, cause: Cause, message: String, why: why::Eviction, plan: &mut Plan) {
    let message: Rc<str> = message.into();
    let about = ObjectRef::new(Kind::Pod, pod.key().clone());
    let text = EventText::Fixed(message.clone());
    plan.event(EventDraft::about(about, pod.uid(), EventType::Warning, REASON, text), why.clone());
    let verdict = Rc::new(Verdict { reason: REASON, message, cause });
    plan.effect(Effect::Evict { pod: pod.uid(), verdict }, why);
}

/// Removes the images that nothing runs from. Returns whether that is enough. Upstream: `reclaimNodeLevelResources`.
fn remove_images(machine: &Machine, left: &[Left], plan: &mut Plan) -> bool {
    let unused: Vec<_> =
        machine.images.present().filter(|image| !is_in_use(machine, &image.reference)).collect();
    if unused.is_empty() {
        return false;
    }
    let freed = |space: Space| usage::total(unused.iter().map(|image| usage::of_image(image, space)));
    let bytes = freed(Space::Disk);
    let images: Rc<[Rc<str>]> = unused.iter().map(|image| image.reference.clone()).collect();
    let why = why::Eviction::ImagesUnused { images: images.len(), bytes };
    plan.effect(Effect::RemoveImages(images), why);
    left.iter().all(|left| left.available.saturating_add(freed(left.space)) >= left.threshold)
}

fn is_in_use(machine: &Machine, reference: &str) -> bool {
    let asked = machine.images.pulls().iter();
    asked.into_iter().any(|pull| super::images::reference(&pull.image).is_ok_and(|asked| asked == reference))
        || machine.pods().any(|pod| {
            let wants = |place: usize| {
                let name = pod.spec_of(place).image.as_deref().unwrap_or_default();
                super::images::reference(name).is_ok_and(|wanted| wanted == reference)
            };
            pod.is_to_run() && (0..pod.containers.len()).any(wants)
        })
}

/// An Event about the node itself. Upstream: its `involvedObject.uid` is the node's name.
pub(super) fn node_event(
    machine: &Machine,
    event_type: EventType,
    reason: &'static str,
    message: String,
) -> EventDraft {
    let node = node_of(machine);
    let uid = machine.kubelet_cache.get::<Node>(&node.key).map(|node| node.uid).unwrap_or_default();
    EventDraft::about(node, uid, event_type, reason, EventText::Fixed(message.into()))
}
