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
    for (place, from) in sizes.into_iter().enumerate() {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controllers::deployment::testing::{deployment, set};

    fn new_size(desired: i32, surge: i32, old: i32, new: i32) -> i32 {
        new_set_size(Room { desired, surge, total: old + new }, new, true)
    }

    /// The vectors of upstream's `TestDeploymentController_reconcileNewReplicaSet`.
    #[test]
    fn the_new_set_grows_as_far_as_the_ceiling() {
        assert_eq!(new_size(10, 0, 10, 0), 0);
        assert_eq!(new_size(10, 2, 10, 0), 2);
        assert_eq!(new_size(10, 2, 5, 0), 7);
        assert_eq!(new_size(10, 2, 10, 2), 2);
        assert_eq!(new_size(10, 20, 10, 0), 10, "never beyond replicas");
    }

    #[test]
    fn recreate_starts_everything_at_once() {
        assert_eq!(new_set_size(Room { desired: 10, surge: 0, total: 0 }, 0, false), 10);
    }

    /// The size of one old set after a look, with these numbers of available pods.
    fn old_size(max_unavailable: i32, old: (i32, i32), new: (i32, i32)) -> i32 {
        let with_available = |name, (size, available): (i32, i32), hour| {
            let mut set = set(name, size, hour);
            Rc::make_mut(&mut set.status).available_replicas = Some(available);
            Rc::new(set)
        };
        let deployment = deployment(10, 0, max_unavailable);
        let sets = [with_available("web-old", old, 0), with_available("web-new", new, 1)];
        let budget = budget(&deployment, &sets, &sets[1]);
        if budget.pods() <= 0 {
            return old.0;
        }
        decide_shrinks(&sets[..1], budget, old.1 + new.1).last().map_or(old.0, |shrink| shrink.to)
    }

    /// The vectors of upstream's `TestDeploymentController_reconcileOldReplicaSets`.
    #[test]
    fn old_sets_shrink_to_the_floor_unavailable_pods_first() {
        assert_eq!(old_size(0, (10, 10), (0, 0)), 9, "both limits zero: one pod at a time");
        assert_eq!(old_size(2, (10, 10), (0, 0)), 8);
        assert_eq!(old_size(2, (10, 8), (0, 0)), 8, "two that serve nobody");
        assert_eq!(old_size(2, (10, 9), (0, 0)), 8, "one that serves nobody, one that does");
        assert_eq!(old_size(2, (8, 8), (2, 0)), 8, "new pods that are not available stop the rollout");
    }

    #[test]
    fn unavailable_pods_of_every_old_set_go_before_available_ones() {
        let broken = |name, hour| {
            let mut set = set(name, 3, hour);
            Rc::make_mut(&mut set.status).available_replicas = None;
            Rc::new(set)
        };
        let old = [Rc::new(set("web-a", 4, 0)), broken("web-b", 1)];
        let budget = Budget { desired: 4, max_unavailable: 1, total: 7, new_unavailable: 0 };
        let sizes: Vec<(usize, i32)> =
            decide_shrinks(&old, budget, 4).into_iter().map(|shrink| (shrink.place, shrink.to)).collect();
        assert_eq!(sizes, [(1, 0), (0, 3)]);
    }
}
