//! Keeps a Service's EndpointSlices in step with its pods. Upstream: `pkg/controller/endpointslice`,
//! `staging/src/k8s.io/endpointslice`.
//!
//! A pod that the selector matches is an endpoint from the moment it has an address ([`endpoint`]); [`packing`]
//! decides in which slice. A look compares the pods that changed since the last one ([`ServiceNotes`]), and everything
//! when more than that changed.

pub(super) mod endpoint;
mod object;
mod packing;

use std::collections::BTreeSet;
use std::rc::Rc;

use packing::{Draft, Fate, Found, Packing};

use crate::api::{Key, Kind, Node, Object, ObjectRef, Pod, Service, Stored};
use crate::apiserver::{Change, DeleteOptions, Reason, Store};
use crate::controllers::Controller;
use crate::controllers::service_notes::ServiceNotes;
use crate::engine::memory::{Memory, Remember};
use crate::plan::{EventDraft, EventText, Outcomes, Plan, Snapshot, Turn};
use crate::time::{Duration, Time};
use crate::why::EndpointSlice as Why;

/// The EndpointSlice controller.
pub const CONTROLLER: Controller = Controller {
    name: "endpointslice",
    component: "endpoint-slice-controller",
    watches: &[Kind::Service, Kind::Pod, Kind::EndpointSlice, Kind::Node],
    reads_own_writes: true,
    knows_own: Some((Kind::EndpointSlice, BACK_OFF)),
    delay: super::at_once,
    back_off: BACK_OFF,
    wakes,
    reconcile,
};

/// How long it waits after a failed look, and after somebody else wrote a slice.
const BACK_OFF: Duration = Duration::from_seconds(1);

/// The turn after slices were written.
const WRITTEN: Turn = Turn(1);

fn wakes(store: &Store, change: &Change, memory: &mut Rc<Memory>, wakes: &mut Vec<ObjectRef>) {
    match (&change.before, &change.after) {
        (_, Some(Object::Service(_))) | (Some(Object::Service(_)), None) => {
            note_everything(memory, &change.object.key);
            wakes.push(change.object.clone());
        }
        (before, Some(Object::Pod(after))) => {
            let before = before.as_ref().and_then(Pod::from_object);
            wakes_of_pod(store, before, after, memory, wakes);
        }
        (Some(Object::Pod(before)), None) => wake_services_of(store, before, Some(before), memory, wakes),
        (before, Some(Object::Node(after))) => {
            let zone = before.as_ref().and_then(|object| match object {
                Object::Node(node) => Some(endpoint::zone(node)),
                _ => None,
            });
            if zone != Some(endpoint::zone(after)) {
                wakes_of_node(store, after, memory, wakes);
            }
        }
        (before, after) => {
            for slice in [before, after].into_iter().flatten() {
                let Object::EndpointSlice(slice) = slice else { continue };
                let Some(service) = slice.service().filter(|_| object::is_managed(slice)) else { continue };
                note_everything(memory, &service);
                wakes.push(ObjectRef::new(Kind::Service, service));
            }
        }
    }
}

fn wakes_of_pod(
    store: &Store,
    before: Option<&Rc<Pod>>,
    after: &Pod,
    memory: &mut Rc<Memory>,
    wakes: &mut Vec<ObjectRef>,
) {
    if before.is_some_and(|before| !endpoint::may_differ(before, after)) {
        return;
    }
    wake_services_of(store, after, before, memory, wakes);
    if let Some(before) = before.filter(|before| !Rc::ptr_eq(&before.meta.labels, &after.meta.labels)) {
        wake_services_of(store, before, Some(before), memory, wakes);
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
        let memory = Rc::make_mut(memory);
        Rc::make_mut(&mut memory.endpoint_slices).note_pod(&service.key, &pod.key, before);
        wakes.push(ObjectRef::new(Kind::Service, service.key.clone()));
    }
}

/// A node came, or moved to another zone: its pods' endpoints say so.
fn wakes_of_node(store: &Store, node: &Node, memory: &mut Rc<Memory>, wakes: &mut Vec<ObjectRef>) {
    for pod in store.pods_on(node.name()) {
        wake_services_of(store, pod, Some(pod), memory, wakes);
    }
}

