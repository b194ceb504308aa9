//! The clients of the Service in focus, and what became of their requests.

use std::collections::BTreeMap;
use std::rc::Rc;

use kubestep_core::Time;
use kubestep_core::api::Service;
use kubestep_core::engine::World;
use kubestep_core::network::flow::Outcome;
use kubestep_core::network::traffic::{ClientTraffic, Counts, REMEMBERED, Request, service_of};
use kubestep_core::simulation::Client;

use super::pods;
use crate::scene::figures::{ClientsFigure, PodFigure};
use crate::scene::geometry::Rect;
use crate::scene::plan::FloorPlan;
use crate::scene::wires::{self, Flight};

const HEIGHT: f32 = 46.0;
/// Between the clients and the Service their wire is seen.
const GAP: f32 = 18.0;
const SHORT_GAP: f32 = 10.0;
/// A request is seen on its way until so many further ones were sent: that many are on the stage at once.
const IN_FLIGHT: f64 = 10.0;
/// A failed one is marked at its end for so much longer.
const LINGERS: f64 = 2.0;
/// The counts of requests stand below the Services.
const COUNTS: f32 = 72.0;
/// A column below this height has no room for them there.
const SHORT: f32 = 240.0;

/// The clients that send requests to a Service; `None` if nobody does.
pub fn figure(world: &World, service: &Service, column: Rect) -> Option<ClientsFigure> {
    let mut rate = 0.0;
    let mut first = None;
    let mut words = Vec::new();
    let mut counts = Counts::default();
    let mut last_failure: Option<f64> = None;
    for (client, traffic) in of(world, service) {
        rate += 1.0 / client.interval.as_seconds().max(0.001);
        first = first.or_else(|| Some(client.name.clone()));
        let Some(traffic) = traffic else { continue };
        counts = sum(counts, traffic.counts);
        words.push(format!("{}: {}", client.name, in_words(traffic.counts)));
        if let Some(at) = traffic.failures().last().map(|request| request.ended.as_seconds()) {
            last_failure = Some(last_failure.map_or(at, |known| known.max(at)));
        }
    }
    (rate > 0.0).then(|| ClientsFigure {
        rect: Rect::new(column.x, column.y, column.width, HEIGHT),
        rate,
        first: first.unwrap_or_default(),
        counts,
        words: words.join("; "),
        last_failure,
        is_short: column.height < SHORT,
    })
}

fn sum(one: Counts, other: Counts) -> Counts {
    Counts {
        answered: one.answered + other.answered,
        refused: one.refused + other.refused,
        timed_out: one.timed_out + other.timed_out,
        lost: one.lost + other.lost,
        unresolved: one.unresolved + other.unresolved,
    }
}

/// What became of requests, leaving out what became of none: `12 answered, 2 lost`.
fn in_words(counts: Counts) -> String {
    let all = [("answered", counts.answered)].into_iter().chain(failures(counts));
    all.map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ")
}

/// The ways in which requests failed, and how many in each.
pub fn failures(counts: Counts) -> impl Iterator<Item = (&'static str, u64)> {
    let all = [
        ("refused", counts.refused),
        ("timed out", counts.timed_out),
        ("lost", counts.lost),
        ("unresolved", counts.unresolved),
    ];
    all.into_iter().filter(|(_, count)| *count > 0)
}

/// What is left of the traffic column for the Services.
pub fn below(column: Rect, clients: &ClientsFigure) -> Rect {
    let (gap, counts) = if clients.is_short { (SHORT_GAP, 0.0) } else { (GAP, COUNTS) };
    let top = clients.rect.bottom() + gap;
    Rect::new(column.x, top, column.width, (column.bottom() - top - counts).max(0.0))
}

/// Where requests pass.
pub struct Places<'a> {
    /// The stage's plan.
    pub plan: &'a FloorPlan,
    /// The Service's pill.
    pub pill: Rect,
    /// The clients' card.
    pub clients: Rect,
    /// The nodes' tiles, by name.
    pub nodes: &'a BTreeMap<&'a str, Rect>,
    /// The pods.
    pub pods: &'a [Rc<PodFigure>],
}

/// The requests to a Service that are on their way at a moment or later, as far as a world knows them.
pub fn flights(world: &World, service: &Service, now: Time, places: &Places<'_>) -> Vec<Flight> {
    let rects: BTreeMap<&str, Rect> = places.pods.iter().map(|pod| (&*pod.key, pod.rect)).collect();
    let now = now.as_seconds();
    let mut flights = Vec::new();
    for (client, traffic) in of(world, service) {
        let lasts = client.interval.as_seconds() * IN_FLIGHT;
        for request in traffic.into_iter().flat_map(seen) {
            let (at, ended) = (request.at.as_seconds(), request.ended.as_seconds());
            if ended.max(at + lasts) + lasts * (LINGERS - 1.0) <= now {
                continue;
            }
            let pod = request.pod.as_ref().and_then(|(_, uid)| rects.get(&*pods::key(*uid))).copied();
            let host = pod.and_then(|pod| places.plan.nodes.iter().find(|tile| tile.contains(pod)).copied());
            // It goes by the rules of its client's node; one that found no endpoint ends there.
            let node = places.nodes.get(&*request.node).copied();
            let (to_service, onwards) =
                wires::flight(places.plan, places.pill, places.clients, node, host.zip(pod));
            let failed = request.outcome != Outcome::Answered;
            flights.push(Flight { at, lasts, ended, failed, to_service, onwards });
        }
    }
    flights
}

/// The latest requests of a client: those that are over, and those that are being answered.
fn seen(traffic: &ClientTraffic) -> impl Iterator<Item = &Request> {
    traffic.recent().chain(traffic.in_flight().take(REMEMBERED))
}

/// The clients of a Service with their traffic, once they have any.
fn of<'a>(
    world: &'a World,
    service: &'a Service,
) -> impl Iterator<Item = (&'a Client, Option<&'a ClientTraffic>)> {
    let clients = world.simulation.clients.iter().enumerate();
    clients
        .filter(|(_, client)| service_of(client) == service.key)
        .map(|(place, client)| (client, world.traffic.client(place)))
}
