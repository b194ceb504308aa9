//! kubectl: what a person types, as a session of requests in virtual time.
//!
//! [`parse()`] reads a line into an [`Invocation`]: a closed [`Verb`] with its arguments. The engine then plays it as a
//! [`Session`] in turns; a command that waits (`delete`, `rollout status`) is an actor like any other and lives in
//! the world. Each command has its own file; `print/` has what they print. Upstream: `staging/src/k8s.io/kubectl`.

mod api_resources;
mod apply;
mod auth;
mod autoscale;
mod cordon;
mod create;
mod create_access;
mod create_ingress;
mod create_job;
mod create_service;
mod create_token;
mod delete;
mod describe;
mod diff;
mod drain;
mod events;
mod evict;
mod exec;
mod explain;
mod expose;
mod failure;
mod field_selector;
mod files;
mod flags;
mod get;
mod help;
mod input;
mod label;
mod logs;
mod parse;
mod patch;
mod print;
mod replace;
mod requests;
mod rollout;
mod run;
mod say;
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
mod top;
mod unsimulated;
mod wait;
mod words;

use std::rc::Rc;

use crate::api::Key;
use crate::apiserver::Person;
use crate::manifest::Document;
use crate::network::walk::View;
use crate::plan::{Outcomes, Plan, Snapshot};
use crate::time::Duration;

pub use api_resources::ApiResources;
pub use apply::Apply;
pub use auth::Auth;
pub use autoscale::Autoscale;
pub use cordon::Cordon;
pub use create::Create;
pub use create_token::CreateToken;
pub use delete::Delete;
pub use describe::Describe;
pub use diff::Diff;
pub use drain::Drain;
pub use events::Events;
pub use evict::Evict;
pub use exec::Exec;
pub use explain::Explain;
pub use expose::Expose;
pub use failure::Failure;
pub use get::Get;
pub use help::Help;
pub use label::Label;
pub use logs::Logs;
pub use parse::{SIMULATED, flags_of, parse};
pub use patch::Patch;
pub use replace::Replace;
pub use rollout::Rollout;
pub use say::Say;
pub use scale::Scale;
pub use session::{Session, Watching};
use session::{SessionTurn, Stage};
pub use set::{SetEnv, SetResources};
pub use set_image::SetImage;
pub use taint::Taint;
pub use top::Top;
pub use unsimulated::Unsimulated;
pub use wait::Wait;

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
    /// Whom it speaks for (`--as`); the cluster's administrator where nobody is named.
    pub person: Option<Rc<Person>>,
}

/// The commands.
#[derive(Clone, Debug, PartialEq)]
pub enum Verb {
    /// `kubectl api-resources`
    ApiResources(ApiResources),
    /// `kubectl apply`
    Apply(Apply),
    /// `kubectl auth`
    Auth(Auth),
    /// `kubectl create`
    Create(Create),
    /// `kubectl create token`
    CreateToken(CreateToken),
    /// `kubectl delete`
    Delete(Delete),
    /// `kubectl diff`
    Diff(Diff),
    /// `kubectl explain`
    Explain(Explain),
    /// `kubectl get`
    Get(Get),
    /// `kubectl describe`
    Describe(Describe),
    /// `kubectl logs`
    Logs(Logs),
    /// `kubectl replace`
    Replace(Replace),
    /// `kubectl version` and the like: nothing is asked for.
    Say(Say),
    /// `kubectl wait`
    Wait(Wait),
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
    /// `kubectl top`
    Top(Top),
    /// `kubectl exec`
    Exec(Exec),
    /// A request for an eviction, which kubectl has no command for.
    Evict(Evict),
    /// `kubectl label` and `annotate`
    Label(Label),
    /// `kubectl attach` and others that end where they begin.
    Unsimulated(Unsimulated),
    /// `kubectl help`
    Help(Help),
}

impl Invocation {
    /// `kubectl apply -f manifest.yaml` of documents that were read already.
    pub fn apply(documents: Vec<Document>) -> Invocation {
        let line = format!("kubectl apply -f {}", files::ONLY_FILE).into();
        Invocation { line, verb: Verb::Apply(Apply::of(files::Files::of(documents))), person: None }
    }

    /// A request for the eviction of a pod.
    pub fn evict(pod: Key) -> Invocation {
        let evict = Evict::of(pod);
        Invocation { line: evict.line(), verb: Verb::Evict(evict), person: None }
    }
}

