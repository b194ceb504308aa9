//! One request as a chain of hops: each is one thing that somebody decided about it.
//!
//! ```text
//! Call    the client names host and port        db:5432
//! Ask     its resolver asks for one name         db.default.svc.cluster.local?
//! Answer  the DNS server answers                 A 10.96.87.3
//! Pick    the rules of its node choose           10.96.87.3:5432 -> 10.244.2.14:5432, 1 of 2
//! Judge   NetworkPolicies let it pass, or not
//! Arrive  what it finds at that address
//! Respond what comes back from a process that took its time
//! ```
//!
//! A request that nobody follows takes all of its hops up to its arrival at one instant; of a followed one each hop is a
//! step, decided from what is so by then. [`super::walk`] takes the hops. Where the process takes its time, the request
//! is in flight until then ([`super::in_flight`]).

use std::rc::Rc;

use super::dns::{Record, Reply, ResolvConf};
use super::proxy::{Backends, Destination, Reach, ServiceRules};
use super::walk::Stage;
use crate::api::{Key, Uid};
use crate::rng::Rng;
use crate::simulation::{Protocol, ProxyMode};
use crate::time::{Duration, Time};

/// A request on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// Who sent it: the name of a `Traffic` document, or of a tool.
    pub client: Rc<str>,
    /// Its number among the client's requests, from 0.
    pub number: u64,
    /// When it was sent.
    pub began: Time,
    /// Where it comes from.
    pub source: Source,
    /// The host that it names.
    pub host: Rc<str>,
    /// The port that it names; the Service's first one where it names none.
    pub port: Option<u16>,
    /// What it speaks.
    pub protocol: Protocol,
    /// The hops so far.
    pub hops: Vec<Hop>,
    /// What became of it, once that is known.
    pub outcome: Option<Outcome>,
    pub(super) stage: Stage,
    pub(super) luck: Rng,
}

/// A hop of a followed request, as its step tells of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Passage {
    /// Whose request.
    pub client: Rc<str>,
    /// Its number among the client's requests, from 0.
    pub number: u64,
    /// The host that it names.
    pub host: Rc<str>,
    /// The hop's place among those of the request, from 0.
    pub place: usize,
    /// The hop.
    pub hop: Hop,
    /// What became of the request, where this was its last hop.
    pub outcome: Option<Outcome>,
}

/// Where a request comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The node whose rules it goes by: the client's own; from outside, the one that it enters by.
    pub node: Rc<str>,
    /// The client's pod, if it runs in one.
    pub pod: Option<(Key, Uid)>,
    /// The client's address.
    pub address: Rc<str>,
    /// Its port.
    pub port: u16,
    /// Whether it comes from outside of the cluster.
    pub is_outside: bool,
    /// How names are resolved there.
    pub resolver: Rc<ResolvConf>,
}

/// A hop of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Hop {
    /// The client asks for a connection.
    Call(Call),
    /// The client sends on a connection that it kept.
    Reuse(Reuse),
    /// Its resolver asks for one name.
    Ask(Ask),
    /// The DNS server answers.
    Answer(Answer),
    /// The rules of its node choose where it goes.
    Pick(Pick),
    /// NetworkPolicies let it pass, or not.
    Judge(Judge),
    /// It is at the address it was sent to.
    Arrive(Arrive),
    /// The process that worked on it has answered, or never will.
    Respond(Respond),
}

/// The client asks for a connection.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Why it needs no DNS, or how it goes about it.
    pub naming: Naming,
}

/// How a host becomes an address.
#[derive(Clone, Debug, PartialEq)]
pub enum Naming {
    /// It is one.
    Address,
    /// It is a name with so many dots: with fewer than ndots the search path comes first.
    Name {
        /// Dots in the name.
        dots: usize,
        /// `options ndots`
        ndots: usize,
        /// The names to try, in order.
        candidates: Rc<[Rc<str>]>,
    },
    /// The client has kept an answer.
    Kept {
        /// The address in it.
        address: Rc<str>,
        /// Until when it may.
        until: Time,
    },
    /// From outside it comes through a node's port or a load balancer, and DNS of the cluster has no part in it.
    Outside,
}

/// A kept connection.
#[derive(Clone, Debug, PartialEq)]
pub struct Reuse {
    /// The packet as the endpoint gets it.
    pub packet: Packet,
    /// Since when there has been this connection.
    pub since: Time,
    /// The Service that it was made through, if one was.
    pub service: Option<Key>,
}

