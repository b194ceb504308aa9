//! The ten stations of a pod's deletion: from the request to the removal of its object.
//!
//! ```text
//! 1 request sent     4 marked      5 replaced            7 preStop, SIGTERM   10 object removed,
//! 2 authorised                     6 out of Services     8 SIGKILL               kubectl returns
//! 3 validated                                            9 cleaned up
//! ```
//!
//! Stations 5, 6 and 7 answer the mark independently of each other, so their order is that of the run. With `--force`
//! the tenth comes before the seventh: the object goes at once, the processes do not.

mod gathering;
mod node_side;
mod reactions;

pub(super) use gathering::{begins, short_name};

use std::rc::Rc;

use crate::api::{Key, Uid};
use crate::engine::{Actor, StepId, Timeline};
use crate::time::Time;

/// A pod's deletion, as far as it is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Deletion {
    /// The pod.
    pub pod: Key,
    /// What tells it apart from its siblings: `x2x8k`.
    pub short_name: Rc<str>,
    /// Its uid: a pod of the same name may follow it.
    pub uid: Uid,
    /// The step in which the API server accepted the request.
    pub accepted: StepId,
    /// How many seconds its processes were given.
    pub grace_seconds: i64,
    /// Whether the object went without waiting for its processes.
    pub is_forced: bool,
    /// What kubectl warned of before it asked.
    pub warning: Option<Rc<str>>,
    /// The stations, in the order in which they are told.
    pub stations: [Station; Stop::ALL.len()],
}

/// One stop, and how the deletion came to it, or why it did not.
#[derive(Clone, Debug, PartialEq)]
pub struct Station {
    /// Which one.
    pub stop: Stop,
    /// What became of it.
    pub outcome: Outcome,
}

/// A stop of the rail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// Somebody asks the API server to delete the pod.
    Requested,
    /// Who asks is known, and may.
    Authorized,
    /// The request makes sense and nothing forbids it.
    Validated,
    /// The object has a deletionTimestamp and is still there.
    Marked,
    /// Its controller makes another pod, which gets a node.
    Replaced,
    /// Its endpoints are withdrawn, and every node's proxy is told.
    Unrouted,
    /// The kubelet runs preStop hooks and sends SIGTERM.
    Signalled,
    /// The grace period runs out: SIGKILL.
    Killed,
    /// Network namespace and volumes are gone.
    CleanedUp,
    /// The object is removed, and who waited for that goes on.
    Removed,
}

impl Stop {
    /// Every stop, in the order in which they are told.
    pub const ALL: [Stop; 10] = [
        Stop::Requested,
        Stop::Authorized,
        Stop::Validated,
        Stop::Marked,
        Stop::Replaced,
        Stop::Unrouted,
        Stop::Signalled,
        Stop::Killed,
        Stop::CleanedUp,
        Stop::Removed,
    ];
}

/// What became of a stop.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It was reached.
    Reached {
        /// By this step.
        step: StepId,
        /// At this time.
        at: Time,
        /// Who made the step.
        by: Actor,
        /// What there is to say of it.
        fact: Fact,
    },
    /// It will never be reached.
    Skipped(Skip),
    /// Something keeps it from being reached.
    Held(Hold),
    /// As far as the steps are known, it is still to come.
    Ahead,
}

/// What there is to say of a stop that was reached.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// The request.
    Request {
        /// The grace period it names; `None` leaves it to the pod.
        grace_seconds: Option<i64>,
        /// Whether it is an eviction, which disruption budgets may refuse.
        is_eviction: bool,
    },
    /// The user who asked.
    User(Rc<str>),
    /// How often it was refused before it was accepted, and the last refusal.
    Accepted {
        /// Requests that were refused.
        refusals: usize,
        /// The message of the last one; empty without any.
        last: Rc<str>,
    },
    /// The mark.
    Mark {
        /// `metadata.deletionGracePeriodSeconds`
        grace_seconds: i64,
        /// How many finalizers the object has.
        finalizers: usize,
    },
    /// The pod that takes its place.
    Replacement {
        /// What tells it apart from its siblings.
        pod: Rc<str>,
        /// The node it was bound to, and the step; `None`: it waits for one.
        bound: Option<(Rc<str>, StepId)>,
    },
    /// Its endpoints were withdrawn.
    Endpoints {
        /// The Service.
        service: Rc<str>,
        /// Ready endpoints that are left.
        ready: usize,
        /// Nodes whose proxies have written rules since, in that order.
        told: Vec<Told>,
        /// How many nodes there are.
        nodes: usize,
    },
    /// Hooks and signals.
    Signals {
        /// Containers with a preStop hook.
        hooks: usize,
        /// Since when SIGTERM has been sent to all; `None`: a hook still runs.
        terminated: Option<Time>,
        /// After how many seconds SIGKILL follows the last SIGTERM.
        kill_in_seconds: i64,
        /// Whether the hooks took the whole grace period, so that two seconds were added.
        is_extended: bool,
    },
    /// Processes that SIGKILL ended.
    Kills {
        /// How many.
        containers: usize,
        /// How long after SIGTERM, in milliseconds.
        after_ms: u64,
    },
    /// The sandbox is gone.
    Address(Rc<str>),
    /// The object is removed.
    Removal {
        /// From the accepted request, in milliseconds.
        after_ms: u64,
        /// Whether its processes still ran.
        runs_on: bool,
    },
}

