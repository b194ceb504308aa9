//! Deployments, ReplicaSets and pod templates. Upstream: `pkg/apis/apps/validation/validation.go`.

use std::rc::Rc;

use k8s_openapi::api::apps::v1 as apps;
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::field::{Faults, Path, Shown};
use super::{annotations, go_value, metadata, names, pod, selector};
use crate::api::{Deployment, Labels, ReplicaSet, Selector};

const SPEC: Path<'_> = Path::root("spec");
const STATUS: Path<'_> = Path::root("status");

/// Checks a Deployment. A spec that the stored version has already is fine.
#[inline(never)]
pub(super) fn deployment(deployment: &Deployment, before: Option<&Deployment>, faults: &mut Faults) {
    if before.is_some_and(|before| Rc::ptr_eq(&before.spec, &deployment.spec)) {
        return;
    }
    let spec = &deployment.spec;
    faults.negative(SPEC.child("replicas"), spec.replicas);
    owned_template(
        "ReplicaSet",
        &spec.selector,
        Some(&spec.template),
        before.map(|before| (&before.spec.selector, Some(&before.spec.template))),
        faults,
    );
    if let Some(strategy) = &spec.strategy {
        deployment_strategy(strategy, faults);
    }
    faults.negative(SPEC.child("minReadySeconds"), spec.min_ready_seconds);
    faults.negative(SPEC.child("revisionHistoryLimit"), spec.revision_history_limit);
    if let Some(deadline) = spec.progress_deadline_seconds {
        let path = SPEC.child("progressDeadlineSeconds");
        faults.negative(path, Some(deadline));
        if deadline <= spec.min_ready_seconds.unwrap_or(0) {
            faults.invalid(path, deadline, "must be greater than minReadySeconds");
        }
    }
    if let Some(before) = before {
        immutable_selector(&spec.selector, &before.spec.selector, faults);
    }
}

/// Checks a ReplicaSet. A spec or template that the stored version has already is fine.
#[inline(never)]
pub(super) fn replica_set(set: &ReplicaSet, before: Option<&ReplicaSet>, faults: &mut Faults) {
    if before.is_some_and(|before| before.spec.is_same(&set.spec)) {
        return;
    }
    let spec = &set.spec;
    faults.negative(SPEC.child("replicas"), spec.replicas);
    faults.negative(SPEC.child("minReadySeconds"), spec.min_ready_seconds);
    owned_template(
        "ReplicaSet",
        &spec.selector,
        spec.template.as_ref(),
        before.map(|before| (&before.spec.selector, before.spec.template.as_ref())),
        faults,
    );
    if let Some(before) = before {
        immutable_selector(&spec.selector, &before.spec.selector, faults);
    }
}

/// Checks the counters of a Deployment's new status.
pub(super) fn deployment_status(status: &apps::DeploymentStatus, faults: &mut Faults) {
    faults.negative(STATUS.child("observedGeneration"), status.observed_generation);
    faults.negative(STATUS.child("replicas"), status.replicas);
    faults.negative(STATUS.child("updatedReplicas"), status.updated_replicas);
    faults.negative(STATUS.child("readyReplicas"), status.ready_replicas);
    faults.negative(STATUS.child("availableReplicas"), status.available_replicas);
    faults.negative(STATUS.child("unavailableReplicas"), status.unavailable_replicas);
    faults.negative(STATUS.child("terminatingReplicas"), status.terminating_replicas);
    faults.negative(STATUS.child("collisionCount"), status.collision_count);
    let all = status.replicas.unwrap_or(0);
    let ready = status.ready_replicas.unwrap_or(0);
    at_most("updatedReplicas", status.updated_replicas, "replicas", all, faults);
    at_most("readyReplicas", status.ready_replicas, "replicas", all, faults);
    at_most("availableReplicas", status.available_replicas, "replicas", all, faults);
    at_most("availableReplicas", status.available_replicas, "readyReplicas", ready, faults);
}

