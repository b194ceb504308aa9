//! Jobs and CronJobs described.

use std::rc::Rc;

use k8s_openapi::api::batch::v1 as batch;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time as ApiTime;

use super::template::template;
use super::{Describer, annotations, controlled_by, labels};
use crate::api::{CronJob, Job, Object};
use crate::kubectl::print::{NONE, age, workload};
use crate::time::Time;

/// What stands for a field that is not set.
const UNSET: &str = "<unset>";

/// A list of indexes that is longer is cut at the next comma.
const MOST_INDEXES: usize = 50;

pub(super) fn job(job: &Rc<Job>, describer: Describer<'_>) -> String {
    let (spec, status) = (&job.spec, &job.status);
    let selector = spec.selector.as_ref().map(workload::label_selector).unwrap_or_default();
    let mut text = format!("Name:\t{}\nNamespace:\t{}\n", job.name(), job.key.namespace);
    text += &format!("Selector:\t{selector}\n");
    text += &labels("Labels", &job.meta.labels);
    text += &annotations("Annotations", &job.meta.annotations);
    text += &controlled_by(&job.meta);
    text += &line("Parallelism", spec.parallelism);
    text += &format!("Completions:\t{}\n", or_unset(spec.completions));
    text += &line("Completion Mode", spec.completion_mode.as_ref());
    text += &line("Suspend", spec.suspend);
    text += &line("Backoff Limit", spec.backoff_limit);
    text += &line("TTL Seconds After Finished", spec.ttl_seconds_after_finished);
    text += &line("Start Time", status.start_time.as_ref().map(age::date));
    text += &line("Completed At", status.completion_time.as_ref().map(age::date));
    text += &line("Duration", duration(status));
    text +=
        &line("Active Deadline Seconds", spec.active_deadline_seconds.map(|seconds| format!("{seconds}s")));
    let ready = status.ready.map(|ready| format!(" ({ready} Ready)")).unwrap_or_default();
    text += &format!(
        "Pods Statuses:\t{} Active{ready} / {} Succeeded / {} Failed\n",
        status.active.unwrap_or(0),
        status.succeeded.unwrap_or(0),
        status.failed.unwrap_or(0)
    );
    if job.is_indexed() {
        text += &format!("Completed Indexes:\t{}\n", indexes(status.completed_indexes.as_deref()));
    }
    text += &template(&spec.template);
    text + &describer.events(&Object::Job(job.clone()))
}

pub(super) fn cron_job(cron_job: &Rc<CronJob>, describer: Describer<'_>) -> String {
    let (spec, status) = (&cron_job.spec, &cron_job.status);
    let mut text = format!("Name:\t{}\nNamespace:\t{}\n", cron_job.name(), cron_job.key.namespace);
    text += &labels("Labels", &cron_job.meta.labels);
    text += &annotations("Annotations", &cron_job.meta.annotations);
    text += &format!("Schedule:\t{}\n", spec.schedule);
    text += &format!("Concurrency Policy:\t{}\n", cron_job.concurrency_policy());
    let suspended = if cron_job.is_suspended() { "True" } else { "False" };
    text += &format!("Suspend:\t{suspended}\n");
    text += &format!("Successful Job History Limit:\t{}\n", or_unset(spec.successful_jobs_history_limit));
    text += &format!("Failed Job History Limit:\t{}\n", or_unset(spec.failed_jobs_history_limit));
    let deadline = spec.starting_deadline_seconds.map(|seconds| format!("{seconds}s"));
    text += &format!("Starting Deadline Seconds:\t{}\n", or_unset(deadline));
    text += &job_template(&spec.job_template.spec.clone().unwrap_or_default());
    text +=
        &format!("Last Schedule Time:\t{}\n", or_unset(status.last_schedule_time.as_ref().map(age::date)));
    let active = status.active.iter().flatten().filter_map(|job| job.name.clone());
    let active: Vec<String> = active.collect();
    let active = if active.is_empty() { NONE.to_owned() } else { active.join(", ") };
    text += &format!("Active Jobs:\t{active}\n");
    text + &describer.events(&Object::CronJob(cron_job.clone()))
}

fn job_template(spec: &batch::JobSpec) -> String {
    let selector = spec.selector.as_ref().map(workload::label_selector);
    let mut text = format!("Selector:\t{}\n", or_unset(selector));
    text += &format!("Parallelism:\t{}\n", or_unset(spec.parallelism));
    text += &format!("Completions:\t{}\n", or_unset(spec.completions));
    text +=
        &line("Active Deadline Seconds", spec.active_deadline_seconds.map(|seconds| format!("{seconds}s")));
    text + &template(&spec.template)
}

/// A line about a field, if it is set.
fn line(title: &str, value: Option<impl std::fmt::Display>) -> String {
    value.map(|value| format!("{title}:\t{value}\n")).unwrap_or_default()
}

fn or_unset(value: Option<impl std::fmt::Display>) -> String {
    value.map_or_else(|| UNSET.to_owned(), |value| value.to_string())
}

/// From the start to the completion.
fn duration(status: &batch::JobStatus) -> Option<String> {
    let instant = |time: &Option<ApiTime>| time.as_ref().map(Time::from_api);
    Some(age::short(instant(&status.completion_time)?.since(instant(&status.start_time)?)))
}

fn indexes(listed: Option<&str>) -> String {
    let listed = listed.unwrap_or_default();
    if listed.is_empty() {
        return NONE.to_owned();
    }
    let cut = listed.char_indices().find(|(place, letter)| *place >= MOST_INDEXES && *letter == ',');
    cut.map_or_else(|| listed.to_owned(), |(place, _)| format!("{}...", &listed[..=place]))
}
