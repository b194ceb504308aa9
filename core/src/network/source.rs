//! Where a client's requests come from: which pods or nodes, with which addresses and resolvers.

use std::rc::Rc;

use crate::api::{Key, Kind, Labels, Object, ObjectRef, Pod, Selector};
use crate::apiserver::Store;
use crate::kubelet::{LocalPod, Machine};
use crate::rng::Rng;
use crate::simulation::{Client, ClientPlace};

use super::dns::ResolvConf;
use super::flow::Source;
use super::walk::{View, named_service};

/// The ports that kernels give to clients: from 32768 to 60999.
const FIRST_PORT: u64 = 32_768;
const PORTS: u64 = 28_232;

/// The places that a client can send from at a moment.
pub(super) struct Sources<'a> {
    client: &'a Client,
    /// The client's place among all, from 0.
    place: usize,
    machines: Vec<&'a Rc<Machine>>,
    pods: Vec<(&'a Rc<Machine>, &'a Rc<LocalPod>)>,
    resolver: Rc<ResolvConf>,
}

impl<'a> Sources<'a> {
    /// Those of a client.
    pub(super) fn of(view: &View<'a>, client: &'a Client, place: usize) -> Sources<'a> {
        let pods = match &client.from {
            ClientPlace::Pods(kind, name) => {
                running_pods(view, &ObjectRef::new(*kind, Key::new(client.namespace.clone(), name.clone())))
            }
            ClientPlace::Anywhere | ClientPlace::Node(_) | ClientPlace::Outside => Vec::new(),
        };
        let resolver = match &client.from {
            // Nobody told what it asks: it resolves as a pod of its namespace would.
            ClientPlace::Anywhere | ClientPlace::Node(_) | ClientPlace::Pods(..) => {
                ResolvConf::of_namespace(&client.namespace)
            }
            ClientPlace::Outside => ResolvConf::of_node(),
        };
        let machines = if client.from == ClientPlace::Outside {
            entrances(view, &named_service(&client.host, &client.namespace))
        } else {
            view.machines.values().collect()
        };
        Sources { client, place, machines, pods, resolver: Rc::new(resolver) }
    }

    /// Where the next request comes from; `None` where nobody can send one.
    pub(super) fn draw(&self, luck: &mut Rng) -> Option<Source> {
        if let ClientPlace::Pods(..) = &self.client.from {
            let place = luck.below(self.pods.len() as u64) as usize;
            let (machine, pod) = self.pods.get(place)?;
            return of_pod(machine, pod, luck);
        }
        let anywhere = self.machines.get(luck.below(self.machines.len() as u64) as usize)?;
        let named = match &self.client.from {
            ClientPlace::Node(name) => self.machines.iter().find(|machine| machine.name == *name),
            ClientPlace::Anywhere | ClientPlace::Outside | ClientPlace::Pods(..) => None,
        };
        let machine = named.unwrap_or(anywhere);
        let is_outside = self.client.from == ClientPlace::Outside;
        let address = if is_outside { outside_address(self.place) } else { machine.address.clone() };
        // The port is derived, not drawn, so that it leaves the luck of what follows as it is.
        let port = port(&mut luck.clone());
        let resolver = self.resolver.clone();
        Some(Source { node: machine.name.clone(), pod: None, address, port, is_outside, resolver })
    }
}

/// A request from a pod; `None` where it has no address.
pub(crate) fn of_pod(machine: &Machine, pod: &LocalPod, luck: &Rng) -> Option<Source> {
    let object = pod.object();
    Some(Source {
        node: machine.name.clone(),
        pod: Some((object.key.clone(), pod.uid())),
        address: pod.sandbox()?.address.clone(),
        port: port(&mut luck.clone()),
        is_outside: false,
        resolver: Rc::new(ResolvConf::of_pod(&object.key.namespace, &object.spec.spec)),
    })
}

