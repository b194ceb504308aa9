//! What is in a pod's emptyDir volumes, as its annotations say. Upstream: `pkg/volume/emptydir`,
//! `pkg/kubelet/server/stats/volume_stat_calculator.go`.

use k8s_openapi::api::core::v1 as core;

use super::usage::{amount_at, limit_of, total};
use crate::api::{Key, Node, quantity};
use crate::kubelet::local_pod::LocalPod;
use crate::kubelet::machine::Machine;
use crate::simulation::{Space, written_into};
use crate::time::{Duration, Time};

/// How often a kubelet measures volumes: it reads a whole directory for that. Upstream: `volumeStatsAggPeriod`.
const PERIOD: Duration = Duration::from_seconds(60);

/// The emptyDir volumes of a pod.
pub(super) fn of(pod: &LocalPod) -> impl Iterator<Item = (&str, &core::EmptyDirVolumeSource)> {
    let volumes = pod.object().spec.spec.volumes.iter().flatten();
    volumes.filter_map(|volume| Some((&*volume.name, volume.empty_dir.as_ref()?)))
}

/// The moments at which there comes to be another amount in a volume, from when the pod is set up on.
pub(super) fn moments(pod: &LocalPod) -> Vec<Duration> {
    let said = of(pod).flat_map(|(name, _)| written_into(&pod.object().meta.annotations, name));
    said.map(|(after, _)| after).collect()
}

/// What takes the room of a volume: the node's disk, or its memory. Huge pages are neither.
fn space_of(volume: &core::EmptyDirVolumeSource) -> Option<Space> {
    match volume.medium.as_deref().unwrap_or_default() {
        "" => Some(Space::Disk),
        "Memory" => Some(Space::Memory),
        _ => None,
    }
}

/// What all volumes of a pod take of something.
pub(super) fn of_pod(machine: &Machine, pod: &LocalPod, space: Space, now: Time) -> i64 {
    let here = of(pod).filter(|(_, volume)| space_of(volume) == Some(space));
    total(here.map(|(name, volume)| held(machine, pod, name, volume, now)))
}

/// What is in a volume. In memory it is a file system of a certain size: what is written beyond that is lost.
pub(super) fn held(
    machine: &Machine,
    pod: &LocalPod,
    name: &str,
    volume: &core::EmptyDirVolumeSource,
    now: Time,
) -> i64 {
    let Some(sandbox) = pod.sandbox() else { return 0 };
    let said = written_into(&pod.object().meta.annotations, name);
    let written = if sandbox.since <= now { amount_at(&said, now.since(sandbox.since)) } else { None };
    let written = written.unwrap_or(0);
    let is_in_memory = space_of(volume) == Some(Space::Memory);
    if is_in_memory { written.min(size_in_memory(machine, pod, volume)) } else { written }
}

/// Upstream: `calculateEmptyDirMemorySize`.
fn size_in_memory(machine: &Machine, pod: &LocalPod, volume: &core::EmptyDirVolumeSource) -> i64 {
    let node = machine.kubelet_cache.get::<Node>(&Key::new("", machine.name.clone()));
    let node = node.map(|node| node.allocatable("memory"));
    let of_volume = volume.size_limit.as_ref().map(|limit| quantity::amount("memory", limit));
    let sizes = [node, limit_of_pod(pod), of_volume].into_iter().flatten();
    sizes.filter(|size| *size > 0).min().unwrap_or(i64::MAX)
}

/// What the pod may use of memory, where each of its containers has a limit.
fn limit_of_pod(pod: &LocalPod) -> Option<i64> {
    let containers = &pod.object().spec.spec.containers;
    let limits = || containers.iter().map(|spec| limit_of(spec, Space::Memory));
    limits().all(|limit| limit > 0).then(|| total(limits()))
}

/// When the kubelet of a machine last measured volumes: what came into them since it does not know.
pub(super) fn measured(machine: &Machine, now: Time) -> Time {
    let next = super::turn(PERIOD, machine, now);
    Time(next.0.saturating_sub(PERIOD.0))
}
