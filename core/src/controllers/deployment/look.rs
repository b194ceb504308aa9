//! One look at one Deployment: what it has read, and the writes that every kind of look shares.
//! Upstream: `pkg/controller/deployment/sync.go`.

use std::rc::Rc;

use super::annotations::{self, REVISION};
use super::conditions::{self, PROGRESSING, reason};
use super::{history, rolling, sets, status};
use crate::api::{Deployment, Kind, Labels, Object, ObjectRef, ReplicaSet};
use crate::apiserver::{ApiError, DeleteOptions, Reason};
use crate::controllers;
use crate::plan::{EventDraft, EventText, Plan, Snapshot, Turn};
use crate::time::Duration;
use crate::why::deployment::{Deployment as Why, Tally};

/// The turn after the new ReplicaSet was created, or was refused.
pub(super) const CREATED: Turn = Turn(1);
/// The turn after the new ReplicaSet's annotations were brought up to date.
pub(super) const ANNOTATED: Turn = Turn(2);

/// What one look works on.
pub(super) struct Look<'a> {
    pub(super) snapshot: &'a Snapshot<'a>,
    pub(super) plan: &'a mut Plan,
    pub(super) deployment: Rc<Deployment>,
    /// Its ReplicaSets, oldest first.
    pub(super) sets: Vec<Rc<ReplicaSet>>,
    /// The new ReplicaSet as an earlier turn wrote it.
    pub(super) settled: Option<Rc<ReplicaSet>>,
    /// Whether this look wrote the Deployment's status: its copy is outdated then, and the next look, which that
    /// write causes, says the rest.
    pub(super) has_written_status: bool,
    /// ReplicaSets as this look resized them.
    resized: Vec<Rc<ReplicaSet>>,
}

/// What is known of the new ReplicaSet.
pub(super) enum NewSet {
    /// It exists, and says what it should.
    Found(Rc<ReplicaSet>),
    /// No ReplicaSet has the Deployment's template.
    Missing,
    /// It is being written: the look goes on in another turn.
    Pending,
}

