//! Services, EndpointSlices and Endpoints in tables.

use super::table::{Column, always, wide};
use super::{NONE, age, labels};
use crate::api::{EndpointSlice, Endpoints, Service};
use crate::time::Time;

pub(super) const COLUMNS: &[Column] = &[
    always("NAME"),
    always("TYPE"),
    always("CLUSTER-IP"),
    always("EXTERNAL-IP"),
    always("PORT(S)"),
    always("AGE"),
    wide("SELECTOR"),
];

pub(super) const SLICE_COLUMNS: &[Column] =
    &[always("NAME"), always("ADDRESSTYPE"), always("PORTS"), always("ENDPOINTS"), always("AGE")];

pub(super) const ENDPOINTS_COLUMNS: &[Column] = &[always("NAME"), always("ENDPOINTS"), always("AGE")];

/// How many ports and endpoints of a slice are shown.
const SHOWN: usize = 3;

pub(super) fn cells(service: &Service, now: Time) -> Vec<String> {
    let cluster_ip = service.spec.cluster_ip.as_deref().filter(|ip| !ip.is_empty()).unwrap_or(NONE);
    vec![
        service.name().to_owned(),
        service.service_type().to_owned(),
        cluster_ip.to_owned(),
        external_ip(service),
        ports(service),
        age::since(service.meta.created, now),
        service.selector().map_or_else(|| NONE.to_owned(), labels),
    ]
}

fn external_ip(service: &Service) -> String {
    let listed = service.spec.external_ips.as_deref().unwrap_or_default();
    match service.service_type() {
        "ExternalName" => service.spec.external_name.clone().unwrap_or_default(),
        "LoadBalancer" => {
            let ingress =
                service.status.load_balancer.as_ref().and_then(|balancer| balancer.ingress.as_deref());
            let mut addresses: Vec<String> = ingress
                .unwrap_or_default()
                .iter()
                .filter_map(|ingress| ingress.ip.clone().or_else(|| ingress.hostname.clone()))
                .collect();
            addresses.extend(listed.iter().cloned());
            if addresses.is_empty() { "<pending>".to_owned() } else { addresses.join(",") }
        }
        _ if listed.is_empty() => NONE.to_owned(),
        _ => listed.join(","),
    }
}

/// `80/TCP,443:30443/TCP`
fn ports(service: &Service) -> String {
    let port = |port: &k8s_openapi::api::core::v1::ServicePort| {
        let protocol = port.protocol.as_deref().unwrap_or("TCP");
        match port.node_port.filter(|node_port| *node_port > 0) {
            Some(node_port) => format!("{}:{node_port}/{protocol}", port.port),
            None => format!("{}/{protocol}", port.port),
        }
    };
    let ports: Vec<String> = service.ports().iter().map(port).collect();
    if ports.is_empty() { NONE.to_owned() } else { ports.join(",") }
}

pub(super) fn slice_cells(slice: &EndpointSlice, now: Time) -> Vec<String> {
    let ports =
        slice.spec.ports.iter().map(|port| port.port.map_or_else(|| "*".to_owned(), |port| port.to_string()));
    let addresses =
        slice.spec.endpoints.iter().flat_map(|endpoint| endpoint.addresses.iter().map(|it| it.to_string()));
    vec![
        slice.name().to_owned(),
        slice.spec.address_type.to_string(),
        first_few(ports.collect()),
        first_few(addresses.collect()),
        age::since(slice.meta.created, now),
    ]
}

pub(super) fn endpoints_cells(endpoints: &Endpoints, now: Time) -> Vec<String> {
    let mut listed = Vec::new();
    for subset in endpoints.spec.iter() {
        let ips = || subset.addresses.iter().map(|address| &*address.ip);
        if subset.ports.is_empty() {
            listed.extend(ips().map(str::to_owned));
        }
        for port in subset.ports.iter() {
            listed.extend(ips().map(|ip| format!("{ip}:{}", port.port)));
        }
    }
    let shown = match listed.len() {
        0 if endpoints.spec.is_empty() => NONE.to_owned(),
        0 => String::new(),
        _ => first_few(listed),
    };
    vec![endpoints.name().to_owned(), shown, age::since(endpoints.meta.created, now)]
}

fn first_few(list: Vec<String>) -> String {
    match list.len() {
        0 => "<unset>".to_owned(),
        count if count > SHOWN => format!("{} + {} more...", list[..SHOWN].join(","), count - SHOWN),
        _ => list.join(","),
    }
}
