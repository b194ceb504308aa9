//! The filters: may the pod run on a node at all? One file per plugin, each named as upstream names it.
//! Upstream: `pkg/scheduler/framework/plugins`.

mod inter_pod_affinity;
mod node_affinity;
mod node_ports;
mod node_resources_fit;
mod node_unschedulable;
mod pod_topology_spread;
mod taint_toleration;
pub(super) mod volume_binding;
mod volume_restrictions;

use super::census::Census;
use super::events::ClusterEvent;
use super::view::{Candidate, Incoming, View};
use crate::api::Pod;
use crate::why::scheduler::{FilterPlugin, Rejection};

/// What the filters need to know about a pod and the cluster, computed once per look.
pub(super) struct Filters<'a> {
    incoming: &'a Incoming<'a>,
    named: node_affinity::Named<'a>,
    ports: Vec<node_ports::HostPort<'a>>,
    fit: node_resources_fit::Wanted<'a>,
    claims: volume_binding::Claims<'a>,
    in_use: bool,
    spread: pod_topology_spread::Hard,
    near: inter_pod_affinity::Rules,
}

impl<'a> Filters<'a> {
    /// Prepares every filter.
    pub(super) fn new(incoming: &'a Incoming<'a>, view: &View<'a>, census: &mut Census) -> Filters<'a> {
        Filters {
            incoming,
            named: node_affinity::Named::of(incoming.pod),
            ports: node_ports::host_ports(incoming.pod).collect(),
            fit: node_resources_fit::Wanted::of(incoming),
            claims: volume_binding::Claims::of(incoming.pod, view.store),
            in_use: volume_restrictions::conflict(incoming.pod, view),
            spread: pod_topology_spread::Hard::new(incoming, view, census),
            near: inter_pod_affinity::Rules::new(incoming, view, census),
        }
    }

    /// Why no node can be right for the pod, whatever is on it.
    pub(super) fn hopeless(&self) -> Option<Rejection> {
        self.named.conflict().or_else(|| self.claims.hopeless.clone())
    }

    /// Why the pod may not run on the node, according to the first filter that says so.
    pub(super) fn check(&self, view: &View<'a>, candidate: &Candidate<'_>) -> Option<Rejection> {
        let (pod, node) = (self.incoming.pod, candidate.node);
        self.named
            .check(node)
            .or_else(|| node_unschedulable::check(pod, node))
            .or_else(|| taint_toleration::check(pod, node))
            .or_else(|| node_affinity::check(pod, node))
            .or_else(|| node_ports::check(&self.ports, view, node))
            .or_else(|| self.fit.check(view, candidate))
            .or_else(|| self.in_use.then_some(Rejection::ClaimInUse))
            .or_else(|| self.claims.check(view.store, node))
            .or_else(|| self.spread.check(node))
            .or_else(|| self.near.check(node))
    }
}

/// Whether `event` may make room for `pod`, which `plugin` rejected. Upstream: the plugins' queueing hints.
pub(super) fn may_help(plugin: FilterPlugin, event: &ClusterEvent<'_>, pod: &Pod, view: &View<'_>) -> bool {
    match plugin {
        FilterPlugin::NodeUnschedulable => node_unschedulable::may_help(event, pod),
        FilterPlugin::TaintToleration => taint_toleration::may_help(event, pod),
        FilterPlugin::NodeAffinity => node_affinity::may_help(event, pod),
        FilterPlugin::NodePorts => node_ports::may_help(event, pod),
        FilterPlugin::NodeResourcesFit => node_resources_fit::may_help(event, pod, view),
        FilterPlugin::VolumeRestrictions => volume_restrictions::may_help(event, pod),
        FilterPlugin::VolumeBinding => volume_binding::may_help(event, pod),
        FilterPlugin::PodTopologySpread => pod_topology_spread::may_help(event, pod),
        FilterPlugin::InterPodAffinity => inter_pod_affinity::may_help(event, pod, view.store),
    }
}
