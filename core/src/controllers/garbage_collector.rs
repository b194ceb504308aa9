//! Deletes what nobody owns any more. Upstream: `pkg/controller/garbagecollector/garbagecollector.go`.
//!
//! ```text
//! Deployment deleted   ->  its ReplicaSet's owner is gone: deleted   ->  its pods' owner is gone: deleted
//! ```
//! A key is an object that may have to go because of its owners, or an owner whose deletion waits for the objects
//! it owns (`foregroundDeletion`), or shall spare them (`orphan`).

use std::rc::Rc;

use crate::api::{Key, Kind, Meta, Object, ObjectRef, Owner, Uid};
use crate::apiserver::deletion::{FOREGROUND_FINALIZER, ORPHAN_FINALIZER};
use crate::apiserver::{Change, DeleteOptions, Patch, Propagation, Reason, Store};
use crate::controllers::Controller;
use crate::engine::memory::Memory;
use crate::plan::{EventDraft, EventText, Outcomes, Plan, Snapshot};
use crate::why::GarbageCollector as Why;

/// The garbage collector.
pub const CONTROLLER: Controller = Controller {
    name: "garbage collector",
    component: "garbage-collector-controller",
    watches: COLLECTED,
    reads_own_writes: false,
    knows_own: None,
    delay: super::at_once,
    back_off: super::BACK_OFF,
    wakes,
    reconcile,
};

/// Everything that may own or be owned: all kinds but Events, which vanish by themselves.
pub(super) const COLLECTED: &[Kind] = &{
    let mut kinds = [Kind::Pod; Kind::ALL.len() - 1];
    let (mut from, mut to) = (0, 0);
    while from < Kind::ALL.len() {
        if !matches!(Kind::ALL[from], Kind::Event) {
            kinds[to] = Kind::ALL[from];
            to += 1;
        }
        from += 1;
    }
    kinds
};

/// How an owner stands, seen from an object that names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// It exists.
    Solid,
    /// It is being deleted in the foreground: it waits for its dependents.
    Waiting,
    /// There is no such object, or it is another one of the same name.
    Dangling,
}

fn wakes(store: &Store, change: &Change, _memory: &mut Rc<Memory>, wakes: &mut Vec<ObjectRef>) {
    let before = change.before.as_ref();
    let Some(after) = &change.after else {
        let Some(before) = before else { return };
        wakes.extend(store.dependents(before.uid()).cloned());
        wakes.extend(waiting_owners(store, before));
        return;
    };
    let meta = after.meta();
    if before.is_some_and(|before| Rc::ptr_eq(before.meta(), meta)) {
        return;
    }
    if before.is_none_or(|before| before.meta().owners != meta.owners) {
        let is_endangered = |owner: &Owner| standing(store, &after.key().namespace, owner) != Standing::Solid;
        if meta.owners.iter().any(is_endangered) {
            wakes.push(change.object.clone());
        }
        // Whoever is not named any more need not wait any more.
        wakes.extend(before.into_iter().flat_map(|before| waiting_owners(store, before)));
    }
    if is_collecting(meta) && before.is_none_or(|before| !is_collecting(before.meta())) {
        wakes.push(change.object.clone());
        if has_finalizer(meta, FOREGROUND_FINALIZER) {
            wakes.extend(store.dependents(after.uid()).cloned());
        }
    }
}

/// The owners of `object` whose deletion waits for their dependents.
fn waiting_owners(store: &Store, object: &Object) -> impl Iterator<Item = ObjectRef> {
    let namespace = object.key().namespace.clone();
    let owners = object.meta().owners.clone();
    (0..owners.len()).filter_map(move |place| {
        let owner = &owners[place];
        (standing(store, &namespace, owner) == Standing::Waiting).then(|| reference(&namespace, owner))?
    })
}

/// Whether the object's deletion is the collector's business.
fn is_collecting(meta: &Meta) -> bool {
    meta.deletion.is_some()
        && (has_finalizer(meta, FOREGROUND_FINALIZER) || has_finalizer(meta, ORPHAN_FINALIZER))
}

