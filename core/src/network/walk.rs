//! How a request takes its next hop: each is decided from the world as it is by then.

use std::net::Ipv4Addr;
use std::rc::Rc;

use super::arrival::find;
use super::balance::{Asking, Connections};
use super::connection::Connection;
use super::dns::{self, Code, RecordType};
use super::flow::*;
use super::in_flight::Work;
use super::policy::{self, Peer};
use super::proxy::{PortRules, Reach, ServiceRules};
use crate::api::{Endpoint, Key, NetworkPolicy, Pod, Uid};
use crate::apiserver::Store;
use crate::engine::world::Machines;
use crate::engine::{Actor, World};
use crate::kubelet::Machine;
use crate::rng::Rng;
use crate::simulation::{Protocol, Simulation};
use crate::time::{Duration, Time};

/// A question or an answer of DNS is on its way for so long.
const DNS_TRIP: Duration = Duration::from_millis(1);
/// A packet is on its way to the next place that decides about it for so long.
const PACKET_TRIP: Duration = Duration::from_millis(1);
/// The port of a host that names none, and is no Service's.
const HTTP: u16 = 80;
/// The addresses of Services: 10.96.0.0/12.
const SERVICE_NETWORK: (u32, u32) = (0x0a60_0000, 0xfff0_0000);

/// What decides about requests.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// What the API server knows.
    pub store: &'a Store,
    /// What those have heard who watch Services and slices: the DNS server.
    pub watched: &'a Store,
    /// What runs, and the rules of every node.
    pub machines: &'a Machines,
    /// Settings.
    pub simulation: &'a Simulation,
    /// What nodes remember of connections.
    pub connections: &'a Connections,
}

impl<'a> View<'a> {
    /// What is so in a world.
    pub fn of(world: &'a World) -> View<'a> {
        View {
            store: &world.store,
            watched: world.watched(),
            machines: &world.machines,
            simulation: &world.simulation,
            connections: &world.traffic.connections,
        }
    }
}

/// Where a request is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Stage {
    /// Its client is about to send it.
    Calling,
    /// The name at this place of those to try is about to be asked for.
    Asking(Rc<[Rc<str>]>, usize),
    /// The DNS server has the question.
    Answering(Rc<[Rc<str>]>, usize),
    /// A packet is about to leave for an address.
    Sending { to: Rc<str>, service: Option<Key> },
    /// A packet enters from outside.
    Entering,
    /// A packet is on its way to whoever has its address; policies have been asked for these directions.
    Travelling(Target, Judged),
    /// A process works on it.
    Working(Work),
    /// It is over.
    Over,
}

/// Where a packet is sent on to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Target {
    pub(super) address: Rc<str>,
    pub(super) port: u16,
    pub(super) protocol: Protocol,
    pub(super) node: Option<Rc<str>>,
    pub(super) pod: Option<(Key, Uid)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Judged {
    Nothing,
    Egress,
    Both,
}

/// What a client brings to a request.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept<'a> {
    /// A connection of an earlier one.
    pub(super) connection: Option<&'a Connection>,
    /// The answer of DNS to an earlier one, and until when it may be used.
    pub(super) answer: Option<(Rc<str>, Option<Key>, Time)>,
}

impl Flow {
    /// A request that is about to be sent.
    pub fn new(
        client: Rc<str>,
        number: u64,
        began: Time,
        to: (Rc<str>, Option<u16>),
        source: Source,
        luck: Rng,
    ) -> Flow {
        let (host, port) = to;
        let (hops, stage) = (Vec::new(), Stage::Calling);
        let protocol = Protocol::Tcp;
        Flow { client, number, began, source, host, port, protocol, hops, outcome: None, stage, luck }
    }

    /// The same request, spoken in another protocol.
    pub(super) fn in_protocol(mut self, protocol: Protocol) -> Flow {
        self.protocol = protocol;
        self
    }

    /// Takes every hop at once, up to the process that answers in its time: [`Flow::work`]. Returns how long it would have
    /// been on its way, that time included.
    pub fn run(&mut self, view: &View<'_>, connections: &mut Connections, now: Time) -> Duration {
        self.run_with(view, connections, &Kept::default(), now)
    }

