//! kube-proxy: turns EndpointSlices into the rules of one node; the node's kernel follows them.
//!
//! kube-proxy never touches a packet. It writes, at most once a second, for each port of a Service the list of
//! usable endpoints: the ready ones, or else those that still serve while they terminate. The kernel then picks one
//! at random per connection, and rejects where the list is empty. Upstream: `pkg/proxy`, `pkg/proxy/topology.go`.

use std::rc::Rc;

use crate::persistent::{Map, Set};
use k8s_openapi::api::core::v1 as core;

use crate::api::endpoint_slice::Hints;
use crate::api::{Endpoint, EndpointSlice, Key, Node, Object, Service};
use crate::apiserver::{Change, Store};
use crate::kubelet::{Effect, Machine, MachineChange};
use crate::plan::{Plan, Snapshot};
use crate::simulation::{Protocol, Simulation};
use crate::time::{Duration, Time};
use crate::why;

/// The node label that names its zone.
const ZONE_LABEL: &str = "topology.kubernetes.io/zone";
/// How long a client stays with its endpoint where the Service does not say: three hours.
const AFFINITY_SECONDS: i32 = 10_800;

/// Services with this label are another proxy's.
const OTHER_PROXY: &str = "service.kubernetes.io/service-proxy-name";

/// What a node's kernel does with packets for Services.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProxyRules {
    services: Map<Key, Rc<ServiceRules>>,
    /// The Services that changed since the rules were written.
    behind: Set<Key>,
    /// When they were written last.
    written: Option<Time>,
    /// Since when they have been behind.
    behind_since: Option<Time>,
}

/// The rules for one Service.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceRules {
    /// The revision of kube-proxy's cache that they were written from.
    pub revision: u64,
    /// When they were written.
    pub written: Time,
    /// The address that they catch packets for.
    pub cluster_ip: Rc<str>,
    /// One for each port of the Service.
    pub ports: Vec<PortRules>,
    /// Further addresses from outside of the cluster: those of load balancers, and `spec.externalIPs`.
    pub external_ips: Vec<Rc<str>>,
    /// For how long a client's connections go to the endpoint of the one before. `spec.sessionAffinity`
    pub affinity: Option<Duration>,
    /// Whether packets from outside keep their client's address as their source. `spec.externalTrafficPolicy: Local`
    pub keeps_source: bool,
    /// Where load balancers ask whether this node has endpoints. `spec.healthCheckNodePort`
    pub health_port: Option<i32>,
    slices: Vec<Rc<EndpointSlice>>,
    /// Whether they are this node's alone: they depend on where it is.
    is_local: bool,
}

/// The rules for one port of a Service.
#[derive(Clone, Debug, PartialEq)]
pub struct PortRules {
    /// `spec.ports[].port`
    pub port: i32,
    /// `spec.ports[].protocol`
    pub protocol: Protocol,
    /// `spec.ports[].nodePort`, if it has one.
    pub node_port: Option<i32>,
    /// Where packets from inside of the cluster may go: `spec.internalTrafficPolicy`.
    pub inside: Backends,
    /// Where packets from outside may go, if elsewhere: `spec.externalTrafficPolicy`.
    pub outside: Option<Backends>,
    /// Where packets from inside may go that come by an address for outside, if elsewhere: to any endpoint.
    pub across: Option<Backends>,
}

/// How a packet comes to a Service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// From inside of the cluster, by the Service's own address.
    Inside,
    /// From inside, by an address that is for outside: a node's port, or that of a load balancer.
    Across,
    /// From outside.
    Outside,
}

/// Where packets may go.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Backends {
    /// The usable endpoints. Empty: packets are rejected.
    pub destinations: Vec<Destination>,
    /// Whether packets are dropped: there are endpoints, but none on this node, and the policy is `Local`.
    pub drops: bool,
    /// Whether none of them is ready: those that still serve while they terminate are better than nothing.
    pub is_fallback: bool,
}

/// An endpoint that packets may be sent to.
#[derive(Clone, Debug, PartialEq)]
pub struct Destination {
    /// Its address and what is known of it.
    pub endpoint: Rc<Endpoint>,
    /// The port on it.
    pub port: i32,
}

/// A Service and the rules that it gets; `None` where its rules go.
pub type NewRules = (Key, Option<Rc<ServiceRules>>);

impl ProxyRules {
    /// The rules for a Service; `None` where this node has none.
    pub fn service(&self, key: &Key) -> Option<&Rc<ServiceRules>> {
        self.services.get(key)
    }

