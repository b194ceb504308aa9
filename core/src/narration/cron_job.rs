//! Words for the facts of `why::cron_job`.

use super::{Detail, Text};
use crate::engine::Step;
use crate::why::CronJob;

/// One sentence.
#[inline(never)]
pub(super) fn headline(fact: &CronJob, step: &Step) -> Text {
    let say = |words: &'static str| super::with_object(words, step, "a Job");
    match fact {
        CronJob::IsDue { scheduled, .. } => {
            say("Creates ").plain(": ").field(scheduled.clone()).plain(" has come.")
        }
        CronJob::MakesRoom => say("Deletes ").plain(": the next one replaces it."),
        CronJob::SawFinished => "Sees that one of its Jobs has finished.".into(),
        CronJob::SawUnexpected => "Sees a Job of its own that it did not make.".into(),
        CronJob::SawMissing => "Sees that one of its Jobs is gone.".into(),
        CronJob::ForgetsJob { limit, .. } => {
            say("Deletes ").plain(": ").number(limit).plain(" finished Jobs are kept.")
        }
        CronJob::IsTooLate { seconds } => {
            Text::new().plain("Starts no Job: the time passed more than ").number(seconds).plain(" s ago.")
        }
        CronJob::IsForbidden { active } => {
            let text = Text::new().plain("Starts no Job: ").number(active);
            text.plain(if *active == 1 { " is still active." } else { " are still active." })
        }
        CronJob::MissedMany { missed } => {
            Text::new().plain("Missed ").number(missed).plain(" times of its schedule.")
        }
        CronJob::IsUnusable => "Does nothing: the schedule cannot be read.".into(),
        CronJob::IsNowhere => "Does nothing: no time zone is called so.".into(),
        CronJob::Reports { before, now } => super::reported(&[("active", *before, *now)]),
        CronJob::IsSuspended => "Does nothing: it is suspended.".into(),
        CronJob::WaitsFor { next } => Text::new().plain("Waits until ").field(next.clone()).plain("."),
        CronJob::NothingDue => "Finds nothing to do: no time of its schedule has come.".into(),
    }
}

/// The arithmetic.
#[inline(never)]
pub(super) fn detail(fact: &CronJob, _step: &Step) -> Detail {
    match fact {
        CronJob::IsDue { scheduled, missed } => Detail::new("Which time", "mostRecentScheduleTime")
            .row("scheduled", "the latest that has come", scheduled)
            .row("skipped", "earlier ones since the last Job", missed - 1),
        CronJob::ForgetsJob { failed, have, limit } => {
            let name = if *failed { "failedJobsHistoryLimit" } else { "successfulJobsHistoryLimit" };
            Detail::new("Which Jobs stay", "cleanupFinishedJobs").row(
                "surplus",
                format!("{have} finished - {limit} {name}"),
                have - limit,
            )
        }
        CronJob::IsTooLate { seconds } => {
            Detail::new("Is it too late", "syncCronJob").row("deadline", "startingDeadlineSeconds", seconds)
        }
        CronJob::IsForbidden { active } => {
            Detail::new("May it run", "syncCronJob").row("active", "concurrencyPolicy is Forbid", active)
        }
        CronJob::MissedMany { missed } => Detail::new("Which time", "mostRecentScheduleTime").row(
            "missed",
            "times since the last Job",
            missed,
        ),
        CronJob::Reports { before, now } => super::with_counts(
            Detail::new("Status", "syncCronJob"),
            &[("active", "unfinished Jobs", *before, *now)],
        ),
        CronJob::WaitsFor { next } => Detail::new("When it looks again", "nextScheduleTimeDuration").row(
            "next",
            "by the schedule",
            next,
        ),
        CronJob::MakesRoom
        | CronJob::SawFinished
        | CronJob::SawUnexpected
        | CronJob::SawMissing
        | CronJob::IsUnusable
        | CronJob::IsNowhere
        | CronJob::IsSuspended
        | CronJob::NothingDue => Detail::default(),
    }
}

/// The manifest fields that decided.
pub(super) fn fields(fact: &CronJob) -> &'static [&'static str] {
    match fact {
        CronJob::MakesRoom | CronJob::IsForbidden { .. } => &["spec.concurrencyPolicy"],
        CronJob::ForgetsJob { failed: true, .. } => &["spec.failedJobsHistoryLimit"],
        CronJob::ForgetsJob { failed: false, .. } => &["spec.successfulJobsHistoryLimit"],
        CronJob::IsTooLate { .. } => &["spec.startingDeadlineSeconds"],
        CronJob::IsSuspended => &["spec.suspend"],
        CronJob::IsNowhere => &["spec.timeZone"],
        CronJob::IsDue { .. }
        | CronJob::SawFinished
        | CronJob::SawUnexpected
        | CronJob::SawMissing
        | CronJob::MissedMany { .. }
        | CronJob::IsUnusable
        | CronJob::Reports { .. }
        | CronJob::WaitsFor { .. }
        | CronJob::NothingDue => &["spec.schedule", "spec.timeZone"],
    }
}
