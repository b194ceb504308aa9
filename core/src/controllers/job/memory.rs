//! What the Job controller remembers: how often pods failed since one succeeded. Upstream:
//! `pkg/controller/job/backoff_utils.go`.

use std::collections::BTreeMap;

use crate::api::Uid;
use crate::time::{Duration, Time};

/// The first wait after a failure.
const FIRST: Duration = Duration::from_seconds(10);
/// The longest wait after a failure.
const LONGEST: Duration = Duration::from_seconds(600);

/// The failures of each Job.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JobMemory {
    jobs: BTreeMap<Uid, BackOff>,
}

/// The failures since the last success.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BackOff {
    /// How many.
    pub failures: i32,
    /// When the last one was.
    pub last: Option<Time>,
}

impl JobMemory {
    /// What is known of a Job.
    pub fn of(&self, job: Uid) -> BackOff {
        self.jobs.get(&job).copied().unwrap_or_default()
    }

    /// Takes note; a Job without failures needs none.
    pub fn note(&mut self, job: Uid, back_off: BackOff) {
        if back_off == BackOff::default() {
            self.jobs.remove(&job);
        } else {
            self.jobs.insert(job, back_off);
        }
    }
}

impl BackOff {
    /// After these pods ended as well. Only failures after the last success count.
    pub fn after(self, mut succeeded: Vec<Time>, mut failed: Vec<Time>) -> BackOff {
        succeeded.sort();
        failed.sort();
        let Some(last_success) = succeeded.last() else {
            let failures = self.failures + failed.len() as i32;
            return BackOff { failures, last: failed.last().copied().or(self.last) };
        };
        let later = failed.iter().filter(|at| *at > last_success);
        BackOff { failures: later.clone().count() as i32, last: later.max().copied() }
    }

    /// How long new pods still have to wait.
    pub fn remaining(self, now: Time) -> Duration {
        let Some(last) = self.last.filter(|_| self.failures > 0) else { return Duration::ZERO };
        remaining(self.failures, last, now)
    }
}

/// What is left of the wait after the n-th failure in a row.
pub(super) fn remaining(failures: i32, last: Time, now: Time) -> Duration {
    let doublings = u32::try_from(failures.max(1) - 1).unwrap_or(0).min(10);
    let wait = Duration((FIRST.0 << doublings).min(LONGEST.0));
    (last + wait).since(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Time {
        Time::ZERO + Duration::from_seconds(seconds)
    }

    #[test]
    fn each_failure_doubles_the_wait_and_a_success_ends_it() {
        let once = BackOff::default().after(vec![], vec![at(100)]);
        assert_eq!(once.remaining(at(104)), Duration::from_seconds(6));
        let twice = once.after(vec![], vec![at(120)]);
        assert_eq!(twice.remaining(at(120)), Duration::from_seconds(20));
        let often = BackOff { failures: 30, last: Some(at(0)) };
        assert_eq!(often.remaining(at(0)), LONGEST);
        assert_eq!(twice.after(vec![at(130)], vec![at(125)]), BackOff::default());
        let since = twice.after(vec![at(130)], vec![at(125), at(140)]);
        assert_eq!(since, BackOff { failures: 1, last: Some(at(140)) });
    }
}
