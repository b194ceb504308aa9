//! Where a pod may run: affinity, tolerations, taints, spreading.
//! Upstream: `pkg/apis/core/validation/validation.go`.

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::field::{Faults, Path, Shown};
use super::{go_value, names, selector};

const EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
const WITHOUT_SELECTOR: &str = "must not be specified when labelSelector is not set";
const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

/// Checks node affinity, pod affinity and pod anti-affinity.
pub(super) fn affinity(affinity: Option<&core::Affinity>, path: Path<'_>, faults: &mut Faults) {
    let Some(affinity) = affinity else { return };
    if let Some(nodes) = &affinity.node_affinity {
        node_affinity(nodes, path.child("nodeAffinity"), faults);
    }
    if let Some(pods) = &affinity.pod_affinity {
        let path = path.child("podAffinity");
        let required = &pods.required_during_scheduling_ignored_during_execution;
        let preferred = &pods.preferred_during_scheduling_ignored_during_execution;
        pod_terms(required.as_deref(), preferred.as_deref(), path, faults);
    }
    if let Some(pods) = &affinity.pod_anti_affinity {
        let path = path.child("podAntiAffinity");
        let required = &pods.required_during_scheduling_ignored_during_execution;
        let preferred = &pods.preferred_during_scheduling_ignored_during_execution;
        pod_terms(required.as_deref(), preferred.as_deref(), path, faults);
    }
}

/// Checks a pod's tolerations.
pub(super) fn tolerations(spec: &core::PodSpec, path: Path<'_>, faults: &mut Faults) {
    for (index, toleration) in spec.tolerations.iter().flatten().enumerate() {
        let path = path.index(index);
        let key = toleration.key.as_deref().unwrap_or_default();
        let operator = toleration.operator.as_deref().unwrap_or_default();
        let value = toleration.value.as_deref().unwrap_or_default();
        let effect = toleration.effect.as_deref().unwrap_or_default();
        if !key.is_empty() {
            faults.invalid_each(path.child("key"), key, names::qualified_name(key));
        } else if operator != "Exists" {
            let detail =
                "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
            faults.invalid(path.child("operator"), operator, detail);
        }
        if toleration.toleration_seconds.is_some() && effect != "NoExecute" {
            let detail = "effect must be 'NoExecute' when `tolerationSeconds` is set";
            faults.invalid(path.child("effect"), effect, detail);
        }
        match operator {
            "Equal" | "" => {
                let problems = names::label_value(value);
                if !problems.is_empty() {
                    faults.invalid(path.child("operator"), value, problems.join(";"));
                }
            }
            "Exists" if !value.is_empty() => {
                let detail = "value must be empty when `operator` is 'Exists'";
                faults.invalid(path.child("operator"), value, detail);
            }
            "Exists" => {}
            other => faults.unsupported(path.child("operator"), other, &["Equal", "Exists"]),
        }
        if !effect.is_empty() {
            faults.one_of(path.child("effect"), Some(effect), &EFFECTS);
        }
    }
}

/// Checks a node's taints.
pub(super) fn taints(taints: &[core::Taint], path: Path<'_>, faults: &mut Faults) {
    for (index, taint) in taints.iter().enumerate() {
        let path = path.index(index);
        faults.invalid_each(path.child("key"), &taint.key, names::qualified_name(&taint.key));
        let value = taint.value.as_deref().unwrap_or_default();
        let problems = names::label_value(value);
        if !problems.is_empty() {
            faults.invalid(path.child("value"), value, problems.join(";"));
        }
        faults.one_of(path.child("effect"), Some(&taint.effect), &EFFECTS);
        let is_same = |other: &core::Taint| other.key == taint.key && other.effect == taint.effect;
        if taints[..index].iter().any(is_same) {
            let shown = Shown::verbatim(go_value::compact("v1.Taint", taint));
            faults.duplicate_because(path, shown, "taints must be unique by key and effect pair");
        }
    }
}

