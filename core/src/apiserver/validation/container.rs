//! Containers: names, images, ports, and the order in which everything about them is checked.
//! Upstream: `ValidateContainers` and what it calls in `pkg/apis/core/validation/validation.go`.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1 as core;

use super::field::{Faults, Path};
use super::{environment, mounts, names, probe, resources, security};

/// Protocols of ports, sorted as refusals list them.
pub(super) const PROTOCOLS: [&str; 3] = ["SCTP", "TCP", "UDP"];
/// How many rules may say when a container is restarted.
const RESTART_RULES: usize = 20;
/// How many exit codes one of them may name.
const EXIT_CODES: usize = 255;

/// What a container's fields refer to.
pub(super) struct Surroundings<'a> {
    /// The pod's volumes, by name.
    pub(super) volumes: &'a BTreeMap<&'a str, &'a core::Volume>,
    /// The names of the pod's resource claims.
    pub(super) claims: &'a BTreeSet<&'a str>,
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
        restart_policy(container, path, faults);
    }
    let mut seen = BTreeSet::new();
    for (index, container) in containers.iter().enumerate() {
        host_port_conflicts(container, &mut seen, path.index(index), faults);
    }
}

/// Checks the containers that run first, one after the other, and the sidecars among them.
pub(super) fn init_containers(around: &Surroundings<'_>, list: Path<'_>, faults: &mut Faults) {
    const REFUSAL: &str = "may not be set for init containers without restartPolicy=Always";
    let mut seen: BTreeSet<&str> = around.pod.containers.iter().map(|known| known.name.as_str()).collect();
    for (index, container) in around.pod.init_containers.iter().flatten().enumerate() {
        let path = list.index(index);
        common(container, around, path, faults);
        restart_policy(container, path, faults);
        if seen.contains(container.name.as_str()) {
            faults.duplicate(path.child("name"), &container.name);
        } else if !container.name.is_empty() {
            seen.insert(container.name.as_str());
        }
        // They run one after the other: only their own ports can be in each other's way. Upstream looks at each as at a
        // list of one, and calls it so.
        host_port_conflicts(container, &mut BTreeSet::new(), list.index(0), faults);
        if container.restart_policy.as_deref() == Some("Always") {
            probe::of_container(container, around.pod, path, faults);
            continue;
        }
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
}

/// Checks the images of a pod's containers, of which templates may say anything.
pub(super) fn images(containers: &[core::Container], list: Path<'_>, faults: &mut Faults) {
    for (index, container) in containers.iter().enumerate() {
        image(container.image.as_deref().unwrap_or_default(), list.index(index), faults);
    }
}

/// Checks the image of a container that is at `path`.
pub(super) fn image(image: &str, path: Path<'_>, faults: &mut Faults) {
    if image.trim() != image {
        faults.invalid(path.child("image"), image, "must not have leading or trailing whitespace");
    }
}

/// On the node's network a container's port is the node's.
pub(super) fn on_host_network(spec: &core::PodSpec, path: Path<'_>, faults: &mut Faults) {
    if spec.host_network != Some(true) {
        return;
    }
    for (place, container) in spec.containers.iter().enumerate() {
        for (index, port) in container.ports.iter().flatten().enumerate() {
            let number = port.host_port.filter(|number| *number != 0 && *number != port.container_port);
            let Some(number) = number else { continue };
            let of_container = path.index(place);
            let list = of_container.child("ports");
            let detail = "must match `containerPort` when `hostNetwork` is true";
            faults.invalid(list.index(index).child("hostPort"), number, detail);
        }
    }
}

/// Checks what all containers have in common.
pub(super) fn common(
    container: &core::Container,
    around: &Surroundings<'_>,
    path: Path<'_>,
    faults: &mut Faults,
) {
    if container.name.is_empty() {
        faults.required(path.child("name"), "");
    } else {
        faults.invalid_each(path.child("name"), &container.name, names::dns_label(&container.name));
    }
    if container.image.as_deref().unwrap_or_default().is_empty() {
        faults.required(path.child("image"), "");
    }
    let policy = container.termination_message_policy.as_deref();
    faults.one_of(path.child("terminationMessagePolicy"), policy, &["File", "FallbackToLogsOnError"]);
    ports(container, path.child("ports"), faults);
    environment::variables(container, path, faults);
    mounts::mounts(container, around, path.child("volumeMounts"), faults);
    mounts::devices(container, around, path.child("volumeDevices"), faults);
    let policy = container.image_pull_policy.as_deref();
    faults.one_of(path.child("imagePullPolicy"), policy, &["Always", "IfNotPresent", "Never"]);
    if let Some(asked) = &container.resources {
        let path = path.child("resources");
        resources::requirements(asked, around.claims, path, resources::container_resource, faults);
    }
    resize_policy(container, around.pod, path.child("resizePolicy"), faults);
    if let Some(context) = &container.security_context {
        security::of_container(context, around.pod, path.child("securityContext"), faults);
    }
}

/// What a change of a container's resources asks of it. Upstream tells of the list, not of the entries.
fn resize_policy(container: &core::Container, pod: &core::PodSpec, list: Path<'_>, faults: &mut Faults) {
    let mut seen = BTreeSet::new();
    for (index, policy) in container.resize_policy.iter().flatten().enumerate() {
        if !seen.insert(policy.resource_name.as_str()) {
            faults.duplicate(list.index(index), &policy.resource_name);
        }
        faults.one_of(list, Some(&policy.resource_name), &["cpu", "memory"]);
        let restart = policy.restart_policy.as_str();
        faults.one_of(list, Some(restart), &["NotRequired", "RestartContainer"]);
        if pod.restart_policy.as_deref() == Some("Never") && restart != "NotRequired" {
            let detail = "must be 'NotRequired' when `restartPolicy` is 'Never'";
            faults.invalid(list, restart, detail);
        }
    }
}

/// When this container alone is restarted.
fn restart_policy(container: &core::Container, path: Path<'_>, faults: &mut Faults) {
    let rules = container.restart_policy_rules.as_deref().unwrap_or_default();
    let policies = ["Always", "OnFailure", "Never"];
    match container.restart_policy.as_deref() {
        None if !rules.is_empty() => {
            let detail = "must specify restartPolicy when restart rules are used";
            faults.required(path.child("restartPolicy"), detail);
        }
        Some(policy) if !policies.contains(&policy) => {
            faults.unsupported(path.child("restartPolicy"), policy, &policies);
        }
        None | Some(_) => {}
    }
    let list = path.child("restartPolicyRules");
    if rules.len() > RESTART_RULES {
        faults.too_many(list, rules.len(), RESTART_RULES);
    }
    for (index, rule) in rules.iter().enumerate() {
        let path = list.index(index);
        let actions = ["Restart", "RestartAllContainers"];
        if !actions.contains(&rule.action.as_str()) {
            faults.unsupported(path.child("action"), &rule.action, &actions);
        }
        let codes = path.child("exitCodes");
        let Some(exit_codes) = &rule.exit_codes else {
            faults.required(codes, "must be specified");
            continue;
        };
        if !["In", "NotIn"].contains(&exit_codes.operator.as_str()) {
            faults.unsupported(codes.child("operator"), &exit_codes.operator, &["In", "NotIn"]);
        }
        let count = exit_codes.values.as_ref().map_or(0, Vec::len);
        if count > EXIT_CODES {
            faults.too_many(codes.child("values"), count, EXIT_CODES);
        }
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
