//! Metadata: names, labels, annotations, owners, finalizers.
//! Upstream: `k8s.io/apimachinery/pkg/api/validation/objectmeta.go`.

use std::borrow::Cow;
use std::rc::Rc;

use super::field::{Faults, Path, Shown};
use super::names;
use crate::api::{Kind, Labels, Meta, Object};
use crate::apiserver::FieldError;

/// How many bytes all annotations of an object may have together.
const ANNOTATIONS_SIZE: usize = 256 << 10;
/// Finalizers that need no domain.
const STANDARD_FINALIZERS: [&str; 3] = ["kubernetes", "orphan", "foregroundDeletion"];
const METADATA: Path<'_> = Path::root("metadata");

/// Checks the metadata of a new object.
pub(super) fn create(object: &Object, faults: &mut Faults) {
    let key = object.key();
    let rule = name_rule(object.kind());
    if let Some(prefix) = object.meta().generate_name.as_deref() {
        faults.invalid_each(METADATA.child("generateName"), prefix, rule(&without_dash(prefix)));
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
    finalizers(&object.meta().finalizers, faults);
    finalizer_domains(&object.meta().finalizers, faults);
}

/// What follows a prefix is fine: a dash may end it. Upstream: `maskTrailingDash`.
fn without_dash(prefix: &str) -> Cow<'_, str> {
    let mut kept = prefix.chars();
    match kept.next_back() {
        Some('-') if kept.next_back().is_some() => Cow::Owned(format!("{}a", kept.as_str())),
        _ => Cow::Borrowed(prefix),
    }
}

/// Checks the metadata of a new version of an object.
pub(super) fn update(after: &Object, before: &Object, faults: &mut Faults) {
    let (new, old) = (after.meta(), before.meta());
    if Rc::ptr_eq(new, old) {
        return;
    }
    new_finalizers(new, old, faults);
    contents(new, Some(old), faults);
    finalizers(&new.finalizers, faults);
    finalizer_domains(&new.finalizers, faults);
}

/// The faults of a new version's metadata, apart: upstream finds them several times, in several places.
#[derive(Default)]
pub(super) struct Again {
    /// What is wrong with it as it is. Upstream: `ValidateObjectMetaAccessor`.
    whole: Faults,
    /// What is wrong with the change. Upstream: `ValidateObjectMetaAccessorUpdate`.
    change: Faults,
    /// Finalizers without a domain. Upstream: `validateKubeFinalizerName`.
    domains: Faults,
}

impl Again {
    /// Checks the metadata of a new version of an object. What was there before may be found anew.
    #[inline(never)]
    pub(super) fn new(after: &Object, before: &Object) -> Again {
        let (new, old) = (after.meta(), before.meta());
        let mut found = Again::default();
        contents(new, Some(old), &mut found.whole);
        new_finalizers(new, old, &mut found.change);
        found.change.0.extend(found.whole.0.iter().cloned());
        finalizers(&new.finalizers, &mut found.whole);
        finalizer_domains(&new.finalizers, &mut found.domains);
        found
    }

    pub(super) fn is_empty(&self) -> bool {
        [&self.whole, &self.change, &self.domains].iter().all(|faults| faults.0.is_empty())
    }

    /// What is told for every kind, before the kind's own rules.
    pub(super) fn generic(&self) -> impl Iterator<Item = FieldError> + '_ {
        self.whole.0.iter().chain(&self.change.0).cloned()
    }

    /// What a kind tells that looks at the metadata as a new object's.
    pub(super) fn whole(&self) -> impl Iterator<Item = FieldError> + '_ {
        self.whole.0.iter().chain(&self.domains.0).cloned()
    }

    /// What a kind tells that looks at the change.
    pub(super) fn change(&self) -> impl Iterator<Item = FieldError> + '_ {
        self.change.0.iter().chain(&self.domains.0).cloned()
    }
}

/// Once an object is being deleted, nobody may hold it any more.
fn new_finalizers(new: &Meta, old: &Meta, faults: &mut Faults) {
    if old.deletion.is_none() {
        return;
    }
    let added = new.finalizers.iter().filter(|name| !old.finalizers.contains(name));
    let mut added: Vec<String> = added.map(|name| format!("{name:?}")).collect();
    if added.is_empty() {
        return;
    }
    crate::order::sort(&mut added);
    let detail = format!(
        "no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}",
        added.join(", ")
    );
    faults.forbidden(METADATA.child("finalizers"), detail);
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

/// Upstream tells of the list here, not of its entries.
fn owners(meta: &Meta, faults: &mut Faults) {
    let path = METADATA.child("ownerReferences");
    for owner in meta.owners.iter() {
        // `apps/v1`, `v1`: anything with more parts has no version at all.
        let version =
            owner.api_version.rsplit('/').next().filter(|_| owner.api_version.matches('/').count() < 2);
        if version.is_none_or(str::is_empty) {
            faults.invalid(path.child("apiVersion"), &*owner.api_version, "version must not be empty");
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
}

fn finalizer_domains(finalizers: &[String], faults: &mut Faults) {
    let path = METADATA.child("finalizers");
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