    /// As [`Flow::run`], with what the client has kept.
    pub(super) fn run_with(
        &mut self,
        view: &View<'_>,
        connections: &mut Connections,
        kept: &Kept<'_>,
        now: Time,
    ) -> Duration {
        let mut lasts = Duration::ZERO;
        while let Some(wait) = self.next_hop(view, connections, kept, now) {
            lasts = lasts + wait;
            if self.work().is_some() {
                break;
            }
        }
        lasts
    }

    /// What a process does about it, while it works on it.
    pub(crate) fn work(&self) -> Option<&Work> {
        if let Stage::Working(work) = &self.stage { Some(work) } else { None }
    }

    /// Who decides about the next hop; `None` once it is over.
    pub(crate) fn next_actor(&self) -> Option<Actor> {
        Some(match &self.stage {
            Stage::Calling | Stage::Asking(..) => Actor::Client(self.client.clone()),
            Stage::Answering(..) => Actor::Dns,
            Stage::Sending { .. } | Stage::Entering => Actor::Network(self.source.node.clone()),
            Stage::Travelling(target, _) => {
                Actor::Network(target.node.clone().unwrap_or_else(|| self.source.node.clone()))
            }
            Stage::Working(work) => Actor::Kubelet(work.node.clone()),
            Stage::Over => return None,
        })
    }

