//! Which taints a node's conditions ask for. Upstream: `nodeConditionToTaintKeyStatusMap`, `processTaintBaseEviction`.

use k8s_openapi::api::core::v1::Taint;

use crate::api::Node;
use crate::apiserver::Store;
use crate::time::{Duration, Time};

/// Ready is False.
const NOT_READY: &str = "node.kubernetes.io/not-ready";
/// Ready is Unknown.
const UNREACHABLE: &str = "node.kubernetes.io/unreachable";
/// `spec.unschedulable`
const UNSCHEDULABLE: &str = "node.kubernetes.io/unschedulable";
/// Conditions that keep new pods off while they are True.
const PRESSURES: [(&str, &str); 4] = [
    ("MemoryPressure", "node.kubernetes.io/memory-pressure"),
    ("DiskPressure", "node.kubernetes.io/disk-pressure"),
    ("PIDPressure", "node.kubernetes.io/pid-pressure"),
    ("NetworkUnavailable", "node.kubernetes.io/network-unavailable"),
];

/// One node of a zone is tainted to be evicted from at once, each further one so much later.
const BETWEEN: Duration = Duration::from_seconds(10);
/// The label that names a node's zone.
const ZONE: &str = "topology.kubernetes.io/zone";

/// The taints that conditions ask for.
pub(super) struct Wanted {
    /// Keys of taints that keep new pods off.
    no_schedule: Vec<&'static str>,
    /// The taint by which pods are evicted.
    pub(super) no_execute: Option<Taint>,
}

/// What the conditions of a node ask for.
pub(super) fn wanted(node: &Node, now: Time) -> Wanted {
    let status = |name: &str| node.condition(name).map(|condition| condition.status.as_str());
    let unready = match status("Ready") {
        Some("False") => Some(NOT_READY),
        Some("Unknown") => Some(UNREACHABLE),
        _ => None,
    };
    let pressures = PRESSURES.iter().filter(|(name, _)| status(name) == Some("True")).map(|(_, key)| *key);
    let unschedulable = node.is_unschedulable().then_some(UNSCHEDULABLE);
    Wanted {
        no_schedule: unready.into_iter().chain(pressures).chain(unschedulable).collect(),
        no_execute: unready.map(|key| Taint {
            key: key.to_owned(),
            effect: "NoExecute".to_owned(),
            time_added: Some(now.to_api()),
            value: None,
        }),
    }
}

/// A node's taints with those that keep new pods off as its conditions ask.
pub(super) fn with_no_schedule(node: &Node, wanted: &Wanted) -> Vec<Taint> {
    let is_ours = |taint: &Taint| taint.effect == "NoSchedule" && is_of_conditions(&taint.key);
    let kept =
        node.taints().iter().filter(|taint| !is_ours(taint) || wanted.no_schedule.contains(&&*taint.key));
    let mut taints: Vec<Taint> = kept.cloned().collect();
    for key in &wanted.no_schedule {
        if !taints.iter().any(|taint| taint.key == *key && taint.effect == "NoSchedule") {
            let effect = "NoSchedule".to_owned();
            taints.push(Taint { key: (*key).to_owned(), effect, time_added: None, value: None });
        }
    }
    taints
}

fn is_of_conditions(key: &str) -> bool {
    [NOT_READY, UNREACHABLE, UNSCHEDULABLE].contains(&key) || PRESSURES.iter().any(|(_, known)| *known == key)
}

fn evicts(taint: &Taint) -> bool {
    taint.effect == "NoExecute" && [NOT_READY, UNREACHABLE].contains(&&*taint.key)
}

/// Whether the taint by which pods are evicted is as it is to be.
pub(super) fn has_no_execute(node: &Node, wanted: &Wanted) -> bool {
    let known: Vec<&str> =
        node.taints().iter().filter(|taint| evicts(taint)).map(|taint| &*taint.key).collect();
    known == wanted.no_execute.iter().map(|taint| &*taint.key).collect::<Vec<_>>()
}

/// Whether pods are being evicted already, for another reason: that is changed at once.
pub(super) fn is_swapped(node: &Node) -> bool {
    node.taints().iter().any(evicts)
}

/// These taints with the one by which pods are evicted as conditions ask.
pub(super) fn with_no_execute(taints: &[Taint], wanted: &Wanted) -> Vec<Taint> {
    let others = taints.iter().filter(|taint| !evicts(taint)).cloned();
    others.chain(wanted.no_execute.clone()).collect()
}

/// When a node may be tainted so that its pods are evicted: `look` is the monitor's next look. `None` where no node
/// of any zone is ready: then the fault is likely to be elsewhere, and nobody is evicted.
pub(super) fn may_taint_at(store: &Store, node: &Node, look: Time) -> Option<Time> {
    if !store.list::<Node>().any(|other| other.is_ready()) {
        return None;
    }
    let in_zone = store.list::<Node>().filter(|other| other.label(ZONE) == node.label(ZONE));
    let tainted = in_zone.flat_map(|other| other.taints().iter().filter(|taint| evicts(taint)).cloned());
    let last = tainted.filter_map(|taint| taint.time_added).map(|time| Time::from_api(&time)).max();
    Some(last.map_or(look, |last| look.max(last + BETWEEN)))
}

/// Whether two lists hold the same taints, whenever they were added.
pub(super) fn same(one: &[Taint], other: &[Taint]) -> bool {
    let has = |taints: &[Taint], wanted: &Taint| {
        taints.iter().any(|taint| {
            taint.key == wanted.key && taint.effect == wanted.effect && taint.value == wanted.value
        })
    };
    one.len() == other.len() && one.iter().all(|taint| has(other, taint))
}
