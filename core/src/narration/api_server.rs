//! Words for the facts of `why::api_server`.

use super::{Detail, Text};
use crate::engine::Step;
use crate::why::ApiServer;

/// One sentence.
pub(super) fn headline(fact: &ApiServer, _step: &Step) -> Text {
    match fact {
        ApiServer::NothingHoldsIt => "Finds nothing to do.".into(),
    }
}

/// The arithmetic.
pub(super) fn detail(fact: &ApiServer, _step: &Step) -> Detail {
    match fact {
        ApiServer::NothingHoldsIt => Detail::default(),
    }
}

/// The manifest fields that decided.
pub(super) fn fields(fact: &ApiServer) -> &'static [&'static str] {
    match fact {
        ApiServer::NothingHoldsIt => &[],
    }
}
