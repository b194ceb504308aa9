//! Words for the facts of `why::garbage_collector`.

use super::{Detail, Text};
use crate::engine::Step;
use crate::why::GarbageCollector;

/// One sentence.
pub(super) fn headline(fact: &GarbageCollector, _step: &Step) -> Text {
    match fact {
        GarbageCollector::OwnerExists => "Finds nothing to do.".into(),
    }
}

/// The arithmetic.
pub(super) fn detail(fact: &GarbageCollector, _step: &Step) -> Detail {
    match fact {
        GarbageCollector::OwnerExists => Detail::default(),
    }
}

/// The manifest fields that decided.
pub(super) fn fields(fact: &GarbageCollector) -> &'static [&'static str] {
    match fact {
        GarbageCollector::OwnerExists => &[],
    }
}
