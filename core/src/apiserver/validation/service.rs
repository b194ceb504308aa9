//! Services. Upstream: `ValidateService` in `pkg/apis/core/validation/validation.go`.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::container::PROTOCOLS;
use super::field::{Faults, Path, Shown};
use super::{go_value, metadata, names, pod, probe};
use crate::api::Service;

const SPEC: Path<'_> = Path::root("spec");
const TYPES: [&str; 4] = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
/// How long a client may stay with one pod, in seconds.
const LONGEST_AFFINITY: i32 = 86_400;

/// Checks a Service. A spec that the stored version has already is fine.
pub(super) fn service(service: &Service, before: Option<&Service>, faults: &mut Faults) {
    if before.is_some_and(|before| Rc::ptr_eq(&before.spec, &service.spec)) {
        return;
    }
    if let Some(before) = before {
        cluster_ip_stays(&service.spec, &before.spec, faults);
    }
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
    for (index, port) in ports.iter().enumerate() {
        repeated_port(port, &ports[..index], list.index(index), faults);
    }
    load_balancer(spec, faults);
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
    if kind == "LoadBalancer" {
        let list = SPEC.child("ports");
        for (index, port) in spec.ports.iter().flatten().enumerate().filter(|(_, port)| port.port == 10250) {
            let detail = "may not expose port 10250 externally since it is used by kubelet";
            faults.invalid(list.index(index), port.port, detail);
        }
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
    match spec.external_name.as_deref().unwrap_or_default().trim_end_matches('.') {
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
    pod::optional_name(
        path.child("appProtocol"),
        port.app_protocol.as_deref(),
        names::qualified_name,
        faults,
    );
}

/// No two ports of a Service have the same number and protocol, inside or on the nodes.
fn repeated_port(
    port: &core::ServicePort,
    earlier: &[core::ServicePort],
    path: Path<'_>,
    faults: &mut Faults,
) {
    let same_protocol = || earlier.iter().filter(|other| other.protocol == port.protocol);
    if node_port(port) != 0 && same_protocol().any(|other| node_port(other) == node_port(port)) {
        faults.duplicate(path.child("nodePort"), node_port(port));
    }
    if same_protocol().any(|other| other.port == port.port) {
        let key = core::ServicePort {
            protocol: port.protocol.clone(),
            port: port.port,
            ..core::ServicePort::default()
        };
        faults.duplicate(path, Shown::verbatim(go_value::compact("v1.ServicePort", &key)));
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

fn cluster_ips(spec: &core::ServiceSpec, faults: &mut Faults) {
    let ips = spec.cluster_ips.as_deref().unwrap_or_default();
    let list = SPEC.child("clusterIPs");
    let single = spec.cluster_ip.as_deref().unwrap_or_default();
    match ips.first() {
        None if !single.is_empty() => faults.required(list, ""),
        Some(first) if first != single => {
            faults.invalid(list, Shown::json(&ips), "first value must match `clusterIP`");
        }
        None | Some(_) => {}
    }
    for (index, ip) in ips.iter().enumerate() {
        if ip == "None" && ips.len() > 1 {
            faults.invalid(list.index(index), ip, "'None' must be the first and only value");
        } else if ip != "None" && ip.parse::<IpAddr>().is_err() {
            faults.invalid(list.index(index), ip, names::ADDRESS);
        }
    }
}

fn cluster_ip_stays(new: &core::ServiceSpec, old: &core::ServiceSpec, faults: &mut Faults) {
    if is(new, "ExternalName") || is(old, "ExternalName") {
        return;
    }
    let first = |spec: &core::ServiceSpec| spec.cluster_ips.iter().flatten().next().cloned();
    if first(old).is_some_and(|ip| first(new) != Some(ip)) {
        let shown = Shown::json(&new.cluster_ips);
        faults.invalid(SPEC.child("clusterIPs").index(0), shown, "may not change once set");
    }
}

fn external_ips(spec: &core::ServiceSpec, faults: &mut Faults) {
    let list = SPEC.child("externalIPs");
    for (index, ip) in spec.external_ips.iter().flatten().enumerate() {
        match ip.parse::<IpAddr>() {
            Err(_) => faults.invalid(list.index(index), ip, names::ADDRESS),
            Ok(address) => {
                if let Some(problem) = names::special_address(address) {
                    faults.invalid(list.index(index), ip, problem);
                }
            }
        }
    }
}

fn load_balancer(spec: &core::ServiceSpec, faults: &mut Faults) {
    let is_balanced = is(spec, "LoadBalancer");
    let list = SPEC.child("LoadBalancerSourceRanges");
    if spec.load_balancer_source_ranges.as_ref().is_some_and(|ranges| !ranges.is_empty()) && !is_balanced {
        faults.forbidden(list, "may only be used when `type` is 'LoadBalancer'");
    }
    for (index, range) in spec.load_balancer_source_ranges.iter().flatten().enumerate() {
        if is_balanced && !names::is_network(range.trim()) {
            faults.invalid(list.index(index), range, names::NETWORK);
        }
    }
    if spec.allocate_load_balancer_node_ports.is_some() && !is_balanced {
        let path = SPEC.child("allocateLoadBalancerNodePorts");
        faults.forbidden(path, "may only be used when `type` is 'LoadBalancer'");
    }
    if spec.load_balancer_class.is_some() && !is_balanced {
        let path = SPEC.child("loadBalancerClass");
        faults.forbidden(path, "may only be used when `type` is 'LoadBalancer'");
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
    if !is(spec, "ExternalName") {
        let policy = spec.internal_traffic_policy.as_deref();
        faults.one_of(SPEC.child("internalTrafficPolicy"), policy, &["Cluster", "Local"]);
    }
    if let Some(distribution) = &spec.traffic_distribution {
        let supported = ["PreferClose", "PreferSameZone", "PreferSameNode"];
        faults.one_of(SPEC.child("trafficDistribution"), Some(distribution), &supported);
    }
}
