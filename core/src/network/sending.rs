//! How clients send: in time, whatever becomes of the requests before.
//!
//! Between two steps nothing in the world changes, so the requests of that time need no entries of the agenda: they
//! are accounted for when time moves on. A request goes by the rules of the node it starts on, which may be behind:
//! it can be sent to a pod that the Service has dropped already. One that is followed leaves the crowd: its hops are
//! steps ([`begin`], [`next_hop`]).

use std::rc::Rc;

use super::balance::Connections;
use super::dns::{self, RecordType};
use super::flow::Flow;
use super::in_flight::PATIENCE;
use super::source::Sources;
use super::traffic::{ClientTraffic, Counts, service_of};
use super::walk::View;
use crate::api::Service;
use crate::engine::World;
use crate::rng::Rng;
use crate::simulation::{Client, ClientPlace};
use crate::time::{Duration, Time};

/// So many requests between two steps are followed one by one; further ones are counted as these went.
const SAMPLE: u64 = 10_000;

/// The least time between two requests of a client.
const LEAST_INTERVAL: Duration = Duration::from_millis(1);

/// Whether a client may begin: the name it uses has an address.
fn has_address(view: &View<'_>, client: &Client) -> bool {
    if client.from == ClientPlace::Outside {
        return view.store.get::<Service>(&service_of(client)).is_some_and(|it| it.cluster_ip().is_some());
    }
    if client.host.parse::<std::net::Ipv4Addr>().is_ok() {
        return true;
    }
    let resolver = dns::ResolvConf::of_namespace(&client.namespace);
    let mut candidates = resolver.candidates(&client.host).into_iter();
    candidates.any(|name| dns::answer(view.watched, &name, RecordType::A).is_answer())
}

/// Sends the requests that are due after `world.now` and not after `until`, and counts what became of them and of those
/// in flight. Nothing else in the world changes between its steps, so they need no entries of the agenda.
pub(crate) fn run_until(world: &mut World, until: Time) {
    let clients = world.simulation.clients.clone();
    if clients.is_empty() {
        return;
    }
    lose_broken(world);
    let mut traffic = world.traffic.clone();
    let view = View::of(world);
    for (place, client) in clients.iter().enumerate() {
        let known = traffic.client(place);
        let next = match known.and_then(|known| known.next) {
            Some(next) => next,
            None if has_address(&view, client) => world.now + client.after + client.interval,
            None => continue,
        };
        let is_to_begin = known.is_none_or(|known| known.next.is_none());
        let first_end = known.and_then(|known| known.in_flight.first_end());
        let is_to_end = first_end.is_some_and(|at| at <= until);
        if next > until && !is_to_begin && !is_to_end {
            continue;
        }
        let traffic = Rc::make_mut(&mut traffic);
        let mut connections = traffic.connections.clone();
        let state = traffic.client_mut(place);
        state.next = Some(next);
        if next <= until {
            let sources = Sources::of(&view, client, place);
            let seed = seed_of(world, place);
            Sender { view, client, sources, seed }.send(state, Rc::make_mut(&mut connections), until);
        }
        state.answer_until(until);
        traffic.connections = connections;
    }
    world.traffic = traffic;
}

/// What processes worked on that have ended is lost.
pub(crate) fn lose_broken(world: &mut World) {
    let places: Vec<usize> = (0..world.simulation.clients.len())
        .filter(|place| {
            let known = world.traffic.client(*place);
            known.is_some_and(|known| known.in_flight.has_broken(&world.machines))
        })
        .collect();
    if places.is_empty() {
        return;
    }
    let (machines, now) = (&world.machines, world.now);
    let traffic = Rc::make_mut(&mut world.traffic);
    for place in places {
        traffic.client_mut(place).lose_broken(machines, now);
    }
}

/// What the luck of a client's requests follows from.
fn seed_of(world: &World, place: usize) -> u64 {
    world.simulation.seed ^ ((place as u64 + 1) << 40)
}

/// One client at work while nothing else happens.
struct Sender<'a> {
    view: View<'a>,
    client: &'a Client,
    sources: Sources<'a>,
    seed: u64,
}

/// What became of the first requests of a long time, or will.
#[derive(Default)]
struct Sample {
    requests: u64,
    counts: Counts,
    questions: u64,
    /// Whether any was not answered at once.
    is_slow: bool,
    is_used: bool,
}

