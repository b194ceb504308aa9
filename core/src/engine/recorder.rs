//! Event recorders: what client-go does with an Event before it is sent.
//! Upstream: `k8s.io/client-go/tools/record/events_cache.go`.

use std::rc::Rc;

use super::world::{World, uid};
use crate::api::{Event, Key, Kind, Meta, Object, ObjectRef};
use crate::apiserver::{Change, Verb};
use crate::plan::EventDraft;

/// Which Events were recorded lately, so that repeats are counted and floods are combined.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Correlator {}

/// Who records.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// `deployment-controller`
    pub(crate) component: &'static str,
    /// The node, for kubelets.
    pub(crate) host: Option<Rc<str>>,
}

/// Sends an Event. `None` where the recorder drops it.
pub(crate) fn record(
    world: &mut World,
    source: Source,
    draft: &EventDraft,
    message: Rc<str>,
) -> Option<Change> {
    let namespace: Rc<str> = match &*draft.about.key.namespace {
        "" => "default".into(),
        _ => draft.about.key.namespace.clone(),
    };
    let name = format!("{}.{:016x}", draft.about.key.name, world.now.0);
    let event = Event {
        key: Key::new(namespace, name),
        uid: uid(&mut world.rng),
        resource_version: 0,
        meta: Rc::new(Meta { created: world.now.truncate_to_second(), ..Meta::default() }),
        about: draft.about.clone(),
        about_uid: draft.about_uid,
        field_path: draft.field_path.clone(),
        event_type: draft.event_type,
        reason: draft.reason,
        message,
        component: source.component,
        host: source.host,
        count: 1,
        first: world.now,
        last: world.now,
    };
    let reference = ObjectRef::new(Kind::Event, event.key.clone());
    let before = world.store.object(&reference);
    let after = Rc::make_mut(&mut world.store).put(Object::Event(Rc::new(event)));
    Some(Change {
        verb: Verb::Create,
        subresource: "",
        object: reference,
        before,
        revision: after.resource_version(),
        after: Some(after),
        erase_next: false,
    })
}
