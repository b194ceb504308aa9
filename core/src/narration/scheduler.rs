//! Words for the facts of `why::scheduler`.

use super::{Detail, Text};
use crate::api::{Key, Kind, ObjectRef};
use crate::engine::Step;
use crate::why::Scheduler;
use crate::why::scheduler::{
    FilterPlugin, NodeResult, Points, Preempted, Rejection, ScorePlugin, Shortage, Verdict,
};

/// One sentence.
#[inline(never)]
pub(super) fn headline(fact: &Scheduler, step: &Step) -> Text {
    match fact {
        Scheduler::Fits(verdict) => fits(verdict),
        Scheduler::FitsNowhere(verdict) => {
            let text = Text::new().plain("Marks ").object(&pod(&verdict.pod)).plain(" unschedulable: ");
            match verdict.nodes {
                0 => text.plain("the cluster has no nodes."),
                1 => text.plain("the only node does not pass every filter."),
                nodes => text.plain("no node of ").number(nodes).plain(" passes every filter."),
            }
        }
        Scheduler::BindingRefused { pod: key, node, errors: _, back_off_seconds } => Text::new()
            .plain("Puts ")
            .object(&pod(key))
            .plain(format!(" back: it was not bound to {node}. It backs off for "))
            .number(back_off_seconds)
            .plain(" s."),
        Scheduler::BeingDeleted { pod: key } => {
            Text::new().plain("Skips ").object(&pod(key)).plain(": it is being deleted.")
        }
        Scheduler::Preempts(preempted) => {
            let Preempted { pod: key, priority, victim, .. } = &**preempted;
            let deletes = step.change().is_some_and(|change| change.subresource.is_empty());
            let text = Text::new().plain(if deletes { "Deletes " } else { "Marks " }).object(&pod(victim));
            let text = text.plain(if deletes { ": " } else { " as a target of disruption: " });
            text.object(&pod(key)).plain(" has priority ").number(priority).plain(".")
        }
        Scheduler::BindsClaims { pod: key, node, .. } => {
            let text = Text::new().plain("Gets volumes on ").plain(node.clone()).plain(" for the claims of ");
            text.object(&pod(key)).plain(".")
        }
        Scheduler::ClaimsAreBound { pod: key, node } => {
            let text = Text::new().plain("Binds ").object(&pod(key)).plain(format!(" to {node}: "));
            text.plain("its claims have their volumes.")
        }
        Scheduler::ClaimsTimedOut { pod: key, .. } => {
            Text::new().plain("Puts ").object(&pod(key)).plain(" back: its claims got no volumes.")
        }
        Scheduler::LooksAgain { waiting } => {
            Text::new().plain("Looks again after a while: pods that wait: ").number(waiting).plain(".")
        }
    }
}

/// The arithmetic.
#[inline(never)]
pub(super) fn detail(fact: &Scheduler, _step: &Step) -> Detail {
    match fact {
        Scheduler::Fits(verdict) => {
            let detail = Detail::new("Which node", "schedulePod");
            let detail = rows(detail, verdict);
            summary(detail, verdict)
        }
        Scheduler::FitsNowhere(verdict) => {
            let detail = rows(Detail::new("Why no node", "findNodesThatFitPod"), verdict);
            let reasons = verdict.reasons.iter();
            let detail =
                reasons.fold(detail, |detail, (reason, nodes)| detail.row(reason.clone(), "nodes", nodes));
            summary(detail, verdict)
        }
        Scheduler::BindingRefused { pod: _, node, errors, back_off_seconds } => {
            Detail::new("How long it waits", "calculateBackoffDuration")
                .row("node", "spec.nodeName was to be", node)
                .row("errors", "in a row", errors)
                .row(
                    "back-off",
                    "1 s doubling, at most 10 s; its end is cut to the second",
                    format!("{back_off_seconds} s"),
                )
        }
        Scheduler::BeingDeleted { .. } => Detail::new("Why it is skipped", "skipPodSchedule").row(
            "deletion",
            "metadata.deletionTimestamp",
            "set",
        ),
        Scheduler::Preempts(preempted) => {
            let Preempted { pod, priority, victim, victim_priority, node } = &**preempted;
            Detail::new("Who has to leave", "SelectVictimsOnNode")
                .row(pod.name.clone(), format!("needs room on {node}"), format!("priority {priority}"))
                .row(
                    victim.name.clone(),
                    format!("has room on {node}"),
                    format!("priority {victim_priority}"),
                )
        }
        Scheduler::BindsClaims { pod: _, node, claims } => {
            Detail::new("Which volumes", "BindPodVolumes").row(node.clone(), "claims that wait", claims)
        }
        Scheduler::ClaimsAreBound { pod: _, node } => {
            Detail::new("Which volumes", "checkBindings").row(node.clone(), "claims", "all bound")
        }
        Scheduler::ClaimsTimedOut { pod: _, node, waited_seconds } => Detail::new(
            "How long",
            "BindPodVolumes",
        )
        .row(node.clone(), "waited for volumes", format!("{waited_seconds} s")),
        Scheduler::LooksAgain { waiting } => {
            Detail::new("What waits", "flushUnschedulablePodsLeftover").row("pods", "in the queue", waiting)
        }
    }
}

