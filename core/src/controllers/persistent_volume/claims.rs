//! One look at a claim: which volume it gets, or what it waits for. Upstream: `syncUnboundClaim`, `syncBoundClaim`
//! and `provisionClaim`.

use std::rc::Rc;

use super::bind::{bind, claim_in_phase};
use crate::api::claim::{BIND_COMPLETED, BOUND_BY_CONTROLLER, PROVISIONER, PROVISIONER_BETA, SELECTED_NODE};
use crate::api::{Key, Object, PersistentVolume, PersistentVolumeClaim, StorageClass};
use crate::apiserver::Store;
use crate::placement::volumes;
use crate::plan::{EventDraft, EventText, Plan, Snapshot};
use crate::why::Volume as Why;

/// The in-tree plugins that were, and who makes their volumes now. Upstream: `k8s.io/csi-translation-lib`.
const MIGRATED: [(&str, &str); 7] = [
    ("kubernetes.io/aws-ebs", "ebs.csi.aws.com"),
    ("kubernetes.io/azure-disk", "disk.csi.azure.com"),
    ("kubernetes.io/azure-file", "file.csi.azure.com"),
    ("kubernetes.io/cinder", "cinder.csi.openstack.org"),
    ("kubernetes.io/gce-pd", "pd.csi.storage.gke.io"),
    ("kubernetes.io/portworx-volume", "pxd.portworx.com"),
    ("kubernetes.io/vsphere-volume", "csi.vsphere.vmware.com"),
];

/// Brings `claim` on its way to a volume.
pub(super) fn sync(snapshot: &Snapshot<'_>, claim: &Rc<PersistentVolumeClaim>, plan: &mut Plan) {
    if claim.annotation(BIND_COMPLETED).is_some() {
        return bound(snapshot.store, claim, plan);
    }
    match claim.volume() {
        "" => without_volume(snapshot, claim, plan),
        name => by_name(snapshot.store, claim, name, plan),
    }
    let binds = |why: &Why| matches!(why, Why::Binds(_) | Why::GetsDefaultClass { .. });
    let is_settled = plan.intents.iter().any(|intent| match &intent.why {
        crate::why::Why::Volume(why) => binds(why),
        _ => false,
    });
    if !is_settled {
        super::wait(snapshot.now, plan);
    }
}

/// Any volume will do, or one is to be made.
fn without_volume(snapshot: &Snapshot<'_>, claim: &Rc<PersistentVolumeClaim>, plan: &mut Plan) {
    let store = snapshot.store;
    if let Some(volume) = volumes::best_for(store, claim, None, &[]) {
        return bind(claim, volume, plan);
    }
    if !claim.names_class()
        && let Some(class) = volumes::default_class(store)
    {
        let mut classed = (**claim).clone();
        Rc::make_mut(&mut classed.spec).storage_class_name = Some(class.name().to_owned());
        let why = Why::GetsDefaultClass { class: class.key.name.clone() };
        plan.update(Object::PersistentVolumeClaim(Rc::new(classed)), why);
        return;
    }
    let waits = volumes::waits_for_consumer(store, claim) && claim.annotation(SELECTED_NODE).is_none();
    if waits {
        wait_for_consumer(store, claim, plan);
    } else if claim.class().is_empty() {
        let why = Why::NothingFits {
            requested_bytes: claim.requested_bytes(),
            volumes: store.count::<PersistentVolume>() as u32,
        };
        let text = "no persistent volumes available for this claim and no storage class is set";
        say(claim, "FailedBinding", text, why, plan);
    } else {
        return provision(store, claim, plan);
    }
    pending(claim, plan);
}

fn wait_for_consumer(store: &Store, claim: &Rc<PersistentVolumeClaim>, plan: &mut Plan) {
    let pods = store.pods_using(&claim.key).filter(|pod| pod.node().is_none());
    let pods: Vec<&str> = pods.map(|pod| pod.name()).collect();
    let (reason, text) = match &pods[..] {
        [] => ("WaitForFirstConsumer", "waiting for first consumer to be created before binding".to_owned()),
        [pod] => ("WaitForPodScheduled", format!("waiting for pod {pod} to be scheduled")),
        pods => ("WaitForPodScheduled", format!("waiting for pods {} to be scheduled", pods.join(","))),
    };
    let why = Why::WaitsForConsumer { class: claim.class().into(), pods: pods.len() as u32 };
    say(claim, reason, &text, why, plan);
}

