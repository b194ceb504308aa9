//! Clients that send requests, and what became of them.
//!
//! Between two steps nothing in the world changes, so the requests of that time need no entries of the agenda: they
//! are accounted for when time moves on. A request goes by the rules of the node it starts on, which may be behind:
//! it can be sent to a pod that the Service has dropped already. One that is followed leaves the crowd: its hops are
//! steps ([`begin`], [`next_hop`]).

use std::rc::Rc;

use rpds::Queue;

use crate::persistent::Map;

use super::balance::Connections;
use super::dns::{self, RecordType, TTL_SECONDS};
use super::flow::{Flow, Hop, Outcome, Source};
use super::source::Sources;
use super::walk::{Kept, Target, View, named_service};
use crate::api::{Key, Service, Uid};
use crate::engine::World;
use crate::rng::Rng;
use crate::simulation::{Client, ClientPlace};
use crate::time::{Duration, Time};

/// How many requests of a client are remembered one by one, and how many of those that failed.
pub const REMEMBERED: usize = 64;

/// So many requests between two steps are followed one by one; further ones are counted as these went.
const FOLLOWED: u64 = 10_000;

/// Every client of the simulation, in the order of its documents.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Traffic {
    clients: Vec<Rc<ClientTraffic>>,
    /// What nodes remember of connections.
    pub(crate) connections: Rc<Connections>,
}

/// What one client sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClientTraffic {
    /// What became of its requests.
    pub counts: Counts,
    /// When it sends the next one; `None` until its host's name has an address for the first time.
    pub next: Option<Time>,
    sent: u64,
    questions: u64,
    recent: Queue<Request>,
    failures: Queue<Request>,
    /// How many of its requests each pod answered.
    answered_by: Map<Uid, u64>,
    connection: Option<Connection>,
    answer: Option<KeptAnswer>,
    /// When the request that is to be followed is sent.
    to_follow: Option<Time>,
    followed: Option<Rc<Flow>>,
}

/// Requests by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// A process answered.
    pub answered: u64,
    /// The node's rules answered that nobody is there.
    pub refused: u64,
    /// Its packets fell on the way.
    pub timed_out: u64,
    /// It was sent to a pod that did not take it.
    pub lost: u64,
    /// The host's name had no address.
    pub unresolved: u64,
}

/// One request.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Its number, from 0.
    pub number: u64,
    /// When it was sent.
    pub at: Time,
    /// The node whose rules it went by.
    pub node: Rc<str>,
    /// The pod that sent it, if one did.
    pub source: Option<Key>,
    /// The Service that it was sent to, if it came that far.
    pub service: Option<Key>,
    /// The address it was sent on to, where it was.
    pub address: Option<Rc<str>>,
    /// The pod behind that address.
    pub pod: Option<(Key, Uid)>,
    /// What became of it.
    pub outcome: Outcome,
    /// The NetworkPolicy that did not let it pass, if one did not.
    pub policy: Option<Key>,
}

/// A connection that is kept for further requests.
#[derive(Clone, Debug, PartialEq)]
struct Connection {
    source: Source,
    target: Target,
    service: Option<Key>,
    since: Time,
}

/// An answer of DNS that may still be used.
#[derive(Clone, Debug, PartialEq)]
struct KeptAnswer {
    address: Rc<str>,
    service: Option<Key>,
    until: Time,
}

impl Traffic {
    /// What the client at a place in `simulation.clients` sent.
    pub fn client(&self, place: usize) -> Option<&ClientTraffic> {
        self.clients.get(place).map(|client| &**client)
    }

    /// What every client sent, in the order of `simulation.clients`.
    pub fn clients(&self) -> impl Iterator<Item = &ClientTraffic> {
        self.clients.iter().map(|client| &**client)
    }

    /// How many requests a pod answered.
    pub fn answered_by(&self, pod: Uid) -> u64 {
        self.clients().map(|client| client.answered_by(pod)).sum()
    }

    /// The requests of all clients together.
    pub fn counts(&self) -> Counts {
        self.clients.iter().fold(Counts::default(), |sum, client| sum.plus(client.counts, 1))
    }

    fn client_mut(&mut self, place: usize) -> &mut ClientTraffic {
        self.clients.resize_with(self.clients.len().max(place + 1), Rc::default);
        Rc::make_mut(&mut self.clients[place])
    }
}

impl ClientTraffic {
    /// Its latest requests, oldest first; at most [`REMEMBERED`].
    pub fn recent(&self) -> impl Iterator<Item = &Request> {
        self.recent.iter()
    }

