//! Jobs. Upstream: `pkg/apis/batch/validation/validation.go`.

use std::rc::Rc;

use k8s_openapi::api::batch::v1 as batch;

use super::field::{Faults, Path, Shown};
use super::workload::pod_template;
use super::{go_value, selector};
use crate::api::{Job, Labels, Selector};

const SPEC: Path<'_> = Path::root("spec");
const CONTROLLER_UID: &str = "batch.kubernetes.io/controller-uid";

/// Checks a Job. A spec that the stored version has already is fine.
pub(super) fn job(job: &Job, before: Option<&Job>, faults: &mut Faults) {
    if before.is_some_and(|before| Rc::ptr_eq(&before.spec, &job.spec)) {
        return;
    }
    let uid = job.uid.to_string();
    if before.is_none() {
        generated_selector(&job.spec, &uid, faults);
    }
    spec(&job.spec, SPEC, faults);
    own_labels(&job.spec, faults);
    if let Some(before) = before {
        unchanged(&job.spec, &before.spec, faults);
    }
}

/// The selector has to be the one that the server makes, unless it is `manualSelector`.
fn generated_selector(spec: &batch::JobSpec, uid: &str, faults: &mut Faults) {
    if spec.manual_selector == Some(true) {
        return;
    }
    let Some(selector) = &spec.selector else { return };
    let labels = selector.match_labels.as_ref();
    let is_generated = labels.is_some_and(|labels| {
        labels.len() == 1 && labels.get(CONTROLLER_UID).map(String::as_str) == Some(uid)
    }) && selector.match_expressions.is_none();
    if !is_generated {
        faults.invalid(SPEC.child("selector"), Shown::json(selector), "`selector` not auto-generated");
    }
}

/// Checks what a Job and the template of one have in common.
pub(super) fn spec(spec: &batch::JobSpec, path: Path<'_>, faults: &mut Faults) {
    faults.negative(path.child("parallelism"), spec.parallelism);
    faults.negative(path.child("completions"), spec.completions);
    faults.negative(path.child("activeDeadlineSeconds"), spec.active_deadline_seconds);
    faults.negative(path.child("backoffLimit"), spec.backoff_limit);
    faults.negative(path.child("ttlSecondsAfterFinished"), spec.ttl_seconds_after_finished);
    faults.negative(path.child("backoffLimitPerIndex"), spec.backoff_limit_per_index);
    faults.negative(path.child("maxFailedIndexes"), spec.max_failed_indexes);
    completion_mode(spec, path, faults);
    pod_template(&spec.template, path.child("template"), faults);
    let policy = spec.template.spec.as_ref().and_then(|spec| spec.restart_policy.as_deref());
    let policy = policy.unwrap_or_default();
    let at = path.child("template");
    let at = at.child("spec.restartPolicy");
    match policy {
        "OnFailure" | "Never" => {}
        "" | "Always" => faults.required(at, "valid values: \"OnFailure\", \"Never\""),
        other => faults.unsupported(at, other, &["OnFailure", "Never"]),
    }
    if spec.pod_failure_policy.is_some() && policy != "Never" {
        let detail = "only \"Never\" is supported when podFailurePolicy is specified";
        faults.invalid(at, policy, detail);
    }
}

fn completion_mode(spec: &batch::JobSpec, path: Path<'_>, faults: &mut Faults) {
    let mode = spec.completion_mode.as_deref();
    let is_indexed = mode == Some("Indexed");
    if let Some(other) = mode.filter(|mode| !matches!(*mode, "Indexed" | "NonIndexed")) {
        faults.unsupported(path.child("completionMode"), other, &["Indexed", "NonIndexed"]);
    }
    if is_indexed && spec.completions.is_none() {
        faults.required(path.child("completions"), "when completion mode is Indexed");
    }
    if let Some(limit) = spec.backoff_limit_per_index.filter(|_| !is_indexed) {
        faults.invalid(path.child("backoffLimitPerIndex"), limit, "requires indexed completion mode");
    }
    if let Some(limit) = spec.max_failed_indexes.filter(|_| spec.backoff_limit_per_index.is_none()) {
        faults.invalid(path.child("maxFailedIndexes"), limit, "requires backoffLimitPerIndex");
    }
    if spec.success_policy.is_some() && !is_indexed {
        let detail = "requires indexed completion mode";
        faults.invalid(path.child("successPolicy"), Shown::json(&spec.success_policy), detail);
    }
}

fn own_labels(spec: &batch::JobSpec, faults: &mut Faults) {
    let none = Labels::new();
    let labels = spec.template.metadata.as_ref().and_then(|meta| meta.labels.as_ref());
    let path = SPEC.child("selector");
    let matches = match &spec.selector {
        None => {
            faults.required(path, "");
            false
        }
        Some(selector) => {
            selector::label_selector(selector, path, faults);
            Selector::from_api(selector).matches(labels.unwrap_or(&none))
        }
    };
    if !matches {
        let detail = "`selector` does not match template `labels`";
        let path = SPEC.child("template");
        faults.invalid(path.child("metadata.labels"), Shown::json(&labels), detail);
    }
}

/// What a Job is made of stays as it was; a suspended one that never started may be placed otherwise.
fn unchanged(spec: &batch::JobSpec, before: &batch::JobSpec, faults: &mut Faults) {
    const IMMUTABLE: &str = "field is immutable";
    let is_elastic = spec.completion_mode.as_deref() == Some("Indexed")
        && spec.completions == spec.parallelism
        && before.completions != spec.completions;
    if spec.completions != before.completions && !is_elastic {
        let shown = spec.completions.map_or(Shown::verbatim("null"), Shown::from);
        faults.invalid(SPEC.child("completions"), shown, IMMUTABLE);
    }
    if spec.selector != before.selector {
        faults.invalid(SPEC.child("selector"), Shown::json(&spec.selector), IMMUTABLE);
    }
    if spec.template != before.template && before.suspend != Some(true) {
        let shown = Shown::verbatim(go_value::compact("v1.PodTemplateSpec", &spec.template));
        faults.invalid(SPEC.child("template"), shown, IMMUTABLE);
    }
    if spec.completion_mode != before.completion_mode {
        faults.invalid(SPEC.child("completionMode"), Shown::json(&spec.completion_mode), IMMUTABLE);
    }
    if spec.pod_failure_policy != before.pod_failure_policy {
        faults.invalid(SPEC.child("podFailurePolicy"), Shown::json(&spec.pod_failure_policy), IMMUTABLE);
    }
    if spec.backoff_limit_per_index != before.backoff_limit_per_index {
        let shown = Shown::json(&spec.backoff_limit_per_index);
        faults.invalid(SPEC.child("backoffLimitPerIndex"), shown, IMMUTABLE);
    }
}
