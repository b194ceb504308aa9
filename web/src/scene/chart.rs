//! A whole history, folded into what the page needs at every step: where pods are, how far rollouts are, what the
//! timeline draws. Extending it looks only at the new steps.

use std::collections::BTreeMap;
use std::rc::Rc;

use kubestep_core::api::{Kind, Object, Pod, Uid};
use kubestep_core::controllers::ControllerId;
use kubestep_core::engine::{Actor, Step, StepId, Timeline, What, World};
use kubestep_core::kubelet::{MachineChange, PodChange};
use kubestep_core::time::Time;

use super::layout::{Home, Layout};
use super::progress::{Progress, progress};
use super::reading::machines;

/// Everything derived from a history.
#[derive(Clone, Default)]
pub struct Chart {
    entries: Vec<Entry>,
    spans: Rc<[Span]>,
    bars: Vec<Bar>,
    segments: Vec<Segment>,
}

/// What one step adds.
#[derive(Clone)]
struct Entry {
    step: Rc<Step>,
    layout: Layout,
    progress: Rc<Progress>,
    moment: Option<PodMoment>,
    requests: Requests,
    recent: Rc<Vec<ControllerId>>,
}

/// How many requests were sent up to a step, and became what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// Answered.
    pub served: u64,
    /// Those that got no answer.
    pub failed: u64,
}

/// A named stretch of the timeline: what everything waits for.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// Its first step.
    pub first: StepId,
    /// Its last step.
    pub last: StepId,
    /// When it begins.
    pub from: Time,
    /// When it ends: when the next step after it happens, or with the history.
    pub until: Time,
    /// How far things are: `Rolling out 2/4`.
    pub label: String,
    /// What it waits for: `m9wqc must become ready`.
    pub waits_for: String,
    /// Whether it waits for a rollout to come forward, and so may stand still.
    pub is_rollout: bool,
}

/// The progress from a step on.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The step that changed it.
    pub step: StepId,
    /// When it happened.
    pub at: Time,
    /// How far things are from then on.
    pub progress: Rc<Progress>,
}

/// What a kubelet is busy with, as a bar of the timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// The pod.
    pub pod: Uid,
    /// Its name.
    pub name: Rc<str>,
    /// What is going on.
    pub kind: BarKind,
    /// Since which step.
    pub first: StepId,
    /// Since when.
    pub from: Time,
    /// Until when; `None`: still going on at the end of the history.
    pub until: Option<(StepId, Time)>,
}

/// What a kubelet does with a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BarKind {
    /// Makes its sandbox and pulls its images.
    Pull,
    /// Creates and starts its containers.
    Start,
    /// They run, but are not ready.
    NotReady,
    /// Stops them.
    Terminating,
}

/// A turn in a pod's life, as a step shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct PodMoment {
    pod: Uid,
    turn: Turn,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Bound,
    Pulled,
    Started,
    Ready,
    Unready,
    Leaving,
    Gone,
}

/// The steps of one command, and the most slots a node needs in them.
#[derive(Clone, Copy, Debug)]
struct Segment {
    first: usize,
    slots: usize,
}

/// The one of `spans`, which are in order, that a step belongs to.
pub fn span_at(spans: &[Span], step: StepId) -> Option<&Span> {
    let after = spans.partition_point(|span| span.first <= step);
    spans[..after].last().filter(|span| step <= span.last)
}

impl Chart {
    /// The chart of a history.
    pub fn of(timeline: &Timeline) -> Chart {
        Chart::default().extended(timeline)
    }

    /// The chart of a history that begins as this one: only what is new is looked at. Where they differ, the history wins.
    #[must_use]
    pub fn extended(&self, timeline: &Timeline) -> Chart {
        let steps = timeline.steps();
        let same =
            self.entries.iter().zip(steps).take_while(|(entry, step)| Rc::ptr_eq(&entry.step, step)).count();
        let mut entries = self.entries[..same].to_vec();
        for step in &steps[same..] {
            entries.push(entry(timeline, step, entries.last()));
        }
        let starts = timeline.script().iter().map(|given| given.after_steps);
        Chart {
            spans: spans(&entries).into(),
            bars: bars(&entries),
            segments: segments(&entries, starts),
            entries,
        }
    }

