//! Words for the facts of `why::replica_set`.

use super::{Detail, Text};
use crate::engine::Step;
use crate::why::ReplicaSet;

/// One sentence.
pub(super) fn headline(fact: &ReplicaSet, _step: &Step) -> Text {
    match fact {
        ReplicaSet::TooFewPods { .. } => "Finds nothing to do.".into(),
    }
}

/// The arithmetic.
pub(super) fn detail(fact: &ReplicaSet, _step: &Step) -> Detail {
    match fact {
        ReplicaSet::TooFewPods { .. } => Detail::default(),
    }
}

/// The manifest fields that decided.
pub(super) fn fields(fact: &ReplicaSet) -> &'static [&'static str] {
    match fact {
        ReplicaSet::TooFewPods { .. } => &[],
    }
}
