//! How many pods a budget expects, and how many of them must stay healthy.
//! Upstream: `getExpectedPodCount`, `getExpectedScale`.
//!
//! ```text
//! minAvailable: 2       of the pods that match            desired 2
//! minAvailable: 50%     of the sizes of their owners      desired 50 %, rounded up
//! maxUnavailable: 1     of the sizes of their owners      desired size - 1
//! ```

use std::collections::BTreeMap;
use std::rc::Rc;

use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::api::{
    Deployment, Key, Kind, Owner, Pod, PodDisruptionBudget, ReplicaSet, ReplicationController, StatefulSet,
    Uid,
};
use crate::apiserver::Store;
use crate::controllers::claim::is_owner;

/// What a budget is judged by.
pub(super) struct Expected {
    /// `status.expectedPods`
    pub(super) pods: i32,
    /// `status.desiredHealthy`
    pub(super) desired_healthy: i32,
    /// Pods whose owner has no size, where sizes count.
    pub(super) unmanaged: u32,
}

/// Counts for `budget`, which covers `pods`.
pub(super) fn count(store: &Store, budget: &PodDisruptionBudget, pods: &[&Rc<Pod>]) -> Expected {
    let spec = &budget.spec;
    if let Some(unavailable) = &spec.max_unavailable {
        let (size, unmanaged) = scale(store, pods);
        let desired_healthy = (size - of(unavailable, size)).max(0);
        return Expected { pods: size, desired_healthy, unmanaged };
    }
    match &spec.min_available {
        None => Expected { pods: pods.len() as i32, desired_healthy: 0, unmanaged: 0 },
        Some(IntOrString::Int(desired)) => {
            Expected { pods: pods.len() as i32, desired_healthy: *desired, unmanaged: 0 }
        }
        Some(percent) => {
            let (size, unmanaged) = scale(store, pods);
            Expected { pods: size, desired_healthy: of(percent, size), unmanaged }
        }
    }
}

/// A number, or a percentage of `size`, rounded up.
fn of(value: &IntOrString, size: i32) -> i32 {
    match value {
        IntOrString::Int(number) => *number,
        IntOrString::String(text) => {
            let percent: i64 = text.trim_end_matches('%').parse().unwrap_or(0);
            let parts = percent * i64::from(size);
            (parts / 100 + i64::from(parts % 100 > 0)) as i32
        }
    }
}

/// The sizes of the pods' owners, each counted once, and how many pods have none.
fn scale(store: &Store, pods: &[&Rc<Pod>]) -> (i32, u32) {
    let mut sizes: BTreeMap<Uid, i32> = BTreeMap::new();
    let mut unmanaged = 0;
    for pod in pods {
        let owner = pod.meta.controller().and_then(|owner| size(store, &pod.key.namespace, owner));
        match owner {
            Some((uid, size)) => {
                sizes.insert(uid, size);
            }
            None => unmanaged += 1,
        }
    }
    (sizes.values().sum(), unmanaged)
}

/// Who decides how many pods there are, and how many that is.
fn size(store: &Store, namespace: &Rc<str>, owner: &Owner) -> Option<(Uid, i32)> {
    let key = Key { namespace: namespace.clone(), name: owner.name.clone() };
    if let Some(set) = store.get::<ReplicaSet>(&key).filter(|set| is_owner(owner, Kind::ReplicaSet, set.uid))
    {
        let deployment = set.meta.controller().and_then(|owner| {
            let key = Key { namespace: namespace.clone(), name: owner.name.clone() };
            store.get::<Deployment>(&key).filter(|found| is_owner(owner, Kind::Deployment, found.uid))
        });
        return Some(match deployment {
            Some(deployment) => (deployment.uid, deployment.replicas()),
            None => (set.uid, set.replicas()),
        });
    }
    if let Some(set) =
        store.get::<StatefulSet>(&key).filter(|set| is_owner(owner, Kind::StatefulSet, set.uid))
    {
        return Some((set.uid, set.spec.replicas.unwrap_or(1)));
    }
    let controller = store.get::<ReplicationController>(&key)?;
    is_owner(owner, Kind::ReplicationController, controller.uid)
        .then(|| (controller.uid, controller.replicas()))
}
