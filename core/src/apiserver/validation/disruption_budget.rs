//! PodDisruptionBudgets. Upstream: `pkg/apis/policy/validation/validation.go`.

use super::field::{Faults, Path, Shown};
use super::{go_value, selector, workload};
use crate::api::PodDisruptionBudget;

const SPEC: Path<'_> = Path::root("spec");
const POLICIES: [&str; 2] = ["AlwaysAllow", "IfHealthyBudget"];

/// Checks a PodDisruptionBudget.
#[inline(never)]
pub(super) fn disruption_budget(budget: &PodDisruptionBudget, faults: &mut Faults) {
    let spec = &*budget.spec;
    let limits = [("minAvailable", &spec.min_available), ("maxUnavailable", &spec.max_unavailable)];
    if limits.iter().all(|(_, limit)| limit.is_some()) {
        let shown = Shown::verbatim(go_value::compact("v1.PodDisruptionBudgetSpec", spec));
        faults.invalid(SPEC, shown, "minAvailable and maxUnavailable cannot be both set");
    }
    for (field, limit) in limits {
        workload::int_or_percent(limit.as_ref(), SPEC.child(field), faults);
        workload::at_most_everything(limit.as_ref(), SPEC.child(field), faults);
    }
    if let Some(labels) = &spec.selector {
        selector::label_selector(labels, SPEC.child("selector"), faults);
    }
    let policy = spec.unhealthy_pod_eviction_policy.as_deref();
    if let Some(policy) = policy.filter(|policy| !POLICIES.contains(policy)) {
        faults.unsupported(SPEC.child("unhealthyPodEvictionPolicy"), policy, &POLICIES);
    }
}
