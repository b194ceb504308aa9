//! What a person does to containers: where kubelets decide nothing, everything; elsewhere, faults.

use std::fmt;
use std::rc::Rc;

use super::environment::Environment;
use super::local_pod::{Container, Doing, Ended, LocalPod, Role, Sandbox, Stage, Waiting};
use super::restart::BackOff;
use super::runtime::{self, Effect, MachineChange, PodChange, until_beat};
use super::{Look, Machine, MachineContext, MachineTimer, status};
use crate::api::Uid;
use crate::simulation::KubeletMode;
use crate::time::Time;
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
    /// Every process ends with 1, and waits in back-off for its next start, which is [`Intervention::Ready`].
    Crash,
    /// Every process ends, and with them the pod: its phase is final, whatever its restart policy says.
    Finish(Finish),
}

/// How a pod ends for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finish {
    /// What every process ends with: 0, and the pod has succeeded; else it has failed.
    pub code: i32,
    /// `status.reason`
    pub reason: Option<Rc<str>>,
    /// `status.message`
    pub message: Option<Rc<str>>,
}

impl Finish {
    /// Ends with this code and no further word.
    pub fn with(code: i32) -> Finish {
        Finish { code, reason: None, message: None }
    }

    /// `Succeeded` or `Failed`
    pub(super) fn phase(&self) -> &'static str {
        if self.code == 0 { "Succeeded" } else { "Failed" }
    }
}

/// As a person would say it, before the pod's name: `make ready`, `end web with 1 in`.
impl fmt::Display for Intervention {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Intervention::Ready(true) => out.write_str("make ready"),
            Intervention::Ready(false) => out.write_str("make unready"),
            Intervention::Exit { container: Some(name), code } => write!(out, "end {name} with {code} in"),
            Intervention::Exit { container: None, code } => write!(out, "end every process with {code} in"),
            Intervention::Crash => out.write_str("crash"),
            Intervention::Finish(Finish { code: 0, .. }) => out.write_str("complete"),
            Intervention::Finish(_) => out.write_str("fail"),
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
    let decides = context.simulation.kubelets == KubeletMode::Automatic;
    let wait = until_beat(machine, context.now);
    let local = machine.pod_mut(pod)?;
    let is_done = match act {
        Intervention::Ready(ready) => set_ready(local, *ready, context),
        Intervention::Exit { container, code } => exit(local, container.as_deref(), *code, context.now),
        // A kubelet that decides by itself makes the back-off of it.
        Intervention::Crash if decides => exit(local, None, CRASHED, context.now),
        Intervention::Crash => crash(local, context.now),
        Intervention::Finish(how) => finish(local, how, context.now),
    };
    if !is_done {
        return None;
    }
    let change = runtime::of_pod(local, PodChange::ByHand);
    let is_end = matches!(act, Intervention::Exit { .. } | Intervention::Crash) && decides;
    if is_end && local.stage == Stage::Working {
        context.progress(wait, MachineTimer::Relist(pod));
    } else {
        context.wake(pod);
    }
    Some(change)
}

/// Kubelets that decide nothing run a pod at once: what comes first is done, and its containers are ready when a
/// person says so.
pub(super) fn run(
    machine: &mut Machine,
    uid: Uid,
    context: &mut MachineContext<'_>,
) -> Option<MachineChange> {
    let (number, address) = machine.take_address()?;
    let mut images = Rc::clone(&machine.images);
    let cache = machine.kubelet_cache.clone();
    let pod = machine.pod_mut(uid)?;
    pod.sandbox = Some(Sandbox { address, number, since: context.now });
    for place in 0..pod.containers.len() {
        let name: Rc<str> = pod.spec_of(place).image.as_deref().unwrap_or_default().into();
        let image = Rc::make_mut(&mut images).take_as_given(&name);
        let environment = Environment::taken(&cache, &pod.api, pod.spec_of(place));
        runtime::begin_process(pod, place, image, name, context);
        let container = &mut pod.containers[place];
        container.environment = Some(Rc::new(environment));
        match container.role {
            Role::Init => runtime::end(container, 0, context.now),
            Role::Sidecar => container.ready_by_hand = Some(true),
            Role::Regular => container.ready_by_hand = Some(false),
        }
    }
    let change = runtime::of_pod(pod, PodChange::ByHand);
    context.wake(uid);
    machine.images = images;
    Some(change)
}

/// The code that a crash ends with.
const CRASHED: i32 = 1;

