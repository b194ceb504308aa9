//! A node's taints keep away the pods that do not tolerate them. Upstream: `plugins/tainttoleration`.

use k8s_openapi::api::core::v1::Taint;

use crate::api::{Node, Pod};
use crate::placement::tolerations;
use crate::scheduler::events::ClusterEvent;
use crate::why::scheduler::Rejection;

pub(super) fn check(pod: &Pod, node: &Node) -> Option<Rejection> {
    let taint = tolerations::repelling(pod, node)?;
    Some(Rejection::Taint(shown(taint).into()))
}

pub(super) fn may_help(event: &ClusterEvent<'_>, pod: &Pod) -> bool {
    match event {
        ClusterEvent::NodeAdded(node) => check(pod, node).is_none(),
        ClusterEvent::NodeChanged { before, after } => {
            check(pod, before).is_some() && check(pod, after).is_none()
        }
        ClusterEvent::PodChanged { before, after } => tolerations::of(before) != tolerations::of(after),
        ClusterEvent::PodPlaced(_)
        | ClusterEvent::PodGone(_)
        | ClusterEvent::PodRelabelled { .. }
        | ClusterEvent::ClaimChanged(_)
        | ClusterEvent::VolumeChanged
        | ClusterEvent::ClassChanged => false,
    }
}

/// `dedicated=db:NoSchedule`
fn shown(taint: &Taint) -> String {
    match taint.value.as_deref().unwrap_or_default() {
        "" => format!("{}:{}", taint.key, taint.effect),
        value => format!("{}={value}:{}", taint.key, taint.effect),
    }
}
