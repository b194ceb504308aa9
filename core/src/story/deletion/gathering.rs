//! Where a deletion begins, and the walk along its stations.

use std::rc::Rc;

use super::node_side::OnNode;
use super::reactions;
use super::{Deletion, Fact, Hold, Outcome, Skip, Station, Stop};
use crate::api::{Object, Pod, Uid};
use crate::apiserver::{Change, Verb, Write};
use crate::engine::{Actor, Cause, Step, StepId, Timeline, What};
use crate::why::{ApiServer, Kubectl, Why};

/// Everything that the stations are read from.
pub(super) struct Gathered<'a> {
    pub(super) timeline: &'a Timeline,
    /// The step in which the API server accepted the request.
    pub(super) accepted: &'a Step,
    /// The step in which it was sent: another one where the API server follows an eviction up by itself.
    request: &'a Step,
    /// The pod as it was before.
    pub(super) pod: &'a Pod,
    /// The step that removed the object, if it is known.
    pub(super) removed: Option<&'a Step>,
}

impl<'a> Gathered<'a> {
    /// The steps from the accepted request on, itself included.
    pub(super) fn steps(&self) -> impl Iterator<Item = &'a Step> + use<'a> {
        self.timeline.steps()[self.accepted.id.0 as usize..].iter().map(Rc::as_ref)
    }

    /// Whether a step answers what became of the pod's object: the mark, or its removal.
    pub(super) fn is_answer(&self, step: &Step) -> bool {
        step.causes.iter().any(|cause| match cause {
            Cause::Step(id) | Cause::Timer(id) => {
                id >= self.accepted.id
                    && self.timeline.step(id).is_some_and(|cause| self.changes_object(cause))
            }
            Cause::Command(_) | Cause::Fault(_) => false,
        })
    }

    fn changes_object(&self, step: &Step) -> bool {
        let pod = step.change().and_then(|change| pod_of(change));
        pod.is_some_and(|pod| pod.uid == self.pod.uid)
    }
}

/// Reads the stations of a pod's deletion.
pub(super) fn gather(timeline: &Timeline, uid: Uid) -> Option<Deletion> {
    let accepted = timeline.steps().iter().find(|step| begins(step).is_some_and(|pod| pod.uid == uid))?;
    let pod = begins(accepted)?;
    let after = &timeline.steps()[accepted.id.0 as usize..];
    let removed = after.iter().map(Rc::as_ref).find(|step| removes(step, uid));
    let request = request_of(timeline, accepted);
    let gathered = Gathered { timeline, accepted, request, pod, removed };
    let on_node = OnNode::of(&gathered);
    let marked = accepted.change().and_then(|change| change.after.as_ref());
    let grace = marked.and_then(|object| object.meta().deletion).map_or(0, |deletion| deletion.grace_seconds);
    let outcomes = [
        requested(&gathered),
        reached(accepted, Fact::User(request.actor.user().to_string().into())),
        validated(&gathered),
        mark(accepted, marked),
        reactions::replaced(&gathered),
        reactions::unrouted(&gathered),
        on_node.signalled(),
        on_node.killed(),
        on_node.cleaned_up(),
        removal(&gathered, &on_node),
    ];
    let mut outcomes = outcomes.into_iter();
    let stations = Stop::ALL.map(|stop| Station { stop, outcome: outcomes.next().unwrap_or(Outcome::Ahead) });
    Some(Deletion {
        pod: pod.key.clone(),
        short_name: short_name(pod),
        uid,
        accepted: accepted.id,
        grace_seconds: grace,
        is_forced: pod.node().is_some() && grace == 0,
        warning: warning(&gathered),
        stations,
    })
}

/// The pod whose deletion begins in this step, as it was before.
pub(in crate::story) fn begins(step: &Step) -> Option<&Pod> {
    let change = step.change()?;
    let Some(Object::Pod(before)) = &change.before else { return None };
    let is_asked = change.verb == Verb::Delete || change.subresource == "eviction";
    let goes = change.after.as_ref().is_none_or(|after| after.meta().deletion.is_some());
    (is_asked && goes && !before.is_terminating()).then_some(before)
}

/// A station that a step reached.
pub(super) fn reached(step: &Step, fact: Fact) -> Outcome {
    Outcome::Reached { step: step.id, at: step.at, by: step.actor.clone(), fact }
}

/// What tells a pod apart from its siblings: its name without what its controller made it of.
pub(in crate::story) fn short_name(pod: &Pod) -> Rc<str> {
    let prefix = pod.meta.generate_name.as_deref().unwrap_or_default();
    pod.name().strip_prefix(prefix).filter(|rest| !rest.is_empty()).unwrap_or(pod.name()).into()
}

fn pod_of(change: &Change) -> Option<&Pod> {
    if let Some(Object::Pod(pod)) = change.subject() { Some(pod) } else { None }
}

