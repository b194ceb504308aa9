//! HorizontalPodAutoscalers. Upstream: `pkg/apis/autoscaling/validation/validation.go`.

use k8s_openapi::api::autoscaling::v2 as autoscaling;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::field::{Faults, Path};
use super::names;
use crate::api::{HorizontalPodAutoscaler, quantity};

const SPEC: Path<'_> = Path::root("spec");
const TYPES: [&str; 5] = ["ContainerResource", "External", "Object", "Pods", "Resource"];
/// How far back a policy may look, in seconds.
const LONGEST_PERIOD: i32 = 1800;
/// How long scaling may be held back, in seconds.
const LONGEST_WINDOW: i32 = 3600;

/// Checks an autoscaler.
#[inline(never)]
pub(super) fn autoscaler(autoscaler: &HorizontalPodAutoscaler, faults: &mut Faults) {
    let spec = &*autoscaler.spec;
    let (least, most) = (SPEC.child("minReplicas"), SPEC.child("maxReplicas"));
    if let Some(count) = spec.min_replicas.filter(|count| *count < 1) {
        faults.invalid(least, count, "must be greater than or equal to 1");
    }
    match spec.max_replicas {
        0 => faults.required(most, "must be set and greater than 0"),
        count if count < 0 => faults.invalid(most, count, "must be greater than 0"),
        _ => {}
    }
    if spec.min_replicas.is_some_and(|least| spec.max_replicas < least) {
        faults.invalid(most, spec.max_replicas, "must be greater than or equal to `minReplicas`");
    }
    let target = &spec.scale_target_ref;
    let path = SPEC.child("scaleTargetRef");
    reference(target, path, faults);
    api_version(target, target.kind != "ReplicationController", path.child("apiVersion"), faults);
    let metrics = spec.metrics.as_deref().unwrap_or_default();
    let list = SPEC.child("metrics");
    for (index, metric) in metrics.iter().enumerate() {
        metric_spec(metric, list.index(index), faults);
    }
    let can_wake = |metric: &autoscaling::MetricSpec| matches!(metric.type_.as_str(), "Object" | "External");
    if spec.min_replicas == Some(0) && !metrics.iter().any(can_wake) {
        let detail =
            "must specify at least one Object or External metric to support scaling to zero replicas";
        faults.forbidden(list, detail);
    }
    if let Some(behavior) = &spec.behavior {
        let path = SPEC.child("behavior");
        scaling_rules(behavior.scale_up.as_ref(), path.child("scaleUp"), faults);
        scaling_rules(behavior.scale_down.as_ref(), path.child("scaleDown"), faults);
    }
}

fn reference(target: &autoscaling::CrossVersionObjectReference, path: Path<'_>, faults: &mut Faults) {
    for (field, text) in [("kind", &target.kind), ("name", &target.name)] {
        if text.is_empty() {
            faults.required(path.child(field), "");
        } else {
            faults.invalid_each(path.child(field), text, names::path_segment(text));
        }
    }
}

/// `apps/v1`. Only what has no group of its own may leave it out.
fn api_version(
    target: &autoscaling::CrossVersionObjectReference,
    has_group: bool,
    path: Path<'_>,
    faults: &mut Faults,
) {
    let version = target.api_version.as_deref().unwrap_or_default();
    if version.matches('/').count() > 1 {
        faults.invalid(path, version, format!("unexpected GroupVersion string: {version}"));
    } else if has_group && version.split_once('/').is_none_or(|(group, _)| group.is_empty()) {
        faults.invalid(path, version, "apiVersion must specify API group");
    }
}

fn scaling_rules(rules: Option<&autoscaling::HPAScalingRules>, path: Path<'_>, faults: &mut Faults) {
    let Some(rules) = rules else { return };
    let window = path.child("stabilizationWindowSeconds");
    match rules.stabilization_window_seconds {
        Some(seconds) if seconds < 0 => {
            faults.invalid(window, seconds, "must be greater than or equal to zero");
        }
        Some(seconds) if seconds > LONGEST_WINDOW => {
            faults.invalid(window, seconds, format!("must be less than or equal to {LONGEST_WINDOW}"));
        }
        Some(_) | None => {}
    }
    let policies = ["Disabled", "Max", "Min"];
    if let Some(policy) = rules.select_policy.as_deref().filter(|policy| !policies.contains(policy)) {
        faults.unsupported(path.child("selectPolicy"), policy, &policies);
    }
    let list = path.child("policies");
    let policies = rules.policies.as_deref().unwrap_or_default();
    if policies.is_empty() {
        faults.required(list, "must specify at least one Policy");
    }
    for (index, policy) in policies.iter().enumerate() {
        scaling_policy(policy, list.index(index), faults);
    }
    if let Some(tolerance) = rules.tolerance.as_ref().filter(|tolerance| sign(tolerance) < 0) {
        faults.invalid(path.child("tolerance"), &tolerance.0, "must be greater or equal to zero");
    }
}

fn scaling_policy(policy: &autoscaling::HPAScalingPolicy, path: Path<'_>, faults: &mut Faults) {
    if !["Percent", "Pods"].contains(&policy.type_.as_str()) {
        faults.unsupported(path.child("type"), &policy.type_, &["Percent", "Pods"]);
    }
    if policy.value <= 0 {
        faults.invalid(path.child("value"), policy.value, "must be greater than zero");
    }
    let period = path.child("periodSeconds");
    if policy.period_seconds <= 0 {
        faults.invalid(period, policy.period_seconds, "must be greater than zero");
    }
    if policy.period_seconds > LONGEST_PERIOD {
        let detail = format!("must be less than or equal to {LONGEST_PERIOD}");
        faults.invalid(period, policy.period_seconds, detail);
    }
}

