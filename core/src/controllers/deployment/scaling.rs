//! `spec.replicas` changed: sizes follow without a rollout. In mid-rollout each ReplicaSet gets its share.
//! Upstream: `pkg/controller/deployment/sync.go`, `scale`.

use std::rc::Rc;

use super::annotations::{self, DESIRED_REPLICAS, MAX_REPLICAS};
use super::look::{Look, NewSet};
use super::rolling;
use crate::api::{Deployment, ReplicaSet};
use crate::why::deployment::{Deployment as Why, Room};

/// Whether a ReplicaSet was last sized for another `spec.replicas`. Upstream: `isScalingEvent`.
pub(super) fn is_due(deployment: &Deployment, sets: &[Rc<ReplicaSet>]) -> bool {
    let mut active = sets.iter().filter(|set| set.replicas() > 0);
    active.any(|set| {
        annotations::number(set, DESIRED_REPLICAS).is_some_and(|desired| desired != deployment.replicas())
    })
}

/// Sizes the ReplicaSets for `spec.replicas` and reports; creates none.
pub(super) fn scale_only(look: &mut Look<'_>) {
    let new = match look.find_new_set() {
        NewSet::Found(new) => Some(new),
        NewSet::Missing => None,
        NewSet::Pending => return,
    };
    scale(look, new.as_ref());
    let is_paused = look.deployment.is_paused();
    if is_paused && look.deployment.annotation(annotations::ROLLBACK_TO).is_none() {
        look.forget_old_revisions(new.as_ref());
    }
    look.report(new.as_ref());
    if is_paused {
        look.nothing_if_quiet(Why::IsPaused);
    }
}

fn scale(look: &mut Look<'_>, new: Option<&Rc<ReplicaSet>>) {
    let desired = look.deployment.replicas();
    let active: Vec<Rc<ReplicaSet>> = look.sets.iter().filter(|set| set.replicas() > 0).cloned().collect();
    if let Some(only) = active_or_latest(&active, new, &look.sets) {
        let from = only.replicas();
        look.resize(&only, desired, Why::FollowsReplicas { from, to: desired });
        return;
    }
    if active.is_empty() {
        return;
    }
    if new.is_some_and(|new| is_saturated(new, desired)) {
        for old in active.iter().filter(|set| Some(set.uid) != new.map(|new| new.uid)) {
            look.resize(old, 0, Why::NewIsSaturated { from: old.replicas(), desired });
        }
        return;
    }
    if !look.deployment.is_rolling_update() {
        return;
    }
    let room = rolling::room(&look.deployment, rolling::total(&active));
    for share in shares(&look.deployment, active, room) {
        look.resize_or_refresh(&share.set, share.to, share.why);
    }
}

/// The one ReplicaSet that has all pods, if one has; without any pods the new one, or else the newest.
/// Upstream: `FindActiveOrLatest`.
fn active_or_latest(
    active: &[Rc<ReplicaSet>],
    new: Option<&Rc<ReplicaSet>>,
    sets: &[Rc<ReplicaSet>],
) -> Option<Rc<ReplicaSet>> {
    match active {
        [] => new.or(sets.last()).cloned(),
        [only] => Some(only.clone()),
        _ => None,
    }
}

/// Upstream: `IsSaturated`.
fn is_saturated(new: &ReplicaSet, desired: i32) -> bool {
    new.replicas() == desired
        && annotations::number(new, DESIRED_REPLICAS) == Some(desired)
        && new.available_replicas() == desired
}

/// One ReplicaSet's size after proportional scaling.
#[derive(Clone, Debug, PartialEq)]
struct Share {
    set: Rc<ReplicaSet>,
    to: i32,
    why: Why,
}

