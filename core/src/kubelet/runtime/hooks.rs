//! postStart and preStop hooks run beside their container's process.

use super::change::{MachineChange, PodChange, of_pod};
use super::process::{any_running_mut, running_mut};
use super::{ContainerAt, MachineTimer};
use crate::kubelet::MachineContext;
use crate::kubelet::local_pod::{Doing, Stop};
use crate::kubelet::machine::Machine;
use crate::time::Duration;
use crate::why::{self, Why};

pub(super) fn hook(
    machine: &mut Machine,
    at: ContainerAt,
    takes: Duration,
    grace_seconds: i64,
    context: &mut MachineContext<'_>,
) -> Option<MachineChange> {
    let grace = Duration::from_seconds(grace_seconds.max(0) as u64);
    let lasts = takes.min(grace);
    let pod = machine.pod_mut(at.pod)?;
    let name = pod.containers[at.place].name.clone();
    let running = any_running_mut(pod, at.place)?;
    running.stop = Stop::Hook(context.now + lasts);
    context.progress(lasts, MachineTimer::HookEnds(at, running.id.clone()));
    Some(of_pod(pod, PodChange::HookBegan(name)))
}

pub(super) fn hook_ends(
    machine: &mut Machine,
    at: ContainerAt,
    id: &str,
    context: &mut MachineContext<'_>,
) -> Option<(MachineChange, Why)> {
    let pod = machine.pod_mut(at.pod)?;
    let running = running_mut(pod, at.place, id)?;
    if running.stop != Stop::Hook(context.now) {
        return None;
    }
    running.stop = Stop::Asked;
    context.wake(at.pod);
    let container = pod.containers[at.place].name.clone();
    let change = of_pod(pod, PodChange::HookEnded(container.clone()));
    Some((change, why::Kubelet::HookEnded { container }.into()))
}

pub(super) fn post_start(
    machine: &mut Machine,
    at: ContainerAt,
    takes: Duration,
    context: &mut MachineContext<'_>,
) -> Option<MachineChange> {
    let pod = machine.pod_mut(at.pod)?;
    let name = pod.containers[at.place].name.clone();
    let running = any_running_mut(pod, at.place)?;
    context.progress(takes, MachineTimer::PostStartEnds(at, running.id.clone()));
    Some(of_pod(pod, PodChange::PostStartBegan(name)))
}

pub(super) fn post_start_ends(
    machine: &mut Machine,
    at: ContainerAt,
    id: &str,
    context: &mut MachineContext<'_>,
) -> Option<(MachineChange, Why)> {
    let pod = machine.pod_mut(at.pod).filter(|pod| pod.doing == Doing::Hooking(at.place))?;
    // Whatever became of the process meanwhile: the kubelet waited for the hook, and goes on.
    pod.doing = Doing::Hooked(at.place);
    context.wake(at.pod);
    let container = pod.containers[at.place].name.clone();
    running_mut(pod, at.place, id)?;
    let change = of_pod(pod, PodChange::PostStartEnded(container.clone()));
    Some((change, why::Kubelet::PostStartEnded { container }.into()))
}
