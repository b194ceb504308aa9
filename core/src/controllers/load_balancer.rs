//! Gives Services of type LoadBalancer an address, and takes it back: what a cloud does beside a real cluster. There is
//! one where the Simulation says so. Upstream: `k8s.io/cloud-provider/controllers/service`.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use crate::api::{Kind, Object, ObjectRef, Service};
use crate::apiserver::{Change, Patch, Reason, Store};
use crate::controllers::Controller;
use crate::engine::memory::Memory;
use crate::plan::{EventDraft, EventText, Outcomes, Plan, Snapshot};
use crate::simulation::LoadBalancers;
use crate::time::Duration;
use crate::why::LoadBalancer as Why;

/// The controller of load balancers.
pub const CONTROLLER: Controller = Controller {
    name: "service-lb",
    component: "service-controller",
    watches: &[Kind::Service],
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

fn wakes(_store: &Store, change: &Change, _memory: &mut Rc<Memory>, wakes: &mut Vec<ObjectRef>) {
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
    match (wants_one(service), is_held(service)) {
        (true, false) => begin(service, plan),
        (true, true) if addresses(service).next().is_none() => give(snapshot.store, service, plan),
        (true, true) => plan.nothing_to_do(Why::HasAddress),
        (false, true) => take_back(service, plan),
        (false, false) => {}
    }
}

/// The Service is held before anything is made for it.
fn begin(service: &Rc<Service>, plan: &mut Plan) {
    let object = Object::Service(service.clone());
    tell(plan, &object, "EnsuringLoadBalancer", "Ensuring load balancer", Why::Asked);
    let mut held = object;
    Rc::make_mut(&mut held.meta_mut().finalizers).push(CLEANUP.to_owned());
    plan.update(held, Why::Asked).accept(Reason::NotFound);
}

fn give(store: &Store, service: &Rc<Service>, plan: &mut Plan) {
    let address = address(store, service);
    let why = Why::Made { address: address.as_str().into() };
    tell(
        plan,
        &Object::Service(service.clone()),
        "EnsuredLoadBalancer",
        "Ensured load balancer",
        why.clone(),
    );
    let ingress = core::LoadBalancerIngress {
        ip: Some(address),
        ip_mode: Some("VIP".to_owned()),
        ..core::LoadBalancerIngress::default()
    };
    plan.update_status(with_ingress(service, Some(vec![ingress])), why).accept(Reason::NotFound);
}

fn take_back(service: &Rc<Service>, plan: &mut Plan) {
    let object = Object::Service(service.clone());
    tell(plan, &object, "DeletingLoadBalancer", "Deleting load balancer", Why::Unwanted);
    if service.meta.deletion.is_none() && addresses(service).next().is_some() {
        plan.update_status(with_ingress(service, None), Why::Unwanted).accept(Reason::NotFound);
    }
    let patch = Patch::RemoveFinalizer(CLEANUP.to_owned());
    plan.patch(object.reference(), object.uid(), patch, Why::Unwanted).accept(Reason::NotFound);
    tell(plan, &object, "DeletedLoadBalancer", "Deleted load balancer", Why::Unwanted);
}

fn with_ingress(service: &Rc<Service>, ingress: Option<Vec<core::LoadBalancerIngress>>) -> Object {
    let mut service = (**service).clone();
    Rc::make_mut(&mut service.status).load_balancer = Some(core::LoadBalancerStatus { ingress });
    Object::Service(Rc::new(service))
}

/// The address that the Service asks for, or else the first free one after its own number.
fn address(store: &Store, service: &Service) -> String {
    if let Some(wanted) = service.spec.load_balancer_ip.as_ref().filter(|wanted| !wanted.is_empty()) {
        return wanted.clone();
    }
    let (first, count) = ADDRESSES;
    let numbers = (0..count).map(|step| first + (service.uid.0 + step) % count);
    let mut candidates = numbers.map(|number| format!("203.0.113.{number}"));
    let is_free =
        |address: &String| store.list::<Service>().all(|other| addresses(other).all(|it| it != address));
    candidates.find(is_free).unwrap_or_else(|| "203.0.113.254".to_owned())
}

fn tell(plan: &mut Plan, about: &Object, reason: &'static str, message: &'static str, why: Why) {
    plan.event(EventDraft::normal(about, reason, EventText::Fixed(message.into())), why);
}
