//! What will happen, by when: the world's only source of time.

use std::rc::Rc;

use rpds::RedBlackTreeMap;

use super::step::{Causes, CommandId, ReconcileId, StepId};
use super::workqueue::WorkKey;
use crate::api::ObjectRef;
use crate::apiserver::{Change, Store};
use crate::kubelet::MachineTimer;
use crate::plan::{EventDraft, Outcomes, Plan};
use crate::time::Time;

/// The number of an entry of the agenda; earlier ones come first at equal times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(pub u64);

/// Everything that is due, by time and then by order of arrival.
#[derive(Clone, Debug, PartialEq)]
pub struct Agenda {
    entries: RedBlackTreeMap<(Time, EntryId), Entry>,
    /// How many of them are not mere timers.
    in_progress: usize,
    next: u64,
}

/// One thing that is due.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What is due.
    pub due: Due,
    /// What made it due.
    pub causes: Causes,
    /// How a rest is judged by it.
    pub pending: Pending,
}

/// What a waiting entry means for "is anything going on?".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pending {
    /// A message in flight or a look that is due.
    Work,
    /// Something in progress that ends by itself: a pull, a start, a grace period.
    Progress,
    /// A wait that may last: a deadline, a back-off, a resync.
    Timer,
}

/// The things that can be due.
#[derive(Clone, Debug, PartialEq)]
pub enum Due {
    /// A command reaches kubectl, or the engine.
    Command(CommandId),
    /// A change reaches watchers' caches.
    Deliver(Rc<Delivery>),
    /// A component looks at a key.
    Look(WorkKey),
    /// The next intent of a plan.
    Continue(Rc<Run>),
    /// A moment that comes by itself on a machine.
    Machine(Rc<str>, MachineTimer),
    /// The API server removes an object that waits for nothing.
    Erase(ObjectRef),
    /// A timer that a component set for a key.
    Wake(WorkKey),
    /// A person waited this long: nothing happens.
    Waited,
}

/// A change on its way to watchers.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// What changed.
    pub change: Rc<Change>,
    /// The store as of the change.
    pub store: Rc<Store>,
    /// The step that made it.
    pub step: StepId,
    /// Who is about to learn of it.
    pub audience: Audience,
}

/// Watchers of a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience {
    /// One bit per controller of [`crate::controllers::ALL`].
    pub controllers: u32,
    /// The scheduler.
    pub scheduler: bool,
    /// The kubelets of these nodes.
    pub kubelets: Vec<Rc<str>>,
    /// Every kube-proxy.
    pub proxies: bool,
}

/// A plan that is being played.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Whose plan, for which key.
    pub key: WorkKey,
    /// The look that made it.
    pub reconcile: ReconcileId,
    /// What made the component look.
    pub causes: Causes,
    /// The plan.
    pub plan: Rc<Plan>,
    /// The intent to play next.
    pub next: usize,
    /// An Event that follows the intent before, ready to be recorded.
    pub event: Option<EventDraft>,
    /// The answers so far.
    pub outcomes: Outcomes,
    /// Whether a refusal asks for a retry.
    pub failed: bool,
}

impl Default for Agenda {
    fn default() -> Agenda {
        // Numbers below the first are left free for entries that are chosen to come before all others.
        Agenda { entries: RedBlackTreeMap::new(), in_progress: 0, next: 1 << 32 }
    }
}

impl Agenda {
    /// Adds an entry.
    pub fn add(&mut self, at: Time, entry: Entry) -> EntryId {
        let id = EntryId(self.next);
        self.next += 1;
        self.in_progress += usize::from(entry.pending != Pending::Timer);
        self.entries.insert_mut((at, id), entry);
        id
    }

    /// The next entry, and when it is due.
    pub fn first(&self) -> Option<(Time, &Entry)> {
        self.entries.first().map(|((at, _), entry)| (*at, entry))
    }

    /// Takes the next entry off.
    pub(crate) fn take_first(&mut self) -> Option<(Time, Entry)> {
        let (key, entry) = self.entries.first()?;
        let (key, entry) = (*key, entry.clone());
        self.entries.remove_mut(&key);
        self.in_progress -= usize::from(entry.pending != Pending::Timer);
        Some((key.0, entry))
    }

    /// Whether anything but timers waits.
    pub fn is_in_progress(&self) -> bool {
        self.in_progress > 0
    }

    /// Every entry, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Time, EntryId, &Entry)> {
        self.entries.iter().map(|((at, id), entry)| (*at, *id, entry))
    }

    /// How many entries wait.
    pub fn len(&self) -> usize {
        self.entries.size()
    }

    /// Whether nothing is due, ever.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Moves an entry before everything that is due at `now`. Returns whether it was there.
    pub(crate) fn reschedule_first(&mut self, id: EntryId, now: Time) -> bool {
        let found = self.entries.iter().find(|((_, known), _)| *known == id);
        let Some((key, entry)) = found.map(|(key, entry)| (*key, entry.clone())) else { return false };
        self.entries.remove_mut(&key);
        let first =
            self.entries.first().filter(|((at, _), _)| *at == now).map_or(id.0, |((_, first), _)| first.0);
        self.entries.insert_mut((now, EntryId(first.min(1 << 32) - 1)), entry);
        true
    }

    /// Moves an entry to another time. Returns whether it was there.
    pub(crate) fn reschedule(&mut self, id: EntryId, at: Time) -> bool {
        let found = self.entries.iter().find(|((_, known), _)| *known == id);
        let Some((key, entry)) = found.map(|(key, entry)| (*key, entry.clone())) else { return false };
        self.entries.remove_mut(&key);
        self.entries.insert_mut((at, id), entry);
        true
    }
}
