//! kube-proxy: turns EndpointSlices into the rules of one node; the node's kernel follows them.
//!
//! kube-proxy never touches a packet. It writes, at most once a second, for each port of a Service the list of
//! usable endpoints: the ready ones, or else those that still serve while they terminate. The kernel then picks one
//! at random per connection, and rejects where the list is empty. Upstream: `pkg/proxy`, `pkg/proxy/topology.go`.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;
use rpds::{RedBlackTreeMap, RedBlackTreeSet};

use crate::api::{Endpoint, EndpointSlice, Key, Object, Service};
use crate::apiserver::{Change, Store};
use crate::kubelet::{Effect, Machine, MachineChange};
use crate::plan::{Plan, Snapshot};
use crate::simulation::Simulation;
use crate::time::Time;
use crate::why;

/// Services with this label are another proxy's.
const OTHER_PROXY: &str = "service.kubernetes.io/service-proxy-name";

/// What a node's kernel does with packets for Services.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProxyRules {
    services: RedBlackTreeMap<Key, Rc<ServiceRules>>,
    /// The Services that changed since the rules were written.
    behind: RedBlackTreeSet<Key>,
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
    slices: Vec<Rc<EndpointSlice>>,
    /// Whether they are this node's alone: its Service stays on the node.
    is_local: bool,
}

/// The rules for one port of a Service.
#[derive(Clone, Debug, PartialEq)]
pub struct PortRules {
    /// `spec.ports[].port`
    pub port: i32,
    /// `spec.ports[].nodePort`, if it has one.
    pub node_port: Option<i32>,
    /// Where packets may go. Empty: they are rejected.
    pub destinations: Vec<Destination>,
    /// Whether packets are dropped: there are endpoints, but none on this node, and the Service is `Local`.
    pub drops: bool,
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

/// What the kernel does with the first packet of a connection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Route<'a> {
    /// Sends it on.
    To(&'a Destination),
    /// Answers that nobody is there.
    Rejected,
    /// Lets it fall.
    Dropped,
}

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
        let same = known.iter().all(|known| slices.next().is_some_and(|slice| known.spec == slice.spec));
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
        self.ports.iter().flat_map(|port| port.destinations.iter().map(|destination| &destination.endpoint))
    }

    /// The rules for a port; for the first one without a number.
    pub fn port(&self, number: Option<i32>) -> Option<&PortRules> {
        match number {
            Some(number) => self.ports.iter().find(|rules| rules.port == number),
            None => self.ports.first(),
        }
    }
}

impl PortRules {
    /// Where a connection goes. `luck` is 64 random bits: every endpoint is as likely as any other.
    pub fn route(&self, luck: u64) -> Route<'_> {
        let place = (u128::from(luck) * self.destinations.len() as u128) >> 64;
        match self.destinations.get(place as usize) {
            Some(destination) => Route::To(destination),
            None if self.drops => Route::Dropped,
            None => Route::Rejected,
        }
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
    rules.behind.insert_mut(service.clone());
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
    let endpoints =
        |rules: &ServiceRules| -> usize { rules.ports.iter().map(|port| port.destinations.len()).sum() };
    let old = behind.iter().filter_map(|key| machine.rules.service(key));
    let why = why::Proxy::RulesBehind {
        service: first.name.clone(),
        others: behind.size() - 1,
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
        rules.behind.remove_mut(key);
        match new {
            Some(new) => rules.services.insert_mut(key.clone(), new.clone()),
            None => {
                rules.services.remove_mut(key);
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
    let is_local = service.spec.internal_traffic_policy.as_deref() == Some("Local");
    let ports = service.ports().iter().map(|port| port_rules(port, &slices, is_local.then_some(node)));
    Some(ServiceRules {
        revision: cache.revision(),
        written: now,
        cluster_ip: service.cluster_ip()?.into(),
        ports: ports.collect(),
        slices,
        is_local,
    })
}

/// Upstream: `CategorizeEndpoints`. `only` is the node that a `Local` Service stays on.
fn port_rules(port: &core::ServicePort, slices: &[Rc<EndpointSlice>], only: Option<&str>) -> PortRules {
    let name = port.name.as_deref().unwrap_or_default();
    let mut serving = Vec::new();
    for slice in slices {
        let target =
            slice.spec.ports.iter().find(|target| target.name.as_deref().unwrap_or_default() == name);
        let Some(target) = target.and_then(|target| target.port) else { continue };
        serving.extend(slice.spec.endpoints.iter().map(|endpoint| (endpoint, target)));
    }
    let is_here = |endpoint: &Endpoint| only.is_none_or(|node| endpoint.node.as_deref() == Some(node));
    let pick = |wanted: &dyn Fn(&Endpoint) -> bool| -> Vec<Destination> {
        let wanted = serving.iter().filter(|(endpoint, _)| wanted(endpoint));
        wanted.map(|(endpoint, port)| Destination { endpoint: Rc::clone(endpoint), port: *port }).collect()
    };
    let mut destinations = pick(&|endpoint| endpoint.ready && is_here(endpoint));
    if destinations.is_empty() {
        destinations = pick(&|endpoint| endpoint.serving && endpoint.terminating && is_here(endpoint));
    }
    let any_elsewhere =
        || serving.iter().any(|(endpoint, _)| endpoint.ready || (endpoint.serving && endpoint.terminating));
    let drops = only.is_some() && destinations.is_empty() && any_elsewhere();
    PortRules { port: port.port, node_port: port.node_port, destinations, drops }
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
            pod: None,
        })
    }

    fn rules(endpoints: Vec<Rc<Endpoint>>, only: Option<&str>) -> PortRules {
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
        port_rules(&core::ServicePort { port: 80, ..Default::default() }, &[Rc::new(slice)], only)
    }

    fn addresses(rules: &PortRules) -> Vec<&str> {
        rules.destinations.iter().map(|destination| &*destination.endpoint.addresses[0]).collect()
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
        assert_eq!(none.route(7), Route::Rejected);
    }

    #[test]
    fn a_local_service_drops_what_another_node_could_answer() {
        let far = rules(vec![endpoint(12, true, true, false)], Some("node-1"));
        assert_eq!(far.route(7), Route::Dropped);
        let near =
            rules(vec![endpoint(12, true, true, false), endpoint(2, true, true, false)], Some("node-1"));
        assert_eq!(addresses(&near), ["10.244.1.2"]);
    }

    #[test]
    fn every_endpoint_is_as_likely_as_any_other() {
        let three = rules((2..5).map(|last| endpoint(last, true, true, false)).collect(), None);
        let mut rng = crate::rng::Rng::new(1);
        let mut hits = [0; 3];
        for _ in 0..3000 {
            let Route::To(destination) = three.route(rng.bits()) else { panic!("rejected") };
            let place = three.destinations.iter().position(|it| it == destination).expect("a destination");
            hits[place] += 1;
        }
        assert!(hits.iter().all(|count| (900..1100).contains(count)), "{hits:?}");
    }
}
