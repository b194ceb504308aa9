//! Words for the facts of `why::daemon_set`.

use super::{Detail, Text};
use crate::engine::Step;
use crate::why::DaemonSet;
use crate::why::daemon_set::{Census, Misfit};

/// One sentence.
#[inline(never)]
pub(super) fn headline(fact: &DaemonSet, step: &Step) -> Text {
    let say = |words: &'static str| super::with_object(words, step, "a pod");
    let on = |words: &'static str, node: &str, rest: &'static str| {
        say(words).plain(": ").field(node.to_owned()).plain(rest)
    };
    match fact {
        DaemonSet::AdoptsMatching => {
            say("Adopts ").plain(": it has no controller, and its labels match the selector.")
        }
        DaemonSet::ReleasesUnmatching => say("Releases ").plain(": its labels match the selector no more."),
        DaemonSet::SelectsEverything => "Does nothing: its selector is empty and matches every pod.".into(),
        DaemonSet::RecordsRevision { number } => {
            Text::new().plain("Writes down the template as revision ").number(number).plain(".")
        }
        DaemonSet::ReturnsToRevision { from, to } => Text::new()
            .plain("Returns to revision ")
            .number(from)
            .plain(", from now on ")
            .number(to)
            .plain("."),
        DaemonSet::RevisionCollides => "Retries: the revision was not written.".into(),
        DaemonSet::ForgetsRevision { number, .. } => {
            Text::new().plain("Forgets revision ").number(number).plain(": no pod is made from it.")
        }
        DaemonSet::MissingPod { node, .. } => on("Creates ", node, " fits and has none."),
        DaemonSet::Surges { node, .. } => on("Creates ", node, " keeps its old pod until then."),
        DaemonSet::FailedPod { node, .. } => on("Deletes ", node, "'s pod failed."),
        DaemonSet::SucceededPod { node } => on("Deletes ", node, "'s pod ended."),
        DaemonSet::ExtraPod { node, have } => {
            say("Deletes ").plain(": ").field(node.clone()).plain(" has ").number(have).plain(" pods.")
        }
        DaemonSet::UnfitNode { node, misfit } => on(
            "Deletes ",
            node,
            match misfit {
                Misfit::Name => " is not the named node.",
                Misfit::Labels => "'s labels do not match.",
                Misfit::Taint(_) => "'s taint is not tolerated.",
            },
        ),
        DaemonSet::GoneNode { node } => on("Deletes ", node, " is gone."),
        DaemonSet::OutdatedPod { node, is_available, .. } => on(
            "Deletes ",
            node,
            if *is_available { " gets the new one." } else { "'s did not serve anyway." },
        ),
        DaemonSet::ReplacedPod { node } => on("Deletes ", node, "'s new pod is available."),
        DaemonSet::Reports { before, now } => super::reported(&[
            ("nodes with a pod", before.current, now.current),
            ("ready", before.ready, now.ready),
            ("available", before.available, now.available),
            ("updated", before.updated, now.updated),
            ("desired", before.desired, now.desired),
            ("misscheduled", before.misscheduled, now.misscheduled),
        ]),
        DaemonSet::UpToDate(census) => {
            let text = Text::new().plain("Finds nothing to do: ").number(census.current).plain(" of ");
            super::counted(text, census.desired, "node has its pod.", "nodes have their pod.")
        }
        DaemonSet::WaitsForUpdate { outdated, unavailable, max_unavailable } => {
            let text = super::counted(Text::new().plain("Leaves "), *outdated, "old pod: ", "old pods: ");
            text.number(unavailable).plain(" unavailable, ").number(max_unavailable).plain(" may be.")
        }
        DaemonSet::WaitsForAvailability { min_ready_seconds, pods } => Text::new()
            .plain("Waits until ")
            .number(pods)
            .plain(" ready pods have been so for ")
            .number(min_ready_seconds)
            .plain(" s."),
        DaemonSet::BacksOff { node, wait } => Text::new()
            .plain("Leaves the failed pod on ")
            .field(node.clone())
            .plain(" for ")
            .number(wait.whole_seconds())
            .plain(" s: one failed there before."),
        DaemonSet::RetriesRefused { refused } => {
            Text::new().plain("Retries: ").number(refused).plain(" of its pods were refused.")
        }
    }
}

