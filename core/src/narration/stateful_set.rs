//! Words for the facts of `why::stateful_set`.

use super::{Detail, Text};
use crate::engine::Step;
use crate::why::StatefulSet;
use crate::why::stateful_set::{Census, HoldsUp, Missing, Until};

/// One sentence.
#[inline(never)]
pub(super) fn headline(fact: &StatefulSet, step: &Step) -> Text {
    let say = |words: &'static str| super::with_object(words, step, "a pod");
    match fact {
        StatefulSet::AdoptsMatching => {
            say("Adopts ").plain(": it has no controller, and its labels match the selector.")
        }
        StatefulSet::ReleasesUnmatching => {
            say("Releases ").plain(": it does not match the selector any more.")
        }
        StatefulSet::RecordsRevision { number } => {
            Text::new().plain("Writes down the template as revision ").number(number).plain(".")
        }
        StatefulSet::ReturnsToRevision { from, to } => Text::new()
            .plain("Returns to revision ")
            .number(from)
            .plain(", from now on ")
            .number(to)
            .plain("."),
        StatefulSet::RevisionCollides => Text::new().plain("Retries: the revision was not written."),
        StatefulSet::ForgetsRevision { number, .. } => {
            Text::new().plain("Forgets revision ").number(number).plain(": no pod is made from it.")
        }
        StatefulSet::MissingPod(missing) => created(say("Creates "), missing),
        StatefulSet::MissingClaim { ordinal } => {
            let text = super::with_object("Creates ", step, "a claim");
            text.plain(": pod ").number(ordinal).plain(" has none yet.")
        }
        StatefulSet::FinishedPod { failed, .. } => say("Deletes ").plain(if *failed {
            ": it failed, and is made anew."
        } else {
            ": it ended, and is made anew."
        }),
        StatefulSet::RepairsIdentity { ordinal } => {
            say("Repairs ").plain(": it lacks what pod ").number(ordinal).plain(" must have.")
        }
        StatefulSet::RetainsClaim { .. } => {
            super::with_object("Settles who owns ", step, "a claim").plain(": the retention policy says so.")
        }
        StatefulSet::TooManyPods { want, in_order, .. } => {
            let text = say("Deletes ").plain(": ").field("replicas").plain(" is ").number(want);
            text.plain(if *in_order { ", and it is the last." } else { "." })
        }
        StatefulSet::OutdatedPod { .. } => say("Deletes ").plain(": its template is not the latest."),
        StatefulSet::Reports { before, now } => super::reported(&[
            ("pods", before.pods, now.pods),
            ("ready", before.ready, now.ready),
            ("available", before.available, now.available),
            ("updated", before.updated, now.updated),
            ("current", before.current, now.current),
        ]),
        StatefulSet::Waits { ordinal, until, holds_up } => waits(*ordinal, *until, *holds_up),
        StatefulSet::UpToDate(census) => {
            let text = Text::new().plain("Finds nothing to do: ").number(census.pods).plain(" of ");
            super::counted(text, census.desired, "pod exists.", "pods exist.")
        }
        StatefulSet::IsBeingDeleted(census) => Text::new()
            .plain("Does nothing about its ")
            .number(census.pods)
            .plain(" pods: it is being deleted."),
        StatefulSet::WaitsForAvailability { min_ready_seconds, pods } => Text::new()
            .plain("Waits until ")
            .number(pods)
            .plain(" ready pods have been so for ")
            .number(min_ready_seconds)
            .plain(" s."),
    }
}

fn created(text: Text, missing: &Missing) -> Text {
    let text = text.plain(": number ").number(missing.ordinal).plain(" is missing");
    match (missing.is_old_revision, missing.in_order && missing.have > 0) {
        (true, _) => text.plain("; it is below the partition."),
        (false, true) => text.plain(", all before it are ready."),
        (false, false) => text.plain("."),
    }
}

fn waits(ordinal: i64, until: Until, holds_up: HoldsUp) -> Text {
    let text = Text::new().plain(match holds_up {
        HoldsUp::Successors => "Creates no more: pod ",
        HoldsUp::ScaleDown => "Deletes no more: pod ",
        HoldsUp::Update => "Goes no further: pod ",
    });
    text.number(ordinal).plain(match until {
        Until::Gone => " has yet to be gone.",
        Until::Ready => " is not Ready yet.",
        Until::Available => " has not been Ready for long enough.",
    })
}

