//! Which nodes need a pod, and which pods are not needed. Upstream: `daemon_controller.go`,
//! `podsShouldBeOnNode`, `syncNodes`.

use std::rc::Rc;

use super::REVISED;
use super::fit::Fit;
use super::look::Look;
use super::memory::DaemonSetMemory;
use super::pods::{self, Maker};
use super::update;
use crate::api::{Kind, Object, ObjectRef, Pod};
use crate::apiserver::{DeleteOptions, Reason};
use crate::controllers;
use crate::engine::memory::Remember;
use crate::plan::{EventDraft, EventText, Outcomes, Plan, Turn};
use crate::time::Duration;
use crate::why::daemon_set::DaemonSet as Why;

/// The most pods that one look creates or deletes. Upstream: `BurstReplicas`.
const BURST: usize = 250;

/// What is to be done about pods.
#[derive(Default)]
pub(super) struct Work<'a> {
    /// Nodes that get a pod, and why; the size of the batch is told later.
    pub(super) create: Vec<(Rc<str>, Why)>,
    /// Pods that go.
    pub(super) delete: Vec<(&'a Rc<Pod>, Why)>,
    /// Events about pods that ended.
    events: Vec<(EventDraft, Why)>,
    /// A failed pod stays for as long.
    again: Option<(Duration, Why)>,
    /// Failures that were noted.
    memory: Option<DaemonSetMemory>,
    /// What is waited for.
    pub(super) waits: Option<Why>,
}

/// Creates and deletes pods. `true`: another turn follows the batch of pods that is being created.
pub(super) fn manage(look: &Look<'_>, outcomes: &Outcomes, plan: &mut Plan) -> bool {
    let batches = outcomes.turn.0.saturating_sub(REVISED.0);
    let mut work = due(look);
    if work.create.is_empty() && work.delete.is_empty() && look.set.is_rolling_update() {
        update::roll(look, &mut work);
    }
    if let Some((wait, why)) = work.again.take() {
        plan.look_again_in(wait, why);
    }
    // Deletions are sent with the first batch, so that further turns have to know of nothing but creations.
    if batches == 0 {
        for (event, why) in work.events.drain(..) {
            plan.event(event, why);
        }
        if let Some(memory) = work.memory.take() {
            plan.remember(Remember::DaemonSets(Rc::new(memory)));
        }
        for (pod, why) in work.delete.iter().take(BURST) {
            delete(look, pod, why.clone(), plan);
        }
    }
    if let Some(why) = work.waits.take() {
        plan.nothing_to_do(why);
    }
    let refused = outcomes.answers.iter().filter_map(|answer| answer.as_ref().err());
    let refused = refused.filter(|error| !controllers::namespace_is_terminating(error)).count();
    if batches > 0 && refused > 0 {
        plan.fail(Why::RetriesRefused { refused: refused as i32 });
        return false;
    }
    create_batch(look, &work.create, batches, plan)
}

/// Slow start: pods are created in batches of 1, 2, 4, and so on, as long as none is refused.
fn create_batch(look: &Look<'_>, wanted: &[(Rc<str>, Why)], batches: u32, plan: &mut Plan) -> bool {
    let size = 1_usize << batches.min(20);
    let done = size - 1;
    let batch: Vec<&(Rc<str>, Why)> = wanted.iter().take(BURST).skip(done).take(size).collect();
    if batch.is_empty() {
        return false;
    }
    let maker = Maker::new(look.set, &look.revision);
    let object = Object::DaemonSet(look.set.clone());
    for (node, why) in &batch {
        let mut why = why.clone();
        if let Why::MissingPod { batch: told, .. } = &mut why {
            *told = batch.len() as i32;
        }
        let created = EventText::AfterName("Created pod: ");
        let failed = EventText::AfterError("Error creating: ".into());
        plan.create(Object::Pod(Rc::new(maker.pod(node))), why)
            .go_on()
            .then_event(EventDraft::normal(&object, "SuccessfulCreate", created))
            .else_event(EventDraft::warning(&object, "FailedCreate", failed));
    }
    plan.then(Turn(REVISED.0 + batches + 1));
    true
}

fn delete(look: &Look<'_>, pod: &Rc<Pod>, why: Why, plan: &mut Plan) {
    let object = Object::DaemonSet(look.set.clone());
    let deleted = EventText::AfterName("Deleted pod: ");
    let failed = EventText::AfterError("Error deleting: ".into());
    plan.delete(ObjectRef::new(Kind::Pod, pod.key.clone()), DeleteOptions::default(), why)
        .accept(Reason::NotFound)
        .then_event(EventDraft::normal(&object, "SuccessfulDelete", deleted))
        .else_event(EventDraft::warning(&object, "FailedDelete", failed));
}