/// The nodes that packets from outside enter by: a load balancer that asks for their health leaves out those without
/// an endpoint.
fn entrances<'a>(view: &View<'a>, service: &Key) -> Vec<&'a Rc<Machine>> {
    let all: Vec<&Rc<Machine>> = view.machines.values().collect();
    let rules = |machine: &Machine| machine.rules.service(service).cloned();
    let is_asked = |machine: &Machine| {
        rules(machine).is_some_and(|rules| rules.health_port.is_some() && !rules.external_ips.is_empty())
    };
    let is_healthy = |machine: &Machine| rules(machine).is_some_and(|rules| rules.is_healthy());
    if !all.iter().any(|machine| is_asked(machine)) {
        return all;
    }
    let healthy: Vec<&Rc<Machine>> = all.iter().filter(|machine| is_healthy(machine)).copied().collect();
    if healthy.is_empty() { all } else { healthy }
}

fn port(luck: &mut Rng) -> u16 {
    (FIRST_PORT + luck.below(PORTS)) as u16
}

/// The address of the client with this number: one of those that are for documentation.
fn outside_address(place: usize) -> Rc<str> {
    format!("198.51.100.{}", place % 254 + 1).into()
}

/// Whether pods can be found by an object of this kind.
pub(crate) fn has_pods(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Pod
            | Kind::Service
            | Kind::Deployment
            | Kind::ReplicaSet
            | Kind::ReplicationController
            | Kind::StatefulSet
            | Kind::DaemonSet
            | Kind::Job
    )
}

/// The pods of an object in which anything runs, by name, each with its machine.
fn running_pods<'a>(view: &View<'a>, target: &ObjectRef) -> Vec<(&'a Rc<Machine>, &'a Rc<LocalPod>)> {
    let found = pods_of(view.store, target).into_iter().filter_map(|pod| local(view, &pod));
    found.filter(|(_, pod)| pod.containers().any(|container| container.is_running())).collect()
}

/// What runs of a pod, and where.
pub(crate) fn local<'a>(view: &View<'a>, pod: &Pod) -> Option<(&'a Rc<Machine>, &'a Rc<LocalPod>)> {
    let machine = view.machines.get(pod.node()?)?;
    Some((machine, machine.pod_of(pod.uid, &pod.key)?))
}

/// The pods that a client sends from, running or not, by name; none where it does not send from pods.
pub fn sources_of(store: &Store, client: &Client) -> Vec<Rc<Pod>> {
    let ClientPlace::Pods(kind, name) = &client.from else { return Vec::new() };
    pods_of(store, &ObjectRef::new(*kind, Key::new(client.namespace.clone(), name.clone())))
}

/// The pods that belong to an object, by name.
pub(crate) fn pods_of(store: &Store, target: &ObjectRef) -> Vec<Rc<Pod>> {
    let selector = match store.object(target) {
        Some(Object::Pod(pod)) => return vec![pod],
        Some(object) => selector(&object),
        None => None,
    };
    let Some(selector) = selector else { return Vec::new() };
    let all = store.list_in::<Pod>(&target.key.namespace);
    all.filter(|pod| selector.matches(&pod.meta.labels)).cloned().collect()
}

fn selector(object: &Object) -> Option<Selector> {
    let of_map = |labels: Option<&Labels>| labels.filter(|it| !it.is_empty()).map(Selector::from_map);
    match object {
        Object::Service(it) => of_map(it.selector()),
        Object::ReplicationController(it) => of_map(it.spec.selector.as_ref()),
        Object::Deployment(it) => Some(Selector::from_api(&it.spec.selector)),
        Object::ReplicaSet(it) => Some(Selector::from_api(&it.spec.selector)),
        Object::StatefulSet(it) => Some(Selector::from_api(&it.spec.selector)),
        Object::DaemonSet(it) => Some(Selector::from_api(&it.spec.selector)),
        Object::Job(it) => it.spec.selector.as_ref().map(Selector::from_api),
        _ => None,
    }
}
