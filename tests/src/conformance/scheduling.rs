//! Cases of the suite `scheduling`: nodes and pods in, the chosen node or the refusal out.

use std::path::Path;

use kubestep_core::api::{Event, Key, Pod};
use kubestep_core::kubelet::{Finish, Intervention};
use kubestep_core::why::{self, Why};
use kubestep_core::{Step, Timeline};
use serde::Deserialize;
use serde_json::{Value, json};

use super::cluster::{Cluster, SETTLED, Settings};
use super::compare::{self, Difference, Rule};
use super::names::Style;
use super::nodes::NodeSpec;
use super::recording::{Group, Malformed, Varied};
use super::report::{Compared, Outcome};
use super::self_test::{self, Sampling};
use super::snapshot::NAMESPACE;
use super::text;

/// One case.
#[derive(Clone, Debug, Deserialize)]
struct Case {
    #[serde(rename = "name")]
    _name: String,
    nodes: Vec<NodeSpec>,
    /// Objects that are there first.
    #[serde(default)]
    objects: Vec<Value>,
    /// Pods that run and are ready.
    #[serde(default)]
    existing: Vec<Value>,
    /// The names of those that have succeeded since.
    #[serde(default)]
    finished: Vec<String>,
    /// Pods that come one at a time.
    pods: Vec<Value>,
    answers: Vec<Value>,
    #[serde(default)]
    nondeterministic: Vec<Varied>,
    #[serde(default, rename = "runs")]
    _runs: u32,
}

/// Plays one case of a group.
pub fn outcome(file: &Path, group: &Group, place: usize, name: &str, sampling: Sampling) -> Outcome {
    let mut outcome = Outcome::new(&group.suite, format!("{}/{name}", group.name));
    let case: Case = match group.cases[place].read() {
        Ok(case) => case,
        Err((line, problem)) => {
            let malformed = Malformed { file: file.to_owned(), line, problem };
            outcome.problem = Some(malformed.to_string());
            return outcome;
        }
    };
    let (answers, problem) = match case.play() {
        Ok(answers) => (answers, None),
        Err(problem) => (Vec::new(), Some(problem)),
    };
    outcome.problem = problem;
    for place in 0..case.answers.len().max(answers.len()) {
        let expected = case.answers.get(place);
        outcome.steps.push(Compared {
            title: format!(
                "create pod {}",
                expected.map_or("", |answer| answer["pod"].as_str().unwrap_or_default())
            ),
            expected: expected.cloned().unwrap_or_default(),
            actual: answers.get(place).map(|answer| answer.value.clone()).unwrap_or_default(),
            differences: case.differences(place, expected, &answers),
        });
    }
    if outcome.is_match() {
        let is_match = |changed: &Value| {
            let changed = changed.as_array().cloned().unwrap_or_default();
            (0..outcome.steps.len())
                .all(|place| case.differences(place, changed.get(place), &answers).is_empty())
        };
        outcome.problem = self_test::of_value(&json!(case.answers), sampling, is_match).err();
    }
    outcome
}

/// What became of one pod.
#[derive(Clone, Debug)]
struct Answer {
    value: Value,
    /// The nodes that scored as well as the chosen one.
    equals: Vec<String>,
}

impl Case {
    fn play(&self) -> Result<Vec<Answer>, String> {
        let numbered = self.nodes.iter().zip(1..);
        let nodes = numbered.map(|(node, number)| node.node(number)).collect::<Result<Vec<_>, _>>()?;
        let settings = Settings { style: Style::Suffixed, names_nodes: true, controllers: false };
        let mut cluster = Cluster::new(nodes, settings);
        for object in self.objects.iter().chain(&self.existing) {
            create(&mut cluster, object)?;
        }
        for pod in &self.existing {
            cluster.intervene(&key(pod), Intervention::Ready(true));
        }
        for name in &self.finished {
            let pod = Key::new(NAMESPACE, name.as_str());
            cluster.intervene(&pod, Intervention::Finish(Finish::with(0)));
        }
        cluster.settle(SETTLED);
        // Nobody played the kubelet for the pods to come.
        cluster.hold_starts(true);
        self.pods.iter().map(|pod| self.schedule(&mut cluster, pod)).collect()
    }

    /// One pod comes; if others were preempted for it, they end and it is looked at again.
    fn schedule(&self, cluster: &mut Cluster, manifest: &Value) -> Result<Answer, String> {
        let before = cluster.timeline().len();
        create(cluster, manifest)?;
        let (key, name) = (key(manifest), manifest["metadata"]["name"].clone());
        let pod = find(cluster.timeline(), &key).ok_or_else(|| format!("{key} is not there"))?;
        let mut value = json!({"pod": name, "node": pod.node()});
        if let Some(condition) = scheduled(&pod) {
            value["condition"] = condition;
        }
        if pod.node().is_none()
            && let Some(event) = event(cluster.timeline(), &pod)
        {
            value["event"] = event;
        }
        let equals = equals(&cluster.timeline().steps()[before..], &key);
        let victims = victims(cluster.timeline());
        if !victims.is_empty() {
            value["nominatedNode"] = json!(pod.status.nominated_node_name);
            self.preemption(cluster, &key, &victims, &mut value);
        }
        Ok(Answer { value, equals })
    }

