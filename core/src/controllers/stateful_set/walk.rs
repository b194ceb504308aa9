//! What to do about the pods of a StatefulSet, one after the other. Upstream: `stateful_set_control.go`,
//! `updateStatefulSet`.
//!
//! ```text
//! db-0 Ready, db-1 not Ready, db-2 missing    db-2 waits for db-1
//! ```

use std::collections::BTreeMap;
use std::rc::Rc;

use super::{Revisions, claims, identity, is_available, is_running_and_ready, revision_of};
use crate::api::{ControllerRevision, Kind, Object, ObjectRef, PersistentVolumeClaim, Pod, StatefulSet};
use crate::apiserver::{DeleteOptions, Reason};
use crate::plan::{EventDraft, EventText, Plan, Snapshot};
use crate::why::stateful_set::{HoldsUp, Missing, StatefulSet as Why, Until};

/// The most pods that one look creates. Upstream has no such bound, and would send as many requests as there are
/// pods missing.
const BURST: usize = 500;

/// What one look works on.
pub(super) struct Walk<'a> {
    pub(super) snapshot: &'a Snapshot<'a>,
    pub(super) set: &'a Rc<StatefulSet>,
    pub(super) revisions: &'a Revisions,
    /// Its pods by number.
    pub(super) pods: BTreeMap<i64, &'a Rc<Pod>>,
}