    /// Every Service with rules.
    pub fn services(&self) -> impl Iterator<Item = (&Key, &Rc<ServiceRules>)> {
        self.services.iter()
    }

    /// Whether kube-proxy knows that this Service's rules are behind and has yet to write them.
    pub fn is_behind(&self, key: &Key) -> bool {
        self.behind.contains(key)
    }

    /// Whether the rules for a Service say something else than the slices in `store` do.
    pub fn is_stale(&self, key: &Key, store: &Store) -> bool {
        let known = self.services.get(key).map(|rules| rules.slices.as_slice()).unwrap_or_default();
        let mut slices = store.slices_of(key);
        let is_same = |known: &Rc<EndpointSlice>, slice: &Rc<EndpointSlice>| {
            Rc::ptr_eq(&known.spec, &slice.spec) || known.spec == slice.spec
        };
        let same = known.iter().all(|known| slices.next().is_some_and(|slice| is_same(known, slice)));
        !same || slices.next().is_some()
    }

    /// When the rules were written last.
    pub fn written(&self) -> Option<Time> {
        self.written
    }
}

impl ServiceRules {
    /// The slices that the rules were written from.
    pub fn slices(&self) -> impl Iterator<Item = &EndpointSlice> {
        self.slices.iter().map(|slice| &**slice)
    }

    /// The endpoints that packets may be sent to, port by port.
    pub fn usable_endpoints(&self) -> impl Iterator<Item = &Rc<Endpoint>> {
        self.ports
            .iter()
            .flat_map(|port| port.inside.destinations.iter().map(|destination| &destination.endpoint))
    }

    /// The rules for a port; for the first one without a number.
    pub fn port(&self, number: Option<i32>) -> Option<&PortRules> {
        match number {
            Some(number) => self.ports.iter().find(|rules| rules.port == number),
            None => self.ports.first(),
        }
    }

    /// Whether a load balancer that asks this node is told to send it packets: it has a usable endpoint.
    pub fn is_healthy(&self) -> bool {
        self.ports.iter().any(|port| !port.backends(Reach::Outside).destinations.is_empty())
    }
}

impl PortRules {
    /// Where packets may go, by how they come.
    pub fn backends(&self, reach: Reach) -> &Backends {
        let other = match reach {
            Reach::Inside => None,
            Reach::Across => self.across.as_ref(),
            Reach::Outside => self.outside.as_ref(),
        };
        other.unwrap_or(&self.inside)
    }
}

impl Backends {
    /// The place of a destination drawn by lot; `None` where there is none. `luck` is 64 random bits: every endpoint is
    /// as likely as any other.
    pub fn at_random(&self, luck: u64) -> Option<usize> {
        let place = (u128::from(luck) * self.destinations.len() as u128) >> 64;
        (!self.destinations.is_empty()).then_some(place as usize)
    }
}

impl Destination {
    /// Its address; empty for one without.
    pub fn address(&self) -> &str {
        self.endpoint.addresses.first().map_or("", |address| address)
    }
}

/// The Service whose rules may differ after a change.
pub fn concerned(change: &Change) -> Option<Key> {
    match change.subject()? {
        Object::Service(service) => Some(service.key.clone()),
        Object::EndpointSlice(slice) => slice.service(),
        _ => None,
    }
}

/// Whether a node's kube-proxy writes rules for a Service, or has written some that must go.
pub fn follows(machine: &Machine, cache: &Store, service: &Key) -> bool {
    cache.get::<Service>(service).is_some_and(|service| is_ours(service))
        || machine.rules.service(service).is_some()
}

/// Takes note that a Service's rules are behind.
pub fn notice(machine: &mut Machine, service: &Key, now: Time) {
    let rules = Rc::make_mut(&mut machine.rules);
    rules.behind.insert(service.clone());
    rules.behind_since.get_or_insert(now);
}

/// When a kube-proxy writes rules that fall behind now.
pub fn next_write(machine: &Machine, now: Time, simulation: &Simulation) -> Time {
    let lag = simulation.proxies.get(&machine.name).copied().unwrap_or(simulation.latencies.proxy);
    let soon = now + lag;
    machine.rules.written.map_or(soon, |written| soon.max(written + simulation.latencies.proxy_minimum))
}

