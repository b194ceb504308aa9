//! Words for the facts of `why::job`.

use super::{Detail, Text};
use crate::engine::Step;
use crate::why::Job;
use crate::why::job::{Census, Need};

/// One sentence.
#[inline(never)]
pub(super) fn headline(fact: &Job, step: &Step) -> Text {
    let say = |words: &'static str| super::with_object(words, step, "a pod");
    match fact {
        Job::AdoptsMatching => {
            say("Adopts ").plain(": it has no controller, and its labels match the selector.")
        }
        Job::ReleasesUnmatching => say("Releases ").plain(": its labels match the selector no more."),
        Job::MissingPod { need, index, .. } => {
            let text = say("Creates ").plain(": ").number(need.active).plain(" of ").number(need.want);
            match index {
                Some(index) => text.plain(" active, none for index ").number(index).plain("."),
                None => text.plain(" active."),
            }
        }
        Job::SurplusPod(need) => say("Deletes ")
            .plain(": ")
            .number(need.active)
            .plain(" active, ")
            .number(need.want)
            .plain(" needed."),
        Job::HasEnded { .. } => say("Deletes ").plain(": the Job has ended."),
        Job::IsSuspended => say("Suspends ").plain("."),
        Job::WritesDown { succeeded, failed } => Text::new()
            .plain("Writes down which pods ended: ")
            .number(succeeded)
            .plain(" succeeded, ")
            .number(failed)
            .plain(" failed."),
        Job::LetsGo { .. } => say("Lets ").plain(" go: it is written down."),
        Job::LetsOrphanGo => say("Lets ").plain(" go: its Job is gone."),
        Job::Reports { before, now } => super::reported(&[
            ("succeeded", before.succeeded, now.succeeded),
            ("failed", before.failed, now.failed),
            ("active", before.active, now.active),
            ("ready", before.ready, now.ready),
            ("terminating", before.terminating, now.terminating),
        ]),
        Job::Completes { census, .. } => Text::new()
            .plain("Reports that the Job is Complete: ")
            .number(census.succeeded)
            .plain(" succeeded."),
        Job::Fails { census, .. } => Text::new()
            .plain("Reports that the Job has Failed: ")
            .number(census.failed)
            .plain(" pods failed."),
        Job::UpToDate(census) => {
            Text::new().plain("Finds nothing to do: ").number(census.active).plain(" active.")
        }
        Job::IsFinished => "Does nothing: the Job has finished.".into(),
        Job::BacksOff { failures, wait } => {
            let text = Text::new().plain("Waits ").number(wait.whole_seconds()).plain(" s after ");
            super::counted(text, *failures, "failure.", "failures.")
        }
        Job::HasDeadline { seconds } => {
            Text::new().plain("Looks again when the Job was active for ").number(seconds).plain(" s.")
        }
        Job::RetriesRefused { refused } => {
            Text::new().plain("Retries: ").number(refused).plain(" of its pods were refused.")
        }
        Job::Expires { seconds } => super::with_object("Deletes ", step, "a Job")
            .plain(": it finished ")
            .number(seconds)
            .plain(" s ago."),
        Job::StaysFor { seconds } => {
            Text::new().plain("Waits until the Job has been finished for ").number(seconds).plain(" s.")
        }
    }
}