/// A proxy that has written its rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Its node.
    pub node: Rc<str>,
    /// When.
    pub at: Time,
    /// In which step.
    pub step: StepId,
}

/// Why a stop is not reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// No kubelet runs the pod, so that the object was removed in the same write.
    RemovedAtOnce,
    /// No controller owns the pod.
    NoOwner,
    /// Its controller wants no other pod in its place.
    NotWanted,
    /// No Service sent anything to it.
    NoService,
    /// It had no node, so that nothing of it runs anywhere.
    NoNode,
    /// Nothing of it ran any more.
    NothingRan,
    /// Every process ended by itself or on SIGTERM.
    EndedInTime {
        /// How long after the first signal the last one ended, in milliseconds.
        after_ms: u64,
    },
}

/// What keeps a stop from being reached.
#[derive(Clone, Debug, PartialEq)]
pub enum Hold {
    /// These finalizers are still on the object.
    Finalizers(Vec<Rc<str>>),
    /// The kubelet of this node does not answer.
    SilentNode(Rc<str>),
}

impl Deletion {
    /// The deletion of a pod, if it has begun in what is known of the timeline.
    pub fn of(timeline: &Timeline, pod: Uid) -> Option<Deletion> {
        gathering::gather(timeline, pod)
    }

    /// Every pod whose deletion has begun, in the order in which they were accepted.
    pub fn begun(timeline: &Timeline) -> impl Iterator<Item = (StepId, Uid)> + '_ {
        timeline.steps().iter().filter_map(|step| gathering::begins(step).map(|pod| (step.id, pod.uid)))
    }

    /// One of its stations.
    pub fn station(&self, stop: Stop) -> &Station {
        &self.stations[stop as usize]
    }

    /// The stop that was reached last at a step: of those whose steps are not after it, the latest. Stops of one step
    /// (authorised, validated, marked) are passed together.
    pub fn place_at(&self, cursor: StepId) -> Option<Stop> {
        let reached = self.stations.iter().filter_map(|station| Some((station.step()?, station.stop)));
        reached.filter(|(step, _)| *step <= cursor).max().map(|(_, stop)| stop)
    }

    /// The steps of its stations after (or before) a step: where going on station by station leads.
    pub fn next_step(&self, cursor: StepId) -> Option<StepId> {
        self.stations.iter().filter_map(Station::step).filter(|step| *step > cursor).min()
    }

    /// As [`Deletion::next_step`], the other way.
    pub fn previous_step(&self, cursor: StepId) -> Option<StepId> {
        self.stations.iter().filter_map(Station::step).filter(|step| *step < cursor).max()
    }

    /// Until when it took, from the accepted request: to the last station that was reached.
    pub fn ends(&self) -> Option<Time> {
        self.stations.iter().filter_map(Station::at).max()
    }
}

impl Station {
    /// The step that reached it.
    pub fn step(&self) -> Option<StepId> {
        if let Outcome::Reached { step, .. } = &self.outcome { Some(*step) } else { None }
    }

    /// Whether it will never be reached.
    pub fn is_skipped(&self) -> bool {
        matches!(self.outcome, Outcome::Skipped(_))
    }

    /// When it was reached.
    pub fn at(&self) -> Option<Time> {
        if let Outcome::Reached { at, .. } = &self.outcome { Some(*at) } else { None }
    }
}