    /// How many steps there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The steps, in order.
    pub fn steps(&self) -> impl DoubleEndedIterator<Item = &Rc<Step>> + ExactSizeIterator {
        self.entries.iter().map(|entry| &entry.step)
    }

    /// A step by its number.
    pub fn step(&self, id: StepId) -> Option<&Rc<Step>> {
        self.entries.get(id.0 as usize).map(|entry| &entry.step)
    }

    /// Where pods are at a step.
    pub fn layout(&self, step: Option<StepId>) -> Layout {
        step.and_then(|id| self.entries.get(id.0 as usize))
            .map(|entry| entry.layout.clone())
            .unwrap_or_default()
    }

    /// The controllers that acted up to a step, the latest first.
    pub fn recent_controllers(&self, step: Option<StepId>) -> Rc<Vec<ControllerId>> {
        let entry = step.and_then(|id| self.entries.get(id.0 as usize));
        entry.map_or_else(|| Rc::new(usual_controllers()), |entry| Rc::clone(&entry.recent))
    }

    /// How many slots the fullest node needs while the command of this step runs.
    pub fn slots(&self, step: Option<StepId>) -> usize {
        let index = step.map_or(0, |id| id.0 as usize);
        self.segments.iter().rev().find(|segment| segment.first <= index).map_or(0, |segment| segment.slots)
    }

    /// How far the rollouts are at a step.
    pub fn progress(&self, step: Option<StepId>) -> Option<&Progress> {
        self.entries.get(step?.0 as usize).map(|entry| &*entry.progress)
    }

    /// The progress at each step where it changed.
    pub fn samples(&self) -> Vec<Sample> {
        let mut samples: Vec<Sample> = Vec::new();
        for entry in &self.entries {
            if samples.last().is_none_or(|last| !Rc::ptr_eq(&last.progress, &entry.progress)) {
                let progress = Rc::clone(&entry.progress);
                samples.push(Sample { step: entry.step.id, at: entry.step.at, progress });
            }
        }
        samples
    }

    /// How many requests were sent up to each step, in the steps' order.
    pub fn requests(&self) -> impl Iterator<Item = (&Rc<Step>, Requests)> {
        self.entries.iter().map(|entry| (&entry.step, entry.requests))
    }

    /// How many requests were lost between the step before this one and this one.
    pub fn lost_requests_before(&self, step: StepId) -> u64 {
        let failed = |place: usize| self.entries.get(place).map_or(0, |entry| entry.requests.failed);
        let place = step.0 as usize;
        failed(place) - place.checked_sub(1).map_or(0, failed)
    }

    /// Whether anybody sends requests.
    pub fn has_traffic(&self) -> bool {
        self.entries.last().is_some_and(|entry| entry.requests != Requests::default())
    }

    /// The spans, in order; there may be gaps between them, when nothing is going on.
    pub fn spans(&self) -> &Rc<[Span]> {
        &self.spans
    }

    /// The span that a step belongs to.
    pub fn span_at(&self, step: StepId) -> Option<&Span> {
        span_at(&self.spans, step)
    }

    /// What the kubelets are busy with.
    pub fn bars(&self) -> &[Bar] {
        &self.bars
    }

    /// When the last step happens.
    pub fn end(&self) -> Time {
        self.entries.last().map_or(Time::ZERO, |entry| entry.step.at)
    }
}

