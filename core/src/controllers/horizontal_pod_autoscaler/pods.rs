//! What an autoscaler makes of its pods: which count, what they use and ask for.
//! Upstream: `groupPods` and `calculateRequests` of `replica_calculator.go`.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::arithmetic::{Sample, Standing};
use crate::api::{Pod, quantity};
use crate::metrics::{Metrics, PodMetrics, Usage};
use crate::time::{Duration, Time};
use crate::why::autoscaler::Lack;

/// How long after its start a pod's CPU is not trusted while it is not ready.
/// Upstream: `horizontal-pod-autoscaler-cpu-initialization-period`.
const CPU_INITIALIZATION: Duration = Duration::from_seconds(300);

/// A pod that became unready sooner than this was never ready.
/// Upstream: `horizontal-pod-autoscaler-initial-readiness-delay`.
const INITIAL_READINESS_DELAY: Duration = Duration::from_seconds(30);

/// What is looked at: a resource of whole pods, or of one container of each.
#[derive(Clone, Copy)]
pub(super) struct Resource<'a> {
    /// `cpu` or `memory`
    pub(super) name: &'a str,
    pub(super) container: Option<&'a str>,
}

impl Resource<'_> {
    /// Thousandths of a core, or of a byte. Each container's is rounded up. Nothing else is measured.
    fn of(self, usage: Usage) -> Option<i64> {
        match self.name {
            "cpu" => Some(usage.cpu_milli()),
            "memory" => Some(usage.memory.saturating_mul(1000)),
            _ => None,
        }
    }

    fn used(self, metrics: &PodMetrics) -> Option<i64> {
        let meant = metrics.containers.iter().filter(|(name, _)| self.container.is_none_or(|it| it == name));
        meant.filter_map(|(_, usage)| self.of(*usage)).reduce(i64::saturating_add)
    }
}

/// The pods of a target as the arithmetic needs them. Requests are looked at where percentages of them are wanted.
///
/// # Errors
/// Why nothing can be said of them, and upstream's words for that.
pub(super) fn samples(
    pods: &[&Rc<Pod>],
    resource: Resource<'_>,
    metrics: Metrics<'_>,
    needs_requests: bool,
    now: Time,
) -> Result<Vec<Sample>, (Lack, String)> {
    let measured: Vec<Option<PodMetrics>> = pods.iter().map(|pod| metrics.of_pod(pod)).collect();
    if measured.iter().all(Option::is_none) {
        let fault = format!(
            "unable to get metrics for resource {}: no metrics returned from resource metrics API",
            resource.name
        );
        return Err((Lack::NoneKnown, fault));
    }
    let standing =
        |(pod, metrics): (&&Rc<Pod>, &Option<PodMetrics>)| standing(pod, metrics.as_ref(), resource, now);
    let standings: Vec<Standing> = pods.iter().zip(&measured).map(standing).collect();
    if !standings.iter().any(|standing| matches!(standing, Standing::Counted(_))) {
        let fault = "did not receive metrics for targeted pods (pods might be unready)".to_owned();
        return Err((Lack::NoneReady, fault));
    }
    let sample = |(pod, standing): (&&Rc<Pod>, Standing)| {
        let request = if needs_requests { request(pod, resource)? } else { 0 };
        Ok(Sample { standing, request })
    };
    pods.iter().zip(standings).map(sample).collect()
}

fn standing(pod: &Pod, metrics: Option<&PodMetrics>, resource: Resource<'_>, now: Time) -> Standing {
    if pod.is_terminating() || pod.phase() == "Failed" {
        return Standing::Ignored;
    }
    if pod.phase() == "Pending" {
        return Standing::Unready;
    }
    let Some((metrics, used)) = metrics.and_then(|metrics| Some((metrics, resource.used(metrics)?))) else {
        return Standing::Missing;
    };
    if resource.name == "cpu" && is_unready(pod, metrics, now) {
        return Standing::Unready;
    }
    Standing::Counted(used)
}

/// Whether a pod's CPU says nothing: it starts up, or was not ready for all of the time that was measured.
fn is_unready(pod: &Pod, metrics: &PodMetrics, now: Time) -> bool {
    let (Some(ready), Some(start)) = (pod.condition("Ready"), &pod.status.start_time) else { return true };
    let is_ready = ready.status != "False";
    let changed = ready.last_transition_time.as_ref().map_or(Time::ZERO, Time::from_api);
    let start = Time::from_api(start);
    if start + CPU_INITIALIZATION > now {
        !is_ready || metrics.at < changed + metrics.window
    } else {
        !is_ready && start + INITIAL_READINESS_DELAY > changed
    }
}

/// What a pod asks for: of the pod as a whole if it says so, else of each container and sidecar.
fn request(pod: &Pod, resource: Resource<'_>) -> Result<i64, (Lack, String)> {
    let spec = &pod.spec.spec;
    let whole = spec.resources.as_ref().and_then(|resources| resources.requests.as_ref());
    if whole.is_some_and(|requests| !requests.is_empty()) && resource.container.is_none() {
        return Ok(thousandths(resource.name, pod.request_of(resource.name)));
    }
    let sidecars = spec.init_containers.iter().flatten();
    let sidecars = sidecars.filter(|container| container.restart_policy.as_deref() == Some("Always"));
    let mut containers = spec.containers.iter().chain(sidecars);
    if let Some(name) = resource.container {
        let container = containers.find(|container| container.name == name).ok_or_else(|| {
            (Lack::NoContainer, format!("container {name} not found in Pod {}", pod.name()))
        })?;
        return container_request(pod, container, resource.name);
    }
    let requests = containers.map(|container| container_request(pod, container, resource.name));
    requests.sum()
}

fn container_request(pod: &Pod, container: &core::Container, resource: &str) -> Result<i64, (Lack, String)> {
    let requests = container.resources.as_ref().and_then(|resources| resources.requests.as_ref());
    let amount = |amount: &Quantity| thousandths(resource, quantity::amount(resource, amount));
    requests.and_then(|requests| requests.get(resource)).map(amount).ok_or_else(|| {
        let (container, pod) = (&container.name, pod.name());
        let fault = format!("missing request for {resource} in container {container} of Pod {pod}");
        (Lack::NoRequest { container: container.as_str().into() }, fault)
    })
}

/// CPU is counted in thousandths already.
fn thousandths(resource: &str, amount: i64) -> i64 {
    if resource == "cpu" { amount } else { amount.saturating_mul(1000) }
}
