//! The order in which nodes are examined: one of each zone in turn, so that a search that ends early has seen every
//! zone. Upstream: `pkg/scheduler/backend/cache/node_tree.go`.

use std::rc::Rc;

use crate::api::{Key, Node};
use crate::apiserver::Store;

/// All nodes, zone by zone and in order of examination.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeOrder {
    /// Zones in the order they were first seen, each with its nodes in the order they came.
    zones: Vec<(Zone, Vec<Listed>)>,
    /// All nodes, one of each zone in turn.
    pub(super) nodes: Vec<Listed>,
}

/// A node in the order, and what it has for pods.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Listed {
    pub(super) key: Key,
    pub(super) room: Room,
}

/// What a node has for pods, read once: cpu in thousandths of a core, memory and storage in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) pods: i64,
    pub(super) cpu: i64,
    pub(super) memory: i64,
    pub(super) storage: i64,
}

impl Room {
    pub(super) fn of(node: &Node) -> Room {
        Room {
            pods: node.allocatable("pods"),
            cpu: node.allocatable("cpu"),
            memory: node.allocatable("memory"),
            storage: node.allocatable("ephemeral-storage"),
        }
    }
}

/// Region and zone labels; both empty for nodes without.
type Zone = (Rc<str>, Rc<str>);

impl NodeOrder {
    /// The order of the nodes in `store`, as they were created.
    pub(super) fn new(store: &Store) -> NodeOrder {
        let mut nodes: Vec<&Rc<Node>> = store.list::<Node>().collect();
        nodes.sort_by_key(|node| node.resource_version);
        let mut order = NodeOrder::default();
        for node in nodes {
            order.insert(node);
        }
        order.interleave();
        order
    }

    /// Whether a change of a node changes the order.
    pub(super) fn is_changed_by(before: Option<&Node>, after: Option<&Node>) -> bool {
        let listed = |node: &Node| (zone(node), Room::of(node));
        before.map(listed) != after.map(listed)
    }

    /// Follows a node that came, went, moved to another zone or changed its size.
    pub(super) fn follow(&mut self, before: Option<&Node>, after: Option<&Node>) {
        if let (Some(before), Some(after)) = (before, after)
            && zone(before) == zone(after)
        {
            let nodes = self.zones.iter_mut().flat_map(|(_, nodes)| nodes);
            nodes.filter(|listed| listed.key == after.key).for_each(|listed| listed.room = Room::of(after));
            return self.interleave();
        }
        if let Some(before) = before {
            self.remove(before);
        }
        if let Some(after) = after {
            self.insert(after);
        }
        self.interleave();
    }

    fn insert(&mut self, node: &Node) {
        let zone = zone(node);
        let listed = Listed { key: node.key.clone(), room: Room::of(node) };
        match self.zones.iter_mut().find(|(known, _)| *known == zone) {
            Some((_, nodes)) => nodes.push(listed),
            None => self.zones.push((zone, vec![listed])),
        }
    }

    fn remove(&mut self, node: &Node) {
        let zone = zone(node);
        if let Some((_, nodes)) = self.zones.iter_mut().find(|(known, _)| *known == zone) {
            nodes.retain(|listed| listed.key != node.key);
        }
        self.zones.retain(|(_, nodes)| !nodes.is_empty());
    }

    fn interleave(&mut self) {
        let longest = self.zones.iter().map(|(_, nodes)| nodes.len()).max().unwrap_or(0);
        let turns =
            (0..longest).flat_map(|turn| self.zones.iter().filter_map(move |(_, nodes)| nodes.get(turn)));
        self.nodes = turns.cloned().collect();
    }
}

fn zone(node: &Node) -> Zone {
    let label =
        |current: &str, older: &str| node.label(current).or(node.label(older)).unwrap_or_default().into();
    (
        label("topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region"),
        label("topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"),
    )
}
