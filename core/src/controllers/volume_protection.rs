//! Keeps claims while pods use them, and volumes while claims are bound to them. Upstream:
//! `pkg/controller/volume/{pvcprotection,pvprotection}`.

use std::rc::Rc;

use crate::api::{Key, Kind, Object, ObjectRef, PersistentVolume, PersistentVolumeClaim, Pod};
use crate::api::{claim, persistent_volume};
use crate::apiserver::{Change, Patch, Reason, Store};
use crate::controllers::Controller;
use crate::engine::memory::Memory;
use crate::plan::{Outcomes, Plan, Snapshot};
use crate::why::Volume as Why;

/// The controllers that protect claims and volumes.
pub const CONTROLLER: Controller = Controller {
    name: "volume protection",
    component: "pvc-protection-controller",
    watches: &[Kind::PersistentVolumeClaim, Kind::PersistentVolume, Kind::Pod],
    reads_own_writes: true,
    knows_own: None,
    delay: super::at_once,
    back_off: super::BACK_OFF,
    wakes,
    reconcile,
};

fn wakes(_store: &Store, change: &Change, _memory: &mut Rc<Memory>, wakes: &mut Vec<ObjectRef>) {
    match (&change.before, &change.after) {
        (_, Some(object @ (Object::PersistentVolumeClaim(_) | Object::PersistentVolume(_)))) => {
            let is_held = object.meta().finalizers.iter().any(|name| name == finalizer_of(object.kind()));
            let is_deleted = object.meta().deletion.is_some();
            if is_held == is_deleted {
                wakes.push(change.object.clone());
            }
        }
        (Some(Object::Pod(pod)), None) => wake_claims_of(pod, wakes),
        (_, Some(Object::Pod(pod))) if pod.is_finished() || pod.node().is_none() => {
            wake_claims_of(pod, wakes);
        }
        _ => {}
    }
}

fn wake_claims_of(pod: &Pod, wakes: &mut Vec<ObjectRef>) {
    let key = |name: String| Key { namespace: pod.key.namespace.clone(), name: name.into() };
    wakes.extend(pod.claims().map(|claim| ObjectRef::new(Kind::PersistentVolumeClaim, key(claim.name))));
}

fn finalizer_of(kind: Kind) -> &'static str {
    if kind == Kind::PersistentVolume { persistent_volume::PROTECTION } else { claim::PROTECTION }
}

fn reconcile(snapshot: &Snapshot<'_>, target: &ObjectRef, _outcomes: &Outcomes, plan: &mut Plan) {
    let store = snapshot.store;
    let Some(object) = store.object(target) else { return };
    let finalizer = finalizer_of(target.kind);
    let is_held = object.meta().finalizers.iter().any(|name| name == finalizer);
    match (object.meta().deletion, is_held) {
        (None, false) => protect(object, finalizer, plan),
        (Some(_), true) => let_go_unless_used(store, &object, finalizer, plan),
        _ => {}
    }
}

fn protect(mut object: Object, finalizer: &str, plan: &mut Plan) {
    Rc::make_mut(&mut object.meta_mut().finalizers).push(finalizer.to_owned());
    plan.update(object, Why::Protects).accept(Reason::NotFound);
}

fn let_go_unless_used(store: &Store, object: &Object, finalizer: &str, plan: &mut Plan) {
    let (keeps, lets_go) = match object {
        Object::PersistentVolume(volume) => {
            (is_bound(volume).then_some(Why::KeepsVolume), Why::VolumeIsUnused)
        }
        Object::PersistentVolumeClaim(claim) => {
            let pods = store.pods_using(&claim.key).filter(|pod| is_user(pod, claim)).count() as u32;
            ((pods > 0).then_some(Why::KeepsClaim { pods }), Why::ClaimIsUnused)
        }
        _ => return,
    };
    if let Some(why) = keeps {
        return plan.nothing_to_do(why);
    }
    let patch = Patch::RemoveFinalizer(finalizer.to_owned());
    plan.patch(object.reference(), object.uid(), patch, lets_go).accept(Reason::NotFound);
}

fn is_bound(volume: &PersistentVolume) -> bool {
    volume.phase() == "Bound"
}

/// Whether the claim is kept for `pod`: one that has a node. A claim that a pod brought itself goes once the kubelet
/// is done with that pod.
fn is_user(pod: &Pod, claim: &PersistentVolumeClaim) -> bool {
    let is_shut_down = pod.meta.deletion.is_some_and(|deletion| deletion.grace_seconds == 0);
    let uses =
        |used: crate::api::claim::PodClaim| used.name == claim.name() && !(used.is_ephemeral && is_shut_down);
    pod.node().is_some() && pod.claims().any(uses)
}
