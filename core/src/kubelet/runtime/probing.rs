//! Probes are tried when they are due.

use super::change::{MachineChange, PodChange, of_pod};
use super::{ContainerAt, MachineTimer};
use crate::kubelet::MachineContext;
use crate::kubelet::local_pod::{ContainerState, LocalPod, Stage, Unhealthy};
use crate::kubelet::machine::Machine;
use crate::kubelet::probes::{self, ProbeKind};
use crate::why::{self, Why};

/// Sets the first tries of a new instance's probes: with a startup probe, the others wait for its success.
pub(super) fn arm_probes(pod: &mut LocalPod, place: usize, context: &mut MachineContext<'_>) {
    let (anchor, now) = (pod.accepted.unwrap_or(context.now), context.now);
    let is_started = pod.containers[place].is_started();
    let at = ContainerAt { pod: pod.uid(), place };
    let container = &mut pod.containers[place];
    let ContainerState::Running(running) = &container.state else { return };
    for probe in &mut container.probes {
        let may_run = is_started != (probe.kind == ProbeKind::Startup);
        if probe.due.is_some() || !may_run {
            continue;
        }
        let due = probe.first_due(anchor, running.since, now);
        probe.due = Some(due);
        context.at(due, MachineTimer::Probe(at, probe.kind));
    }
}

pub(super) fn probe(
    machine: &mut Machine,
    at: ContainerAt,
    kind: ProbeKind,
    context: &mut MachineContext<'_>,
) -> Option<(MachineChange, Why)> {
    let now = context.now;
    let pod = machine.pod_mut(at.pod)?;
    // Once a pod ends, only its readiness is still asked for.
    if matches!(pod.stage, Stage::Stopped | Stage::Ended)
        || (pod.stage == Stage::Ending && kind != ProbeKind::Readiness)
    {
        return None;
    }
    let anchor = pod.accepted.unwrap_or(now);
    let address = pod.sandbox.as_ref().map(|sandbox| sandbox.address.clone()).unwrap_or_default();
    let running = pod.containers[at.place].running()?;
    let finding = probes::try_it(kind, pod.spec_of(at.place), running, &address, now);
    let container = &mut pod.containers[at.place];
    let name = container.name.clone();
    let probe = container.probes.iter_mut().find(|probe| probe.kind == kind && probe.due == Some(now))?;
    let changed = probe.take(finding.success);
    probe.due = probe.next_due(anchor, now);
    if let Some(due) = probe.due {
        context.at(due, MachineTimer::Probe(at, kind));
    }
    let (times, threshold) = (probe.streak.1, probe.threshold(finding.success));
    if !finding.success {
        pod.unhealthy.push(Unhealthy {
            place: at.place,
            kind,
            output: finding.output.into(),
            times,
            threshold,
        });
    }
    if changed || !finding.success {
        context.wake(at.pod);
    }
    if !changed {
        return None;
    }
    if kind == ProbeKind::Startup && finding.success {
        arm_probes(pod, at.place, context);
    }
    let success = finding.success;
    let why =
        why::Kubelet::ProbeResult { container: name.clone(), probe: kind.name(), success, times, threshold };
    Some((of_pod(pod, PodChange::Probed { container: name, probe: kind, success }), why.into()))
}
