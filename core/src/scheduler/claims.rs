//! Gets volumes for the claims that wait for their pod's node, and holds the pod's binding back until they have them.
//! Upstream: `Reserve` and `PreBind` of `plugins/volumebinding`.

use std::rc::Rc;

use super::filter::volume_binding::{Binding, Claims};
use super::memory::SchedulerMemory;
use super::queue::QueuedPod;
use crate::api::claim::{BOUND_BY_CONTROLLER, SELECTED_NODE};
use crate::api::{Object, PersistentVolume, PersistentVolumeClaim, Pod, Uid};
use crate::apiserver::Store;
use crate::plan::{Plan, Snapshot};
use crate::time::{Duration, Time};
use crate::why;

/// How long a pod's claims may take to get their volumes. Upstream: `bindTimeoutSeconds`.
const LONGEST: Duration = Duration::from_seconds(600);

/// A pod whose node is chosen, and whose claims are getting their volumes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reserved {
    /// As it was in the queue.
    pub(super) queued: QueuedPod,
    /// Its node.
    pub(super) node: Rc<str>,
    /// Since when it waits.
    pub(super) since: Time,
}

/// What became of a pod that waited for volumes.
pub(super) enum Settled {
    /// Its claims have their volumes.
    Bound(Reserved),
    /// They took too long.
    TimedOut(Reserved),
}

/// Plans what the claims of `pod` need on `node`. Whether there was anything: the pod is bound once they have it.
pub(super) fn reserve(
    snapshot: &Snapshot<'_>,
    memory: &mut SchedulerMemory,
    pod: &Rc<Pod>,
    node: &Rc<str>,
    queued: &QueuedPod,
    plan: &mut Plan,
) -> bool {
    let store = snapshot.store;
    let claims = Claims::of(pod, store);
    if claims.are_bound() {
        return false;
    }
    let Some(on) = store.get_cluster_wide(node) else { return false };
    let Some(bindings) = claims.on(store, on) else { return false };
    let why = why::Scheduler::BindsClaims {
        pod: pod.key.clone(),
        node: node.clone(),
        claims: bindings.len() as u32,
    };
    for binding in bindings {
        let object = match binding {
            Binding::Volume(claim, volume) => Object::PersistentVolume(Rc::new(told_of(volume, claim))),
            Binding::Provision(claim) => Object::PersistentVolumeClaim(Rc::new(sent_to(claim, node))),
        };
        plan.update(object, why.clone());
    }
    let reserved = Reserved { queued: queued.clone(), node: node.clone(), since: snapshot.now };
    memory.reserved.insert(pod.uid, Rc::new(reserved));
    true
}

/// The first pod that need not wait any longer.
pub(super) fn settled(memory: &mut SchedulerMemory, store: &Store, now: Time) -> Option<Settled> {
    let is_settled = |uid: &Uid, reserved: &Reserved| {
        has_volumes(store, reserved) || reserved.since + LONGEST <= now || !memory.assumed.contains_key(uid)
    };
    let (uid, reserved) = memory.reserved.iter().find(|(uid, reserved)| is_settled(uid, reserved))?;
    let (uid, reserved) = (*uid, (**reserved).clone());
    memory.reserved.remove(&uid);
    Some(if has_volumes(store, &reserved) { Settled::Bound(reserved) } else { Settled::TimedOut(reserved) })
}

/// When the first pod has waited for too long.
pub(super) fn next_moment(memory: &SchedulerMemory) -> Option<Time> {
    memory.reserved.values().map(|reserved| reserved.since + LONGEST).min()
}

/// Whether a change of claims lets a pod be bound.
pub(super) fn is_any_ready(memory: &SchedulerMemory, store: &Store) -> bool {
    memory.reserved.values().any(|reserved| has_volumes(store, reserved))
}

fn has_volumes(store: &Store, reserved: &Reserved) -> bool {
    let pod = store.get::<Pod>(&reserved.queued.key).filter(|pod| pod.uid == reserved.queued.uid);
    pod.is_some_and(|pod| Claims::of(pod, store).are_bound())
}

/// `volume`, kept for `claim`: the PersistentVolume controller binds the two.
fn told_of(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> PersistentVolume {
    let mut told = volume.clone();
    if !volume.is_for(claim) {
        let annotations = &mut Rc::make_mut(&mut told.meta).annotations;
        Rc::make_mut(annotations).insert(BOUND_BY_CONTROLLER.to_owned(), "yes".to_owned());
    }
    Rc::make_mut(&mut told.spec).claim_ref = Some(claim.reference());
    told
}

/// `claim`, whose volume is to be made where `node` can reach it.
fn sent_to(claim: &PersistentVolumeClaim, node: &str) -> PersistentVolumeClaim {
    let mut sent = claim.clone();
    let annotations = &mut Rc::make_mut(&mut sent.meta).annotations;
    Rc::make_mut(annotations).insert(SELECTED_NODE.to_owned(), node.to_owned());
    sent
}
