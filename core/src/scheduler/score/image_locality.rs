//! Nodes that have more of the pod's images are better; images that many nodes have count more, lest all pods of one
//! image end up where it was pulled first. Upstream: `plugins/imagelocality`.

use super::MOST;
use crate::api::{Node, Pod};
use crate::scheduler::view::{Candidate, View};

/// Below this, a node's images count as nothing: 23 MiB.
const LEAST_BYTES: i64 = 23 << 20;
/// Above this per container, more does not count: 1000 MiB.
const MOST_BYTES_PER_CONTAINER: i64 = 1000 << 20;

pub(super) fn scores(pod: &Pod, nodes: &[Candidate<'_>], view: &View<'_>) -> Vec<i64> {
    if nodes.iter().all(|candidate| candidate.node.status.images.is_none()) {
        return vec![0; nodes.len()];
    }
    let init = pod.spec.spec.init_containers.iter().flatten();
    let containers: Vec<_> = init.chain(pod.containers()).collect();
    let images: Vec<String> =
        containers.iter().filter_map(|container| container.image.as_deref()).map(with_tag).collect();
    let has_any = nodes.iter().any(|candidate| images.iter().any(|image| size_on(candidate.node, image) > 0));
    if !has_any {
        return vec![0; nodes.len()];
    }
    let (mut total, mut having) = (0, vec![0; images.len()]);
    for node in view.all_nodes() {
        total += 1;
        for (image, having) in images.iter().zip(&mut having) {
            *having += i64::from(size_on(node, image) > 0);
        }
    }
    let most = MOST_BYTES_PER_CONTAINER * containers.len() as i64;
    let score = |candidate: &Candidate<'_>| {
        let sizes = images.iter().zip(&having).map(|(image, having)| {
            let share = *having as f64 / total as f64;
            (size_on(candidate.node, image) as f64 * share) as i64
        });
        let bytes = sizes.sum::<i64>().clamp(LEAST_BYTES, most);
        MOST * (bytes - LEAST_BYTES) / (most - LEAST_BYTES)
    };
    nodes.iter().map(score).collect()
}

/// The bytes of `image` on `node`; 0 where it is not there.
fn size_on(node: &Node, image: &str) -> i64 {
    let mut images = node.status.images.iter().flatten();
    let found = images.find(|known| known.names.iter().flatten().any(|name| name == image));
    found.and_then(|known| known.size_bytes).unwrap_or(0)
}

/// An image without a tag has the tag `latest`.
fn with_tag(image: &str) -> String {
    let last = image.rsplit('/').next().unwrap_or(image);
    if last.contains(':') || last.contains('@') { image.to_owned() } else { format!("{image}:latest") }
}
