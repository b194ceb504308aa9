//! Where the columns of the network's view stand, and how much of each pod they show.

use super::chain::Chain;
use super::tiers::Member;
use crate::scene::geometry::{Rect, Size};

/// Columns narrower than this cannot be read: the plane is wider than its space then, and scrolls.
const NARROWEST: f32 = 680.0;
/// Wider than this the columns stand too far apart.
const WIDEST: f32 = 1040.0;
const EDGE: f32 = 16.0;
const TOP: f32 = 24.0;
const BOTTOM: f32 = 8.0;
const SERVICE: Size = Size::new(122.0, 124.0);
const POD: f32 = 162.0;
const NODES: f32 = 158.0;
/// Clients stand above their Service.
pub const CLIENT: f32 = 58.0;
const CLIENT_GAP: f32 = 6.0;
const WIRE_GAP: f32 = 18.0;

/// How a pod is drawn, by how many share a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PodSize {
    /// Three lines.
    Card,
    /// Two.
    Mini,
    /// One.
    Slim,
}

impl PodSize {
    /// The largest that so many of fit.
    fn fitting(count: usize, height: f32) -> PodSize {
        [PodSize::Card, PodSize::Mini]
            .into_iter()
            .find(|size| size.column(count) <= height)
            .unwrap_or(PodSize::Slim)
    }

    const fn height(self) -> f32 {
        match self {
            PodSize::Card => 74.0,
            PodSize::Mini => 44.0,
            PodSize::Slim => 26.0,
        }
    }

    const fn gap(self) -> f32 {
        match self {
            PodSize::Card => 14.0,
            PodSize::Mini => 8.0,
            PodSize::Slim => 5.0,
        }
    }

    fn column(self, count: usize) -> f32 {
        count as f32 * (self.height() + self.gap()) - self.gap()
    }
}

/// The most pods of a column that are drawn.
pub const MOST_PODS: usize = 60;
/// The most nodes whose rules have a place on the plane.
const MOST_NODES: usize = 24;

/// Where everything stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The plane's size.
    pub size: Size,
    /// A place for each link of the chain.
    pub links: Vec<LinkPlan>,
    /// Places of the nodes' rules, between the Service and its pods.
    pub nodes: Vec<Rect>,
}

/// The places of a Service, its clients and its pods.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkPlan {
    /// The clients' cards.
    pub clients: Vec<Rect>,
    /// The Service.
    pub service: Rect,
    /// Its pods.
    pub pods: Vec<Rect>,
    /// How pods are drawn.
    pub pod_size: PodSize,
}

impl Plan {
    /// The plan of a chain in this space.
    pub fn new(space: Size, chain: &Chain, members: &[Vec<Member>], nodes: usize) -> Plan {
        let width = space.width.max(NARROWEST);
        let used = width.min(WIDEST);
        let left = (width - used) / 2.0 + EDGE;
        let count = |place: usize| members.get(place).map_or(0, |pods| pods.len().min(MOST_PODS));
        let room = (space.height - TOP - BOTTOM).max(190.0);
        let sizes: Vec<PodSize> =
            (0..chain.links.len()).map(|place| PodSize::fitting(count(place), room)).collect();
        let nodes = if chain.links.len() == 1 { nodes.min(MOST_NODES) } else { 0 };
        let node_size = if nodes as f32 * 62.0 <= room { 48.0 } else { 26.0 };
        let node_pitch = node_size + if node_size > 30.0 { 12.0 } else { 5.0 };
        let columns = (0..chain.links.len()).map(|place| {
            let clients = chain.links[place].clients.len() as f32 * (CLIENT + CLIENT_GAP);
            let with_service =
                if clients > 0.0 { clients - CLIENT_GAP + WIRE_GAP } else { 0.0 } + SERVICE.height;
            with_service.max(sizes[place].column(count(place)))
        });
        let tallest = columns.fold(nodes as f32 * node_pitch, f32::max);
        let height = (tallest + TOP + BOTTOM).max(space.height.max(190.0));
        let middle = TOP + (height - TOP - BOTTOM) / 2.0;
        let xs = columns_x(left, used - 2.0 * EDGE, chain.links.len(), nodes > 0);
        let links = chain.links.iter().enumerate().map(|(place, link)| {
            let (service_x, pod_x) = xs.links[place];
            let stack = link.clients.len() as f32 * (CLIENT + CLIENT_GAP);
            let over = if stack > 0.0 { stack - CLIENT_GAP + WIRE_GAP } else { 0.0 };
            // The Service stands in the middle, unless its clients need the room above it.
            let service_y = (middle - SERVICE.height / 2.0).max(TOP + over);
            let first = service_y - over;
            let clients = (0..link.clients.len()).map(|row| {
                Rect::new(service_x, first + row as f32 * (CLIENT + CLIENT_GAP), SERVICE.width, CLIENT)
            });
            let size = sizes[place];
            let top = middle - size.column(count(place)) / 2.0;
            let pods = (0..count(place)).map(|row| {
                Rect::new(pod_x, top + row as f32 * (size.height() + size.gap()), POD, size.height())
            });
            LinkPlan {
                clients: clients.collect(),
                service: Rect::new(service_x, service_y, SERVICE.width, SERVICE.height),
                pods: pods.collect(),
                pod_size: size,
            }
        });
        let links = links.collect();
        let top = middle - (nodes as f32 * node_pitch - (node_pitch - node_size)) / 2.0;
        let node = |row: usize| Rect::new(xs.nodes, top + row as f32 * node_pitch, NODES, node_size);
        Plan { size: Size::new(width, height), links, nodes: (0..nodes).map(node).collect() }
    }
}

struct Columns {
    /// The Service's and the pods' left edges.
    links: Vec<(f32, f32)>,
    nodes: f32,
}

/// The left edges of the columns: what is left of the width lies between them, most of it between two tiers.
fn columns_x(left: f32, width: f32, links: usize, has_nodes: bool) -> Columns {
    if links > 1 {
        let rest = width - 2.0 * (SERVICE.width + POD);
        let first = left + SERVICE.width + rest * 0.28;
        let second = first + POD + rest * 0.39;
        return Columns {
            links: vec![(left, first), (second, second + SERVICE.width + rest * 0.33)],
            nodes: 0.0,
        };
    }
    let middle = if has_nodes { NODES } else { 0.0 };
    let rest = width - SERVICE.width - POD - middle;
    let nodes = left + SERVICE.width + rest * 0.45;
    let pods = left + width - POD;
    Columns { links: vec![(left, pods)], nodes }
}
