//! Gives Services of type LoadBalancer an address, and takes it back: what a cloud does beside a real cluster. There is
//! one where the Simulation says so. Its load balancers send to every node, as long as that is not marked otherwise:
//! whether it is ready, they find out by themselves. Upstream: `k8s.io/cloud-provider/controllers/service`.

mod changes;
mod hosts;
pub mod memory;

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use crate::api::{EventType, Kind, Object, ObjectRef, Service};
use crate::apiserver::{Change, Patch, Reason, Store};
use crate::controllers::Controller;
use crate::engine::memory::{Memory, Remember};
use crate::plan::{EventDraft, EventText, Outcomes, Plan, Snapshot};
use crate::simulation::LoadBalancers;
use crate::time::Duration;
use crate::why::LoadBalancer as Why;

/// The controller of load balancers.
pub const CONTROLLER: Controller = Controller {
    name: "service-lb",
    component: "service-controller",
    watches: &[Kind::Service, Kind::Node],
    reads_own_writes: true,
    knows_own: None,
    delay,
    back_off: Duration::from_seconds(5),
    wakes,
    reconcile,
};

/// Keeps a Service until its load balancer is gone.
const CLEANUP: &str = "service.kubernetes.io/load-balancer-cleanup";

/// How long it takes the cloud to make a load balancer.
const TIME_TO_MAKE: Duration = Duration::from_seconds(3);

/// The first and the number of the cloud's addresses, `203.0.113.10` and on: those are for documentation.
const ADDRESSES: (u128, u128) = (10, 240);

fn delay(change: &Change) -> Duration {
    let Some(Object::Service(service)) = &change.after else { return Duration::ZERO };
    let is_being_made = wants_one(service) && is_held(service) && addresses(service).next().is_none();
    if is_being_made { TIME_TO_MAKE } else { Duration::ZERO }
}

fn wakes(store: &Store, change: &Change, memory: &mut Rc<Memory>, wakes: &mut Vec<ObjectRef>) {
    let is_about_a_node = change.object.kind == Kind::Node;
    if is_about_a_node && hosts::changed(change) {
        let services = store.list::<Service>().filter(|service| wants_one(service));
        wakes.extend(services.map(|service| ObjectRef::new(Kind::Service, service.key.clone())));
    }
    if is_about_a_node {
        return;
    }
    match (&change.before, &change.after) {
        (Some(Object::Service(old)), Some(Object::Service(new)))
            if old.uid == new.uid
                && let Some(told) = changes::concerning(old, new) =>
        {
            let memory = Rc::make_mut(memory);
            Rc::make_mut(&mut memory.load_balancers).note(&new.key, told);
        }
        (_, None) if memory.load_balancers.of(&change.object.key).is_some() => {
            let without = memory.load_balancers.without(&change.object.key);
            Rc::make_mut(memory).load_balancers = Rc::new(without);
        }
        _ => {}
    }
    if let Some(Object::Service(service)) = &change.after
        && (wants_one(service) || is_held(service))
    {
        wakes.push(change.object.clone());
    }
}

/// Whether a Service is to have a load balancer of this cloud.
fn wants_one(service: &Service) -> bool {
    let spec = &service.spec;
    spec.type_.as_deref() == Some("LoadBalancer")
        && spec.load_balancer_class.is_none()
        && service.meta.deletion.is_none()
}

fn is_held(service: &Service) -> bool {
    service.meta.finalizers.iter().any(|name| name == CLEANUP)
}

fn addresses(service: &Service) -> impl Iterator<Item = &str> {
    let listed = service.status.load_balancer.iter().flat_map(|balancer| balancer.ingress.iter().flatten());
    listed.filter_map(|ingress| ingress.ip.as_deref())
}

fn reconcile(snapshot: &Snapshot<'_>, target: &ObjectRef, _outcomes: &Outcomes, plan: &mut Plan) {
    let Some(service) = snapshot.store.get::<Service>(&target.key) else { return };
    if snapshot.simulation.load_balancers == LoadBalancers::None {
        return;
    }
    let memory = &snapshot.memory.load_balancers;
    let known = memory.of(&service.key);
    for (reason, message) in known.into_iter().flat_map(|known| &known.told) {
        tell(plan, service, EventType::Normal, reason, message.clone(), Why::Changed);
    }
    let hosts = hosts::of(snapshot.store);
    let has_address = addresses(service).next().is_some();
    match (wants_one(service), is_held(service)) {
        (true, false) => {
            plan.remember(Remember::LoadBalancers(Rc::new(memory.told(&service.key))));
            return begin(service, plan);
        }
        (true, true) if !has_address => give(snapshot.store, service, &hosts, plan),
        (true, true) if known.is_some_and(|known| known.is_outdated) => adapt(service, &hosts, plan),
        (true, true) if known.is_some_and(|known| known.hosts != hosts) => {
            send_elsewhere(service, &hosts, plan)
        }
        (true, true) => {
            plan.nothing_to_do(Why::HasAddress);
            if known.is_some() {
                return;
            }
        }
        (false, is_held) => {
            if is_held {
                take_back(service, plan);
            }
            if known.is_some() {
                plan.remember(Remember::LoadBalancers(Rc::new(memory.without(&service.key))));
            }
            return;
        }
    }
    plan.remember(Remember::LoadBalancers(Rc::new(memory.ensured(&service.key, hosts))));
}

