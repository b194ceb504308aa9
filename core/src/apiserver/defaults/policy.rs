//! Quotas and limits: amounts as Go prints them, and what a LimitRange's items imply.
//! Upstream: `pkg/apis/core/v1/defaults.go`.

use std::collections::BTreeMap;
use std::rc::Rc;

use k8s_openapi::api::autoscaling::v2 as autoscaling;
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::pod::canonical_amounts;
use crate::api::{HorizontalPodAutoscaler, LimitRange, Object, ResourceQuota};

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
