//! Volumes: each has a name and one source. Upstream: `ValidateVolumes` in
//! `pkg/apis/core/validation/validation.go`.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1 as core;

use super::environment;
use super::field::{Faults, Path};
use super::mounts::descending_path;
use super::volume_source::{self, Source};
use super::{claim, metadata, names};
use crate::api::{Labels, quantity};

/// Sources in the order in which upstream looks at them: the second one that is there is one too many.
const SOURCES: [&str; 30] = [
    "emptyDir",
    "hostPath",
    "gitRepo",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "secret",
    "nfs",
    "iscsi",
    "glusterfs",
    "flocker",
    "persistentVolumeClaim",
    "rbd",
    "cinder",
    "cephfs",
    "quobyte",
    "downwardAPI",
    "fc",
    "flexVolume",
    "configMap",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "storageos",
    "projected",
    "scaleIO",
    "csi",
    "ephemeral",
    "image",
];
/// Permissions of files.
const MODES: std::ops::RangeInclusive<i32> = 0..=0o777;
/// How long a token may live, in seconds.
const TOKEN_LIFE: std::ops::RangeInclusive<i64> = 600..=1 << 32;

/// Checks a pod's volumes. Returns those that mounts can refer to, by name.
pub(super) fn volumes<'a>(
    spec: &'a core::PodSpec,
    list: Path<'_>,
    faults: &mut Faults,
) -> BTreeMap<&'a str, &'a core::Volume> {
    let mut known = BTreeMap::new();
    for (index, volume) in spec.volumes.iter().flatten().enumerate() {
        let path = list.index(index);
        let before = faults.0.len();
        source(volume, path, faults);
        let name = volume.name.as_str();
        if name.is_empty() {
            faults.required(path.child("name"), "");
        } else {
            faults.invalid_each(path.child("name"), name, names::dns_label(name));
        }
        if known.contains_key(name) {
            faults.duplicate(path.child("name"), name);
        }
        if faults.0.len() == before {
            known.insert(name, volume);
        }
    }
    known
}

fn source(volume: &core::Volume, path: Path<'_>, faults: &mut Faults) {
    // The fields besides the name are the sources: a volume has as many as its JSON has other keys.
    let json = serde_json::to_value(volume).unwrap_or_default();
    let mut sources = SOURCES.into_iter().filter(|source| json.get(source).is_some());
    let Some(first) = sources.next() else {
        return faults.required(path, "must specify a volume type");
    };
    contents(first, volume, &json, path, faults);
    for other in sources {
        // Upstream calls two of them otherwise here.
        let name = match other {
            "cephfs" => "cephFS",
            "downwardAPI" => "downwarAPI",
            other => other,
        };
        faults.forbidden(path.child(name), "may not specify more than 1 volume type");
    }
}

fn contents(
    source: &'static str,
    volume: &core::Volume,
    json: &serde_json::Value,
    parent: Path<'_>,
    faults: &mut Faults,
) {
    let path = parent.child(source);
    if let Some(directory) = &volume.empty_dir {
        let size = directory.size_limit.as_ref().and_then(|size| quantity::thousandths(&size.0));
        if size.is_some_and(|size| size < 0) {
            let detail = "SizeLimit field must be a valid resource quantity";
            faults.forbidden(path.child("sizeLimit"), detail);
        }
    } else if let Some(secret) = volume.secret.as_ref().filter(|_| source == "secret") {
        if secret.secret_name.as_deref().unwrap_or_default().is_empty() {
            faults.required(path.child("secretName"), "");
        }
        of_keys(secret.default_mode, secret.items.as_deref(), path, faults);
    } else if let Some(map) = volume.config_map.as_ref().filter(|_| source == "configMap") {
        if map.name.is_empty() {
            faults.required(path.child("name"), "");
        }
        of_keys(map.default_mode, map.items.as_deref(), path, faults);
    } else {
        rarer(source, volume, json, parent, faults);
    }
}

