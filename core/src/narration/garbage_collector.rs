//! Words for the facts of `why::garbage_collector`.

use super::{Detail, Text};
use crate::engine::Step;
use crate::why::GarbageCollector;

/// One sentence.
#[inline(never)]
pub(super) fn headline(fact: &GarbageCollector, step: &Step) -> Text {
    let say = |words: &'static str| match step.change() {
        Some(change) => Text::new().plain(words).object(&change.object),
        None => Text::new().plain(words).plain("an object"),
    };
    match fact {
        GarbageCollector::OwnerIsGone { owner } => {
            say("Deletes ").plain(": its owner ").object(owner).plain(" is gone.")
        }
        GarbageCollector::OwnerWaits { owner } => {
            say("Deletes ").plain(": its owner ").object(owner).plain(" waits for it.")
        }
        GarbageCollector::AnotherOwnerKeepsIt { owner } => {
            say("Drops the reference of ").plain(" to ").object(owner).plain(": another owner keeps it.")
        }
        GarbageCollector::BreaksCycle { .. } => {
            say("Lets ").plain(" block no owner any more: they wait for each other.")
        }
        GarbageCollector::LeavesDependent { owner } => {
            say("Lets ").plain(" stay, and forget its owner ").object(owner).plain(".")
        }
        GarbageCollector::DependentsAreFree { dependents } => {
            say("Lets ").plain(" go: its ").number(dependents).plain(" dependents stay without it.")
        }
        GarbageCollector::DependentsAreGone => say("Lets ").plain(" go: no dependent is left."),
        GarbageCollector::WaitsForDependents { dependents } => {
            Text::new().plain("Waits for ").number(dependents).plain(" dependents that block the deletion.")
        }
        GarbageCollector::OwnerInOtherNamespace { owner } => {
            Text::new().plain("Notes that the owner ").object(owner).plain(" is in another namespace.")
        }
        GarbageCollector::OwnerExists => "Finds nothing to do: an owner exists.".into(),
    }
}

/// The arithmetic.
#[inline(never)]
pub(super) fn detail(fact: &GarbageCollector, _step: &Step) -> Detail {
    match fact {
        GarbageCollector::OwnerIsGone { owner } => Detail::new("Owners", "attemptToDeleteItem").row(
            owner.to_string(),
            "named in ownerReferences",
            "does not exist",
        ),
        GarbageCollector::OwnerWaits { owner } => Detail::new("Owners", "attemptToDeleteItem").row(
            owner.to_string(),
            "named in ownerReferences",
            "is being deleted in the foreground",
        ),
        GarbageCollector::AnotherOwnerKeepsIt { owner } => Detail::new("Owners", "attemptToDeleteItem").row(
            owner.to_string(),
            "named in ownerReferences",
            "dropped, another one exists",
        ),
        GarbageCollector::BreaksCycle { dependents } => Detail::new("A cycle", "attemptToDeleteItem").row(
            "dependents",
            "one of them is deleting its own",
            dependents,
        ),
        GarbageCollector::LeavesDependent { owner } => Detail::new("Owners", "orphanDependents").row(
            owner.to_string(),
            "deleted with propagationPolicy Orphan",
            "forgotten",
        ),
        GarbageCollector::DependentsAreFree { dependents } => Detail::new(
            "Dependents",
            "attemptToOrphanWorker",
        )
        .row("dependents", "left without it", dependents),
        GarbageCollector::DependentsAreGone => Detail::new("Dependents", "processDeletingDependentsItem")
            .row("dependents", "with blockOwnerDeletion", 0),
        GarbageCollector::WaitsForDependents { dependents } => Detail::new(
            "Dependents",
            "processDeletingDependentsItem",
        )
        .row("dependents", "with blockOwnerDeletion", dependents),
        GarbageCollector::OwnerInOtherNamespace { owner } => Detail::new("Owners", "isDangling").row(
            owner.to_string(),
            format!("exists in namespace {}", owner.key.namespace),
            "counts for nothing",
        ),
        GarbageCollector::OwnerExists => Detail::default(),
    }
}

/// The manifest fields that decided.
pub(super) fn fields(fact: &GarbageCollector) -> &'static [&'static str] {
    match fact {
        GarbageCollector::OwnerIsGone { .. }
        | GarbageCollector::OwnerWaits { .. }
        | GarbageCollector::AnotherOwnerKeepsIt { .. }
        | GarbageCollector::LeavesDependent { .. }
        | GarbageCollector::OwnerInOtherNamespace { .. }
        | GarbageCollector::OwnerExists => &["metadata.ownerReferences"],
        GarbageCollector::BreaksCycle { .. } | GarbageCollector::WaitsForDependents { .. } => {
            &["metadata.ownerReferences", "metadata.finalizers"]
        }
        GarbageCollector::DependentsAreFree { .. } | GarbageCollector::DependentsAreGone => {
            &["metadata.finalizers"]
        }
    }
}
