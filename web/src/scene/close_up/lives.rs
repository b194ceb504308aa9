//! When a static pod's file was on the disk, when its containers ran, and when the API had a mirror: three lanes of the
//! timeline.

use std::rc::Rc;

use kubestep_core::api::{Key, Object, Pod};
use kubestep_core::engine::{Step, StepId, Timeline, What, World};
use kubestep_core::kubelet::{LocalPod, MachineChange};
use kubestep_core::time::Time;

use super::Place;
use crate::scene::chart::Span;

/// A stretch of time: from a step, or from the beginning, until another, or on and on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Since when.
    pub from: (StepId, Time),
    /// Until when.
    pub until: Option<(StepId, Time)>,
}

/// The life of a static pod, as three records of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Lives {
    /// Its file.
    pub place: Place,
    /// Its namespace and name.
    pub pod: Key,
    /// When its file was there.
    pub file: Vec<Stretch>,
    /// When one of its containers ran.
    pub container: Vec<Stretch>,
    /// When the API had a mirror of it.
    pub mirror: Vec<Stretch>,
    /// What there was of the three, as spans of the timeline.
    pub spans: Rc<[Span]>,
}

/// The life of the pod that a file stands for, or stood for; `None` where it never stood for any.
pub fn of(timeline: &Timeline, place: &Place) -> Option<Lives> {
    let pod = pod_of(timeline, place)?;
    let (file, container, mirror) = (Vec::new(), Vec::new(), Vec::new());
    let mut lives = Lives { place: place.clone(), pod, file, container, mirror, spans: Rc::default() };
    let genesis = timeline.genesis();
    let start = (StepId(0), Time::ZERO);
    mark(&mut lives.file, has_file(genesis, place), start);
    mark(&mut lives.container, runs(genesis, place, &lives.pod), start);
    mark(&mut lives.mirror, has_mirror(genesis, &lives.pod), start);
    for step in timeline.steps() {
        let now = (step.id, step.at);
        match &step.what {
            What::Machine(MachineChange::Manifest { node, file, is_there })
                if (node, file) == (&place.node, &place.file) =>
            {
                mark(&mut lives.file, *is_there, now);
            }
            What::Machine(MachineChange::Pod { key, .. }) if *key == lives.pod => {
                let world = timeline.world_at(step.id);
                mark(&mut lives.container, runs(&world, place, &lives.pod), now);
            }
            What::Written(change) if change.object.key == lives.pod => {
                if let Some(is_there) = tells_of_a_mirror(step) {
                    mark(&mut lives.mirror, is_there, now);
                }
            }
            _ => {}
        }
    }
    if let Some(last) = timeline.steps().last() {
        lives.spans = spans(&lives, (StepId(last.id.0 + 1), last.at));
    }
    Some(lives)
}

impl Stretch {
    fn holds_at(&self, step: StepId) -> bool {
        self.from.0 <= step && self.until.is_none_or(|(until, _)| step < until)
    }
}

/// From each turn in the pod's life to the next, or to the end of the history; none while there is nothing of it.
fn spans(lives: &Lives, end: (StepId, Time)) -> Rc<[Span]> {
    let all = lives.file.iter().chain(&lives.container).chain(&lives.mirror);
    let mut turns: Vec<(StepId, Time)> =
        all.flat_map(|stretch| [Some(stretch.from), stretch.until]).flatten().collect();
    turns.sort_unstable();
    // Where two records turn without another word for it, nothing ends.
    turns.dedup_by_key(|(step, _)| stand(lives, *step));
    let next = turns.iter().copied().skip(1).chain([end]);
    let spans = turns.iter().zip(next).filter(|((first, _), (next, _))| first < next);
    spans
        .filter_map(|((first, from), (next, until))| {
            let (label, waits_for) = stand(lives, *first)?;
            let last = StepId(next.0 - 1);
            let (label, waits_for) = (label.to_owned(), waits_for.to_owned());
            Some(Span { first: *first, last, from: *from, until, label, waits_for, is_rollout: false })
        })
        .collect()
}

/// What there is of a static pod, and what of it is not there.
fn stand(lives: &Lives, step: StepId) -> Option<(&'static str, &'static str)> {
    let is_in = |stretches: &[Stretch]| stretches.iter().any(|stretch| stretch.holds_at(step));
    match (is_in(&lives.file), is_in(&lives.container), is_in(&lives.mirror)) {
        (true, true, true) => Some(("Running", "its mirror is in the API")),
        (true, true, false) => Some(("Gap", "no mirror in the API, the container runs on")),
        (true, false, _) => Some(("Starting", "the kubelet has read its file")),
        (false, true, _) => Some(("Stopping", "its file is gone")),
        (false, false, true) => Some(("Stopped", "its mirror is still in the API")),
        (false, false, false) => None,
    }
}

/// Whether a step leaves a mirror in the API; `None` where it is about none.
pub fn tells_of_a_mirror(step: &Step) -> Option<bool> {
    let change = step.change()?;
    match (&change.before, &change.after) {
        (_, Some(Object::Pod(pod))) if pod.is_mirror() => Some(true),
        (Some(Object::Pod(pod)), None) if pod.is_mirror() => Some(false),
        _ => None,
    }
}

fn pod_of(timeline: &Timeline, place: &Place) -> Option<Key> {
    let written = |world: &World| {
        let machine = world.machines.get(&place.node)?;
        machine.manifests.get(&place.file)?.pod.as_ref().ok().map(|pod| pod.key.clone())
    };
    let touches = |step: &&Rc<Step>| {
        matches!(&step.what, What::Machine(MachineChange::Manifest { node, file, is_there: true })
            if (node, file) == (&place.node, &place.file))
    };
    let last = timeline.steps().iter().rev().filter(touches);
    last.map(|step| timeline.world_at(step.id))
        .find_map(|world| written(&world))
        .or_else(|| written(timeline.genesis()))
}

fn has_file(world: &World, place: &Place) -> bool {
    world.machines.get(&place.node).is_some_and(|machine| machine.manifests.contains_key(&place.file))
}

fn runs(world: &World, place: &Place, pod: &Key) -> bool {
    let runs = |local: &Rc<LocalPod>| {
        local.key() == pod
            && local.file().is_some()
            && local.containers().any(|container| container.is_running())
    };
    world.machines.get(&place.node).is_some_and(|machine| machine.pods().any(runs))
}

fn has_mirror(world: &World, pod: &Key) -> bool {
    world.store.get::<Pod>(pod).is_some_and(|pod| pod.is_mirror())
}

/// From `now` on it is there, or is not.
fn mark(stretches: &mut Vec<Stretch>, is_there: bool, now: (StepId, Time)) {
    let last = stretches.last_mut().filter(|last| last.until.is_none());
    match last {
        Some(last) if !is_there => last.until = Some(now),
        None if is_there => stretches.push(Stretch { from: now, until: None }),
        _ => {}
    }
}
