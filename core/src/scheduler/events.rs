//! What happens in the cluster that may help a pod which no node fitted.
//! Upstream: `pkg/scheduler/framework/events.go`, and the plugins' `EventsToRegister`.

use super::queue::FilterSet;
use crate::api::{Node, PersistentVolumeClaim, Pod};
use crate::why::scheduler::FilterPlugin;

/// A change of the cluster, or of the waiting pod itself.
pub(super) enum ClusterEvent<'a> {
    /// A pod has been bound to a node, or came with one.
    PodPlaced(&'a Pod),
    /// A pod on a node is gone or finished.
    PodGone(&'a Pod),
    /// The labels of a pod on a node changed.
    PodRelabelled {
        /// As it was.
        before: &'a Pod,
        /// As it is.
        after: &'a Pod,
    },
    /// The waiting pod itself changed.
    PodChanged {
        /// As it was.
        before: &'a Pod,
        /// As it is.
        after: &'a Pod,
    },
    /// A node came.
    NodeAdded(&'a Node),
    /// A node changed.
    NodeChanged {
        /// As it was.
        before: &'a Node,
        /// As it is.
        after: &'a Node,
    },
    /// A PersistentVolumeClaim came or changed.
    ClaimChanged(&'a PersistentVolumeClaim),
    /// A PersistentVolume came or changed.
    VolumeChanged,
    /// A StorageClass came or changed.
    ClassChanged,
}

impl ClusterEvent<'_> {
    /// The filters that may change their mind.
    pub(super) fn concerns(&self) -> FilterSet {
        use FilterPlugin::{
            InterPodAffinity, NodePorts, NodeResourcesFit, NodeUnschedulable, PodTopologySpread,
            TaintToleration, VolumeBinding, VolumeRestrictions,
        };
        match self {
            ClusterEvent::PodPlaced(_) | ClusterEvent::PodRelabelled { .. } => {
                [PodTopologySpread, InterPodAffinity].into_iter().collect()
            }
            ClusterEvent::PodGone(_) => {
                let freed =
                    [NodePorts, NodeResourcesFit, VolumeRestrictions, PodTopologySpread, InterPodAffinity];
                freed.into_iter().collect()
            }
            ClusterEvent::PodChanged { .. } => {
                let changed = [
                    NodeUnschedulable,
                    TaintToleration,
                    NodeResourcesFit,
                    PodTopologySpread,
                    InterPodAffinity,
                ];
                changed.into_iter().collect()
            }
            ClusterEvent::ClaimChanged(_) => [VolumeRestrictions, VolumeBinding].into_iter().collect(),
            ClusterEvent::VolumeChanged | ClusterEvent::ClassChanged => [VolumeBinding].into_iter().collect(),
            ClusterEvent::NodeAdded(_) | ClusterEvent::NodeChanged { .. } => {
                FilterPlugin::ALL.into_iter().collect()
            }
        }
    }
}
