//! What will happen, by when: the world's only source of time.

use std::fmt;
use std::rc::Rc;

use super::on_node::NodeAct;
use super::step::{Causes, CommandId, ReconcileId, StepId};
use super::workqueue::WorkKey;
use crate::api::{Key, ObjectRef, Uid};
use crate::apiserver::{Change, Store};
use crate::controllers::ControllerId;
use crate::kubelet::MachineTimer;
use crate::network::flow::Flow;
use crate::persistent::Map;
use crate::plan::{EventDraft, Outcomes, Plan};
use crate::time::Time;

/// The number of an entry of the agenda; earlier ones come first at equal times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(pub u64);

/// When an entry is due, and its turn among those that are due then.
type Place = (Time, EntryId);

/// Everything that is due, by time and then by order of arrival.
#[derive(Clone, Debug, PartialEq)]
pub struct Agenda {
    /// Messages, looks and requests: few at any time, and most of what is added and taken. They are apart, since every
    /// step keeps a version of what it touches.
    work: Map<Place, Rc<Entry>>,
    /// Progress and timers: every pod has some.
    waits: Map<Place, Rc<Entry>>,
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
    Look(Rc<WorkKey>),
    /// The next intent of a plan.
    Continue(Rc<Run>),
    /// A moment that comes by itself on a machine.
    Machine(Rc<str>, Box<MachineTimer>),
    /// The API server removes an object that waits for nothing.
    Erase(Box<ObjectRef>),
    /// The API server deletes the pod of an eviction that its budget let through.
    Evict(Box<Eviction>),
    /// Something happens to a node.
    Node(Rc<str>, Rc<NodeAct>),
    /// The API server counts a new object in a quota's status.
    Charge(Box<ObjectRef>),
    /// The API server deletes an object whose definition is being deleted.
    Clear(Box<ObjectRef>),
    /// A timer that a component set for a key.
    Wake(Rc<WorkKey>),
    /// A person waited this long.
    Waited,
    /// The client at this place sends the request that is to be followed.
    Send(usize),
    /// A followed request takes its next hop.
    Hop(Box<Following>),
}

/// A request that is followed.
#[derive(Clone, Debug, PartialEq)]
pub struct Following {
    /// Its client's place among all.
    pub place: usize,
    /// The number that its steps share.
    pub reconcile: ReconcileId,
    /// Its hops so far.
    pub flow: Flow,
}

/// A pod that its budget has let go.
#[derive(Clone, Debug, PartialEq)]
pub struct Eviction {
    /// The pod.
    pub pod: Key,
    /// Its uid.
    pub uid: Uid,
    /// What was asked for.
    pub grace_seconds: Option<i64>,
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
    /// The controller that wrote it, if one did.
    pub writer: Option<ControllerId>,
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
    /// Every kubelet, since any may need it for a pod.
    pub every_kubelet: bool,
    /// Every kube-proxy.
    pub proxies: bool,
}

/// A plan that is being played.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Whose plan, for which key.
    pub key: Rc<WorkKey>,
    /// The look that made it.
    pub reconcile: ReconcileId,
    /// What made the component look.
    pub causes: Causes,
    /// The component's cache when the look began: a controller decides every turn from what it read first.
    pub cache: Rc<Store>,
    /// The plan.
    pub plan: Rc<Plan>,
    /// The intent to play next.
    pub next: usize,
    /// An Event that follows the intent before, ready to be recorded.
    pub event: Option<Box<EventDraft>>,
    /// The answers so far.
    pub outcomes: Outcomes,
    /// Whether a refusal asks for a retry.
    pub failed: bool,
}

/// Numbers below this are left free for entries that are chosen to come before all others.
const FIRST: u64 = 1 << 32;

/// Counted from the first entry of a world: `0`, `37`; entries that were chosen before have numbers below.
impl fmt::Display for EntryId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.0 as i64 - FIRST as i64)
    }
}

impl EntryId {
    /// Reads a number as it is displayed.
    pub fn read(text: &str) -> Option<EntryId> {
        let number: i64 = text.parse().ok()?;
        u64::try_from(number.checked_add(FIRST as i64)?).ok().map(EntryId)
    }
}

impl Default for Agenda {
    fn default() -> Agenda {
        Agenda { work: Map::new(), waits: Map::new(), in_progress: 0, next: FIRST }
    }
}

