//! Which volume a claim may have, and from where it can be reached. The binder asks, and so does the scheduler.
//! Upstream: `k8s.io/component-helpers/storage/volume/pv_helpers.go`, `pkg/controller/volume/persistentvolume/index.go`.

use std::rc::Rc;

use crate::api::{Key, Node, PersistentVolume, PersistentVolumeClaim, Selector, StorageClass};
use crate::apiserver::Store;
use crate::placement::node_selector;
use crate::why::volume::Mismatch;

/// The class that a claim names, if there is such a class.
pub(crate) fn class_of<'a>(store: &'a Store, claim: &PersistentVolumeClaim) -> Option<&'a Rc<StorageClass>> {
    store.get::<StorageClass>(&Key::new("", claim.class()))
}

/// Whether a claim gets its volume only once a pod that uses it has a node.
pub(crate) fn waits_for_consumer(store: &Store, claim: &PersistentVolumeClaim) -> bool {
    class_of(store, claim).is_some_and(|class| class.waits_for_consumer())
}

/// Why `volume` is not for `claim`, if it is not.
pub(crate) fn mismatch(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> Option<Mismatch> {
    if volume.bytes() < claim.requested_bytes() {
        Some(Mismatch::Size)
    } else if volume.class() != claim.class() {
        Some(Mismatch::Class)
    } else if volume.volume_mode() != claim.volume_mode() {
        Some(Mismatch::VolumeMode)
    } else if !has_access_modes(volume, claim) {
        Some(Mismatch::AccessModes)
    } else {
        None
    }
}

/// Whether pods on `node` can reach `volume`: `spec.nodeAffinity.required`.
pub(crate) fn is_reachable(volume: &PersistentVolume, node: &Node) -> bool {
    let affinity = volume.spec.node_affinity.as_ref().and_then(|affinity| affinity.required.as_ref());
    affinity.is_none_or(|selector| {
        selector.node_selector_terms.iter().any(|term| node_selector::matches(term, node))
    })
}

/// The smallest volume that will do for `claim`: one that is kept for it comes first, then those with the fewest
/// access modes. With a `node`, one that can be reached from there, and that is not among `taken`.
///
/// Without a node, a claim that waits for its consumer gets only a volume that is kept for it.
pub(crate) fn best_for<'a>(
    store: &'a Store,
    claim: &PersistentVolumeClaim,
    node: Option<&Node>,
    taken: &[&str],
) -> Option<&'a Rc<PersistentVolume>> {
    let waits = node.is_none() && waits_for_consumer(store, claim);
    let selector = claim.spec.selector.as_ref().map(Selector::from_api);
    let fits = |volume: &&'a Rc<PersistentVolume>| {
        !volume.is_terminating()
            && !taken.contains(&volume.name())
            && volume.volume_mode() == claim.volume_mode()
            && volume.bytes() >= claim.requested_bytes()
            && has_access_modes(volume, claim)
            && node.is_none_or(|node| is_reachable(volume, node))
    };
    let is_free = |volume: &&'a Rc<PersistentVolume>| {
        volume.claim().is_none()
            && volume.phase() == "Available"
            && selector.as_ref().is_none_or(|selector| selector.matches(&volume.meta.labels))
            && volume.class() == claim.class()
    };
    let kept = store.list::<PersistentVolume>().filter(fits).find(|volume| volume.is_for(claim));
    if kept.is_some() || waits {
        return kept;
    }
    let free = store.list::<PersistentVolume>().filter(fits).filter(is_free);
    free.min_by_key(|volume| (volume.access_modes().len(), volume.bytes()))
}

fn has_access_modes(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> bool {
    claim.access_modes().iter().all(|mode| volume.access_modes().contains(mode))
}

/// The class of claims that name none: the newest of several defaults, the first by name where they are of one age.
/// Upstream: `k8s.io/kubernetes/pkg/volume/util.GetDefaultClass`.
pub(crate) fn default_class(store: &Store) -> Option<&Rc<StorageClass>> {
    let defaults = store.list::<StorageClass>().filter(|class| class.is_default());
    defaults.min_by_key(|class| (std::cmp::Reverse(class.meta.created), class.key.clone()))
}

/// Whether a volume of `class` can be made where `node` reaches it: `allowedTopologies`.
pub(crate) fn class_reaches(class: &StorageClass, node: &Node) -> bool {
    let allowed = class.spec.allowed_topologies.as_deref().unwrap_or_default();
    allowed.is_empty()
        || allowed.iter().any(|term| {
            let mut labels = term.match_label_expressions.iter().flatten();
            labels.all(|wanted| {
                node.label(&wanted.key).is_some_and(|value| wanted.values.iter().any(|it| it == value))
            })
        })
}
