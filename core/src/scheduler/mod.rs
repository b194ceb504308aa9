//! The scheduler: one pod at a time, from its queue to a node. Upstream: `pkg/scheduler`.
//!
//! A look takes the first pod of the queue, passes every node through the filters, gives the rest points, and binds
//! the pod to the node with the most. Where no node is left it says so, in an Event and a condition, and leaves the pod
//! until something changes.

mod budgets;
mod census;
mod claims;
mod events;
mod filter;
pub mod memory;
mod message;
pub mod node_order;
mod preemption;
pub mod queue;
mod score;
mod search;
mod spread;
mod terms;
#[cfg(test)]
mod tests;
mod verdict;
mod view;

use std::rc::Rc;

use k8s_openapi::api::core::v1::PodCondition;

use crate::api::{EventType, Kind, ObjectRef, Pod};
use crate::apiserver::{ApiError, DeleteOptions, Patch};
use crate::engine::memory::Remember;
use crate::plan::{EventDraft, EventText, Outcomes, Plan, Snapshot, Turn};
use crate::time::{Duration, Time};
use crate::why;
use crate::why::scheduler::{Preempted, Rejection, Verdict};
use claims::Settled;
use events::ClusterEvent;
use memory::SchedulerMemory;
use preemption::Preemption;
use queue::{FilterSet, QueuedPod};
use search::{Examiner, Search};
use view::{Incoming, View};

/// The name that pods give in `spec.schedulerName` to be scheduled here.
const SCHEDULER_NAME: &str = "default-scheduler";

/// The turn that learns what became of a binding.
const AFTER_BINDING: Turn = Turn(1);
/// The turn that learns what became of the writes by which claims get their volumes.
const AFTER_CLAIMS: Turn = Turn(3);
/// The turn after everything has been said: a refusal changes nothing any more.
const DONE: Turn = Turn(2);

/// One look: takes the first pod of the queue and binds it, or says why it cannot.
pub fn look(snapshot: &Snapshot<'_>, outcomes: &Outcomes, plan: &mut Plan) {
    let mut memory = (*snapshot.memory.scheduler).clone();
    let is_changed = match (outcomes.turn, outcomes.answers.last()) {
        (AFTER_BINDING | AFTER_CLAIMS, Some(Err(error))) => {
            binding_refused(snapshot, &mut memory, error, plan);
            true
        }
        (AFTER_BINDING | AFTER_CLAIMS | DONE, _) => false,
        _ => {
            schedule_next(snapshot, &mut memory, plan);
            true
        }
    };
    let moments = memory.queue.next_moment().into_iter().chain(claims::next_moment(&memory));
    if let Some(moment) = moments.min() {
        let waiting = (memory.queue.waiting() + memory.queue.unschedulable()) as u32;
        plan.look_again_in(moment.since(snapshot.now), why::Scheduler::LooksAgain { waiting });
    }
    if is_changed {
        plan.remember(Remember::Scheduler(Rc::new(memory)));
    }
}

fn schedule_next(snapshot: &Snapshot<'_>, memory: &mut SchedulerMemory, plan: &mut Plan) {
    if let Some(settled) = claims::settled(memory, snapshot.store, snapshot.now) {
        return conclude_claims(snapshot, memory, settled, plan);
    }
    let Some(queued) = memory.queue.pop(snapshot.now) else { return };
    plan.caused_by(queued.causes);
    let cached = snapshot.store.get::<Pod>(&queued.key);
    let Some(pod) = cached.filter(|pod| pod.uid == queued.uid) else { return };
    if pod.is_terminating() {
        let text = format!("skip schedule deleting pod: {}", pod.key);
        let why = why::Scheduler::BeingDeleted { pod: pod.key.clone() };
        plan.event(about(pod, EventType::Warning, "FailedScheduling", text.into()), why);
        return;
    }
    let incoming = Incoming::new(pod);
    let nodes = memory.nodes.clone();
    let view = memory.view(snapshot.store, &nodes);
    let examiner = Examiner::new(&incoming, view.clone(), &memory.rivals_of(pod), &mut memory.census);
    let cleared = pod.status.nominated_node_name.as_deref();
    let cleared = cleared.and_then(|name| view.node_named(&name.into()));
    let search = examiner.search(memory.start, cleared);
    if !nodes.nodes.is_empty() {
        memory.start = (memory.start + search.examined.len()) % nodes.nodes.len();
    }
    let feasible = search.feasible();
    let points = match feasible.len() {
        0 => return fits_nowhere(snapshot, memory, queued, &incoming, &view, &search, plan),
        // A single node needs no comparison.
        1 => Vec::new(),
        _ => score::points(&incoming, &feasible, &view, &mut memory.census),
    };
    let verdict = verdict::fits(&queued, &view, &search, &points);
    let Some(node) = verdict.chosen.clone() else { return };
    bind(snapshot, memory, pod, node, queued, verdict, plan);
}

