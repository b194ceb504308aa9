//! The wires of the stage: from clients over the Service to every endpoint, and from who acts to the API server.

use super::figures::{ActorPlace, Key, PodFigure, Port, ServiceFigure};
use super::geometry::{Point, Rect};
use super::plan::{FloorPlan, Tile};

/// The end of a wire at one pod.
#[derive(Clone, Debug, PartialEq)]
pub struct Stub {
    /// The pod.
    pub pod: Key,
    /// Its endpoint's state.
    pub port: Port,
    /// Where the stub leaves the node's drop line.
    pub from: Point,
    /// Where it meets the pod's outline.
    pub at: Point,
}

/// The traffic wires of the Service in focus.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrafficWires {
    /// From the clients to the Service; path data.
    pub clients: String,
    /// From the Service along the nodes and down each of them; path data.
    pub bus: String,
    /// The ends at the pods.
    pub stubs: Vec<Stub>,
}

/// A drop line runs this far inside a node's left edge.
const DROP_INSET: f32 = 9.0;
/// So far a request goes into its client's node to be sent on by its rules.
const INTO_NODE: f32 = 12.0;
/// The bus leaves the Service's pill, turns up and then right at this x.
const RISER_X: f32 = 134.0;
/// Wires of nodes rise between the ReplicaSets and the gauge.
const CONTROL_RISER: f32 = 19.0;

/// The wires of a Service to its endpoints; none if there is no Service in focus or no endpoint.
pub fn traffic<'a>(
    plan: &FloorPlan,
    service: &ServiceFigure,
    clients: Option<Rect>,
    pods: impl Iterator<Item = &'a PodFigure>,
) -> TrafficWires {
    let clients = clients
        .map(|clients| format!("M{} {}V{}", clients.center().x, clients.bottom(), service.rect.y))
        .unwrap_or_default();
    let mut wires = TrafficWires { clients, ..TrafficWires::default() };
    if plan.tile == Tile::Bare || plan.nodes.is_empty() {
        return wires;
    }
    // One drop for each column of pods on each node: x, and how far down it reaches.
    let mut drops: Vec<(f32, f32, f32)> = Vec::new();
    for pod in pods {
        let (Some(port), Some(tile)) = (pod.port, plan.nodes.iter().find(|tile| tile.contains(pod.rect)))
        else {
            continue;
        };
        let first_column = pod.rect.x - tile.x < 30.0;
        let drop_x = if first_column { tile.x + DROP_INSET } else { pod.rect.x - 4.0 };
        let at = Point::new(pod.rect.x, port_height(pod.rect));
        match drops.iter_mut().find(|(x, ..)| *x == drop_x) {
            Some((_, _, bottom)) => *bottom = bottom.max(at.y),
            None => drops.push((drop_x, tile.x + DROP_INSET, at.y)),
        }
        wires.stubs.push(Stub { pod: pod.key.clone(), port, from: Point::new(drop_x, at.y), at });
    }
    let Some(furthest) = drops.iter().map(|(_, node_x, _)| *node_x).reduce(f32::max) else {
        return wires;
    };
    let bus_y = plan.bus_y;
    let start = Point::new(service.rect.right(), service.rect.center().y.min(service.rect.y + 66.0));
    wires.bus = format!("M{} {}H{RISER_X}V{bus_y}H{furthest}", start.x, start.y);
    for (x, node_x, bottom) in drops {
        if x == node_x {
            wires.bus.push_str(&format!("M{x} {bus_y}V{bottom}"));
        } else {
            let turn = plan.nodes[0].y + 28.0;
            wires.bus.push_str(&format!("M{node_x} {bus_y}V{turn}H{x}V{bottom}"));
        }
    }
    wires
}

/// The wires from the selected workload, or one of its parts, to its pods.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OwnerWires {
    /// Path data.
    pub lines: String,
    /// Where they end: at the right edges of pods.
    pub ends: Vec<Point>,
}

/// They leave cards this far to the left or to the right, and run along the nodes this far below the band's line.
const OWNER_LEFT: f32 = 8.0;
const OWNER_RIGHT: f32 = 7.0;
const OWNER_BUS: f32 = 5.0;

