//! The scheduling queue: pods that wait for a look, pods that wait out a back-off, and pods that no node fits until
//! something changes. Upstream: `pkg/scheduler/backend/queue`.

use std::cmp::Reverse;
use std::rc::Rc;

use crate::persistent::Map;

use crate::api::{Key, Pod, Uid};
use crate::engine::Causes;
use crate::time::{Duration, Time};
use crate::why::scheduler::FilterPlugin;

/// The wait after a first failed attempt; it doubles with each further one.
const FIRST_BACK_OFF: Duration = Duration::from_seconds(1);
/// The longest such wait.
const LONGEST_BACK_OFF: Duration = Duration::from_seconds(10);
/// Pods that no event moves are looked at again when they have waited for longer than this.
const LEFT_OVER_AFTER: Duration = Duration::from_seconds(300);
/// How often that is checked.
const LEFT_OVER_CHECK: Duration = Duration::from_seconds(30);

/// The pods that wait for a node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SchedulingQueue {
    pods: Map<Uid, Rc<QueuedPod>>,
    /// Ready to be looked at: upstream's activeQ.
    active: Map<Turn, Uid>,
    /// Waiting out a back-off; looked at early when `active` is empty.
    backing_off: Map<(Time, Turn), Uid>,
    /// Waiting out a back-off after an error.
    failed: Map<(Time, Turn), Uid>,
    /// No node fits them, by when they came here.
    unschedulable: Map<(Time, u64), Uid>,
    /// How many unschedulable pods each filter rejects.
    rejected: [u32; FilterPlugin::COUNT],
    next: u64,
}

/// A place in a queue: higher priority first, then the longest wait, then the order of arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Turn {
    priority: Reverse<i32>,
    since: Time,
    order: u64,
}

/// A pod that waits for a node.
#[derive(Clone, Debug, PartialEq)]
pub struct QueuedPod {
    /// Its name.
    pub key: Key,
    /// Its uid.
    pub uid: Uid,
    /// `spec.priority`; 0 where it has none.
    pub priority: i32,
    /// When it came to the queue, or came back to it.
    pub since: Time,
    /// Looks at it so far.
    pub attempts: u32,
    /// Looks that found no node.
    pub unschedulable: u32,
    /// Errors in a row.
    pub errors: u32,
    /// The filters that rejected nodes in the last look.
    pub rejected_by: FilterSet,
    /// When its back-off ends.
    pub backs_off_until: Time,
    /// What brought it to where it waits.
    pub causes: Causes,
    order: u64,
    place: Place,
}

/// Where a pod waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Active,
    BackingOff,
    Failed,
    Unschedulable,
}

/// A set of filters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FilterSet(u16);

impl FilterSet {
    /// Adds `plugin`.
    pub fn add(&mut self, plugin: FilterPlugin) {
        self.0 |= 1 << plugin as u8;
    }

    /// Whether `plugin` is in it.
    pub fn has(self, plugin: FilterPlugin) -> bool {
        self.0 & (1 << plugin as u8) != 0
    }

    /// Whether a filter is in both.
    pub fn meets(self, other: FilterSet) -> bool {
        self.0 & other.0 != 0
    }

    /// Its filters, in the order they run.
    pub fn iter(self) -> impl Iterator<Item = FilterPlugin> {
        FilterPlugin::ALL.into_iter().filter(move |plugin| self.has(*plugin))
    }
}

impl FromIterator<FilterPlugin> for FilterSet {
    fn from_iter<I: IntoIterator<Item = FilterPlugin>>(plugins: I) -> FilterSet {
        let mut set = FilterSet::default();
        plugins.into_iter().for_each(|plugin| set.add(plugin));
        set
    }
}

impl QueuedPod {
    /// How long it has to wait after so many failures: 1 s, 2 s, 4 s, 8 s, 10 s.
    fn back_off(failures: u32) -> Duration {
        match failures {
            0 => Duration::ZERO,
            1..=4 => Duration(FIRST_BACK_OFF.0 << (failures - 1)),
            _ => LONGEST_BACK_OFF,
        }
    }

