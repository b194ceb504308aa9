//! PersistentVolumeClaims, PersistentVolumes and StorageClasses in tables.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::age;
use super::table::{Column, always, wide};
use crate::api::{PersistentVolume, PersistentVolumeClaim, StorageClass};
use crate::time::Time;

pub(super) const CLAIM_COLUMNS: &[Column] = &[
    always("NAME"),
    always("STATUS"),
    always("VOLUME"),
    always("CAPACITY"),
    always("ACCESS MODES"),
    always("STORAGECLASS"),
    always("VOLUMEATTRIBUTESCLASS"),
    always("AGE"),
    wide("VOLUMEMODE"),
];

pub(super) const VOLUME_COLUMNS: &[Column] = &[
    always("NAME"),
    always("CAPACITY"),
    always("ACCESS MODES"),
    always("RECLAIM POLICY"),
    always("STATUS"),
    always("CLAIM"),
    always("STORAGECLASS"),
    always("VOLUMEATTRIBUTESCLASS"),
    always("REASON"),
    always("AGE"),
    wide("VOLUMEMODE"),
];

pub(super) const CLASS_COLUMNS: &[Column] = &[
    always("NAME"),
    always("PROVISIONER"),
    always("RECLAIMPOLICY"),
    always("VOLUMEBINDINGMODE"),
    always("ALLOWVOLUMEEXPANSION"),
    always("AGE"),
];

/// What stands for a field that is not set.
const UNSET: &str = "<unset>";

pub(super) fn claim_cells(claim: &PersistentVolumeClaim, now: Time) -> Vec<String> {
    let has_volume = !claim.volume().is_empty();
    let got = |amounts: &Option<_>| if has_volume { storage(amounts) } else { String::new() };
    let modes = claim.status.access_modes.as_deref().unwrap_or_default();
    let spec = &claim.spec;
    vec![
        claim.name().to_owned(),
        phase(claim.phase(), claim.is_terminating()),
        claim.volume().to_owned(),
        got(&claim.status.capacity),
        if has_volume { access_modes(modes) } else { String::new() },
        claim.class().to_owned(),
        spec.volume_attributes_class_name.clone().unwrap_or_else(|| UNSET.to_owned()),
        age::since(claim.meta.created, now),
        spec.volume_mode.clone().unwrap_or_else(|| UNSET.to_owned()),
    ]
}

pub(super) fn volume_cells(volume: &PersistentVolume, now: Time) -> Vec<String> {
    let spec = &volume.spec;
    vec![
        volume.name().to_owned(),
        storage(&spec.capacity),
        access_modes(volume.access_modes()),
        volume.reclaim_policy().to_owned(),
        phase(volume.phase(), volume.is_terminating()),
        volume.claim_key().map(|key| key.to_string()).unwrap_or_default(),
        volume.class().to_owned(),
        spec.volume_attributes_class_name.clone().unwrap_or_else(|| UNSET.to_owned()),
        volume.status.reason.clone().unwrap_or_default(),
        age::since(volume.meta.created, now),
        spec.volume_mode.clone().unwrap_or_else(|| UNSET.to_owned()),
    ]
}

pub(super) fn class_cells(class: &StorageClass, now: Time) -> Vec<String> {
    let default = if class.is_default() { " (default)" } else { "" };
    vec![
        format!("{}{default}", class.name()),
        class.spec.provisioner.clone(),
        class.spec.reclaim_policy.clone().unwrap_or_else(|| "Delete".to_owned()),
        class.spec.volume_binding_mode.clone().unwrap_or_else(|| "Immediate".to_owned()),
        class.spec.allow_volume_expansion.unwrap_or(false).to_string(),
        age::since(class.meta.created, now),
    ]
}

/// `RWO,ROX`, in upstream's order, each once.
pub(super) fn access_modes(modes: &[String]) -> String {
    const SHORT: [(&str, &str); 4] = [
        ("ReadWriteOnce", "RWO"),
        ("ReadOnlyMany", "ROX"),
        ("ReadWriteMany", "RWX"),
        ("ReadWriteOncePod", "RWOP"),
    ];
    let listed = SHORT.iter().filter(|(long, _)| modes.iter().any(|mode| mode == long));
    listed.map(|(_, short)| *short).collect::<Vec<_>>().join(",")
}

/// `1Gi`; `0` where no amount is listed.
pub(super) fn storage(amounts: &Option<BTreeMap<String, Quantity>>) -> String {
    let amount = amounts.as_ref().and_then(|amounts| amounts.get("storage"));
    amount.map_or_else(|| "0".to_owned(), |amount| amount.0.clone())
}

/// The phase, or that the object is being deleted.
pub(super) fn phase(phase: &str, is_terminating: bool) -> String {
    if is_terminating { "Terminating".to_owned() } else { phase.to_owned() }
}
