//! Services described, with the endpoints behind each port.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{Describer, annotations, labels};
use crate::api::{EndpointSlice, Object, Service};
use crate::kubectl::print::{self, NONE};

/// How many endpoints of a port are shown.
const SHOWN: usize = 3;

pub(super) fn describe(service: &Rc<Service>, describer: Describer<'_>) -> String {
    let spec = &service.spec;
    let mut text = format!("Name:\t{}\nNamespace:\t{}\n", service.name(), service.key.namespace);
    text += &labels("Labels", &service.meta.labels);
    text += &annotations("Annotations", &service.meta.annotations);
    text += &format!("Selector:\t{}\n", service.selector().map_or_else(|| NONE.to_owned(), print::labels));
    text += &format!("Type:\t{}\n", service.service_type());
    let line = |title: &str, text: Option<String>| {
        text.map(|text| format!("{title}:\t{text}\n")).unwrap_or_default()
    };
    text += &line("IP Family Policy", spec.ip_family_policy.clone());
    text += &line("IP Families", spec.ip_families.as_ref().map(|families| families.join(",")));
    text += &format!("IP:\t{}\n", spec.cluster_ip.as_deref().unwrap_or_default());
    text += &line("IPs", spec.cluster_ips.as_ref().filter(|ips| !ips.is_empty()).map(|ips| ips.join(",")));
    text += &line(
        "External IPs",
        spec.external_ips.as_ref().filter(|ips| !ips.is_empty()).map(|ips| ips.join(",")),
    );
    text += &line("External Name", spec.external_name.clone().filter(|name| !name.is_empty()));
    let slices: Vec<&Rc<EndpointSlice>> = describer.store.slices_of(&service.key).collect();
    for port in service.ports() {
        text += &ports(port, &slices);
    }
    text += &line("Session Affinity", spec.session_affinity.clone());
    text += &line(
        "External Traffic Policy",
        spec.external_traffic_policy.clone().filter(|policy| !policy.is_empty()),
    );
    text += &line("Internal Traffic Policy", spec.internal_traffic_policy.clone());
    let health = spec.health_check_node_port.filter(|port| *port != 0);
    text += &line("HealthCheck NodePort", health.map(|port| port.to_string()));
    text + &describer.events(&Object::Service(service.clone()))
}

fn ports(port: &core::ServicePort, slices: &[&Rc<EndpointSlice>]) -> String {
    let name = port.name.as_deref().filter(|name| !name.is_empty());
    let shown = name.unwrap_or("<unset>");
    let protocol = port.protocol.as_deref().unwrap_or("TCP");
    let target = match &port.target_port {
        Some(IntOrString::Int(number)) => number.to_string(),
        Some(IntOrString::String(name)) => name.clone(),
        None => port.port.to_string(),
    };
    let mut text = format!("Port:\t{shown}\t{}/{protocol}\nTargetPort:\t{target}/{protocol}\n", port.port);
    if let Some(node_port) = port.node_port.filter(|port| *port > 0) {
        text += &format!("NodePort:\t{shown}\t{node_port}/{protocol}\n");
    }
    text + &format!("Endpoints:\t{}\n", endpoints(name.unwrap_or_default(), slices))
}

/// The ready endpoints of a port: `10.244.1.2:80,10.244.2.2:80 + 3 more...`.
fn endpoints(port_name: &str, slices: &[&Rc<EndpointSlice>]) -> String {
    if slices.is_empty() {
        return NONE.to_owned();
    }
    let mut addresses = Vec::new();
    for slice in slices {
        for port in
            slice.spec.ports.iter().filter(|port| port.name.as_deref().unwrap_or_default() == port_name)
        {
            let number = port.port.unwrap_or(0);
            let ready = slice.spec.endpoints.iter().filter(|endpoint| endpoint.ready);
            addresses.extend(
                ready
                    .flat_map(|endpoint| endpoint.addresses.iter())
                    .map(|address| format!("{address}:{number}")),
            );
        }
    }
    match addresses.len() {
        count if count > SHOWN => format!("{} + {} more...", addresses[..SHOWN].join(","), count - SHOWN),
        _ => addresses.join(","),
    }
}
