//! From pods to subsets: addresses that serve the same ports stand together.
//! Upstream: `pkg/api/v1/endpoints/util.go`, `RepackSubsets`.

use std::collections::BTreeMap;
use std::rc::Rc;

use k8s_openapi::api::core::v1::{EndpointPort, PodSpec};

use crate::api::endpoints::{EndpointAddress, EndpointSubset};
use crate::api::{Pod, Service, Uid};
use crate::controllers::endpoint_slice::endpoint;

/// The most addresses that an Endpoints object holds. Upstream: `maxCapacity`.
const CAPACITY: usize = 1000;

/// The subsets of a Service's pods, and how many addresses found no room. Addresses that are as they were are shared
/// with `before`.
pub(super) fn of_pods<'a>(
    service: &Service,
    pods: impl Iterator<Item = &'a Rc<Pod>>,
    before: &[EndpointSubset],
) -> (Vec<EndpointSubset>, u32) {
    let publishes_unready = service.spec.publish_not_ready_addresses.unwrap_or(false);
    let known = known(before);
    let mut subsets: Vec<EndpointSubset> = Vec::new();
    // Pods of one template share their spec, and with it their ports.
    let mut known_place: Option<(&Rc<PodSpec>, usize)> = None;
    for pod in pods.filter(|pod| is_listed(pod, publishes_unready)) {
        let Some(address) = address(service, pod, &known) else { continue };
        let place = match known_place.filter(|(spec, _)| Rc::ptr_eq(spec, &pod.spec.spec)) {
            Some((_, place)) => place,
            None => {
                let ports = ports(service, pod);
                if ports.is_empty() && !(service.ports().is_empty() && service.is_headless()) {
                    continue;
                }
                subsets.iter().position(|subset| *subset.ports == ports).unwrap_or_else(|| {
                    subsets.push(EndpointSubset { ports: Rc::new(ports), ..EndpointSubset::default() });
                    subsets.len() - 1
                })
            }
        };
        known_place = Some((&pod.spec.spec, place));
        let subset = &mut subsets[place];
        if publishes_unready || pod.is_ready() {
            subset.addresses.push(address);
        } else {
            subset.not_ready.push(address);
        }
    }
    let by_address = |one: &Rc<EndpointAddress>, other: &Rc<EndpointAddress>| one.ip.cmp(&other.ip);
    for subset in &mut subsets {
        crate::order::sort_by(&mut subset.addresses, by_address);
        crate::order::sort_by(&mut subset.not_ready, by_address);
    }
    crate::order::sort_by_key(&mut subsets, |subset| {
        subset.ports.first().map(|port| (port.name.clone(), port.port))
    });
    let left_out = truncate(&mut subsets);
    (subsets, left_out)
}

/// Whether a pod is listed at all: pods that are being deleted are not, but where everything is published.
fn is_listed(pod: &Pod, publishes_unready: bool) -> bool {
    endpoint::is_endpoint(pod) && (publishes_unready || !pod.is_terminating())
}

fn known(before: &[EndpointSubset]) -> BTreeMap<Uid, &Rc<EndpointAddress>> {
    let addresses = before.iter().flat_map(|subset| subset.addresses.iter().chain(&subset.not_ready));
    addresses.filter_map(|address| Some((address.pod.as_ref()?.1, address))).collect()
}

fn address(
    service: &Service,
    pod: &Pod,
    known: &BTreeMap<Uid, &Rc<EndpointAddress>>,
) -> Option<Rc<EndpointAddress>> {
    let ip = pod.ip()?;
    let spec = &pod.spec.spec;
    let is_named = spec.subdomain.as_deref() == Some(service.name());
    let hostname = spec.hostname.as_deref().filter(|hostname| is_named && !hostname.is_empty());
    let is_same = |address: &&Rc<EndpointAddress>| {
        &*address.ip == ip && address.hostname.as_deref() == hostname && address.node == pod.spec.node
    };
    if let Some(same) = known.get(&pod.uid).copied().filter(is_same) {
        return Some(same.clone());
    }
    Some(Rc::new(EndpointAddress {
        ip: ip.into(),
        hostname: hostname.map(Into::into),
        node: pod.spec.node.clone(),
        pod: Some((pod.key.clone(), pod.uid)),
    }))
}

fn ports(service: &Service, pod: &Pod) -> Vec<EndpointPort> {
    let serves = endpoint::ports(service, pod).into_iter();
    serves
        .map(|port| EndpointPort {
            app_protocol: port.app_protocol,
            name: port.name.filter(|name| !name.is_empty()),
            port: port.port.unwrap_or(0),
            protocol: port.protocol,
        })
        .collect()
}

/// Leaves out what finds no room: addresses that are not ready first, the ready ones only where they alone are too
/// many; of several subsets each gives its share. Upstream: `truncateEndpoints`.
fn truncate(subsets: &mut [EndpointSubset]) -> u32 {
    let ready: usize = subsets.iter().map(|subset| subset.addresses.len()).sum();
    let not_ready: usize = subsets.iter().map(|subset| subset.not_ready.len()).sum();
    if ready + not_ready <= CAPACITY {
        return 0;
    }
    let keeps_ready = ready < CAPACITY;
    let room = if keeps_ready { CAPACITY - ready } else { CAPACITY };
    let total = if keeps_ready { not_ready } else { ready };
    let mut kept_before = 0;
    for subset in subsets {
        let list = if keeps_ready { &mut subset.not_ready } else { &mut subset.addresses };
        let share = (list.len() * room).div_ceil(total.max(1));
        list.truncate(share.min(room - kept_before));
        kept_before += list.len();
        if !keeps_ready {
            subset.not_ready.clear();
        }
    }
    (ready + not_ready - CAPACITY) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subset(ready: usize, not_ready: usize) -> EndpointSubset {
        let addresses = |count: usize| -> Vec<Rc<EndpointAddress>> {
            let address = |place: usize| EndpointAddress {
                ip: format!("10.0.{}.{}", place / 256, place % 256).into(),
                hostname: None,
                node: None,
                pod: None,
            };
            (0..count).map(|place| Rc::new(address(place))).collect()
        };
        EndpointSubset { addresses: addresses(ready), not_ready: addresses(not_ready), ports: Rc::default() }
    }

    #[test]
    fn a_thousand_addresses_find_room_and_ready_ones_first() {
        let sizes = |subsets: &[EndpointSubset]| -> Vec<(usize, usize)> {
            subsets.iter().map(|subset| (subset.addresses.len(), subset.not_ready.len())).collect()
        };
        let mut few = [subset(600, 400)];
        assert_eq!((truncate(&mut few), sizes(&few)), (0, vec![(600, 400)]));
        let mut unready = [subset(600, 500)];
        assert_eq!((truncate(&mut unready), sizes(&unready)), (100, vec![(600, 400)]));
        let mut many = [subset(1500, 10), subset(500, 0)];
        assert_eq!((truncate(&mut many), sizes(&many)), (1010, vec![(750, 0), (250, 0)]));
    }
}
