//! How many pods are to be active, and what to do about it. Upstream: `job_controller.go`, `manageJob`.
//!
//! ```text
//! completions 4, 3 succeeded, parallelism 2    1 active
//! ```

use std::collections::BTreeMap;
use std::rc::Rc;

use super::ending::Ending;
use super::failure_policy::{self, Verdict};
use super::look::Look;
use super::{indexes, memory, pods};
use crate::api::{Job, Kind, Object, ObjectRef, Pod};
use crate::apiserver::{DeleteOptions, Patch, Reason};
use crate::controllers;
use crate::plan::{EventDraft, EventText, Outcomes, Plan, Turn};
use crate::time::Duration;
use crate::why::job::{Job as Why, Need};

/// The most pods that one look creates or deletes. Upstream: `MaxPodCreateDeletePerSync`.
const BURST: usize = 500;

/// Creates or deletes pods. `true`: another turn follows the batch of pods that is being created. The n-th turn
/// follows the n-th batch.
pub(super) fn manage(look: &mut Look<'_>, outcomes: &Outcomes, plan: &mut Plan) -> bool {
    if let Some(ending) = look.ending.clone() {
        end_pods(look, &ending, plan);
        return false;
    }
    let goes_on = !look.job.is_terminating() && adjust(look, outcomes, plan);
    if !goes_on && is_complete(look) {
        look.ending = Ending::completions_reached();
    }
    goes_on
}

/// What is active goes, since the Job has ended.
fn end_pods(look: &mut Look<'_>, ending: &Ending, plan: &mut Plan) {
    let active: Vec<Rc<Pod>> = look.active().map(|pod| (*pod).clone()).collect();
    let reason: Rc<str> = ending.reason.as_str().into();
    delete(look, &active, Held::Stay, &Why::HasEnded { reason }, plan);
}

fn is_complete(look: &Look<'_>) -> bool {
    let enough = match look.job.completions() {
        None => look.census.succeeded > 0,
        Some(completions) => look.census.succeeded >= completions,
    };
    enough && look.census.active == 0
}

fn adjust(look: &mut Look<'_>, outcomes: &Outcomes, plan: &mut Plan) -> bool {
    let active: Vec<&Rc<Pod>> = look.active().copied().collect();
    if look.job.is_suspended() {
        let active: Vec<Rc<Pod>> = active.into_iter().cloned().collect();
        delete(look, &active, Held::LetGo, &Why::IsSuspended, plan);
        return false;
    }
    let need = need(look.job, &look.census);
    let surplus = usize::try_from(need.active - need.want).unwrap_or(0);
    let leaving = leaving(look.job, active, surplus);
    if !leaving.is_empty() {
        delete(look, &leaving, Held::LetGo, &Why::SurplusPod(need), plan);
        return false;
    }
    let terminating = if look.job.replaces_only_failed() { look.census.terminating } else { 0 };
    let missing = usize::try_from(need.want - terminating - need.active).unwrap_or(0).min(BURST);
    create(look, &need, missing, outcomes, plan)
}

fn need(job: &Job, census: &crate::why::job::Census) -> Need {
    let (active, parallelism, succeeded) = (census.active, job.parallelism(), census.succeeded);
    let want = match job.completions() {
        // A work queue is nearly empty once one of its workers is done: those that run may end their work.
        None if succeeded > 0 => active,
        None => parallelism,
        Some(completions) => (completions - succeeded).min(parallelism).max(0),
    };
    Need { want, active, parallelism, completions: job.completions(), succeeded }
}

/// The pods that go: those whose index another has too, then in upstream's order. Upstream: `activePodsForRemoval`.
fn leaving(job: &Job, active: Vec<&Rc<Pod>>, surplus: usize) -> Vec<Rc<Pod>> {
    let (mut leaving, mut staying) = (Vec::new(), active);
    if job.is_indexed() {
        let mut by_index: BTreeMap<Option<i32>, Vec<&Rc<Pod>>> = BTreeMap::new();
        for pod in std::mem::take(&mut staying) {
            by_index.entry(indexes::of(job, pod)).or_default().push(pod);
        }
        for (index, mut same) in by_index {
            pods::removal_order(&mut same);
            let kept = if index.is_some() { same.pop() } else { None };
            leaving.extend(same);
            staying.extend(kept);
        }
    }
    if leaving.len() < surplus {
        pods::removal_order(&mut staying);
        leaving.extend(staying.into_iter().take(surplus - leaving.len()));
    }
    leaving.into_iter().take(BURST).cloned().collect()
}

/// What becomes of the hold on pods that are deleted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Held {
    /// They are held until they are counted.
    Stay,
    /// They are let go first, so that their end counts for nothing. Upstream: `deleteJobPods`.
    LetGo,
}

fn delete(look: &mut Look<'_>, leaving: &[Rc<Pod>], held: Held, why: &Why, plan: &mut Plan) {
    let object = Object::Job(look.job.clone());
    for pod in leaving {
        if held == Held::LetGo && pods::is_held(pod) {
            let patch = Patch::RemoveFinalizer(pods::TRACKING.to_owned());
            let target = ObjectRef::new(Kind::Pod, pod.key.clone());
            plan.patch(target, pod.uid, patch, why.clone()).accept(Reason::NotFound);
        }
        let deleted = EventText::AfterName("Deleted pod: ");
        let failed = EventText::AfterError("Error deleting: ".into());
        plan.delete(ObjectRef::new(Kind::Pod, pod.key.clone()), DeleteOptions::default(), why.clone())
            .accept(Reason::NotFound)
            .then_event(EventDraft::normal(&object, "SuccessfulDelete", deleted))
            .else_event(EventDraft::warning(&object, "FailedDelete", failed));
    }
    let ready = leaving.iter().filter(|pod| pod.is_ready()).count() as i32;
    look.census.active -= leaving.len() as i32;
    look.census.terminating += leaving.len() as i32;
    look.census.ready -= ready;
}

