//! kubectl: what a person types, as a session of requests in virtual time.
//!
//! [`parse()`] reads a line into an [`Invocation`]: a closed [`Verb`] with its arguments. The engine then plays it as a
//! [`Session`] in turns; a command that waits (`delete`, `rollout status`) is an actor like any other and lives in
//! the world. Each command has its own file; `print/` has what they print. Upstream: `staging/src/k8s.io/kubectl`.

mod api_resources;
mod apply;
mod autoscale;
mod can_i;
mod cordon;
mod create;
mod create_job;
mod create_service;
mod delete;
mod describe;
mod drain;
mod events;
mod evict;
mod expose;
mod failure;
mod field_selector;
mod files;
mod flags;
mod get;
mod help;
mod label;
mod parse;
mod patch;
mod print;
mod requests;
mod rollout;
mod run;
mod scale;
mod selector;
mod session;
mod set;
mod set_image;
mod shape;
mod taint;
mod targets;
#[cfg(test)]
mod tests;
mod three_way;
mod words;

use std::rc::Rc;

use crate::api::Key;
use crate::manifest::Document;
use crate::plan::{Outcomes, Plan, Snapshot};
use crate::time::Duration;

pub use api_resources::ApiResources;
pub use apply::Apply;
pub use autoscale::Autoscale;
pub use can_i::CanI;
pub use cordon::Cordon;
pub use create::Create;
pub use delete::Delete;
pub use describe::Describe;
pub use drain::Drain;
pub use events::Events;
pub use evict::Evict;
pub use expose::Expose;
pub use failure::Failure;
pub use get::Get;
pub use help::Help;
pub use label::Label;
pub use parse::{SIMULATED, parse};
pub use patch::Patch;
pub use rollout::Rollout;
pub use scale::Scale;
pub use session::Session;
use session::{SessionTurn, Stage};
pub use set::{SetEnv, SetResources};
pub use set_image::SetImage;
pub use taint::Taint;

pub(crate) use words::split as split_words;

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
    /// `kubectl api-resources`
    ApiResources(ApiResources),
    /// `kubectl apply`
    Apply(Apply),
    /// `kubectl auth can-i`
    CanI(CanI),
    /// `kubectl create`
    Create(Create),
    /// `kubectl delete`
    Delete(Delete),
    /// `kubectl get`
    Get(Get),
    /// `kubectl describe`
    Describe(Describe),
    /// `kubectl scale`
    Scale(Scale),
    /// `kubectl set image`
    SetImage(SetImage),
    /// `kubectl set env`
    SetEnv(SetEnv),
    /// `kubectl set resources`
    SetResources(SetResources),
    /// `kubectl patch`
    Patch(Patch),
    /// `kubectl autoscale`
    Autoscale(Autoscale),
    /// `kubectl expose`
    Expose(Expose),
    /// `kubectl events`
    Events(Events),
    /// `kubectl rollout`
    Rollout(Rollout),
    /// `kubectl cordon` and `uncordon`
    Cordon(Cordon),
    /// `kubectl drain`
    Drain(Drain),
    /// `kubectl taint`
    Taint(Taint),
    /// A request for an eviction, which kubectl has no command for.
    Evict(Evict),
    /// `kubectl label` and `annotate`
    Label(Label),
    /// `kubectl help`
    Help(Help),
}

impl Invocation {
    /// `kubectl apply -f manifest.yaml` of documents that were read already.
    pub fn apply(documents: Vec<Document>) -> Invocation {
        let line = format!("kubectl apply -f {}", files::ONLY_FILE).into();
        Invocation { line, verb: Verb::Apply(Apply::of(files::Files::of(documents))) }
    }

    /// A request for the eviction of a pod.
    pub fn evict(pod: Key) -> Invocation {
        let evict = Evict::of(pod);
        Invocation { line: evict.line(), verb: Verb::Evict(evict) }
    }
}

/// What kubectl says where nobody answers.
const UNREACHABLE: &str = "The connection to the server 172.18.0.2:6443 was refused - did you specify the right host \
                           or port?\n";

/// How long kubectl waits before it tries a broken watch again.
const RETRY: Duration = Duration::from_seconds(2);

/// One look by a session. `snapshot.store` is the live store: kubectl reads through the API server.
pub fn look(snapshot: &Snapshot<'_>, session: &Session, outcomes: &Outcomes, plan: &mut Plan) {
    if session.exit.is_some() {
        return;
    }
    let invocation = session.invocation.clone();
    let mut turn = SessionTurn::new(snapshot, session, outcomes, plan);
    if snapshot.simulation.stopped.api_server && !matches!(invocation.verb, Verb::Help(_)) {
        match session.stage {
            Stage::Starting => {
                turn.print_error(UNREACHABLE);
                turn.end(1);
            }
            // Its watch is broken: it tries again.
            Stage::Sending(_) | Stage::Waiting(_) | Stage::Draining(_) => turn.look_again(RETRY),
        }
        return turn.close();
    }
    match (&session.stage, &invocation.verb) {
        (Stage::Waiting(waiting), Verb::Delete(delete)) => delete.wait(&mut turn, waiting),
        (_, Verb::Apply(apply)) => requests::play(apply, &mut turn),
        (_, Verb::Create(create)) => requests::play(create, &mut turn),
        (_, Verb::Delete(delete)) => requests::play(delete, &mut turn),
        (_, Verb::ApiResources(resources)) => resources.print(&mut turn),
        (_, Verb::CanI(can_i)) => can_i.print(&mut turn),
        (_, Verb::Get(get)) => get.print(&mut turn),
        (_, Verb::Describe(describe)) => describe.print(&mut turn),
        (_, Verb::Scale(scale)) => requests::play(scale, &mut turn),
        (_, Verb::SetImage(set_image)) => requests::play(set_image, &mut turn),
        (_, Verb::SetEnv(set_env)) => requests::play(set_env, &mut turn),
        (_, Verb::SetResources(set_resources)) => requests::play(set_resources, &mut turn),
        (_, Verb::Patch(patch)) => requests::play(patch, &mut turn),
        (_, Verb::Autoscale(autoscale)) => requests::play(autoscale, &mut turn),
        (_, Verb::Events(events)) => events.print(&mut turn),
        (_, Verb::Expose(expose)) => requests::play(expose, &mut turn),
        (_, Verb::Rollout(rollout)) => rollout.play(&mut turn),
        (_, Verb::Cordon(cordon)) => requests::play(cordon, &mut turn),
        (_, Verb::Drain(drain)) => drain.play(&mut turn),
        (_, Verb::Taint(taint)) => requests::play(taint, &mut turn),
        (_, Verb::Evict(evict)) => evict.play(&mut turn),
        (_, Verb::Label(label)) => requests::play(label, &mut turn),
        (_, Verb::Help(help)) => help.print(&mut turn),
    }
    turn.close();
}
