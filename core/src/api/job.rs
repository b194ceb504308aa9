//! Jobs: accessors over spec and status.

use k8s_openapi::api::batch::v1 as batch;

use super::Job;
use crate::time::Time;

impl Job {
    /// `spec.parallelism`; the API server's default is 1.
    pub fn parallelism(&self) -> i32 {
        self.spec.parallelism.unwrap_or(1)
    }

    /// `spec.completions`; `None` for a work queue, which is done when any pod is.
    pub fn completions(&self) -> Option<i32> {
        self.spec.completions
    }

    /// `spec.backoffLimit`; the API server's default is 6.
    pub fn backoff_limit(&self) -> i32 {
        self.spec.backoff_limit.unwrap_or(6)
    }

    /// Whether `spec.completionMode` is Indexed.
    pub fn is_indexed(&self) -> bool {
        self.spec.completion_mode.as_deref() == Some("Indexed")
    }

    /// `spec.suspend`
    pub fn is_suspended(&self) -> bool {
        self.spec.suspend.unwrap_or(false)
    }

    /// Whether pods are replaced only once they have failed, not while they are being deleted.
    pub fn replaces_only_failed(&self) -> bool {
        self.spec.pod_replacement_policy.as_deref() == Some("Failed")
    }

    /// A condition by type.
    pub fn condition(&self, name: &str) -> Option<&batch::JobCondition> {
        self.status.conditions.iter().flatten().find(|condition| condition.type_ == name)
    }

    /// The condition Complete or Failed, if one of them is True.
    pub fn finished(&self) -> Option<&batch::JobCondition> {
        let conditions = self.status.conditions.iter().flatten();
        let mut ends = conditions.filter(|condition| matches!(&*condition.type_, "Complete" | "Failed"));
        ends.find(|condition| condition.status == "True")
    }

    /// Since when it has been Complete or Failed.
    pub fn finished_at(&self) -> Option<Time> {
        self.finished()?.last_transition_time.as_ref().map(Time::from_api)
    }

    /// `status.startTime`
    pub fn started_at(&self) -> Option<Time> {
        self.status.start_time.as_ref().map(Time::from_api)
    }
}
