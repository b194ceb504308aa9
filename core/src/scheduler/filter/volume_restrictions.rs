//! A claim for one pod alone is used by one pod alone. Upstream: `plugins/volumerestrictions`.

use crate::api::{Key, PersistentVolumeClaim, Pod};
use crate::scheduler::events::ClusterEvent;
use crate::scheduler::view::View;

/// Whether another pod has a claim that is for one pod alone: then every node is out of the question until it leaves.
pub(super) fn conflict(pod: &Pod, view: &View<'_>) -> bool {
    let is_there = |other: &Pod| {
        other.uid != pod.uid && !other.is_finished() && !view.absent.iter().any(|gone| gone.uid == other.uid)
    };
    pod.claims().any(|claim| {
        let key = key(pod, &claim.name);
        let exclusive = view.store.get::<PersistentVolumeClaim>(&key).filter(|claim| claim.is_for_one_pod());
        exclusive.is_some() && {
            let mut bound = view.store.pods_using(&key).filter(|other| other.node().is_some());
            let mut assumed = view.present.iter().filter(|other| {
                other.key.namespace == pod.key.namespace && other.claims().any(|used| used.name == claim.name)
            });
            bound.any(|other| is_there(other)) || assumed.any(|other| is_there(other))
        }
    })
}

pub(super) fn may_help(event: &ClusterEvent<'_>, pod: &Pod) -> bool {
    match event {
        ClusterEvent::ClaimChanged(claim) => uses(pod, claim),
        ClusterEvent::PodGone(gone) => {
            gone.key.namespace == pod.key.namespace && {
                let mut claims = pod.claims();
                claims.any(|claim| gone.claims().any(|other| other.name == claim.name))
            }
        }
        ClusterEvent::NodeAdded(_) => true,
        ClusterEvent::NodeChanged { .. }
        | ClusterEvent::PodPlaced(_)
        | ClusterEvent::PodRelabelled { .. }
        | ClusterEvent::PodChanged { .. }
        | ClusterEvent::VolumeChanged
        | ClusterEvent::ClassChanged => false,
    }
}

/// Whether a volume of `pod` names `claim`.
pub(super) fn uses(pod: &Pod, claim: &PersistentVolumeClaim) -> bool {
    pod.key.namespace == claim.key.namespace && pod.claims().any(|used| used.name == claim.name())
}

pub(super) fn key(pod: &Pod, claim: &str) -> Key {
    Key { namespace: pod.key.namespace.clone(), name: claim.into() }
}
