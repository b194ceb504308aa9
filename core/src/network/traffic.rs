//! Clients that send requests, and what became of them.
//!
//! [`super::sending`] is how they are sent.

use std::rc::Rc;

use rpds::Queue;

use crate::persistent::Map;

use super::balance::Connections;
use super::connection::Connection;
use super::dns::{self, TTL_SECONDS};
use super::flow::{Finding, Flow, Hop, Loss, Outcome};
use super::in_flight::{InFlight, Waiting};
use super::walk::{Kept, View, named_service};
use crate::api::{Key, Uid};
use crate::engine::world::Machines;
use crate::simulation::Client;
use crate::time::{Duration, Time};

/// How many requests of a client are remembered one by one, and how many of those that failed.
pub const REMEMBERED: usize = 64;

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
    pub(super) sent: u64,
    pub(super) questions: u64,
    recent: Queue<Request>,
    failures: Queue<Request>,
    /// How many of its requests each pod answered.
    answered_by: Map<Uid, u64>,
    pub(super) in_flight: InFlight,
    /// One that no request is on its way over.
    pub(super) connection: Option<Connection>,
    answer: Option<KeptAnswer>,
    /// When the request that is to be followed is sent.
    pub(super) to_follow: Option<Time>,
    /// Those that are followed and not over, and the latest that was followed.
    followed: Vec<Rc<Flow>>,
}

/// Requests by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// A process answered.
    pub answered: u64,
    /// The node's rules answered that nobody is there.
    pub refused: u64,
    /// Nothing came back.
    pub timed_out: u64,
    /// It was sent to a pod that did not take it, or that ended before it had answered.
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
    /// When it was over.
    pub ended: Time,
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
    /// The node that it is on.
    pub host: Option<Rc<str>>,
    /// The container that took it, if one did.
    pub container: Option<Rc<str>>,
    /// What became of it.
    pub outcome: Outcome,
    /// The NetworkPolicy that did not let it pass, if one did not.
    pub policy: Option<Key>,
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

    /// Whether any process works on a request.
    pub(crate) fn is_in_flight(&self) -> bool {
        let works = |client: &ClientTraffic| {
            !client.in_flight.is_empty() || client.followed.iter().any(|flow| flow.work().is_some())
        };
        self.clients().any(works)
    }

    pub(super) fn client_mut(&mut self, place: usize) -> &mut ClientTraffic {
        self.clients.resize_with(self.clients.len().max(place + 1), Rc::default);
        Rc::make_mut(&mut self.clients[place])
    }
}

impl ClientTraffic {
    /// Its latest requests that are over, by when they were; at most [`REMEMBERED`].
    pub fn recent(&self) -> impl Iterator<Item = &Request> {
        self.recent.iter()
    }

    /// Its latest requests that got no answer, by when that was; at most [`REMEMBERED`].
    pub fn failures(&self) -> impl Iterator<Item = &Request> {
        self.failures.iter()
    }

    /// Its requests that processes work on, each as it will have been if its process does not end before. One that is
    /// followed is not among them.
    pub fn in_flight(&self) -> impl Iterator<Item = &Request> {
        self.in_flight.iter()
    }

    /// How many of its requests processes work on, those that are followed included.
    pub fn waiting(&self) -> usize {
        self.in_flight.len() + self.followed.iter().filter(|flow| flow.work().is_some()).count()
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
        self.followed.last()
    }

    /// The request of this number, if it is followed and not over, or was the latest that was followed.
    pub fn followed_as(&self, number: u64) -> Option<&Rc<Flow>> {
        self.followed.iter().find(|flow| flow.number == number)
    }

    /// Notes how far a request is that is followed.
    pub(super) fn note(&mut self, flow: &Flow) {
        match self.followed.iter_mut().find(|known| known.number == flow.number) {
            Some(known) => *known = Rc::new(flow.clone()),
            None => {
                self.followed.retain(|known| known.outcome.is_none());
                self.followed.push(Rc::new(flow.clone()));
            }
        }
    }

    /// A request has gone as far as it does at once: it is over, or a process works on it.
    pub(super) fn take(&mut self, flow: &Flow, client: &Client, now: Time) {
        let connection = self.connection_after(flow, client);
        match (flow.outcome, flow.work()) {
            (Some(outcome), _) => self.end(Waiting { expected: Request::of(flow, outcome, now), connection }),
            (None, Some(work)) => {
                let expected = Request::of(flow, work.expected(), work.ends());
                self.in_flight.put(work, Waiting { expected, connection });
            }
            (None, None) => return,
        }
        self.questions += flow.questions() as u64;
        if client.caches_dns {
            self.keep_answer(flow);
        }
    }

    /// As [`ClientTraffic::take`], of one that is followed: it is told of after each hop.
    pub(super) fn take_followed(&mut self, flow: &Flow, client: &Client, now: Time) {
        self.note(flow);
        if flow.outcome.is_some() {
            self.take(flow, client, now);
        } else if flow.work().is_some() && is_reuse(flow) {
            self.connection = None;
        }
    }

