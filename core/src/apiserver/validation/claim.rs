//! PersistentVolumeClaims. Upstream: `ValidatePersistentVolumeClaim` and `ValidatePersistentVolumeClaimUpdate` in
//! `pkg/apis/core/validation/validation.go`.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::field::{Faults, Path, Shown};
use super::{go_value, names, pod_update, selector};
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
    if spec.data_source.is_some() || spec.data_source_ref.is_some() {
        sources(spec, path, faults);
    }
    if let Some(class) = spec.volume_attributes_class_name.as_deref().filter(|class| !class.is_empty()) {
        faults.invalid_each(path.child("volumeAttributesClassName"), class, names::dns_subdomain(class));
    }
}

/// What the volume is to be filled with. Upstream: `validateDataSource`, `validateDataSourceRef`.
#[inline(never)]
fn sources(spec: &core::PersistentVolumeClaimSpec, path: Path<'_>, faults: &mut Faults) {
    let old = spec.data_source.as_ref().map(|it| (it.api_group.as_deref(), &it.kind, &it.name));
    let new = spec.data_source_ref.as_ref().map(|it| (it.api_group.as_deref(), &it.kind, &it.name));
    for (field, source) in [("dataSource", old), ("dataSourceRef", new)] {
        let Some((group, kind, name)) = source else { continue };
        let path = path.child(field);
        for (field, text) in [("name", name), ("kind", kind)] {
            if text.is_empty() {
                faults.required(path.child(field), "");
            }
        }
        match group.unwrap_or_default() {
            "" if kind != "PersistentVolumeClaim" => {
                let detail = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
                faults.invalid(path, kind, detail);
            }
            "" => {}
            group => faults.invalid_each(path.child("apiGroup"), group, names::dns_subdomain(group)),
        }
    }
    // Upstream shows the path in the place of the value: a struct without public fields.
    let shown = || Shown::verbatim("{}");
    let namespace = spec.data_source_ref.as_ref().and_then(|it| it.namespace.as_deref());
    match namespace.filter(|namespace| !namespace.is_empty()) {
        Some(_) if old.is_some() => {
            faults.invalid(path, shown(), "may not be specified when dataSourceRef.namespace is specified");
        }
        None if old.is_some() && new.is_some() && old != new => {
            faults.invalid(path, shown(), "must match dataSourceRef");
        }
        _ => {}
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
    if claim.phase() == "Bound" && wanted.volume_attributes_class_name.is_some() {
        allowed.volume_attributes_class_name.clone_from(&wanted.volume_attributes_class_name);
    }
    if allowed != **wanted {
        // Upstream sets what may change back in the new spec.
        let mut told = (**wanted).clone();
        told.volume_name.clone_from(&allowed.volume_name);
        let detail = "spec is immutable after creation except resources.requests and volumeAttributesClassName \
                      for bound claims";
        let text =
            |spec: &core::PersistentVolumeClaimSpec| go_value::indented("v1.PersistentVolumeClaimSpec", spec);
        let difference = pod_update::difference(&text(&allowed), &text(&told));
        faults.forbidden(SPEC, format!("{detail}\n{difference}"));
    }
    if claim.requested_bytes() < before.requested_bytes() {
        let capacity = before.status.capacity.as_ref().and_then(|capacity| capacity.get("storage"));
        let granted = capacity.map_or(0, |amount| quantity::amount("storage", amount));
        if claim.requested_bytes() <= granted {
            let path = Path::root("spec.resources.requests.storage");
            faults.forbidden(path, "field can not be less than status.capacity");
        }
    }
    if wanted.volume_mode != before.spec.volume_mode {
        faults.invalid(Path::root("volumeMode"), Shown::json(&wanted.volume_mode), "field is immutable");
    }
    if before.spec.volume_attributes_class_name.is_some() {
        let path = SPEC.child("volumeAttributesClassName");
        match wanted.volume_attributes_class_name.as_deref() {
            None => faults.forbidden(path, "update from non-nil value to nil is forbidden"),
            Some("") => faults.forbidden(path, "update from non-nil value to an empty string is forbidden"),
            Some(_) => {}
        }
    }
}

fn storage_of(spec: &core::PersistentVolumeClaimSpec) -> Option<&Quantity> {
    spec.resources.as_ref()?.requests.as_ref()?.get("storage")
}