/// Shares what is to be added or taken away among the active ReplicaSets, in proportion to their sizes; the
/// largest gets what rounding left over.
fn shares(deployment: &Deployment, mut active: Vec<Rc<ReplicaSet>>, room: Room) -> Vec<Share> {
    let allowed = if room.desired > 0 { room.ceiling() } else { 0 };
    let to_add = allowed - room.total;
    // Larger ones first; of equal ones the newer first when growing, the older first when shrinking.
    crate::order::sort_by(&mut active, |a, b| {
        let by_age = a.meta.created.cmp(&b.meta.created).then_with(|| a.key.name.cmp(&b.key.name));
        let by_age = if to_add > 0 { by_age.reverse() } else { by_age };
        b.replicas().cmp(&a.replicas()).then(by_age)
    });
    let mut added = 0;
    let mut sizes = Vec::with_capacity(active.len());
    for set in &active {
        let share = if to_add == 0 { 0 } else { share(deployment, set, room, to_add, added) };
        added += share;
        sizes.push(set.replicas() + share);
    }
    let leftover = to_add - added;
    if let Some(largest) = sizes.first_mut() {
        *largest = (*largest + leftover).max(0);
    }
    let largest = active.first().map(|set| set.uid);
    let shared = active.into_iter().zip(sizes).map(|(set, to)| {
        let why = Why::SharesProportionally {
            from: set.replicas(),
            to,
            room,
            known_ceiling: known_ceiling(deployment, &set),
            leftover: if Some(set.uid) == largest { leftover } else { 0 },
        };
        Share { set, to, why }
    });
    shared.collect()
}

/// What one ReplicaSet gets of what is still to be added (or, negative, taken away).
/// Upstream: `GetReplicaSetProportion`.
fn share(deployment: &Deployment, set: &ReplicaSet, room: Room, to_add: i32, added: i32) -> i32 {
    if set.replicas() == 0 || to_add == added {
        return 0;
    }
    let fraction = fraction(set.replicas(), room, known_ceiling(deployment, set));
    if to_add > 0 { fraction.min(to_add - added) } else { fraction.max(to_add - added) }
}

/// By how much a ReplicaSet of `size` changes when its share of `known_ceiling` becomes the same share of the
/// new ceiling; halves are rounded away from zero. Upstream: `getReplicaSetFraction`.
fn fraction(size: i32, room: Room, known_ceiling: i32) -> i32 {
    if room.desired == 0 {
        return -size;
    }
    if known_ceiling == 0 {
        return 0;
    }
    let (size, ceiling, known) = (i64::from(size), i64::from(room.ceiling()), i64::from(known_ceiling));
    let rounded = (2 * size * ceiling + known) / (2 * known);
    i32::try_from(rounded - size).unwrap_or(i32::MAX)
}

