//! Pods: accessors over spec and status.

use std::collections::BTreeSet;
use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::claim::{self, PodClaim};
use super::quantity::{self, Requests};
use super::{Labels, Resource, resource};
use crate::time::Time;

/// A stored Pod.
pub type Pod = Resource<PodDesired, Rc<core::PodStatus>>;

/// A pod's spec. The node is kept apart, so that the pods of one template share everything else.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PodDesired {
    /// `spec` without `nodeName`.
    pub spec: Rc<core::PodSpec>,
    /// `spec.nodeName`
    pub node: Option<Rc<str>>,
}

/// A pod template in the parts that its pods share.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PodTemplate {
    /// `metadata.labels`
    pub labels: Rc<Labels>,
    /// `metadata.annotations`
    pub annotations: Rc<Labels>,
    /// `metadata.finalizers`
    pub finalizers: Rc<Vec<String>>,
    /// `spec`
    pub spec: Rc<core::PodSpec>,
}

/// The annotation of a static pod's mirror; its value tells which pod it mirrors.
pub const MIRROR: &str = "kubernetes.io/config.mirror";

impl PodTemplate {
    /// Copies `template` once, so that its pods need not.
    pub fn from_api(template: &core::PodTemplateSpec) -> PodTemplate {
        let meta = template.metadata.clone().unwrap_or_default();
        PodTemplate {
            labels: Rc::new(meta.labels.unwrap_or_default()),
            annotations: Rc::new(meta.annotations.unwrap_or_default()),
            finalizers: Rc::new(meta.finalizers.unwrap_or_default()),
            spec: Rc::new(template.spec.clone().unwrap_or_default()),
        }
    }
}

impl Pod {
    /// From what a client sent.
    pub fn from_api(pod: core::Pod) -> Pod {
        let mut spec = pod.spec.unwrap_or_default();
        let node = spec.node_name.take().filter(|name| !name.is_empty()).map(Into::into);
        let status = Rc::new(pod.status.unwrap_or_default());
        resource(pod.metadata, PodDesired { spec: Rc::new(spec), node }, status)
    }

    /// As the API shows it.
    pub fn to_api(&self) -> core::Pod {
        let mut spec = (*self.spec.spec).clone();
        spec.node_name = self.spec.node.as_deref().map(str::to_owned);
        core::Pod {
            metadata: self.meta.to_api(&self.key, self.uid, self.resource_version),
            spec: Some(spec),
            status: Some((*self.status).clone()),
        }
    }

    /// Whether it is the mirror of a static pod: an object that stands for what a kubelet runs from a file.
    pub fn is_mirror(&self) -> bool {
        self.annotation(MIRROR).is_some()
    }

    /// `spec.nodeName`: the node it is bound to.
    pub fn node(&self) -> Option<&str> {
        self.spec.node.as_deref()
    }

    /// `status.phase`; a pod without one is Pending.
    pub fn phase(&self) -> &str {
        self.status.phase.as_deref().unwrap_or("Pending")
    }

    /// Whether the phase is Succeeded or Failed.
    pub fn is_finished(&self) -> bool {
        matches!(self.phase(), "Succeeded" | "Failed")
    }

    /// Neither finished nor being deleted. Upstream: `controller.IsPodActive`.
    pub fn is_active(&self) -> bool {
        !self.is_finished() && !self.is_terminating()
    }

    /// Whether its Ready condition is True.
    pub fn is_ready(&self) -> bool {
        self.condition("Ready").is_some_and(|condition| condition.status == "True")
    }

    /// Since when its Ready condition has been True.
    pub fn ready_since(&self) -> Option<Time> {
        let condition = self.condition("Ready").filter(|condition| condition.status == "True")?;
        condition.last_transition_time.as_ref().map(Time::from_api)
    }

    /// A condition by type.
    pub fn condition(&self, name: &str) -> Option<&core::PodCondition> {
        self.status.conditions.iter().flatten().find(|condition| condition.type_ == name)
    }

    /// `spec.containers`
    pub fn containers(&self) -> &[core::Container] {
        &self.spec.spec.containers
    }

    /// `status.containerStatuses`
    pub fn container_statuses(&self) -> &[core::ContainerStatus] {
        self.status.container_statuses.as_deref().unwrap_or_default()
    }

    /// `status.podIP`
    pub fn ip(&self) -> Option<&str> {
        self.status.pod_ip.as_deref().filter(|ip| !ip.is_empty())
    }

