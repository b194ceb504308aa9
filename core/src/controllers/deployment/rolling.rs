//! Decides how far a rolling update may go in one look. Upstream: `pkg/controller/deployment/rolling.go`.
//!
//! ```text
//! 10 replicas, maxSurge 3, maxUnavailable 2, old 10, new 0
//!   ceiling 10 + 3 = 13: new grows to 3                           (3 / 10)
//!   13 pods - floor 8 - 3 new ones not available = 2 may go       (3 /  8)
//!   11 pods of 13: new grows by 2                                 (5 /  8)
//! ```

use std::rc::Rc;

use super::look::Look;
use crate::api::{Deployment, ReplicaSet};
use crate::why::deployment::{Budget, Deployment as Why, Room};

/// Brings the new ReplicaSet up and the old ones down, one direction per look.
pub(super) fn roll(look: &mut Look<'_>) {
    let Some(new) = look.find_or_create_new_set() else { return };
    if resize_new(look, &new) {
        return look.report_rollout(Some(&new));
    }
    let budget = budget(&look.deployment, &look.sets, &new);
    if shrink_old(look, &new, budget) {
        return look.report_rollout(Some(&new));
    }
    if look.is_complete() {
        look.forget_old_revisions(Some(&new));
    }
    look.report_rollout(Some(&new));
    if !look.is_complete() {
        look.nothing_if_quiet(|tally| Why::Waits { tally, budget });
    }
}

/// The room that a rollout has among sets of these sizes.
pub(super) fn room(deployment: &Deployment, total: i32) -> Room {
    Room { desired: deployment.replicas(), surge: deployment.max_surge(), total }
}

/// The size that the new ReplicaSet may have now. Upstream: `NewRSNewReplicas`.
pub(super) fn new_set_size(room: Room, current: i32, is_rolling_update: bool) -> i32 {
    if !is_rolling_update {
        return room.desired;
    }
    let free = room.ceiling() - room.total;
    if free <= 0 {
        return current;
    }
    current + free.min(room.desired - current)
}

/// What a rollout may take from the old ReplicaSets.
fn budget(deployment: &Deployment, sets: &[Rc<ReplicaSet>], new: &ReplicaSet) -> Budget {
    Budget {
        desired: deployment.replicas(),
        max_unavailable: deployment.max_unavailable(),
        total: total(sets),
        new_unavailable: new.replicas() - new.available_replicas(),
    }
}

/// Σ sizes of `sets`.
pub(super) fn total(sets: &[Rc<ReplicaSet>]) -> i32 {
    sets.iter().map(|set| set.replicas()).sum()
}

/// Whether the new ReplicaSet was resized. Upstream: `reconcileNewReplicaSet`.
fn resize_new(look: &mut Look<'_>, new: &Rc<ReplicaSet>) -> bool {
    let desired = look.deployment.replicas();
    let from = new.replicas();
    if from == desired {
        return false;
    }
    if from > desired {
        return look.resize(new, desired, Why::ShrinksNew { from, to: desired });
    }
    let room = room(&look.deployment, total(&look.sets));
    let to = new_set_size(room, from, true);
    look.resize(new, to, Why::GrowsNew { from, to, room })
}

/// Whether old ReplicaSets were resized: first those whose pods serve nobody. Upstream: `reconcileOldReplicaSets`.
fn shrink_old(look: &mut Look<'_>, new: &Rc<ReplicaSet>, budget: Budget) -> bool {
    if budget.pods() <= 0 {
        return false;
    }
    let old: Vec<Rc<ReplicaSet>> =
        look.sets.iter().filter(|set| set.uid != new.uid && set.replicas() > 0).cloned().collect();
    let available = look.sets.iter().map(|set| set.available_replicas()).sum();
    let mut shrunk = false;
    for shrink in decide_shrinks(&old, budget, available) {
        shrunk |= look.resize(&old[shrink.place], shrink.to, shrink.why);
    }
    shrunk
}

/// One old ReplicaSet's new size.
#[derive(Clone, Debug, PartialEq)]
struct Shrink {
    /// In the list of old ReplicaSets.
    place: usize,
    to: i32,
    why: Why,
}

/// How the old ReplicaSets (oldest first) shrink: pods that are not available go within the budget, then available
/// ones as far as the floor allows. Upstream: `cleanupUnhealthyReplicas`, `scaleDownOldReplicaSetsForRollingUpdate`.
fn decide_shrinks(old: &[Rc<ReplicaSet>], budget: Budget, available: i32) -> Vec<Shrink> {
    let mut shrinks: Vec<Shrink> = Vec::new();
    let mut sizes: Vec<i32> = old.iter().map(|set| set.replicas()).collect();
    let mut left = budget.pods();
    for (place, set) in old.iter().enumerate() {
        let from = sizes[place];
        let unavailable = from - set.available_replicas();
        let gone = left.min(unavailable);
        if gone <= 0 {
            continue;
        }
        left -= gone;
        sizes[place] = from - gone;
        let why = Why::CleansUpUnavailable { from, to: from - gone, unavailable, budget };
        shrinks.push(Shrink { place, to: from - gone, why });
    }
    let mut left = available - budget.minimum();
    for place in 0..old.len() {
        let from = sizes[place];
        let gone = left.min(from);
        if gone <= 0 {
            continue;
        }
        left -= gone;
        let why = Why::ShrinksOld { from, to: from - gone, available, budget };
        shrinks.push(Shrink { place, to: from - gone, why });
    }
    shrinks
}
