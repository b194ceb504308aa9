//! The kubelet: makes the pods bound to its node run, and reports what runs. Upstream: `pkg/kubelet`.
//!
//! One worker per pod uid looks at its pod ([`sync`]), plans status reports, Events and effects, and is busy while
//! an effect takes time. The [`Machine`] is what really is; the API learns of it by PATCHes of the pod's status.
//!
//! ```text
//! look:  PATCH Pending, begin sandbox  ...180 ms...  sandbox is up
//! look:  PATCH PodReadyToStartContainers, begin pull  ...900 ms...  pull ended
//! look:  Event Pulled, Event Created, begin start  ...250 ms...  process runs
//! look:  Event Started, PATCH Running
//! ```

mod admission;
mod boot;
mod by_hand;
mod credentials;
pub mod environment;
pub mod eviction;
mod hosts;
pub mod images;
mod local_pod;
pub mod log;
mod machine;
pub mod manifests;
pub mod measure;
mod mirror;
mod node_report;
mod probes;
mod pulling;
mod replacing;
mod report;
pub mod restart;
mod runtime;
mod sources;
mod starting;
mod status;
mod termination;
#[cfg(test)]
mod tests;
mod working;

use std::rc::Rc;

use crate::api::{EventType, Kind, Object, ObjectRef, Pod, Uid};
use crate::apiserver::{Change, Store};
use crate::engine::memory::Remember;
use crate::engine::workqueue::WorkItem;
use crate::plan::{EventDraft, EventText, Outcomes, Plan, Snapshot};
use crate::rng::Rng;
use crate::simulation::{KubeletMode, Simulation};
use crate::time::{Duration, Time};
use crate::why;

pub(crate) use boot::boot;
pub use by_hand::{Finish, Intervention};
pub use environment::Environment;
pub use hosts::hosts_file;
pub use local_pod::{
    Cause, Container, ContainerState, Doing, Ended, LocalPod, Mounting, Role, Running, Sandbox, Stage, Stop,
    StopClock, Verdict, Waiting,
};
pub use machine::{Machine, Machines};
pub use manifests::Manifest;
pub use probes::{Probe, ProbeKind};
pub use runtime::{ContainerAt, Effect, MachineChange, MachineTimer, PodChange, apply, fire};

/// What an effect or a timer may use and leave behind.
pub struct MachineContext<'a> {
    /// Virtual time.
    pub now: Time,
    /// The world's luck.
    pub rng: &'a mut Rng,
    /// Latencies and modes.
    pub simulation: &'a Simulation,
    /// Moments to come, and whether something is in progress until then (a pull, a grace period), as opposed to
    /// a wait that may last (a back-off, a resync).
    pub timers: Vec<(Time, MachineTimer, bool)>,
    /// What the kubelet or kube-proxy must look at because of this, at once.
    pub wakes: Vec<WorkItem>,
}

impl MachineContext<'_> {
    /// Something is in progress until `timer`.
    fn progress(&mut self, after: Duration, timer: MachineTimer) {
        self.timers.push((self.now + after, timer, true));
    }

    /// Something may be waited for until `timer`, for long.
    fn wait(&mut self, after: Duration, timer: MachineTimer) {
        self.timers.push((self.now + after, timer, false));
    }

    /// As [`MachineContext::wait`], until an instant.
    fn at(&mut self, at: Time, timer: MachineTimer) {
        self.timers.push((at, timer, false));
    }

    /// The kubelet looks at this pod at once.
    fn wake(&mut self, pod: Uid) {
        self.wakes.push(WorkItem::Pod(pod));
    }
}

/// A change of a pod reached the kubelet, with the store as of it. Returns whether its worker must look: the status
/// that it reported itself tells it nothing new.
pub fn notice(machine: &mut Machine, store: &Store, change: &Change) -> Option<Uid> {
    let Some(Object::Pod(subject)) = change.subject() else { return None };
    let uid = subject.uid;
    if subject.is_mirror() {
        return notice_mirror(machine, change);
    }
    let is_here = |pod: &&Rc<Pod>| pod.uid == uid && pod.node() == Some(&*machine.name);
    let object = store.get::<Pod>(&subject.key).filter(is_here);
    match (machine.pod(uid), object) {
        (None, Some(object)) => machine.put(Rc::new(LocalPod::new(object.clone()))),
        (Some(known), Some(object)) => {
            if !is_news(&known.api, object) {
                return None;
            }
            machine.pod_mut(uid)?.api = object.clone();
        }
        (Some(known), None) if known.stage == Stage::Ended => {
            machine.forget(uid);
            return None;
        }
        (Some(_), None) => machine.pod_mut(uid)?.is_removed = true,
        (None, None) => return None,
    }
    Some(uid)
}

/// A mirror came, goes or is gone: the static pod behind it is looked at. Its status tells the kubelet nothing new.
fn notice_mirror(machine: &Machine, change: &Change) -> Option<Uid> {
    let pod = change.subject().and_then(|subject| machine.static_pod(subject.key()))?;
    let deletion = |object: &Option<Object>| object.as_ref().and_then(|object| object.meta().deletion);
    let is_news = change.before.is_none() || deletion(&change.before) != deletion(&change.after);
    (is_news || change.after.is_none()).then(|| pod.uid())
}

