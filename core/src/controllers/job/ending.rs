//! Has the Job ended, and how? Upstream: `job_controller.go`, `syncJob`; `success_policy.go`.

use super::failure_policy::{self, Verdict};
use super::indexes;
use super::look::Look;
use super::pods;
use crate::plan::Plan;
use crate::time::Duration;
use crate::why::job::Job as Why;

/// How a Job ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ending {
    pub(super) failed: bool,
    /// `BackoffLimitExceeded`
    pub(super) reason: String,
    /// As the conditions tell it.
    pub(super) message: String,
    /// Whether the status said so before this look.
    pub(super) is_known: bool,
}

impl Ending {
    fn failure(reason: &str, message: impl Into<String>) -> Option<Ending> {
        Some(Ending { failed: true, reason: reason.to_owned(), message: message.into(), is_known: false })
    }

    fn success(reason: &str, message: impl Into<String>) -> Option<Ending> {
        Some(Ending { failed: false, reason: reason.to_owned(), message: message.into(), is_known: false })
    }

    /// Enough pods succeeded.
    pub(super) fn completions_reached() -> Option<Ending> {
        Ending::success("CompletionsReached", "Reached expected number of succeeded pods")
    }
}

/// The ending that is certain before pods are created or deleted. A deadline that is still ahead is waited for.
pub(super) fn of(look: &Look<'_>, plan: &mut Plan) -> Option<Ending> {
    known(look)
        .or_else(|| failure(look, plan))
        .or_else(|| index_failure(look))
        .or_else(|| early_success(look))
}

/// What a look before this one decided.
fn known(look: &Look<'_>) -> Option<Ending> {
    let begun = |name: &str, failed: bool| {
        let condition = look.job.condition(name).filter(|condition| condition.status == "True")?;
        Some(Ending {
            failed,
            reason: condition.reason.clone().unwrap_or_default(),
            message: condition.message.clone().unwrap_or_default(),
            is_known: true,
        })
    };
    begun("SuccessCriteriaMet", false).or_else(|| begun("FailureTarget", true))
}

fn failure(look: &Look<'_>, plan: &mut Plan) -> Option<Ending> {
    let job = look.job;
    let failed = look.pods.iter().filter(|pod| pods::is_failed(job, pod));
    let mut verdicts = failed.map(|pod| failure_policy::judge(job, pod));
    let fatal = verdicts.find_map(|verdict| match verdict {
        Verdict::FailJob(message) => Some(message),
        Verdict::FailIndex | Verdict::Ignore | Verdict::Count => None,
    });
    if let Some(message) = fatal {
        return Ending::failure("PodFailurePolicy", message);
    }
    if look.census.failed > job.backoff_limit() || restarted_too_often(look) {
        return Ending::failure("BackoffLimitExceeded", "Job has reached the specified backoff limit");
    }
    let seconds = job.spec.active_deadline_seconds.filter(|_| !job.is_suspended())?;
    let started = job.started_at().unwrap_or(look.snapshot.now);
    let deadline = started + Duration::from_seconds(u64::try_from(seconds).unwrap_or(0));
    if job.started_at().is_some() && deadline <= look.snapshot.now {
        return Ending::failure("DeadlineExceeded", "Job was active longer than specified deadline");
    }
    plan.look_again_in(deadline.since(look.snapshot.now), Why::HasDeadline { seconds });
    None
}

/// Containers that restart in their pods count too. Upstream: `pastBackoffLimitOnFailure`.
fn restarted_too_often(look: &Look<'_>) -> bool {
    let policy = look.job.spec.template.spec.as_ref().and_then(|spec| spec.restart_policy.as_deref());
    if policy != Some("OnFailure") {
        return false;
    }
    let unfinished = look.pods.iter().filter(|pod| matches!(pod.phase(), "Running" | "Pending"));
    let statuses = unfinished
        .flat_map(|pod| pod.status.init_container_statuses.iter().flatten().chain(pod.container_statuses()));
    let restarts: i32 = statuses.map(|status| status.restart_count).sum();
    match look.job.backoff_limit() {
        0 => restarts > 0,
        limit => restarts >= limit,
    }
}

fn index_failure(look: &Look<'_>) -> Option<Ending> {
    let failed = look.failed_indexes.as_ref()?.len() as i32;
    if look.job.spec.max_failed_indexes.is_some_and(|limit| failed > limit) {
        let message = "Job has exceeded the specified maximal number of failed indexes";
        return Ending::failure("MaxFailedIndexesExceeded", message);
    }
    let ended = failed + look.succeeded_indexes.len() as i32;
    if failed > 0 && ended >= look.job.completions().unwrap_or(0) {
        return Ending::failure("FailedIndexes", "Job has failed indexes");
    }
    None
}

/// What the success policy asks for has been reached before everything is done. Upstream: `matchSuccessPolicy`.
fn early_success(look: &Look<'_>) -> Option<Ending> {
    let rules = look.job.spec.success_policy.iter().flat_map(|policy| policy.rules.iter().enumerate());
    let completions = look.job.completions().unwrap_or(0);
    for (place, rule) in rules {
        let listed = rule.succeeded_indexes.as_deref();
        let meant = listed.map(|listed| indexes::parse(listed, completions));
        let succeeded = match &meant {
            Some(meant) => look.succeeded_indexes.intersection(meant).count(),
            None => look.succeeded_indexes.len(),
        };
        let wanted = match (rule.succeeded_count, &meant) {
            (Some(count), _) => usize::try_from(count).unwrap_or(0),
            (None, Some(meant)) => meant.len(),
            (None, None) => continue,
        };
        if succeeded >= wanted {
            return Ending::success("SuccessPolicy", format!("Matched rules at index {place}"));
        }
    }
    None
}