fn has_finalizer(meta: &Meta, name: &str) -> bool {
    meta.finalizers.iter().any(|finalizer| finalizer == name)
}

/// The object that an ownerReference names; kinds that are not simulated have none.
fn reference(namespace: &Rc<str>, owner: &Owner) -> Option<ObjectRef> {
    let kind = Kind::from_manifest(&owner.api_version, &owner.kind)?;
    let namespace = if kind.is_namespaced() { namespace.clone() } else { "".into() };
    Some(ObjectRef::new(kind, Key { namespace, name: owner.name.clone() }))
}

fn standing(store: &Store, namespace: &Rc<str>, owner: &Owner) -> Standing {
    // Of an owner that is no simulated kind nothing can be said: it is left in peace.
    let Some(reference) = reference(namespace, owner) else { return Standing::Solid };
    match store.object(&reference).filter(|found| found.uid() == owner.uid) {
        None => Standing::Dangling,
        Some(found) if is_deleting_dependents(found.meta()) => Standing::Waiting,
        Some(_) => Standing::Solid,
    }
}

fn is_deleting_dependents(meta: &Meta) -> bool {
    meta.deletion.is_some() && has_finalizer(meta, FOREGROUND_FINALIZER)
}

fn reconcile(snapshot: &Snapshot<'_>, target: &ObjectRef, _outcomes: &Outcomes, plan: &mut Plan) {
    let Some(object) = snapshot.store.object(target) else { return };
    let meta = object.meta();
    if meta.deletion.is_none() {
        return collect(snapshot.store, target, &object, plan);
    }
    if has_finalizer(meta, ORPHAN_FINALIZER) {
        return free_dependents(snapshot.store, target, object.uid(), plan);
    }
    if has_finalizer(meta, FOREGROUND_FINALIZER) {
        wait_for_dependents(snapshot.store, target, object.uid(), plan);
    }
}

/// Deletes an object whose owners are all gone or going. Upstream: `attemptToDeleteItem`.
fn collect(store: &Store, target: &ObjectRef, object: &Object, plan: &mut Plan) {
    let namespace = &target.key.namespace;
    let owners = &object.meta().owners;
    let named =
        |wanted: Standing| owners.iter().filter(move |owner| standing(store, namespace, owner) == wanted);
    let mut going = named(Standing::Dangling).chain(named(Standing::Waiting)).peekable();
    let Some(first) = going.peek().and_then(|owner| reference(namespace, owner)) else {
        return plan.nothing_to_do(Why::OwnerExists);
    };
    if named(Standing::Solid).next().is_some() {
        for owner in going {
            let Some(dropped) = reference(namespace, owner) else { continue };
            let why = Why::AnotherOwnerKeepsIt { owner: dropped };
            plan.patch(target.clone(), object.uid(), Patch::RemoveOwner(owner.uid), why)
                .accept(Reason::NotFound);
        }
        return;
    }
    for owner in named(Standing::Dangling) {
        warn_of_other_namespace(store, object, owner, plan);
    }
    let dependents = store.dependents(object.uid()).count();
    if let Some(owner) = named(Standing::Waiting).next().and_then(|owner| reference(namespace, owner))
        && dependents > 0
    {
        let why = Why::OwnerWaits { owner };
        return delete_in_foreground(store, target, object, dependents, why, plan);
    }
    let why = match named(Standing::Waiting).next().and_then(|owner| reference(namespace, owner)) {
        Some(owner) => Why::OwnerWaits { owner },
        None => Why::OwnerIsGone { owner: first },
    };
    delete(target, object, policy_of(object.meta()), object.resource_version(), why, plan);
}

/// What the finalizers on an object ask for; without any, its dependents are left to the collector.
fn policy_of(meta: &Meta) -> Propagation {
    if has_finalizer(meta, ORPHAN_FINALIZER) {
        return Propagation::Orphan;
    }
    if has_finalizer(meta, FOREGROUND_FINALIZER) { Propagation::Foreground } else { Propagation::Background }
}

