//! Words for the facts of `why::kubectl`.

use super::{Detail, Text};
use crate::engine::Step;
use crate::why::Kubectl;

/// One sentence.
pub(super) fn headline(fact: &Kubectl, _step: &Step) -> Text {
    match fact {
        Kubectl::Asked | Kubectl::Applied => "Finds nothing to do.".into(),
    }
}

/// The arithmetic.
pub(super) fn detail(fact: &Kubectl, _step: &Step) -> Detail {
    match fact {
        Kubectl::Asked | Kubectl::Applied => Detail::default(),
    }
}

/// The manifest fields that decided.
pub(super) fn fields(fact: &Kubectl) -> &'static [&'static str] {
    match fact {
        Kubectl::Asked | Kubectl::Applied => &[],
    }
}
