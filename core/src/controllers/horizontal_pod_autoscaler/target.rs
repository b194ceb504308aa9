//! What an autoscaler scales: an object with a size and a selector. Upstream: the `scale` subresource.

use crate::api::{HorizontalPodAutoscaler, Key, Kind, Object, ObjectRef, Selector};
use crate::apiserver::Store;

/// An object with a size.
pub(super) struct Target {
    pub(super) reference: ObjectRef,
    /// `spec.replicas`
    pub(super) replicas: i32,
    /// Which pods are its own.
    pub(super) selector: Option<Selector>,
}

/// What an autoscaler is for, if it is of a kind with a size.
pub(super) fn named(autoscaler: &HorizontalPodAutoscaler) -> Option<ObjectRef> {
    let reference = &autoscaler.spec.scale_target_ref;
    let kind = Kind::from_manifest(reference.api_version.as_deref().unwrap_or_default(), &reference.kind)?;
    let key = Key::new(autoscaler.key.namespace.clone(), reference.name.as_str());
    Some(ObjectRef::new(kind, key))
}

/// The object itself, if it is there.
pub(super) fn found(store: &Store, autoscaler: &HorizontalPodAutoscaler) -> Option<Target> {
    let reference = named(autoscaler)?;
    let (replicas, selector) = match store.object(&reference)? {
        Object::Deployment(it) => (it.replicas(), Some(Selector::from_api(&it.spec.selector))),
        Object::ReplicaSet(it) => (it.replicas(), Some(Selector::from_api(&it.spec.selector))),
        Object::StatefulSet(it) => (it.replicas(), Some(Selector::from_api(&it.spec.selector))),
        Object::ReplicationController(it) => {
            (it.replicas(), it.spec.selector.as_ref().map(Selector::from_map))
        }
        _ => return None,
    };
    Some(Target { reference, replicas, selector: selector.filter(|selector| !selector.is_empty()) })
}
