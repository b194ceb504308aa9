//! Words for the facts of `why::deployment`.

use super::{Detail, Text};
use crate::engine::Step;
use crate::why::Deployment;

/// One sentence.
pub(super) fn headline(fact: &Deployment, _step: &Step) -> Text {
    match fact {
        Deployment::UpToDate => "Finds nothing to do.".into(),
    }
}

/// The arithmetic.
pub(super) fn detail(fact: &Deployment, _step: &Step) -> Detail {
    match fact {
        Deployment::UpToDate => Detail::default(),
    }
}

/// The manifest fields that decided.
pub(super) fn fields(fact: &Deployment) -> &'static [&'static str] {
    match fact {
        Deployment::UpToDate => &[],
    }
}
