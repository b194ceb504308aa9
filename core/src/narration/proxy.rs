//! Words for the facts of `why::proxy`.

use super::{Detail, Text};
use crate::engine::Step;
use crate::why::Proxy;

/// One sentence.
pub(super) fn headline(fact: &Proxy, _step: &Step) -> Text {
    match fact {
        Proxy::UpToDate => "Finds nothing to do.".into(),
    }
}

/// The arithmetic.
pub(super) fn detail(fact: &Proxy, _step: &Step) -> Detail {
    match fact {
        Proxy::UpToDate => Detail::default(),
    }
}

/// The manifest fields that decided.
pub(super) fn fields(fact: &Proxy) -> &'static [&'static str] {
    match fact {
        Proxy::UpToDate => &[],
    }
}
