//! Services. Upstream: `ValidateService` in `pkg/apis/core/validation/validation.go`.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::container::PROTOCOLS;
use super::field::{Faults, Path, Shown};
use super::{go_value, metadata, names, probe};
use crate::api::Service;

const SPEC: Path<'_> = Path::root("spec");
const TYPES: [&str; 4] = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
/// How long a client may stay with one pod, in seconds.
const LONGEST_AFFINITY: i32 = 86_400;

/// Checks a Service. A spec that the stored version has already is fine.
#[inline(never)]
pub(super) fn service(service: &Service, before: Option<&Service>, faults: &mut Faults) {
    if before.is_some_and(|before| Rc::ptr_eq(&before.spec, &service.spec)) {
        return;
    }
    if let Some(before) = before {
        addresses_stay(&service.spec, &before.spec, faults);
        load_balancer_class(&service.spec, Some(&before.spec), faults);
        health_check_stays(&service.spec, &before.spec, faults);
    }
    topology_annotations(service, faults);
    let spec = &*service.spec;
    let is_external_name = is(spec, "ExternalName");
    let ports = spec.ports.as_deref().unwrap_or_default();
    if ports.is_empty() && !service.is_headless() && !is_external_name {
        faults.required(SPEC.child("ports"), "");
    }
    by_type(service, faults);
    let mut seen = BTreeSet::new();
    let list = SPEC.child("ports");
    for (index, port) in ports.iter().enumerate() {
        service_port(port, ports.len() > 1, &mut seen, list.index(index), faults);
    }
    if let Some(labels) = &spec.selector {
        metadata::labels(labels, SPEC.child("selector"), faults);
    }
    session_affinity(spec, faults);
    cluster_ips(spec, faults);
    external_ips(spec, faults);
    faults.one_of(SPEC.child("type"), spec.type_.as_deref(), &TYPES);
    if is(spec, "ClusterIP") {
        for (index, _) in ports.iter().enumerate().filter(|(_, port)| node_port(port) != 0) {
            faults
                .forbidden(list.index(index).child("nodePort"), "may not be used when `type` is 'ClusterIP'");
        }
    }
    repeated_ports(ports, list, faults);
    load_balancer(service, faults);
    traffic_policies(spec, faults);
}

fn is(spec: &core::ServiceSpec, name: &str) -> bool {
    spec.type_.as_deref() == Some(name)
}

fn node_port(port: &core::ServicePort) -> i32 {
    port.node_port.unwrap_or(0)
}

fn is_reachable_from_outside(spec: &core::ServiceSpec) -> bool {
    let has_external_ips = spec.external_ips.as_ref().is_some_and(|ips| !ips.is_empty());
    is(spec, "NodePort") || is(spec, "LoadBalancer") || is(spec, "ClusterIP") && has_external_ips
}

/// What a type of Service must not have.
fn by_type(service: &Service, faults: &mut Faults) {
    let spec = &*service.spec;
    let kind = service.service_type();
    if (kind == "LoadBalancer" || kind == "NodePort") && service.is_headless() {
        let detail = format!("may not be set to 'None' for {kind} services");
        faults.invalid(SPEC.child("clusterIPs").index(0), "None", detail);
    }
    if kind != "ExternalName" {
        return;
    }
    let given = [
        ("clusterIPs", spec.cluster_ips.as_ref().is_some_and(|ips| !ips.is_empty())),
        ("ipFamilies", spec.ip_families.as_ref().is_some_and(|families| !families.is_empty())),
        ("ipFamilyPolicy", spec.ip_family_policy.is_some()),
    ];
    for (field, _) in given.into_iter().filter(|(_, is_given)| *is_given) {
        faults.forbidden(SPEC.child(field), "may not be set for ExternalName services");
    }
    let name = spec.external_name.as_deref().unwrap_or_default();
    match name.strip_suffix('.').unwrap_or(name) {
        "" => faults.required(SPEC.child("externalName"), ""),
        name => faults.invalid_each(SPEC.child("externalName"), name, names::dns_subdomain(name)),
    }
}

