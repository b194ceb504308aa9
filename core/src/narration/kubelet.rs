//! Words for the facts of `why::kubelet`.

use super::{Detail, Text};
use crate::engine::Step;
use crate::why::Kubelet;

/// One sentence.
pub(super) fn headline(fact: &Kubelet, _step: &Step) -> Text {
    match fact {
        Kubelet::InSync => "Finds nothing to do.".into(),
    }
}

/// The arithmetic.
pub(super) fn detail(fact: &Kubelet, _step: &Step) -> Detail {
    match fact {
        Kubelet::InSync => Detail::default(),
    }
}

/// The manifest fields that decided.
pub(super) fn fields(fact: &Kubelet) -> &'static [&'static str] {
    match fact {
        Kubelet::InSync => &[],
    }
}
