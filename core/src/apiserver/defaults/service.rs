//! Defaults of Services. Upstream: `pkg/apis/core/v1/defaults.go`, `pkg/registry/core/service/storage`.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::api::{Object, Service};

/// How long a client stays with one pod under `sessionAffinity: ClientIP`: three hours.
const AFFINITY_SECONDS: i32 = 10_800;

/// Fills in a Service. On update, the addresses that `before` has are kept where the client sent none.
pub(super) fn fill(service: &mut Rc<Service>, before: Option<&Object>) {
    if let Some(Object::Service(before)) = before
        && Rc::ptr_eq(&before.spec, &service.spec)
    {
        return;
    }
    let spec = Rc::make_mut(&mut Rc::make_mut(service).spec);
    let affinity = spec.session_affinity.take().filter(|name| !name.is_empty());
    let affinity = spec.session_affinity.insert(affinity.unwrap_or_else(|| "None".to_owned()));
    if affinity == "None" {
        spec.session_affinity_config = None;
    }
    if affinity == "ClientIP" {
        let config = spec.session_affinity_config.get_or_insert_default();
        config.client_ip.get_or_insert_default().timeout_seconds.get_or_insert(AFFINITY_SECONDS);
    }
    let kind = spec.type_.take().filter(|name| !name.is_empty());
    let kind = spec.type_.insert(kind.unwrap_or_else(|| "ClusterIP".to_owned())).clone();
    for port in spec.ports.iter_mut().flatten() {
        fill_port(port);
    }
    let is_external = kind == "NodePort"
        || kind == "LoadBalancer"
        || kind == "ClusterIP" && spec.external_ips.as_ref().is_some_and(|ips| !ips.is_empty());
    if is_external {
        let policy = spec.external_traffic_policy.take().filter(|policy| !policy.is_empty());
        spec.external_traffic_policy = Some(policy.unwrap_or_else(|| "Cluster".to_owned()));
    }
    if kind != "ExternalName" {
        spec.internal_traffic_policy.get_or_insert_with(|| "Cluster".to_owned());
    }
    if kind == "LoadBalancer" {
        spec.allocate_load_balancer_node_ports.get_or_insert(true);
    }
}

fn fill_port(port: &mut core::ServicePort) {
    let protocol = port.protocol.take().filter(|protocol| !protocol.is_empty());
    port.protocol = Some(protocol.unwrap_or_else(|| "TCP".to_owned()));
    let is_unset = match &port.target_port {
        None => true,
        Some(IntOrString::Int(number)) => *number == 0,
        Some(IntOrString::String(name)) => name.is_empty(),
    };
    if is_unset {
        port.target_port = Some(IntOrString::Int(port.port));
    }
}
