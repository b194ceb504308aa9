//! Volumes: each has a name and one source. Upstream: `ValidateVolumes` in
//! `pkg/apis/core/validation/validation.go`.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1 as core;

use super::field::{Faults, Path};
use super::names;

/// What a hostPath may be required to be.
const HOST_PATH_TYPES: [&str; 8] =
    ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];

/// Checks a pod's volumes. Returns their names, which mounts refer to.
pub(super) fn volumes<'a>(spec: &'a core::PodSpec, path: Path<'_>, faults: &mut Faults) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    for (index, volume) in spec.volumes.iter().flatten().enumerate() {
        let path = path.index(index);
        source(volume, path, faults);
        if volume.name.is_empty() {
            faults.required(path.child("name"), "");
            continue;
        }
        faults.invalid_each(path.child("name"), &volume.name, names::dns_label(&volume.name));
        if !seen.insert(volume.name.as_str()) {
            faults.duplicate(path.child("name"), &volume.name);
        }
    }
    seen
}

fn source(volume: &core::Volume, path: Path<'_>, faults: &mut Faults) {
    // The fields besides the name are the sources: a volume has as many as its JSON has other keys.
    let json = serde_json::to_value(volume).unwrap_or_default();
    let mut sources =
        json.as_object().into_iter().flat_map(|fields| fields.keys()).filter(|key| *key != "name");
    if sources.next().is_none() {
        faults.required(path, "must specify a volume type");
    }
    for other in sources {
        faults.forbidden(path.child(other), "may not specify more than 1 volume type");
    }
    let required = [
        ("configMap.name", volume.config_map.as_ref().map(|source| source.name.as_str())),
        (
            "secret.secretName",
            volume.secret.as_ref().map(|source| source.secret_name.as_deref().unwrap_or_default()),
        ),
        ("hostPath.path", volume.host_path.as_ref().map(|source| source.path.as_str())),
        (
            "persistentVolumeClaim.claimName",
            volume.persistent_volume_claim.as_ref().map(|source| source.claim_name.as_str()),
        ),
    ];
    for (field, _) in required.into_iter().filter(|(_, value)| *value == Some("")) {
        faults.required(path.child(field), "");
    }
    if let Some(kind) = volume.host_path.as_ref().and_then(|source| source.type_.as_deref())
        && !HOST_PATH_TYPES.contains(&kind)
    {
        faults.unsupported(path.child("hostPath.type"), kind, &HOST_PATH_TYPES);
    }
    let items = volume
        .config_map
        .iter()
        .map(|source| ("configMap.items", &source.items))
        .chain(volume.secret.iter().map(|source| ("secret.items", &source.items)));
    for (field, items) in items {
        let list = path.child(field);
        for (index, item) in items.iter().flatten().enumerate() {
            file(item, list.index(index), faults);
        }
    }
}

fn file(item: &core::KeyToPath, path: Path<'_>, faults: &mut Faults) {
    if item.key.is_empty() {
        faults.required(path.child("key"), "");
    }
    if item.path.is_empty() {
        faults.required(path.child("path"), "");
    } else if item.path.starts_with('/') {
        faults.invalid(path.child("path"), &item.path, "must be a relative path");
    }
    if item.path.split('/').any(|part| part == "..") {
        faults.invalid(path.child("path"), &item.path, "must not contain '..'");
    }
}