/// The arithmetic.
#[inline(never)]
pub(super) fn detail(fact: &Job, _step: &Step) -> Detail {
    match fact {
        Job::AdoptsMatching | Job::ReleasesUnmatching | Job::IsFinished | Job::LetsOrphanGo => {
            Detail::default()
        }
        Job::MissingPod { need, index, batch } => {
            let detail = needed(need).row("batch", "1, 2, 4, ... while none is refused", batch);
            match index {
                Some(index) => detail.row("index", "the lowest that nobody works on", index),
                None => detail,
            }
        }
        Job::SurplusPod(need) => needed(need),
        Job::HasEnded { reason } => {
            Detail::new("What becomes of pods", "deleteActivePods").row("ended", "no pod is needed", reason)
        }
        Job::IsSuspended => Detail::new("What becomes of pods", "manageJob").row("needed", "suspended", 0),
        Job::WritesDown { succeeded, failed } => Detail::new("Which pods count", "getNewFinishedPods")
            .row("succeeded", "held and not written down", succeeded)
            .row("failed", "held and not written down", failed),
        Job::LetsGo { succeeded } => Detail::new("Which pods go", "canRemoveFinalizer").row(
            "phase",
            "it has ended",
            if *succeeded { "Succeeded" } else { "Failed, or being deleted" },
        ),
        Job::Reports { before, now } => with_difference(before, now),
        Job::UpToDate(census) => with_difference(census, census),
        Job::Completes { census, reason } => with_difference(census, census).row("because", "reason", reason),
        Job::Fails { census, reason, limit } => with_difference(census, census)
            .row("limit", "spec.backoffLimit", limit)
            .row("because", "reason", reason),
        Job::BacksOff { failures, wait } => Detail::new("When pods are tried again", "getRemainingTime")
            .row("failures", "since the last success", failures)
            .row("wait", "10 s, doubled with each further failure, at most 600 s", wait.whole_seconds()),
        Job::HasDeadline { seconds } => Detail::new("How long it may be active", "pastActiveDeadline").row(
            "deadline",
            "activeDeadlineSeconds since startTime",
            seconds,
        ),
        Job::RetriesRefused { refused } => {
            Detail::new("Retry", "manageJob").row("refused", "writes of this look", refused)
        }
        Job::Expires { seconds } | Job::StaysFor { seconds } => Detail::new(
            "How long it stays",
            "processTTL",
        )
        .row("expiry", "ttlSecondsAfterFinished since it finished", seconds),
    }
}

/// The manifest fields that decided.
pub(super) fn fields(fact: &Job) -> &'static [&'static str] {
    match fact {
        Job::AdoptsMatching | Job::ReleasesUnmatching => &["spec.selector"],
        Job::MissingPod { .. } | Job::SurplusPod(_) => &["spec.parallelism", "spec.completions"],
        Job::HasEnded { .. } | Job::Completes { .. } => &["spec.completions"],
        Job::IsSuspended => &["spec.suspend"],
        Job::Fails { .. } | Job::BacksOff { .. } => &["spec.backoffLimit"],
        Job::HasDeadline { .. } => &["spec.activeDeadlineSeconds"],
        Job::RetriesRefused { .. } => &["spec.template"],
        Job::Expires { .. } | Job::StaysFor { .. } => &["spec.ttlSecondsAfterFinished"],
        Job::WritesDown { .. }
        | Job::LetsGo { .. }
        | Job::LetsOrphanGo
        | Job::Reports { .. }
        | Job::UpToDate(_)
        | Job::IsFinished => &["spec.completions", "spec.parallelism"],
    }
}

fn needed(need: &Need) -> Detail {
    let sum = match need.completions {
        Some(completions) => {
            format!(
                "at most {} parallelism, {completions} completions - {} succeeded",
                need.parallelism, need.succeeded
            )
        }
        None => format!("{} parallelism", need.parallelism),
    };
    Detail::new("How many pods", "manageJob").row("needed", sum, need.want).row(
        "difference",
        format!("{} needed - {} active", need.want, need.active),
        need.want - need.active,
    )
}

fn with_difference(before: &Census, now: &Census) -> Detail {
    let rows = [
        ("active", "neither finished nor being deleted", before.active, now.active),
        ("ready", "Ready is True", before.ready, now.ready),
        ("terminating", "being deleted", before.terminating, now.terminating),
        ("succeeded", "counted so far", before.succeeded, now.succeeded),
        ("failed", "counted so far", before.failed, now.failed),
    ];
    super::with_counts(Detail::new("Status", "syncJob"), &rows)
}
