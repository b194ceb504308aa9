//! Gives Services their cluster IPs and node ports, and keeps them across updates.
//!
//! What is allocated is what the stored Services say: nothing else has to be kept in step.
//! Upstream: `pkg/registry/core/service/{storage/alloc.go,ipallocator,portallocator,strategy.go}`.

use std::net::Ipv4Addr;
use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::store::Store;
use super::{ApiError, Fault, FieldError};
use crate::api::{Kind, Object, Service};
use crate::rng::Rng;

/// 10.96.0.0/12, as kubeadm sets it up.
const NETWORK: u32 = 0x0a60_0000;
/// How many addresses the network has.
const NETWORK_SIZE: u32 = 1 << 20;
/// The lowest addresses are for those who ask for one by number: min(max(16, size/16), 256).
const STATIC_ADDRESSES: u32 = 256;
/// 30000-32767
const FIRST_PORT: u32 = 30_000;
/// How many node ports there are.
const PORTS: u32 = 2768;
/// The lowest ports are for those who ask for one by number: min(max(16, size/32), 128).
const STATIC_PORTS: u32 = 86;

/// Before validation: a new Service's list of addresses follows from the single one.
pub(super) fn prepare(object: &mut Object) {
    if let Object::Service(service) = object {
        normalize_cluster_ips(Rc::make_mut(&mut Rc::make_mut(service).spec), None);
    }
}

/// Before validation: what the stored Service has and the client left out stays; what its new type cannot have
/// goes.
pub(super) fn carry_over(after: &mut Object, before: &Object) {
    let (Object::Service(new), Object::Service(old)) = (after, before) else { return };
    if Rc::ptr_eq(&new.spec, &old.spec) {
        return;
    }
    let spec = Rc::make_mut(&mut Rc::make_mut(new).spec);
    normalize_cluster_ips(spec, Some(&old.spec));
    if needs_cluster_ip(spec) && needs_cluster_ip(&old.spec) {
        if spec.cluster_ip.as_deref().unwrap_or_default().is_empty() {
            spec.cluster_ip.clone_from(&old.spec.cluster_ip);
            spec.cluster_ips.clone_from(&old.spec.cluster_ips);
        }
        if spec.ip_families.is_none() {
            spec.ip_families.clone_from(&old.spec.ip_families);
        }
        if spec.ip_family_policy.is_none() {
            spec.ip_family_policy.clone_from(&old.spec.ip_family_policy);
        }
    }
    if needs_node_ports(spec) && needs_node_ports(&old.spec) {
        carry_over_node_ports(spec, &old.spec);
    }
    match (needs_health_port(spec), needs_health_port(&old.spec)) {
        (true, true) if spec.health_check_node_port.unwrap_or(0) == 0 => {
            spec.health_check_node_port = old.spec.health_check_node_port;
        }
        (false, true) if spec.health_check_node_port == old.spec.health_check_node_port => {
            spec.health_check_node_port = None;
        }
        _ => {}
    }
    drop_what_the_type_cannot_have(spec, &old.spec);
}

/// After validation: allocates what is still missing and refuses what is taken.
pub(super) fn allocate(
    store: &Store,
    object: &mut Object,
    before: Option<&Object>,
    dry_run: bool,
    rng: &mut Rng,
) -> Result<(), ApiError> {
    let Object::Service(service) = object else { return Ok(()) };
    let before = match before {
        Some(Object::Service(before)) if Rc::ptr_eq(&before.spec, &service.spec) => return Ok(()),
        Some(Object::Service(before)) => Some(before.clone()),
        _ => None,
    };
    let name = service.key.name.clone();
    let others = others(store, service);
    let spec = Rc::make_mut(&mut Rc::make_mut(service).spec);
    let faults = settle_families(spec);
    if !faults.is_empty() {
        return Err(ApiError::invalid(Kind::Service, &name, faults));
    }
    let result = allocate_cluster_ip(spec, before.as_deref(), &others, rng)
        .and_then(|()| allocate_node_ports(spec, &others, dry_run, rng))
        .and_then(|()| allocate_health_port(spec, &others, rng));
    result.map_err(|cause| ApiError::invalid(Kind::Service, &name, vec![cause]))
}

