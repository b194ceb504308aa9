//! PersistentVolumes and StorageClasses. Upstream: `ValidatePersistentVolume` in
//! `pkg/apis/core/validation/validation.go`, `pkg/apis/storage/validation/validation.go`.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::claim::{VOLUME_MODES, access_modes, positive};
use super::field::{Faults, Path, Shown};
use super::volume_source::{self, Source};
use super::{go_value, names, pod_update, scheduling};
use crate::api::{PersistentVolume, StorageClass, quantity};

const SPEC: Path<'_> = Path::root("spec");
const RECLAIM_POLICIES: [&str; 3] = ["Delete", "Recycle", "Retain"];
const BINDING_MODES: [&str; 2] = ["Immediate", "WaitForFirstConsumer"];

/// Kinds of storage in the order in which upstream looks at them.
const SOURCES: [&str; 22] = [
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "glusterfs",
    "flocker",
    "nfs",
    "rbd",
    "quobyte",
    "cephfs",
    "iscsi",
    "cinder",
    "fc",
    "flexVolume",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "scaleIO",
    "local",
    "storageos",
    "csi",
];

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
    let policy = SPEC.child("persistentVolumeReclaimPolicy");
    if !RECLAIM_POLICIES.contains(&volume.reclaim_policy()) {
        faults.unsupported(policy, volume.reclaim_policy(), &RECLAIM_POLICIES);
    }
    node_affinity(spec, faults);
    sources(volume, faults);
    let is_root = |path: &str| path.starts_with('/') && path.split('/').all(|part| matches!(part, "" | "."));
    if spec.host_path.as_ref().is_some_and(|it| is_root(&it.path)) && volume.reclaim_policy() == "Recycle" {
        faults.forbidden(policy, "may not be 'recycle' for a hostPath mount of '/'");
    }
    if let Some(class) = spec.storage_class_name.as_deref().filter(|class| !class.is_empty()) {
        faults.invalid_each(SPEC.child("storageClassName"), class, names::dns_subdomain(class));
    }
    if let Some(mode) = spec.volume_mode.as_deref().filter(|mode| !VOLUME_MODES.contains(mode)) {
        faults.unsupported(SPEC.child("volumeMode"), mode, &VOLUME_MODES);
    }
    if let Some(class) = spec.volume_attributes_class_name.as_deref() {
        let path = SPEC.child("volumeAttributesClassName");
        match class {
            "" => faults.required(path, "an empty string is disallowed"),
            class => faults.invalid_each(path, class, names::dns_subdomain(class)),
        }
        if spec.csi.is_none() {
            let detail = "has to be specified when using volumeAttributesClassName";
            faults.required(SPEC.child("csi"), detail);
        }
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
        faults.unsupported(path, Shown::json(&spec.capacity), &["storage"]);
    }
    for (resource, amount) in &capacity {
        let value = quantity::amount(resource, amount);
        if value < 0 {
            faults.invalid(path.key(resource), value, "must be a valid resource quantity");
        }
        positive(amount, path.key(resource), faults);
    }
}

fn node_affinity(spec: &core::PersistentVolumeSpec, faults: &mut Faults) {
    let Some(affinity) = &spec.node_affinity else { return };
    let path = SPEC.child("nodeAffinity");
    match &affinity.required {
        Some(required) => scheduling::node_selector(required, path.child("required"), faults),
        None => faults.required(path.child("required"), "must specify required node constraints"),
    }
}

fn sources(volume: &PersistentVolume, faults: &mut Faults) {
    let json = serde_json::to_value(&*volume.spec).unwrap_or_default();
    let mut has_one = false;
    for field in SOURCES.into_iter().filter(|field| json.get(field).is_some()) {
        // Upstream forgets to ask whether a FlexVolume is the first.
        if has_one && field != "flexVolume" {
            let name = if field == "cephfs" { "cephFS" } else { field };
            faults.forbidden(SPEC.child(name), "may not specify more than 1 volume type");
            continue;
        }
        has_one = true;
        let source = Source { field, json: &json[field], volume: volume.name(), is_persistent: true };
        volume_source::check(source, SPEC, faults);
        if field == "local" && volume.spec.node_affinity.is_none() {
            faults.required(SPEC.child("nodeAffinity"), "Local volume requires node affinity");
        }
    }
    if !has_one {
        faults.required(SPEC, "must specify a volume type");
    }
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
        let told = |spec: &core::PersistentVolumeSpec| go_value::indented("v1.PersistentVolumeSource", spec);
        let difference = pod_update::difference(&told(&before.spec), &told(&volume.spec));
        let path = SPEC.child("persistentvolumesource");
        faults.forbidden(
            path,
            format!("spec.persistentvolumesource is immutable after creation\n{difference}"),
        );
    }
    if volume.spec.volume_mode != before.spec.volume_mode {
        faults.invalid(Path::root("volumeMode"), Shown::json(&volume.spec.volume_mode), "field is immutable");
    }
    if before.spec.node_affinity.is_some() && volume.spec.node_affinity != before.spec.node_affinity {
        let shown = go_value::compact("*v1.VolumeNodeAffinity", &volume.spec.node_affinity);
        let detail = "field is immutable, except for updating from beta label to GA";
        faults.invalid(Path::root("nodeAffinity"), Shown::verbatim(shown), detail);
    }
    let class = |volume: &PersistentVolume| volume.spec.volume_attributes_class_name.is_some();
    if class(before) && !class(volume) {
        let path = SPEC.child("volumeAttributesClassName");
        faults.forbidden(path, "update from non-nil value to nil is forbidden");
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
