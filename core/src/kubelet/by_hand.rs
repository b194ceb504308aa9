//! What a person does to containers: where kubelets decide nothing, everything; elsewhere, faults.

use std::fmt;
use std::rc::Rc;

use super::local_pod::{ContainerState, Doing, Role, Stage};
use super::runtime::{self, Effect, MachineChange, PodChange, until_relist};
use super::{Look, Machine, MachineContext, MachineTimer, status};
use crate::api::Uid;
use crate::why;

/// An act on the containers of one pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intervention {
    /// Its containers are ready from now on, or are not, whatever their probes say.
    Ready(bool),
    /// The process of a container (of every one, without a name) ends with this code.
    Exit {
        /// Its name.
        container: Option<Rc<str>>,
        /// The code.
        code: i32,
    },
}

/// As a person would say it, before the pod's name: `make ready`, `end web with 1 in`.
impl fmt::Display for Intervention {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Intervention::Ready(true) => out.write_str("make ready"),
            Intervention::Ready(false) => out.write_str("make unready"),
            Intervention::Exit { container: Some(name), code } => write!(out, "end {name} with {code} in"),
            Intervention::Exit { container: None, code } => write!(out, "end every process with {code} in"),
        }
    }
}

/// Does what a person decided. `None` where there is nothing to do it to.
pub(super) fn intervene(
    machine: &mut Machine,
    pod: Uid,
    act: &Intervention,
    context: &mut MachineContext<'_>,
) -> Option<MachineChange> {
    let now = context.now;
    let wait = until_relist(machine, now);
    let local = machine.pod_mut(pod)?;
    let mut found = false;
    for container in &mut local.containers {
        let ContainerState::Running(_) = container.state else { continue };
        match act {
            Intervention::Ready(ready) => {
                container.ready_by_hand = Some(*ready);
                found = true;
            }
            Intervention::Exit { container: name, code } => {
                if name.as_ref().is_some_and(|name| *name != container.name) {
                    continue;
                }
                runtime::end(container, *code, now);
                found = true;
            }
        }
    }
    if !found {
        return None;
    }
    let change = MachineChange::Pod { key: local.key().clone(), uid: pod, what: PodChange::ByHand };
    match act {
        Intervention::Exit { .. } if local.stage == Stage::Working => {
            context.progress(wait, MachineTimer::Relist(pod));
        }
        Intervention::Exit { .. } | Intervention::Ready(_) => context.wake(pod),
    }
    Some(change)
}

impl Look<'_> {
    /// A look by a kubelet that decides nothing: it runs what is bound, reports what a person changed, and lets a
    /// deleted pod's object go once its processes have ended.
    pub(super) fn look_by_hand(&mut self) {
        if self.pod.stage == Stage::Ended {
            return self.ask_for_erasure();
        }
        if self.pod.accepted.is_none() {
            let now = self.now;
            self.pod_mut().accepted = Some(now);
            let containers = self.pod.containers.len();
            let why = why::Kubelet::RunsByHand { containers };
            self.plan.effect(Effect::RunByHand(self.pod.uid()), why);
            return;
        }
        let has_ended = !self.pod.is_any_running();
        if self.pod.is_removed || (has_ended && self.must_end()) {
            self.pod_mut().stage = Stage::Ending;
            if self.pod.sandbox.is_some() && self.pod.doing == Doing::Nothing {
                self.pod_mut().doing = Doing::RemovingSandbox;
                self.plan.effect(Effect::RemoveSandbox(self.pod.uid()), why::Kubelet::NothingLeft);
                return;
            }
            return self.go_on_stopping();
        }
        let phase = status::phase(&self.pod);
        let regular = self.pod.containers.iter().filter(|container| container.role == Role::Regular);
        let (ready, containers) =
            regular.fold((0, 0), |(ready, all), it| (ready + usize::from(it.is_ready()), all + 1));
        self.report(|_, _| why::Kubelet::StatusChanged { phase, ready, containers, restarts: 0 });
    }
}