/// `clusterIPs` follows `clusterIP` where a client sets only the latter.
fn normalize_cluster_ips(spec: &mut core::ServiceSpec, before: Option<&core::ServiceSpec>) {
    let first = |ips: &Option<Vec<String>>| ips.iter().flatten().next().cloned();
    let ip = spec.cluster_ip.clone().filter(|ip| !ip.is_empty());
    let Some(before) = before else {
        if spec.cluster_ips.is_none() && ip.is_some() {
            spec.cluster_ips = Some(ip.into_iter().collect());
        }
        return;
    };
    let ips_are_the_same = spec.cluster_ips == before.cluster_ips;
    let ip_is_the_same = ip == before.cluster_ip.clone().filter(|ip| !ip.is_empty());
    match &ip {
        // Only the single field was cleared: the list goes with it.
        None if !ip_is_the_same && ips_are_the_same => spec.cluster_ips = None,
        Some(ip) if !ip_is_the_same && ips_are_the_same => {
            let rest = spec.cluster_ips.iter().flatten().skip(1).cloned();
            spec.cluster_ips = Some(std::iter::once(ip.clone()).chain(rest).collect());
        }
        Some(ip) if spec.cluster_ips.is_none() => spec.cluster_ips = Some(vec![ip.clone()]),
        None if spec.cluster_ips.is_some() && !ips_are_the_same => spec.cluster_ip = first(&spec.cluster_ips),
        None | Some(_) => {}
    }
}

/// The other Services, whose addresses are taken.
fn others(store: &Store, service: &Service) -> Vec<Rc<Service>> {
    store.list::<Service>().filter(|other| other.key != service.key).cloned().collect()
}

fn is_headless(spec: &core::ServiceSpec) -> bool {
    spec.cluster_ip.as_deref() == Some("None")
}

/// The families of a Service's addresses: the cluster has IPv4 alone.
/// Upstream: `initIPFamilyFields` of `pkg/registry/core/service/storage/alloc.go`.
fn settle_families(spec: &mut core::ServiceSpec) -> Vec<FieldError> {
    if !needs_cluster_ip(spec) {
        return Vec::new();
    }
    if spec.ip_families.is_some() || spec.ip_family_policy.is_some() || is_headless(spec) {
        return settle_named_families(spec);
    }
    let is_sixth = spec.cluster_ips.iter().flatten().any(|ip| ip.contains(':'));
    if is_sixth {
        return settle_named_families(spec);
    }
    spec.ip_families = Some(vec!["IPv4".to_owned()]);
    spec.ip_family_policy = Some("SingleStack".to_owned());
    Vec::new()
}

#[inline(never)]
fn settle_named_families(spec: &mut core::ServiceSpec) -> Vec<FieldError> {
    let fault = |field: String, value: String, detail: &str| FieldError {
        field: format!("spec.{field}"),
        fault: Fault::Invalid,
        value,
        detail: detail.to_owned(),
    };
    let has_selector = spec.selector.as_ref().is_some_and(|selector| !selector.is_empty());
    // Nobody says which families its endpoints will have.
    let is_open = is_headless(spec) && !has_selector;
    let default = if is_open { "RequireDualStack" } else { "SingleStack" };
    let policy = spec.ip_family_policy.get_or_insert_with(|| default.to_owned()).clone();
    let ips = spec.cluster_ips.clone().unwrap_or_default();
    let families = spec.ip_families.get_or_insert_default();
    for (index, ip) in ips.iter().enumerate().skip(families.len()).filter(|(_, ip)| *ip != "None") {
        if ip.contains(':') {
            let shown = serde_json::json!(ips).to_string();
            return vec![fault(
                format!("clusterIPs[{index}]"),
                shown,
                "IPv6 is not configured on this cluster",
            )];
        }
        families.push("IPv4".to_owned());
    }
    if is_open {
        if families.is_empty() {
            families.push("IPv4".to_owned());
        }
        if families.len() < 2 && policy != "SingleStack" {
            families.push(if families[0] == "IPv4" { "IPv6" } else { "IPv4" }.to_owned());
        }
        return Vec::new();
    }
    let mut faults = Vec::new();
    if policy == "RequireDualStack" {
        let detail = "this cluster is not configured for dual-stack services";
        faults.push(fault("ipFamilyPolicy".to_owned(), format!("\"{policy}\""), detail));
    }
    for (index, family) in families.iter().enumerate().filter(|(_, family)| *family != "IPv4") {
        let detail = "not configured on this cluster";
        faults.push(fault(format!("ipFamilies[{index}]"), format!("\"{family}\""), detail));
    }
    if families.is_empty() {
        families.push("IPv4".to_owned());
    }
    faults
}

