//! Words for the facts of `why::deployment`.

use super::{Detail, Text};
use crate::engine::Step;
use crate::why::Deployment;
use crate::why::deployment::{Budget, Room, Tally};

/// One sentence.
#[inline(never)]
pub(super) fn headline(fact: &Deployment, step: &Step) -> Text {
    let object = |text: Text| match step.change() {
        Some(change) => text.object(&change.object),
        None => text,
    };
    let say = |words: &'static str| object(Text::new().plain(words));
    match fact {
        Deployment::SelectsEverything => {
            "Does nothing: spec.selector is empty and would match every pod.".into()
        }
        Deployment::AdoptsMatching => {
            say("Adopts ").plain(": it has no controller, and its labels match the selector.")
        }
        Deployment::ReleasesUnmatching => say("Releases ").plain(": its labels match the selector no more."),
        Deployment::NewTemplate { revision, replicas, .. } => say("Creates ")
            .plain(" with ")
            .number(replicas)
            .plain(": revision ")
            .number(revision)
            .plain(", a template that no ReplicaSet has."),
        Deployment::HashTaken { collisions } => {
            let text = Text::new().plain("Counts ");
            super::counted(text, *collisions, "hash collision", "hash collisions")
                .plain(": the name is taken.")
        }
        Deployment::CreateFailed => "Reports that the new ReplicaSet was refused.".into(),
        Deployment::Renumbers { from, to } => say("Gives ")
            .plain(" revision ")
            .number(to)
            .plain(" in place of ")
            .number(from)
            .plain(": its template is back."),
        Deployment::CopiesDown { .. } => {
            say("Copies annotations and ").field("minReadySeconds").plain(" of the Deployment.")
        }
        Deployment::RecordsRevision { revision } => {
            Text::new().plain("Records revision ").number(revision).plain(" and that its ReplicaSet exists.")
        }
        Deployment::GrowsNew { from, to, room } => {
            let below = room.ceiling() - room.total;
            scales(step, *from, *to).plain(": the rollout is ").number(below).plain(if below == 1 {
                " pod below its ceiling."
            } else {
                " pods below its ceiling."
            })
        }
        Deployment::ShrinksNew { from, to } => {
            scales(step, *from, *to).plain(": it is larger than ").field("spec.replicas").plain(".")
        }
        Deployment::CleansUpUnavailable { from, to, unavailable, .. } => {
            scales(step, *from, *to).plain(": ").number(unavailable).plain(" of its pods serve nobody.")
        }
        Deployment::ShrinksOld { from, to, available, budget } => scales(step, *from, *to)
            .plain(": ")
            .number(available)
            .plain(" available, floor ")
            .number(budget.minimum())
            .plain("."),
        Deployment::FollowsReplicas { from, to } => {
            scales(step, *from, *to).plain(" to follow ").field("spec.replicas").plain(".")
        }
        Deployment::NewIsSaturated { from, desired } => {
            scales(step, *from, 0).plain(": the new one has all ").number(desired).plain(" available.")
        }
        Deployment::SharesProportionally { from, to, .. } if from == to => {
            say("Refreshes the sizes noted on ").plain(".")
        }
        Deployment::SharesProportionally { from, to, .. } => {
            scales(step, *from, *to).plain(": its share of the new size.")
        }
        Deployment::StopsOld { from } => scales(step, *from, 0).plain(": Recreate stops old pods first."),
        Deployment::StartsNew { from, to } => scales(step, *from, *to).plain(": no old pod is left."),
        Deployment::WaitsForOldPods { pods } => {
            let text = Text::new().plain("Waits for ");
            super::counted(text, *pods, "old pod", "old pods").plain(" to go before new ones start.")
        }
        Deployment::ForgetsRevision { revision, limit, .. } => say("Deletes ")
            .plain(" (revision ")
            .number(revision)
            .plain("): the history keeps ")
            .number(limit)
            .plain("."),
        Deployment::Reports { before, now } => super::reported(&[
            ("updated", before.updated, now.updated),
            ("available", before.available, now.available),
            ("unavailable", before.unavailable, now.unavailable),
            ("terminating", before.terminating, now.terminating),
            ("ready", before.ready, now.ready),
            ("pods in all", before.replicas, now.replicas),
        ]),
        Deployment::Completes(tally) => Text::new()
            .plain("Reports the rollout complete: all ")
            .number(tally.desired)
            .plain(" updated and available."),
        Deployment::TimesOut { deadline_seconds, .. } => Text::new()
            .plain("Reports no progress for ")
            .number(deadline_seconds)
            .plain(" s: the rollout is stuck."),
        Deployment::Pauses => "Notes that it is paused: the deadline's clock stops.".into(),
        Deployment::Resumes => "Notes that it goes on: the deadline's clock restarts.".into(),
        Deployment::RollsBack { revision } => {
            Text::new().plain("Takes over the template of revision ").number(revision).plain(".")
        }
        Deployment::RollbackNotFound { revision: 0 } => "Drops the rollback: no revision came before.".into(),
        Deployment::RollbackNotFound { revision } => {
            Text::new().plain("Drops the rollback: no ReplicaSet has revision ").number(revision).plain(".")
        }
        Deployment::RollbackUnchanged { revision } => {
            Text::new().plain("Drops the rollback: revision ").number(revision).plain(" is what runs.")
        }
        Deployment::UpToDate(tally) => Text::new()
            .plain("Finds nothing to do: ")
            .number(tally.available)
            .plain(" of ")
            .number(tally.desired)
            .plain(" available."),
        Deployment::Waits { tally, .. } => Text::new()
            .plain("Waits: ")
            .number(tally.updated)
            .plain(" updated, ")
            .number(tally.available)
            .plain(" available of ")
            .number(tally.desired)
            .plain("."),
        Deployment::IsPaused(tally) => {
            Text::new().plain("Does nothing: paused, with ").number(tally.available).plain(" available.")
        }
        Deployment::WatchesDeadline { deadline_seconds } => Text::new()
            .plain("Looks again when ")
            .number(deadline_seconds)
            .plain(" s without progress are over."),
        Deployment::CacheIsBehind => "Looks again: its cache lacks what was written last.".into(),
    }
}

