//! `kubectl logs`: what a container's process has said. Upstream: `k8s.io/kubectl/pkg/cmd/logs`,
//! `pkg/registry/core/pod/strategy.go` (`LogLocation`).

use std::rc::Rc;

use super::failure::Failure;
use super::flags::{self, Arguments, Flag, Takes};
use super::session::{Following, SessionTurn, Stage, Watching};
use super::targets::{kinds_of, shown};
use super::{DEFAULT_NAMESPACE, selector};
use crate::api::{Key, Kind, Object, ObjectRef, Pod, Selector};
use crate::apiserver::{ApiError, Reason, Station};
use crate::kubelet::log::{self, Line, Log};
use crate::time::{Duration, Time};

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Logs {
    namespace: Rc<str>,
    of: Of,
    container: Option<String>,
    all_containers: bool,
    follows: bool,
    previous: bool,
    timestamps: bool,
    with_prefix: bool,
    /// Below zero: all of them.
    tail: i64,
    since: Option<Duration>,
}

/// Whose logs.
#[derive(Clone, Debug, PartialEq)]
enum Of {
    Object(Kind, Rc<str>),
    Matching(Selector),
}

const FLAGS: [Flag; 15] = [
    flags::NAMESPACE,
    flags::SELECTOR,
    Flag::new("all-containers", None, Takes::Nothing),
    Flag::new("all-pods", None, Takes::Nothing),
    Flag::new("container", Some('c'), Takes::Text),
    Flag::new("follow", Some('f'), Takes::Nothing),
    Flag::new("ignore-errors", None, Takes::Nothing),
    Flag::new("limit-bytes", None, Takes::Number),
    Flag::new("max-log-requests", None, Takes::Number),
    Flag::new("pod-running-timeout", None, Takes::Time),
    Flag::new("prefix", None, Takes::Nothing),
    Flag::new("previous", Some('p'), Takes::Nothing),
    Flag::new("since", None, Takes::Time),
    Flag::new("tail", None, Takes::Number),
    Flag::new("timestamps", None, Takes::Nothing),
];

const USAGE: &str = "error: expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required \
                     argument for the logs command\nSee 'kubectl logs -h' for help and examples";

/// Where a selector chooses the pods, that many lines of each are shown.
const TAIL_OF_MANY: i64 = 10;

impl Logs {
    /// Reads a command line.
    #[inline(never)]
    pub(super) fn parse(words: &[String]) -> Result<Logs, String> {
        let arguments = Arguments::read("kubectl logs", words, &FLAGS)?;
        let selector = arguments.text("selector").map(selector::parse).transpose();
        let selector = selector.map_err(|fault| format!("error: {fault}"))?;
        let (of, container) = match (selector, arguments.names.as_slice()) {
            (Some(selector), []) => (Of::Matching(selector), None),
            (Some(_), _) => {
                return Err("error: only a selector (-l) or a POD name is allowed\nSee 'kubectl logs -h' for help and \
                            examples"
                    .to_owned());
            }
            (None, [name]) => (object(name)?, None),
            (None, [name, container]) => (object(name)?, Some(container.clone())),
            (None, _) => return Err(USAGE.to_owned()),
        };
        let asked = arguments.text("container").map(str::to_owned);
        if container.is_some() && asked.is_some() {
            return Err("error: only one of -c or an inline [CONTAINER] arg is allowed".to_owned());
        }
        if arguments.is_on("all-containers") && (container.is_some() || asked.is_some()) {
            return Err("error: --all-containers=true should not be specified with container name".to_owned());
        }
        let tail = match (&of, arguments.number("tail")) {
            (_, Some(tail)) if tail < -1 => {
                return Err("error: --tail must be greater than or equal to -1".to_owned());
            }
            (_, Some(tail)) => tail,
            (Of::Matching(_), None) => TAIL_OF_MANY,
            (Of::Object(..), None) => -1,
        };
        let namespace = arguments.text("namespace").filter(|name| !name.is_empty());
        Ok(Logs {
            namespace: namespace.unwrap_or(DEFAULT_NAMESPACE).into(),
            of,
            container: container.or(asked),
            all_containers: arguments.is_on("all-containers"),
            follows: arguments.is_on("follow"),
            previous: arguments.is_on("previous"),
            timestamps: arguments.is_on("timestamps"),
            with_prefix: arguments.is_on("prefix"),
            tail,
            since: arguments.time("since").filter(|since| *since > Duration::ZERO),
        })
    }