fn removes(step: &Step, uid: Uid) -> bool {
    step.change()
        .is_some_and(|change| change.after.is_none() && pod_of(change).is_some_and(|pod| pod.uid == uid))
}

/// The API server deletes the pod of an eviction that it let through; whoever asked for that eviction made the request.
fn request_of<'a>(timeline: &'a Timeline, accepted: &'a Step) -> &'a Step {
    if !matches!(accepted.why, Why::ApiServer(ApiServer::BudgetAllows)) {
        return accepted;
    }
    let causes = accepted.causes.iter().filter_map(|cause| match cause {
        Cause::Step(id) => timeline.step(id).map(Rc::as_ref),
        _ => None,
    });
    causes.into_iter().next().unwrap_or(accepted)
}

/// A person's request begins with the command; a component's with the write itself.
fn requested(gathered: &Gathered<'_>) -> Outcome {
    let request = gathered.request;
    let grace_seconds = match &request.why {
        Why::Kubectl(Kubectl::Deletes { grace_seconds, .. }) => *grace_seconds,
        _ => None,
    };
    let is_eviction = request.id != gathered.accepted.id || subresource(request) == "eviction";
    let fact = Fact::Request { grace_seconds, is_eviction };
    let asked = match request.actor {
        Actor::Kubectl(command) => gathered.timeline.step_of_command(command),
        _ => None,
    };
    let first = asked.map_or(request, Rc::as_ref);
    Outcome::Reached { step: first.id, at: first.at, by: request.actor.clone(), fact }
}

/// What kubectl printed to stderr before its request.
fn warning(gathered: &Gathered<'_>) -> Option<Rc<str>> {
    let request = gathered.request;
    let Actor::Kubectl(command) = request.actor else { return None };
    let asked = gathered.timeline.step_of_command(command)?.id;
    let before = &gathered.timeline.steps()[asked.0 as usize..request.id.0 as usize];
    let warned = before.iter().filter(|step| step.actor == request.actor).find_map(|step| match &step.what {
        What::Printed(printed) if printed.is_error => printed.text.lines().next(),
        _ => None,
    });
    warned.map(Rc::from)
}

fn subresource(step: &Step) -> &'static str {
    step.change().map_or("", |change| change.subresource)
}

/// What was refused before counts too: an eviction is tried again until its budget allows it.
fn validated(gathered: &Gathered<'_>) -> Outcome {
    let asked_for = |write: &Write| {
        let is_removal = matches!(write, Write::Evict { .. } | Write::Delete { .. });
        is_removal && write.target().key == gathered.pod.key
    };
    let earlier = &gathered.timeline.steps()[..gathered.accepted.id.0 as usize];
    let by_requester = earlier.iter().filter(|step| step.actor == gathered.request.actor);
    let refusals = by_requester.filter_map(|step| match &step.what {
        What::Refused { write, error } if asked_for(write) => Some(error),
        _ => None,
    });
    let last =
        refusals.clone().next_back().map_or_else(|| Rc::from(""), |error| Rc::from(error.message.as_str()));
    reached(gathered.accepted, Fact::Accepted { refusals: refusals.count(), last })
}

fn mark(accepted: &Step, marked: Option<&Object>) -> Outcome {
    let Some(meta) = marked.map(Object::meta) else { return Outcome::Skipped(Skip::RemovedAtOnce) };
    let grace_seconds = meta.deletion.map_or(0, |deletion| deletion.grace_seconds);
    reached(accepted, Fact::Mark { grace_seconds, finalizers: meta.finalizers.len() })
}

fn removal(gathered: &Gathered<'_>, on_node: &OnNode<'_>) -> Outcome {
    if let Some(removed) = gathered.removed {
        let after = removed.at.since(gathered.accepted.at);
        let fact = Fact::Removal { after_ms: after.as_millis(), runs_on: on_node.runs_after(removed.id) };
        return Outcome::Reached {
            step: removed.id,
            at: removed.at,
            by: gathered.accepted.actor.clone(),
            fact,
        };
    }
    let head = gathered.timeline.head();
    let Some(pod) = head.store.get::<Pod>(&gathered.pod.key).filter(|pod| pod.uid == gathered.pod.uid) else {
        return Outcome::Ahead;
    };
    let finalizers: Vec<Rc<str>> = pod.meta.finalizers.iter().map(|each| Rc::from(&**each)).collect();
    let is_node_done = !on_node.is_busy();
    if !finalizers.is_empty() && is_node_done {
        return Outcome::Held(Hold::Finalizers(finalizers));
    }
    on_node.hold().map_or(Outcome::Ahead, Outcome::Held)
}

/// The number of the last step that is known.
pub(super) fn last(timeline: &Timeline) -> StepId {
    StepId(timeline.len().saturating_sub(1) as u32)
}
