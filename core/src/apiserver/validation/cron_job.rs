//! CronJobs. Upstream: `pkg/apis/batch/validation/validation.go`.

use std::rc::Rc;

use k8s_openapi::api::batch::v1 as batch;

use super::field::{Faults, Path, Shown};
use super::job;
use crate::api::CronJob;
use crate::schedule::{Schedule, Zone};

const SPEC: Path<'_> = Path::root("spec");
/// The longest name: those of its Jobs are eleven longer.
const LONGEST_NAME: usize = 52;

/// Checks a CronJob. A spec that the stored version has already is fine.
#[inline(never)]
pub(super) fn cron_job(cron_job: &CronJob, before: Option<&CronJob>, faults: &mut Faults) {
    if before.is_some_and(|before| Rc::ptr_eq(&before.spec, &cron_job.spec)) {
        return;
    }
    let spec = &cron_job.spec;
    schedule(spec, before.map(|before| &*before.spec), faults);
    faults.negative(SPEC.child("startingDeadlineSeconds"), spec.starting_deadline_seconds);
    let is_new_zone = before.is_none_or(|before| before.spec.time_zone != spec.time_zone);
    if let Some(zone) = spec.time_zone.as_deref().filter(|_| is_new_zone) {
        time_zone(zone, faults);
    }
    let policies = ["Allow", "Forbid", "Replace"];
    faults.one_of(SPEC.child("concurrencyPolicy"), spec.concurrency_policy.as_deref(), &policies);
    if let Some(template) = &spec.job_template.spec {
        job_template(template, SPEC.child("jobTemplate").child("spec"), faults);
    }
    faults.negative(SPEC.child("successfulJobsHistoryLimit"), spec.successful_jobs_history_limit);
    faults.negative(SPEC.child("failedJobsHistoryLimit"), spec.failed_jobs_history_limit);
    if before.is_none() && cron_job.name().len() > LONGEST_NAME {
        let detail = "must be no more than 52 characters";
        faults.invalid(Path::root("metadata").child("name"), cron_job.name(), detail);
    }
}

/// The selector of its Jobs is always made for them.
fn job_template(template: &batch::JobSpec, path: Path<'_>, faults: &mut Faults) {
    job::spec(template, path, faults);
    if let Some(selector) = &template.selector {
        faults.invalid(path.child("selector"), Shown::json(selector), "`selector` will be auto-generated");
    }
    if template.manual_selector == Some(true) {
        faults.unsupported(path.child("manualSelector"), Shown::verbatim("true"), &["nil", "false"]);
    }
}

fn schedule(spec: &batch::CronJobSpec, before: Option<&batch::CronJobSpec>, faults: &mut Faults) {
    let path = SPEC.child("schedule");
    let text = spec.schedule.as_str();
    if text.is_empty() {
        return faults.required(path, "");
    }
    if let Err(fault) = Schedule::parse(text) {
        faults.invalid(path, text, fault);
    }
    // A schedule that had a zone of its own may keep it.
    let had_zone = before.is_some_and(|before| before.schedule.contains("TZ"));
    match text.contains("TZ") {
        true if had_zone && spec.time_zone.is_some() => {
            faults.invalid(path, text, "cannot use both timeZone field and TZ or CRON_TZ in schedule");
        }
        true if !had_zone => {
            let detail = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
            faults.invalid(path, text, detail);
        }
        _ => {}
    }
}

fn time_zone(zone: &str, faults: &mut Faults) {
    let path = SPEC.child("timeZone");
    match zone {
        "" => faults.invalid(path, zone, "timeZone must be nil or non-empty string"),
        _ if zone.eq_ignore_ascii_case("local") => faults.invalid(
            path,
            zone,
            "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones",
        ),
        _ if Zone::named(zone).is_some() => {}
        _ => faults.invalid(path, zone, format!("unknown time zone {zone}")),
    }
}
