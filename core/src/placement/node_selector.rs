//! Which nodes a node selector matches. Upstream: `k8s.io/component-helpers/scheduling/corev1/nodeaffinity`.

use k8s_openapi::api::core::v1 as core;

use crate::api::Node;

/// Whether `node` has what the pod's nodeSelector and required node affinity ask for.
pub(crate) fn requirements_met(spec: &core::PodSpec, node: &Node) -> bool {
    let mut labels = spec.node_selector.iter().flatten();
    if !labels.all(|(key, value)| node.label(key) == Some(value)) {
        return false;
    }
    required(spec).is_none_or(|selector| selector.node_selector_terms.iter().any(|term| matches(term, node)))
}

/// `affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution`
pub(crate) fn required(spec: &core::PodSpec) -> Option<&core::NodeSelector> {
    node_affinity(spec)?.required_during_scheduling_ignored_during_execution.as_ref()
}

/// `affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution`
pub(crate) fn preferred(spec: &core::PodSpec) -> &[core::PreferredSchedulingTerm] {
    let affinity = node_affinity(spec);
    affinity
        .and_then(|affinity| affinity.preferred_during_scheduling_ignored_during_execution.as_deref())
        .unwrap_or_default()
}

/// Whether `node` matches every expression of `term`. A term without any matches nothing.
pub(crate) fn matches(term: &core::NodeSelectorTerm, node: &Node) -> bool {
    let expressions = term.match_expressions.as_deref().unwrap_or_default();
    let fields = term.match_fields.as_deref().unwrap_or_default();
    if expressions.is_empty() && fields.is_empty() {
        return false;
    }
    expressions.iter().all(|expression| holds(expression, node.label(&expression.key)))
        && fields.iter().all(|field| {
            let value = (field.key == "metadata.name").then(|| node.name());
            matches!(field.operator.as_str(), "In" | "NotIn") && holds(field, value)
        })
}

fn node_affinity(spec: &core::PodSpec) -> Option<&core::NodeAffinity> {
    spec.affinity.as_ref()?.node_affinity.as_ref()
}

fn holds(requirement: &core::NodeSelectorRequirement, value: Option<&str>) -> bool {
    let values = requirement.values.as_deref().unwrap_or_default();
    let is_listed = || value.is_some_and(|value| values.iter().any(|listed| listed == value));
    match requirement.operator.as_str() {
        "In" => is_listed(),
        "NotIn" => !is_listed(),
        "Exists" => value.is_some(),
        "DoesNotExist" => value.is_none(),
        "Gt" => compared(value, values).is_some_and(|(value, bound)| value > bound),
        "Lt" => compared(value, values).is_some_and(|(value, bound)| value < bound),
        _ => false,
    }
}

fn compared(value: Option<&str>, bounds: &[String]) -> Option<(i64, i64)> {
    let [bound] = bounds else { return None };
    Some((value?.parse().ok()?, bound.parse().ok()?))
}
