//! Keeps a Service's Endpoints in step with its pods, for those who still read them.
//! Upstream: `pkg/controller/endpoint/endpoints_controller.go`.
//!
//! One object per Service, of the Service's name, with every address in it: what EndpointSlices were made to replace.
//! Unlike there, a pod that is being deleted is no endpoint any more.

mod subsets;

use std::rc::Rc;

use crate::api::endpoints::EndpointSubset;
use crate::api::{Endpoints, Key, Kind, Labels, Meta, Object, ObjectRef, Pod, Resource, Service, Uid};
use crate::apiserver::{Change, DeleteOptions, Reason, Store};
use crate::controllers::endpoint_slice::endpoint;
use crate::controllers::{self, Controller};
use crate::engine::memory::Memory;
use crate::plan::{EventDraft, EventText, Outcomes, Plan, Snapshot, Turn};
use crate::time::{Duration, Time};
use crate::why::Endpoints as Why;

/// The Endpoints controller.
pub const CONTROLLER: Controller = Controller {
    name: "endpoints",
    component: "endpoint-controller",
    watches: &[Kind::Service, Kind::Pod, Kind::Endpoints],
    reads_own_writes: true,
    knows_own: None,
    delay,
    back_off: Duration::from_seconds(1),
    wakes,
    reconcile,
};

/// Says who writes an Endpoints object.
const MANAGED_BY: (&str, &str) = ("endpoints.kubernetes.io/managed-by", "endpoint-controller");
/// Says that a Service has no address of its own.
const HEADLESS: &str = "service.kubernetes.io/headless";
/// When that which the latest change follows from happened.
const TRIGGER_TIME: &str = "endpoints.kubernetes.io/last-change-trigger-time";
/// Says that addresses were left out.
const OVER_CAPACITY: &str = "endpoints.kubernetes.io/over-capacity";

/// The turn after a write.
const WRITTEN: Turn = Turn(1);

/// How long changes of pods are gathered. Every look goes through all pods of a Service, and the controller-manager's
/// client sends no more than 20 requests a second in the long run (`--kube-api-qps`): those of one moment go together.
const BATCH: Duration = Duration::from_millis(50);

fn delay(change: &Change) -> Duration {
    if change.object.kind == Kind::Pod { BATCH } else { Duration::ZERO }
}

fn wakes(store: &Store, change: &Change, _memory: &mut Rc<Memory>, wakes: &mut Vec<ObjectRef>) {
    match (&change.before, &change.after) {
        (_, Some(Object::Service(_))) | (Some(Object::Service(_)), None) => wakes.push(change.object.clone()),
        (before, Some(Object::Pod(after))) => {
            let before = before.as_ref().and_then(|object| match object {
                Object::Pod(pod) => Some(&**pod),
                _ => None,
            });
            if before.is_some_and(|before| !endpoint::may_differ(before, after)) {
                return;
            }
            wakes_of_pod(store, after, wakes);
            if let Some(before) = before.filter(|before| !Rc::ptr_eq(&before.meta.labels, &after.meta.labels))
            {
                wakes_of_pod(store, before, wakes);
            }
        }
        (Some(Object::Pod(before)), None) => wakes_of_pod(store, before, wakes),
        // Somebody deleted it: it comes back.
        (Some(Object::Endpoints(before)), None) => {
            wakes.push(ObjectRef::new(Kind::Service, before.key.clone()));
        }
        _ => {}
    }
}

fn wakes_of_pod(store: &Store, pod: &Pod, wakes: &mut Vec<ObjectRef>) {
    let services = store.services_selecting(&pod.key.namespace, &pod.meta.labels);
    wakes.extend(services.map(|service| ObjectRef::new(Kind::Service, service.key.clone())));
}

