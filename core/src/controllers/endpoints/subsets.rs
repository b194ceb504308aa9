//! From pods to subsets: addresses that serve the same ports stand together.
//! Upstream: `pkg/api/v1/endpoints/util.go`, `RepackSubsets`.

use std::rc::Rc;

use k8s_openapi::api::core::v1::{EndpointPort, PodSpec};

use crate::api::endpoints::{EndpointAddress, EndpointSubset};
use crate::api::{Key, Pod, Service};
use crate::controllers::endpoint_slice::endpoint;

/// The most addresses that an Endpoints object holds. Upstream: `maxCapacity`.
const CAPACITY: usize = 1000;

/// The subsets of a Service's pods while some of these are placed anew.
pub(super) struct Listing<'a> {
    service: &'a Service,
    publishes_unready: bool,
    subsets: Rc<Vec<EndpointSubset>>,
    /// What the latest pod serves: pods of one template share their spec, and with it their ports.
    known_ports: Option<(&'a Rc<PodSpec>, Rc<Vec<EndpointPort>>)>,
}

/// Where an address stands.
struct Spot {
    subset: usize,
    is_ready: bool,
    place: usize,
}

/// What a pod is to be listed as.
struct Wanted {
    ports: Rc<Vec<EndpointPort>>,
    is_ready: bool,
    address: EndpointAddress,
}