#[inline(never)]
fn rarer(
    source: &'static str,
    volume: &core::Volume,
    json: &serde_json::Value,
    parent: Path<'_>,
    faults: &mut Faults,
) {
    let path = parent.child(source);
    match source {
        "downwardAPI" => {
            let downward = volume.downward_api.as_ref();
            mode(downward.and_then(|it| it.default_mode), path.child("defaultMode"), faults);
            // Upstream tells of the list here, not of its entries.
            let items = downward.and_then(|downward| downward.items.as_ref());
            items.into_iter().flatten().for_each(|file| downward_file(file, path, faults));
        }
        "projected" => {
            if let Some(projected) = &volume.projected {
                mode(projected.default_mode, path.child("defaultMode"), faults);
                projections(projected, path, faults);
            }
        }
        "ephemeral" => {
            let template = volume.ephemeral.as_ref().and_then(|it| it.volume_claim_template.as_ref());
            ephemeral(template, path, faults);
        }
        "image" => {
            let image = volume.image.as_ref();
            // Templates may leave it to whoever makes pods of them. A pod's own volume is `spec.volumes[0]`.
            let has_none = image.and_then(|image| image.reference.as_ref()).is_none_or(String::is_empty);
            if has_none && parent.depth() == 3 {
                faults.required(path.child("reference"), "");
            }
            let policy = image.and_then(|image| image.pull_policy.as_deref());
            faults.one_of(path.child("pullPolicy"), policy, &["Always", "IfNotPresent", "Never"]);
        }
        field => {
            let source = Source { field, json: &json[field], volume: &volume.name, is_persistent: false };
            volume_source::check(source, parent, faults);
        }
    }
}

fn ephemeral(template: Option<&core::PersistentVolumeClaimTemplate>, path: Path<'_>, faults: &mut Faults) {
    let path = path.child("volumeClaimTemplate");
    let Some(template) = template else { return faults.required(path, "") };
    if let Some(meta) = &template.metadata {
        let path = path.child("metadata");
        let none = Labels::new();
        let annotations = meta.annotations.as_ref().unwrap_or(&none);
        metadata::annotations(annotations, path.child("annotations"), faults);
        metadata::labels(meta.labels.as_ref().unwrap_or(&none), path.child("labels"), faults);
        // Upstream takes the names of Go's fields, with their first letter in lower case.
        let others = [
            ("name", meta.name.is_some()),
            ("generateName", meta.generate_name.is_some()),
            ("namespace", meta.namespace.is_some()),
            ("uID", meta.uid.is_some()),
            ("resourceVersion", meta.resource_version.is_some()),
            ("creationTimestamp", meta.creation_timestamp.is_some()),
            ("ownerReferences", meta.owner_references.is_some()),
            ("finalizers", meta.finalizers.is_some()),
        ];
        for (field, _) in others.into_iter().filter(|(_, is_given)| *is_given) {
            faults.forbidden(path.child(field), "cannot be set");
        }
    }
    claim::spec(&template.spec, path.child("spec"), faults);
}

/// Checks how the keys of an object become files.
fn of_keys(
    default_mode: Option<i32>,
    items: Option<&[core::KeyToPath]>,
    path: Path<'_>,
    faults: &mut Faults,
) {
    mode(default_mode, path.child("defaultMode"), faults);
    files(items, path.child("items"), faults);
}

fn files(items: Option<&[core::KeyToPath]>, list: Path<'_>, faults: &mut Faults) {
    for (index, item) in items.into_iter().flatten().enumerate() {
        file(item, list.index(index), faults);
    }
}

fn file(item: &core::KeyToPath, path: Path<'_>, faults: &mut Faults) {
    if item.key.is_empty() {
        faults.required(path.child("key"), "");
    }
    if item.path.is_empty() {
        faults.required(path.child("path"), "");
    }
    local_path(&item.path, path.child("path"), faults);
    mode(item.mode, path.child("mode"), faults);
}

