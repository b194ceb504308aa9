//! NetworkPolicies. Upstream: `pkg/apis/networking/validation/validation.go`.

use k8s_openapi::api::networking::v1 as networking;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::field::{Faults, Path, Shown};
use super::{names, selector};
use crate::api::NetworkPolicy;

const SPEC: Path<'_> = Path::root("spec");
const TYPES: [&str; 2] = ["Ingress", "Egress"];
const PROTOCOLS: [&str; 3] = ["TCP", "UDP", "SCTP"];

/// Checks a NetworkPolicy.
#[inline(never)]
pub(super) fn network_policy(policy: &NetworkPolicy, faults: &mut Faults) {
    let Some(spec) = &policy.spec.spec else { return };
    if let Some(pods) = &spec.pod_selector {
        selector::label_selector(pods, SPEC.child("podSelector"), faults);
    }
    let list = SPEC.child("ingress");
    for (index, rule) in spec.ingress.iter().flatten().enumerate() {
        let path = list.index(index);
        ports(rule.ports.as_deref(), path.child("ports"), faults);
        peers(rule.from.as_deref(), path.child("from"), faults);
    }
    let list = SPEC.child("egress");
    for (index, rule) in spec.egress.iter().flatten().enumerate() {
        let path = list.index(index);
        ports(rule.ports.as_deref(), path.child("ports"), faults);
        peers(rule.to.as_deref(), path.child("to"), faults);
    }
    let list = SPEC.child("policyTypes");
    let types = spec.policy_types.as_deref().unwrap_or_default();
    if types.len() > TYPES.len() {
        return faults.invalid(list, Shown::json(&types), "may not specify more than two policyTypes");
    }
    for (index, name) in types.iter().enumerate().filter(|(_, name)| !TYPES.contains(&name.as_str())) {
        faults.unsupported(list.index(index), name, &TYPES);
    }
}

fn ports(ports: Option<&[networking::NetworkPolicyPort]>, list: Path<'_>, faults: &mut Faults) {
    for (index, port) in ports.into_iter().flatten().enumerate() {
        let path = list.index(index);
        if let Some(protocol) = port.protocol.as_ref().filter(|it| !PROTOCOLS.contains(&it.as_str())) {
            faults.unsupported(path.child("protocol"), protocol, &PROTOCOLS);
        }
        let last = path.child("endPort");
        match (&port.port, port.end_port) {
            (Some(IntOrString::Int(number)), end) => {
                in_range(*number, path.child("port"), faults);
                if let Some(end) = end {
                    if end < *number {
                        faults.invalid(last, end, "must be greater than or equal to `port`");
                    }
                    in_range(end, last, faults);
                }
            }
            (Some(IntOrString::String(name)), end) => {
                if let Some(end) = end {
                    faults.invalid(last, end, "may not be specified when `port` is non-numeric");
                }
                faults.invalid_each(path.child("port"), name, names::port_name(name));
            }
            (None, Some(end)) => {
                faults.invalid(last, end, "may not be specified when `port` is not specified");
            }
            (None, None) => {}
        }
    }
}

fn in_range(number: i32, path: Path<'_>, faults: &mut Faults) {
    if !names::is_port(number) {
        faults.invalid(path, number, names::PORT_RANGE);
    }
}

fn peers(peers: Option<&[networking::NetworkPolicyPeer]>, list: Path<'_>, faults: &mut Faults) {
    for (index, peer) in peers.into_iter().flatten().enumerate() {
        let path = list.index(index);
        let selectors =
            [("podSelector", &peer.pod_selector), ("namespaceSelector", &peer.namespace_selector)];
        let mut given = 0;
        for (name, found) in selectors {
            if let Some(found) = found {
                selector::label_selector(found, path.child(name), faults);
                given += 1;
            }
        }
        if let Some(block) = &peer.ip_block {
            ip_block(block, path.child("ipBlock"), faults);
            if given > 0 {
                faults.forbidden(path, "may not specify both ipBlock and another peer");
            }
        } else if given == 0 {
            faults.required(path, "must specify a peer");
        }
    }
}

fn ip_block(block: &networking::IPBlock, path: Path<'_>, faults: &mut Faults) {
    if block.cidr.is_empty() {
        return faults.required(path.child("cidr"), "");
    }
    let whole = read(&block.cidr);
    names::network(&block.cidr, path.child("cidr"), faults);
    let list = path.child("except");
    for (index, except) in block.except.iter().flatten().enumerate() {
        names::network(except, list.index(index), faults);
        let (Some(whole), Some(part)) = (whole, read(except)) else { continue };
        if !is_strict_subset(part, whole) {
            faults.invalid(list.index(index), except, "must be a strict subset of `cidr`");
        }
    }
}

/// A network: its first address and how many leading bits are its own. IPv4 alone.
fn read(cidr: &str) -> Option<(u32, u32)> {
    let (address, length) = cidr.split_once('/')?;
    let address = u32::from(address.parse::<std::net::Ipv4Addr>().ok()?);
    Some((address, length.parse().ok().filter(|length| *length <= 32)?))
}

fn is_strict_subset((part, length): (u32, u32), (whole, bits): (u32, u32)) -> bool {
    let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
    length > bits && part & mask == whole & mask
}
