//! Containers that are added to a pod that runs, to look into it. Upstream: `validateEphemeralContainers` in
//! `pkg/apis/core/validation/validation.go`.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1 as core;

use super::container::{self, Surroundings};
use super::field::{Faults, Path};

const REFUSAL: &str = "cannot be set for an Ephemeral Container";

/// Checks them as containers, and that they have nothing that others rely on.
#[inline(never)]
pub(super) fn ephemeral_containers(around: &Surroundings<'_>, list: Path<'_>, faults: &mut Faults) {
    let pod = around.pod;
    let others = pod.containers.iter().chain(pod.init_containers.iter().flatten());
    let others: BTreeSet<&str> = others.map(|container| container.name.as_str()).collect();
    let mut seen = others.clone();
    for (index, debugger) in pod.ephemeral_containers.iter().flatten().enumerate() {
        let path = list.index(index);
        // They have the fields of containers, under a type of their own.
        let json = serde_json::to_value(debugger).unwrap_or_default();
        let container: core::Container = serde_json::from_value(json).unwrap_or_default();
        container::common(&container, around, path, faults);
        container::image(container.image.as_deref().unwrap_or_default(), path, faults);
        if !seen.insert(debugger.name.as_str()) {
            faults.duplicate(path.child("name"), &debugger.name);
        }
        let target = debugger.target_container_name.as_deref().unwrap_or_default();
        if !target.is_empty() && !others.contains(target) {
            faults.not_found(path.child("targetContainerName"), target);
        }
        let given = [
            ("ports", container.ports.is_some()),
            ("resources", container.resources.is_some_and(|it| it != core::ResourceRequirements::default())),
            ("resizePolicy", container.resize_policy.is_some()),
            ("restartPolicy", container.restart_policy.is_some()),
            ("restartPolicyRules", container.restart_policy_rules.is_some()),
            ("livenessProbe", container.liveness_probe.is_some()),
            ("readinessProbe", container.readiness_probe.is_some()),
            ("startupProbe", container.startup_probe.is_some()),
            ("lifecycle", container.lifecycle.is_some()),
        ];
        for (field, _) in given.into_iter().filter(|(_, is_given)| *is_given) {
            faults.forbidden(path.child(field), REFUSAL);
        }
        let mounts = path.child("volumeMounts");
        for (index, mount) in container.volume_mounts.iter().flatten().enumerate() {
            let is_given = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
            for (field, text) in [("subPath", &mount.sub_path), ("subPathExpr", &mount.sub_path_expr)] {
                if is_given(text) {
                    faults.forbidden(mounts.index(index).child(field), REFUSAL);
                }
            }
        }
    }
}
