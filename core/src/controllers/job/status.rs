//! What a Job reports, and how its pods are counted once each. Upstream: `job_controller.go`,
//! `trackJobStatusAndRemoveFinalizers`.

use std::rc::Rc;

use k8s_openapi::api::batch::v1 as batch;

use super::ending::Ending;
use super::failure_policy::{self, Verdict};
use super::look::Look;
use super::{indexes, pods};
use crate::api::{Job, Kind, Object, ObjectRef, Pod};
use crate::apiserver::{Patch, Reason};
use crate::engine::memory::Remember;
use crate::plan::{EventDraft, EventText, Plan};
use crate::time::Time;
use crate::why::job::{Census, Job as Why};

/// The most pods that are written down at a time. Upstream: `MaxUncountedPods`.
const MOST: usize = 500;

/// Writes down which pods ended, lets them go, and reports.
pub(super) fn report(look: &Look<'_>, plan: &mut Plan) {
    let mut status = counted(look);
    suspend(look, &mut status, plan);
    let ended = write_down(look, &mut status);
    if let Some(ending) = look.ending.as_ref().filter(|ending| !ending.is_known) {
        let name = if ending.failed { "FailureTarget" } else { "SuccessCriteriaMet" };
        set_condition(&mut status, name, "True", &ending.reason, &ending.message, look.snapshot.now);
    }
    if *look.job.status != status {
        let why = reason(look, &ended);
        update(look, &status, look.job.resource_version, why, plan);
        remember_failures(look, plan);
    }
    for pod in &ended.released {
        let patch = Patch::RemoveFinalizer(pods::TRACKING.to_owned());
        let why = Why::LetsGo { succeeded: pod.phase() == "Succeeded" };
        plan.patch(ObjectRef::new(Kind::Pod, pod.key.clone()), pod.uid, patch, why).accept(Reason::NotFound);
    }
    finish(look, status, plan);
    if plan.intents.is_empty() && plan.nothing.is_none() {
        plan.nothing_to_do(Why::UpToDate(look.census));
    }
}

/// The status with what is counted at once.
fn counted(look: &Look<'_>) -> batch::JobStatus {
    let mut status = (*look.job.status).clone();
    if status.start_time.is_none() && !look.job.is_suspended() {
        status.start_time = Some(look.snapshot.now.to_api());
    }
    status.active = told(look.census.active);
    status.ready = Some(look.census.ready);
    status.terminating = Some(look.census.terminating);
    status.uncounted_terminated_pods.get_or_insert_default();
    status
}

/// A counter as the API has it: zero is left out.
fn told(count: i32) -> Option<i32> {
    (count != 0).then_some(count)
}

/// Tells of the beginning and the end of a suspension, which restarts the clock.
fn suspend(look: &Look<'_>, status: &mut batch::JobStatus, plan: &mut Plan) {
    if look.ending.is_some() || look.job.is_terminating() {
        return;
    }
    let was_suspended = look.job.condition("Suspended").is_some_and(|known| known.status == "True");
    let (value, reason, message) = match (look.job.is_suspended(), was_suspended) {
        (true, false) => ("True", "Suspended", "Job suspended"),
        (false, true) => ("False", "Resumed", "Job resumed"),
        (true, true) | (false, false) => return,
    };
    let now = look.snapshot.now;
    set_condition(status, "Suspended", value, &format!("Job{reason}"), message, now);
    status.start_time = (reason == "Resumed").then(|| now.to_api());
    let object = Object::Job(look.job.clone());
    plan.event(EventDraft::normal(&object, reason, EventText::Fixed(message.into())), Why::IsSuspended);
}

/// Pods that ended.
#[derive(Default)]
struct Ended<'a> {
    released: Vec<&'a Rc<Pod>>,
    succeeded: i32,
    failed: i32,
}

/// Lists in `status` which pods ended, and returns those that need not be held any more.
fn write_down<'a>(look: &Look<'a>, status: &mut batch::JobStatus) -> Ended<'a> {
    let job = look.job;
    let mut ended = Ended::default();
    let mut completed = {
        let known = job.status.completed_indexes.as_deref().unwrap_or_default();
        indexes::parse(known, job.completions().unwrap_or(0))
    };
    let uncounted = status.uncounted_terminated_pods.get_or_insert_default();
    let held = look.pods.iter().filter(|pod| pods::is_held(pod));
    for pod in held.filter(|pod| may_go(look, pod)).take(MOST) {
        ended.released.push(pod);
        if look.is_written_down(pod.uid) {
            continue;
        }
        let index = indexes::of(job, pod);
        if pod.phase() == "Succeeded" {
            ended.succeeded += 1;
            match index.filter(|_| job.is_indexed()) {
                Some(index) => {
                    completed.insert(index);
                }
                None if job.is_indexed() => {}
                None => uncounted.succeeded.get_or_insert_default().push(pod.uid.to_string()),
            }
            continue;
        }
        let is_lost = pods::is_failed(job, pod) || look.ending.as_ref().is_some_and(|ending| ending.failed);
        let counts = failure_policy::judge(job, pod) != Verdict::Ignore;
        if is_lost && counts && (!job.is_indexed() || index.is_some()) {
            ended.failed += 1;
            uncounted.failed.get_or_insert_default().push(pod.uid.to_string());
        }
    }
    if job.is_indexed() {
        status.succeeded = told(completed.len() as i32);
        let listed = indexes::text(&completed);
        status.completed_indexes = (!listed.is_empty()).then_some(listed);
        status.failed_indexes = look.failed_indexes.as_ref().map(indexes::text);
    }
    ended
}

