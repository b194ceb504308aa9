//! What one metric of an autoscaler asks for, or why it asks for nothing.
//! Upstream: `computeReplicasForMetric` of `horizontal.go`.

use std::rc::Rc;

use k8s_openapi::api::autoscaling::v2 as api;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::arithmetic::{self, Proposal, TOLERANCE, Tolerances};
use super::pods::{self, Resource};
use crate::api::{Pod, canonical, quantity};
use crate::metrics::{self, Metrics};
use crate::plan::Snapshot;
use crate::time::Time;
use crate::why::autoscaler::{Amount, Lack, Sum};

/// What a cluster without a metrics server answers.
const NO_METRICS: &str = "unable to fetch metrics from resource metrics API: the server could not find the requested \
    resource (get pods.metrics.k8s.io)";

/// What an autoscaler's metrics are about.
pub(super) struct Scope<'a> {
    /// The pods of its target, by name.
    pub(super) pods: Vec<&'a Rc<Pod>>,
    pub(super) current: i32,
    pub(super) tolerances: Tolerances,
    pub(super) metrics: Metrics<'a>,
    pub(super) is_served: bool,
    pub(super) now: Time,
}

/// What a metric asks for.
pub(super) struct Asked {
    pub(super) replicas: i32,
    /// As Events and conditions name it: `cpu resource utilization (percentage of request)`.
    pub(super) name: String,
    /// `cpu`
    pub(super) resource: Rc<str>,
    pub(super) sum: Sum,
    pub(super) status: api::MetricStatus,
}

/// A metric that says nothing.
pub(super) struct Silent {
    pub(super) lack: Lack,
    /// `FailedGetResourceMetric`
    pub(super) reason: &'static str,
    /// `failed to get cpu resource metric value`
    pub(super) doing: String,
    pub(super) fault: String,
}

impl<'a> Scope<'a> {
    pub(super) fn new(
        snapshot: &Snapshot<'a>,
        pods: Vec<&'a Rc<Pod>>,
        current: i32,
        behavior: Option<&api::HorizontalPodAutoscalerBehavior>,
    ) -> Scope<'a> {
        let is_served = metrics::is_served(snapshot.store, snapshot.simulation);
        let tolerances = tolerances(behavior);
        Scope { pods, current, tolerances, metrics: snapshot.metrics, is_served, now: snapshot.now }
    }
}

/// What a metric asks for.
pub(super) fn asked(metric: &api::MetricSpec, scope: &Scope<'_>) -> Result<Asked, Silent> {
    if let Some(source) = &metric.resource {
        let resource = Resource { name: &source.name, container: None };
        let silent = |(lack, fault)| Silent {
            lack,
            reason: "FailedGetResourceMetric",
            doing: format!("failed to get {} resource metric value", source.name),
            fault,
        };
        let (asked, current) = of_resource(resource, &source.target, scope).map_err(silent)?;
        let status = api::ResourceMetricStatus { current, name: source.name.clone() };
        let type_ = "Resource".to_owned();
        return Ok(Asked {
            status: api::MetricStatus { type_, resource: Some(status), ..asked.status },
            ..asked
        });
    }
    if let Some(source) = &metric.container_resource {
        let resource = Resource { name: &source.name, container: Some(&source.container) };
        let silent = |(lack, fault)| Silent {
            lack,
            reason: "FailedGetContainerResourceMetric",
            doing: format!("failed to get {} container metric value", source.container),
            fault,
        };
        let (asked, current) = of_resource(resource, &source.target, scope).map_err(silent)?;
        let (name, container) = (source.name.clone(), source.container.clone());
        let status = api::ContainerResourceMetricStatus { container, current, name };
        let type_ = "ContainerResource".to_owned();
        return Ok(Asked {
            status: api::MetricStatus { type_, container_resource: Some(status), ..asked.status },
            ..asked
        });
    }
    Err(unserved(&metric.type_))
}

/// Only the resource metrics API is ever there.
fn unserved(type_: &str) -> Silent {
    let (reason, what, api) = match type_ {
        "Object" => ("FailedGetObjectMetric", "object", "custom"),
        "External" => ("FailedGetExternalMetric", "external", "external"),
        _ => ("FailedGetPodsMetric", "pods", "custom"),
    };
    let fault = format!("unable to fetch metrics from {api} metrics API: no {api} metrics API is registered");
    Silent { lack: Lack::NoServer, reason, doing: format!("failed to get {what} metric value"), fault }
}

