//! `kubectl delete`: prints when the request is accepted, and then waits until the object is gone.
//! Upstream: `k8s.io/kubectl/pkg/cmd/delete`.

use std::rc::Rc;

use super::failure::Failure;
use super::files::{self, Files};
use super::flags::{self, Arguments, Flag, Takes};
use super::requests::{Request, Requests};
use super::session::{Sending, SessionTurn, Stage, Waiting};
use super::shape::Shape;
use super::targets::{Selection, Target, Targets, Wants, shown};
use crate::api::{ObjectRef, Uid};
use crate::apiserver::{Change, DeleteOptions, Propagation, Reason, Write};
use crate::time::Duration;
use crate::why;

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Delete {
    pub(super) targets: Targets,
    options: DeleteOptions,
    is_forced: bool,
    waits: bool,
    timeout: Option<Duration>,
    ignores_not_found: bool,
    shape: Shape,
}

const FLAGS: [Flag; 14] = [
    flags::DRY_RUN,
    flags::FILENAME,
    flags::NAMESPACE,
    flags::ALL_NAMESPACES,
    flags::SELECTOR,
    flags::OUTPUT,
    flags::ALL,
    Flag::new("grace-period", None, Takes::Number),
    Flag::new("now", None, Takes::Nothing),
    Flag::new("force", None, Takes::Nothing),
    Flag::new("wait", None, Takes::Nothing),
    Flag::new("timeout", None, Takes::Time),
    Flag::new("cascade", None, Takes::Maybe("background")),
    Flag::new("ignore-not-found", None, Takes::Nothing),
];

const FORCE_WARNING: &str = "Warning: Immediate deletion does not wait for confirmation that the running resource has been \
    terminated. The resource may continue to run on the cluster indefinitely.\n";

impl Delete {
    /// Reads a command line.
    #[inline(never)]
    pub(super) fn parse(words: &[String], text: &dyn Fn(&str) -> Option<String>) -> Result<Delete, String> {
        let arguments = Arguments::read("kubectl delete", words, &FLAGS)?;
        let files = Files::read(&arguments, text)?;
        let is_forced = arguments.is_on("force");
        let options = DeleteOptions {
            grace_seconds: grace(&arguments, is_forced)?,
            propagation: Some(propagation(arguments.text("cascade"))?),
            ..DeleteOptions::default()
        };
        Ok(Delete {
            options,
            is_forced,
            waits: arguments.text("wait").is_none() || arguments.is_on("wait"),
            timeout: arguments.time("timeout").filter(|timeout| *timeout > Duration::ZERO),
            ignores_not_found: arguments.is_on("ignore-not-found") || arguments.is_on("all"),
            shape: Shape::read(&arguments)?,
            targets: Targets::read(&arguments, files, Wants::Names)?,
        })
    }

    /// Waits for the first object that is still there; the command ends when none is.
    #[inline(never)]
    pub(super) fn wait(&self, turn: &mut SessionTurn<'_>, waiting: &Waiting) {
        let is_there = |(target, uid): &&(_, Uid)| {
            turn.snapshot.store.object(target).is_some_and(|object| object.uid() == *uid)
        };
        let Some((target, _)) = waiting.objects.iter().find(is_there).cloned() else { return turn.end(0) };
        let until = self.timeout.map(|timeout| waiting.since + timeout);
        if until.is_some_and(|until| until <= turn.snapshot.now) {
            let plural = target.kind.names().plural;
            let text = format!("timed out waiting for the condition on {plural}/{}", target.name());
            return turn.finish(&[Failure::own(text)]);
        }
        turn.wait(target, until, waiting.clone());
    }
}

/// `gracePeriodSeconds` of the request; `None` leaves it to the object.
fn grace(arguments: &Arguments, is_forced: bool) -> Result<Option<i64>, String> {
    let asked = arguments.number("grace-period").filter(|seconds| *seconds >= 0);
    if arguments.is_on("now") {
        return match asked {
            Some(_) => Err("error: --now and --grace-period cannot be specified together".to_owned()),
            None => Ok(Some(1)),
        };
    }
    match (asked, is_forced) {
        (Some(1..), true) => {
            Err("error: --force and --grace-period greater than 0 cannot be specified together".to_owned())
        }
        // Without --force, the shortest time that is still graceful.
        (Some(0), false) => Ok(Some(1)),
        (None, true) => Ok(Some(0)),
        (asked, _) => Ok(asked),
    }
}

pub(super) fn propagation(cascade: Option<&str>) -> Result<Propagation, String> {
    match cascade {
        None | Some("background" | "true") => Ok(Propagation::Background),
        Some("foreground") => Ok(Propagation::Foreground),
        Some("orphan" | "false") => Ok(Propagation::Orphan),
        Some(other) => Err(format!(
            "error: invalid cascade value ({other}). Must be \"background\", \"foreground\", or \"orphan\""
        )),
    }
}

/// `pod "web" deleted from default namespace`
pub(super) fn told(reference: &ObjectRef, shape: Shape, done: &str) -> String {
    if shape.is_name() {
        return format!("{}\n", shown(reference));
    }
    let kind = reference.kind.qualified_singular();
    let namespace = &reference.key.namespace;
    if namespace.is_empty() {
        return format!("{kind} \"{}\" {done}\n", reference.name());
    }
    format!("{kind} \"{}\" {done} from {namespace} namespace\n", reference.name())
}

impl Requests for Delete {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn begin(&self, turn: &mut SessionTurn<'_>) -> Sending {
        if self.is_forced {
            turn.print_error(FORCE_WARNING);
        }
        let (targets, failures) = self.targets.list(turn);
        let mut sending = Sending { targets, failures, ..Sending::default() };
        if let Selection::Files(files) = &self.targets.selection {
            for item in files.items().iter().filter(|item| item.target().is_none()) {
                if let Err(fault) = &item.content {
                    sending.failures.push(files::failure(item, fault));
                }
            }
        }
        if sending.targets.is_empty() && sending.failures.is_empty() {
            turn.print("No resources found\n");
        }
        sending
    }

    fn request(&self, turn: &mut SessionTurn<'_>, target: &Target) -> Request {
        let reference = &target.reference;
        if self.ignores_not_found && turn.snapshot.store.object(reference).is_none() {
            return Request::Skip;
        }
        let write = Write::Delete { target: reference.clone(), options: self.options.clone() };
        Request::Send(
            write,
            why::Kubectl::Deletes { grace_seconds: self.options.grace_seconds, is_forced: self.is_forced },
        )
    }

    fn accepted(&self, target: &Target, _change: &Change) -> String {
        let done = if self.options.grace_seconds == Some(0) { "force deleted" } else { "deleted" };
        told(&target.reference, self.shape, done)
    }

    fn context(&self, target: &Target) -> Option<Rc<str>> {
        Some(self.targets.files()?.item(target)?.context("deleting"))
    }

    fn end(&self, turn: &mut SessionTurn<'_>, mut sending: Sending) {
        if self.ignores_not_found {
            sending.failures.retain(|failure| {
                !matches!(failure, Failure::Refused { error, .. } if error.reason == Reason::NotFound)
            });
        }
        if !sending.failures.is_empty() || !self.waits || sending.deleted.is_empty() {
            return turn.finish(&sending.failures);
        }
        let waiting = Waiting { objects: sending.deleted, since: turn.snapshot.now };
        turn.session.stage = Stage::Waiting(Rc::new(waiting.clone()));
        self.wait(turn, &waiting);
    }
}