/// What the nodes ask for.
fn due<'a>(look: &Look<'a>) -> Work<'a> {
    let mut work = Work::default();
    let nodes = look.wanted();
    for (node, fit) in &look.nodes {
        let on_node = look.pods_on(node.name());
        let name = &node.key.name;
        let missing = || Why::MissingPod { node: name.clone(), nodes, batch: 0 };
        match fit {
            Fit::Runs if on_node.is_empty() => work.create.push((name.clone(), missing())),
            Fit::Runs | Fit::MayStay(_) => {
                let running = drop_finished(look, name, on_node, &mut work);
                if running.is_empty() && *fit == Fit::Runs && look.set.allows_surge() {
                    work.create.push((name.clone(), missing()));
                }
                drop_extra(look, name, &running, &mut work);
            }
            Fit::Unfit(misfit) => {
                let leaving = on_node.iter().filter(|pod| !pod.is_terminating());
                let why = || Why::UnfitNode { node: name.clone(), misfit: misfit.clone() };
                work.delete.extend(leaving.map(|pod| (*pod, why())));
            }
        }
    }
    drop_stranded(look, &mut work);
    work
}

/// Pods that ended go, failed ones with a back-off. Returns those that run.
fn drop_finished<'a>(
    look: &Look<'a>,
    node: &Rc<str>,
    on_node: &[&'a Rc<Pod>],
    work: &mut Work<'a>,
) -> Vec<&'a Rc<Pod>> {
    let (set, now) = (look.set, look.snapshot.now);
    let object = Object::DaemonSet(set.clone());
    let mut running = Vec::new();
    for pod in on_node.iter().filter(|pod| !pod.is_terminating()) {
        let told = |words: &str| {
            let (namespace, name) = (&pod.key.namespace, pod.name());
            EventText::Fixed(format!("Found {words} daemon pod {namespace}/{name} on node {node}").into())
        };
        match pod.phase() {
            "Failed" => {
                let known = &look.snapshot.memory.daemon_sets;
                if let Some(wait) = work.memory.as_ref().unwrap_or(known).wait(set.uid, node, now) {
                    work.again = Some((wait, Why::BacksOff { node: node.clone(), wait }));
                    continue;
                }
                let memory = work.memory.get_or_insert_with(|| (**known).clone());
                let wait = memory.note(set.uid, node, now);
                let why = Why::FailedPod { node: node.clone(), wait };
                let text = suffixed(told("failed"), ", will try to kill it");
                work.events.push((EventDraft::warning(&object, "FailedDaemonPod", text), why.clone()));
                work.delete.push((pod, why));
            }
            "Succeeded" => {
                let why = Why::SucceededPod { node: node.clone() };
                let text = suffixed(told("succeeded"), ", will try to delete it");
                work.events.push((EventDraft::normal(&object, "SucceededDaemonPod", text), why.clone()));
                work.delete.push((pod, why));
            }
            _ => running.push(*pod),
        }
    }
    running
}

fn suffixed(text: EventText, suffix: &str) -> EventText {
    match text {
        EventText::Fixed(text) => EventText::Fixed(format!("{text}{suffix}").into()),
        other => other,
    }
}

/// One pod per node; while a node surges, one of each template.
fn drop_extra<'a>(look: &Look<'a>, node: &Rc<str>, running: &[&'a Rc<Pod>], work: &mut Work<'a>) {
    if running.len() < 2 {
        return;
    }
    let why = || Why::ExtraPod { node: node.clone(), have: running.len() as i32 };
    if !look.set.allows_surge() {
        work.delete.extend(running[1..].iter().map(|pod| (*pod, why())));
        return;
    }
    let oldest = |is_new: bool| running.iter().copied().find(|pod| look.is_updated(pod) == is_new);
    let (new, old) = (oldest(true), oldest(false));
    let kept = |pod: &Rc<Pod>| [new, old].into_iter().flatten().any(|kept| kept.uid == pod.uid);
    work.delete.extend(running.iter().filter(|pod| !kept(pod)).map(|pod| (*pod, why())));
    if let (Some(new), Some(old)) = (new, old)
        && (!old.is_ready() || look.is_available(new))
    {
        work.delete.push((old, Why::ReplacedPod { node: node.clone() }));
    }
}

/// Pods that wait for a node which is gone wait for ever. Upstream: `getUnscheduledPodsWithoutNode`.
fn drop_stranded<'a>(look: &Look<'a>, work: &mut Work<'a>) {
    let exists = |node: &str| look.nodes.iter().any(|(known, _)| known.name() == node);
    for pod in look.pods.values().flatten().filter(|pod| pod.node().is_none() && !pod.is_terminating()) {
        let Some(node) = pods::node_of(pod).filter(|node| !exists(node)) else { continue };
        work.delete.push((pod, Why::GoneNode { node: node.into() }));
    }
}