/// A question to the DNS server.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// The whole name.
    pub name: Rc<str>,
    /// Its place among the names to try, from 1.
    pub number: usize,
    /// How many there are to try.
    pub of: usize,
    /// Who is asked.
    pub server: Rc<str>,
}

/// The DNS server's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The name that was asked for.
    pub name: Rc<str>,
    /// What was answered.
    pub reply: Reply,
    /// The address that the client takes, if there is one.
    pub chosen: Option<Rc<str>>,
    /// The name that is tried next, if there is one to try.
    pub next: Option<Rc<str>>,
}

/// The rules of a node choose an endpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct Pick {
    /// Whose rules.
    pub node: Rc<str>,
    /// How the node chooses.
    pub mode: ProxyMode,
    /// By which address it enters.
    pub entry: Entry,
    /// The Service of that address, and its rules.
    pub rules: Option<(Key, Rc<ServiceRules>)>,
    /// The place of the port among `rules.ports`.
    pub port: usize,
    /// How it comes to the Service.
    pub reach: Reach,
    /// How the choice was made.
    pub choice: Choice,
    /// The place of the chosen one among [`Pick::backends`].
    pub chosen: Option<usize>,
    /// Whether the rules say something else than the Service's slices by now.
    pub is_stale: bool,
    /// The packet as it was sent.
    pub before: Packet,
    /// The packet as it goes on.
    pub after: Option<Packet>,
}

/// The address by which a packet enters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// `spec.clusterIP`
    ClusterIp,
    /// A node's own address, on `spec.ports[].nodePort`.
    NodePort,
    /// An address of a load balancer, or one of `spec.externalIPs`.
    External,
    /// No Service's: the packet goes where it was sent.
    Direct,
}

/// How a choice was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// No Service has this address: there is nothing to choose.
    Direct,
    /// By lot among so many.
    Random {
        /// How many endpoints.
        of: usize,
    },
    /// Each in its turn.
    RoundRobin {
        /// How many endpoints.
        of: usize,
        /// The turn, from 0.
        turn: u64,
    },
    /// The endpoint of this client's last connection.
    Affinity {
        /// How long ago that was.
        ago: Duration,
        /// For how long it holds.
        timeout: Duration,
    },
    /// No endpoint is usable: the packet is rejected.
    NoEndpoint,
    /// None on this node, and the traffic policy keeps it here: the packet is dropped.
    NoLocalEndpoint,
    /// The node has no rules for this address: nobody answers.
    NoRules,
    /// The Service has no such port: nobody answers.
    NoSuchPort,
    /// From outside there is no way to the Service: it has neither node port nor load balancer.
    NoWayIn,
}

/// A packet's addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Where from.
    pub source: (Rc<str>, u16),
    /// Where to.
    pub destination: (Rc<str>, u16),
}

/// NetworkPolicies look at a packet.
#[derive(Clone, Debug, PartialEq)]
pub struct Judge {
    /// On which node.
    pub node: Rc<str>,
    /// Whether it leaves or reaches the pod.
    pub direction: Direction,
    /// The pod.
    pub pod: Key,
    /// The policies that select the pod for this direction.
    pub policies: Vec<Key>,
    /// The first of them that lets the packet pass; `None`: it is dropped.
    pub allowed_by: Option<Key>,
}

/// The two ways through a pod's network namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Out of it.
    Egress,
    /// Into it.
    Ingress,
}

/// What a packet finds at an address.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrive {
    /// The node it is on, where it is known.
    pub node: Option<Rc<str>>,
    /// The pod that has the address, or had it.
    pub pod: Option<(Key, Uid)>,
    /// The address and port.
    pub at: (Rc<str>, u16),
    /// What is there.
    pub finding: Finding,
}

/// What is at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// A process answers, at once or in its time.
    Answers(Serving),
    /// It is beyond what is simulated, and answers.
    Beyond,
    /// Nobody answers.
    Nobody(Loss),
}

/// A process that takes requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Serving {
    /// The name of its container.
    pub container: Rc<str>,
    /// `containerd://…`: no later process of that container has it.
    pub process: Rc<str>,
    /// From a request to its answer.
    pub takes: Duration,
}

/// What comes back from a process that has worked on a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Respond {
    /// The node it is on.
    pub node: Rc<str>,
    /// Its pod.
    pub pod: (Key, Uid),
    /// The process.
    pub serving: Serving,
    /// How long after the request had reached it.
    pub after: Duration,
    /// What became of the request.
    pub outcome: Outcome,
}

