//! Nodes: accessors over spec and status.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::{Resource, quantity};

/// A stored Node.
pub type Node = Resource<Rc<core::NodeSpec>, Rc<core::NodeStatus>>;

impl Node {
    /// `spec.unschedulable`: cordoned.
    pub fn is_unschedulable(&self) -> bool {
        self.spec.unschedulable.unwrap_or(false)
    }

    /// `spec.taints`
    pub fn taints(&self) -> &[core::Taint] {
        self.spec.taints.as_deref().unwrap_or_default()
    }

    /// Whether its Ready condition is True.
    pub fn is_ready(&self) -> bool {
        self.condition("Ready").is_some_and(|condition| condition.status == "True")
    }

    /// A condition by type.
    pub fn condition(&self, name: &str) -> Option<&core::NodeCondition> {
        self.status.conditions.iter().flatten().find(|condition| condition.type_ == name)
    }

    /// `status.allocatable[resource]` (capacity where it is absent), cpu in thousandths, the rest in units.
    pub fn allocatable(&self, resource: &str) -> i64 {
        let listed = self.status.allocatable.as_ref().or(self.status.capacity.as_ref());
        listed
            .and_then(|amounts| amounts.get(resource))
            .map_or(0, |amount| quantity::amount(resource, amount))
    }
}
