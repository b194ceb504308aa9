//! Runs pods until enough of them have succeeded. Upstream: `pkg/controller/job/job_controller.go`.
//!
//! A look counts ([`look`]), decides whether the Job has ended ([`ending`]), creates or deletes pods ([`manage`]) and
//! reports ([`status`]). Every pod is held by a finalizer until it is counted: its uid is written into the status
//! first, then it is let go, then the counters take it over; so none is lost or counted twice.

mod ending;
mod failure_policy;
mod indexes;
mod look;
mod manage;
pub mod memory;
mod pods;
mod status;

use std::collections::BTreeSet;
use std::rc::Rc;

use super::claim::{self, Claim, claim};
use crate::api::{Job, Kind, Meta, Object, ObjectRef, Pod, Selector, Uid};
use crate::apiserver::{Change, Patch, Reason, Store};
use crate::controllers::Controller;
use crate::engine::memory::Memory;
use crate::plan::{Outcomes, Plan, Snapshot, Turn};
use crate::time::Duration;
use crate::why::job::{Census, Job as Why};
use look::Look;

/// The Job controller.
pub const CONTROLLER: Controller = Controller {
    name: "job",
    component: "job-controller",
    watches: &[Kind::Job, Kind::Pod],
    reads_own_writes: true,
    knows_own: None,
    delay,
    back_off: super::BACK_OFF,
    wakes,
    reconcile,
};

/// How long changes of pods are gathered. Upstream: `SyncJobBatchPeriod`.
const BATCH: Duration = Duration::from_seconds(1);

/// How far a Job is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stand {
    /// Its pods, those included that its status has yet to count.
    pub census: Census,
    /// The indexes that succeeded, if it has indexes.
    pub indexes: BTreeSet<i32>,
    /// How long new pods still wait after failures.
    pub wait: Duration,
}

impl Stand {
    /// How far a Job is, by what a snapshot shows.
    pub fn of(snapshot: &Snapshot<'_>, job: &Rc<Job>) -> Stand {
        let look = Look::new(snapshot, job);
        let wait = look.back_off.remaining(snapshot.now);
        Stand { wait, census: look.census, indexes: look.succeeded_indexes }
    }
}

/// The index that a pod of an Indexed Job works on.
pub fn index_of(job: &Job, pod: &Pod) -> Option<i32> {
    indexes::of(job, pod)
}

/// A Job's own changes are looked at at once, those of its pods and its status together.
fn delay(change: &Change) -> Duration {
    let generation = |object: &Option<Object>| object.as_ref().map(|object| object.meta().generation);
    let is_news = change.object.kind == Kind::Job
        && (change.after.is_none() || generation(&change.before) != generation(&change.after));
    if is_news { Duration::ZERO } else { BATCH }
}

/// The keys are Jobs, and pods that are held for a Job that is gone.
fn wakes(store: &Store, change: &Change, _memory: &mut Rc<Memory>, wakes: &mut Vec<ObjectRef>) {
    match change.object.kind {
        Kind::Job if change.after.is_some() => wakes.push(change.object.clone()),
        Kind::Job => {
            let owner = change.before.as_ref().map(Object::uid).unwrap_or_default();
            wakes.extend(store.pods_of(owner).filter(|pod| pods::is_held(pod)).map(reference));
        }
        Kind::Pod => {
            let adopters = |meta: &Meta| {
                let jobs = store.list_in::<Job>(&change.object.key.namespace);
                let matching = jobs.filter(|job| selector(job).matches(&meta.labels));
                matching.map(|job| ObjectRef::new(Kind::Job, job.key.clone())).collect()
            };
            claim::concerned(store, Kind::Job, change, adopters, wakes);
            if let Some(Object::Pod(pod)) = &change.after
                && pods::is_held(pod)
                && is_orphan(store, pod)
            {
                wakes.push(change.object.clone());
            }
        }
        _ => {}
    }
}

fn reference(pod: &Rc<Pod>) -> ObjectRef {
    ObjectRef::new(Kind::Pod, pod.key.clone())
}

/// Whether no Job counts the pod any more.
fn is_orphan(store: &Store, pod: &Pod) -> bool {
    let job = claim::owner_of(store, Kind::Job, &pod.key.namespace, &pod.meta);
    let job = job.and_then(|job| store.get::<Job>(&job.key));
    job.is_none_or(|job| job.finished().is_some())
}

fn selector(job: &Job) -> Selector {
    job.spec.selector.as_ref().map_or_else(Selector::nothing, Selector::from_api)
}

fn reconcile(snapshot: &Snapshot<'_>, target: &ObjectRef, outcomes: &Outcomes, plan: &mut Plan) {
    let store = snapshot.store;
    if target.kind == Kind::Pod {
        let Some(pod) = store.get::<Pod>(&target.key) else { return };
        if pods::is_held(pod) && is_orphan(store, pod) {
            let patch = Patch::RemoveFinalizer(pods::TRACKING.to_owned());
            plan.patch(target.clone(), pod.uid, patch, Why::LetsOrphanGo).accept(Reason::NotFound);
        }
        return;
    }
    let Some(job) = store.get::<Job>(&target.key) else { return };
    if job.finished().is_some() {
        return plan.nothing_to_do(Why::IsFinished);
    }
    if outcomes.turn == Turn::default() && claim_pods(store, job, plan) {
        return;
    }
    let mut look = Look::new(snapshot, job);
    look.ending = ending::of(&look, plan);
    if manage::manage(&mut look, outcomes, plan) {
        return;
    }
    status::report(&look, plan);
}

/// Adopts matching orphans and releases what matches no more. Whether there were any.
fn claim_pods(store: &Store, job: &Rc<Job>, plan: &mut Plan) -> bool {
    let selector = selector(job);
    let orphans = store.owned_pods(Uid::default());
    let adoptable =
        orphans.is_some_and(|pods| pods.active_by_labels().any(|(labels, _)| selector.matches(labels)));
    let nobodys = adoptable.then(|| store.orphan_pods()).into_iter().flatten();
    for pod in store.pods_of(job.uid).chain(nobodys) {
        if pod.key.namespace != job.key.namespace {
            continue;
        }
        match claim(&**job, &selector, &**pod) {
            Claim::Keep | Claim::Ignore => {}
            Claim::Adopt => {
                let patch = Patch::AddOwner(claim::owner_reference(Kind::Job, &**job));
                plan.patch(reference(pod), pod.uid, patch, Why::AdoptsMatching).accept(Reason::NotFound);
            }
            Claim::Release => {
                let patch = Patch::RemoveOwner(job.uid);
                plan.patch(reference(pod), pod.uid, patch, Why::ReleasesUnmatching).accept(Reason::NotFound);
            }
        }
    }
    !plan.intents.is_empty()
}