/// Whether the walk goes on after a pod.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Onwards {
    Go,
    Stop,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        snapshot: &'a Snapshot<'a>,
        set: &'a Rc<StatefulSet>,
        revisions: &'a Revisions,
    ) -> Walk<'a> {
        let pods = snapshot.store.pods_of(set.uid);
        let numbered = pods.filter_map(|pod| Some((set.ordinal_of(pod.name())?, pod)));
        Walk { snapshot, set, revisions, pods: numbered.collect() }
    }

    /// Records what is to be done.
    pub(super) fn walk(&self, plan: &mut Plan) {
        if self.keep_wanted(plan) == Onwards::Stop || self.drop_surplus(plan) == Onwards::Stop {
            return;
        }
        self.update(plan);
    }

    /// Creates what is missing and replaces what has finished, upwards.
    fn keep_wanted(&self, plan: &mut Plan) -> Onwards {
        let wanted = self.set.ordinals();
        let count = usize::try_from(self.set.replicas()).unwrap_or(0).min(self.pods.len() + BURST);
        for place in self.order(count) {
            let onwards = self.keep(wanted.start + place as i64, plan);
            if onwards == Onwards::Stop && !self.set.is_parallel() {
                return Onwards::Stop;
            }
        }
        Onwards::Go
    }

    /// The order in which pods are dealt with: as they are numbered, or at once. At once means in batches of 1, 2, 4,
    /// and so on, of which the request that is made last is sent first.
    fn order(&self, count: usize) -> Vec<usize> {
        if !self.set.is_parallel() {
            return (0..count).collect();
        }
        let mut order = Vec::with_capacity(count);
        let mut size = 1;
        while order.len() < count {
            let begin = order.len();
            let end = (begin + size).min(count);
            order.push(end - 1);
            order.extend(begin..end - 1);
            size *= 2;
        }
        order
    }

    fn keep(&self, ordinal: i64, plan: &mut Plan) -> Onwards {
        let Some(pod) = self.pods.get(&ordinal) else {
            self.create(ordinal, plan);
            return Onwards::Stop;
        };
        if pod.is_finished() {
            if !pod.is_terminating() {
                let why = Why::FinishedPod { ordinal, failed: pod.phase() == "Failed" };
                self.delete(pod, why, plan);
            }
            return Onwards::Stop;
        }
        if pod.phase() == "Pending" {
            self.create_missing_claims(ordinal, plan);
        }
        if let Some(until) = self.lacks(pod).filter(|_| !self.set.is_parallel()) {
            let has_successors = ordinal + 1 < self.set.ordinals().end;
            let holds_up = if has_successors { HoldsUp::Successors } else { HoldsUp::Update };
            plan.nothing_to_do(Why::Waits { ordinal, until, holds_up });
            return Onwards::Stop;
        }
        self.repair(pod, ordinal, plan);
        Onwards::Go
    }

    /// What a pod has yet to become before others may follow.
    fn lacks(&self, pod: &Pod) -> Option<Until> {
        if pod.is_terminating() {
            return Some(Until::Gone);
        }
        if !is_running_and_ready(pod) {
            return Some(Until::Ready);
        }
        (!is_available(self.set, pod, self.snapshot.now)).then_some(Until::Available)
    }

    fn create(&self, ordinal: i64, plan: &mut Plan) {
        self.create_missing_claims(ordinal, plan);
        let revision = self.revision_for(ordinal);
        let pod = identity::new_pod(self.set, revision, ordinal);
        let name = pod.name().to_owned();
        let why = Why::MissingPod(Missing {
            ordinal,
            want: self.set.replicas(),
            have: self.pods.len() as i32,
            in_order: !self.set.is_parallel(),
            revision: revision.name().into(),
            is_old_revision: revision.name() != self.revisions.update.name(),
        });
        plan.create(Object::Pod(Rc::new(pod)), why)
            .go_on()
            .then_event(self.succeeded("Create", &name))
            .else_event(self.failed("Create", &name));
    }

    /// The revision that the pod with this number is to be made from. Upstream: `isCurrentRevisionNeeded`.
    fn revision_for(&self, ordinal: i64) -> &'a ControllerRevision {
        let set = self.set;
        let old_below = match set.partition() {
            _ if !set.is_rolling_update() => 0,
            Some(partition) => partition,
            None => i64::from(set.status.current_replicas.unwrap_or(0)),
        };
        let keeps_old = set.is_rolling_update() && ordinal < set.first_ordinal() + old_below;
        if keeps_old { &self.revisions.current } else { &self.revisions.update }
    }

    fn create_missing_claims(&self, ordinal: i64, plan: &mut Plan) {
        let store = self.snapshot.store;
        let pod = identity::pod_name(self.set, ordinal);
        for claim in identity::claims_of(self.set, ordinal) {
            if store.get::<PersistentVolumeClaim>(&claim.key).is_some() {
                continue;
            }
            let (set, name) = (self.set.name(), claim.name().to_owned());
            let created = format!("Create Claim {name} Pod {pod} in StatefulSet {set} success");
            let failed = format!("Create Claim {name} for Pod {pod} in StatefulSet {set} failed error: ");
            let object = Object::StatefulSet(self.set.clone());
            let created = EventText::Fixed(created.into());
            plan.create(Object::PersistentVolumeClaim(Rc::new(claim)), Why::MissingClaim { ordinal })
                .then_event(EventDraft::normal(&object, "SuccessfulCreate", created))
                .else_event(EventDraft::warning(
                    &object,
                    "FailedCreate",
                    EventText::AfterError(failed.into()),
                ));
        }
    }

    /// Gives a pod back what its number gives it.
    fn repair(&self, pod: &Rc<Pod>, ordinal: i64, plan: &mut Plan) {
        let has_new_owner = claims::settle_owners(self.snapshot.store, self.set, pod, ordinal, plan);
        let is_intact = identity::is_intact(self.set, pod, ordinal);
        if is_intact && !has_new_owner {
            return;
        }
        if !is_intact {
            self.create_missing_claims(ordinal, plan);
        }
        // Where only a claim got another owner, upstream writes the pod too, as it is.
        let repaired = identity::repaired(self.set, pod, ordinal);
        plan.update(Object::Pod(Rc::new(repaired)), Why::RepairsIdentity { ordinal })
            .go_on()
            .then_event(self.succeeded("Update", pod.name()))
            .else_event(self.failed("Update", pod.name()));
    }

    /// Deletes pods whose number is out of range, downwards.
    fn drop_surplus(&self, plan: &mut Plan) -> Onwards {
        let wanted = self.set.ordinals();
        let surplus: Vec<(i64, &Rc<Pod>)> = self
            .pods
            .iter()
            .rev()
            .filter(|(ordinal, _)| !wanted.contains(ordinal))
            .map(|(ordinal, pod)| (*ordinal, *pod))
            .collect();
        for (ordinal, pod) in &surplus {
            claims::settle_owners(self.snapshot.store, self.set, pod, *ordinal, plan);
        }
        let first_unhealthy = self.first_unhealthy();
        for place in self.order(surplus.len()) {
            let (ordinal, pod) = surplus[place];
            if self.set.is_parallel() {
                if !pod.is_terminating() {
                    self.drop(pod, ordinal, plan);
                }
                continue;
            }
            let lacks = self.lacks(pod);
            // The lowest unhealthy pod may go: it holds up nobody but itself.
            let blocks = lacks.filter(|until| *until == Until::Gone || first_unhealthy != Some(ordinal));
            match blocks {
                None => self.drop(pod, ordinal, plan),
                Some(until) => {
                    plan.nothing_to_do(Why::Waits { ordinal, until, holds_up: HoldsUp::ScaleDown });
                }
            }
            return Onwards::Stop;
        }
        Onwards::Go
    }

    fn drop(&self, pod: &Rc<Pod>, ordinal: i64, plan: &mut Plan) {
        let why = Why::TooManyPods {
            ordinal,
            want: self.set.replicas(),
            have: self.pods.len() as i32,
            in_order: !self.set.is_parallel(),
        };
        self.delete(pod, why, plan);
    }

    /// The lowest pod that is wanted and not healthy, or else the lowest surplus one that is not.
    fn first_unhealthy(&self) -> Option<i64> {
        let wanted = self.set.ordinals();
        let unhealthy = |in_range: bool| {
            let pods = self.pods.iter().filter(move |(ordinal, _)| wanted.contains(ordinal) == in_range);
            pods.map(|(ordinal, pod)| (*ordinal, pod)).find(|(_, pod)| self.lacks(pod).is_some())
        };
        unhealthy.clone()(true).or_else(|| unhealthy(false)).map(|(ordinal, _)| ordinal)
    }

    /// Deletes the highest pod that is outdated, unless one above it has yet to get well.
    fn update(&self, plan: &mut Plan) {
        let set = self.set;
        if !set.is_rolling_update() {
            return;
        }
        let partition = set.partition().unwrap_or(0);
        let wanted = set.ordinals();
        for ordinal in (wanted.start + partition..wanted.end).rev() {
            // One that is being created is waited for as well.
            let Some(pod) = self.pods.get(&ordinal) else { return };
            let latest = self.revisions.update.name();
            if revision_of(pod) != latest && !pod.is_terminating() {
                let (from, to) = (revision_of(pod).into(), latest.into());
                return self.delete(pod, Why::OutdatedPod { ordinal, partition, from, to }, plan);
            }
            if let Some(until) = self.lacks(pod) {
                return plan.nothing_to_do(Why::Waits { ordinal, until, holds_up: HoldsUp::Update });
            }
        }
    }

    fn delete(&self, pod: &Rc<Pod>, why: Why, plan: &mut Plan) {
        let target = ObjectRef::new(Kind::Pod, pod.key.clone());
        plan.delete(target, DeleteOptions::default(), why)
            .accept(Reason::NotFound)
            .then_event(self.succeeded("Delete", pod.name()))
            .else_event(self.failed("Delete", pod.name()));
    }

    fn succeeded(&self, verb: &'static str, pod: &str) -> EventDraft {
        let text = format!("{verb} Pod {pod} in StatefulSet {} successful", self.set.name());
        let reason = match verb {
            "Create" => "SuccessfulCreate",
            "Delete" => "SuccessfulDelete",
            _ => "SuccessfulUpdate",
        };
        let object = Object::StatefulSet(self.set.clone());
        EventDraft::normal(&object, reason, EventText::Fixed(text.into()))
    }

    fn failed(&self, verb: &'static str, pod: &str) -> EventDraft {
        let text = format!("{verb} Pod {pod} in StatefulSet {} failed error: ", self.set.name());
        let reason = match verb {
            "Create" => "FailedCreate",
            "Delete" => "FailedDelete",
            _ => "FailedUpdate",
        };
        let object = Object::StatefulSet(self.set.clone());
        EventDraft::warning(&object, reason, EventText::AfterError(text.into()))
    }
}
