//! Two pods of one node cannot have the same host port. Upstream: `plugins/nodeports`.

use crate::api::{Node, Pod};
pub(super) use crate::placement::host_ports::{HostPort, of as host_ports};
use crate::scheduler::events::ClusterEvent;
use crate::scheduler::view::View;
use crate::why::scheduler::Rejection;

pub(super) fn check(wanted: &[HostPort<'_>], view: &View<'_>, node: &Node) -> Option<Rejection> {
    if wanted.is_empty() {
        return None;
    }
    let taken: Vec<HostPort<'_>> = view.pods_on(node).flat_map(|pod| host_ports(pod)).collect();
    let conflict = wanted.iter().find(|wanted| taken.iter().any(|taken| taken.conflicts_with(wanted)))?;
    Some(Rejection::Port(conflict.port))
}

pub(super) fn may_help(event: &ClusterEvent<'_>, pod: &Pod) -> bool {
    match event {
        ClusterEvent::NodeAdded(_) => true,
        ClusterEvent::PodGone(gone) => {
            host_ports(gone).any(|freed| host_ports(pod).any(|wanted| freed.conflicts_with(&wanted)))
        }
        ClusterEvent::NodeChanged { .. }
        | ClusterEvent::PodChanged { .. }
        | ClusterEvent::PodPlaced(_)
        | ClusterEvent::PodRelabelled { .. }
        | ClusterEvent::ClaimChanged(_)
        | ClusterEvent::VolumeChanged
        | ClusterEvent::ClassChanged => false,
    }
}
