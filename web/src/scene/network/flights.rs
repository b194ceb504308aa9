//! Requests on their way through the tiers: a dot for each, from its client to the node whose rules it goes by and on to
//! the pod, or to where it dies.

use std::rc::Rc;

use kubestep_core::api::Uid;
use kubestep_core::engine::World;
use kubestep_core::network::flow::{Flow, Hop, Outcome, Seen};
use kubestep_core::network::traffic::{ClientTraffic, Request};
use kubestep_core::time::Time;

use super::chain::Chain;
use super::rules::NodeRules;
use super::tiers::{ClientCard, PodCard, Tier};
use super::wiring::{bus_x, node_bus_x, port_of, service_y};
use crate::scene::geometry::Point;
use crate::scene::reading::pods;
use crate::scene::wires::Flight;

/// A request is seen on its way until so many further ones were sent: that many are on the stage at once.
const IN_FLIGHT: f64 = 8.0;
/// For so long it is seen at most, in virtual seconds: seldom ones would creep.
const LONGEST: f64 = 1.5;
/// A failed one is marked at its end for so much longer.
const LINGERS: f64 = 2.0;
/// The most dots of one client.
const MOST: usize = 12;

/// The requests that are on their way at a moment or later, as far as a world knows them.
pub fn flights(world: &World, now: Time, chain: &Chain, tiers: &[Tier], nodes: &[NodeRules]) -> Vec<Flight> {
    let now = now.as_seconds();
    let mut flights = Vec::new();
    for (place, link) in chain.links.iter().enumerate() {
        for client in &link.clients {
            let Some(traffic) = world.traffic.client(*client) else { continue };
            let interval = world.simulation.clients[*client].interval.as_seconds();
            let lasts = (interval * IN_FLIGHT).clamp(1e-3, LONGEST);
            let seen = recent(traffic, now - lasts * LINGERS).chain(traffic.in_flight().take(MOST));
            flights.extend(seen.map(|request| {
                let ends = Ends {
                    source: request.source.as_ref().map(|key| &key.name),
                    node: &request.node,
                    pod: request.pod.as_ref().map(|(_, uid)| *uid),
                    is_resolved: !matches!(request.outcome, Outcome::Unresolved(_)),
                };
                let (to_service, onwards) = route(tiers, place, *client, &ends, nodes);
                Flight {
                    at: request.at.as_seconds(),
                    lasts,
                    ended: request.ended.as_seconds(),
                    failed: request.outcome != Outcome::Answered,
                    to_service,
                    onwards,
                }
            }));
        }
    }
    flights
}

/// So far behind its Service a request stands whose endpoint has been picked.
const SENT_ON: f32 = 12.0;

/// The latest requests of a client that are over and still seen, oldest first.
fn recent(traffic: &ClientTraffic, since: f64) -> impl Iterator<Item = &Request> {
    let count = traffic.recent().count();
    traffic
        .recent()
        .skip(count.saturating_sub(MOST))
        .filter(move |request| request.ended.as_seconds() > since)
}

/// Where a request begins and ends.
struct Ends<'a> {
    source: Option<&'a Rc<str>>,
    node: &'a Rc<str>,
    pod: Option<Uid>,
    is_resolved: bool,
}

