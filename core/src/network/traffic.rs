//! Clients that send requests, and what became of them.
//!
//! Between two steps nothing in the world changes, so the requests of that time need no entries of the agenda: they
//! are accounted for when time moves on. A request goes by the rules of the node it starts on, which may be behind:
//! it can be sent to a pod that the Service has dropped already.

use std::rc::Rc;

use rpds::Queue;

use super::proxy::Route;
use crate::api::{Key, Service, Uid};
use crate::engine::World;
use crate::kubelet::{LocalPod, Machine};
use crate::rng::Rng;
use crate::simulation::{Client, ClientPlace};
use crate::time::{Duration, Time};

/// How many requests of a client are remembered one by one.
pub const REMEMBERED: usize = 64;

/// So many requests between two steps are followed one by one; further ones are counted as these went.
const FOLLOWED: u64 = 10_000;

/// Every client of the simulation, in the order of its documents.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Traffic {
    clients: Vec<Rc<ClientTraffic>>,
}

/// What one client sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClientTraffic {
    /// What became of its requests.
    pub counts: Counts,
    /// When it sends the next one; `None` while there is no such Service.
    pub next: Option<Time>,
    sent: u64,
    recent: Queue<Request>,
    connection: Option<Connection>,
}

/// Requests by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// A process answered.
    pub answered: u64,
    /// The node's kernel answered that nobody is there.
    pub refused: u64,
    /// Nothing came back, or the pod's kernel answered that nobody listens.
    pub lost: u64,
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
    /// The address it was sent on to, where it was.
    pub address: Option<Rc<str>>,
    /// The pod behind that address.
    pub pod: Option<(Key, Uid)>,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A process answered.
    Answered,
    /// No endpoint was usable.
    Refused,
    /// It died on the way.
    Lost(Loss),
}

/// Where a request died.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The node has no rules for the Service yet.
    NoRules,
    /// There is no way in: the Service has no node port, and the client is outside.
    NoWayIn,
    /// The Service is `Local` and has no endpoint on that node.
    Dropped,
    /// The pod's network namespace is gone.
    NoSandbox,
    /// The pod is there, but its process has ended.
    ProcessEnded,
    /// The process runs, but does not listen on that port: not yet, or no longer.
    NotListening,
}

/// A connection that is kept for further requests.
#[derive(Clone, Debug, PartialEq)]
struct Connection {
    node: Rc<str>,
    host: Rc<str>,
    address: Rc<str>,
    pod: (Key, Uid),
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

    /// The requests of all clients together.
    pub fn counts(&self) -> Counts {
        self.clients.iter().fold(Counts::default(), |sum, client| sum.plus(client.counts, 1))
    }
}

impl ClientTraffic {
    /// Its latest requests, oldest first; at most [`REMEMBERED`].
    pub fn recent(&self) -> impl Iterator<Item = &Request> {
        self.recent.iter()
    }
}

impl Counts {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.answered + self.refused + self.lost
    }

    fn plus(self, other: Counts, times: u64) -> Counts {
        Counts {
            answered: self.answered + other.answered * times,
            refused: self.refused + other.refused * times,
            lost: self.lost + other.lost * times,
        }
    }

    fn minus(self, other: Counts) -> Counts {
        Counts {
            answered: self.answered - other.answered,
            refused: self.refused - other.refused,
            lost: self.lost - other.lost,
        }
    }
}

/// The Service that a client's host names: `web`, `web.shop`, `web.shop.svc.cluster.local`.
pub fn service_of(client: &Client) -> Key {
    let mut parts = client.host.split('.');
    let name = parts.next().unwrap_or_default();
    Key::new(parts.next().map_or_else(|| client.namespace.clone(), Rc::from), name)
}

/// Sends the requests that are due after `world.now` and not after `until`, and counts what became of them.
/// Nothing else in the world changes between its steps, so they need no entries of the agenda.
pub(crate) fn run_until(world: &mut World, until: Time) {
    let clients = world.simulation.clients.clone();
    if clients.is_empty() {
        return;
    }
    let mut traffic = world.traffic.clone();
    let mut machines = Vec::new();
    for (place, client) in clients.iter().enumerate() {
        let key = service_of(client);
        let service = world.store.get::<Service>(&key).filter(|service| service.cluster_ip().is_some());
        let next = traffic.client(place).and_then(|known| known.next);
        if next.is_some_and(|next| service.is_some() && next > until) || (next.is_none() && service.is_none())
        {
            continue;
        }
        let known = &mut Rc::make_mut(&mut traffic).clients;
        known.resize_with(known.len().max(place + 1), Rc::default);
        let state = Rc::make_mut(&mut known[place]);
        let Some(service) = service else {
            state.next = None;
            continue;
        };
        if machines.is_empty() {
            machines.extend(world.machines.values());
        }
        let first = *state.next.get_or_insert(world.now + client.interval);
        if first <= until && !machines.is_empty() {
            let seed = world.simulation.seed ^ ((place as u64 + 1) << 40);
            Sender { world, client, key: &key, service, machines: &machines, seed }.send(state, until);
        }
    }
    drop(machines);
    world.traffic = traffic;
}

/// One client at work while nothing else happens.
struct Sender<'a> {
    world: &'a World,
    client: &'a Client,
    key: &'a Key,
    service: &'a Service,
    machines: &'a [&'a Rc<Machine>],
    seed: u64,
}

