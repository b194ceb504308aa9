//! Words for the facts of `why::endpoint_slice`.

use super::{Detail, Text};
use crate::engine::Step;
use crate::why::EndpointSlice;
use crate::why::endpoint_slice::Endpoints;

/// One sentence.
#[inline(never)]
pub(super) fn headline(fact: &EndpointSlice, step: &Step) -> Text {
    let say = |words: &'static str| match step.change() {
        Some(change) => Text::new().plain(words).object(&change.object),
        None => Text::new().plain(words).plain("a slice"),
    };
    match fact {
        EndpointSlice::NewSlice(tally) => say("Creates ")
            .plain(" with ")
            .number(tally.endpoints)
            .plain(" endpoints, ")
            .number(tally.ready)
            .plain(" ready."),
        EndpointSlice::PodsChanged(tally) => changes(say("Updates "), tally)
            .plain("; ")
            .number(tally.ready)
            .plain(" of ")
            .number(tally.endpoints)
            .plain(" ready."),
        EndpointSlice::LabelsChanged => say("Copies the Service's labels to ").plain("."),
        EndpointSlice::SliceIsEmpty => say("Deletes ").plain(": no endpoint is left in it."),
        EndpointSlice::NoEndpoints { pods: 0 } => say("Writes ").plain(" without endpoints: no pod matches."),
        EndpointSlice::NoEndpoints { pods } => {
            say("Writes ").plain(" without endpoints: ").number(pods).plain(" pods have no address.")
        }
        EndpointSlice::UpToDate { endpoints, ready } => Text::new()
            .plain("Finds nothing to do: ")
            .number(ready)
            .plain(" of ")
            .number(endpoints)
            .plain(" endpoints are ready."),
        EndpointSlice::WaitsForNodes { pods } => {
            Text::new().plain("Waits for the nodes of ").number(pods).plain(" pods.")
        }
        EndpointSlice::RetriesRefused { refused } => {
            Text::new().plain("Retries: ").number(refused).plain(" of its writes were refused.")
        }
        EndpointSlice::Mirrors { addresses } => super::counted(
            say("Copies Endpoints to ").plain(": "),
            *addresses as i32,
            "address.",
            "addresses.",
        ),
        EndpointSlice::Mirrored { .. } => {
            "Finds nothing to do: the slices say what the Endpoints say.".into()
        }
        EndpointSlice::MirrorLeavesOut { addresses } => {
            super::counted(Text::new().plain("Leaves out "), *addresses as i32, "address.", "addresses.")
        }
        EndpointSlice::MirrorsNothing => say("Deletes ").plain(": there are no Endpoints to copy any more."),
    }
}

/// The arithmetic.
#[inline(never)]
pub(super) fn detail(fact: &EndpointSlice, _step: &Step) -> Detail {
    match fact {
        EndpointSlice::NewSlice(tally) | EndpointSlice::PodsChanged(tally) => {
            Detail::new("Endpoints of this slice", "reconcileByPortMapping")
                .row("added", "pods with a new address", tally.added)
                .row("removed", "finished, gone, or not selected", tally.removed)
                .row("turned ready", "Ready became True", tally.turned_ready)
                .row("turned unready", "Ready became False", tally.turned_unready)
                .row("terminating", "deletion began", tally.terminating)
                .row("endpoints", "after the write", tally.endpoints)
                .row("ready", "Ready and not terminating", tally.ready)
        }
        EndpointSlice::LabelsChanged | EndpointSlice::SliceIsEmpty => Detail::default(),
        EndpointSlice::NoEndpoints { pods } => Detail::new("Endpoints", "reconcileByAddressType").row(
            "pods",
            "that the selector matches; none has an address",
            pods,
        ),
        EndpointSlice::UpToDate { endpoints, ready } => Detail::new("Endpoints", "reconcileByPortMapping")
            .row("endpoints", "of all slices", endpoints)
            .row("ready", "Ready and not terminating", ready),
        EndpointSlice::WaitsForNodes { pods } => {
            Detail::new("Endpoints", "podToEndpoint").row("pods", "on nodes that are not known", pods)
        }
        EndpointSlice::RetriesRefused { refused } => {
            Detail::new("Retry", "syncService").row("refused", "writes of this look", refused)
        }
        EndpointSlice::Mirrors { addresses } | EndpointSlice::Mirrored { addresses } => {
            Detail::new("What is copied", "reconcile").row("addresses", "subsets[].addresses", addresses)
        }
        EndpointSlice::MirrorLeavesOut { addresses } => Detail::new("What is copied", "reconcile").row(
            "left out",
            "no IP, or beyond 1000 of a subset",
            addresses,
        ),
        EndpointSlice::MirrorsNothing => Detail::default(),
    }
}

/// The manifest fields that decided.
pub(super) fn fields(fact: &EndpointSlice) -> &'static [&'static str] {
    match fact {
        EndpointSlice::NewSlice(_)
        | EndpointSlice::PodsChanged(_)
        | EndpointSlice::SliceIsEmpty
        | EndpointSlice::UpToDate { .. } => &["spec.selector", "spec.ports"],
        EndpointSlice::NoEndpoints { .. } => &["spec.selector"],
        EndpointSlice::LabelsChanged => &["metadata.labels"],
        EndpointSlice::Mirrors { .. }
        | EndpointSlice::Mirrored { .. }
        | EndpointSlice::MirrorLeavesOut { .. } => &["subsets"],
        EndpointSlice::MirrorsNothing => &["spec.selector"],
        EndpointSlice::WaitsForNodes { .. } | EndpointSlice::RetriesRefused { .. } => &[],
    }
}

/// What a write changed, the most telling first: `Updates my-service-x2x8k: 1 ready`.
fn changes(text: Text, tally: &Endpoints) -> Text {
    let parts = [
        (tally.terminating, " terminates"),
        (tally.turned_ready, " turned ready"),
        (tally.turned_unready, " turned unready"),
        (tally.added, " added"),
        (tally.removed, " removed"),
    ];
    let told = parts.into_iter().filter(|(count, _)| *count > 0);
    told.enumerate().fold(text, |text, (place, (count, words))| {
        text.plain(if place == 0 { ": " } else { ", " }).number(count).plain(words)
    })
}
