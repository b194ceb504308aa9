//! Which victims a PodDisruptionBudget would rather keep. Preemption prefers others, and takes them if it must.
//! Upstream: `plugins/defaultpreemption` (`filterPodsWithPDBViolation`).

use std::rc::Rc;

use crate::api::{Pod, PodDisruptionBudget, Selector};
use crate::apiserver::Store;

/// Every budget of the cluster, with its selector compiled.
pub(super) struct Budgets<'a>(Vec<(&'a Rc<PodDisruptionBudget>, Selector)>);

impl<'a> Budgets<'a> {
    /// Reads the budgets.
    pub(super) fn of(store: &'a Store) -> Budgets<'a> {
        let budgets = store.list::<PodDisruptionBudget>().filter_map(|budget| {
            let selector = Selector::from_api(budget.spec.selector.as_ref()?);
            // Here, unlike for evictions, an empty selector is about no pod.
            (!selector.is_empty()).then_some((budget, selector))
        });
        Budgets(budgets.collect())
    }

    /// Splits `pods`, the most important first, into those whose loss breaks a budget and the others.
    pub(super) fn split(&self, pods: &[Rc<Pod>]) -> (Vec<Rc<Pod>>, Vec<Rc<Pod>>) {
        let mut left: Vec<i32> =
            self.0.iter().map(|(budget, _)| budget.status.disruptions_allowed.unwrap_or(0)).collect();
        pods.iter().cloned().partition(|pod| self.takes_one_too_many(pod, &mut left))
    }

    /// Takes one disruption from every budget that covers `pod`; whether one of them had none left.
    fn takes_one_too_many(&self, pod: &Pod, left: &mut [i32]) -> bool {
        if pod.meta.labels.is_empty() {
            return false;
        }
        let mut too_many = false;
        for ((budget, selector), left) in self.0.iter().zip(left) {
            let covers = budget.key.namespace == pod.key.namespace && selector.matches(&pod.meta.labels);
            let disrupted = budget.status.disrupted_pods.as_ref();
            // A pod whose eviction was granted is counted already.
            if !covers || disrupted.is_some_and(|known| known.contains_key(pod.name())) {
                continue;
            }
            *left -= 1;
            too_many |= *left < 0;
        }
        too_many
    }
}
