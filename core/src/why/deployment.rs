//! Facts of the Deployment controller. Upstream: `pkg/controller/deployment`.

/// Why the Deployment controller does something, or nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Deployment {
    /// `spec.selector` is empty: it would match every pod.
    SelectsEverything,
    /// A ReplicaSet without a controller matches the selector.
    AdoptsMatching,
    /// One of its ReplicaSets does not match the selector any more.
    ReleasesUnmatching,
    /// No ReplicaSet has the Deployment's template.
    NewTemplate {
        /// The revision it begins.
        revision: i64,
        /// Its first size.
        replicas: i32,
        /// How large all ReplicaSets may be together.
        room: Room,
    },
    /// The name of the new ReplicaSet is taken by another template: the next hash counts one collision more.
    HashTaken {
        /// `status.collisionCount`
        collisions: i32,
    },
    /// The API server refused the new ReplicaSet.
    CreateFailed,
    /// The new ReplicaSet is an old one that came back, and gets the highest revision.
    Renumbers {
        /// The revision it had; 0 for none.
        from: i64,
        /// Its new one.
        to: i64,
    },
    /// The new ReplicaSet lacks annotations of the Deployment, or has another minReadySeconds.
    CopiesDown {
        /// `spec.minReadySeconds` of the Deployment.
        min_ready_seconds: i32,
    },
    /// The Deployment's own annotation shall name its new ReplicaSet's revision.
    RecordsRevision {
        /// The revision.
        revision: i64,
    },
    /// The rollout has room for more new pods.
    GrowsNew {
        /// Size before.
        from: i32,
        /// Size after.
        to: i32,
        /// How large all ReplicaSets may be together.
        room: Room,
    },
    /// The new ReplicaSet alone is larger than the Deployment.
    ShrinksNew {
        /// Size before.
        from: i32,
        /// `spec.replicas`
        to: i32,
    },
    /// Old pods that are not available keep nobody served: they go first.
    CleansUpUnavailable {
        /// Size before.
        from: i32,
        /// Size after.
        to: i32,
        /// Its pods that are not available.
        unavailable: i32,
        /// What may go at all.
        budget: Budget,
    },
    /// More pods are available than the floor asks for: old ones may go.
    ShrinksOld {
        /// Size before.
        from: i32,
        /// Size after.
        to: i32,
        /// Available pods of all ReplicaSets.
        available: i32,
        /// What may go at all.
        budget: Budget,
    },
    /// `spec.replicas` changed and one ReplicaSet has all pods: its size follows. No rollout.
    FollowsReplicas {
        /// Size before.
        from: i32,
        /// `spec.replicas`
        to: i32,
    },
    /// The new ReplicaSet has everything that is wanted, available: old ones can go.
    NewIsSaturated {
        /// Size of the old ReplicaSet before; 0 after.
        from: i32,
        /// `spec.replicas`, and the available pods of the new ReplicaSet.
        desired: i32,
    },
    /// `spec.replicas` changed in mid-rollout: each ReplicaSet gets its share.
    SharesProportionally {
        /// Size before.
        from: i32,
        /// Size after. Where it is the same, its annotations are refreshed.
        to: i32,
        /// How large all ReplicaSets may be together.
        room: Room,
        /// What it was to be shared with: the `max-replicas` annotation.
        known_ceiling: i32,
        /// What rounding left over, given to the largest.
        leftover: i32,
    },
    /// Recreate: old pods stop before new ones start.
    StopsOld {
        /// Size before; 0 after.
        from: i32,
    },
    /// Recreate: no old pod is left.
    StartsNew {
        /// Size before.
        from: i32,
        /// `spec.replicas`
        to: i32,
    },
    /// Recreate: old pods are still there.
    WaitsForOldPods {
        /// How many.
        pods: i32,
    },
    /// More old ReplicaSets than `spec.revisionHistoryLimit`.
    ForgetsRevision {
        /// The revision that cannot be rolled back to any more.
        revision: i64,
        /// How many old ReplicaSets there are.
        old: i32,
        /// `spec.revisionHistoryLimit`
        limit: i32,
    },
    /// The status differs from what its ReplicaSets report.
    Reports {
        /// As stored.
        before: Tally,
        /// As counted.
        now: Tally,
    },
    /// The rollout is complete.
    Completes(Tally),
    /// The rollout made no progress for `spec.progressDeadlineSeconds`.
    TimesOut {
        /// What it had reached.
        tally: Tally,
        /// `spec.progressDeadlineSeconds`
        deadline_seconds: i32,
    },
    /// `spec.paused` was set: the deadline's clock stops.
    Pauses,
    /// `spec.paused` was taken away.
    Resumes,
    /// The rollback annotation names a revision.
    RollsBack {
        /// Whose template it takes over.
        revision: i64,
    },
    /// The rollback annotation names a revision that no ReplicaSet has; 0 where there is no previous one.
    RollbackNotFound {
        /// The revision.
        revision: i64,
    },
    /// The rollback annotation names the revision that runs.
    RollbackUnchanged {
        /// The revision.
        revision: i64,
    },
    /// Nothing differs from what is wanted.
    UpToDate(Tally),
    /// The rollout goes on once a pod becomes available or goes.
    Waits {
        /// What it has reached.
        tally: Tally,
        /// What may go at all.
        budget: Budget,
    },
    /// It is paused, and sized as wanted.
    IsPaused(Tally),
    /// Something may be stuck: the deadline will tell.
    WatchesDeadline {
        /// `spec.progressDeadlineSeconds`
        deadline_seconds: i32,
    },
    /// Its cache does not have its own last write yet.
    CacheIsBehind,
}

/// How large all ReplicaSets may be together: ceiling = desired + surge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// `spec.replicas`
    pub desired: i32,
    /// maxSurge, as a number.
    pub surge: i32,
    /// Σ sizes of all ReplicaSets, before the write.
    pub total: i32,
}

/// How many old pods may go: total − (desired − `max_unavailable`) − `new_unavailable`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// `spec.replicas`
    pub desired: i32,
    /// maxUnavailable, as a number.
    pub max_unavailable: i32,
    /// Σ sizes of all ReplicaSets.
    pub total: i32,
    /// Pods of the new ReplicaSet that are not available yet.
    pub new_unavailable: i32,
}

/// A Deployment's status in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// `spec.replicas`
    pub desired: i32,
    /// `status.replicas`
    pub replicas: i32,
    /// `status.updatedReplicas`
    pub updated: i32,
    /// `status.readyReplicas`
    pub ready: i32,
    /// `status.availableReplicas`
    pub available: i32,
    /// `status.unavailableReplicas`
    pub unavailable: i32,
    /// `status.terminatingReplicas`
    pub terminating: i32,
}

impl Room {
    /// The most pods that may exist.
    pub fn ceiling(&self) -> i32 {
        self.desired + self.surge
    }
}

impl Budget {
    /// The fewest pods that must stay available.
    pub fn minimum(&self) -> i32 {
        self.desired - self.max_unavailable
    }

    /// How many old pods may go; zero or less: none.
    pub fn pods(&self) -> i32 {
        self.total - self.minimum() - self.new_unavailable
    }
}
