//! Whether a node takes a pod on: what it asks for must fit beside the pods that are there, and what it says of nodes must
//! be true of this one. Upstream: `pkg/kubelet/lifecycle/predicate.go`.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::local_pod::{Cause, LocalPod, Stage, Verdict};
use super::machine::Machine;
use super::{eviction, node_report};
use crate::api::{Node, Pod};
use crate::placement::host_ports::{self, HostPort};
use crate::placement::{node_selector, tolerations};
use crate::why;

/// A refusal: what the API is told, and the numbers.
pub(super) struct Rejection {
    pub(super) verdict: Verdict,
    pub(super) message: String,
    pub(super) why: Box<why::Kubelet>,
}

/// The label with a node's operating system.
const OS: &str = "kubernetes.io/os";

/// Compares what a pod asks for with its node.
pub(super) fn check(machine: &Machine, local: &LocalPod) -> Result<(), Rejection> {
    let Some(node) = machine.kubelet_cache.get_cluster_wide::<Node>(&machine.name) else {
        return Ok(());
    };
    let pod = local.object();
    pressure(machine, local)?;
    os(pod, node)?;
    room(machine, pod, node)?;
    if !node_selector::requirements_met(&pod.spec.spec, node) {
        return Err(unsuited("NodeAffinity", "node(s) didn't match Pod's node affinity/selector"));
    }
    let is_another = |other: &&Rc<LocalPod>| {
        other.uid() != local.uid() && other.accepted.is_some() && other.stage() != Stage::Ended
    };
    let is_taken = |wanted: HostPort<'_>| {
        let mut taken = machine.pods().filter(is_another).flat_map(|other| host_ports::of(other.object()));
        taken.any(|taken| taken.conflicts_with(&wanted))
    };
    if host_ports::of(pod).any(is_taken) {
        return Err(unsuited("NodePorts", "node(s) didn't have free ports for the requested pod ports"));
    }
    let evicts = |taint: &&k8s_openapi::api::core::v1::Taint| {
        taint.effect == "NoExecute" && !tolerations::tolerate(tolerations::of(pod), taint)
    };
    if local.file().is_none() && node.taints().iter().any(|taint| evicts(&taint)) {
        return Err(unsuited("TaintToleration", "node(s) had taints that the pod didn't tolerate"));
    }
    Ok(())
}

/// A node that is short of something spares itself. Upstream: `Admit` in `pkg/kubelet/eviction/eviction_manager.go`.
fn pressure(machine: &Machine, local: &LocalPod) -> Result<(), Rejection> {
    let Some(pressure) = &machine.pressure else { return Ok(()) };
    let conditions = node_report::held(pressure);
    let pod = local.object();
    let (Some(first), false) = (conditions.first(), eviction::is_critical(local)) else { return Ok(()) };
    if conditions == ["MemoryPressure"] {
        let taint = core::Taint {
            key: "node.kubernetes.io/memory-pressure".to_owned(),
            effect: "NoSchedule".to_owned(),
            ..core::Taint::default()
        };
        let is_best_effort = pod.status.qos_class.as_deref() == Some("BestEffort");
        if !is_best_effort || tolerations::tolerate(tolerations::of(pod), &taint) {
            return Ok(());
        }
    }
    let message = format!("The node had condition: [{}]. ", conditions.join(" "));
    let why = Box::new(why::Kubelet::TurnedAway { condition: first });
    Err(Rejection { verdict: verdict(eviction::REASON, &message), message, why })
}

/// Upstream: `rejectPodAdmissionBasedOnOSSelector`, `rejectPodAdmissionBasedOnOSField`.
fn os(pod: &Pod, node: &Node) -> Result<(), Rejection> {
    let own = node.label(OS).unwrap_or("linux");
    let selected = pod.spec.spec.node_selector.as_ref().and_then(|selector| selector.get(OS));
    if selected.is_some_and(|selected| selected != own) {
        let message = "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label";
        return Err(refusal("PodOSSelectorNodeLabelDoesNotMatch", message.to_owned(), "PodOSSelector"));
    }
    if pod.spec.spec.os.as_ref().is_some_and(|os| os.name != own) {
        let message = "Failed to admit pod as the OS field doesn't match node OS";
        return Err(refusal("PodOSNotSupported", message.to_owned(), "PodOSField"));
    }
    Ok(())
}

/// Resource by resource, as upstream orders them.
fn room(machine: &Machine, pod: &Pod, node: &Node) -> Result<(), Rejection> {
    let asked = pod.requests();
    let load = machine.kubelet_cache.node_load(&machine.name);
    // The pod itself is among the node's pods already, unless it has finished or nobody but its file knows it.
    let is_counted = !pod.is_finished() && machine.kubelet_cache.get::<Pod>(&pod.key).is_some();
    let others = |total: i64, own: i64| if is_counted { total - own } else { total };
    let requested = load.map(|load| load.requested).unwrap_or_default();
    let count = load.map_or(0, |load| load.count);
    let resources = [
        ("pods", "OutOfpods", 1, others(count, 1)),
        ("cpu", "OutOfcpu", asked.cpu, others(requested.cpu, asked.cpu)),
        ("memory", "OutOfmemory", asked.memory, others(requested.memory, asked.memory)),
        (
            "ephemeral-storage",
            "OutOfephemeral-storage",
            asked.storage,
            others(requested.storage, asked.storage),
        ),
    ];
    for (resource, reason, requested, used) in resources {
        let capacity = node.allocatable(resource);
        // A node that does not say what it has of a resource is not asked for it.
        if requested == 0 || capacity == 0 || requested <= capacity - used {
            continue;
        }
        let message = format!(
            "Node didn't have enough resource: {resource}, requested: {requested}, used: {used}, capacity: \
             {capacity}"
        );
        let why = Box::new(why::Kubelet::PodRejected { resource, requested, used, capacity });
        return Err(Rejection { verdict: verdict(reason, &message), message, why });
    }
    Ok(())
}

fn unsuited(predicate: &'static str, problem: &str) -> Rejection {
    refusal(predicate, format!("Predicate {predicate} failed: {problem}"), predicate)
}

fn refusal(reason: &'static str, message: String, predicate: &'static str) -> Rejection {
    let why = Box::new(why::Kubelet::PodUnsuited { predicate });
    Rejection { verdict: verdict(reason, &message), message, why }
}

fn verdict(reason: &'static str, message: &str) -> Verdict {
    Verdict { reason, message: format!("Pod was rejected: {message}").into(), cause: Cause::Rejection }
}