/// A path in a volume that does not look like one that the kubelet keeps for itself.
pub(super) fn local_path(text: &str, path: Path<'_>, faults: &mut Faults) {
    descending_path(text, path, faults);
    if text.starts_with("..") && !text.starts_with("../") {
        faults.invalid(path, text, "must not start with '..'");
    }
}

fn mode(mode: Option<i32>, path: Path<'_>, faults: &mut Faults) {
    if let Some(mode) = mode.filter(|mode| !MODES.contains(mode)) {
        faults.invalid(path, mode, "must be a number between 0 and 0777 (octal), both inclusive");
    }
}

fn downward_file(file: &core::DownwardAPIVolumeFile, path: Path<'_>, faults: &mut Faults) {
    if file.path.is_empty() {
        faults.required(path.child("path"), "");
    }
    local_path(&file.path, path.child("path"), faults);
    match (&file.field_ref, &file.resource_field_ref) {
        (Some(field), amount) => {
            environment::field_reference(field, &environment::OF_FILES, path.child("fieldRef"), faults);
            if amount.is_some() {
                let detail = "fieldRef and resourceFieldRef can not be specified simultaneously";
                faults.invalid(path, "resource", detail);
            }
        }
        (None, Some(amount)) => {
            environment::amount_reference(amount, true, path.child("resourceFieldRef"), faults);
        }
        (None, None) => faults.required(path, "one of fieldRef and resourceFieldRef is required"),
    }
    mode(file.mode, path.child("mode"), faults);
}

fn projections(projected: &core::ProjectedVolumeSource, path: Path<'_>, faults: &mut Faults) {
    const TWICE: &str = "conflicting duplicate paths";
    let list = path.child("sources");
    let mut seen = BTreeSet::new();
    for (index, source) in projected.sources.iter().flatten().enumerate() {
        let entry = list.index(index);
        let named = [
            ("secret", source.secret.as_ref().map(|secret| (&secret.name, &secret.items))),
            ("configMap", source.config_map.as_ref().map(|map| (&map.name, &map.items))),
        ];
        for (field, (name, items)) in named.iter().filter_map(|(field, of)| Some((field, (*of)?))) {
            let at = entry.child(field);
            if name.is_empty() {
                faults.required(at.child("name"), "");
            }
            let files = at.child("items");
            for (place, item) in items.iter().flatten().enumerate() {
                file(item, files.index(place), faults);
                if !item.path.is_empty() && !seen.insert(item.path.clone()) {
                    faults.invalid(path, name, TWICE);
                }
            }
        }
        for item in source.downward_api.iter().filter_map(|downward| downward.items.as_ref()).flatten() {
            downward_file(item, entry.child("downwardAPI"), faults);
            if !item.path.is_empty() && !seen.insert(item.path.clone()) {
                faults.invalid(path, &item.path, TWICE);
            }
        }
        if let Some(token) = &source.service_account_token {
            let at = entry.child("serviceAccountToken");
            let seconds = token.expiration_seconds.unwrap_or(3600);
            if seconds < *TOKEN_LIFE.start() {
                let detail = "may not specify a duration less than 10 minutes";
                faults.invalid(at.child("expirationSeconds"), seconds, detail);
            }
            if seconds > *TOKEN_LIFE.end() {
                let detail = "may not specify a duration larger than 2^32 seconds";
                faults.invalid(at.child("expirationSeconds"), seconds, detail);
            }
            match token.path.as_str() {
                "" => faults.required(path.child("path"), ""),
                text => local_path(text, path.child("path"), faults),
            }
        }
        let kinds = named.iter().filter(|(_, of)| of.is_some()).count()
            + usize::from(source.downward_api.is_some())
            + usize::from(source.service_account_token.is_some())
            + usize::from(source.cluster_trust_bundle.is_some());
        if kinds > 1 {
            faults.forbidden(entry, "may not specify more than 1 volume type per source");
        }
    }
}