fn allocate_cluster_ip(
    spec: &mut core::ServiceSpec,
    before: Option<&Service>,
    others: &[Rc<Service>],
    rng: &mut Rng,
) -> Result<(), FieldError> {
    if !needs_cluster_ip(spec) {
        return Ok(());
    }
    if is_headless(spec) {
        return Ok(());
    }
    let is_taken = |ip: &str| others.iter().any(|other| other.cluster_ip() == Some(ip));
    match spec.cluster_ip.clone().filter(|ip| !ip.is_empty()) {
        Some(ip) if before.is_some_and(|before| before.cluster_ip() == Some(&ip)) => Ok(()),
        Some(ip) => check_cluster_ip(&ip, is_taken(&ip)),
        None => {
            let taken: std::collections::BTreeSet<&str> =
                others.iter().filter_map(|other| other.cluster_ip()).collect();
            let name = |offset: u32| Ipv4Addr::from(NETWORK + 1 + offset).to_string();
            let free = |offset: &u32| !taken.contains(name(*offset).as_str());
            // The network's first and last address are nobody's.
            let found = pick(NETWORK_SIZE - 2, STATIC_ADDRESSES, rng, free);
            let Some(offset) = found else {
                return Err(address_error("", "range is full"));
            };
            spec.cluster_ip = Some(name(offset));
            spec.cluster_ips = Some(vec![name(offset)]);
            Ok(())
        }
    }
}

fn check_cluster_ip(ip: &str, is_taken: bool) -> Result<(), FieldError> {
    let is_inside = ip
        .parse::<Ipv4Addr>()
        .is_ok_and(|address| (1..NETWORK_SIZE - 1).contains(&u32::from(address).wrapping_sub(NETWORK)));
    if !is_inside {
        return Err(address_error(ip, "the provided network does not match the current range"));
    }
    if is_taken {
        return Err(address_error(ip, "provided IP is already allocated"));
    }
    Ok(())
}

fn address_error(ip: &str, problem: &str) -> FieldError {
    FieldError {
        field: "spec.clusterIPs".to_owned(),
        fault: Fault::Invalid,
        value: format!("[\"{ip}\"]"),
        detail: format!("failed to allocate IP {ip}: {problem}"),
    }
}

fn allocate_node_ports(
    spec: &mut core::ServiceSpec,
    others: &[Rc<Service>],
    dry_run: bool,
    rng: &mut Rng,
) -> Result<(), FieldError> {
    if !needs_node_ports(spec) {
        return Ok(());
    }
    let of_others = others.iter().flat_map(|other| other.ports()).filter_map(|port| port.node_port);
    let of_others = of_others.chain(others.iter().filter_map(|other| other.spec.health_check_node_port));
    let mut taken: std::collections::BTreeSet<i32> = of_others.filter(|port| *port != 0).collect();
    let ports = spec.ports.get_or_insert_default();
    // Two ports of one Service may share a number when their protocols differ.
    let mut own: Vec<(i32, String)> = Vec::new();
    for (index, port) in ports.iter_mut().enumerate() {
        let Some(number) = port.node_port.filter(|number| *number != 0) else { continue };
        let error = |detail: &str| FieldError {
            field: format!("spec.ports[{index}].nodePort"),
            fault: Fault::Invalid,
            value: number.to_string(),
            detail: detail.to_owned(),
        };
        let range = i64::from(FIRST_PORT)..i64::from(FIRST_PORT + PORTS);
        // Upstream's dry run asks the allocator for nothing but whether a port is taken.
        if !dry_run && !range.contains(&i64::from(number)) {
            return Err(error(
                "provided port is not in the valid range. The range of valid ports is 30000-32767",
            ));
        }
        let protocol = port.protocol.clone().unwrap_or_default();
        if taken.contains(&number) || own.contains(&(number, protocol.clone())) {
            return Err(error("provided port is already allocated"));
        }
        own.push((number, protocol));
    }
    taken.extend(own.iter().map(|(number, _)| *number));
    for (index, port) in ports.iter_mut().enumerate() {
        if port.node_port.is_some_and(|number| number != 0) {
            continue;
        }
        let number = |offset: u32| (FIRST_PORT + offset) as i32;
        let Some(offset) = pick(PORTS, STATIC_PORTS, rng, |offset| !taken.contains(&number(*offset))) else {
            return Err(FieldError {
                field: format!("spec.ports[{index}].nodePort"),
                fault: Fault::Invalid,
                value: "0".to_owned(),
                detail: "failed to allocate a nodePort: range is full".to_owned(),
            });
        };
        taken.insert(number(offset));
        port.node_port = Some(number(offset));
    }
    Ok(())
}

