//! Facts of the controllers that watch over nodes and what they run.
//! Upstream: `pkg/controller/{nodelifecycle,tainteviction,podgc}`.

use std::rc::Rc;

/// Why a node is tainted, or a pod on it evicted.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeLifecycle {
    /// A kubelet has sent no heartbeat for longer than its grace.
    HearsNothing {
        /// For how long.
        silent_seconds: u64,
    },
    /// The kubelet of a pod's node is silent: nobody knows whether the pod is ready.
    PodsAreOutOfReach,
    /// A condition, or a cordon, asks for taints that keep new pods off.
    TaintsToKeepOff,
    /// The node is not ready: pods that do not tolerate that shall go.
    TaintsToEvict {
        /// `node.kubernetes.io/unreachable`
        key: Rc<str>,
    },
    /// The node's conditions ask for fewer taints than it has.
    TakesTaintsAway,
    /// Another node of the zone has just been tainted: nodes of one zone are tainted one after the other.
    TaintsLater,
    /// No node of the cluster is ready: nobody is evicted.
    EveryZoneIsDown,
    /// The taints are those that the conditions ask for.
    IsAsTainted {
        /// How many taints.
        taints: u32,
    },
    /// The pod tolerates its node's taints, for a while.
    ToleratesFor {
        /// `tolerationSeconds`, the shortest.
        seconds: u64,
    },
    /// The taint is gone before the pod had to go.
    TaintIsGone,
    /// The pod does not tolerate its node's taints, or has done so for as long as it does.
    Evicts {
        /// The node.
        node: Rc<str>,
        /// For how long they were tolerated.
        tolerated_seconds: u64,
    },
    /// The pod's node is not there: that may be a mistake.
    WaitsForNode {
        /// The node.
        node: Rc<str>,
    },
    /// The pod's node is no more: nobody will ever end the pod.
    NodeIsGone {
        /// The node.
        node: Rc<str>,
    },
    /// A person declared the node out of service: nobody will end the pod.
    NodeIsOutOfService {
        /// The node.
        node: Rc<str>,
    },
}
