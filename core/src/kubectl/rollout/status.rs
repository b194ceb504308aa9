//! `kubectl rollout status`: tells how far a rollout is, at every change, until it is done.
//! Upstream: `k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go`.

use super::progress::{self, Progress};
use crate::api::{ObjectRef, Uid};
use crate::kubectl::failure::Failure;
use crate::kubectl::session::{SessionTurn, Waiting};
use crate::kubectl::targets::Targets;
use crate::time::Duration;

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Status {
    targets: Targets,
    watches: bool,
    revision: i64,
    timeout: Option<Duration>,
}

impl Status {
    #[inline(never)]
    pub(super) fn parse(words: &[String], text: &dyn Fn(&str) -> Option<String>) -> Result<Status, String> {
        let (targets, arguments) = super::read("status", Some("revision"), words, text)?;
        let revision = arguments.number("revision").unwrap_or(0);
        if revision < 0 {
            return Err(format!("error: revision must be a positive integer: {revision}"));
        }
        Ok(Status {
            targets,
            revision,
            watches: arguments.text("watch").is_none() || arguments.is_on("watch"),
            timeout: arguments.time("timeout").filter(|timeout| *timeout > Duration::ZERO),
        })
    }

    pub(super) fn begin(&self, turn: &mut SessionTurn<'_>) {
        let (objects, failures) = self.targets.read_all(turn);
        if !failures.is_empty() {
            return turn.finish(&failures);
        }
        if objects.is_empty() {
            turn.print_error(self.targets.nothing_found());
            return turn.end(0);
        }
        let objects = objects.iter().map(|object| (object.reference(), object.uid())).collect();
        self.go_on(turn, &Waiting { objects, since: turn.snapshot.now });
    }

    /// Tells how far the first of the objects is; goes on with the next when it is done.
    pub(super) fn go_on(&self, turn: &mut SessionTurn<'_>, waiting: &Waiting) {
        let mut rest = waiting.objects.as_slice();
        while let Some(((target, uid), others)) = rest.split_first() {
            let progress = match self.look_at(turn, target, *uid) {
                Ok(progress) => progress,
                Err(failure) => return turn.finish(&[failure]),
            };
            turn.print(progress.text);
            rest = others;
            if progress.is_done || !self.watches {
                continue;
            }
            let until = self.timeout.map(|timeout| waiting.since + timeout);
            if until.is_some_and(|until| until <= turn.snapshot.now) {
                return turn.finish(&[Failure::own("timed out waiting for the condition")]);
            }
            let mut objects = vec![(target.clone(), *uid)];
            objects.extend_from_slice(others);
            return turn.wait(target.clone(), until, Waiting { objects, since: waiting.since });
        }
        turn.end(0);
    }

    fn look_at(&self, turn: &SessionTurn<'_>, target: &ObjectRef, uid: Uid) -> Result<Progress, Failure> {
        match turn.snapshot.store.object(target).filter(|object| object.uid() == uid) {
            Some(object) => progress::of(&object, self.revision),
            None => Err(Failure::own("object has been deleted")),
        }
    }
}