    fn turn(&self) -> Turn {
        Turn { priority: Reverse(self.priority), since: self.since, order: self.order }
    }
}

impl SchedulingQueue {
    /// How many pods wait for a look: ready or backing off.
    pub fn waiting(&self) -> usize {
        self.active.len() + self.backing_off.len() + self.failed.len()
    }

    /// How many pods wait for a change, since no node fits them.
    pub fn unschedulable(&self) -> usize {
        self.unschedulable.len()
    }

    /// The pod with this uid, if it waits here.
    pub fn get(&self, uid: Uid) -> Option<&QueuedPod> {
        self.pods.get(&uid).map(|queued| &**queued)
    }

    /// Every pod, by uid.
    pub fn iter(&self) -> impl Iterator<Item = &QueuedPod> {
        self.pods.values().map(|queued| &**queued)
    }

    /// Whether there is a pod to look at now.
    pub fn is_ready(&self, now: Time) -> bool {
        let ripe = self.failed.first().is_some_and(|((until, _), _)| *until <= now);
        ripe || !self.active.is_empty() || !self.backing_off.is_empty() || self.left_over(now).is_some()
    }

    /// When a pod becomes ready by itself, if nothing else moves it.
    pub fn next_moment(&self) -> Option<Time> {
        let ripe = self.failed.first().map(|((until, _), _)| *until);
        let left_over = self.unschedulable.first().map(|((since, _), _)| left_over_at(*since));
        ripe.into_iter().chain(left_over).min()
    }

    /// A pod that the queue has not seen.
    pub(super) fn add(&mut self, pod: &Pod, causes: Causes, now: Time) {
        let order = self.next;
        self.next += 1;
        self.enter(QueuedPod {
            key: pod.key.clone(),
            uid: pod.uid,
            priority: pod.priority(),
            since: now,
            attempts: 0,
            unschedulable: 0,
            errors: 0,
            rejected_by: FilterSet::default(),
            backs_off_until: Time::ZERO,
            causes,
            order,
            place: Place::Active,
        });
    }

    /// A pod that has a node, or is gone.
    pub(super) fn remove(&mut self, uid: Uid) {
        if let Some(queued) = self.pods.get(&uid).cloned() {
            self.leave(&queued);
        }
    }

    /// Takes the pod to look at: an active one, or else the one whose back-off is over first.
    /// Upstream: `SchedulerPopFromBackoffQ`.
    pub(super) fn pop(&mut self, now: Time) -> Option<QueuedPod> {
        self.move_ripe(now);
        let uid =
            *self.active.first().map(|(_, uid)| uid).or(self.backing_off.first().map(|(_, uid)| uid))?;
        let queued = self.pods.get(&uid)?.clone();
        self.leave(&queued);
        let mut queued = Rc::unwrap_or_clone(queued);
        queued.attempts += 1;
        Some(queued)
    }

    /// A look found no node: the pod waits until something changes that its rejecting filters care about.
    pub(super) fn put_back_unschedulable(
        &mut self,
        mut queued: QueuedPod,
        rejected_by: FilterSet,
        now: Time,
    ) {
        queued.unschedulable += 1;
        queued.errors = 0;
        queued.rejected_by = rejected_by;
        queued.since = now;
        // Upstream rounds the end of a back-off down to the second that its queue is flushed in.
        queued.backs_off_until = (now + QueuedPod::back_off(queued.unschedulable)).truncate_to_second();
        queued.place = Place::Unschedulable;
        self.enter(queued);
    }

    /// A look failed: the pod waits out a back-off, which is returned before its end is cut to the second.
    pub(super) fn put_back_failed(&mut self, mut queued: QueuedPod, now: Time) -> Duration {
        queued.errors += 1;
        queued.rejected_by = FilterSet::default();
        queued.since = now;
        let back_off = QueuedPod::back_off(queued.errors);
        queued.backs_off_until = (now + back_off).truncate_to_second();
        queued.place = Place::Failed;
        self.enter(queued);
        back_off
    }