/// The object's own dependents go first, since its owner waits for it.
fn delete_in_foreground(
    store: &Store,
    target: &ObjectRef,
    object: &Object,
    dependents: usize,
    why: Why,
    plan: &mut Plan,
) {
    let mut waiting = store.dependents(object.uid()).filter_map(|dependent| store.object(dependent));
    let is_cycle = waiting.any(|dependent| is_deleting_dependents(dependent.meta()));
    if !is_cycle {
        let version = object.resource_version();
        return delete(target, object, Propagation::Foreground, version, why, plan);
    }
    // Two objects that wait for each other would wait for ever: this one stops blocking its owners.
    let mut unblocked = object.clone();
    for owner in Rc::make_mut(&mut unblocked.meta_mut().owners) {
        owner.block_owner_deletion = false;
    }
    plan.update(unblocked, Why::BreaksCycle { dependents });
    delete(target, object, Propagation::Foreground, 0, why, plan);
}

/// Deletes the very object that was judged: neither a later version (0 stands for any) nor another of its name.
fn delete(
    target: &ObjectRef,
    object: &Object,
    propagation: Propagation,
    version: u64,
    why: Why,
    plan: &mut Plan,
) {
    let options = DeleteOptions {
        propagation: Some(propagation),
        uid: Some(object.uid()),
        resource_version: (version > 0).then_some(version),
        ..DeleteOptions::default()
    };
    plan.delete(target.clone(), options, why).accept(Reason::NotFound);
}

/// The owner was deleted with `--cascade=orphan`: its dependents forget it, then it goes.
/// Upstream: `attemptToOrphanWorker`.
fn free_dependents(store: &Store, target: &ObjectRef, uid: Uid, plan: &mut Plan) {
    let mut dependents = 0;
    for dependent in store.dependents(uid) {
        let Some(object) = store.object(dependent) else { continue };
        dependents += 1;
        let why = Why::LeavesDependent { owner: target.clone() };
        plan.patch(dependent.clone(), object.uid(), Patch::RemoveOwner(uid), why).accept(Reason::NotFound);
    }
    let finalizer = Patch::RemoveFinalizer(ORPHAN_FINALIZER.to_owned());
    plan.patch(target.clone(), uid, finalizer, Why::DependentsAreFree { dependents })
        .accept(Reason::NotFound);
}

/// The owner is deleted in the foreground: it goes when nothing that blocks it is left.
/// Upstream: `processDeletingDependentsItem`.
fn wait_for_dependents(store: &Store, target: &ObjectRef, uid: Uid, plan: &mut Plan) {
    let dependents = store.dependents(uid).filter_map(|dependent| store.object(dependent));
    let blocks = |owner: &Owner| owner.uid == uid && owner.block_owner_deletion;
    let blocking = dependents.filter(|dependent| dependent.meta().owners.iter().any(blocks)).count();
    if blocking > 0 {
        return plan.nothing_to_do(Why::WaitsForDependents { dependents: blocking });
    }
    let finalizer = Patch::RemoveFinalizer(FOREGROUND_FINALIZER.to_owned());
    plan.patch(target.clone(), uid, finalizer, Why::DependentsAreGone).accept(Reason::NotFound);
}

/// An owner of this uid exists, but elsewhere: somebody will look for the mistake.
fn warn_of_other_namespace(store: &Store, object: &Object, owner: &Owner, plan: &mut Plan) {
    let Some(kind) = Kind::from_manifest(&owner.api_version, &owner.kind) else { return };
    let Some(elsewhere) = store.objects(kind).find(|found| found.uid() == owner.uid) else { return };
    let namespace = &object.key().namespace;
    if !kind.is_namespaced() || elsewhere.key().namespace == *namespace {
        return;
    }
    let message = format!(
        "ownerRef [{}/{}, namespace: {namespace}, name: {}, uid: {}] does not exist in namespace \"{namespace}\"",
        owner.api_version, owner.kind, owner.name, owner.uid
    );
    let event = EventDraft::warning(object, "OwnerRefInvalidNamespace", EventText::Fixed(message.into()));
    plan.event(event, Why::OwnerInOtherNamespace { owner: elsewhere.reference() });
}
