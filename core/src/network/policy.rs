//! NetworkPolicies: whether a packet may leave or reach a pod. Upstream says what they mean in
//! `staging/src/k8s.io/api/networking/v1/types.go`; the network plugin of a node makes it so.
//!
//! A pod that no policy selects for a direction lets everything pass. One that is selected lets pass what any of those
//! policies allows, and nothing else.

use std::net::Ipv4Addr;
use std::rc::Rc;

use k8s_openapi::api::networking::v1 as networking;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::flow::Direction;
use crate::api::{Key, Namespace, NetworkPolicy, Pod, Selector};
use crate::apiserver::Store;
use crate::simulation::Protocol;

/// The other end of a connection.
#[derive(Clone, Copy)]
pub struct Peer<'a> {
    /// Its address.
    pub address: &'a str,
    /// The pod there, if it is one.
    pub pod: Option<&'a Pod>,
}

/// What the policies of a pod say.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Those that select it for this direction, by name.
    pub policies: Vec<Key>,
    /// The first of them that lets the packet pass.
    pub allowed_by: Option<Key>,
}

/// Whether a TCP packet between `pod` and `peer` may pass, to `port` of whichever end serves. `None`: no policy says
/// anything about it.
pub fn judge(store: &Store, pod: &Pod, direction: Direction, peer: Peer<'_>, port: Port) -> Option<Verdict> {
    if pod.spec.spec.host_network == Some(true) {
        return None;
    }
    let policies = store.list_in::<NetworkPolicy>(&pod.key.namespace);
    let selecting: Vec<&Rc<NetworkPolicy>> =
        policies.filter(|policy| selects(policy, pod, direction)).collect();
    if selecting.is_empty() {
        return None;
    }
    let served = match direction {
        Direction::Ingress => Some(pod),
        Direction::Egress => peer.pod,
    };
    let allows = |policy: &&&Rc<NetworkPolicy>| {
        rules(policy, direction).any(|rule| {
            let meets_peer = rule.peers.is_empty()
                || rule.peers.iter().any(|it| is_meant(store, &policy.key.namespace, it, peer));
            let meets_port = rule.ports.is_empty() || rule.ports.iter().any(|it| is_port(it, port, served));
            meets_peer && meets_port
        })
    };
    let allowed_by = selecting.iter().find(allows).map(|policy| policy.key.clone());
    Some(Verdict { policies: selecting.iter().map(|policy| policy.key.clone()).collect(), allowed_by })
}

/// Whether a policy isolates a pod for a direction.
fn selects(policy: &NetworkPolicy, pod: &Pod, direction: Direction) -> bool {
    let Some(spec) = &policy.spec.spec else { return false };
    let wanted = match direction {
        Direction::Ingress => "Ingress",
        Direction::Egress => "Egress",
    };
    let is_of_type = match &spec.policy_types {
        Some(types) => types.iter().any(|it| it == wanted),
        None => direction == Direction::Ingress || spec.egress.as_ref().is_some_and(|it| !it.is_empty()),
    };
    let selector = spec.pod_selector.as_ref().map(Selector::from_api).unwrap_or_default();
    is_of_type && selector.matches(&pod.meta.labels)
}

/// A port's number, and what is spoken to it.
pub type Port = (u16, Protocol);

/// A rule of either direction: empty lists allow everything.
struct Rule<'a> {
    peers: &'a [networking::NetworkPolicyPeer],
    ports: &'a [networking::NetworkPolicyPort],
}

fn rules(policy: &NetworkPolicy, direction: Direction) -> impl Iterator<Item = Rule<'_>> {
    let spec = policy.spec.spec.as_ref();
    let ingress = spec.and_then(|spec| spec.ingress.as_ref()).filter(|_| direction == Direction::Ingress);
    let egress = spec.and_then(|spec| spec.egress.as_ref()).filter(|_| direction == Direction::Egress);
    let into = ingress.into_iter().flatten().map(|rule| Rule {
        peers: rule.from.as_deref().unwrap_or_default(),
        ports: rule.ports.as_deref().unwrap_or_default(),
    });
    let out = egress.into_iter().flatten().map(|rule| Rule {
        peers: rule.to.as_deref().unwrap_or_default(),
        ports: rule.ports.as_deref().unwrap_or_default(),
    });
    into.chain(out)
}

/// Whether a rule's peer is this one. Pods are meant of the policy's own namespace where it names none.
fn is_meant(store: &Store, namespace: &str, meant: &networking::NetworkPolicyPeer, peer: Peer<'_>) -> bool {
    if let Some(block) = &meant.ip_block {
        let is_except = block.except.iter().flatten().any(|except| is_within(except, peer.address));
        return is_within(&block.cidr, peer.address) && !is_except;
    }
    let Some(pod) = peer.pod.filter(|pod| pod.spec.spec.host_network != Some(true)) else { return false };
    let is_there = match &meant.namespace_selector {
        None => &*pod.key.namespace == namespace,
        Some(selector) => {
            let found = store.get_cluster_wide::<Namespace>(&pod.key.namespace);
            found.is_some_and(|found| Selector::from_api(selector).matches(&found.meta.labels))
        }
    };
    let selector = meant.pod_selector.as_ref().map(Selector::from_api).unwrap_or_default();
    is_there && selector.matches(&pod.meta.labels)
}

/// Whether a rule's port is this one of the pod that serves it.
fn is_port(meant: &networking::NetworkPolicyPort, port: Port, served: Option<&Pod>) -> bool {
    let (port, protocol) = port;
    if Protocol::read(meant.protocol.as_deref()) != protocol {
        return false;
    }
    let port = i32::from(port);
    match (&meant.port, meant.end_port) {
        (None, _) => true,
        (Some(IntOrString::Int(first)), Some(last)) => (*first..=last).contains(&port),
        (Some(IntOrString::Int(number)), None) => *number == port,
        (Some(IntOrString::String(name)), _) => {
            let containers = served.into_iter().flat_map(|pod| pod.containers());
            let mut ports = containers.flat_map(|container| container.ports.iter().flatten());
            ports.any(|known| known.name.as_ref() == Some(name) && known.container_port == port)
        }
    }
}

/// Whether an address lies in a block: `10.244.0.0/16`.
fn is_within(block: &str, address: &str) -> bool {
    let Some((network, length)) = block.split_once('/') else { return false };
    let (Ok(network), Ok(address), Ok(length)) =
        (network.parse::<Ipv4Addr>(), address.parse::<Ipv4Addr>(), length.parse::<u32>())
    else {
        return false;
    };
    let mask = u32::MAX.checked_shl(32_u32.saturating_sub(length)).unwrap_or(0);
    u32::from(network) & mask == u32::from(address) & mask
}
