//! What a kubelet says of its own node: whether it is short of memory, disk or process numbers.
//! Upstream: `MemoryPressureCondition`, `DiskPressureCondition`, `PIDPressureCondition` in
//! `pkg/kubelet/nodestatus/setters.go`.

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

/// A condition that tells of shortages.
struct Condition {
    type_: &'static str,
    /// Of what.
    of: &'static [Space],
    /// Reason, message and Event while it holds.
    holds: [&'static str; 3],
    /// The same while it does not.
    holds_not: [&'static str; 3],
}

const CONDITIONS: [Condition; 3] = [
    Condition {
        type_: "MemoryPressure",
        of: &[Space::Memory],
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
    Condition {
        type_: "DiskPressure",
        of: &[Space::Disk, Space::Inodes],
        holds: ["KubeletHasDiskPressure", "kubelet has disk pressure", "NodeHasDiskPressure"],
        holds_not: ["KubeletHasNoDiskPressure", "kubelet has no disk pressure", "NodeHasNoDiskPressure"],
    },
    Condition {
        type_: "PIDPressure",
        of: &[Space::Pids],
        holds: [
            "KubeletHasInsufficientPID",
            "kubelet has insufficient PID available",
            "NodeHasInsufficientPID",
        ],
        holds_not: [
            "KubeletHasSufficientPID",
            "kubelet has sufficient PID available",
            "NodeHasSufficientPID",
        ],
    },
];

impl Condition {
    fn is_true(&self, pressure: &Pressure) -> bool {
        self.of.iter().any(|space| pressure.holds(*space))
    }

    /// Reason, message and Event.
    fn told(&self, holds: bool) -> [&'static str; 3] {
        if holds { self.holds } else { self.holds_not }
    }
}

/// The types of the conditions that hold.
pub(super) fn held(pressure: &Pressure) -> Vec<&'static str> {
    let held = CONDITIONS.iter().filter(|condition| condition.is_true(pressure));
    held.map(|condition| condition.type_).collect()
}

/// Says what has changed, when it is time to.
pub(super) fn report(snapshot: &Snapshot<'_>, machine: &Machine, pressure: &Pressure, plan: &mut Plan) {
    let key = Key::new("", machine.name.clone());
    let Some(node) = snapshot.store.get::<Node>(&key) else { return };
    let is_said = |type_: &str| node.condition(type_).is_some_and(|condition| condition.status == "True");
    let has_changed = |condition: &&Condition| is_said(condition.type_) != condition.is_true(pressure);
    let changed: Vec<&Condition> = CONDITIONS.iter().filter(has_changed).collect();
    let Some(first) = changed.first() else { return };
    let now = snapshot.now;
    let at = turn(machine, now);
    let fact = |condition: &Condition| why::Eviction::ReportsPressure {
        condition: condition.type_,
        holds: condition.is_true(pressure),
    };
    if now < at || snapshot.simulation.stopped.has_no_server() {
        let wait = if now < at { at.since(now) } else { PERIOD };
        return plan.look_again_in(wait, fact(first));
    }
    let mut said = (**node).clone();
    for condition in &changed {
        let holds = condition.is_true(pressure);
        set(&mut said, condition, holds, now);
        let [.., event] = condition.told(holds);
        let message = format!("Node {} status is now: {event}", machine.name);
        plan.event(eviction::node_event(machine, EventType::Normal, event, message), fact(condition));
    }
    plan.update_status(Object::Node(Rc::new(said)), fact(first));
}

/// When it is time: now, if this is one of its moments.
fn turn(machine: &Machine, now: Time) -> Time {
    let before = Time(now.0.saturating_sub(1));
    eviction::turn(PERIOD, machine, Time(before.0.saturating_sub(2_000_000_000))) + Duration::from_seconds(2)
}

fn set(node: &mut Node, told: &Condition, holds: bool, now: Time) {
    let [reason, message, _] = told.told(holds);
    let conditions = Rc::make_mut(&mut node.status).conditions.get_or_insert_default();
    let Some(condition) = conditions.iter_mut().find(|condition| condition.type_ == told.type_) else {
        return;
    };
    condition.status = if holds { "True" } else { "False" }.to_owned();
    condition.reason = Some(reason.to_owned());
    condition.message = Some(message.to_owned());
    condition.last_heartbeat_time = Some(now.to_api());
    condition.last_transition_time = Some(now.to_api());
}
