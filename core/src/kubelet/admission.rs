//! Whether a node takes a pod on: what it asks for must fit beside the pods that are there.
//! Upstream: `pkg/kubelet/lifecycle/predicate.go`.

use super::local_pod::Verdict;
use super::machine::Machine;
use crate::api::{Key, Node, Pod};
use crate::why;

/// A refusal: what the API is told, and the numbers.
pub(super) struct Rejection {
    pub(super) verdict: Verdict,
    pub(super) message: String,
    pub(super) why: why::Kubelet,
}

/// Compares what `pod` asks for with what is left of its node, resource by resource, as upstream orders them.
pub(super) fn check(machine: &Machine, pod: &Pod) -> Result<(), Rejection> {
    let Some(node) = machine.kubelet_cache.get::<Node>(&Key::new("", machine.name.clone())) else {
        return Ok(());
    };
    let asked = pod.requests();
    let load = machine.kubelet_cache.node_load(&machine.name);
    // The pod itself is among the node's pods already, unless it has finished.
    let others = |total: i64, own: i64| if pod.is_finished() { total } else { total - own };
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
        return Err(Rejection {
            verdict: Verdict {
                reason,
                message: format!("Pod was rejected: {message}").into(),
                is_rejection: true,
            },
            message,
            why: why::Kubelet::PodRejected { resource, requested, used, capacity },
        });
    }
    Ok(())
}
