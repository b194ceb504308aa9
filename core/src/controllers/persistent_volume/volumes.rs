//! One look at a volume: whose it is, and what becomes of it when its claim is gone. Upstream: `syncVolume`,
//! `unbindVolume` and `reclaimVolume`.

use std::rc::Rc;

use super::bind::in_phase;
use crate::api::claim::BOUND_BY_CONTROLLER;
use crate::api::persistent_volume::PROVISIONED_BY;
use crate::api::{Object, PersistentVolume, PersistentVolumeClaim};
use crate::apiserver::Store;
use crate::plan::{EventDraft, EventText, Plan};
use crate::why::Volume as Why;

/// Makes the phase of `volume` say what it is, and does what its reclaim policy asks for.
pub(super) fn sync(store: &Store, volume: &Rc<PersistentVolume>, plan: &mut Plan) {
    let Some(uid) = volume.claim_uid() else {
        // Nobody's, or kept for a claim by name.
        return enter(volume, "Available", Why::IsAvailable, plan);
    };
    let claim = volume.claim_key().and_then(|key| store.get::<PersistentVolumeClaim>(&key));
    let Some(claim) = claim.filter(|claim| claim.uid == uid) else {
        return release(volume, plan);
    };
    if claim.volume().is_empty() {
        return incompatible(volume, claim, plan);
    }
    if claim.volume() == volume.name() {
        return;
    }
    let is_made_for_it = volume.annotation(PROVISIONED_BY).is_some() && volume.reclaim_policy() == "Delete";
    if is_made_for_it { release(volume, plan) } else { unbind(volume, claim, plan) }
}

/// The look at the claim binds it, unless the two can never be one.
fn incompatible(volume: &Rc<PersistentVolume>, claim: &Rc<PersistentVolumeClaim>, plan: &mut Plan) {
    if volume.volume_mode() == claim.volume_mode() {
        return;
    }
    let why = Why::NamedVolumeDiffers {
        volume: volume.key.name.clone(),
        mismatch: crate::why::volume::Mismatch::VolumeMode,
    };
    let (of_volume, of_claim) =
        (Object::PersistentVolume(volume.clone()), Object::PersistentVolumeClaim(claim.clone()));
    let texts = [
        (
            of_volume,
            format!(
                "Cannot bind PersistentVolume to requested PersistentVolumeClaim {:?} due to incompatible volumeMode.",
                claim.name()
            ),
        ),
        (
            of_claim,
            format!(
                "Cannot bind PersistentVolume {:?} to requested PersistentVolumeClaim due to incompatible volumeMode.",
                volume.name()
            ),
        ),
    ];
    for (object, text) in texts {
        let draft = EventDraft::warning(&object, "VolumeMismatch", EventText::Fixed(text.into()));
        plan.event(draft, why.clone());
    }
}

/// The claim is gone, or has another volume that was made for it.
fn release(volume: &Rc<PersistentVolume>, plan: &mut Plan) {
    let policy: Rc<str> = volume.reclaim_policy().into();
    if !matches!(volume.phase(), "Released" | "Failed") {
        enter(volume, "Released", Why::IsReleased { policy: policy.clone() }, plan);
    }
    let (reason, text) = match &*policy {
        "Recycle" => ("VolumeFailedRecycle", "No recycler plugin found for the volume!".to_owned()),
        // Whoever made it deletes it.
        "Delete" if volume.annotation(PROVISIONED_BY).is_none() && volume.spec.csi.is_none() => {
            let name = volume.name();
            let text = format!(
                "error getting deleter volume plugin for volume {name:?}: no deletable volume plugin matched"
            );
            ("VolumeFailedDelete", text)
        }
        _ => return,
    };
    if volume.phase() == "Failed" {
        return;
    }
    let failed = Object::PersistentVolume(Rc::new(in_phase(volume, "Failed", Some(&text))));
    let told = EventDraft::warning(&failed, reason, EventText::Fixed(text.into()));
    plan.update_status(failed, Why::CannotReclaim { policy }).then_event(told);
}

/// The controller's own choice is taken back whole; a person's stays, without the uid.
fn unbind(volume: &Rc<PersistentVolume>, claim: &PersistentVolumeClaim, plan: &mut Plan) {
    let mut unbound = (**volume).clone();
    let spec = Rc::make_mut(&mut unbound.spec);
    if volume.annotation(BOUND_BY_CONTROLLER).is_some() {
        spec.claim_ref = None;
        let annotations = &mut Rc::make_mut(&mut unbound.meta).annotations;
        Rc::make_mut(annotations).remove(BOUND_BY_CONTROLLER);
    } else if let Some(claim) = &mut spec.claim_ref {
        claim.uid = None;
    }
    let unbound = Rc::new(unbound);
    plan.update(Object::PersistentVolume(unbound.clone()), Why::Unbinds { claim: claim.key.clone() });
    enter(&unbound, "Available", Why::IsAvailable, plan);
}

fn enter(volume: &Rc<PersistentVolume>, phase: &str, why: Why, plan: &mut Plan) {
    if volume.phase() != phase {
        plan.update_status(Object::PersistentVolume(Rc::new(in_phase(volume, phase, None))), why);
    }
}
