//! Facts of the scheduler. Upstream: `pkg/scheduler`.

use std::rc::Rc;

use crate::api::Key;

/// Why the scheduler does something, or nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Scheduler {
    /// A node passes every filter: the pod goes to the one with the most points.
    Fits(Rc<Verdict>),
    /// No node passes every filter.
    FitsNowhere(Rc<Verdict>),
    /// The API server refused the binding.
    BindingRefused {
        /// The pod.
        pod: Key,
        /// The node it was to be bound to.
        node: Rc<str>,
        /// Refusals in a row.
        errors: u32,
        /// How long the pod's back-off is: 1, 2, 4, 8, then 10.
        back_off_seconds: u64,
    },
    /// A pod in the queue is being deleted: it needs no node.
    BeingDeleted {
        /// The pod.
        pod: Key,
    },
    /// A pod of lower priority makes room.
    Preempts(Rc<Preempted>),
    /// The pod's node is chosen, and its claims shall get volumes there.
    BindsClaims {
        /// The pod.
        pod: Key,
        /// Its node.
        node: Rc<str>,
        /// The claims that wait.
        claims: u32,
    },
    /// The pod's node is chosen, and every claim has its volume.
    ClaimsAreBound {
        /// The pod.
        pod: Key,
        /// Its node.
        node: Rc<str>,
    },
    /// The pod's claims did not get their volumes in time.
    ClaimsTimedOut {
        /// The pod.
        pod: Key,
        /// Its node.
        node: Rc<str>,
        /// How long it waited.
        waited_seconds: u64,
    },
    /// Pods that nothing moved out of the queue's waiting room are looked at again after a while.
    LooksAgain {
        /// How many pods wait.
        waiting: u32,
    },
}

/// A pod that has to leave, and for whom.
#[derive(Clone, Debug, PartialEq)]
pub struct Preempted {
    /// The pod that needs the room.
    pub pod: Key,
    /// Its priority.
    pub priority: i32,
    /// The pod that goes.
    pub victim: Key,
    /// The victim's priority.
    pub victim_priority: i32,
    /// The node of both.
    pub node: Rc<str>,
}

/// What one look found: nodes, what each filter said of them and what each score gave them.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The pod.
    pub pod: Key,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// Nodes in the cluster.
    pub nodes: u32,
    /// Nodes that pass every filter, of those examined.
    pub feasible: u32,
    /// The node that the pod gets.
    pub chosen: Option<Rc<str>>,
    /// Examined nodes in order of examination; [`Verdict::MAX_ROWS`] of them where there are more, the best first.
    pub rows: Vec<NodeRow>,
    /// Nodes per reason, where no node is feasible. One node may have several reasons.
    pub reasons: Vec<(Rc<str>, u32)>,
    /// The message of the condition, where no node is feasible: `0/3 nodes are available: …`.
    pub message: Option<Rc<str>>,
}

impl Verdict {
    /// How many rows are kept.
    pub const MAX_ROWS: usize = 12;
}

/// One node in a [`Verdict`].
#[derive(Clone, Debug, PartialEq)]
pub struct NodeRow {
    /// The node.
    pub node: Rc<str>,
    /// What was found.
    pub result: NodeResult,
}

/// What was found about one node.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeResult {
    /// A filter rejects it.
    Rejected(Rejection),
    /// It passes every filter, and has these points.
    Scored(Points),
    /// It alone passes every filter: nothing is scored.
    OnlyOne,
}

/// Points of one node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Points {
    /// 0 to 100 by each of [`ScorePlugin::ALL`]; `None` where the plugin has nothing to say about the pod.
    pub of: [Option<u8>; ScorePlugin::COUNT],
    /// Σ points × weight.
    pub total: u32,
}

