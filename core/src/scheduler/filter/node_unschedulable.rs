//! Cordoned nodes take no new pods. Upstream: `plugins/nodeunschedulable`.

use k8s_openapi::api::core::v1::Taint;

use crate::api::{Node, Pod};
use crate::placement::tolerations;
use crate::scheduler::events::ClusterEvent;
use crate::why::scheduler::Rejection;

pub(super) fn check(pod: &Pod, node: &Node) -> Option<Rejection> {
    (node.is_unschedulable() && !tolerates_cordon(pod)).then_some(Rejection::Cordoned)
}

pub(super) fn may_help(event: &ClusterEvent<'_>, pod: &Pod) -> bool {
    match event {
        ClusterEvent::NodeAdded(node) => check(pod, node).is_none(),
        ClusterEvent::NodeChanged { before, after } => before.is_unschedulable() && !after.is_unschedulable(),
        ClusterEvent::PodChanged { .. } => tolerates_cordon(pod),
        ClusterEvent::PodPlaced(_)
        | ClusterEvent::PodGone(_)
        | ClusterEvent::PodRelabelled { .. }
        | ClusterEvent::ClaimChanged(_)
        | ClusterEvent::VolumeChanged
        | ClusterEvent::ClassChanged => false,
    }
}

fn tolerates_cordon(pod: &Pod) -> bool {
    let cordon = Taint {
        key: "node.kubernetes.io/unschedulable".to_owned(),
        effect: "NoSchedule".to_owned(),
        ..Taint::default()
    };
    tolerations::tolerate(tolerations::of(pod), &cordon)
}