/// One look by a node's kube-proxy. `snapshot.store` is its cache. What the `neighbour` has just written from the same
/// cache is shared: most rules are the same on every node.
pub fn sync(snapshot: &Snapshot<'_>, machine: &Machine, neighbour: Option<&Machine>, plan: &mut Plan) {
    let behind = &machine.rules.behind;
    let (Some(first), Some(since)) = (behind.first(), machine.rules.behind_since) else {
        return plan.nothing_to_do(why::Proxy::UpToDate);
    };
    let new_rules = |key: &Key| {
        let known = neighbour.and_then(|neighbour| neighbour.rules.service(key));
        let same = |rules: &&Rc<ServiceRules>| {
            !rules.is_local && rules.revision == snapshot.store.revision() && rules.written == snapshot.now
        };
        let shared = known.filter(same).cloned();
        shared.or_else(|| rules_for(snapshot.store, key, &machine.name, snapshot.now).map(Rc::new))
    };
    let written: Vec<NewRules> = behind.iter().map(|key| (key.clone(), new_rules(key))).collect();
    let endpoints = |rules: &ServiceRules| -> usize {
        rules.ports.iter().map(|port| port.inside.destinations.len()).sum()
    };
    let old = behind.iter().filter_map(|key| machine.rules.service(key));
    let why = why::Proxy::RulesBehind {
        service: first.name.clone(),
        others: behind.len() - 1,
        before: old.map(|rules| endpoints(rules)).sum(),
        after: written.iter().filter_map(|(_, rules)| rules.as_ref()).map(|rules| endpoints(rules)).sum(),
        behind_ms: snapshot.now.since(since).as_millis(),
    };
    plan.effect(Effect::WriteProxyRules(written.into()), why);
}

/// Puts rules into force.
pub(crate) fn write(machine: &mut Machine, written: &[NewRules], now: Time) -> MachineChange {
    let rules = Rc::make_mut(&mut machine.rules);
    for (key, new) in written {
        rules.behind.remove(key);
        match new {
            Some(new) => rules.services.insert(key.clone(), new.clone()),
            None => {
                rules.services.remove(key);
            }
        }
    }
    rules.written = Some(now);
    rules.behind_since = (!rules.behind.is_empty()).then_some(now);
    let services = written.iter().map(|(key, _)| key.clone()).collect();
    MachineChange::RulesWritten { node: machine.name.clone(), services }
}

/// Whether a Service gets rules: it has an address, and no other proxy claims it.
fn is_ours(service: &Service) -> bool {
    service.cluster_ip().is_some() && service.label(OTHER_PROXY).is_none()
}

/// The rules for one Service on one node; `None` where it gets none.
fn rules_for(cache: &Store, key: &Key, node: &str, now: Time) -> Option<ServiceRules> {
    let service = cache.get::<Service>(key).filter(|service| is_ours(service))?;
    let slices: Vec<Rc<EndpointSlice>> =
        cache.slices_of(key).filter(|slice| &*slice.spec.address_type == "IPv4").cloned().collect();
    let spec = &service.spec;
    let is_local = |policy: &Option<String>| policy.as_deref() == Some("Local");
    let zone = cache.get_cluster_wide::<Node>(node).and_then(|node| node.label(ZONE_LABEL));
    let site = Site { node, zone };
    let policies = (is_local(&spec.internal_traffic_policy), is_local(&spec.external_traffic_policy));
    let hinted = slices.iter().flat_map(|slice| slice.spec.endpoints.iter()).any(|it| it.hints.is_some());
    let ingress = service.status.load_balancer.iter().flat_map(|balancer| balancer.ingress.iter().flatten());
    let balanced = ingress.filter_map(|ingress| ingress.ip.as_deref());
    let external = spec.external_ips.iter().flatten().map(String::as_str);
    let affinity = (spec.session_affinity.as_deref() == Some("ClientIP")).then(|| {
        let config = spec.session_affinity_config.as_ref().and_then(|config| config.client_ip.as_ref());
        let seconds = config.and_then(|client| client.timeout_seconds).unwrap_or(AFFINITY_SECONDS);
        Duration::from_seconds(u64::try_from(seconds).unwrap_or_default())
    });
    Some(ServiceRules {
        revision: cache.revision(),
        written: now,
        cluster_ip: service.cluster_ip()?.into(),
        ports: service.ports().iter().map(|port| port_rules(port, &slices, site, policies)).collect(),
        external_ips: balanced.chain(external).map(Into::into).collect(),
        affinity,
        keeps_source: policies.1,
        health_port: spec.health_check_node_port.filter(|port| *port > 0),
        is_local: policies.0 || policies.1 || hinted,
        slices,
    })
}

