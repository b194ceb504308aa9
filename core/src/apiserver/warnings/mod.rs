//! What the API server says beside its answer: kubectl prints each as `Warning: …`.
//! Upstream: `pkg/api/{pod,service,node}/warnings.go`, the strategies in `pkg/registry`.

mod pod;
mod service;
mod storage;

use k8s_openapi::api::core::v1 as core;

use super::validation::dns_label;
use super::{Change, Verb};
use crate::api::{Kind, Object};

/// An annotation of ServiceAccounts that nothing should rely on any more.
const MOUNTABLE_SECRETS: &str = "kubernetes.io/enforce-mountable-secrets";

/// What is said about the creation or update of an object.
pub fn warnings(change: &Change) -> Vec<String> {
    let Some(after) =
        change.after.as_ref().filter(|_| change.verb != Verb::Delete && change.subresource.is_empty())
    else {
        return Vec::new();
    };
    let mut found = Vec::new();
    if change.before.is_none() {
        hostnames(after, &mut found);
    }
    let mut template = |template: Option<&core::PodTemplateSpec>, path: &str| {
        let Some(template) = template else { return };
        let annotations = template.metadata.as_ref().and_then(|meta| meta.annotations.clone());
        if let Some(spec) = &template.spec {
            pod::warnings(spec, &annotations.unwrap_or_default(), path, &mut found);
        }
    };
    match after {
        Object::Pod(it) => pod::warnings(&it.spec.spec, &it.meta.annotations, "", &mut found),
        Object::Deployment(it) => template(Some(&it.spec.template), "spec.template."),
        Object::ReplicaSet(it) => template(it.spec.template.as_ref(), "spec.template."),
        Object::ReplicationController(it) => template(it.spec.template.as_ref(), "spec.template."),
        Object::DaemonSet(it) => template(Some(&it.spec.template), "spec.template."),
        Object::Job(it) => {
            template(Some(&it.spec.template), "spec.template.");
            job(&it.spec, &mut found);
        }
        Object::StatefulSet(it) => {
            template(Some(&it.spec.template), "spec.template.");
            if it.spec.revision_history_limit.is_some_and(|limit| limit < 0) {
                let path = "spec.revisionHistoryLimit";
                found.push(format!(
                    "{path}: a negative value retains all historical revisions; a value >= 0 is recommended"
                ));
            }
        }
        Object::CronJob(it) => {
            let spec = it.spec.job_template.spec.as_ref();
            template(spec.map(|spec| &spec.template), "spec.jobTemplate.spec.template.");
            if it.spec.schedule.contains("TZ") {
                found.push(
                    "CRON_TZ or TZ used in spec.schedule is not officially supported, see \
                     https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details"
                        .to_owned(),
                );
            }
        }
        Object::Service(it) => service::warnings(it, &mut found),
        Object::PersistentVolumeClaim(it) => storage::claim(it, &mut found),
        Object::PersistentVolume(it) => storage::volume(it, &mut found),
        Object::StorageClass(it) => storage::storage_class(it, &mut found),
        Object::EndpointSlice(it) if &*it.spec.address_type == "FQDN" => {
            found.push("spec.addressType: FQDN endpoints are deprecated".to_owned());
        }
        Object::ServiceAccount(it) if it.annotation(MOUNTABLE_SECRETS).is_some() => {
            found.push(format!(
                "metadata.annotations[{MOUNTABLE_SECRETS}]: deprecated in v1.32+; prefer separate namespaces to isolate \
                 access to mounted secrets"
            ));
        }
        Object::Endpoints(_) => {
            found.push(
                "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice".to_owned(),
            );
        }
        _ => {}
    }
    // The same thing is said once.
    let mut said: Vec<String> = Vec::with_capacity(found.len());
    for warning in found {
        if !said.contains(&warning) {
            said.push(warning);
        }
    }
    said
}

/// Names that pods are called by on the network.
fn hostnames(object: &Object, found: &mut Vec<String>) {
    let used_in = match object.kind() {
        Kind::Pod => "the Pod's hostname",
        Kind::Deployment | Kind::ReplicaSet | Kind::ReplicationController | Kind::Job | Kind::CronJob => {
            "Pod names and hostnames"
        }
        _ => return,
    };
    let problems = dns_label(object.name());
    if !problems.is_empty() {
        found.push(format!(
            "metadata.name: this is used in {used_in}, which can result in surprising behavior; a DNS label is \
             recommended: [{}]",
            problems.join(" ")
        ));
    }
}

/// A Job whose list of indexes may become too long to be kept.
fn job(spec: &k8s_openapi::api::batch::v1::JobSpec, found: &mut Vec<String>) {
    let is_indexed = spec.completion_mode.as_deref() == Some("Indexed");
    if is_indexed && spec.completions > Some(100_000) && spec.parallelism > Some(10_000) {
        found.push(
            "In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, \
             Kubernetes might not be able to track completedIndexes when a big number of indexes fail"
                .to_owned(),
        );
    }
}
