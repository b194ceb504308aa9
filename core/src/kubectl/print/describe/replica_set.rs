//! ReplicaSets and ReplicationControllers described.

use std::rc::Rc;

use k8s_openapi::api::core::v1::PodTemplateSpec;

use super::template::template;
use super::{Describer, annotations, controlled_by, labels};
use crate::api::{Object, ReplicaSet, ReplicationController, Resource, Selector};
use crate::kubectl::print::{selector, workload};

pub(super) fn describe(set: &Rc<ReplicaSet>, describer: Describer<'_>) -> String {
    let mut text = head(set, &workload::label_selector(&set.spec.selector));
    text += &controlled_by(&set.meta);
    text += &pods(set, (set.current_replicas(), set.replicas()), set.spec.template.as_ref(), describer);
    let conditions = set.status.conditions.iter().flatten();
    text += &table(conditions.map(|it| (&*it.type_, &*it.status, it.reason.as_deref())));
    text + &describer.events(&Object::ReplicaSet(set.clone()))
}

pub(super) fn describe_controller(
    controller: &Rc<ReplicationController>,
    describer: Describer<'_>,
) -> String {
    let labels = controller.spec.selector.as_ref().map(Selector::from_map).unwrap_or_default();
    let mut text = head(controller, &selector(&labels));
    let replicas = (controller.status.replicas, controller.replicas());
    text += &pods(controller, replicas, controller.spec.template.as_ref(), describer);
    let conditions = controller.status.conditions.iter().flatten();
    text += &table(conditions.map(|it| (&*it.type_, &*it.status, it.reason.as_deref())));
    text + &describer.events(&Object::ReplicationController(controller.clone()))
}

fn head<S, T>(object: &Resource<S, T>, selector: &str) -> String {
    let mut text = format!("Name:\t{}\nNamespace:\t{}\n", object.name(), object.key.namespace);
    text += &format!("Selector:\t{selector}\n");
    text += &labels("Labels", &object.meta.labels);
    text + &annotations("Annotations", &object.meta.annotations)
}

/// How many pods there are, of how many, in which phases, and what they are made from.
fn pods<S, T>(
    owner: &Resource<S, T>,
    (current, desired): (i32, i32),
    made_from: Option<&PodTemplateSpec>,
    describer: Describer<'_>,
) -> String {
    let count = |phase: &str| describer.store.pods_of(owner.uid).filter(|pod| pod.phase() == phase).count();
    let mut text = format!("Replicas:\t{current} current / {desired} desired\n");
    text += &format!(
        "Pods Status:\t{} Running / {} Waiting / {} Succeeded / {} Failed\n",
        count("Running"),
        count("Pending"),
        count("Succeeded"),
        count("Failed")
    );
    text + &made_from.map(template).unwrap_or_default()
}

fn table<'a>(conditions: impl Iterator<Item = (&'a str, &'a str, Option<&'a str>)>) -> String {
    let rows: String = conditions
        .map(|(name, status, reason)| format!("  {name} \t{status}\t{}\n", reason.unwrap_or_default()))
        .collect();
    if rows.is_empty() {
        return rows;
    }
    format!("Conditions:\n  Type\tStatus\tReason\n  ----\t------\t------\n{rows}")
}