impl<'a> Look<'a> {
    pub(super) fn new(
        snapshot: &'a Snapshot<'a>,
        plan: &'a mut Plan,
        deployment: Rc<Deployment>,
        sets: Vec<Rc<ReplicaSet>>,
    ) -> Look<'a> {
        let (settled, has_written_status, resized) = (None, false, Vec::new());
        Look { snapshot, plan, deployment, sets, settled, has_written_status, resized }
    }

    /// Continues with the new ReplicaSet as the API server answered it.
    pub(super) fn settle(&mut self, written: Rc<ReplicaSet>) {
        match self.sets.iter_mut().find(|set| set.uid == written.uid) {
            Some(known) => *known = written.clone(),
            None => self.sets.push(written.clone()),
        }
        self.settled = Some(written);
    }

    /// Finds the new ReplicaSet and brings its annotations up to date. Upstream: `getNewReplicaSet`.
    pub(super) fn find_new_set(&mut self) -> NewSet {
        if let Some(settled) = &self.settled {
            return NewSet::Found(settled.clone());
        }
        let Some(new) = sets::find_new(&self.deployment, &self.sets).cloned() else { return NewSet::Missing };
        let revision = self.next_revision(Some(&new));
        let annotations = annotations::for_new_set(&self.deployment, &new.meta.annotations, revision);
        let min_ready_seconds = self.deployment.min_ready_seconds();
        if annotations.is_some() || new.min_ready_seconds() != min_ready_seconds {
            self.bring_up_to_date(&new, annotations, min_ready_seconds);
            return NewSet::Pending;
        }
        self.record_new_set(&new);
        NewSet::Found(new)
    }

    /// As [`Look::find_new_set`], and creates it where there is none. `None`: the look goes on in another turn.
    pub(super) fn find_or_create_new_set(&mut self) -> Option<Rc<ReplicaSet>> {
        match self.find_new_set() {
            NewSet::Found(new) => Some(new),
            NewSet::Pending => None,
            NewSet::Missing => {
                self.create_new_set();
                None
            }
        }
    }

    /// One more than the highest revision of the old ReplicaSets.
    fn next_revision(&self, new: Option<&ReplicaSet>) -> i64 {
        let old = self.sets.iter().filter(|set| new.is_none_or(|new| new.uid != set.uid));
        old.map(|set| set.revision()).max().unwrap_or(0).saturating_add(1)
    }

    fn bring_up_to_date(&mut self, new: &ReplicaSet, annotations: Option<Labels>, min_ready_seconds: i32) {
        let mut updated = new.clone();
        if let Some(annotations) = annotations {
            Rc::make_mut(&mut updated.meta).annotations = Rc::new(annotations);
        }
        if updated.min_ready_seconds() != min_ready_seconds {
            Rc::make_mut(&mut updated.spec.spec).min_ready_seconds = self.deployment.spec.min_ready_seconds;
        }
        let (from, to) = (new.revision(), updated.revision());
        let why =
            if from == to { Why::CopiesDown { min_ready_seconds } } else { Why::Renumbers { from, to } };
        self.plan.update(Object::ReplicaSet(Rc::new(updated)), why);
        self.plan.then(ANNOTATED);
    }

    /// The Deployment shows its new ReplicaSet's revision, and that it found it.
    fn record_new_set(&mut self, new: &ReplicaSet) {
        let revision = new.revision();
        let mut status = None;
        if conditions::deadline_seconds(&self.deployment).is_some()
            && conditions::find(&self.deployment.status, PROGRESSING).is_none()
        {
            let message = format!("Found new replica set \"{}\"", new.name());
            let found = conditions::condition(PROGRESSING, "True", reason::FOUND, message, self.snapshot.now);
            conditions::set(status.get_or_insert_with(|| (*self.deployment.status).clone()), found);
        }
        if self.shows_revision(new) && status.is_none() {
            return;
        }
        let mut deployment = self.with_revision_of(new);
        if let Some(status) = status {
            deployment.status = Rc::new(status);
        }
        self.write_status(deployment, Why::RecordsRevision { revision });
    }

    pub(super) fn create_new_set(&mut self) {
        let total = rolling::total(&self.sets);
        let room = rolling::room(&self.deployment, total);
        let replicas = rolling::new_set_size(room, 0, self.deployment.is_rolling_update());
        let revision = self.next_revision(None);
        let set = Rc::new(sets::make_new(&self.deployment, revision, replicas));
        let event = (replicas > 0).then(|| self.scaling_event(set.name(), 0, replicas));
        let why = Why::NewTemplate { revision, replicas, room };
        let intent = self.plan.create(Object::ReplicaSet(set), why);
        if let Some(event) = event {
            intent.then_event(event);
        }
        self.plan.then(CREATED);
    }

    /// After the new ReplicaSet was created: the Deployment shows its revision, and that it progresses.
    pub(super) fn record_creation(&mut self, new: &ReplicaSet) {
        let mut deployment = self.with_revision_of(new);
        if conditions::deadline_seconds(&deployment).is_some() {
            let message = format!("Created new replica set \"{}\"", new.name());
            let created =
                conditions::condition(PROGRESSING, "True", reason::CREATED, message, self.snapshot.now);
            conditions::set(Rc::make_mut(&mut deployment.status), created);
        }
        self.write_status(deployment, Why::RecordsRevision { revision: new.revision() });
    }

    /// After the new ReplicaSet was refused. Its name may be taken: then the next hash counts one more collision.
    pub(super) fn handle_refused_creation(&mut self, error: &ApiError) {
        if controllers::namespace_is_terminating(error) {
            return;
        }
        let name = sets::make_new(&self.deployment, 0, 0).key;
        if error.reason == Reason::AlreadyExists {
            return match self.snapshot.store.get::<ReplicaSet>(&name) {
                // Its own creation has not reached its cache yet.
                None => self.plan.fail(Why::CacheIsBehind),
                Some(_) => self.count_collision(),
            };
        }
        let message = format!("Failed to create new replica set \"{}\": {}", name.name, error.message);
        if conditions::deadline_seconds(&self.deployment).is_some() {
            let mut deployment = (*self.deployment).clone();
            let failed = conditions::condition(
                PROGRESSING,
                "False",
                reason::CREATE_ERROR,
                message.clone(),
                self.snapshot.now,
            );
            conditions::set(Rc::make_mut(&mut deployment.status), failed);
            if deployment.status != self.deployment.status {
                self.write_status(deployment, Why::CreateFailed);
            }
        }
        let object = Object::Deployment(self.deployment.clone());
        let event = EventDraft::warning(&object, reason::CREATE_ERROR, EventText::Fixed(message.into()));
        self.plan.event(event, Why::CreateFailed);
        self.plan.fail(Why::CreateFailed);
    }

    fn count_collision(&mut self) {
        let mut deployment = (*self.deployment).clone();
        let collisions = deployment.status.collision_count.unwrap_or(0) + 1;
        Rc::make_mut(&mut deployment.status).collision_count = Some(collisions);
        self.write_status(deployment, Why::HashTaken { collisions });
        self.plan.fail(Why::HashTaken { collisions });
    }

    fn shows_revision(&self, new: &ReplicaSet) -> bool {
        self.deployment.annotation(REVISION) == new.annotation(REVISION)
    }

    fn with_revision_of(&self, new: &ReplicaSet) -> Deployment {
        let mut deployment = (*self.deployment).clone();
        if let Some(revision) = new.annotation(REVISION).filter(|_| !self.shows_revision(new)) {
            let meta = Rc::make_mut(&mut deployment.meta);
            Rc::make_mut(&mut meta.annotations).insert(REVISION.to_owned(), revision.to_owned());
        }
        deployment
    }

    pub(super) fn write_status(&mut self, deployment: Deployment, why: Why) {
        self.has_written_status = true;
        self.plan.update_status(Object::Deployment(Rc::new(deployment)), why);
    }

    /// Gives a ReplicaSet another size, unless it has that size. Upstream: `scaleReplicaSet`.
    pub(super) fn resize(&mut self, set: &Rc<ReplicaSet>, to: i32, why: Why) -> bool {
        let set = self.resized.iter().find(|resized| resized.uid == set.uid).unwrap_or(set).clone();
        if set.replicas() == to {
            return false;
        }
        self.resize_or_refresh(&set, to, why)
    }

    /// Gives a ReplicaSet another size, or the same size with fresh annotations.
    pub(super) fn resize_or_refresh(&mut self, set: &Rc<ReplicaSet>, to: i32, why: Why) -> bool {
        let from = set.replicas();
        let mut resized = (**set).clone();
        let has_new_sizes =
            annotations::set_sizes(&mut Rc::make_mut(&mut resized.meta).annotations, &self.deployment);
        if from == to && !has_new_sizes {
            return false;
        }
        if from != to {
            resized.spec.replicas = Some(to);
        }
        let event = (from != to).then(|| self.scaling_event(resized.name(), from, to));
        let resized = Rc::new(resized);
        let intent = self.plan.update(Object::ReplicaSet(resized.clone()), why);
        if let Some(event) = event {
            intent.then_event(event);
        }
        self.remember_size(resized);
        true
    }

    /// A second write of the same ReplicaSet builds on the first, whatever resourceVersion that gets.
    fn remember_size(&mut self, mut resized: Rc<ReplicaSet>) {
        Rc::make_mut(&mut resized).resource_version = 0;
        self.resized.retain(|known| known.uid != resized.uid);
        self.resized.push(resized);
    }

    fn scaling_event(&self, set: &str, from: i32, to: i32) -> EventDraft {
        let direction = if from < to { "up" } else { "down" };
        let message = format!("Scaled {direction} replica set {set} from {from} to {to}");
        let object = Object::Deployment(self.deployment.clone());
        EventDraft::normal(&object, "ScalingReplicaSet", EventText::Fixed(message.into()))
    }

    /// Whether the stored status says that the rollout is complete.
    pub(super) fn is_complete(&self) -> bool {
        status::is_complete(&self.deployment, &self.deployment.status)
    }

    /// Deletes old ReplicaSets beyond the history limit.
    pub(super) fn forget_old_revisions(&mut self, new: Option<&Rc<ReplicaSet>>) {
        let old: Vec<Rc<ReplicaSet>> =
            self.sets.iter().filter(|set| new.is_none_or(|new| new.uid != set.uid)).cloned().collect();
        let count = old.len() as i32;
        for set in history::to_forget(&self.deployment, old) {
            let limit = self.deployment.spec.revision_history_limit.unwrap_or(count);
            let why = Why::ForgetsRevision { revision: set.revision(), old: count, limit };
            let target = ObjectRef::new(Kind::ReplicaSet, set.key.clone());
            self.plan.delete(target, DeleteOptions::default(), why).accept(Reason::NotFound);
        }
    }

    /// Writes the status of a rollout if it changed. Upstream: `syncRolloutStatus`.
    pub(super) fn report_rollout(&mut self, new: Option<&Rc<ReplicaSet>>) {
        let (new, now) = (new.map(|new| &**new), self.snapshot.now);
        let mut status = status::calculate(&self.deployment, &self.sets, new, now);
        status::judge_progress(&self.deployment, &self.sets, new, &mut status, now);
        if self.has_written_status {
            return;
        }
        let tally = status::tally(&self.deployment, &status);
        if *self.deployment.status == status {
            self.watch_deadline(&status);
            return self.nothing_if_quiet(Why::UpToDate);
        }
        let why = match conditions::find(&status, PROGRESSING).and_then(|found| found.reason.as_deref()) {
            Some(now) if now == conditions::progress_reason(&self.deployment) => self.difference(tally),
            Some(reason::AVAILABLE) => Why::Completes(tally),
            Some(reason::TIMED_OUT) => {
                let deadline_seconds = conditions::deadline_seconds(&self.deployment).unwrap_or(0);
                Why::TimesOut { tally, deadline_seconds }
            }
            _ => self.difference(tally),
        };
        let deployment = Deployment { status: Rc::new(status), ..(*self.deployment).clone() };
        self.write_status(deployment, why);
    }

    /// Writes the status if it changed, the Progressing condition as it is. Upstream: `syncDeploymentStatus`.
    pub(super) fn report(&mut self, new: Option<&Rc<ReplicaSet>>) {
        let new = new.map(|new| &**new);
        let status = status::calculate(&self.deployment, &self.sets, new, self.snapshot.now);
        if self.has_written_status || *self.deployment.status == status {
            return self.nothing_if_quiet(Why::UpToDate);
        }
        let why = self.difference(status::tally(&self.deployment, &status));
        let deployment = Deployment { status: Rc::new(status), ..(*self.deployment).clone() };
        self.write_status(deployment, why);
    }

    fn difference(&self, now: Tally) -> Why {
        Why::Reports { before: status::tally(&self.deployment, &self.deployment.status), now }
    }

    /// A rollout that does not move is looked at again once its deadline has passed.
    fn watch_deadline(&mut self, status: &k8s_openapi::api::apps::v1::DeploymentStatus) {
        let Some(left) = status::until_deadline(&self.deployment, status, self.snapshot.now) else { return };
        let deadline_seconds = conditions::deadline_seconds(&self.deployment).unwrap_or(0);
        let second = Duration::from_seconds(1);
        // Upstream asks over and over in the last second; looking once, right after it, sees the same.
        let wait = if left < second { left + controllers::BACK_OFF } else { left + second };
        self.plan.look_again_in(wait, Why::WatchesDeadline { deadline_seconds });
    }

    /// Says why nothing is done, if nothing is.
    pub(super) fn nothing_if_quiet(&mut self, why: impl FnOnce(Tally) -> Why) {
        if self.plan.intents.is_empty() {
            let tally = status::tally(&self.deployment, &self.deployment.status);
            self.plan.nothing_to_do(why(tally));
        }
    }
}