/// The arithmetic.
#[inline(never)]
pub(super) fn detail(fact: &Deployment, _step: &Step) -> Detail {
    match fact {
        Deployment::SelectsEverything
        | Deployment::AdoptsMatching
        | Deployment::ReleasesUnmatching
        | Deployment::CreateFailed
        | Deployment::Pauses
        | Deployment::Resumes
        | Deployment::CacheIsBehind => Detail::default(),
        Deployment::NewTemplate { revision, replicas, room } => {
            let detail =
                with_room(Detail::new("First size of the new ReplicaSet", "NewRSNewReplicas"), *room);
            detail.row("first size", "at most replicas, at most what is free", replicas).row(
                "revision",
                "highest revision of the old ones + 1",
                revision,
            )
        }
        Deployment::HashTaken { collisions } => Detail::new("Hash of the template", "ComputeHash").row(
            "collisionCount",
            "counted into the next hash",
            collisions,
        ),
        Deployment::Renumbers { from, to } => Detail::new("Revisions", "SetNewReplicaSetAnnotations")
            .row("revision before", "moves to revision-history", from)
            .row("revision", "highest revision of the others + 1", to),
        Deployment::CopiesDown { min_ready_seconds } => Detail::new(
            "What a ReplicaSet copies",
            "getNewReplicaSet",
        )
        .row("minReadySeconds", "of the Deployment", min_ready_seconds),
        Deployment::RecordsRevision { revision } => Detail::new("Revisions", "SetDeploymentRevision").row(
            "revision",
            "of the new ReplicaSet",
            revision,
        ),
        Deployment::GrowsNew { from, to, room } => {
            with_room(Detail::new("How many new pods", "NewRSNewReplicas"), *room).row(
                "new size",
                format!("{from} + at most what is free, at most {} replicas", room.desired),
                to,
            )
        }
        Deployment::ShrinksNew { from, to } => Detail::new("How many new pods", "reconcileNewReplicaSet")
            .row("new size", format!("{from}, but at most replicas"), to),
        Deployment::CleansUpUnavailable { from, to, unavailable, budget } => {
            let detail = Detail::new("Old pods that are not available", "cleanupUnhealthyReplicas");
            with_budget(detail, *budget)
                .row("not available here", format!("of {from} pods"), unavailable)
                .row("old size", format!("{from} - those, as far as the budget goes"), to)
        }
        Deployment::ShrinksOld { from, to, available, budget } => {
            let detail = Detail::new("How many old pods may go", "scaleDownOldReplicaSetsForRollingUpdate");
            with_budget(detail, *budget)
                .row(
                    "spare",
                    format!("{available} available - {} floor", budget.minimum()),
                    available - budget.minimum(),
                )
                .row("old size", format!("{from} - at most what is spare"), to)
        }
        Deployment::FollowsReplicas { from, to } => Detail::new("Scaling without a rollout", "scale").row(
            "size",
            format!("{from} before, replicas now"),
            to,
        ),
        Deployment::NewIsSaturated { from, desired } => {
            Detail::new("Scaling in a finished rollout", "IsSaturated")
                .row("new pods available", "all of replicas", desired)
                .row("old size", format!("{from} before"), 0)
        }
        Deployment::SharesProportionally { from, to, room, known_ceiling, leftover } => {
            with_room(Detail::new("Shares of the new size", "GetReplicaSetProportion"), *room)
                .row(
                    "share",
                    format!("{from} x {} / {known_ceiling}, rounded", room.ceiling()),
                    to - leftover,
                )
                .row("left over", "goes to the largest", leftover)
                .row("size", format!("{} + {leftover}", to - leftover), to)
        }
        Deployment::StopsOld { from } => Detail::new("Recreate", "scaleDownOldReplicaSetsForRecreate").row(
            "old size",
            format!("{from} before"),
            0,
        ),
        Deployment::StartsNew { from, to } => Detail::new("Recreate", "scaleUpNewReplicaSetForRecreate").row(
            "new size",
            format!("{from} before, replicas now"),
            to,
        ),
        Deployment::WaitsForOldPods { pods } => Detail::new("Recreate", "oldPodsRunning").row(
            "old pods",
            "not finished, terminating ones too",
            pods,
        ),
        Deployment::ForgetsRevision { revision, old, limit } => Detail::new("History", "cleanupDeployment")
            .row("too many", format!("{old} old - {limit} revisionHistoryLimit"), old - limit)
            .row("revision", "among the lowest, without pods", revision),
        Deployment::Reports { before, now } => {
            with_difference(Detail::new("Status", "calculateStatus"), before, now)
        }
        Deployment::Completes(tally) | Deployment::UpToDate(tally) | Deployment::IsPaused(tally) => {
            with_tally(Detail::new("Status", "calculateStatus"), tally)
        }
        Deployment::TimesOut { tally, deadline_seconds } => with_tally(
            Detail::new("Deadline", "DeploymentTimedOut"),
            tally,
        )
        .row("deadline", "progressDeadlineSeconds without progress", deadline_seconds),
        Deployment::RollsBack { revision }
        | Deployment::RollbackNotFound { revision }
        | Deployment::RollbackUnchanged { revision } => {
            Detail::new("Rollback", "rollback").row("revision", "asked for by the annotation", revision)
        }
        Deployment::Waits { tally, budget } => with_tally(
            with_budget(Detail::new("How far it may go", "reconcileOldReplicaSets"), *budget),
            tally,
        ),
        Deployment::WatchesDeadline { deadline_seconds } => Detail::new("Deadline", "requeueStuckDeployment")
            .row("deadline", "progressDeadlineSeconds after the last progress", deadline_seconds),
    }
}