/// Whether a pod need not be held any more once it is written down. Upstream: `canRemoveFinalizer`.
fn may_go(look: &Look<'_>, pod: &Rc<Pod>) -> bool {
    if look.job.is_terminating() || look.ending.is_some() || pod.phase() == "Succeeded" {
        return true;
    }
    if !pods::is_failed(look.job, pod) {
        return false;
    }
    // The last failure of an index holds its count until the next pod has taken it over.
    let index = indexes::of(look.job, pod);
    let is_working = |index: i32| look.active().any(|other| indexes::of(look.job, other) == Some(index));
    let last = index.filter(|index| !is_working(*index)).and_then(|index| look.last_failure_of(index));
    last.is_none_or(|last| last.uid != pod.uid)
}

/// The pods that were let go count, and where the Job has ended and nothing is on its way out, it says so.
fn finish(look: &Look<'_>, mut status: batch::JobStatus, plan: &mut Plan) {
    let before = status.clone();
    let uncounted = std::mem::take(status.uncounted_terminated_pods.get_or_insert_default());
    let count = |list: &Option<Vec<String>>| list.iter().flatten().count() as i32;
    status.succeeded = told(status.succeeded.unwrap_or(0) + count(&uncounted.succeeded));
    status.failed = told(status.failed.unwrap_or(0) + count(&uncounted.failed));
    let finished = look.ending.as_ref().filter(|_| look.census.terminating == 0);
    if let Some(ending) = finished {
        let name = if ending.failed { "Failed" } else { "Complete" };
        set_condition(&mut status, name, "True", &ending.reason, &ending.message, look.snapshot.now);
        if !ending.failed {
            status.completion_time = Some(look.snapshot.now.to_api());
        }
    }
    if status == before {
        return;
    }
    let census = Census {
        succeeded: status.succeeded.unwrap_or(0),
        failed: status.failed.unwrap_or(0),
        ..look.census
    };
    let why = match finished {
        Some(Ending { failed: false, reason, .. }) => {
            Why::Completes { census, reason: reason.as_str().into() }
        }
        Some(Ending { failed: true, reason, .. }) => {
            Why::Fails { census, reason: reason.as_str().into(), limit: look.job.backoff_limit() }
        }
        None => Why::Reports { before: stored(look.job), now: census },
    };
    // The write before this one has raised the resourceVersion.
    update(look, &status, 0, why.clone(), plan);
    if let Some(ending) = finished {
        tell_end(look, ending, &census, &why, plan);
    }
}

fn tell_end(look: &Look<'_>, ending: &Ending, census: &Census, why: &Why, plan: &mut Plan) {
    let object = Object::Job(look.job.clone());
    if ending.failed {
        let reason = failure_reason(&ending.reason);
        let text = EventText::Fixed(ending.message.as_str().into());
        plan.event(EventDraft::warning(&object, reason, text), why.clone());
        return;
    }
    if look.job.completions().is_some_and(|completions| census.succeeded > completions) {
        let text = EventText::Fixed("Too many succeeded pods running after completion count reached".into());
        plan.event(EventDraft::warning(&object, "TooManySucceededPods", text), why.clone());
    }
    let text = EventText::Fixed("Job completed".into());
    plan.event(EventDraft::normal(&object, "Completed", text), why.clone());
}

/// The reasons with which Jobs fail.
fn failure_reason(reason: &str) -> &'static str {
    const REASONS: [&str; 5] = [
        "BackoffLimitExceeded",
        "DeadlineExceeded",
        "PodFailurePolicy",
        "MaxFailedIndexesExceeded",
        "FailedIndexes",
    ];
    REASONS.into_iter().find(|known| *known == reason).unwrap_or(REASONS[0])
}

fn reason(look: &Look<'_>, ended: &Ended<'_>) -> Why {
    if ended.succeeded + ended.failed > 0 {
        return Why::WritesDown { succeeded: ended.succeeded, failed: ended.failed };
    }
    Why::Reports { before: stored(look.job), now: look.census }
}

fn stored(job: &Job) -> Census {
    let status = &job.status;
    Census {
        active: status.active.unwrap_or(0),
        ready: status.ready.unwrap_or(0),
        terminating: status.terminating.unwrap_or(0),
        succeeded: status.succeeded.unwrap_or(0),
        failed: status.failed.unwrap_or(0),
    }
}

fn update(look: &Look<'_>, status: &batch::JobStatus, version: u64, why: Why, plan: &mut Plan) {
    let mut updated = (**look.job).clone();
    updated.status = Rc::new(status.clone());
    updated.resource_version = version;
    plan.update_status(Object::Job(Rc::new(updated)), why);
}

fn remember_failures(look: &Look<'_>, plan: &mut Plan) {
    let known = &look.snapshot.memory.jobs;
    if known.of(look.job.uid) == look.back_off {
        return;
    }
    let mut memory = (**known).clone();
    memory.note(look.job.uid, look.back_off);
    plan.remember(Remember::Jobs(Rc::new(memory)));
}

/// Sets a condition; one that says the same already stays.
fn set_condition(
    status: &mut batch::JobStatus,
    name: &str,
    value: &str,
    reason: &str,
    message: &str,
    now: Time,
) {
    let conditions = status.conditions.get_or_insert_default();
    let known = conditions.iter_mut().find(|known| known.type_ == name);
    if known.as_ref().is_some_and(|known| known.status == value && known.reason.as_deref() == Some(reason)) {
        return;
    }
    let condition = batch::JobCondition {
        type_: name.to_owned(),
        status: value.to_owned(),
        reason: Some(reason.to_owned()),
        message: Some(message.to_owned()),
        last_probe_time: Some(now.to_api()),
        last_transition_time: Some(now.to_api()),
    };
    match known {
        Some(known) => *known = condition,
        None => conditions.push(condition),
    }
}
