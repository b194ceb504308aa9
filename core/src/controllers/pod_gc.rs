//! Deletes pods that nobody will ever end: their node is no more, or out of service.
//! Upstream: `pkg/controller/podgc/gc_controller.go`.

use std::rc::Rc;

use k8s_openapi::api::core::v1::PodCondition;

use crate::api::{Kind, Node, Object, ObjectRef, Pod};
use crate::apiserver::{Change, DeleteOptions, Reason, Store};
use crate::controllers::Controller;
use crate::engine::memory::{Memory, Remember};
use crate::plan::{Outcomes, Plan, Snapshot};
use crate::time::{Duration, Time};
use crate::why::NodeLifecycle as Why;

/// The pod garbage collector.
pub const CONTROLLER: Controller = Controller {
    name: "pod gc",
    component: "pod-garbage-collector",
    watches: &[Kind::Node, Kind::Pod],
    reads_own_writes: false,
    knows_own: None,
    back_off: super::BACK_OFF,
    delay: crate::controllers::at_once,
    wakes,
    reconcile,
};

/// How often it looks. Upstream: `gcCheckPeriod`.
const PERIOD: Duration = Duration::from_seconds(20);
/// How long a node must be gone: it may be the cache that is behind. Upstream: `quarantineTime`.
const QUARANTINE: Duration = Duration::from_seconds(40);
/// A person says that nothing runs on this node any more.
const OUT_OF_SERVICE: &str = "node.kubernetes.io/out-of-service";

fn wakes(store: &Store, change: &Change, _memory: &mut Rc<Memory>, wakes: &mut Vec<ObjectRef>) {
    match (&change.before, &change.after) {
        (Some(Object::Node(before)), None) => wake_pods_on(store, before, wakes),
        (_, Some(Object::Node(after))) if is_out_of_service(after) => wake_pods_on(store, after, wakes),
        (_, Some(Object::Pod(pod))) => {
            let node = node_of(store, pod);
            let is_left = pod.spec.node.is_some() && node.is_none();
            if is_left || pod.is_terminating() && node.is_some_and(|node| is_out_of_service(node)) {
                wakes.push(change.object.clone());
            }
        }
        _ => {}
    }
}

fn wake_pods_on(store: &Store, node: &Node, wakes: &mut Vec<ObjectRef>) {
    wakes.extend(store.pods_on(node.name()).map(|pod| ObjectRef::new(Kind::Pod, pod.key.clone())));
}

fn node_of<'a>(store: &'a Store, pod: &Pod) -> Option<&'a Rc<Node>> {
    store.get_cluster_wide::<Node>(pod.node()?)
}

fn is_out_of_service(node: &Node) -> bool {
    !node.is_ready() && node.taints().iter().any(|taint| taint.key == OUT_OF_SERVICE)
}

fn reconcile(snapshot: &Snapshot<'_>, target: &ObjectRef, _outcomes: &Outcomes, plan: &mut Plan) {
    let Some(pod) = snapshot.store.get::<Pod>(&target.key) else { return };
    let Some(name) = &pod.spec.node else { return };
    if let Some(node) = node_of(snapshot.store, pod) {
        if pod.is_terminating() && is_out_of_service(node) {
            delete(pod, None, &Why::NodeIsOutOfService { node: name.clone() }, plan);
        }
        return;
    }
    let memory = &snapshot.memory.nodes;
    let since = memory.gone_since(name);
    if since.is_none() {
        plan.remember(Remember::Nodes(Rc::new(memory.with_gone(name, snapshot.now))));
    }
    let ripe = next_look(since.unwrap_or(snapshot.now) + QUARANTINE);
    if ripe > snapshot.now {
        return plan.look_again_in(ripe.since(snapshot.now), Why::WaitsForNode { node: name.clone() });
    }
    let condition = PodCondition {
        type_: "DisruptionTarget".to_owned(),
        status: "True".to_owned(),
        reason: Some("DeletionByPodGC".to_owned()),
        message: Some("PodGC: node no longer exists".to_owned()),
        last_transition_time: Some(snapshot.now.to_api()),
        ..PodCondition::default()
    };
    delete(pod, Some(condition), &Why::NodeIsGone { node: name.clone() }, plan);
}

fn next_look(time: Time) -> Time {
    let period = PERIOD.as_millis();
    let passed = time.since(Time::ZERO).as_millis();
    Time::ZERO + Duration::from_millis(passed.div_ceil(period) * period)
}

/// Deletes a pod at once. One that has not finished has failed.
fn delete(pod: &Rc<Pod>, condition: Option<PodCondition>, why: &Why, plan: &mut Plan) {
    if !pod.is_finished() {
        let mut failed = (**pod).clone();
        let status = Rc::make_mut(&mut failed.status);
        status.phase = Some("Failed".to_owned());
        if let Some(condition) = condition {
            let conditions = status.conditions.get_or_insert_default();
            conditions.retain(|known| known.type_ != condition.type_);
            conditions.push(condition);
        }
        plan.update_status(Object::Pod(Rc::new(failed)), why.clone()).accept(Reason::NotFound);
    }
    let options = DeleteOptions { grace_seconds: Some(0), uid: Some(pod.uid), ..DeleteOptions::default() };
    plan.delete(ObjectRef::new(Kind::Pod, pod.key.clone()), options, why.clone()).accept(Reason::NotFound);
}
