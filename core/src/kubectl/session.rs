//! A running command: what it was asked, what it printed, and where it is in its work.
//!
//! A command is played in turns: each sends one request and reads its answer in the next. The last turn knows the exit
//! code, and prints what went wrong, if anything did.

use std::rc::Rc;

use super::Invocation;
use super::drain::Draining;
use super::failure::{self, Failure};
use super::targets::Target;
use crate::api::{Kind, Object, ObjectRef, Uid};
use crate::apiserver::{self, ApiError, Change, User, Write, authorization};
use crate::engine::CommandId;
use crate::engine::memory::Remember;
use crate::kubelet::Machines;
use crate::network::balance::Connections;
use crate::network::flow::Flow;
use crate::network::walk::View;
use crate::plan::{Act, Outcomes, Plan, Printed, Snapshot, Turn};
use crate::rng::Rng;
use crate::time::{Duration, Time};
use crate::why;

/// A running or finished command.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Its number.
    pub id: CommandId,
    /// What was asked for.
    pub invocation: Rc<Invocation>,
    /// What it printed so far.
    pub output: Rc<Vec<Printed>>,
    /// Whose changes wake it, while it waits.
    pub watching: Option<Watching>,
    /// What it was told of since it looked last, where it watches all of a kind.
    pub heard: Rc<Vec<Heard>>,
    /// Its exit code, once it is known: what is left to print is printed at that very time.
    pub exit: Option<u8>,
    /// Where it is in its work.
    pub(super) stage: Stage,
}

/// Whose changes wake a session.
#[derive(Clone, Debug, PartialEq)]
pub enum Watching {
    /// This object's.
    Object(ObjectRef),
    /// Every object's of this kind.
    Kind(Kind),
    /// What happens to containers, too: a pod's on its machine.
    Pods,
}

/// A watch event.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// The object as it is now, or as it last was.
    pub object: Object,
    /// Whether it is new.
    pub is_new: bool,
    /// Whether it is gone.
    pub is_gone: bool,
}

/// Where a command is in its work.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Stage {
    /// It has just been given.
    #[default]
    Starting,
    /// It sends a request for each of its targets.
    Sending(Rc<Sending>),
    /// It waits for something to happen.
    Waiting(Rc<Waiting>),
    /// It drains nodes.
    Draining(Rc<Draining>),
    /// It goes on printing what happens, until somebody ends it.
    Following(Rc<Following>),
    /// It waits for the answer to a request that it sent from a container.
    Requesting(Rc<Flow>),
}

/// A command that goes on printing.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Following {
    /// How wide the columns of a table have been, if anything was printed.
    pub(super) widths: Option<Vec<usize>>,
    /// Up to when each container's log was printed.
    pub(super) until: Vec<Option<Time>>,
}

/// Requests that are sent one after another.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sending {
    /// What they are about.
    pub(super) targets: Vec<Target>,
    /// How many of them were sent, or needed no request.
    pub(super) done: usize,
    /// What went wrong so far.
    pub(super) failures: Vec<Failure>,
    /// Since when it has waited for one of them to go.
    pub(super) waits_since: Option<Time>,
    /// The objects whose deletion was accepted.
    pub(super) deleted: Vec<(ObjectRef, Uid)>,
}

/// A command that waits.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Waiting {
    /// For each of these, in order.
    pub(super) objects: Vec<(ObjectRef, Uid)>,
    /// Since when.
    pub(super) since: Time,
}

/// The exit code of a program that Ctrl-C ends.
const INTERRUPTED: u8 = 130;

impl Session {
    /// A command that has just been given.
    pub fn new(id: CommandId, invocation: Rc<Invocation>) -> Session {
        Session {
            id,
            invocation,
            output: Rc::default(),
            watching: None,
            heard: Rc::default(),
            exit: None,
            stage: Stage::Starting,
        }
    }

    /// Whether it goes on printing until somebody ends it: nothing waits for its end.
    pub fn follows(&self) -> bool {
        matches!(self.stage, Stage::Following(_))
    }

    /// It hears of a change.
    pub(crate) fn hear(&mut self, change: &Change) {
        let Some(object) = change.subject() else { return };
        let heard = Heard {
            object: object.clone(),
            is_new: change.before.is_none(),
            is_gone: change.after.is_none(),
        };
        Rc::make_mut(&mut self.heard).push(heard);
    }

    /// A person ends it, as Ctrl-C does.
    pub(crate) fn interrupt(&mut self) {
        self.watching = None;
        self.exit = Some(INTERRUPTED);
    }
}

/// One turn of a session: what it sees, and what it wants.
pub(super) struct SessionTurn<'a> {
    /// The live store, and the time.
    pub(super) snapshot: &'a Snapshot<'a>,
    /// What runs on the nodes.
    pub(super) machines: &'a Machines,
    /// What commands find that run in containers.
    pub(super) network: View<'a>,
    /// The session as it will be after this turn.
    pub(super) session: Session,
    /// The answer to the request of the turn before.
    pub(super) answer: Option<Answer>,
    plan: &'a mut Plan,
    turn: Turn,
}

/// What the API server warns of when a kind is asked for. Upstream: `APILifecycleDeprecated` and the Endpoints'
/// strategy.
fn deprecation(kind: Kind) -> Option<&'static str> {
    (kind == Kind::Endpoints)
        .then_some("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice")
}

/// The API server's answer to a request.
pub(super) type Answer = Result<Rc<Change>, Rc<ApiError>>;

