//! Words for the facts of `why::scheduler`.

use super::{Detail, Text};
use crate::engine::Step;
use crate::why::Scheduler;

/// One sentence.
pub(super) fn headline(fact: &Scheduler, _step: &Step) -> Text {
    match fact {
        Scheduler::QueueEmpty => "Finds nothing to do.".into(),
    }
}

/// The arithmetic.
pub(super) fn detail(fact: &Scheduler, _step: &Step) -> Detail {
    match fact {
        Scheduler::QueueEmpty => Detail::default(),
    }
}

/// The manifest fields that decided.
pub(super) fn fields(fact: &Scheduler) -> &'static [&'static str] {
    match fact {
        Scheduler::QueueEmpty => &[],
    }
}