fn set_ready(pod: &mut LocalPod, ready: bool, context: &mut MachineContext<'_>) -> bool {
    let mut found = false;
    for place in 0..pod.containers.len() {
        if ready && let Some(waiting) = waiting_for_a_start(&pod.containers[place]) {
            let (image, name) = (waiting.image.clone(), waiting.image.reference.clone());
            runtime::begin_process(pod, place, image, name, context);
        }
        let container = &mut pod.containers[place];
        if container.is_running() {
            container.ready_by_hand = Some(ready);
            found = true;
        }
    }
    found
}

fn waiting_for_a_start(container: &Container) -> Option<&Rc<Ended>> {
    container.ended().filter(|_| container.waiting.is_some())
}

/// Ends the processes of one container, or of all.
fn exit(pod: &mut LocalPod, name: Option<&str>, code: i32, now: Time) -> bool {
    let mut found = false;
    for container in &mut pod.containers {
        if container.is_running() && name.is_none_or(|name| name == &*container.name) {
            runtime::end(container, code, now);
            found = true;
        }
    }
    found
}

/// Ends every process; each counts as started anew, and waits. What waits already crashes once more.
fn crash(pod: &mut LocalPod, now: Time) -> bool {
    let (name, uid) = (pod.key().name.clone(), pod.uid());
    let namespace = pod.key().namespace.clone();
    let mut found = false;
    for container in pod.containers.iter_mut().filter(|container| container.role == Role::Regular) {
        if !container.is_running() && waiting_for_a_start(container).is_none() {
            continue;
        }
        runtime::end(container, CRASHED, now);
        container.restarts += 1;
        let back_off = BackOff::raised(container.back_off, now, now);
        container.back_off = Some(back_off);
        let message = format!(
            "back-off {} restarting failed container={} pod={name}_{namespace}({uid})",
            back_off.delay.as_go(),
            container.name
        );
        container.waiting =
            Some(Rc::new(Waiting { reason: "CrashLoopBackOff", message: message.into(), until: None }));
        found = true;
    }
    found
}

fn finish(pod: &mut LocalPod, how: &Finish, now: Time) -> bool {
    if pod.stage == Stage::Ended {
        return false;
    }
    for container in &mut pod.containers {
        runtime::end(container, how.code, now);
        container.waiting = None;
    }
    pod.finish = Some(Rc::new(how.clone()));
    true
}

impl Look<'_> {
    /// A look by a kubelet that decides nothing: it runs what is bound, reports what a person changed, and lets a
    /// deleted pod's object go once its processes have ended.
    pub(super) fn look_by_hand(&mut self) {
        if self.pod.stage == Stage::Ended {
            return self.ask_for_erasure();
        }
        if self.pod.accepted.is_none() {
            if self.simulation.kubelets == KubeletMode::Held {
                return;
            }
            let now = self.now;
            self.pod_mut().accepted = Some(now);
            let containers = self.pod.containers.len();
            let why = why::Kubelet::RunsByHand { containers };
            self.plan.effect(Effect::RunByHand(self.pod.uid()), why);
            return;
        }
        if self.pod.is_removed || self.pod.finish.is_some() || (self.has_ended() && self.must_end()) {
            self.pod_mut().stage = Stage::Ending;
            if self.pod.sandbox.is_some() && self.pod.doing == Doing::Nothing {
                self.pod_mut().doing = Doing::RemovingSandbox;
                self.plan.effect(Effect::RemoveSandbox(self.pod.uid()), why::Kubelet::NothingLeft);
                return;
            }
            return self.go_on_stopping();
        }
        if !self.has_news() {
            return;
        }
        let phase = status::phase(&self.pod);
        let regular = self.pod.containers.iter().filter(|container| container.role == Role::Regular);
        let (ready, containers) =
            regular.fold((0, 0), |(ready, all), it| (ready + usize::from(it.is_ready()), all + 1));
        self.report(|_, _| why::Kubelet::StatusChanged { phase, ready, containers, restarts: 0 });
    }

    /// Whether anything but the generation differs from what was reported: who decides nothing does not say either
    /// which version of the spec it has seen, nor overrules what others say of the pod meanwhile.
    fn has_news(&self) -> bool {
        let Some(reported) = &self.pod.reported else { return true };
        let mut status = status::of(&self.pod, self.machine, self.now);
        status.observed_generation = reported.observed_generation;
        for condition in status.conditions.iter_mut().flatten() {
            let mut known = reported.conditions.iter().flatten();
            let known = known.find(|known| known.type_ == condition.type_);
            condition.observed_generation = known.and_then(|known| known.observed_generation);
        }
        status != **reported
    }

    /// Whether its processes have ended, and none of them waits for a start.
    fn has_ended(&self) -> bool {
        !self.pod.is_any_running() && self.pod.containers.iter().all(|it| waiting_for_a_start(it).is_none())
    }
}
