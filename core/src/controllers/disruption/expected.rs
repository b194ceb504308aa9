//! How many pods a budget expects, and how many of them must stay healthy.
//! Upstream: `getExpectedPodCount`, `getExpectedScale`.
//!
//! ```text
//! minAvailable: 2       of the pods that match            desired 2
//! minAvailable: 50%     of the sizes of their owners      desired 50 %, rounded up
//! maxUnavailable: 1     of the sizes of their owners      desired size - 1
//! ```
//!
//! Where sizes count, an owner without one (a DaemonSet, a Job) fails the whole count.

use std::collections::BTreeMap;
use std::rc::Rc;

use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::api::{
    Deployment, Key, Kind, Owner, Pod, PodDisruptionBudget, ReplicaSet, ReplicationController, StatefulSet,
    Uid,
};
use crate::apiserver::{Store, definitions};
use crate::controllers::claim::is_owner;

/// What a budget is judged by.
pub(super) struct Expected {
    /// `status.expectedPods`
    pub(super) pods: i32,
    /// `status.desiredHealthy`
    pub(super) desired_healthy: i32,
    /// Pods without an owner, where sizes count.
    pub(super) unmanaged: u32,
}

/// Counts for `budget`, which covers `pods`.
///
/// # Errors
/// Upstream's words, where an owner has no size.
pub(super) fn count(
    store: &Store,
    budget: &PodDisruptionBudget,
    pods: &[&Rc<Pod>],
) -> Result<Expected, String> {
    let spec = &budget.spec;
    if let Some(unavailable) = &spec.max_unavailable {
        let (size, unmanaged) = scale(store, pods)?;
        let desired_healthy = (size - of(unavailable, size)).max(0);
        return Ok(Expected { pods: size, desired_healthy, unmanaged });
    }
    let all = |desired_healthy| Expected { pods: pods.len() as i32, desired_healthy, unmanaged: 0 };
    match &spec.min_available {
        None => Ok(all(0)),
        Some(IntOrString::Int(desired)) => Ok(all(*desired)),
        Some(percent) => {
            let (size, unmanaged) = scale(store, pods)?;
            Ok(Expected { pods: size, desired_healthy: of(percent, size), unmanaged })
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

/// The sizes of the pods' owners, each counted once, and how many pods have no owner.
fn scale(store: &Store, pods: &[&Rc<Pod>]) -> Result<(i32, u32), String> {
    let mut sizes: BTreeMap<Uid, i32> = BTreeMap::new();
    let mut unmanaged = 0;
    for pod in pods {
        let Some(owner) = pod.meta.controller() else {
            unmanaged += 1;
            continue;
        };
        if !sizes.contains_key(&owner.uid) {
            let (uid, size) = size(store, &pod.key.namespace, owner)?
                .ok_or_else(|| format!("found no controllers for pod {:?}", pod.name()))?;
            sizes.insert(uid, size);
        }
    }
    Ok((sizes.values().sum(), unmanaged))
}

/// Who decides how many pods there are, and how many that is; `None` if the owner is gone.
///
/// # Errors
/// Upstream's words, where nothing of the owner's kind has a size.
fn size(store: &Store, namespace: &Rc<str>, owner: &Owner) -> Result<Option<(Uid, i32)>, String> {
    let key = Key { namespace: namespace.clone(), name: owner.name.clone() };
    let kind = kind_of(store, owner)?;
    let owned = match kind {
        Kind::ReplicaSet => store.get::<ReplicaSet>(&key).map(|set| {
            let deployment = set.meta.controller().and_then(|owner| {
                let key = Key { namespace: namespace.clone(), name: owner.name.clone() };
                store.get::<Deployment>(&key).filter(|found| is_owner(owner, Kind::Deployment, found.uid))
            });
            let decides = deployment.map(|deployment| (deployment.uid, deployment.replicas()));
            (set.uid, decides.unwrap_or((set.uid, set.replicas())))
        }),
        Kind::StatefulSet => store.get::<StatefulSet>(&key).map(|set| (set.uid, (set.uid, set.replicas()))),
        Kind::ReplicationController => store
            .get::<ReplicationController>(&key)
            .map(|controller| (controller.uid, (controller.uid, controller.replicas()))),
        Kind::Deployment => store
            .get::<Deployment>(&key)
            .map(|deployment| (deployment.uid, (deployment.uid, deployment.replicas()))),
        kind => return Err(format!("{} does not implement the scale subresource", kind.qualified_plural())),
    };
    Ok(owned.filter(|(uid, _)| *uid == owner.uid).map(|(_, decides)| decides))
}

fn kind_of(store: &Store, owner: &Owner) -> Result<Kind, String> {
    let known = Kind::from_manifest(&owner.api_version, &owner.kind);
    known
        .or_else(|| definitions::defined(store, &owner.api_version, &owner.kind))
        .ok_or_else(|| format!("no matches for kind {:?} in version {:?}", &*owner.kind, &*owner.api_version))
}
