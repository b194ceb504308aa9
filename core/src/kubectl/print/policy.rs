//! Budgets, quotas, limits, priorities, and what pods are configured by, in tables.

use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::table::{Column, always};
use super::{age, workload};
use crate::api::{
    ConfigMap, LimitRange, NetworkPolicy, PodDisruptionBudget, PriorityClass, ResourceQuota, Secret,
};
use crate::time::Time;

pub(super) const BUDGET_COLUMNS: &[Column] = &[
    always("NAME"),
    always("MIN AVAILABLE"),
    always("MAX UNAVAILABLE"),
    always("ALLOWED DISRUPTIONS"),
    always("AGE"),
];

pub(super) const QUOTA_COLUMNS: &[Column] =
    &[always("NAME"), always("REQUEST"), always("LIMIT"), always("AGE")];

pub(super) const LIMIT_RANGE_COLUMNS: &[Column] = &[always("NAME"), always("CREATED AT")];

pub(super) const CONFIG_MAP_COLUMNS: &[Column] = &[always("NAME"), always("DATA"), always("AGE")];

pub(super) const SECRET_COLUMNS: &[Column] = &[always("NAME"), always("TYPE"), always("DATA"), always("AGE")];

pub(super) const PRIORITY_CLASS_COLUMNS: &[Column] =
    &[always("NAME"), always("VALUE"), always("GLOBAL-DEFAULT"), always("AGE"), always("PREEMPTIONPOLICY")];

pub(super) const NETWORK_POLICY_COLUMNS: &[Column] = &[always("NAME"), always("POD-SELECTOR"), always("AGE")];

pub(super) fn budget_cells(budget: &PodDisruptionBudget, now: Time) -> Vec<String> {
    let amount = |amount: &Option<IntOrString>| match amount {
        Some(IntOrString::Int(number)) => number.to_string(),
        Some(IntOrString::String(text)) => text.clone(),
        None => "N/A".to_owned(),
    };
    vec![
        budget.name().to_owned(),
        amount(&budget.spec.min_available),
        amount(&budget.spec.max_unavailable),
        budget.status.disruptions_allowed.unwrap_or(0).to_string(),
        age::since(budget.meta.created, now),
    ]
}

pub(super) fn quota_cells(quota: &ResourceQuota, now: Time) -> Vec<String> {
    let used = quota.status.used.as_ref();
    let told = |of_limits: bool| -> String {
        let hard = quota.status.hard.iter().flatten();
        let listed = hard.filter(|(resource, _)| resource.starts_with("limits") == of_limits);
        let texts = listed.map(|(resource, hard)| {
            let used = used.and_then(|used| used.get(resource)).map_or("0", |amount| &amount.0);
            format!("{resource}: {used}/{}", hard.0)
        });
        texts.collect::<Vec<_>>().join(", ")
    };
    vec![quota.name().to_owned(), told(false), told(true), age::since(quota.meta.created, now)]
}

pub(super) fn limit_range_cells(range: &LimitRange) -> Vec<String> {
    vec![range.name().to_owned(), range.meta.created.to_api().0.to_string()]
}

pub(super) fn config_map_cells(map: &ConfigMap, now: Time) -> Vec<String> {
    let entries = map.spec.data.iter().flatten().count() + map.spec.binary_data.iter().flatten().count();
    vec![map.name().to_owned(), entries.to_string(), age::since(map.meta.created, now)]
}

pub(super) fn secret_cells(secret: &Secret, now: Time) -> Vec<String> {
    let entries = secret.spec.data.iter().flatten().count();
    let kind = secret.spec.type_.clone().unwrap_or_else(|| "Opaque".to_owned());
    vec![secret.name().to_owned(), kind, entries.to_string(), age::since(secret.meta.created, now)]
}

pub(super) fn priority_class_cells(class: &PriorityClass, now: Time) -> Vec<String> {
    let policy = class.spec.preemption_policy.as_deref().unwrap_or("PreemptLowerPriority");
    vec![
        class.name().to_owned(),
        class.spec.value.unwrap_or(0).to_string(),
        class.spec.global_default.unwrap_or(false).to_string(),
        age::since(class.meta.created, now),
        policy.to_owned(),
    ]
}

pub(super) fn network_policy_cells(policy: &NetworkPolicy, now: Time) -> Vec<String> {
    let spec = policy.spec.spec.as_ref();
    let selector = spec.and_then(|spec| spec.pod_selector.clone()).unwrap_or_default();
    let shown = workload::label_selector(&selector);
    vec![policy.name().to_owned(), shown, age::since(policy.meta.created, now)]
}
