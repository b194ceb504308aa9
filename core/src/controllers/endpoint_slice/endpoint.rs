//! A pod as an endpoint of a Service. Upstream: `staging/src/k8s.io/endpointslice/utils.go`, `podToEndpoint`.

use std::rc::Rc;

use k8s_openapi::api::core::v1::{Container, ServicePort};
use k8s_openapi::api::discovery::v1::EndpointPort;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::api::endpoint_slice::{Absent, Hints};
use crate::api::{Endpoint, Node, Pod, Service};
use crate::apiserver::Store;

/// The node label that names an endpoint's zone.
const ZONE_LABEL: &str = "topology.kubernetes.io/zone";

/// Whether a pod belongs among the endpoints: it has an address and has not finished. Terminating pods stay.
pub(in crate::controllers) fn is_endpoint(pod: &Pod) -> bool {
    !pod.is_finished() && pod.ip().is_some()
}

/// Whether a Service's selector matches a pod.
pub(in crate::controllers) fn is_selected(pod: &Pod, service: &Service) -> bool {
    let mut wanted = service.selector().into_iter().flatten();
    wanted.all(|(name, value)| pod.meta.labels.get(name) == Some(value))
}

/// A pod's endpoint. `None`: its node is not known yet, and nobody asked for pods that are not ready.
pub(super) fn of_pod(store: &Store, service: &Service, pod: &Pod) -> Option<Endpoint> {
    let publishes_unready = service.spec.publish_not_ready_addresses.unwrap_or(false);
    let node = pod.node().and_then(|name| store.get_cluster_wide::<Node>(name));
    if node.is_none() && !publishes_unready {
        return None;
    }
    let (serving, terminating) = (pod.is_ready(), pod.is_terminating());
    let spec = &pod.spec.spec;
    let is_named = spec.subdomain.as_deref() == Some(service.name());
    let hostname = spec.hostname.as_deref().filter(|hostname| is_named && !hostname.is_empty());
    Some(Endpoint {
        addresses: pod.ip().into_iter().map(Into::into).collect(),
        ready: publishes_unready || serving && !terminating,
        serving,
        terminating,
        absent: Absent::default(),
        hostname: hostname.map(Into::into),
        node: pod.spec.node.clone(),
        zone: node.and_then(|node| zone(node)).map(Into::into),
        hints: hints(service, pod, node.and_then(|node| zone(node))),
        pod: Some((pod.key.clone(), pod.uid)),
    })
}

/// For whom an endpoint is meant, where its Service prefers near ones: its own zone, and its own node if asked for.
/// Upstream: `staging/src/k8s.io/endpointslice/trafficdist`.
fn hints(service: &Service, pod: &Pod, zone: Option<&str>) -> Option<Rc<Hints>> {
    let by_node = match service.spec.traffic_distribution.as_deref()? {
        "PreferClose" | "PreferSameZone" => false,
        "PreferSameNode" => true,
        _ => return None,
    };
    let is_ready = pod.is_ready() && !pod.is_terminating();
    if !is_ready && !service.spec.publish_not_ready_addresses.unwrap_or(false) {
        return None;
    }
    let nodes = pod.spec.node.iter().filter(|_| by_node).cloned().collect();
    let hints = Hints { zones: zone.into_iter().map(Into::into).collect(), nodes };
    (hints != Hints::default()).then(|| Rc::new(hints))
}

/// The zone that a node is in.
pub(super) fn zone(node: &Node) -> Option<&str> {
    node.label(ZONE_LABEL)
}

/// The ports that a pod serves for a Service: a named target port that it does not have is left out.
pub(in crate::controllers) fn ports(service: &Service, pod: &Pod) -> Vec<EndpointPort> {
    let ports = service.ports().iter();
    ports.filter_map(|port| Some(endpoint_port(port, target_port(port, pod)?))).collect()
}

fn endpoint_port(port: &ServicePort, number: i32) -> EndpointPort {
    EndpointPort {
        name: Some(port.name.clone().unwrap_or_default()),
        port: Some(number),
        protocol: Some(protocol(port.protocol.as_deref()).to_owned()),
        app_protocol: port.app_protocol.clone(),
    }
}

/// The number of the container port that a Service port leads to. Upstream: `FindPort`.
fn target_port(port: &ServicePort, pod: &Pod) -> Option<i32> {
    let name = match &port.target_port {
        None => return Some(port.port),
        Some(IntOrString::Int(number)) => return Some(*number),
        Some(IntOrString::String(name)) => name,
    };
    let spec = &pod.spec.spec;
    let is_sidecar = |container: &&Container| container.restart_policy.as_deref() == Some("Always");
    let sidecars = spec.init_containers.iter().flatten().filter(is_sidecar);
    let ports = spec.containers.iter().chain(sidecars).flat_map(|container| container.ports.iter().flatten());
    let mut named = ports.filter(|found| {
        found.name.as_ref() == Some(name)
            && protocol(found.protocol.as_deref()) == protocol(port.protocol.as_deref())
    });
    named.next().map(|found| found.container_port)
}

fn protocol(name: Option<&str>) -> &str {
    name.unwrap_or("TCP")
}

/// Whether the ports of a slice are those that `pod` serves for `service`, without building them.
pub(super) fn serves(service: &Service, pod: &Pod, ports: &[EndpointPort]) -> bool {
    let mut known = ports.iter();
    for port in service.ports() {
        let Some(number) = target_port(port, pod) else { continue };
        let is_same = known.next().is_some_and(|known| {
            known.port == Some(number)
                && known.name.as_deref().unwrap_or("") == port.name.as_deref().unwrap_or("")
                && protocol(known.protocol.as_deref()) == protocol(port.protocol.as_deref())
                && known.app_protocol == port.app_protocol
        });
        if !is_same {
            return false;
        }
    }
    known.next().is_none()
}

/// Whether a changed pod may change a Service's endpoints. Upstream: `podEndpointsChanged`.
pub(in crate::controllers) fn may_differ(before: &Pod, after: &Pod) -> bool {
    let (old, new) = (&before.spec.spec, &after.spec.spec);
    before.is_terminating() != after.is_terminating()
        || before.ip() != after.ip()
        || before.is_ready() != after.is_ready()
        || before.phase() != after.phase()
        || before.spec.node != after.spec.node
        || !Rc::ptr_eq(old, new) && (old.hostname != new.hostname || old.subdomain != new.subdomain)
        || !Rc::ptr_eq(&before.meta.labels, &after.meta.labels) && before.meta.labels != after.meta.labels
}
