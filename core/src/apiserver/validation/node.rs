//! Nodes. Upstream: `ValidateNode`, `ValidateNodeUpdate` in `pkg/apis/core/validation/validation.go`.

use super::field::{Faults, Path, Shown};
use super::{names, resources, scheduling};
use crate::api::Node;

const SPEC: Path<'_> = Path::root("spec");

/// Checks a Node.
#[inline(never)]
pub(super) fn node(node: &Node, before: Option<&Node>, faults: &mut Faults) {
    let metadata = Path::root("metadata");
    // Upstream names the path so.
    scheduling::taints(node.taints(), metadata.child("taints"), faults);
    let status = Path::root("status");
    for (field, amounts) in [("capacity", &node.status.capacity), ("allocatable", &node.status.allocatable)] {
        let list = status.child(field);
        for (resource, amount) in amounts.iter().flatten() {
            resources::amount(resource, amount, list.child(resource), faults);
        }
    }
    let networks = node.spec.pod_cidrs.as_deref().unwrap_or_default();
    let list = SPEC.child("podCIDRs");
    for (index, network) in networks.iter().enumerate() {
        names::network(network, list.index(index), faults);
    }
    let sixth = networks.iter().filter(|network| network.contains(':')).count();
    if networks.len() > 2 || networks.len() == 2 && sixth != 1 {
        faults.invalid(list, Shown::json(&networks), "may specify no more than one CIDR for each IP family");
    }
    for (index, network) in networks.iter().enumerate().filter(|(at, it)| networks[..*at].contains(it)) {
        faults.duplicate(list.index(index), network);
    }
    if let Some(before) = before {
        stays(node, before, faults);
    }
}

/// What identifies a node to others is given once.
fn stays(node: &Node, before: &Node, faults: &mut Faults) {
    let networks = before.spec.pod_cidrs.as_deref().unwrap_or_default();
    if !networks.is_empty() && node.spec.pod_cidrs.as_deref() != Some(networks) {
        let detail = "node updates may not change podCIDR except from \"\" to valid";
        faults.forbidden(SPEC.child("podCIDRs"), detail);
    }
    let provider = before.spec.provider_id.as_deref().unwrap_or_default();
    if !provider.is_empty() && node.spec.provider_id.as_deref() != Some(provider) {
        let detail = "node updates may not change providerID except from \"\" to valid";
        faults.forbidden(SPEC.child("providerID"), detail);
    }
}
