//! PodDisruptionBudgets: which pods they cover.

use std::rc::Rc;

use k8s_openapi::api::policy::v1 as policy;

use super::{Pod, Resource, Selector};

/// A stored PodDisruptionBudget.
pub type PodDisruptionBudget =
    Resource<Rc<policy::PodDisruptionBudgetSpec>, Rc<policy::PodDisruptionBudgetStatus>>;

impl PodDisruptionBudget {
    /// Which pods it covers: an empty selector covers all of its namespace, none covers none.
    pub fn pod_selector(&self) -> Selector {
        self.spec.selector.as_ref().map_or_else(Selector::nothing, Selector::from_api)
    }

    /// How many pods were healthy when they were last counted, and how many must be.
    pub fn health(&self) -> (i32, i32) {
        (self.status.current_healthy.unwrap_or(0), self.status.desired_healthy.unwrap_or(0))
    }

    /// Whether it covers this pod.
    pub fn covers(&self, pod: &Pod) -> bool {
        pod.key.namespace == self.key.namespace && self.pod_selector().matches(&pod.meta.labels)
    }
}