/// The manifest fields that decided.
pub(super) fn fields(fact: &Deployment) -> &'static [&'static str] {
    match fact {
        Deployment::SelectsEverything | Deployment::AdoptsMatching | Deployment::ReleasesUnmatching => {
            &["spec.selector"]
        }
        Deployment::NewTemplate { .. } => {
            &["spec.template", "spec.strategy.rollingUpdate.maxSurge", "spec.replicas"]
        }
        Deployment::HashTaken { .. }
        | Deployment::CreateFailed
        | Deployment::Renumbers { .. }
        | Deployment::RecordsRevision { .. } => &["spec.template"],
        Deployment::CopiesDown { .. } => &["spec.minReadySeconds", "metadata.annotations"],
        Deployment::GrowsNew { .. } => &["spec.strategy.rollingUpdate.maxSurge", "spec.replicas"],
        Deployment::CleansUpUnavailable { .. } | Deployment::ShrinksOld { .. } | Deployment::Waits { .. } => {
            &["spec.strategy.rollingUpdate.maxUnavailable", "spec.replicas"]
        }
        Deployment::ShrinksNew { .. }
        | Deployment::FollowsReplicas { .. }
        | Deployment::NewIsSaturated { .. } => &["spec.replicas"],
        Deployment::SharesProportionally { .. } => &["spec.replicas", "spec.strategy.rollingUpdate.maxSurge"],
        Deployment::StopsOld { .. } | Deployment::WaitsForOldPods { .. } => &["spec.strategy.type"],
        Deployment::StartsNew { .. } => &["spec.strategy.type", "spec.replicas"],
        Deployment::ForgetsRevision { .. } => &["spec.revisionHistoryLimit"],
        Deployment::Reports { .. } | Deployment::Completes(_) | Deployment::UpToDate(_) => &["spec.replicas"],
        Deployment::TimesOut { .. } | Deployment::WatchesDeadline { .. } => &["spec.progressDeadlineSeconds"],
        Deployment::Pauses | Deployment::Resumes | Deployment::IsPaused(_) => &["spec.paused"],
        Deployment::RollsBack { .. }
        | Deployment::RollbackNotFound { .. }
        | Deployment::RollbackUnchanged { .. } => &["metadata.annotations"],
        Deployment::CacheIsBehind => &[],
    }
}

