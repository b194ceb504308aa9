//! Looks at small clusters: pods in, nodes or messages out.

use std::rc::Rc;

use serde_json::{Value, json};

use super::{AFTER_BINDING, DONE, look};
use crate::api::{Kind, Node, Object, ObjectRef, Pod};
use crate::apiserver::{ApiError, Change, Reason, Station, Store, Verb, Write};
use crate::engine::memory::{Memory, Remember};
use crate::engine::{Actor, Causes, ReconcileId, Step, StepId, What};
use crate::metrics::Metrics;
use crate::narration;
use crate::plan::{Act, EventText, Outcomes, Plan, Snapshot};
use crate::simulation::Simulation;
use crate::time::{Duration, Time};
use crate::why::Why;
use crate::why::scheduler::{NodeResult, Scheduler};

/// A cluster whose only component is the scheduler.
struct Lab {
    store: Store,
    memory: Memory,
    now: Time,
}

impl Lab {
    /// Nodes of 4 cores and 8 GiB with their own labels.
    fn new(nodes: &[(&str, Value)]) -> Lab {
        let mut store = Store::default();
        for (name, extra) in nodes {
            store.put(node(name, extra));
        }
        Lab { memory: Memory::new(&store), store, now: Time::ZERO }
    }

    /// Stores an object and tells the scheduler.
    fn put(&mut self, object: Object) {
        let before = self.store.object(&object.reference());
        let after = self.store.put(object);
        self.notice(before, Some(after));
    }

    fn remove(&mut self, name: &str) {
        let target = ObjectRef::new(Kind::Pod, crate::api::Key::new("default", name));
        let before = self.store.erase(&target);
        self.notice(before, None);
    }

    fn notice(&mut self, before: Option<Object>, after: Option<Object>) {
        let object =
            after.as_ref().or(before.as_ref()).map(Object::reference).expect("a change is about something");
        let revision = self.store.revision();
        let change = Change {
            verb: Verb::Update,
            subresource: "",
            object,
            before,
            after,
            sent: None,
            revision,
            erase_next: false,
        };
        let memory = Rc::make_mut(&mut self.memory.scheduler);
        memory.notice(&self.store, &change, Causes::default(), self.now);
    }

    /// One turn of a look.
    fn look(&mut self, outcomes: &Outcomes) -> Plan {
        let mut plan = Plan::default();
        let simulation = Simulation::default();
        let snapshot = Snapshot {
            store: &self.store,
            memory: &self.memory,
            simulation: &simulation,
            metrics: Metrics::none(),
            now: self.now,
        };
        look(&snapshot, outcomes, &mut plan);
        for what in &plan.remember {
            if let Remember::Scheduler(memory) = what {
                self.memory.scheduler = memory.clone();
            }
        }
        plan
    }

    /// Looks, and binds where the scheduler says so. Returns the node, or the message of the Event.
    fn schedule(&mut self) -> String {
        let plan = self.look(&Outcomes::default());
        match bound_to(&plan) {
            Some((pod, node)) => {
                self.bind(&pod, &node);
                node
            }
            None => message(&plan),
        }
    }

    fn bind(&mut self, pod: &str, node: &str) {
        let key = crate::api::Key::new("default", pod);
        let mut pod = (**self.store.get::<Pod>(&key).expect("the pod exists")).clone();
        pod.spec.node = Some(node.into());
        self.put(Object::Pod(Rc::new(pod)));
    }

    fn is_ready(&self) -> bool {
        self.memory.scheduler.queue.is_ready(self.now)
    }
}

fn node(name: &str, extra: &Value) -> Object {
    let mut json = json!({
        "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name}},
        "spec": {},
        "status": {"allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"}},
    });
    merge(&mut json, extra);
    Object::from_json(Kind::Node, &json).expect("a node")
}

fn pod(name: &str, spec: Value) -> Object {
    let mut json = json!({
        "metadata": {"name": name, "namespace": "default", "labels": {"app": "web"}},
        "spec": {"containers": [{"name": "main", "image": "nginx:1.27"}]},
    });
    merge(&mut json["spec"], &spec);
    let object = Object::from_json(Kind::Pod, &json).expect("a pod");
    let Object::Pod(pod) = object else { unreachable!("a Pod was asked for") };
    let mut pod = (*pod).clone();
    pod.uid = crate::api::Uid::parse(name);
    Object::Pod(Rc::new(pod))
}