    /// Plays one turn: what was said since the last one.
    #[inline(never)]
    pub(super) fn play(&self, turn: &mut SessionTurn<'_>) {
        let is_first = !matches!(turn.session.stage, Stage::Following(_));
        let mut following = match &turn.session.stage {
            Stage::Following(following) => (**following).clone(),
            _ => Following::default(),
        };
        let pods = match self.pods(turn, is_first) {
            Ok(pods) => pods,
            // Whom it listened to is gone.
            Err(_) if !is_first => return turn.end(0),
            Err(failure) => return turn.finish(&[failure]),
        };
        let (mut text, mut is_open, mut place) = (String::new(), false, 0);
        for pod in &pods {
            let names = match self.containers(turn, pod, is_first) {
                Ok(names) => names,
                Err(failure) => return turn.finish(&[failure]),
            };
            for name in names {
                let log = match self.log(turn, pod, &name) {
                    Ok(log) => log,
                    Err(_) if !is_first => continue,
                    Err(failure) => return turn.finish(&[failure]),
                };
                is_open |= log.is_open;
                let known = following.until.get(place).copied().flatten();
                let chosen =
                    if is_first { self.chosen(&log.lines, turn.snapshot.now) } else { &log.lines[..] };
                // What a process has said does not change: what is new was said later.
                let fresh = chosen.iter().filter(|line| known.is_none_or(|known| line.at > known));
                fresh.for_each(|line| text.push_str(&self.shown(pod, &name, line)));
                following.until.resize(following.until.len().max(place + 1), None);
                following.until[place] = log.lines.last().map(|line| line.at).max(known);
                place += 1;
            }
        }
        if !text.is_empty() {
            turn.print(text);
        }
        if self.follows && is_open {
            return turn.follow(Watching::Pods, following);
        }
        turn.end(0);
    }

    /// The pods that are meant.
    fn pods(&self, turn: &mut SessionTurn<'_>, is_first: bool) -> Result<Vec<Rc<Pod>>, Failure> {
        let store = turn.snapshot.store;
        let all = |selector: &Selector| -> Vec<Rc<Pod>> {
            let pods = store.list_in::<Pod>(&self.namespace);
            pods.filter(|pod| selector.matches(&pod.meta.labels)).cloned().collect()
        };
        let (kind, name) = match &self.of {
            Of::Matching(selector) => {
                turn.may("list", &ObjectRef::new(Kind::Pod, Key::new(self.namespace.clone(), "")))?;
                let pods = all(selector);
                if pods.is_empty() && is_first {
                    turn.print_error(format!("No resources found in {} namespace.\n", self.namespace));
                }
                return Ok(pods);
            }
            Of::Object(kind, name) => (*kind, name.clone()),
        };
        let target = ObjectRef::new(kind, Key::new(self.namespace.clone(), name));
        turn.may("get", &target)?;
        let object = store.object(&target).ok_or_else(|| {
            let message = ApiError::not_found(&target).message;
            Failure::own(format!(
                "error from server (NotFound): {message} in namespace \"{}\"",
                target.key.namespace
            ))
        })?;
        if let Object::Pod(pod) = object {
            return Ok(vec![pod]);
        }
        let selector = selects(&object).ok_or_else(|| {
            Failure::own(format!("cannot get the logs from {}: selector is not implemented", shown(&target)))
        })?;
        let mut pods = all(&selector);
        // The one that has been ready for longest comes first.
        crate::order::sort_by_key(&mut pods, |pod| {
            (pod.node().is_none(), !pod.is_ready(), pod.meta.created, pod.key.clone())
        });
        let Some(first) = pods.first().cloned() else {
            return Err(Failure::own("timed out waiting for the condition"));
        };
        if pods.len() > 1 && is_first {
            turn.print_error(format!("Found {} pods, using pod/{}\n", pods.len(), first.name()));
        }
        Ok(vec![first])
    }

