//! Which pods go first when there are too many. Upstream: `pkg/controller/controller_utils.go`,
//! `ActivePodsWithRanks`.
//!
//! ```text
//! without a node > Pending > Unknown > not Ready > lower deletion cost > crowded node
//!     > Ready for a shorter time > more restarts > newer
//! ```
//! Times are compared by the power of two that an age falls into, so that of pods of about the same age any may go,
//! by lot: their uids decide, and those are random.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::api::{Pod, ReplicaSet};
use crate::apiserver::Store;
use crate::plan::Snapshot;
use crate::time::Time;
use crate::why::replica_set::DeletionRank;

/// A pod's wish to go early (lower) or late, a 32-bit number.
const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";

/// The first `count` active pods to delete, and what decided each against the pods that stay.
pub(super) fn first(snapshot: &Snapshot<'_>, set: &ReplicaSet, count: usize) -> Vec<(Rc<Pod>, DeletionRank)> {
    let pods: Vec<&Rc<Pod>> = snapshot.store.pods_of(set.uid).filter(|pod| pod.is_active()).collect();
    if count >= pods.len() {
        return pods.into_iter().map(|pod| (pod.clone(), DeletionRank::All)).collect();
    }
    let crowds = crowds(snapshot.store, set);
    let standings: Vec<Standing<'_>> = pods.into_iter().map(|pod| Standing::of(pod, &crowds)).collect();
    let (gone, kept) = split(standings, count, snapshot.now);
    gone.into_iter()
        .map(|standing| (standing.pod.clone(), compare(&standing, &kept, snapshot.now).1))
        .collect()
}

/// Up to so many pods are picked one by one, which costs less than to sort them all.
const FEW: usize = 8;

/// The first `count` of `standings` in their order, and the first of those that stay.
fn split<'a>(mut standings: Vec<Standing<'a>>, count: usize, now: Time) -> (Vec<Standing<'a>>, Standing<'a>) {
    let order = |a: &Standing<'_>, b: &Standing<'_>| compare(a, b, now).0;
    if count < FEW {
        for place in 0..=count {
            let rest = place + 1..standings.len();
            let first = rest.fold(place, |first, next| {
                if order(&standings[next], &standings[first]) == Ordering::Less { next } else { first }
            });
            standings.swap(place, first);
        }
    } else {
        sort(&mut standings, &order);
    }
    let kept = standings[count];
    standings.truncate(count);
    (standings, kept)
}

/// Merge sort. Upstream's comparison is no total order (equal times are passed over, equal ranks of times are not),
/// which the standard library's sort may answer with a panic.
fn sort<T: Copy>(list: &mut [T], compare: &impl Fn(&T, &T) -> Ordering) {
    if list.len() < 2 {
        return;
    }
    let (left, right) = list.split_at_mut(list.len() / 2);
    sort(left, compare);
    sort(right, compare);
    let mut merged = Vec::with_capacity(list.len());
    let (left, right) = list.split_at(list.len() / 2);
    let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let next = if compare(b, a) == Ordering::Less { right.next() } else { left.next() };
        merged.extend(next.copied());
    }
    merged.extend(left.chain(right).copied());
    list.copy_from_slice(&merged);
}

/// What the order looks at, read once per pod.
#[derive(Clone, Copy)]
struct Standing<'a> {
    pod: &'a Rc<Pod>,
    is_assigned: bool,
    phase: u8,
    is_ready: bool,
    cost: i32,
    /// Active pods of the same Deployment on its node.
    crowd: i32,
    ready_since: Option<Time>,
    restarts: i32,
    sidecar_restarts: i32,
    created: Time,
}

