//! SIGTERM, and SIGKILL when the grace is over.

use std::rc::Rc;

use super::change::{MachineChange, PodChange, of_pod};
use super::process::{KILLED, any_running_mut, running_mut};
use super::{ContainerAt, MachineTimer};
use crate::kubelet::MachineContext;
use crate::kubelet::local_pod::Stop;
use crate::kubelet::machine::Machine;
use crate::time::Duration;
use crate::why::{self, Why};

/// SIGTERM: the process stops listening and ends when its behaviour says so, or goes on as if nothing had been.
pub(super) fn terminate(
    machine: &mut Machine,
    at: ContainerAt,
    kill_in_seconds: i64,
    context: &mut MachineContext<'_>,
) -> Option<MachineChange> {
    let pod = machine.pod_mut(at.pod)?;
    let name = pod.containers[at.place].name.clone();
    let running = any_running_mut(pod, at.place)?;
    let kill_in = Duration::from_seconds(kill_in_seconds.max(0) as u64);
    running.stop = Stop::Signalled { at: context.now, kill_at: context.now + kill_in };
    let id = running.id.clone();
    // Only what comes first is waited for: a grace period that will not be needed holds nothing up.
    match running.behaviour.on_sigterm {
        Some(exits_in) if exits_in < kill_in => {
            running.listens = false;
            context.progress(exits_in, MachineTimer::Exits(at, id, 0));
        }
        Some(_) => {
            running.listens = false;
            context.progress(kill_in, MachineTimer::Kill(at, id));
        }
        None => context.progress(kill_in, MachineTimer::Kill(at, id)),
    }
    Some(of_pod(pod, PodChange::Terminated(name)))
}

pub(super) fn kill(
    machine: &mut Machine,
    at: ContainerAt,
    id: &Rc<str>,
    context: &mut MachineContext<'_>,
) -> Option<(MachineChange, Why)> {
    let pod = machine.pod_mut(at.pod)?;
    let running = running_mut(pod, at.place, id)?;
    let Stop::Signalled { at: signalled, kill_at } = running.stop else { return None };
    if kill_at != context.now {
        return None;
    }
    running.stop = Stop::Killed;
    running.listens = false;
    let after_ms = context.now.since(signalled).as_millis();
    context.progress(Duration::ZERO, MachineTimer::Exits(at, id.clone(), KILLED));
    let container = pod.containers[at.place].name.clone();
    let change = of_pod(pod, PodChange::Killed(container.clone()));
    Some((change, why::Kubelet::Killed { container, after_ms }.into()))
}
