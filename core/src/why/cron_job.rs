//! Facts of the CronJob controller. Upstream: `pkg/controller/cronjob`.

use std::rc::Rc;

/// Why the CronJob controller does something, or nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum CronJob {
    /// A time of the schedule has come.
    IsDue {
        /// The time, as the API writes it.
        scheduled: Rc<str>,
        /// How many times have passed since the last Job; all but the latest are skipped.
        missed: i32,
    },
    /// An earlier Job makes room, by the policy Replace.
    MakesRoom,
    /// One of its Jobs has finished.
    SawFinished,
    /// A Job is its own, but it did not make it.
    SawUnexpected,
    /// A Job that it made is gone.
    SawMissing,
    /// More finished Jobs are kept than the limit.
    ForgetsJob {
        /// Whether they failed.
        failed: bool,
        /// How many there are.
        have: i32,
        /// `successfulJobsHistoryLimit` or `failedJobsHistoryLimit`
        limit: i32,
    },
    /// The time has passed for longer than `startingDeadlineSeconds`.
    IsTooLate {
        /// `spec.startingDeadlineSeconds`
        seconds: i64,
    },
    /// A Job is still active, and the policy is Forbid.
    IsForbidden {
        /// Active Jobs.
        active: i32,
    },
    /// Too many times have passed to be ordinary.
    MissedMany {
        /// How many.
        missed: i32,
    },
    /// The schedule makes no sense.
    IsUnusable,
    /// No time zone is called so.
    IsNowhere,
    /// The status differs.
    Reports {
        /// Active Jobs, as stored.
        before: i32,
        /// Active Jobs, as counted.
        now: i32,
    },
    /// It is suspended.
    IsSuspended,
    /// The next time of the schedule is ahead.
    WaitsFor {
        /// The time, as the API writes it.
        next: Rc<str>,
    },
    /// Nothing is due.
    NothingDue,
}