    /// The containers of a pod that are meant.
    fn containers(
        &self,
        turn: &mut SessionTurn<'_>,
        pod: &Pod,
        is_first: bool,
    ) -> Result<Vec<String>, Failure> {
        let spec = &pod.spec.spec;
        let init = spec.init_containers.iter().flatten().map(|container| container.name.clone());
        let regular: Vec<String> = spec.containers.iter().map(|container| container.name.clone()).collect();
        if self.all_containers {
            return Ok(init.chain(regular).collect());
        }
        if let Some(name) = &self.container {
            if regular.contains(name) || init.clone().any(|known| known == *name) {
                return Ok(vec![name.clone()]);
            }
            return Err(Failure::own(format!("container {name} is not valid for pod {}", pod.name())));
        }
        let default = pod.annotation("kubectl.kubernetes.io/default-container");
        let default = default.filter(|name| regular.iter().any(|known| known == name)).map(str::to_owned);
        let first = default.clone().or_else(|| regular.first().cloned()).unwrap_or_default();
        let init: Vec<String> = init.map(|name| format!("{name} (init)")).collect();
        if is_first && default.is_none() && regular.len() + init.len() > 1 {
            let all: Vec<String> = regular.iter().cloned().chain(init).collect();
            turn.print_error(format!("Defaulted container \"{first}\" out of: {}\n", all.join(", ")));
        }
        Ok(vec![first])
    }

    /// The log of one container, or why there is none.
    fn log(&self, turn: &SessionTurn<'_>, pod: &Pod, name: &str) -> Result<Log, Failure> {
        let target = ObjectRef::new(Kind::Pod, pod.key.clone());
        let refused = |error| Failure::refused(target.clone(), Rc::new(error));
        turn.may_use("get", &target, "log")?;
        let bad_request =
            |message: String| refused(ApiError::new(Reason::BadRequest, Station::Validation, message));
        let Some(node) = pod.node() else {
            return Err(bad_request(format!("pod {} does not have a host assigned", pod.name())));
        };
        let local = turn.machines.get(node).and_then(|machine| machine.pod(pod.uid));
        let log = local.and_then(|local| log::log(local, name, self.previous));
        log.ok_or_else(|| {
            if self.previous {
                let pod = pod.name();
                return bad_request(format!(
                    "previous terminated container \"{name}\" in pod \"{pod}\" not found"
                ));
            }
            let status = pod.status.container_statuses.iter().chain(&pod.status.init_container_statuses);
            let waiting = status.flatten().find(|status| status.name == name);
            let waiting = waiting.and_then(|status| status.state.as_ref()?.waiting.as_ref());
            let reason = waiting.and_then(|waiting| waiting.reason.as_deref()).unwrap_or("ContainerCreating");
            let trying = matches!(reason, "ErrImagePull" | "ImagePullBackOff" | "InvalidImageName");
            let state = if trying { "trying and failing to pull image" } else { reason };
            bad_request(format!(
                "container \"{name}\" in pod \"{}\" is waiting to start: {state}",
                pod.name()
            ))
        })
    }

    /// The last lines that are asked for.
    fn chosen<'a>(&self, lines: &'a [Line], now: Time) -> &'a [Line] {
        let from = match self.since {
            Some(since) => lines.iter().position(|line| line.at + since >= now).unwrap_or(lines.len()),
            None => 0,
        };
        let lines = &lines[from..];
        match usize::try_from(self.tail) {
            Ok(tail) => &lines[lines.len().saturating_sub(tail)..],
            Err(_) => lines,
        }
    }

    fn shown(&self, pod: &Pod, container: &str, line: &Line) -> String {
        let prefix =
            if self.with_prefix { format!("[pod/{}/{container}] ", pod.name()) } else { String::new() };
        let stamp = if self.timestamps { format!("{} ", line.at.stamp()) } else { String::new() };
        format!("{prefix}{stamp}{}\n", line.text)
    }
}

fn object(word: &str) -> Result<Of, String> {
    match word.split_once('/') {
        None => Ok(Of::Object(Kind::Pod, word.into())),
        Some((kind, name)) => {
            let kinds = kinds_of(kind)?;
            let kind = kinds.first().copied().unwrap_or(Kind::Pod);
            Ok(Of::Object(kind, name.into()))
        }
    }
}

/// Which pods an object stands for.
fn selects(object: &Object) -> Option<Selector> {
    match object {
        Object::Deployment(it) => Some(Selector::from_api(&it.spec.selector)),
        Object::StatefulSet(it) => Some(Selector::from_api(&it.spec.selector)),
        Object::DaemonSet(it) => Some(Selector::from_api(&it.spec.selector)),
        Object::ReplicaSet(it) => Some(Selector::from_api(&it.spec.selector)),
        Object::Job(it) => it.spec.selector.as_ref().map(Selector::from_api),
        Object::ReplicationController(it) => it.spec.selector.as_ref().map(Selector::from_map),
        Object::Service(it) => it.selector().map(Selector::from_map),
        _ => None,
    }
}
