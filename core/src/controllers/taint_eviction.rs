//! Evicts pods that do not tolerate what their node is tainted with, now or after a while.
//! Upstream: `pkg/controller/tainteviction/taint_eviction.go`.
//!
//! ```text
//! node.kubernetes.io/unreachable:NoExecute, tolerated for 300 s   ->  deleted in 300 s, unless the taint goes
//! ```
//! Disruption budgets are not asked.

use std::rc::Rc;

use k8s_openapi::api::core::v1::{PodCondition, Taint, Toleration};

use crate::api::{Kind, Node, Object, ObjectRef, Pod};
use crate::apiserver::{Change, DeleteOptions, Patch, Reason, Store};
use crate::controllers::Controller;
use crate::controllers::node_lifecycle::memory::Eviction;
use crate::engine::memory::{Memory, Remember};
use crate::placement::tolerations::tolerates;
use crate::plan::{EventDraft, EventText, Outcomes, Plan, Snapshot};
use crate::time::Duration;
use crate::why::NodeLifecycle as Why;

/// The taint eviction controller.
pub const CONTROLLER: Controller = Controller {
    name: "taint eviction",
    component: "taint-eviction-controller",
    watches: &[Kind::Node, Kind::Pod],
    reads_own_writes: false,
    knows_own: None,
    back_off: super::BACK_OFF,
    delay: crate::controllers::at_once,
    wakes,
    reconcile,
};

fn wakes(store: &Store, change: &Change, _memory: &mut Rc<Memory>, wakes: &mut Vec<ObjectRef>) {
    match (&change.before, &change.after) {
        (Some(Object::Node(before)), Some(Object::Node(after)))
            if no_execute(before).ne(no_execute(after)) =>
        {
            let pods = store.pods_on(after.name());
            wakes.extend(pods.map(|pod| ObjectRef::new(Kind::Pod, pod.key.clone())));
        }
        (before, Some(Object::Pod(after))) => {
            let is_news = match before {
                Some(Object::Pod(before)) => {
                    before.spec.node != after.spec.node
                        || before.spec.spec.tolerations != after.spec.spec.tolerations
                }
                _ => true,
            };
            if is_news && node_of(store, after).is_some_and(|node| no_execute(node).next().is_some()) {
                wakes.push(change.object.clone());
            }
        }
        _ => {}
    }
}

fn node_of<'a>(store: &'a Store, pod: &Pod) -> Option<&'a Rc<Node>> {
    store.get_cluster_wide::<Node>(pod.node()?)
}

fn no_execute(node: &Node) -> impl Iterator<Item = &Taint> {
    node.taints().iter().filter(|taint| taint.effect == "NoExecute")
}

fn reconcile(snapshot: &Snapshot<'_>, target: &ObjectRef, _outcomes: &Outcomes, plan: &mut Plan) {
    let memory = &snapshot.memory.nodes;
    let Some(pod) = snapshot.store.get::<Pod>(&target.key) else { return };
    let known = memory.eviction(pod.uid);
    let Some(node) = node_of(snapshot.store, pod).filter(|_| !pod.is_terminating()) else {
        return forget(snapshot, pod, plan);
    };
    let taints: Vec<&Taint> = no_execute(node).collect();
    let tolerations = pod.spec.spec.tolerations.as_deref().unwrap_or_default();
    let wait = match patience(&taints, tolerations) {
        Patience::Endless => {
            if known.is_some() {
                let message = format!("Cancelling deletion of Pod {}", pod.key);
                event(pod, message, Why::TaintIsGone, plan);
            }
            return forget(snapshot, pod, plan);
        }
        Patience::None => Duration::ZERO,
        Patience::For(seconds) => Duration::from_seconds(seconds),
    };
    let since = known.map_or(snapshot.now, |known| known.since);
    let at = since + wait;
    if at > snapshot.now {
        let eviction = Eviction { since, at };
        plan.remember(Remember::Nodes(Rc::new(memory.with_eviction(pod.uid, Some(eviction)))));
        let why = Why::ToleratesFor { seconds: wait.whole_seconds() };
        return plan.look_again_in(at.since(snapshot.now), why);
    }
    forget(snapshot, pod, plan);
    evict(snapshot, pod, node, wait.whole_seconds(), plan);
}

/// How long a pod stays.
enum Patience {
    /// As long as it likes.
    Endless,
    /// Not at all: a taint is not tolerated.
    None,
    /// So many seconds.
    For(u64),
}

/// The shortest time for which all taints are tolerated. Upstream: `getMinTolerationTime`.
fn patience(taints: &[&Taint], tolerations: &[Toleration]) -> Patience {
    let mut used = Vec::new();
    for taint in taints {
        let Some(toleration) = tolerations.iter().find(|toleration| tolerates(toleration, taint)) else {
            return Patience::None;
        };
        used.push(toleration);
    }
    let limits = used.iter().filter_map(|toleration| toleration.toleration_seconds);
    match limits.min() {
        None => Patience::Endless,
        Some(seconds) if seconds <= 0 => Patience::None,
        Some(seconds) => Patience::For(seconds as u64),
    }
}

fn forget(snapshot: &Snapshot<'_>, pod: &Pod, plan: &mut Plan) {
    let memory = &snapshot.memory.nodes;
    if memory.eviction(pod.uid).is_some() {
        plan.remember(Remember::Nodes(Rc::new(memory.with_eviction(pod.uid, None))));
    }
}

fn event(pod: &Rc<Pod>, message: String, why: Why, plan: &mut Plan) {
    let text = EventText::Fixed(message.into());
    plan.event(EventDraft::normal(&Object::Pod(pod.clone()), "TaintManagerEviction", text), why);
}

fn evict(snapshot: &Snapshot<'_>, pod: &Rc<Pod>, node: &Node, tolerated: u64, plan: &mut Plan) {
    let why = || Why::Evicts { node: node.key.name.clone(), tolerated_seconds: tolerated };
    event(pod, format!("Marking for deletion Pod {}", pod.key), why(), plan);
    let target = ObjectRef::new(Kind::Pod, pod.key.clone());
    let condition = PodCondition {
        type_: "DisruptionTarget".to_owned(),
        status: "True".to_owned(),
        reason: Some("DeletionByTaintManager".to_owned()),
        message: Some("Taint manager: deleting due to NoExecute taint".to_owned()),
        last_transition_time: Some(snapshot.now.to_api()),
        observed_generation: Some(pod.meta.generation).filter(|generation| *generation > 0),
        ..PodCondition::default()
    };
    let patch = Patch::PodCondition { condition: Some(Rc::new(condition)), nominated_node: None };
    plan.patch(target.clone(), pod.uid, patch, why()).accept(Reason::NotFound);
    let options = DeleteOptions { uid: Some(pod.uid), ..DeleteOptions::default() };
    plan.delete(target, options, why()).accept(Reason::NotFound);
}