/// `Scales web-5d4f8c7b9 from 2 to 3`
fn scales(step: &Step, from: i32, to: i32) -> Text {
    let text = Text::new().plain("Scales ");
    let text = match step.change() {
        Some(change) => text.object(&change.object),
        None => text.plain("its ReplicaSet"),
    };
    text.plain(" from ").number(from).plain(" to ").number(to)
}

fn with_room(detail: Detail, room: Room) -> Detail {
    detail.row("ceiling", format!("{} replicas + {} maxSurge", room.desired, room.surge), room.ceiling()).row(
        "free",
        format!("{} ceiling - {} pods of all sizes", room.ceiling(), room.total),
        room.ceiling() - room.total,
    )
}

fn with_budget(detail: Detail, budget: Budget) -> Detail {
    detail
        .row(
            "floor",
            format!("{} replicas - {} maxUnavailable", budget.desired, budget.max_unavailable),
            budget.minimum(),
        )
        .row(
            "budget",
            format!(
                "{} pods of all sizes - {} floor - {} new not available",
                budget.total,
                budget.minimum(),
                budget.new_unavailable
            ),
            budget.pods(),
        )
}

fn with_tally(detail: Detail, tally: &Tally) -> Detail {
    with_difference(detail, tally, tally)
}

fn with_difference(detail: Detail, before: &Tally, now: &Tally) -> Detail {
    let rows = [
        ("replicas", "active pods of all ReplicaSets", before.replicas, now.replicas),
        ("updated", "of the new ReplicaSet", before.updated, now.updated),
        ("ready", "Ready is True", before.ready, now.ready),
        ("available", "ready for minReadySeconds", before.available, now.available),
        ("unavailable", "sizes - available", before.unavailable, now.unavailable),
        ("terminating", "being deleted", before.terminating, now.terminating),
        ("desired", "spec.replicas", before.desired, now.desired),
    ];
    super::with_counts(detail, &rows)
}
