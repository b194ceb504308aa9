//! A pod's network namespace comes, with an address, and goes.

use super::MachineTimer;
use super::change::{MachineChange, PodChange, of_pod};
use crate::api::Uid;
use crate::kubelet::local_pod::{Doing, Sandbox, Stage};
use crate::kubelet::machine::Machine;
use crate::kubelet::{MachineContext, eviction};
use crate::why::{self, Why};

pub(super) fn sandbox_up(
    machine: &mut Machine,
    uid: Uid,
    context: &mut MachineContext<'_>,
) -> Option<(MachineChange, Why)> {
    let pod = machine.pod(uid).filter(|pod| pod.doing == Doing::SettingUpSandbox)?;
    let on_host = pod.api.spec.spec.host_network == Some(true);
    let (number, address) =
        if on_host { (0, machine.address.clone()) } else { machine.take_address().unwrap_or_default() };
    context.wake(uid);
    let pod = machine.pod_mut(uid)?;
    if address.is_empty() {
        pod.doing = Doing::SandboxFailed;
        return None;
    }
    for after in eviction::moments_of_volumes(pod) {
        context.wait(after, MachineTimer::Fills(uid));
    }
    pod.sandbox = Some(Sandbox { address: address.clone(), number, since: context.now });
    pod.doing = Doing::SandboxUp;
    let took_ms = context.simulation.latencies.sandbox.as_millis();
    Some((of_pod(pod, PodChange::SandboxUp { address }), why::Kubelet::SandboxCreated { took_ms }.into()))
}

/// From now on there is another amount in a volume.
pub(super) fn fills(machine: &mut Machine, uid: Uid, context: &mut MachineContext<'_>) {
    if machine.pod(uid).is_some_and(|pod| pod.sandbox.is_some()) {
        eviction::usage_changed(machine, context);
    }
}

pub(super) fn sandbox_gone(
    machine: &mut Machine,
    uid: Uid,
    context: &mut MachineContext<'_>,
) -> Option<(MachineChange, Why)> {
    let pod = machine.pod_mut(uid).filter(|pod| pod.doing == Doing::RemovingSandbox)?;
    let sandbox = pod.sandbox.take()?;
    pod.doing = Doing::SandboxRemoved;
    let change = of_pod(pod, PodChange::SandboxGone { address: sandbox.address });
    // Where the API has no object of it any more, nobody is to be told.
    if pod.is_removed && pod.stage == Stage::Ending {
        machine.forget(uid);
    } else {
        context.wake(uid);
    }
    if sandbox.number > 0 {
        machine.free_address(sandbox.number);
    }
    let took_ms = context.simulation.latencies.cleanup.as_millis();
    Some((change, why::Kubelet::SandboxRemoved { took_ms }.into()))
}
