//! PersistentVolumeClaims. Upstream: `ValidatePersistentVolumeClaim` and `ValidatePersistentVolumeClaimUpdate` in
//! `pkg/apis/core/validation/validation.go`.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::field::{Faults, Path, Shown};
use super::{names, selector};
use crate::api::{PersistentVolumeClaim, quantity};

const SPEC: Path<'_> = Path::root("spec");
/// The access modes, as upstream lists them.
const ACCESS_MODES: [&str; 4] = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
/// The volume modes, as upstream lists them.
pub(super) const VOLUME_MODES: [&str; 2] = ["Block", "Filesystem"];

/// Checks a claim. A spec that the stored version has already is fine.
#[inline(never)]
pub(super) fn claim(
    claim: &PersistentVolumeClaim,
    before: Option<&PersistentVolumeClaim>,
    faults: &mut Faults,
) {
    if before.is_some_and(|before| Rc::ptr_eq(&before.spec, &claim.spec)) {
        return;
    }
    spec(&claim.spec, SPEC, faults);
    if let Some(before) = before {
        unchanged(claim, before, faults);
    }
}

/// Checks the spec of a claim, or of a template of one.
pub(super) fn spec(spec: &core::PersistentVolumeClaimSpec, path: Path<'_>, faults: &mut Faults) {
    let modes = spec.access_modes.as_deref().unwrap_or_default();
    if modes.is_empty() {
        faults.required(path.child("accessModes"), "at least 1 access mode is required");
    }
    if let Some(wanted) = &spec.selector {
        selector::label_selector(wanted, path.child("selector"), faults);
    }
    access_modes(modes, path.child("accessModes"), faults);
    let requests = spec.resources.as_ref().and_then(|resources| resources.requests.as_ref());
    let storage = path.child("resources");
    match requests.and_then(|requests| requests.get("storage")) {
        None => faults.required(storage.key("storage"), ""),
        Some(asked) => positive(asked, storage.key("storage"), faults),
    }
    if let Some(class) = spec.storage_class_name.as_deref().filter(|class| !class.is_empty()) {
        faults.invalid_each(path.child("storageClassName"), class, names::dns_subdomain(class));
    }
    if let Some(mode) = spec.volume_mode.as_deref().filter(|mode| !VOLUME_MODES.contains(mode)) {
        faults.unsupported(path.child("volumeMode"), mode, &VOLUME_MODES);
    }
}

/// Refuses modes that there are not, and others beside ReadWriteOncePod.
pub(super) fn access_modes(modes: &[String], path: Path<'_>, faults: &mut Faults) {
    for mode in modes.iter().filter(|mode| !ACCESS_MODES.contains(&mode.as_str())) {
        faults.unsupported(path, mode, &ACCESS_MODES);
    }
    let for_one_pod = modes.iter().filter(|mode| *mode == "ReadWriteOncePod").count();
    if for_one_pod > 0 && for_one_pod < modes.len() {
        faults.forbidden(path, "may not use ReadWriteOncePod with other access modes");
    }
}

/// Refuses amounts that are not more than nothing.
pub(super) fn positive(amount: &Quantity, path: Path<'_>, faults: &mut Faults) {
    if quantity::thousandths(&amount.0).is_some_and(|amount| amount <= 0) {
        faults.invalid(path, Shown::verbatim(format!("{:?}", amount.0)), "must be greater than zero");
    }
}

/// Once a claim is there, it may get its volume, a class if it named none, and grow if it is bound.
fn unchanged(claim: &PersistentVolumeClaim, before: &PersistentVolumeClaim, faults: &mut Faults) {
    let mut allowed = (*before.spec).clone();
    let wanted = &claim.spec;
    if before.volume().is_empty() {
        allowed.volume_name.clone_from(&wanted.volume_name);
    }
    if before.spec.storage_class_name.is_none() {
        allowed.storage_class_name.clone_from(&wanted.storage_class_name);
    }
    let asked = |spec: &core::PersistentVolumeClaimSpec| storage_of(spec).cloned();
    if claim.phase() == "Bound"
        && let Some(requests) = allowed.resources.as_mut().and_then(|resources| resources.requests.as_mut())
        && let Some(amount) = asked(wanted)
    {
        requests.insert("storage".to_owned(), amount);
    }
    allowed.volume_attributes_class_name.clone_from(&wanted.volume_attributes_class_name);
    if allowed != **wanted {
        let detail = "spec is immutable after creation except resources.requests and volumeAttributesClassName \
                      for bound claims\n";
        faults.forbidden(SPEC, format!("{detail}{}", differences(&allowed, wanted)));
    }
    if claim.requested_bytes() < before.requested_bytes() {
        let capacity = before.status.capacity.as_ref().and_then(|capacity| capacity.get("storage"));
        let granted = capacity.map_or(0, |amount| quantity::amount("storage", amount));
        if claim.requested_bytes() <= granted {
            let path = Path::root("spec.resources.requests.storage");
            faults.forbidden(path, "field can not be less than status.capacity");
        }
    }
}

fn storage_of(spec: &core::PersistentVolumeClaimSpec) -> Option<&Quantity> {
    spec.resources.as_ref()?.requests.as_ref()?.get("storage")
}

/// The fields that differ, `-` as they are and `+` as they were sent.
fn differences(before: &core::PersistentVolumeClaimSpec, after: &core::PersistentVolumeClaimSpec) -> String {
    let fields = |spec: &core::PersistentVolumeClaimSpec| serde_json::to_value(spec).unwrap_or_default();
    let (before, after) = (fields(before), fields(after));
    let mut names: Vec<&String> = [&before, &after]
        .into_iter()
        .filter_map(|spec| spec.as_object())
        .flat_map(|spec| spec.keys())
        .collect();
    crate::order::sort(&mut names);
    names.dedup();
    let mut told = String::new();
    for name in names.into_iter().filter(|name| before.get(*name) != after.get(*name)) {
        for (sign, spec) in [('-', &before), ('+', &after)] {
            if let Some(value) = spec.get(name) {
                told += &format!("{sign} {name}: {value}\n");
            }
        }
    }
    told
}
