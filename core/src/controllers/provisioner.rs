//! Makes volumes for claims of the simulation's own storage class, and deletes them when their claims are gone: what
//! a CSI driver does beside a real cluster. Upstream: `kubernetes-sigs/sig-storage-lib-external-provisioner`.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use crate::api::claim::PROVISIONER;
use crate::api::persistent_volume::PROVISIONED_BY;
use crate::api::{
    Kind, Labels, Object, ObjectRef, PersistentVolume, PersistentVolumeClaim, StorageClass, resource,
};
use crate::apiserver::{Change, DeleteOptions, Reason, Store};
use crate::controllers::Controller;
use crate::engine::memory::Memory;
use crate::placement::volumes;
use crate::plan::{EventDraft, EventText, Outcomes, Plan, Snapshot};
use crate::simulation::storage::PROVISIONER as NAME;
use crate::time::Duration;
use crate::why::Volume as Why;

/// The provisioner.
pub const CONTROLLER: Controller = Controller {
    name: "provisioner",
    component: NAME,
    watches: &[Kind::PersistentVolumeClaim, Kind::PersistentVolume],
    reads_own_writes: true,
    knows_own: None,
    delay,
    back_off: super::BACK_OFF,
    wakes,
    reconcile,
};

/// How long it takes to make a volume.
const TIME_TO_MAKE: Duration = Duration::from_millis(800);

fn delay(change: &Change) -> Duration {
    if change.object.kind == Kind::PersistentVolumeClaim { TIME_TO_MAKE } else { Duration::ZERO }
}

fn wakes(_store: &Store, change: &Change, _memory: &mut Rc<Memory>, wakes: &mut Vec<ObjectRef>) {
    let concerns = match &change.after {
        Some(Object::PersistentVolumeClaim(claim)) => is_asked_for(claim),
        Some(Object::PersistentVolume(volume)) => is_to_go(volume),
        _ => false,
    };
    if concerns {
        wakes.push(change.object.clone());
    }
}

fn is_asked_for(claim: &PersistentVolumeClaim) -> bool {
    claim.annotation(PROVISIONER) == Some(NAME) && claim.volume().is_empty() && !claim.is_terminating()
}

fn is_to_go(volume: &PersistentVolume) -> bool {
    volume.annotation(PROVISIONED_BY) == Some(NAME)
        && volume.reclaim_policy() == "Delete"
        && volume.phase() == "Released"
        && !volume.is_terminating()
}

fn reconcile(snapshot: &Snapshot<'_>, target: &ObjectRef, _outcomes: &Outcomes, plan: &mut Plan) {
    let store = snapshot.store;
    if target.kind == Kind::PersistentVolume {
        let to_go = store.get::<PersistentVolume>(&target.key).filter(|volume| is_to_go(volume));
        if to_go.is_some() {
            plan.delete(target.clone(), DeleteOptions::default(), Why::DeletesVolume)
                .accept(Reason::NotFound);
        }
        return;
    }
    let Some(claim) = store.get::<PersistentVolumeClaim>(&target.key).filter(|claim| is_asked_for(claim))
    else {
        return;
    };
    let Some(class) = volumes::class_of(store, claim) else { return };
    let volume = volume_for(claim, class);
    if store.get::<PersistentVolume>(&volume.key).is_some() {
        return;
    }
    let why = Why::Provisions { class: class.key.name.clone(), bytes: claim.requested_bytes() };
    let object = Object::PersistentVolumeClaim(claim.clone());
    let started = format!("External provisioner is provisioning volume for claim \"{}\"", claim.key);
    plan.event(EventDraft::normal(&object, "Provisioning", EventText::Fixed(started.into())), why.clone());
    let done = format!("Successfully provisioned volume {}", volume.name());
    plan.create(Object::PersistentVolume(Rc::new(volume)), why).then_event(EventDraft::normal(
        &object,
        "ProvisioningSucceeded",
        EventText::Fixed(done.into()),
    ));
}

/// A volume that is bound to `claim` from the start.
fn volume_for(claim: &PersistentVolumeClaim, class: &StorageClass) -> PersistentVolume {
    let requests = claim.spec.resources.as_ref().and_then(|resources| resources.requests.clone());
    let spec = core::PersistentVolumeSpec {
        access_modes: claim.spec.access_modes.clone(),
        capacity: requests,
        claim_ref: Some(claim.reference()),
        csi: Some(core::CSIPersistentVolumeSource {
            driver: NAME.to_owned(),
            volume_handle: claim.uid.to_string(),
            ..core::CSIPersistentVolumeSource::default()
        }),
        mount_options: class.spec.mount_options.clone(),
        persistent_volume_reclaim_policy: class.spec.reclaim_policy.clone(),
        storage_class_name: Some(class.name().to_owned()),
        volume_mode: claim.spec.volume_mode.clone(),
        ..core::PersistentVolumeSpec::default()
    };
    let mut volume: PersistentVolume = resource(Default::default(), Rc::new(spec), Rc::default());
    volume.key.name = format!("pvc-{}", claim.uid).into();
    let annotations: Labels = [(PROVISIONED_BY.to_owned(), NAME.to_owned())].into();
    Rc::make_mut(&mut volume.meta).annotations = Rc::new(annotations);
    volume
}