/// The manifest fields that decided.
pub(super) fn fields(fact: &Scheduler) -> &'static [&'static str] {
    match fact {
        Scheduler::Fits(verdict) => decisive_score(verdict).map_or(&[], score_fields),
        Scheduler::FitsNowhere(verdict) => decisive_filter(verdict).map_or(&[], filter_fields),
        Scheduler::BindingRefused { .. } | Scheduler::BeingDeleted { .. } | Scheduler::LooksAgain { .. } => {
            &[]
        }
        Scheduler::BindsClaims { .. }
        | Scheduler::ClaimsAreBound { .. }
        | Scheduler::ClaimsTimedOut { .. } => &["spec.volumes", "spec.template.spec.volumes"],
        Scheduler::Preempts(_) => &["spec.priorityClassName"],
    }
}

fn pod(key: &Key) -> ObjectRef {
    ObjectRef::new(Kind::Pod, key.clone())
}

fn fits(verdict: &Verdict) -> Text {
    let node = verdict.chosen.as_deref().unwrap_or_default();
    let text = Text::new().plain("Binds ").object(&pod(&verdict.pod)).plain(format!(" to {node}: "));
    if verdict.feasible == 1 {
        return match verdict.nodes {
            1 => text.plain("it is the only node."),
            nodes => text.plain("of ").number(nodes).plain(" nodes it alone passes."),
        };
    }
    let totals = || verdict.rows.iter().filter_map(|row| Some((&*row.node, points(&row.result)?.total)));
    let most = totals().find(|(name, _)| *name == node).map_or(0, |(_, total)| total);
    let equal = totals().filter(|(_, total)| *total == most).count();
    if equal > 1 {
        return text
            .plain("the first of ")
            .number(equal)
            .plain(" nodes with ")
            .number(most)
            .plain(" points.");
    }
    text.number(most).plain(" points, the most of ").number(verdict.feasible).plain(" nodes.")
}

fn points(result: &NodeResult) -> Option<Points> {
    match result {
        NodeResult::Scored(points) => Some(*points),
        NodeResult::Rejected(_) | NodeResult::OnlyOne => None,
    }
}

fn rows(detail: Detail, verdict: &Verdict) -> Detail {
    verdict.rows.iter().fold(detail, |detail, row| match &row.result {
        NodeResult::Rejected(rejection) => {
            detail.row(row.node.clone(), rejected(rejection), rejection.plugin().name())
        }
        NodeResult::Scored(points) => detail.row(row.node.clone(), sum(points), points.total),
        NodeResult::OnlyOne => detail.row(row.node.clone(), "passes every filter", "alone"),
    })
}

fn summary(detail: Detail, verdict: &Verdict) -> Detail {
    let passing = format!("{} of {}", verdict.feasible, verdict.nodes);
    let detail = detail.row("nodes", "pass every filter", passing);
    let detail = detail.row("attempt", "looks at this pod", verdict.attempt);
    match &verdict.message {
        Some(message) => detail.row("message", message.clone(), ""),
        None => detail,
    }
}

/// `3 × 100 taints + 97 free room + 2 × 60 spread`
fn sum(points: &Points) -> String {
    let mut terms = Vec::new();
    for plugin in ScorePlugin::ALL {
        let Some(score) = points.of[plugin as usize] else { continue };
        let name = match plugin {
            ScorePlugin::TaintToleration => "taints",
            ScorePlugin::NodeAffinity => "preferred labels",
            ScorePlugin::NodeResourcesFit => "free room",
            ScorePlugin::NodeResourcesBalancedAllocation => "balance",
            ScorePlugin::ImageLocality => "images",
            ScorePlugin::PodTopologySpread => "spread",
            ScorePlugin::InterPodAffinity => "pods near",
        };
        terms.push(match plugin.weight() {
            1 => format!("{score} {name}"),
            weight => format!("{weight} × {score} {name}"),
        });
    }
    terms.join(" + ")
}

/// What speaks against a node, with its numbers; the node is the subject: `is cordoned: spec.unschedulable`.
pub fn rejected(rejection: &Rejection) -> String {
    match rejection {
        Rejection::Cordoned => "is cordoned: spec.unschedulable".to_owned(),
        Rejection::Taint(taint) => format!("has the taint {taint}, which is not tolerated"),
        Rejection::NodeAffinity => "lacks the labels that are asked for".to_owned(),
        Rejection::NotNamed => "is not among the nodes that are asked for by name".to_owned(),
        Rejection::ConflictingNames => "the names that are asked for exclude each other".to_owned(),
        Rejection::Port(port) => format!("its port {port} is taken"),
        Rejection::TooLittle(shortages) => shortages.iter().map(shortage).collect::<Vec<String>>().join("; "),
        Rejection::ClaimMissing(claim) => format!("there is no claim {claim}"),
        Rejection::ClaimComing(claim) => format!("its claim {claim} has not been created yet"),
        Rejection::ClaimLost { claim, volume } => format!("the volume {volume} of claim {claim} is gone"),
        Rejection::ClaimTerminating(claim) => format!("claim {claim} is being deleted"),
        Rejection::ClaimUnbound => "a claim has no volume".to_owned(),
        Rejection::ClaimInUse => "another pod has a claim that is for one pod alone".to_owned(),
        Rejection::VolumeMissing => "the volume of a claim is gone".to_owned(),
        Rejection::VolumeOutOfReach => "a volume cannot be reached from here".to_owned(),
        Rejection::NoVolume => "no volume for a claim can be reached from here".to_owned(),
        Rejection::SpreadLabelMissing(key) => format!("lacks the label {key}"),
        Rejection::Uneven { key, pods, fewest, max_skew } => {
            format!("{key}: {pods} pods with this one - {fewest} elsewhere > maxSkew {max_skew}")
        }
        Rejection::Affinity => "has no pod near that is asked for".to_owned(),
        Rejection::AntiAffinity => "has a pod near that is to be avoided".to_owned(),
        Rejection::ExistingAntiAffinity => "has a pod near that keeps this one away".to_owned(),
    }
}