fn create(look: &mut Look<'_>, need: &Need, missing: usize, outcomes: &Outcomes, plan: &mut Plan) -> bool {
    if missing == 0 {
        return false;
    }
    let (batches, now) = (outcomes.turn.0, look.snapshot.now);
    let is_per_index = look.failed_indexes.is_some();
    let wait = if is_per_index { Duration::ZERO } else { look.back_off.remaining(now) };
    if batches == 0 && wait > Duration::ZERO {
        return wait_after_failure(look, look.back_off.failures, wait, plan);
    }
    let places = places(look, missing);
    if let (true, Some(wait)) = (batches == 0 && places.ready.is_empty(), places.wait) {
        return wait_after_failure(look, 1, wait, plan);
    }
    let (size, done) = (1_usize << batches.min(20), (1_usize << batches.min(20)) - 1);
    let accepted = outcomes.answers.iter().filter(|answer| answer.is_ok()).count();
    let created = if batches == 0 { 0 } else { (1_usize << (batches - 1).min(20)) - 1 + accepted };
    let refused = outcomes.answers.iter().filter_map(|answer| answer.as_ref().err());
    let refused = refused.filter(|error| !controllers::namespace_is_terminating(error)).count();
    let batch: Vec<&Place> = places.ready.iter().skip(done).take(size).collect();
    if refused > 0 || batch.is_empty() {
        look.census.active += created as i32;
        if refused > 0 {
            plan.fail(Why::RetriesRefused { refused: refused as i32 });
        }
        return false;
    }
    let object = Object::Job(look.job.clone());
    for place in &batch {
        let why = Why::MissingPod { need: *need, index: place.index, batch: batch.len() as i32 };
        let index = place.index.map(|index| (index, place.failures));
        let created = EventText::AfterName("Created pod: ");
        let failed = EventText::AfterError("Error creating: ".into());
        plan.create(Object::Pod(Rc::new(pods::new_pod(look.job, index))), why)
            .go_on()
            .then_event(EventDraft::normal(&object, "SuccessfulCreate", created))
            .else_event(EventDraft::warning(&object, "FailedCreate", failed));
    }
    plan.then(Turn(batches + 1));
    true
}

/// Nothing is created for a while. Upstream reports no pod as active meanwhile, whatever runs.
fn wait_after_failure(look: &mut Look<'_>, failures: i32, wait: Duration, plan: &mut Plan) -> bool {
    plan.look_again_in(wait, Why::BacksOff { failures, wait });
    look.census.active = 0;
    false
}

/// What a new pod is for.
struct Place {
    index: Option<i32>,
    /// Failures of the index before, counted and ignored ones, where the limit is per index.
    failures: Option<(i32, i32)>,
}

struct Places {
    ready: Vec<Place>,
    /// How long until the next index may be tried again.
    wait: Option<Duration>,
}

fn places(look: &Look<'_>, missing: usize) -> Places {
    if !look.job.is_indexed() {
        let ready = (0..missing).map(|_| Place { index: None, failures: None }).collect();
        return Places { ready, wait: None };
    }
    let mut places = Places { ready: Vec::new(), wait: None };
    for index in pending_indexes(look, missing) {
        if look.failed_indexes.is_none() {
            places.ready.push(Place { index: Some(index), failures: None });
            continue;
        }
        let Some(last) = look.last_failure_of(index) else {
            places.ready.push(Place { index: Some(index), failures: Some((0, 0)) });
            continue;
        };
        let known =
            (indexes::count(last, indexes::FAILURES), indexes::count(last, indexes::IGNORED_FAILURES));
        let is_ignored = failure_policy::judge(look.job, last) == Verdict::Ignore;
        let failures = if is_ignored { (known.0, known.1 + 1) } else { (known.0 + 1, known.1) };
        let all = failures.0 + failures.1;
        match memory::remaining(all, pods::ended_at(last), look.snapshot.now) {
            Duration::ZERO => {
                places.ready.push(Place { index: Some(index), failures: Some(failures) });
            }
            wait => places.wait = Some(places.wait.map_or(wait, |known| known.min(wait))),
        }
    }
    places
}

/// The lowest indexes that nobody works on. Upstream: `firstPendingIndexes`.
fn pending_indexes(look: &Look<'_>, count: usize) -> Vec<i32> {
    let job = look.job;
    let waits_for_end = job.replaces_only_failed();
    let working = look
        .pods
        .iter()
        .filter(|pod| pod.is_active() || waits_for_end && pod.is_terminating() && !pod.is_finished());
    let mut taken: indexes::Indexes = working.filter_map(|pod| indexes::of(job, pod)).collect();
    taken.extend(&look.succeeded_indexes);
    taken.extend(look.failed_indexes.iter().flatten());
    (0..job.completions().unwrap_or(0)).filter(|index| !taken.contains(index)).take(count).collect()
}