fn entry(timeline: &Timeline, step: &Rc<Step>, last: Option<&Entry>) -> Entry {
    let object = step.change().map(|change| change.object.kind);
    let counts = matches!(
        object,
        Some(
            Kind::Pod
                | Kind::ReplicaSet
                | Kind::Deployment
                | Kind::StatefulSet
                | Kind::DaemonSet
                | Kind::ControllerRevision
                | Kind::Job
        )
    );
    let progress = match last {
        Some(last) if !counts => Rc::clone(&last.progress),
        _ => {
            let world = timeline.world_at(step.id);
            let now = progress(&world.store, last.map(|last| &*last.progress));
            match last {
                Some(last) if *last.progress == now => Rc::clone(&last.progress),
                _ => Rc::new(now),
            }
        }
    };
    let mut layout = match last {
        Some(last) => last.layout.clone(),
        None => initial(timeline.genesis()),
    };
    if let Some(change) = step.change().filter(|change| change.object.kind == Kind::Pod) {
        layout = match (&change.before, &change.after) {
            (_, Some(Object::Pod(pod))) => layout.placed(pod.uid, pod.node()),
            // Its processes may outlive the object.
            (Some(Object::Pod(pod)), None) if !lives_on(timeline, step, pod) => layout.without(pod.uid),
            _ => layout,
        };
    }
    if let What::Machine(MachineChange::Pod { key, uid, .. }) = &step.what
        && let Some(Home::Slot { node, .. }) = layout.home(*uid)
    {
        let world = timeline.world_at(step.id);
        let has_object = world.store.get::<Pod>(key).is_some_and(|pod| pod.uid == *uid);
        if !has_object && !machines::lives(&world, node, *uid) {
            layout = layout.without(*uid);
        }
    }
    // Gaps close when a span ends, and while nothing is waited for.
    if progress.stand.is_none() || last.is_some_and(|last| !last.progress.same_span(&progress)) {
        layout = layout.without_gaps();
    }
    Entry {
        step: Rc::clone(step),
        layout,
        progress,
        moment: moment(step),
        requests: requests(timeline, step),
        recent: recent(step, last),
    }
}

/// The controllers that acted, the latest first; at the beginning those that act in most clusters.
fn recent(step: &Step, last: Option<&Entry>) -> Rc<Vec<ControllerId>> {
    let before = last.map_or_else(|| Rc::new(usual_controllers()), |last| Rc::clone(&last.recent));
    let Actor::Controller(id) = step.actor else { return before };
    if before.first() == Some(&id) {
        return before;
    }
    let others = before.iter().copied().filter(|other| *other != id);
    Rc::new(std::iter::once(id).chain(others).take(MOST_RECENT).collect())
}

/// So many controllers are remembered: more than there is room to name.
const MOST_RECENT: usize = 8;

fn usual_controllers() -> Vec<ControllerId> {
    let usual = ["deployment", "replicaset", "endpointslice", "garbage collector"];
    usual.into_iter().filter_map(|name| ControllerId::all().find(|id| id.name() == name)).collect()
}

fn requests(timeline: &Timeline, step: &Step) -> Requests {
    if timeline.genesis().simulation.clients.is_empty() {
        return Requests::default();
    }
    let counts = timeline.world_at(step.id).traffic.counts();
    Requests { served: counts.answered, failed: counts.failed() }
}

/// Whether processes of a pod still run on its node after a step.
fn lives_on(timeline: &Timeline, step: &Step, pod: &Pod) -> bool {
    pod.node().is_some_and(|node| machines::lives(&timeline.world_at(step.id), node, pod.uid))
}

/// A history may begin with pods.
fn initial(world: &World) -> Layout {
    world.store.list::<Pod>().fold(Layout::default(), |layout, pod| layout.placed(pod.uid, pod.node()))
}

/// Something that is or is not so of a pod.
type Check = fn(&Pod) -> bool;

fn moment(step: &Step) -> Option<PodMoment> {
    if let What::Machine(MachineChange::Pod { uid, what, .. }) = &step.what {
        let turn = match what {
            PodChange::PullEnded { success: true, .. } => Turn::Pulled,
            PodChange::Started(_) => Turn::Started,
            _ => return None,
        };
        return Some(PodMoment { pod: *uid, turn });
    }
    let change = step.change()?;
    let pod = |object: &Option<Object>| match object {
        Some(Object::Pod(pod)) => Some(Rc::clone(pod)),
        _ => None,
    };
    let (before, after) = (pod(&change.before), pod(&change.after));
    let Some(after) = after else {
        return before.map(|pod| PodMoment { pod: pod.uid, turn: Turn::Gone });
    };
    let was = |check: Check| before.as_deref().is_some_and(check);
    let turns: [(Check, Turn); 3] = [
        (|pod| pod.is_terminating(), Turn::Leaving),
        (|pod| pod.is_ready(), Turn::Ready),
        (|pod| pod.node().is_some(), Turn::Bound),
    ];
    let turn = turns.into_iter().find(|(check, _)| check(&after) && !was(*check)).map(|(_, turn)| turn);
    let unready = was(|pod| pod.is_ready()) && !after.is_ready() && !after.is_terminating();
    let turn = turn.or(unready.then_some(Turn::Unready))?;
    Some(PodMoment { pod: after.uid, turn })
}