fn of_resource(
    resource: Resource<'_>,
    wanted: &api::MetricTarget,
    scope: &Scope<'_>,
) -> Result<(Asked, api::MetricValueStatus), (Lack, String)> {
    let name = resource.name;
    let (target, what) = match &wanted.average_value {
        Some(value) => (arithmetic::Target::AverageValue(milli(value)), "usage"),
        // One of both is there: validation sees to that.
        None => {
            let percent = wanted.average_utilization.unwrap_or(1);
            (arithmetic::Target::Utilization(percent), "utilization")
        }
    };
    let failed = |(lack, fault): (Lack, String)| (lack, format!("failed to get {name} {what}: {fault}"));
    if !scope.is_served {
        let fault = format!("unable to get metrics for resource {name}: {NO_METRICS}");
        return Err(failed((Lack::NoServer, fault)));
    }
    let needs_requests = matches!(target, arithmetic::Target::Utilization(_));
    let samples =
        pods::samples(&scope.pods, resource, scope.metrics, needs_requests, scope.now).map_err(failed)?;
    let proposal = arithmetic::propose(&samples, target, scope.tolerances, scope.current);
    let fault = (Lack::RequestsNothing, "no metrics returned matched known pods".to_owned());
    let proposal = proposal.ok_or_else(|| failed(fault))?;
    let current = api::MetricValueStatus {
        average_utilization: proposal.percent,
        average_value: Some(of_milli(proposal.average)),
        value: None,
    };
    let name = match (target, resource.container) {
        (arithmetic::Target::AverageValue(_), _) => format!("{name} resource"),
        (arithmetic::Target::Utilization(_), None) => {
            format!("{name} resource utilization (percentage of request)")
        }
        (arithmetic::Target::Utilization(_), Some(_)) => {
            format!("{name} container resource utilization (percentage of request)")
        }
    };
    let asked = Asked {
        replicas: proposal.replicas,
        name,
        resource: resource.name.into(),
        sum: sum(&proposal, resource.name, target),
        status: api::MetricStatus::default(),
    };
    Ok((asked, current))
}

fn sum(proposal: &Proposal, resource: &str, target: arithmetic::Target) -> Sum {
    let amount = |amount: i64| match resource {
        "cpu" => Amount::Cores(amount),
        _ => Amount::Bytes(amount / 1000),
    };
    let (used, target) = match target {
        arithmetic::Target::Utilization(percent) => {
            (Amount::Percent(proposal.used), Amount::Percent(percent.into()))
        }
        arithmetic::Target::AverageValue(wanted) => (amount(proposal.used), amount(wanted)),
    };
    Sum {
        pods: proposal.pods,
        unready: proposal.unready,
        missing: proposal.missing,
        used,
        target,
        verdict: proposal.verdict,
        replicas: proposal.replicas,
    }
}

/// `behavior.scaleUp.tolerance` and its like.
fn tolerances(behavior: Option<&api::HorizontalPodAutoscalerBehavior>) -> Tolerances {
    let of = |rules: Option<&api::HPAScalingRules>| {
        let said = rules.and_then(|rules| quantity::thousandths(&rules.tolerance.as_ref()?.0));
        said.map_or(TOLERANCE, |thousandths| thousandths as f64 / 1000.0)
    };
    Tolerances {
        down: of(behavior.and_then(|behavior| behavior.scale_down.as_ref())),
        up: of(behavior.and_then(|behavior| behavior.scale_up.as_ref())),
    }
}

fn milli(quantity: &Quantity) -> i64 {
    let thousandths = quantity::thousandths(&quantity.0).unwrap_or_default();
    i64::try_from(thousandths).unwrap_or(i64::MAX).max(1)
}

/// Upstream: `resource.NewMilliQuantity`, as it is printed.
fn of_milli(thousandths: i64) -> Quantity {
    let text = format!("{thousandths}m");
    Quantity(canonical::quantity(&text).unwrap_or(text))
}
