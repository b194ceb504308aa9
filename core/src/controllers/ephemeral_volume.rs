//! Creates the claims that pods bring themselves: generic ephemeral volumes. Upstream:
//! `pkg/controller/volume/ephemeral`.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use crate::api::{Key, Kind, Object, ObjectRef, PersistentVolumeClaim, Pod, resource};
use crate::apiserver::{Change, Store};
use crate::controllers::{Controller, claim};
use crate::engine::memory::Memory;
use crate::plan::{EventDraft, EventText, Outcomes, Plan, Snapshot};
use crate::why::Volume as Why;

/// The ephemeral volume controller.
pub const CONTROLLER: Controller = Controller {
    name: "ephemeral volume",
    component: "ephemeral_volume",
    watches: &[Kind::PersistentVolumeClaim, Kind::Pod],
    reads_own_writes: true,
    knows_own: None,
    delay: super::at_once,
    back_off: super::BACK_OFF,
    wakes,
    reconcile,
};

fn wakes(_store: &Store, change: &Change, _memory: &mut Rc<Memory>, wakes: &mut Vec<ObjectRef>) {
    match (&change.before, &change.after) {
        (None, Some(Object::Pod(pod))) if pod.claims().any(|claim| claim.is_ephemeral) => {
            wakes.push(change.object.clone());
        }
        (Some(Object::PersistentVolumeClaim(gone)), None) => {
            let owner = gone.meta.controller().filter(|owner| &*owner.kind == "Pod");
            let key = owner.map(|owner| Key { name: owner.name.clone(), ..gone.key.clone() });
            wakes.extend(key.map(|key| ObjectRef::new(Kind::Pod, key)));
        }
        _ => {}
    }
}

fn reconcile(snapshot: &Snapshot<'_>, target: &ObjectRef, _outcomes: &Outcomes, plan: &mut Plan) {
    let store = snapshot.store;
    let Some(pod) = store.get::<Pod>(&target.key).filter(|pod| !pod.is_terminating()) else { return };
    for volume in pod.spec.spec.volumes.iter().flatten() {
        let template = volume.ephemeral.as_ref().and_then(|source| source.volume_claim_template.as_ref());
        if let Some(template) = template {
            bring(store, pod, &volume.name, template, plan);
        }
    }
}

/// The claim of one volume.
fn bring(
    store: &Store,
    pod: &Rc<Pod>,
    volume: &str,
    template: &core::PersistentVolumeClaimTemplate,
    plan: &mut Plan,
) {
    let key = Key::new(pod.key.namespace.clone(), format!("{}-{volume}", pod.name()));
    if let Some(known) = store.get::<PersistentVolumeClaim>(&key) {
        if known.controller() != Some(pod.uid) {
            let why = Why::EphemeralClaimTaken { claim: key.name.clone() };
            let text = format!(
                "ephemeral volume {volume}: PVC {key} was not created for pod {} (pod is not owner)",
                pod.key
            );
            let object = Object::Pod(pod.clone());
            plan.event(
                EventDraft::warning(&object, "FailedBinding", EventText::Fixed(text.into())),
                why.clone(),
            );
            plan.fail(why);
        }
        return;
    }
    let mut meta = template.metadata.clone().unwrap_or_default();
    meta.name = Some(key.name.to_string());
    meta.namespace = Some(key.namespace.to_string());
    let mut wanted: PersistentVolumeClaim = resource(meta, Rc::new(template.spec.clone()), Rc::default());
    Rc::make_mut(&mut wanted.meta).owners = claim::sole_owner(Kind::Pod, pod);
    let failed =
        EventText::AfterError(format!("ephemeral volume {volume}: create PVC {}: ", key.name).into());
    plan.create(
        Object::PersistentVolumeClaim(Rc::new(wanted)),
        Why::EphemeralClaim { pod: pod.key.name.clone() },
    )
    .else_event(EventDraft::warning(&Object::Pod(pod.clone()), "FailedBinding", failed));
}