impl Sender<'_> {
    fn send(&self, state: &mut ClientTraffic, until: Time) {
        let interval = self.client.interval.max(Duration::from_millis(1));
        let before = state.counts;
        let mut followed = 0;
        while let Some(at) = state.next.filter(|at| *at <= until) {
            if followed == FOLLOWED {
                self.count_the_rest(state, before, until, interval);
                continue;
            }
            followed += 1;
            let request = self.request(state, at);
            match request.outcome {
                Outcome::Answered => state.counts.answered += 1,
                Outcome::Refused => state.counts.refused += 1,
                Outcome::Lost(_) => state.counts.lost += 1,
            }
            state.recent.enqueue_mut(request);
            if state.recent.len() > REMEMBERED {
                state.recent.dequeue_mut();
            }
            state.sent += 1;
            state.next = Some(at + interval);
        }
    }

    /// Nothing changes until `until`: what became of [`FOLLOWED`] requests becomes of the next ones, in whole
    /// lots; what remains of less than a lot goes with the last.
    fn count_the_rest(&self, state: &mut ClientTraffic, before: Counts, until: Time, interval: Duration) {
        let Some(next) = state.next else { return };
        let due = until.since(next).0 / interval.0 + 1;
        let lots = due.div_ceil(FOLLOWED);
        state.counts = state.counts.plus(state.counts.minus(before), lots);
        state.sent += lots * FOLLOWED;
        state.next = Some(next + Duration(interval.0.saturating_mul(lots * FOLLOWED)));
    }

    fn request(&self, state: &mut ClientTraffic, at: Time) -> Request {
        if let Some(kept) = state.connection.take_if(|kept| !self.is_open(kept)) {
            // The process at the other end has ended: its kernel said so, and a new connection is made.
            drop(kept);
        }
        if let Some(kept) = &state.connection {
            return Request {
                number: state.sent,
                at,
                node: kept.node.clone(),
                address: Some(kept.address.clone()),
                pod: Some(kept.pod.clone()),
                outcome: Outcome::Answered,
            };
        }
        let mut luck = Rng::new(self.seed.wrapping_add(state.sent));
        let machine = match &self.client.from {
            ClientPlace::Node(name) => self.machines.iter().copied().find(|machine| machine.name == *name),
            ClientPlace::Anywhere | ClientPlace::Outside => None,
        };
        let anywhere = luck.below(self.machines.len() as u64) as usize;
        let machine = machine.unwrap_or(self.machines[anywhere]);
        let mut request = Request {
            number: state.sent,
            at,
            node: machine.name.clone(),
            address: None,
            pod: None,
            outcome: Outcome::Lost(Loss::NoRules),
        };
        let rules = machine.rules.service(self.key);
        let rules = rules.filter(|rules| self.service.cluster_ip() == Some(&*rules.cluster_ip));
        let Some(port) = rules.and_then(|rules| rules.port(self.client.port.map(i32::from))) else {
            return request;
        };
        if self.client.from == ClientPlace::Outside && port.node_port.is_none() {
            request.outcome = Outcome::Lost(Loss::NoWayIn);
            return request;
        }
        let destination = match port.route(luck.bits()) {
            Route::To(destination) => destination,
            Route::Rejected => {
                request.outcome = Outcome::Refused;
                return request;
            }
            Route::Dropped => {
                request.outcome = Outcome::Lost(Loss::Dropped);
                return request;
            }
        };
        let endpoint = &destination.endpoint;
        request.address = endpoint.addresses.first().cloned();
        request.pod = endpoint.pod.clone();
        let (Some((pod_key, uid)), Some(host)) = (&endpoint.pod, &endpoint.node) else {
            // Somebody listed this address by hand: what is behind it is not simulated, and answers.
            request.outcome = Outcome::Answered;
            return request;
        };
        let pod = self.world.machines.get(host).and_then(|machine| machine.pod_of(*uid, pod_key));
        request.outcome = arrive(pod.map(|pod| &**pod), destination.port);
        if self.client.keep_alive
            && request.outcome == Outcome::Answered
            && let (Some(address), Some(pod)) = (&request.address, &request.pod)
        {
            let (node, host) = (request.node.clone(), host.clone());
            state.connection = Some(Connection { node, host, address: address.clone(), pod: pod.clone() });
        }
        request
    }

    fn is_open(&self, kept: &Connection) -> bool {
        let pod =
            self.world.machines.get(&kept.host).and_then(|machine| machine.pod_of(kept.pod.1, &kept.pod.0));
        pod.is_some_and(|pod| pod.containers().any(|container| container.is_running()))
    }
}

/// What a packet finds at a pod's address.
fn arrive(pod: Option<&LocalPod>, port: i32) -> Outcome {
    match pod {
        Some(pod) if pod.answers_on(port) => Outcome::Answered,
        Some(pod) if pod.sandbox().is_none() => Outcome::Lost(Loss::NoSandbox),
        None => Outcome::Lost(Loss::NoSandbox),
        Some(pod) if pod.containers().all(|container| !container.is_running()) => {
            Outcome::Lost(Loss::ProcessEnded)
        }
        Some(_) => Outcome::Lost(Loss::NotListening),
    }
}
