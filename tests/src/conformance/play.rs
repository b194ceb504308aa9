//! Plays the steps of a scenario and keeps what the core answered.

use std::collections::BTreeMap;
use std::rc::Rc;

use kubestep_core::api::{Key, Pod};
use kubestep_core::apiserver::FieldError;
use kubestep_core::engine::NodeAct;
use kubestep_core::kubelet::{Finish, Intervention};
use kubestep_core::{Duration, api};
use serde_json::{Map, Value, json};

use super::act::{Act, Count, Exit, Line, Pods, StaticPod};
use super::cluster::{Cluster, Printed, SETTLED, Settings};
use super::log::Log;
use super::names::{Names, Style};
use super::recording::{Scenario, Step};
use super::snapshot::{self, Asked, Looking, NAMESPACE, Nodes};
use super::text;

/// The file that `apply` and `create` name.
const MANIFEST: &str = "manifest.yaml";

/// What the core answered to one step.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The act's own answer; none where the core does not serve the act.
    pub result: Option<Value>,
    /// The state after it.
    pub state: Map<String, Value>,
    /// How many pods the act changed.
    pub changed: usize,
    /// Why there is no answer, where the core does not serve the act.
    pub problem: Option<String>,
}

impl Answer {
    /// The answer to a step that was never played.
    pub fn none() -> Answer {
        Answer { problem: Some("not played: a step before it is not served".to_owned()), ..Answer::default() }
    }
}

/// Plays every step. Stops behind the first that the core does not serve.
///
/// # Errors
/// Where the cluster cannot be made at all.
pub fn play(scenario: &Scenario) -> Result<Vec<Answer>, String> {
    let numbered = scenario.nodes.iter().zip(1..);
    let nodes = numbered.map(|(node, number)| node.node(number)).collect::<Result<Vec<_>, _>>()?;
    let style = if scenario.suite == "kubectl" { Style::Suffixed } else { Style::Masked };
    let told_apart = nodes_told_apart(scenario);
    let mut player = Player {
        cluster: Cluster::new(
            nodes,
            Settings { style, names_nodes: told_apart.in_events, controllers: true },
        ),
        ports: fixed_ports(scenario),
        nodes: told_apart,
        asked: Asked::of(scenario),
    };
    let mut answers = Vec::new();
    for step in &scenario.steps {
        let answer = player.step(step);
        let is_served = answer.problem.is_none();
        answers.push(answer);
        if !is_served {
            break;
        }
    }
    Ok(answers)
}

/// A cluster, and what is known of the recording it follows.
pub(super) struct Player {
    pub(super) cluster: Cluster,
    pub(super) ports: Vec<String>,
    pub(super) nodes: Nodes,
    pub(super) asked: Asked,
}

impl Player {
    fn step(&mut self, step: &Step) -> Answer {
        self.cluster.log = Log::default();
        if let Some(held) = step.hold_start {
            self.cluster.hold_starts(held);
        }
        let (result, changed) = match self.act(&step.act, step.auto_terminate) {
            Ok(done) => done,
            Err(problem) => return Answer { problem: Some(problem), ..Answer::default() },
        };
        let quiet = step.settle.map_or(SETTLED, seconds);
        let mut settled = self.cluster.settle(quiet);
        while step.auto_terminate && settled && terminate(&mut self.cluster) > 0 {
            settled = self.cluster.settle(quiet);
        }
        let result = self.masked(&step.act, result);
        let state = if step.expect.is_some() { self.state() } else { Map::new() };
        Answer { result: Some(result), state, changed, problem: None }
    }

