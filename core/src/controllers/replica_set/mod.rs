//! Keeps as many pods running as a ReplicaSet says. Upstream: `pkg/controller/replicaset/replica_set.go`.
//!
//! A look counts the active pods ([`census`]), creates the missing ones in growing batches or deletes the surplus in
//! upstream's order ([`deletion_order`]), and reports what it had counted ([`status`]). It costs what changed: the
//! store keeps the counters, and pods are walked only to choose which to delete.
//!
//! The ReplicationController controller is the same code over an older kind ([`owner`]).

mod census;
mod deletion_order;
mod owner;
mod status;

use std::rc::Rc;

use k8s_openapi::api::core::v1::PodStatus;

use owner::ReplicaOwner;

use super::claim::{self, Claim, claim, is_owner};
use crate::api::{
    Key, Kind, Labels, Meta, Namespace, Object, ObjectRef, Pod, PodDesired, PodTemplate, ReplicaSet,
    ReplicationController, Resource, Selector, Uid,
};
use crate::apiserver::{Change, DeleteOptions, Patch, Reason, Store};
use crate::controllers::{self, Controller};
use crate::engine::memory::Memory;
use crate::plan::{EventDraft, EventText, Outcomes, Plan, Snapshot, Turn};
use crate::why::replica_set::{Census, ReplicaSet as Why};

/// The ReplicaSet controller.
pub const CONTROLLER: Controller = Controller {
    name: "replicaset",
    component: "replicaset-controller",
    watches: &[Kind::ReplicaSet, Kind::Pod],
    reads_own_writes: true,
    knows_own: None,
    delay: super::at_once,
    back_off: super::BACK_OFF,
    wakes: wakes::<ReplicaSet>,
    reconcile: reconcile::<ReplicaSet>,
};

/// The ReplicationController controller.
pub const REPLICATION_CONTROLLER: Controller = Controller {
    name: "replicationcontroller",
    component: "replication-controller",
    watches: &[Kind::ReplicationController, Kind::Pod],
    wakes: wakes::<ReplicationController>,
    reconcile: reconcile::<ReplicationController>,
    ..CONTROLLER
};

/// The most pods that one look creates or deletes. Upstream: `BurstReplicas`.
const BURST: i32 = 500;

/// The turn after pods were deleted; lower ones follow batches of created pods.
const DELETED: Turn = Turn(100);

fn wakes<T: ReplicaOwner>(
    store: &Store,
    change: &Change,
    _memory: &mut Rc<Memory>,
    wakes: &mut Vec<ObjectRef>,
) {
    if change.object.kind == T::KIND {
        return wakes.push(change.object.clone());
    }
    let before = change.before.as_ref().map(Object::meta);
    let after = change.after.as_ref().map(Object::meta);
    let namespace = &change.object.key.namespace;
    if let (Some(before), Some(after)) = (before, after)
        && before.controller().map(|owner| owner.uid) != after.controller().map(|owner| owner.uid)
    {
        wakes.extend(owner_of::<T>(store, namespace, before));
    }
    let Some(meta) = after.or(before) else { return };
    if meta.controller().is_some() {
        return wakes.extend(owner_of::<T>(store, namespace, meta));
    }
    // Orphans concern everybody who could adopt them, once: later changes only if labels or owner changed.
    let is_news = before.is_none_or(|before| {
        !Rc::ptr_eq(&before.labels, &meta.labels) && before.labels != meta.labels
            || before.controller().is_some()
    });
    if change.after.is_some() && is_news {
        let owners = store.list_in::<T>(namespace);
        let matching = owners.filter(|owner| owner.pod_selector().matches(&meta.labels));
        wakes.extend(matching.map(|owner| owner.clone().into_object().reference()));
    }
}

/// The one of this kind that controls the pod with this metadata.
fn owner_of<T: ReplicaOwner>(store: &Store, namespace: &Rc<str>, meta: &Meta) -> Option<ObjectRef> {
    let owner = meta.controller()?;
    let key = Key { namespace: namespace.clone(), name: owner.name.clone() };
    let found = store.get::<T>(&key)?.clone().into_object();
    is_owner(owner, T::KIND, found.uid()).then_some(ObjectRef::new(T::KIND, key))
}