impl<'a> Listing<'a> {
    pub(super) fn new(service: &'a Service, subsets: Rc<Vec<EndpointSubset>>) -> Listing<'a> {
        let publishes_unready = service.spec.publish_not_ready_addresses.unwrap_or(false);
        Listing { service, publishes_unready, subsets, known_ports: None }
    }

    /// Puts a pod's address where it belongs `now`, or takes it away where it has none. `before` is the pod as it was
    /// when it was placed last.
    pub(super) fn place(&mut self, before: Option<&Pod>, now: Option<&'a Pod>) {
        let found = before.and_then(|pod| self.find(pod));
        let wanted = now.and_then(|pod| self.wanted(pod));
        if let (Some(spot), Some(wanted)) = (&found, &wanted)
            && self.is_as_wanted(spot, wanted)
        {
            return;
        }
        let removed = found.map(|spot| self.remove(&spot));
        if let Some(wanted) = wanted {
            self.insert(wanted, removed);
        }
    }

    /// Every subset, however many addresses there are.
    pub(super) fn into_subsets(self) -> Rc<Vec<EndpointSubset>> {
        self.subsets
    }

    fn find(&self, pod: &Pod) -> Option<Spot> {
        let ip = pod.ip()?;
        let lists = self.subsets.iter().enumerate().flat_map(|(subset, content)| {
            [(subset, true, &content.addresses), (subset, false, &content.not_ready)]
        });
        let mut spots = lists.filter_map(|(subset, is_ready, list)| {
            Some(Spot { subset, is_ready, place: search(list, ip, &pod.key).ok()? })
        });
        spots.next()
    }

    fn wanted(&mut self, pod: &'a Pod) -> Option<Wanted> {
        if !is_listed(pod, self.publishes_unready) {
            return None;
        }
        let ports = self.ports(pod);
        let takes_any = self.service.ports().is_empty() && self.service.is_headless();
        if ports.is_empty() && !takes_any {
            return None;
        }
        let is_ready = self.publishes_unready || pod.is_ready();
        Some(Wanted { ports, is_ready, address: address(self.service, pod)? })
    }

    fn ports(&mut self, pod: &'a Pod) -> Rc<Vec<EndpointPort>> {
        let spec = &pod.spec.spec;
        if let Some((known, ports)) = &self.known_ports
            && Rc::ptr_eq(known, spec)
        {
            return ports.clone();
        }
        let ports = Rc::new(ports(self.service, pod));
        self.known_ports = Some((spec, ports.clone()));
        ports
    }

    fn is_as_wanted(&self, spot: &Spot, wanted: &Wanted) -> bool {
        let subset = &self.subsets[spot.subset];
        let list = if spot.is_ready { &subset.addresses } else { &subset.not_ready };
        spot.is_ready == wanted.is_ready
            && *list[spot.place] == wanted.address
            && subset.ports == wanted.ports
    }

    fn remove(&mut self, spot: &Spot) -> Rc<EndpointAddress> {
        let subsets = Rc::make_mut(&mut self.subsets);
        let subset = &mut subsets[spot.subset];
        let removed = subset.list_mut(spot.is_ready).remove(spot.place);
        if subset.addresses.is_empty() && subset.not_ready.is_empty() {
            subsets.remove(spot.subset);
        }
        removed
    }

    /// Lists what is `wanted`; `known` is the address as it was listed, which is shared where it says the same.
    fn insert(&mut self, wanted: Wanted, known: Option<Rc<EndpointAddress>>) {
        let Wanted { ports, is_ready, address } = wanted;
        let address = known.filter(|known| **known == address).unwrap_or_else(|| Rc::new(address));
        let subsets = Rc::make_mut(&mut self.subsets);
        let place = subsets.iter().position(|subset| subset.ports == ports).unwrap_or_else(|| {
            let rank = |ports: &[EndpointPort]| ports.first().map(|port| (port.name.clone(), port.port));
            let new = rank(&ports);
            let place = subsets.partition_point(|subset| rank(&subset.ports) <= new);
            subsets.insert(place, EndpointSubset { ports, ..EndpointSubset::default() });
            place
        });
        let list = subsets[place].list_mut(is_ready);
        let pod = address.pod.as_ref().map(|(pod, _)| pod);
        let place =
            pod.map_or(list.len(), |pod| search(list, &address.ip, pod).unwrap_or_else(|place| place));
        list.insert(place, address);
    }
}

/// Where a pod's address stands in a list, or where it would.
fn search(list: &[Rc<EndpointAddress>], ip: &str, pod: &Key) -> Result<usize, usize> {
    list.binary_search_by(|known| {
        (*known.ip).cmp(ip).then_with(|| known.pod.as_ref().map(|(pod, _)| pod).cmp(&Some(pod)))
    })
}

/// Whether a pod is listed at all: pods that are being deleted are not, but where everything is published.
fn is_listed(pod: &Pod, publishes_unready: bool) -> bool {
    endpoint::is_endpoint(pod) && (publishes_unready || !pod.is_terminating())
}

fn address(service: &Service, pod: &Pod) -> Option<EndpointAddress> {
    let spec = &pod.spec.spec;
    let is_named = spec.subdomain.as_deref() == Some(service.name());
    let hostname = spec.hostname.as_deref().filter(|hostname| is_named && !hostname.is_empty());
    Some(EndpointAddress {
        ip: pod.ip()?.into(),
        hostname: hostname.map(Into::into),
        node: pod.spec.node.clone(),
        pod: Some((pod.key.clone(), pod.uid)),
    })
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

/// What an object has room for, and how many addresses it has none for: addresses that are not ready are left out
/// first, ready ones only where they alone are too many; of several subsets each gives its share.
/// Upstream: `truncateEndpoints`.
pub(super) fn that_fit(subsets: &Rc<Vec<EndpointSubset>>) -> (Rc<Vec<EndpointSubset>>, u32) {
    let ready: usize = subsets.iter().map(|subset| subset.addresses.len()).sum();
    let not_ready: usize = subsets.iter().map(|subset| subset.not_ready.len()).sum();
    if ready + not_ready <= CAPACITY {
        return (subsets.clone(), 0);
    }
    let keeps_ready = ready < CAPACITY;
    let room = if keeps_ready { CAPACITY - ready } else { CAPACITY };
    let total = if keeps_ready { not_ready } else { ready };
    let mut kept_before = 0;
    let fitting = subsets.iter().map(|subset| {
        let list = if keeps_ready { &subset.not_ready } else { &subset.addresses };
        let share = (list.len() * room).div_ceil(total.max(1)).min(room - kept_before);
        kept_before += share;
        let kept = list[..share].to_vec();
        let (addresses, not_ready) =
            if keeps_ready { (subset.addresses.clone(), kept) } else { (kept, Vec::new()) };
        EndpointSubset { addresses, not_ready, ports: subset.ports.clone() }
    });
    (Rc::new(fitting.collect()), (ready + not_ready - CAPACITY) as u32)
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
        let sizes = |subsets: Vec<EndpointSubset>| -> (Vec<(usize, usize)>, u32) {
            let (kept, left_out) = that_fit(&Rc::new(subsets));
            let sizes = kept.iter().map(|subset| (subset.addresses.len(), subset.not_ready.len()));
            (sizes.collect(), left_out)
        };
        assert_eq!(sizes(vec![subset(600, 400)]), (vec![(600, 400)], 0));
        assert_eq!(sizes(vec![subset(600, 500)]), (vec![(600, 400)], 100));
        assert_eq!(sizes(vec![subset(1500, 10), subset(500, 0)]), (vec![(750, 0), (250, 0)], 1010));
    }
}