    /// Its latest requests that got no answer, oldest first; at most [`REMEMBERED`].
    pub fn failures(&self) -> impl Iterator<Item = &Request> {
        self.failures.iter()
    }

    /// How many of its requests a pod answered.
    pub fn answered_by(&self, pod: Uid) -> u64 {
        self.answered_by.get(&pod).copied().unwrap_or(0)
    }

    /// How many requests it has sent.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// How many questions it asked of DNS.
    pub fn questions(&self) -> u64 {
        self.questions
    }

    /// The latest request that was followed, with the hops it has taken.
    pub fn followed(&self) -> Option<&Rc<Flow>> {
        self.followed.as_ref()
    }

    /// Takes a finished request into account.
    fn take(&mut self, flow: &Flow, client: &Client) {
        let Some(outcome) = flow.outcome else { return };
        self.counts.add(outcome);
        self.questions += flow.questions() as u64;
        let request = Request::of(flow, outcome);
        if outcome != Outcome::Answered {
            remember(&mut self.failures, request.clone());
        } else if let Some((_, uid)) = &request.pod {
            self.answered_by.insert(*uid, self.answered_by(*uid) + 1);
        }
        remember(&mut self.recent, request);
        let is_reused = matches!(flow.hops.first(), Some(Hop::Reuse(_)));
        if client.keep_alive && !is_reused {
            self.connection = Connection::of(flow);
        }
        if client.caches_dns {
            self.keep_answer(flow);
        }
    }

    fn keep_answer(&mut self, flow: &Flow) {
        let answer = flow.hops.iter().find_map(|hop| match hop {
            Hop::Answer(answer) => answer.chosen.clone().map(|address| (address, answer)),
            _ => None,
        });
        if let Some((address, answer)) = answer {
            let until = flow.began + Duration::from_seconds(u64::from(TTL_SECONDS));
            self.answer = Some(KeptAnswer { address, service: answer.reply.service.clone(), until });
        }
    }

    fn kept(&self) -> Kept<'_> {
        Kept {
            connection: self.connection.as_ref().map(|kept| (&kept.target, kept.since)),
            answer: self.answer.as_ref().map(|kept| (kept.address.clone(), kept.service.clone(), kept.until)),
        }
    }

    /// Drops a connection whose other end has ended: its kernel said so, and a new one is made.
    fn drop_broken_connection(&mut self, view: &View<'_>) {
        let is_open = |kept: &Connection| {
            let (Some(host), Some((key, uid))) = (&kept.target.node, &kept.target.pod) else { return true };
            let pod = view.machines.get(host).and_then(|machine| machine.pod_of(*uid, key));
            pod.is_some_and(|pod| pod.containers().any(|container| container.is_running()))
        };
        self.connection.take_if(|kept| !is_open(kept));
    }
}

fn remember(requests: &mut Queue<Request>, request: Request) {
    requests.enqueue_mut(request);
    if requests.len() > REMEMBERED {
        requests.dequeue_mut();
    }
}

impl Request {
    fn of(flow: &Flow, outcome: Outcome) -> Request {
        let service = flow.hops.iter().find_map(|hop| match hop {
            Hop::Pick(pick) => pick.rules.as_ref().map(|(key, _)| key.clone()),
            Hop::Answer(answer) => answer.reply.service.clone().or_else(|| dns::service_in(&answer.name)),
            _ => None,
        });
        let arrival = flow.arrival();
        let sent_to =
            flow.pick().and_then(|pick| pick.after.as_ref()).map(|packet| packet.destination.0.clone());
        let aimed_at = flow.pick().and_then(|pick| pick.destination()?.endpoint.pod.clone());
        Request {
            number: flow.number,
            at: flow.began,
            node: flow.source.node.clone(),
            source: flow.source.pod.as_ref().map(|(key, _)| key.clone()),
            service,
            address: arrival.map(|arrival| arrival.at.0.clone()).or(sent_to),
            pod: arrival.and_then(|arrival| arrival.pod.clone()).or(aimed_at),
            outcome,
            policy: flow.denied_by().first().cloned(),
        }
    }
}