/// The wires from a card to its pods. One with something at its right leaves at its left.
pub fn ownership(plan: &FloorPlan, card: Rect, leaves_left: bool, pods: &[Rect]) -> OwnerWires {
    let bus = plan.node_band + OWNER_BUS;
    let gap = match &plan.nodes[..] {
        [first, second, ..] if second.y == first.y => second.x - first.right(),
        _ => OWNER_LEFT,
    };
    // One drop for each column of nodes, between it and the next: x, and how far down it reaches.
    let mut drops: Vec<(f32, f32)> = Vec::new();
    let mut wires = OwnerWires::default();
    for pod in pods {
        let Some(tile) = plan.nodes.iter().find(|tile| tile.contains(*pod)) else { continue };
        let (x, end) = (tile.right() + gap / 2.0, Point::new(pod.right(), pod.center().y));
        match drops.iter_mut().find(|(known, _)| *known == x) {
            Some((_, bottom)) => *bottom = bottom.max(end.y),
            None => drops.push((x, end.y)),
        }
        wires.lines.push_str(&format!("M{x} {}H{}", end.y, end.x));
        wires.ends.push(end);
    }
    if drops.is_empty() {
        return wires;
    }
    let from = if leaves_left { card.x } else { card.right() };
    let riser = if leaves_left { from - OWNER_LEFT } else { from + OWNER_RIGHT };
    let left = drops.iter().fold(riser, |left, (x, _)| left.min(*x));
    let right = drops.iter().fold(riser, |right, (x, _)| right.max(*x));
    wires.lines.push_str(&format!("M{from} {}H{riser}V{bus}M{left} {bus}H{right}", card.center().y));
    for (x, bottom) in drops {
        wires.lines.push_str(&format!("M{x} {bus}V{bottom}"));
    }
    wires
}

/// The wire from who acts to the API server, as corners from the actor; empty if nothing travels there.
pub fn request(plan: &FloorPlan, actor: &ActorPlace, node: Option<Rect>) -> Vec<Point> {
    let port = plan.api_port();
    match actor {
        ActorPlace::Kubectl => {
            let y = plan.kubectl.center().y;
            vec![Point::new(plan.kubectl.right(), y), Point::new(plan.api_server.x, y)]
        }
        ActorPlace::Controller(_) => vec![Point::new(plan.controller_manager.x, port.y), port],
        ActorPlace::Scheduler => {
            let y = plan.scheduler.center().y;
            vec![Point::new(plan.scheduler.x, y), Point::new(port.x, y)]
        }
        ActorPlace::Kubelet(_) | ActorPlace::Proxy(_) => {
            node.map_or_else(Vec::new, |node| from_node(plan, node, port))
        }
        ActorPlace::ApiServer | ActorPlace::Clients => Vec::new(),
    }
}

/// From a node's kubelet badge up between the nodes' band and the workload to the API server.
fn from_node(plan: &FloorPlan, node: Rect, port: Point) -> Vec<Point> {
    let riser = 449.0_f32.min(plan.controller_manager.x - CONTROL_RISER);
    let turn = plan.node_band + 14.0;
    let in_first_row = plan.nodes.first().is_some_and(|first| first.y == node.y);
    let mut corners = if in_first_row {
        let x = node.right() - 40.0;
        vec![Point::new(x, node.y), Point::new(x, turn)]
    } else {
        let x = node.right() + 2.0;
        vec![Point::new(node.right(), node.y + 12.0), Point::new(x, node.y + 12.0), Point::new(x, turn)]
    };
    corners.extend([Point::new(riser, turn), Point::new(riser, port.y), port]);
    corners
}

/// A request on its way: from the clients to the Service, and from there to where it ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Flight {
    /// When it was sent, in virtual seconds.
    pub at: f64,
    /// For how long it is seen on its way.
    pub lasts: f64,
    /// When it was over, or will be: from its arrival until then it waits at the end of its way.
    pub ended: f64,
    /// Whether it failed at the end of its way.
    pub failed: bool,
    /// From the clients to the Service.
    pub to_service: Vec<Point>,
    /// From the Service on.
    pub onwards: Vec<Point>,
}

