//! What is used of a machine's memory and disk: by processes, as their pods' annotations say, by images, and by what is
//! no pod.

use k8s_openapi::api::core::v1 as core;

use crate::api::quantity;
use crate::kubelet::local_pod::{LocalPod, Running};
use crate::kubelet::machine::Machine;
use crate::simulation::{Space, uses};
use crate::time::Time;

/// What a process uses of memory whose pod does not say.
const USUAL: i64 = 16 << 20;

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

/// What a pod uses as a whole.
pub(super) fn of_pod(pod: &LocalPod, space: Space, now: Time) -> i64 {
    of_containers(pod, space, now).iter().map(|container| container.used).sum()
}

fn of_process(pod: &LocalPod, spec: &core::Container, running: &Running, space: Space, now: Time) -> i64 {
    let said = uses(&pod.api.meta.annotations, &spec.name, space);
    let age = now.since(running.since);
    let used = said.into_iter().rev().find(|(after, _)| *after <= age).map(|(_, used)| used);
    used.unwrap_or_else(|| match (space, asked(spec, space, |it| it.limits.as_ref())) {
        (Space::Disk, _) => 0,
        (Space::Memory, limit) if limit > 0 => USUAL.min(limit),
        (Space::Memory, _) => USUAL,
    })
}

type Amounts = std::collections::BTreeMap<String, k8s_openapi::apimachinery::pkg::api::resource::Quantity>;

/// A request or limit of a container, in bytes; 0 where it has none.
fn asked(
    spec: &core::Container,
    space: Space,
    list: impl Fn(&core::ResourceRequirements) -> Option<&Amounts>,
) -> i64 {
    let amounts = spec.resources.as_ref().and_then(list);
    let amount = amounts.and_then(|amounts| amounts.get(space.resource()));
    amount.map_or(0, |amount| quantity::amount(space.resource(), amount))
}

/// What is used of the whole machine.
pub(super) fn of_machine(machine: &Machine, space: Space, elsewhere: i64, now: Time) -> i64 {
    let pods: i64 = machine.pods().map(|pod| of_pod(pod, space, now)).sum();
    let images: i64 = match space {
        Space::Memory => 0,
        Space::Disk => machine.images.present().map(|image| image.bytes as i64).sum(),
    };
    elsewhere.saturating_add(pods).saturating_add(images)
}
