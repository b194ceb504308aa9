//! Recreate: every old pod goes before the first new one comes. Upstream: `pkg/controller/deployment/recreate.go`.

use std::rc::Rc;

use super::look::{Look, NewSet};
use crate::api::{ReplicaSet, Uid};
use crate::why::deployment::Deployment as Why;

/// Stops the old ReplicaSets, waits until their pods are gone, then starts the new one.
pub(super) fn recreate(look: &mut Look<'_>) {
    let new = match look.find_new_set() {
        NewSet::Found(new) => Some(new),
        NewSet::Missing => None,
        NewSet::Pending => return,
    };
    let new_uid = new.as_ref().map(|new| new.uid);
    if stop_old(look, new_uid) {
        return look.report_rollout(new.as_ref());
    }
    let pods = old_pods(look, new_uid);
    if pods > 0 {
        look.report_rollout(new.as_ref());
        return look.nothing_if_quiet(|_| Why::WaitsForOldPods { pods });
    }
    let Some(new) = new else { return look.create_new_set() };
    let (from, to) = (new.replicas(), look.deployment.replicas());
    look.resize(&new, to, Why::StartsNew { from, to });
    if look.is_complete() {
        look.forget_old_revisions(Some(&new));
    }
    look.report_rollout(Some(&new));
}

/// Whether old ReplicaSets were resized.
fn stop_old(look: &mut Look<'_>, new: Option<Uid>) -> bool {
    let old: Vec<Rc<ReplicaSet>> =
        look.sets.iter().filter(|set| Some(set.uid) != new && set.replicas() > 0).cloned().collect();
    for set in &old {
        look.resize(set, 0, Why::StopsOld { from: set.replicas() });
    }
    !old.is_empty()
}

/// Pods of old ReplicaSets that may still run, terminating ones included. Upstream: `oldPodsRunning`.
fn old_pods(look: &Look<'_>, new: Option<Uid>) -> i32 {
    let old = look.sets.iter().filter(|set| Some(set.uid) != new);
    let running = old.map(|set| {
        let owned = look.snapshot.store.owned_pods(set.uid);
        let unfinished = owned.map_or(0, |pods| pods.active + pods.terminating) as i32;
        unfinished.max(set.current_replicas())
    });
    running.sum()
}
