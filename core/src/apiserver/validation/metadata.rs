//! Metadata: names, labels, annotations, owners, finalizers.
//! Upstream: `k8s.io/apimachinery/pkg/api/validation/objectmeta.go`.

use std::rc::Rc;

use super::field::{Faults, Path, Shown};
use super::names;
use crate::api::{Kind, Labels, Meta, Object};

/// How many bytes all annotations of an object may have together.
const ANNOTATIONS_SIZE: usize = 256 << 10;
/// Finalizers that need no domain.
const STANDARD_FINALIZERS: [&str; 3] = ["kubernetes", "orphan", "foregroundDeletion"];
const METADATA: Path<'_> = Path::root("metadata");

/// Checks the metadata of a new object.
pub(super) fn create(object: &Object, faults: &mut Faults) {
    let key = object.key();
    let rule = name_rule(object.kind());
    if let Some(prefix) = &object.meta().generate_name {
        // What follows the prefix is fine: a dash may end it.
        let prefix = prefix.strip_suffix('-').unwrap_or(prefix);
        faults.invalid_each(METADATA.child("generateName"), prefix, rule(prefix));
    }
    if key.name.is_empty() {
        faults.required(METADATA.child("name"), "name or generateName is required");
    } else {
        faults.invalid_each(METADATA.child("name"), &key.name, rule(&key.name));
    }
    if object.kind().is_namespaced() {
        faults.invalid_each(METADATA.child("namespace"), &key.namespace, names::dns_label(&key.namespace));
    }
    contents(object.meta(), None, faults);
}

/// Checks the metadata of a new version of an object.
pub(super) fn update(after: &Object, before: &Object, faults: &mut Faults) {
    let (new, old) = (after.meta(), before.meta());
    if Rc::ptr_eq(new, old) {
        return;
    }
    if old.deletion.is_some() {
        let added: Vec<String> = new
            .finalizers
            .iter()
            .filter(|name| !old.finalizers.contains(name))
            .map(|name| format!("{name:?}"))
            .collect();
        if !added.is_empty() {
            let detail = format!(
                "no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}",
                added.join(", ")
            );
            faults.forbidden(METADATA.child("finalizers"), detail);
        }
    }
    contents(new, Some(old), faults);
}

/// Parts that the stored version has already are fine.
fn contents(meta: &Meta, stored: Option<&Meta>, faults: &mut Faults) {
    if stored.is_none_or(|stored| !Rc::ptr_eq(&stored.labels, &meta.labels)) {
        labels(&meta.labels, METADATA.child("labels"), faults);
    }
    if stored.is_none_or(|stored| !Rc::ptr_eq(&stored.annotations, &meta.annotations)) {
        annotations(&meta.annotations, METADATA.child("annotations"), faults);
    }
    if stored.is_none_or(|stored| !Rc::ptr_eq(&stored.owners, &meta.owners)) {
        owners(meta, faults);
    }
    finalizers(&meta.finalizers, faults);
}

/// Checks labels, wherever they are.
pub(super) fn labels(labels: &Labels, path: Path<'_>, faults: &mut Faults) {
    for (key, value) in labels {
        faults.invalid_each(path, key, names::qualified_name(key));
        faults.invalid_each(path, value, names::label_value(value));
    }
}

/// Checks annotations, wherever they are. Their values are free.
pub(super) fn annotations(annotations: &Labels, path: Path<'_>, faults: &mut Faults) {
    for key in annotations.keys() {
        faults.invalid_each(path, key, names::qualified_name(&key.to_ascii_lowercase()));
    }
    let size: usize = annotations.iter().map(|(key, value)| key.len() + value.len()).sum();
    if size > ANNOTATIONS_SIZE {
        faults.too_long(path, ANNOTATIONS_SIZE);
    }
}

fn owners(meta: &Meta, faults: &mut Faults) {
    let path = METADATA.child("ownerReferences");
    for (index, owner) in meta.owners.iter().enumerate() {
        let path = path.index(index);
        if owner.api_version.is_empty() {
            faults.invalid(path.child("apiVersion"), "", "version must not be empty");
        }
        if owner.kind.is_empty() {
            faults.invalid(path.child("kind"), "", "must not be empty");
        }
        if owner.name.is_empty() {
            faults.invalid(path.child("name"), "", "must not be empty");
        }
        if owner.uid == crate::api::Uid::default() {
            faults.invalid(path.child("uid"), "", "must not be empty");
        }
    }
    let controllers = meta.owners.iter().filter(|owner| owner.controller);
    let controllers: Vec<String> =
        controllers.map(|owner| format!("{}/{}", owner.kind, owner.name)).collect();
    if let [first, second, ..] = &controllers[..] {
        let owners =
            meta.to_api(&crate::api::Key::new("", ""), crate::api::Uid::default(), 0).owner_references;
        let detail = format!(
            "Only one reference can have Controller set to true. Found \"true\" in references for {first} and {second}"
        );
        faults.invalid(path, Shown::json(&owners), detail);
    }
}

fn finalizers(finalizers: &[String], faults: &mut Faults) {
    let path = METADATA.child("finalizers");
    for name in finalizers {
        faults.invalid_each(path, name, names::qualified_name(name));
    }
    let has = |wanted: &str| finalizers.iter().any(|name| name == wanted);
    if has("orphan") && has("foregroundDeletion") {
        let both = Shown::json(&finalizers);
        faults.invalid(path, both, "finalizer orphan and foregroundDeletion cannot be both set");
    }
    for (index, name) in finalizers.iter().enumerate() {
        if !name.contains('/') && !STANDARD_FINALIZERS.contains(&name.as_str()) {
            let detail = "name is neither a standard finalizer name nor is it fully qualified";
            faults.invalid(path.index(index), name, detail);
        }
    }
}

/// What a name of this kind must look like.
fn name_rule(kind: Kind) -> fn(&str) -> Vec<String> {
    match kind {
        Kind::PodDisruptionBudget
        | Kind::Role
        | Kind::ClusterRole
        | Kind::RoleBinding
        | Kind::ClusterRoleBinding => names::path_segment,
        Kind::Namespace | Kind::Service | Kind::StatefulSet => names::dns_label,
        Kind::Node
        | Kind::Pod
        | Kind::Event
        | Kind::EndpointSlice
        | Kind::Deployment
        | Kind::ReplicaSet
        | Kind::ReplicationController
        | Kind::DaemonSet
        | Kind::ControllerRevision
        | Kind::Job
        | Kind::CronJob
        | Kind::HorizontalPodAutoscaler
        | Kind::Endpoints
        | Kind::ResourceQuota
        | Kind::LimitRange
        | Kind::ConfigMap
        | Kind::Secret
        | Kind::PersistentVolumeClaim
        | Kind::PersistentVolume
        | Kind::StorageClass
        | Kind::PriorityClass
        | Kind::ServiceAccount
        | Kind::NetworkPolicy
        | Kind::Inert(_) => names::dns_subdomain,
    }
}