/// What became of a request: exactly one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A process answered.
    Answered,
    /// The node's rules rejected it: no endpoint was usable.
    Refused,
    /// Nothing came back, and the client waited in vain.
    TimedOut(Silence),
    /// It was sent to a pod that did not take it, or that ended before it had answered.
    Lost(Loss),
    /// The host's name has no address.
    Unresolved(Unresolved),
}

/// Why nothing came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// The node has no rules for the address.
    NoRules,
    /// The Service has no such port.
    NoSuchPort,
    /// There is no way in: the client is outside, and the Service has neither node port nor load balancer.
    NoWayIn,
    /// The Service is `Local` and has no endpoint on that node.
    NoLocalEndpoint,
    /// No NetworkPolicy lets it pass.
    Denied(Direction),
    /// The process takes longer to answer than clients wait.
    NoAnswer,
}

/// Why a pod did not take a request, or did not answer it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The pod's network namespace is gone: nothing comes back.
    NoSandbox,
    /// The pod is there, but its process has ended: its kernel refuses.
    ProcessEnded,
    /// The process runs, but does not listen on that port, not yet or no longer: its kernel refuses.
    NotListening,
    /// The process took it, and ended before it had answered: its kernel resets the connection.
    Reset,
    /// The node was switched off: nothing comes back.
    NoNode,
}

/// Why a name has no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unresolved {
    /// There is no such name.
    NoSuchName,
    /// The name is there, without an address.
    NoAddress,
    /// There is nobody to ask.
    NoServer,
}

/// What the client sees of an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// An answer.
    Answer,
    /// `Connection refused`, at once.
    Refusal,
    /// `Connection reset by peer`, while it waits for an answer.
    Reset,
    /// Nothing, until it gives up.
    Silence,
    /// No connection was tried: the name has no address.
    NoAddress,
}

impl Outcome {
    /// What the client sees of it.
    pub fn seen(self) -> Seen {
        match self {
            Outcome::Answered => Seen::Answer,
            Outcome::Refused | Outcome::Lost(Loss::ProcessEnded | Loss::NotListening) => Seen::Refusal,
            Outcome::Lost(Loss::Reset) => Seen::Reset,
            Outcome::TimedOut(_) | Outcome::Lost(Loss::NoSandbox | Loss::NoNode) => Seen::Silence,
            Outcome::Unresolved(_) => Seen::NoAddress,
        }
    }
}

impl Pick {
    /// The endpoints that it was chosen from.
    pub fn backends(&self) -> Option<&Backends> {
        let (_, rules) = self.rules.as_ref()?;
        Some(rules.ports.get(self.port)?.backends(self.reach))
    }

    /// The chosen one.
    pub fn destination(&self) -> Option<&Destination> {
        self.backends()?.destinations.get(self.chosen?)
    }
}

impl Flow {
    /// The address that it was resolved to, once that is known.
    pub fn resolved(&self) -> Option<&Rc<str>> {
        self.hops.iter().rev().find_map(|hop| match hop {
            Hop::Answer(answer) => answer.chosen.as_ref(),
            Hop::Call(Call { naming: Naming::Kept { address, .. } }) => Some(address),
            Hop::Call(_) | Hop::Reuse(_) | Hop::Ask(_) | Hop::Pick(_) => None,
            Hop::Judge(_) | Hop::Arrive(_) | Hop::Respond(_) => None,
        })
    }

    /// The choice of its node's rules, once it is made.
    pub fn pick(&self) -> Option<&Pick> {
        self.hops.iter().find_map(|hop| if let Hop::Pick(pick) = hop { Some(pick) } else { None })
    }

    /// Where it arrived, once it has.
    pub fn arrival(&self) -> Option<&Arrive> {
        self.hops.iter().find_map(|hop| if let Hop::Arrive(arrive) = hop { Some(arrive) } else { None })
    }

    /// The policies that dropped it, where policies did: those that select the pod, none of which lets it pass.
    pub fn denied_by(&self) -> &[Key] {
        match self.hops.last() {
            Some(Hop::Judge(judge)) if judge.allowed_by.is_none() => &judge.policies,
            _ => &[],
        }
    }

    /// How many questions it asked of DNS.
    pub fn questions(&self) -> usize {
        self.hops.iter().filter(|hop| matches!(hop, Hop::Ask(_))).count()
    }
}

impl Answer {
    /// The address records, where there are some.
    pub fn records(&self) -> &[Record] {
        &self.reply.records
    }
}
