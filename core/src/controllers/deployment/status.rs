//! A Deployment's status: what its ReplicaSets report, added up, and what that says about the rollout.
//! Upstream: `pkg/controller/deployment/{sync,progress}.go`.

use std::rc::Rc;

use k8s_openapi::api::apps::v1::DeploymentStatus;

use super::conditions::{self, AVAILABLE, PROGRESSING, REPLICA_FAILURE, reason};
use super::rolling;
use crate::api::{Deployment, ReplicaSet};
use crate::time::{Duration, Time};
use crate::why::deployment::Tally;

/// The status that follows from the ReplicaSets, the Progressing condition as it was.
/// Upstream: `calculateStatus`.
pub(super) fn calculate(
    deployment: &Deployment,
    sets: &[Rc<ReplicaSet>],
    new: Option<&ReplicaSet>,
    now: Time,
) -> DeploymentStatus {
    let sum = |count: fn(&ReplicaSet) -> i32| -> i32 { sets.iter().map(|set| count(set)).sum() };
    let available = sum(|set| set.available_replicas());
    let mut status = DeploymentStatus {
        observed_generation: Some(deployment.meta.generation),
        replicas: counted(sum(|set| set.current_replicas())),
        updated_replicas: counted(new.map_or(0, |new| new.current_replicas())),
        ready_replicas: counted(sum(|set| set.ready_replicas())),
        available_replicas: counted(available),
        unavailable_replicas: counted((rolling::total(sets) - available).max(0)),
        terminating_replicas: terminating(sets),
        collision_count: deployment.status.collision_count,
        conditions: deployment.status.conditions.clone(),
    };
    let is_available = available >= deployment.replicas() - deployment.max_unavailable();
    let (value, reason, message) = if is_available {
        ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    } else {
        ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
    };
    conditions::set(&mut status, conditions::condition(AVAILABLE, value, reason, message.to_owned(), now));
    status
}

/// Adds what the numbers say about a rollout: complete, progressing, or timed out. Upstream: `syncRolloutStatus`.
pub(super) fn judge_progress(
    deployment: &Deployment,
    sets: &[Rc<ReplicaSet>],
    new: Option<&ReplicaSet>,
    status: &mut DeploymentStatus,
    now: Time,
) {
    match conditions::deadline_seconds(deployment) {
        None => conditions::remove(status, PROGRESSING),
        Some(deadline) => {
            let was_complete = status.replicas == status.updated_replicas
                && conditions::progress_reason(deployment) == reason::AVAILABLE;
            if !was_complete {
                judge_rollout(deployment, new, deadline, status, now);
            }
        }
    }
    let failures = new.into_iter().chain(sets.iter().map(|set| &**set));
    let mut failures = failures.flat_map(|set| set.status.conditions.iter().flatten());
    match failures.find(|condition| condition.type_ == REPLICA_FAILURE) {
        Some(failure) => conditions::set(status, conditions::from_replica_set(failure)),
        None => conditions::remove(status, REPLICA_FAILURE),
    }
}

fn judge_rollout(
    deployment: &Deployment,
    new: Option<&ReplicaSet>,
    deadline: i32,
    status: &mut DeploymentStatus,
    now: Time,
) {
    let subject = || match new {
        Some(new) => format!("ReplicaSet \"{}\"", new.name()),
        None => format!("Deployment \"{}\"", deployment.name()),
    };
    if is_complete(deployment, status) {
        let message = format!("{} has successfully progressed.", subject());
        let complete = conditions::condition(PROGRESSING, "True", reason::AVAILABLE, message, now);
        return conditions::set(status, complete);
    }
    if has_progressed(&deployment.status, status) {
        let message = format!("{} is progressing.", subject());
        let mut moving = conditions::condition(PROGRESSING, "True", reason::UPDATED, message, now);
        if let Some(known) = conditions::find(&deployment.status, PROGRESSING) {
            if known.status == "True" {
                moving.last_transition_time = known.last_transition_time.clone();
            }
            // Taken away first, so that its update time moves and the deadline begins anew.
            conditions::remove(status, PROGRESSING);
        }
        return conditions::set(status, moving);
    }
    if has_timed_out(status, deadline, now) {
        let message = format!("{} has timed out progressing.", subject());
        conditions::set(status, conditions::condition(PROGRESSING, "False", reason::TIMED_OUT, message, now));
    }
}