impl Connection {
    /// The connection that an answered request leaves behind.
    fn of(flow: &Flow) -> Option<Connection> {
        let arrival = flow.arrival().filter(|_| flow.outcome == Some(Outcome::Answered))?;
        let pick = flow.pick()?;
        let target = Target {
            address: arrival.at.0.clone(),
            port: arrival.at.1,
            protocol: flow.protocol,
            node: arrival.node.clone(),
            pod: arrival.pod.clone(),
        };
        let service = pick.rules.as_ref().map(|(key, _)| key.clone());
        Some(Connection { source: flow.source.clone(), target, service, since: flow.began })
    }
}

impl Counts {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.answered + self.failed()
    }

    /// Those that got no answer.
    pub fn failed(&self) -> u64 {
        self.refused + self.timed_out + self.lost + self.unresolved
    }

    fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Answered => self.answered += 1,
            Outcome::Refused => self.refused += 1,
            Outcome::TimedOut(_) => self.timed_out += 1,
            Outcome::Lost(_) => self.lost += 1,
            Outcome::Unresolved(_) => self.unresolved += 1,
        }
    }

    fn plus(self, other: Counts, times: u64) -> Counts {
        Counts {
            answered: self.answered + other.answered * times,
            refused: self.refused + other.refused * times,
            timed_out: self.timed_out + other.timed_out * times,
            lost: self.lost + other.lost * times,
            unresolved: self.unresolved + other.unresolved * times,
        }
    }

    fn minus(self, other: Counts) -> Counts {
        Counts {
            answered: self.answered - other.answered,
            refused: self.refused - other.refused,
            timed_out: self.timed_out - other.timed_out,
            lost: self.lost - other.lost,
            unresolved: self.unresolved - other.unresolved,
        }
    }
}

/// The Service that a client's host names: `web`, `web.shop`, `web.shop.svc.cluster.local`.
pub fn service_of(client: &Client) -> Key {
    named_service(&client.host, &client.namespace)
}

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

/// Sends the requests that are due after `world.now` and not after `until`, and counts what became of them.
/// Nothing else in the world changes between its steps, so they need no entries of the agenda.
pub(crate) fn run_until(world: &mut World, until: Time) {
    let clients = world.simulation.clients.clone();
    if clients.is_empty() {
        return;
    }
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
        if next > until && !is_to_begin {
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
        traffic.connections = connections;
    }
    world.traffic = traffic;
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

impl Sender<'_> {
    fn send(&self, state: &mut ClientTraffic, connections: &mut Connections, until: Time) {
        let interval = self.client.interval.max(Duration::from_millis(1));
        let before = (state.counts, state.questions);
        // One that is to be followed has its own entry on the agenda.
        let until = state.to_follow.map_or(until, |at| until.min(Time(at.0.saturating_sub(1))));
        let mut followed = 0;
        while let Some(at) = state.next.filter(|at| *at <= until) {
            if followed == FOLLOWED {
                self.count_the_rest(state, before, until, interval);
                continue;
            }
            followed += 1;
            if let Some(mut flow) = self.flow(state, at) {
                flow.run_with(&self.view, connections, &state.kept(), at);
                state.take(&flow, self.client);
                state.sent += 1;
            }
            state.next = Some(at + interval);
        }
    }

    /// Nothing changes until `until`: what became of [`FOLLOWED`] requests becomes of the next ones, in whole
    /// lots; what remains of less than a lot goes with the last.
    fn count_the_rest(
        &self,
        state: &mut ClientTraffic,
        before: (Counts, u64),
        until: Time,
        interval: Duration,
    ) {
        let Some(next) = state.next else { return };
        let due = until.since(next).0 / interval.0 + 1;
        let lots = due.div_ceil(FOLLOWED);
        state.counts = state.counts.plus(state.counts.minus(before.0), lots);
        state.questions += (state.questions - before.1) * lots;
        state.sent += lots * FOLLOWED;
        state.next = Some(next + Duration(interval.0.saturating_mul(lots * FOLLOWED)));
    }

    /// The request that is due; `None` where nobody is there to send it.
    fn flow(&self, state: &mut ClientTraffic, at: Time) -> Option<Flow> {
        state.drop_broken_connection(&self.view);
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
        at = at + interval.max(Duration::from_millis(1));
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
    state.next = Some(at + client.interval.max(Duration::from_millis(1)));
    if let Some(flow) = &flow {
        state.sent += 1;
        state.followed = Some(Rc::new(flow.clone()));
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
    state.take(flow, client);
    state.followed = Some(Rc::new(flow.clone()));
    let traffic = Rc::make_mut(&mut world.traffic);
    *traffic.client_mut(place) = state;
    traffic.connections = Rc::new(connections);
    wait
}
