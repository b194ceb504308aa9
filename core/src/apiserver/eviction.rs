//! Evictions: deletions that ask the pod's PodDisruptionBudget first.
//! Upstream: `pkg/registry/core/pod/storage/eviction.go`.
//!
//! Where a budget counts, the request takes one disruption off it, which no other request can take too; the pod's
//! deletion follows as the API server's own next write.

use std::collections::BTreeMap;
use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::handle::{Request, changed, existing, unchanged};
use super::store::Store;
use super::{ApiError, Change, Fault, FieldError, Reason, Station, Verb, deletion, metadata, pod_status};
use crate::api::{Key, Kind, Object, ObjectRef, Pod, PodDisruptionBudget, Uid};
use crate::time::Time;

/// Evicts a pod, or takes its disruption off its budget: then [`delete`] follows.
#[inline(never)]
pub(super) fn evict(
    store: &mut Store,
    request: Request<'_>,
    pod: &Key,
    uid: Uid,
    grace_seconds: Option<i64>,
) -> Result<Change, ApiError> {
    let stored = asked_for(store, pod, uid)?;
    match budget_of(store, &stored)? {
        Some(budget) if counts(&stored) && !is_spared(&stored, &budget) => {
            take_off(store, request.now, &stored, budget)
        }
        _ => delete(store, request.now, pod, uid, grace_seconds),
    }
}

/// Deletes the pod of an eviction that may go ahead, and says in its status why it goes.
///
/// # Errors
/// 404 where it is gone meanwhile.
pub(crate) fn delete(
    store: &mut Store,
    now: Time,
    pod: &Key,
    uid: Uid,
    grace_seconds: Option<i64>,
) -> Result<Change, ApiError> {
    let stored = asked_for(store, pod, uid)?;
    let before = Object::Pod(stored.clone());
    let Some(deletion) = deletion::pod_deletion(&stored, grace_seconds, now) else {
        return Ok(unchanged(store, Verb::Create, "eviction", before));
    };
    let mut evicted = (*stored).clone();
    let condition = core::PodCondition {
        type_: "DisruptionTarget".to_owned(),
        status: "True".to_owned(),
        reason: Some("EvictionByEvictionAPI".to_owned()),
        message: Some("Eviction API: evicting".to_owned()),
        ..core::PodCondition::default()
    };
    pod_status::set_condition(Rc::make_mut(&mut evicted.status), condition, now);
    let meta = Rc::make_mut(&mut evicted.meta);
    if meta.deletion.is_none() {
        meta.generation += 1;
    }
    meta.deletion = Some(deletion);
    let ends_now = deletion.grace_seconds == 0 && meta.finalizers.is_empty();
    let after = store.put(Object::Pod(Rc::new(evicted)));
    Ok(Change { erase_next: ends_now, ..changed(Verb::Create, "eviction", before, after) })
}

/// The pod of this name, if it still has this uid.
fn asked_for(store: &Store, pod: &Key, uid: Uid) -> Result<Rc<Pod>, ApiError> {
    let target = ObjectRef::new(Kind::Pod, pod.clone());
    let stored = existing(store, &target)?;
    metadata::check_current(&stored, uid, 0)?;
    if let Object::Pod(pod) = stored { Ok(pod) } else { Err(ApiError::not_found(&target)) }
}

/// Whether budgets are asked about a pod at all: not about one that does not run, or goes already.
fn counts(pod: &Pod) -> bool {
    !pod.is_finished() && pod.phase() != "Pending" && !pod.is_terminating()
}

/// Whether a pod is no loss to its budget: it is not Ready, and enough others are, or nobody minds.
fn is_spared(pod: &Pod, budget: &PodDisruptionBudget) -> bool {
    if pod.is_ready() {
        return false;
    }
    let (current, desired) = budget.health();
    let is_healthy = current >= desired && desired > 0;
    budget.spec.unhealthy_pod_eviction_policy.as_deref() == Some("AlwaysAllow") || is_healthy
}

/// The budget that covers a pod.
fn budget_of(store: &Store, pod: &Pod) -> Result<Option<Rc<PodDisruptionBudget>>, ApiError> {
    if !counts(pod) {
        return Ok(None);
    }
    let covering =
        store.list_in::<PodDisruptionBudget>(&pod.key.namespace).filter(|budget| budget.covers(pod));
    let mut covering: Vec<_> = covering.cloned().collect();
    if covering.len() > 1 {
        let message = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
        return Err(ApiError::new(Reason::InternalError, Station::Storage, message));
    }
    Ok(covering.pop())
}

/// Takes one disruption off a budget, or refuses. Upstream: `checkAndDecrement`.
fn take_off(
    store: &mut Store,
    now: Time,
    pod: &Pod,
    budget: Rc<PodDisruptionBudget>,
) -> Result<Change, ApiError> {
    let status = &budget.status;
    let is_stale = status.observed_generation.unwrap_or(0) < budget.meta.generation;
    if is_stale || status.disruptions_allowed.unwrap_or(0) <= 0 {
        return Err(refusal(&budget, is_stale));
    }
    let mut taken = (*budget).clone();
    let status = Rc::make_mut(&mut taken.status);
    status.disruptions_allowed = status.disruptions_allowed.map(|allowed| allowed - 1);
    let disrupted = status.disrupted_pods.get_or_insert_with(BTreeMap::new);
    disrupted.insert(pod.name().to_owned(), now.to_api());
    let before = Object::PodDisruptionBudget(budget);
    let after = store.put(Object::PodDisruptionBudget(Rc::new(taken)));
    Ok(changed(Verb::Create, "eviction", before, after))
}

fn refusal(budget: &PodDisruptionBudget, is_stale: bool) -> ApiError {
    let message = "Cannot evict pod as it would violate the pod's disruption budget.";
    let (name, (current, desired)) = (budget.name(), budget.health());
    let mut conditions = budget.status.conditions.iter().flatten();
    let failed = conditions.find(|it| it.type_ == "DisruptionAllowed" && it.reason == "SyncFailed");
    let detail = match failed {
        _ if is_stale => format!("The disruption budget {name} is still being processed by the server."),
        Some(failed) => format!(
            "The disruption budget {name} does not allow evicting pods currently because it failed sync: {}",
            failed.message
        ),
        None => {
            format!("The disruption budget {name} needs {desired} healthy pods and has {current} currently")
        }
    };
    let cause =
        FieldError { field: String::new(), fault: Fault::DisruptionBudget, value: String::new(), detail };
    let mut error = ApiError::new(Reason::TooManyRequests, Station::Storage, message);
    error.causes.push(cause);
    error
}
