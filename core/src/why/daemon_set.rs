//! Facts of the DaemonSet controller. Upstream: `pkg/controller/daemon`.

use std::rc::Rc;

use crate::time::Duration;

/// Why the DaemonSet controller does something, or nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum DaemonSet {
    /// A pod or revision without a controller matches the selector.
    AdoptsMatching,
    /// One of its pods does not match any more.
    ReleasesUnmatching,
    /// Its selector is empty.
    SelectsEverything,
    /// The template is one that it had not had yet: it is written down.
    RecordsRevision {
        /// Its number.
        number: i64,
    },
    /// The template is one that it had before: that revision becomes the latest again.
    ReturnsToRevision {
        /// The number it had.
        from: i64,
        /// Its number from now on.
        to: i64,
    },
    /// The revision was not written.
    RevisionCollides,
    /// An old revision that no pod is made from is more than the limit.
    ForgetsRevision {
        /// Its number.
        number: i64,
        /// Old revisions.
        old: i32,
        /// `spec.revisionHistoryLimit`
        limit: i32,
    },
    /// A node that fits has no pod.
    MissingPod {
        /// The node.
        node: Rc<str>,
        /// Nodes that fit.
        nodes: i32,
        /// How many are created at once: 1, 2, 4, … as long as none is refused.
        batch: i32,
    },
    /// A node gets its new pod before its old one goes.
    Surges {
        /// The node.
        node: Rc<str>,
        /// Nodes that have two pods already.
        surging: i32,
        /// `maxSurge`, in nodes.
        max_surge: i32,
    },
    /// A pod has failed: it goes, so that it can be made anew.
    FailedPod {
        /// Its node.
        node: Rc<str>,
        /// How long the next one will have to wait, should it fail too.
        wait: Duration,
    },
    /// A pod has ended, which no daemon should.
    SucceededPod {
        /// Its node.
        node: Rc<str>,
    },
    /// A node has more pods than it should.
    ExtraPod {
        /// The node.
        node: Rc<str>,
        /// How many it has.
        have: i32,
    },
    /// A pod's node does not fit any more.
    UnfitNode {
        /// The node.
        node: Rc<str>,
        /// What keeps it away.
        misfit: Misfit,
    },
    /// A pod waits for a node that is gone.
    GoneNode {
        /// The node.
        node: Rc<str>,
    },
    /// A pod is made from another template than the latest: it goes, so that it can be made anew.
    OutdatedPod {
        /// Its node.
        node: Rc<str>,
        /// Whether it serves: then it counts against `max_unavailable`.
        is_available: bool,
        /// Nodes without an available pod.
        unavailable: i32,
        /// `maxUnavailable`, in nodes.
        max_unavailable: i32,
    },
    /// The new pod of a node is available: the old one goes.
    ReplacedPod {
        /// Its node.
        node: Rc<str>,
    },
    /// The status differs from what was counted.
    Reports {
        /// As stored.
        before: Census,
        /// As counted.
        now: Census,
    },
    /// Nothing differs from what is wanted.
    UpToDate(Census),
    /// Outdated pods stay until others are available.
    WaitsForUpdate {
        /// Pods of another template than the latest.
        outdated: i32,
        /// Nodes without an available pod.
        unavailable: i32,
        /// `maxUnavailable`, in nodes.
        max_unavailable: i32,
    },
    /// A ready pod becomes available after `spec.minReadySeconds`.
    WaitsForAvailability {
        /// `spec.minReadySeconds`
        min_ready_seconds: i32,
        /// Ready pods that are not available yet.
        pods: i32,
    },
    /// A pod failed shortly after the one before it.
    BacksOff {
        /// Its node.
        node: Rc<str>,
        /// How long it stays.
        wait: Duration,
    },
    /// Pods were refused: they are tried again.
    RetriesRefused {
        /// How many.
        refused: i32,
    },
}

/// What keeps a pod away from a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// The template names another node.
    Name,
    /// The node's labels do not match nodeSelector and affinity.
    Labels,
    /// A taint that the pod does not tolerate.
    Taint(Rc<str>),
}

/// Nodes, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Nodes that fit.
    pub desired: i32,
    /// Of these, with a pod.
    pub current: i32,
    /// With a pod that is Ready.
    pub ready: i32,
    /// With a pod that has been Ready for minReadySeconds.
    pub available: i32,
    /// With a pod of the latest template.
    pub updated: i32,
    /// Nodes that do not fit and have a pod nevertheless.
    pub misscheduled: i32,
}
