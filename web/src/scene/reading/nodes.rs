//! A node of the store as a figure.

use std::rc::Rc;

use kubestep_core::api::Node;
use kubestep_core::api::quantity::Requests;
use kubestep_core::apiserver::Store;

use crate::scene::figures::{Meter, NodeFigure, ProxyRules};
use crate::scene::geometry::Rect;

const ZONE_LABEL: &str = "topology.kubernetes.io/zone";
const CORDON_TAINT: &str = "node.kubernetes.io/unschedulable";
const GIBIBYTE: f64 = 1_073_741_824.0;

/// What a figure needs beside the node itself.
pub struct Around {
    /// Its place.
    pub rect: Rect,
    /// Its kubelet acts in this step.
    pub kubelet_acts: bool,
    /// Its kube-proxy acts in this step.
    pub proxy_acts: bool,
    /// kube-proxy's rules for the Service in focus.
    pub rules: Option<ProxyRules>,
    /// Whether the step is about it.
    pub hit: bool,
}

/// The name that a node's element carries.
pub fn key(name: &str) -> Rc<str> {
    format!("node:{name}").into()
}

/// The figure of a node.
pub fn figure(node: &Node, store: &Store, around: Around) -> NodeFigure {
    let taints = node
        .taints()
        .iter()
        // The cordon has a tag of its own.
        .filter(|taint| taint.key != CORDON_TAINT)
        .map(|taint| format!("{}:{}", taint.key.rsplit('/').next().unwrap_or_default(), taint.effect))
        .collect();
    NodeFigure {
        key: key(node.name()),
        rect: around.rect,
        kubelet_acts: around.kubelet_acts,
        proxy_acts: around.proxy_acts,
        ready: node.is_ready(),
        schedulable: !node.is_unschedulable(),
        taints,
        tags: node.label(ZONE_LABEL).map(str::to_owned).into_iter().collect(),
        meters: meters(node, store),
        rules: around.rules,
        hit: around.hit,
    }
}

fn meters(node: &Node, store: &Store) -> Vec<Meter> {
    let requested = store.node_load(node.name()).map(|load| load.requested).unwrap_or_default();
    let mut leaving = Requests::default();
    for pod in store.pods_on(node.name()).filter(|pod| pod.is_terminating() && !pod.is_finished()) {
        leaving.add(&pod.requests());
    }
    let (cpu, memory) = (node.allocatable("cpu"), node.allocatable("memory"));
    vec![
        Meter {
            name: "CPU",
            staying: share(requested.cpu - leaving.cpu, cpu),
            leaving: share(leaving.cpu, cpu),
            label: format!("{}/{}", short(requested.cpu as f64 / 1000.0), short(cpu as f64 / 1000.0)),
        },
        Meter {
            name: "Mem",
            staying: share(requested.memory - leaving.memory, memory),
            leaving: share(leaving.memory, memory),
            label: format!(
                "{}/{}",
                short(requested.memory as f64 / GIBIBYTE),
                short(memory as f64 / GIBIBYTE)
            ),
        },
    ]
}

fn share(part: i64, whole: i64) -> f32 {
    if whole <= 0 { 0.0 } else { (part as f64 / whole as f64).clamp(0.0, 1.0) as f32 }
}

/// At most two digits after the point, none to spare: `1.25`, `4`.
fn short(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_short() {
        let texts: Vec<String> = [1.25, 4.0, 0.0, 0.1, 7.666].into_iter().map(short).collect();
        assert_eq!(texts, ["1.25", "4", "0", "0.1", "7.67"]);
    }
}