fn note_everything(memory: &mut Rc<Memory>, service: &Key) {
    let memory = Rc::make_mut(memory);
    Rc::make_mut(&mut memory.endpoint_slices).note_everything(service);
}

fn reconcile(snapshot: &Snapshot<'_>, target: &ObjectRef, outcomes: &Outcomes, plan: &mut Plan) {
    let memory = &snapshot.memory.endpoint_slices;
    let Some(service) = snapshot.store.get::<Service>(&target.key) else {
        // Its slices go with their owner: that is the garbage collector's work.
        if memory.notes(&target.key).is_some() {
            plan.remember(remember(memory.without(&target.key)));
        }
        return;
    };
    if outcomes.turn == WRITTEN {
        return take_answers(service, memory, outcomes, plan);
    }
    if service.service_type() == "ExternalName" || service.selector().is_none() {
        return;
    }
    plan.remember(remember(memory.looked_at(&target.key, Rc::default())));
    let look = Look { snapshot, service, trigger: memory.trigger(snapshot.store, service) };
    let (packing, homeless) = look.pack();
    look.write(packing, plan);
    if homeless > 0 {
        // Their nodes may come; until then each look compares them again.
        plan.remember.clear();
        plan.look_again_in(BACK_OFF, Why::WaitsForNodes { pods: homeless });
    }
}

fn remember(memory: ServiceNotes) -> Remember {
    Remember::EndpointSlices(Rc::new(memory))
}

/// After the writes: whatever was refused is found out by comparing everything.
fn take_answers(service: &Rc<Service>, memory: &ServiceNotes, outcomes: &Outcomes, plan: &mut Plan) {
    let refused = outcomes.answers.iter().filter_map(|answer| answer.as_ref().err());
    let mut refused = refused.filter(|error| !crate::controllers::namespace_is_terminating(error)).peekable();
    let Some(first) = refused.peek() else { return };
    let message = format!("Error updating Endpoint Slices for Service {}: {}", service.key, first.message);
    let refused = refused.count() as u32;
    let mut memory = memory.clone();
    memory.note_everything(&service.key);
    plan.remember(remember(memory));
    let object = Object::Service(service.clone());
    let event =
        EventDraft::warning(&object, "FailedToUpdateEndpointSlices", EventText::Fixed(message.into()));
    plan.event(event, Why::RetriesRefused { refused });
    plan.fail(Why::RetriesRefused { refused });
}

/// One look at one Service.
struct Look<'a> {
    snapshot: &'a Snapshot<'a>,
    service: &'a Rc<Service>,
    trigger: Option<Time>,
}

