//! Containers: names, images, ports, environment, mounts, resources.
//! Upstream: `ValidateContainers` and what it calls in `pkg/apis/core/validation/validation.go`.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::field::{Faults, Path, Shown};
use super::{go_value, names, pod, probe};
use crate::api::quantity;

/// Protocols of ports, sorted as refusals list them.
pub(super) const PROTOCOLS: [&str; 3] = ["SCTP", "TCP", "UDP"];
/// Fields of a pod that environment variables may read, sorted as refusals list them.
const ENVIRONMENT_FIELDS: [&str; 9] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

/// What a container's fields refer to.
pub(super) struct Surroundings<'a> {
    /// The names of the pod's volumes.
    pub(super) volumes: &'a BTreeSet<&'a str>,
    pub(super) pod: &'a core::PodSpec,
}

/// Checks the containers that run side by side. There must be one.
pub(super) fn containers(around: &Surroundings<'_>, path: Path<'_>, faults: &mut Faults) {
    let containers = &around.pod.containers;
    if containers.is_empty() {
        faults.required(path, "");
        return;
    }
    let mut seen = BTreeSet::new();
    for (index, container) in containers.iter().enumerate() {
        let path = path.index(index);
        common(container, around, path, faults);
        if !seen.insert(container.name.as_str()) {
            faults.duplicate(path.child("name"), &container.name);
        }
        probe::of_container(container, around.pod, path, faults);
    }
    let mut seen = BTreeSet::new();
    for (index, container) in containers.iter().enumerate() {
        host_port_conflicts(container, &mut seen, path.index(index), faults);
    }
    host_network(around.pod, path, faults);
}

/// Checks the containers that run first, one after the other, and the sidecars among them.
pub(super) fn init_containers(around: &Surroundings<'_>, path: Path<'_>, faults: &mut Faults) {
    const REFUSAL: &str = "may not be set for init containers without restartPolicy=Always";
    let mut seen: BTreeSet<&str> = around.pod.containers.iter().map(|known| known.name.as_str()).collect();
    for (index, container) in around.pod.init_containers.iter().flatten().enumerate() {
        let path = path.index(index);
        common(container, around, path, faults);
        if !seen.insert(container.name.as_str()) {
            faults.duplicate(path.child("name"), &container.name);
        }
        if container.restart_policy.as_deref() == Some("Always") {
            probe::of_container(container, around.pod, path, faults);
        } else {
            let fields = [
                ("lifecycle", container.lifecycle.is_some()),
                ("livenessProbe", container.liveness_probe.is_some()),
                ("readinessProbe", container.readiness_probe.is_some()),
                ("startupProbe", container.startup_probe.is_some()),
            ];
            for (name, _) in fields.into_iter().filter(|(_, is_set)| *is_set) {
                faults.forbidden(path.child(name), REFUSAL);
            }
        }
        // They run one after the other: only their own ports can be in each other's way.
        host_port_conflicts(container, &mut BTreeSet::new(), path, faults);
    }
}

fn common(container: &core::Container, around: &Surroundings<'_>, path: Path<'_>, faults: &mut Faults) {
    if container.name.is_empty() {
        faults.required(path.child("name"), "");
    } else {
        faults.invalid_each(path.child("name"), &container.name, names::dns_label(&container.name));
    }
    let image = container.image.as_deref().unwrap_or_default();
    if image.is_empty() {
        faults.required(path.child("image"), "");
    } else if image.trim() != image {
        faults.invalid(path.child("image"), image, "must not have leading or trailing whitespace");
    }
    let policy = container.termination_message_policy.as_deref();
    faults.one_of(path.child("terminationMessagePolicy"), policy, &["File", "FallbackToLogsOnError"]);
    ports(container, path.child("ports"), faults);
    environment(container, path, faults);
    mounts(container, around, path.child("volumeMounts"), faults);
    let policy = container.image_pull_policy.as_deref();
    faults.one_of(path.child("imagePullPolicy"), policy, &["Always", "IfNotPresent", "Never"]);
    if let Some(requirements) = &container.resources {
        resources(requirements, path.child("resources"), faults);
    }
    if let Some(policy) = &container.restart_policy
        && !["Always", "OnFailure", "Never"].contains(&policy.as_str())
    {
        faults.unsupported(path.child("restartPolicy"), policy, &["Always", "OnFailure", "Never"]);
    }
    if let Some(context) = &container.security_context {
        security_context(context, path.child("securityContext"), faults);
    }
}

fn ports(container: &core::Container, path: Path<'_>, faults: &mut Faults) {
    let mut seen = BTreeSet::new();
    for (index, port) in container.ports.iter().flatten().enumerate() {
        let path = path.index(index);
        if let Some(name) = port.name.as_deref().filter(|name| !name.is_empty()) {
            let problems = names::port_name(name);
            if problems.is_empty() && !seen.insert(name) {
                faults.duplicate(path.child("name"), name);
            }
            faults.invalid_each(path.child("name"), name, problems);
        }
        if port.container_port == 0 {
            faults.required(path.child("containerPort"), "");
        } else if !names::is_port(port.container_port) {
            faults.invalid(path.child("containerPort"), port.container_port, names::PORT_RANGE);
        }
        if let Some(host_port) = port.host_port.filter(|port| *port != 0 && !names::is_port(*port)) {
            faults.invalid(path.child("hostPort"), host_port, names::PORT_RANGE);
        }
        faults.one_of(path.child("protocol"), port.protocol.as_deref(), &PROTOCOLS);
    }
}