fn service_port<'a>(
    port: &'a core::ServicePort,
    must_have_name: bool,
    seen: &mut BTreeSet<&'a str>,
    path: Path<'_>,
    faults: &mut Faults,
) {
    let name = port.name.as_deref().unwrap_or_default();
    if name.is_empty() && must_have_name {
        faults.required(path.child("name"), "");
    } else if !name.is_empty() {
        faults.invalid_each(path.child("name"), name, names::dns_label(name));
        if !seen.insert(name) {
            faults.duplicate(path.child("name"), name);
        }
    }
    if !names::is_port(port.port) {
        faults.invalid(path.child("port"), port.port, names::PORT_RANGE);
    }
    faults.one_of(path.child("protocol"), port.protocol.as_deref(), &PROTOCOLS);
    if let Some(target) = &port.target_port {
        probe::port(target, path.child("targetPort"), faults);
    }
    if let Some(protocol) = port.app_protocol.as_deref() {
        faults.invalid_each(path.child("appProtocol"), protocol, names::qualified_name(protocol));
    }
}

/// No two ports of a Service have the same number and protocol, on the nodes or inside.
fn repeated_ports(ports: &[core::ServicePort], list: Path<'_>, faults: &mut Faults) {
    for (index, port) in ports.iter().enumerate().filter(|(_, port)| node_port(port) != 0) {
        let is_same = |other: &core::ServicePort| {
            other.protocol == port.protocol && node_port(other) == node_port(port)
        };
        if ports[..index].iter().any(is_same) {
            faults.duplicate(list.index(index).child("nodePort"), node_port(port));
        }
    }
    for (index, port) in ports.iter().enumerate() {
        let is_same = |other: &core::ServicePort| other.protocol == port.protocol && other.port == port.port;
        if ports[..index].iter().any(is_same) {
            let key = core::ServicePort {
                protocol: port.protocol.clone(),
                port: port.port,
                ..core::ServicePort::default()
            };
            faults.duplicate(list.index(index), Shown::verbatim(go_value::compact("v1.ServicePort", &key)));
        }
    }
}

fn session_affinity(spec: &core::ServiceSpec, faults: &mut Faults) {
    faults.one_of(SPEC.child("sessionAffinity"), spec.session_affinity.as_deref(), &["ClientIP", "None"]);
    if spec.session_affinity.as_deref() != Some("ClientIP") {
        return;
    }
    let client = spec.session_affinity_config.as_ref().and_then(|config| config.client_ip.as_ref());
    let seconds = client.and_then(|client| client.timeout_seconds);
    if let Some(seconds) = seconds.filter(|seconds| !(1..=LONGEST_AFFINITY).contains(seconds)) {
        let detail = format!("must be greater than 0 and less than {LONGEST_AFFINITY}");
        faults.invalid(SPEC.child("sessionAffinityConfig.clientIP.timeoutSeconds"), seconds, detail);
    }
}

/// The addresses, their families, and what they say of each other.
fn cluster_ips(spec: &core::ServiceSpec, faults: &mut Faults) {
    const FAMILIES: [&str; 2] = ["IPv4", "IPv6"];
    const POLICIES: [&str; 3] = ["PreferDualStack", "RequireDualStack", "SingleStack"];
    if is(spec, "ExternalName") {
        return;
    }
    let ips = spec.cluster_ips.as_deref().unwrap_or_default();
    let families = spec.ip_families.as_deref().unwrap_or_default();
    let list = SPEC.child("clusterIPs");
    let single = spec.cluster_ip.as_deref().unwrap_or_default();
    match ips.first() {
        None if !single.is_empty() => faults.required(list, ""),
        Some(_) if single.is_empty() => {
            faults.invalid(list, Shown::json(&ips), "must be empty when `clusterIP` is not specified");
        }
        Some(first) if first != single => {
            faults.invalid(list, Shown::json(&ips), "first value must match `clusterIP`");
        }
        None | Some(_) => {}
    }
    let of_families = SPEC.child("ipFamilies");
    for (index, family) in families.iter().enumerate() {
        if !FAMILIES.contains(&family.as_str()) {
            faults.unsupported(of_families.index(index), family, &FAMILIES);
        }
        if families[..index].contains(family) {
            faults.duplicate(of_families.index(index), family);
        }
    }
    if let Some(policy) = spec.ip_family_policy.as_deref().filter(|policy| !POLICIES.contains(policy)) {
        faults.unsupported(SPEC.child("ipFamilyPolicy"), policy, &POLICIES);
    }
    let before = faults.0.len();
    for (index, ip) in ips.iter().enumerate() {
        match (index, ip.as_str()) {
            (0, "None") if ips.len() > 1 => {
                faults.invalid(list, Shown::json(&ips), "'None' must be the first and only value");
            }
            (0, "None") => {}
            _ => names::address(ip, list.index(index), faults),
        }
    }
    let are_wrong = faults.0.len() > before;
    if ips.len() > 2 {
        faults.invalid(list, Shown::json(&ips), "may only hold up to 2 values");
    }
    if are_wrong {
        return;
    }
    let is_sixth = |ip: &String| ip.contains(':');
    if ips.len() > 1 && (ips.iter().all(is_sixth) || !ips.iter().any(is_sixth)) {
        faults.invalid(list, Shown::json(&ips), "may specify no more than one IP for each IP family");
    }
    for (index, (ip, family)) in ips.iter().zip(families).enumerate().filter(|(_, (ip, _))| *ip != "None") {
        if FAMILIES.contains(&family.as_str()) && is_sixth(ip) != (family == "IPv6") {
            let detail = format!("expected an {family} value as indicated by `ipFamilies[{index}]`");
            faults.invalid(list.index(index), ip, detail);
        }
    }
}