fn reconcile<T: ReplicaOwner>(
    snapshot: &Snapshot<'_>,
    target: &ObjectRef,
    outcomes: &Outcomes,
    plan: &mut Plan,
) {
    let Some(owner) = snapshot.store.get::<T>(&target.key) else { return };
    let set = &owner.as_set();
    let is_first_turn = outcomes.turn == Turn::default();
    if is_first_turn && claim_pods(snapshot.store, T::KIND, set, plan) {
        return;
    }
    let mut census = census::count(snapshot.store, set, snapshot.now);
    if !T::COUNTS_TERMINATING {
        census.terminating = 0;
    }
    let look = Look { snapshot, owner, set, census };
    let surplus = look.census.active - set.replicas();
    if set.is_terminating() || surplus == 0 {
        return look.report(Vec::new(), plan);
    }
    let refusals = refusals(outcomes);
    if surplus > 0 {
        if is_first_turn {
            return look.delete_pods(surplus.min(BURST), plan);
        }
        return look.report(refusals, plan);
    }
    let batch = Batch::after(outcomes.turn, (-surplus).min(BURST));
    if refusals.is_empty() && batch.size > 0 {
        return look.create_pods(&batch, plan);
    }
    look.report(refusals, plan);
}

/// The messages of the refusals that count as failures of the turn before.
fn refusals(outcomes: &Outcomes) -> Vec<String> {
    let refused = outcomes.answers.iter().filter_map(|answer| answer.as_ref().err());
    let failed = refused
        .filter(|error| error.reason != Reason::NotFound && !controllers::namespace_is_terminating(error));
    let prefix = if outcomes.turn == DELETED { "unable to delete pods: " } else { "" };
    failed.map(|error| format!("{prefix}{}", error.message)).collect()
}

/// Adopts matching orphans and releases what matches no more. Whether there were any: the look after these writes
/// counts. Upstream: `ClaimPods`.
fn claim_pods(store: &Store, kind: Kind, set: &Rc<ReplicaSet>, plan: &mut Plan) -> bool {
    let (owned, orphans) = (store.owned_pods(set.uid), store.owned_pods(Uid::default()));
    if owned.is_none() && orphans.is_none() {
        return false;
    }
    // Pods of one template share their labels: judging each set of labels once judges them all.
    let selector = Selector::from_api(&set.spec.selector);
    let unmatching =
        owned.is_some_and(|pods| pods.active_by_labels().any(|(labels, _)| !selector.matches(labels)));
    let adoptable =
        orphans.is_some_and(|pods| pods.active_by_labels().any(|(labels, _)| selector.matches(labels)));
    let mine = unmatching.then(|| store.pods_of(set.uid)).into_iter().flatten();
    let nobodys = adoptable.then(|| store.orphan_pods()).into_iter().flatten();
    for pod in mine.chain(nobodys).filter(|pod| pod.is_active() && pod.key.namespace == set.key.namespace) {
        let reference = || ObjectRef::new(Kind::Pod, pod.key.clone());
        match claim(set, &selector, pod) {
            Claim::Keep | Claim::Ignore => {}
            Claim::Adopt => {
                let patch = Patch::AddOwner(claim::owner_reference(kind, set));
                plan.patch(reference(), pod.uid, patch, Why::AdoptsMatching).accept(Reason::NotFound);
            }
            Claim::Release => {
                let patch = Patch::RemoveOwner(set.uid);
                plan.patch(reference(), pod.uid, patch, Why::ReleasesUnmatching).accept(Reason::NotFound);
            }
        }
    }
    !plan.intents.is_empty()
}

/// Slow start: pods are created in batches of 1, 2, 4, …, so that a template which is always refused costs one
/// refusal and not five hundred. Upstream: `slowStartBatch`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Batch {
    /// How many were created before it.
    done: i32,
    /// How many it creates; 0 when all are there.
    size: i32,
    /// The turn that follows it.
    next: Turn,
}

impl Batch {
    /// The batch of a turn, when `missing` pods are to be created in all.
    fn after(turn: Turn, missing: i32) -> Batch {
        let full = 1 << turn.0.min(20);
        let done = full - 1;
        Batch { done, size: full.min(missing - done).max(0), next: Turn(turn.0 + 1) }
    }
}

/// What one look works on.
struct Look<'a, T> {
    snapshot: &'a Snapshot<'a>,
    /// Whom its pods belong to.
    owner: &'a Rc<T>,
    /// The owner as a ReplicaSet.
    set: &'a Rc<ReplicaSet>,
    /// What it counted when it began: that is what it reports in the end.
    census: Census,
}