    /// Takes the next hop, and says how long the request is on its way to the one after it; `None` where it was the last.
    pub(super) fn next_hop(
        &mut self,
        view: &View<'_>,
        connections: &mut Connections,
        kept: &Kept<'_>,
        now: Time,
    ) -> Option<Duration> {
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Calling => self.call(kept, now),
            Stage::Asking(candidates, place) => self.ask(candidates, place),
            Stage::Answering(candidates, place) => self.answer(view, candidates, place),
            Stage::Sending { to, service } => self.send(view, connections, &to, service, now),
            Stage::Entering => self.enter(view, connections, now),
            Stage::Travelling(target, judged) => self.travel(view, target, judged, now),
            Stage::Working(work) => {
                let response = work.respond(view.machines, now);
                let outcome = response.outcome;
                self.end(Hop::Respond(response), outcome)
            }
            Stage::Over => None,
        }
    }

    fn go_on(&mut self, hop: Hop, stage: Stage, wait: Duration) -> Option<Duration> {
        self.hops.push(hop);
        self.stage = stage;
        Some(wait)
    }

    fn end(&mut self, hop: Hop, outcome: Outcome) -> Option<Duration> {
        self.hops.push(hop);
        self.outcome = Some(outcome);
        None
    }

    fn call(&mut self, kept: &Kept<'_>, now: Time) -> Option<Duration> {
        if let Some(Connection { target, service, since, .. }) = kept.connection {
            let destination = (target.address.clone(), target.port);
            let packet = Packet { source: (self.source.address.clone(), self.source.port), destination };
            let stage = Stage::Travelling(target.clone(), Judged::Both);
            let reuse = Reuse { packet, since: *since, service: service.clone() };
            return self.go_on(Hop::Reuse(reuse), stage, PACKET_TRIP);
        }
        let call = |naming| Hop::Call(Call { naming });
        if self.source.is_outside {
            return self.go_on(call(Naming::Outside), Stage::Entering, PACKET_TRIP);
        }
        if self.host.parse::<Ipv4Addr>().is_ok() {
            let stage = Stage::Sending { to: self.host.clone(), service: None };
            return self.go_on(call(Naming::Address), stage, Duration::ZERO);
        }
        if let Some((address, service, until)) = kept.answer.clone().filter(|(_, _, until)| *until > now) {
            let stage = Stage::Sending { to: address.clone(), service };
            return self.go_on(call(Naming::Kept { address, until }), stage, Duration::ZERO);
        }
        let resolver = self.source.resolver.clone();
        let candidates: Rc<[Rc<str>]> = resolver.candidates(&self.host).into();
        let dots = dns::dots(&self.host);
        let hop = call(Naming::Name { dots, ndots: resolver.ndots(), candidates: candidates.clone() });
        if resolver.servers.is_empty() {
            return self.end(hop, Outcome::Unresolved(Unresolved::NoServer));
        }
        if candidates.is_empty() {
            return self.end(hop, Outcome::Unresolved(Unresolved::NoSuchName));
        }
        self.go_on(hop, Stage::Asking(candidates, 0), Duration::ZERO)
    }

    fn ask(&mut self, candidates: Rc<[Rc<str>]>, place: usize) -> Option<Duration> {
        let server = self.source.resolver.servers.first().cloned().unwrap_or_default();
        let ask = Ask { name: candidates[place].clone(), number: place + 1, of: candidates.len(), server };
        self.go_on(Hop::Ask(ask), Stage::Answering(candidates, place), DNS_TRIP)
    }

    fn answer(&mut self, view: &View<'_>, candidates: Rc<[Rc<str>]>, place: usize) -> Option<Duration> {
        let name = candidates[place].clone();
        let reply = dns::asked_of(view.watched, &self.source.resolver, &name, RecordType::A);
        let addresses: Vec<&Rc<str>> = reply.addresses().collect();
        // The server turns its answers round, and clients take the first.
        let drawn = if addresses.len() > 1 { self.luck.below(addresses.len() as u64) as usize } else { 0 };
        let chosen = addresses.get(drawn).map(|address| Rc::clone(address));
        let next = candidates.get(place + 1).filter(|_| chosen.is_none()).cloned();
        let service = reply.service.clone();
        let code = reply.code;
        let hop = Hop::Answer(Answer { name, reply, chosen: chosen.clone(), next: next.clone() });
        if let Some(to) = chosen {
            return self.go_on(hop, Stage::Sending { to, service }, DNS_TRIP);
        }
        if next.is_some() {
            return self.go_on(hop, Stage::Asking(candidates, place + 1), DNS_TRIP);
        }
        let has_name = code == Code::NoError || self.hops.iter().any(is_empty_answer);
        let why = if has_name { Unresolved::NoAddress } else { Unresolved::NoSuchName };
        self.end(hop, Outcome::Unresolved(why))
    }

    /// A packet leaves its client: if it is for a Service, the rules of the node change where it goes.
    fn send(
        &mut self,
        view: &View<'_>,
        connections: &mut Connections,
        to: &Rc<str>,
        service: Option<Key>,
        now: Time,
    ) -> Option<Duration> {
        let Some(machine) = view.machines.get(&self.source.node) else {
            return self.no_way(to, Choice::NoRules, Entry::Direct, view, Silence::NoRules);
        };
        if let Some((key, rules)) = caught(machine, to, service.as_ref()) {
            let (entry, reach) = match *rules.cluster_ip == **to {
                true => (Entry::ClusterIp, Reach::Inside),
                false => (Entry::External, Reach::Across),
            };
            let port = self.port.map(i32::from);
            let is_meant = |it: &PortRules| port.is_none_or(|port| it.port == port) && self.speaks_to(it);
            let place = rules.ports.iter().position(is_meant);
            let packet = self.packet(to, place.and_then(|place| rules.ports.get(place)).map(|it| it.port));
            let way = Way { machine, key, rules, place, entry, reach, packet };
            return self.choose(view, connections, way, now);
        }
        if let Some((machine, key, rules, place)) = self.node_port(view, to) {
            let packet = self.packet(to, rules.ports[place].node_port);
            // Another node takes what comes from a node for something from outside; pods it knows by their addresses.
            let is_inside = self.source.pod.is_some() || machine.name == self.source.node;
            let reach = if is_inside { Reach::Across } else { Reach::Outside };
            let (place, entry) = (Some(place), Entry::NodePort);
            let way = Way { machine, key, rules, place, entry, reach, packet };
            return self.choose(view, connections, way, now);
        }
        if is_service_address(to) {
            return self.no_way(to, Choice::NoRules, Entry::ClusterIp, view, Silence::NoRules);
        }
        let endpoint = service.as_ref().and_then(|service| endpoint_of(view.watched, service, to));
        let port = self.port.map(i32::from).or(endpoint.as_ref().and_then(|(_, port)| *port));
        let packet = self.packet(to, port);
        let pod = endpoint.and_then(|(endpoint, _)| Some((endpoint.node.clone()?, endpoint.pod.clone()?)));
        let (node, pod) = pod.map_or((None, None), |(node, pod)| (Some(node), Some(pod)));
        let (port, protocol) = (packet.destination.1, self.protocol);
        let target = Target { address: to.clone(), port, protocol, node, pod };
        let pick = Pick {
            node: self.source.node.clone(),
            mode: view.simulation.proxy_mode,
            entry: Entry::Direct,
            rules: None,
            port: 0,
            reach: Reach::Inside,
            choice: Choice::Direct,
            chosen: None,
            is_stale: false,
            after: Some(packet.clone()),
            before: packet,
        };
        self.go_on(Hop::Pick(pick), Stage::Travelling(target, Judged::Nothing), PACKET_TRIP)
    }

    /// A packet comes from outside, to a node's port or a load balancer in front of the nodes.
    fn enter(&mut self, view: &View<'_>, connections: &mut Connections, now: Time) -> Option<Duration> {
        let key = named_service(&self.host, "default");
        let Some(machine) = view.machines.get(&self.source.node) else {
            return self.no_way(&self.host.clone(), Choice::NoWayIn, Entry::NodePort, view, Silence::NoWayIn);
        };
        let Some(rules) = machine.rules.service(&key).cloned() else {
            return self.no_way(&machine.address, Choice::NoRules, Entry::NodePort, view, Silence::NoRules);
        };
        let wanted = self.port.map(i32::from);
        let place = rules
            .ports
            .iter()
            .enumerate()
            .filter(|(_, it)| self.speaks_to(it))
            .find(|(_, it)| wanted.is_none_or(|wanted| it.port == wanted || it.node_port == Some(wanted)))
            .map(|(place, _)| place);
        let balancer = rules.external_ips.first().cloned();
        let node_port = place.and_then(|place| rules.ports[place].node_port);
        let (entry, packet) = match (balancer, node_port) {
            (Some(address), _) => {
                (Entry::External, self.packet(&address, place.map(|place| rules.ports[place].port)))
            }
            (None, Some(port)) => (Entry::NodePort, self.packet(&machine.address, Some(port))),
            (None, None) => {
                let host = self.host.clone();
                return self.no_way(&host, Choice::NoWayIn, Entry::NodePort, view, Silence::NoWayIn);
            }
        };
        let reach = Reach::Outside;
        self.choose(view, connections, Way { machine, key, rules, place, entry, reach, packet }, now)
    }

    fn choose(
        &mut self,
        view: &View<'_>,
        connections: &mut Connections,
        way: Way<'_>,
        now: Time,
    ) -> Option<Duration> {
        let Way { machine, key, rules, place, entry, reach, packet } = way;
        let mode = view.simulation.proxy_mode;
        let (chosen, choice) = match place {
            None => (None, Choice::NoSuchPort),
            Some(place) => {
                let (node, client) = (&machine.name, &self.source.address);
                let (service, rules, port) = (&key, &*rules, &rules.ports[place]);
                let asking = Asking { node, service, rules, port, client, reach, mode, now };
                connections.choose(&asking, &mut self.luck)
            }
        };
        let target = place.zip(chosen).map(|(place, chosen)| {
            let destination = &rules.ports[place].backends(reach).destinations[chosen];
            let endpoint = &destination.endpoint;
            Target {
                address: endpoint.addresses.first().cloned().unwrap_or_default(),
                port: u16::try_from(destination.port).unwrap_or_default(),
                protocol: self.protocol,
                node: endpoint.node.clone(),
                pod: endpoint.pod.clone(),
            }
        });
        let after = target.as_ref().map(|target| self.translated(&packet, target, &rules, machine));
        let is_stale = machine.rules.is_stale(&key, view.store);
        let hop = Hop::Pick(Pick {
            node: machine.name.clone(),
            mode,
            entry,
            rules: Some((key, rules)),
            port: place.unwrap_or(0),
            reach,
            choice,
            chosen,
            is_stale,
            before: packet,
            after,
        });
        match (target, choice) {
            (Some(target), _) => self.go_on(hop, Stage::Travelling(target, Judged::Nothing), PACKET_TRIP),
            (None, Choice::NoLocalEndpoint) => self.end(hop, Outcome::TimedOut(Silence::NoLocalEndpoint)),
            (None, Choice::NoSuchPort) => self.end(hop, Outcome::TimedOut(Silence::NoSuchPort)),
            (None, _) => self.end(hop, Outcome::Refused),
        }
    }

    /// Whether a Service's port is for what it speaks.
    fn speaks_to(&self, port: &PortRules) -> bool {
        port.protocol == self.protocol
    }

    /// The packet with its new destination. One from outside gets the node's address as its source, unless the Service
    /// keeps it on the node: answers must come back the same way.
    fn translated(
        &self,
        packet: &Packet,
        target: &Target,
        rules: &ServiceRules,
        machine: &Machine,
    ) -> Packet {
        let hides = self.source.is_outside && !rules.keeps_source;
        let source = if hides { (machine.address.clone(), packet.source.1) } else { packet.source.clone() };
        Packet { source, destination: (target.address.clone(), target.port) }
    }

    /// Policies are asked where the packet leaves its pod and where it reaches one; then it is there.
    fn travel(&mut self, view: &View<'_>, target: Target, judged: Judged, now: Time) -> Option<Duration> {
        if view.store.count::<NetworkPolicy>() > 0 {
            for direction in [Direction::Egress, Direction::Ingress] {
                let after = if direction == Direction::Egress { Judged::Egress } else { Judged::Both };
                if judged >= after {
                    continue;
                }
                let Some(judge) = self.judge(view, &target, direction) else { continue };
                let hop_allows = judge.allowed_by.is_some();
                if !hop_allows {
                    return self.end(Hop::Judge(judge), Outcome::TimedOut(Silence::Denied(direction)));
                }
                return self.go_on(Hop::Judge(judge), Stage::Travelling(target, after), Duration::ZERO);
            }
        }
        let (node, pod, finding) = find(view, &target);
        if let (Finding::Answers(serving), Some(node), Some(pod)) = (&finding, &node, &pod)
            && serving.takes > Duration::ZERO
        {
            let work = Work::begin(node.clone(), pod.clone(), serving.clone(), now);
            let wait = work.ends().since(now);
            let at = (target.address, target.port);
            let arrive = Arrive { node: Some(node.clone()), pod: Some(pod.clone()), at, finding };
            return self.go_on(Hop::Arrive(arrive), Stage::Working(work), wait);
        }
        let outcome = match &finding {
            Finding::Answers(_) | Finding::Beyond => Outcome::Answered,
            Finding::Nobody(loss) => Outcome::Lost(*loss),
        };
        let at = (target.address, target.port);
        self.end(Hop::Arrive(Arrive { node, pod, at, finding }), outcome)
    }

    fn judge(&self, view: &View<'_>, target: &Target, direction: Direction) -> Option<Judge> {
        let own = self.source.pod.as_ref();
        let own = own.and_then(|(key, uid)| object_of(view, Some(&self.source.node), key, *uid));
        let (host, pod, _) = find(view, target);
        let other = pod.as_ref().and_then(|(key, uid)| object_of(view, host.as_ref(), key, *uid));
        let (judged, peer, node) = match direction {
            Direction::Egress => {
                (own?, Peer { address: &target.address, pod: other.as_deref() }, self.source.node.clone())
            }
            Direction::Ingress => {
                let node = host?;
                // A node reaches its own pods, whatever policies say.
                if own.is_none() && !self.source.is_outside && node == self.source.node {
                    return None;
                }
                (other?, Peer { address: &self.source.address, pod: own.as_deref() }, node)
            }
        };
        let verdict = policy::judge(view.store, &judged, direction, peer, (target.port, target.protocol))?;
        let pod = judged.key.clone();
        Some(Judge { node, direction, pod, policies: verdict.policies, allowed_by: verdict.allowed_by })
    }

    /// The request ends where no rule says anything about its address.
    fn no_way(
        &mut self,
        to: &Rc<str>,
        choice: Choice,
        entry: Entry,
        view: &View<'_>,
        silence: Silence,
    ) -> Option<Duration> {
        let pick = Pick {
            node: self.source.node.clone(),
            mode: view.simulation.proxy_mode,
            entry,
            rules: None,
            port: 0,
            reach: if self.source.is_outside { Reach::Outside } else { Reach::Inside },
            choice,
            chosen: None,
            is_stale: false,
            before: self.packet(to, None),
            after: None,
        };
        self.end(Hop::Pick(pick), Outcome::TimedOut(silence))
    }

    /// The port of a node that a packet is for, if it is a Service's.
    fn node_port<'a>(&self, view: &View<'a>, to: &str) -> Option<OnNode<'a>> {
        let port = Some(i32::from(self.port?));
        let machine = view.machines.values().find(|machine| *machine.address == *to)?;
        machine.rules.services().find_map(|(key, rules)| {
            let place = rules
                .ports
                .iter()
                .position(|it| it.node_port.is_some() && it.node_port == port && self.speaks_to(it))?;
            Some((&**machine, key.clone(), rules.clone(), place))
        })
    }

    /// The packet for an address, to this port: that of the client's wish where there is none.
    fn packet(&self, to: &Rc<str>, port: Option<i32>) -> Packet {
        let port = port.and_then(|port| u16::try_from(port).ok()).or(self.port).unwrap_or(HTTP);
        Packet { source: (self.source.address.clone(), self.source.port), destination: (to.clone(), port) }
    }
}

