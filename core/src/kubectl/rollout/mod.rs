//! `kubectl rollout`: status, history, undo, pause, resume, restart. Upstream: `k8s.io/kubectl/pkg/cmd/rollout`.

mod change;
mod history;
mod progress;
mod status;
mod undo;

use std::rc::Rc;

use super::files::Files;
use super::flags::{self, Arguments, Flag, Takes};
use super::requests;
use super::session::{SessionTurn, Stage};
use super::targets::{Targets, Wants};
use crate::api::{ControllerRevision, Deployment, Object, ReplicaSet};
use crate::apiserver::Store;
use crate::controllers::{deployment::sets, history as kept};
use change::Change;
use history::History;
use status::Status;
use undo::Undo;

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Rollout(Command);

/// The commands below `kubectl rollout`.
#[derive(Clone, Debug, PartialEq)]
enum Command {
    /// How far it is.
    Status(Status),
    /// What its revisions were.
    History(History),
    /// Back to an earlier revision.
    Undo(Undo),
    /// Pause, resume, restart.
    Change(Change),
}

impl Rollout {
    /// Reads a command line.
    #[inline(never)]
    pub(super) fn parse(words: &[String], text: &dyn Fn(&str) -> Option<String>) -> Result<Rollout, String> {
        let Some((name, rest)) = words.split_first() else {
            return Err("error: required resource not specified".to_owned());
        };
        let command = match name.as_str() {
            "status" => Command::Status(Status::parse(rest, text)?),
            "history" => Command::History(History::parse(rest, text)?),
            "undo" => Command::Undo(Undo::parse(rest, text)?),
            "pause" => Command::Change(Change::parse(change::What::Pause, rest, text)?),
            "resume" => Command::Change(Change::parse(change::What::Resume, rest, text)?),
            "restart" => Command::Change(Change::parse(change::What::Restart, rest, text)?),
            _ => {
                let words = words.join(" ");
                return Err(format!(
                    "error: unknown command \"{words}\"\nSee 'kubectl rollout -h' for help and examples"
                ));
            }
        };
        Ok(Rollout(command))
    }

    /// Plays one turn.
    #[inline(never)]
    pub(super) fn play(&self, turn: &mut SessionTurn<'_>) {
        match &self.0 {
            Command::Status(status) => match turn.session.stage.clone() {
                Stage::Waiting(waiting) => status.go_on(turn, &waiting),
                _ => status.begin(turn),
            },
            Command::History(history) => history.print(turn),
            Command::Undo(undo) => requests::play(undo, turn),
            Command::Change(change) => requests::play(change, turn),
        }
    }
}

/// The flags of every rollout command.
const FLAGS: [Flag; 7] = [
    flags::DRY_RUN,
    flags::FILENAME,
    flags::NAMESPACE,
    flags::SELECTOR,
    flags::OUTPUT,
    Flag::new("watch", Some('w'), Takes::Nothing),
    Flag::new("timeout", None, Takes::Time),
];

/// Reads what every rollout command has, objects and flags, and the flag with which some name a revision.
fn read(
    command: &str,
    revision: Option<&'static str>,
    words: &[String],
    text: &dyn Fn(&str) -> Option<String>,
) -> Result<(Targets, Arguments), String> {
    let mut flags = FLAGS.to_vec();
    flags.extend(revision.map(|name| Flag::new(name, None, Takes::Number)));
    let arguments = Arguments::read(&format!("kubectl rollout {command}"), words, &flags)?;
    let files = Files::read(&arguments, text)?;
    if arguments.names.is_empty() && files.items().is_empty() {
        return Err("error: required resource not specified".to_owned());
    }
    Ok((Targets::read(&arguments, files, Wants::Kinds)?, arguments))
}

/// The ReplicaSet that has the Deployment's template: the oldest, should there be several.
pub(super) fn new_replica_set<'a>(deployment: &Deployment, store: &'a Store) -> Option<&'a Rc<ReplicaSet>> {
    let matching = store.replica_sets_of(deployment.uid).filter(|set| sets::has_template_of(set, deployment));
    matching.min_by_key(|set| (set.meta.created, set.name().to_owned()))
}

/// The ReplicaSets of a Deployment that have a revision, by revision.
fn revisions<'a>(deployment: &Deployment, store: &'a Store) -> Vec<(i64, &'a Rc<ReplicaSet>)> {
    let mut revisions: Vec<(i64, &Rc<ReplicaSet>)> = store
        .replica_sets_of(deployment.uid)
        .map(|set| (set.revision(), set))
        .filter(|(revision, _)| *revision > 0)
        .collect();
    crate::order::sort_by_key(&mut revisions, |(revision, _)| *revision);
    revisions
}

/// The ControllerRevisions of a StatefulSet or DaemonSet, by number; `None` of other kinds.
fn kept_revisions(object: &Object, store: &Store) -> Option<Vec<Rc<ControllerRevision>>> {
    match object {
        Object::StatefulSet(_) | Object::DaemonSet(_) => Some(kept::revisions_of(store, object.uid())),
        _ => None,
    }
}
