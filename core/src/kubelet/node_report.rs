//! What a kubelet says of its own node: whether it is short of memory or disk.
//! Upstream: `MemoryPressureCondition`, `DiskPressureCondition` in `pkg/kubelet/nodestatus/setters.go`.

use std::rc::Rc;

use super::eviction::{self, Pressure};
use super::machine::Machine;
use crate::api::{EventType, Key, Node, Object};
use crate::plan::{Plan, Snapshot};
use crate::simulation::Space;
use crate::time::{Duration, Time};
use crate::why;

/// How often a kubelet reckons what to say of its node. Upstream: `nodeStatusUpdateFrequency`.
const PERIOD: Duration = Duration::from_seconds(10);

/// A condition that tells of a shortage: its type; reason, message and Event while it holds, and while it does not.
struct Condition {
    type_: &'static str,
    holds: [&'static str; 3],
    holds_not: [&'static str; 3],
}

fn condition(space: Space) -> Condition {
    match space {
        Space::Memory => Condition {
            type_: "MemoryPressure",
            holds: [
                "KubeletHasInsufficientMemory",
                "kubelet has insufficient memory available",
                "NodeHasInsufficientMemory",
            ],
            holds_not: [
                "KubeletHasSufficientMemory",
                "kubelet has sufficient memory available",
                "NodeHasSufficientMemory",
            ],
        },
        Space::Disk => Condition {
            type_: "DiskPressure",
            holds: ["KubeletHasDiskPressure", "kubelet has disk pressure", "NodeHasDiskPressure"],
            holds_not: ["KubeletHasNoDiskPressure", "kubelet has no disk pressure", "NodeHasNoDiskPressure"],
        },
    }
}

/// The type of the condition that tells of a shortage.
pub(super) fn type_of(space: Space) -> &'static str {
    condition(space).type_
}

/// Says what has changed, when it is time to.
pub(super) fn report(snapshot: &Snapshot<'_>, machine: &Machine, pressure: &Pressure, plan: &mut Plan) {
    let key = Key::new("", machine.name.clone());
    let Some(node) = snapshot.store.get::<Node>(&key) else { return };
    let is_said =
        |space: Space| node.condition(type_of(space)).is_some_and(|condition| condition.status == "True");
    let changed: Vec<Space> =
        Space::ALL.into_iter().filter(|it| is_said(*it) != pressure.holds(*it)).collect();
    let Some(first) = changed.first() else { return };
    let now = snapshot.now;
    let at = turn(machine, now);
    let fact = |space: Space| why::Eviction::ReportsPressure {
        condition: type_of(space),
        holds: pressure.holds(space),
    };
    if now < at || snapshot.simulation.stopped.has_no_server() {
        let wait = if now < at { at.since(now) } else { PERIOD };
        return plan.look_again_in(wait, fact(*first));
    }
    let mut said = (**node).clone();
    for space in &changed {
        set(&mut said, *space, pressure.holds(*space), now);
        let condition = condition(*space);
        let [.., event] = if pressure.holds(*space) { condition.holds } else { condition.holds_not };
        let message = format!("Node {} status is now: {event}", machine.name);
        plan.event(eviction::node_event(machine, EventType::Normal, event, message), fact(*space));
    }
    plan.update_status(Object::Node(Rc::new(said)), fact(*first));
}

/// When it is time: now, if this is one of its moments.
fn turn(machine: &Machine, now: Time) -> Time {
    let before = Time(now.0.saturating_sub(1));
    eviction::turn(PERIOD, machine, Time(before.0.saturating_sub(2_000_000_000))) + Duration::from_seconds(2)
}

fn set(node: &mut Node, space: Space, holds: bool, now: Time) {
    let Condition { type_, holds: yes, holds_not: no } = condition(space);
    let [reason, message, _] = if holds { yes } else { no };
    let conditions = Rc::make_mut(&mut node.status).conditions.get_or_insert_default();
    let Some(condition) = conditions.iter_mut().find(|condition| condition.type_ == type_) else { return };
    condition.status = if holds { "True" } else { "False" }.to_owned();
    condition.reason = Some(reason.to_owned());
    condition.message = Some(message.to_owned());
    condition.last_heartbeat_time = Some(now.to_api());
    condition.last_transition_time = Some(now.to_api());
}