/// Assumes the pod on its node, and asks the API server to bind it.
fn bind(
    snapshot: &Snapshot<'_>,
    memory: &mut SchedulerMemory,
    pod: &Rc<Pod>,
    node: Rc<str>,
    queued: QueuedPod,
    verdict: Verdict,
    plan: &mut Plan,
) {
    let mut assumed = (**pod).clone();
    assumed.spec.node = Some(node.clone());
    memory.assumed.insert(pod.uid, Rc::new(assumed));
    memory.nominated.remove(&pod.uid);
    if claims::reserve(snapshot, memory, pod, &node, &queued, plan) {
        memory.binding = Some(Rc::new(queued));
        return plan.then(AFTER_CLAIMS);
    }
    send_binding(memory, pod, node, queued, why::Scheduler::Fits(Rc::new(verdict)), plan);
}

/// Asks the API server to bind the pod to its node.
fn send_binding(
    memory: &mut SchedulerMemory,
    pod: &Rc<Pod>,
    node: Rc<str>,
    queued: QueuedPod,
    why: why::Scheduler,
    plan: &mut Plan,
) {
    memory.binding = Some(Rc::new(queued));
    let text = format!("Successfully assigned {} to {node}", pod.key);
    let scheduled = about(pod, EventType::Normal, "Scheduled", text.into());
    plan.bind(pod.key.clone(), pod.uid, node, why).then_event(scheduled);
    plan.then(AFTER_BINDING);
}

/// A pod that waited for its claims' volumes is bound, or goes back to the queue.
#[inline(never)]
fn conclude_claims(snapshot: &Snapshot<'_>, memory: &mut SchedulerMemory, settled: Settled, plan: &mut Plan) {
    let (Settled::Bound(reserved) | Settled::TimedOut(reserved)) = &settled;
    let (queued, node) = (reserved.queued.clone(), reserved.node.clone());
    let cached = snapshot.store.get::<Pod>(&queued.key);
    let Some(pod) = cached.filter(|pod| pod.uid == queued.uid) else { return };
    if let Settled::Bound(_) = settled {
        let why = why::Scheduler::ClaimsAreBound { pod: pod.key.clone(), node: node.clone() };
        return send_binding(memory, pod, node, queued, why, plan);
    }
    let waited_seconds = snapshot.now.since(reserved.since).whole_seconds();
    let why = why::Scheduler::ClaimsTimedOut { pod: pod.key.clone(), node, waited_seconds };
    let message = "running PreBind plugin \"VolumeBinding\": binding volumes: context deadline exceeded";
    if give_back(snapshot, memory, queued).is_none() {
        return;
    }
    report_failure(snapshot, pod, "SchedulerError", message, None, &why, plan);
    plan.then(DONE);
}

/// The API server refused the binding: the pod waits out a back-off. Upstream: `handleBindingCycleError`.
#[inline(never)]
fn binding_refused(snapshot: &Snapshot<'_>, memory: &mut SchedulerMemory, error: &ApiError, plan: &mut Plan) {
    let Some(queued) = memory.binding.take().map(Rc::unwrap_or_clone) else { return };
    let errors = queued.errors + 1;
    let uid = queued.uid;
    let plugin = match memory.reserved.get(&uid) {
        Some(_) => "running PreBind plugin \"VolumeBinding\": binding volumes",
        None => "running Bind plugin \"DefaultBinder\"",
    };
    memory.reserved.remove(&uid);
    let Some((pod, node, back_off)) = give_back(snapshot, memory, queued) else { return };
    let back_off_seconds = back_off.whole_seconds();
    let why = why::Scheduler::BindingRefused { pod: pod.key.clone(), node, errors, back_off_seconds };
    let message = format!("{plugin}: {}", error.message);
    report_failure(snapshot, pod, "SchedulerError", &message, None, &why, plan);
    plan.then(DONE);
}

/// A pod that was assumed on a node is so no longer, and waits out a back-off. Returns it, its node that was to be, and
/// the back-off; `None` where it is gone.
fn give_back<'a>(
    snapshot: &Snapshot<'a>,
    memory: &mut SchedulerMemory,
    queued: QueuedPod,
) -> Option<(&'a Rc<Pod>, Rc<str>, Duration)> {
    let assumed = memory.assumed.get(&queued.uid).cloned()?;
    memory.assumed.remove(&queued.uid);
    let freed = ClusterEvent::PodGone(&assumed);
    memory.moved_by(&freed, snapshot.store, queued.causes, snapshot.now);
    let pod = snapshot.store.get::<Pod>(&queued.key).filter(|pod| pod.uid == queued.uid)?;
    let back_off = memory.queue.put_back_failed(queued, snapshot.now);
    Some((pod, assumed.spec.node.clone().unwrap_or_default(), back_off))
}

