//! EndpointSlices. Upstream: `pkg/apis/discovery/validation/validation.go`.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::rc::Rc;

use super::container::PROTOCOLS;
use super::field::{Faults, Path};
use super::known::Known;
use super::{names, pod};
use crate::api::{Endpoint, EndpointSlice};

/// How many endpoints a slice may hold.
const ENDPOINTS: usize = 1000;
/// How many addresses an endpoint may have.
const ADDRESSES: usize = 100;

/// Checks a slice. Endpoints that the stored version shares are fine: the controller replaces few at a time.
#[inline(never)]
pub(super) fn endpoint_slice(slice: &EndpointSlice, before: Option<&EndpointSlice>, faults: &mut Faults) {
    if before.is_some_and(|before| Rc::ptr_eq(&before.spec, &slice.spec)) {
        return;
    }
    let types = ["FQDN", "IPv4", "IPv6"];
    faults.one_of(Path::root("addressType"), Some(&slice.spec.address_type), &types);
    let list = Path::root("endpoints");
    if slice.spec.endpoints.len() > ENDPOINTS {
        faults.too_many(list, slice.spec.endpoints.len(), ENDPOINTS);
        return;
    }
    let mut known = Known::of(before.map(|before| &*before.spec.endpoints).unwrap_or_default());
    for (index, new) in slice.spec.endpoints.iter().enumerate() {
        if !known.has(new) {
            endpoint(new, &slice.spec.address_type, list.index(index), faults);
        }
    }
    ports(slice, faults);
    if before.is_some_and(|before| before.spec.address_type != slice.spec.address_type) {
        faults.invalid(Path::root("addressType"), &*slice.spec.address_type, "field is immutable");
    }
}

fn endpoint(endpoint: &Endpoint, address_type: &str, path: Path<'_>, faults: &mut Faults) {
    let list = path.child("addresses");
    if endpoint.addresses.is_empty() {
        faults.required(list, "must contain at least 1 address");
    }
    if endpoint.addresses.len() > ADDRESSES {
        faults.too_many(list, endpoint.addresses.len(), ADDRESSES);
    }
    for (index, address) in endpoint.addresses.iter().enumerate() {
        self::address(address, address_type, list.index(index), faults);
    }
    pod::optional_name(path.child("nodeName"), endpoint.node.as_deref(), names::dns_subdomain, faults);
    pod::optional_name(path.child("hostname"), endpoint.hostname.as_deref(), names::dns_label, faults);
}

fn address(address: &str, address_type: &str, path: Path<'_>, faults: &mut Faults) {
    let parsed = address.parse::<IpAddr>().ok();
    match (address_type, parsed) {
        ("FQDN", _) => faults.invalid_each(path, address, names::dns_subdomain(address)),
        ("IPv4", Some(IpAddr::V4(_))) | ("IPv6", Some(IpAddr::V6(_))) => {
            if let Some(problem) = parsed.and_then(names::special_address) {
                faults.invalid(path, address, problem);
            }
        }
        ("IPv4", _) => faults.invalid(path, address, "must be a valid IPv4 address"),
        ("IPv6", _) => faults.invalid(path, address, "must be a valid IPv6 address"),
        _ => {}
    }
}

fn ports(slice: &EndpointSlice, faults: &mut Faults) {
    let mut seen = BTreeSet::new();
    let list = Path::root("ports");
    for (index, port) in slice.spec.ports.iter().enumerate() {
        let path = list.index(index);
        let name = port.name.as_deref().unwrap_or_default();
        pod::optional_name(path.child("name"), Some(name), names::dns_label, faults);
        if !seen.insert(name) {
            faults.duplicate(path.child("name"), name);
        }
        faults.one_of(path.child("protocol"), port.protocol.as_deref(), &PROTOCOLS);
        if let Some(protocol) = port.app_protocol.as_deref() {
            faults.invalid_each(path.child("appProtocol"), protocol, names::qualified_name(protocol));
        }
    }
}
