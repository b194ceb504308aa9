//! Where containers find volumes: as directories and as devices.
//! Upstream: `ValidateVolumeMounts`, `ValidateVolumeDevices` in `pkg/apis/core/validation/validation.go`.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1 as core;

use super::container::Surroundings;
use super::field::{Faults, Path};

/// Checks the directories that volumes are found at.
pub(super) fn mounts(
    container: &core::Container,
    around: &Surroundings<'_>,
    list: Path<'_>,
    faults: &mut Faults,
) {
    let devices = container.volume_devices.as_deref().unwrap_or_default();
    let mut seen = BTreeSet::new();
    for (index, mount) in container.volume_mounts.iter().flatten().enumerate() {
        let path = list.index(index);
        let at = path.child("mountPath");
        if mount.name.is_empty() {
            faults.required(path.child("name"), "");
        }
        if !around.volumes.contains_key(mount.name.as_str()) {
            faults.not_found(path.child("name"), &mount.name);
        }
        if mount.mount_path.is_empty() {
            faults.required(at, "");
        }
        if !seen.insert(mount.mount_path.as_str()) {
            faults.invalid(at, &mount.mount_path, "must be unique");
        }
        if devices.iter().any(|device| device.name == mount.name) {
            faults.invalid(path.child("name"), &mount.name, "must not already exist in volumeDevices");
        }
        if devices.iter().any(|device| device.device_path == mount.mount_path) {
            faults.invalid(at, &mount.mount_path, "must not already exist as a path in volumeDevices");
        }
        sub_paths(mount, around, list, path, faults);
        propagation(mount, container, list, faults);
    }
}

fn sub_paths(
    mount: &core::VolumeMount,
    around: &Surroundings<'_>,
    list: Path<'_>,
    path: Path<'_>,
    faults: &mut Faults,
) {
    let given = [("subPath", &mount.sub_path), ("subPathExpr", &mount.sub_path_expr)];
    let given = given.map(|(field, text)| (field, text.as_deref().filter(|text| !text.is_empty())));
    let of_image = around.volumes.get(mount.name.as_str()).is_some_and(|volume| volume.image.is_some());
    for (field, text) in given.into_iter().filter_map(|(field, text)| Some((field, text?))) {
        if of_image {
            faults.invalid(path.child(field), text, "not allowed in image volume sources");
        }
    }
    // Upstream tells of the list from here on, not of its entry.
    if let Some(text) = given[0].1 {
        descending_path(text, list.child("subPath"), faults);
    }
    if let Some(text) = given[1].1 {
        if given[0].1.is_some() {
            let detail = "subPathExpr and subPath are mutually exclusive";
            faults.invalid(path.child("subPathExpr"), text, detail);
        }
        descending_path(text, list.child("subPathExpr"), faults);
    }
}

fn propagation(mount: &core::VolumeMount, container: &core::Container, list: Path<'_>, faults: &mut Faults) {
    let path = list.child("mountPropagation");
    let propagation = mount.mount_propagation.as_deref();
    let is_privileged = container.security_context.as_ref().is_some_and(|it| it.privileged == Some(true));
    match propagation {
        None | Some("None" | "HostToContainer") => {}
        Some("Bidirectional") if is_privileged => {}
        Some("Bidirectional") => {
            let detail = "Bidirectional mount propagation is available only to privileged containers";
            faults.forbidden(path, detail);
        }
        Some(other) => faults.unsupported(path, other, &["Bidirectional", "HostToContainer", "None"]),
    }
    let path = list.child("recursiveReadOnly");
    match mount.recursive_read_only.as_deref() {
        None | Some("Disabled") => {}
        Some("Enabled" | "IfPossible") => {
            if mount.read_only != Some(true) {
                faults.forbidden(path, "may only be specified when readOnly is true");
            }
            if propagation.is_some_and(|propagation| propagation != "None") {
                faults
                    .forbidden(path, "may only be specified when mountPropagation is None or not specified");
            }
        }
        Some(other) => faults.unsupported(path, other, &["Disabled", "Enabled", "IfPossible"]),
    }
}

/// Checks the devices that volumes are found at.
pub(super) fn devices(
    container: &core::Container,
    around: &Surroundings<'_>,
    list: Path<'_>,
    faults: &mut Faults,
) {
    let mounts = container.volume_mounts.as_deref().unwrap_or_default();
    let (mut names, mut paths) = (BTreeSet::new(), BTreeSet::new());
    for (index, device) in container.volume_devices.iter().flatten().enumerate() {
        let path = list.index(index);
        let (name, at) = (path.child("name"), path.child("devicePath"));
        let volume = around.volumes.get(device.name.as_str());
        if device.name.is_empty() {
            faults.required(name, "");
        }
        if names.contains(device.name.as_str()) {
            faults.invalid(name, &device.name, "must be unique");
        }
        if volume.is_some_and(|volume| volume.persistent_volume_claim.is_none() && volume.ephemeral.is_none())
        {
            let detail =
                "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode";
            faults.invalid(name, &device.name, detail);
        }
        if volume.is_none() {
            faults.not_found(name, &device.name);
        }
        if device.device_path.is_empty() {
            faults.required(at, "");
        }
        if paths.contains(device.device_path.as_str()) {
            faults.invalid(at, &device.device_path, "must be unique");
        }
        if climbs(&device.device_path) {
            faults.invalid(at, &device.device_path, "can not contain backsteps ('..')");
        } else {
            paths.insert(device.device_path.as_str());
        }
        if mounts.iter().any(|mount| mount.name == device.name) {
            faults.invalid(name, &device.name, "must not already exist in volumeMounts");
        }
        if mounts.iter().any(|mount| mount.mount_path == device.device_path) {
            faults.invalid(at, &device.device_path, "must not already exist as a path in volumeMounts");
        }
        if !device.name.is_empty() {
            names.insert(device.name.as_str());
        }
    }
}

/// A path below some directory.
pub(super) fn descending_path(text: &str, path: Path<'_>, faults: &mut Faults) {
    if text.starts_with('/') {
        faults.invalid(path, text, "must be a relative path");
    }
    no_backsteps(text, path, faults);
}

/// A path that leads nowhere up.
pub(super) fn no_backsteps(text: &str, path: Path<'_>, faults: &mut Faults) {
    if climbs(text) {
        faults.invalid(path, text, "must not contain '..'");
    }
}

fn climbs(path: &str) -> bool {
    path.split('/').any(|part| part == "..")
}