/// The first address and the first family stay as they are; second ones may come, and go by a policy.
fn addresses_stay(new: &core::ServiceSpec, old: &core::ServiceSpec, faults: &mut Faults) {
    const ONCE: &str = "may not change once set";
    if is(new, "ExternalName") || is(old, "ExternalName") {
        return;
    }
    let is_headless = |spec: &core::ServiceSpec| spec.cluster_ips.as_deref() == Some(&["None".to_owned()]);
    if is_headless(old) && is_headless(new) {
        return;
    }
    let list = |spec: &core::ServiceSpec| spec.cluster_ips.clone().unwrap_or_default();
    let (now, before) = (list(new), list(old));
    let path = SPEC.child("clusterIPs");
    let compared = if now.len() == before.len() { now.len() } else { 1 };
    if now.is_empty() && !before.is_empty() {
        faults.invalid(path.index(0), Shown::json(&new.cluster_ips), "primary clusterIP can not be unset");
    }
    for index in (0..compared).filter(|index| {
        let pair = (now.get(*index), before.get(*index));
        matches!(pair, (Some(now), Some(before)) if now != before)
    }) {
        faults.invalid(path.index(index), Shown::json(&now), ONCE);
    }
    let is_single = new.ip_family_policy.as_deref() == Some("SingleStack");
    let policy = SPEC.child("ipFamilyPolicy");
    if before.len() > now.len() && now.len() == 1 && !is_single {
        let detail = "must be set to 'SingleStack' when releasing the secondary clusterIP";
        faults.invalid(policy, Shown::json(&new.ip_family_policy), detail);
    }
    if is_headless(old) != is_headless(new) {
        return;
    }
    let list = |spec: &core::ServiceSpec| spec.ip_families.clone().unwrap_or_default();
    let (now_families, before_families) = (list(new), list(old));
    let path = SPEC.child("ipFamilies");
    let same_length = now_families.len() == before_families.len();
    let compared = if same_length { now_families.len() } else { 1 };
    let pairs = now_families.iter().zip(&before_families).take(compared);
    for _ in pairs.filter(|(now, before)| now != before) {
        let shown = if same_length { Shown::json(&now_families) } else { Shown::json(&now) };
        faults.invalid(path.index(0), shown, ONCE);
    }
    if before_families.len() > now_families.len() && now_families.len() == 1 && !is_single {
        let detail = "must be set to 'SingleStack' when releasing the secondary ipFamily";
        faults.invalid(policy, Shown::json(&new.ip_family_policy), detail);
    }
}

fn external_ips(spec: &core::ServiceSpec, faults: &mut Faults) {
    let list = SPEC.child("externalIPs");
    for (index, ip) in spec.external_ips.iter().flatten().enumerate() {
        let before = faults.0.len();
        names::address(ip, list.index(index), faults);
        if faults.0.len() == before
            && let Some(problem) = ip.parse::<IpAddr>().ok().and_then(names::special_address)
        {
            faults.invalid(list.index(index), ip, problem);
        }
    }
}

