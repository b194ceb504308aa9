//! The stations of a Deployment's rollout: from the new template to the last old pod's end.
//!
//! ```text
//! template changed -> new ReplicaSet -> surge 0 to 1 -> 1/3: m9wqc must become ready -> old 3 to 2 -> ...
//!                                    -> complete, or stuck at its deadline, or another template overtakes it
//! ```
//! They are as many as the rollout took, in the order in which they came.

mod gathering;

use std::rc::Rc;

use super::rail::{Outcome, Station};
use crate::api::{Deployment, Key, Object, Uid};
use crate::engine::{Step, StepId, Timeline};

/// A Deployment's rollout, as far as it is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Rollout {
    /// The Deployment.
    pub deployment: Key,
    /// Its uid.
    pub uid: Uid,
    /// The step that wrote the template.
    pub begins: StepId,
    /// The revision it makes; none while no ReplicaSet has the template.
    pub revision: Option<i64>,
    /// Its stations.
    pub stations: Vec<Station<Stop>>,
}

/// A stop of a rollout.
#[derive(Clone, Debug, PartialEq)]
pub enum Stop {
    /// The Deployment has another template.
    Asked(Ask),
    /// A ReplicaSet has the template.
    NewSet {
        /// Its name.
        set: Rc<str>,
        /// The revision it makes.
        revision: i64,
        /// The revision it had before, if it is an old one that came back.
        was: Option<i64>,
    },
    /// The new ReplicaSet becomes larger.
    Grows {
        /// What happens to it.
        size: Size,
        /// The most pods that all may be together, where that decided.
        ceiling: Option<i32>,
    },
    /// A pod of the new ReplicaSet must become ready.
    Waits {
        /// Which of those that are wanted it is, from 1.
        number: i32,
        /// How many are wanted.
        desired: i32,
        /// What tells the pod apart from its siblings; none where no pod exists.
        pod: Option<Rc<str>>,
        /// What it waits for itself: `ImagePullBackOff`. Empty where it is on its way, or ready.
        because: Rc<str>,
    },
    /// An old ReplicaSet becomes smaller.
    Shrinks {
        /// What happens to it.
        size: Size,
        /// Why it may.
        because: May,
    },
    /// `spec.replicas` changed while it rolled out.
    Resizes(Size),
    /// `spec.paused` was set, or taken away.
    Pauses(bool),
    /// No progress for `spec.progressDeadlineSeconds`.
    Stuck {
        /// Available pods.
        available: i32,
        /// How many are wanted.
        desired: i32,
        /// The deadline.
        deadline_seconds: i32,
    },
    /// Everything wanted is new and available.
    Complete {
        /// How many are wanted.
        desired: i32,
    },
    /// The last old pod is gone.
    OldGone {
        /// How many there were.
        pods: usize,
    },
    /// Another template, or the Deployment's end, came before its own.
    Ended(Ending),
    /// Stations that are not told one by one.
    Folded(usize),
}

/// How a rollout was asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// The Deployment was created.
    Created,
    /// Its template changed: the fields, as far as whoever wrote them said which.
    Template(Rc<str>),
    /// An earlier revision's template came back.
    Undo(i64),
    /// Every pod shall be replaced by its like.
    Restart,
}

/// Why an old ReplicaSet may become smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum May {
    /// More pods are available than must be.
    Spares {
        /// How many are.
        available: i32,
        /// How many must be.
        floor: i32,
    },
    /// Its pods are not available.
    Unavailable,
    /// The new ReplicaSet has all that is wanted.
    Saturated,
    /// Recreate: every old pod goes first.
    Recreates,
}

/// A ReplicaSet's size before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct Size {
    /// The ReplicaSet.
    pub set: Rc<str>,
    /// Before.
    pub from: i32,
    /// After.
    pub to: i32,
}

/// What ended a rollout before it was complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// An earlier revision's template came back.
    Undone,
    /// Another template came.
    Overtaken,
    /// The Deployment was deleted.
    Deleted,
}

impl Rollout {
    /// The rollout that begins with a step.
    pub fn of(timeline: &Timeline, begins: StepId) -> Option<Rollout> {
        gathering::gather(timeline, begins)
    }

    /// Whether everything wanted became new and available.
    pub fn is_complete(&self) -> bool {
        self.stations.iter().any(|station| {
            matches!(station.stop, Stop::Complete { .. })
                && matches!(station.outcome, Outcome::Reached { .. })
        })
    }
}

/// The Deployment that gets another template in this step.
pub(super) fn begins(step: &Step) -> Option<&Rc<Deployment>> {
    let change = step.change()?;
    let Some(Object::Deployment(after)) = &change.after else { return None };
    match &change.before {
        None => Some(after),
        Some(Object::Deployment(before)) => (!Rc::ptr_eq(&before.spec, &after.spec)
            && before.spec.template != after.spec.template)
            .then_some(after),
        Some(_) => None,
    }
}