impl<'a> SessionTurn<'a> {
    /// The turn that begins now.
    pub(super) fn new(
        snapshot: &'a Snapshot<'a>,
        network: View<'a>,
        session: &Session,
        outcomes: &Outcomes,
        plan: &'a mut Plan,
    ) -> SessionTurn<'a> {
        let answer = outcomes.answers.first().cloned();
        SessionTurn {
            snapshot,
            machines: network.machines,
            network,
            session: session.clone(),
            answer,
            plan,
            turn: outcomes.turn,
        }
    }

    /// Prints to stdout. The text has its newline.
    pub(super) fn print(&mut self, text: impl Into<Rc<str>>) {
        self.plan.print(text, why::Kubectl::Reports);
    }

    /// Prints to stderr. The text has its newline.
    pub(super) fn print_error(&mut self, text: impl Into<Rc<str>>) {
        self.plan.print_error(text, why::Kubectl::Reports);
    }

    /// Prints the warning that answers to requests about this kind carry, if they carry one.
    pub(super) fn warn_of(&mut self, kind: Kind) {
        if let Some(warning) = deprecation(kind) {
            self.warn(&[warning.to_owned()]);
        }
    }

    /// Prints what the API server says beside its answers: each warning once for each command.
    pub(super) fn warn(&mut self, warnings: &[String]) {
        for warning in warnings {
            let text = format!("Warning: {warning}\n");
            let is_printed = |printed: &Printed| printed.is_error && *printed.text == *text;
            let is_planned = self.plan.intents.iter().any(|intent| match &intent.act {
                Act::Print(printed) => is_printed(printed),
                _ => false,
            });
            if !is_planned && !self.session.output.iter().any(is_printed) {
                self.print_error(text);
            }
        }
    }

    /// Sends a request; its answer is there in the next turn, at this stage.
    pub(super) fn send(&mut self, write: Write, why: why::Kubectl, next: Stage) {
        self.plan.write(write, why);
        self.session.stage = next;
        self.plan.then(Turn(self.turn.0 + 1));
    }

    /// Whom the command speaks for.
    pub(super) fn user(&self) -> User<'_> {
        self.session.invocation.person.as_deref().map_or(User::Admin, User::Person)
    }

    /// Whether it may read this object (`get`), or all of its kind in its namespace (`list`, `watch`).
    pub(super) fn may(&self, verb: &str, target: &ObjectRef) -> Result<(), Failure> {
        let checked = authorization::check(self.snapshot.store, self.user(), verb, target, "", verb == "get");
        checked.map_err(|error| Failure::refused(target.clone(), Rc::new(error)))
    }

    /// Whether it may ask for this part of an object: `log`, `exec`, `token`.
    pub(super) fn may_use(&self, verb: &str, target: &ObjectRef, part: &str) -> Result<(), Failure> {
        let checked = authorization::check(self.snapshot.store, self.user(), verb, target, part, true);
        checked.map_err(|error| Failure::refused(target.clone(), Rc::new(error)))
    }

    /// What would become of a request, were it sent.
    pub(super) fn tried(&self, write: &Write) -> Result<Change, ApiError> {
        let mut store = self.snapshot.store.clone();
        let protects_default = self.snapshot.simulation.protects_default;
        let request =
            apiserver::Request { user: self.user(), now: self.snapshot.now, dry_run: true, protects_default };
        // Names that are generated are not kept: any will do.
        apiserver::handle(&mut store, request, write, &mut Rng::new(self.snapshot.simulation.seed))
    }

    /// Prints what went wrong and ends: with 0 if nothing did, else with 1.
    pub(super) fn finish(&mut self, failures: &[Failure]) {
        let text = failure::text(failures);
        if !text.is_empty() {
            self.print_error(text);
        }
        self.end(u8::from(!failures.is_empty()));
    }

    /// Ends with this code.
    pub(super) fn end(&mut self, code: u8) {
        self.session.watching = None;
        self.session.exit = Some(code);
    }

    /// Looks again when `object` changes, or `until` has come.
    pub(super) fn wait(&mut self, object: ObjectRef, until: Option<Time>, waiting: Waiting) {
        self.session.watching = Some(Watching::Object(object));
        self.session.stage = Stage::Waiting(Rc::new(waiting));
        if let Some(until) = until {
            self.plan.look_again_in(until.since(self.snapshot.now), why::Kubectl::WaitsAtMost);
        }
    }

    /// Goes on when something happens to what it watches.
    pub(super) fn follow(&mut self, watching: Watching, following: Following) {
        self.session.watching = Some(watching);
        self.session.stage = Stage::Following(Rc::new(following));
    }

    /// Waits for the answer to a request: whatever happens to containers may be the end of it.
    pub(super) fn request(&mut self, flow: Rc<Flow>, wait: Duration) {
        self.session.watching = Some(Watching::Pods);
        self.session.stage = Stage::Requesting(flow);
        self.look_again(wait);
    }

    /// What it was told of since it looked last.
    pub(super) fn take_heard(&mut self) -> Rc<Vec<Heard>> {
        std::mem::take(&mut self.session.heard)
    }

    /// Looks again after a while, or when what it watches changes.
    pub(super) fn look_again(&mut self, wait: Duration) {
        self.plan.look_again_in(wait, why::Kubectl::WaitsAtMost);
    }

    /// Lets nodes remember connections.
    pub(super) fn keep_connections(&mut self, connections: Connections) {
        self.plan.remember(Remember::Connections(Rc::new(connections)));
    }

    /// Takes over what the session has become.
    pub(super) fn close(self) {
        self.plan.remember(Remember::Session(Rc::new(self.session)));
    }
}
