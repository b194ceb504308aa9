//! What bounds others described: autoscalers, budgets, quotas and limit ranges.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use k8s_openapi::api::autoscaling::v2 as scaling;
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{Describer, annotations, labels};
use crate::api::{HorizontalPodAutoscaler, LimitRange, Object, PodDisruptionBudget, ResourceQuota};
use crate::kubectl::print::autoscaler::{self as scaler, UNKNOWN};
use crate::kubectl::print::{age, workload};

type Amounts = BTreeMap<String, Quantity>;

pub(super) fn autoscaler(autoscaler: &Rc<HorizontalPodAutoscaler>, describer: Describer<'_>) -> String {
    let (spec, status) = (&autoscaler.spec, &autoscaler.status);
    let target = &spec.scale_target_ref;
    let mut text = format!("Name:\t{}\nNamespace:\t{}\n", autoscaler.name(), autoscaler.key.namespace);
    text += &labels("Labels", &autoscaler.meta.labels);
    text += &annotations("Annotations", &autoscaler.meta.annotations);
    text += &format!("CreationTimestamp:\t{}\n", age::date(&autoscaler.meta.created.to_api()));
    text += &format!("Reference:\t{}/{}\n", target.kind, target.name);
    text += "Metrics:\t( current / target )\n";
    let measured = status.current_metrics.as_deref().unwrap_or_default();
    let metrics = spec.metrics.iter().flatten().enumerate();
    text.extend(metrics.map(|(place, spec)| metric(spec, measured.get(place))));
    let least = spec.min_replicas.map_or_else(|| "<unset>".to_owned(), |least| least.to_string());
    text += &format!("Min replicas:\t{least}\nMax replicas:\t{}\n", spec.max_replicas);
    if let Some(behavior) = &spec.behavior {
        text += "Behavior:\n";
        text += &rules("Scale Up", behavior.scale_up.as_ref());
        text += &rules("Scale Down", behavior.scale_down.as_ref());
    }
    let current = status.current_replicas.unwrap_or(0);
    text += &format!("{} pods:\t{current} current / {} desired\n", target.kind, status.desired_replicas);
    let conditions = status.conditions.as_deref().unwrap_or_default();
    if !conditions.is_empty() {
        text += "Conditions:\n  Type\tStatus\tReason\tMessage\n  ----\t------\t------\t-------\n";
    }
    for condition in conditions {
        let (reason, message) = (condition.reason.as_deref(), condition.message.as_deref());
        text += &format!(
            "  {}\t{}\t{}\t{}\n",
            condition.type_,
            condition.status,
            reason.unwrap_or_default(),
            message.unwrap_or_default()
        );
    }
    text + &describer.events(&Object::HorizontalPodAutoscaler(autoscaler.clone()))
}

