//! Keeps a Service's Endpoints in step with its pods, for those who still read them.
//! Upstream: `pkg/controller/endpoint/endpoints_controller.go`.
//!
//! One object per Service, of the Service's name, with every address in it: what EndpointSlices were made to replace.
//! Unlike there, a pod that is being deleted is no endpoint any more. A look places the pods that changed since the
//! last one ([`ServiceNotes`]), and all of them when more than that changed.

mod subsets;

use std::rc::Rc;

use subsets::Listing;

use crate::api::endpoints::EndpointSubset;
use crate::api::{
    Endpoints, Key, Kind, Labels, Meta, Object, ObjectRef, Pod, Resource, Service, Stored, Uid,
};
use crate::apiserver::{Change, DeleteOptions, Reason, Store};
use crate::controllers::endpoint_slice::endpoint;
use crate::controllers::service_notes::ServiceNotes;
use crate::controllers::{self, Controller};
use crate::engine::memory::{Memory, Remember};
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

/// How long changes of pods are gathered. Every write sends the whole list, and the controller-manager's client sends no
/// more than 20 requests a second in the long run (`--kube-api-qps`): the changes of one moment go together.
const BATCH: Duration = Duration::from_millis(50);

fn delay(change: &Change) -> Duration {
    if change.object.kind == Kind::Pod { BATCH } else { Duration::ZERO }
}

fn wakes(store: &Store, change: &Change, memory: &mut Rc<Memory>, wakes: &mut Vec<ObjectRef>) {
    match (&change.before, &change.after) {
        (_, Some(Object::Service(_))) | (Some(Object::Service(_)), None) => {
            notes_mut(memory).note_everything(&change.object.key);
            wakes.push(change.object.clone());
        }
        (before, Some(Object::Pod(after))) => {
            let before = before.as_ref().and_then(Pod::from_object);
            if before.is_some_and(|before| !endpoint::may_differ(before, after)) {
                return;
            }
            wake_services_of(store, after, before, memory, wakes);
            if let Some(before) = before.filter(|before| !Rc::ptr_eq(&before.meta.labels, &after.meta.labels))
            {
                wake_services_of(store, before, Some(before), memory, wakes);
            }
        }
        (Some(Object::Pod(before)), None) => wake_services_of(store, before, Some(before), memory, wakes),
        // Somebody deleted it: it comes back.
        (Some(Object::Endpoints(before)), None) => {
            wakes.push(ObjectRef::new(Kind::Service, before.key.clone()));
        }
        _ => {}
    }
}

/// Wakes the Services that select `pod`, and notes how it was `before`.
fn wake_services_of(
    store: &Store,
    pod: &Pod,
    before: Option<&Rc<Pod>>,
    memory: &mut Rc<Memory>,
    wakes: &mut Vec<ObjectRef>,
) {
    for service in store.services_selecting(&pod.key.namespace, &pod.meta.labels) {
        notes_mut(memory).note_pod(&service.key, &pod.key, before);
        wakes.push(ObjectRef::new(Kind::Service, service.key.clone()));
    }
}

fn notes_mut(memory: &mut Rc<Memory>) -> &mut ServiceNotes {
    Rc::make_mut(&mut Rc::make_mut(memory).endpoints)
}

fn reconcile(snapshot: &Snapshot<'_>, target: &ObjectRef, outcomes: &Outcomes, plan: &mut Plan) {
    let memory = &snapshot.memory.endpoints;
    let stored = snapshot.store.get::<Endpoints>(&target.key);
    let Some(service) = snapshot.store.get::<Service>(&target.key) else {
        if memory.notes(&target.key).is_some() {
            plan.remember(Remember::Endpoints(Rc::new(memory.without(&target.key))));
        }
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
    let listing = listing(snapshot, service, selector);
    let (subsets, left_out) = subsets::that_fit(&listing);
    plan.remember(Remember::Endpoints(Rc::new(memory.looked_at(&service.key, listing))));
    let labels = labels(service);
    if let Some(stored) = stored
        && stored.spec == subsets
        && is_labelled(&stored.meta.labels, &labels)
        && stored.meta.annotations.contains_key(OVER_CAPACITY) == (left_out > 0)
    {
        let (ready, not_ready) = stored.count();
        return plan.nothing_to_do(Why::UpToDate { ready, not_ready });
    }
    let why = why(stored.map(|stored| &**stored), &subsets, left_out);
    let trigger = memory.trigger(snapshot.store, service);
    let object = Object::Endpoints(Rc::new(written(service, stored, subsets, labels, left_out, trigger)));
    if stored.is_some() {
        plan.update(object, why);
    } else {
        plan.create(object, why);
    }
    plan.then(WRITTEN);
}

/// Every address of the Service's pods, however many there are.
fn listing(snapshot: &Snapshot<'_>, service: &Service, selector: &Labels) -> Rc<Vec<EndpointSubset>> {
    let store = snapshot.store;
    let notes = snapshot.memory.endpoints.notes(&service.key);
    let Some(notes) = notes.filter(|notes| !notes.everything) else {
        let mut listing = Listing::new(service, Rc::default());
        for pod in store.pods_labelled(&service.key.namespace, selector) {
            listing.place(None, Some(pod));
        }
        return listing.into_subsets();
    };
    let mut listing = Listing::new(service, notes.listing.clone());
    for (key, before) in &notes.pods {
        let now = store.get::<Pod>(key).filter(|pod| endpoint::is_selected(pod, service));
        listing.place(before.as_deref(), now.map(|pod| &**pod));
    }
    listing.into_subsets()
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
    let is_relevant = |(name, _): &(&String, &String)| *name != MANAGED_BY.0;
    stored.iter().filter(is_relevant).eq(wanted.iter().filter(is_relevant))
}

fn written(
    service: &Service,
    stored: Option<&Rc<Endpoints>>,
    subsets: Rc<Vec<EndpointSubset>>,
    labels: Rc<Labels>,
    left_out: u32,
    trigger: Option<Time>,
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
    match trigger {
        Some(trigger) => annotations.insert(TRIGGER_TIME.to_owned(), trigger.to_api().0.to_string()),
        None => annotations.remove(TRIGGER_TIME),
    };
    if left_out > 0 {
        annotations.insert(OVER_CAPACITY.to_owned(), "truncated".to_owned());
    } else {
        annotations.remove(OVER_CAPACITY);
    }
    endpoints.spec = subsets;
    endpoints
}

fn why(stored: Option<&Endpoints>, subsets: &[EndpointSubset], left_out: u32) -> Why {
    let ready = subsets.iter().map(|subset| subset.addresses.len() as u32).sum();
    let not_ready = subsets.iter().map(|subset| subset.not_ready.len() as u32).sum();
    let was = stored.map(Endpoints::count);
    Why::PodsChanged { ready, not_ready, was, left_out }
}
