//! Does a node fit? Upstream: `daemon_controller.go`, `NodeShouldRunDaemonPod`.

use k8s_openapi::api::core::v1 as core;

use super::pods;
use crate::api::{DaemonSet, Node};
use crate::placement::{node_selector, tolerations};
use crate::why::daemon_set::Misfit;

/// Whether a node is to have a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// It is.
    Runs,
    /// It is to get none, and may keep the one it has.
    MayStay(Misfit),
    /// It is not.
    Unfit(Misfit),
}

/// What keeps new pods of `set` away from `node`, if anything does.
pub fn misfit(set: &DaemonSet, node: &Node) -> Option<Misfit> {
    match of(set, node) {
        Fit::Runs => None,
        Fit::MayStay(misfit) | Fit::Unfit(misfit) => Some(misfit),
    }
}

/// How `node` fits the template of `set`.
pub(super) fn of(set: &DaemonSet, node: &Node) -> Fit {
    let Some(spec) = &set.spec.template.spec else { return Fit::Runs };
    let named = spec.node_name.as_deref().unwrap_or_default();
    if !named.is_empty() && named != node.name() {
        return Fit::Unfit(Misfit::Name);
    }
    if !node_selector::requirements_met(spec, node) {
        return Fit::Unfit(Misfit::Labels);
    }
    let tolerated = pods::tolerations(spec);
    let repels = |effects: &[&str]| {
        let mut taints = node.taints().iter();
        taints.find(|taint| {
            effects.contains(&taint.effect.as_str()) && !tolerations::tolerate(&tolerated, taint)
        })
    };
    if let Some(taint) = repels(&["NoExecute"]) {
        return Fit::Unfit(Misfit::Taint(shown(taint).into()));
    }
    repels(&["NoSchedule"]).map_or(Fit::Runs, |taint| Fit::MayStay(Misfit::Taint(shown(taint).into())))
}

/// `dedicated=db:NoSchedule`
fn shown(taint: &core::Taint) -> String {
    match taint.value.as_deref().unwrap_or_default() {
        "" => format!("{}:{}", taint.key, taint.effect),
        value => format!("{}={value}:{}", taint.key, taint.effect),
    }
}
