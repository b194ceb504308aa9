//! Workloads of the store as figures, a row for each: its card, what it made, its gauge.

mod cron_job;
mod daemon_set;
mod deployment;
mod job;
mod place;
mod replicas;
mod revisions;
mod stateful_set;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::rc::Rc;

use kubestep_core::api::{
    CronJob, DaemonSet, Deployment, Job, Key, Kind, ObjectRef, Pod, ReplicaSet, ReplicationController,
    Resource, StatefulSet, Stored, Uid,
};
use kubestep_core::apiserver::Store;
use kubestep_core::engine::World;
use kubestep_core::order;
use kubestep_core::time::{Duration, Time};

use super::Sight;
use crate::scene::figures::{self, Count, GaugeCell, GaugeKind, PartFigure, WorkloadFigure};
use crate::scene::geometry::Rect;
pub use place::height;
pub use revisions::Revisions;

/// More parts than this are not drawn: the newest and those with pods are.
const MOST_PARTS: usize = 3;
/// A gauge has at most so many cells: what is beyond is not told apart anyway.
const MOST_CELLS: usize = 5_000;

/// The rows of a cluster.
#[derive(Default)]
pub struct Workloads<'a> {
    /// What is drawn, from top to bottom.
    shown: Vec<Entry<'a>>,
    /// The names of what there is no room for.
    pub hidden: Vec<&'a str>,
}

/// A workload that nothing else has made.
#[derive(Clone, Copy)]
struct Entry<'a> {
    kind: Kind,
    key: &'a Key,
    uid: Uid,
    created: Time,
}

/// What figures are read from.
pub struct View<'a> {
    /// The world as of the step.
    pub world: &'a World,
    /// The world as of the step before, to tell which numbers the step changed.
    pub before: Option<&'a World>,
    /// The objects that the step is about.
    pub hits: &'a BTreeSet<Uid>,
    /// The revisions that pods are made from.
    pub revisions: &'a Revisions,
}

impl<'a> Workloads<'a> {
    /// The workloads of a store, in the order of their namespaces and then of their age. Where there are too many, those
    /// that the step is about and the selected one take the places of the last.
    pub fn of(store: &'a Store, sight: &Sight<'_>, hits: &BTreeSet<Uid>) -> Workloads<'a> {
        let mut all = Vec::new();
        gather(store.list::<Deployment>(), &mut all);
        gather(store.list::<StatefulSet>(), &mut all);
        gather(store.list::<DaemonSet>(), &mut all);
        gather(store.list::<CronJob>(), &mut all);
        gather(store.list::<ReplicationController>(), &mut all);
        gather(alone(store.list::<Job>()), &mut all);
        gather(alone(store.list::<ReplicaSet>()), &mut all);
        order::sort_by_key(&mut all, |entry| {
            (entry.key.namespace.clone(), entry.created, entry.kind, entry.key.name.clone())
        });
        let is_wanted = |entry: &Entry<'_>| {
            let selected = sight.selected;
            hits.contains(&entry.uid)
                || selected.is_some_and(|it| it.kind == entry.kind && it.key == *entry.key)
        };
        let mut hidden = all.split_off(all.len().min(place::MOST_ROWS));
        if let Some(wanted) = hidden.iter_mut().find(|entry| is_wanted(entry))
            && let Some(last) = all.iter_mut().rfind(|entry| !is_wanted(entry))
        {
            std::mem::swap(wanted, last);
        }
        Workloads { shown: all, hidden: hidden.into_iter().map(|entry| &*entry.key.name).collect() }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.shown.len()
    }

    /// The figures, row by row, inside the area.
    pub fn figures(&self, view: &View<'_>, area: Rect) -> Vec<Rc<WorkloadFigure>> {
        let several = self.shown.windows(2).any(|pair| pair[0].key.namespace != pair[1].key.namespace);
        let figures = self.shown.iter().filter_map(|entry| figure(entry, view));
        let placed = figures.enumerate().map(|(row, mut figure)| {
            if several {
                figure.namespace = Some(self.shown[row].key.namespace.to_string());
            }
            place::place(&mut figure, area, row, self.rows());
            Rc::new(figure)
        });
        placed.collect()
    }
}

/// The name that the element of a workload or of one of its parts carries.
pub fn key(kind: Kind, uid: Uid) -> figures::Key {
    format!("{}:{uid}", kind.names().singular).into()
}

/// Whether elements of this kind stand in the workloads' rows.
pub fn is_drawn(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Deployment
            | Kind::ReplicaSet
            | Kind::ReplicationController
            | Kind::StatefulSet
            | Kind::DaemonSet
            | Kind::ControllerRevision
            | Kind::Job
            | Kind::CronJob
    )
}

