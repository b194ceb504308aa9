//! The stations of a drain: from `kubectl drain` to the node's last pod.
//!
//! ```text
//! asked -> cordoned -> a budget refuses x2x8k (429, again in 5 s) -> x2x8k evicted -> x2x8k gone, replaced -> drained
//! ```
//! What becomes of each pod in between is told by the rail of its deletion.

use std::rc::Rc;

use super::deletion::{self, Deletion, short_name};
use super::rail::{Outcome, Station, folded};
use crate::api::{Key, Node, Object, Pod, Uid};
use crate::apiserver::{Reason, Write};
use crate::engine::{Actor, Cause, Command, CommandId, Step, StepId, Timeline, What};
use crate::kubectl::Verb;
use crate::why::{ApiServer, Kubectl, Why};

/// A drain, as far as it is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Drain {
    /// The command.
    pub command: CommandId,
    /// The step in which it was given.
    pub begins: StepId,
    /// As it was typed.
    pub line: Rc<str>,
    /// Its stations.
    pub stations: Vec<Station<Stop>>,
}

/// A stop of a drain.
#[derive(Clone, Debug, PartialEq)]
pub enum Stop {
    /// The command was given.
    Asked,
    /// No new pod comes to the node.
    Cordoned {
        /// The node.
        node: Rc<str>,
        /// Whether it was so before.
        was_before: bool,
    },
    /// A disruption budget refuses an eviction.
    Refused {
        /// What tells the pod apart from its siblings.
        pod: Rc<str>,
        /// How often it was refused.
        times: usize,
        /// The API server's last answer.
        message: Rc<str>,
    },
    /// The API server lets the pod go.
    Evicted(Leaving),
    /// The pod's object is gone.
    Gone(Leaving),
    /// Every pod that was to go is gone.
    Drained,
    /// kubectl gives up.
    GivenUp {
        /// What it printed, in a line.
        message: Rc<str>,
    },
    /// Stations that are not told one by one.
    Folded(usize),
}

/// A pod that leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaving {
    /// What tells it apart from its siblings.
    pub name: Rc<str>,
    /// Its uid.
    pub uid: Uid,
    /// How often it was refused before.
    pub refusals: usize,
    /// The pod that takes its place and the node that it gets, as far as there is one.
    pub replacement: Option<(Rc<str>, Option<Rc<str>>)>,
}

impl Drain {
    /// What a command drains.
    pub fn of(timeline: &Timeline, command: CommandId) -> Option<Drain> {
        let asked = timeline.step_of_command(command)?;
        let What::Asked(line) = &asked.what else { return None };
        let mut seen = Seen { timeline, command, pods: Vec::new(), is_over: false, stations: Vec::new() };
        seen.stations.push(Station::reached(Stop::Asked, asked));
        for step in &timeline.steps()[asked.id.0 as usize + 1..] {
            seen.see(step);
        }
        seen.look_ahead();
        let stations = folded(seen.stations, Stop::Folded);
        Some(Drain { command, begins: asked.id, line: line.clone(), stations })
    }
}

/// The drain that is asked for in this step.
pub(super) fn begins(timeline: &Timeline, step: &Step) -> Option<CommandId> {
    if !matches!(step.what, What::Asked(_)) {
        return None;
    }
    let Cause::Command(id) = step.causes.iter().next()? else { return None };
    let given = timeline.script().iter().find(|given| given.id == id)?;
    let Command::Kubectl(invocation) = &given.command else { return None };
    matches!(invocation.verb, Verb::Drain(_)).then_some(id)
}

/// What has been seen of a drain so far.
struct Seen<'a> {
    timeline: &'a Timeline,
    command: CommandId,
    /// Pods that were asked for, with how often each was refused.
    pods: Vec<Victim>,
    is_over: bool,
    stations: Vec<Station<Stop>>,
}

struct Victim {
    key: Key,
    name: Rc<str>,
    uid: Option<Uid>,
    refusals: usize,
    is_gone: bool,
}

