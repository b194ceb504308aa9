//! Brings PersistentVolumeClaims and PersistentVolumes together. Upstream:
//! `pkg/controller/volume/persistentvolume/pv_controller.go`.
//!
//! A look is at one claim ([`claims`]) or one volume ([`volumes`]). Binding writes both sides, each first in its spec
//! and then in its status ([`bind`]). What waits is looked at again every 15 s: a new volume alone wakes no claim.

mod bind;
mod claims;
mod volumes;

use std::rc::Rc;

use crate::api::{Key, Kind, Object, ObjectRef, PersistentVolume, PersistentVolumeClaim};
use crate::apiserver::{Change, Store};
use crate::controllers::Controller;
use crate::engine::memory::Memory;
use crate::plan::{Outcomes, Plan, Snapshot};
use crate::time::{Duration, Time};
use crate::why::Volume as Why;

/// The PersistentVolume controller.
pub const CONTROLLER: Controller = Controller {
    name: "persistentvolume",
    component: "persistentvolume-controller",
    watches: &[Kind::PersistentVolumeClaim, Kind::PersistentVolume, Kind::StorageClass, Kind::Pod],
    reads_own_writes: true,
    knows_own: None,
    delay: super::at_once,
    back_off: super::BACK_OFF,
    wakes,
    reconcile,
};

/// How often everything is looked at, changed or not. Upstream: `PVClaimBinderSyncPeriod`.
const PERIOD: Duration = Duration::from_seconds(15);

fn wakes(store: &Store, change: &Change, _memory: &mut Rc<Memory>, wakes: &mut Vec<ObjectRef>) {
    match (&change.before, &change.after) {
        (_, Some(Object::PersistentVolumeClaim(_))) => wakes.push(change.object.clone()),
        (Some(Object::PersistentVolumeClaim(gone)), None) => {
            wakes.extend(volume_named(gone.volume()));
            // A volume that got to know the claim first is not named by it yet.
            let knowing = store.list::<PersistentVolume>().filter(|volume| volume.is_for(gone));
            wakes.extend(knowing.map(|volume| ObjectRef::new(Kind::PersistentVolume, volume.key.clone())));
        }
        (_, Some(Object::PersistentVolume(volume))) => {
            wakes.push(change.object.clone());
            wakes.extend(dangling_claim(store, volume));
        }
        (Some(Object::PersistentVolume(gone)), None) => {
            wakes.extend(gone.claim_key().map(|key| ObjectRef::new(Kind::PersistentVolumeClaim, key)));
        }
        _ => {}
    }
}

/// The claim that a volume is bound to, if the claim does not say so yet: the volume came with it.
fn dangling_claim(store: &Store, volume: &PersistentVolume) -> Option<ObjectRef> {
    let claim = store.get::<PersistentVolumeClaim>(&volume.claim_key()?)?;
    let dangles = volume.claim_uid() == Some(claim.uid) && claim.volume().is_empty();
    dangles.then(|| ObjectRef::new(Kind::PersistentVolumeClaim, claim.key.clone()))
}

fn volume_named(name: &str) -> Option<ObjectRef> {
    (!name.is_empty()).then(|| ObjectRef::new(Kind::PersistentVolume, Key::new("", name)))
}

fn reconcile(snapshot: &Snapshot<'_>, target: &ObjectRef, _outcomes: &Outcomes, plan: &mut Plan) {
    let store = snapshot.store;
    if let Some(claim) = store.get::<PersistentVolumeClaim>(&target.key).filter(|_| is_claim(target)) {
        claims::sync(snapshot, claim, plan);
    } else if let Some(volume) = store.get::<PersistentVolume>(&target.key).filter(|_| !is_claim(target)) {
        volumes::sync(store, volume, plan);
    } else {
        return;
    }
    if plan.intents.is_empty() && plan.nothing.is_none() && plan.again.is_none() {
        plan.nothing_to_do(Why::IsSettled);
    }
}

fn is_claim(target: &ObjectRef) -> bool {
    target.kind == Kind::PersistentVolumeClaim
}

/// Looks at what waits again when everything is.
fn wait(now: Time, plan: &mut Plan) {
    let next = Time((now.0 / PERIOD.0 + 1) * PERIOD.0);
    plan.look_again_in(next.since(now), Why::LooksAgain { seconds: PERIOD.whole_seconds() });
}
