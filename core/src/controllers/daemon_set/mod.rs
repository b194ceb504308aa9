//! Keeps one pod on every node that fits. Upstream: `pkg/controller/daemon/daemon_controller.go`.
//!
//! A look settles which revision of the template is the latest ([`revisions`]), asks of every node whether it fits
//! ([`fit`]), creates and deletes pods accordingly ([`manage`]), and where there is nothing of that kind to do rolls
//! to the latest template ([`update`]). The scheduler binds the pods: each asks for its node ([`pods`]).

mod fit;
mod look;
mod manage;
pub mod memory;
mod pods;
mod revisions;
mod status;
mod update;

use std::rc::Rc;

use super::claim::{self, Claim, claim};
use super::history;
use crate::api::{DaemonSet, Kind, Meta, Object, ObjectRef, Selector, Uid};
use crate::apiserver::{Change, Patch, Reason, Store};
use crate::controllers::Controller;
use crate::engine::memory::Memory;
use crate::plan::{EventDraft, EventText, Outcomes, Plan, Snapshot, Turn};
use crate::why::daemon_set::DaemonSet as Why;
pub use fit::misfit;
use look::Look;
pub use pods::node_of;

/// The DaemonSet controller.
pub const CONTROLLER: Controller = Controller {
    name: "daemonset",
    component: "daemonset-controller",
    watches: &[Kind::DaemonSet, Kind::Pod, Kind::Node, Kind::ControllerRevision],
    reads_own_writes: true,
    knows_own: None,
    delay: super::at_once,
    back_off: super::BACK_OFF,
    wakes,
    reconcile,
};

/// The turn after the revision was written. The n-th turn after it follows the n-th batch of created pods.
const REVISED: Turn = Turn(1);

fn wakes(store: &Store, change: &Change, _memory: &mut Rc<Memory>, wakes: &mut Vec<ObjectRef>) {
    match change.object.kind {
        Kind::DaemonSet => wakes.push(change.object.clone()),
        Kind::Node => wakes_of_node(store, change, wakes),
        Kind::Pod => {
            let adopters = |meta: &Meta| {
                let sets = store.list_in::<DaemonSet>(&change.object.key.namespace);
                let matching =
                    sets.filter(|set| Selector::from_api(&set.spec.selector).matches(&meta.labels));
                matching.map(reference).collect()
            };
            claim::concerned(store, Kind::DaemonSet, change, adopters, wakes);
        }
        _ => {}
    }
}

fn reference(set: &Rc<DaemonSet>) -> ObjectRef {
    ObjectRef::new(Kind::DaemonSet, set.key.clone())
}

/// A node concerns the sets that it fits and has no pod of, and those that it has a pod of and does not fit any more.
/// What it merely reports otherwise can wait for the next look. Upstream: `syncNodeUpdate`.
fn wakes_of_node(store: &Store, change: &Change, wakes: &mut Vec<ObjectRef>) {
    let Some(Object::Node(after)) = &change.after else { return };
    let before = match &change.before {
        Some(Object::Node(before)) => Some(before),
        _ => None,
    };
    if before.is_some_and(|before| before.spec == after.spec && before.meta.labels == after.meta.labels) {
        return;
    }
    let concerned = store.list::<DaemonSet>().filter(|set| {
        let has_pod = store.pods_on(after.name()).any(|pod| pod.controller() == Some(set.uid));
        match fit::of(set, after) {
            fit::Fit::Runs => !has_pod,
            fit::Fit::MayStay(_) => false,
            fit::Fit::Unfit(_) => has_pod,
        }
    });
    wakes.extend(concerned.map(reference));
}

fn reconcile(snapshot: &Snapshot<'_>, target: &ObjectRef, outcomes: &Outcomes, plan: &mut Plan) {
    let store = snapshot.store;
    let Some(set) = store.get::<DaemonSet>(&target.key) else { return };
    let selector = Selector::from_api(&set.spec.selector);
    if selector.is_empty() {
        return refuse_to_select_everything(set, plan);
    }
    if outcomes.turn == Turn::default() && claim_all(store, set, &selector, plan) {
        return;
    }
    if set.is_terminating() {
        return;
    }
    let history = history::revisions_of(store, set.uid);
    let Some(revision) = revisions::settle(store, set, &history, outcomes, plan) else { return };
    let look = Look::new(snapshot, set, revision);
    if manage::manage(&look, outcomes, plan) {
        return;
    }
    status::report(&look, plan);
    revisions::forget_old(&look, &history, plan);
}

/// An empty selector matches every pod: nothing is done but to say so.
fn refuse_to_select_everything(set: &Rc<DaemonSet>, plan: &mut Plan) {
    let object = Object::DaemonSet(set.clone());
    let message = "This daemon set is selecting all pods. A non-empty selector is required.";
    let event = EventDraft::warning(&object, "SelectingAll", EventText::Fixed(message.into()));
    plan.event(event, Why::SelectsEverything);
}

/// Adopts matching orphans and releases what matches no more. Whether there were any: the look after these writes
/// goes on.
fn claim_all(store: &Store, set: &Rc<DaemonSet>, selector: &Selector, plan: &mut Plan) -> bool {
    let adopt = |target: ObjectRef, uid: Uid, plan: &mut Plan| {
        let patch = Patch::AddOwner(claim::owner_reference(Kind::DaemonSet, &**set));
        plan.patch(target, uid, patch, Why::AdoptsMatching).accept(Reason::NotFound);
    };
    for revision in history::orphans(store, set, selector) {
        let target = ObjectRef::new(Kind::ControllerRevision, revision.key.clone());
        adopt(target, revision.uid, plan);
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
        match claim(&**set, selector, &**pod) {
            Claim::Keep | Claim::Ignore => {}
            Claim::Adopt => adopt(target, pod.uid, plan),
            Claim::Release => {
                let patch = Patch::RemoveOwner(set.uid);
                plan.patch(target, pod.uid, patch, Why::ReleasesUnmatching).accept(Reason::NotFound);
            }
        }
    }
    !plan.intents.is_empty()
}