/// A pod that asks for so many cores.
fn asking(name: &str, cpu: &str, spec: Value) -> Object {
    let mut whole = json!({"containers": [{"name": "main", "image": "nginx:1.27", "resources": {"requests": {"cpu": cpu}}}]});
    merge(&mut whole, &spec);
    pod(name, whole)
}

fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from.clone(),
    }
}

fn bound_to(plan: &Plan) -> Option<(String, String)> {
    plan.intents.iter().find_map(|intent| match &intent.act {
        Act::Write(Write::Bind { pod, node, .. }) => Some((pod.name.to_string(), node.to_string())),
        _ => None,
    })
}

fn message(plan: &Plan) -> String {
    let texts = plan.intents.iter().filter_map(|intent| match &intent.act {
        Act::Event(draft) => Some(&draft.text),
        _ => None,
    });
    match texts.into_iter().next() {
        Some(EventText::Fixed(text)) => text.to_string(),
        _ => "nothing".to_owned(),
    }
}

fn three_nodes() -> Lab {
    Lab::new(&[("node-1", json!({})), ("node-2", json!({})), ("node-3", json!({}))])
}

#[test]
fn pods_of_one_service_go_round_the_nodes() {
    let mut lab = three_nodes();
    let service =
        json!({"metadata": {"name": "web", "namespace": "default"}, "spec": {"selector": {"app": "web"}}});
    lab.put(Object::from_json(Kind::Service, &service).expect("a Service"));
    let mut nodes = Vec::new();
    for number in 0..6 {
        lab.put(pod(&format!("web-{number}"), json!({})));
        nodes.push(lab.schedule());
    }
    assert_eq!(nodes, ["node-1", "node-2", "node-3", "node-1", "node-2", "node-3"]);
}

#[test]
fn three_nodes_with_none_one_and_two_pods_of_the_set_get_100_60_and_40_points_for_spreading() {
    let mut lab = three_nodes();
    let service =
        json!({"metadata": {"name": "web", "namespace": "default"}, "spec": {"selector": {"app": "web"}}});
    lab.put(Object::from_json(Kind::Service, &service).expect("a Service"));
    for (number, node) in ["node-2", "node-3", "node-3"].into_iter().enumerate() {
        lab.put(pod(&format!("old-{number}"), json!({"nodeName": node})));
    }
    lab.put(pod("web", json!({})));
    let plan = lab.look(&Outcomes::default());
    let Why::Scheduler(Scheduler::Fits(verdict)) = &plan.intents[0].why else { panic!("{plan:?}") };
    let spread = verdict.rows.iter().map(|row| match &row.result {
        NodeResult::Scored(points) => {
            points.of[crate::why::scheduler::ScorePlugin::PodTopologySpread as usize]
        }
        other => panic!("{other:?}"),
    });
    assert_eq!(spread.collect::<Vec<_>>(), [Some(100), Some(60), Some(40)]);
}

#[test]
fn reasons_are_counted_and_sorted_as_text() {
    let taint = json!({"spec": {"taints": [{"key": "a", "effect": "NoSchedule"}]}});
    let mut lab = Lab::new(&[
        ("node-1", json!({"spec": {"unschedulable": true}})),
        ("node-2", taint),
        ("node-3", json!({"status": {"allocatable": {"cpu": "1", "memory": "1Gi"}}})),
    ]);
    let greedy =
        json!({"containers": [{"name": "main", "resources": {"requests": {"cpu": "2", "memory": "2Gi"}}}]});
    lab.put(pod("web", greedy));
    assert_eq!(
        lab.schedule(),
        "0/3 nodes are available: 1 Insufficient cpu, 1 Insufficient memory, 1 node(s) had untolerated taint(s), \
         1 node(s) were unschedulable. no new claims to deallocate, preemption: 0/3 nodes are available: \
         3 Preemption is not helpful for scheduling."
    );
}

#[test]
fn a_pod_that_names_nodes_which_exclude_each_other_is_hopeless() {
    let named = |name: &str| json!({"key": "metadata.name", "operator": "In", "values": [name]});
    let term = json!({"matchFields": [named("node-1"), named("node-2")]});
    let affinity = json!({"affinity": {"nodeAffinity":
        {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}}});
    let mut lab = three_nodes();
    lab.put(pod("web", affinity));
    assert_eq!(lab.schedule(), "0/3 nodes are available: pod affinity terms conflict. not found");
}

