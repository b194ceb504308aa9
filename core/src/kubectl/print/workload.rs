//! Deployments and ReplicaSets in tables.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::table::{Column, always, wide};
use super::{age, containers_and_images, selector};
use crate::api::{Deployment, ReplicaSet, ReplicationController, Selector};
use crate::time::Time;

pub(super) const DEPLOYMENT_COLUMNS: &[Column] = &[
    always("NAME"),
    always("READY"),
    always("UP-TO-DATE"),
    always("AVAILABLE"),
    always("AGE"),
    wide("CONTAINERS"),
    wide("IMAGES"),
    wide("SELECTOR"),
];

pub(super) const REPLICA_SET_COLUMNS: &[Column] = &[
    always("NAME"),
    always("DESIRED"),
    always("CURRENT"),
    always("READY"),
    always("AGE"),
    wide("CONTAINERS"),
    wide("IMAGES"),
    wide("SELECTOR"),
];

pub(super) fn deployment_cells(deployment: &Deployment, now: Time) -> Vec<String> {
    let status = &deployment.status;
    let containers = deployment.spec.template.spec.as_ref().map(|spec| spec.containers.as_slice());
    let (names, images) = containers_and_images(containers.unwrap_or_default());
    vec![
        deployment.name().to_owned(),
        format!("{}/{}", status.ready_replicas.unwrap_or(0), deployment.replicas()),
        status.updated_replicas.unwrap_or(0).to_string(),
        status.available_replicas.unwrap_or(0).to_string(),
        age::since(deployment.meta.created, now),
        names,
        images,
        label_selector(&deployment.spec.selector),
    ]
}

pub(super) fn replica_set_cells(set: &ReplicaSet, now: Time) -> Vec<String> {
    let template = set.spec.template.as_ref().and_then(|template| template.spec.as_ref());
    let (names, images) = containers_and_images(template.map_or(&[], |spec| spec.containers.as_slice()));
    vec![
        set.name().to_owned(),
        set.replicas().to_string(),
        set.current_replicas().to_string(),
        set.ready_replicas().to_string(),
        age::since(set.meta.created, now),
        names,
        images,
        label_selector(&set.spec.selector),
    ]
}

pub(super) fn replication_controller_cells(controller: &ReplicationController, now: Time) -> Vec<String> {
    let template = controller.spec.template.as_ref().and_then(|template| template.spec.as_ref());
    let (names, images) = containers_and_images(template.map_or(&[], |spec| spec.containers.as_slice()));
    let labels = controller.spec.selector.as_ref().map(Selector::from_map).unwrap_or_default();
    vec![
        controller.name().to_owned(),
        controller.replicas().to_string(),
        controller.status.replicas.to_string(),
        controller.status.ready_replicas.unwrap_or(0).to_string(),
        age::since(controller.meta.created, now),
        names,
        images,
        selector(&labels),
    ]
}

/// `app=web`
pub(super) fn label_selector(api: &LabelSelector) -> String {
    selector(&Selector::from_api(api))
}
