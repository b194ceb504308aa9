//! StatefulSets and DaemonSets described.

use std::rc::Rc;

use super::template::template;
use super::{Describer, annotations, labels};
use crate::api::{DaemonSet, Object, StatefulSet, Uid};
use crate::kubectl::print::{self, NONE, age, workload};

pub(super) fn stateful_set(set: &Rc<StatefulSet>, describer: Describer<'_>) -> String {
    let mut text = format!("Name:\t{}\nNamespace:\t{}\n", set.name(), set.key.namespace);
    text += &format!("CreationTimestamp:\t{}\n", age::date(&set.meta.created.to_api()));
    text += &format!("Selector:\t{}\n", workload::label_selector(&set.spec.selector));
    text += &labels("Labels", &set.meta.labels);
    text += &annotations("Annotations", &set.meta.annotations);
    text += &format!("Replicas:\t{} desired | {} total\n", set.replicas(), set.status.replicas);
    text += &format!("Update Strategy:\t{}\n", set.strategy_type());
    if let Some(partition) = set.partition() {
        text += &format!("  Partition:\t{partition}\n");
    }
    text += &pods_status(set.uid, describer);
    text += &template(&set.spec.template);
    text += &claims(set);
    text + &describer.events(&Object::StatefulSet(set.clone()))
}

fn claims(set: &StatefulSet) -> String {
    let claims = set.spec.volume_claim_templates.as_deref().unwrap_or_default();
    if claims.is_empty() {
        return format!("Volume Claims:\t{NONE}\n");
    }
    let mut text = "Volume Claims:\n".to_owned();
    for claim in claims {
        let (meta, spec) = (claim.metadata.clone(), claim.spec.clone().unwrap_or_default());
        let resources = spec.resources.and_then(|resources| resources.requests).unwrap_or_default();
        let capacity = resources.get("storage").map_or("<default>", |amount| &amount.0).to_owned();
        text += &format!("  Name:\t{}\n", meta.name.unwrap_or_default());
        text += &format!("  StorageClass:\t{}\n", spec.storage_class_name.unwrap_or_default());
        text += &labels("  Labels", &meta.labels.unwrap_or_default());
        text += &annotations("  Annotations", &meta.annotations.unwrap_or_default());
        text += &format!("  Capacity:\t{capacity}\n");
        text += &format!("  Access Modes:\t[{}]\n", spec.access_modes.unwrap_or_default().join(" "));
    }
    text
}

pub(super) fn daemon_set(set: &Rc<DaemonSet>, describer: Describer<'_>) -> String {
    let status = &set.status;
    let nodes = set.spec.template.spec.as_ref().and_then(|spec| spec.node_selector.as_ref());
    let mut text = format!("Name:\t{}\nNamespace:\t{}\n", set.name(), set.key.namespace);
    text += &format!("Selector:\t{}\n", workload::label_selector(&set.spec.selector));
    text += &format!("Node-Selector:\t{}\n", nodes.map_or_else(|| NONE.to_owned(), print::labels));
    text += &labels("Labels", &set.meta.labels);
    text += &annotations("Annotations", &set.meta.annotations);
    text += &format!("Desired Number of Nodes Scheduled: {}\n", status.desired_number_scheduled);
    text += &format!("Current Number of Nodes Scheduled: {}\n", status.current_number_scheduled);
    let updated = status.updated_number_scheduled.unwrap_or(0);
    text += &format!("Number of Nodes Scheduled with Up-to-date Pods: {updated}\n");
    let available = status.number_available.unwrap_or(0);
    text += &format!("Number of Nodes Scheduled with Available Pods: {available}\n");
    text += &format!("Number of Nodes Misscheduled: {}\n", status.number_misscheduled);
    text += &pods_status(set.uid, describer);
    text += &template(&set.spec.template);
    text + &describer.events(&Object::DaemonSet(set.clone()))
}

fn pods_status(owner: Uid, describer: Describer<'_>) -> String {
    let count = |phase: &str| describer.store.pods_of(owner).filter(|pod| pod.phase() == phase).count();
    format!(
        "Pods Status:\t{} Running / {} Waiting / {} Succeeded / {} Failed\n",
        count("Running"),
        count("Pending"),
        count("Succeeded"),
        count("Failed")
    )
}