/// Two containers of a pod cannot have the same port of the node.
fn host_port_conflicts(
    container: &core::Container,
    seen: &mut BTreeSet<String>,
    path: Path<'_>,
    faults: &mut Faults,
) {
    let list = path.child("ports");
    for (index, port) in container.ports.iter().flatten().enumerate() {
        let Some(number) = port.host_port.filter(|number| *number != 0) else { continue };
        let protocol = port.protocol.as_deref().unwrap_or_default();
        let name = format!("{protocol}/{}/{number}", port.host_ip.as_deref().unwrap_or_default());
        if seen.contains(&name) {
            faults.duplicate(list.index(index).child("hostPort"), &name);
        }
        seen.insert(name);
    }
}

/// On the node's network a container's port is the node's.
fn host_network(spec: &core::PodSpec, path: Path<'_>, faults: &mut Faults) {
    if spec.host_network != Some(true) {
        return;
    }
    for (place, container) in spec.containers.iter().enumerate() {
        for (index, port) in container.ports.iter().flatten().enumerate() {
            let Some(number) = port.host_port.filter(|number| *number != port.container_port) else {
                continue;
            };
            let of_container = path.index(place);
            let list = of_container.child("ports");
            let detail = "must match `containerPort` when `hostNetwork` is true";
            faults.invalid(list.index(index).child("hostPort"), number, detail);
        }
    }
}

fn environment(container: &core::Container, path: Path<'_>, faults: &mut Faults) {
    let list = path.child("env");
    for (index, variable) in container.env.iter().flatten().enumerate() {
        let path = list.index(index);
        if variable.name.is_empty() {
            faults.required(path.child("name"), "");
        } else {
            faults.invalid_each(path.child("name"), &variable.name, names::environment_name(&variable.name));
        }
        if let Some(source) = &variable.value_from {
            let has_value = variable.value.as_ref().is_some_and(|value| !value.is_empty());
            environment_source(source, has_value, path.child("valueFrom"), faults);
        }
    }
    let list = path.child("envFrom");
    for (index, source) in container.env_from.iter().flatten().enumerate() {
        let path = list.index(index);
        let named = [
            ("configMapRef", source.config_map_ref.as_ref().map(|source| source.name.as_str())),
            ("secretRef", source.secret_ref.as_ref().map(|source| source.name.as_str())),
        ];
        let given: Vec<(&str, &str)> =
            named.into_iter().filter_map(|(field, name)| Some((field, name?))).collect();
        for (field, _) in given.iter().filter(|(_, name)| name.is_empty()) {
            faults.required(path.child(field).child("name"), "");
        }
        match given.len() {
            0 => faults.invalid(path, "", "must specify one of: `configMapRef` or `secretRef`"),
            1 => {}
            _ => faults.invalid(path, "", "may not have more than one field specified at a time"),
        }
    }
}

fn environment_source(source: &core::EnvVarSource, has_value: bool, path: Path<'_>, faults: &mut Faults) {
    let mut sources = 0;
    if let Some(field) = &source.field_ref {
        sources += 1;
        let path = path.child("fieldRef.fieldPath");
        let name = field.field_path.as_str();
        let is_entry =
            ["metadata.labels['", "metadata.annotations['"].iter().any(|map| name.starts_with(map));
        if name.is_empty() {
            faults.required(path, "");
        } else if !is_entry {
            faults.one_of(path, Some(name), &ENVIRONMENT_FIELDS);
        }
    }
    if let Some(resource) = &source.resource_field_ref {
        sources += 1;
        if resource.resource.is_empty() {
            faults.required(path.child("resourceFieldRef").child("resource"), "");
        }
    }
    let keys = [
        ("configMapKeyRef", source.config_map_key_ref.as_ref().map(|of| (&of.name, &of.key))),
        ("secretKeyRef", source.secret_key_ref.as_ref().map(|of| (&of.name, &of.key))),
    ];
    for (field, (name, key)) in keys.into_iter().filter_map(|(field, of)| Some((field, of?))) {
        sources += 1;
        let path = path.child(field);
        if name.is_empty() {
            faults.required(path.child("name"), "");
        }
        if key.is_empty() {
            faults.required(path.child("key"), "");
        } else {
            faults.invalid_each(path.child("key"), key, names::config_key(key));
        }
    }
    sources += usize::from(source.file_key_ref.is_some());
    let one_of = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or \
                  `fileKeyRef`";
    match sources {
        0 => faults.invalid(path, "", one_of),
        _ if has_value => faults.invalid(path, "", "may not be specified when `value` is not empty"),
        1 => {}
        _ => faults.invalid(path, "", "may not have more than one field specified at a time"),
    }
}