    /// The connection that a request will have left behind; the one that it is sent over is nobody else's until then.
    fn connection_after(&mut self, flow: &Flow, client: &Client) -> Option<Connection> {
        if !client.keep_alive {
            return None;
        }
        if is_reuse(flow) {
            self.connection = None;
        }
        Connection::of(flow, service_of_flow(flow))
    }

    /// A request is over. Of several connections that are idle then, the client keeps one.
    fn end(&mut self, Waiting { expected, connection }: Waiting) {
        if self.connection.is_none() && expected.outcome == Outcome::Answered {
            self.connection = connection;
        }
        self.count(expected);
    }

    fn count(&mut self, request: Request) {
        self.counts.add(request.outcome);
        if request.outcome != Outcome::Answered {
            remember(&mut self.failures, request.clone());
        } else if let Some((_, uid)) = &request.pod {
            self.answered_by.insert(*uid, self.answered_by(*uid) + 1);
        }
        remember(&mut self.recent, request);
    }

    /// Processes answer what is due until then.
    pub(super) fn answer_until(&mut self, until: Time) {
        if self.in_flight.is_empty() {
            return;
        }
        while let Some(ended) = self.in_flight.take_ended(until) {
            self.end(ended);
        }
    }

    /// What processes worked on that have ended by now is lost.
    pub(super) fn lose_broken(&mut self, machines: &Machines, now: Time) {
        for (request, loss) in self.in_flight.take_broken(machines) {
            self.count(Request { outcome: Outcome::Lost(loss), ended: now, ..request });
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

    pub(super) fn kept(&self) -> Kept<'_> {
        Kept {
            connection: self.connection.as_ref(),
            answer: self.answer.as_ref().map(|kept| (kept.address.clone(), kept.service.clone(), kept.until)),
        }
    }

    /// Drops a connection whose other end is closed: its kernel said so, and a new one is made.
    pub(super) fn drop_closed_connection(&mut self, view: &View<'_>) {
        self.connection.take_if(|kept| !kept.is_open(view));
    }
}

fn is_reuse(flow: &Flow) -> bool {
    matches!(flow.hops.first(), Some(Hop::Reuse(_)))
}

fn remember(requests: &mut Queue<Request>, request: Request) {
    requests.enqueue_mut(request);
    if requests.len() > REMEMBERED {
        requests.dequeue_mut();
    }
}

/// The Service that a request was sent to.
fn service_of_flow(flow: &Flow) -> Option<Key> {
    flow.hops.iter().find_map(|hop| match hop {
        Hop::Pick(pick) => pick.rules.as_ref().map(|(key, _)| key.clone()),
        Hop::Answer(answer) => answer.reply.service.clone().or_else(|| dns::service_in(&answer.name)),
        Hop::Reuse(reuse) => reuse.service.clone(),
        _ => None,
    })
}

impl Request {
    fn of(flow: &Flow, outcome: Outcome, ended: Time) -> Request {
        let arrival = flow.arrival();
        let sent_to =
            flow.pick().and_then(|pick| pick.after.as_ref()).map(|packet| packet.destination.0.clone());
        let aimed_at = flow.pick().and_then(|pick| pick.destination()?.endpoint.pod.clone());
        let container = arrival.and_then(|arrival| match &arrival.finding {
            Finding::Answers(serving) => Some(serving.container.clone()),
            Finding::Beyond | Finding::Nobody(_) => None,
        });
        Request {
            number: flow.number,
            at: flow.began,
            ended,
            node: flow.source.node.clone(),
            source: flow.source.pod.as_ref().map(|(key, _)| key.clone()),
            service: service_of_flow(flow),
            address: arrival.map(|arrival| arrival.at.0.clone()).or(sent_to),
            pod: arrival.and_then(|arrival| arrival.pod.clone()).or(aimed_at),
            host: arrival.and_then(|arrival| arrival.node.clone()),
            container,
            outcome,
            policy: flow.denied_by().first().cloned(),
        }
    }

    /// Whether it had reached a process, which ended before it had answered.
    pub fn is_cut_short(&self) -> bool {
        match self.outcome {
            Outcome::Lost(Loss::Reset) => true,
            Outcome::Lost(Loss::NoNode) => self.container.is_some(),
            _ => false,
        }
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

    pub(super) fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Answered => self.answered += 1,
            Outcome::Refused => self.refused += 1,
            Outcome::TimedOut(_) => self.timed_out += 1,
            Outcome::Lost(_) => self.lost += 1,
            Outcome::Unresolved(_) => self.unresolved += 1,
        }
    }

    pub(super) fn plus(self, other: Counts, times: u64) -> Counts {
        Counts {
            answered: self.answered + other.answered * times,
            refused: self.refused + other.refused * times,
            timed_out: self.timed_out + other.timed_out * times,
            lost: self.lost + other.lost * times,
            unresolved: self.unresolved + other.unresolved * times,
        }
    }
}

/// The Service that a client's host names: `web`, `web.shop`, `web.shop.svc.cluster.local`.
pub fn service_of(client: &Client) -> Key {
    named_service(&client.host, &client.namespace)
}