    /// Gives what the act answered, and how many pods it changed.
    pub(super) fn act(&mut self, act: &Act, auto_terminate: bool) -> Result<(Value, usize), String> {
        let ready = |ready: bool| move |_: &Pod| Intervention::Ready(ready);
        let finish = |code: i32| move |_: &Pod| Intervention::Finish(Finish::with(code));
        let pods = match act {
            Act::Apply(text) => return Ok((self.with_manifest("apply", text), 0)),
            Act::Create(text) => return Ok((self.with_manifest("create", text), 0)),
            Act::Kubectl(line) => return Ok((self.kubectl(line, auto_terminate), 0)),
            Act::Advance(time) | Act::Wait(time) => {
                self.cluster.pass(seconds(*time));
                return Ok((Value::Null, 0));
            }
            Act::NodeDown(down) => {
                return self.on_node(&down.node, NodeAct::Reports(down.status.as_str().into()));
            }
            Act::NodeUp(name) => return self.on_node(name, NodeAct::Reports("True".into())),
            Act::NodeSilent(name) => return self.on_node(name, NodeAct::FallsSilent),
            Act::NodeBack(name) => return self.on_node(name, NodeAct::Returns),
            Act::NodeAdd(spec) => {
                let node = spec.node(0)?;
                return self.on_node(node.name(), NodeAct::Joins(node.clone().into()));
            }
            Act::Evict(pods) => return Ok((self.evict(pods), 0)),
            Act::PodsReady(pods) => self.on_pods(pods, |pod| is_running(pod) && !pod.is_ready(), ready(true)),
            Act::PodsUnready(pods) => self.on_pods(pods, Pod::is_ready, ready(false)),
            Act::PodsTerminated(pods) => {
                let pods = Pods { terminating: true, ..pods.clone() };
                self.on_pods(&pods, Pod::is_terminating, finish(0))
            }
            Act::PodsCrash(pods) => self.on_pods(pods, is_running, |_| Intervention::Crash),
            Act::PodsSucceed(pods) => self.on_pods(pods, is_running, finish(0)),
            Act::PodsFail(pods) => {
                let text = |text: &Option<String>| text.as_deref().map(Into::into);
                let how = Finish { code: 1, reason: text(&pods.reason), message: text(&pods.message) };
                self.on_pods(pods, is_running, |_| Intervention::Finish(how.clone()))
            }
            Act::Exit(exit) => return Ok((self.exit(exit), 0)),
            Act::StaticPod(StaticPod { node, file, manifest }) => {
                let act = NodeAct::WritesManifest(file.as_str().into(), manifest.as_str().into());
                return self.on_node(node, act);
            }
            Act::StaticPodRemove(StaticPod { node, file, .. }) => {
                return self.on_node(node, NodeAct::RemovesManifest(file.as_str().into()));
            }
        };
        Ok((json!({"pods": pods}), pods))
    }

    fn with_manifest(&mut self, verb: &str, text: &str) -> Value {
        let files = BTreeMap::from([(MANIFEST.to_owned(), text.to_owned())]);
        answered(self.cluster.kubectl(&format!("{verb} -f {MANIFEST}"), &files, |_| {}))
    }

    fn kubectl(&mut self, line: &Line, auto_terminate: bool) -> Value {
        let mut args = self.filled_in(&line.args);
        // Nobody ends the pods that a waiting command would wait for.
        if args.starts_with("delete ") {
            args += " --wait=false";
        }
        let meanwhile = |cluster: &mut Cluster| {
            if auto_terminate {
                terminate(cluster);
            }
        };
        answered(self.cluster.kubectl(&args, &line.files, meanwhile))
    }

    /// A command line with the names that it asks for: `{{pod app=web 0}}`.
    fn filled_in(&self, args: &str) -> String {
        let mut out = String::new();
        let mut rest = args;
        while let Some((before, behind)) = rest.split_once("{{") {
            let (asked, behind) = behind.split_once("}}").unwrap_or((behind, ""));
            out += before;
            out += &self.named(asked).unwrap_or_else(|| format!("no-{}", asked.replace(' ', "-")));
            rest = behind;
        }
        out + rest
    }

    fn named(&self, asked: &str) -> Option<String> {
        let words: Vec<&str> = asked.split_whitespace().collect();
        match words[..] {
            ["ns"] => Some(NAMESPACE.to_owned()),
            ["rs", masked] => self.cluster.names.real(masked).map(str::to_owned),
            ["pod", selector, place, ref rest @ ..] => {
                let pods = Pods {
                    selector: Some(selector.to_owned()),
                    revision: rest.first().map(|revision| (*revision).to_owned()),
                    ..Pods::default()
                };
                let live = eligible(&self.cluster, &pods, |_| true);
                live.get(place.parse::<usize>().ok()?).map(|key| key.name.to_string())
            }
            _ => None,
        }
    }