/// Where a node is.
#[derive(Clone, Copy)]
struct Site<'a> {
    node: &'a str,
    zone: Option<&'a str>,
}

/// Whether packets from inside, and those from outside, stay on their node.
type StayLocal = (bool, bool);

/// Upstream: `CategorizeEndpoints`.
fn port_rules(
    port: &core::ServicePort,
    slices: &[Rc<EndpointSlice>],
    site: Site<'_>,
    (inside, outside): StayLocal,
) -> PortRules {
    let name = port.name.as_deref().unwrap_or_default();
    let mut all = Vec::new();
    for slice in slices {
        let target =
            slice.spec.ports.iter().find(|target| target.name.as_deref().unwrap_or_default() == name);
        let Some(target) = target.and_then(|target| target.port) else { continue };
        all.extend(slice.spec.endpoints.iter().map(|endpoint| (endpoint, target)));
    }
    let backends = |stays: bool| if stays { local(&all, site) } else { cluster(&all, site) };
    PortRules {
        port: port.port,
        protocol: Protocol::read(port.protocol.as_deref()),
        node_port: port.node_port.filter(|port| *port > 0),
        inside: backends(inside),
        outside: (inside != outside).then(|| backends(outside)),
        across: inside.then(|| backends(false)),
    }
}

type Candidate<'a> = (&'a Rc<Endpoint>, i32);

