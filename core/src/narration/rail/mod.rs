//! Words for rails: a heading, and for each station a title and a few words about how it was come to or why it was not.

mod drain;
mod outage;
mod rollout;

use std::rc::Rc;

use super::{Text, deletion};
use crate::api::Uid;
use crate::engine::{Actor, StepId};
use crate::story::deletion as ten;
use crate::story::rail::{self, Rail, Subject};
use crate::time::Time;

/// A station in words.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// `Marked for deletion`
    pub title: Rc<str>,
    /// `deletionTimestamp, grace 30 s`
    pub note: Text,
    /// Whose it is, reached or not.
    pub lane: Lane,
    /// What became of it.
    pub state: State,
    /// The pod whose deletion tells more.
    pub pod: Option<Uid>,
}

/// Whose a station is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// A person, or their kubectl.
    User,
    /// The API server.
    ApiServer,
    /// A controller.
    Controllers,
    /// The controllers that keep Services' endpoints.
    Endpoints,
    /// A kubelet.
    Kubelet,
}

/// What became of a station.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// A step reached it.
    Reached {
        /// Which.
        step: StepId,
        /// When.
        at: Time,
        /// Who made it.
        by: Actor,
    },
    /// It will never be reached.
    Skipped,
    /// Something keeps it from being reached.
    Held,
    /// As far as the steps are known, it is still to come.
    Ahead,
}

impl Line {
    /// The step that reached it.
    pub fn step(&self) -> Option<StepId> {
        if let State::Reached { step, .. } = self.state { Some(step) } else { None }
    }

    /// When it was reached.
    pub fn at(&self) -> Option<Time> {
        if let State::Reached { at, .. } = self.state { Some(at) } else { None }
    }
}

/// What a rail tells of: `Deletion of x2x8k`.
pub fn heading(rail: &Rail) -> String {
    match rail {
        Rail::Deletion(deletion) => format!("Deletion of {}", deletion.short_name),
        Rail::Rollout(rollout) => match rollout.revision {
            Some(revision) => format!("Rollout of {}, revision {revision}", rollout.deployment.name),
            None => format!("Rollout of {}", rollout.deployment.name),
        },
        Rail::Drain(drain) => drain.line.trim_start_matches("kubectl ").to_owned(),
        Rail::Outage(outage) => format!("Outage of {}", outage.node),
    }
}

/// What a rail is called as a button: `This deletion in ten stations`.
pub const fn offer(subject: Subject) -> &'static str {
    match subject {
        Subject::Deletion(_) => "This deletion in ten stations",
        Subject::Rollout(_) => "This rollout, station by station",
        Subject::Drain(_) => "This drain, station by station",
        Subject::Outage(_) => "This outage, station by station",
    }
}

/// Its stations, in the order in which they are told.
pub fn lines(rail: &Rail) -> Vec<Line> {
    match rail {
        Rail::Deletion(of) => of.stations.iter().map(|station| ten_line(of, station)).collect(),
        Rail::Rollout(of) => of.stations.iter().map(rollout::line).collect(),
        Rail::Drain(of) => of.stations.iter().map(drain::line).collect(),
        Rail::Outage(of) => of.stations.iter().map(outage::line).collect(),
    }
}

fn ten_line(deletion: &ten::Deletion, station: &ten::Station) -> Line {
    let state = match &station.outcome {
        ten::Outcome::Reached { step, at, by, .. } => State::Reached { step: *step, at: *at, by: by.clone() },
        ten::Outcome::Skipped(_) => State::Skipped,
        ten::Outcome::Held(_) => State::Held,
        ten::Outcome::Ahead => State::Ahead,
    };
    let lane = match station.stop {
        ten::Stop::Requested => Lane::User,
        ten::Stop::Authorized | ten::Stop::Validated | ten::Stop::Marked | ten::Stop::Removed => {
            Lane::ApiServer
        }
        ten::Stop::Replaced => Lane::Controllers,
        ten::Stop::Unrouted => Lane::Endpoints,
        ten::Stop::Signalled | ten::Stop::Killed | ten::Stop::CleanedUp => Lane::Kubelet,
    };
    let title = deletion::title(deletion, station.stop).into();
    Line { title, note: deletion::note(deletion, station), lane, state, pod: None }
}

fn state(outcome: &rail::Outcome) -> State {
    match outcome {
        rail::Outcome::Reached { step, at, by } => State::Reached { step: *step, at: *at, by: by.clone() },
        rail::Outcome::Skipped => State::Skipped,
        rail::Outcome::Held => State::Held,
        rail::Outcome::Ahead => State::Ahead,
    }
}
