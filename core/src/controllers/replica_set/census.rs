//! Counts the pods of a ReplicaSet. Upstream: `pkg/controller/replicaset/replica_set_utils.go`.

use super::is_fully_labeled;
use crate::api::{Pod, ReplicaSet};
use crate::apiserver::Store;
use crate::time::{Duration, Time};
use crate::why::replica_set::Census;

/// Counts from the store's counters; pods are walked only where availability depends on the time.
pub(super) fn count(store: &Store, set: &ReplicaSet, now: Time) -> Census {
    let desired = set.replicas();
    let Some(owned) = store.owned_pods(set.uid) else { return Census { desired, ..Census::default() } };
    let template = store.pod_template(set.uid).map(|template| &*template.labels);
    let labeled = owned
        .active_by_labels()
        .filter(|(labels, _)| template.is_none_or(|template| is_fully_labeled(template, labels)));
    let ready = owned.ready as i32;
    let min_ready = min_ready(set);
    let available = if min_ready == Duration::ZERO {
        ready
    } else {
        ready_pods(store, set).filter(|(_, since)| *since + min_ready <= now).count() as i32
    };
    Census {
        desired,
        active: owned.active as i32,
        fully_labeled: labeled.map(|(_, pods)| pods as i32).sum(),
        ready,
        available,
        terminating: owned.terminating as i32,
    }
}

/// What the stored status says.
pub(super) fn stored(set: &ReplicaSet) -> Census {
    Census {
        desired: set.replicas(),
        active: set.current_replicas(),
        fully_labeled: set.status.fully_labeled_replicas.unwrap_or(0),
        ready: set.ready_replicas(),
        available: set.available_replicas(),
        terminating: set.status.terminating_replicas.unwrap_or(0),
    }
}

/// How long until the next ready pod becomes available; minReadySeconds if that cannot be told.
/// Upstream: `FindMinNextPodAvailabilityCheck`.
pub(super) fn until_next_available(store: &Store, set: &ReplicaSet, now: Time) -> Duration {
    let min_ready = min_ready(set);
    let waits = ready_pods(store, set).map(|(_, since)| (since + min_ready).since(now));
    waits.filter(|wait| *wait > Duration::ZERO).min().unwrap_or(min_ready)
}

fn ready_pods<'a>(store: &'a Store, set: &ReplicaSet) -> impl Iterator<Item = (&'a Pod, Time)> {
    let active = store.pods_of(set.uid).filter(|pod| pod.is_active());
    active.filter_map(|pod| Some((&**pod, pod.ready_since()?)))
}

fn min_ready(set: &ReplicaSet) -> Duration {
    Duration::from_seconds(u64::try_from(set.min_ready_seconds()).unwrap_or(0))
}
