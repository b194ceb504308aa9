//! `kubectl exec`: a command in a container of a running pod. Upstream: `k8s.io/kubectl/pkg/cmd/exec`.
//!
//! What is in images is not simulated; a few tools that look at the network and the environment are.

mod curl;
mod nslookup;
mod tools;

use std::cmp::Reverse;
use std::rc::Rc;

use super::failure::Failure;
use super::flags::{self, Arguments, Flag, Takes};
use super::session::{SessionTurn, Stage, Waiting};
use super::{DEFAULT_NAMESPACE, words};
use crate::api::{Key, Kind, ObjectRef, Pod};
use crate::kubelet::{LocalPod, Machine};
use crate::network::flow::Flow;
use crate::network::source;
use crate::network::walk::View;
use crate::time::{Duration, Time};

use tools::Done;

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Exec {
    target: ObjectRef,
    container: Option<Rc<str>>,
    is_quiet: bool,
    /// The command and its arguments: at least one word.
    command: Vec<String>,
}

/// Where a command runs.
struct Inside<'a> {
    machine: &'a Rc<Machine>,
    pod: &'a Rc<LocalPod>,
    container: &'a str,
}

const FLAGS: [Flag; 6] = [
    flags::NAMESPACE,
    Flag::new("container", Some('c'), Takes::Text),
    Flag::new("stdin", Some('i'), Takes::Nothing),
    Flag::new("tty", Some('t'), Takes::Nothing),
    Flag::new("quiet", Some('q'), Takes::Nothing),
    Flag::new("pod-running-timeout", None, Takes::Time),
];

/// The annotation that names the container which is meant where none is named.
const DEFAULT_CONTAINER: &str = "kubectl.kubernetes.io/default-container";

impl Exec {
    /// Reads a command line.
    #[inline(never)]
    pub(super) fn parse(words: &[String]) -> Result<Exec, String> {
        let dash = words.iter().position(|word| word == "--");
        let (before, command) = match dash {
            Some(place) => (&words[..place], words[place + 1..].to_vec()),
            None => (words, Vec::new()),
        };
        let arguments = Arguments::read("kubectl exec", before, &FLAGS)?;
        let Some(name) = arguments.names.first() else {
            return Err("error: pod, type/name or --filename must be specified".to_owned());
        };
        if arguments.names.len() > 1 {
            return Err("error: exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead\nSee \
                        'kubectl exec -h' for help and examples"
                .to_owned());
        }
        if command.is_empty() {
            return Err("error: you must specify at least one command for the container".to_owned());
        }
        let namespace = arguments.text("namespace").unwrap_or(DEFAULT_NAMESPACE);
        Ok(Exec {
            target: target(name, namespace)?,
            container: arguments.text("container").map(Into::into),
            is_quiet: arguments.is_on("quiet"),
            command,
        })
    }

    /// Plays one turn: the command is done at once, but for one that waits in vain.
    #[inline(never)]
    pub(super) fn play(&self, turn: &mut SessionTurn<'_>) {
        match turn.session.stage.clone() {
            Stage::Waiting(waiting) => return self.end_of_wait(turn, waiting.since),
            Stage::Requesting(flow) => return self.go_on(turn, flow),
            _ => {}
        }
        let pod = match self.pod(turn) {
            Ok(pod) => pod,
            Err(failure) => return turn.finish(&[failure]),
        };
        if pod.is_finished() {
            let text =
                format!("cannot exec into a container in a completed pod; current phase is {}", pod.phase());
            return turn.finish(&[Failure::own(text)]);
        }
        let container = match self.container(turn, &pod) {
            Ok(container) => container,
            Err(text) => return turn.finish(&[Failure::own(text)]),
        };
        let view = turn.network;
        if let Err(failure) = turn.may_use("create", &ObjectRef::new(Kind::Pod, pod.key.clone()), "exec") {
            return turn.finish(&[failure]);
        }
        let Some(node) = pod.node() else {
            let text =
                format!("Error from server (BadRequest): pod {} does not have a host assigned\n", pod.name());
            turn.print_error(text);
            return turn.end(1);
        };
        if turn.snapshot.memory.nodes.silent_since(node).is_some() {
            let address = view.machines.get(node).map(|machine| machine.address.clone()).unwrap_or_default();
            turn.print_error(format!(
                "Error from server: error dialing backend: dial tcp {address}:10250: i/o timeout\n"
            ));
            return turn.end(1);
        }
        let running = source::local(&view, &pod).filter(|(_, local)| {
            local.containers().any(|known| known.name() == &*container && known.is_running())
        });
        let Some((machine, local)) = running else {
            let text = format!(
                "Internal error occurred: unable to upgrade connection: container not found (\"{container}\")"
            );
            return turn.finish(&[Failure::own(text)]);
        };
        let done = tools::run(turn, &Inside { machine, pod: local, container: &container }, &self.command);
        if let Some(flow) = done.waits_for {
            return self.go_on(turn, flow);
        }
        if done.takes > Duration::ZERO {
            let waiting = Waiting { objects: Vec::new(), since: turn.snapshot.now };
            return turn.wait(
                ObjectRef::new(Kind::Pod, pod.key.clone()),
                Some(turn.snapshot.now + done.takes),
                waiting,
            );
        }
        tell(turn, &done);
    }

    /// A command that waits in vain gives up when its time is over; a pod that goes takes it along.
    fn end_of_wait(&self, turn: &mut SessionTurn<'_>, since: Time) {
        let view = turn.network;
        let Some((machine, pod, container)) = self.running(turn, &view) else { return killed(turn) };
        let mut done = tools::run(turn, &Inside { machine, pod, container: &container }, &self.command);
        let until = since + done.takes;
        if until > turn.snapshot.now && done.takes > Duration::ZERO {
            return turn.look_again(until.since(turn.snapshot.now));
        }
        done.takes = Duration::ZERO;
        tell(turn, &done);
    }

