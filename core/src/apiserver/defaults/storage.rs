//! Claims, volumes and storage classes. Upstream: `pkg/apis/{core,storage}/v1/defaults.go`, and what the strategies
//! in `pkg/registry/core/{persistentvolume,persistentvolumeclaim}` do to a new object.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::pod::{azure_disk, canonical_amounts, text};
use crate::api::{Object, PersistentVolume, PersistentVolumeClaim, StorageClass};
use crate::time::Time;

pub(super) fn claim(claim: &mut Rc<PersistentVolumeClaim>, before: Option<&Object>) {
    if matches!(before, Some(Object::PersistentVolumeClaim(old)) if Rc::ptr_eq(&old.spec, &claim.spec)) {
        return;
    }
    let spec = Rc::make_mut(&mut Rc::make_mut(claim).spec);
    spec.volume_mode.get_or_insert_with(|| "Filesystem".to_owned());
    if let Some(resources) = &mut spec.resources {
        resources.requests.iter_mut().for_each(canonical_amounts);
        resources.limits.iter_mut().for_each(canonical_amounts);
    }
    same_source(spec);
}

/// What a claim is to be filled with stands in two fields: one follows from the other. Upstream: `NormalizeDataSources`.
#[inline(never)]
fn same_source(spec: &mut core::PersistentVolumeClaimSpec) {
    match (&spec.data_source, &spec.data_source_ref) {
        (Some(old), None) => {
            spec.data_source_ref = Some(core::TypedObjectReference {
                api_group: old.api_group.clone(),
                kind: old.kind.clone(),
                name: old.name.clone(),
                namespace: None,
            });
        }
        (None, Some(new)) if new.namespace.as_ref().is_none_or(String::is_empty) => {
            spec.data_source = Some(core::TypedLocalObjectReference {
                api_group: new.api_group.clone(),
                kind: new.kind.clone(),
                name: new.name.clone(),
            });
        }
        _ => {}
    }
}

pub(super) fn volume(volume: &mut Rc<PersistentVolume>, before: Option<&Object>) {
    if matches!(before, Some(Object::PersistentVolume(old)) if Rc::ptr_eq(&old.spec, &volume.spec)) {
        return;
    }
    let spec = Rc::make_mut(&mut Rc::make_mut(volume).spec);
    spec.persistent_volume_reclaim_policy.get_or_insert_with(|| "Retain".to_owned());
    spec.volume_mode.get_or_insert_with(|| "Filesystem".to_owned());
    spec.capacity.iter_mut().for_each(canonical_amounts);
    if let Some(host_path) = &mut spec.host_path {
        host_path.type_.get_or_insert_default();
    }
    remote(spec);
}

/// Storage elsewhere. Upstream: the tags `+default` of the types in `staging/src/k8s.io/api/core/v1/types.go`.
#[inline(never)]
fn remote(spec: &mut core::PersistentVolumeSpec) {
    for source in spec.iscsi.iter_mut() {
        text(&mut source.iscsi_interface, "default");
    }
    for source in spec.rbd.iter_mut() {
        text(&mut source.pool, "rbd");
        text(&mut source.user, "admin");
        text(&mut source.keyring, "/etc/ceph/keyring");
    }
    for source in spec.azure_disk.iter_mut() {
        azure_disk(source);
    }
    for source in spec.scale_io.iter_mut() {
        text(&mut source.storage_mode, "ThinProvisioned");
        text(&mut source.fs_type, "xfs");
    }
}

pub(super) fn storage_class(class: &mut Rc<StorageClass>, before: Option<&Object>) {
    if matches!(before, Some(Object::StorageClass(old)) if Rc::ptr_eq(&old.spec, &class.spec)) {
        return;
    }
    let spec = Rc::make_mut(&mut Rc::make_mut(class).spec);
    spec.reclaim_policy.get_or_insert_with(|| "Delete".to_owned());
    spec.volume_binding_mode.get_or_insert_with(|| "Immediate".to_owned());
}

/// A new claim has nothing yet.
pub(super) fn new_claim_status() -> core::PersistentVolumeClaimStatus {
    core::PersistentVolumeClaimStatus {
        phase: Some("Pending".to_owned()),
        ..core::PersistentVolumeClaimStatus::default()
    }
}

/// A new volume is looked at by nobody yet.
pub(super) fn new_volume_status(now: Time) -> core::PersistentVolumeStatus {
    core::PersistentVolumeStatus {
        phase: Some("Pending".to_owned()),
        last_phase_transition_time: Some(now.to_api()),
        ..core::PersistentVolumeStatus::default()
    }
}