/// The share of a flight that it takes to the Service.
const TO_SERVICE: f64 = 0.2;

impl Flight {
    /// Where it is at a moment of virtual time; `None` before it was sent and when it is over.
    pub fn position(&self, now: f64) -> Option<Point> {
        let share = (now - self.at) / self.lasts.max(1e-9);
        if share >= 1.0 && now < self.ended {
            return self.end();
        }
        if !(0.0..1.0).contains(&share) {
            return None;
        }
        let (leg, share) = if share < TO_SERVICE {
            (&self.to_service, share / TO_SERVICE)
        } else {
            (&self.onwards, (share - TO_SERVICE) / (1.0 - TO_SERVICE))
        };
        along(leg, share as f32).map(|(at, _)| at)
    }

    /// Where it ends.
    pub fn end(&self) -> Option<Point> {
        self.onwards.last().copied()
    }

    /// Whether it has failed by a moment of virtual time.
    pub fn has_failed(&self, now: f64) -> bool {
        self.failed && now >= self.ended.max(self.at + self.lasts)
    }
}

/// The way of a request to a Service: into its client's node, whose rules it goes by, and on to a pod on that or on
/// another node if it got that far.
pub fn flight(
    plan: &FloorPlan,
    service: Rect,
    clients: Rect,
    node: Option<Rect>,
    pod: Option<(Rect, Rect)>,
) -> (Vec<Point>, Vec<Point>) {
    let x = clients.center().x;
    let to_service = vec![Point::new(x, clients.bottom()), Point::new(x, service.y)];
    let y = service.center().y.min(service.y + 66.0);
    let mut onwards =
        vec![Point::new(service.right(), y), Point::new(RISER_X, y), Point::new(RISER_X, plan.bus_y)];
    let drop = |tile: Rect, y: f32| Point::new(tile.x + DROP_INSET, y);
    let host = pod.map(|(host, _)| host);
    if let Some(node) = node.filter(|node| host != Some(*node)) {
        onwards.extend([drop(node, plan.bus_y), drop(node, node.y + INTO_NODE)]);
        onwards.extend(host.map(|_| drop(node, plan.bus_y)));
    }
    if let Some((host, pod)) = pod {
        let port = port_height(pod);
        onwards.extend([drop(host, plan.bus_y), drop(host, port), Point::new(pod.x, port)]);
    }
    (to_service, onwards)
}

/// The path data of a wire with these corners.
pub fn path(corners: &[Point]) -> String {
    let mut path = String::new();
    for (index, corner) in corners.iter().enumerate() {
        path.push_str(&format!("{}{:.1} {:.1}", if index == 0 { 'M' } else { 'L' }, corner.x, corner.y));
    }
    path
}

/// Where something is that has gone so much (0 to 1) of a wire, and the direction it goes in (a unit step in x or y).
pub fn along(corners: &[Point], share: f32) -> Option<(Point, Point)> {
    let legs = || corners.windows(2).map(|leg| (leg[0], leg[1], distance(leg[0], leg[1])));
    let mut rest = legs().map(|(_, _, length)| length).sum::<f32>() * share.clamp(0.0, 1.0);
    let mut last = None;
    for (from, to, length) in legs().filter(|(_, _, length)| *length > 0.0) {
        let heading = Point::new((to.x - from.x) / length, (to.y - from.y) / length);
        if rest <= length {
            return Some((from.towards(to, rest / length), heading));
        }
        rest -= length;
        last = Some((to, heading));
    }
    last
}

/// The length of a wire.
pub fn length(corners: &[Point]) -> f32 {
    corners.windows(2).map(|leg| distance(leg[0], leg[1])).sum()
}

/// A wire ends on the line of the pod's IP, which a card has near its lower edge.
fn port_height(pod: Rect) -> f32 {
    match pod.height {
        // A tall card shows processes above the line.
        height if height >= 100.0 => pod.bottom() - 20.0,
        height if height >= 70.0 => pod.y + 54.0,
        height => pod.y + height / 2.0,
    }
}

