//! Processes in containers: they start, answer on their ports, and end.

use std::rc::Rc;

use super::change::{MachineChange, PodChange, of_pod};
use super::{ContainerAt, MachineTimer, probing, until_beat};
use crate::kubelet::images::Image;
use crate::kubelet::local_pod::{Container, ContainerState, Doing, Ended, LocalPod, Running, Stage, Stop};
use crate::kubelet::machine::Machine;
use crate::kubelet::{MachineContext, eviction};
use crate::rng::Rng;
use crate::simulation::{Behaviour, KubeletMode, Lasts, OutOfMemory, Space, lasts, uses};
use crate::time::{Duration, Time};
use crate::why::{self, Why};

/// The exit code of a process that SIGKILL ended: 128 + 9.
pub(super) const KILLED: i32 = 137;

pub(super) fn starts(
    machine: &mut Machine,
    at: ContainerAt,
    context: &mut MachineContext<'_>,
) -> Option<(MachineChange, Why)> {
    let pod = machine.pod(at.pod).filter(|pod| pod.doing == Doing::Starting(at.place))?;
    let image_name: Rc<str> = pod.spec_of(at.place).image.as_deref().unwrap_or_default().into();
    let image = machine.images.get(&image_name)?.clone();
    let pod = machine.pod_mut(at.pod)?;
    pod.doing = Doing::Started(at.place);
    let was_started = !matches!(pod.containers[at.place].state, ContainerState::Absent);
    begin_process(pod, at.place, image, image_name, context);
    let container = &mut pod.containers[at.place];
    container.restarts += u32::from(was_started);
    let why = why::Kubelet::ContainerStarted {
        container: container.name.clone(),
        took_ms: context.simulation.latencies.start.as_millis(),
        restarts: container.restarts,
    };
    let name = container.name.clone();
    probing::arm_probes(pod, at.place, context);
    context.wake(at.pod);
    let change = of_pod(pod, PodChange::Started(name));
    if machine.pressure.is_some() {
        eviction::usage_changed(machine, context);
    }
    Some((change, why.into()))
}

/// Puts a new process into a container, with the moments that its behaviour brings.
pub(in crate::kubelet) fn begin_process(
    pod: &mut LocalPod,
    place: usize,
    image: Rc<Image>,
    image_name: Rc<str>,
    context: &mut MachineContext<'_>,
) {
    let id = container_id(context.rng);
    let latencies = &context.simulation.latencies;
    let mut behaviour = Behaviour::of(&pod.api.meta.annotations, pod.spec_of(place), latencies);
    if behaviour.exit.is_none() {
        behaviour.exit = match lasts(pod.spec_of(place)) {
            Some(Lasts::For(time, code)) => Some((time, code)),
            Some(Lasts::Forever) => None,
            None => pod.works_to_its_end(place).then_some((latencies.work, 0)),
        };
    }
    let at = ContainerAt { pod: pod.uid(), place };
    // Where a person decides, nothing happens by itself: the process answers at once and never ends.
    let by_itself = context.simulation.kubelets == KubeletMode::Automatic;
    if by_itself {
        context.progress(behaviour.start_up, MachineTimer::Listens(at, id.clone()));
    }
    if let Some((after, code)) = behaviour.exit.filter(|_| by_itself) {
        context.wait(after, MachineTimer::Exits(at, id.clone(), code));
    }
    if let Some(out) = behaviour.out_of_memory.filter(|_| by_itself) {
        context.wait(out.after, MachineTimer::Exits(at, id.clone(), KILLED));
    }
    if by_itself {
        for after in Space::ALL.into_iter().flat_map(|space| uses_of(pod, place, space)) {
            context.wait(after, MachineTimer::Uses(at, id.clone()));
        }
    }
    let container = &mut pod.containers[place];
    if let ContainerState::Ended(ended) = &container.state {
        container.last = Some(ended.clone());
    }
    container.waiting = None;
    for probe in &mut container.probes {
        probe.reset();
    }
    container.state = ContainerState::Running(Rc::new(Running {
        id,
        image,
        image_name,
        since: context.now,
        behaviour,
        listens: !by_itself,
        stop: Stop::No,
    }));
}

/// The moments at which a process comes to use another amount of something.
fn uses_of(pod: &LocalPod, place: usize, space: Space) -> impl Iterator<Item = Duration> {
    let said = uses(&pod.api.meta.annotations, &pod.containers[place].name, space);
    said.into_iter().map(|(after, _)| after)
}