fn load_balancer(service: &Service, faults: &mut Faults) {
    const RANGES: &str = "service.beta.kubernetes.io/load-balancer-source-ranges";
    const ONLY: &str = "may only be used when `type` is 'LoadBalancer'";
    let spec = &*service.spec;
    let is_balanced = is(spec, "LoadBalancer");
    let ranges = spec.load_balancer_source_ranges.as_deref().unwrap_or_default();
    let list = SPEC.child("LoadBalancerSourceRanges");
    if !ranges.is_empty() && !is_balanced {
        faults.forbidden(list, ONLY);
    }
    for (index, range) in ranges.iter().enumerate() {
        names::network(range.trim(), list.index(index), faults);
    }
    if let Some(text) = service.annotation(RANGES).filter(|_| ranges.is_empty()) {
        let metadata = Path::root("metadata");
        let annotations = metadata.child("annotations");
        if !is_balanced {
            faults.forbidden(annotations.key(RANGES), ONLY);
        }
        for range in text.trim().split(',').filter(|_| !text.trim().is_empty()) {
            names::network(range.trim(), annotations.key(RANGES), faults);
        }
    }
    if spec.allocate_load_balancer_node_ports.is_some() && !is_balanced {
        let path = SPEC.child("allocateLoadBalancerNodePorts");
        faults.forbidden(path, "may only be used when `type` is 'LoadBalancer'");
    }
    load_balancer_class(spec, None, faults);
}

fn load_balancer_class(spec: &core::ServiceSpec, before: Option<&core::ServiceSpec>, faults: &mut Faults) {
    let path = SPEC.child("loadBalancerClass");
    let is_kept = before.is_none_or(|before| {
        !is(before, "LoadBalancer") || before.load_balancer_class == spec.load_balancer_class
    });
    if is(spec, "LoadBalancer") && !is_kept {
        faults.invalid(path, Shown::json(&spec.load_balancer_class), "may not change once set");
    }
    match spec.load_balancer_class.as_deref() {
        Some(class) if is(spec, "LoadBalancer") => {
            faults.invalid_each(path, class, names::qualified_name(class));
        }
        Some(_) => faults.forbidden(path, "may only be used when `type` is 'LoadBalancer'"),
        None => {}
    }
}

/// Whether a load balancer asks the nodes themselves for their health.
fn needs_health_check(spec: &core::ServiceSpec) -> bool {
    is(spec, "LoadBalancer") && spec.external_traffic_policy.as_deref() == Some("Local")
}

fn health_check_stays(new: &core::ServiceSpec, old: &core::ServiceSpec, faults: &mut Faults) {
    let is_changed = new.health_check_node_port != old.health_check_node_port;
    if needs_health_check(new) && needs_health_check(old) && is_changed {
        faults.forbidden(SPEC.child("healthCheckNodePort"), "field is immutable");
    }
}

/// Two annotations have one meaning.
fn topology_annotations(service: &Service, faults: &mut Faults) {
    const OLD: &str = "service.kubernetes.io/topology-aware-hints";
    const NEW: &str = "service.kubernetes.io/topology-mode";
    if let (Some(old), Some(new)) = (service.meta.annotations.get(OLD), service.meta.annotations.get(NEW))
        && old != new
    {
        let metadata = Path::root("metadata");
        let annotations = metadata.child("annotations");
        let detail = format!("must match annotations[{OLD}] when both are specified");
        faults.invalid(annotations.key(NEW), new, detail);
    }
}

fn traffic_policies(spec: &core::ServiceSpec, faults: &mut Faults) {
    let path = SPEC.child("externalTrafficPolicy");
    let policy = spec.external_traffic_policy.as_deref().filter(|policy| !policy.is_empty());
    if is_reachable_from_outside(spec) {
        faults.one_of(path, policy, &["Cluster", "Local"]);
    } else if let Some(policy) = policy {
        faults.invalid(path, policy, "may only be set for externally-accessible services");
    }
    let port = spec.health_check_node_port.filter(|port| *port != 0);
    let path = SPEC.child("healthCheckNodePort");
    if let Some(port) = port.filter(|_| !needs_health_check(spec)) {
        let detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
        faults.invalid(path, port, detail);
    } else if let Some(port) = port.filter(|port| !names::is_port(*port)) {
        faults.invalid(path, port, names::PORT_RANGE);
    }
    let policy = spec.internal_traffic_policy.as_deref();
    if policy.is_some() || !is(spec, "ExternalName") {
        faults.one_of(SPEC.child("internalTrafficPolicy"), policy, &["Cluster", "Local"]);
    }
    if let Some(distribution) = &spec.traffic_distribution {
        let supported = ["PreferClose", "PreferSameZone", "PreferSameNode"];
        faults.one_of(SPEC.child("trafficDistribution"), Some(distribution), &supported);
    }
}