impl Agenda {
    /// Adds an entry.
    pub fn add(&mut self, at: Time, entry: Entry) -> EntryId {
        let id = EntryId(self.next);
        self.next += 1;
        self.in_progress += usize::from(entry.pending != Pending::Timer);
        self.list_of(entry.pending).insert((at, id), Rc::new(entry));
        id
    }

    /// The next entry, and when it is due.
    pub fn first(&self) -> Option<(Time, &Entry)> {
        let list = if self.is_work_first() { &self.work } else { &self.waits };
        list.first().map(|((at, _), entry)| (*at, &**entry))
    }

    /// Takes the next entry off.
    pub(crate) fn take_first(&mut self) -> Option<(Time, Rc<Entry>)> {
        let list = if self.is_work_first() { &mut self.work } else { &mut self.waits };
        let ((at, _), entry) = list.take_first()?;
        self.in_progress -= usize::from(entry.pending != Pending::Timer);
        Some((at, entry))
    }

    /// Whether anything but timers waits.
    pub fn is_in_progress(&self) -> bool {
        self.in_progress > 0
    }

    /// Every entry, in order.
    pub fn sorted(&self) -> Vec<(Time, EntryId, &Entry)> {
        let mut all: Vec<_> = self.work.iter().chain(&self.waits).collect();
        crate::order::sort_by_key(&mut all, |(place, _)| **place);
        all.into_iter().map(|((at, id), entry)| (*at, *id, &**entry)).collect()
    }

    /// How many entries wait.
    pub fn len(&self) -> usize {
        self.work.len() + self.waits.len()
    }

    /// Whether nothing is due, ever.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Moves an entry before everything that is due at `now`. Returns whether it was there.
    pub(crate) fn reschedule_first(&mut self, id: EntryId, now: Time) -> bool {
        let firsts = [self.work.first(), self.waits.first()].into_iter().flatten().map(|(place, _)| *place);
        let first = firsts.min().filter(|(at, _)| *at == now).map_or(id, |(_, first)| first);
        self.move_to(id, (now, EntryId(first.0.min(FIRST) - 1)))
    }

    /// Moves an entry to another time. Returns whether it was there.
    pub(crate) fn reschedule(&mut self, id: EntryId, at: Time) -> bool {
        self.move_to(id, (at, id))
    }

    /// Takes a message off that is on its way: nobody will get it. Returns whether there was one of that number.
    pub(crate) fn drop_message(&mut self, id: EntryId) -> bool {
        let Some((place, entry)) = find(&self.work, id) else { return false };
        let is_message = matches!(entry.due, Due::Deliver(_));
        if is_message {
            self.work.remove(&place);
            self.in_progress -= 1;
        }
        is_message
    }

    /// Takes off the next hops of requests of this kind.
    pub(crate) fn take_hops(&mut self, is_meant: impl Fn(&Flow) -> bool) -> Vec<Following> {
        let hops = self.waits.iter().filter_map(|(place, entry)| match &entry.due {
            Due::Hop(following) if is_meant(&following.flow) => Some((*place, following.clone())),
            _ => None,
        });
        let hops: Vec<_> = hops.collect();
        for (place, _) in &hops {
            self.waits.remove(place);
            self.in_progress -= 1;
        }
        hops.into_iter().map(|(_, following)| *following).collect()
    }

    fn move_to(&mut self, id: EntryId, place: (Time, EntryId)) -> bool {
        let Some((known, entry)) = find(&self.work, id).or_else(|| find(&self.waits, id)) else {
            return false;
        };
        let list = self.list_of(entry.pending);
        list.remove(&known);
        list.insert(place, entry);
        true
    }

    fn list_of(&mut self, pending: Pending) -> &mut Map<Place, Rc<Entry>> {
        if pending == Pending::Work { &mut self.work } else { &mut self.waits }
    }

    fn is_work_first(&self) -> bool {
        let (work, waits) = (self.work.first(), self.waits.first());
        work.is_some_and(|(place, _)| waits.is_none_or(|(other, _)| place < other))
    }
}

/// An entry by its number, and where it is.
fn find(list: &Map<Place, Rc<Entry>>, id: EntryId) -> Option<(Place, Rc<Entry>)> {
    let found = list.iter().find(|((_, known), _)| *known == id);
    found.map(|(place, entry)| (*place, entry.clone()))
}