/// Whether a kubelet that knows `old` must look again because of `new`.
fn is_news(old: &Pod, new: &Pod) -> bool {
    let same_meta = Rc::ptr_eq(&old.meta, &new.meta) || old.meta == new.meta;
    let same_spec = Rc::ptr_eq(&old.spec.spec, &new.spec.spec) || old.spec.spec == new.spec.spec;
    let gates = new.spec.spec.readiness_gates.iter().flatten();
    let same_gates =
        gates.map(|gate| &gate.condition_type).all(|name| old.condition(name) == new.condition(name));
    new.resource_version > old.resource_version && !(same_meta && same_spec && same_gates)
}

/// One look by a kubelet at one pod, known by uid. `snapshot.store` is the kubelet's cache.
pub fn sync(snapshot: &Snapshot<'_>, machine: &Machine, pod: Uid, _outcomes: &Outcomes, plan: &mut Plan) {
    let Some(known) = machine.pod(pod) else { return };
    let (simulation, now) = (snapshot.simulation, snapshot.now);
    let mut look = Look { store: snapshot.store, machine, simulation, now, pod: known.clone(), plan };
    look.tell_of_failed_probes();
    match simulation.kubelets {
        KubeletMode::Automatic => look.look(),
        KubeletMode::Manual | KubeletMode::Held => look.look_by_hand(),
    }
    let pod = look.pod;
    if !Rc::ptr_eq(&pod, known) {
        plan.remember(Remember::Pod(machine.name.clone(), pod));
    }
}

/// One look: what is known, what will be known after it, and the plan.
struct Look<'a> {
    /// The kubelet's cache.
    store: &'a Store,
    machine: &'a Machine,
    simulation: &'a Simulation,
    now: Time,
    pod: Rc<LocalPod>,
    plan: &'a mut Plan,
}

impl Look<'_> {
    fn look(&mut self) {
        self.send_what_waits();
        match self.pod.stage {
            Stage::Working if self.must_end() => self.begin_ending(),
            Stage::Working => self.work(),
            Stage::Ending => self.go_on_stopping(),
            Stage::Stopped => self.settle(),
            Stage::Ended if self.is_withdrawn() => self.retire(),
            Stage::Ended => self.ask_for_erasure(),
        }
    }

    /// Deletion was asked for, or the object is gone.
    fn must_end(&self) -> bool {
        let is_deleted = self.pod.api.is_terminating() || self.pod.is_removed || self.is_withdrawn();
        is_deleted || eviction::is_evicted(&self.pod) || self.pod.finish.is_some()
    }

    fn pod_mut(&mut self) -> &mut LocalPod {
        Rc::make_mut(&mut self.pod)
    }

    fn container_mut(&mut self, place: usize) -> &mut Container {
        &mut self.pod_mut().containers[place]
    }

    fn at(&self, place: usize) -> ContainerAt {
        ContainerAt { pod: self.pod.uid(), place }
    }

    fn name(&self, place: usize) -> Rc<str> {
        self.pod.containers[place].name.clone()
    }

    /// Whether the kubelet reaches nobody: it goes on with what it knows, and tells of it later.
    fn is_alone(&self) -> bool {
        self.simulation.stopped.has_no_server()
    }

    fn reference(&self) -> ObjectRef {
        ObjectRef::new(Kind::Pod, self.pod.key().clone())
    }

    /// An Event about a container of the pod.
    fn event(
        &mut self,
        place: usize,
        event_type: EventType,
        reason: &'static str,
        message: impl Into<Rc<str>>,
        why: why::Kubelet,
    ) {
        let field_path = Some(self.pod.containers[place].field_path.clone());
        let draft = self.draft(event_type, reason, message.into());
        self.plan.event(EventDraft { field_path, ..draft }, why);
    }

    /// An Event about the pod as a whole.
    fn pod_event(
        &mut self,
        event_type: EventType,
        reason: &'static str,
        message: impl Into<Rc<str>>,
        why: why::Kubelet,
    ) {
        let draft = self.draft(event_type, reason, message.into());
        self.plan.event(draft, why);
    }

    fn draft(&self, event_type: EventType, reason: &'static str, message: Rc<str>) -> EventDraft {
        EventDraft::about(self.reference(), self.pod.uid(), event_type, reason, EventText::Fixed(message))
    }

    fn tell_of_failed_probes(&mut self) {
        if self.pod.unhealthy.is_empty() {
            return;
        }
        for failed in std::mem::take(&mut self.pod_mut().unhealthy) {
            let message = format!("{} probe failed: {}", failed.kind.name(), failed.output);
            let why = why::Kubelet::ProbeFailed {
                container: self.name(failed.place),
                probe: failed.kind.name(),
                times: failed.times,
                threshold: failed.threshold,
            };
            self.event(failed.place, EventType::Warning, "Unhealthy", message, why);
        }
    }
}
