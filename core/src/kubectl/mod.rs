//! kubectl: what a person types, as a session of requests in virtual time.
//!
//! A command that waits (`delete`, `rollout status`) is an actor like any other: its session lives in the world.

use std::rc::Rc;

use crate::api::ObjectRef;
use crate::engine::step::CommandId;
use crate::plan::{Outcomes, Plan, Printed, Snapshot};
use crate::why;

/// A parsed command line, with the manifests it names.
#[derive(Clone, Debug, PartialEq)]
pub struct Invocation {
    /// As it was typed.
    pub line: Rc<str>,
}

/// A running or finished command.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Its number.
    pub id: CommandId,
    /// What was asked for.
    pub invocation: Rc<Invocation>,
    /// What it printed so far.
    pub output: Rc<Vec<Printed>>,
    /// The object whose changes wake it, while it waits for one.
    pub watching: Option<ObjectRef>,
    /// Its exit code, once it has ended.
    pub exit: Option<u8>,
}

impl Session {
    /// A command that has just been given.
    pub fn new(id: CommandId, invocation: Rc<Invocation>) -> Session {
        Session { id, invocation, output: Rc::default(), watching: None, exit: None }
    }
}

/// One look by a session. `snapshot.store` is the live store: kubectl reads through the API server.
pub fn look(_snapshot: &Snapshot<'_>, _session: &Session, _outcomes: &Outcomes, plan: &mut Plan) {
    plan.nothing_to_do(why::Kubectl::Applied);
}
