//! `kubectl describe`: an object, what belongs to it, and its Events, as text in columns.
//! Upstream: `k8s.io/kubectl/pkg/describe`.

mod apps;
mod batch;
mod deployment;
mod network_policy;
mod node;
mod plain;
mod pod;
mod policies;
mod rbac;
mod replica_set;
mod service;
mod storage;
mod template;

use super::tabs;
use super::{NONE, event};
use crate::api::{Labels, Meta, Object};
use crate::apiserver::Store;
use crate::kubectl::files::LAST_APPLIED;
use crate::time::Time;

pub(crate) use template::template;

/// What a description is made from.
#[derive(Clone, Copy)]
pub(super) struct Describer<'a> {
    pub(super) store: &'a Store,
    pub(super) now: Time,
    /// Whether the object's Events are shown: kubectl leaves them out where it describes several objects.
    pub(super) with_events: bool,
}

/// How long an annotation may be to stay on its line.
const MAX_ANNOTATION: usize = 140;

/// The description of an object.
pub(crate) fn describe(object: &Object, store: &Store, with_events: bool, now: Time) -> String {
    let describer = Describer { store, now, with_events };
    let text = match object {
        Object::Deployment(it) => deployment::describe(it, describer),
        Object::ReplicaSet(it) => replica_set::describe(it, describer),
        Object::ReplicationController(it) => replica_set::describe_controller(it, describer),
        Object::StatefulSet(it) => apps::stateful_set(it, describer),
        Object::DaemonSet(it) => apps::daemon_set(it, describer),
        Object::Pod(it) => pod::describe(it, describer),
        Object::Service(it) => service::describe(it, describer),
        Object::Node(it) => node::describe(it, describer),
        Object::Namespace(it) => plain::namespace(it, describer),
        Object::Job(it) => batch::job(it, describer),
        Object::CronJob(it) => batch::cron_job(it, describer),
        Object::HorizontalPodAutoscaler(it) => policies::autoscaler(it, describer),
        Object::PodDisruptionBudget(it) => policies::budget(it, describer),
        Object::ResourceQuota(it) => policies::quota(it),
        Object::LimitRange(it) => policies::limit_range(it),
        Object::PersistentVolumeClaim(it) => storage::claim(it, describer),
        Object::PersistentVolume(it) => storage::volume(it, describer),
        Object::StorageClass(it) => storage::class(it, describer),
        Object::NetworkPolicy(it) => network_policy::describe(it),
        Object::ConfigMap(it) => plain::config_map(it, describer),
        Object::Secret(it) => plain::secret(it),
        Object::EndpointSlice(it) => plain::endpoint_slice(it, describer),
        Object::ServiceAccount(it) => rbac::account(it, describer),
        Object::Role(it) => rbac::role(it),
        Object::ClusterRole(it) => rbac::cluster_role(it),
        Object::RoleBinding(it) => rbac::role_binding(it),
        Object::ClusterRoleBinding(it) => rbac::cluster_role_binding(it),
        _ => plain::any(object),
    };
    align(&text)
}

/// Aligns a description: two blanks between columns.
pub(crate) fn align(text: &str) -> String {
    tabs::align(text, 0, 2)
}

impl Describer<'_> {
    /// The Events about an object, or nothing where they are left out.
    pub(super) fn events(&self, object: &Object) -> String {
        if self.with_events {
            event::section(self.store.events_about(object.key(), object.uid()), self.now)
        } else {
            String::new()
        }
    }
}

/// `Labels:` and a line for each of them.
pub(super) fn labels(title: &str, labels: &Labels) -> String {
    if labels.is_empty() {
        return format!("{title}:\t{NONE}\n");
    }
    let lines: Vec<String> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    format!("{title}:\t{}\n", lines.join("\n\t"))
}

/// `Annotations:` and a line for each of them; the one that apply keeps is not shown.
pub(super) fn annotations(title: &str, annotations: &Labels) -> String {
    let shown: Vec<String> = annotations
        .iter()
        .filter(|(key, _)| *key != LAST_APPLIED)
        .map(|(key, value)| annotation(key, value))
        .collect();
    if shown.is_empty() {
        return format!("{title}:\t{NONE}\n");
    }
    format!("{title}:\t{}\n", shown.join("\n\t"))
}

fn annotation(key: &str, value: &str) -> String {
    if key.len() + value.len() + 2 < MAX_ANNOTATION && !value.contains('\n') {
        return format!("{key}: {value}");
    }
    let mut text = format!("{key}:");
    for line in value.trim_end_matches('\n').split('\n') {
        let cut: String = line.chars().take(MAX_ANNOTATION).collect();
        let dots = if cut.len() < line.len() { "..." } else { "" };
        text += &format!("\n\t  {cut}{dots}");
    }
    text
}

/// `Controlled By:`, if anything does.
pub(super) fn controlled_by(meta: &Meta) -> String {
    meta.controller()
        .map(|owner| format!("Controlled By:\t{}/{}\n", owner.kind, owner.name))
        .unwrap_or_default()
}

/// `yes` or `<none>`
pub(super) fn or_none(text: &str) -> &str {
    if text.is_empty() { NONE } else { text }
}