    /// Acts on the eligible pods of a step, all at one instant. Gives how many there were.
    fn on_pods(
        &mut self,
        pods: &Pods,
        is_eligible: impl Fn(&Pod) -> bool,
        act: impl Fn(&Pod) -> Intervention,
    ) -> usize {
        let mut chosen = eligible(&self.cluster, pods, is_eligible);
        if let Count::Exactly(count) = pods.count {
            chosen.truncate(count);
        }
        for key in &chosen {
            let pod = self.cluster.timeline().head().store.get::<Pod>(key).cloned();
            if let Some(pod) = pod {
                self.cluster.intervene(key, act(&pod));
            }
        }
        chosen.len()
    }

    /// Ends the processes of one container of each pod that is meant. Gives how many there were.
    fn exit(&mut self, exit: &Exit) -> Value {
        let pods = Pods { selector: Some(exit.selector.clone()), terminating: true, ..Pods::default() };
        let container: Rc<str> = exit.container.as_str().into();
        let runs = |pod: &Pod| {
            let world = self.cluster.timeline().head();
            let machine = pod.node().and_then(|node| world.machines.get(node));
            let on_node = machine.and_then(|machine| machine.pods().find(|local| *local.key() == pod.key));
            on_node
                .is_some_and(|local| local.containers().any(|it| it.name() == &*container && it.is_running()))
        };
        let found = eligible(&self.cluster, &pods, runs);
        for key in &found {
            let act = Intervention::Exit { container: Some(container.clone()), code: 0 };
            self.cluster.intervene(key, act);
        }
        json!({"containers": found.len()})
    }

    fn on_node(&mut self, name: &str, act: NodeAct) -> Result<(Value, usize), String> {
        self.cluster.on_node(name, act);
        Ok((Value::Null, 0))
    }

    /// Asks for the eviction of each pod, one after the other.
    fn evict(&mut self, pods: &Pods) -> Value {
        let mut chosen = eligible(&self.cluster, pods, |_| true);
        if let Count::Exactly(count) = pods.count {
            chosen.truncate(count);
        }
        let answers = chosen.iter().map(|pod| match self.cluster.evict(pod) {
            None => json!({"code": 201, "reason": null, "message": "", "causes": []}),
            Some(error) => json!({
                "code": error.code,
                "reason": error.reason.name(),
                "message": error.message,
                "causes": error.causes.iter().map(cause).collect::<Vec<_>>(),
            }),
        });
        json!({"evictions": answers.collect::<Vec<_>>()})
    }

    pub(super) fn masked(&self, act: &Act, result: Value) -> Value {
        let is_printed = matches!(act, Act::Apply(_) | Act::Create(_) | Act::Kubectl(_));
        if !is_printed {
            return result;
        }
        let mut result = result;
        for stream in ["stdout", "stderr"] {
            let printed = result[stream].as_str().unwrap_or_default();
            result[stream] = json!(text::printed(printed, &self.cluster.names, &self.ports));
        }
        result
    }

    fn state(&self) -> Map<String, Value> {
        let looking = Looking {
            store: &self.cluster.timeline().head().store,
            names: &self.cluster.names,
            ports: &self.ports,
            nodes: self.nodes,
            asked: &self.asked,
        };
        snapshot::take(&looking, &self.cluster.log)
    }
}

/// The pods that a step is about, of those that are eligible, by creation order.
fn eligible(cluster: &Cluster, pods: &Pods, is_eligible: impl Fn(&Pod) -> bool) -> Vec<Key> {
    let store = &cluster.timeline().head().store;
    let listed = store.list_in::<Pod>(NAMESPACE).filter(|pod| {
        (pods.terminating || !pod.is_terminating()) && is_eligible(pod) && is_meant(pods, pod, &cluster.names)
    });
    let mut found: Vec<_> = listed.collect();
    found.sort_by_key(|pod| (cluster.birth(pod.uid), pod.key.name.clone()));
    found.into_iter().map(|pod| pod.key.clone()).collect()
}

