//! Warnings about pods and their templates. Upstream: `pkg/api/pod/warnings.go`, `pkg/api/node/util.go`.

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use crate::api::{Labels, quantity};

const NULL: &str = "a null labelSelector results in matching no pod";
/// Labels of nodes that have others in their place.
const OLD_LABELS: [(&str, &str, &str); 5] = [
    ("beta.kubernetes.io/arch", "v1.14", "kubernetes.io/arch"),
    ("beta.kubernetes.io/os", "v1.14", "kubernetes.io/os"),
    ("failure-domain.beta.kubernetes.io/region", "v1.17", "topology.kubernetes.io/region"),
    ("failure-domain.beta.kubernetes.io/zone", "v1.17", "topology.kubernetes.io/zone"),
    ("beta.kubernetes.io/instance-type", "v1.17", "node.kubernetes.io/instance-type"),
];
/// Annotations that nobody reads any more.
const OLD_ANNOTATIONS: [(&str, &str, &str); 3] = [
    ("scheduler.alpha.kubernetes.io/critical-pod", "v1.16+", "priorityClassName"),
    ("security.alpha.kubernetes.io/sysctls", "v1.11+", "sysctls"),
    ("security.alpha.kubernetes.io/unsafe-sysctls", "v1.11+", "sysctls"),
];
/// Sources of volumes that are gone, or going, as warnings call them: one otherwise than the API does.
const OLD_VOLUMES: [(&str, &str); 9] = [
    ("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
    ("gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"),
    ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    ("flocker", "deprecated in v1.22, non-functional in v1.25+"),
    ("storageOS", "deprecated in v1.22, non-functional in v1.25+"),
    ("quobyte", "deprecated in v1.22, non-functional in v1.25+"),
    ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
    ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
];

/// What is said about a pod's spec. `path` is what stands before its fields: `spec.template.`, or nothing.
pub(super) fn warnings(spec: &core::PodSpec, annotations: &Labels, path: &str, found: &mut Vec<String>) {
    placement(spec, &format!("{path}spec"), found);
    for (name, since, instead) in OLD_ANNOTATIONS {
        if annotations.contains_key(name) {
            let of = format!("{path}metadata.annotations[{name}]");
            found.push(format!("{of}: non-functional in {since}; use the \"{instead}\" field instead"));
        }
    }
    let of_meta = format!("{path}metadata.annotations");
    let path = format!("{path}spec");
    volumes(spec, &path, found);
    repeated(spec, &path, found);
    for amount in [("memory", &spec.overhead), ("ephemeral-storage", &spec.overhead)] {
        fractional(amount.0, amount.1.as_ref(), &format!("{path}.overhead"), found);
    }
    let profiles = if annotations.is_empty() { None } else { Some((spec, annotations, of_meta.as_str())) };
    if let Some((spec, annotations, path)) = profiles {
        old_profile_of_pod(spec, annotations, path, found);
    }
    let lists =
        [("initContainers", spec.init_containers.as_deref()), ("containers", Some(&*spec.containers))];
    for (field, containers) in lists {
        for (index, container) in containers.into_iter().flatten().enumerate() {
            if let Some((spec, annotations, path)) = profiles {
                old_profiles(container, spec, annotations, path, found);
            }
            self::container(container, &format!("{path}.{field}[{index}]"), found);
        }
    }
    ports(spec, &path, found);
    if spec.termination_grace_period_seconds.is_some_and(|seconds| seconds < 0) {
        found.push(format!(
            "{path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1"
        ));
    }
    pod_terms(spec, &path, found);
}

/// `deprecated since v1.14; use "kubernetes.io/arch" instead`
pub(super) fn old_label(key: &str) -> Option<String> {
    let (_, since, instead) = OLD_LABELS.into_iter().find(|(old, _, _)| *old == key)?;
    Some(format!("deprecated since {since}; use {instead:?} instead"))
}

fn placement(spec: &core::PodSpec, path: &str, found: &mut Vec<String>) {
    for key in spec.node_selector.iter().flatten().map(|(key, _)| key) {
        found.extend(old_label(key).map(|said| format!("{path}.nodeSelector[{key}]: {said}")));
    }
    let affinity = spec.affinity.as_ref();
    if let Some(nodes) = affinity.and_then(|affinity| affinity.node_affinity.as_ref()) {
        let path = format!("{path}.affinity.nodeAffinity");
        let required = nodes.required_during_scheduling_ignored_during_execution.as_ref();
        for (index, it) in required.iter().flat_map(|it| &it.node_selector_terms).enumerate() {
            let list = "requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";
            node_term(it, &format!("{path}.{list}[{index}]"), found);
        }
        let preferred = nodes.preferred_during_scheduling_ignored_during_execution.iter().flatten();
        for (index, it) in preferred.enumerate() {
            let list = "preferredDuringSchedulingIgnoredDuringExecution";
            node_term(&it.preference, &format!("{path}.{list}[{index}].preference"), found);
        }
    }
    for (index, constraint) in spec.topology_spread_constraints.iter().flatten().enumerate() {
        let path = format!("{path}.topologySpreadConstraints[{index}]");
        let key = &constraint.topology_key;
        found.extend(old_label(key).map(|said| format!("{path}.topologyKey: {key} is {said}")));
        if constraint.label_selector.is_none() {
            found.push(format!("{path}.labelSelector: {NULL}"));
        }
    }
}

/// What is said about a term that nodes have to meet.
pub(super) fn node_term(term: &core::NodeSelectorTerm, path: &str, found: &mut Vec<String>) {
    for (index, expression) in term.match_expressions.iter().flatten().enumerate() {
        let key = &expression.key;
        let said = old_label(key);
        found.extend(said.map(|said| format!("{path}.matchExpressions[{index}].key: {key} is {said}")));
    }
}

/// Terms about other pods that no pod meets.
fn pod_terms(spec: &core::PodSpec, path: &str, found: &mut Vec<String>) {
    let affinity = spec.affinity.as_ref();
    let pods = affinity.and_then(|affinity| affinity.pod_affinity.as_ref()).map(|it| {
        let preferred = &it.preferred_during_scheduling_ignored_during_execution;
        ("podAffinity", &it.required_during_scheduling_ignored_during_execution, preferred)
    });
    let anti = affinity.and_then(|affinity| affinity.pod_anti_affinity.as_ref()).map(|it| {
        let preferred = &it.preferred_during_scheduling_ignored_during_execution;
        ("podAntiAffinity", &it.required_during_scheduling_ignored_during_execution, preferred)
    });
    for (field, required, preferred) in pods.into_iter().chain(anti) {
        let path = format!("{path}.affinity.{field}");
        for (index, _) in required.iter().flatten().enumerate().filter(|(_, it)| it.label_selector.is_none())
        {
            let list = "requiredDuringSchedulingIgnoredDuringExecution";
            found.push(format!("{path}.{list}[{index}].labelSelector: {NULL}"));
        }
        let preferred = preferred.iter().flatten().enumerate();
        for (index, _) in preferred.filter(|(_, it)| it.pod_affinity_term.label_selector.is_none()) {
            let list = "preferredDuringSchedulingIgnoredDuringExecution";
            found.push(format!("{path}.{list}[{index}].podAffinityTerm.labelSelector: {NULL}"));
        }
    }
}

fn volumes(spec: &core::PodSpec, path: &str, found: &mut Vec<String>) {
    for (index, volume) in spec.volumes.iter().flatten().enumerate() {
        let json = serde_json::to_value(volume).unwrap_or_default();
        let path = format!("{path}.volumes[{index}]");
        old_volumes(&json, &path, found);
        let template = volume.ephemeral.as_ref().and_then(|it| it.volume_claim_template.as_ref());
        if let Some(template) = template {
            let path = format!("{path}.ephemeral.volumeClaimTemplate.spec");
            super::storage::claim_spec(&template.spec, &path, found);
        }
    }
    token_paths(spec, path, found);
}

/// What is said about storage that is gone, or going.
pub(super) fn old_volumes(json: &serde_json::Value, path: &str, found: &mut Vec<String>) {
    let is_there =
        |source: &str| json.get(if source == "storageOS" { "storageos" } else { source }).is_some();
    for (source, said) in OLD_VOLUMES.into_iter().filter(|(source, _)| is_there(source)) {
        found.push(format!("{path}.{source}: {said}"));
    }
}

/// Files that a token takes the place of.
fn token_paths(spec: &core::PodSpec, path: &str, found: &mut Vec<String>) {
    let volumes = || spec.volumes.iter().flatten().enumerate();
    let sources =
        |volume: &'_ core::Volume| volume.projected.clone().and_then(|it| it.sources).unwrap_or_default();
    let all = volumes().flat_map(|(_, volume)| sources(volume));
    let tokens: Vec<String> =
        all.filter_map(|source| source.service_account_token).map(|it| it.path).collect();
    if tokens.is_empty() {
        return;
    }
    for (index, volume) in volumes() {
        for source in sources(volume) {
            let named =
                |items: Option<Vec<core::KeyToPath>>| items.into_iter().flatten().map(|item| item.path);
            let lists: [(&str, Vec<String>); 3] = [
                ("configMap", named(source.config_map.and_then(|it| it.items)).collect()),
                ("secrets", named(source.secret.and_then(|it| it.items)).collect()),
                (
                    "downwardAPI",
                    source
                        .downward_api
                        .and_then(|it| it.items)
                        .into_iter()
                        .flatten()
                        .map(|it| it.path)
                        .collect(),
                ),
            ];
            for (list, paths) in lists {
                for (place, file) in paths.iter().enumerate().filter(|(_, file)| tokens.contains(file)) {
                    found.push(format!(
                        "{path}.volumes[{index}].projected.sources.{list}[{place}]: has duplicated path with \
                         ServiceAccountToken {file:?}"
                    ));
                }
            }
        }
    }
}

/// What stands there twice, and what has no name.
fn repeated(spec: &core::PodSpec, path: &str, found: &mut Vec<String>) {
    let aliases = spec.host_aliases.as_deref().unwrap_or_default();
    for (index, alias) in aliases.iter().enumerate() {
        if aliases[..index].iter().any(|other| other.ip == alias.ip) {
            found.push(format!("{path}.hostAliases[{index}].ip: duplicate ip {:?}", alias.ip));
        }
    }
    let secrets = spec.image_pull_secrets.as_deref().unwrap_or_default();
    for (index, secret) in secrets.iter().enumerate() {
        if secrets[..index].iter().any(|other| other.name == secret.name) {
            found.push(format!("{path}.imagePullSecrets[{index}].name: duplicate name {:?}", secret.name));
        }
    }
    for (index, secret) in secrets.iter().enumerate().filter(|(_, secret)| secret.name.is_empty()) {
        found.push(format!("{path}.imagePullSecrets[{index}].name: invalid empty name {:?}", secret.name));
    }
}

const SECCOMP: &str = "non-functional in v1.27+; use the \"seccompProfile\" field instead";

/// Annotations that say what fields say nowadays.
#[inline(never)]
fn old_profile_of_pod(spec: &core::PodSpec, annotations: &Labels, path: &str, found: &mut Vec<String>) {
    const KEY: &str = "seccomp.security.alpha.kubernetes.io/pod";
    let has_field = spec.security_context.as_ref().is_some_and(|it| it.seccomp_profile.is_some());
    if !has_field && annotations.contains_key(KEY) {
        found.push(format!("{path}[{KEY}]: {SECCOMP}"));
    }
}

#[inline(never)]
fn old_profiles(
    container: &core::Container,
    spec: &core::PodSpec,
    annotations: &Labels,
    path: &str,
    found: &mut Vec<String>,
) {
    let context = container.security_context.as_ref();
    let key = format!("container.seccomp.security.alpha.kubernetes.io/{}", container.name);
    if context.is_none_or(|it| it.seccomp_profile.is_none()) && annotations.contains_key(&key) {
        found.push(format!("{path}[{key}]: {SECCOMP}"));
    }
    let key = format!("container.apparmor.security.beta.kubernetes.io/{}", container.name);
    let of_pod = spec.security_context.as_ref().is_some_and(|it| it.app_armor_profile.is_some());
    let has_field = of_pod || context.is_some_and(|it| it.app_armor_profile.is_some());
    if !has_field && annotations.contains_key(&key) {
        found.push(format!(
            "{path}[{key}]: deprecated since v1.30; use the \"appArmorProfile\" field instead"
        ));
    }
}

fn container(container: &core::Container, path: &str, found: &mut Vec<String>) {
    for resource in ["memory", "ephemeral-storage"] {
        let asked = container.resources.as_ref();
        let limits = asked.and_then(|asked| asked.limits.as_ref());
        fractional(resource, limits, &format!("{path}.resources.limits"), found);
        let requests = asked.and_then(|asked| asked.requests.as_ref());
        fractional(resource, requests, &format!("{path}.resources.requests"), found);
    }
    let variables = container.env.as_deref().unwrap_or_default();
    for (index, variable) in variables.iter().enumerate() {
        if !variables[..index].iter().any(|other| other.name == variable.name) {
            continue;
        }
        let value = variable.value.as_deref().unwrap_or_default();
        let itself = format!("$({})", variable.name);
        if variable.value_from.is_some() || value == itself || !value.contains(&itself) {
            found.push(format!(
                "{path}.env[{index}]: hides previous definition of {:?}, which may be dropped when using apply",
                variable.name
            ));
        }
    }
}

/// Half a byte cannot be had.
pub(super) fn fractional(
    resource: &str,
    amounts: Option<&std::collections::BTreeMap<String, Quantity>>,
    path: &str,
    found: &mut Vec<String>,
) {
    let Some(amount) = amounts.and_then(|amounts| amounts.get(resource)) else { return };
    if quantity::thousandths(&amount.0).is_some_and(|thousandths| thousandths % 1000 != 0) {
        found.push(format!(
            "{path}[{resource}]: fractional byte value {:?} is invalid, must be an integer",
            amount.0
        ));
    }
}

/// Ports that more than one container says it has.
fn ports(spec: &core::PodSpec, path: &str, found: &mut Vec<String>) {
    let lists =
        [("initContainers", spec.init_containers.as_deref()), ("containers", Some(&*spec.containers))];
    let all = lists.into_iter().flat_map(|(field, containers)| {
        let containers = containers.into_iter().flatten().enumerate();
        containers.flat_map(move |(place, container)| {
            let ports = container.ports.iter().flatten().enumerate();
            ports.map(move |(index, port)| (format!("{path}.{field}[{place}].ports[{index}]"), port))
        })
    });
    let mut seen: Vec<(String, &core::ContainerPort)> = Vec::new();
    for (at, port) in all {
        let of_host = |port: &core::ContainerPort| {
            (port.host_ip.clone().unwrap_or_default(), port.host_port.unwrap_or(0))
        };
        let (ip, number) = of_host(port);
        if !ip.is_empty() && number == 0 {
            let text = |field: &Option<String>| field.clone().unwrap_or_default();
            let (name, protocol) = (text(&port.name), text(&port.protocol));
            let inside = port.container_port;
            found.push(format!(
                "{at}: hostIP set without hostPort: {{Name:{name} HostPort:0 ContainerPort:{inside} \
                 Protocol:{protocol} HostIP:{ip}}}"
            ));
        }
        for (other_at, other) in &seen {
            if other.container_port != port.container_port || other.protocol != port.protocol {
                continue;
            }
            let (other_ip, other_number) = of_host(other);
            if (&ip, number) == (&other_ip, other_number) {
                found.push(format!("{at}: duplicate port definition with {other_at}"));
            } else if number == 0 || other_number == 0 {
                found.push(format!("{at}: overlapping port definition with {other_at}"));
            } else if number == other_number && (ip.is_empty() || other_ip.is_empty()) {
                found.push(format!("{at}: dangerously ambiguous port definition with {other_at}"));
            }
        }
        seen.push((at, port));
    }
}
