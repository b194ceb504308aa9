//! The wires between the tiers: circuits, closed or open by each endpoint's condition, with how much went over them.

use std::rc::Rc;

use kubestep_core::engine::World;
use kubestep_core::network::flow::Flow;

use super::chain::Chain;
use super::rules::NodeRules;
use super::tiers::Tier;
use crate::scene::figures::Port;
use crate::scene::geometry::{Point, Rect};

/// What a wire is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireKind {
    /// Leads to more than one.
    Trunk,
    /// To a ready endpoint: closed.
    Ready,
    /// To one that serves while it terminates: closed and dashed.
    Serving,
    /// To one that takes nothing: an open switch.
    Open,
    /// From a node that is behind to a pod that the Service has dropped.
    Stale,
    /// What the followed request takes.
    Now,
}

/// A wire.
#[derive(Clone, Debug, PartialEq)]
pub struct Wire {
    /// What it is.
    pub kind: WireKind,
    /// Path data.
    pub path: String,
    /// Where it ends: at a pod's edge.
    pub end: Option<Point>,
}

/// How many requests went over a wire.
#[derive(Clone, Debug, PartialEq)]
pub struct Tally {
    /// The element's name.
    pub key: Rc<str>,
    /// Its place.
    pub rect: Rect,
    /// How many.
    pub count: u64,
    /// Whether the followed request goes over it in this step.
    pub hit: bool,
}

/// Wires and tallies.
#[derive(Default)]
pub struct Wiring {
    /// The wires; the followed request's last, over the others.
    pub wires: Vec<Wire>,
    /// The tallies.
    pub tallies: Vec<Tally>,
}

/// So far left of a pod its wire leaves the column's bus.
const BUS: f32 = 22.0;
const RADIUS: f32 = 4.0;
/// An open switch stands this far before the pod.
const GAP: f32 = 13.0;

/// A wire ends here at a pod: on the line of its address.
pub fn port_of(rect: Rect) -> Point {
    let y = if rect.height >= 70.0 { rect.y + 54.0 } else { rect.center().y };
    Point::new(rect.x, y)
}

/// Where a Service's wires come in and go out.
pub fn service_y(rect: Rect) -> f32 {
    rect.y + 66.0
}

/// The bus of a column of pods.
pub fn bus_x(pods_x: f32) -> f32 {
    pods_x - BUS
}

/// The bus before the nodes' rules.
pub fn node_bus_x(nodes_x: f32) -> f32 {
    nodes_x - 16.0
}

/// All wires of the picture.
pub fn wiring(
    world: &World,
    chain: &Chain,
    tiers: &[Tier],
    nodes: &[NodeRules],
    flow: Option<&Flow>,
) -> Wiring {
    let mut wiring = Wiring::default();
    let has_nodes = tiers.len() == 1 && nodes.first().is_some_and(|node| node.rect.width > 0.0);
    for (place, tier) in tiers.iter().enumerate() {
        clients(&mut wiring, tier);
        if has_nodes {
            through_nodes(&mut wiring, tier, nodes);
        }
        let from = if has_nodes { None } else { Some(out_of(tier.service.rect)) };
        to_pods(&mut wiring, tier, from, flow);
        if let Some(next) = tiers.get(place + 1) {
            between(&mut wiring, tier, next);
            let sent = chain.links.get(place + 1).map_or(0, |link| sent(world, &link.clients));
            let at = Point::new(next.service.rect.x - 24.0, service_y(next.service.rect));
            wiring.tallies.push(tally(format!("sent:{}", next.service.key), at, sent, false));
        }
    }
    wiring
}

fn sent(world: &World, clients: &[usize]) -> u64 {
    clients.iter().filter_map(|place| world.traffic.client(*place)).map(|it| it.counts.total()).sum()
}

fn out_of(service: Rect) -> Point {
    Point::new(service.right(), service_y(service))
}

fn clients(wiring: &mut Wiring, tier: &Tier) {
    let Some(last) = tier.clients.iter().rfind(|card| !card.is_inside) else { return };
    let x = last.rect.center().x;
    wiring.wires.push(trunk(&[Point::new(x, last.rect.bottom()), Point::new(x, tier.service.rect.y)]));
}

fn trunk(corners: &[Point]) -> Wire {
    Wire { kind: WireKind::Trunk, path: rounded(corners), end: None }
}