fn mounts(container: &core::Container, around: &Surroundings<'_>, path: Path<'_>, faults: &mut Faults) {
    let mut seen = BTreeSet::new();
    for (index, mount) in container.volume_mounts.iter().flatten().enumerate() {
        let path = path.index(index);
        if mount.name.is_empty() {
            faults.required(path.child("name"), "");
        } else if !around.volumes.contains(mount.name.as_str()) {
            faults.not_found(path.child("name"), &mount.name);
        }
        if mount.mount_path.is_empty() {
            faults.required(path.child("mountPath"), "");
        } else if !seen.insert(mount.mount_path.as_str()) {
            faults.invalid(path.child("mountPath"), &mount.mount_path, "must be unique");
        }
        let sub_path = mount.sub_path.as_deref().unwrap_or_default();
        if sub_path.starts_with('/') {
            faults.invalid(path.child("subPath"), sub_path, "must be a relative path");
        }
        if sub_path.split('/').any(|part| part == "..") {
            faults.invalid(path.child("subPath"), sub_path, "must not contain '..'");
        }
    }
}

/// Limits and requests: amounts of known resources, none asking for more than it may use.
fn resources(requirements: &core::ResourceRequirements, path: Path<'_>, faults: &mut Faults) {
    let limits = path.child("limits");
    for (resource, limit) in requirements.limits.iter().flatten() {
        amount(resource, limit, limits.key(resource), faults);
    }
    let requests = path.child("requests");
    for (resource, request) in requirements.requests.iter().flatten() {
        amount(resource, request, requests.key(resource), faults);
        let limit = requirements.limits.as_ref().and_then(|limits| limits.get(resource));
        match limit {
            Some(limit) if !may_exceed(resource) && compare(request, limit).is_ne() => {
                let detail = format!("must be equal to {resource} limit of {}", limit.0);
                faults.invalid(requests, &request.0, detail);
            }
            Some(limit) if compare(request, limit).is_gt() => {
                let detail = format!("must be less than or equal to {resource} limit of {}", limit.0);
                faults.invalid(requests, &request.0, detail);
            }
            None if !may_exceed(resource) => {
                faults.required(limits, "Limit must be set for non overcommitable resources");
            }
            Some(_) | None => {}
        }
    }
    let all = || requirements.limits.iter().chain(&requirements.requests).flat_map(|amounts| amounts.keys());
    let has_huge_pages = all().any(|resource| resource.starts_with("hugepages-"));
    if has_huge_pages && !all().any(|resource| resource == "cpu" || resource == "memory") {
        faults.forbidden(path, "HugePages require cpu or memory");
    }
}

/// Whether requests may differ from limits: true of what nodes share out in fractions.
fn may_exceed(resource: &str) -> bool {
    let is_native = !resource.contains('/') || resource.contains("kubernetes.io/");
    is_native && !resource.starts_with("hugepages-")
}

fn compare(left: &Quantity, right: &Quantity) -> std::cmp::Ordering {
    quantity::thousandths(&left.0).cmp(&quantity::thousandths(&right.0))
}

fn amount(resource: &str, amount: &Quantity, path: Path<'_>, faults: &mut Faults) {
    faults.invalid_each(path, resource, names::qualified_name(resource));
    let is_standard = ["cpu", "memory", "ephemeral-storage", "storage"].contains(&resource);
    if !is_standard && !resource.contains('/') && !resource.starts_with("hugepages-") {
        faults.invalid(path, resource, "must be a standard resource type or fully qualified");
        faults.invalid(path, resource, "must be a standard resource for containers");
    }
    let Some(thousandths) = quantity::thousandths(&amount.0) else { return };
    if thousandths < 0 {
        faults.invalid(path, &amount.0, "must be greater than or equal to 0");
    }
    if !may_exceed(resource) && thousandths % 1000 != 0 {
        faults.invalid(path, &amount.0, "must be an integer");
    }
}

fn security_context(context: &core::SecurityContext, path: Path<'_>, faults: &mut Faults) {
    pod::id(path.child("runAsUser"), context.run_as_user, faults);
    pod::id(path.child("runAsGroup"), context.run_as_group, faults);
    if let Some(mount) = &context.proc_mount
        && !["Default", "Unmasked"].contains(&mount.as_str())
    {
        faults.unsupported(path.child("procMount"), mount, &["Default", "Unmasked"]);
    }
    if context.allow_privilege_escalation != Some(false) {
        return;
    }
    let added = context.capabilities.iter().flat_map(|capabilities| capabilities.add.iter().flatten());
    let adds_admin = added.into_iter().any(|capability| capability == "CAP_SYS_ADMIN");
    let conflicts = [
        (adds_admin, "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"),
        (
            context.privileged == Some(true),
            "cannot set `allowPrivilegeEscalation` to false and `privileged` to true",
        ),
    ];
    for (_, detail) in conflicts.into_iter().filter(|(is_given, _)| *is_given) {
        let shown = go_value::compact("v1.SecurityContext", context);
        faults.invalid(path, Shown::verbatim(shown), detail);
    }
}
