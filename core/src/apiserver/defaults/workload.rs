//! StatefulSets, DaemonSets, Jobs and CronJobs. Upstream: `pkg/apis/{apps,batch}/v1/defaults.go`, and the strategies
//! in `pkg/registry/{apps/daemonset,batch/job}`.

use std::rc::Rc;

use k8s_openapi::api::apps::v1 as apps;
use k8s_openapi::api::batch::v1 as batch;
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::template;
use crate::api::daemon_set::GENERATION_ANNOTATION;
use crate::api::{CronJob, DaemonSet, Job, Labels, StatefulSet};

/// The label by which a Job knows its pods: no other Job has the same.
const CONTROLLER_UID: &str = "batch.kubernetes.io/controller-uid";
/// The label that names a pod's Job.
const JOB_NAME: &str = "batch.kubernetes.io/job-name";

pub(super) fn stateful_set(set: &mut Rc<StatefulSet>, before: Option<&StatefulSet>) {
    if before.is_some_and(|before| Rc::ptr_eq(&before.spec, &set.spec)) {
        return;
    }
    let spec = Rc::make_mut(&mut Rc::make_mut(set).spec);
    if before.is_none_or(|before| before.spec.template != spec.template) {
        template(&mut spec.template);
    }
    spec.service_name.get_or_insert_default();
    spec.pod_management_policy.get_or_insert_with(|| "OrderedReady".to_owned());
    let strategy = spec.update_strategy.get_or_insert_default();
    if strategy.type_.as_ref().is_none_or(String::is_empty) {
        strategy.type_ = Some("RollingUpdate".to_owned());
        strategy.rolling_update.get_or_insert_default();
    }
    if strategy.type_.as_deref() == Some("RollingUpdate")
        && let Some(rolling) = &mut strategy.rolling_update
    {
        rolling.partition.get_or_insert(0);
    }
    let retention = spec.persistent_volume_claim_retention_policy.get_or_insert_default();
    for policy in [&mut retention.when_deleted, &mut retention.when_scaled] {
        if policy.as_ref().is_none_or(String::is_empty) {
            *policy = Some("Retain".to_owned());
        }
    }
    spec.replicas.get_or_insert(1);
    spec.revision_history_limit.get_or_insert(10);
    for claim in spec.volume_claim_templates.iter_mut().flatten() {
        claim.spec.get_or_insert_default().volume_mode.get_or_insert_with(|| "Filesystem".to_owned());
        claim.status.get_or_insert_default().phase.get_or_insert_with(|| "Pending".to_owned());
    }
}

pub(super) fn daemon_set(set: &mut Rc<DaemonSet>, before: Option<&DaemonSet>) {
    let is_new_spec = before.is_none_or(|before| !Rc::ptr_eq(&before.spec, &set.spec));
    if is_new_spec {
        let spec = Rc::make_mut(&mut Rc::make_mut(set).spec);
        if before.is_none_or(|before| before.spec.template != spec.template) {
            template(&mut spec.template);
        }
        let strategy = spec.update_strategy.get_or_insert_default();
        if strategy.type_.as_ref().is_none_or(String::is_empty) {
            strategy.type_ = Some("RollingUpdate".to_owned());
        }
        if strategy.type_.as_deref() == Some("RollingUpdate") {
            let rolling = strategy.rolling_update.get_or_insert_default();
            rolling.max_unavailable.get_or_insert(IntOrString::Int(1));
            rolling.max_surge.get_or_insert(IntOrString::Int(0));
        }
        spec.revision_history_limit.get_or_insert(10);
    }
    count_templates(set, before);
}

/// The server alone counts how often the template was changed.
fn count_templates(set: &mut Rc<DaemonSet>, before: Option<&DaemonSet>) {
    let generation = match before {
        None => 1,
        Some(before) => {
            let changed = before.spec.template != set.spec.template;
            before.template_generation().unwrap_or(1) + i64::from(changed)
        }
    };
    if set.template_generation() == Some(generation) {
        return;
    }
    let meta = Rc::make_mut(&mut Rc::make_mut(set).meta);
    Rc::make_mut(&mut meta.annotations).insert(GENERATION_ANNOTATION.to_owned(), generation.to_string());
}