fn distance(a: Point, b: Point) -> f32 {
    (a.x - b.x).hypot(a.y - b.y)
}

#[cfg(test)]
mod tests {
    use super::super::geometry::Size;
    use super::super::plan::Needs;
    use super::*;

    fn plan() -> FloorPlan {
        FloorPlan::new(Size::new(736.0, 628.0), Needs { workload_height: 120.0, nodes: 3, tray_open: false })
    }

    #[test]
    fn a_controllers_request_runs_straight_to_the_api_server() {
        let wire = request(&plan(), &ActorPlace::Controller("deployment"), None);
        assert_eq!(path(&wire), "M468.0 65.0L276.0 65.0");
        assert_eq!(along(&wire, 0.25), Some((Point::new(420.0, 65.0), Point::new(-1.0, 0.0))));
    }

    #[test]
    fn a_kubelets_request_rises_between_the_cards_without_crossing_them() {
        let plan = plan();
        let wire = request(&plan, &ActorPlace::Kubelet("node-2".into()), Some(plan.nodes[1]));
        assert_eq!(wire.first(), Some(&Point::new(484.0, 340.0)));
        assert_eq!(wire.last(), Some(&plan.api_port()));
        let cards =
            [Rect::new(200.0, 180.0, 236.0, 120.0), Rect::new(462.0, 172.0, 258.0, 130.0), plan.scheduler];
        for share in 0..=200 {
            let (point, _) = along(&wire, share as f32 / 200.0).expect("the wire has a length");
            let dot = Rect::new(point.x - 1.0, point.y - 1.0, 2.0, 2.0);
            assert!(cards.iter().all(|card| !card.overlaps(dot)), "{point:?}");
        }
    }

    #[test]
    fn an_owners_wires_run_between_the_nodes_to_the_right_edges_of_its_pods() {
        let plan = plan();
        let pod =
            |node: usize, y: f32| Rect::new(plan.nodes[node].x + 22.0, plan.nodes[node].y + y, 160.0, 44.0);
        let part = Rect::new(200.0, 180.0, 236.0, 54.0);
        let wires = ownership(&plan, part, false, &[pod(0, 32.0), pod(0, 81.0), pod(1, 32.0)]);
        assert_eq!(wires.ends.len(), 3);
        let gap = (plan.nodes[0].right() + plan.nodes[1].x) / 2.0;
        assert!(wires.lines.contains(&format!("M{gap} 313V{}", plan.nodes[0].y + 103.0)), "{}", wires.lines);
        assert!(wires.lines.contains("M436 207H443V313"), "{}", wires.lines);
        assert_eq!(ownership(&plan, part, false, &[]), OwnerWires::default());
    }

    #[test]
    fn a_request_dips_into_its_clients_node_on_its_way_to_a_pod_of_another() {
        let plan = plan();
        let pill = Rect::new(16.0, 400.0, 112.0, 130.0);
        let clients = Rect::new(16.0, 330.0, 112.0, 46.0);
        let pod = Rect::new(plan.nodes[2].x + 22.0, plan.nodes[2].y + 32.0, 160.0, 74.0);
        let way =
            |node: usize| flight(&plan, pill, clients, Some(plan.nodes[node]), Some((plan.nodes[2], pod))).1;
        let dips = |way: &[Point]| way.iter().filter(|at| at.y == plan.nodes[0].y + INTO_NODE).count();
        assert_eq!((dips(&way(0)), dips(&way(2))), (1, 0));
        assert_eq!(way(0).last(), way(2).last());
        let refused = flight(&plan, pill, clients, Some(plan.nodes[1]), None).1;
        assert_eq!(
            refused.last(),
            Some(&Point::new(plan.nodes[1].x + DROP_INSET, plan.nodes[1].y + INTO_NODE))
        );
    }

    #[test]
    fn nothing_travels_when_the_api_server_acts_itself() {
        assert_eq!(along(&request(&plan(), &ActorPlace::ApiServer, None), 0.5), None);
    }
}
