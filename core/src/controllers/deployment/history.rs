//! Which old ReplicaSets are kept for rollbacks. Upstream: `pkg/controller/deployment/sync.go`, `cleanupDeployment`.

use std::rc::Rc;

use crate::api::{Deployment, ReplicaSet};

/// A limit of this size means that everything is kept.
const UNLIMITED: i32 = i32::MAX;

/// The old ReplicaSets to delete, lowest revision first. Those that still have pods are passed over, and no other
/// takes their place.
pub(super) fn to_forget(deployment: &Deployment, mut old: Vec<Rc<ReplicaSet>>) -> Vec<Rc<ReplicaSet>> {
    let Some(limit) = deployment.spec.revision_history_limit.filter(|limit| *limit != UNLIMITED) else {
        return Vec::new();
    };
    old.retain(|set| !set.is_terminating());
    let limit = usize::try_from(limit).unwrap_or(0);
    if old.len() <= limit {
        return Vec::new();
    }
    crate::order::sort_by(&mut old, |a, b| {
        let by_age = a.meta.created.cmp(&b.meta.created).then_with(|| a.key.name.cmp(&b.key.name));
        a.revision().cmp(&b.revision()).then(by_age)
    });
    old.truncate(old.len() - limit);
    old.retain(|set| is_empty_and_settled(set));
    old
}

/// Whether no pod is left, as far as its controller has seen its latest size.
fn is_empty_and_settled(set: &ReplicaSet) -> bool {
    set.current_replicas() == 0
        && set.replicas() == 0
        && set.meta.generation <= set.status.observed_generation.unwrap_or(0)
}