impl Look<'_> {
    /// Packs what changed, and counts the pods whose nodes are not known.
    fn pack(&self) -> (Packing, u32) {
        let store = self.snapshot.store;
        let managed = store
            .slices_of(&self.service.key)
            .filter(|slice| object::is_managed(slice) && !slice.is_terminating());
        let mut packing = Packing::new(managed.cloned());
        let mut homeless = 0;
        let notes = self.snapshot.memory.endpoint_slices.notes(&self.service.key);
        match notes.filter(|notes| !notes.everything) {
            Some(notes) => {
                for (pod, before) in &notes.pods {
                    let before = before.as_ref().filter(|before| endpoint::is_endpoint(before));
                    let found = before.and_then(|before| packing.find(|(_, uid)| *uid == before.uid));
                    homeless += self.place(&mut packing, pod, found);
                }
            }
            None => {
                let selector = self.service.selector().cloned().unwrap_or_default();
                let pods: BTreeSet<&Key> =
                    store.pods_labelled(&self.service.key.namespace, &selector).map(|pod| &pod.key).collect();
                packing.retain(|pod| pods.contains(pod));
                for pod in pods {
                    let found = packing.find(|(key, _)| key == pod);
                    homeless += self.place(&mut packing, pod, found);
                }
                for draft in &mut packing.drafts {
                    draft.is_relabelled |= draft
                        .stored
                        .as_ref()
                        .is_some_and(|stored| *stored.meta.labels != object::labels(self.service));
                }
            }
        }
        packing.settle();
        (packing, homeless)
    }

    /// Places one pod, whose endpoint was `found` where it is; 1 if its node is not known.
    fn place(&self, packing: &mut Packing, key: &Key, found: Option<Found>) -> u32 {
        let store = self.snapshot.store;
        let is_endpoint =
            |pod: &&Rc<Pod>| endpoint::is_selected(pod, self.service) && endpoint::is_endpoint(pod);
        let pod = store.get::<Pod>(key).filter(is_endpoint);
        let wanted = pod.and_then(|pod| Some((&**pod, endpoint::of_pod(store, self.service, pod)?)));
        let is_homeless = pod.is_some() && wanted.is_none();
        packing.place(self.service, found, wanted);
        u32::from(is_homeless)
    }

    /// Writes what differs: creations first, then updates, then deletions.
    fn write(&self, packing: Packing, plan: &mut Plan) {
        let (mut created, mut updated, mut deleted) = (Vec::new(), Vec::new(), Vec::new());
        let mut staying = Vec::new();
        for draft in packing.drafts {
            match (draft.fate(), draft.stored.is_some()) {
                (Fate::Stays, _) => staying.push(draft),
                (Fate::IsWritten, true) => updated.push(draft),
                (Fate::IsWritten, false) => created.push(draft),
                (Fate::IsDeleted, _) => deleted.push(draft),
            }
        }
        if staying.is_empty() && created.is_empty() && updated.is_empty() {
            if let [only] = &deleted[..]
                && object::is_placeholder(only, self.service)
            {
                return plan.nothing_to_do(Why::UpToDate { endpoints: 0, ready: 0 });
            }
            created.push(Draft::placeholder(None));
        }
        self.take_over(&mut created, &mut updated, &mut deleted);
        for draft in created.into_iter().filter(|_| !self.service.is_terminating()) {
            let why = self.why(&draft);
            plan.create(object::create(self.service, draft, self.trigger), why).go_on();
        }
        for draft in updated {
            let why = self.why(&draft);
            if let Some(slice) = object::update(self.service, draft, self.trigger) {
                plan.update(slice, why).go_on();
            }
        }
        for stored in deleted.into_iter().filter_map(|draft| draft.stored) {
            let target = ObjectRef::new(Kind::EndpointSlice, stored.key.clone());
            plan.delete(target, DeleteOptions::default(), Why::SliceIsEmpty).accept(Reason::NotFound);
        }
        if plan.intents.is_empty() {
            let (endpoints, ready) = staying
                .iter()
                .map(Draft::tally)
                .fold((0, 0), |sum, tally| (sum.0 + tally.endpoints, sum.1 + tally.ready));
            return plan.nothing_to_do(Why::UpToDate { endpoints, ready });
        }
        plan.then(WRITTEN);
    }

    /// New slices take the place of slices that would be deleted: one write instead of two.
    fn take_over(&self, created: &mut Vec<Draft>, updated: &mut Vec<Draft>, deleted: &mut Vec<Draft>) {
        let is_ours = |draft: &Draft| {
            draft.stored.as_ref().is_some_and(|stored| stored.controller() == Some(self.service.uid))
        };
        while let Some(place) = deleted.iter().position(is_ours) {
            let Some(mut draft) = created.pop() else { return };
            let mut replaced = deleted.remove(place).stored;
            // Written whatever was written since: the whole content is new.
            if let Some(stored) = &mut replaced {
                Rc::make_mut(stored).resource_version = 0;
            }
            draft.stored = replaced;
            updated.push(draft);
        }
    }

    fn why(&self, draft: &Draft) -> Why {
        let tally = draft.tally();
        if tally.endpoints == 0 {
            let selector = self.service.selector().cloned().unwrap_or_default();
            let pods = self.snapshot.store.pods_labelled(&self.service.key.namespace, &selector).count();
            return Why::NoEndpoints { pods: pods as u32 };
        }
        if draft.stored.is_none() {
            return Why::NewSlice(tally);
        }
        if tally.added + tally.removed + tally.turned_ready + tally.turned_unready + tally.terminating == 0 {
            return Why::LabelsChanged;
        }
        Why::PodsChanged(tally)
    }
}
