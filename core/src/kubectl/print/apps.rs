//! StatefulSets, DaemonSets, Jobs, CronJobs and ControllerRevisions in tables.

use k8s_openapi::api::core::v1::PodTemplateSpec;

use super::table::{Column, always, wide};
use super::workload::label_selector;
use super::{NONE, age, containers_and_images, labels};
use crate::api::{ControllerRevision, CronJob, DaemonSet, Job, StatefulSet};
use crate::time::Time;

pub(super) const STATEFUL_SET_COLUMNS: &[Column] =
    &[always("NAME"), always("READY"), always("AGE"), wide("CONTAINERS"), wide("IMAGES")];

pub(super) const DAEMON_SET_COLUMNS: &[Column] = &[
    always("NAME"),
    always("DESIRED"),
    always("CURRENT"),
    always("READY"),
    always("UP-TO-DATE"),
    always("AVAILABLE"),
    always("NODE SELECTOR"),
    always("AGE"),
    wide("CONTAINERS"),
    wide("IMAGES"),
    wide("SELECTOR"),
];

pub(super) const JOB_COLUMNS: &[Column] = &[
    always("NAME"),
    always("STATUS"),
    always("COMPLETIONS"),
    always("DURATION"),
    always("AGE"),
    wide("CONTAINERS"),
    wide("IMAGES"),
    wide("SELECTOR"),
];

pub(super) const CRON_JOB_COLUMNS: &[Column] = &[
    always("NAME"),
    always("SCHEDULE"),
    always("TIMEZONE"),
    always("SUSPEND"),
    always("ACTIVE"),
    always("LAST SCHEDULE"),
    always("AGE"),
    wide("CONTAINERS"),
    wide("IMAGES"),
    wide("SELECTOR"),
];

pub(super) const CONTROLLER_REVISION_COLUMNS: &[Column] =
    &[always("NAME"), always("CONTROLLER"), always("REVISION"), always("AGE")];

pub(super) fn stateful_set_cells(set: &StatefulSet, now: Time) -> Vec<String> {
    let (names, images) = of_template(&set.spec.template);
    vec![
        set.name().to_owned(),
        format!("{}/{}", set.status.ready_replicas.unwrap_or(0), set.replicas()),
        age::since(set.meta.created, now),
        names,
        images,
    ]
}

pub(super) fn daemon_set_cells(set: &DaemonSet, now: Time) -> Vec<String> {
    let (names, images) = of_template(&set.spec.template);
    let status = &set.status;
    let selector = set.spec.template.spec.as_ref().and_then(|spec| spec.node_selector.as_ref());
    vec![
        set.name().to_owned(),
        status.desired_number_scheduled.to_string(),
        status.current_number_scheduled.to_string(),
        status.number_ready.to_string(),
        status.updated_number_scheduled.unwrap_or(0).to_string(),
        status.number_available.unwrap_or(0).to_string(),
        selector.map_or_else(|| NONE.to_owned(), labels),
        age::since(set.meta.created, now),
        names,
        images,
        label_selector(&set.spec.selector),
    ]
}

pub(super) fn job_cells(job: &Job, now: Time) -> Vec<String> {
    let (names, images) = of_template(&job.spec.template);
    let completed = job.status.completion_time.as_ref().map(Time::from_api);
    let duration = match (job.started_at(), completed) {
        (None, _) => String::new(),
        (Some(started), Some(completed)) => age::short(completed.since(started)),
        (Some(started), None) => age::since(started, now),
    };
    vec![
        job.name().to_owned(),
        job_status(job).to_owned(),
        completions(job),
        duration,
        age::since(job.meta.created, now),
        names,
        images,
        job.spec.selector.as_ref().map_or_else(|| NONE.to_owned(), label_selector),
    ]
}

/// `Running`, or the condition that says more, or that it is being deleted.
fn job_status(job: &Job) -> &'static str {
    let has = |name: &str| job.condition(name).is_some_and(|condition| condition.status == "True");
    if has("Complete") {
        return "Complete";
    }
    if has("Failed") {
        return "Failed";
    }
    if job.is_terminating() {
        return "Terminating";
    }
    let others = ["Suspended", "FailureTarget", "SuccessCriteriaMet"];
    others.into_iter().find(|name| has(name)).unwrap_or("Running")
}

/// `2/4`; `0/1 of 3` for a work queue.
fn completions(job: &Job) -> String {
    let succeeded = job.status.succeeded.unwrap_or(0);
    match (job.completions(), job.parallelism()) {
        (Some(completions), _) => format!("{succeeded}/{completions}"),
        (None, parallelism) if parallelism > 1 => format!("{succeeded}/1 of {parallelism}"),
        (None, _) => format!("{succeeded}/1"),
    }
}

pub(super) fn cron_job_cells(cron_job: &CronJob, now: Time) -> Vec<String> {
    let job = cron_job.spec.job_template.spec.as_ref();
    let (names, images) = job.map(|job| of_template(&job.template)).unwrap_or_default();
    let selector = job.and_then(|job| job.selector.as_ref());
    let suspended = if cron_job.is_suspended() { "True" } else { "False" };
    vec![
        cron_job.name().to_owned(),
        cron_job.spec.schedule.clone(),
        cron_job.spec.time_zone.clone().unwrap_or_else(|| NONE.to_owned()),
        suspended.to_owned(),
        cron_job.status.active.iter().flatten().count().to_string(),
        cron_job.last_scheduled().map_or_else(|| NONE.to_owned(), |last| age::since(last, now)),
        age::since(cron_job.meta.created, now),
        names,
        images,
        selector.map_or_else(|| NONE.to_owned(), label_selector),
    ]
}

pub(super) fn controller_revision_cells(revision: &ControllerRevision, now: Time) -> Vec<String> {
    let owner = revision.meta.controller();
    let owner = owner.map(|owner| format!("{}/{}", qualified(&owner.api_version, &owner.kind), owner.name));
    vec![
        revision.name().to_owned(),
        owner.unwrap_or_else(|| NONE.to_owned()),
        revision.number().to_string(),
        age::since(revision.meta.created, now),
    ]
}

/// `statefulset.apps`
fn qualified(api_version: &str, kind: &str) -> String {
    let kind = kind.to_ascii_lowercase();
    api_version.split_once('/').map_or_else(|| kind.clone(), |(group, _)| format!("{kind}.{group}"))
}

fn of_template(template: &PodTemplateSpec) -> (String, String) {
    containers_and_images(template.spec.as_ref().map_or(&[], |spec| spec.containers.as_slice()))
}