pub(super) fn job(job: &mut Rc<Job>, before: Option<&Job>) {
    if before.is_some_and(|before| Rc::ptr_eq(&before.spec, &job.spec)) {
        return;
    }
    let (name, uid) = (job.name().to_owned(), job.uid.to_string());
    let job = Rc::make_mut(job);
    let spec = Rc::make_mut(&mut job.spec);
    if before.is_none_or(|before| before.spec.template != spec.template) {
        template(&mut spec.template);
    }
    if spec.completions.is_none() && spec.parallelism.is_none() {
        spec.completions = Some(1);
    }
    spec.parallelism.get_or_insert(1);
    let per_index = spec.backoff_limit_per_index.is_some();
    spec.backoff_limit.get_or_insert(if per_index { i32::MAX } else { 6 });
    spec.completion_mode.get_or_insert_with(|| "NonIndexed".to_owned());
    spec.suspend.get_or_insert(false);
    let replaced = if spec.pod_failure_policy.is_some() { "Failed" } else { "TerminatingOrFailed" };
    spec.pod_replacement_policy.get_or_insert_with(|| replaced.to_owned());
    conditions_are_true(spec);
    let manual = *spec.manual_selector.get_or_insert(false);
    if before.is_none() && !manual {
        select_own_pods(spec, &name, &uid);
    }
    let meta = Rc::make_mut(&mut job.meta);
    if meta.labels.is_empty()
        && let Some(labels) = template_labels(&mut spec.template)
    {
        meta.labels = Rc::new(labels.clone());
    }
}

/// A condition that a failure policy names is taken to be true.
#[inline(never)]
fn conditions_are_true(spec: &mut batch::JobSpec) {
    for rule in spec.pod_failure_policy.iter_mut().flat_map(|policy| &mut policy.rules) {
        for pattern in rule.on_pod_conditions.iter_mut().flatten() {
            pattern.status.get_or_insert_with(|| "True".to_owned());
        }
    }
}

/// Labels the template with the Job's uid, and selects by it. Upstream: `generateSelector`.
fn select_own_pods(spec: &mut batch::JobSpec, name: &str, uid: &str) {
    let labels = spec.template.metadata.get_or_insert_default().labels.get_or_insert_default();
    for (key, value) in [(CONTROLLER_UID, uid), ("controller-uid", uid), (JOB_NAME, name), ("job-name", name)]
    {
        labels.insert(key.to_owned(), value.to_owned());
    }
    let selector = spec.selector.get_or_insert_with(LabelSelector::default);
    let selected = selector.match_labels.get_or_insert_default();
    selected.entry(CONTROLLER_UID.to_owned()).or_insert_with(|| uid.to_owned());
}

fn template_labels(template: &mut core::PodTemplateSpec) -> Option<&Labels> {
    template.metadata.as_ref()?.labels.as_ref().filter(|labels| !labels.is_empty())
}

pub(super) fn cron_job(cron_job: &mut Rc<CronJob>, before: Option<&CronJob>) {
    if before.is_some_and(|before| Rc::ptr_eq(&before.spec, &cron_job.spec)) {
        return;
    }
    let spec = Rc::make_mut(&mut Rc::make_mut(cron_job).spec);
    spec.concurrency_policy.get_or_insert_with(|| "Allow".to_owned());
    spec.suspend.get_or_insert(false);
    spec.successful_jobs_history_limit.get_or_insert(3);
    spec.failed_jobs_history_limit.get_or_insert(1);
    spec.job_template.metadata.get_or_insert_default();
    let job = spec.job_template.spec.get_or_insert_default();
    conditions_are_true(job);
    template(&mut job.template);
}

/// The status of a new StatefulSet: a client that has read it may send it along.
pub(super) fn new_stateful_set_status() -> apps::StatefulSetStatus {
    apps::StatefulSetStatus { available_replicas: Some(0), ..apps::StatefulSetStatus::default() }
}