/// Asks whoever makes volumes of the claim's class for one.
fn provision(store: &Store, claim: &Rc<PersistentVolumeClaim>, plan: &mut Plan) {
    let class_name: Rc<str> = claim.class().into();
    let Some(class) = volumes::class_of(store, claim) else {
        let text = format!("storageclass.storage.k8s.io \"{class_name}\" not found");
        return fail(claim, text, Why::CannotProvision { class: class_name }, plan);
    };
    let Some(provisioner) = provisioner_of(class) else {
        let text = format!("no volume plugin matched name: {}", class.spec.provisioner);
        return fail(claim, text, Why::CannotProvision { class: class_name }, plan);
    };
    let why = Why::AsksProvisioner { class: class_name, provisioner: provisioner.into() };
    let is_asked = |name: &str| claim.annotation(name) == Some(provisioner);
    if !is_asked(PROVISIONER) || !is_asked(PROVISIONER_BETA) {
        let mut asking = (**claim).clone();
        let annotations = Rc::make_mut(&mut Rc::make_mut(&mut asking.meta).annotations);
        for name in [PROVISIONER_BETA, PROVISIONER] {
            annotations.insert(name.to_owned(), provisioner.to_owned());
        }
        plan.update(Object::PersistentVolumeClaim(Rc::new(asking)), why.clone());
    }
    let text = format!(
        "Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually by the \
         system administrator. If volume creation is delayed, please verify that the provisioner is running and \
         correctly registered."
    );
    say(claim, "ExternalProvisioning", &text, why, plan);
}

/// Who makes volumes of this class; `None` where it would be a plugin of Kubernetes' own.
fn provisioner_of(class: &StorageClass) -> Option<&str> {
    let name = class.spec.provisioner.as_str();
    let migrated = MIGRATED.iter().find(|(old, _)| *old == name).map(|(_, new)| *new);
    migrated.or_else(|| (!name.starts_with("kubernetes.io/")).then_some(name))
}

/// The claim names its volume.
fn by_name(store: &Store, claim: &Rc<PersistentVolumeClaim>, name: &str, plan: &mut Plan) {
    let Some(volume) = store.get::<PersistentVolume>(&Key::new("", name)) else {
        plan.nothing_to_do(Why::NamedVolumeMissing { volume: name.into() });
        return pending(claim, plan);
    };
    if volume.is_for(claim) {
        return bind(claim, volume, plan);
    }
    if volume.claim().is_some() {
        let why = Why::NamedVolumeTaken { volume: name.into() };
        if claim.annotation(BOUND_BY_CONTROLLER).is_some() {
            return plan.fail(why);
        }
        let text = format!("volume {name:?} already bound to a different claim.");
        warn(claim, "FailedBinding", &text, why, plan);
        return pending(claim, plan);
    }
    let Some(mismatch) = volumes::mismatch(volume, claim) else { return bind(claim, volume, plan) };
    let text = format!("Cannot bind to requested volume {name:?}: {}", mismatch.message());
    warn(claim, "VolumeMismatch", &text, Why::NamedVolumeDiffers { volume: name.into(), mismatch }, plan);
    pending(claim, plan);
}

/// The claim was bound before: is its volume still its own?
fn bound(store: &Store, claim: &Rc<PersistentVolumeClaim>, plan: &mut Plan) {
    let named = Key::new("", claim.volume());
    let (reason, text) = match store.get::<PersistentVolume>(&named) {
        _ if claim.volume().is_empty() => {
            ("ClaimLost", "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!")
        }
        None => ("ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!"),
        Some(volume) if volume.claim().is_none() || volume.claim_uid() == Some(claim.uid) => {
            return bind(claim, volume, plan);
        }
        Some(_) => {
            ("ClaimMisbound", "Two claims are bound to the same volume, this one is bound incorrectly")
        }
    };
    if claim.phase() == "Lost" {
        return;
    }
    let lost = Object::PersistentVolumeClaim(Rc::new(claim_in_phase(claim, "Lost")));
    let told = EventDraft::warning(&lost, reason, EventText::Fixed(text.into()));
    plan.update_status(lost, Why::IsLost { volume: claim.volume().into() }).then_event(told);
}

/// The claim has no volume: its status says so.
fn pending(claim: &Rc<PersistentVolumeClaim>, plan: &mut Plan) {
    if claim.phase() == "Pending" && claim.status.access_modes.is_none() && claim.status.capacity.is_none() {
        return;
    }
    let why = Why::IsLost { volume: claim.volume().into() };
    plan.update_status(Object::PersistentVolumeClaim(Rc::new(claim_in_phase(claim, "Pending"))), why);
}

fn fail(claim: &Rc<PersistentVolumeClaim>, text: String, why: Why, plan: &mut Plan) {
    warn(claim, "ProvisioningFailed", &text, why, plan);
}

fn say(claim: &Rc<PersistentVolumeClaim>, reason: &'static str, text: &str, why: Why, plan: &mut Plan) {
    let object = Object::PersistentVolumeClaim(claim.clone());
    plan.event(EventDraft::normal(&object, reason, EventText::Fixed(text.into())), why);
}

fn warn(claim: &Rc<PersistentVolumeClaim>, reason: &'static str, text: &str, why: Why, plan: &mut Plan) {
    let object = Object::PersistentVolumeClaim(claim.clone());
    plan.event(EventDraft::warning(&object, reason, EventText::Fixed(text.into())), why);
}