impl Seen<'_> {
    fn see(&mut self, step: &Step) {
        if let Some(pod) = deletion::begins(step).filter(|_| self.is_ours(step)) {
            return self.evicted(step, pod);
        }
        match &step.what {
            What::Written(change) if change.after.is_none() => {
                if let Some(Object::Pod(pod)) = &change.before {
                    self.gone(step, pod);
                }
            }
            _ if step.actor != Actor::Kubectl(self.command) => {}
            What::Written(change) => {
                if let (Some(Object::Node(node)), Why::Kubectl(Kubectl::Cordons)) = (&change.after, &step.why)
                {
                    self.cordoned(step, node, false);
                }
            }
            What::Refused { write, error } if error.reason == Reason::TooManyRequests => {
                self.refused(step, write, &error.message);
            }
            What::Printed(printed) => self.printed(step, &printed.text, printed.is_error),
            What::Asked(_) | What::Refused { .. } | What::Machine(_) | What::Hop(_) | What::Looked => {}
        }
    }

    /// Whether kubectl asked for it: itself, or by an eviction that its budget let through.
    fn is_ours(&self, step: &Step) -> bool {
        let is_asked = |step: &Step| step.actor == Actor::Kubectl(self.command);
        let follows = matches!(step.why, Why::ApiServer(ApiServer::BudgetAllows));
        is_asked(step)
            || follows
                && step.causes.iter().any(|cause| match cause {
                    Cause::Step(id) => self.timeline.step(id).is_some_and(|step| is_asked(step)),
                    _ => false,
                })
    }

    fn cordoned(&mut self, step: &Step, node: &Node, was_before: bool) {
        let stop = Stop::Cordoned { node: node.key.name.clone(), was_before };
        self.stations.push(Station::reached(stop, step));
    }

    fn printed(&mut self, step: &Step, text: &str, is_error: bool) {
        let line = text.lines().next().unwrap_or_default();
        if let Some(node) = line.strip_prefix("node/").and_then(|line| line.strip_suffix(" already cordoned"))
        {
            let stop = Stop::Cordoned { node: node.into(), was_before: true };
            self.stations.push(Station::reached(stop, step));
        } else if line.ends_with(" drained") {
            self.is_over = true;
            self.stations.push(Station::reached(Stop::Drained, step));
        } else if is_error && (line.starts_with("error: ") || line.starts_with("Error from server")) {
            self.is_over = true;
            self.stations.push(Station::reached(Stop::GivenUp { message: line.into() }, step));
        }
    }

    fn refused(&mut self, step: &Step, write: &Write, message: &str) {
        let key = write.target().key;
        let world = self.timeline.world_at(step.id);
        let name = world.store.get::<Pod>(&key).map_or_else(|| key.name.clone(), |pod| short_name(pod));
        match self.pods.iter_mut().find(|pod| pod.key == key) {
            Some(pod) => pod.refusals += 1,
            None => {
                let pod = Victim { key, name: name.clone(), uid: None, refusals: 1, is_gone: false };
                self.pods.push(pod);
            }
        }
        let known = self.stations.iter_mut().find_map(|station| match &mut station.stop {
            Stop::Refused { pod, times, message } if *pod == name => Some((times, message)),
            _ => None,
        });
        match known {
            Some((times, said)) => {
                *times += 1;
                *said = message.into();
            }
            None => {
                let stop = Stop::Refused { pod: name, times: 1, message: message.into() };
                self.stations.push(Station::reached(stop, step));
            }
        }
    }

    fn evicted(&mut self, step: &Step, pod: &Pod) {
        let name = short_name(pod);
        let place = self.pods.iter().position(|known| known.key == pod.key).unwrap_or_else(|| {
            let key = pod.key.clone();
            self.pods.push(Victim { key, name: name.clone(), uid: None, refusals: 0, is_gone: false });
            self.pods.len() - 1
        });
        self.pods[place].uid = Some(pod.uid);
        let refusals = self.pods[place].refusals;
        let leaving = Leaving { name, uid: pod.uid, refusals, replacement: None };
        self.stations.push(Station::reached(Stop::Evicted(leaving), step));
        // A pod that no kubelet has goes in the same write.
        if step.change().is_some_and(|change| change.after.is_none()) {
            self.gone(step, pod);
        }
    }

    fn gone(&mut self, step: &Step, pod: &Pod) {
        let Some(victim) = self.pods.iter_mut().find(|victim| victim.uid == Some(pod.uid)) else { return };
        victim.is_gone = true;
        let (name, refusals) = (victim.name.clone(), victim.refusals);
        let replacement = replacement(self.timeline, pod.uid);
        let leaving = Leaving { name, uid: pod.uid, refusals, replacement };
        self.stations.push(Station::reached(Stop::Gone(leaving), step));
    }

    /// What is still to come, as far as the last known world tells.
    fn look_ahead(&mut self) {
        if self.is_over {
            return;
        }
        let pods = std::mem::take(&mut self.pods);
        for pod in pods.iter().filter(|pod| !pod.is_gone) {
            let known = self.timeline.head().store.get::<Pod>(&pod.key);
            let Some(known) = known.filter(|known| pod.uid.is_none_or(|uid| uid == known.uid)) else {
                continue;
            };
            let leaving =
                Leaving { name: pod.name.clone(), uid: known.uid, refusals: pod.refusals, replacement: None };
            if pod.uid.is_none() {
                self.stations.push(Station::other(Stop::Evicted(leaving.clone()), Outcome::Held));
            }
            self.stations.push(Station::other(Stop::Gone(leaving), Outcome::Ahead));
        }
        self.stations.push(Station::other(Stop::Drained, Outcome::Ahead));
    }
}

/// The pod that takes the place of one that is deleted, and its node.
pub(super) fn replacement(timeline: &Timeline, pod: Uid) -> Option<(Rc<str>, Option<Rc<str>>)> {
    let deletion = Deletion::of(timeline, pod)?;
    match &deletion.station(deletion::Stop::Replaced).outcome {
        deletion::Outcome::Reached { fact: deletion::Fact::Replacement { pod, bound }, .. } => {
            Some((pod.clone(), bound.as_ref().map(|(node, _)| node.clone())))
        }
        _ => None,
    }
}
