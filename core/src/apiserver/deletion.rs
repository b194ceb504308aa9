//! Deletes objects: at once, after a grace period, or when the last finalizer is dropped.
//! Upstream: `staging/src/k8s.io/apiserver/pkg/registry/{rest/delete.go,generic/registry/store.go}`.

use std::rc::Rc;

use super::handle::{Request, changed, existing, removed, unchanged};
use super::store::Store;
use super::{ApiError, Change, DeleteOptions, Propagation, Verb, admission, definitions};
use crate::api::{Deletion, Kind, Namespace, Object, ObjectRef, Pod};
use crate::time::{Duration, Time};

/// Keeps an owner until its dependents are gone.
pub const FOREGROUND_FINALIZER: &str = "foregroundDeletion";
/// Keeps an owner until its dependents no longer name it.
pub const ORPHAN_FINALIZER: &str = "orphan";

/// Deletes the target, or marks it as being deleted.
pub(super) fn delete(
    store: &mut Store,
    request: Request<'_>,
    target: &ObjectRef,
    options: &DeleteOptions,
) -> Result<Change, ApiError> {
    let before = existing(store, target)?;
    admission::delete(request, &before)?;
    check_preconditions(&before, options)?;
    if let Some(mut after) = definitions::waiting_for_objects(store, &before) {
        after.meta_mut().deletion = Some(Deletion { at: request.now.truncate_to_second(), grace_seconds: 0 });
        let after = store.put(after);
        return Ok(changed(Verb::Delete, "", before, after));
    }
    let finalizers = finalizers(&before, options.propagation);
    let marked = match &before {
        Object::Pod(pod) => pod_deletion(pod, options.grace_seconds, request.now),
        _ => None,
    };
    let is_graceful = marked.is_some();
    let is_pending = before.meta().deletion.is_some();
    if !is_graceful && is_pending && matches!(before, Object::Pod(_)) && !is_overdue(&before) {
        return Ok(unchanged(store, Verb::Delete, "", before));
    }
    if let Object::Namespace(namespace) = &before {
        return delete_namespace(store, request.now, namespace, &before);
    }
    let finalizers_changed = *finalizers != *before.meta().finalizers;
    if !is_graceful && finalizers.is_empty() && !finalizers_changed {
        return removed(store, Verb::Delete, target);
    }
    let mut after = before.clone();
    let meta = after.meta_mut();
    meta.finalizers = finalizers;
    let waits = !meta.finalizers.is_empty();
    // Kinds without grace are marked only while a finalizer holds them.
    let deletion =
        marked.or(meta.deletion).or(waits.then_some(Deletion { at: request.now, grace_seconds: 0 }));
    if meta.deletion.is_none() && deletion.is_some() && meta.generation > 0 {
        meta.generation += 1;
    }
    meta.deletion = deletion;
    if super::metadata::is_unchanged(&after, &before) {
        return Ok(unchanged(store, Verb::Delete, "", before));
    }
    let ends_now = !waits && meta_grace(&after) == 0;
    if ends_now && !is_graceful {
        return removed(store, Verb::Delete, target);
    }
    let after = store.put(after);
    Ok(Change { erase_next: ends_now, ..changed(Verb::Delete, "", before, after) })
}

/// Whether a write to an object that is being deleted has just let it go: no finalizer, no grace left.
pub(super) fn lets_go(before: &Object, after: &Object) -> bool {
    let is_held = |object: &Object| match object {
        Object::Namespace(namespace) => {
            namespace.spec.finalizers.iter().flatten().next().is_some()
                || !namespace.meta.finalizers.is_empty()
        }
        other => !other.meta().finalizers.is_empty(),
    };
    after.meta().deletion.is_some() && meta_grace(after) == 0 && is_held(before) && !is_held(after)
}

fn meta_grace(object: &Object) -> i64 {
    object.meta().deletion.map_or(0, |deletion| deletion.grace_seconds)
}

/// Being deleted without grace or finalizers, and still there.
fn is_overdue(object: &Object) -> bool {
    meta_grace(object) == 0 && object.meta().finalizers.is_empty()
}

