//! The scores: of the nodes that pass every filter, which is the best? One file per plugin, each named as upstream
//! names it. Upstream: `pkg/scheduler/framework/plugins`.
//!
//! Each plugin gives every node 0 to 100 points, which count as often as its weight says. A plugin that has nothing
//! to say about a pod is skipped.

mod image_locality;
mod inter_pod_affinity;
mod node_affinity;
mod node_resources_balanced_allocation;
mod node_resources_fit;
mod pod_topology_spread;
mod taint_toleration;

use super::census::Census;
use super::view::{Candidate, Incoming, View};
use crate::why::scheduler::{Points, ScorePlugin};

/// The most points that a plugin gives. Upstream: `MaxNodeScore`.
const MOST: i64 = 100;

/// The points of each of `nodes`.
pub(super) fn points(
    incoming: &Incoming<'_>,
    nodes: &[Candidate<'_>],
    view: &View<'_>,
    census: &mut Census,
) -> Vec<Points> {
    let mut points = vec![Points::default(); nodes.len()];
    for plugin in ScorePlugin::ALL {
        let Some(scores) = scores(plugin, incoming, nodes, view, census) else { continue };
        for (points, score) in points.iter_mut().zip(scores) {
            points.of[plugin as usize] = Some(score as u8);
            points.total += score as u32 * plugin.weight();
        }
    }
    points
}

/// What one plugin gives each node, 0 to 100. `None` where it is skipped.
fn scores(
    plugin: ScorePlugin,
    incoming: &Incoming<'_>,
    nodes: &[Candidate<'_>],
    view: &View<'_>,
    census: &mut Census,
) -> Option<Vec<i64>> {
    match plugin {
        ScorePlugin::TaintToleration => Some(taint_toleration::scores(incoming.pod, nodes)),
        ScorePlugin::NodeAffinity => node_affinity::scores(incoming.pod, nodes),
        ScorePlugin::NodeResourcesFit => Some(node_resources_fit::scores(incoming, nodes)),
        ScorePlugin::NodeResourcesBalancedAllocation => {
            node_resources_balanced_allocation::scores(incoming, nodes)
        }
        ScorePlugin::ImageLocality => Some(image_locality::scores(incoming.pod, nodes, view)),
        ScorePlugin::PodTopologySpread => pod_topology_spread::scores(incoming.pod, nodes, view, census),
        ScorePlugin::InterPodAffinity => inter_pod_affinity::scores(incoming, nodes, view, census),
    }
}

/// Stretches raw scores so that the highest becomes 100; all zeros stay. Upstream: `helper.DefaultNormalizeScore`.
fn normalised(raw: Vec<i64>) -> Vec<i64> {
    let most = raw.iter().copied().max().unwrap_or(0);
    if most == 0 {
        return raw;
    }
    raw.into_iter().map(|score| MOST * score / most).collect()
}