/// Checks a pod's topologySpreadConstraints.
pub(super) fn spread(spec: &core::PodSpec, path: Path<'_>, faults: &mut Faults) {
    let constraints = spec.topology_spread_constraints.as_deref().unwrap_or_default();
    for (index, constraint) in constraints.iter().enumerate() {
        let path = path.index(index);
        if constraint.max_skew <= 0 {
            faults.invalid(path.child("maxSkew"), constraint.max_skew, "must be greater than zero");
        }
        if constraint.topology_key.is_empty() {
            faults.required(path.child("topologyKey"), "can not be empty");
        }
        let when = constraint.when_unsatisfiable.as_str();
        if !["DoNotSchedule", "ScheduleAnyway"].contains(&when) {
            faults.unsupported(path.child("whenUnsatisfiable"), when, &["DoNotSchedule", "ScheduleAnyway"]);
        }
        let is_same = |other: &core::TopologySpreadConstraint| {
            other.topology_key == constraint.topology_key && other.when_unsatisfiable == when
        };
        if constraints[index + 1..].iter().any(is_same) {
            let pair = format!("{{{}, {when}}}", constraint.topology_key);
            faults.duplicate(path.child("{topologyKey, whenUnsatisfiable}"), &pair);
        }
        min_domains(constraint, path.child("minDomains"), faults);
        let policies = [
            ("nodeAffinityPolicy", &constraint.node_affinity_policy),
            ("nodeTaintsPolicy", &constraint.node_taints_policy),
        ];
        for (field, policy) in policies {
            if let Some(policy) = policy.as_deref().filter(|policy| !["Honor", "Ignore"].contains(policy)) {
                faults.unsupported(path.child(field), policy, &["Honor", "Ignore"]);
            }
        }
        let keys = constraint.match_label_keys.as_deref().unwrap_or_default();
        label_keys([keys, &[]], constraint.label_selector.as_ref(), path, faults);
        if let Some(labels) = &constraint.label_selector {
            selector::label_selector(labels, path.child("labelSelector"), faults);
        }
    }
}

fn min_domains(constraint: &core::TopologySpreadConstraint, path: Path<'_>, faults: &mut Faults) {
    let Some(domains) = constraint.min_domains else { return };
    if domains <= 0 {
        faults.invalid(path, domains, "must be greater than zero");
    }
    let when = &constraint.when_unsatisfiable;
    if when != "DoNotSchedule" {
        let detail = format!("can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {when}");
        faults.invalid(path, domains, detail);
    }
}

fn node_affinity(affinity: &core::NodeAffinity, path: Path<'_>, faults: &mut Faults) {
    if let Some(required) = &affinity.required_during_scheduling_ignored_during_execution {
        node_selector(required, path.child(REQUIRED), faults);
    }
    let list = path.child(PREFERRED);
    let preferred = affinity.preferred_during_scheduling_ignored_during_execution.iter().flatten();
    for (index, term) in preferred.enumerate() {
        let path = list.index(index);
        weight(term.weight, path, faults);
        node_term(&term.preference, false, path.child("preference"), faults);
    }
}

/// Terms of which a node has to meet one.
pub(super) fn node_selector(required: &core::NodeSelector, path: Path<'_>, faults: &mut Faults) {
    let list = path.child("nodeSelectorTerms");
    if required.node_selector_terms.is_empty() {
        faults.required(list, "must have at least one node selector term");
    }
    for (index, term) in required.node_selector_terms.iter().enumerate() {
        node_term(term, true, list.index(index), faults);
    }
}

fn weight(weight: i32, path: Path<'_>, faults: &mut Faults) {
    if !(1..=100).contains(&weight) {
        faults.invalid(path.child("weight"), weight, "must be in the range 1-100");
    }
}

