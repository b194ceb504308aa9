//! Words for the facts of `why::namespace`.

use super::{Detail, Text};
use crate::engine::Step;
use crate::why::NamespaceDeletion;

/// One sentence.
#[inline(never)]
pub(super) fn headline(fact: &NamespaceDeletion, step: &Step) -> Text {
    let say = |words: &'static str| match step.change() {
        Some(change) => Text::new().plain(words).object(&change.object),
        None => Text::new().plain(words).plain("it"),
    };
    match fact {
        NamespaceDeletion::EmptiesNamespace { .. } => say("Deletes ").plain(": its namespace is to go."),
        NamespaceDeletion::ReportsContents { left } => super::counted(
            say("Reports of ").plain(": "),
            *left as i32,
            "object is left.",
            "objects are left.",
        ),
        NamespaceDeletion::WaitsForContents { left } => {
            super::counted(Text::new().plain("Waits: "), *left as i32, "object is left.", "objects are left.")
        }
        NamespaceDeletion::IsEmpty => say("Lets ").plain(" go: nothing is left in it."),
    }
}

/// The arithmetic.
#[inline(never)]
pub(super) fn detail(fact: &NamespaceDeletion, _step: &Step) -> Detail {
    match fact {
        NamespaceDeletion::EmptiesNamespace { left }
        | NamespaceDeletion::ReportsContents { left }
        | NamespaceDeletion::WaitsForContents { left } => {
            Detail::new("What is left", "deleteAllContent").row("objects", "pods first, then the rest", left)
        }
        NamespaceDeletion::IsEmpty => {
            Detail::new("What is left", "deleteAllContent").row("finalizer", "kubernetes", "dropped")
        }
    }
}

/// The manifest fields that decided.
pub(super) fn fields(_fact: &NamespaceDeletion) -> &'static [&'static str] {
    &["metadata.finalizers"]
}
