//! The stations of a node's outage: from its last heartbeat to its kubelet's return, or for as long as it is silent.
//!
//! ```text
//! heartbeats stop -> NotReady -> out of Services -> tainted -> 300 s tolerated -> marked -> replaced elsewhere
//!                                       ... Terminating until the kubelet is back or somebody forces it -> removed
//! ```

use std::rc::Rc;

use super::deletion::{self, Deletion, short_name};
use super::rail::{Outcome, Station, few};
use crate::api::{Node, Object, Pod, Uid};
use crate::engine::{Actor, Cause, Command, NodeAct, Step, StepId, Timeline, What};
use crate::why::{NodeLifecycle, Why};

/// A node's outage, as far as it is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Outage {
    /// The node.
    pub node: Rc<str>,
    /// The step in which it fell silent.
    pub begins: StepId,
    /// Its stations.
    pub stations: Vec<Station<Stop>>,
}

/// A stop of an outage.
#[derive(Clone, Debug, PartialEq)]
pub enum Stop {
    /// Heartbeats stop; what runs goes on running.
    Silent {
        /// Pods on the node.
        pods: usize,
    },
    /// The node lifecycle controller has heard nothing for longer than its grace.
    NotReady {
        /// For how long.
        silent_seconds: u64,
    },
    /// The node's pods count as not ready: Services drop them.
    OutOfReach {
        /// How many.
        pods: usize,
    },
    /// A taint asks pods to go.
    Tainted {
        /// `node.kubernetes.io/unreachable`; empty while there is none.
        key: Rc<str>,
    },
    /// The taint was tolerated for as long as the pods do.
    Tolerated {
        /// For how long; 0 while nobody's time is over.
        seconds: u64,
    },
    /// Pods are marked for deletion, and stay.
    Marked {
        /// Their names.
        pods: Rc<str>,
        /// How many.
        count: usize,
    },
    /// Other pods take their places.
    Replaced {
        /// Their names.
        pods: Rc<str>,
        /// How many.
        count: usize,
        /// How many of them have no node.
        unbound: usize,
    },
    /// The kubelet is heard of again.
    Returned {
        /// How long it was silent, in milliseconds; 0 while it is.
        after_ms: u64,
        /// Pods that are stuck Terminating until then.
        stuck: usize,
    },
    /// The node is Ready again, and its taints go.
    ReadyAgain,
    /// The last object of the marked pods is removed.
    Removed {
        /// How many pods.
        count: usize,
        /// Whether the kubelet had not said that their processes ended.
        is_forced: bool,
    },
}

impl Outage {
    /// The outage that begins with a step.
    pub fn of(timeline: &Timeline, first: StepId) -> Option<Outage> {
        let silent = timeline.step(first)?;
        let node = begins(timeline, silent)?;
        let mut seen = Seen::new(timeline, silent, node.clone());
        for step in &timeline.steps()[first.0 as usize + 1..] {
            if seen.begins_anew(step) {
                break;
            }
            seen.see(step);
        }
        Some(Outage { node, begins: first, stations: seen.stations() })
    }
}

/// The node that falls silent in this step.
pub(super) fn begins(timeline: &Timeline, step: &Step) -> Option<Rc<str>> {
    act_on_node(timeline, step).filter(|(_, act)| **act == NodeAct::FallsSilent).map(|(node, _)| node.clone())
}

fn act_on_node<'a>(timeline: &'a Timeline, step: &Step) -> Option<(&'a Rc<str>, &'a NodeAct)> {
    if !matches!(step.what, What::Asked(_)) {
        return None;
    }
    let Cause::Command(id) = step.causes.iter().next()? else { return None };
    let given = timeline.script().iter().find(|given| given.id == id)?;
    if let Command::OnNode(node, act) = &given.command { Some((node, act)) } else { None }
}