impl<T: ReplicaOwner> Look<'_, T> {
    fn create_pods(&self, batch: &Batch, plan: &mut Plan) {
        let template = self.snapshot.store.pod_template(self.set.uid).cloned().unwrap_or_default();
        if template.labels.is_empty() {
            return self.report(vec!["unable to create pods, no labels".to_owned()], plan);
        }
        let pod = Rc::new(new_pod(T::KIND, self.set, &template));
        let object = self.owner.clone().into_object();
        let is_told = !self.is_namespace_terminating();
        for place in 0..batch.size {
            let why = Why::TooFewPods {
                want: self.census.desired,
                have: self.census.active,
                number: batch.done + place + 1,
                batch: batch.size,
            };
            let created = EventText::AfterName("Created pod: ");
            let failed = EventText::AfterError("Error creating: ".into());
            let intent = plan.create(Object::Pod(pod.clone()), why).go_on();
            intent.then_event(EventDraft::normal(&object, "SuccessfulCreate", created));
            if is_told {
                intent.else_event(EventDraft::warning(&object, "FailedCreate", failed));
            }
        }
        plan.then(batch.next);
    }

    fn is_namespace_terminating(&self) -> bool {
        let namespace = self.snapshot.store.get_cluster_wide::<Namespace>(&self.set.key.namespace);
        namespace.is_some_and(|namespace| namespace.is_terminating())
    }

    fn delete_pods(&self, surplus: i32, plan: &mut Plan) {
        let object = self.owner.clone().into_object();
        for (pod, rank) in deletion_order::first(self.snapshot, self.set, surplus as usize) {
            let why = Why::TooManyPods { want: self.census.desired, have: self.census.active, rank };
            let deleted = EventText::AfterName("Deleted pod: ");
            let failed = EventText::AfterError("Error deleting: ".into());
            let target = ObjectRef::new(Kind::Pod, pod.key.clone());
            plan.delete(target, DeleteOptions::default(), why)
                .accept(Reason::NotFound)
                .then_event(EventDraft::normal(&object, "SuccessfulDelete", deleted))
                .else_event(EventDraft::warning(&object, "FailedDelete", failed));
        }
        plan.then(DELETED);
    }

    fn report(&self, refusals: Vec<String>, plan: &mut Plan) {
        let failure = refusals.first().map(String::as_str);
        let status = status::calculate::<T>(self.set, &self.census, failure, self.snapshot.now);
        if *self.set.status != status {
            let why = match failure {
                Some(_) => Why::ReportsFailure(self.census),
                None => Why::Reports { before: census::stored(self.set), now: self.census },
            };
            plan.update_status(self.owner.with_status(status), why);
        } else if failure.is_some() {
            // The failure is known: the retry says so.
        } else if self.set.is_terminating() {
            plan.nothing_to_do(Why::IsBeingDeleted(self.census));
        } else {
            plan.nothing_to_do(Why::UpToDate(self.census));
        }
        if failure.is_some() {
            plan.fail(Why::RetriesRefused { refused: refusals.len() as i32 });
        }
        self.wait_for_availability(plan);
    }

    fn wait_for_availability(&self, plan: &mut Plan) {
        let pods = self.census.ready - self.census.available;
        if pods <= 0 {
            return;
        }
        let wait = census::until_next_available(self.snapshot.store, self.set, self.snapshot.now);
        let min_ready_seconds = self.set.min_ready_seconds();
        plan.look_again_in(wait, Why::WaitsForAvailability { min_ready_seconds, pods });
    }
}

/// A pod of the set's template, in parts that all of them share.
fn new_pod(kind: Kind, set: &ReplicaSet, template: &PodTemplate) -> Pod {
    let meta = Meta {
        labels: template.labels.clone(),
        annotations: template.annotations.clone(),
        owners: claim::sole_owner(kind, set),
        finalizers: template.finalizers.clone(),
        generate_name: Some(format!("{}-", set.name()).into()),
        ..Meta::default()
    };
    Resource {
        key: Key { namespace: set.key.namespace.clone(), name: "".into() },
        uid: Uid::default(),
        resource_version: 0,
        meta: Rc::new(meta),
        spec: PodDesired { spec: template.spec.clone(), node: None },
        status: Rc::<PodStatus>::default(),
    }
}

/// Whether `labels` has every label of `template`.
fn is_fully_labeled(template: &Labels, labels: &Labels) -> bool {
    template.iter().all(|(name, value)| labels.get(name) == Some(value))
}

#[cfg(test)]
mod tests {
    use super::{Batch, Turn};

    #[test]
    fn batches_double_until_all_are_there() {
        let sizes = |missing: i32| -> Vec<i32> {
            (0..6).map(|turn| Batch::after(Turn(turn), missing).size).take_while(|size| *size > 0).collect()
        };
        assert_eq!(sizes(1), [1]);
        assert_eq!(sizes(3), [1, 2]);
        assert_eq!(sizes(10), [1, 2, 4, 3]);
        assert_eq!(sizes(0), [0i32; 0]);
    }
}
