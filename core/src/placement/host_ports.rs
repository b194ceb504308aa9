//! The ports of its node that a pod asks for. Upstream: `k8s.io/kube-scheduler/framework` (`HostPortInfo`).

use crate::api::Pod;

/// A port of the node that a container asks for.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct HostPort<'a> {
    ip: &'a str,
    protocol: &'a str,
    /// Its number.
    pub(crate) port: i32,
}

/// The address that stands for every address of the node.
const EVERY_IP: &str = "0.0.0.0";

impl HostPort<'_> {
    /// Whether both cannot be had.
    pub(crate) fn conflicts_with(&self, other: &HostPort<'_>) -> bool {
        let same_ip = self.ip == other.ip || self.ip == EVERY_IP || other.ip == EVERY_IP;
        same_ip && self.protocol == other.protocol && self.port == other.port
    }
}

/// The host ports of a pod: those of its containers and sidecars.
pub(crate) fn of(pod: &Pod) -> impl Iterator<Item = HostPort<'_>> {
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
