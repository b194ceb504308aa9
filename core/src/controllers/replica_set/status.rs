//! A ReplicaSet's status. Upstream: `pkg/controller/replicaset/replica_set_utils.go`.

use k8s_openapi::api::apps::v1::{ReplicaSetCondition, ReplicaSetStatus};

use super::owner::ReplicaOwner;
use crate::api::ReplicaSet;
use crate::time::Time;
use crate::why::replica_set::Census;

const REPLICA_FAILURE: &str = "ReplicaFailure";

/// The status that goes with a count, and with the first error of creating or deleting pods.
/// Upstream: `calculateStatus`.
pub(super) fn calculate<T: ReplicaOwner>(
    set: &ReplicaSet,
    census: &Census,
    failure: Option<&str>,
    now: Time,
) -> ReplicaSetStatus {
    ReplicaSetStatus {
        replicas: census.active,
        fully_labeled_replicas: counted(census.fully_labeled),
        ready_replicas: counted(census.ready),
        available_replicas: counted(census.available),
        terminating_replicas: T::COUNTS_TERMINATING.then_some(census.terminating),
        observed_generation: Some(set.meta.generation),
        conditions: conditions(set, census, failure, now),
    }
}

/// A counter as the API has it: zero is left out.
fn counted(number: i32) -> Option<i32> {
    (number != 0).then_some(number)
}

/// A failure is told once; a later, different one does not replace it. The first look without one takes it away.
fn conditions(
    set: &ReplicaSet,
    census: &Census,
    failure: Option<&str>,
    now: Time,
) -> Option<Vec<ReplicaSetCondition>> {
    let known = set.status.conditions.as_ref();
    let has_failure = known.iter().any(|known| known.iter().any(|known| known.type_ == REPLICA_FAILURE));
    if failure.is_some() == has_failure {
        return known.cloned();
    }
    let others = known.into_iter().flatten().filter(|known| known.type_ != REPLICA_FAILURE).cloned();
    let failed = failure.map(|message| ReplicaSetCondition {
        type_: REPLICA_FAILURE.to_owned(),
        status: "True".to_owned(),
        reason: Some(if census.active < census.desired { "FailedCreate" } else { "FailedDelete" }.to_owned()),
        message: Some(message.to_owned()),
        last_transition_time: Some(now.to_api()),
    });
    let conditions: Vec<ReplicaSetCondition> = others.chain(failed).collect();
    (!conditions.is_empty()).then_some(conditions)
}
