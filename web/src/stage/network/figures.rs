//! The figures of the network's view, by the names that their elements carry.

use crate::scene::geometry::Rect;
use crate::scene::network::NetworkScene;

/// Every figure with a place of its own.
pub(super) fn places(scene: &NetworkScene) -> impl Iterator<Item = (&str, Rect)> {
    let tiers = scene.tiers.iter().flat_map(|tier| {
        let clients = tier.clients.iter().map(|card| (&*card.key, card.rect));
        let pods = tier.pods.iter().map(|pod| (&*pod.key, pod.rect));
        clients.chain([(&*tier.service.key, tier.service.rect)]).chain(pods)
    });
    let nodes = scene.nodes.iter().filter(|node| node.rect.width > 0.0).map(|node| (&*node.key, node.rect));
    tiers.chain(nodes).chain(scene.tallies.iter().map(|tally| (&*tally.key, tally.rect)))
}

/// Whether the arrow keys stop at it.
pub(super) fn is_walked(key: &str) -> bool {
    !key.starts_with("tally:") && !key.starts_with("sent:")
}