/// Where load balancers ask a node whether it has endpoints: a node port of its own.
fn allocate_health_port(
    spec: &mut core::ServiceSpec,
    others: &[Rc<Service>],
    rng: &mut Rng,
) -> Result<(), FieldError> {
    if !needs_health_port(spec) {
        return Ok(());
    }
    let error = |number: i32, problem: &str| FieldError {
        field: "spec.healthCheckNodePort".to_owned(),
        fault: Fault::Invalid,
        value: number.to_string(),
        detail: format!("failed to allocate requested HealthCheck NodePort {number}: {problem}"),
    };
    let own = spec.ports.iter().flatten().filter_map(|port| port.node_port);
    let of_others = others.iter().flat_map(|other| {
        let ports = other.ports().iter().filter_map(|port| port.node_port);
        ports.chain(other.spec.health_check_node_port)
    });
    let taken: std::collections::BTreeSet<i32> = own.chain(of_others).filter(|port| *port != 0).collect();
    if let Some(number) = spec.health_check_node_port.filter(|number| *number != 0) {
        let is_inside = (i64::from(FIRST_PORT)..i64::from(FIRST_PORT + PORTS)).contains(&i64::from(number));
        return match (is_inside, taken.contains(&number)) {
            (true, false) => Ok(()),
            (true, true) => Err(error(number, "provided port is already allocated")),
            (false, _) => Err(error(
                number,
                "provided port is not in the valid range. The range of valid ports is 30000-32767",
            )),
        };
    }
    let number = |offset: u32| (FIRST_PORT + offset) as i32;
    match pick(PORTS, STATIC_PORTS, rng, |offset| !taken.contains(&number(*offset))) {
        Some(offset) => spec.health_check_node_port = Some(number(offset)),
        None => return Err(error(0, "range is full")),
    }
    Ok(())
}

/// A free place of `size`, by lot above the lowest `reserved`; those only when nothing else is left.
fn pick(size: u32, reserved: u32, rng: &mut Rng, is_free: impl Fn(&u32) -> bool) -> Option<u32> {
    let upper = size - reserved;
    let start = rng.below(u64::from(upper)) as u32;
    let mut in_turn = (0..upper).map(|step| reserved + (start + step) % upper);
    in_turn.find(&is_free).or_else(|| (0..reserved).find(&is_free))
}

fn needs_cluster_ip(spec: &core::ServiceSpec) -> bool {
    spec.type_.as_deref() != Some("ExternalName")
}

fn needs_node_ports(spec: &core::ServiceSpec) -> bool {
    match spec.type_.as_deref() {
        Some("NodePort") => true,
        Some("LoadBalancer") => spec.allocate_load_balancer_node_ports.unwrap_or(true),
        _ => false,
    }
}

fn needs_health_port(spec: &core::ServiceSpec) -> bool {
    spec.type_.as_deref() == Some("LoadBalancer") && spec.external_traffic_policy.as_deref() == Some("Local")
}

/// A port that keeps its number and protocol keeps its node port.
fn carry_over_node_ports(spec: &mut core::ServiceSpec, old: &core::ServiceSpec) {
    let given: Vec<i32> = spec.ports.iter().flatten().filter_map(|port| port.node_port).collect();
    for port in spec.ports.iter_mut().flatten() {
        if port.node_port.is_some_and(|number| number != 0) {
            continue;
        }
        let same = |known: &&core::ServicePort| known.port == port.port && known.protocol == port.protocol;
        let known = old.ports.iter().flatten().find(same).and_then(|known| known.node_port);
        port.node_port = known.filter(|number| !given.contains(number));
    }
}

/// A Service that changes its type loses what it did not ask for and cannot keep.
fn drop_what_the_type_cannot_have(spec: &mut core::ServiceSpec, old: &core::ServiceSpec) {
    if needs_cluster_ip(old) && !needs_cluster_ip(spec) && spec.cluster_ip == old.cluster_ip {
        spec.cluster_ip = None;
        spec.cluster_ips = None;
        spec.ip_families = None;
        spec.ip_family_policy = None;
    }
    if needs_node_ports(old) && !needs_node_ports(spec) {
        let known: Vec<Option<i32>> = old.ports.iter().flatten().map(|port| port.node_port).collect();
        for port in spec.ports.iter_mut().flatten().filter(|port| known.contains(&port.node_port)) {
            port.node_port = None;
        }
    }
    let is = |spec: &core::ServiceSpec, name: &str| spec.type_.as_deref() == Some(name);
    if is(old, "LoadBalancer") && !is(spec, "LoadBalancer") {
        if spec.allocate_load_balancer_node_ports == old.allocate_load_balancer_node_ports {
            spec.allocate_load_balancer_node_ports = None;
        }
        if spec.load_balancer_class == old.load_balancer_class {
            spec.load_balancer_class = None;
        }
    }
    let is_external = |spec: &core::ServiceSpec| {
        is(spec, "NodePort")
            || is(spec, "LoadBalancer")
            || spec.external_ips.as_ref().is_some_and(|ips| !ips.is_empty())
    };
    if is_external(old) && !is_external(spec) && spec.external_traffic_policy == old.external_traffic_policy {
        spec.external_traffic_policy = None;
    }
    if is(spec, "ExternalName") && spec.internal_traffic_policy == old.internal_traffic_policy {
        spec.internal_traffic_policy = None;
    }
}
