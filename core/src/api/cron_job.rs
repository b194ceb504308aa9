//! CronJobs: accessors over spec and status.

use super::CronJob;
use crate::time::Time;

impl CronJob {
    /// `spec.suspend`
    pub fn is_suspended(&self) -> bool {
        self.spec.suspend.unwrap_or(false)
    }

    /// `spec.concurrencyPolicy`; the API server's default is Allow.
    pub fn concurrency_policy(&self) -> &str {
        self.spec.concurrency_policy.as_deref().unwrap_or("Allow")
    }

    /// `status.lastScheduleTime`
    pub fn last_scheduled(&self) -> Option<Time> {
        self.status.last_schedule_time.as_ref().map(Time::from_api)
    }
}