/// The way of a request to its Service, and from there on.
fn route(
    tiers: &[Tier],
    place: usize,
    client: usize,
    ends: &Ends<'_>,
    nodes: &[NodeRules],
) -> (Vec<Point>, Vec<Point>) {
    let Some(tier) = tiers.get(place) else { return (Vec::new(), Vec::new()) };
    let service = tier.service.rect;
    let card = tier.clients.iter().find(|card| card.place == client);
    let to_service = to_service(tiers, place, card.map(|card| &**card), ends);
    let top = to_service.last().copied().unwrap_or(Point::new(service.x, service_y(service)));
    if !ends.is_resolved {
        return (to_service, vec![top, top]);
    }
    let target = ends.pod.map(pods::key);
    let target = tier.pods.iter().find(|pod| target.as_ref() == Some(&pod.key));
    let out = Point::new(service.right(), service_y(service));
    let mut onwards = vec![out];
    let node = nodes.iter().find(|node| node.node == *ends.node && node.rect.width > 0.0);
    let from = match node.filter(|_| tiers.len() == 1) {
        Some(node) => {
            let (y, bus) = (node.rect.center().y, node_bus_x(node.rect.x));
            onwards.extend([Point::new(bus, out.y), Point::new(bus, y), Point::new(node.rect.x, y)]);
            let right = Point::new(node.rect.right(), y);
            onwards.push(right);
            right
        }
        None => out,
    };
    match target {
        Some(pod) => {
            let end = port_of(pod.rect);
            let bus = bus_x(end.x);
            onwards.extend([Point::new(bus, from.y), Point::new(bus, end.y), end]);
        }
        // Nobody to send it to: it dies where the rules are.
        None => onwards.push(Point::new(from.x + 8.0, from.y)),
    }
    (to_service, onwards)
}

fn to_service(tiers: &[Tier], place: usize, card: Option<&ClientCard>, ends: &Ends<'_>) -> Vec<Point> {
    let service = tiers[place].service.rect;
    let y = service_y(service);
    let before = place.checked_sub(1).and_then(|before| tiers.get(before));
    let source = before.zip(ends.source).and_then(|(tier, name)| source_of(tier, name));
    if let Some(pod) = source {
        let from = Point::new(pod.rect.right(), port_of(pod.rect).y);
        let bus = from.x + (service.x - from.x) / 2.0;
        return vec![from, Point::new(bus, from.y), Point::new(bus, y), Point::new(service.x, y)];
    }
    let Some(card) = card else { return vec![Point::new(service.x, y)] };
    let x = card.rect.center().x;
    vec![Point::new(x, card.rect.bottom()), Point::new(x, service.y)]
}

fn source_of<'a>(tier: &'a Tier, name: &str) -> Option<&'a Rc<PodCard>> {
    tier.pods.iter().find(|pod| *pod.pod.name == *name)
}

/// The way that a followed request takes in the step of a hop.
pub fn way(hop: &Hop, flow: Option<&Flow>, tiers: &[Tier], nodes: &[NodeRules]) -> Vec<Point> {
    let Some(flow) = flow else { return Vec::new() };
    let name: Rc<str> = format!("client:{}", flow.client).into();
    let place = tiers.iter().position(|tier| tier.clients.iter().any(|card| card.key == name));
    let Some(place) = place else { return Vec::new() };
    let card = tiers[place].clients.iter().find(|card| card.key == name);
    let chosen = flow.arrival().and_then(|arrive| arrive.pod.as_ref());
    let picked = || flow.pick()?.destination()?.endpoint.pod.as_ref();
    let ends = Ends {
        source: flow.source.pod.as_ref().map(|(key, _)| &key.name),
        node: &flow.source.node,
        pod: chosen.or_else(picked).map(|(_, uid)| *uid),
        is_resolved: true,
    };
    let (to_service, onwards) = route(tiers, place, card.map_or(usize::MAX, |card| card.place), &ends, nodes);
    match hop {
        Hop::Call(_) | Hop::Ask(_) | Hop::Answer(_) | Hop::Judge(_) => Vec::new(),
        // The rules decide on the client's own node; then the packet is on its way to the pod.
        Hop::Pick(_) => {
            let sent_on = onwards.first().map(|out| Point::new(out.x + SENT_ON, out.y));
            to_service.into_iter().chain(sent_on).collect()
        }
        Hop::Arrive(_) => onwards,
        // What comes back takes the same way.
        Hop::Respond(response) if response.outcome.seen() != Seen::Silence => {
            onwards.into_iter().rev().chain(to_service.into_iter().rev()).collect()
        }
        Hop::Respond(_) => Vec::new(),
        Hop::Reuse(_) => to_service.into_iter().chain(onwards).collect(),
    }
}