#[test]
fn a_pod_waits_until_the_change_that_its_filter_waits_for() {
    let mut lab = Lab::new(&[("node-1", json!({}))]);
    lab.put(asking("big", "3", json!({"nodeName": "node-1"})));
    lab.put(asking("web", "2", json!({})));
    assert!(lab.schedule().starts_with("0/1 nodes are available: 1 Insufficient cpu."));
    assert!(!lab.is_ready());
    // Another pod's arrival frees nothing.
    lab.put(pod("other", json!({"nodeName": "node-1"})));
    assert!(!lab.is_ready());
    lab.remove("big");
    assert!(lab.is_ready());
    assert_eq!(lab.schedule(), "node-1");
}

#[test]
fn uncordoning_a_node_moves_the_pods_that_its_cordon_kept_away() {
    let mut lab = Lab::new(&[("node-1", json!({"spec": {"unschedulable": true}}))]);
    lab.put(pod("web", json!({})));
    assert!(lab.schedule().starts_with("0/1 nodes are available: 1 node(s) were unschedulable."));
    lab.put(node("node-1", &json!({})));
    assert_eq!(lab.schedule(), "node-1");
}

#[test]
fn a_binding_that_is_on_its_way_takes_its_room_already() {
    let mut lab = Lab::new(&[("node-1", json!({}))]);
    lab.put(asking("first", "3", json!({})));
    lab.put(asking("second", "3", json!({})));
    assert!(bound_to(&lab.look(&Outcomes::default())).is_some());
    assert!(lab.schedule().starts_with("0/1 nodes are available: 1 Insufficient cpu."));
}

#[test]
fn a_refused_binding_frees_its_room_and_the_pod_waits_out_a_back_off() {
    let mut lab = Lab::new(&[("node-1", json!({}))]);
    lab.put(asking("first", "3", json!({})));
    lab.put(asking("second", "3", json!({})));
    assert!(bound_to(&lab.look(&Outcomes::default())).is_some());
    let refusal = ApiError::new(Reason::Conflict, Station::Storage, "no");
    let plan = lab.look(&Outcomes { turn: AFTER_BINDING, answers: vec![Err(Rc::new(refusal))] });
    assert_eq!(message(&plan), "running Bind plugin \"DefaultBinder\": no");
    assert_eq!(plan.then, Some(DONE));
    assert_eq!(plan.again.map(|(wait, _)| wait), Some(Duration::from_seconds(1)));
    let second = lab.look(&Outcomes::default());
    assert_eq!(bound_to(&second).map(|(pod, _)| pod), Some("second".to_owned()));
}

#[test]
fn what_is_left_over_for_five_minutes_is_looked_at_again() {
    let mut lab = Lab::new(&[("node-1", json!({}))]);
    lab.put(asking("web", "5", json!({})));
    let plan = lab.look(&Outcomes::default());
    // More than 300 s are over at the check at 330 s.
    assert_eq!(plan.again.map(|(wait, _)| wait), Some(Duration::from_seconds(330)));
    lab.now = Time::ZERO + Duration::from_seconds(329);
    assert!(!lab.is_ready());
    lab.now = Time::ZERO + Duration::from_seconds(330);
    assert!(lab.schedule().starts_with("0/1 nodes are available: 1 Insufficient cpu."));
}

#[test]
fn higher_priority_goes_first_and_makes_room() {
    let mut lab = Lab::new(&[("node-1", json!({})), ("node-2", json!({}))]);
    lab.put(asking("low-1", "3", json!({"nodeName": "node-1", "priority": 10})));
    lab.put(asking("low-2", "3", json!({"nodeName": "node-2", "priority": 5})));
    lab.put(asking("rival", "3", json!({})));
    lab.put(asking("important", "2", json!({"priority": 1000})));
    let plan = lab.look(&Outcomes::default());
    assert_eq!(message(&plan), "0/2 nodes are available: 2 Insufficient cpu.");
    let victims = plan.intents.iter().filter_map(|intent| match &intent.act {
        Act::Write(Write::Delete { target, .. }) => Some(target.name().to_owned()),
        _ => None,
    });
    assert_eq!(victims.collect::<Vec<_>>(), ["low-2"], "the node whose victim matters least");
    // While the important pod backs off, the room is kept for it.
    lab.remove("low-2");
    assert_eq!(
        lab.schedule(),
        "0/2 nodes are available: 2 Insufficient cpu. no new claims to deallocate, preemption: \
         0/2 nodes are available: 2 No preemption victims found for incoming pod."
    );
    assert_eq!(lab.schedule(), "node-2");
}