    /// The PersistentVolumeClaims that its volumes name, in order.
    pub fn claims(&self) -> impl Iterator<Item = PodClaim> {
        claim::of_pod(self.name(), &self.spec.spec)
    }

    /// `spec.priority`; 0 where it has none.
    pub fn priority(&self) -> i32 {
        self.spec.spec.priority.unwrap_or(0)
    }

    /// `spec.terminationGracePeriodSeconds`; the API server's default is 30.
    pub fn termination_grace_seconds(&self) -> i64 {
        self.spec.spec.termination_grace_period_seconds.unwrap_or(30)
    }
}

/// What a container without a request counts as when nodes are scored: 100m of cpu.
const NONZERO_CPU: i64 = 100;
/// What a container without a request counts as when nodes are scored: 200 MiB of memory.
const NONZERO_MEMORY: i64 = 200 << 20;

impl Pod {
    /// What it asks of a node: the larger of its containers' sum and its hungriest init step, plus overhead.
    /// Upstream: `k8s.io/component-helpers/resource.PodRequests`.
    pub fn requests(&self) -> Requests {
        let spec = &self.spec.spec;
        let mut running = Requests::default();
        for container in &spec.containers {
            running.add(&container_requests(container));
        }
        let mut sidecars = Requests::default();
        let mut hungriest = Requests::default();
        for container in spec.init_containers.iter().flatten() {
            let mut step = container_requests(container);
            step.add(&sidecars);
            if container.restart_policy.as_deref() == Some("Always") {
                sidecars.add(&container_requests(container));
            }
            hungriest.raise_to(&step);
        }
        running.add(&sidecars);
        running.raise_to(&hungriest);
        let whole_pod = spec.resources.as_ref().and_then(|resources| resources.requests.as_ref());
        for (resource, quantity) in whole_pod.into_iter().flatten() {
            let amount = quantity::amount(resource, quantity);
            match resource.as_str() {
                "cpu" => (running.cpu, running.nonzero_cpu) = (amount, amount),
                "memory" => (running.memory, running.nonzero_memory) = (amount, amount),
                _ => {}
            }
        }
        for (resource, quantity) in spec.overhead.iter().flatten() {
            let amount = quantity::amount(resource, quantity);
            running.add(&Requests::of(resource, amount));
        }
        running
    }

    /// What it asks of a resource that [`Requests`] does not count, such as `example.com/gpu`.
    pub fn request_of(&self, resource: &str) -> i64 {
        let spec = &self.spec.spec;
        let asked = |container: &core::Container| {
            let listed = container.resources.as_ref().and_then(|resources| resources.requests.as_ref());
            listed.and_then(|requests| requests.get(resource)).map_or(0, |it| quantity::amount(resource, it))
        };
        let (mut sidecars, mut hungriest) = (0, 0);
        for container in spec.init_containers.iter().flatten() {
            hungriest = hungriest.max(asked(container) + sidecars);
            if container.restart_policy.as_deref() == Some("Always") {
                sidecars += asked(container);
            }
        }
        let running: i64 = spec.containers.iter().map(asked).sum();
        let overhead = spec.overhead.as_ref().and_then(|overhead| overhead.get(resource));
        (running + sidecars).max(hungriest) + overhead.map_or(0, |it| quantity::amount(resource, it))
    }

    /// The resources it asks for that [`Requests`] does not count, each once.
    pub fn extended_resources(&self) -> BTreeSet<&str> {
        let spec = &self.spec.spec;
        let containers = spec.containers.iter().chain(spec.init_containers.iter().flatten());
        let listed = containers.filter_map(|container| container.resources.as_ref()?.requests.as_ref());
        let names = listed.flat_map(|requests| requests.keys().map(String::as_str));
        names.filter(|name| !matches!(*name, "cpu" | "memory" | "ephemeral-storage")).collect()
    }
}

fn container_requests(container: &core::Container) -> Requests {
    let mut requests =
        Requests { nonzero_cpu: NONZERO_CPU, nonzero_memory: NONZERO_MEMORY, ..Requests::default() };
    let listed = container.resources.as_ref().and_then(|resources| resources.requests.as_ref());
    for (resource, quantity) in listed.into_iter().flatten() {
        let amount = quantity::amount(resource, quantity);
        match resource.as_str() {
            "cpu" => (requests.cpu, requests.nonzero_cpu) = (amount, amount),
            "memory" => (requests.memory, requests.nonzero_memory) = (amount, amount),
            "ephemeral-storage" => requests.storage = amount,
            _ => {}
        }
    }
    requests
}