/// A packet that a Service's rules have caught.
struct Way<'a> {
    machine: &'a Machine,
    key: Key,
    rules: Rc<ServiceRules>,
    place: Option<usize>,
    entry: Entry,
    reach: Reach,
    packet: Packet,
}

/// A machine, and the port of a Service that it answers on.
type OnNode<'a> = (&'a Machine, Key, Rc<ServiceRules>, usize);

/// The Service that a name means which is no full DNS name: `web`, `web.shop`, `web.shop.svc.cluster.local`.
pub(super) fn named_service(host: &str, namespace: &str) -> Key {
    let mut parts = host.split('.');
    let name = parts.next().unwrap_or_default();
    Key::new(parts.next().unwrap_or(namespace), name)
}

/// The Service whose rules catch packets for this address. `likely` is the one that DNS answered for.
fn caught(machine: &Machine, to: &str, likely: Option<&Key>) -> Option<(Key, Rc<ServiceRules>)> {
    let is_for =
        |rules: &ServiceRules| *rules.cluster_ip == *to || rules.external_ips.iter().any(|ip| **ip == *to);
    if let Some(key) = likely
        && let Some(rules) = machine.rules.service(key)
        && is_for(rules)
    {
        return Some((key.clone(), rules.clone()));
    }
    let found = machine.rules.services().find(|(_, rules)| is_for(rules));
    found.map(|(key, rules)| (key.clone(), rules.clone()))
}