/// From the Service to each node's rules, and from those to the bus of the pods.
fn through_nodes(wiring: &mut Wiring, tier: &Tier, nodes: &[NodeRules]) {
    let from = out_of(tier.service.rect);
    let Some(pods_x) = tier.pods.first().map(|pod| pod.rect.x) else { return };
    for node in nodes.iter().filter(|node| node.rect.width > 0.0) {
        let (left, right) = (node.rect.x, node.rect.right());
        let y = node.rect.center().y;
        let bus = node_bus_x(left);
        wiring.wires.push(trunk(&[from, Point::new(bus, from.y), Point::new(bus, y), Point::new(left, y)]));
        let bus = bus_x(pods_x);
        for pod in tier.pods.iter().filter(|pod| node.pods.contains(&pod.pod.name)) {
            let end = port_of(pod.rect);
            let corners = [Point::new(right, y), Point::new(bus, y), Point::new(bus, end.y), end];
            if pod.port.is_none() {
                wiring.wires.push(Wire { kind: WireKind::Stale, path: rounded(&corners), end: Some(end) });
            } else {
                wiring.wires.push(trunk(&corners[..3]));
            }
        }
    }
}

/// From a Service, or a column's bus, to every pod.
fn to_pods(wiring: &mut Wiring, tier: &Tier, from: Option<Point>, flow: Option<&Flow>) {
    let chosen = flow.and_then(|flow| {
        flow.arrival()
            .and_then(|it| it.pod.clone())
            .or_else(|| flow.pick()?.destination()?.endpoint.pod.clone())
    });
    let mut now = None;
    for pod in &tier.pods {
        let end = port_of(pod.rect);
        let bus = Point::new(bus_x(end.x), end.y);
        let lead = from.map_or_else(|| vec![bus], |from| vec![from, Point::new(bus.x, from.y), bus]);
        let kind = match pod.port {
            Some(Port::Ready) => WireKind::Ready,
            Some(Port::Serving) => WireKind::Serving,
            Some(Port::Open) => WireKind::Open,
            None if from.is_none() => continue,
            None => WireKind::Stale,
        };
        let stop = if kind == WireKind::Open { Point::new(end.x - GAP, end.y) } else { end };
        let corners: Vec<Point> = lead.into_iter().chain([stop]).collect();
        let path = match kind {
            // The switch stands open.
            WireKind::Open => format!("{}l8 -7", rounded(&corners)),
            _ => rounded(&corners),
        };
        let hit = chosen.as_ref().is_some_and(|(_, uid)| crate::scene::reading::pods::key(*uid) == pod.key);
        wiring.wires.push(Wire { kind, path: path.clone(), end: Some(end) });
        if hit {
            now = Some(Wire { kind: WireKind::Now, path: rounded(&corners), end: Some(end) });
        }
        if pod.port != Some(Port::Open) || pod.answered > 0 {
            let at = Point::new(end.x - BUS, end.y);
            wiring.tallies.push(tally(format!("tally:{}", pod.key), at, pod.answered, hit));
        }
    }
    wiring.wires.extend(now);
}

/// From the pods of a tier to the Service that they send requests to.
fn between(wiring: &mut Wiring, tier: &Tier, next: &Tier) {
    let end = Point::new(next.service.rect.x, service_y(next.service.rect));
    for pod in &tier.pods {
        let y = port_of(pod.rect).y;
        let bus = pod.rect.right() + (end.x - pod.rect.right()) / 2.0;
        let corners = [Point::new(pod.rect.right(), y), Point::new(bus, y), Point::new(bus, end.y), end];
        wiring.wires.push(trunk(&corners));
    }
}

/// A tally left of a point, above the wire that comes in there.
fn tally(key: String, at: Point, count: u64, hit: bool) -> Tally {
    let width = 8.0 + 7.0 * count.to_string().len() as f32;
    Tally { key: key.into(), rect: Rect::new(at.x - width + 18.0, at.y - 19.0, width, 15.0), count, hit }
}

/// The path data of a wire with round corners.
pub fn rounded(corners: &[Point]) -> String {
    let mut corners: Vec<Point> = corners.to_vec();
    corners.dedup_by(|a, b| (a.x - b.x).abs() < 0.5 && (a.y - b.y).abs() < 0.5);
    let Some(first) = corners.first() else { return String::new() };
    let mut path = format!("M{:.1} {:.1}", first.x, first.y);
    for triple in corners.windows(3) {
        let (before, corner, after) = (triple[0], triple[1], triple[2]);
        let radius = RADIUS.min(span(before, corner) / 2.0).min(span(corner, after) / 2.0);
        let (enter, leave) = (towards(corner, before, radius), towards(corner, after, radius));
        path.push_str(&format!(
            "L{:.1} {:.1}Q{:.1} {:.1} {:.1} {:.1}",
            enter.x, enter.y, corner.x, corner.y, leave.x, leave.y
        ));
    }
    if let Some(last) = corners.last().filter(|_| corners.len() > 1) {
        path.push_str(&format!("L{:.1} {:.1}", last.x, last.y));
    }
    path
}

fn span(a: Point, b: Point) -> f32 {
    (a.x - b.x).hypot(a.y - b.y)
}

fn towards(from: Point, to: Point, distance: f32) -> Point {
    from.towards(to, distance / span(from, to).max(1e-3))
}