/// `cpu in thousandths: 2000 asked > 4000 - 3000 used`
fn shortage(shortage: &Shortage) -> String {
    let Shortage { resource, asked, used, allocatable } = shortage;
    let unit = match &**resource {
        "cpu" => " in thousandths",
        "memory" | "ephemeral-storage" => " in bytes",
        _ => "",
    };
    format!("{resource}{unit}: {asked} asked > {allocatable} - {used} used")
}

/// The filter that rejects the most nodes, the first of them.
fn decisive_filter(verdict: &Verdict) -> Option<FilterPlugin> {
    let plugins = verdict.rows.iter().filter_map(|row| match &row.result {
        NodeResult::Rejected(rejection) => Some(rejection.plugin()),
        NodeResult::Scored(_) | NodeResult::OnlyOne => None,
    });
    let count = |plugin: FilterPlugin| plugins.clone().filter(|other| *other == plugin).count();
    FilterPlugin::ALL
        .into_iter()
        .filter(|plugin| count(*plugin) > 0)
        .rev()
        .max_by_key(|plugin| count(*plugin))
}

/// The score that sets the chosen node apart by the most points.
fn decisive_score(verdict: &Verdict) -> Option<ScorePlugin> {
    let scored = || verdict.rows.iter().filter_map(|row| Some((&row.node, points(&row.result)?)));
    let (_, chosen) = scored().find(|(node, _)| Some(*node) == verdict.chosen.as_ref())?;
    let lead = |plugin: ScorePlugin| {
        let own = chosen.of[plugin as usize]?;
        let others = scored().filter_map(|(_, points)| points.of[plugin as usize]);
        Some(u32::from(own.saturating_sub(others.min()?)) * plugin.weight())
    };
    let leads = ScorePlugin::ALL.into_iter().filter_map(|plugin| Some((lead(plugin)?, plugin)));
    leads.filter(|(lead, _)| *lead > 0).max_by_key(|(lead, _)| *lead).map(|(_, plugin)| plugin)
}

fn filter_fields(plugin: FilterPlugin) -> &'static [&'static str] {
    match plugin {
        FilterPlugin::NodeUnschedulable | FilterPlugin::TaintToleration => {
            &["spec.tolerations", "spec.template.spec.tolerations"]
        }
        FilterPlugin::NodeAffinity => &[
            "spec.nodeSelector",
            "spec.template.spec.nodeSelector",
            "spec.affinity.nodeAffinity",
            "spec.template.spec.affinity.nodeAffinity",
        ],
        FilterPlugin::NodePorts => &["spec.containers[0].ports", "spec.template.spec.containers[0].ports"],
        FilterPlugin::NodeResourcesFit => REQUESTS,
        FilterPlugin::VolumeRestrictions | FilterPlugin::VolumeBinding => {
            &["spec.volumes", "spec.template.spec.volumes"]
        }
        FilterPlugin::PodTopologySpread => SPREAD,
        FilterPlugin::InterPodAffinity => POD_AFFINITY,
    }
}

fn score_fields(plugin: ScorePlugin) -> &'static [&'static str] {
    match plugin {
        ScorePlugin::TaintToleration => &["spec.tolerations", "spec.template.spec.tolerations"],
        ScorePlugin::NodeAffinity => {
            &["spec.affinity.nodeAffinity", "spec.template.spec.affinity.nodeAffinity"]
        }
        ScorePlugin::NodeResourcesFit | ScorePlugin::NodeResourcesBalancedAllocation => REQUESTS,
        ScorePlugin::ImageLocality => &["spec.containers[0].image", "spec.template.spec.containers[0].image"],
        ScorePlugin::PodTopologySpread => SPREAD,
        ScorePlugin::InterPodAffinity => POD_AFFINITY,
    }
}

const REQUESTS: &[&str] =
    &["spec.containers[0].resources.requests", "spec.template.spec.containers[0].resources.requests"];
const SPREAD: &[&str] = &["spec.topologySpreadConstraints", "spec.template.spec.topologySpreadConstraints"];
const POD_AFFINITY: &[&str] = &["spec.affinity", "spec.template.spec.affinity"];