fn is_service_address(address: &str) -> bool {
    let (network, mask) = SERVICE_NETWORK;
    address.parse::<Ipv4Addr>().is_ok_and(|address| u32::from(address) & mask == network)
}

/// The endpoint of a headless Service with this address, and its first port.
fn endpoint_of(store: &Store, service: &Key, address: &str) -> Option<(Rc<Endpoint>, Option<i32>)> {
    store.slices_of(service).find_map(|slice| {
        let mut endpoints = slice.spec.endpoints.iter();
        let found = endpoints.find(|endpoint| endpoint.addresses.iter().any(|known| **known == *address))?;
        Some((found.clone(), slice.spec.ports.first().and_then(|port| port.port)))
    })
}

/// A pod's object: as the API has it, or else as its kubelet knew it.
fn object_of(view: &View<'_>, node: Option<&Rc<str>>, key: &Key, uid: Uid) -> Option<Rc<Pod>> {
    let stored = view.store.get::<Pod>(key);
    if let Some(pod) = stored.filter(|pod| pod.uid == uid) {
        return Some(pod.clone());
    }
    let local = node.and_then(|node| view.machines.get(node)).and_then(|machine| machine.pod_of(uid, key));
    local.map(|pod| pod.object().clone())
}

fn is_empty_answer(hop: &Hop) -> bool {
    matches!(hop, Hop::Answer(answer) if answer.reply.code == Code::NoError)
}
