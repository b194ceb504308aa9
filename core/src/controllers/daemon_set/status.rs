//! What a DaemonSet reports: nodes, not pods. Upstream: `daemon_controller.go`, `updateDaemonSetStatus`.

use std::rc::Rc;

use k8s_openapi::api::apps::v1 as apps;

use super::fit::Fit;
use super::look::Look;
use crate::api::{DaemonSet, Object};
use crate::plan::Plan;
use crate::why::daemon_set::{Census, DaemonSet as Why};

/// Writes the status if it changed, and says what there is to wait for.
pub(super) fn report(look: &Look<'_>, plan: &mut Plan) {
    let (set, census) = (look.set, count(look));
    let status = calculate(set, &census);
    if *set.status != status {
        let why = Why::Reports { before: stored(set), now: census };
        let updated = DaemonSet { status: Rc::new(status), ..(**set).clone() };
        plan.update_status(Object::DaemonSet(Rc::new(updated)), why);
    } else if plan.nothing.is_none() {
        plan.nothing_to_do(Why::UpToDate(census));
    }
    wait_for_availability(look, &census, plan);
}

fn count(look: &Look<'_>) -> Census {
    let mut census = Census { desired: look.wanted(), ..Census::default() };
    for (node, fit) in &look.nodes {
        let Some(oldest) = look.pods_on(node.name()).first() else { continue };
        if *fit != Fit::Runs {
            census.misscheduled += 1;
            continue;
        }
        census.current += 1;
        census.ready += i32::from(oldest.is_ready());
        census.available += i32::from(look.is_available(oldest));
        census.updated += i32::from(look.is_updated(oldest));
    }
    census
}

fn stored(set: &DaemonSet) -> Census {
    let status = &set.status;
    Census {
        desired: status.desired_number_scheduled,
        current: status.current_number_scheduled,
        ready: status.number_ready,
        available: status.number_available.unwrap_or(0),
        updated: status.updated_number_scheduled.unwrap_or(0),
        misscheduled: status.number_misscheduled,
    }
}

fn calculate(set: &DaemonSet, census: &Census) -> apps::DaemonSetStatus {
    let told = |count: i32| (count != 0).then_some(count);
    apps::DaemonSetStatus {
        collision_count: set.status.collision_count,
        conditions: set.status.conditions.clone(),
        current_number_scheduled: census.current,
        desired_number_scheduled: census.desired,
        number_available: told(census.available),
        number_misscheduled: census.misscheduled,
        number_ready: census.ready,
        number_unavailable: told(census.desired - census.available),
        observed_generation: Some(set.meta.generation),
        updated_number_scheduled: told(census.updated),
    }
}

fn wait_for_availability(look: &Look<'_>, census: &Census, plan: &mut Plan) {
    let (pods, now) = (census.ready - census.available, look.snapshot.now);
    let waits = look.pods.values().flatten().filter_map(|pod| look.available_at(pod));
    let Some(next) = waits.filter(|at| *at > now).min().filter(|_| pods > 0) else { return };
    let min_ready_seconds = look.set.min_ready_seconds();
    plan.look_again_in(next.since(now), Why::WaitsForAvailability { min_ready_seconds, pods });
}
