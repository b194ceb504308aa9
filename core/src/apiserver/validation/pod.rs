//! Pod specs, in pods and in templates. Upstream: `ValidatePodSpec` in `pkg/apis/core/validation/validation.go`.

use std::collections::BTreeSet;
use std::net::IpAddr;

use k8s_openapi::api::core::v1 as core;

use super::field::{Faults, Path, Shown};
use super::{container, metadata, names, scheduling, volume};

/// The longest list of name servers that resolvers read.
const NAME_SERVERS: usize = 3;
/// The longest list of search domains.
const SEARCH_DOMAINS: usize = 32;
/// What user and group ids must be.
const ID_RANGE: &str = "must be between 0 and 2147483647, inclusive";

/// Checks everything about a spec but what only a pod or only a template must not have.
pub(super) fn spec(spec: &core::PodSpec, path: Path<'_>, faults: &mut Faults) {
    let volumes = volume::volumes(spec, path.child("volumes"), faults);
    let around = container::Surroundings { volumes: &volumes, pod: spec };
    container::containers(&around, path.child("containers"), faults);
    container::init_containers(&around, path.child("initContainers"), faults);
    let policies = ["Always", "OnFailure", "Never"];
    faults.one_of(path.child("restartPolicy"), spec.restart_policy.as_deref(), &policies);
    let policies = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
    faults.one_of(path.child("dnsPolicy"), spec.dns_policy.as_deref(), &policies);
    if let Some(labels) = &spec.node_selector {
        metadata::labels(labels, path.child("nodeSelector"), faults);
    }
    if let Some(context) = &spec.security_context {
        security_context(context, path.child("securityContext"), faults);
    }
    for (index, secret) in spec.image_pull_secrets.iter().flatten().enumerate() {
        if secret.name.is_empty() {
            faults.required(path.child("imagePullSecrets").index(index), "");
        }
    }
    scheduling::affinity(spec.affinity.as_ref(), path.child("affinity"), faults);
    dns(spec, path, faults);
    gates(spec, path, faults);
    scheduling::spread(spec, path.child("topologySpreadConstraints"), faults);
    optional_name(
        path.child("serviceAccountName"),
        spec.service_account_name.as_deref(),
        names::dns_subdomain,
        faults,
    );
    if let Some(seconds) = spec.active_deadline_seconds
        && !(1..=i64::from(i32::MAX)).contains(&seconds)
    {
        faults.invalid(
            path.child("activeDeadlineSeconds"),
            seconds,
            "must be between 1 and 2147483647, inclusive",
        );
    }
    optional_name(path.child("hostname"), spec.hostname.as_deref(), names::dns_label, faults);
    optional_name(path.child("subdomain"), spec.subdomain.as_deref(), names::dns_label, faults);
    scheduling::tolerations(spec, path.child("tolerations"), faults);
    for (index, alias) in spec.host_aliases.iter().flatten().enumerate() {
        if alias.ip.parse::<IpAddr>().is_err() {
            faults.invalid(path.child("hostAliases").index(index).child("ip"), &alias.ip, names::ADDRESS);
        }
    }
    optional_name(
        path.child("priorityClassName"),
        spec.priority_class_name.as_deref(),
        names::dns_subdomain,
        faults,
    );
    optional_name(
        path.child("runtimeClassName"),
        spec.runtime_class_name.as_deref(),
        names::dns_subdomain,
        faults,
    );
}

/// What a new pod must not have, whatever a template may.
pub(super) fn create_only(spec: &core::PodSpec, has_node: bool, faults: &mut Faults) {
    const SPEC: Path<'_> = Path::root("spec");
    if spec.ephemeral_containers.as_ref().is_some_and(|containers| !containers.is_empty()) {
        faults.forbidden(SPEC.child("ephemeralContainers"), "cannot be set on create");
    }
    if has_node && spec.scheduling_gates.as_ref().is_some_and(|gates| !gates.is_empty()) {
        faults.forbidden(SPEC.child("nodeName"), "cannot be set until all schedulingGates have been cleared");
    }
}

/// A name that may be absent.
pub(super) fn optional_name(
    path: Path<'_>,
    name: Option<&str>,
    rule: fn(&str) -> Vec<String>,
    faults: &mut Faults,
) {
    if let Some(name) = name.filter(|name| !name.is_empty()) {
        faults.invalid_each(path, name, rule(name));
    }
}

/// Ids of users and groups.
pub(super) fn id(path: Path<'_>, id: Option<i64>, faults: &mut Faults) {
    if let Some(id) = id
        && !(0..=i64::from(i32::MAX)).contains(&id)
    {
        faults.invalid(path, id, ID_RANGE);
    }
}

fn security_context(context: &core::PodSecurityContext, path: Path<'_>, faults: &mut Faults) {
    id(path.child("fsGroup"), context.fs_group, faults);
    id(path.child("runAsUser"), context.run_as_user, faults);
    id(path.child("runAsGroup"), context.run_as_group, faults);
    let groups = path.child("supplementalGroups");
    for (index, group) in context.supplemental_groups.iter().flatten().enumerate() {
        id(groups.index(index), Some(*group), faults);
    }
    if let Some(policy) = &context.fs_group_change_policy
        && !["Always", "OnRootMismatch"].contains(&policy.as_str())
    {
        faults.unsupported(path.child("fsGroupChangePolicy"), policy, &["OnRootMismatch", "Always"]);
    }
}

fn dns(spec: &core::PodSpec, path: Path<'_>, faults: &mut Faults) {
    let is_none = spec.dns_policy.as_deref() == Some("None");
    let path = path.child("dnsConfig");
    let Some(config) = &spec.dns_config else {
        if is_none {
            faults.required(path, "must provide `dnsConfig` when `dnsPolicy` is None");
        }
        return;
    };
    let servers = config.nameservers.as_deref().unwrap_or_default();
    let list = path.child("nameservers");
    if is_none && servers.is_empty() {
        faults.required(list, "must provide at least one DNS nameserver when `dnsPolicy` is None");
    }
    if servers.len() > NAME_SERVERS {
        let detail = format!("must not have more than {NAME_SERVERS} nameservers");
        faults.invalid(list, Shown::json(&servers), detail);
    }
    for (index, server) in servers.iter().enumerate() {
        if server.parse::<IpAddr>().is_err() {
            faults.invalid(list.index(index), server, names::ADDRESS);
        }
    }
    let searches = config.searches.as_deref().unwrap_or_default();
    let list = path.child("searches");
    if searches.len() > SEARCH_DOMAINS {
        let detail = format!("must not have more than {SEARCH_DOMAINS} search paths");
        faults.invalid(list, Shown::json(&searches), detail);
    }
    for (index, option) in config.options.iter().flatten().enumerate() {
        if option.name.as_deref().unwrap_or_default().is_empty() {
            faults.required(path.child("options").index(index), "must not be empty");
        }
    }
}

fn gates(spec: &core::PodSpec, path: Path<'_>, faults: &mut Faults) {
    let list = path.child("readinessGates");
    for (index, gate) in spec.readiness_gates.iter().flatten().enumerate() {
        let name = &gate.condition_type;
        faults.invalid_each(list.index(index).child("conditionType"), name, names::qualified_name(name));
    }
    let list = path.child("schedulingGates");
    let mut seen = BTreeSet::new();
    for (index, gate) in spec.scheduling_gates.iter().flatten().enumerate() {
        faults.invalid_each(list.index(index), &gate.name, names::qualified_name(&gate.name));
        if !seen.insert(gate.name.as_str()) {
            faults.duplicate(list.index(index), &gate.name);
        }
    }
}
