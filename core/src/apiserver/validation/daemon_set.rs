//! DaemonSets. Upstream: `pkg/apis/apps/validation/validation.go`.

use std::collections::BTreeMap;
use std::rc::Rc;

use k8s_openapi::api::apps::v1 as apps;

use super::field::{Faults, Path, Shown};
use super::{go_value, selector, workload};
use crate::api::{DaemonSet, Labels, Selector};

const SPEC: Path<'_> = Path::root("spec");
const STATUS: Path<'_> = Path::root("status");

/// Checks a DaemonSet. A spec that the stored version has already is fine.
#[inline(never)]
pub(super) fn daemon_set(set: &DaemonSet, before: Option<&DaemonSet>, faults: &mut Faults) {
    if before.is_some_and(|before| Rc::ptr_eq(&before.spec, &set.spec)) {
        return;
    }
    let spec = &set.spec;
    let template = SPEC.child("template");
    let stored = before.map(|before| (&before.spec.selector, &before.spec.template));
    if stored != Some((&spec.selector, &spec.template)) {
        selector(spec, template, faults);
        workload::lasting_template("DaemonSet", &spec.template, template, faults);
    }
    faults.negative(SPEC.child("minReadySeconds"), spec.min_ready_seconds);
    if let Some(strategy) = &spec.update_strategy {
        update_strategy(strategy, faults);
    }
    faults.negative(SPEC.child("revisionHistoryLimit"), spec.revision_history_limit);
    if let Some(before) = before {
        workload::immutable_selector(&spec.selector, &before.spec.selector, faults);
    }
}

fn selector(spec: &apps::DaemonSetSpec, template: Path<'_>, faults: &mut Faults) {
    let wanted = &spec.selector;
    let path = SPEC.child("selector");
    selector::label_selector(wanted, path, faults);
    let labels = spec.template.metadata.as_ref().and_then(|meta| meta.labels.as_ref());
    let is_absent = wanted.match_labels.is_none() && wanted.match_expressions.is_none();
    let matches = || Selector::from_api(wanted).matches(labels.unwrap_or(&Labels::new()));
    if is_absent || selector::is_usable(wanted) && !matches() {
        workload::unselected(labels, template, faults);
    }
    let is_empty = |count: Option<usize>| count.unwrap_or(0) == 0;
    if !is_absent
        && is_empty(wanted.match_labels.as_ref().map(BTreeMap::len))
        && is_empty(wanted.match_expressions.as_ref().map(Vec::len))
    {
        faults.invalid(path, Shown::verbatim("{}"), "empty selector is invalid for daemonset");
    }
}

fn update_strategy(strategy: &apps::DaemonSetUpdateStrategy, faults: &mut Faults) {
    let path = SPEC.child("updateStrategy");
    match strategy.type_.as_deref().unwrap_or_default() {
        "OnDelete" => {}
        "RollingUpdate" => {
            let path = path.child("rollingUpdate");
            let Some(rolling) = &strategy.rolling_update else { return faults.required(path, "") };
            rolling_update(rolling, path, faults);
        }
        _ => {
            let shown = Shown::verbatim(go_value::compact("v1.DaemonSetUpdateStrategy", strategy));
            faults.unsupported(path, shown, &["RollingUpdate", "OnDelete"]);
        }
    }
}

fn rolling_update(rolling: &apps::RollingUpdateDaemonSet, path: Path<'_>, faults: &mut Faults) {
    let (surge, unavailable) = (rolling.max_surge.as_ref(), rolling.max_unavailable.as_ref());
    let (at_surge, at_unavailable) = (path.child("maxSurge"), path.child("maxUnavailable"));
    workload::int_or_percent(unavailable, at_unavailable, faults);
    workload::int_or_percent(surge, at_surge, faults);
    workload::at_most_everything(unavailable, at_unavailable, faults);
    workload::at_most_everything(surge, at_surge, faults);
    match (workload::is_zero(unavailable), workload::is_zero(surge)) {
        (true, true) => faults.required(at_unavailable, "cannot be 0 when maxSurge is 0"),
        (false, false) => {
            let detail = "may not be set when maxUnavailable is non-zero";
            faults.invalid(at_surge, Shown::json(&surge), detail);
        }
        (true, false) | (false, true) => {}
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
