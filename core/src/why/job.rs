//! Facts of the Job controller, and of the one that removes finished Jobs. Upstream: `pkg/controller/job`,
//! `pkg/controller/ttlafterfinished`.

use std::rc::Rc;

use crate::time::Duration;

/// Why the Job controller does something, or nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Job {
    /// A pod without a controller matches the selector.
    AdoptsMatching,
    /// One of its pods does not match the selector any more.
    ReleasesUnmatching,
    /// Fewer pods are active than should be.
    MissingPod {
        /// How many there should be.
        need: Need,
        /// The index that it works on, if the Job has indexes.
        index: Option<i32>,
        /// How many are created at once: 1, 2, 4, … as long as none is refused.
        batch: i32,
    },
    /// More pods are active than should be.
    SurplusPod(Need),
    /// The Job has ended: what is active goes.
    HasEnded {
        /// `BackoffLimitExceeded`
        reason: Rc<str>,
    },
    /// The Job is suspended: what is active goes.
    IsSuspended,
    /// Pods have ended: they are written down before they are let go, so that each is counted once.
    WritesDown {
        /// Newly succeeded.
        succeeded: i32,
        /// Newly failed.
        failed: i32,
    },
    /// A pod that was written down need not be held any more.
    LetsGo {
        /// Whether it succeeded.
        succeeded: bool,
    },
    /// A pod is held for a Job that is gone.
    LetsOrphanGo,
    /// The status differs from what was counted.
    Reports {
        /// As stored.
        before: Census,
        /// As counted.
        now: Census,
    },
    /// The Job is done.
    Completes {
        /// As counted.
        census: Census,
        /// `CompletionsReached`
        reason: Rc<str>,
    },
    /// The Job has failed.
    Fails {
        /// As counted.
        census: Census,
        /// `BackoffLimitExceeded`
        reason: Rc<str>,
        /// `spec.backoffLimit`
        limit: i32,
    },
    /// Nothing differs from what is wanted.
    UpToDate(Census),
    /// It is Complete or Failed: nothing is done any more.
    IsFinished,
    /// New pods wait after a failure.
    BacksOff {
        /// Failures since the last success.
        failures: i32,
        /// How long it still is.
        wait: Duration,
    },
    /// The Job may be active until then.
    HasDeadline {
        /// `spec.activeDeadlineSeconds`
        seconds: i64,
    },
    /// Pods were refused: they are tried again.
    RetriesRefused {
        /// How many.
        refused: i32,
    },
    /// The Job finished long enough ago to be removed.
    Expires {
        /// `spec.ttlSecondsAfterFinished`
        seconds: i32,
    },
    /// The Job finished, and stays for a while.
    StaysFor {
        /// `spec.ttlSecondsAfterFinished`
        seconds: i32,
    },
}

/// How many pods should be active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// The outcome.
    pub want: i32,
    /// Pods that are active.
    pub active: i32,
    /// `spec.parallelism`
    pub parallelism: i32,
    /// `spec.completions`
    pub completions: Option<i32>,
    /// Pods, or indexes, that succeeded.
    pub succeeded: i32,
}

/// Pods, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Neither finished nor being deleted.
    pub active: i32,
    /// Of these, Ready.
    pub ready: i32,
    /// Being deleted and not finished.
    pub terminating: i32,
    /// Succeeded, in all.
    pub succeeded: i32,
    /// Failed, in all.
    pub failed: i32,
}
