//! DaemonSets. Upstream: `pkg/apis/apps/validation/validation.go`.

use std::rc::Rc;

use k8s_openapi::api::apps::v1 as apps;

use super::field::{Faults, Path, Shown};
use super::workload::{immutable_selector, int_or_percent, is_zero, owned_template};
use crate::api::DaemonSet;

const SPEC: Path<'_> = Path::root("spec");
const STATUS: Path<'_> = Path::root("status");

/// Checks a DaemonSet. A spec that the stored version has already is fine.
pub(super) fn daemon_set(set: &DaemonSet, before: Option<&DaemonSet>, faults: &mut Faults) {
    if before.is_some_and(|before| Rc::ptr_eq(&before.spec, &set.spec)) {
        return;
    }
    let spec = &set.spec;
    let stored = before.map(|before| (&before.spec.selector, Some(&before.spec.template)));
    owned_template(&spec.selector, Some(&spec.template), stored, faults);
    faults.negative(SPEC.child("minReadySeconds"), spec.min_ready_seconds);
    if let Some(strategy) = &spec.update_strategy {
        update_strategy(strategy, faults);
    }
    faults.negative(SPEC.child("revisionHistoryLimit"), spec.revision_history_limit);
    if let Some(before) = before {
        immutable_selector(&spec.selector, &before.spec.selector, faults);
    }
}

fn update_strategy(strategy: &apps::DaemonSetUpdateStrategy, faults: &mut Faults) {
    let path = SPEC.child("updateStrategy");
    match strategy.type_.as_deref().unwrap_or_default() {
        "OnDelete" => {}
        "RollingUpdate" => {
            let path = path.child("rollingUpdate");
            let Some(rolling) = &strategy.rolling_update else { return faults.required(path, "") };
            let (surge, unavailable) = (rolling.max_surge.as_ref(), rolling.max_unavailable.as_ref());
            int_or_percent(unavailable, path.child("maxUnavailable"), faults);
            int_or_percent(surge, path.child("maxSurge"), faults);
            match (is_zero(unavailable), is_zero(surge)) {
                (true, true) => {
                    faults.required(path.child("maxUnavailable"), "cannot be 0 when maxSurge is 0");
                }
                (false, false) => {
                    let shown = Shown::json(&surge);
                    faults.invalid(
                        path.child("maxSurge"),
                        shown,
                        "may not be set when maxUnavailable is non-zero",
                    );
                }
                (true, false) | (false, true) => {}
            }
        }
        other => faults.unsupported(path.child("type"), other, &["RollingUpdate", "OnDelete"]),
    }
}

/// Checks the counters of a new status.
pub(super) fn status(status: &apps::DaemonSetStatus, faults: &mut Faults) {
    let counters = [
        ("currentNumberScheduled", Some(status.current_number_scheduled)),
        ("numberMisscheduled", Some(status.number_misscheduled)),
        ("desiredNumberScheduled", Some(status.desired_number_scheduled)),
        ("numberReady", Some(status.number_ready)),
        ("updatedNumberScheduled", status.updated_number_scheduled),
        ("numberAvailable", status.number_available),
        ("numberUnavailable", status.number_unavailable),
        ("collisionCount", status.collision_count),
    ];
    for (name, count) in counters {
        faults.negative(STATUS.child(name), count);
    }
    faults.negative(STATUS.child("observedGeneration"), status.observed_generation);
}
