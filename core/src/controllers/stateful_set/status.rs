//! What a StatefulSet reports. Upstream: `stateful_set_control.go`, `updateStatus`, `completeRollingUpdate`.

use std::rc::Rc;

use k8s_openapi::api::apps::v1 as apps;

use super::walk::Walk;
use super::{is_available, is_running_and_ready, min_ready, revision_of};
use crate::api::{Object, StatefulSet};
use crate::plan::Plan;
use crate::time::Duration;
use crate::why::stateful_set::{Census, StatefulSet as Why};

/// Writes the status if it changed, and says what there is to wait for.
pub(super) fn report(walk: &Walk<'_>, plan: &mut Plan) {
    let (set, census) = (walk.set, count(walk));
    let status = calculate(walk, &census);
    if *set.status != status {
        let why = Why::Reports { before: stored(set), now: census };
        let updated = StatefulSet { status: Rc::new(status), ..(**set).clone() };
        plan.update_status(Object::StatefulSet(Rc::new(updated)), why);
    } else if set.is_terminating() {
        plan.nothing_to_do(Why::IsBeingDeleted(census));
    } else if plan.nothing.is_none() {
        plan.nothing_to_do(Why::UpToDate(census));
    }
    wait_for_availability(walk, &census, plan);
}

fn count(walk: &Walk<'_>) -> Census {
    let mut census = Census { desired: walk.set.replicas(), ..Census::default() };
    for pod in walk.pods.values() {
        census.pods += 1;
        census.ready += i32::from(is_running_and_ready(pod));
        census.available += i32::from(is_available(walk.set, pod, walk.snapshot.now));
        if pod.is_terminating() {
            continue;
        }
        census.current += i32::from(revision_of(pod) == walk.revisions.current.name());
        census.updated += i32::from(revision_of(pod) == walk.revisions.update.name());
    }
    census
}

fn stored(set: &StatefulSet) -> Census {
    Census {
        desired: set.replicas(),
        pods: set.status.replicas,
        ready: set.status.ready_replicas.unwrap_or(0),
        available: set.status.available_replicas.unwrap_or(0),
        current: set.status.current_replicas.unwrap_or(0),
        updated: set.status.updated_replicas.unwrap_or(0),
    }
}

fn calculate(walk: &Walk<'_>, census: &Census) -> apps::StatefulSetStatus {
    let (set, revisions) = (walk.set, walk.revisions);
    let is_complete = set.is_rolling_update()
        && census.updated == census.desired
        && census.ready == census.desired
        && census.pods == census.desired;
    let (current, current_revision) =
        if is_complete { (census.updated, &revisions.update) } else { (census.current, &revisions.current) };
    // Counters that are 0 are left out, but for these two.
    let told = |count: i32| (count != 0).then_some(count);
    apps::StatefulSetStatus {
        available_replicas: Some(census.available),
        collision_count: Some(revisions.collision_count),
        conditions: set.status.conditions.clone(),
        current_replicas: told(current),
        current_revision: Some(current_revision.name().to_owned()),
        observed_generation: Some(set.meta.generation),
        ready_replicas: told(census.ready),
        replicas: census.pods,
        update_revision: Some(revisions.update.name().to_owned()),
        updated_replicas: told(census.updated),
    }
}

fn wait_for_availability(walk: &Walk<'_>, census: &Census, plan: &mut Plan) {
    let pods = census.ready - census.available;
    if pods <= 0 {
        return;
    }
    let (set, now) = (walk.set, walk.snapshot.now);
    let ready = walk.pods.values().filter_map(|pod| pod.ready_since());
    let waits = ready.map(|since| (since + min_ready(set)).since(now)).filter(|wait| *wait > Duration::ZERO);
    let min_ready_seconds = set.min_ready_seconds();
    plan.look_again_in(
        waits.min().unwrap_or(min_ready(set)),
        Why::WaitsForAvailability { min_ready_seconds, pods },
    );
}