/// The arithmetic.
#[inline(never)]
pub(super) fn detail(fact: &StatefulSet, _step: &Step) -> Detail {
    match fact {
        StatefulSet::AdoptsMatching | StatefulSet::ReleasesUnmatching => Detail::default(),
        StatefulSet::RecordsRevision { number } => {
            Detail::new("Which revision", "getStatefulSetRevisions").row("revision", "the latest + 1", number)
        }
        StatefulSet::ReturnsToRevision { from, to } => {
            Detail::new("Which revision", "getStatefulSetRevisions")
                .row("equal template", "a revision that is known", from)
                .row("its number", "the latest + 1", to)
        }
        StatefulSet::RevisionCollides => {
            Detail::new("Retry", "createControllerRevision").row("revision", "refused", "again")
        }
        StatefulSet::ForgetsRevision { number, unused, limit } => {
            Detail::new("Which revisions stay", "truncateHistory")
                .row("surplus", format!("{unused} unused - {limit} revisionHistoryLimit"), unused - limit)
                .row("this one", "the oldest first", number)
        }
        StatefulSet::MissingPod(missing) => {
            let order =
                if missing.in_order { "OrderedReady: one at a time" } else { "Parallel: all at once" };
            Detail::new("Which pods", "processReplica")
                .row(
                    "missing",
                    format!("{} replicas - {} pods", missing.want, missing.have),
                    missing.want - missing.have,
                )
                .row("number", order, missing.ordinal)
                .row(
                    "template",
                    if missing.is_old_revision {
                        "below the partition: the one before"
                    } else {
                        "the latest"
                    },
                    &missing.revision,
                )
        }
        StatefulSet::MissingClaim { ordinal } | StatefulSet::RepairsIdentity { ordinal } => Detail::new(
            "What a number gives",
            "updateStorage",
        )
        .row("number", "at the end of its name", ordinal),
        StatefulSet::FinishedPod { ordinal, failed } => Detail::new("What becomes of it", "processReplica")
            .row("phase", "has ended", if *failed { "Failed" } else { "Succeeded" })
            .row("number", "stays the same", ordinal),
        StatefulSet::RetainsClaim { with_set, when_scaled, wanted } => {
            Detail::new("Who owns the claim", "updateClaimOwnerRefForSetAndPod")
                .row(
                    "whenDeleted",
                    "Delete makes the set its owner",
                    if *with_set { "Delete" } else { "Retain" },
                )
                .row(
                    "whenScaled",
                    "Delete makes a surplus pod its owner",
                    if *when_scaled { "Delete" } else { "Retain" },
                )
                .row("pod", "its number is in range", if *wanted { "yes" } else { "no" })
        }
        StatefulSet::TooManyPods { ordinal, want, have, in_order } => {
            let order = if *in_order { "OrderedReady: the highest first" } else { "Parallel: all at once" };
            Detail::new("Which pods go", "processCondemned")
                .row("surplus", format!("{have} pods - {want} replicas"), have - want)
                .row("number", order, ordinal)
        }
        StatefulSet::OutdatedPod { ordinal, partition, from, to } => {
            Detail::new("Which pod is next", "updateStatefulSet")
                .row("number", format!("the highest outdated one from {partition} up"), ordinal)
                .row("revision", format!("was {from}"), to)
        }
        StatefulSet::Reports { before, now } => with_difference(before, now),
        StatefulSet::Waits { ordinal, until, .. } => Detail::new("What it waits for", "updateStatefulSet")
            .row(
                "pod",
                match until {
                    Until::Gone => "until it is gone",
                    Until::Ready => "until it is Running and Ready",
                    Until::Available => "until it was Ready for minReadySeconds",
                },
                ordinal,
            ),
        StatefulSet::UpToDate(census) | StatefulSet::IsBeingDeleted(census) => {
            with_difference(census, census)
        }
        StatefulSet::WaitsForAvailability { min_ready_seconds, pods } => {
            Detail::new("When ready pods count", "isRunningAndAvailable")
                .row("ready, not available", "ready - available", pods)
                .row("wait", "minReadySeconds since Ready", min_ready_seconds)
        }
    }
}

/// The manifest fields that decided.
pub(super) fn fields(fact: &StatefulSet) -> &'static [&'static str] {
    match fact {
        StatefulSet::AdoptsMatching | StatefulSet::ReleasesUnmatching => {
            &["spec.selector", "spec.template.metadata.labels"]
        }
        StatefulSet::RecordsRevision { .. }
        | StatefulSet::ReturnsToRevision { .. }
        | StatefulSet::RevisionCollides => &["spec.template"],
        StatefulSet::ForgetsRevision { .. } => &["spec.revisionHistoryLimit"],
        StatefulSet::MissingPod(_) => &["spec.replicas", "spec.podManagementPolicy", "spec.template"],
        StatefulSet::MissingClaim { .. } | StatefulSet::RepairsIdentity { .. } => {
            &["spec.volumeClaimTemplates"]
        }
        StatefulSet::FinishedPod { .. } => &["spec.replicas"],
        StatefulSet::RetainsClaim { .. } => &["spec.persistentVolumeClaimRetentionPolicy"],
        StatefulSet::TooManyPods { .. } => &["spec.replicas", "spec.podManagementPolicy"],
        StatefulSet::OutdatedPod { .. } => &["spec.template", "spec.updateStrategy"],
        StatefulSet::Waits { .. } => &["spec.podManagementPolicy"],
        StatefulSet::Reports { .. } | StatefulSet::UpToDate(_) | StatefulSet::IsBeingDeleted(_) => {
            &["spec.replicas"]
        }
        StatefulSet::WaitsForAvailability { .. } => &["spec.minReadySeconds"],
    }
}

fn with_difference(before: &Census, now: &Census) -> Detail {
    let rows = [
        ("replicas", "pods that exist", before.pods, now.pods),
        ("ready", "Running and Ready", before.ready, now.ready),
        ("available", "ready for minReadySeconds", before.available, now.available),
        ("current", "of the revision before an update", before.current, now.current),
        ("updated", "of the latest revision", before.updated, now.updated),
        ("desired", "spec.replicas", before.desired, now.desired),
    ];
    super::with_counts(Detail::new("Status", "computeReplicaStatus"), &rows)
}
