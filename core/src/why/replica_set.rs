//! Facts of the ReplicaSet controller. Upstream: `pkg/controller/replicaset`.

/// Why the ReplicaSet controller does something, or nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum ReplicaSet {
    /// A pod without a controller matches the selector.
    AdoptsMatching,
    /// One of its pods does not match the selector any more.
    ReleasesUnmatching,
    /// Fewer active pods than wanted.
    TooFewPods {
        /// `spec.replicas`
        want: i32,
        /// Active pods, before this look.
        have: i32,
        /// Which of the missing ones this is, from 1.
        number: i32,
        /// How many are created at once: 1, 2, 4, … as long as none is refused.
        batch: i32,
    },
    /// More active pods than wanted.
    TooManyPods {
        /// `spec.replicas`
        want: i32,
        /// Active pods, before this look.
        have: i32,
        /// Why this one goes before those that stay.
        rank: DeletionRank,
    },
    /// The status differs from what was counted.
    Reports {
        /// As stored.
        before: Census,
        /// As counted.
        now: Census,
    },
    /// Creating or deleting pods failed: the status says so.
    ReportsFailure(Census),
    /// Nothing differs from what is wanted.
    UpToDate(Census),
    /// It is being deleted: it creates and deletes nothing.
    IsBeingDeleted(Census),
    /// A ready pod becomes available after `spec.minReadySeconds`.
    WaitsForAvailability {
        /// `spec.minReadySeconds`
        min_ready_seconds: i32,
        /// Ready pods that are not available yet.
        pods: i32,
    },
    /// A pod was refused: it is tried again.
    RetriesRefused {
        /// How many pods were refused.
        refused: i32,
    },
}

/// Pods, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// `spec.replicas`
    pub desired: i32,
    /// Neither finished nor being deleted.
    pub active: i32,
    /// Active, with every label of the template.
    pub fully_labeled: i32,
    /// Active and Ready.
    pub ready: i32,
    /// Ready for minReadySeconds.
    pub available: i32,
    /// Being deleted and not finished.
    pub terminating: i32,
}

/// What decided that one pod goes before those that stay, in the order in which pods are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeletionRank {
    /// None stays: nothing was compared.
    All,
    /// It has no node yet.
    Unassigned,
    /// Pending goes before Unknown before Running.
    Phase,
    /// It is not Ready.
    NotReady,
    /// `controller.kubernetes.io/pod-deletion-cost` is lower.
    Cost {
        /// Its cost.
        cost: i32,
        /// The lowest cost among those that stay.
        kept: i32,
    },
    /// More pods of the same Deployment share its node.
    CrowdedNode {
        /// Pods on its node.
        here: i32,
        /// Pods on the node of the one that stays.
        there: i32,
    },
    /// It has been Ready for a shorter time, in powers of two.
    ReadyLater,
    /// Its containers restarted more often.
    Restarts {
        /// Its restarts.
        here: i32,
        /// Restarts of the one that stays.
        there: i32,
    },
    /// It is newer, in powers of two of its age.
    Newer,
    /// Nothing tells them apart but their uids, which are random.
    Lot,
}