/// A process uses another amount from now on.
pub(super) fn uses_more(machine: &mut Machine, at: ContainerAt, id: &str, context: &mut MachineContext<'_>) {
    let running = machine.pod(at.pod).and_then(|pod| pod.containers.get(at.place)?.running());
    if running.is_some_and(|running| &*running.id == id) {
        eviction::usage_changed(machine, context);
    }
}

fn container_id(rng: &mut Rng) -> Rc<str> {
    let mut digits = Rng::new(rng.bits());
    let parts = [digits.bits(), digits.bits(), digits.bits(), digits.bits()];
    format!("containerd://{:016x}{:016x}{:016x}{:016x}", parts[0], parts[1], parts[2], parts[3]).into()
}

pub(super) fn listens(
    machine: &mut Machine,
    at: ContainerAt,
    id: &str,
    context: &mut MachineContext<'_>,
) -> Option<(MachineChange, Why)> {
    let pod = machine.pod_mut(at.pod)?;
    let has_ports = pod.spec_of(at.place).ports.as_ref().is_some_and(|ports| !ports.is_empty());
    let running = running_mut(pod, at.place, id)?;
    if matches!(running.stop, Stop::Signalled { .. } | Stop::Killed) {
        return None;
    }
    running.listens = true;
    let after_ms = context.now.since(running.since).as_millis();
    let container = pod.containers[at.place].name.clone();
    let what = of_pod(pod, PodChange::Listens(container.clone()));
    // Where no port is declared there is nothing to be seen.
    has_ports.then(|| (what, why::Kubelet::Listens { container, after_ms }.into()))
}

pub(super) fn exits(
    machine: &mut Machine,
    at: ContainerAt,
    id: &str,
    code: i32,
    context: &mut MachineContext<'_>,
) -> Option<(MachineChange, Why)> {
    let wait = until_beat(machine, context.now);
    let pod = machine.pod_mut(at.pod)?;
    let running = running_mut(pod, at.place, id)?;
    let ran_ms = context.now.since(running.since).as_millis();
    let stop = running.stop;
    let lived = context.now.since(running.since);
    let out = running.behaviour.out_of_memory.filter(|out| code == KILLED && out.after == lived);
    let container = &mut pod.containers[at.place];
    match out {
        Some(_) => end_out_of_memory(container, context.now),
        None => end(container, code, context.now),
    }
    let name = container.name.clone();
    let change = of_pod(pod, PodChange::Exited { container: name.clone(), code });
    let container = name;
    let why = match (stop, out) {
        (_, Some(OutOfMemory { used, limit, .. })) => {
            why::Kubelet::OutOfMemory { container, used_bytes: used, limit_bytes: limit }
        }
        (Stop::Signalled { at, .. }, None) => {
            let after_ms = context.now.since(at).as_millis();
            why::Kubelet::EndedAfterSignal { container, code, after_ms }
        }
        (Stop::Killed, None) => why::Kubelet::EndedByKill { container, code },
        (Stop::No | Stop::Asked | Stop::Hook(_), None) => why::Kubelet::Exited { container, code, ran_ms },
    };
    // A kubelet that stops a pod waits for its processes; any other exit it learns of when it next asks.
    let is_awaited = matches!(pod.doing, Doing::Stopping | Doing::Replacing(_)) || pod.stage == Stage::Ending;
    if is_awaited {
        context.wake(at.pod);
    } else {
        context.progress(wait, MachineTimer::Relist(at.pod));
    }
    Some((change, why.into()))
}

/// Ends a process at once, however it came to that.
pub(in crate::kubelet) fn end(container: &mut Container, code: i32, now: Time) {
    let ContainerState::Running(running) = &container.state else { return };
    let ended = Ended {
        id: running.id.clone(),
        image: running.image.clone(),
        code,
        started: running.since,
        finished: now,
        is_out_of_memory: false,
    };
    container.state = ContainerState::Ended(Rc::new(ended));
}

/// Its node's kernel ends a container that uses more memory than it may.
fn end_out_of_memory(container: &mut Container, now: Time) {
    end(container, KILLED, now);
    if let ContainerState::Ended(ended) = &mut container.state {
        Rc::make_mut(ended).is_out_of_memory = true;
    }
}

pub(super) fn any_running_mut(pod: &mut LocalPod, place: usize) -> Option<&mut Running> {
    match &mut pod.containers.get_mut(place)?.state {
        ContainerState::Running(running) => Some(Rc::make_mut(running)),
        ContainerState::Absent | ContainerState::Ended(_) => None,
    }
}

/// The process with this id, if it still runs.
pub(super) fn running_mut<'a>(pod: &'a mut LocalPod, place: usize, id: &str) -> Option<&'a mut Running> {
    any_running_mut(pod, place).filter(|running| &*running.id == id)
}
