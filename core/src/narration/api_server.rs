//! Words for the facts of `why::api_server`.

use super::{Detail, Text};
use crate::engine::Step;
use crate::why::ApiServer;

/// One sentence.
#[inline(never)]
pub(super) fn headline(fact: &ApiServer, step: &Step) -> Text {
    match fact {
        ApiServer::NothingHoldsIt => {
            let text = Text::new().plain("Removes ");
            let text = match step.change() {
                Some(change) => text.object(&change.object),
                None => text.plain("it"),
            };
            text.plain(": its grace period is ").number(0).plain(" and no finalizer holds it.")
        }
        ApiServer::BudgetAllows => {
            let text = Text::new().plain("Deletes ");
            let text = match step.change() {
                Some(change) => text.object(&change.object),
                None => text.plain("the pod"),
            };
            text.plain(": its disruption budget had an eviction left.")
        }
        ApiServer::ChargesQuota => {
            let text = Text::new().plain("Counts the new object in ");
            let text = match step.change() {
                Some(change) => text.object(&change.object),
                None => text.plain("the quota"),
            };
            text.plain(".")
        }
        ApiServer::DefinitionGoes => {
            let text = Text::new().plain("Deletes ");
            let text = match step.change() {
                Some(change) => text.object(&change.object),
                None => text.plain("the object"),
            };
            text.plain(": the definition of its kind is being deleted.")
        }
    }
}

/// The arithmetic.
#[inline(never)]
pub(super) fn detail(fact: &ApiServer, step: &Step) -> Detail {
    match fact {
        ApiServer::NothingHoldsIt => Detail::new("What still holds it", "deleteWithoutFinalizers")
            .row("grace period", "metadata.deletionGracePeriodSeconds", "0 s")
            .row("finalizers", "metadata.finalizers", "none"),
        ApiServer::BudgetAllows | ApiServer::DefinitionGoes => Detail::default(),
        ApiServer::ChargesQuota => {
            super::resource_quota::with_usage(Detail::new("What is used", "checkQuotas"), step)
        }
    }
}

/// The manifest fields that decided.
pub(super) fn fields(fact: &ApiServer) -> &'static [&'static str] {
    match fact {
        ApiServer::NothingHoldsIt => &["metadata.finalizers", "spec.terminationGracePeriodSeconds"],
        ApiServer::BudgetAllows => &["spec.terminationGracePeriodSeconds"],
        ApiServer::ChargesQuota => &["spec.hard"],
        ApiServer::DefinitionGoes => &[],
    }
}