/// The arithmetic.
#[inline(never)]
pub(super) fn detail(fact: &DaemonSet, _step: &Step) -> Detail {
    let fits = || Detail::new("Does the node fit", "NodeShouldRunDaemonPod");
    match fact {
        DaemonSet::AdoptsMatching | DaemonSet::ReleasesUnmatching | DaemonSet::SelectsEverything => {
            Detail::default()
        }
        DaemonSet::RecordsRevision { number } => {
            Detail::new("Which revision", "constructHistory").row("revision", "the latest + 1", number)
        }
        DaemonSet::ReturnsToRevision { from, to } => Detail::new("Which revision", "constructHistory")
            .row("equal template", "a revision that is known", from)
            .row("its number", "the latest other + 1", to),
        DaemonSet::RevisionCollides => Detail::new("Retry", "snapshot").row("revision", "refused", "again"),
        DaemonSet::ForgetsRevision { number, old, limit } => {
            Detail::new("Which revisions stay", "cleanupHistory")
                .row("surplus", format!("{old} old - {limit} revisionHistoryLimit"), old - limit)
                .row("this one", "the oldest that no pod is made from", number)
        }
        DaemonSet::MissingPod { node, nodes, batch } => fits()
            .row("desired", "nodes that fit", nodes)
            .row("node", "fits and has no pod", node)
            .row("batch", "1, 2, 4, ... while none is refused", batch),
        DaemonSet::Surges { node, surging, max_surge } => {
            Detail::new("How many nodes may surge", "rollingUpdate")
                .row(
                    "allowed",
                    format!("{max_surge} maxSurge - {surging} with two pods"),
                    max_surge - surging,
                )
                .row("node", "gets its new pod first", node)
        }
        DaemonSet::FailedPod { node, wait } => Detail::new("What becomes of it", "podsShouldBeOnNode")
            .row("node", "its pod failed", node)
            .row("next wait", "doubles with each failure, in seconds", wait.whole_seconds()),
        DaemonSet::SucceededPod { node } => {
            Detail::new("What becomes of it", "podsShouldBeOnNode").row("node", "its pod ended", node)
        }
        DaemonSet::ExtraPod { node, have } => Detail::new("How many pods", "podsShouldBeOnNode")
            .row("surplus", format!("{have} pods - 1"), have - 1)
            .row("node", "keeps the oldest", node),
        DaemonSet::UnfitNode { node, misfit } => fits().row("node", "does not fit", node).row(
            "because of",
            "what the template asks for",
            match misfit {
                Misfit::Name => "nodeName",
                Misfit::Labels => "labels",
                Misfit::Taint(taint) => taint,
            },
        ),
        DaemonSet::GoneNode { node } => fits().row("node", "does not exist", node),
        DaemonSet::OutdatedPod { node, is_available, unavailable, max_unavailable } => {
            Detail::new("How many old pods may go", "rollingUpdate")
                .row(
                    "allowed",
                    format!("{max_unavailable} maxUnavailable - {unavailable} unavailable"),
                    (max_unavailable - unavailable).max(0),
                )
                .row(
                    "node",
                    if *is_available { "one of these" } else { "not available, so it is free" },
                    node,
                )
        }
        DaemonSet::ReplacedPod { node } => Detail::new("When the old pod goes", "rollingUpdate").row(
            "node",
            "its new pod is available",
            node,
        ),
        DaemonSet::Reports { before, now } => with_difference(before, now),
        DaemonSet::UpToDate(census) => with_difference(census, census),
        DaemonSet::WaitsForUpdate { outdated, unavailable, max_unavailable } => {
            Detail::new("How many old pods may go", "rollingUpdate")
                .row("old", "pods of another template", outdated)
                .row(
                    "allowed",
                    format!("{max_unavailable} maxUnavailable - {unavailable} unavailable"),
                    (max_unavailable - unavailable).max(0),
                )
        }
        DaemonSet::WaitsForAvailability { min_ready_seconds, pods } => {
            Detail::new("When ready pods count", "IsPodAvailable")
                .row("ready, not available", "ready - available", pods)
                .row("wait", "minReadySeconds since Ready", min_ready_seconds)
        }
        DaemonSet::BacksOff { node, wait } => Detail::new("Back-off", "failedPodsBackoff")
            .row("node", "its last pod failed too", node)
            .row("wait", "doubles with each failure, in seconds", wait.whole_seconds()),
        DaemonSet::RetriesRefused { refused } => {
            Detail::new("Retry", "syncNodes").row("refused", "writes of this look", refused)
        }
    }
}

/// The manifest fields that decided.
pub(super) fn fields(fact: &DaemonSet) -> &'static [&'static str] {
    match fact {
        DaemonSet::AdoptsMatching | DaemonSet::ReleasesUnmatching | DaemonSet::SelectsEverything => {
            &["spec.selector", "spec.template.metadata.labels"]
        }
        DaemonSet::RecordsRevision { .. }
        | DaemonSet::ReturnsToRevision { .. }
        | DaemonSet::RevisionCollides
        | DaemonSet::FailedPod { .. }
        | DaemonSet::SucceededPod { .. }
        | DaemonSet::BacksOff { .. }
        | DaemonSet::RetriesRefused { .. }
        | DaemonSet::ExtraPod { .. } => &["spec.template"],
        DaemonSet::ForgetsRevision { .. } => &["spec.revisionHistoryLimit"],
        DaemonSet::MissingPod { .. } | DaemonSet::GoneNode { .. } => &["spec.template"],
        DaemonSet::UnfitNode { misfit, .. } => match misfit {
            Misfit::Name => &["spec.template.spec.nodeName"],
            Misfit::Labels => &["spec.template.spec.nodeSelector", "spec.template.spec.affinity"],
            Misfit::Taint(_) => &["spec.template.spec.tolerations"],
        },
        DaemonSet::Surges { .. } => &["spec.updateStrategy.rollingUpdate.maxSurge", "spec.template"],
        DaemonSet::OutdatedPod { .. } | DaemonSet::WaitsForUpdate { .. } => {
            &["spec.updateStrategy.rollingUpdate.maxUnavailable", "spec.template"]
        }
        DaemonSet::ReplacedPod { .. } => &["spec.updateStrategy.rollingUpdate.maxSurge"],
        DaemonSet::Reports { .. } | DaemonSet::UpToDate(_) => &["spec.template"],
        DaemonSet::WaitsForAvailability { .. } => &["spec.minReadySeconds"],
    }
}

fn with_difference(before: &Census, now: &Census) -> Detail {
    let rows = [
        ("desired", "nodes that fit", before.desired, now.desired),
        ("current", "of these, with a pod", before.current, now.current),
        ("ready", "its pod is Ready", before.ready, now.ready),
        ("available", "ready for minReadySeconds", before.available, now.available),
        ("updated", "its pod has the latest template", before.updated, now.updated),
        ("misscheduled", "does not fit and has a pod", before.misscheduled, now.misscheduled),
    ];
    super::with_counts(Detail::new("Status", "updateDaemonSetStatus"), &rows)
}
