//! What is used of a machine: by processes, as their pods' annotations say, by what is in volumes, by
//! images, and by what is no pod.

use k8s_openapi::api::core::v1 as core;

use super::volumes;
use crate::api::quantity;
use crate::kubelet::images::Image;
use crate::kubelet::local_pod::{LocalPod, Running};
use crate::kubelet::machine::Machine;
use crate::simulation::{Space, uses};
use crate::time::{Duration, Time};

/// What a process uses of memory whose pod does not say.
const USUAL: i64 = 16 << 20;

/// For how many bytes a disk has an inode, and of how many the files of an image are. Upstream: `mke2fs.conf`.
pub(super) const BYTES_PER_INODE: i64 = 16 << 10;

/// What one container uses, and what it has asked for.
pub(super) struct OfContainer<'a> {
    pub(super) name: &'a str,
    pub(super) used: i64,
    pub(super) requested: i64,
}

/// What the running containers of a pod use.
pub(super) fn of_containers(pod: &LocalPod, space: Space, now: Time) -> Vec<OfContainer<'_>> {
    let of = |place: usize| {
        let running = pod.containers[place].running()?;
        let spec = pod.spec_of(place);
        let used = of_process(pod, spec, running, space, now);
        Some(OfContainer { name: &spec.name, used, requested: asked(spec, space, |it| it.requests.as_ref()) })
    };
    (0..pod.containers.len()).filter_map(of).collect()
}

/// What a pod uses as a whole, of which the kubelet has measured what is on the disk in volumes at `measured`.
pub(super) fn of_pod(machine: &Machine, pod: &LocalPod, space: Space, measured: Time, now: Time) -> i64 {
    let containers = total(of_containers(pod, space, now).iter().map(|container| container.used));
    let volumes = match space {
        Space::Memory => volumes::of_pod(machine, pod, space, now),
        Space::Disk => volumes::of_pod(machine, pod, space, measured),
        Space::Inodes | Space::Pids => 0,
    };
    containers.saturating_add(volumes)
}

/// What one process uses.
pub(in crate::kubelet) fn of_process(
    pod: &LocalPod,
    spec: &core::Container,
    running: &Running,
    space: Space,
    now: Time,
) -> i64 {
    let said = uses(&pod.api.meta.annotations, &spec.name, space);
    let used = amount_at(&said, now.since(running.since));
    used.unwrap_or_else(|| match (space, limit_of(spec, space)) {
        (Space::Disk | Space::Inodes, _) => 0,
        (Space::Pids, _) => 1,
        (Space::Memory, limit) if limit > 0 => USUAL.min(limit),
        (Space::Memory, _) => USUAL,
    })
}

/// Which of the amounts over time holds at this age; none before the first.
pub(super) fn amount_at(said: &[(Duration, i64)], age: Duration) -> Option<i64> {
    said.iter().rev().find(|(after, _)| *after <= age).map(|(_, used)| *used)
}

/// What a container may use; 0 where it has no limit.
pub(super) fn limit_of(spec: &core::Container, space: Space) -> i64 {
    asked(spec, space, |it| it.limits.as_ref())
}

type Amounts = std::collections::BTreeMap<String, k8s_openapi::apimachinery::pkg::api::resource::Quantity>;

/// A request or limit of a container, in bytes; 0 where it has none, as of inodes and processes.
fn asked(
    spec: &core::Container,
    space: Space,
    list: impl Fn(&core::ResourceRequirements) -> Option<&Amounts>,
) -> i64 {
    let amounts = spec.resources.as_ref().and_then(list);
    let amount = amounts.and_then(|amounts| amounts.get(space.resource()));
    amount.map_or(0, |amount| quantity::amount(space.resource(), amount))
}

/// A sum, or as much as can be counted.
pub(super) fn total(amounts: impl Iterator<Item = i64>) -> i64 {
    amounts.fold(0, i64::saturating_add)
}

/// What an image takes.
pub(super) fn of_image(image: &Image, space: Space) -> i64 {
    match space {
        Space::Memory | Space::Pids => 0,
        Space::Disk => image.bytes as i64,
        Space::Inodes => image.bytes as i64 / BYTES_PER_INODE,
    }
}

/// What is used of the whole machine.
pub(super) fn of_machine(machine: &Machine, space: Space, elsewhere: i64, now: Time) -> i64 {
    let pods = total(machine.pods().map(|pod| of_pod(machine, pod, space, now, now)));
    let images = total(machine.images.present().map(|image| of_image(image, space)));
    elsewhere.saturating_add(pods).saturating_add(images)
}
