//! Quotas, limits, autoscalers, Secrets, PriorityClasses and NetworkPolicies: amounts as Go prints them, and what a LimitRange's items
//! imply. Upstream: `pkg/apis/{core/v1,autoscaling/v2,scheduling/v1}/defaults.go`.

use std::collections::BTreeMap;
use std::rc::Rc;

use k8s_openapi::ByteString;
use k8s_openapi::api::autoscaling::v2 as autoscaling;
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::pod::canonical_amounts;
use crate::api::{
    HorizontalPodAutoscaler, LimitRange, NetworkPolicy, Object, PriorityClass, ResourceQuota, Secret,
};

/// Amounts as Go prints them.
pub(super) fn resource_quota(quota: &mut Rc<ResourceQuota>, before: Option<&Object>) {
    if matches!(before, Some(Object::ResourceQuota(before)) if Rc::ptr_eq(&before.spec, &quota.spec)) {
        return;
    }
    Rc::make_mut(&mut Rc::make_mut(quota).spec).hard.iter_mut().for_each(canonical_amounts);
}

/// At least one replica, and 80 % of the requested cpu where no metric is named.
pub(super) fn autoscaler(autoscaler: &mut Rc<HorizontalPodAutoscaler>, before: Option<&Object>) {
    if matches!(before, Some(Object::HorizontalPodAutoscaler(before)) if Rc::ptr_eq(&before.spec, &autoscaler.spec))
    {
        return;
    }
    let spec = Rc::make_mut(&mut Rc::make_mut(autoscaler).spec);
    spec.min_replicas.get_or_insert(1);
    let metrics = spec.metrics.get_or_insert_default();
    if metrics.is_empty() {
        let target = autoscaling::MetricTarget {
            type_: "Utilization".to_owned(),
            average_utilization: Some(80),
            ..autoscaling::MetricTarget::default()
        };
        let resource = Some(autoscaling::ResourceMetricSource { name: "cpu".to_owned(), target });
        let type_ = "Resource".to_owned();
        metrics.push(autoscaling::MetricSpec { type_, resource, ..autoscaling::MetricSpec::default() });
    }
    if let Some(behavior) = &mut spec.behavior {
        let policy = |type_: &str, value: i32| autoscaling::HPAScalingPolicy {
            type_: type_.to_owned(),
            value,
            period_seconds: 15,
        };
        let up = behavior.scale_up.get_or_insert_default();
        up.stabilization_window_seconds.get_or_insert(0);
        up.policies.get_or_insert_with(|| vec![policy("Pods", 4), policy("Percent", 100)]);
        let down = behavior.scale_down.get_or_insert_default();
        down.policies.get_or_insert_with(|| vec![policy("Percent", 100)]);
        for rules in [up, down] {
            rules.select_policy.get_or_insert_with(|| "Max".to_owned());
        }
    }
}

/// Text becomes data, and what has no type is opaque.
pub(super) fn secret(secret: &mut Rc<Secret>, before: Option<&Object>) {
    if matches!(before, Some(Object::Secret(before)) if Rc::ptr_eq(&before.spec, &secret.spec)) {
        return;
    }
    let content = Rc::make_mut(&mut Rc::make_mut(secret).spec);
    if content.type_.as_ref().is_none_or(String::is_empty) {
        content.type_ = Some("Opaque".to_owned());
    }
    for (key, text) in content.string_data.take().unwrap_or_default() {
        content.data.get_or_insert_default().insert(key, ByteString(text.into_bytes()));
    }
}

/// Who has to wait gives way, unless the class says otherwise.
pub(super) fn priority_class(class: &mut Rc<PriorityClass>, before: Option<&Object>) {
    if matches!(before, Some(Object::PriorityClass(before)) if Rc::ptr_eq(&before.spec, &class.spec)) {
        return;
    }
    let content = Rc::make_mut(&mut Rc::make_mut(class).spec);
    content.preemption_policy.get_or_insert_with(|| "PreemptLowerPriority".to_owned());
}

/// A container's default limit is the maximum, and its default request the default limit, or else the minimum.
pub(super) fn limit_range(range: &mut Rc<LimitRange>, before: Option<&Object>) {
    if matches!(before, Some(Object::LimitRange(before)) if Rc::ptr_eq(&before.spec, &range.spec)) {
        return;
    }
    let spec = Rc::make_mut(&mut Rc::make_mut(range).spec);
    for item in spec.spec.iter_mut().flat_map(|spec| &mut spec.limits) {
        limit_range_item(item);
    }
}

fn limit_range_item(item: &mut core::LimitRangeItem) {
    let amounts = [&mut item.max, &mut item.min, &mut item.default, &mut item.default_request];
    amounts.into_iter().flatten().for_each(canonical_amounts);
    item.max_limit_request_ratio.iter_mut().for_each(canonical_amounts);
    if item.type_ != "Container" {
        return;
    }
    add_missing(item.default.get_or_insert_default(), item.max.as_ref());
    let limits = item.default.clone();
    let requests = item.default_request.get_or_insert_default();
    add_missing(requests, limits.as_ref());
    add_missing(requests, item.min.as_ref());
}

fn add_missing(amounts: &mut BTreeMap<String, Quantity>, others: Option<&BTreeMap<String, Quantity>>) {
    for (resource, amount) in others.into_iter().flatten() {
        amounts.entry(resource.clone()).or_insert_with(|| amount.clone());
    }
}

/// A policy isolates for what comes in, and for what goes out if it has rules for that; ports are TCP's.
/// Upstream: `pkg/apis/networking/v1/defaults.go`.
pub(super) fn network_policy(policy: &mut Rc<NetworkPolicy>, before: Option<&Object>) {
    if matches!(before, Some(Object::NetworkPolicy(before)) if Rc::ptr_eq(&before.spec, &policy.spec)) {
        return;
    }
    let Some(spec) = &mut Rc::make_mut(&mut Rc::make_mut(policy).spec).spec else { return };
    let egress = spec.egress.iter_mut().flatten().flat_map(|rule| rule.ports.iter_mut().flatten());
    let ingress = spec.ingress.iter_mut().flatten().flat_map(|rule| rule.ports.iter_mut().flatten());
    for port in ingress.chain(egress) {
        port.protocol.get_or_insert_with(|| "TCP".to_owned());
    }
    let types = spec.policy_types.get_or_insert_default();
    if types.is_empty() {
        types.push("Ingress".to_owned());
        if spec.egress.as_ref().is_some_and(|rules| !rules.is_empty()) {
            types.push("Egress".to_owned());
        }
    }
}