fn metric_spec(metric: &autoscaling::MetricSpec, path: Path<'_>, faults: &mut Faults) {
    let kind = metric.type_.as_str();
    let at = path.child("type");
    if kind.is_empty() {
        faults.required(at, "must specify a metric source type");
    }
    if !TYPES.contains(&kind) {
        faults.unsupported(at, kind, &TYPES);
    }
    let given = [
        ("object", metric.object.is_some()),
        ("external", metric.external.is_some()),
        ("pods", metric.pods.is_some()),
        ("resource", metric.resource.is_some()),
        ("containerResource", metric.container_resource.is_some()),
    ];
    let mut present = given.into_iter().filter(|(_, is_given)| *is_given).map(|(field, _)| field);
    let first = present.next();
    if let Some(first) = first {
        source(first, metric, path.child(first), faults);
    }
    let expected = match kind {
        "Object" => "object",
        "External" => "external",
        "Pods" => "pods",
        "Resource" => "resource",
        "ContainerResource" => "containerResource",
        _ => {
            faults.unsupported(at, kind, &TYPES);
            ""
        }
    };
    if !expected.is_empty() && !given.contains(&(expected, true)) {
        faults.required(path.child(expected), "must populate information for the given metric source");
    }
    let others: Vec<&str> = first.into_iter().chain(present).collect();
    if others.len() != 1 {
        for other in others.into_iter().filter(|other| *other != expected) {
            faults.forbidden(path.child(other), "must populate the given metric source only");
        }
    }
}

/// Checks what a metric is read from, and what it is to be.
fn source(field: &str, metric: &autoscaling::MetricSpec, path: Path<'_>, faults: &mut Faults) {
    let at = path.child("target");
    if let Some(object) = metric.object.as_ref().filter(|_| field == "object") {
        let described = path.child("describedObject");
        reference(&object.described_object, described, faults);
        api_version(&object.described_object, false, described.child("apiVersion"), faults);
        identifier(&object.metric, path.child("metric"), faults);
        target(&object.target, at, faults);
        if object.target.value.is_none() && object.target.average_value.is_none() {
            faults.required(at.child("averageValue"), "must set either a target value or averageValue");
        }
    }
    if let Some(external) = metric.external.as_ref().filter(|_| field == "external") {
        identifier(&external.metric, path.child("metric"), faults);
        target(&external.target, at, faults);
        match (&external.target.value, &external.target.average_value) {
            (None, None) => {
                let detail = "must set either a target value for metric or a per-pod target";
                faults.required(at.child("averageValue"), detail);
            }
            (Some(_), Some(_)) => {
                let detail = "may not set both a target value for metric and a per-pod target";
                faults.forbidden(at.child("value"), detail);
            }
            _ => {}
        }
    }
    if let Some(pods) = metric.pods.as_ref().filter(|_| field == "pods") {
        identifier(&pods.metric, path.child("metric"), faults);
        target(&pods.target, at, faults);
        if pods.target.average_value.is_none() {
            faults.required(at.child("averageValue"), "must specify a positive target averageValue");
        }
    }
    if let Some(resource) = metric.resource.as_ref().filter(|_| field == "resource") {
        of_containers(&resource.name, None, &resource.target, path, faults);
    }
    if let Some(resource) = metric.container_resource.as_ref().filter(|_| field == "containerResource") {
        of_containers(&resource.name, Some(&resource.container), &resource.target, path, faults);
    }
}

fn of_containers(
    resource: &str,
    container: Option<&String>,
    wanted: &autoscaling::MetricTarget,
    path: Path<'_>,
    faults: &mut Faults,
) {
    if resource.is_empty() {
        faults.required(path.child("name"), "must specify a resource name");
    }
    if container.is_some_and(String::is_empty) {
        faults.required(path.child("container"), "must specify a container");
    }
    let at = path.child("target");
    target(wanted, at, faults);
    match (wanted.average_utilization, &wanted.average_value) {
        (None, None) => {
            let detail = "must set either a target raw value or a target utilization";
            faults.required(at.child("averageUtilization"), detail);
        }
        (Some(_), Some(_)) => {
            let detail = "may not set both a target raw value and a target utilization";
            faults.forbidden(at.child("averageValue"), detail);
        }
        _ => {}
    }
}

fn target(target: &autoscaling::MetricTarget, path: Path<'_>, faults: &mut Faults) {
    let kind = target.type_.as_str();
    if kind.is_empty() {
        faults.required(path.child("type"), "must specify a metric target type");
    }
    if !["Utilization", "Value", "AverageValue"].contains(&kind) {
        faults.invalid(path.child("type"), kind, "must be either Utilization, Value, or AverageValue");
    }
    for (field, value) in [("value", &target.value), ("averageValue", &target.average_value)] {
        if let Some(value) = value.as_ref().filter(|value| sign(value) <= 0) {
            faults.invalid(path.child(field), &value.0, "must be positive");
        }
    }
    if let Some(percent) = target.average_utilization.filter(|percent| *percent < 1) {
        faults.invalid(path.child("averageUtilization"), percent, "must be greater than 0");
    }
}

fn identifier(metric: &autoscaling::MetricIdentifier, path: Path<'_>, faults: &mut Faults) {
    if metric.name.is_empty() {
        faults.required(path.child("name"), "must specify a metric name");
    } else {
        faults.invalid_each(path.child("name"), &metric.name, names::path_segment(&metric.name));
    }
}

fn sign(amount: &Quantity) -> i128 {
    quantity::thousandths(&amount.0).unwrap_or(0).signum()
}