/// The ready endpoints near the node; all ready ones where topology does not decide; or else those that still serve
/// while they terminate.
fn cluster(all: &[Candidate<'_>], site: Site<'_>) -> Backends {
    let ready: Vec<Candidate<'_>> = all.iter().filter(|(endpoint, _)| endpoint.ready).copied().collect();
    let is_fallback = ready.is_empty();
    let usable = if is_fallback {
        all.iter().filter(|(endpoint, _)| is_serving_on(endpoint)).copied().collect()
    } else {
        near(ready, site)
    };
    Backends { destinations: destinations(&usable), drops: false, is_fallback }
}

/// The ready endpoints of the node itself, or else those of it that still serve while they terminate.
fn local(all: &[Candidate<'_>], site: Site<'_>) -> Backends {
    let here = |endpoint: &Endpoint| endpoint.node.as_deref() == Some(site.node);
    let pick = |wanted: &dyn Fn(&Endpoint) -> bool| -> Vec<Candidate<'_>> {
        all.iter().filter(|(endpoint, _)| here(endpoint) && wanted(endpoint)).copied().collect()
    };
    let mut usable = pick(&|endpoint| endpoint.ready);
    let is_fallback = usable.is_empty();
    if is_fallback {
        usable = pick(&is_serving_on);
    }
    let drops =
        usable.is_empty() && all.iter().any(|(endpoint, _)| endpoint.ready || is_serving_on(endpoint));
    Backends { destinations: destinations(&usable), drops, is_fallback }
}

fn is_serving_on(endpoint: &Endpoint) -> bool {
    endpoint.serving && endpoint.terminating
}

/// One of the two lists of an endpoint's hints.
type Meant = fn(&Hints) -> &[Rc<str>];

/// Those of the ready endpoints that are meant for this node, or else for its zone: where every one of them says whom
/// it is for, and one of them is. Upstream: `topologyModeFromHints`.
fn near<'a>(ready: Vec<Candidate<'a>>, site: Site<'_>) -> Vec<Candidate<'a>> {
    let nodes: Meant = |hints| &hints.nodes;
    let zones: Meant = |hints| &hints.zones;
    for (meant, name) in [(nodes, Some(site.node)), (zones, site.zone)] {
        let Some(name) = name else { continue };
        let listed =
            |endpoint: &Endpoint| endpoint.hints.as_deref().map_or_else(Vec::new, |it| meant(it).to_vec());
        if ready.iter().any(|(endpoint, _)| listed(endpoint).is_empty()) {
            continue;
        }
        let is_meant = |endpoint: &Endpoint| listed(endpoint).iter().any(|known| **known == *name);
        let close: Vec<Candidate<'a>> =
            ready.iter().filter(|(endpoint, _)| is_meant(endpoint)).copied().collect();
        if !close.is_empty() {
            return close;
        }
    }
    ready
}

fn destinations(usable: &[Candidate<'_>]) -> Vec<Destination> {
    let one = |(endpoint, port): &Candidate<'_>| Destination { endpoint: Rc::clone(endpoint), port: *port };
    usable.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::endpoint_slice::Slice;
    use crate::api::{Meta, Resource, Uid};
    use k8s_openapi::api::discovery::v1::EndpointPort;

    fn endpoint(last: u8, ready: bool, serving: bool, terminating: bool) -> Rc<Endpoint> {
        Rc::new(Endpoint {
            addresses: vec![format!("10.244.1.{last}").into()],
            ready,
            serving,
            terminating,
            absent: Default::default(),
            hostname: None,
            node: Some(if last < 10 { "node-1".into() } else { "node-2".into() }),
            zone: None,
            hints: None,
            pod: None,
        })
    }

    /// Where packets from inside of the cluster go on node-1, or on another one in the zone a.
    fn rules(endpoints: Vec<Rc<Endpoint>>, only: Option<&str>) -> Backends {
        let site = Site { node: only.unwrap_or("node-9"), zone: Some("a") };
        let ports = vec![EndpointPort { port: Some(8080), ..EndpointPort::default() }];
        let slice = Slice { address_type: "IPv4".into(), ports: Rc::new(ports), endpoints };
        let slice = Resource {
            key: Key::new("default", "web-1"),
            uid: Uid::default(),
            resource_version: 1,
            meta: Rc::new(Meta::default()),
            spec: Rc::new(slice),
            status: (),
        };
        let port = core::ServicePort { port: 80, ..Default::default() };
        port_rules(&port, &[Rc::new(slice)], site, (only.is_some(), false)).inside
    }

    fn addresses(rules: &Backends) -> Vec<&str> {
        rules.destinations.iter().map(Destination::address).collect()
    }

    #[test]
    fn ready_endpoints_come_before_those_that_terminate() {
        let all = vec![
            endpoint(2, true, true, false),
            endpoint(3, false, true, true),
            endpoint(4, false, false, false),
        ];
        assert_eq!(addresses(&rules(all, None)), ["10.244.1.2"]);
    }

    #[test]
    fn where_all_terminate_those_that_serve_are_used() {
        let all = vec![
            endpoint(3, false, true, true),
            endpoint(4, false, false, true),
            endpoint(5, false, true, false),
        ];
        assert_eq!(addresses(&rules(all, None)), ["10.244.1.3"]);
    }

    #[test]
    fn without_usable_endpoints_connections_are_rejected() {
        let none = rules(vec![endpoint(4, false, false, false)], None);
        assert_eq!((none.at_random(7), none.drops), (None, false));
    }

    #[test]
    fn a_local_service_drops_what_another_node_could_answer() {
        let far = rules(vec![endpoint(12, true, true, false)], Some("node-1"));
        assert_eq!((far.at_random(7), far.drops), (None, true));
        let near =
            rules(vec![endpoint(12, true, true, false), endpoint(2, true, true, false)], Some("node-1"));
        assert_eq!(addresses(&near), ["10.244.1.2"]);
    }

    #[test]
    fn hints_decide_where_all_endpoints_have_them_and_one_is_near() {
        let hinted = |last, zone: &str, node: &str| {
            let hints = Hints { zones: vec![zone.into()], nodes: vec![node.into()] };
            Rc::new(Endpoint { hints: Some(Rc::new(hints)), ..(*endpoint(last, true, true, false)).clone() })
        };
        let by_zone = vec![hinted(2, "a", "node-1"), hinted(12, "b", "node-2")];
        assert_eq!(addresses(&rules(by_zone.clone(), None)), ["10.244.1.2"]);
        let by_node = vec![hinted(2, "a", "node-1"), hinted(12, "b", "node-9")];
        assert_eq!(addresses(&rules(by_node, None)), ["10.244.1.12"]);
        let one_silent = [by_zone, vec![endpoint(3, true, true, false)]].concat();
        assert_eq!(addresses(&rules(one_silent, None)).len(), 3);
    }

    #[test]
    fn every_endpoint_is_as_likely_as_any_other() {
        let three = rules((2..5).map(|last| endpoint(last, true, true, false)).collect(), None);
        let mut rng = crate::rng::Rng::new(1);
        let mut hits = [0; 3];
        for _ in 0..3000 {
            hits[three.at_random(rng.bits()).expect("a destination")] += 1;
        }
        assert!(hits.iter().all(|count| (900..1100).contains(count)), "{hits:?}");
    }
}
