//! `matchLabelKeys` and `mismatchLabelKeys`: a new pod's selectors get the values that its own labels have.
//! Upstream: `pkg/registry/core/pod/strategy.go`.

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};

use crate::api::Labels;

/// Completes the selectors from these labels. `true`: they depend on them.
#[inline(never)]
pub(super) fn merge(spec: &mut core::PodSpec, labels: &Labels) -> bool {
    let mut depends = false;
    for constraint in spec.topology_spread_constraints.iter_mut().flatten() {
        let keys = constraint.match_label_keys.as_deref();
        depends |= require(&mut constraint.label_selector, keys, "In", labels);
    }
    for term in spec.affinity.as_mut().map(terms).unwrap_or_default() {
        depends |= require(&mut term.label_selector, term.match_label_keys.as_deref(), "In", labels);
        depends |= require(&mut term.label_selector, term.mismatch_label_keys.as_deref(), "NotIn", labels);
    }
    depends
}

/// Every term that is about other pods.
fn terms(affinity: &mut core::Affinity) -> Vec<&mut core::PodAffinityTerm> {
    let mut terms = Vec::new();
    if let Some(near) = &mut affinity.pod_affinity {
        terms.extend(near.required_during_scheduling_ignored_during_execution.iter_mut().flatten());
        let preferred = near.preferred_during_scheduling_ignored_during_execution.iter_mut().flatten();
        terms.extend(preferred.map(|it| &mut it.pod_affinity_term));
    }
    if let Some(far) = &mut affinity.pod_anti_affinity {
        terms.extend(far.required_during_scheduling_ignored_during_execution.iter_mut().flatten());
        let preferred = far.preferred_during_scheduling_ignored_during_execution.iter_mut().flatten();
        terms.extend(preferred.map(|it| &mut it.pod_affinity_term));
    }
    terms
}

/// No selector matches nothing, whatever the labels are. `true`: there are keys.
fn require(
    selector: &mut Option<LabelSelector>,
    keys: Option<&[String]>,
    operator: &str,
    labels: &Labels,
) -> bool {
    let (Some(selector), Some(keys)) = (selector, keys) else { return false };
    for (key, value) in keys.iter().filter_map(|key| labels.get_key_value(key)) {
        selector.match_expressions.get_or_insert_default().push(LabelSelectorRequirement {
            key: key.clone(),
            operator: operator.to_owned(),
            values: Some(vec![value.clone()]),
        });
    }
    !keys.is_empty()
}