    /// A request that waits for its answer ends with that, or without one; with its pod, the command ends.
    fn go_on(&self, turn: &mut SessionTurn<'_>, flow: Rc<Flow>) {
        let view = turn.network;
        if self.running(turn, &view).is_none() {
            return killed(turn);
        }
        let mut command = self.command.clone();
        while let Some(inner) = unwrapped(&command) {
            command = inner;
        }
        match curl::go_on(turn, &flow, command.get(1..).unwrap_or_default()) {
            Ok(done) => tell(turn, &done),
            Err(wait) => turn.request(flow, wait),
        }
    }

    /// Where it runs, if its container still does.
    fn running<'a>(
        &self,
        turn: &SessionTurn<'_>,
        view: &View<'a>,
    ) -> Option<(&'a Rc<Machine>, &'a Rc<LocalPod>, Rc<str>)> {
        let pod = self.pod(turn).ok()?;
        let (machine, local) = source::local(view, &pod)?;
        let container = self.container_of(&pod).ok()?;
        let mut containers = local.containers();
        let runs = containers.any(|known| known.name() == &*container && known.is_running());
        runs.then_some((machine, local, container))
    }

    /// The pod that is meant: of an object's pods the one that has been ready for longest.
    fn pod(&self, turn: &SessionTurn<'_>) -> Result<Rc<Pod>, Failure> {
        let store = turn.snapshot.store;
        turn.may("get", &self.target)?;
        if store.object(&self.target).is_none() {
            return Err(Failure::not_found(self.target.clone()));
        }
        let pods = source::pods_of(store, &self.target);
        let rank = |pod: &Pod| {
            let running = ["Pending", "Unknown", "Running"].iter().position(|phase| *phase == pod.phase());
            (
                pod.node().is_some(),
                running,
                pod.is_ready(),
                Reverse(pod.ready_since()),
                Reverse(pod.meta.created),
            )
        };
        let mut best: Option<Rc<Pod>> = None;
        for pod in pods {
            if best.as_ref().is_none_or(|known| rank(&pod) > rank(known)) {
                best = Some(pod);
            }
        }
        best.ok_or_else(|| Failure::own("timed out waiting for the condition"))
    }

    /// The name of the container, after telling which one was taken.
    fn container(&self, turn: &mut SessionTurn<'_>, pod: &Pod) -> Result<Rc<str>, String> {
        let found = self.container_of(pod)?;
        let spec = &pod.spec.spec;
        let has_others =
            spec.containers.len() > 1 || spec.init_containers.as_ref().is_some_and(|it| !it.is_empty());
        let is_named = self.container.is_some() || pod.annotation(DEFAULT_CONTAINER).is_some();
        if has_others && !is_named && !self.is_quiet {
            let plain = spec.containers.iter().map(|container| container.name.clone());
            let init =
                spec.init_containers.iter().flatten().map(|container| format!("{} (init)", container.name));
            let all: Vec<String> = plain.chain(init).collect();
            turn.print_error(format!("Defaulted container \"{found}\" out of: {}\n", all.join(", ")));
        }
        Ok(found)
    }

    fn container_of(&self, pod: &Pod) -> Result<Rc<str>, String> {
        let spec = &pod.spec.spec;
        let mut all = spec.containers.iter().chain(spec.init_containers.iter().flatten());
        if let Some(name) = &self.container {
            return match all.any(|container| container.name == **name) {
                true => Ok(name.clone()),
                false => Err(format!("container {name} not found in pod {}", pod.name())),
            };
        }
        let wanted = pod.annotation(DEFAULT_CONTAINER);
        let named = all.find(|container| Some(container.name.as_str()) == wanted);
        let found = named.or(spec.containers.first());
        found
            .map(|container| container.name.as_str().into())
            .ok_or_else(|| format!("pod {} does not have any containers", pod.name()))
    }
}

/// `web-0`, `pod/web-0` or `deploy/web`.
fn target(name: &str, namespace: &str) -> Result<ObjectRef, String> {
    let (kind, name) = match name.split_once('/') {
        None => (Kind::Pod, name),
        Some((word, name)) => {
            let known = Kind::from_word(word);
            let missing = || format!("error: the server doesn't have a resource type \"{word}\"");
            let kind = known.ok_or_else(missing)?;
            if !source::has_pods(kind) {
                return Err(format!("error: cannot attach to *v1.{}: not implemented", kind.name()));
            }
            (kind, name)
        }
    };
    Ok(ObjectRef::new(kind, Key::new(namespace, name)))
}

/// The pod has gone, and the command with it.
fn killed(turn: &mut SessionTurn<'_>) {
    turn.print_error("command terminated with exit code 137\n");
    turn.end(137);
}

/// Prints what a command printed, and how it ended.
fn tell(turn: &mut SessionTurn<'_>, done: &Done) {
    if !done.output.is_empty() {
        turn.print(done.output.as_str());
    }
    if !done.errors.is_empty() {
        turn.print_error(done.errors.as_str());
    }
    if done.code != 0 {
        turn.print_error(format!("command terminated with exit code {}\n", done.code));
    }
    turn.end(done.code);
}

/// `sh -c 'nslookup db'` is the command that it runs.
fn unwrapped(command: &[String]) -> Option<Vec<String>> {
    let [shell, flag, line] = command else { return None };
    let is_shell = matches!(shell.rsplit('/').next(), Some("sh" | "bash" | "ash"));
    (is_shell && flag == "-c").then(|| words::split(line).ok()).flatten().filter(|words| !words.is_empty())
}