/// Checks the counters of a ReplicaSet's new status.
pub(super) fn replica_set_status(status: &apps::ReplicaSetStatus, faults: &mut Faults) {
    faults.negative(STATUS.child("replicas"), Some(status.replicas));
    faults.negative(STATUS.child("fullyLabeledReplicas"), status.fully_labeled_replicas);
    faults.negative(STATUS.child("readyReplicas"), status.ready_replicas);
    faults.negative(STATUS.child("availableReplicas"), status.available_replicas);
    faults.negative(STATUS.child("terminatingReplicas"), status.terminating_replicas);
    faults.negative(STATUS.child("observedGeneration"), status.observed_generation);
    let all = status.replicas;
    let ready = status.ready_replicas.unwrap_or(0);
    at_most("fullyLabeledReplicas", status.fully_labeled_replicas, "replicas", all, faults);
    at_most("readyReplicas", status.ready_replicas, "replicas", all, faults);
    at_most("availableReplicas", status.available_replicas, "replicas", all, faults);
    at_most("availableReplicas", status.available_replicas, "readyReplicas", ready, faults);
}

pub(super) fn at_most(name: &str, count: Option<i32>, of: &str, limit: i32, faults: &mut Faults) {
    let count = count.unwrap_or(0);
    if count > limit {
        faults.invalid(STATUS.child(name), count, format!("cannot be greater than status.{of}"));
    }
}

/// A selector and the template whose pods it must select. `owner` is the kind that makes the pods.
fn owned_template(
    owner: &str,
    selector: &LabelSelector,
    template: Option<&core::PodTemplateSpec>,
    stored: Option<(&LabelSelector, Option<&core::PodTemplateSpec>)>,
    faults: &mut Faults,
) {
    if stored == Some((selector, template)) {
        return;
    }
    let path = SPEC.child("selector");
    let labels = selector.match_labels.as_ref().filter(|labels| !labels.is_empty());
    let expressions = selector.match_expressions.as_ref();
    // Decoding gives `selector: {}` empty labels, which tells it from no selector at all.
    let is_absent = selector.match_labels.is_none() && expressions.is_none();
    let is_empty = labels.is_none() && expressions.is_none_or(Vec::is_empty);
    if is_absent {
        faults.required(path, "");
    } else if is_empty {
        faults.invalid(path, Shown::verbatim("{}"), "empty selector is invalid for deployment");
    } else {
        selector::label_selector(selector, path, faults);
    }
    if !selector::is_usable(selector) {
        faults.invalid(path, Shown::json(selector), "invalid label selector");
        return;
    }
    let path = SPEC.child("template");
    let Some(template) = template else {
        faults.required(path, "");
        return;
    };
    let labels = template.metadata.as_ref().and_then(|meta| meta.labels.as_ref());
    let matches = !is_absent && Selector::from_api(selector).matches(labels.unwrap_or(&Labels::new()));
    if (is_absent || !is_empty) && !matches {
        unselected(labels, path, faults);
    }
    lasting_template(owner, template, path, faults);
}

/// Checks the template of pods that run until they are deleted.
pub(super) fn lasting_template(
    owner: &str,
    template: &core::PodTemplateSpec,
    path: Path<'_>,
    faults: &mut Faults,
) {
    pod_template(template, path, faults);
    let spec = template.spec.as_ref();
    let restart_policy = spec.and_then(|spec| spec.restart_policy.as_deref()).unwrap_or_default();
    if restart_policy != "Always" {
        faults.unsupported(path.child("spec.restartPolicy"), restart_policy, &["Always"]);
    }
    if spec.is_some_and(|spec| spec.active_deadline_seconds.is_some()) {
        let detail = format!("activeDeadlineSeconds in {owner} is not Supported");
        faults.forbidden(path.child("spec.activeDeadlineSeconds"), detail);
    }
}

