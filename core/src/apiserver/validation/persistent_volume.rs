//! PersistentVolumes and StorageClasses. Upstream: `ValidatePersistentVolume` in
//! `pkg/apis/core/validation/validation.go`, `pkg/apis/storage/validation/validation.go`.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::claim::{VOLUME_MODES, access_modes, positive};
use super::field::{Faults, Path, Shown};
use super::names;
use crate::api::{PersistentVolume, StorageClass};

const SPEC: Path<'_> = Path::root("spec");
const RECLAIM_POLICIES: [&str; 3] = ["Delete", "Recycle", "Retain"];
const BINDING_MODES: [&str; 2] = ["Immediate", "WaitForFirstConsumer"];

/// Checks a volume. A spec that the stored version has already is fine.
#[inline(never)]
pub(super) fn volume(volume: &PersistentVolume, before: Option<&PersistentVolume>, faults: &mut Faults) {
    if before.is_some_and(|before| Rc::ptr_eq(&before.spec, &volume.spec)) {
        return;
    }
    let spec = &volume.spec;
    let modes = volume.access_modes();
    if modes.is_empty() {
        faults.required(SPEC.child("accessModes"), "");
    }
    access_modes(modes, SPEC.child("accessModes"), faults);
    capacity(spec, faults);
    policy(volume, faults);
    match sources(spec) {
        0 => faults.required(SPEC, "must specify a volume type"),
        1 => {}
        _ => faults.forbidden(SPEC, "may not specify more than 1 volume type"),
    }
    if let Some(class) = spec.storage_class_name.as_deref().filter(|class| !class.is_empty()) {
        faults.invalid_each(SPEC.child("storageClassName"), class, names::dns_subdomain(class));
    }
    if let Some(mode) = spec.volume_mode.as_deref().filter(|mode| !VOLUME_MODES.contains(mode)) {
        faults.unsupported(SPEC.child("volumeMode"), mode, &VOLUME_MODES);
    }
    if let Some(before) = before {
        unchanged(volume, before, faults);
    }
}

fn capacity(spec: &core::PersistentVolumeSpec, faults: &mut Faults) {
    let path = SPEC.child("capacity");
    let capacity = spec.capacity.clone().unwrap_or_default();
    if capacity.is_empty() {
        faults.required(path, "");
    }
    if !capacity.contains_key("storage") || capacity.len() > 1 {
        faults.unsupported(path, Shown::json(&capacity), &["storage"]);
    }
    for (resource, amount) in &capacity {
        positive(amount, path.key(resource), faults);
    }
}

fn policy(volume: &PersistentVolume, faults: &mut Faults) {
    let path = SPEC.child("persistentVolumeReclaimPolicy");
    let policy = volume.reclaim_policy();
    if !RECLAIM_POLICIES.contains(&policy) {
        faults.unsupported(path, policy, &RECLAIM_POLICIES);
    }
    let root = volume.spec.host_path.as_ref().is_some_and(|source| source.path == "/");
    if root && policy == "Recycle" {
        faults.forbidden(path, "may not be 'recycle' for a hostPath mount of '/'");
    }
    if volume.spec.local.is_some() && volume.spec.node_affinity.is_none() {
        faults.required(SPEC.child("nodeAffinity"), "Local volume requires node affinity");
    }
}

/// How many kinds of storage a volume says it is.
fn sources(spec: &core::PersistentVolumeSpec) -> usize {
    // Every field of the spec that is not one of these is a kind of storage.
    const OTHERS: [&str; 9] = [
        "accessModes",
        "capacity",
        "claimRef",
        "mountOptions",
        "nodeAffinity",
        "persistentVolumeReclaimPolicy",
        "storageClassName",
        "volumeAttributesClassName",
        "volumeMode",
    ];
    let fields = serde_json::to_value(spec).unwrap_or_default();
    let names = fields.as_object().into_iter().flat_map(|fields| fields.keys());
    names.filter(|name| !OTHERS.contains(&name.as_str())).count()
}

/// What the storage is stays what it is.
fn unchanged(volume: &PersistentVolume, before: &PersistentVolume, faults: &mut Faults) {
    let source = |spec: &core::PersistentVolumeSpec| core::PersistentVolumeSpec {
        access_modes: None,
        capacity: None,
        claim_ref: None,
        mount_options: None,
        node_affinity: None,
        persistent_volume_reclaim_policy: None,
        storage_class_name: None,
        volume_attributes_class_name: None,
        volume_mode: None,
        ..spec.clone()
    };
    if source(&volume.spec) != source(&before.spec) {
        let path = SPEC.child("persistentvolumesource");
        faults.forbidden(path, "spec.persistentvolumesource is immutable after creation");
    }
    if volume.spec.volume_mode != before.spec.volume_mode {
        faults.invalid(Path::root("volumeMode"), volume.volume_mode(), "field is immutable");
    }
    if before.spec.node_affinity.is_some() && volume.spec.node_affinity != before.spec.node_affinity {
        faults.invalid(
            SPEC.child("nodeAffinity"),
            Shown::json(&volume.spec.node_affinity),
            "field is immutable",
        );
    }
}

/// Checks a storage class: everything but what it allows is for ever.
#[inline(never)]
pub(super) fn storage_class(class: &StorageClass, before: Option<&StorageClass>, faults: &mut Faults) {
    let spec = &class.spec;
    if spec.provisioner.is_empty() {
        faults.required(Path::root("provisioner"), spec.provisioner.as_str());
    }
    let policy = spec.reclaim_policy.as_deref().unwrap_or_default();
    if !matches!(policy, "Delete" | "Retain") {
        faults.unsupported(Path::root("reclaimPolicy"), policy, &["Delete", "Retain"]);
    }
    match spec.volume_binding_mode.as_deref().unwrap_or_default() {
        "" => faults.required(Path::root("volumeBindingMode"), ""),
        mode if BINDING_MODES.contains(&mode) => {}
        mode => faults.unsupported(Path::root("volumeBindingMode"), mode, &BINDING_MODES),
    }
    let Some(before) = before else { return };
    if spec.parameters != before.spec.parameters {
        faults.forbidden(Path::root("parameters"), "updates to parameters are forbidden.");
    }
    if spec.provisioner != before.spec.provisioner {
        faults.forbidden(Path::root("provisioner"), "updates to provisioner are forbidden.");
    }
    if spec.reclaim_policy != before.spec.reclaim_policy {
        faults.forbidden(Path::root("reclaimPolicy"), "updates to reclaimPolicy are forbidden.");
    }
    if spec.volume_binding_mode != before.spec.volume_binding_mode {
        let mode = spec.volume_binding_mode.as_deref().unwrap_or_default();
        faults.invalid(Path::root("volumeBindingMode"), mode, "field is immutable");
    }
}
