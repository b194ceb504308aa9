//! Which revision of its workload a pod is made from.

use std::collections::BTreeMap;
use std::rc::Rc;

use kubestep_core::api::{ControllerRevision, Kind, Pod, ReplicaSet, Uid};
use kubestep_core::apiserver::Store;
use kubestep_core::controllers::history::POD_LABEL;
use kubestep_core::order;

use super::{MOST_PARTS, View, make_room, part};
use crate::scene::figures::{Count, PartFigure};

/// The numbers of all revisions.
#[derive(Default)]
pub struct Revisions {
    of_sets: BTreeMap<Uid, u32>,
    /// By owner and hash.
    of_hashes: BTreeMap<(Uid, Rc<str>), u32>,
}

impl Revisions {
    /// The revisions that a store knows.
    pub fn new(store: &Store) -> Revisions {
        let sets = store.list::<ReplicaSet>().map(|set| (set.uid, number(set.revision())));
        let hashes = store.list::<ControllerRevision>().filter_map(|revision| {
            let owner = revision.controller()?;
            Some(((owner, Rc::from(hash(revision.name()))), number(revision.number())))
        });
        Revisions { of_sets: sets.collect(), of_hashes: hashes.collect() }
    }

    /// The revision of a pod, from 1; 0 for none.
    pub fn of(&self, pod: &Pod) -> u32 {
        let Some(owner) = pod.controller() else { return 0 };
        if let Some(revision) = self.of_sets.get(&owner) {
            return *revision;
        }
        let label = pod.label(POD_LABEL).map(|label| (owner, Rc::from(hash(label))));
        label.and_then(|key| self.of_hashes.get(&key)).copied().unwrap_or(0)
    }
}

/// Whether a pod is made from the revision of this name.
pub(super) fn is_made_from(pod: &Pod, revision: &str) -> bool {
    pod.label(POD_LABEL).is_some_and(|label| hash(label) == hash(revision))
}

/// A revision's number as it is drawn.
pub(super) fn number(revision: i64) -> u32 {
    u32::try_from(revision).unwrap_or(0)
}

/// Pods of a DaemonSet carry the hash alone, those of a StatefulSet the revision's whole name.
fn hash(name: &str) -> &str {
    name.rsplit('-').next().unwrap_or(name)
}

/// The revisions of a set that are in use, the oldest first, and how many there are besides. `note` says what a
/// revision of this name is to the set; one without a note and without pods is not in use.
pub(super) fn parts(
    owner: Uid,
    view: &View<'_>,
    note: impl Fn(&str) -> &'static str,
) -> (Vec<PartFigure>, usize) {
    let store = view.store();
    let revisions = store.dependents(owner).filter(|target| target.kind == Kind::ControllerRevision);
    let mut revisions: Vec<&Rc<ControllerRevision>> =
        revisions.filter_map(|target| store.get::<ControllerRevision>(&target.key)).collect();
    order::sort_by_key(&mut revisions, |revision| revision.number());
    let parts = revisions.into_iter().map(|revision| {
        let (pods, ready) = counts(store, owner, revision.name());
        let old = view.before.map_or((pods, ready), |world| counts(&world.store, owner, revision.name()));
        PartFigure {
            note: note(revision.name()).to_owned(),
            counts: vec![("pods", Count::new(pods, old.0)), ("ready", Count::new(ready, old.1))],
            ..part(revision, number(revision.number()), view)
        }
    });
    let has_pods = |part: &PartFigure| part.counts.iter().any(|(_, count)| count.now > 0);
    let (mut used, unused): (Vec<_>, Vec<_>) =
        parts.partition(|part| !part.note.is_empty() || has_pods(part));
    let hidden = make_room(&mut used, MOST_PARTS, |part| !has_pods(part));
    (used, hidden + unused.len())
}

/// Pods of a revision that count, and how many of them are ready.
fn counts(store: &Store, owner: Uid, revision: &str) -> (i64, i64) {
    let Some(pods) = store.owned_pods(owner).filter(|pods| pods.active > 0) else { return (0, 0) };
    let is_one = |labels: &kubestep_core::api::Labels| {
        labels.get(POD_LABEL).is_some_and(|label| hash(label) == hash(revision))
    };
    // One set of labels is shared by the pods of a template, but each pod of a StatefulSet has its own.
    let active =
        pods.active_by_labels().filter(|(labels, _)| is_one(labels)).map(|(_, pods)| i64::from(pods)).sum();
    let of_it =
        store.pods_of(owner).filter(|pod| pod.is_active() && pod.is_ready() && is_one(&pod.meta.labels));
    (active, of_it.count() as i64)
}

/// The name of a set's latest revision.
pub(super) fn newest(owner: Uid, store: &Store) -> Option<Rc<str>> {
    let revisions = store.dependents(owner).filter(|target| target.kind == Kind::ControllerRevision);
    let revisions = revisions.filter_map(|target| store.get::<ControllerRevision>(&target.key));
    revisions.max_by_key(|revision| revision.number()).map(|revision| revision.key.name.clone())
}