/// The filters, in the order they run. `NodeName` is not among them: a pod that names its node never reaches the
/// scheduler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FilterPlugin {
    /// Is the node cordoned?
    NodeUnschedulable,
    /// Does the pod tolerate the node's taints?
    TaintToleration,
    /// Does the node have the labels that the pod asks for?
    NodeAffinity,
    /// Are the host ports free?
    NodePorts,
    /// Is there room?
    NodeResourcesFit,
    /// Are the claims that are for one pod alone free?
    VolumeRestrictions,
    /// Have the claims volumes that the node can reach?
    VolumeBinding,
    /// Would the pods be spread evenly enough?
    PodTopologySpread,
    /// Are the right pods near, and the wrong ones not?
    InterPodAffinity,
}

impl FilterPlugin {
    /// How many there are.
    pub const COUNT: usize = 9;

    /// Every filter, in the order they run.
    pub const ALL: [FilterPlugin; FilterPlugin::COUNT] = [
        FilterPlugin::NodeUnschedulable,
        FilterPlugin::TaintToleration,
        FilterPlugin::NodeAffinity,
        FilterPlugin::NodePorts,
        FilterPlugin::NodeResourcesFit,
        FilterPlugin::VolumeRestrictions,
        FilterPlugin::VolumeBinding,
        FilterPlugin::PodTopologySpread,
        FilterPlugin::InterPodAffinity,
    ];

    /// Upstream's name.
    pub const fn name(self) -> &'static str {
        match self {
            FilterPlugin::NodeUnschedulable => "NodeUnschedulable",
            FilterPlugin::TaintToleration => "TaintToleration",
            FilterPlugin::NodeAffinity => "NodeAffinity",
            FilterPlugin::NodePorts => "NodePorts",
            FilterPlugin::NodeResourcesFit => "NodeResourcesFit",
            FilterPlugin::VolumeRestrictions => "VolumeRestrictions",
            FilterPlugin::VolumeBinding => "VolumeBinding",
            FilterPlugin::PodTopologySpread => "PodTopologySpread",
            FilterPlugin::InterPodAffinity => "InterPodAffinity",
        }
    }
}

/// Why a filter rejects a node, with its numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum Rejection {
    /// `spec.unschedulable`
    Cordoned,
    /// A taint that the pod does not tolerate: `dedicated=db:NoSchedule`.
    Taint(Rc<str>),
    /// nodeSelector or required node affinity.
    NodeAffinity,
    /// The required node affinity names other nodes.
    NotNamed,
    /// The required node affinity names nodes that exclude each other.
    ConflictingNames,
    /// A host port that is taken.
    Port(i32),
    /// What there is too little of.
    TooLittle(Rc<[Shortage]>),
    /// A claim that does not exist.
    ClaimMissing(Rc<str>),
    /// A claim that the pod brings itself, and that has not been created yet.
    ClaimComing(Rc<str>),
    /// A claim whose volume is gone.
    ClaimLost {
        /// The claim.
        claim: Rc<str>,
        /// The volume.
        volume: Rc<str>,
    },
    /// A claim that is being deleted.
    ClaimTerminating(Rc<str>),
    /// A claim that has no volume and does not wait for the pod's node either.
    ClaimUnbound,
    /// A claim for one pod alone that another pod uses.
    ClaimInUse,
    /// A claim is bound to a volume that does not exist.
    VolumeMissing,
    /// A volume that cannot be reached from the node.
    VolumeOutOfReach,
    /// No volume for a claim can be reached from the node, and none can be made.
    NoVolume,
    /// The node lacks the label that a spread constraint needs.
    SpreadLabelMissing(Rc<str>),
    /// The pods would be spread too unevenly.
    Uneven {
        /// `topologyKey`
        key: Rc<str>,
        /// Matching pods in the node's domain, the new one included.
        pods: i64,
        /// The fewest in any domain.
        fewest: i64,
        /// `maxSkew`
        max_skew: i64,
    },
    /// No pod near that the pod's affinity asks for.
    Affinity,
    /// A pod near that the pod's anti-affinity excludes.
    AntiAffinity,
    /// A pod near whose anti-affinity excludes the pod.
    ExistingAntiAffinity,
}