/// What has been seen of an outage so far.
struct Seen<'a> {
    timeline: &'a Timeline,
    node: Rc<str>,
    silent: &'a Step,
    pods: usize,
    lost: Option<(&'a Step, u64)>,
    out_of_reach: Option<(&'a Step, usize)>,
    tainted: Option<(&'a Step, Rc<str>)>,
    tolerated: Option<(&'a Step, u64)>,
    marked: Vec<(&'a Step, Rc<str>, Uid)>,
    returned: Option<&'a Step>,
    ready_again: Option<&'a Step>,
    removed: Vec<(&'a Step, Uid)>,
}

impl<'a> Seen<'a> {
    fn new(timeline: &'a Timeline, silent: &'a Step, node: Rc<str>) -> Self {
        let pods = timeline.world_at(silent.id).store.pods_on(&node).count();
        Self {
            timeline,
            node,
            silent,
            pods,
            lost: None,
            out_of_reach: None,
            tainted: None,
            tolerated: None,
            marked: Vec::new(),
            returned: None,
            ready_again: None,
            removed: Vec::new(),
        }
    }

    /// Whether another outage of the node begins: the rest is told there.
    fn begins_anew(&self, step: &Step) -> bool {
        self.returned.is_some() && begins(self.timeline, step).is_some_and(|node| node == self.node)
    }

    fn see(&mut self, step: &'a Step) {
        if act_on_node(self.timeline, step)
            .is_some_and(|(node, act)| *node == self.node && *act == NodeAct::Returns)
        {
            self.returned.get_or_insert(step);
            return;
        }
        let Some(change) = step.change() else { return };
        match (&change.before, &change.after) {
            (Some(Object::Node(before)), Some(Object::Node(after))) if after.key.name == self.node => {
                self.node_changed(step, before, after);
            }
            (Some(Object::Pod(pod)), after) if pod.node() == Some(&*self.node) => {
                self.pod_changed(step, pod, after.is_none());
            }
            _ => {}
        }
    }

    fn node_changed(&mut self, step: &'a Step, before: &Node, after: &Node) {
        match &step.why {
            Why::NodeLifecycle(NodeLifecycle::HearsNothing { silent_seconds }) => {
                self.lost.get_or_insert((step, *silent_seconds));
            }
            Why::NodeLifecycle(NodeLifecycle::TaintsToEvict { key }) => {
                self.tainted.get_or_insert((step, key.clone()));
            }
            _ if !before.is_ready() && after.is_ready() && self.returned.is_some() => {
                self.ready_again.get_or_insert(step);
            }
            _ => {}
        }
    }

    fn pod_changed(&mut self, step: &'a Step, pod: &Pod, is_removed: bool) {
        match &step.why {
            Why::NodeLifecycle(NodeLifecycle::PodsAreOutOfReach) => {
                self.out_of_reach.get_or_insert((step, 0)).1 += 1;
            }
            Why::NodeLifecycle(NodeLifecycle::Evicts { tolerated_seconds, .. }) => {
                self.tolerated.get_or_insert((step, *tolerated_seconds));
            }
            _ => {}
        }
        // What is deleted once the kubelet is back is deleted as anywhere else.
        if self.returned.is_none() && deletion::begins(step).is_some() {
            self.marked.push((step, short_name(pod), pod.uid));
        }
        if is_removed && self.marked.iter().any(|(_, _, uid)| *uid == pod.uid) {
            self.removed.push((step, pod.uid));
        }
    }

    fn stations(self) -> Vec<Station<Stop>> {
        let is_over = self.returned.is_some();
        // What the silence leads to comes while it lasts, or never.
        let later = || if is_over { Outcome::Skipped } else { Outcome::Ahead };
        let station = |stop: Stop, step: Option<&Step>, otherwise: Outcome| match step {
            Some(step) => Station::reached(stop, step),
            None => Station::other(stop, otherwise),
        };
        let names: Vec<Rc<str>> = self.marked.iter().map(|(_, name, _)| name.clone()).collect();
        let count = names.len();
        let stuck = count - self.removed.len();
        vec![
            Station::reached(Stop::Silent { pods: self.pods }, self.silent),
            station(
                Stop::NotReady { silent_seconds: self.lost.map_or(0, |(_, seconds)| seconds) },
                self.lost.map(|(step, _)| step),
                later(),
            ),
            station(
                Stop::OutOfReach { pods: self.out_of_reach.map_or(0, |(_, pods)| pods) },
                self.out_of_reach.map(|(step, _)| step),
                if self.pods == 0 { Outcome::Skipped } else { later() },
            ),
            station(
                Stop::Tainted { key: self.tainted.as_ref().map_or("".into(), |(_, key)| key.clone()) },
                self.tainted.as_ref().map(|(step, _)| *step),
                later(),
            ),
            station(
                Stop::Tolerated { seconds: self.tolerated.map_or(0, |(_, seconds)| seconds) },
                self.tolerated.map(|(step, _)| step),
                if self.pods == 0 { Outcome::Skipped } else { later() },
            ),
            station(
                Stop::Marked { pods: few(&names), count },
                self.marked.first().map(|(step, ..)| *step),
                if self.pods == 0 { Outcome::Skipped } else { later() },
            ),
            self.replaced(later()),
            self.back(stuck),
            station(
                Stop::ReadyAgain,
                self.ready_again,
                if is_over && self.lost.is_none() { Outcome::Skipped } else { Outcome::Ahead },
            ),
            self.removal(count, stuck),
        ]
    }

    fn replaced(&self, later: Outcome) -> Station<Stop> {
        let mut created: Vec<(StepId, Rc<str>, bool)> = Vec::new();
        let mut owned = 0;
        for (_, _, uid) in &self.marked {
            let Some(deletion) = Deletion::of(self.timeline, *uid) else { continue };
            match &deletion.station(deletion::Stop::Replaced).outcome {
                deletion::Outcome::Reached {
                    step, fact: deletion::Fact::Replacement { pod, bound }, ..
                } => created.push((*step, pod.clone(), bound.is_some())),
                deletion::Outcome::Skipped(_) => continue,
                _ => {}
            }
            owned += 1;
        }
        let names: Vec<Rc<str>> = created.iter().map(|(_, name, _)| name.clone()).collect();
        let unbound = created.iter().filter(|(_, _, is_bound)| !is_bound).count();
        let stop = Stop::Replaced { pods: few(&names), count: names.len(), unbound };
        let first = created.iter().map(|(step, ..)| *step).min().and_then(|step| self.timeline.step(step));
        match first {
            Some(first) => Station::reached(stop, first),
            None if !self.marked.is_empty() && owned == 0 => Station::other(stop, Outcome::Skipped),
            None => Station::other(stop, if self.pods == 0 { Outcome::Skipped } else { later }),
        }
    }

    fn back(&self, stuck: usize) -> Station<Stop> {
        match self.returned {
            Some(step) => {
                let after_ms = step.at.since(self.silent.at).as_millis();
                Station::reached(Stop::Returned { after_ms, stuck: 0 }, step)
            }
            None => Station::other(Stop::Returned { after_ms: 0, stuck }, Outcome::Held),
        }
    }

    fn removal(&self, count: usize, stuck: usize) -> Station<Stop> {
        let last = self.removed.iter().map(|(step, _)| *step).next_back();
        let is_forced = self.removed.iter().any(|(step, _)| {
            self.returned.is_none_or(|returned| step.id < returned.id)
                && !matches!(step.actor, Actor::Kubelet(_))
        });
        let stop = Stop::Removed { count, is_forced };
        match last {
            Some(step) if stuck == 0 => Station::reached(stop, step),
            _ if count == 0 && (self.returned.is_some() || self.pods == 0) => {
                Station::other(stop, Outcome::Skipped)
            }
            _ if self.returned.is_none() && count > 0 => Station::other(stop, Outcome::Held),
            _ => Station::other(stop, Outcome::Ahead),
        }
    }
}
