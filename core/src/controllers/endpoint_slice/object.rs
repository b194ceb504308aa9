//! EndpointSlice objects as the controller writes them: labels, owner, annotation.
//! Upstream: `staging/src/k8s.io/endpointslice/utils.go`, `newEndpointSlice`.

use std::rc::Rc;

use super::packing::Draft;
use crate::api::endpoint_slice::{SERVICE_NAME_LABEL, Slice};
use crate::api::{EndpointSlice, Key, Kind, Labels, Meta, Object, Resource, Service, Uid};
use crate::controllers::claim;
use crate::time::Time;

const MANAGED_BY_LABEL: &str = "endpointslice.kubernetes.io/managed-by";
const HEADLESS_LABEL: &str = "service.kubernetes.io/headless";
/// What this controller calls itself on its slices.
const CONTROLLER_NAME: &str = "endpointslice-controller.k8s.io";
const TRIGGER_TIME: &str = "endpoints.kubernetes.io/last-change-trigger-time";
const ADDRESS_TYPE: &str = "IPv4";

/// Whether a slice is this controller's, and not a person's or another controller's.
pub(super) fn is_managed(slice: &EndpointSlice) -> bool {
    slice.label(MANAGED_BY_LABEL) == Some(CONTROLLER_NAME)
}

/// The labels of a Service's slices: its own, and those that say whose they are.
pub(super) fn labels(service: &Service) -> Labels {
    let mut labels = (*service.meta.labels).clone();
    labels.remove(HEADLESS_LABEL);
    if service.is_headless() {
        labels.insert(HEADLESS_LABEL.to_owned(), String::new());
    }
    labels.insert(SERVICE_NAME_LABEL.to_owned(), service.name().to_owned());
    labels.insert(MANAGED_BY_LABEL.to_owned(), CONTROLLER_NAME.to_owned());
    labels
}

/// Whether the stored slice of `draft` already says that there is no endpoint.
pub(super) fn is_placeholder(draft: &Draft, service: &Service) -> bool {
    let Some(stored) = &draft.stored else { return false };
    stored.spec.endpoints.is_empty() && stored.spec.ports.is_empty() && *stored.meta.labels == labels(service)
}

/// A new slice.
pub(super) fn create(service: &Rc<Service>, draft: Draft, trigger: Option<Time>) -> Object {
    let meta = Meta {
        labels: Rc::new(labels(service)),
        annotations: with_trigger(&Rc::default(), trigger),
        owners: claim::sole_owner(Kind::Service, service),
        generate_name: Some(format!("{}-", service.name()).into()),
        ..Meta::default()
    };
    Object::EndpointSlice(Rc::new(Resource {
        key: Key { namespace: service.key.namespace.clone(), name: "".into() },
        uid: Uid::default(),
        resource_version: 0,
        meta: Rc::new(meta),
        spec: Rc::new(content(draft)),
        status: (),
    }))
}

/// A stored slice with what its draft says.
pub(super) fn update(service: &Service, draft: Draft, trigger: Option<Time>) -> Option<Object> {
    let stored = draft.stored.as_ref()?;
    let mut slice = (**stored).clone();
    let has_labels = !draft.is_relabelled && draft.ports == stored.spec.ports;
    let annotations = with_trigger(&slice.meta.annotations, trigger);
    if !has_labels || annotations != slice.meta.annotations {
        let meta = Rc::make_mut(&mut slice.meta);
        meta.annotations = annotations;
        if !has_labels {
            meta.labels = Rc::new(labels(service));
        }
    }
    slice.spec = Rc::new(content(draft));
    Some(Object::EndpointSlice(Rc::new(slice)))
}

fn content(draft: Draft) -> Slice {
    let address_type = match &draft.stored {
        Some(stored) => stored.spec.address_type.clone(),
        None => ADDRESS_TYPE.into(),
    };
    Slice { address_type, ports: draft.ports.clone(), endpoints: draft.into_endpoints() }
}

/// The annotation says when what is written now happened; it is taken away where that is not known.
fn with_trigger(annotations: &Rc<Labels>, trigger: Option<Time>) -> Rc<Labels> {
    let known = annotations.get(TRIGGER_TIME);
    let wanted = trigger.map(|time| time.to_api().0.to_string());
    if known == wanted.as_ref() {
        return annotations.clone();
    }
    let mut annotations = (**annotations).clone();
    match wanted {
        Some(time) => annotations.insert(TRIGGER_TIME.to_owned(), time),
        None => annotations.remove(TRIGGER_TIME),
    };
    Rc::new(annotations)
}