    /// Moves the unschedulable pods that an event may help: those that one of `plugins` rejected and for which
    /// `helps` says so.
    pub(super) fn move_where(
        &mut self,
        plugins: FilterSet,
        causes: Causes,
        now: Time,
        mut helps: impl FnMut(&QueuedPod, FilterPlugin) -> bool,
    ) {
        if plugins.iter().all(|plugin| self.rejected[plugin as usize] == 0) {
            return;
        }
        let waiting = self.unschedulable.values().filter_map(|uid| self.pods.get(uid));
        let is_helped = |queued: &QueuedPod| {
            let mut asked = plugins.iter().filter(|plugin| queued.rejected_by.has(*plugin));
            asked.any(|plugin| helps(queued, plugin))
        };
        let helped: Vec<Rc<QueuedPod>> =
            waiting.filter(|queued| queued.rejected_by.meets(plugins)).cloned().collect();
        let mut is_helped = is_helped;
        for queued in helped.into_iter().filter(|queued| is_helped(queued)) {
            self.make_ready(&queued, causes, now);
        }
    }

    /// Moves what is ripe by itself: failed pods whose back-off is over, and pods that were left over for too long.
    fn move_ripe(&mut self, now: Time) {
        while let Some(((_, _), uid)) = self.failed.first().filter(|((until, _), _)| *until <= now) {
            let Some(queued) = self.pods.get(uid).cloned() else { return };
            self.make_ready(&queued, queued.causes, now);
        }
        while let Some(uid) = self.left_over(now) {
            let Some(queued) = self.pods.get(&uid).cloned() else { return };
            // Nothing but time brought it here.
            self.make_ready(&queued, Causes::default(), now);
        }
    }

    fn left_over(&self, now: Time) -> Option<Uid> {
        let ((since, _), uid) = self.unschedulable.first()?;
        (left_over_at(*since) <= now).then_some(*uid)
    }

    fn make_ready(&mut self, queued: &Rc<QueuedPod>, causes: Causes, now: Time) {
        self.leave(queued);
        let is_backing_off = queued.place == Place::Unschedulable && queued.backs_off_until > now;
        let place = if is_backing_off { Place::BackingOff } else { Place::Active };
        self.enter(QueuedPod { causes, place, ..(**queued).clone() });
    }

    fn enter(&mut self, queued: QueuedPod) {
        let (uid, turn) = (queued.uid, queued.turn());
        match queued.place {
            Place::Active => self.active.insert(turn, uid),
            Place::BackingOff => self.backing_off.insert((queued.backs_off_until, turn), uid),
            Place::Failed => self.failed.insert((queued.backs_off_until, turn), uid),
            Place::Unschedulable => {
                self.unschedulable.insert((queued.since, queued.order), uid);
                queued.rejected_by.iter().for_each(|plugin| self.rejected[plugin as usize] += 1);
            }
        }
        self.pods.insert(uid, Rc::new(queued));
    }

    fn leave(&mut self, queued: &QueuedPod) {
        match queued.place {
            Place::Active => self.active.remove(&queued.turn()),
            Place::BackingOff => self.backing_off.remove(&(queued.backs_off_until, queued.turn())),
            Place::Failed => self.failed.remove(&(queued.backs_off_until, queued.turn())),
            Place::Unschedulable => {
                queued.rejected_by.iter().for_each(|plugin| self.rejected[plugin as usize] -= 1);
                self.unschedulable.remove(&(queued.since, queued.order))
            }
        };
        self.pods.remove(&queued.uid);
    }
}

/// The first check at which a pod that came at `since` has waited for longer than [`LEFT_OVER_AFTER`].
fn left_over_at(since: Time) -> Time {
    let late = since + LEFT_OVER_AFTER;
    Time((late.0 / LEFT_OVER_CHECK.0 + 1) * LEFT_OVER_CHECK.0)
}
