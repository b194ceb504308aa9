//! Words for the facts of `why::proxy`.

use super::{Detail, Text};
use crate::engine::Step;
use crate::why::Proxy;

/// One sentence.
#[inline(never)]
pub(super) fn headline(fact: &Proxy, _step: &Step) -> Text {
    match fact {
        Proxy::UpToDate => "Finds its rules up to date.".into(),
        Proxy::RulesBehind { service, others: 0, after: 0, .. } => {
            Text::new().plain("Writes rules that reject packets for ").plain(service.clone()).plain(".")
        }
        Proxy::RulesBehind { service, others: 0, after, .. } => Text::new()
            .plain("Writes the node's rules for ")
            .plain(service.clone())
            .plain(": ")
            .number(after)
            .plain(if *after == 1 { " endpoint." } else { " endpoints." }),
        Proxy::RulesBehind { service, others, .. } => Text::new()
            .plain("Writes the node's rules for ")
            .plain(service.clone())
            .plain(" and ")
            .number(others)
            .plain(" more."),
    }
}

/// The arithmetic.
#[inline(never)]
pub(super) fn detail(fact: &Proxy, _step: &Step) -> Detail {
    match fact {
        Proxy::UpToDate => Detail::default(),
        Proxy::RulesBehind { others, before, after, behind_ms, .. } => {
            Detail::new("The rules", "CategorizeEndpoints")
                .row("Services", format!("1 + {others} changed"), others + 1)
                .row("usable endpoints", format!("{before} before"), after)
                .row("behind for", "from the first change", format!("{behind_ms} ms"))
        }
    }
}

/// The manifest fields that decided.
pub(super) fn fields(fact: &Proxy) -> &'static [&'static str] {
    match fact {
        Proxy::UpToDate => &[],
        Proxy::RulesBehind { .. } => &["spec.selector", "spec.ports"],
    }
}