/// One metric: what it is, what it was, and its target. Only resources of pods are ever measured.
fn metric(metric: &scaling::MetricSpec, measured: Option<&scaling::MetricStatus>) -> String {
    let amount = |value: &Option<Quantity>| value.as_ref().map_or("0", |value| &value.0).to_owned();
    let average = |current: &scaling::MetricValueStatus| Some(current.average_value.as_ref()?.0.clone());
    let percentage = |target: &scaling::MetricTarget| {
        let wanted = scaler::wanted(target);
        let current = measured.and_then(scaler::current_of);
        let percent = |current: &scaling::MetricValueStatus| {
            Some(format!("{}% ({})", current.average_utilization?, average(current)?))
        };
        let (title, current) = match target.average_value {
            Some(_) => (":", current.and_then(average)),
            None => ("  (as a percentage of request):", current.and_then(percent)),
        };
        format!("{title}\t{} / {wanted}\n", current.unwrap_or_else(|| UNKNOWN.to_owned()))
    };
    if let Some(resource) = &metric.resource {
        return format!("  resource {} on pods{}", resource.name, percentage(&resource.target));
    }
    if let Some(resource) = &metric.container_resource {
        let (name, container) = (&resource.name, &resource.container);
        return format!(
            "  resource {name} of container \"{container}\" on pods{}",
            percentage(&resource.target)
        );
    }
    if let Some(pods) = &metric.pods {
        let target = amount(&pods.target.average_value);
        return format!("  \"{}\" on pods:\t{UNKNOWN} / {target}\n", pods.metric.name);
    }
    if let Some(object) = &metric.object {
        let (about, name) = (&object.described_object, &object.metric.name);
        let (what, target) = match object.target.type_.as_str() {
            "AverageValue" => ("target average value", amount(&object.target.average_value)),
            _ => ("target value", amount(&object.target.value)),
        };
        return format!("  \"{name}\" on {}/{} ({what}):\t{UNKNOWN} / {target}\n", about.kind, about.name);
    }
    if let Some(external) = &metric.external {
        let (what, target) = match &external.target.average_value {
            Some(value) => ("target average value", value.0.clone()),
            None => ("target value", amount(&external.target.value)),
        };
        return format!("  \"{}\" ({what}):\t{UNKNOWN} / {target}\n", external.metric.name);
    }
    format!("  <unknown metric type \"{}\">\n", metric.type_)
}

fn rules(title: &str, rules: Option<&scaling::HPAScalingRules>) -> String {
    let Some(rules) = rules else { return String::new() };
    let mut text = format!("  {title}:\n");
    if let Some(seconds) = rules.stabilization_window_seconds {
        text += &format!("    Stabilization Window: {seconds} seconds\n");
    }
    let policies = rules.policies.as_deref().unwrap_or_default();
    if !policies.is_empty() {
        text += &format!("    Select Policy: {}\n", rules.select_policy.as_deref().unwrap_or("Max"));
        text += "    Policies:\n";
    }
    for policy in policies {
        let (name, value, seconds) = (&policy.type_, policy.value, policy.period_seconds);
        text += &format!("      - Type: {name}\tValue: {value}\tPeriod: {seconds} seconds\n");
    }
    text
}

pub(super) fn budget(budget: &Rc<PodDisruptionBudget>, describer: Describer<'_>) -> String {
    let (spec, status) = (&budget.spec, &budget.status);
    let amount = |amount: &IntOrString| match amount {
        IntOrString::Int(number) => number.to_string(),
        IntOrString::String(text) => text.clone(),
    };
    let mut text = format!("Name:\t{}\nNamespace:\t{}\n", budget.name(), budget.key.namespace);
    if let Some(least) = &spec.min_available {
        text += &format!("Min available:\t{}\n", amount(least));
    } else if let Some(most) = &spec.max_unavailable {
        text += &format!("Max unavailable:\t{}\n", amount(most));
    }
    let selector = spec.selector.as_ref().map_or_else(|| "<unset>".to_owned(), workload::label_selector);
    text += &format!("Selector:\t{selector}\nStatus:\n");
    let counted = [
        ("Allowed disruptions", status.disruptions_allowed),
        ("Current", status.current_healthy),
        ("Desired", status.desired_healthy),
        ("Total", status.expected_pods),
    ];
    text.extend(counted.iter().map(|(title, count)| format!("    {title}:\t{}\n", count.unwrap_or(0))));
    text + &describer.events(&Object::PodDisruptionBudget(budget.clone()))
}

pub(super) fn quota(quota: &ResourceQuota) -> String {
    let mut text = format!("Name:\t{}\nNamespace:\t{}\n", quota.name(), quota.key.namespace);
    text += &scopes(quota, "", " ");
    text + "Resource\tUsed\tHard\n--------\t----\t----\n" + &resources(quota, "")
}

