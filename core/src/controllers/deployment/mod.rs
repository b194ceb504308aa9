//! Keeps a Deployment's ReplicaSets at the sizes that its strategy asks for, and reports how far they are.
//! Upstream: `pkg/controller/deployment/deployment_controller.go`.
//!
//! A look at a Deployment first settles which ReplicaSet is the new one ([`look`], [`sets`]), then does one of:
//! size them for a changed `spec.replicas` ([`scaling`]), roll ([`rolling`]), recreate ([`recreate`]), roll back
//! because an annotation says so ([`rollback`]); and in the end writes the status ([`status`]).

pub mod annotations;
mod conditions;
mod dump;
mod dump_quantity;
#[cfg(test)]
mod dump_random;
pub mod hash;
mod history;
mod look;
mod recreate;
mod rollback;
mod rolling;
mod scaling;
pub(crate) mod sets;
mod status;
#[cfg(test)]
mod testing;

use std::rc::Rc;

use look::Look;

use super::claim::{self, Claim, claim, is_owner};
use crate::api::{Deployment, Kind, Meta, Object, ObjectRef, Pod, ReplicaSet, Selector};
use crate::apiserver::{Change, Patch, Reason, Store};
use crate::controllers::Controller;
use crate::engine::memory::Memory;
use crate::plan::{EventDraft, EventText, Outcomes, Plan, Snapshot};
use crate::why::deployment::Deployment as Why;

/// The Deployment controller.
pub const CONTROLLER: Controller = Controller {
    name: "deployment",
    component: "deployment-controller",
    watches: &[Kind::Deployment, Kind::ReplicaSet, Kind::Pod],
    reads_own_writes: false,
    knows_own: None,
    delay: super::at_once,
    back_off: super::BACK_OFF,
    wakes,
    reconcile,
};

fn wakes(store: &Store, change: &Change, _memory: &mut Rc<Memory>, wakes: &mut Vec<ObjectRef>) {
    match change.object.kind {
        Kind::Deployment => wakes.push(change.object.clone()),
        Kind::ReplicaSet => wakes_of_set(store, change, wakes),
        Kind::Pod => {
            if let (Some(Object::Pod(pod)), None) = (&change.before, &change.after) {
                wakes.extend(recreated_after(store, pod));
            }
        }
        _ => {}
    }
}

fn wakes_of_set(store: &Store, change: &Change, wakes: &mut Vec<ObjectRef>) {
    let meta = |object: &Option<Object>| object.as_ref().map(|object| object.meta().clone());
    let (before, after) = (meta(&change.before), meta(&change.after));
    let owner = |meta: &Option<Rc<Meta>>| {
        meta.as_ref().and_then(|meta| owner_of(store, &change.object.key.namespace, meta))
    };
    let (old, new) = (owner(&before), owner(&after));
    if old != new {
        wakes.extend(old);
    }
    let is_new_orphan = after.as_ref().is_some_and(|after| {
        after.controller().is_none()
            && before.is_none_or(|before| before.labels != after.labels || before.controller().is_some())
    });
    if let Some(after) = after.filter(|_| is_new_orphan) {
        let deployments = store.list_in::<Deployment>(&change.object.key.namespace);
        let matching = deployments
            .filter(|deployment| Selector::from_api(&deployment.spec.selector).matches(&after.labels));
        wakes.extend(matching.map(|deployment| ObjectRef::new(Kind::Deployment, deployment.key.clone())));
    }
    wakes.extend(new);
}

/// The Deployment that controls the object with this metadata.
fn owner_of(store: &Store, namespace: &Rc<str>, meta: &Meta) -> Option<ObjectRef> {
    let owner = meta.controller().filter(|owner| *owner.kind == *Kind::Deployment.name())?;
    let key = crate::api::Key { namespace: namespace.clone(), name: owner.name.clone() };
    store
        .get::<Deployment>(&key)
        .filter(|deployment| is_owner(owner, Kind::Deployment, deployment.uid))
        .map(|_| ObjectRef::new(Kind::Deployment, key))
}

/// The Deployment that waited for the last of its pods to vanish, so that new ones can come.
fn recreated_after(store: &Store, pod: &Pod) -> Option<ObjectRef> {
    let owner = pod.meta.controller().filter(|owner| *owner.kind == *Kind::ReplicaSet.name())?;
    let key = crate::api::Key { namespace: pod.key.namespace.clone(), name: owner.name.clone() };
    let set = store.get::<ReplicaSet>(&key).filter(|set| is_owner(owner, Kind::ReplicaSet, set.uid))?;
    let target = owner_of(store, &pod.key.namespace, &set.meta)?;
    let deployment = store.get::<Deployment>(&target.key)?;
    let has_pods = || store.replica_sets_of(deployment.uid).any(|set| store.owned_pods(set.uid).is_some());
    (deployment.strategy_type() == "Recreate" && !has_pods()).then_some(target)
}