fn is_meant(pods: &Pods, pod: &Pod, names: &Names) -> bool {
    let index = pod.annotation("batch.kubernetes.io/job-completion-index");
    pods.selector.as_ref().is_none_or(|selector| selects(selector, &pod.meta.labels))
        && pods.name.as_ref().is_none_or(|name| **name == *pod.key.name)
        && pods.node.as_ref().is_none_or(|node| pod.node() == Some(node))
        && pods.index.is_none_or(|wanted| index == Some(wanted.to_string().as_str()))
        && pods.revision.as_ref().is_none_or(|revision| is_of_revision(pod, revision, names))
}

/// Whether a pod belongs to what a recording calls `web@2`: its replica set, or its controller revision.
fn is_of_revision(pod: &Pod, revision: &str, names: &Names) -> bool {
    let Some(owner) = pod.meta.controller() else { return false };
    let label = pod.label("controller-revision-hash").unwrap_or_default();
    names.is(&owner.name, revision)
        || names.is(label, revision)
        || names.is(&format!("{}-{label}", owner.name), revision)
}

/// Whether labels match a selector of equalities: `app=web,tier!=db,canary`.
fn selects(selector: &str, labels: &api::Labels) -> bool {
    let is_met = |requirement: &str| {
        let value = |key: &str| labels.get(key.trim()).map(String::as_str);
        if let Some((key, wanted)) = requirement.split_once("!=") {
            return value(key) != Some(wanted.trim());
        }
        if let Some((key, wanted)) = requirement.split_once('=') {
            return value(key) == Some(wanted.trim_start_matches('=').trim());
        }
        match requirement.strip_prefix('!') {
            Some(key) => value(key).is_none(),
            None => value(requirement).is_some(),
        }
    };
    selector.split(',').all(is_met)
}

/// Ends every terminating pod, as a kubelet would. Gives how many there were.
fn terminate(cluster: &mut Cluster) -> usize {
    let all = Pods { terminating: true, ..Pods::default() };
    let leaving = eligible(cluster, &all, |pod| pod.is_terminating() && is_running(pod));
    for pod in &leaving {
        cluster.intervene(pod, Intervention::Finish(Finish::with(0)));
    }
    leaving.len()
}

fn is_running(pod: &Pod) -> bool {
    pod.status.phase.as_deref() == Some("Running")
}

/// A cause of a refusal as its Status lists it.
fn cause(cause: &FieldError) -> Value {
    json!({"reason": cause.fault.name(), "message": cause.detail})
}

/// What a command printed, as recordings have it.
pub fn answered(printed: Printed) -> Value {
    json!({"exit": printed.exit, "stdout": printed.stdout, "stderr": printed.stderr})
}

fn seconds(seconds: f64) -> Duration {
    Duration::from_millis((seconds * 1000.0).round() as u64)
}

/// The node ports that a scenario's manifests name.
pub(super) fn fixed_ports(scenario: &Scenario) -> Vec<String> {
    let texts = scenario.steps.iter().flat_map(|step| match &step.act {
        Act::Apply(text) | Act::Create(text) => vec![text],
        Act::Kubectl(line) => line.files.values().collect(),
        _ => Vec::new(),
    });
    let ports = texts.flat_map(|text| text.split("nodePort:").skip(1));
    let digits =
        |rest: &str| -> String { rest.trim_start().chars().take_while(char::is_ascii_digit).collect() };
    ports.map(digits).filter(|port| !port.is_empty()).collect()
}

/// A recording tells nodes apart where its recorder was told to: that it did is to be seen in what it wrote.
fn nodes_told_apart(scenario: &Scenario) -> Nodes {
    let states = || scenario.steps.iter().filter_map(|step| step.expect.as_ref());
    let rows = states().filter_map(|state| state.get("pods")?.as_array()).flatten();
    let are_listed = states().any(|state| state.contains_key("nodes"));
    let of_pods = rows.into_iter().any(|row| row.get("node").is_some());
    Nodes { are_listed, of_pods, in_events: of_pods }
}
