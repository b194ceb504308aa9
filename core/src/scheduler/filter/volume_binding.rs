//! Every claim of a pod has a volume that can be reached from the node, or can get one there.
//! Upstream: `plugins/volumebinding`.

use std::rc::Rc;

use super::volume_restrictions::{key, uses};
use crate::api::persistent_volume::NO_PROVISIONER;
use crate::api::{Key, Node, PersistentVolume, PersistentVolumeClaim, Pod};
use crate::apiserver::Store;
use crate::placement::volumes;
use crate::scheduler::events::ClusterEvent;
use crate::why::scheduler::Rejection;

/// The claims of a pod.
#[derive(Default)]
pub(in crate::scheduler) struct Claims<'a> {
    /// Why no node can be right, if none can.
    pub(super) hopeless: Option<Rejection>,
    /// Those that have their volumes.
    bound: Vec<&'a Rc<PersistentVolumeClaim>>,
    /// Those that wait for the pod's node, the smallest first.
    waiting: Vec<&'a Rc<PersistentVolumeClaim>>,
}

/// What is done for a claim once its pod has a node.
pub(in crate::scheduler) enum Binding<'a> {
    /// It gets this volume.
    Volume(&'a Rc<PersistentVolumeClaim>, &'a Rc<PersistentVolume>),
    /// A volume is made for it, where the node can reach it.
    Provision(&'a Rc<PersistentVolumeClaim>),
}

impl<'a> Claims<'a> {
    /// Sorts the claims of `pod`.
    pub(in crate::scheduler) fn of(pod: &Pod, store: &'a Store) -> Claims<'a> {
        let mut claims = Claims::default();
        for used in pod.claims() {
            let name: Rc<str> = used.name.as_str().into();
            let Some(claim) = store.get::<PersistentVolumeClaim>(&key(pod, &name)) else {
                let missing = if used.is_ephemeral {
                    Rejection::ClaimComing(name)
                } else {
                    Rejection::ClaimMissing(name)
                };
                claims.hopeless.get_or_insert(missing);
                break;
            };
            if claim.phase() == "Lost" {
                claims.hopeless = Some(Rejection::ClaimLost { claim: name, volume: claim.volume().into() });
                break;
            }
            if claim.is_terminating() {
                claims.hopeless = Some(Rejection::ClaimTerminating(name));
                break;
            }
            if claim.is_bound() {
                claims.bound.push(claim);
            } else if volumes::waits_for_consumer(store, claim) && claim.volume().is_empty() {
                claims.waiting.push(claim);
            } else {
                claims.hopeless = Some(Rejection::ClaimUnbound);
            }
        }
        crate::order::sort_by_key(&mut claims.waiting, |claim| claim.requested_bytes());
        claims
    }

    /// Whether every claim has its volume.
    pub(in crate::scheduler) fn are_bound(&self) -> bool {
        self.hopeless.is_none() && self.waiting.is_empty()
    }

    /// Why the pod may not run on `node`.
    pub(super) fn check(&self, store: &'a Store, node: &Node) -> Option<Rejection> {
        for claim in &self.bound {
            match store.get::<PersistentVolume>(&Key::new("", claim.volume())) {
                None => return Some(Rejection::VolumeMissing),
                Some(volume) if !volumes::is_reachable(volume, node) => {
                    return Some(Rejection::VolumeOutOfReach);
                }
                Some(_) => {}
            }
        }
        if self.waiting.is_empty() || self.on(store, node).is_some() {
            return None;
        }
        Some(Rejection::NoVolume)
    }

    /// What the waiting claims would get on `node`; `None` where one would get nothing.
    pub(in crate::scheduler) fn on(&self, store: &'a Store, node: &Node) -> Option<Vec<Binding<'a>>> {
        let mut taken: Vec<&str> = Vec::new();
        let mut bindings = Vec::new();
        for claim in &self.waiting {
            if let Some(volume) = volumes::best_for(store, claim, Some(node), &taken) {
                taken.push(volume.name());
                bindings.push(Binding::Volume(claim, volume));
                continue;
            }
            let class = volumes::class_of(store, claim)?;
            if class.spec.provisioner == NO_PROVISIONER || !volumes::class_reaches(class, node) {
                return None;
            }
            bindings.push(Binding::Provision(claim));
        }
        Some(bindings)
    }
}

pub(super) fn may_help(event: &ClusterEvent<'_>, pod: &Pod) -> bool {
    match event {
        ClusterEvent::ClaimChanged(claim) => uses(pod, claim),
        ClusterEvent::VolumeChanged | ClusterEvent::ClassChanged | ClusterEvent::NodeAdded(_) => true,
        ClusterEvent::NodeChanged { before, after } => before.meta.labels != after.meta.labels,
        ClusterEvent::PodPlaced(_)
        | ClusterEvent::PodGone(_)
        | ClusterEvent::PodRelabelled { .. }
        | ClusterEvent::PodChanged { .. } => false,
    }
}