impl Invocation {
    /// The same command with the documents of its files as the store makes them understood.
    fn resolved(&self, snapshot: &Snapshot<'_>) -> Option<Invocation> {
        let files = self.verb.files()?.resolved(snapshot.store, snapshot.simulation.keeps_unknown_kinds)?;
        let mut invocation = self.clone();
        *invocation.verb.files_mut()? = files;
        Some(invocation)
    }
}

impl Verb {
    /// The files it was given.
    fn files(&self) -> Option<&files::Files> {
        match self {
            Verb::Apply(it) => Some(&it.files),
            Verb::Create(it) => it.files(),
            Verb::Delete(it) => it.targets.files(),
            Verb::Describe(it) => it.targets.files(),
            Verb::Diff(it) => Some(&it.files),
            Verb::Get(it) => it.targets.files(),
            Verb::Replace(it) => Some(&it.files),
            _ => None,
        }
    }

    fn files_mut(&mut self) -> Option<&mut files::Files> {
        match self {
            Verb::Apply(it) => Some(&mut it.files),
            Verb::Create(it) => it.files_mut(),
            Verb::Delete(it) => it.targets.files_mut(),
            Verb::Describe(it) => it.targets.files_mut(),
            Verb::Diff(it) => Some(&mut it.files),
            Verb::Get(it) => it.targets.files_mut(),
            Verb::Replace(it) => Some(&mut it.files),
            _ => None,
        }
    }

    /// Whether it needs an answer of the API server.
    fn needs_server(&self) -> bool {
        match self {
            Verb::Help(_) => false,
            Verb::Say(say) => !say.needs_no_server(),
            _ => true,
        }
    }
}

/// What kubectl says where nobody answers.
const UNREACHABLE: &str = "The connection to the server 172.18.0.2:6443 was refused - did you specify the right host \
                           or port?\n";

/// How long kubectl waits before it tries a broken watch again.
const RETRY: Duration = Duration::from_seconds(2);

/// One look by a session. `snapshot.store` is the live store: kubectl reads through the API server, and through it what
/// runs on machines; `network` is what commands find that run there.
pub fn look(
    snapshot: &Snapshot<'_>,
    network: View<'_>,
    session: &Session,
    outcomes: &Outcomes,
    plan: &mut Plan,
) {
    if session.exit.is_some() {
        return;
    }
    let mut invocation = session.invocation.clone();
    if let (Stage::Starting, Some(resolved)) = (&session.stage, invocation.resolved(snapshot)) {
        invocation = Rc::new(resolved);
    }
    let mut turn = SessionTurn::new(snapshot, network, session, outcomes, plan);
    turn.session.invocation = invocation.clone();
    if snapshot.simulation.stopped.has_no_server() && invocation.verb.needs_server() {
        match session.stage {
            Stage::Starting => {
                turn.print_error(UNREACHABLE);
                turn.end(1);
            }
            // Its watch is broken: it tries again.
            Stage::Sending(_) | Stage::Waiting(_) | Stage::Draining(_) => turn.look_again(RETRY),
            // What it follows says nothing more.
            Stage::Following(_) | Stage::Requesting(_) => {}
        }
        return turn.close();
    }
    match (&session.stage, &invocation.verb) {
        (Stage::Waiting(waiting), Verb::Delete(delete)) => delete.wait(&mut turn, waiting),
        (_, Verb::Apply(apply)) => requests::play(apply, &mut turn),
        (_, Verb::Create(create)) => requests::play(create, &mut turn),
        (_, Verb::CreateToken(token)) => token.print(&mut turn),
        (_, Verb::Delete(delete)) => requests::play(delete, &mut turn),
        (_, Verb::ApiResources(resources)) => resources.print(&mut turn),
        (_, Verb::Auth(auth)) => auth.play(&mut turn),
        (_, Verb::Diff(diff)) => diff.print(&mut turn),
        (_, Verb::Explain(explain)) => explain.print(&mut turn),
        (_, Verb::Get(get)) => get.play(&mut turn),
        (_, Verb::Logs(logs)) => logs.play(&mut turn),
        (_, Verb::Replace(replace)) => requests::play(replace, &mut turn),
        (_, Verb::Say(say)) => say.print(&mut turn),
        (_, Verb::Unsimulated(it)) => it.play(&mut turn),
        (_, Verb::Wait(wait)) => wait.play(&mut turn),
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
        (_, Verb::Top(top)) => top.print(&mut turn),
        (_, Verb::Evict(evict)) => evict.play(&mut turn),
        (_, Verb::Exec(exec)) => exec.play(&mut turn),
        (_, Verb::Label(label)) => requests::play(label, &mut turn),
        (_, Verb::Help(help)) => help.print(&mut turn),
    }
    turn.close();
}
