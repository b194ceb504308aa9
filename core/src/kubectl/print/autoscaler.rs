//! HorizontalPodAutoscalers in tables.

use k8s_openapi::api::autoscaling::v2::{MetricSpec, MetricTarget};

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

/// How many metrics are shown.
const SHOWN: usize = 2;

pub(super) fn cells(autoscaler: &HorizontalPodAutoscaler, now: Time) -> Vec<String> {
    let spec = &autoscaler.spec;
    vec![
        autoscaler.name().to_owned(),
        format!("{}/{}", spec.scale_target_ref.kind, spec.scale_target_ref.name),
        targets(spec.metrics.as_deref().unwrap_or_default()),
        spec.min_replicas.map_or_else(|| "<unset>".to_owned(), |least| least.to_string()),
        spec.max_replicas.to_string(),
        autoscaler.status.current_replicas.unwrap_or(0).to_string(),
        age::since(autoscaler.meta.created, now),
    ]
}

/// `cpu: <unknown>/50%`: nothing is measured here.
fn targets(metrics: &[MetricSpec]) -> String {
    if metrics.is_empty() {
        return "<none>".to_owned();
    }
    let shown: Vec<String> = metrics.iter().take(SHOWN).map(target).collect();
    let more = metrics.len().saturating_sub(SHOWN);
    let rest = if more > 0 { format!(" + {more} more...") } else { String::new() };
    shown.join(", ") + &rest
}

fn target(metric: &MetricSpec) -> String {
    let resource = metric.resource.as_ref().map(|it| (&it.name, &it.target));
    let container = metric.container_resource.as_ref().map(|it| (&it.name, &it.target));
    match resource.or(container) {
        Some((name, target)) => format!("{name}: <unknown>/{}", wanted(target)),
        None => "<unknown type>".to_owned(),
    }
}

fn wanted(target: &MetricTarget) -> String {
    match (&target.average_value, target.average_utilization) {
        (Some(value), _) => value.0.clone(),
        (None, Some(percent)) => format!("{percent}%"),
        (None, None) => "<auto>".to_owned(),
    }
}
