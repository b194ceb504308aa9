//! Words for the facts of `why::node_lifecycle`.

use super::{Detail, Text};
use crate::engine::Step;
use crate::why::NodeLifecycle;

/// One sentence.
#[inline(never)]
pub(super) fn headline(fact: &NodeLifecycle, step: &Step) -> Text {
    let say = |words: &'static str| match step.change() {
        Some(change) => Text::new().plain(words).object(&change.object),
        None => Text::new().plain(words).plain("it"),
    };
    match fact {
        NodeLifecycle::HearsNothing { silent_seconds } => {
            say("Declares ").plain(" unknown: no heartbeat for ").number(silent_seconds).plain(" s.")
        }
        NodeLifecycle::PodsAreOutOfReach => say("Sets Ready of ").plain(" to False: its kubelet is silent."),
        NodeLifecycle::TaintsToKeepOff => say("Taints ").plain(": new pods stay off."),
        NodeLifecycle::TaintsToEvict { key } => say("Taints ").plain(" with ").field(key.clone()).plain("."),
        NodeLifecycle::TakesTaintsAway => say("Takes taints of ").plain(" away: their cause is gone."),
        NodeLifecycle::TaintsLater => "Waits before it taints one more node of this zone.".into(),
        NodeLifecycle::EveryZoneIsDown => "Taints nothing: no node of the cluster is ready.".into(),
        NodeLifecycle::IsAsTainted { taints } => {
            let text = Text::new().plain("Finds nothing to do: the node has the ");
            super::counted(text, *taints as i32, "taint", "taints").plain(" it should.")
        }
        NodeLifecycle::ToleratesFor { seconds } => {
            Text::new().plain("Lets the pod stay for ").number(seconds).plain(" s: it tolerates that.")
        }
        NodeLifecycle::TaintIsGone => "Lets the pod stay: the taint is gone.".into(),
        NodeLifecycle::Evicts { node, .. } => {
            let is_deletion = step.change().is_some_and(|change| change.subresource.is_empty());
            let text = say(if is_deletion { "Evicts " } else { "Marks " });
            text.plain(": it does not tolerate the taints of ").plain(node.clone()).plain(".")
        }
        NodeLifecycle::WaitsForNode { node } => {
            Text::new().plain("Waits: ").plain(node.clone()).plain(" does not exist, and may come back.")
        }
        NodeLifecycle::NodeIsGone { node } => {
            let text = say("Gives up ").plain(": its node ");
            text.plain(node.clone()).plain(" is no more.")
        }
        NodeLifecycle::NodeIsOutOfService { node } => {
            let text = say("Gives up ").plain(": its node ");
            text.plain(node.clone()).plain(" is out of service.")
        }
    }
}

/// The arithmetic.
#[inline(never)]
pub(super) fn detail(fact: &NodeLifecycle, _step: &Step) -> Detail {
    match fact {
        NodeLifecycle::HearsNothing { silent_seconds } => Detail::new("Heartbeats", "monitorNodeHealth")
            .row("silent for", "since the last heartbeat", format!("{silent_seconds} s"))
            .row("grace", "node-monitor-grace-period", "50 s"),
        NodeLifecycle::TaintsLater => Detail::new("One after the other", "SetLimiterInZone").row(
            "pace",
            "nodes of one zone",
            "one in 10 s",
        ),
        NodeLifecycle::TaintsToEvict { key } => Detail::new("Which taint", "processTaintBaseEviction").row(
            key.clone(),
            "False: not-ready, Unknown: unreachable",
            "NoExecute",
        ),
        NodeLifecycle::IsAsTainted { taints } => {
            Detail::new("Which taints", "doNoScheduleTaintingPass").row("taints", "spec.taints", taints)
        }
        NodeLifecycle::ToleratesFor { seconds } => Detail::new(
            "How long it may stay",
            "getMinTolerationTime",
        )
        .row("tolerated for", "the shortest tolerationSeconds", format!("{seconds} s")),
        NodeLifecycle::Evicts { node, tolerated_seconds } => Detail::new(
            "How long it could stay",
            "getMinTolerationTime",
        )
        .row("tolerated for", format!("taints of {node}"), format!("{tolerated_seconds} s")),
        NodeLifecycle::WaitsForNode { node } => {
            Detail::new("Quarantine", "gcOrphaned").row(node.clone(), "not there", "40 s at least")
        }
        NodeLifecycle::NodeIsGone { node } => {
            Detail::new("Quarantine", "gcOrphaned").row(node.clone(), "not there", "for 40 s")
        }
        NodeLifecycle::NodeIsOutOfService { node } => {
            Detail::new("Out of service", "gcTerminating").row(node.clone(), "out-of-service", "tainted")
        }
        NodeLifecycle::PodsAreOutOfReach
        | NodeLifecycle::TaintsToKeepOff
        | NodeLifecycle::TakesTaintsAway
        | NodeLifecycle::EveryZoneIsDown
        | NodeLifecycle::TaintIsGone => Detail::default(),
    }
}

/// The manifest fields that decided.
pub(super) fn fields(fact: &NodeLifecycle) -> &'static [&'static str] {
    match fact {
        NodeLifecycle::ToleratesFor { .. } | NodeLifecycle::Evicts { .. } => &["spec.tolerations"],
        NodeLifecycle::TaintsToKeepOff | NodeLifecycle::TakesTaintsAway => {
            &["spec.unschedulable", "spec.taints"]
        }
        NodeLifecycle::TaintsToEvict { .. } | NodeLifecycle::IsAsTainted { .. } => &["spec.taints"],
        NodeLifecycle::HearsNothing { .. }
        | NodeLifecycle::PodsAreOutOfReach
        | NodeLifecycle::TaintsLater
        | NodeLifecycle::EveryZoneIsDown
        | NodeLifecycle::TaintIsGone
        | NodeLifecycle::WaitsForNode { .. }
        | NodeLifecycle::NodeIsGone { .. }
        | NodeLifecycle::NodeIsOutOfService { .. } => &[],
    }
}
