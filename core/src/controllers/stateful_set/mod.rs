//! Keeps the numbered pods of a StatefulSet, one after the other. Upstream:
//! `pkg/controller/statefulset/{stateful_set.go,stateful_set_control.go}`.
//!
//! A look first settles which revisions of the template there are ([`revisions`]), then walks the pods ([`walk`]):
//! upwards to create what is missing, downwards to delete what is too many, downwards to replace what is outdated.
//! The walk ends at the first pod that has to move on before anything else may happen. What pods and claims are
//! called is in [`identity`], who owns claims in [`claims`].

mod claims;
mod identity;
mod revisions;
mod status;
mod walk;

use std::rc::Rc;

use super::claim::{self, Claim, claim};
use super::history;
use crate::api::{ControllerRevision, Kind, Meta, ObjectRef, Pod, Selector, StatefulSet, Uid};
use crate::apiserver::{Change, Patch, Reason, Store};
use crate::controllers::Controller;
use crate::engine::memory::Memory;
use crate::plan::{Outcomes, Plan, Snapshot, Turn};
use crate::time::{Duration, Time};
use crate::why::stateful_set::StatefulSet as Why;
use walk::Walk;

/// The StatefulSet controller.
pub const CONTROLLER: Controller = Controller {
    name: "statefulset",
    component: "statefulset-controller",
    watches: &[Kind::StatefulSet, Kind::Pod, Kind::PersistentVolumeClaim, Kind::ControllerRevision],
    reads_own_writes: true,
    knows_own: None,
    delay: super::at_once,
    back_off: super::BACK_OFF,
    wakes,
    reconcile,
};

fn wakes(store: &Store, change: &Change, _memory: &mut Rc<Memory>, wakes: &mut Vec<ObjectRef>) {
    match change.object.kind {
        Kind::StatefulSet => wakes.push(change.object.clone()),
        Kind::Pod => {
            let namespace = &*change.object.key.namespace;
            let adopters = |meta: &Meta| {
                let sets = store.list_in::<StatefulSet>(namespace);
                let matching = sets
                    .filter(|set| Selector::from_api(&set.spec.selector).matches(&meta.labels))
                    .filter(|set| set.ordinal_of(change.object.name()).is_some());
                matching.map(|set| ObjectRef::new(Kind::StatefulSet, set.key.clone())).collect()
            };
            claim::concerned(store, Kind::StatefulSet, change, adopters, wakes);
        }
        _ => {}
    }
}

fn reconcile(snapshot: &Snapshot<'_>, target: &ObjectRef, outcomes: &Outcomes, plan: &mut Plan) {
    let store = snapshot.store;
    let Some(set) = store.get::<StatefulSet>(&target.key) else { return };
    if outcomes.turn == Turn::default() && claim_all(store, set, plan) {
        return;
    }
    let history = history::revisions_of(store, set.uid);
    let Some(revisions) = revisions::settle(store, set, &history, outcomes, plan) else { return };
    let walk = Walk::new(snapshot, set, &revisions);
    if !set.is_terminating() {
        walk.walk(plan);
    }
    status::report(&walk, plan);
    revisions::forget_old(&walk, &history, plan);
}

/// Adopts matching orphans and releases what matches no more. Whether there were any: the look after these writes
/// goes on.
fn claim_all(store: &Store, set: &Rc<StatefulSet>, plan: &mut Plan) -> bool {
    let selector = Selector::from_api(&set.spec.selector);
    for revision in history::orphans(store, set, &selector) {
        let target = ObjectRef::new(Kind::ControllerRevision, revision.key.clone());
        adopt(set, target, revision.uid, plan);
    }
    let orphans = store.owned_pods(Uid::default());
    let adoptable =
        orphans.is_some_and(|pods| pods.active_by_labels().any(|(labels, _)| selector.matches(labels)));
    let nobodys = adoptable.then(|| store.orphan_pods()).into_iter().flatten();
    for pod in store.pods_of(set.uid).chain(nobodys) {
        if pod.key.namespace != set.key.namespace {
            continue;
        }
        let target = ObjectRef::new(Kind::Pod, pod.key.clone());
        let is_member = set.ordinal_of(pod.name()).is_some();
        match claim(&**set, &selector, &**pod) {
            Claim::Adopt if is_member => adopt(set, target, pod.uid, plan),
            Claim::Keep if !is_member && !set.is_terminating() => release(set, target, pod, plan),
            Claim::Release => release(set, target, pod, plan),
            Claim::Adopt | Claim::Keep | Claim::Ignore => {}
        }
    }
    !plan.intents.is_empty()
}

fn adopt(set: &StatefulSet, target: ObjectRef, uid: Uid, plan: &mut Plan) {
    let patch = Patch::AddOwner(claim::owner_reference(Kind::StatefulSet, set));
    plan.patch(target, uid, patch, Why::AdoptsMatching).accept(Reason::NotFound);
}

fn release(set: &StatefulSet, target: ObjectRef, pod: &Pod, plan: &mut Plan) {
    let patch = Patch::RemoveOwner(set.uid);
    plan.patch(target, pod.uid, patch, Why::ReleasesUnmatching).accept(Reason::NotFound);
}

/// The revision that a pod was made from.
fn revision_of(pod: &Pod) -> &str {
    pod.label(history::POD_LABEL).unwrap_or_default()
}

fn is_running_and_ready(pod: &Pod) -> bool {
    pod.phase() == "Running" && pod.is_ready()
}

fn is_available(set: &StatefulSet, pod: &Pod, now: Time) -> bool {
    is_running_and_ready(pod) && pod.ready_since().is_some_and(|since| since + min_ready(set) <= now)
}

fn min_ready(set: &StatefulSet) -> Duration {
    Duration::from_seconds(u64::try_from(set.min_ready_seconds()).unwrap_or(0))
}

/// The two revisions that matter.
struct Revisions {
    /// What the pods were made from before an update, and are made from below the partition.
    current: Rc<ControllerRevision>,
    /// The latest one.
    update: Rc<ControllerRevision>,
    /// `status.collisionCount`
    collision_count: i32,
}
