//! Copies the Endpoints that a person writes for a Service without a selector into EndpointSlices, which is what
//! kube-proxies read. Upstream: `pkg/controller/endpointslicemirroring`.
//!
//! A subset becomes one slice for each kind of address it has ([`wanted`]); what the slices say already is left alone.

mod wanted;

use std::rc::Rc;

use crate::api::endpoint_slice::SERVICE_NAME_LABEL;
use crate::api::{
    EndpointSlice, Endpoints, Key, Kind, Labels, Meta, Object, ObjectRef, Resource, Service, Uid,
};
use crate::apiserver::{Change, DeleteOptions, Reason, Store};
use crate::controllers::{Controller, claim};
use crate::engine::memory::Memory;
use crate::plan::{EventDraft, EventText, Outcomes, Plan, Snapshot};
use crate::time::Duration;
use crate::why::EndpointSlice as Why;
use wanted::Mirror;

/// The EndpointSliceMirroring controller.
pub const CONTROLLER: Controller = Controller {
    name: "endpointslice mirroring",
    component: "endpoint-slice-mirroring-controller",
    watches: &[Kind::Service, Kind::Endpoints, Kind::EndpointSlice],
    reads_own_writes: true,
    knows_own: Some((Kind::EndpointSlice, Duration::ZERO)),
    delay: super::at_once,
    back_off: super::BACK_OFF,
    wakes,
    reconcile,
};

/// The label that says who writes a slice.
const MANAGED_BY_LABEL: &str = "endpointslice.kubernetes.io/managed-by";
/// What this controller calls itself there.
const NAME: &str = "endpointslicemirroring-controller.k8s.io";
/// Endpoints with this label are not mirrored: another controller writes slices for them.
const SKIP_LABEL: &str = "endpointslice.kubernetes.io/skip-mirror";
/// Endpoints that components elect their leader by.
const LEADER: &str = "control-plane.alpha.kubernetes.io/leader";
/// Annotations of Endpoints that are not copied.
const NOT_COPIED: [&str; 2] =
    ["endpoints.kubernetes.io/last-change-trigger-time", "kubectl.kubernetes.io/last-applied-configuration"];

fn wakes(_store: &Store, change: &Change, _memory: &mut Rc<Memory>, wakes: &mut Vec<ObjectRef>) {
    let mut wake = |key: Key| wakes.push(ObjectRef::new(Kind::Endpoints, key));
    match (&change.before, &change.after) {
        (Some(Object::Service(before)), Some(Object::Service(after))) => {
            if before.selector().is_some() != after.selector().is_some() {
                wake(after.key.clone());
            }
        }
        (Some(Object::Service(service)), None) | (None, Some(Object::Service(service))) => {
            if service.selector().is_none() {
                wake(service.key.clone());
            }
        }
        (before, after) => {
            let both = [before, after].into_iter().flatten();
            if both.clone().any(|object| matches!(object, Object::Endpoints(it) if is_for_mirroring(it))) {
                return wake(change.object.key.clone());
            }
            let of_mirror = both.filter_map(|object| match object {
                Object::EndpointSlice(slice) if is_own(slice) => slice.service(),
                _ => None,
            });
            of_mirror.for_each(wake);
        }
    }
}

fn is_own(slice: &EndpointSlice) -> bool {
    slice.label(MANAGED_BY_LABEL) == Some(NAME)
}

fn is_for_mirroring(endpoints: &Endpoints) -> bool {
    endpoints.label(SKIP_LABEL) != Some("true") && endpoints.annotation(LEADER).is_none()
}

fn reconcile(snapshot: &Snapshot<'_>, target: &ObjectRef, _outcomes: &Outcomes, plan: &mut Plan) {
    let store = snapshot.store;
    let existing: Vec<&Rc<EndpointSlice>> =
        store.slices_of(&target.key).filter(|slice| is_own(slice)).collect();
    let service = store.get::<Service>(&target.key).filter(|service| service.selector().is_none());
    let endpoints = store.get::<Endpoints>(&target.key).filter(|endpoints| is_for_mirroring(endpoints));
    let (Some(endpoints), Some(_)) = (endpoints, service) else {
        existing.into_iter().for_each(|slice| delete(slice, plan));
        return;
    };
    let wanted = wanted::of(endpoints);
    warn_of_what_is_left_out(endpoints, &wanted, plan);
    write(endpoints, wanted.mirrors, existing, plan);
    if plan.intents.is_empty() {
        let (ready, not_ready) = endpoints.count();
        plan.nothing_to_do(Why::Mirrored { addresses: ready + not_ready });
    }
}