/// Whether every pod is updated and available, and no other is left. Upstream: `DeploymentComplete`.
pub(super) fn is_complete(deployment: &Deployment, status: &DeploymentStatus) -> bool {
    let desired = deployment.replicas();
    [status.updated_replicas, status.replicas, status.available_replicas]
        .iter()
        .all(|count| count.unwrap_or(0) == desired)
        && status.observed_generation.unwrap_or(0) >= deployment.meta.generation
}

/// Whether more pods are updated, ready or available than before, or fewer old ones are left.
/// Upstream: `DeploymentProgressing`.
fn has_progressed(before: &DeploymentStatus, after: &DeploymentStatus) -> bool {
    let old_pods =
        |status: &DeploymentStatus| status.replicas.unwrap_or(0) - status.updated_replicas.unwrap_or(0);
    after.updated_replicas.unwrap_or(0) > before.updated_replicas.unwrap_or(0)
        || old_pods(after) < old_pods(before)
        || after.ready_replicas.unwrap_or(0) > before.ready_replicas.unwrap_or(0)
        || after.available_replicas.unwrap_or(0) > before.available_replicas.unwrap_or(0)
}

/// Upstream: `DeploymentTimedOut`.
fn has_timed_out(status: &DeploymentStatus, deadline: i32, now: Time) -> bool {
    let Some(condition) = conditions::find(status, PROGRESSING) else { return false };
    match condition.reason.as_deref() {
        Some(reason::TIMED_OUT) => true,
        Some(reason::AVAILABLE) => false,
        _ => deadline_of(condition.last_update_time.as_ref().map(Time::from_api), deadline) < now,
    }
}

/// How long until the deadline of a rollout that did not move in this look; none where there is nothing to wait
/// for. Upstream: `requeueStuckDeployment`, which after the deadline of a rollout that was complete before looks
/// every 5 ms, for ever, and sees the same each time: here it stops.
pub(super) fn until_deadline(
    deployment: &Deployment,
    status: &DeploymentStatus,
    now: Time,
) -> Option<Duration> {
    let deadline = conditions::deadline_seconds(deployment)?;
    let condition = conditions::find(&deployment.status, PROGRESSING)?;
    if is_complete(deployment, status) || condition.reason.as_deref() == Some(reason::TIMED_OUT) {
        return None;
    }
    let ends = deadline_of(condition.last_update_time.as_ref().map(Time::from_api), deadline);
    (ends >= now).then(|| ends.since(now))
}

fn deadline_of(last_update: Option<Time>, deadline: i32) -> Time {
    last_update.unwrap_or_default() + Duration::from_seconds(u64::try_from(deadline).unwrap_or(0))
}

/// The numbers of a status, for the fact that goes with it.
pub(super) fn tally(deployment: &Deployment, status: &DeploymentStatus) -> Tally {
    Tally {
        desired: deployment.replicas(),
        replicas: status.replicas.unwrap_or(0),
        updated: status.updated_replicas.unwrap_or(0),
        ready: status.ready_replicas.unwrap_or(0),
        available: status.available_replicas.unwrap_or(0),
        unavailable: status.unavailable_replicas.unwrap_or(0),
        terminating: status.terminating_replicas.unwrap_or(0),
    }
}

/// A counter as the API has it: zero is left out.
fn counted(number: i32) -> Option<i32> {
    (number != 0).then_some(number)
}

/// Σ terminating pods; unknown while a ReplicaSet has not said its number.
fn terminating(sets: &[Rc<ReplicaSet>]) -> Option<i32> {
    let mut sum = 0;
    for set in sets.iter().filter(|set| set.status.observed_generation.unwrap_or(0) > 0) {
        sum += set.status.terminating_replicas?;
    }
    Some(sum)
}