fn reconcile(snapshot: &Snapshot<'_>, target: &ObjectRef, outcomes: &Outcomes, plan: &mut Plan) {
    let stored = snapshot.store.get::<Endpoints>(&target.key);
    let Some(service) = snapshot.store.get::<Service>(&target.key) else {
        if stored.is_some() {
            let target = ObjectRef::new(Kind::Endpoints, target.key.clone());
            plan.delete(target, DeleteOptions::default(), Why::ServiceIsGone).accept(Reason::NotFound);
        }
        return;
    };
    if outcomes.turn == WRITTEN {
        return take_answer(service, outcomes, plan);
    }
    // Without a selector they are somebody else's to write.
    let Some(selector) = service.selector().filter(|_| service.service_type() != "ExternalName") else {
        return;
    };
    let pods = snapshot.store.pods_labelled(&service.key.namespace, selector);
    let (subsets, left_out) = subsets::of_pods(service, pods, stored.map_or(&[], |stored| &stored.spec));
    let labels = labels(service);
    if let Some(stored) = stored
        && *stored.spec == subsets
        && is_labelled(&stored.meta.labels, &labels)
        && stored.meta.annotations.contains_key(OVER_CAPACITY) == (left_out > 0)
    {
        let (ready, not_ready) = stored.count();
        return plan.nothing_to_do(Why::UpToDate { ready, not_ready });
    }
    let why = why(stored.map(|stored| &**stored), &subsets, left_out);
    let trigger = trigger(snapshot.store, service);
    let object = Object::Endpoints(Rc::new(written(service, stored, subsets, labels, left_out, trigger)));
    if stored.is_some() {
        plan.update(object, why);
    } else {
        plan.create(object, why);
    }
    plan.then(WRITTEN);
}

fn take_answer(service: &Rc<Service>, outcomes: &Outcomes, plan: &mut Plan) {
    let Some(Err(error)) = outcomes.answers.first() else { return };
    if controllers::namespace_is_terminating(error) {
        return;
    }
    let message = format!("Failed to update endpoint {}: {}", service.key, error.message);
    let object = Object::Service(service.clone());
    let event = EventDraft::warning(&object, "FailedToUpdateEndpoint", EventText::Fixed(message.into()));
    plan.event(event, Why::RetriesRefused);
    plan.fail(Why::RetriesRefused);
}

/// What the object's labels are to be: the Service's, and who writes it.
fn labels(service: &Service) -> Rc<Labels> {
    let mut labels = (*service.meta.labels).clone();
    if service.is_headless() {
        labels.insert(HEADLESS.to_owned(), String::new());
    } else {
        labels.remove(HEADLESS);
    }
    labels.insert(MANAGED_BY.0.to_owned(), MANAGED_BY.1.to_owned());
    Rc::new(labels)
}

/// Whether labels are as they are to be; who wrote the object is no reason to write it again.
fn is_labelled(stored: &Labels, wanted: &Labels) -> bool {
    let relevant = |labels: &Labels| -> Vec<(String, String)> {
        let kept = labels.iter().filter(|(name, _)| *name != MANAGED_BY.0);
        kept.map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    relevant(stored) == relevant(wanted)
}

/// When that which the Endpoints follow from happened: the pods' last turn of readiness, or the Service's creation.
fn trigger(store: &Store, service: &Service) -> Time {
    let selector = service.selector().cloned().unwrap_or_default();
    let pods = store.pods_labelled(&service.key.namespace, &selector);
    let turned = pods.filter_map(|pod| {
        let condition = pod.condition("Ready")?;
        condition.last_transition_time.as_ref()
    });
    turned.max().map_or(service.meta.created, Time::from_api)
}

fn written(
    service: &Service,
    stored: Option<&Rc<Endpoints>>,
    subsets: Vec<EndpointSubset>,
    labels: Rc<Labels>,
    left_out: u32,
    trigger: Time,
) -> Endpoints {
    let mut endpoints = match stored {
        Some(stored) => (**stored).clone(),
        None => Resource {
            key: Key::new(service.key.namespace.clone(), service.key.name.clone()),
            uid: Uid::default(),
            resource_version: 0,
            meta: Rc::new(Meta::default()),
            spec: Rc::default(),
            status: (),
        },
    };
    let meta = Rc::make_mut(&mut endpoints.meta);
    meta.labels = labels;
    let annotations = Rc::make_mut(&mut meta.annotations);
    annotations.insert(TRIGGER_TIME.to_owned(), trigger.to_api().0.to_string());
    if left_out > 0 {
        annotations.insert(OVER_CAPACITY.to_owned(), "truncated".to_owned());
    } else {
        annotations.remove(OVER_CAPACITY);
    }
    endpoints.spec = Rc::new(subsets);
    endpoints
}

fn why(stored: Option<&Endpoints>, subsets: &[EndpointSubset], left_out: u32) -> Why {
    let ready = subsets.iter().map(|subset| subset.addresses.len() as u32).sum();
    let not_ready = subsets.iter().map(|subset| subset.not_ready.len() as u32).sum();
    let was = stored.map(Endpoints::count);
    Why::PodsChanged { ready, not_ready, was, left_out }
}
