//! Words for the facts of `why::endpoints`.

use super::{Detail, Text};
use crate::engine::Step;
use crate::why::Endpoints;

/// One sentence.
#[inline(never)]
pub(super) fn headline(fact: &Endpoints, step: &Step) -> Text {
    let say = |words: &'static str| match step.change() {
        Some(change) => Text::new().plain(words).object(&change.object),
        None => Text::new().plain(words).plain("a list"),
    };
    match fact {
        Endpoints::PodsChanged { ready, not_ready, was, .. } => {
            let text = say(if was.is_some() { "Updates " } else { "Creates " }).plain(": ");
            text.number(ready).plain(" ready, ").number(not_ready).plain(" not ready addresses.")
        }
        Endpoints::ServiceIsGone => say("Deletes ").plain(": the Service of its name is gone."),
        Endpoints::UpToDate { ready, not_ready } => Text::new()
            .plain("Finds nothing to do: ")
            .number(ready)
            .plain(" ready, ")
            .number(not_ready)
            .plain(" not ready addresses are listed."),
        Endpoints::RetriesRefused => "Retries: the write was refused.".into(),
    }
}

/// The arithmetic.
#[inline(never)]
pub(super) fn detail(fact: &Endpoints, _step: &Step) -> Detail {
    match fact {
        Endpoints::PodsChanged { ready, not_ready, was, left_out } => {
            let (ready_before, others_before) = was.unwrap_or_default();
            let rows = [
                ("ready", "addresses of ready pods", ready_before as i32, *ready as i32),
                ("not ready", "addresses of other pods", others_before as i32, *not_ready as i32),
            ];
            super::with_counts(Detail::new("Which addresses", "syncService"), &rows).row(
                "left out",
                "beyond 1000 addresses",
                left_out,
            )
        }
        Endpoints::ServiceIsGone => Detail::default(),
        Endpoints::UpToDate { ready, not_ready } => Detail::new("Which addresses", "syncService")
            .row("ready", "addresses of ready pods", ready)
            .row("not ready", "addresses of other pods", not_ready),
        Endpoints::RetriesRefused => Detail::default(),
    }
}

/// The manifest fields that decided.
pub(super) fn fields(fact: &Endpoints) -> &'static [&'static str] {
    match fact {
        Endpoints::PodsChanged { .. } | Endpoints::UpToDate { .. } => &["spec.selector", "spec.ports"],
        Endpoints::ServiceIsGone | Endpoints::RetriesRefused => &[],
    }
}