/// The pods that a workload has made, itself or by what it made; of a revision those that are made from it.
pub fn pods_below<'a>(store: &'a Store, target: &ObjectRef) -> impl Iterator<Item = &'a Rc<Pod>> {
    let object = store.object(target);
    let uid = object.as_ref().map(|object| object.uid()).unwrap_or_default();
    let revision = object.filter(|_| target.kind == Kind::ControllerRevision);
    let owner =
        revision.as_ref().and_then(|revision| revision.meta().controller()).map_or(uid, |owner| owner.uid);
    let made = store.dependents(uid).filter(|part| matches!(part.kind, Kind::ReplicaSet | Kind::Job));
    let made = made.filter_map(|part| store.object(part)).map(|part| part.uid());
    let owners: Vec<Uid> = std::iter::once(owner).chain(made).collect();
    let pods = owners.into_iter().flat_map(|owner| store.pods_of(owner));
    pods.filter(move |pod| {
        revision.as_ref().is_none_or(|revision| revisions::is_made_from(pod, revision.name()))
    })
}

fn gather<'a, S: 'a, T: 'a>(
    objects: impl Iterator<Item = &'a Rc<Resource<S, T>>>,
    entries: &mut Vec<Entry<'a>>,
) where
    Resource<S, T>: Stored,
{
    let entry = |object: &'a Rc<Resource<S, T>>| Entry {
        kind: Resource::<S, T>::KIND,
        key: &object.key,
        uid: object.uid,
        created: object.meta.created,
    };
    entries.extend(objects.map(entry));
}

/// Those that no other workload has made.
fn alone<'a, S: 'a, T: 'a>(
    objects: impl Iterator<Item = &'a Rc<Resource<S, T>>>,
) -> impl Iterator<Item = &'a Rc<Resource<S, T>>> {
    objects.filter(|object| object.controller().is_none())
}

fn figure(entry: &Entry<'_>, view: &View<'_>) -> Option<WorkloadFigure> {
    let store = view.store();
    let key = entry.key;
    Some(match entry.kind {
        Kind::Deployment => deployment::figure(store.get(key)?, view),
        Kind::StatefulSet => stateful_set::figure(store.get(key)?, view),
        Kind::DaemonSet => daemon_set::figure(store.get(key)?, view),
        Kind::Job => job::figure(store.get(key)?, view),
        Kind::CronJob => cron_job::figure(store.get(key)?, view),
        Kind::ReplicaSet => replicas::of_set(store.get(key)?, view),
        Kind::ReplicationController => replicas::of_controller(store.get(key)?, view),
        _ => return None,
    })
}

impl View<'_> {
    /// The store as of the step.
    fn store(&self) -> &Store {
        &self.world.store
    }

    fn is_hit(&self, uid: Uid) -> bool {
        self.hits.contains(&uid)
    }

    /// A number of an object, with what it was before the step.
    fn count<S, T>(&self, object: &Resource<S, T>, read: impl Fn(&Resource<S, T>) -> i32) -> Count
    where
        Resource<S, T>: Stored,
    {
        let now = i64::from(read(object));
        let before = self.before.and_then(|world| world.store.get::<Resource<S, T>>(&object.key));
        let before = before.filter(|old| old.uid == object.uid);
        Count::new(now, before.map_or(now, |old| i64::from(read(old))))
    }

    /// What a pod counts as in a gauge, if it serves after it has been ready for so long.
    fn cell(&self, pod: &Pod, min_ready_seconds: i32) -> GaugeCell {
        let wait = Duration::from_seconds(min_ready_seconds.max(0) as u64);
        let available = pod.ready_since().is_some_and(|since| self.world.now >= since + wait);
        let kind = match (pod.is_terminating(), available) {
            (true, _) => GaugeKind::Leaving,
            (false, true) => GaugeKind::Available,
            (false, false) => GaugeKind::NotReady,
        };
        GaugeCell { revision: self.revisions.of(pod), kind }
    }
}

/// The place of a pod that is yet to be made.
fn coming(revision: u32) -> GaugeCell {
    GaugeCell { revision, kind: GaugeKind::Coming }
}

/// Parts without pods make room first, the oldest of them first; gives how many are left out.
fn make_room<T>(parts: &mut Vec<T>, most: usize, is_empty: impl Fn(&T) -> bool) -> usize {
    let all = parts.len();
    while parts.len() > most {
        let newest = parts.len() - 1;
        let empty = parts[..newest].iter().position(&is_empty);
        parts.remove(empty.unwrap_or(0));
    }
    all - parts.len()
}

/// A part with everything that its object gives it.
fn part<S, T>(object: &Resource<S, T>, revision: u32, view: &View<'_>) -> PartFigure
where
    Resource<S, T>: Stored,
{
    PartFigure {
        key: key(Resource::<S, T>::KIND, object.uid),
        kind: Resource::<S, T>::KIND,
        rect: Rect::default(),
        name: object.name().to_owned(),
        revision,
        note: String::new(),
        counts: Vec::new(),
        hit: view.is_hit(object.uid),
    }
}
