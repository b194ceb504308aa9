//! Which pods have written more onto the disk than they may: into an emptyDir volume, as a whole, or in one container.
//! They are evicted however much room there is. Upstream: `localStorageEviction`.
//!
//! ```text
//! limits of ephemeral-storage 1Gi and none, and written 900Mi and 300Mi  ->  evicted: 1200Mi are above the total of 1Gi
//! ```

use k8s_openapi::api::core::v1 as core;

use super::usage::{self, limit_of};
use super::volumes;
use crate::api::{canonical, quantity};
use crate::kubelet::local_pod::LocalPod;
use crate::kubelet::machine::Machine;
use crate::simulation::Space;
use crate::time::Time;
use crate::why::StorageLimit;

/// A limit that a pod is above.
pub(super) struct Excess {
    pub(super) limit: StorageLimit,
    pub(super) used: i64,
    pub(super) allowed: i64,
    /// `status.message` of the pod, and that of its Event.
    pub(super) message: String,
}

/// The limit that a pod is above, if there is one, where its volumes were measured at `measured`.
pub(super) fn excess(machine: &Machine, pod: &LocalPod, measured: Time, now: Time) -> Option<Excess> {
    of_a_volume(machine, pod, measured)
        .or_else(|| of_the_pod(machine, pod, measured, now))
        .or_else(|| of_a_container(pod, now))
}

/// Upstream: `emptyDirLimitEviction`.
fn of_a_volume(machine: &Machine, pod: &LocalPod, measured: Time) -> Option<Excess> {
    volumes::of(pod).find_map(|(name, volume)| {
        let limit = volume.size_limit.as_ref()?;
        let allowed = quantity::amount("memory", limit);
        let used = volumes::held(machine, pod, name, volume, measured);
        (allowed > 0 && used > allowed).then(|| Excess {
            limit: StorageLimit::Volume(name.into()),
            used,
            allowed,
            message: format!("Usage of EmptyDir volume \"{name}\" exceeds the limit \"{}\". ", limit.0),
        })
    })
}

/// Upstream: `podEphemeralStorageLimitEviction`.
fn of_the_pod(machine: &Machine, pod: &LocalPod, measured: Time, now: Time) -> Option<Excess> {
    let total = Total::of(&pod.object().spec.spec)?;
    let used = usage::of_pod(machine, pod, Space::Disk, measured, now);
    (used > total.bytes).then(|| Excess {
        limit: StorageLimit::Pod,
        used,
        allowed: total.bytes,
        message: format!(
            "Pod ephemeral local storage usage exceeds the total limit of containers {}. ",
            total.written()
        ),
    })
}

/// Upstream: `containerEphemeralStorageLimitEviction`, which looks at `spec.containers` alone.
fn of_a_container(pod: &LocalPod, now: Time) -> Option<Excess> {
    let containers = &pod.object().spec.spec.containers;
    if containers.iter().all(|spec| limit_of(spec, Space::Disk) == 0) {
        return None;
    }
    usage::of_containers(pod, Space::Disk, now).into_iter().find_map(|container| {
        let spec = containers.iter().find(|spec| spec.name == container.name)?;
        let allowed = limit_of(spec, Space::Disk);
        (allowed > 0 && container.used > allowed).then(|| Excess {
            limit: StorageLimit::Container(container.name.into()),
            used: container.used,
            allowed,
            message: format!(
                "Container {} exceeded its local ephemeral storage limit \"{}\". ",
                container.name,
                stated(spec).unwrap_or_default()
            ),
        })
    })
}

/// A container's limit as it is written.
fn stated(spec: &core::Container) -> Option<&str> {
    let limits = spec.resources.as_ref()?.limits.as_ref()?;
    limits.get(Space::Disk.resource()).map(|limit| limit.0.as_str())
}

/// What the containers of a pod may write together. One without a limit adds nothing to it.
struct Total {
    bytes: i64,
    /// Whether it is written in powers of two, as the first limit is.
    is_binary: bool,
}

impl Total {
    /// `None` where no container has a limit. Upstream: `PodLimits`.
    fn of(spec: &core::PodSpec) -> Option<Total> {
        let init = spec.init_containers.iter().flatten();
        let mut stating = spec.containers.iter().chain(init.clone()).filter_map(stated);
        let is_binary = stating.next()?.ends_with('i');
        let of = |container: &core::Container| limit_of(container, Space::Disk);
        let (mut sidecars, mut hungriest) = (0i64, 0);
        for container in init {
            hungriest = sidecars.saturating_add(of(container)).max(hungriest);
            if container.restart_policy.as_deref() == Some("Always") {
                sidecars = sidecars.saturating_add(of(container));
            }
        }
        let running = usage::total(spec.containers.iter().map(of)).saturating_add(sidecars);
        Some(Total { bytes: running.max(hungriest), is_binary })
    }

    fn written(&self) -> String {
        if self.is_binary {
            return quantity::binary(self.bytes);
        }
        let bytes = self.bytes.to_string();
        canonical::quantity(&bytes).unwrap_or(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(spec: serde_json::Value) -> Option<String> {
        let spec = serde_json::from_value(spec).expect("a pod's spec");
        Total::of(&spec).map(|total| total.written())
    }

    fn limited(limit: &str) -> serde_json::Value {
        serde_json::json!({"name": "a", "resources": {"limits": {"ephemeral-storage": limit}}})
    }

    #[test]
    fn limits_add_up_as_the_first_one_is_written() {
        let of = |containers: &[serde_json::Value]| total(serde_json::json!({"containers": containers}));
        assert_eq!(of(&[serde_json::json!({"name": "a"})]), None);
        assert_eq!(of(&[limited("1Gi"), serde_json::json!({"name": "b"})]).as_deref(), Some("1Gi"));
        assert_eq!(of(&[limited("1Gi"), limited("512Mi")]).as_deref(), Some("1536Mi"));
        assert_eq!(of(&[limited("2M"), limited("1Ki")]).as_deref(), Some("2001024"));
        assert_eq!(of(&[limited("500k"), limited("500k")]).as_deref(), Some("1M"));
    }

    #[test]
    fn an_init_container_counts_where_it_needs_more_than_all_others() {
        let spec = |init: &str| serde_json::json!({"containers": [limited("1Gi")], "initContainers": [limited(init)]});
        assert_eq!(total(spec("512Mi")).as_deref(), Some("1Gi"));
        assert_eq!(total(spec("2Gi")).as_deref(), Some("2Gi"));
    }
}
