//! Words for the facts of `why::endpoint_slice`.

use super::{Detail, Text};
use crate::engine::Step;
use crate::why::EndpointSlice;

/// One sentence.
pub(super) fn headline(fact: &EndpointSlice, _step: &Step) -> Text {
    match fact {
        EndpointSlice::UpToDate => "Finds nothing to do.".into(),
    }
}

/// The arithmetic.
pub(super) fn detail(fact: &EndpointSlice, _step: &Step) -> Detail {
    match fact {
        EndpointSlice::UpToDate => Detail::default(),
    }
}

/// The manifest fields that decided.
pub(super) fn fields(fact: &EndpointSlice) -> &'static [&'static str] {
    match fact {
        EndpointSlice::UpToDate => &[],
    }
}