/// The Service is held before anything is made for it.
fn begin(service: &Rc<Service>, plan: &mut Plan) {
    tell(plan, service, EventType::Normal, "EnsuringLoadBalancer", "Ensuring load balancer", Why::Asked);
    let mut held = Object::Service(service.clone());
    Rc::make_mut(&mut held.meta_mut().finalizers).push(CLEANUP.to_owned());
    plan.update(held, Why::Asked).accept(Reason::NotFound);
}

fn give(store: &Store, service: &Rc<Service>, hosts: &[Rc<str>], plan: &mut Plan) {
    let address = address(store, service);
    let why = Why::Made { address: address.as_str().into() };
    tell_of_no_hosts(service, hosts, plan);
    tell(plan, service, EventType::Normal, "EnsuredLoadBalancer", "Ensured load balancer", why.clone());
    plan.update_status(with_address(service, Some(address)), why).accept(Reason::NotFound);
}

/// The load balancer follows its Service.
fn adapt(service: &Rc<Service>, hosts: &[Rc<str>], plan: &mut Plan) {
    tell(plan, service, EventType::Normal, "EnsuringLoadBalancer", "Ensuring load balancer", Why::Changed);
    tell_of_no_hosts(service, hosts, plan);
    tell(plan, service, EventType::Normal, "EnsuredLoadBalancer", "Ensured load balancer", Why::Changed);
    let wanted = asked(service);
    if wanted.is_some_and(|wanted| addresses(service).all(|address| address != wanted)) {
        let moved = with_address(service, wanted.map(str::to_owned));
        plan.update_status(moved, Why::Changed).accept(Reason::NotFound);
    }
}

/// The nodes are others than they were.
fn send_elsewhere(service: &Rc<Service>, hosts: &[Rc<str>], plan: &mut Plan) {
    tell_of_no_hosts(service, hosts, plan);
    if !hosts.is_empty() {
        let why = Why::OtherHosts { hosts: hosts.len() };
        let message = "Updated load balancer with new hosts";
        tell(plan, service, EventType::Normal, "UpdatedLoadBalancer", message, why);
    }
}

fn tell_of_no_hosts(service: &Rc<Service>, hosts: &[Rc<str>], plan: &mut Plan) {
    if hosts.is_empty() {
        let message = "There are no available nodes for LoadBalancer";
        let why = Why::OtherHosts { hosts: 0 };
        tell(plan, service, EventType::Warning, "UnAvailableLoadBalancer", message, why);
    }
}

fn take_back(service: &Rc<Service>, plan: &mut Plan) {
    tell(plan, service, EventType::Normal, "DeletingLoadBalancer", "Deleting load balancer", Why::Unwanted);
    if service.meta.deletion.is_none() && addresses(service).next().is_some() {
        plan.update_status(with_address(service, None), Why::Unwanted).accept(Reason::NotFound);
    }
    let object = Object::Service(service.clone());
    let patch = Patch::RemoveFinalizer(CLEANUP.to_owned());
    plan.patch(object.reference(), object.uid(), patch, Why::Unwanted).accept(Reason::NotFound);
    tell(plan, service, EventType::Normal, "DeletedLoadBalancer", "Deleted load balancer", Why::Unwanted);
}

fn with_address(service: &Rc<Service>, address: Option<String>) -> Object {
    let ingress = address.map(|address| core::LoadBalancerIngress {
        ip: Some(address),
        ip_mode: Some("VIP".to_owned()),
        ..core::LoadBalancerIngress::default()
    });
    let mut service = (**service).clone();
    let ingress = ingress.map(|ingress| vec![ingress]);
    Rc::make_mut(&mut service.status).load_balancer = Some(core::LoadBalancerStatus { ingress });
    Object::Service(Rc::new(service))
}

/// The address that a Service asks for.
fn asked(service: &Service) -> Option<&str> {
    service.spec.load_balancer_ip.as_deref().filter(|wanted| !wanted.is_empty())
}

/// The address that the Service asks for, or else the first free one after its own number.
fn address(store: &Store, service: &Service) -> String {
    if let Some(wanted) = asked(service) {
        return wanted.to_owned();
    }
    let (first, count) = ADDRESSES;
    let numbers = (0..count).map(|step| first + (service.uid.0 + step) % count);
    let mut candidates = numbers.map(|number| format!("203.0.113.{number}"));
    let is_free =
        |address: &String| store.list::<Service>().all(|other| addresses(other).all(|it| it != address));
    candidates.find(is_free).unwrap_or_else(|| "203.0.113.254".to_owned())
}

fn tell(
    plan: &mut Plan,
    service: &Rc<Service>,
    event_type: EventType,
    reason: &'static str,
    message: impl Into<Rc<str>>,
    why: Why,
) {
    let about = ObjectRef::new(Kind::Service, service.key.clone());
    let text = EventText::Fixed(message.into());
    plan.event(EventDraft::about(about, service.uid, event_type, reason, text), why);
}