#[test]
fn counts_that_are_kept_up_are_the_counts_of_a_fresh_count() {
    let mut lab = three_nodes();
    let anti = json!({"affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{
        "weight": 7,
        "podAffinityTerm": {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "web"}}},
    }]}}});
    for number in 0..7 {
        lab.put(pod(&format!("web-{number}"), anti.clone()));
        lab.schedule();
    }
    lab.remove("web-3");
    lab.put(pod("one-more", anti));
    let kept = lab.look(&Outcomes::default());
    lab.memory.scheduler = Rc::new(super::memory::SchedulerMemory::new(&lab.store));
    let fresh = lab.look(&Outcomes::default());
    assert_eq!(kept.intents, fresh.intents);
}

#[test]
fn zones_take_turns() {
    let zone = |name: &str| json!({"metadata": {"labels": {"topology.kubernetes.io/zone": name}}});
    let lab = Lab::new(&[("a-1", zone("a")), ("a-2", zone("a")), ("b-1", zone("b"))]);
    let order = super::node_order::NodeOrder::new(&lab.store);
    let names: Vec<&str> = order.nodes.iter().map(|listed| &*listed.key.name).collect();
    assert_eq!(names, ["a-1", "b-1", "a-2"]);
    assert_eq!(lab.store.list::<Node>().count(), 3);
}

#[test]
fn the_words_of_an_outcome_hold_its_numbers() {
    let mut lab =
        Lab::new(&[("node-1", json!({})), ("node-2", json!({"metadata": {"labels": {"zone": "a"}}}))]);
    lab.put(asking("low", "3", json!({"nodeName": "node-1", "priority": 10})));
    lab.put(asking("fits", "2", json!({})));
    lab.put(asking("too-big", "7", json!({})));
    let spread = json!({"topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "zone",
        "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {"matchLabels": {"app": "web"}}, "minDomains": 4}]});
    lab.put(pod("uneven", spread));
    lab.put(asking("important", "3", json!({"priority": 1000})));
    let mut facts = Vec::new();
    while lab.is_ready() {
        let plan = lab.look(&Outcomes::default());
        facts.extend(plan.intents.iter().map(|intent| intent.why.clone()));
        if let Some((pod, node)) = bound_to(&plan) {
            let refusal = ApiError::new(Reason::Conflict, Station::Storage, "no");
            let refused = lab.look(&Outcomes { turn: AFTER_BINDING, answers: vec![Err(Rc::new(refusal))] });
            facts.extend(refused.intents.iter().map(|intent| intent.why.clone()));
            lab.bind(&pod, &node);
        }
    }
    let names: Vec<String> = facts.iter().map(|fact| format!("{fact:?}")).collect();
    for name in ["Fits(", "FitsNowhere(", "BindingRefused", "TooLittle", "Uneven", "SpreadLabelMissing"] {
        assert!(names.iter().any(|fact| fact.contains(name)), "no fact has {name}: {names:#?}");
    }
    for why in facts {
        let step = Step {
            id: StepId(0),
            at: lab.now,
            actor: Actor::Scheduler,
            reconcile: ReconcileId(0),
            causes: Causes::default(),
            why,
            what: What::Looked,
        };
        let rows = narration::detail(&step).rows;
        let rows = rows.iter().map(|row| format!("{} {} {}", row.name, row.sum, row.result));
        let words = format!("{} {}", narration::headline(&step), rows.collect::<Vec<_>>().join(" "));
        let fact = format!("{:?}", step.why);
        for number in numbers(&fact) {
            assert!(numbers(&words).any(|said| said == number), "{number} of {fact} is not in: {words}");
        }
    }
}

fn numbers(text: &str) -> impl Iterator<Item = &str> {
    let words =
        text.split(|character: char| !character.is_ascii_alphanumeric() && !"-_.".contains(character));
    words.filter(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()))
}
