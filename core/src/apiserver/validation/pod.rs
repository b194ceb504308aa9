//! Pod specs, in pods and in templates. Upstream: `ValidatePodSpec` in `pkg/apis/core/validation/validation.go`.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1 as core;

use super::field::{Faults, Path, Shown};
use super::{
    container, ephemeral_container, go_value, metadata, names, operating_system, resources, scheduling,
    security, volume,
};

/// The longest list of name servers that resolvers read.
const NAME_SERVERS: usize = 3;
/// The longest list of search domains.
const SEARCH_DOMAINS: usize = 32;
/// How many characters search domains may have together.
const SEARCH_LIST: usize = 2048;
const SPEC: Path<'_> = Path::root("spec");

/// Checks everything about a spec but what only a pod or only a template must not have.
pub(super) fn spec(spec: &core::PodSpec, path: Path<'_>, faults: &mut Faults) {
    let volumes = volume::volumes(spec, path.child("volumes"), faults);
    let claims = resource_claims(spec, path.child("resourceClaims"), faults);
    let around = container::Surroundings { volumes: &volumes, claims: &claims, pod: spec };
    container::containers(&around, path.child("containers"), faults);
    container::init_containers(&around, path.child("initContainers"), faults);
    if spec.ephemeral_containers.as_ref().is_some_and(|containers| !containers.is_empty()) {
        ephemeral_container::ephemeral_containers(&around, path.child("ephemeralContainers"), faults);
    }
    if let Some(asked) = &spec.resources {
        pod_resources(asked, spec, path.child("resources"), faults);
    }
    container::on_host_network(spec, path.child("containers"), faults);
    let policies = ["Always", "OnFailure", "Never"];
    faults.one_of(path.child("restartPolicy"), spec.restart_policy.as_deref(), &policies);
    let policies = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
    faults.one_of(path.child("dnsPolicy"), spec.dns_policy.as_deref(), &policies);
    if let Some(labels) = &spec.node_selector {
        metadata::labels(labels, path.child("nodeSelector"), faults);
    }
    if let Some(context) = &spec.security_context {
        security::of_pod(context, spec, path.child("securityContext"), faults);
    }
    scheduling::affinity(spec.affinity.as_ref(), path.child("affinity"), faults);
    dns(spec, path, faults);
    gates(spec, path, faults);
    scheduling::spread(spec, path.child("topologySpreadConstraints"), faults);
    operating_system::host_processes(spec, path, faults);
    if spec.host_users == Some(false) {
        host_namespaces(spec, path, faults);
    }
    let names = [
        ("serviceAccountName", &spec.service_account_name, names::dns_subdomain as fn(&str) -> Vec<String>),
        ("nodeName", &spec.node_name, names::dns_subdomain),
    ];
    for (field, name, rule) in names {
        optional_name(path.child(field), name.as_deref(), rule, faults);
    }
    if let Some(seconds) = spec.active_deadline_seconds
        && !(1..=i64::from(i32::MAX)).contains(&seconds)
    {
        let detail = "must be between 1 and 2147483647, inclusive";
        faults.invalid(path.child("activeDeadlineSeconds"), seconds, detail);
    }
    optional_name(path.child("hostname"), spec.hostname.as_deref(), names::dns_label, faults);
    optional_name(path.child("subdomain"), spec.subdomain.as_deref(), names::dns_label, faults);
    scheduling::tolerations(spec, path.child("tolerations"), faults);
    host_aliases(spec, path.child("hostAliases"), faults);
    let class = spec.priority_class_name.as_deref();
    optional_name(path.child("priorityClassName"), class, names::dns_subdomain, faults);
    if let Some(class) = spec.runtime_class_name.as_deref() {
        faults.invalid_each(path.child("runtimeClassName"), class, names::dns_subdomain(class));
    }
    if let Some(policy) = spec.preemption_policy.as_deref() {
        preemption_policy(policy, path.child("preemptionPolicy"), faults);
    }
    if let Some(overhead) = &spec.overhead {
        // Upstream looks at it as at a container's limits.
        let asked = core::ResourceRequirements { limits: Some(overhead.clone()), ..Default::default() };
        let (path, none) = (path.child("overhead"), BTreeSet::new());
        resources::requirements(&asked, &none, path, resources::container_resource, faults);
    }
    if spec.os.is_some() {
        operating_system::system(spec, path, faults);
    }
}

/// What a new pod must not have, whatever a template may.
pub(super) fn create_only(spec: &core::PodSpec, has_node: bool, faults: &mut Faults) {
    pod_only(spec, faults);
    if spec.ephemeral_containers.as_ref().is_some_and(|containers| !containers.is_empty()) {
        faults.forbidden(SPEC.child("ephemeralContainers"), "cannot be set on create");
    }
    if has_node && spec.scheduling_gates.as_ref().is_some_and(|gates| !gates.is_empty()) {
        faults.forbidden(SPEC.child("nodeName"), "cannot be set until all schedulingGates have been cleared");
    }
}