    fn preemption(&self, cluster: &mut Cluster, key: &Key, victims: &[Key], value: &mut Value) {
        let pods: Vec<_> = victims.iter().filter_map(|victim| find(cluster.timeline(), victim)).collect();
        value["victims"] = pods.iter().map(|pod| json!(pod.name())).collect();
        value["victimEvents"] = pods.iter().filter_map(|pod| preempted(cluster, pod)).collect();
        value["victimConditions"] = pods.iter().map(|pod| disruption(pod)).collect();
        for victim in victims {
            cluster.intervene(victim, Intervention::Finish(Finish::with(0)));
        }
        cluster.settle(SETTLED);
        let after = find(cluster.timeline(), key);
        value["nodeAfterVictimsGone"] = json!(after.as_ref().and_then(|pod| pod.node()));
    }

    fn differences(&self, place: usize, expected: Option<&Value>, answers: &[Answer]) -> Vec<Difference> {
        let rule = |path: &str| match self.nondeterministic.iter().any(|varied| varied.path == path) {
            true => Rule::Skip,
            false => Rule::Equal,
        };
        let mut actual = answers.get(place).map(|answer| answer.value.clone());
        // Any of several nodes with equal scores is right.
        if let (Some(expected), Some(value), Some(answer)) = (expected, &mut actual, answers.get(place))
            && answer.equals.iter().any(|node| expected["node"] == **node)
        {
            value["node"] = expected["node"].clone();
        }
        compare::values(&format!("answers[{place}]"), expected, actual.as_ref(), &rule)
    }
}

/// The key of a manifest's object.
fn key(manifest: &Value) -> Key {
    let metadata = &manifest["metadata"];
    Key::new(
        metadata["namespace"].as_str().unwrap_or(NAMESPACE),
        metadata["name"].as_str().unwrap_or_default(),
    )
}

fn create(cluster: &mut Cluster, object: &Value) -> Result<(), String> {
    let files = [("manifest.json".to_owned(), object.to_string())].into();
    let printed = cluster.kubectl("create -f manifest.json", &files, |_| {});
    if printed.exit != Some(0) {
        return Err(printed.stderr.trim_end().to_owned());
    }
    cluster.settle(SETTLED);
    Ok(())
}

fn find(timeline: &Timeline, key: &Key) -> Option<std::rc::Rc<Pod>> {
    timeline.head().store.get::<Pod>(key).cloned()
}

/// The condition PodScheduled, as far as it says anything.
fn scheduled(pod: &Pod) -> Option<Value> {
    let condition = pod.condition("PodScheduled")?;
    let mut value = json!({"status": condition.status});
    for (name, text) in [("reason", &condition.reason), ("message", &condition.message)] {
        if let Some(text) = text.as_deref().filter(|text| !text.is_empty()) {
            value[name] = json!(text);
        }
    }
    Some(value)
}

/// The first FailedScheduling about a pod.
fn event(timeline: &Timeline, pod: &Pod) -> Option<Value> {
    let mut events = timeline.head().store.events_about(&pod.key, pod.uid);
    let event = events.find(|event| event.reason == "FailedScheduling")?;
    Some(json!({"type": event.event_type.name(), "reason": event.reason, "message": *event.message}))
}

/// The pods that are about to go.
fn victims(timeline: &Timeline) -> Vec<Key> {
    let pods = timeline.head().store.list::<Pod>();
    pods.filter(|pod| pod.is_terminating()).map(|pod| pod.key.clone()).collect()
}

fn preempted(cluster: &Cluster, pod: &Pod) -> Option<Value> {
    let store = &cluster.timeline().head().store;
    let event: &Event = store.events_about(&pod.key, pod.uid).find(|event| event.reason == "Preempted")?;
    Some(json!(text::line(&event.message, &cluster.names, &[])))
}

fn disruption(pod: &Pod) -> Value {
    let conditions = pod.status.conditions.iter().flatten();
    let disruptions = conditions.filter(|condition| condition.type_ == "DisruptionTarget");
    disruptions
        .map(|condition| {
            json!({
                "type": condition.type_,
                "status": condition.status,
                "reason": condition.reason,
                "message": condition.message,
            })
        })
        .collect()
}

/// The nodes that scored as well as the one a pod was bound to.
fn equals(steps: &[std::rc::Rc<Step>], pod: &Key) -> Vec<String> {
    let mut verdicts = steps.iter().filter_map(|step| match &step.why {
        Why::Scheduler(why::Scheduler::Fits(verdict)) if verdict.pod == *pod => Some(verdict),
        _ => None,
    });
    let Some(verdict) = verdicts.next_back() else { return Vec::new() };
    let scored: Vec<(&str, u32)> = verdict
        .rows
        .iter()
        .filter_map(|row| match &row.result {
            why::scheduler::NodeResult::Scored(points) => Some((&*row.node, points.total)),
            _ => None,
        })
        .collect();
    let chosen = scored.iter().find(|(node, _)| verdict.chosen.as_deref() == Some(*node));
    let Some((_, best)) = chosen else { return Vec::new() };
    scored.iter().filter(|(_, total)| total == best).map(|(node, _)| (*node).to_owned()).collect()
}