impl Sender<'_> {
    fn send(&self, state: &mut ClientTraffic, connections: &mut Connections, until: Time) {
        let interval = self.client.interval.max(LEAST_INTERVAL);
        // One that is to be followed has its own entry on the agenda.
        let until = state.to_follow.map_or(until, |at| until.min(Time(at.0.saturating_sub(1))));
        let mut sample = Sample::default();
        while let Some(at) = state.next.filter(|at| *at <= until) {
            if sample.requests == SAMPLE && !sample.is_used {
                sample.is_used = true;
                count_alike(state, &sample, until, interval);
                continue;
            }
            state.answer_until(at);
            if let Some(mut flow) = self.flow(state, at) {
                flow.run_with(&self.view, connections, &state.kept(), at);
                state.take(&flow, self.client, at);
                state.sent += 1;
                sample.add(&flow);
            }
            sample.requests += 1;
            state.next = Some(at + interval);
        }
    }

    /// The request that is due; `None` where nobody is there to send it.
    fn flow(&self, state: &mut ClientTraffic, at: Time) -> Option<Flow> {
        state.drop_closed_connection(&self.view);
        let mut luck = Rng::new(self.seed.wrapping_add(state.sent));
        let drawn = self.sources.draw(&mut luck);
        let source = match &state.connection {
            Some(kept) => kept.source.clone(),
            None => drawn?,
        };
        let to = (self.client.host.clone(), self.client.port);
        let flow = Flow::new(self.client.name.clone(), state.sent, at, to, source, luck);
        Some(flow.in_protocol(self.client.protocol))
    }
}

impl Sample {
    fn add(&mut self, flow: &Flow) {
        let expected = flow.work().map(|work| work.expected());
        self.is_slow |= expected.is_some();
        if let Some(outcome) = flow.outcome.or(expected) {
            self.counts.add(outcome);
        }
        self.questions += flow.questions() as u64;
    }
}

/// Nothing changes until `until`: what became of the sample becomes of the next requests, in whole lots. Where all were
/// answered at once, what remains of less than a lot goes with the last; otherwise those that may be in flight at the end
/// are left to be sent one by one.
fn count_alike(state: &mut ClientTraffic, sample: &Sample, until: Time, interval: Duration) {
    let Some(next) = state.next else { return };
    let due = |until: Time| if until < next { 0 } else { until.since(next).0 / interval.0 + 1 };
    let lots = match sample.is_slow {
        true => due(Time(until.0.saturating_sub(PATIENCE.0))) / SAMPLE,
        false => due(until).div_ceil(SAMPLE),
    };
    state.counts = state.counts.plus(sample.counts, lots);
    state.questions += sample.questions * lots;
    state.sent += lots * sample.counts.total();
    state.next = Some(next + Duration(interval.0.saturating_mul(lots * SAMPLE)));
}

/// What comes of the wish to follow a client's next request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// It is sent at this time by the client at this place.
    Taken(usize, Time),
    /// It is followed already.
    Known,
    /// There is no such client.
    NoClient,
}

/// A client's next request is to be followed.
pub(crate) fn follow(world: &mut World, name: &str) -> Wish {
    let Some(place) = world.simulation.clients.iter().position(|client| &*client.name == name) else {
        return Wish::NoClient;
    };
    if world.traffic.client(place).is_some_and(|known| known.to_follow.is_some()) {
        return Wish::Known;
    }
    let now = world.now;
    let interval = world.simulation.clients[place].interval;
    let state = Rc::make_mut(&mut world.traffic).client_mut(place);
    let mut at = state.next.unwrap_or(now);
    while at < now {
        at = at + interval.max(LEAST_INTERVAL);
    }
    state.next = Some(at);
    state.to_follow = Some(at);
    Wish::Taken(place, at)
}

/// The request that is to be followed is sent: it has taken no hop yet. `None` where nobody can send it.
pub(crate) fn begin(world: &mut World, place: usize) -> Option<Flow> {
    let clients = world.simulation.clients.clone();
    let client = clients.get(place)?;
    let mut state = world.traffic.client(place)?.clone();
    let at = world.now;
    state.to_follow = None;
    let view = View::of(world);
    let sources = Sources::of(&view, client, place);
    let flow = Sender { view, client, sources, seed: seed_of(world, place) }.flow(&mut state, at);
    state.next = Some(at + client.interval.max(LEAST_INTERVAL));
    if let Some(flow) = &flow {
        state.sent += 1;
        state.note(flow);
    }
    *Rc::make_mut(&mut world.traffic).client_mut(place) = state;
    flow
}

/// A followed request takes its next hop. Returns how long it is on its way to the one after it.
pub(crate) fn next_hop(world: &mut World, place: usize, flow: &mut Flow) -> Option<Duration> {
    let clients = world.simulation.clients.clone();
    let client = clients.get(place)?;
    let mut state = world.traffic.client(place)?.clone();
    let mut connections = (*world.traffic.connections).clone();
    let wait = flow.next_hop(&View::of(world), &mut connections, &state.kept(), world.now);
    state.take_followed(flow, client, world.now);
    let traffic = Rc::make_mut(&mut world.traffic);
    *traffic.client_mut(place) = state;
    traffic.connections = Rc::new(connections);
    wait
}