/// The ceiling that a ReplicaSet was last sized for.
fn known_ceiling(deployment: &Deployment, set: &ReplicaSet) -> i32 {
    annotations::number(set, MAX_REPLICAS).unwrap_or(deployment.status.replicas.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apiserver::{Store, Write};
    use crate::controllers::deployment::testing::{deployment, set, sized_set};
    use crate::engine::memory::Memory;
    use crate::metrics::Metrics;
    use crate::plan::{Act, Plan, Snapshot};
    use crate::simulation::Simulation;
    use crate::time::Time;

    /// The sizes of old and then new sets, oldest first, after the Deployment was scaled. The new set is the last
    /// of them, unless there is none.
    fn scaled(from: &Deployment, to: Deployment, sizes: &[i32], has_new: bool) -> Vec<i32> {
        let mut sets: Vec<Rc<ReplicaSet>> = Vec::new();
        for (hour, size) in sizes.iter().enumerate() {
            sets.push(Rc::new(sized_set(&format!("web-v{hour}"), *size, hour as u64, from)));
        }
        let new = sets.last().filter(|_| has_new).cloned();
        sizes_after(to, sets, new.as_ref())
    }

    fn sizes_after(to: Deployment, sets: Vec<Rc<ReplicaSet>>, new: Option<&Rc<ReplicaSet>>) -> Vec<i32> {
        let (store, memory, simulation) = (Store::default(), Memory::default(), Simulation::default());
        let metrics = Metrics::none();
        let snapshot =
            Snapshot { store: &store, memory: &memory, simulation: &simulation, metrics, now: Time::ZERO };
        let mut plan = Plan::default();
        let mut look = Look::new(&snapshot, &mut plan, Rc::new(to), sets.clone());
        scale(&mut look, new);
        let mut sizes: Vec<i32> = sets.iter().map(|set| set.replicas()).collect();
        for intent in &plan.intents {
            let Act::Write(Write::Update(crate::api::Object::ReplicaSet(written))) = &intent.act else {
                panic!("scaling only updates ReplicaSets: {intent:?}")
            };
            let place = sets.iter().position(|set| set.uid == written.uid);
            sizes[place.expect("scaling creates none")] = written.replicas();
        }
        sizes
    }

    fn plain(replicas: i32) -> Deployment {
        deployment(replicas, 0, 0)
    }

    #[test]
    fn a_single_set_follows_the_deployment() {
        assert_eq!(scaled(&plain(10), plain(12), &[10], true), [12]);
        assert_eq!(scaled(&plain(10), plain(5), &[10], true), [5]);
        assert_eq!(scaled(&plain(6), plain(6), &[0, 0, 0], true), [0, 0, 6], "up from zero");
    }

    /// The vectors of upstream's `TestScale`, oldest set first.
    #[test]
    fn sets_share_a_new_size_in_proportion() {
        assert_eq!(scaled(&plain(5), plain(10), &[3, 2], true), [6, 4]);
        assert_eq!(scaled(&plain(5), plain(3), &[3, 2], true), [2, 1]);
        assert_eq!(scaled(&plain(9), plain(4), &[1, 8], true), [0, 4]);
        assert_eq!(scaled(&plain(7), plain(10), &[2, 3, 2], true), [3, 4, 3]);
        assert_eq!(scaled(&plain(13), plain(8), &[3, 8, 2], true), [2, 5, 1]);
        assert_eq!(scaled(&plain(6), plain(0), &[1, 2, 3], true), [0, 0, 0]);
        assert_eq!(scaled(&plain(10), plain(14), &[3, 7], false), [4, 10]);
    }

    #[test]
    fn what_rounding_leaves_goes_to_the_newest_when_growing_and_comes_from_the_oldest_when_shrinking() {
        assert_eq!(scaled(&plain(3), plain(4), &[1, 1, 1], true), [1, 1, 2]);
        assert_eq!(scaled(&plain(3), plain(2), &[1, 1, 1], true), [0, 1, 1]);
        assert_eq!(scaled(&plain(4), plain(5), &[2, 2], false), [2, 3]);
    }

    #[test]
    fn surge_pods_take_part() {
        assert_eq!(scaled(&deployment(10, 2, 0), deployment(20, 2, 0), &[6, 6], true), [11, 11]);
        assert_eq!(scaled(&deployment(10, 3, 0), deployment(50, 6, 0), &[8, 5], true), [34, 22]);
    }

    #[test]
    fn a_set_that_missed_the_last_scaling_catches_up() {
        let sets = [(1, 5), (1, 3), (2, 5)].into_iter().enumerate().map(|(hour, (size, sized_for))| {
            Rc::new(sized_set(&format!("web-v{hour}"), size, hour as u64, &plain(sized_for)))
        });
        let sets: Vec<Rc<ReplicaSet>> = sets.collect();
        let new = sets[2].clone();
        assert_eq!(sizes_after(plain(5), sets, Some(&new)), [1, 2, 2]);
    }

    #[test]
    fn a_new_set_that_is_full_but_not_available_keeps_the_old_pods() {
        let wanted = deployment(2, 1, 1);
        let mut new = sized_set("web-v1", 2, 1, &wanted);
        Rc::make_mut(&mut new.status).available_replicas = None;
        let (new, old) = (Rc::new(new), Rc::new(sized_set("web-v0", 1, 0, &wanted)));
        assert_eq!(sizes_after(wanted, vec![old, new.clone()], Some(&new)), [1, 2]);
    }

    #[test]
    fn a_fraction_rounds_half_away_from_zero() {
        let room = |desired| Room { desired, surge: 0, total: 0 };
        assert_eq!(fraction(1, room(3), 2), 1, "1.5 is 2");
        assert_eq!(fraction(3, room(5), 6), 0, "2.5 is 3");
        assert_eq!(fraction(4, room(0), 8), -4);
        assert_eq!(fraction(4, room(8), 0), 0, "sized for nothing yet");
        assert_eq!(known_ceiling(&plain(1), &set("web-v0", 1, 0)), 0);
    }
}