/// What a pod must not have, whatever a template may.
pub(super) fn pod_only(spec: &core::PodSpec, faults: &mut Faults) {
    if spec.service_account_name.as_ref().is_none_or(String::is_empty) {
        let list = SPEC.child("volumes");
        for (index, volume) in spec.volumes.iter().flatten().enumerate() {
            let sources =
                volume.projected.iter().filter_map(|projected| projected.sources.as_ref()).flatten();
            for (place, _) in sources.enumerate().filter(|(_, source)| source.service_account_token.is_some())
            {
                let volume = list.index(index);
                let sources = volume.child("projected.sources");
                let detail = "must not be specified when serviceAccountName is not set";
                faults.forbidden(sources.index(place).child("serviceAccountToken"), detail);
            }
        }
    }
    container::images(&spec.containers, SPEC.child("containers"), faults);
    let first = spec.init_containers.as_deref().unwrap_or_default();
    container::images(first, SPEC.child("initContainers"), faults);
}

/// Who gives way to whom.
pub(super) fn preemption_policy(policy: &str, path: Path<'_>, faults: &mut Faults) {
    faults.one_of(path, Some(policy), &["PreemptLowerPriority", "Never"]);
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

/// The pod's resource claims have names of their own. Returns the names.
fn resource_claims<'a>(spec: &'a core::PodSpec, list: Path<'_>, faults: &mut Faults) -> BTreeSet<&'a str> {
    let mut names = BTreeSet::new();
    for (index, claim) in spec.resource_claims.iter().flatten().enumerate() {
        let path = list.index(index);
        let name = claim.name.as_str();
        if name.is_empty() {
            faults.required(path.child("name"), "");
        } else if !names.insert(name) {
            faults.duplicate(path.child("name"), name);
        } else {
            faults.invalid_each(path.child("name"), name, names::dns_label(name));
        }
        let sources = [
            ("resourceClaimName", &claim.resource_claim_name),
            ("resourceClaimTemplateName", &claim.resource_claim_template_name),
        ];
        let shown = || Shown::verbatim(go_value::compact("v1.PodResourceClaim", claim));
        match sources.iter().filter(|(_, source)| source.is_some()).count() {
            0 => {
                let detail = "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`";
                faults.invalid(path, shown(), detail);
            }
            1 => {}
            _ => {
                let detail =
                    "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified";
                faults.invalid(path, shown(), detail);
            }
        }
        for (field, source) in sources {
            if let Some(source) = source.as_deref() {
                faults.invalid_each(path.child(field), source, names::dns_subdomain(source));
            }
        }
    }
    names
}

/// What the pod asks for as a whole: its containers together ask for no more.
fn pod_resources(
    asked: &core::ResourceRequirements,
    spec: &core::PodSpec,
    path: Path<'_>,
    faults: &mut Faults,
) {
    if asked.claims.is_some() {
        faults.forbidden(path.child("claims"), "claims cannot be set for Resources at pod-level");
    }
    resources::requirements(asked, &BTreeSet::new(), path, resources::pod_resource, faults);
    for (index, container) in spec.containers.iter().enumerate() {
        let limits = container.resources.iter().filter_map(|asked| asked.limits.as_ref()).flatten();
        for (resource, limit) in limits {
            let of_pod = asked.limits.as_ref().and_then(|limits| limits.get(resource));
            if let Some(of_pod) = of_pod.filter(|of_pod| resources::compare(limit, of_pod).is_gt()) {
                let list = path.child("containers");
                let container = list.index(index);
                let of_resource = container.key(resource);
                let detail = format!("must be less than or equal to pod limits of {}", of_pod.0);
                faults.invalid(of_resource.child("limits"), &limit.0, detail);
            }
        }
    }
}

/// Users of its own do not go with the node's namespaces.
fn host_namespaces(spec: &core::PodSpec, path: Path<'_>, faults: &mut Faults) {
    let shared = [("hostNetwork", spec.host_network), ("HostPID", spec.host_pid), ("HostIPC", spec.host_ipc)];
    for (field, _) in shared.into_iter().filter(|(_, is_shared)| *is_shared == Some(true)) {
        faults.forbidden(path.child(field), "when `pod.Spec.HostUsers` is false");
    }
}

fn host_aliases(spec: &core::PodSpec, list: Path<'_>, faults: &mut Faults) {
    for (index, alias) in spec.host_aliases.iter().flatten().enumerate() {
        let path = list.index(index);
        names::address(&alias.ip, path.child("ip"), faults);
        let hosts = path.child("hostnames");
        for (place, host) in alias.hostnames.iter().flatten().enumerate() {
            faults.invalid_each(hosts.index(place), host, names::dns_subdomain(host));
        }
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
        return faults.required(list, "must provide at least one DNS nameserver when `dnsPolicy` is None");
    }
    if servers.len() > NAME_SERVERS {
        let detail = format!("must not have more than {NAME_SERVERS} nameservers");
        faults.invalid(list, Shown::json(&servers), detail);
    }
    for (index, server) in servers.iter().enumerate() {
        names::address(server, list.index(index), faults);
    }
    let searches = config.searches.as_deref().unwrap_or_default();
    let list = path.child("searches");
    if searches.len() > SEARCH_DOMAINS {
        let detail = format!("must not have more than {SEARCH_DOMAINS} search paths");
        faults.invalid(list, Shown::json(&searches), detail);
    }
    if searches.join(" ").len() > SEARCH_LIST {
        let detail =
            format!("must not have more than {SEARCH_LIST} characters (including spaces) in the search list");
        faults.invalid(list, Shown::json(&searches), detail);
    }
    for (index, search) in searches.iter().enumerate().filter(|(_, search)| *search != ".") {
        let search = search.strip_suffix('.').unwrap_or(search);
        faults.invalid_each(list.index(index), search, names::search_domain(search));
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