/// No node is left: the pod waits for a change that may help it. Upstream: `handleSchedulingFailure`.
#[inline(never)]
fn fits_nowhere(
    snapshot: &Snapshot<'_>,
    memory: &mut SchedulerMemory,
    queued: QueuedPod,
    incoming: &Incoming<'_>,
    view: &View<'_>,
    search: &Search<'_>,
    plan: &mut Plan,
) {
    let (pod, now) = (incoming.pod, snapshot.now);
    let histogram = search.histogram();
    let mut cleared = None;
    let message = if view.nodes.is_empty() {
        message::NO_NODES.to_owned()
    } else if let Some((reason, _)) = histogram.first_key_value().filter(|_| search.hopeless.is_some()) {
        message::hopeless_error(view.nodes.len(), reason)
    } else {
        let fit_error = message::fit_error(view.nodes.len(), &histogram);
        match preemption::preempt(incoming, view, &search.rejected(), &mut memory.census) {
            Preemption::DoesNotHelp(reason) => message::without_preemption(&fit_error, &reason),
            Preemption::Clears(candidate) => {
                cleared = Some(candidate);
                fit_error
            }
        }
    };
    let verdict = verdict::fits_nowhere(&queued, view, search, histogram, message.as_str().into());
    let rejected_by: FilterSet = search.rejections().map(Rejection::plugin).collect();
    if rejected_by == FilterSet::default() {
        // Upstream takes a pod that no plugin rejected for one that met an error.
        memory.queue.put_back_failed(queued, now);
    } else {
        memory.queue.put_back_unschedulable(queued, rejected_by, now);
    }
    let node = cleared.as_ref().map_or("", |candidate| &candidate.node);
    memory.nominate(pod, node);
    let why = why::Scheduler::FitsNowhere(Rc::new(verdict));
    report_failure(snapshot, pod, "Unschedulable", &message, Some(node.into()), &why, plan);
    for victim in cleared.iter().flat_map(|candidate| &candidate.victims) {
        evict(snapshot, pod, victim, node, plan);
    }
    plan.then(DONE);
}

/// Says in an Event and in the pod's condition why it has no node. `nominated` is the node that is being cleared for it,
/// empty where none is.
fn report_failure(
    snapshot: &Snapshot<'_>,
    pod: &Rc<Pod>,
    reason: &str,
    message: &str,
    nominated: Option<Rc<str>>,
    why: &why::Scheduler,
    plan: &mut Plan,
) {
    let failed = about(pod, EventType::Warning, "FailedScheduling", message::for_event(message));
    plan.event(failed, why.clone());
    let known = pod.status.nominated_node_name.as_deref().unwrap_or_default();
    let nominated = nominated.filter(|node| &**node != known);
    let condition = condition(pod, "PodScheduled", "False", reason, message, snapshot.now);
    if nominated.is_none() && condition.is_none() {
        return;
    }
    let patch = Patch::PodCondition { condition: condition.map(Rc::new), nominated_node: nominated };
    plan.patch(ObjectRef::new(Kind::Pod, pod.key.clone()), pod.uid, patch, why.clone()).go_on();
}

/// Asks a pod of lower priority to leave. Upstream: `Evaluator.PreemptPod`.
#[inline(never)]
fn evict(snapshot: &Snapshot<'_>, pod: &Rc<Pod>, victim: &Rc<Pod>, node: &str, plan: &mut Plan) {
    let why = why::Scheduler::Preempts(Rc::new(Preempted {
        pod: pod.key.clone(),
        priority: pod.priority(),
        victim: victim.key.clone(),
        victim_priority: victim.priority(),
        node: node.into(),
    }));
    let target = ObjectRef::new(Kind::Pod, victim.key.clone());
    let message = format!("{SCHEDULER_NAME}: preempting to accommodate a higher priority pod");
    let reason = "PreemptionByScheduler";
    if let Some(condition) = condition(victim, "DisruptionTarget", "True", reason, &message, snapshot.now) {
        let patch = Patch::PodCondition { condition: Some(Rc::new(condition)), nominated_node: None };
        plan.patch(target.clone(), victim.uid, patch, why.clone()).go_on();
    }
    let text = format!("Preempted by pod {} on node {node}", pod.uid);
    let preempted = about(victim, EventType::Normal, "Preempted", text.into());
    plan.delete(target, DeleteOptions::default(), why).go_on().then_event(preempted);
}

/// A condition as `pod` is to have it; `None` if it has it already. Upstream: `UpdatePodCondition`.
fn condition(
    pod: &Pod,
    name: &str,
    status: &str,
    reason: &str,
    message: &str,
    now: Time,
) -> Option<PodCondition> {
    let known = pod.condition(name);
    let is_known = |known: &&PodCondition| {
        known.status == status
            && known.reason.as_deref() == Some(reason)
            && known.message.as_deref() == Some(message)
            && known.observed_generation == Some(pod.meta.generation)
    };
    if known.as_ref().is_some_and(is_known) {
        return None;
    }
    let since = known.filter(|known| known.status == status);
    let since = since.and_then(|known| known.last_transition_time.clone());
    Some(PodCondition {
        type_: name.to_owned(),
        status: status.to_owned(),
        reason: Some(reason.to_owned()),
        message: Some(message.to_owned()),
        last_transition_time: Some(since.unwrap_or_else(|| now.to_api())),
        observed_generation: Some(pod.meta.generation),
        ..PodCondition::default()
    })
}

fn about(pod: &Pod, event_type: EventType, reason: &'static str, text: Rc<str>) -> EventDraft {
    let target = ObjectRef::new(Kind::Pod, pod.key.clone());
    EventDraft::about(target, pod.uid, event_type, reason, EventText::Fixed(text))
}
