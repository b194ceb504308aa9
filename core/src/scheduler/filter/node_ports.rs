//! Two pods of one node cannot have the same host port. Upstream: `plugins/nodeports`.

use crate::api::{Node, Pod};
use crate::scheduler::events::ClusterEvent;
use crate::scheduler::view::View;
use crate::why::scheduler::Rejection;

/// A port of the node that a container asks for.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct HostPort<'a> {
    ip: &'a str,
    protocol: &'a str,
    port: i32,
}

/// The address that stands for every address of the node.
const EVERY_IP: &str = "0.0.0.0";

impl HostPort<'_> {
    fn conflicts_with(&self, other: &HostPort<'_>) -> bool {
        let same_ip = self.ip == other.ip || self.ip == EVERY_IP || other.ip == EVERY_IP;
        same_ip && self.protocol == other.protocol && self.port == other.port
    }
}

/// The host ports of a pod: those of its containers and sidecars.
pub(super) fn host_ports(pod: &Pod) -> impl Iterator<Item = HostPort<'_>> {
    let sidecars = pod.spec.spec.init_containers.iter().flatten();
    let sidecars = sidecars.filter(|container| container.restart_policy.as_deref() == Some("Always"));
    let ports =
        pod.containers().iter().chain(sidecars).flat_map(|container| container.ports.iter().flatten());
    ports.filter_map(|port| {
        Some(HostPort {
            ip: port.host_ip.as_deref().filter(|ip| !ip.is_empty()).unwrap_or(EVERY_IP),
            protocol: port.protocol.as_deref().unwrap_or("TCP"),
            port: port.host_port.filter(|number| *number > 0)?,
        })
    })
}

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