/// Checks a pod template, wherever it is.
pub(super) fn pod_template(template: &core::PodTemplateSpec, path: Path<'_>, faults: &mut Faults) {
    if let Some(meta) = &template.metadata {
        metadata::labels(meta.labels.as_ref().unwrap_or(&Labels::new()), path.child("labels"), faults);
        let annotations = meta.annotations.as_ref();
        metadata::annotations(annotations.unwrap_or(&Labels::new()), path.child("annotations"), faults);
        if let (Some(annotations), Some(spec)) = (annotations, &template.spec) {
            annotations::of_template(annotations, spec, path.child("annotations"), faults);
        }
    }
    let Some(spec) = &template.spec else { return };
    pod::spec(spec, path.child("spec"), faults);
    if spec.ephemeral_containers.as_ref().is_some_and(|containers| !containers.is_empty()) {
        let detail = "ephemeral containers not allowed in pod template";
        faults.forbidden(path.child("spec.ephemeralContainers"), detail);
    }
}

fn deployment_strategy(strategy: &apps::DeploymentStrategy, faults: &mut Faults) {
    let path = SPEC.child("strategy");
    match strategy.type_.as_deref().unwrap_or_default() {
        "Recreate" if strategy.rolling_update.is_some() => {
            let detail = "may not be specified when strategy `type` is 'Recreate'";
            faults.forbidden(path.child("rollingUpdate"), detail);
        }
        "Recreate" => {}
        "RollingUpdate" => {
            if let Some(rolling) = &strategy.rolling_update {
                rolling_update(rolling, path.child("rollingUpdate"), faults);
            }
        }
        _ => {
            let shown = go_value::compact("v1.DeploymentStrategy", strategy);
            faults.unsupported(path, Shown::verbatim(shown), &["Recreate", "RollingUpdate"]);
        }
    }
}

fn rolling_update(rolling: &apps::RollingUpdateDeployment, path: Path<'_>, faults: &mut Faults) {
    let unavailable = path.child("maxUnavailable");
    int_or_percent(rolling.max_unavailable.as_ref(), unavailable, faults);
    int_or_percent(rolling.max_surge.as_ref(), path.child("maxSurge"), faults);
    if is_zero(rolling.max_unavailable.as_ref()) && is_zero(rolling.max_surge.as_ref()) {
        let shown = rolling.max_unavailable.as_ref().map_or(Shown::from(0), Shown::json);
        faults.invalid(unavailable, shown, "may not be 0 when `maxSurge` is 0");
    }
    at_most_everything(rolling.max_unavailable.as_ref(), unavailable, faults);
}

/// Refuses more than 100 %.
pub(super) fn at_most_everything(value: Option<&IntOrString>, path: Path<'_>, faults: &mut Faults) {
    if let Some(IntOrString::String(text)) = value
        && percentage(text).is_some_and(|percent| percent > 100)
    {
        faults.invalid(path, text, "must not be greater than 100%");
    }
}

pub(super) fn int_or_percent(value: Option<&IntOrString>, path: Path<'_>, faults: &mut Faults) {
    match value {
        None => {}
        Some(IntOrString::Int(number)) => faults.negative(path, Some(*number)),
        Some(IntOrString::String(text)) => faults.invalid_each(path, text, names::percent(text)),
    }
}

pub(super) fn is_zero(value: Option<&IntOrString>) -> bool {
    match value {
        None => true,
        Some(IntOrString::Int(number)) => *number == 0,
        // Text that is no percentage may still be a number.
        Some(IntOrString::String(text)) => percentage(text).or_else(|| text.parse().ok()).unwrap_or(0) == 0,
    }
}

/// Labels that the selector of the same object does not find.
pub(super) fn unselected(labels: Option<&Labels>, template: Path<'_>, faults: &mut Faults) {
    let detail = "`selector` does not match template `labels`";
    faults.invalid(template.child("metadata.labels"), Shown::json(&labels), detail);
}

fn percentage(text: &str) -> Option<u64> {
    let is_percent = names::percent(text).is_empty();
    is_percent.then(|| text.trim_end_matches('%').parse().unwrap_or(u64::MAX))
}

pub(super) fn immutable_selector(new: &LabelSelector, old: &LabelSelector, faults: &mut Faults) {
    if new != old {
        faults.invalid(SPEC.child("selector"), Shown::json(new), "field is immutable");
    }
}
