//! Binds a claim and a volume to each other: the volume's spec and status, then the claim's. Upstream: `bind` in
//! `pv_controller.go`. What is as it should be is not written again.

use std::rc::Rc;

use crate::api::claim::{BIND_COMPLETED, BOUND_BY_CONTROLLER};
use crate::api::{Labels, Object, PersistentVolume, PersistentVolumeClaim, quantity};
use crate::plan::Plan;
use crate::why::Volume as Why;
use crate::why::volume::Match;

/// Plans the writes by which `claim` and `volume` get to know of each other.
pub(super) fn bind(claim: &Rc<PersistentVolumeClaim>, volume: &Rc<PersistentVolume>, plan: &mut Plan) {
    let by_person = volume.is_for(claim) || !claim.volume().is_empty();
    let why = Why::Binds(Rc::new(Match {
        claim: claim.key.clone(),
        volume: volume.key.name.clone(),
        requested_bytes: claim.requested_bytes(),
        bytes: volume.bytes(),
        by_person,
    }));
    // A status write carries annotations too: each is made from what was written before.
    let told = volume_told(volume, claim).map(Rc::new);
    if let Some(told) = &told {
        plan.update(Object::PersistentVolume(told.clone()), why.clone());
    }
    if volume.phase() != "Bound" {
        let bound = in_phase(told.as_ref().unwrap_or(volume), "Bound", None);
        plan.update_status(Object::PersistentVolume(Rc::new(bound)), why.clone());
    }
    let told = claim_told(claim, volume).map(Rc::new);
    if let Some(told) = &told {
        plan.update(Object::PersistentVolumeClaim(told.clone()), why.clone());
    }
    if let Some(bound) = claim_bound(told.as_ref().unwrap_or(claim), volume) {
        plan.update_status(Object::PersistentVolumeClaim(Rc::new(bound)), why);
    }
}

/// `volume` in a phase. Its spec may have been written just now: the status is written whatever version this is.
pub(super) fn in_phase(volume: &PersistentVolume, phase: &str, message: Option<&str>) -> PersistentVolume {
    let mut changed = volume.clone();
    changed.resource_version = 0;
    let status = Rc::make_mut(&mut changed.status);
    status.phase = Some(phase.to_owned());
    status.message = message.map(str::to_owned);
    changed
}

/// `claim` in a phase, without what it has got.
pub(super) fn claim_in_phase(claim: &PersistentVolumeClaim, phase: &str) -> PersistentVolumeClaim {
    let mut changed = claim.clone();
    changed.resource_version = 0;
    let status = Rc::make_mut(&mut changed.status);
    status.phase = Some(phase.to_owned());
    (status.access_modes, status.capacity) = (None, None);
    changed
}

/// `volume` with its claim written into it. That it was this controller's choice is noted, so that it may undo it.
fn volume_told(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> Option<PersistentVolume> {
    if volume.claim_uid() == Some(claim.uid) {
        return None;
    }
    let mut told = volume.clone();
    if !volume.is_for(claim) {
        annotate(&mut Rc::make_mut(&mut told.meta).annotations, BOUND_BY_CONTROLLER);
    }
    Rc::make_mut(&mut told.spec).claim_ref = Some(claim.reference());
    Some(told)
}

fn claim_told(claim: &PersistentVolumeClaim, volume: &PersistentVolume) -> Option<PersistentVolumeClaim> {
    if claim.volume() == volume.name() && claim.is_bound() {
        return None;
    }
    let mut told = claim.clone();
    let annotations = &mut Rc::make_mut(&mut told.meta).annotations;
    if claim.volume() != volume.name() {
        annotate(annotations, BOUND_BY_CONTROLLER);
    }
    annotate(annotations, BIND_COMPLETED);
    Rc::make_mut(&mut told.spec).volume_name = Some(volume.name().to_owned());
    Some(told)
}

fn claim_bound(claim: &PersistentVolumeClaim, volume: &PersistentVolume) -> Option<PersistentVolumeClaim> {
    let capacity = claim.status.capacity.as_ref().and_then(|capacity| capacity.get("storage"));
    let bytes = capacity.map(|storage| quantity::amount("storage", storage));
    let is_told = claim.phase() == "Bound"
        && claim.status.access_modes == volume.spec.access_modes
        && bytes == Some(volume.bytes());
    if is_told {
        return None;
    }
    let mut bound = claim_in_phase(claim, "Bound");
    let status = Rc::make_mut(&mut bound.status);
    status.access_modes.clone_from(&volume.spec.access_modes);
    status.capacity.clone_from(&volume.spec.capacity);
    Some(bound)
}

fn annotate(annotations: &mut Rc<Labels>, name: &str) {
    Rc::make_mut(annotations).insert(name.to_owned(), "yes".to_owned());
}
