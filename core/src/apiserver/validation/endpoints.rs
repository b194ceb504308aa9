//! Endpoints. Upstream: `ValidateEndpoints` in `pkg/apis/core/validation/validation.go`.

use std::net::IpAddr;
use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::container::PROTOCOLS;
use super::field::{Faults, Path};
use super::known::Known;
use super::names;
use crate::api::Endpoints;
use crate::api::endpoints::{EndpointAddress, EndpointSubset};

/// Checks Endpoints. Subsets that the stored version has already are fine.
#[inline(never)]
pub(super) fn endpoints(endpoints: &Endpoints, before: Option<&Endpoints>, faults: &mut Faults) {
    if before.is_some_and(|before| Rc::ptr_eq(&before.spec, &endpoints.spec)) {
        return;
    }
    let list = Path::root("subsets");
    let known = before.map(|before| before.spec.as_slice()).unwrap_or_default();
    for (index, subset) in endpoints.spec.iter().enumerate() {
        let old = known.get(index);
        self::subset(subset, old, list.index(index), faults);
    }
}

fn subset(subset: &EndpointSubset, old: Option<&EndpointSubset>, path: Path<'_>, faults: &mut Faults) {
    if subset.addresses.is_empty() && subset.not_ready.is_empty() {
        faults.required(path, "must specify `addresses` or `notReadyAddresses`");
    }
    let lists = old.map(|old| [&*old.addresses, &*old.not_ready]).unwrap_or_default();
    let mut known = lists.map(Known::of);
    for (field, addresses) in [("addresses", &subset.addresses), ("notReadyAddresses", &subset.not_ready)] {
        let list = path.child(field);
        for (index, address) in addresses.iter().enumerate() {
            if !known.iter_mut().any(|list| list.has(address)) {
                self::address(address, list.index(index), faults);
            }
        }
    }
    let list = path.child("ports");
    for (index, port) in subset.ports.iter().enumerate() {
        self::port(port, subset.ports.len() > 1, list.index(index), faults);
    }
}

fn address(address: &EndpointAddress, path: Path<'_>, faults: &mut Faults) {
    names::address(&address.ip, path.child("ip"), faults);
    if let Some(host) = address.hostname.as_deref().filter(|host| !host.is_empty()) {
        faults.invalid_each(path.child("hostname"), host, names::dns_label(host));
    }
    if let Some(node) = address.node.as_deref() {
        faults.invalid_each(path.child("nodeName"), node, names::dns_subdomain(node));
    }
    match address.ip.parse::<IpAddr>() {
        Ok(ip) => {
            if let Some(problem) = names::special_address(ip) {
                faults.invalid(path.child("ip"), &*address.ip, problem);
            }
        }
        Err(_) => faults.invalid(path.child("ip"), &*address.ip, "must be a valid IP address"),
    }
}

fn port(port: &core::EndpointPort, must_have_name: bool, path: Path<'_>, faults: &mut Faults) {
    match port.name.as_deref().unwrap_or_default() {
        "" if must_have_name => faults.required(path.child("name"), ""),
        "" => {}
        name => faults.invalid_each(path.child("name"), name, names::dns_label(name)),
    }
    if !names::is_port(port.port) {
        faults.invalid(path.child("port"), port.port, names::PORT_RANGE);
    }
    faults.one_of(path.child("protocol"), port.protocol.as_deref(), &PROTOCOLS);
    if let Some(protocol) = port.app_protocol.as_deref() {
        faults.invalid_each(path.child("appProtocol"), protocol, names::qualified_name(protocol));
    }
}
