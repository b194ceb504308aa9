//! Event recorders: what becomes of an Event between a component and the API server.
//! Upstream: `k8s.io/client-go/tools/record/event.go`.

mod correlator;

use std::rc::Rc;

use super::world::World;
use crate::api::{Event, Key, Kind, Namespace, Object, ObjectRef, Uid};
use crate::apiserver::{Change, Verb};
use crate::plan::EventDraft;
use crate::time::{EPOCH_SECONDS, Time};

use correlator::Verdict;

pub use correlator::Correlator;

/// Who records.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// `deployment-controller`
    pub(crate) component: &'static str,
    /// The node, for kubelets.
    pub(crate) host: Option<Rc<str>>,
}

impl Source {
    /// Whether it records by the newer `events.k8s.io/v1`, as the scheduler alone does.
    fn keeps_series(&self) -> bool {
        self.component == "default-scheduler"
    }
}

/// Sends an Event. `None` where the recorder drops it.
pub(crate) fn record(
    world: &mut World,
    source: Source,
    draft: &EventDraft,
    message: Rc<str>,
) -> Option<Change> {
    let now = world.now;
    let correlator = Rc::make_mut(&mut Rc::make_mut(&mut world.memory).events);
    match correlator.observe(&source, draft, &message, now) {
        Verdict::Drop => None,
        Verdict::Create { message, count, first } => {
            let key = free_key(world, namespace_of(draft), draft.about.name());
            let correlator = Rc::make_mut(&mut Rc::make_mut(&mut world.memory).events);
            correlator.sent_as(&source, draft, &message, key.name.clone());
            create(world, source, draft, key, Contents { message, count, first })
        }
        Verdict::Repeat { name, message: text, count } => {
            let key = Key { namespace: namespace_of(draft), name };
            let Some(known) = world.store.get::<Event>(&key).cloned() else {
                // Somebody deleted it: it comes back under its name.
                let contents = Contents { message: text.unwrap_or(message), count, first: now };
                return create(world, source, draft, key, contents);
            };
            Some(repeat(world, &known, text, count))
        }
    }
}

/// What a new Event says, and since when.
struct Contents {
    message: Rc<str>,
    count: u32,
    first: Time,
}

fn create(
    world: &mut World,
    source: Source,
    draft: &EventDraft,
    key: Key,
    contents: Contents,
) -> Option<Change> {
    // Nothing is created in a namespace that is going away, and recorders do not try again.
    if world.store.get_cluster_wide::<Namespace>(&key.namespace)?.is_terminating() {
        return None;
    }
    let correlator = Rc::make_mut(&mut Rc::make_mut(&mut world.memory).events);
    let event = Event {
        key,
        uid: Uid::random(&mut world.rng),
        resource_version: 0,
        meta: correlator.metadata(world.now),
        about: draft.about.clone(),
        about_uid: draft.about_uid,
        field_path: draft.field_path.clone(),
        event_type: draft.event_type,
        reason: draft.reason,
        message: contents.message,
        component: source.component,
        host: source.host,
        count: contents.count,
        first: contents.first,
        last: world.now,
    };
    let after = Rc::make_mut(&mut world.store).put(Object::Event(Rc::new(event)));
    Some(written(Verb::Create, None, after))
}

fn repeat(world: &mut World, known: &Rc<Event>, message: Option<Rc<str>>, count: u32) -> Change {
    let mut event = (**known).clone();
    event.message = message.unwrap_or(event.message);
    event.count = count;
    event.last = world.now;
    let after = Rc::make_mut(&mut world.store).put(Object::Event(Rc::new(event)));
    written(Verb::Patch, Some(Object::Event(known.clone())), after)
}

fn written(verb: Verb, before: Option<Object>, after: Object) -> Change {
    Change {
        verb,
        subresource: "",
        object: ObjectRef::new(Kind::Event, after.key().clone()),
        before,
        revision: after.resource_version(),
        after: Some(after),
        sent: None,
        erase_next: false,
    }
}

/// Events about cluster-scoped objects live in `default`.
fn namespace_of(draft: &EventDraft) -> Rc<str> {
    if draft.about.key.namespace.is_empty() { "default".into() } else { draft.about.key.namespace.clone() }
}

/// `<object>.<nanoseconds since 1970 in hex>`. Many things happen in one instant of virtual time, so later ones
/// take the next nanosecond that is free.
fn free_key(world: &World, namespace: Rc<str>, object: &str) -> Key {
    let mut nanoseconds = EPOCH_SECONDS as u64 * 1_000_000_000 + world.now.0;
    loop {
        let key = Key { namespace: namespace.clone(), name: format!("{object}.{nanoseconds:016x}").into() };
        if world.store.get::<Event>(&key).is_none() {
            return key;
        }
        nanoseconds += 1;
    }
}
