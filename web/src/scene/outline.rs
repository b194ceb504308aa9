//! The stage in words, for those who do not see it: what is desired, what runs where, what gets traffic.

use super::Scene;

/// With more pods than this a node says how many it has in which state, not each by name.
const MOST_BY_NAME: usize = 40;

/// A line of the outline and how deep it is, from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its depth.
    pub depth: u8,
    /// Its text.
    pub text: String,
}

/// The outline of a scene.
pub fn outline(scene: &Scene) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut say = |depth: u8, text: String| lines.push(Line { depth, text });
    for workload in &scene.workloads {
        say(0, workload.sentence());
        for part in &workload.parts {
            say(1, part.sentence());
        }
        say(1, workload.gauge.sentence());
    }
    if !scene.hidden_workloads.is_empty() {
        say(0, format!("Also: {}", scene.hidden_workloads));
    }
    for service in &scene.services {
        let (ready, draining, waiting) = (service.ready, service.draining, service.not_ready);
        say(
            0,
            format!(
                "Service {} at {}: {ready} endpoints ready, {draining} draining, {waiting} not ready",
                service.name, service.address
            ),
        );
    }
    pods_of(scene, None, "Not on a node", &mut say);
    for node in &scene.nodes {
        let name = node.key.trim_start_matches("node:");
        let state = match (node.ready, node.schedulable) {
            (true, true) => "",
            (true, false) => ", cordoned",
            (false, true) => ", not ready",
            (false, false) => ", not ready, cordoned",
        };
        pods_of(scene, Some(name), &format!("Node {name}{state}"), &mut say);
    }
    lines
}

fn pods_of(scene: &Scene, node: Option<&str>, title: &str, say: &mut impl FnMut(u8, String)) {
    let pods: Vec<_> = scene.pods.iter().filter(|pod| pod.node.as_deref() == node).collect();
    if pods.is_empty() && node.is_none() {
        return;
    }
    say(0, format!("{title}: {} pods", pods.len()));
    if pods.len() <= MOST_BY_NAME {
        for pod in pods {
            say(1, pod.sentence.clone());
        }
        return;
    }
    let mut states: Vec<_> = pods.iter().map(|pod| pod.state).collect();
    kubestep_core::order::sort(&mut states);
    for state in states.chunk_by(|a, b| a == b) {
        say(1, format!("{} {}", state.len(), state[0].spoken()));
    }
}
