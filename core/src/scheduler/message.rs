//! What the scheduler says of a pod that fits nowhere, in upstream's words.
//! Upstream: `FitError` in `pkg/scheduler/framework/types.go`.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::why::scheduler::Rejection;

/// Nodes by reason.
pub(super) type Histogram = BTreeMap<Rc<str>, u32>;

/// The message of a cluster without nodes. Upstream: `ErrNoNodesAvailable`.
pub(super) const NO_NODES: &str = "no nodes available to schedule pods";

/// The longest message of an Event, in bytes.
const LONGEST_EVENT: usize = 1024;

/// Adds the reasons of one node.
pub(super) fn count(histogram: &mut Histogram, rejection: &Rejection) {
    let mut add = |reason: Rc<str>| *histogram.entry(reason).or_insert(0) += 1;
    let reason = match rejection {
        Rejection::Cordoned => "node(s) were unschedulable",
        Rejection::Taint(_) => "node(s) had untolerated taint(s)",
        Rejection::NodeAffinity => "node(s) didn't match Pod's node affinity/selector",
        Rejection::NotNamed => "node(s) didn't satisfy plugin(s) [NodeAffinity]",
        Rejection::ConflictingNames => "pod affinity terms conflict",
        Rejection::Port(_) => "node(s) didn't have free ports for the requested pod ports",
        Rejection::SpreadLabelMissing(_) => {
            "node(s) didn't match pod topology spread constraints (missing required label)"
        }
        Rejection::Uneven { .. } => "node(s) didn't match pod topology spread constraints",
        Rejection::Affinity => "node(s) didn't match pod affinity rules",
        Rejection::AntiAffinity => "node(s) didn't match pod anti-affinity rules",
        Rejection::ExistingAntiAffinity => "node(s) didn't satisfy existing pods anti-affinity rules",
        Rejection::ClaimUnbound => "pod has unbound immediate PersistentVolumeClaims",
        Rejection::ClaimInUse => {
            "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by \
             another pod"
        }
        Rejection::VolumeMissing => {
            "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)"
        }
        Rejection::VolumeOutOfReach => "node(s) didn't match PersistentVolume's node affinity",
        Rejection::NoVolume => "node(s) didn't find available persistent volumes to bind",
        Rejection::ClaimMissing(claim) => {
            return add(format!("persistentvolumeclaim {claim:?} not found").into());
        }
        Rejection::ClaimComing(claim) => {
            let reason = format!(
                "waiting for ephemeral volume controller to create the persistentvolumeclaim {claim:?}"
            );
            return add(reason.into());
        }
        Rejection::ClaimLost { claim, volume } => {
            let reason =
                format!("persistentvolumeclaim {claim:?} bound to non-existent persistentvolume {volume:?}");
            return add(reason.into());
        }
        Rejection::ClaimTerminating(claim) => {
            return add(format!("persistentvolumeclaim {claim:?} is being deleted").into());
        }
        Rejection::TooLittle(shortages) => {
            for shortage in shortages.iter() {
                add(match &*shortage.resource {
                    "pods" => "Too many pods".into(),
                    resource => format!("Insufficient {resource}").into(),
                });
            }
            return;
        }
    };
    add(reason.into());
}

/// `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint(s).`
pub(super) fn fit_error(nodes: usize, histogram: &Histogram) -> String {
    // Upstream sorts the finished phrases, so that `10 …` comes before `2 …`.
    let mut phrases: Vec<String> =
        histogram.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    crate::order::sort(&mut phrases);
    format!("0/{nodes} nodes are available: {}.", phrases.join(", "))
}

/// `0/3 nodes are available: pod affinity terms conflict. not found`: nothing after the filters says why, since their
/// preparation was not finished.
pub(super) fn hopeless_error(nodes: usize, reason: &str) -> String {
    format!("0/{nodes} nodes are available: {reason}. not found")
}

/// `fit_error`, and what became of the idea to make room.
pub(super) fn without_preemption(fit_error: &str, preemption: &str) -> String {
    format!("{fit_error} no new claims to deallocate, preemption: {preemption}")
}

/// `message`, cut as upstream cuts it for an Event.
pub(super) fn for_event(message: &str) -> Rc<str> {
    const ELLIPSIS: &str = " ...";
    if message.len() <= LONGEST_EVENT {
        return message.into();
    }
    let mut end = LONGEST_EVENT - ELLIPSIS.len();
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{ELLIPSIS}", &message[..end]).into()
}
