//! Watches over nodes: declares silent ones unknown, taints those that are not ready, and says so of their pods.
//! Upstream: `pkg/controller/nodelifecycle/node_lifecycle_controller.go`.
//!
//! ```text
//! last heartbeat -> 50 s -> Ready Unknown, pods not Ready, taints -> 300 s of toleration -> pods are deleted
//! ```
//! Heartbeats that say nothing new are not written: a kubelet is taken to send them until it falls silent
//! ([`memory`]). What upstream looks at every five seconds is looked at then, and only where something is amiss.

pub mod memory;
mod taints;

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;
use serde_json::json;

use crate::api::{Kind, Node, Object, ObjectRef, Pod};
use crate::apiserver::{Change, Patch, Reason, Store};
use crate::controllers::Controller;
use crate::engine::memory::Memory;
use crate::plan::{EventDraft, EventText, Outcomes, Plan, Snapshot};
use crate::time::{Duration, Time};
use crate::why::NodeLifecycle as Why;

/// The node lifecycle controller.
pub const CONTROLLER: Controller = Controller {
    name: "node lifecycle",
    component: "node-controller",
    watches: &[Kind::Node, Kind::Pod],
    reads_own_writes: true,
    knows_own: None,
    back_off: super::BACK_OFF,
    delay: crate::controllers::at_once,
    wakes,
    reconcile,
};

/// How often nodes are judged. Upstream: `nodeMonitorPeriod`.
const MONITOR_PERIOD: Duration = Duration::from_seconds(5);
/// How long a kubelet may be silent. Upstream: `nodeMonitorGracePeriod`.
const GRACE: Duration = Duration::from_seconds(50);
/// The conditions that a silent kubelet leaves unknown.
const REPORTED: [&str; 4] = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

/// When a kubelet that is silent since `silent` is declared lost: the first look after its grace.
pub(crate) fn lost_at(silent: Time) -> Time {
    next_look(silent + GRACE)
}

/// The first look of the monitor at or after a time.
fn next_look(time: Time) -> Time {
    let period = MONITOR_PERIOD.as_millis();
    let passed = time.since(Time::ZERO).as_millis();
    Time::ZERO + Duration::from_millis(passed.div_ceil(period) * period)
}

fn wakes(_store: &Store, change: &Change, _memory: &mut Rc<Memory>, wakes: &mut Vec<ObjectRef>) {
    // Pods are read, and no reason to look.
    if change.object.kind == Kind::Node && change.after.is_some() {
        wakes.push(change.object.clone());
    }
}

fn reconcile(snapshot: &Snapshot<'_>, target: &ObjectRef, _outcomes: &Outcomes, plan: &mut Plan) {
    let Some(node) = snapshot.store.get::<Node>(&target.key) else { return };
    if let Some(silent) = snapshot.memory.nodes.silent_since(node.name())
        && node.condition("Ready").is_none_or(|ready| ready.status != "Unknown")
    {
        let lost = lost_at(silent);
        if lost <= snapshot.now {
            return declare_lost(snapshot, node, silent, plan);
        }
        plan.look_again_in(lost.since(snapshot.now), Why::HearsNothing { silent_seconds: 0 });
    }
    let wanted = taints::wanted(node, snapshot.now);
    let mut taints = taints::with_no_schedule(node, &wanted);
    let wants_eviction = wanted.no_execute.is_some();
    let mut why_evicting = None;
    if taints::has_no_execute(node, &wanted) {
        // As it is to be.
    } else if !wants_eviction || taints::is_swapped(node) {
        taints = taints::with_no_execute(&taints, &wanted);
        why_evicting = wanted.no_execute.as_ref().map(|taint| taint.key.clone());
    } else {
        match taints::may_taint_at(snapshot.store, node, next_look(snapshot.now)) {
            Some(at) if at <= snapshot.now => {
                taints = taints::with_no_execute(&taints, &wanted);
                why_evicting = wanted.no_execute.as_ref().map(|taint| taint.key.clone());
            }
            Some(at) => plan.look_again_in(at.since(snapshot.now), Why::TaintsLater),
            None => plan.look_again_in(MONITOR_PERIOD, Why::EveryZoneIsDown),
        }
    }
    if taints::same(&taints, node.taints()) {
        if plan.again.is_none() {
            plan.nothing_to_do(Why::IsAsTainted { taints: taints.len() as u32 });
        }
        return;
    }
    let why = match why_evicting {
        Some(key) => Why::TaintsToEvict { key: key.into() },
        None if taints.len() < node.taints().len() => Why::TakesTaintsAway,
        None => Why::TaintsToKeepOff,
    };
    let patch = Patch::Strategic(json!({ "spec": { "taints": taints } }));
    plan.patch(target.clone(), node.uid, patch, why).accept(Reason::NotFound);
}

/// Nothing was heard of a kubelet for too long: its conditions are unknown, and its pods count as not ready.
fn declare_lost(snapshot: &Snapshot<'_>, node: &Rc<Node>, silent: Time, plan: &mut Plan) {
    let silent_seconds = snapshot.now.since(silent).whole_seconds();
    let was_ready = node.is_ready();
    let mut lost = (**node).clone();
    let status = Rc::make_mut(&mut lost.status);
    let conditions = status.conditions.get_or_insert_default();
    for name in REPORTED {
        match conditions.iter_mut().find(|condition| condition.type_ == name) {
            Some(known) if known.status == "Unknown" => {}
            Some(known) => {
                known.status = "Unknown".to_owned();
                known.reason = Some("NodeStatusUnknown".to_owned());
                known.message = Some("Kubelet stopped posting node status.".to_owned());
                known.last_transition_time = Some(snapshot.now.to_api());
            }
            None => conditions.push(core::NodeCondition {
                type_: name.to_owned(),
                status: "Unknown".to_owned(),
                reason: Some("NodeStatusNeverUpdated".to_owned()),
                message: Some("Kubelet never posted node status.".to_owned()),
                last_heartbeat_time: None,
                last_transition_time: Some(snapshot.now.to_api()),
            }),
        }
    }
    let why = || Why::HearsNothing { silent_seconds };
    plan.update_status(Object::Node(Rc::new(lost)), why());
    if !was_ready {
        return;
    }
    let message = format!("Node {} status is now: NodeNotReady", node.name());
    let text = EventText::Fixed(message.into());
    plan.event(EventDraft::normal(&Object::Node(node.clone()), "NodeNotReady", text), why());
    for pod in snapshot.store.pods_on(node.name()) {
        mark_not_ready(pod, snapshot.now, plan);
    }
}

fn mark_not_ready(pod: &Rc<Pod>, now: Time, plan: &mut Plan) {
    let Some(ready) = pod.condition("Ready").filter(|ready| ready.status == "True") else { return };
    let condition = core::PodCondition {
        status: "False".to_owned(),
        last_transition_time: Some(now.to_api()),
        ..ready.clone()
    };
    let patch = Patch::PodCondition { condition: Some(Rc::new(condition)), nominated_node: None };
    let target = ObjectRef::new(Kind::Pod, pod.key.clone());
    plan.patch(target, pod.uid, patch, Why::PodsAreOutOfReach).accept(Reason::NotFound);
    let text = EventText::Fixed("Node is not ready".into());
    let event = EventDraft::warning(&Object::Pod(pod.clone()), "NodeNotReady", text);
    plan.event(event, Why::PodsAreOutOfReach);
}