/// Consecutive steps in which everything waits for the same.
fn spans(entries: &[Entry]) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut open: Option<(usize, Rc<Progress>)> = None;
    for (index, entry) in entries.iter().enumerate() {
        if open.as_ref().is_some_and(|(_, progress)| progress.same_span(&entry.progress)) {
            continue;
        }
        if let Some((first, progress)) = open.take() {
            spans.extend(span(entries, first, index, &progress));
        }
        open = Some((index, Rc::clone(&entry.progress)));
    }
    if let Some((first, progress)) = open {
        spans.extend(span(entries, first, entries.len(), &progress));
    }
    spans
}

/// The span from one step up to another, if anything is going on in it.
fn span(entries: &[Entry], first: usize, end: usize, progress: &Progress) -> Option<Span> {
    let label = progress.label()?;
    // Who was waited for is known from what ended the wait.
    let ended = entries.get(end).and_then(|entry| entry.moment).filter(|moment| moment.turn == Turn::Ready);
    let waited = ended.and_then(|_| suffix_of(&entries[end].step));
    let until = entries.get(end).map_or(entries[entries.len() - 1].step.at, |entry| entry.step.at);
    Some(Span {
        first: entries[first].step.id,
        last: entries[end - 1].step.id,
        from: entries[first].step.at,
        until,
        label,
        waits_for: progress.waits_for(waited.as_deref()),
        is_rollout: true,
    })
}

/// The name of the pod that a step is about.
fn name_of(step: &Step) -> Rc<str> {
    match &step.what {
        What::Machine(MachineChange::Pod { key, .. }) => key.name.clone(),
        _ => step.change().map_or_else(|| Rc::from(""), |change| change.object.key.name.clone()),
    }
}

/// The part of a pod's name that tells it apart.
fn suffix_of(step: &Step) -> Option<String> {
    let change = step.change()?;
    let Some(Object::Pod(pod)) = change.subject() else { return None };
    let prefix = pod.meta.generate_name.as_deref().unwrap_or_default();
    let suffix = pod.name().strip_prefix(prefix).unwrap_or(pod.name());
    // A number alone says too little.
    let is_number = suffix.bytes().all(|byte| byte.is_ascii_digit());
    Some(if is_number { pod.name() } else { suffix }.to_owned())
}

/// What each pod's kubelet was busy with: a bar ends where the pod's next turn begins one, or ends it.
fn bars(entries: &[Entry]) -> Vec<Bar> {
    let mut bars: Vec<Bar> = Vec::new();
    let mut open: BTreeMap<Uid, usize> = BTreeMap::new();
    for entry in entries {
        let Some(PodMoment { pod, turn }) = entry.moment else { continue };
        let (id, at) = (entry.step.id, entry.step.at);
        let current = open.get(&pod).map(|index| bars[*index].kind);
        let kind = match (turn, current) {
            (Turn::Bound, _) => Some(BarKind::Pull),
            // Only what follows its own beginning: a second container's pull does not start the pod again.
            (Turn::Pulled, Some(BarKind::Pull)) => Some(BarKind::Start),
            (Turn::Started, Some(BarKind::Pull | BarKind::Start)) | (Turn::Unready, _) => {
                Some(BarKind::NotReady)
            }
            (Turn::Leaving, _) => Some(BarKind::Terminating),
            (Turn::Ready | Turn::Gone, _) => None,
            (Turn::Pulled | Turn::Started, _) => continue,
        };
        if let Some(index) = open.remove(&pod) {
            bars[index].until = Some((id, at));
        }
        if let Some(kind) = kind {
            open.insert(pod, bars.len());
            bars.push(Bar { pod, name: name_of(&entry.step), kind, first: id, from: at, until: None });
        }
    }
    bars
}

fn segments(entries: &[Entry], starts: impl Iterator<Item = usize>) -> Vec<Segment> {
    let mut firsts: Vec<usize> = std::iter::once(0).chain(starts).collect();
    firsts.dedup();
    let ends: Vec<usize> = firsts.iter().skip(1).copied().chain([entries.len()]).collect();
    firsts
        .into_iter()
        .zip(ends)
        .map(|(first, end)| {
            let steps = entries.get(first..end.min(entries.len())).unwrap_or_default();
            Segment { first, slots: steps.iter().map(|entry| entry.layout.deepest()).max().unwrap_or(0) }
        })
        .collect()
}
