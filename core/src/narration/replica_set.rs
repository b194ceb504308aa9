//! Words for the facts of `why::replica_set`.

use super::{Detail, Text};
use crate::engine::Step;
use crate::why::ReplicaSet;
use crate::why::replica_set::{Census, DeletionRank};

/// One sentence.
#[inline(never)]
pub(super) fn headline(fact: &ReplicaSet, step: &Step) -> Text {
    let say = |words: &'static str| match step.change() {
        Some(change) => Text::new().plain(words).object(&change.object),
        None => Text::new().plain(words).plain("a pod"),
    };
    match fact {
        ReplicaSet::AdoptsMatching => {
            say("Adopts ").plain(": it has no controller, and its labels match the selector.")
        }
        ReplicaSet::ReleasesUnmatching => say("Releases ").plain(": its labels match the selector no more."),
        ReplicaSet::TooFewPods { want, have, .. } => {
            let text = say("Creates ").plain(": ").number(have).plain(" of ");
            super::counted(text, *want, "pod exists.", "pods exist.")
        }
        ReplicaSet::TooManyPods { want, have, rank } => {
            let text = super::counted(say("Deletes ").plain(": "), *have, "pod, ", "pods, ");
            let text = text.field("replicas").plain(" ").number(want);
            text.plain(match rank {
                DeletionRank::All => ".",
                DeletionRank::Unassigned => "; it has no node yet.",
                DeletionRank::Phase => "; it does not run yet.",
                DeletionRank::NotReady => "; it is not Ready.",
                DeletionRank::Cost { .. } => "; its deletion cost is lower.",
                DeletionRank::CrowdedNode { .. } => "; its node has most.",
                DeletionRank::ReadyLater => "; it is Ready for the shortest time.",
                DeletionRank::Restarts { .. } => "; it restarted most.",
                DeletionRank::Newer => "; it is the newest.",
                DeletionRank::Lot => "; it drew the lot.",
            })
        }
        ReplicaSet::Reports { before, now } => super::reported(&[
            ("pods", before.active, now.active),
            ("ready", before.ready, now.ready),
            ("available", before.available, now.available),
            ("terminating", before.terminating, now.terminating),
            ("fully labeled", before.fully_labeled, now.fully_labeled),
        ]),
        ReplicaSet::ReportsFailure(census) => Text::new()
            .plain("Reports ReplicaFailure: ")
            .number(census.active)
            .plain(" of ")
            .number(census.desired)
            .plain(" pods, and a write was refused."),
        ReplicaSet::UpToDate(census) => Text::new()
            .plain("Finds nothing to do: ")
            .number(census.active)
            .plain(" of ")
            .number(census.desired)
            .plain(" pods exist."),
        ReplicaSet::IsBeingDeleted(census) => Text::new()
            .plain("Does nothing about its ")
            .number(census.active)
            .plain(" pods: it is being deleted."),
        ReplicaSet::WaitsForAvailability { min_ready_seconds, pods } => Text::new()
            .plain("Waits until ")
            .number(pods)
            .plain(" ready pods have been so for ")
            .number(min_ready_seconds)
            .plain(" s."),
        ReplicaSet::RetriesRefused { refused } => {
            Text::new().plain("Retries: ").number(refused).plain(" of its writes were refused.")
        }
    }
}

/// The arithmetic.
#[inline(never)]
pub(super) fn detail(fact: &ReplicaSet, _step: &Step) -> Detail {
    match fact {
        ReplicaSet::AdoptsMatching | ReplicaSet::ReleasesUnmatching => Detail::default(),
        ReplicaSet::TooFewPods { want, have, number, batch } => {
            Detail::new("How many pods", "manageReplicas")
                .row("missing", format!("{want} replicas - {have} active"), want - have)
                .row("this one", format!("of {} missing", want - have), number)
                .row("batch", "1, 2, 4, ... while none is refused", batch)
        }
        ReplicaSet::TooManyPods { want, have, rank } => {
            let detail = Detail::new("How many pods, and which go", "getPodsToDelete").row(
                "surplus",
                format!("{have} active - {want} replicas"),
                have - want,
            );
            with_rank(detail, rank)
        }
        ReplicaSet::Reports { before, now } => with_difference(before, now),
        ReplicaSet::ReportsFailure(census)
        | ReplicaSet::UpToDate(census)
        | ReplicaSet::IsBeingDeleted(census) => with_census(census),
        ReplicaSet::WaitsForAvailability { min_ready_seconds, pods } => {
            Detail::new("When ready pods count", "IsPodAvailable")
                .row("ready, not available", "ready - available", pods)
                .row("wait", "minReadySeconds since Ready", min_ready_seconds)
        }
        ReplicaSet::RetriesRefused { refused } => {
            Detail::new("Retry", "slowStartBatch").row("refused", "writes of this look", refused)
        }
    }
}

/// The manifest fields that decided.
pub(super) fn fields(fact: &ReplicaSet) -> &'static [&'static str] {
    match fact {
        ReplicaSet::AdoptsMatching | ReplicaSet::ReleasesUnmatching => {
            &["spec.selector", "spec.template.metadata.labels"]
        }
        ReplicaSet::TooFewPods { .. } => &["spec.replicas", "spec.template"],
        ReplicaSet::TooManyPods { .. } => &["spec.replicas"],
        ReplicaSet::Reports { .. } | ReplicaSet::UpToDate(_) | ReplicaSet::IsBeingDeleted(_) => {
            &["spec.replicas"]
        }
        ReplicaSet::ReportsFailure(_) | ReplicaSet::RetriesRefused { .. } => &["spec.template"],
        ReplicaSet::WaitsForAvailability { .. } => &["spec.minReadySeconds"],
    }
}

fn with_rank(detail: Detail, rank: &DeletionRank) -> Detail {
    match rank {
        DeletionRank::All => detail.row("order", "none stays", "all"),
        DeletionRank::Unassigned => detail.row("order", "pods without a node go first", "this one"),
        DeletionRank::Phase => detail.row("order", "Pending before Unknown before Running", "this one"),
        DeletionRank::NotReady => detail.row("order", "pods that are not Ready go first", "this one"),
        DeletionRank::Cost { cost, kept } => {
            detail.row("deletion cost", format!("lower goes first; the next has {kept}"), cost)
        }
        DeletionRank::CrowdedNode { here, there } => {
            detail.row("pods on its node", format!("more go first; the next has {there}"), here)
        }
        DeletionRank::ReadyLater => detail.row("order", "Ready for a shorter time goes first", "this one"),
        DeletionRank::Restarts { here, there } => {
            detail.row("restarts", format!("more go first; the next has {there}"), here)
        }
        DeletionRank::Newer => detail.row("order", "newer goes first", "this one"),
        DeletionRank::Lot => detail.row("order", "equal, so the lower uid goes first", "this one"),
    }
}

fn with_census(census: &Census) -> Detail {
    with_difference(census, census)
}

fn with_difference(before: &Census, now: &Census) -> Detail {
    let rows = [
        ("replicas", "neither finished nor being deleted", before.active, now.active),
        ("fully labeled", "with every label of the template", before.fully_labeled, now.fully_labeled),
        ("ready", "Ready is True", before.ready, now.ready),
        ("available", "ready for minReadySeconds", before.available, now.available),
        ("terminating", "being deleted", before.terminating, now.terminating),
        ("desired", "spec.replicas", before.desired, now.desired),
    ];
    super::with_counts(Detail::new("Status", "calculateStatus"), &rows)
}
