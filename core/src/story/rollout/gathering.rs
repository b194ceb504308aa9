//! Reads a rollout's stations from who wrote what because of what.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::super::deletion::short_name;
use super::super::rail::{Outcome, Station, folded};
use super::{Ask, Ending, May, Rollout, Size, Stop, begins};
use crate::api::{Deployment, Kind, Object, Pod, ReplicaSet, Uid};
use crate::apiserver::{Change, Store};
use crate::engine::{Actor, Step, StepId, Timeline};
use crate::why::{self, Why};

/// What has been seen of a rollout so far.
struct Seen {
    uid: Uid,
    desired: i32,
    /// The ReplicaSet that has the template.
    new: Option<(Uid, i64)>,
    /// Pods of the new ReplicaSet that are ready.
    ready: BTreeSet<Uid>,
    /// Pods of other ReplicaSets that are still there, with theirs.
    old: BTreeMap<Uid, Uid>,
    had_old: usize,
    is_settled: bool,
    stations: Vec<Station<Stop>>,
}

pub(super) fn gather(timeline: &Timeline, first: StepId) -> Option<Rollout> {
    let asked = timeline.step(first)?;
    let deployment = begins(asked)?;
    let mut seen = begin(timeline, asked, deployment);
    for step in &timeline.steps()[first.0 as usize + 1..] {
        if seen.is_over() {
            break;
        }
        if let Some(change) = step.change() {
            seen.see(step, change);
        }
    }
    seen.look_ahead(&timeline.head().store);
    Some(Rollout {
        deployment: deployment.key.clone(),
        uid: deployment.uid,
        begins: first,
        revision: seen.new.map(|(_, revision)| revision),
        stations: folded(seen.stations, Stop::Folded),
    })
}

fn begin(timeline: &Timeline, asked: &Step, deployment: &Deployment) -> Seen {
    let store = timeline.world_at(asked.id).store;
    let sets = store.replica_sets_of(deployment.uid);
    let pods: Vec<(&Rc<Pod>, Uid)> =
        sets.flat_map(|set| store.pods_of(set.uid).map(|pod| (pod, set.uid))).collect();
    let old: BTreeMap<Uid, Uid> = pods.iter().map(|(pod, set)| (pod.uid, *set)).collect();
    let ready = pods.iter().filter(|(pod, _)| pod.is_ready() && !pod.is_terminating());
    let ready = ready.map(|(pod, _)| pod.uid).collect();
    let first = Station::reached(Stop::Asked(ask(asked)), command_of(timeline, asked));
    Seen {
        uid: deployment.uid,
        desired: deployment.replicas(),
        new: None,
        ready,
        had_old: old.len(),
        old,
        is_settled: false,
        stations: vec![first],
    }
}

/// A person's rollout begins with the command.
fn command_of<'a>(timeline: &'a Timeline, asked: &'a Step) -> &'a Step {
    let given = match asked.actor {
        Actor::Kubectl(command) => timeline.step_of_command(command),
        _ => None,
    };
    given.map_or(asked, Rc::as_ref)
}

/// How it was asked for, as whoever wrote the template said.
fn ask(step: &Step) -> Ask {
    match &step.why {
        Why::Kubectl(why::Kubectl::RollsBack { to, .. }) => Ask::Undo(*to),
        Why::Deployment(why::Deployment::RollsBack { revision }) => Ask::Undo(*revision),
        Why::Kubectl(why::Kubectl::Restarts) => Ask::Restart,
        Why::Kubectl(why::Kubectl::SetsImage { image, .. }) => Ask::Template(image.clone()),
        Why::Kubectl(why::Kubectl::Configures { fields } | why::Kubectl::Patches { fields }) => {
            let of_template = fields.iter().find(|field| field.starts_with("spec.template"));
            Ask::Template(of_template.map_or("", |field| field.rsplit('.').next().unwrap_or(field)).into())
        }
        _ if step.change().is_some_and(|change| change.before.is_none()) => Ask::Created,
        _ => Ask::Template("".into()),
    }
}

impl Seen {
    /// Whether nothing of it is to come: it ended, and nothing old is left.
    fn is_over(&self) -> bool {
        self.is_settled && self.old.is_empty()
    }

