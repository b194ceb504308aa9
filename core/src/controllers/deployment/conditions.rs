//! The conditions of a Deployment: Progressing, Available, ReplicaFailure.
//! Upstream: `pkg/controller/deployment/util/deployment_util.go`.

use k8s_openapi::api::apps::v1::{DeploymentCondition, DeploymentStatus, ReplicaSetCondition};

use crate::api::Deployment;
use crate::time::Time;

/// Whether the minimum of pods is available.
pub(super) const AVAILABLE: &str = "Available";
/// Whether the rollout moves.
pub(super) const PROGRESSING: &str = "Progressing";
/// Whether pods can be created and deleted, as ReplicaSets report it.
pub(super) const REPLICA_FAILURE: &str = "ReplicaFailure";

/// Reasons of the Progressing condition.
pub(super) mod reason {
    pub(in crate::controllers::deployment) const CREATED: &str = "NewReplicaSetCreated";
    pub(in crate::controllers::deployment) const FOUND: &str = "FoundNewReplicaSet";
    pub(in crate::controllers::deployment) const CREATE_ERROR: &str = "ReplicaSetCreateError";
    pub(in crate::controllers::deployment) const UPDATED: &str = "ReplicaSetUpdated";
    pub(in crate::controllers::deployment) const AVAILABLE: &str = "NewReplicaSetAvailable";
    pub(in crate::controllers::deployment) const TIMED_OUT: &str = "ProgressDeadlineExceeded";
    pub(in crate::controllers::deployment) const PAUSED: &str = "DeploymentPaused";
    pub(in crate::controllers::deployment) const RESUMED: &str = "DeploymentResumed";
}

/// A condition as of `now`.
pub(super) fn condition(
    name: &str,
    status: &str,
    reason: &str,
    message: String,
    now: Time,
) -> DeploymentCondition {
    DeploymentCondition {
        type_: name.to_owned(),
        status: status.to_owned(),
        reason: Some(reason.to_owned()),
        message: Some(message),
        last_update_time: Some(now.to_api()),
        last_transition_time: Some(now.to_api()),
    }
}

/// The condition of type `name`.
pub(super) fn find<'a>(status: &'a DeploymentStatus, name: &str) -> Option<&'a DeploymentCondition> {
    status.conditions.iter().flatten().find(|condition| condition.type_ == name)
}

/// Sets a condition: nothing happens where status and reason are the same; otherwise it moves to the end, and keeps
/// its transition time if its status is the same. Upstream: `SetDeploymentCondition`.
pub(super) fn set(status: &mut DeploymentStatus, mut condition: DeploymentCondition) {
    if let Some(known) = find(status, &condition.type_)
        && known.status == condition.status
    {
        if known.reason == condition.reason {
            return;
        }
        condition.last_transition_time = known.last_transition_time.clone();
    }
    remove(status, &condition.type_);
    status.conditions.get_or_insert_default().push(condition);
}

/// Removes a condition.
pub(super) fn remove(status: &mut DeploymentStatus, name: &str) {
    if find(status, name).is_none() {
        return;
    }
    let conditions = status.conditions.get_or_insert_default();
    conditions.retain(|condition| condition.type_ != name);
    if conditions.is_empty() {
        status.conditions = None;
    }
}

/// A ReplicaSet's failure, as the Deployment shows it.
pub(super) fn from_replica_set(condition: &ReplicaSetCondition) -> DeploymentCondition {
    DeploymentCondition {
        type_: REPLICA_FAILURE.to_owned(),
        status: condition.status.clone(),
        reason: condition.reason.clone(),
        message: condition.message.clone(),
        last_update_time: condition.last_transition_time.clone(),
        last_transition_time: condition.last_transition_time.clone(),
    }
}

/// `spec.progressDeadlineSeconds`, unless it is absent or the largest number, which stands for none.
pub(super) fn deadline_seconds(deployment: &Deployment) -> Option<i32> {
    deployment.spec.progress_deadline_seconds.filter(|seconds| *seconds != i32::MAX)
}

/// The reason of the Progressing condition; empty where there is none.
pub(super) fn progress_reason(deployment: &Deployment) -> &str {
    find(&deployment.status, PROGRESSING).and_then(|condition| condition.reason.as_deref()).unwrap_or("")
}
