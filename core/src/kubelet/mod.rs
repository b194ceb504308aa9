//! The kubelet: makes the pods bound to its node run, and reports what runs. Upstream: `pkg/kubelet`.

pub mod machine;

use std::rc::Rc;

use crate::api::Uid;
use crate::engine::workqueue::WorkItem;
use crate::plan::{Outcomes, Plan, Snapshot};
use crate::rng::Rng;
use crate::simulation::Simulation;
use crate::time::Time;
use crate::why::{self, Why};

pub use machine::Machine;

/// Something that a kubelet or kube-proxy does on its own machine.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Rewrites the node's rules from kube-proxy's cache.
    WriteProxyRules,
}

/// A moment that comes by itself on a machine: a pull ends, a process exits, a grace period runs out.
#[derive(Clone, Debug, PartialEq)]
pub enum MachineTimer {
    /// Nothing yet.
    None,
}

/// What changed on a machine.
#[derive(Clone, Debug, PartialEq)]
pub enum MachineChange {
    /// kube-proxy rewrote the node's rules.
    RulesWritten {
        /// The node.
        node: Rc<str>,
    },
}

/// What an effect or a timer may use and leave behind.
pub struct MachineContext<'a> {
    /// Virtual time.
    pub now: Time,
    /// The world's luck.
    pub rng: &'a mut Rng,
    /// Latencies and modes.
    pub simulation: &'a Simulation,
    /// Moments to come, and whether something is in progress until then (a pull, a grace period), as opposed to
    /// a wait that may last (a back-off, a resync).
    pub timers: Vec<(Time, MachineTimer, bool)>,
    /// What the kubelet or kube-proxy must look at because of this.
    pub wakes: Vec<WorkItem>,
}

/// One look by a kubelet at one pod, known by uid. `snapshot.store` is the kubelet's cache.
pub fn sync(_snapshot: &Snapshot<'_>, _machine: &Machine, _pod: Uid, _outcomes: &Outcomes, plan: &mut Plan) {
    plan.nothing_to_do(why::Kubelet::InSync);
}

/// Does an effect on the machine at once and says what changed. What takes time leaves a timer.
pub fn apply(machine: &mut Machine, effect: &Effect, _context: &mut MachineContext<'_>) -> MachineChange {
    match effect {
        Effect::WriteProxyRules => MachineChange::RulesWritten { node: machine.name.clone() },
    }
}

/// A timer ran out. `None` where it no longer matters.
pub fn fire(
    _machine: &mut Machine,
    _timer: &MachineTimer,
    _context: &mut MachineContext<'_>,
) -> Option<(MachineChange, Why)> {
    None
}
