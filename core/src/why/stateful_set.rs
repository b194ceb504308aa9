//! Facts of the StatefulSet controller. Upstream: `pkg/controller/statefulset`.

use std::rc::Rc;

/// Why the StatefulSet controller does something, or nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum StatefulSet {
    /// A pod or revision without a controller matches the selector.
    AdoptsMatching,
    /// One of its pods does not match any more.
    ReleasesUnmatching,
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
    /// The name of the revision is taken by another.
    RevisionCollides,
    /// An old revision that no pod is made from is more than the limit.
    ForgetsRevision {
        /// Its number.
        number: i64,
        /// Old revisions that nothing uses.
        unused: i32,
        /// `spec.revisionHistoryLimit`
        limit: i32,
    },
    /// A pod is missing.
    MissingPod(Missing),
    /// A pod that is to be created, or waits to be scheduled, has no claim of this name.
    MissingClaim {
        /// The pod's number.
        ordinal: i64,
    },
    /// A pod has finished: it goes, so that it can be made anew.
    FinishedPod {
        /// Its number.
        ordinal: i64,
        /// Whether it failed; it succeeded otherwise.
        failed: bool,
    },
    /// A pod lacks a label or volume that its number gives it.
    RepairsIdentity {
        /// Its number.
        ordinal: i64,
    },
    /// The retention policy says who owns a claim.
    RetainsClaim {
        /// `spec.persistentVolumeClaimRetentionPolicy.whenDeleted` is Delete.
        with_set: bool,
        /// `spec.persistentVolumeClaimRetentionPolicy.whenScaled` is Delete.
        when_scaled: bool,
        /// Whether the set still wants the pod.
        wanted: bool,
    },
    /// A pod's number is out of range.
    TooManyPods {
        /// Its number.
        ordinal: i64,
        /// `spec.replicas`
        want: i32,
        /// Pods that are there.
        have: i32,
        /// Whether others wait until it is gone.
        in_order: bool,
    },
    /// A pod is made from another template than the latest: it goes, so that it can be made anew.
    OutdatedPod {
        /// Its number.
        ordinal: i64,
        /// Pods with lower numbers keep the old template.
        partition: i64,
        /// The revision it is made from.
        from: Rc<str>,
        /// The latest revision.
        to: Rc<str>,
    },
    /// The status differs from what was counted.
    Reports {
        /// As stored.
        before: Census,
        /// As counted.
        now: Census,
    },
    /// Nothing is done until a pod has moved on.
    Waits {
        /// Its number.
        ordinal: i64,
        /// For what.
        until: Until,
        /// What is held up.
        holds_up: HoldsUp,
    },
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
}

/// A pod that is to be created.
#[derive(Clone, Debug, PartialEq)]
pub struct Missing {
    /// Its number.
    pub ordinal: i64,
    /// `spec.replicas`
    pub want: i32,
    /// Pods that are there.
    pub have: i32,
    /// Whether those with higher numbers wait for it.
    pub in_order: bool,
    /// The revision it is made from.
    pub revision: Rc<str>,
    /// Whether that is not the latest: its number is below the partition.
    pub is_old_revision: bool,
}

/// What a pod has to become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// It is being deleted.
    Gone,
    /// It does not run, or is not Ready.
    Ready,
    /// It has not been Ready for `spec.minReadySeconds`.
    Available,
}

/// What waits for a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldsUp {
    /// Pods with higher numbers.
    Successors,
    /// Surplus pods with lower numbers.
    ScaleDown,
    /// Pods with the old template.
    Update,
}

/// Pods, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// `spec.replicas`
    pub desired: i32,
    /// All that are there.
    pub pods: i32,
    /// Running and Ready.
    pub ready: i32,
    /// Ready for minReadySeconds.
    pub available: i32,
    /// Made from the current revision, and not being deleted.
    pub current: i32,
    /// Made from the latest revision, and not being deleted.
    pub updated: i32,
}
