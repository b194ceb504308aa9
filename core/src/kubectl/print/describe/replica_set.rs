//! ReplicaSets described.

use std::rc::Rc;

use super::template::template;
use super::{Describer, annotations, controlled_by, labels};
use crate::api::{Object, ReplicaSet};
use crate::kubectl::print::workload;

pub(super) fn describe(set: &Rc<ReplicaSet>, describer: Describer<'_>) -> String {
    let mut text = format!("Name:\t{}\nNamespace:\t{}\n", set.name(), set.key.namespace);
    text += &format!("Selector:\t{}\n", workload::label_selector(&set.spec.selector));
    text += &labels("Labels", &set.meta.labels);
    text += &annotations("Annotations", &set.meta.annotations);
    text += &controlled_by(&set.meta);
    text += &format!("Replicas:\t{} current / {} desired\n", set.current_replicas(), set.replicas());
    let count = |phase: &str| describer.store.pods_of(set.uid).filter(|pod| pod.phase() == phase).count();
    text += &format!(
        "Pods Status:\t{} Running / {} Waiting / {} Succeeded / {} Failed\n",
        count("Running"),
        count("Pending"),
        count("Succeeded"),
        count("Failed")
    );
    text += &set.spec.template.as_ref().map(template).unwrap_or_default();
    let conditions = set.status.conditions.as_deref().unwrap_or_default();
    if !conditions.is_empty() {
        text += "Conditions:\n  Type\tStatus\tReason\n  ----\t------\t------\n";
    }
    for condition in conditions {
        let reason = condition.reason.as_deref().unwrap_or_default();
        text += &format!("  {} \t{}\t{reason}\n", condition.type_, condition.status);
    }
    text + &describer.events(&Object::ReplicaSet(set.clone()))
}
