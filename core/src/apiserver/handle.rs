//! One request, from its arrival to its answer.

use super::authentication::User;
use super::authorization::authorize;
use super::{ApiError, Change, Reason, Store, Verb, Write};
use super::{
    addresses, admission, admitted, binding, defaults, definitions, deletion, escalation, eviction,
    limit_ranger, metadata, patch, quota, storage_admission, update, validation,
};
use crate::api::{Object, ObjectRef};
use crate::rng::Rng;
use crate::time::Time;

/// Who asks, and when.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Who asks.
    pub user: User<'a>,
    /// Virtual time.
    pub now: Time,
    /// `dryRun=All`: nothing is stored for good, and node ports are only looked at.
    pub dry_run: bool,
    /// Whether the namespace `default` may not be deleted.
    pub protects_default: bool,
}

/// Takes one request through every station.
///
/// # Errors
/// The refusal, which names the station that stopped the request; the store is as it was.
pub fn handle(
    store: &mut Store,
    request: Request<'_>,
    write: &Write,
    rng: &mut Rng,
) -> Result<Change, ApiError> {
    authorize(store, request.user, write)?;
    match write {
        Write::Create(object) => create(store, request, object, rng),
        Write::Update(object) => update::update(store, request, object, Verb::Update, rng),
        Write::UpdateStatus(object) => update::update_status(store, request, object),
        Write::Patch { target, uid, patch } => patch::patch(store, request, target, *uid, patch, rng),
        Write::Bind { pod, uid, node } => binding::bind(store, request, pod, *uid, node),
        Write::Evict { pod, uid, grace_seconds } => {
            eviction::evict(store, request, pod, *uid, *grace_seconds)
        }
        Write::Delete { target, options } => deletion::delete(store, request, target, options),
    }
}

fn create(store: &mut Store, request: Request<'_>, sent: &Object, rng: &mut Rng) -> Result<Change, ApiError> {
    definitions::check_served(store, sent.kind())?;
    let mut object = sent.clone();
    admission::create(store, request, &object)?;
    let prefix = metadata::begin(&mut object, request.now, rng);
    match &mut object {
        Object::Pod(pod) => {
            limit_ranger::fill_in(store, pod);
            if let Err(refusal) = admitted::admit(store, pod) {
                return Err(with_metadata(&object, refusal));
            }
        }
        other => {
            defaults::fill(other, None);
            defaults::empty_status(other, request.now);
            storage_admission::complete(store, other);
            addresses::prepare(other);
            escalation::check(store, request.user, other)?;
        }
    }
    let causes = validation::create(&object);
    if !causes.is_empty() {
        return Err(ApiError::invalid(object.kind(), object.name(), causes));
    }
    limit_ranger::check(store, &object)?;
    quota::admit(store, &object, request.now)?;
    addresses::allocate(store, &mut object, None, request.dry_run, rng)?;
    if !request.dry_run {
        metadata::check_new(sent)?;
    }
    metadata::take_free_name(store, &mut object, prefix.as_deref(), rng)?;
    let after = store.put(object);
    Ok(Change {
        verb: Verb::Create,
        subresource: "",
        object: after.reference(),
        before: None,
        revision: after.resource_version(),
        after: Some(after),
        sent: Some(sent.clone()),
        erase_next: false,
    })
}

/// What is wrong with a new pod's metadata is told before what is wrong with its spec.
fn with_metadata(pod: &Object, refusal: ApiError) -> ApiError {
    if refusal.reason != Reason::Invalid {
        return refusal;
    }
    let mut causes = validation::create(pod);
    causes.extend(refusal.causes);
    ApiError::invalid(pod.kind(), pod.name(), causes)
}

/// A new object with every default filled in, whatever else is wrong with it. Pods get theirs in `admitted`: their
/// templates show the same.
pub(crate) fn completed(object: &Object) -> Object {
    let mut object = object.clone();
    defaults::fill(&mut object, None);
    object
}

/// Reads the object a request is about.
pub(super) fn existing(store: &Store, target: &ObjectRef) -> Result<Object, ApiError> {
    store.object(target).ok_or_else(|| ApiError::not_found(target))
}

/// The answer to a write that changed what is stored.
pub(super) fn changed(verb: Verb, subresource: &'static str, before: Object, after: Object) -> Change {
    Change {
        verb,
        subresource,
        object: after.reference(),
        revision: after.resource_version(),
        before: Some(before),
        after: Some(after),
        sent: None,
        erase_next: false,
    }
}

/// The answer to a write that left everything as it was.
pub(super) fn unchanged(store: &Store, verb: Verb, subresource: &'static str, object: Object) -> Change {
    let revision = store.revision();
    Change { revision, ..changed(verb, subresource, object.clone(), object) }
}

/// Removes an object at once: the answer of a deletion, or of the write that dropped the last finalizer.
pub(super) fn removed(store: &mut Store, verb: Verb, target: &ObjectRef) -> Result<Change, ApiError> {
    let before = store.erase(target).ok_or_else(|| ApiError::not_found(target))?;
    Ok(Change {
        verb,
        subresource: "",
        object: target.clone(),
        before: Some(before),
        after: None,
        sent: None,
        revision: store.revision(),
        erase_next: false,
    })
}