/// The quotas of a namespace.
pub(super) fn quotas<'a>(quotas: impl Iterator<Item = &'a Rc<ResourceQuota>>) -> String {
    let mut text = String::new();
    for quota in quotas {
        text += &format!("  Name:\t{}\n", quota.name());
        text += &scopes(quota, "  ", "  ");
        text += "  Resource\tUsed\tHard\n  --------\t---\t---\n";
        text += &resources(quota, "  ");
    }
    if text.is_empty() { "No resource quota.\n".to_owned() } else { format!("Resource Quotas\n{text}") }
}

fn resources(quota: &ResourceQuota, indent: &str) -> String {
    let used = quota.status.used.clone().unwrap_or_default();
    let hard = quota.status.hard.iter().flatten();
    let lines = hard.map(|(name, hard)| {
        let used = used.get(name).map_or("0", |used| &used.0);
        format!("{indent}{name}\t{used}\t{}\n", hard.0)
    });
    lines.collect()
}

/// Which pods a quota is about, with an explanation each.
fn scopes(quota: &ResourceQuota, indent: &str, bullet: &str) -> String {
    let mut scopes = quota.spec.scopes.clone().unwrap_or_default();
    if scopes.is_empty() {
        return String::new();
    }
    scopes.sort();
    let told = scopes.iter().filter_map(|scope| Some(format!("{bullet}* {}\n", meaning(scope)?)));
    format!("{indent}Scopes:\t{}\n", scopes.join(", ")) + &told.collect::<String>()
}

/// kubectl's words about a scope.
fn meaning(scope: &str) -> Option<&'static str> {
    match scope {
        "Terminating" => Some(
            "Matches all pods that have an active deadline. These pods have a limited lifespan on a node before being \
             actively terminated by the system.",
        ),
        "NotTerminating" => Some(
            "Matches all pods that do not have an active deadline. These pods usually include long running pods whose \
             container command is not expected to terminate.",
        ),
        "BestEffort" => Some(
            "Matches all pods that do not have resource requirements set. These pods have a best effort quality of \
             service.",
        ),
        "NotBestEffort" => Some(
            "Matches all pods that have at least one resource requirement set. These pods have a burstable or \
             guaranteed quality of service.",
        ),
        _ => None,
    }
}

pub(super) fn limit_range(range: &LimitRange) -> String {
    let mut text = format!("Name:\t{}\nNamespace:\t{}\n", range.name(), range.key.namespace);
    text += "Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio\n";
    text += "----\t--------\t---\t---\t---------------\t-------------\t-----------------------\n";
    text + &limits(range, "")
}

/// The limit ranges of a namespace.
pub(super) fn limit_ranges<'a>(ranges: impl Iterator<Item = &'a Rc<LimitRange>>) -> String {
    let mut ranges = ranges.peekable();
    if ranges.peek().is_none() {
        return "No LimitRange resource.\n".to_owned();
    }
    let mut text = "Resource Limits\n Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio\n \
                    ----\t--------\t---\t---\t---------------\t-------------\t-----------------------\n"
        .to_owned();
    text.extend(ranges.map(|range| limits(range, " ")));
    text
}

fn limits(range: &LimitRange, indent: &str) -> String {
    let items = range.spec.spec.iter().flat_map(|spec| &spec.limits);
    items.map(|item| limits_of(item, indent)).collect()
}

/// A line for each resource that is bounded in any way.
fn limits_of(item: &core::LimitRangeItem, indent: &str) -> String {
    let bounds = [&item.min, &item.max, &item.default_request, &item.default, &item.max_limit_request_ratio];
    let names: BTreeSet<&String> =
        bounds.iter().flat_map(|bound| bound.iter().flat_map(Amounts::keys)).collect();
    let shown = |bound: &&Option<Amounts>, name: &str| {
        let amount = bound.as_ref().and_then(|bound| bound.get(name));
        amount.map_or("-", |amount| &amount.0).to_owned()
    };
    let line = |name: &&String| {
        let cells: Vec<String> = bounds.iter().map(|bound| shown(bound, name)).collect();
        format!("{indent}{}\t{name}\t{}\n", item.type_, cells.join("\t"))
    };
    names.iter().map(line).collect()
}