fn reconcile(snapshot: &Snapshot<'_>, target: &ObjectRef, outcomes: &Outcomes, plan: &mut Plan) {
    let Some(deployment) = snapshot.store.get::<Deployment>(&target.key) else { return };
    let selector = Selector::from_api(&deployment.spec.selector);
    if selector.is_empty() {
        return refuse_to_select_everything(deployment, plan);
    }
    let Some(sets) = claim_sets(snapshot.store, deployment, &selector, plan) else { return };
    let mut look = Look::new(snapshot, plan, deployment.clone(), sets);
    if !take_answers(&mut look, outcomes) {
        return;
    }
    sync(&mut look);
}

fn sync(look: &mut Look<'_>) {
    if look.deployment.is_terminating() {
        return report_only(look);
    }
    if mark_pause(look) {
        return;
    }
    if look.deployment.is_paused() {
        return scaling::scale_only(look);
    }
    if let Some(revision) = rollback::wanted(&look.deployment) {
        return rollback::roll_back(look, revision);
    }
    if scaling::is_due(&look.deployment, &look.sets) {
        return scaling::scale_only(look);
    }
    if look.deployment.is_rolling_update() {
        return rolling::roll(look);
    }
    // Validation lets no other strategy pass.
    recreate::recreate(look);
}

/// An empty selector matches every pod: nothing is done but to say so.
fn refuse_to_select_everything(deployment: &Rc<Deployment>, plan: &mut Plan) {
    let object = Object::Deployment(deployment.clone());
    let message = "This deployment is selecting all pods. A non-empty selector is required.";
    let event = EventDraft::warning(&object, "SelectingAll", EventText::Fixed(message.into()));
    plan.event(event, Why::SelectsEverything);
    if deployment.status.observed_generation.unwrap_or(0) < deployment.meta.generation {
        let mut observed = (**deployment).clone();
        Rc::make_mut(&mut observed.status).observed_generation = Some(deployment.meta.generation);
        plan.update_status(Object::Deployment(Rc::new(observed)), Why::SelectsEverything);
    }
}

/// Its ReplicaSets, oldest first. `None`: some are adopted or released now, and the look after that goes on.
fn claim_sets(
    store: &Store,
    deployment: &Deployment,
    selector: &Selector,
    plan: &mut Plan,
) -> Option<Vec<Rc<ReplicaSet>>> {
    let orphans = store.orphan_replica_sets(&deployment.key.namespace);
    let mut sets = Vec::new();
    for set in store.replica_sets_of(deployment.uid).chain(orphans) {
        let reference = || ObjectRef::new(Kind::ReplicaSet, set.key.clone());
        match claim(deployment, selector, &**set) {
            Claim::Keep => sets.push(set.clone()),
            Claim::Ignore => {}
            Claim::Adopt => {
                let patch = Patch::AddOwner(claim::owner_reference(Kind::Deployment, deployment));
                plan.patch(reference(), set.uid, patch, Why::AdoptsMatching).accept(Reason::NotFound);
            }
            Claim::Release => {
                let patch = Patch::RemoveOwner(deployment.uid);
                plan.patch(reference(), set.uid, patch, Why::ReleasesUnmatching).accept(Reason::NotFound);
            }
        }
    }
    sets.sort_by(|a, b| sets::age(a).cmp(&sets::age(b)));
    plan.intents.is_empty().then_some(sets)
}

/// Takes in what became of the new ReplicaSet in the turn before. `false`: the look ends here.
fn take_answers(look: &mut Look<'_>, outcomes: &Outcomes) -> bool {
    let Some(answer) = outcomes.answers.last() else { return true };
    match answer {
        Ok(change) => {
            let Some(Object::ReplicaSet(set)) = &change.after else { return true };
            look.settle(set.clone());
            if outcomes.turn == look::CREATED {
                look.record_creation(set);
            }
            true
        }
        Err(error) if outcomes.turn == look::CREATED => {
            look.handle_refused_creation(error);
            false
        }
        Err(_) => {
            look.plan.fail(Why::CacheIsBehind);
            false
        }
    }
}

/// The Deployment is being deleted: it only reports.
fn report_only(look: &mut Look<'_>) {
    match look.find_new_set() {
        look::NewSet::Found(new) => look.report(Some(&new)),
        look::NewSet::Missing => look.report(None),
        look::NewSet::Pending => {}
    }
}

/// Whether the Progressing condition was told of a pause or its end; it stops and restarts the deadline's clock.
/// Upstream: `checkPausedConditions`.
fn mark_pause(look: &mut Look<'_>) -> bool {
    let deployment = &look.deployment;
    let known = conditions::progress_reason(deployment);
    if conditions::deadline_seconds(deployment).is_none() || known == conditions::reason::TIMED_OUT {
        return false;
    }
    let (reason, message, why) = match (deployment.is_paused(), known == conditions::reason::PAUSED) {
        (true, false) => (conditions::reason::PAUSED, "Deployment is paused", Why::Pauses),
        (false, true) => (conditions::reason::RESUMED, "Deployment is resumed", Why::Resumes),
        (true, true) | (false, false) => return false,
    };
    let mut marked = (**deployment).clone();
    let condition = conditions::condition(
        conditions::PROGRESSING,
        "Unknown",
        reason,
        message.to_owned(),
        look.snapshot.now,
    );
    conditions::set(Rc::make_mut(&mut marked.status), condition);
    look.write_status(marked, why);
    true
}
