//! What all rails have in common: stations, each with what became of it, and the way from one to the next.
//!
//! A deletion has ten stations, always the same. The stations of a rollout, a drain or an outage are as many as it took:
//! a wait for each pod, a refusal for each budget that said no.

use std::rc::Rc;

use super::{Deletion, Drain, Outage, Rollout, deletion};
use crate::api::Uid;
use crate::engine::{Actor, CommandId, Step, StepId, Timeline};
use crate::time::Time;

/// What a rail tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The deletion of this pod.
    Deletion(Uid),
    /// The rollout that begins with this step: a Deployment's new template.
    Rollout(StepId),
    /// What this `kubectl drain` does.
    Drain(CommandId),
    /// The outage of a node that begins with this step.
    Outage(StepId),
}

/// A stretch of steps, told station by station.
#[derive(Clone, Debug, PartialEq)]
pub enum Rail {
    /// A pod's deletion.
    Deletion(Box<Deletion>),
    /// A Deployment's rollout.
    Rollout(Rollout),
    /// A node's drain.
    Drain(Drain),
    /// A node that falls silent.
    Outage(Outage),
}

/// One stop of a rail, and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Station<Stop> {
    /// Which one, with its numbers.
    pub stop: Stop,
    /// What became of it.
    pub outcome: Outcome,
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
    },
    /// It will never be reached.
    Skipped,
    /// Something keeps it from being reached: the stop says what.
    Held,
    /// As far as the steps are known, it is still to come.
    Ahead,
}

/// The most stations of a rollout, a drain or an outage; of more, those in the middle are told as one.
pub(super) const MOST_STATIONS: usize = 48;

impl Rail {
    /// Reads a rail, if what it tells of has begun in what is known of the timeline.
    pub fn of(timeline: &Timeline, subject: Subject) -> Option<Rail> {
        match subject {
            Subject::Deletion(pod) => {
                Deletion::of(timeline, pod).map(|deletion| Rail::Deletion(Box::new(deletion)))
            }
            Subject::Rollout(begins) => Rollout::of(timeline, begins).map(Rail::Rollout),
            Subject::Drain(command) => Drain::of(timeline, command).map(Rail::Drain),
            Subject::Outage(begins) => Outage::of(timeline, begins).map(Rail::Outage),
        }
    }

    /// Everything that a rail could tell of, with the step in which it begins, in that order.
    pub fn begun(timeline: &Timeline) -> Vec<(StepId, Subject)> {
        let steps = timeline.steps().iter();
        steps.filter_map(|step| Some((step.id, begins(timeline, step)?))).collect()
    }

    /// The steps of its stations, in the order in which they are told; none for a station that no step reached.
    pub fn steps(&self) -> Vec<Option<StepId>> {
        match self {
            Rail::Deletion(deletion) => deletion.stations.iter().map(deletion::Station::step).collect(),
            Rail::Rollout(rollout) => rollout.stations.iter().map(Station::step).collect(),
            Rail::Drain(drain) => drain.stations.iter().map(Station::step).collect(),
            Rail::Outage(outage) => outage.stations.iter().map(Station::step).collect(),
        }
    }

    /// Whether anything of it is still to come, or held back.
    pub fn goes_on(&self) -> bool {
        match self {
            Rail::Deletion(deletion) => {
                deletion.stations.iter().any(|each| each.step().is_none() && !each.is_skipped())
            }
            Rail::Rollout(rollout) => rollout.stations.iter().any(Station::is_open),
            Rail::Drain(drain) => drain.stations.iter().any(Station::is_open),
            Rail::Outage(outage) => outage.stations.iter().any(Station::is_open),
        }
    }

    /// The place of the station that was reached last at a step: of those whose steps are not after it, the latest. Stations
    /// of one step are passed together.
    pub fn place_at(&self, cursor: StepId) -> Option<usize> {
        let steps = self.steps();
        let reached = steps.iter().enumerate().filter_map(|(place, step)| Some(((*step)?, place)));
        reached.filter(|(step, _)| *step <= cursor).max().map(|(_, place)| place)
    }

    /// The step of a station after this one: where going on station by station leads. `None` is before the first step.
    pub fn next_step(&self, cursor: Option<StepId>) -> Option<StepId> {
        self.steps().into_iter().flatten().filter(|step| cursor.is_none_or(|cursor| *step > cursor)).min()
    }

    /// As [`Rail::next_step`], the other way.
    pub fn previous_step(&self, cursor: Option<StepId>) -> Option<StepId> {
        self.steps().into_iter().flatten().filter(|step| Some(*step) < cursor).max()
    }
}

/// What begins with a step, if a rail could tell of it.
fn begins(timeline: &Timeline, step: &Step) -> Option<Subject> {
    if let Some(pod) = deletion::begins(step) {
        return Some(Subject::Deletion(pod.uid));
    }
    if super::rollout::begins(step).is_some() {
        return Some(Subject::Rollout(step.id));
    }
    if let Some(command) = super::drain::begins(timeline, step) {
        return Some(Subject::Drain(command));
    }
    super::outage::begins(timeline, step).map(|_| Subject::Outage(step.id))
}

impl<Stop> Station<Stop> {
    /// A station that a step reached.
    pub(super) fn reached(stop: Stop, step: &Step) -> Self {
        Self { stop, outcome: Outcome::Reached { step: step.id, at: step.at, by: step.actor.clone() } }
    }

    /// A station that no step reached.
    pub(super) fn other(stop: Stop, outcome: Outcome) -> Self {
        Self { stop, outcome }
    }

    /// The step that reached it.
    pub fn step(&self) -> Option<StepId> {
        if let Outcome::Reached { step, .. } = self.outcome { Some(step) } else { None }
    }

    /// Whether it is still to come, or held back.
    pub fn is_open(&self) -> bool {
        matches!(self.outcome, Outcome::Held | Outcome::Ahead)
    }
}

/// Keeps the first and the last stations of a long rail; `folded` makes one of what was between them.
pub(super) fn folded<Stop>(
    mut stations: Vec<Station<Stop>>,
    folded: impl FnOnce(usize) -> Stop,
) -> Vec<Station<Stop>> {
    if stations.len() <= MOST_STATIONS {
        return stations;
    }
    let half = MOST_STATIONS / 2;
    let behind = stations.split_off(stations.len() - half);
    let between = stations.split_off(half);
    // Where the last of them was reached, all of them were.
    if let Some(outcome) = between.last().map(|station| station.outcome.clone()) {
        stations.push(Station { stop: folded(between.len()), outcome });
    }
    stations.extend(behind);
    stations
}

/// The names of a few, in words: `a, b and 3 more`.
pub(super) fn few(names: &[Rc<str>]) -> Rc<str> {
    match names {
        [] => "none".into(),
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}").into(),
        [one, two, rest @ ..] => format!("{one}, {two} and {} more", rest.len()).into(),
    }
}
