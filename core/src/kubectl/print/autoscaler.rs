//! HorizontalPodAutoscalers in tables.

use k8s_openapi::api::autoscaling::v2::{MetricSpec, MetricStatus, MetricTarget, MetricValueStatus};

use super::age;
use super::table::{Column, always};
use crate::api::HorizontalPodAutoscaler;
use crate::time::Time;

pub(super) const COLUMNS: &[Column] = &[
    always("NAME"),
    always("REFERENCE"),
    always("TARGETS"),
    always("MINPODS"),
    always("MAXPODS"),
    always("REPLICAS"),
    always("AGE"),
];

/// What stands for a metric that nobody measured.
pub(super) const UNKNOWN: &str = "<unknown>";

/// How many metrics are shown.
const SHOWN: usize = 2;

pub(super) fn cells(autoscaler: &HorizontalPodAutoscaler, now: Time) -> Vec<String> {
    let spec = &autoscaler.spec;
    vec![
        autoscaler.name().to_owned(),
        format!("{}/{}", spec.scale_target_ref.kind, spec.scale_target_ref.name),
        targets(
            spec.metrics.as_deref().unwrap_or_default(),
            autoscaler.status.current_metrics.as_deref().unwrap_or_default(),
        ),
        spec.min_replicas.map_or_else(|| "<unset>".to_owned(), |least| least.to_string()),
        spec.max_replicas.to_string(),
        autoscaler.status.current_replicas.unwrap_or(0).to_string(),
        age::since(autoscaler.meta.created, now),
    ]
}

/// `cpu: 180%/50%`, or `cpu: <unknown>/50%` of what nobody measured.
fn targets(metrics: &[MetricSpec], measured: &[MetricStatus]) -> String {
    if metrics.is_empty() {
        return "<none>".to_owned();
    }
    let shown = metrics.iter().take(SHOWN).enumerate();
    let shown: Vec<String> = shown.map(|(place, metric)| target(metric, measured.get(place))).collect();
    let more = metrics.len().saturating_sub(SHOWN);
    let rest = if more > 0 { format!(" + {more} more...") } else { String::new() };
    shown.join(", ") + &rest
}

fn target(metric: &MetricSpec, measured: Option<&MetricStatus>) -> String {
    let resource = metric.resource.as_ref().map(|it| (&it.name, &it.target));
    let container = metric.container_resource.as_ref().map(|it| (&it.name, &it.target));
    match resource.or(container) {
        Some((name, target)) => format!("{name}: {}/{}", current(target, measured), wanted(target)),
        None => "<unknown type>".to_owned(),
    }
}

/// What was measured of a resource, in the unit of its target.
fn current(target: &MetricTarget, measured: Option<&MetricStatus>) -> String {
    let current = measured.and_then(current_of);
    let shown = current.and_then(|current| match target.average_value {
        Some(_) => current.average_value.as_ref().map(|value| value.0.clone()),
        None => current.average_utilization.map(|percent| format!("{percent}%")),
    });
    shown.unwrap_or_else(|| UNKNOWN.to_owned())
}

/// What was measured of a resource.
pub(super) fn current_of(measured: &MetricStatus) -> Option<&MetricValueStatus> {
    let resource = measured.resource.as_ref().map(|it| &it.current);
    resource.or(measured.container_resource.as_ref().map(|it| &it.current))
}

/// What is wanted of a resource: `50%`, `500m`.
pub(super) fn wanted(target: &MetricTarget) -> String {
    match (&target.average_value, target.average_utilization) {
        (Some(value), _) => value.0.clone(),
        (None, Some(percent)) => format!("{percent}%"),
        (None, None) => "<auto>".to_owned(),
    }
}