/// What is only preferred may be about values that no label can have.
fn node_term(term: &core::NodeSelectorTerm, is_required: bool, path: Path<'_>, faults: &mut Faults) {
    let list = path.child("matchExpressions");
    for (index, requirement) in term.match_expressions.iter().flatten().enumerate() {
        let path = list.index(index);
        let values = requirement.values.as_deref().unwrap_or_default();
        match requirement.operator.as_str() {
            "In" | "NotIn" if values.is_empty() => {
                faults.required(path.child("values"), "must be specified when `operator` is 'In' or 'NotIn'");
            }
            "Exists" | "DoesNotExist" if !values.is_empty() => {
                let detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
                faults.forbidden(path.child("values"), detail);
            }
            "Gt" | "Lt" if values.len() != 1 => {
                let detail = "must be specified single value when `operator` is 'Lt' or 'Gt'";
                faults.required(path.child("values"), detail);
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt" => {}
            other => faults.invalid(path.child("operator"), other, "not a valid selector operator"),
        }
        faults.invalid_each(path.child("key"), &requirement.key, names::qualified_name(&requirement.key));
        let list = path.child("values");
        for (index, value) in values.iter().enumerate().filter(|_| is_required) {
            faults.invalid_each(list.index(index), value, names::label_value(value));
        }
    }
    let list = path.child("matchFields");
    for (index, requirement) in term.match_fields.iter().flatten().enumerate() {
        let path = list.index(index);
        match requirement.operator.as_str() {
            "In" | "NotIn" if requirement.values.as_ref().map_or(0, Vec::len) != 1 => {
                let detail =
                    "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
                faults.required(path.child("values"), detail);
            }
            "In" | "NotIn" => {}
            other => faults.invalid(path.child("operator"), other, "not a valid selector operator"),
        }
        if requirement.key != "metadata.name" {
            faults.invalid(path.child("key"), &requirement.key, "not a valid field selector key");
            continue;
        }
        let list = path.child("values");
        for (index, value) in requirement.values.iter().flatten().enumerate() {
            faults.invalid_each(list.index(index), value, names::dns_subdomain(value));
        }
    }
}

fn pod_terms(
    required: Option<&[core::PodAffinityTerm]>,
    preferred: Option<&[core::WeightedPodAffinityTerm]>,
    path: Path<'_>,
    faults: &mut Faults,
) {
    let list = path.child(REQUIRED);
    for (index, term) in required.into_iter().flatten().enumerate() {
        pod_term(term, list.index(index), faults);
    }
    let list = path.child(PREFERRED);
    for (index, term) in preferred.into_iter().flatten().enumerate() {
        let path = list.index(index);
        weight(term.weight, path, faults);
        pod_term(&term.pod_affinity_term, path.child("podAffinityTerm"), faults);
    }
}

fn pod_term(term: &core::PodAffinityTerm, path: Path<'_>, faults: &mut Faults) {
    if let Some(labels) = &term.label_selector {
        selector::label_selector(labels, path.child("labelSelector"), faults);
    }
    if let Some(labels) = &term.namespace_selector {
        selector::label_selector(labels, path.child("namespaceSelector"), faults);
    }
    for name in term.namespaces.iter().flatten() {
        faults.invalid_each(path.child("namespace"), name, names::dns_label(name));
    }
    let keys =
        [&term.match_label_keys, &term.mismatch_label_keys].map(|it| it.as_deref().unwrap_or_default());
    label_keys(keys, term.label_selector.as_ref(), path, faults);
    if term.topology_key.is_empty() {
        faults.required(path.child("topologyKey"), "can not be empty");
    }
    let key = &term.topology_key;
    faults.invalid_each(path.child("topologyKey"), key, names::qualified_name(key));
}

/// Labels whose values are the pod's own, or any but those.
fn label_keys(
    [same, other]: [&[String]; 2],
    selector: Option<&LabelSelector>,
    path: Path<'_>,
    faults: &mut Faults,
) {
    for (field, keys) in [("matchLabelKeys", same), ("mismatchLabelKeys", other)] {
        let list = path.child(field);
        if selector.is_none() && !keys.is_empty() {
            faults.forbidden(list, WITHOUT_SELECTOR);
            continue;
        }
        for (index, key) in keys.iter().enumerate() {
            faults.invalid_each(list.index(index), key, names::qualified_name(key));
        }
    }
    if let Some(selector) = selector {
        key_twice(same, selector, path, faults);
    }
    let list = path.child("matchLabelKeys");
    for (index, key) in same.iter().enumerate() {
        if other.contains(key) {
            faults.invalid(list.index(index), key, "exists in both matchLabelKeys and mismatchLabelKeys");
        }
    }
}

/// A key that the pod fills in must not stand in the selector already: it would stand there twice. Upstream tells of the
/// term by the key's place.
fn key_twice(keys: &[String], selector: &LabelSelector, path: Path<'_>, faults: &mut Faults) {
    let mut seen: Vec<&str> = selector.match_labels.iter().flatten().map(|(key, _)| key.as_str()).collect();
    for expression in selector.match_expressions.iter().flatten() {
        let key = expression.key.as_str();
        if let Some(index) = keys.iter().rposition(|known| known == key).filter(|_| seen.contains(&key)) {
            faults.invalid(path.index(index), key, "exists in both matchLabelKeys and labelSelector");
        }
        seen.push(key);
    }
}