/// Addresses that are none, and those that are too many.
fn warn_of_what_is_left_out(endpoints: &Rc<Endpoints>, wanted: &wanted::Wanted, plan: &mut Plan) {
    let object = Object::Endpoints(endpoints.clone());
    let mut warn = |reason: &'static str, text: String, addresses: u32| {
        let draft = EventDraft::warning(&object, reason, EventText::Fixed(text.into()));
        plan.event(draft, Why::MirrorLeavesOut { addresses });
    };
    if wanted.invalid > 0 {
        let text =
            format!("Skipped {} invalid IP addresses when mirroring to EndpointSlices", wanted.invalid);
        warn("InvalidIPAddress", text, wanted.invalid);
    }
    if wanted.left_out > wanted.invalid {
        let text = format!(
            "A max of {} addresses can be mirrored to EndpointSlices per Endpoints subset. {} addresses were skipped",
            wanted::MOST,
            wanted.left_out
        );
        warn("TooManyAddressesToMirror", text, wanted.left_out);
    }
}

/// Makes the slices say what is wanted: known ones are written anew where they differ, those that are left over take on
/// what has no slice yet, and the rest goes.
fn write(
    endpoints: &Rc<Endpoints>,
    mirrors: Vec<Mirror>,
    mut existing: Vec<&Rc<EndpointSlice>>,
    plan: &mut Plan,
) {
    let (labels, annotations) = (labels(endpoints), annotations(endpoints));
    let mut homeless = Vec::new();
    for mirror in mirrors {
        let Some(place) = existing.iter().position(|slice| mirror.is_kept_by(&slice.spec)) else {
            homeless.push(mirror);
            continue;
        };
        let slice = existing.remove(place);
        let is_labelled = slice.meta.labels == labels && slice.meta.annotations == annotations;
        if !is_labelled || !mirror.is_told_by(&slice.spec) {
            update(endpoints, slice, mirror, plan);
        }
    }
    for mirror in homeless {
        match existing.iter().position(|slice| slice.spec.address_type == mirror.slice.address_type) {
            Some(place) => update(endpoints, existing.remove(place), mirror, plan),
            None => create(endpoints, mirror, plan),
        }
    }
    existing.into_iter().for_each(|slice| delete(slice, plan));
}

fn create(endpoints: &Rc<Endpoints>, mirror: Mirror, plan: &mut Plan) {
    if endpoints.is_terminating() {
        return;
    }
    let why = Why::Mirrors { addresses: mirror.slice.endpoints.len() as u32 };
    let meta = Meta {
        labels: labels(endpoints),
        annotations: annotations(endpoints),
        owners: claim::sole_owner(Kind::Endpoints, endpoints),
        generate_name: Some(format!("{}-", endpoints.name()).into()),
        ..Meta::default()
    };
    let slice = Resource {
        key: Key { namespace: endpoints.key.namespace.clone(), name: "".into() },
        uid: Uid::default(),
        resource_version: 0,
        meta: Rc::new(meta),
        spec: Rc::new(mirror.slice),
        status: (),
    };
    plan.create(Object::EndpointSlice(Rc::new(slice)), why);
}

fn update(endpoints: &Endpoints, known: &Rc<EndpointSlice>, mirror: Mirror, plan: &mut Plan) {
    let why = Why::Mirrors { addresses: mirror.slice.endpoints.len() as u32 };
    let mut slice = (**known).clone();
    let meta = Rc::make_mut(&mut slice.meta);
    (meta.labels, meta.annotations) = (labels(endpoints), annotations(endpoints));
    slice.spec = Rc::new(mirror.slice);
    plan.update(Object::EndpointSlice(Rc::new(slice)), why);
}

fn delete(slice: &Rc<EndpointSlice>, plan: &mut Plan) {
    let target = ObjectRef::new(Kind::EndpointSlice, slice.key.clone());
    plan.delete(target, DeleteOptions::default(), Why::MirrorsNothing).accept(Reason::NotFound);
}

fn labels(endpoints: &Endpoints) -> Rc<Labels> {
    let mut labels = (*endpoints.meta.labels).clone();
    labels.insert(SERVICE_NAME_LABEL.to_owned(), endpoints.name().to_owned());
    labels.insert(MANAGED_BY_LABEL.to_owned(), NAME.to_owned());
    Rc::new(labels)
}

fn annotations(endpoints: &Endpoints) -> Rc<Labels> {
    let mut annotations = (*endpoints.meta.annotations).clone();
    NOT_COPIED.iter().for_each(|name| drop(annotations.remove(*name)));
    Rc::new(annotations)
}
