//! Which objects a controller's owner may call its own: it keeps what it owns, adopts matching orphans, and lets
//! go of what no longer matches. Upstream: `pkg/controller/controller_ref_manager.go`.

use std::rc::Rc;

use crate::api::{Key, Kind, Meta, Object, ObjectRef, Owner, Resource, Selector, Uid};
use crate::apiserver::{Change, Store};

/// What becomes of one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is ours and matches.
    Keep,
    /// It is nobody's and matches.
    Adopt,
    /// It is ours and matches no longer.
    Release,
    /// It is somebody else's, or nobody's business.
    Ignore,
}

/// Judges `object` for `owner`. An owner that is being deleted neither adopts nor releases.
pub fn claim<A, B, C, D>(owner: &Resource<A, B>, selector: &Selector, object: &Resource<C, D>) -> Claim {
    let matches = selector.matches(&object.meta.labels);
    match object.controller() {
        Some(uid) if uid != owner.uid => Claim::Ignore,
        Some(_) if matches => Claim::Keep,
        Some(_) if owner.is_terminating() => Claim::Ignore,
        Some(_) => Claim::Release,
        None if !matches || owner.is_terminating() || object.is_terminating() => Claim::Ignore,
        None => Claim::Adopt,
    }
}

/// The ownerReference that makes `owner` the controller of an object.
pub fn owner_reference<S, T>(kind: Kind, owner: &Resource<S, T>) -> Owner {
    Owner {
        api_version: kind.names().api_version.into(),
        kind: kind.name().into(),
        name: owner.key.name.clone(),
        uid: owner.uid,
        controller: true,
        block_owner_deletion: true,
    }
}

/// As [`owner_reference`], for an object that has no other owner.
pub fn sole_owner<S, T>(kind: Kind, owner: &Resource<S, T>) -> Rc<Vec<Owner>> {
    Rc::new(vec![owner_reference(kind, owner)])
}

/// Whether the owner that `reference` names is of `kind` and has this uid.
pub fn is_owner(reference: &Owner, kind: Kind, uid: Uid) -> bool {
    reference.uid == uid && *reference.kind == *kind.name()
}

/// The object of `kind` that controls the object with this metadata.
pub fn owner_of(store: &Store, kind: Kind, namespace: &Rc<str>, meta: &Meta) -> Option<ObjectRef> {
    let owner = meta.controller()?;
    let target = ObjectRef::new(kind, Key { namespace: namespace.clone(), name: owner.name.clone() });
    let found = store.object(&target)?;
    is_owner(owner, kind, found.uid()).then_some(target)
}

/// The objects of `kind` that a change of a dependent concerns: the one that owns it, the one that did, and for an
/// orphan, once, all of those that could adopt it. Upstream: `addPod`, `updatePod`, `deletePod` of most controllers.
pub fn concerned(
    store: &Store,
    kind: Kind,
    change: &Change,
    adopters: impl Fn(&Meta) -> Vec<ObjectRef>,
    wakes: &mut Vec<ObjectRef>,
) {
    let before = change.before.as_ref().map(Object::meta);
    let after = change.after.as_ref().map(Object::meta);
    let namespace = &change.object.key.namespace;
    if let (Some(before), Some(after)) = (before, after)
        && before.controller().map(|owner| owner.uid) != after.controller().map(|owner| owner.uid)
    {
        wakes.extend(owner_of(store, kind, namespace, before));
    }
    let Some(meta) = after.or(before) else { return };
    if meta.controller().is_some() {
        return wakes.extend(owner_of(store, kind, namespace, meta));
    }
    let is_news = before.is_none_or(|before| before.labels != meta.labels || before.controller().is_some());
    if change.after.is_some() && is_news {
        wakes.extend(adopters(meta));
    }
}