    fn see(&mut self, step: &Step, change: &Change) {
        match (&change.before, &change.after) {
            (_, Some(Object::Deployment(after))) if after.uid == self.uid => self.deployment(step, after),
            (Some(Object::Deployment(before)), None) if before.uid == self.uid => {
                self.end(step, Ending::Deleted);
            }
            (before, Some(Object::ReplicaSet(after))) if after.controller() == Some(self.uid) => {
                let before =
                    if let Some(Object::ReplicaSet(before)) = before { Some(&**before) } else { None };
                self.replica_set(step, before, after);
            }
            (Some(Object::Pod(before)), after) => {
                let after = if let Some(Object::Pod(after)) = after { Some(&**after) } else { None };
                self.pod(step, before, after);
            }
            _ => {}
        }
    }

    fn deployment(&mut self, step: &Step, after: &Deployment) {
        self.desired = after.replicas();
        if self.is_settled {
            return;
        }
        if begins(step).is_some() {
            let is_undo = matches!(ask(step), Ask::Undo(_));
            return self.end(step, if is_undo { Ending::Undone } else { Ending::Overtaken });
        }
        match &step.why {
            Why::Deployment(why::Deployment::Completes(tally)) => {
                self.is_settled = true;
                self.stations.push(Station::reached(Stop::Complete { desired: tally.desired }, step));
            }
            Why::Deployment(why::Deployment::TimesOut { tally, deadline_seconds }) => {
                let (available, desired) = (tally.available, tally.desired);
                let stop = Stop::Stuck { available, desired, deadline_seconds: *deadline_seconds };
                self.stations.push(Station::reached(stop, step));
            }
            Why::Kubectl(_) => {
                let was_paused = step.change().and_then(|change| match &change.before {
                    Some(Object::Deployment(before)) => Some(before.is_paused()),
                    _ => None,
                });
                if was_paused.is_some_and(|was| was != after.is_paused()) {
                    self.stations.push(Station::reached(Stop::Pauses(after.is_paused()), step));
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, step: &Step, ending: Ending) {
        if !self.is_settled {
            self.stations.push(Station::reached(Stop::Ended(ending), step));
        }
        // What becomes of its old pods is told by what came instead.
        self.is_settled = true;
        self.old.clear();
        self.had_old = 0;
    }

    fn replica_set(&mut self, step: &Step, before: Option<&ReplicaSet>, after: &ReplicaSet) {
        let Why::Deployment(why) = &step.why else { return };
        let size = || Size {
            set: after.key.name.clone(),
            from: before.map_or(0, |set| set.replicas()),
            to: after.replicas(),
        };
        let stop = match why {
            why::Deployment::NewTemplate { revision, room, .. } => {
                self.take_new(after, *revision);
                let set = after.key.name.clone();
                let stop = Stop::NewSet { set, revision: *revision, was: None };
                self.stations.push(Station::reached(stop, step));
                if after.replicas() == 0 {
                    return;
                }
                Stop::Grows { size: size(), ceiling: Some(room.ceiling()) }
            }
            why::Deployment::Renumbers { from, to } => {
                self.take_new(after, *to);
                let set = after.key.name.clone();
                Stop::NewSet { set, revision: *to, was: Some(*from).filter(|from| *from > 0) }
            }
            why::Deployment::GrowsNew { room, .. } => {
                Stop::Grows { size: size(), ceiling: Some(room.ceiling()) }
            }
            why::Deployment::StartsNew { .. } => Stop::Grows { size: size(), ceiling: None },
            why::Deployment::ShrinksOld { available, budget, .. } => {
                let because = May::Spares { available: *available, floor: budget.minimum() };
                Stop::Shrinks { size: size(), because }
            }
            why::Deployment::CleansUpUnavailable { .. } => {
                Stop::Shrinks { size: size(), because: May::Unavailable }
            }
            why::Deployment::NewIsSaturated { .. } => Stop::Shrinks { size: size(), because: May::Saturated },
            why::Deployment::StopsOld { .. } => Stop::Shrinks { size: size(), because: May::Recreates },
            why::Deployment::FollowsReplicas { .. }
            | why::Deployment::ShrinksNew { .. }
            | why::Deployment::SharesProportionally { .. } => {
                let size = size();
                if size.from == size.to {
                    return;
                }
                Stop::Resizes(size)
            }
            _ => return,
        };
        if !self.is_settled {
            self.stations.push(Station::reached(stop, step));
        }
    }

    fn take_new(&mut self, set: &ReplicaSet, revision: i64) {
        self.new = Some((set.uid, revision));
        // Pods of an old ReplicaSet that came back are none of the old ones.
        let returning = |of: &Uid| *of == set.uid;
        self.ready.retain(|pod| self.old.get(pod).is_some_and(returning));
        self.old.retain(|_, of| !returning(of));
        self.had_old = self.old.len();
    }

    fn is_new(&self, pod: &Pod) -> bool {
        let new = self.new.map(|(uid, _)| uid);
        new.is_some() && pod.controller() == new
    }

    fn pod(&mut self, step: &Step, before: &Pod, after: Option<&Pod>) {
        let Some(after) = after else {
            self.ready.remove(&before.uid);
            if self.old.remove(&before.uid).is_some() && self.old.is_empty() && self.had_old > 0 {
                self.stations.push(Station::reached(Stop::OldGone { pods: self.had_old }, step));
            }
            return;
        };
        if !self.is_new(after) {
            return;
        }
        if after.is_ready() && !after.is_terminating() {
            let is_news = self.ready.insert(after.uid);
            if is_news && !self.is_settled {
                let stop = Stop::Waits {
                    number: self.ready.len() as i32,
                    desired: self.desired,
                    pod: Some(short_name(after)),
                    because: "".into(),
                };
                self.stations.push(Station::reached(stop, step));
            }
        } else {
            self.ready.remove(&after.uid);
        }
    }

    /// What is still to come, as far as the last known world tells.
    fn look_ahead(&mut self, store: &Store) {
        if !self.is_settled {
            let (pod, because) = self.awaited(store);
            let number = self.ready.len() as i32 + 1;
            if number <= self.desired {
                let is_held = !because.is_empty();
                let stop = Stop::Waits { number, desired: self.desired, pod, because };
                let outcome = if is_held { Outcome::Held } else { Outcome::Ahead };
                self.stations.push(Station::other(stop, outcome));
            }
            self.stations.push(Station::other(Stop::Complete { desired: self.desired }, Outcome::Ahead));
        }
        if !self.old.is_empty() {
            let stop = Stop::OldGone { pods: self.had_old };
            self.stations.push(Station::other(stop, Outcome::Ahead));
        }
    }

    /// The pod that has to become ready next, and what keeps it.
    fn awaited(&self, store: &Store) -> (Option<Rc<str>>, Rc<str>) {
        let Some((new, _)) = self.new else { return (None, "".into()) };
        let mut pods: Vec<&Rc<Pod>> =
            store.pods_of(new).filter(|pod| !pod.is_ready() && !pod.is_terminating()).collect();
        pods.sort_by_key(|pod| pod.uid);
        match pods.first() {
            Some(pod) => (Some(short_name(pod)), trouble(pod)),
            None => (None, refusal(store, new)),
        }
    }
}

/// What a pod waits for that does not come by itself: where it fits nowhere, or a container does not start.
fn trouble(pod: &Pod) -> Rc<str> {
    let unscheduled = pod.condition("PodScheduled").filter(|condition| condition.status == "False");
    if let Some(reason) = unscheduled.and_then(|condition| condition.reason.as_deref()) {
        return reason.into();
    }
    let init = pod.status.init_container_statuses.iter().flatten();
    let states = init.chain(pod.container_statuses()).filter_map(|status| status.state.as_ref());
    let mut reasons = states.filter_map(|state| {
        let waiting = state.waiting.as_ref().and_then(|waiting| waiting.reason.as_deref());
        waiting.or_else(|| state.terminated.as_ref().and_then(|ended| ended.reason.as_deref()))
    });
    let ordinary = ["ContainerCreating", "PodInitializing", "Completed"];
    if let Some(reason) = reasons.find(|reason| !ordinary.contains(reason)) {
        return reason.into();
    }
    let runs = pod.container_statuses().iter().all(|status| status.started == Some(true));
    let is_running = runs && !pod.container_statuses().is_empty();
    if is_running { "it runs, and is not ready".into() } else { "".into() }
}

/// Why no pod is made: what the ReplicaSet says of its last try.
fn refusal(store: &Store, set: Uid) -> Rc<str> {
    let sets = store.objects(Kind::ReplicaSet).filter(|object| object.uid() == set);
    let mut conditions = sets.flat_map(|object| match object {
        Object::ReplicaSet(set) => set.status.conditions.clone().unwrap_or_default(),
        _ => Vec::new(),
    });
    let failure = conditions.find(|condition| condition.type_ == "ReplicaFailure");
    failure.and_then(|condition| condition.message).unwrap_or_default().into()
}