impl<'a> Standing<'a> {
    fn of(pod: &'a Rc<Pod>, crowds: &BTreeMap<&str, i32>) -> Standing<'a> {
        let restarts = |statuses: &[k8s_openapi::api::core::v1::ContainerStatus]| {
            statuses.iter().map(|status| status.restart_count).max().unwrap_or(0)
        };
        Standing {
            pod,
            is_assigned: pod.node().is_some(),
            phase: match pod.phase() {
                "Pending" => 0,
                "Unknown" => 1,
                _ => 2,
            },
            is_ready: pod.is_ready(),
            cost: deletion_cost(pod),
            crowd: crowds.get(pod.node().unwrap_or("")).copied().unwrap_or(0),
            ready_since: pod.ready_since(),
            restarts: restarts(pod.container_statuses()),
            sidecar_restarts: restarts(pod.status.init_container_statuses.as_deref().unwrap_or_default()),
            created: pod.meta.created,
        }
    }
}

/// Which of two pods goes first, and what decided.
fn compare(a: &Standing<'_>, b: &Standing<'_>, now: Time) -> (Ordering, DeletionRank) {
    let coarse = [
        (a.is_assigned.cmp(&b.is_assigned), DeletionRank::Unassigned),
        (a.phase.cmp(&b.phase), DeletionRank::Phase),
        (a.is_ready.cmp(&b.is_ready), DeletionRank::NotReady),
        (a.cost.cmp(&b.cost), DeletionRank::Cost { cost: a.cost, kept: b.cost }),
        (b.crowd.cmp(&a.crowd), DeletionRank::CrowdedNode { here: a.crowd, there: b.crowd }),
    ];
    if let Some(decided) = coarse.into_iter().find(|(order, _)| order.is_ne()) {
        return decided;
    }
    let uids = || (a.pod.uid.cmp(&b.pod.uid), DeletionRank::Lot);
    if let (Some(ours), Some(theirs)) = (a.ready_since, b.ready_since)
        && ours != theirs
    {
        let order = age_rank(ours, now).cmp(&age_rank(theirs, now));
        return if order.is_ne() { (order, DeletionRank::ReadyLater) } else { uids() };
    }
    for (here, there) in [(a.restarts, b.restarts), (a.sidecar_restarts, b.sidecar_restarts)] {
        if here != there {
            return (there.cmp(&here), DeletionRank::Restarts { here, there });
        }
    }
    if a.created == b.created {
        return (Ordering::Equal, DeletionRank::Lot);
    }
    let order = age_rank(a.created, now).cmp(&age_rank(b.created, now));
    if order.is_ne() { (order, DeletionRank::Newer) } else { uids() }
}

/// The power of two that an age in nanoseconds falls into; -1 for none.
fn age_rank(since: Time, now: Time) -> i32 {
    now.since(since).0.checked_ilog2().map_or(-1, |rank| rank as i32)
}

/// The annotation's number; anything but a plain 32-bit number counts as 0.
fn deletion_cost(pod: &Pod) -> i32 {
    let Some(text) = pod.annotation(DELETION_COST) else { return 0 };
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_plain = !digits.starts_with('+') && (digits == "0" || !digits.starts_with('0'));
    if is_plain { text.parse().unwrap_or(0) } else { 0 }
}

/// Active pods per node, of all ReplicaSets that have the same controller. Upstream: `getIndirectlyRelatedPods`.
fn crowds<'a>(store: &'a Store, set: &ReplicaSet) -> BTreeMap<&'a str, i32> {
    let mut crowds = BTreeMap::new();
    // Without a controller nothing is related, not even the set's own pods.
    let related = set.controller().into_iter().flat_map(|owner| store.replica_sets_of(owner));
    for owned in related.filter_map(|related| store.owned_pods(related.uid)) {
        for (node, pods) in owned.active_by_node() {
            *crowds.entry(node).or_default() += pods as i32;
        }
    }
    crowds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Key, Labels, Meta, PodDesired, Resource, Uid};
    use crate::time::Duration;
    use k8s_openapi::api::core::v1::{ContainerStatus, PodCondition, PodStatus};

    const HOUR: u64 = 3600;

    /// A pod as the order sees it: name, node, phase, since when it is Ready (in seconds), when it was created.
    fn pod(name: &str, node: Option<&str>, phase: &str, ready: Option<u64>, created: u64) -> Rc<Pod> {
        let at = |seconds| Time::ZERO + Duration::from_seconds(seconds);
        let condition = PodCondition {
            type_: "Ready".to_owned(),
            status: if ready.is_some() { "True" } else { "False" }.to_owned(),
            last_transition_time: ready.map(|seconds| at(seconds).to_api()),
            ..PodCondition::default()
        };
        let status = PodStatus {
            phase: Some(phase.to_owned()),
            conditions: Some(vec![condition]),
            ..PodStatus::default()
        };
        Rc::new(Resource {
            key: Key::new("default", name),
            uid: Uid::parse(name),
            resource_version: 1,
            meta: Rc::new(Meta { created: at(created), ..Meta::default() }),
            spec: PodDesired { spec: Rc::default(), node: node.map(Into::into) },
            status: Rc::new(status),
        })
    }

    fn with_restarts(mut pod: Rc<Pod>, restart_count: i32) -> Rc<Pod> {
        let status = ContainerStatus { restart_count, ..ContainerStatus::default() };
        let pod_mut = Rc::make_mut(&mut pod);
        Rc::make_mut(&mut pod_mut.status).container_statuses = Some(vec![status]);
        pod
    }

    fn with_cost(mut pod: Rc<Pod>, cost: &str) -> Rc<Pod> {
        let annotations: Labels = [(DELETION_COST.to_owned(), cost.to_owned())].into();
        let pod_mut = Rc::make_mut(&mut pod);
        Rc::make_mut(&mut pod_mut.meta).annotations = Rc::new(annotations);
        pod
    }

    /// The names in deletion order, at two hours.
    fn order(pods: &[Rc<Pod>], crowds: &[(&'static str, i32)]) -> Vec<String> {
        let crowds: BTreeMap<&str, i32> = crowds.iter().copied().collect();
        let mut standings: Vec<Standing<'_>> = pods.iter().map(|pod| Standing::of(pod, &crowds)).collect();
        let now = Time::ZERO + Duration::from_seconds(2 * HOUR);
        sort(&mut standings, &|a, b| compare(a, b, now).0);
        standings.iter().map(|standing| standing.pod.name().to_owned()).collect()
    }

    #[test]
    fn each_rule_decides_where_those_before_it_are_silent() {
        let pods = [
            pod("oldest", Some("n"), "Running", Some(10), 0),
            pod("ready-later", Some("n"), "Running", Some(2 * HOUR - 10), 0),
            with_restarts(pod("restarted", Some("n"), "Running", None, 0), 3),
            pod("unready", Some("n"), "Running", None, 0),
            pod("unknown", Some("n"), "Unknown", None, 0),
            pod("pending", Some("n"), "Pending", None, 0),
            pod("unassigned", None, "Pending", None, 0),
        ];
        let wanted = ["unassigned", "pending", "unknown", "restarted", "unready", "ready-later", "oldest"];
        assert_eq!(order(&pods, &[]), wanted);
    }

    #[test]
    fn a_lower_cost_goes_before_a_crowded_node_goes_before_age() {
        let pods = [
            pod("alone", Some("a"), "Running", Some(2 * HOUR - 1), 0),
            pod("crowded", Some("b"), "Running", Some(10), 0),
            with_cost(pod("cheap", Some("a"), "Running", Some(10), 0), "-5"),
            with_cost(pod("dear", Some("b"), "Running", Some(10), 0), "7"),
        ];
        assert_eq!(order(&pods, &[("a", 1), ("b", 4)]), ["cheap", "crowded", "alone", "dear"]);
    }

    #[test]
    fn malformed_costs_count_as_none() {
        for (text, cost) in [("10", 10), ("-10", -10), ("+10", 0), ("010", 0), ("ten", 0), ("2147483648", 0)]
        {
            assert_eq!(deletion_cost(&with_cost(pod("p", None, "Pending", None, 0), text)), cost, "{text}");
        }
    }

    #[test]
    fn ages_within_one_power_of_two_are_left_to_the_lot() {
        let younger = pod("younger", Some("n"), "Running", Some(HOUR + 100), 0);
        let older = pod("older", Some("n"), "Running", Some(HOUR), 0);
        let now = Time::ZERO + Duration::from_seconds(2 * HOUR);
        let crowds = BTreeMap::new();
        let (order, rank) = compare(&Standing::of(&younger, &crowds), &Standing::of(&older, &crowds), now);
        assert_eq!((order, rank), (younger.uid.cmp(&older.uid), DeletionRank::Lot));
    }

    #[test]
    fn picking_a_few_and_sorting_all_agree() {
        let pods: Vec<Rc<Pod>> = (0..40)
            .map(|place: u64| {
                let ready = (!place.is_multiple_of(3)).then_some(place * 97 % HOUR);
                pod(&format!("p{place}"), Some("n"), "Running", ready, place * 31 % HOUR)
            })
            .collect();
        let (crowds, now) = (BTreeMap::new(), Time::ZERO + Duration::from_seconds(2 * HOUR));
        let standings: Vec<Standing<'_>> = pods.iter().map(|pod| Standing::of(pod, &crowds)).collect();
        let names = |count| -> Vec<String> {
            let gone = split(standings.clone(), count, now).0;
            gone.iter().map(|standing| standing.pod.name().to_owned()).collect()
        };
        assert_eq!(names(FEW - 1)[..], names(FEW)[..FEW - 1]);
    }
}
