//! Which revision of the template is the latest one, and which the pods had before. Upstream:
//! `stateful_set_control.go`, `getStatefulSetRevisions`.

use std::rc::Rc;

use super::walk::Walk;
use super::{Revisions, revision_of};
use crate::api::{ControllerRevision, Kind, Labels, Object, ObjectRef, StatefulSet};
use crate::apiserver::{DeleteOptions, Reason, Store};
use crate::controllers::history;
use crate::plan::{Outcomes, Plan, Turn};
use crate::why::stateful_set::StatefulSet as Why;

/// The revisions of `set`, whose `history` is in order. `None`: one is being written, and the turn after that goes
/// on. The n-th further turn has seen n - 1 names that were taken.
pub(super) fn settle(
    store: &Store,
    set: &Rc<StatefulSet>,
    history: &[Rc<ControllerRevision>],
    outcomes: &Outcomes,
    plan: &mut Plan,
) -> Option<Revisions> {
    let known_collisions = set.status.collision_count.unwrap_or(0);
    let seen_collisions = i32::try_from(outcomes.turn.0).unwrap_or(i32::MAX).saturating_sub(1).max(0);
    let collision_count = known_collisions.saturating_add(seen_collisions);
    let wanted = proposed(set, history, collision_count);
    let with = |update: Rc<ControllerRevision>, collision_count| {
        let current = history.iter().find(|revision| revision.name() == set.current_revision());
        Some(Revisions { current: current.unwrap_or(&update).clone(), update, collision_count })
    };
    if outcomes.turn == Turn::default() {
        let equal = history.iter().rfind(|revision| revision.data() == wanted.data());
        let Some(equal) = equal else {
            create(wanted, outcomes.turn, plan);
            return None;
        };
        let latest = history.last().filter(|latest| latest.data() == wanted.data());
        if let Some(latest) = latest {
            return with(latest.clone(), collision_count);
        }
        let why = Why::ReturnsToRevision { from: equal.number(), to: wanted.number() };
        let renumbered = history::renumbered(equal, wanted.number());
        plan.update(Object::ControllerRevision(Rc::new(renumbered)), why);
        plan.then(Turn(1));
        return None;
    }
    match outcomes.answers.last() {
        Some(Ok(change)) => match &change.after {
            Some(Object::ControllerRevision(written)) => with(written.clone(), collision_count),
            _ => None,
        },
        Some(Err(error)) if error.reason == Reason::AlreadyExists => {
            let existing = store.get::<ControllerRevision>(&wanted.key);
            if let Some(existing) = existing.filter(|existing| existing.data() == wanted.data()) {
                return with(existing.clone(), collision_count);
            }
            let next = proposed(set, history, collision_count.saturating_add(1));
            create(next, outcomes.turn, plan);
            None
        }
        Some(Err(_)) | None => {
            plan.fail(Why::RevisionCollides);
            None
        }
    }
}

/// The revision that the set's template makes.
fn proposed(
    set: &StatefulSet,
    history: &[Rc<ControllerRevision>],
    collision_count: i32,
) -> ControllerRevision {
    let template = &set.spec.template;
    let data = history::data(template);
    let hash = history::hash(&data, collision_count);
    let mut labels: Labels =
        template.metadata.as_ref().and_then(|meta| meta.labels.clone()).unwrap_or_default();
    labels.insert(history::HASH_LABEL.to_owned(), hash.clone());
    history::new_revision(Kind::StatefulSet, set, &hash, labels, data, history::next_number(history))
}

fn create(revision: ControllerRevision, turn: Turn, plan: &mut Plan) {
    let why = Why::RecordsRevision { number: revision.number() };
    plan.create(Object::ControllerRevision(Rc::new(revision)), why);
    plan.then(Turn(turn.0 + 1));
}

/// Deletes the oldest revisions that nothing uses, where there are more than the limit. Upstream: `truncateHistory`.
pub(super) fn forget_old(walk: &Walk<'_>, history: &[Rc<ControllerRevision>], plan: &mut Plan) {
    let (set, revisions) = (walk.set, walk.revisions);
    let is_used = |revision: &Rc<ControllerRevision>| {
        let name = revision.name();
        name == revisions.current.name()
            || name == revisions.update.name()
            || walk.pods.values().any(|pod| revision_of(pod) == name)
    };
    let unused: Vec<&Rc<ControllerRevision>> = history.iter().filter(|it| !is_used(it)).collect();
    let limit = set.revision_history_limit();
    let surplus = unused.len().saturating_sub(usize::try_from(limit).unwrap_or(0));
    for revision in &unused[..surplus] {
        let why = Why::ForgetsRevision { number: revision.number(), unused: unused.len() as i32, limit };
        let target = ObjectRef::new(Kind::ControllerRevision, revision.key.clone());
        plan.delete(target, DeleteOptions::default(), why).accept(Reason::NotFound);
    }
}
