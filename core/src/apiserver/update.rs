//! Writes to objects that exist: the spec and the metadata by one way, the status by another.
//! Upstream: `staging/src/k8s.io/apiserver/pkg/registry/rest/update.go`, `pkg/registry/*/strategy.go`.

use std::rc::Rc;

use super::handle::{Request, changed, existing, removed, unchanged};
use super::store::Store;
use super::{
    ApiError, Change, Verb, addresses, admission, defaults, deletion, escalation, metadata, validation,
};
use crate::api::{Object, Pod};
use crate::rng::Rng;

/// Writes everything but the status. `verb` is the one that was asked for: patches end here too.
pub(super) fn update(
    store: &mut Store,
    request: Request<'_>,
    sent: &Object,
    verb: Verb,
    rng: &mut Rng,
) -> Result<Change, ApiError> {
    let before = existing(store, &sent.reference())?;
    metadata::check_current(&before, sent.uid(), sent.resource_version())?;
    let mut after = sent.clone();
    metadata::keep_identity(&mut after, &before);
    keep_status(&mut after, &before);
    if let (Object::Pod(new), Object::Pod(old)) = (&mut after, &before)
        && !Rc::ptr_eq(&new.spec.spec, &old.spec.spec)
    {
        let shared = &mut Rc::make_mut(new).spec.spec;
        let spec = Rc::make_mut(shared);
        defaults::pod::pod_spec(spec);
        admission::updated_pod_spec(spec, &old.spec.spec);
        if *spec == *old.spec.spec {
            *shared = old.spec.spec.clone();
        }
    }
    defaults::fill(&mut after, Some(&before));
    admission::update(request, &before, "")?;
    escalation::check(store, request.user, &after)?;
    addresses::carry_over(&mut after, &before);
    metadata::count_generation(&mut after, &before);
    let causes = validation::update(&after, &before);
    if !causes.is_empty() {
        return Err(ApiError::invalid(after.kind(), after.name(), causes));
    }
    addresses::allocate(store, &mut after, Some(&before), request.dry_run, rng)?;
    let change = write(store, verb, "", before, after)?;
    Ok(Change { sent: (!change.is_noop()).then(|| sent.clone()), ..change })
}

/// Writes the status, and of the metadata what the kind lets a status write change.
pub(super) fn update_status(
    store: &mut Store,
    request: Request<'_>,
    sent: &Object,
) -> Result<Change, ApiError> {
    let before = existing(store, &sent.reference())?;
    metadata::check_current(&before, sent.uid(), sent.resource_version())?;
    admission::update(request, &before, "status")?;
    let mut after = sent.clone();
    metadata::keep_identity(&mut after, &before);
    keep_all_but_status(&mut after, &before);
    if let (Object::PersistentVolume(new), Object::PersistentVolume(old)) = (&mut after, &before)
        && new.phase() != old.phase()
    {
        let status = Rc::make_mut(&mut Rc::make_mut(new).status);
        status.last_phase_transition_time = Some(request.now.to_api());
    }
    let causes = validation::update_status(&after, &before);
    if !causes.is_empty() {
        return Err(ApiError::invalid(after.kind(), after.name(), causes));
    }
    write(store, Verb::Update, "status", before, after)
}

/// Stores `after`, unless it changes nothing; removes the object if the write let it go.
pub(super) fn write(
    store: &mut Store,
    verb: Verb,
    subresource: &'static str,
    before: Object,
    after: Object,
) -> Result<Change, ApiError> {
    if metadata::is_unchanged(&after, &before) {
        return Ok(unchanged(store, verb, subresource, before));
    }
    if deletion::lets_go(&before, &after) {
        return removed(store, verb, &before.reference());
    }
    let after = store.put(after);
    Ok(changed(verb, subresource, before, after))
}

/// Kinds that are a spec and a status, and whose status writes leave the metadata's labels to the client.
macro_rules! with_plain_status {
    ($then:ident) => {
        $then! {
            Namespace, Node, Service, ReplicationController, StatefulSet, DaemonSet, Job, CronJob, HorizontalPodAutoscaler, PodDisruptionBudget, ResourceQuota, PersistentVolumeClaim, PersistentVolume
        }
    };
}

fn keep_status(after: &mut Object, before: &Object) {
    macro_rules! keep_status {
        ($($name:ident),*) => {
            match (after, before) {
                (Object::Pod(new), Object::Pod(old)) => keep(&mut Rc::make_mut(new).status, &old.status),
                (Object::ReplicaSet(new), Object::ReplicaSet(old)) => {
                    keep(&mut Rc::make_mut(new).status, &old.status);
                }
                (Object::Deployment(new), Object::Deployment(old)) => {
                    keep(&mut Rc::make_mut(new).status, &old.status);
                }
                $((Object::$name(new), Object::$name(old)) => {
                    keep(&mut Rc::make_mut(new).status, &old.status);
                })*
                // The others have no status.
                (new, old) => check_kind(new, old),
            }
        };
    }
    with_plain_status!(keep_status);
}

fn keep_all_but_status(after: &mut Object, before: &Object) {
    macro_rules! keep_spec {
        ($($name:ident),*) => {
            match (after, before) {
                (Object::Pod(new), Object::Pod(old)) => keep_all_but_pod_status(Rc::make_mut(new), old),
                (Object::ReplicaSet(new), Object::ReplicaSet(old)) => {
                    let new = Rc::make_mut(new);
                    new.spec.replicas = old.spec.replicas;
                    keep(&mut new.spec.spec, &old.spec.spec);
                }
                (Object::Deployment(new), Object::Deployment(old)) => {
                    let new = Rc::make_mut(new);
                    keep(&mut new.spec, &old.spec);
                    if !Rc::ptr_eq(&new.meta.labels, &old.meta.labels) {
                        Rc::make_mut(&mut new.meta).labels = old.meta.labels.clone();
                    }
                }
                $((Object::$name(new), Object::$name(old)) => keep(&mut Rc::make_mut(new).spec, &old.spec),)*
                (new, old) => check_kind(new, old),
            }
        };
    }
    with_plain_status!(keep_spec);
}

fn keep_all_but_pod_status(new: &mut Pod, old: &Pod) {
    new.spec = old.spec.clone();
    if !Rc::ptr_eq(&new.meta.owners, &old.meta.owners) {
        Rc::make_mut(&mut new.meta).owners = old.meta.owners.clone();
    }
    if new.status.qos_class != old.status.qos_class {
        Rc::make_mut(&mut new.status).qos_class.clone_from(&old.status.qos_class);
    }
}

fn check_kind(new: &Object, old: &Object) {
    assert_eq!(
        new.kind(),
        old.kind(),
        "{} was stored under the name of {}: a key belongs to one kind",
        new.kind().name(),
        old.kind().name()
    );
}

fn keep<T>(new: &mut Rc<T>, old: &Rc<T>) {
    if !Rc::ptr_eq(new, old) {
        *new = old.clone();
    }
}
