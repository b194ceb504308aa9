//! Words for the facts of `why::disruption`.

use super::{Detail, Text};
use crate::engine::Step;
use crate::why::Disruption;
use crate::why::disruption::Budget;

/// One sentence.
#[inline(never)]
pub(super) fn headline(fact: &Disruption, _step: &Step) -> Text {
    match fact {
        Disruption::Reports { now, .. } => allows("Allows ", now),
        Disruption::UpToDate(budget) => allows("Finds nothing to do: it allows ", budget),
        Disruption::NoPods => "Finds no pod that the budget covers.".into(),
        Disruption::Unmanaged { pods } => {
            let text = Text::new().plain("Finds ");
            super::counted(text, *pods as i32, "pod without an owner", "pods without an owner")
                .plain(" whose size counts.")
        }
        Disruption::CannotCount { fault } => {
            Text::new().plain("Allows no eviction: ").field(fault.clone()).plain(".")
        }
        Disruption::WaitsForEvicted => "Waits for the deletion that an eviction promised.".into(),
    }
}

fn allows(words: &'static str, budget: &Budget) -> Text {
    let text = super::counted(Text::new().plain(words), budget.allowed, "eviction: ", "evictions: ");
    text.number(budget.healthy).plain(" healthy, ").number(budget.desired).plain(" needed.")
}

/// The arithmetic.
#[inline(never)]
pub(super) fn detail(fact: &Disruption, _step: &Step) -> Detail {
    match fact {
        Disruption::Reports { was, now } => counts(was, now),
        Disruption::UpToDate(budget) => counts(budget, budget),
        Disruption::NoPods => Detail::new("Which pods", "getPodsForPdb").row("pods", "spec.selector", "none"),
        Disruption::Unmanaged { pods } => {
            Detail::new("Which pods", "getExpectedScale").row("without a size", "no known owner", pods)
        }
        Disruption::CannotCount { .. } => Detail::new("How many there should be", "getExpectedScale").row(
            "expected",
            "the owner's size",
            "none",
        ),
        Disruption::WaitsForEvicted => Detail::default(),
    }
}

fn counts(was: &Budget, now: &Budget) -> Detail {
    let rows = [
        ("pods", "expected", was.pods, now.pods),
        ("healthy", "Ready and not being deleted", was.healthy, now.healthy),
        ("needed", "minAvailable, or pods - maxUnavailable", was.desired, now.desired),
        ("allowed", "healthy - needed, at least 0", was.allowed, now.allowed),
    ];
    super::with_counts(Detail::new("How many may go", "updatePdbStatus"), &rows)
}

/// The manifest fields that decided.
pub(super) fn fields(_fact: &Disruption) -> &'static [&'static str] {
    &["spec.minAvailable", "spec.maxUnavailable", "spec.selector"]
}
