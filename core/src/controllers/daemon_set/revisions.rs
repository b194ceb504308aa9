//! Which revision of the template is the latest one. Upstream: `pkg/controller/daemon/update.go`,
//! `constructHistory`.

use std::rc::Rc;

use super::REVISED;
use super::look::{Look, Revision};
use crate::api::{ControllerRevision, DaemonSet, Kind, Labels, Object, ObjectRef};
use crate::apiserver::{DeleteOptions, Reason, Store};
use crate::controllers::deployment::hash::pod_template_hash;
use crate::controllers::history;
use crate::plan::{Outcomes, Plan, Turn};
use crate::why::daemon_set::DaemonSet as Why;

/// The latest revision of `set`, whose `history` is in order. `None`: it is being written, and the turn after that
/// goes on, or it was refused.
pub(super) fn settle(
    store: &Store,
    set: &Rc<DaemonSet>,
    history: &[Rc<ControllerRevision>],
    outcomes: &Outcomes,
    plan: &mut Plan,
) -> Option<Revision> {
    let wanted = proposed(set, history);
    let revision = |revision: &ControllerRevision| {
        let hash = revision.label(history::POD_LABEL).unwrap_or_default().to_owned();
        Some(Revision { hash, name: revision.key.name.clone() })
    };
    let known = history.iter().rfind(|known| known.data() == wanted.data());
    if outcomes.turn == REVISED
        && let Some(Err(error)) = outcomes.answers.last()
    {
        let existing = store.get::<ControllerRevision>(&wanted.key);
        if let Some(existing) = existing.filter(|existing| existing.data() == wanted.data()) {
            return revision(existing);
        }
        refused(set, error.reason, plan);
        return None;
    }
    match known {
        None if outcomes.turn == Turn::default() => {
            let why = Why::RecordsRevision { number: wanted.number() };
            plan.create(Object::ControllerRevision(Rc::new(wanted)), why);
            plan.then(REVISED);
            None
        }
        // It was written in the first turn, and this look's cache does not have it yet.
        None => revision(&wanted),
        Some(known) if known.number() < wanted.number() && outcomes.turn == Turn::default() => {
            let why = Why::ReturnsToRevision { from: known.number(), to: wanted.number() };
            let renumbered = history::renumbered(known, wanted.number());
            plan.update(Object::ControllerRevision(Rc::new(renumbered)), why);
            plan.then(REVISED);
            None
        }
        Some(known) => revision(known),
    }
}

/// Another template has the same name: the next look makes another name.
fn refused(set: &Rc<DaemonSet>, reason: Reason, plan: &mut Plan) {
    if reason == Reason::AlreadyExists {
        let mut counted = (**set).clone();
        let status = Rc::make_mut(&mut counted.status);
        status.collision_count = Some(status.collision_count.unwrap_or(0) + 1);
        plan.update_status(Object::DaemonSet(Rc::new(counted)), Why::RevisionCollides);
    }
    plan.fail(Why::RevisionCollides);
}

/// The revision that the set's template makes. Its number follows on those of other templates.
fn proposed(set: &DaemonSet, history: &[Rc<ControllerRevision>]) -> ControllerRevision {
    let template = &set.spec.template;
    let data = history::data(template);
    let others = history.iter().filter(|known| *known.data() != data).map(|known| known.number());
    let number = others.max().unwrap_or(0) + 1;
    let hash = pod_template_hash(template, set.status.collision_count);
    let mut labels: Labels =
        template.metadata.as_ref().and_then(|meta| meta.labels.clone()).unwrap_or_default();
    labels.insert(history::POD_LABEL.to_owned(), hash.clone());
    history::new_revision(Kind::DaemonSet, set, &hash, labels, data, number)
}

/// Deletes the oldest revisions that no pod is made from, where there are more old ones than the limit.
/// Upstream: `cleanupHistory`.
pub(super) fn forget_old(look: &Look<'_>, history: &[Rc<ControllerRevision>], plan: &mut Plan) {
    let old: Vec<&Rc<ControllerRevision>> =
        history.iter().filter(|revision| revision.key.name != look.revision.name).collect();
    let limit = look.set.revision_history_limit();
    let surplus = old.len().saturating_sub(usize::try_from(limit).unwrap_or(0));
    let is_used = |revision: &&&Rc<ControllerRevision>| {
        let hash = revision.label(history::POD_LABEL);
        look.pods.values().flatten().any(|pod| pod.label(history::POD_LABEL) == hash)
    };
    for revision in old.iter().filter(|revision| !is_used(revision)).take(surplus) {
        let why = Why::ForgetsRevision { number: revision.number(), old: old.len() as i32, limit };
        let target = ObjectRef::new(Kind::ControllerRevision, revision.key.clone());
        plan.delete(target, DeleteOptions::default(), why).accept(Reason::NotFound);
    }
}
