//! The mirrors of static pods in the API, with the one of the pod in focus that was there before.

use std::rc::Rc;

use kubestep_core::api::{Key, Object, Pod, Uid};
use kubestep_core::engine::{Step, World};
use kubestep_core::kubelet::Machine;
use kubestep_core::time::Time;

use super::short_uid;
use crate::scene::figures::PodState;

/// A mirror.
#[derive(Clone, Debug, PartialEq)]
pub struct Mirror {
    /// Its namespace and name.
    pub key: Key,
    /// Its uid.
    pub uid: Uid,
    /// The same, in short.
    pub short_uid: String,
    /// What the API says of it.
    pub state: PodState,
    /// The same in words.
    pub label: String,
    /// Whether it is of the pod in focus.
    pub in_focus: bool,
    /// Whether it is gone.
    pub is_gone: bool,
    /// Whether the step is about it.
    pub hit: bool,
}

/// The mirrors of these machines' static pods: those of the pod in focus first, the one before it among them.
pub(super) fn of(
    world: &World,
    steps: &[Rc<Step>],
    machines: &[&Machine],
    focus: Option<&Key>,
    step: Option<&Step>,
) -> Vec<Mirror> {
    let hit = step.and_then(Step::change).and_then(|change| change.subject()).map(|object| object.uid());
    let mut mirrors: Vec<Mirror> = Vec::new();
    if let Some(focus) = focus {
        mirrors.extend(before(world, steps, focus));
    }
    let now = machines.iter().flat_map(|machine| world.store.pods_on(&machine.name));
    let now = now.filter(|pod| pod.is_mirror()).map(|pod| figure(pod, focus));
    let from = mirrors.len();
    mirrors.extend(now);
    kubestep_core::order::sort_by_key(&mut mirrors[from..], |mirror| (!mirror.in_focus, mirror.key.clone()));
    for mirror in &mut mirrors {
        mirror.hit = hit == Some(mirror.uid);
    }
    mirrors
}

fn figure(pod: &Pod, focus: Option<&Key>) -> Mirror {
    let state = match (pod.is_terminating(), pod.phase()) {
        (true, _) => PodState::Terminating,
        (false, "Running") if pod.is_ready() => PodState::Ready,
        (false, "Running") => PodState::NotReady,
        (false, "Failed") => PodState::Failed,
        (false, "Succeeded") => PodState::Completed,
        (false, _) => PodState::Pending,
    };
    Mirror {
        key: pod.key.clone(),
        uid: pod.uid,
        short_uid: short_uid(pod.uid),
        state,
        label: state.spoken().to_owned(),
        in_focus: focus == Some(&pod.key),
        is_gone: false,
        hit: false,
    }
}

/// The mirror of this name that was removed last.
fn before(world: &World, steps: &[Rc<Step>], focus: &Key) -> Option<Mirror> {
    let removed = |step: &Rc<Step>| -> Option<(Rc<Pod>, Time)> {
        let change = step.change()?;
        match (&change.before, &change.after) {
            (Some(Object::Pod(pod)), None) if pod.is_mirror() && pod.key == *focus => {
                Some((pod.clone(), step.at))
            }
            _ => None,
        }
    };
    let (pod, at) = steps.iter().rev().find_map(removed)?;
    // It is of interest until the one after it is as old as a look needs.
    let is_fresh = world.now.since(at).whole_seconds() < FRESH_SECONDS;
    let label = format!("Removed at {at}");
    is_fresh.then(|| Mirror { label, is_gone: true, ..figure(&pod, Some(focus)) })
}

/// For so long a mirror that is gone stays in the picture.
const FRESH_SECONDS: u64 = 60;