/// The deletion to store in a pod; `None` where a deletion that is under way stays as it is.
pub(super) fn pod_deletion(pod: &Pod, asked: Option<i64>, now: Time) -> Option<Deletion> {
    let Some(pending) = pod.meta.deletion else {
        let grace_seconds = pod_grace(pod, asked);
        return Some(Deletion { at: later(now, grace_seconds), grace_seconds });
    };
    let mut grace_seconds = asked.filter(|asked| *asked < pending.grace_seconds)?.max(0);
    let start = pending.at - Duration::from_seconds(pending.grace_seconds.max(0) as u64);
    let mut at = later(start, grace_seconds);
    if at < now {
        at = now;
        grace_seconds = grace_seconds.min(1);
    }
    Some(Deletion { at: at.truncate_to_second(), grace_seconds })
}

/// How long a pod that is not being deleted yet may take to end.
fn pod_grace(pod: &Pod, asked: Option<i64>) -> i64 {
    if pod.node().is_none() || pod.is_finished() {
        return 0;
    }
    let grace = asked.unwrap_or_else(|| pod.termination_grace_seconds());
    if grace < 0 { 1 } else { grace }
}

fn later(from: Time, seconds: i64) -> Time {
    (from + Duration::from_seconds(seconds.max(0) as u64)).truncate_to_second()
}

/// What holds the object once it is being deleted: its own finalizers and those of the propagation policy.
fn finalizers(object: &Object, propagation: Option<Propagation>) -> Rc<Vec<String>> {
    let current = &object.meta().finalizers;
    let is_policy = |name: &str| name == FOREGROUND_FINALIZER || name == ORPHAN_FINALIZER;
    let wanted = match propagation {
        // Asked without a policy, these kinds leave their dependents alone, unless a finalizer says otherwise.
        None if orphans_by_default(object.kind()) && !current.iter().any(|name| is_policy(name)) => {
            Some(ORPHAN_FINALIZER)
        }
        None => return current.clone(),
        Some(Propagation::Background) => None,
        Some(Propagation::Foreground) => Some(FOREGROUND_FINALIZER),
        Some(Propagation::Orphan) => Some(ORPHAN_FINALIZER),
    };
    let policies = current.iter().filter(|name| is_policy(name));
    if policies.map(String::as_str).eq(wanted) {
        return current.clone();
    }
    let own = current.iter().filter(|name| !is_policy(name)).cloned();
    Rc::new(own.chain(wanted.map(str::to_owned)).collect())
}

/// Kinds that were there before the garbage collector was. Upstream: `DefaultGarbageCollectionPolicy`.
fn orphans_by_default(kind: Kind) -> bool {
    matches!(kind, Kind::ReplicationController | Kind::Job)
}

/// A namespace goes through `Terminating`; what it holds is removed first.
fn delete_namespace(
    store: &mut Store,
    now: Time,
    namespace: &Rc<Namespace>,
    before: &Object,
) -> Result<Change, ApiError> {
    if namespace.is_terminating() {
        return Ok(unchanged(store, Verb::Delete, "", before.clone()));
    }
    let mut terminating = (**namespace).clone();
    Rc::make_mut(&mut terminating.meta).deletion =
        Some(Deletion { at: now.truncate_to_second(), grace_seconds: 0 });
    Rc::make_mut(&mut terminating.status).phase = Some("Terminating".to_owned());
    let is_held = namespace.spec.finalizers.iter().flatten().next().is_some();
    let after = store.put(Object::Namespace(Rc::new(terminating)));
    Ok(Change { erase_next: !is_held, ..changed(Verb::Delete, "", before.clone(), after) })
}

fn check_preconditions(object: &Object, options: &DeleteOptions) -> Result<(), ApiError> {
    let target = object.reference();
    if let Some(uid) = options.uid.filter(|uid| *uid != object.uid()) {
        let found = object.uid();
        let detail = format!(
            "the UID in the precondition ({uid}) does not match the UID in record ({found}). \
             The object might have been deleted and then recreated"
        );
        return Err(ApiError::conflict(&target, &detail));
    }
    let found = object.resource_version();
    if let Some(version) = options.resource_version.filter(|version| *version != found) {
        let detail = format!(
            "the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in record \
             ({found}). The object might have been modified"
        );
        return Err(ApiError::conflict(&target, &detail));
    }
    Ok(())
}