/// A resource that a node has too little of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortage {
    /// `cpu`, `memory`, `ephemeral-storage`, `pods`, or an extended resource.
    pub resource: Rc<str>,
    /// What the pod asks for: cpu in thousandths, the rest in units.
    pub asked: i64,
    /// What the node's pods ask for already.
    pub used: i64,
    /// What the node has for pods.
    pub allocatable: i64,
}

impl Rejection {
    /// The filter that says so.
    pub fn plugin(&self) -> FilterPlugin {
        match self {
            Rejection::Cordoned => FilterPlugin::NodeUnschedulable,
            Rejection::Taint(_) => FilterPlugin::TaintToleration,
            Rejection::NodeAffinity | Rejection::NotNamed | Rejection::ConflictingNames => {
                FilterPlugin::NodeAffinity
            }
            Rejection::Port(_) => FilterPlugin::NodePorts,
            Rejection::TooLittle(_) => FilterPlugin::NodeResourcesFit,
            Rejection::ClaimMissing(_) | Rejection::ClaimInUse => FilterPlugin::VolumeRestrictions,
            Rejection::ClaimComing(_)
            | Rejection::ClaimLost { .. }
            | Rejection::ClaimTerminating(_)
            | Rejection::ClaimUnbound
            | Rejection::VolumeMissing
            | Rejection::VolumeOutOfReach
            | Rejection::NoVolume => FilterPlugin::VolumeBinding,
            Rejection::SpreadLabelMissing(_) | Rejection::Uneven { .. } => FilterPlugin::PodTopologySpread,
            Rejection::Affinity | Rejection::AntiAffinity | Rejection::ExistingAntiAffinity => {
                FilterPlugin::InterPodAffinity
            }
        }
    }
}

/// The scores, in the order they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScorePlugin {
    /// Fewer PreferNoSchedule taints that the pod does not tolerate.
    TaintToleration,
    /// More preferred node affinity.
    NodeAffinity,
    /// More room left.
    NodeResourcesFit,
    /// Cpu and memory used in equal parts.
    NodeResourcesBalancedAllocation,
    /// More of the images there already.
    ImageLocality,
    /// Fewer pods of the same set.
    PodTopologySpread,
    /// More preferred pods near, fewer disliked ones.
    InterPodAffinity,
}

impl ScorePlugin {
    /// How many there are.
    pub const COUNT: usize = 7;

    /// Every score, in the order they run.
    pub const ALL: [ScorePlugin; ScorePlugin::COUNT] = [
        ScorePlugin::TaintToleration,
        ScorePlugin::NodeAffinity,
        ScorePlugin::NodeResourcesFit,
        ScorePlugin::NodeResourcesBalancedAllocation,
        ScorePlugin::ImageLocality,
        ScorePlugin::PodTopologySpread,
        ScorePlugin::InterPodAffinity,
    ];

    /// Upstream's name.
    pub const fn name(self) -> &'static str {
        match self {
            ScorePlugin::TaintToleration => "TaintToleration",
            ScorePlugin::NodeAffinity => "NodeAffinity",
            ScorePlugin::NodeResourcesFit => "NodeResourcesFit",
            ScorePlugin::NodeResourcesBalancedAllocation => "NodeResourcesBalancedAllocation",
            ScorePlugin::ImageLocality => "ImageLocality",
            ScorePlugin::PodTopologySpread => "PodTopologySpread",
            ScorePlugin::InterPodAffinity => "InterPodAffinity",
        }
    }

    /// How often its points count. Upstream: `getDefaultPlugins` in `pkg/scheduler/apis/config/v1/default_plugins.go`.
    pub const fn weight(self) -> u32 {
        match self {
            ScorePlugin::TaintToleration => 3,
            ScorePlugin::NodeAffinity | ScorePlugin::PodTopologySpread | ScorePlugin::InterPodAffinity => 2,
            ScorePlugin::NodeResourcesFit
            | ScorePlugin::NodeResourcesBalancedAllocation
            | ScorePlugin::ImageLocality => 1,
        }
    }
}
