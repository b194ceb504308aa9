//! kubectl: what a person types, as a session of requests in virtual time.
//!
//! [`parse`] reads a line into an [`Invocation`]: a closed [`Verb`] with its arguments. The engine then plays it as a
//! [`Session`] in turns; a command that waits (`delete`, `rollout status`) is an actor like any other and lives in
//! the world. Each command has its own file; `print/` has what they print. Upstream: `staging/src/k8s.io/kubectl`.

mod apply;
mod delete;
mod failure;
mod files;
mod flags;
mod parse;
mod requests;
mod scale;
mod selector;
mod session;
mod set_image;
mod targets;
#[cfg(test)]
mod tests;
mod three_way;
mod words;

use std::rc::Rc;

use crate::manifest::Document;
use crate::plan::{Outcomes, Plan, Snapshot};

pub use apply::Apply;
pub use delete::Delete;
pub use failure::Failure;
pub(crate) use flags::read_duration;
pub use parse::parse;
pub use scale::Scale;
pub use session::Session;
use session::{SessionTurn, Stage};
pub use set_image::SetImage;

/// Where objects are that name no namespace.
const DEFAULT_NAMESPACE: &str = "default";

/// A parsed command line, with the manifests it names.
#[derive(Clone, Debug, PartialEq)]
pub struct Invocation {
    /// As it was typed.
    pub line: Rc<str>,
    /// What it asks for.
    pub verb: Verb,
}

/// The commands.
#[derive(Clone, Debug, PartialEq)]
pub enum Verb {
    /// `kubectl apply`
    Apply(Apply),
    /// `kubectl delete`
    Delete(Delete),
    /// `kubectl scale`
    Scale(Scale),
    /// `kubectl set image`
    SetImage(SetImage),
}

impl Invocation {
    /// `kubectl apply -f manifest.yaml` of documents that were read already.
    pub fn apply(documents: Vec<Document>) -> Invocation {
        let line = format!("kubectl apply -f {}", files::ONLY_FILE).into();
        Invocation { line, verb: Verb::Apply(Apply::of(files::Files::of(documents))) }
    }
}

/// One look by a session. `snapshot.store` is the live store: kubectl reads through the API server.
pub fn look(snapshot: &Snapshot<'_>, session: &Session, outcomes: &Outcomes, plan: &mut Plan) {
    if session.exit.is_some() {
        return;
    }
    let invocation = session.invocation.clone();
    let mut turn = SessionTurn::new(snapshot, session, outcomes, plan);
    match (&session.stage, &invocation.verb) {
        (Stage::Ending(code), _) => turn.session.exit = Some(*code),
        (Stage::Waiting(waiting), Verb::Delete(delete)) => delete.wait(&mut turn, waiting),
        (_, Verb::Apply(apply)) => requests::play(apply, &mut turn),
        (_, Verb::Delete(delete)) => requests::play(delete, &mut turn),
        (_, Verb::Scale(scale)) => requests::play(scale, &mut turn),
        (_, Verb::SetImage(set_image)) => requests::play(set_image, &mut turn),
    }
    turn.close();
}
