//! What the slices of an Endpoints object are to say. Upstream: `reconciler_helpers.go` and `utils.go`.

use std::net::IpAddr;
use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::api::discovery::v1 as discovery;

use crate::api::endpoint_slice::{Absent, Slice};
use crate::api::endpoints::EndpointAddress;
use crate::api::{Endpoint, Endpoints};

/// How many addresses of one subset are copied.
pub(super) const MOST: usize = 1000;

/// What the slices are to say, and what they leave out.
pub(super) struct Wanted {
    /// One for each set of ports and kind of address, in the order they come.
    pub(super) mirrors: Vec<Mirror>,
    /// Addresses that are none.
    pub(super) invalid: u32,
    /// Addresses that are not copied: those, and what a subset has beyond [`MOST`].
    pub(super) left_out: u32,
}

/// One slice as it is to be.
pub(super) struct Mirror {
    pub(super) slice: Slice,
}

impl Mirror {
    /// Whether a slice is the one for these ports and this kind of address.
    pub(super) fn is_kept_by(&self, slice: &Slice) -> bool {
        slice.address_type == self.slice.address_type && sorted(&slice.ports) == sorted(&self.slice.ports)
    }

    /// Whether a slice says just this, in whatever order.
    pub(super) fn is_told_by(&self, slice: &Slice) -> bool {
        slice.endpoints.len() == self.slice.endpoints.len()
            && self.slice.endpoints.iter().all(|endpoint| slice.endpoints.contains(endpoint))
    }
}

/// Goes through the subsets of `endpoints`.
pub(super) fn of(endpoints: &Endpoints) -> Wanted {
    let mut wanted = Wanted { mirrors: Vec::new(), invalid: 0, left_out: 0 };
    for subset in endpoints.spec.iter() {
        let ports = Rc::new(subset.ports.iter().map(port).collect::<Vec<_>>());
        let ready = subset.addresses.iter().map(|address| (address, true));
        let all = ready.chain(subset.not_ready.iter().map(|address| (address, false)));
        let mut copied = 0;
        for (address, is_ready) in all {
            let ip = address.ip.parse::<IpAddr>().ok().filter(|_| copied < MOST);
            let Some(ip) = ip else {
                wanted.left_out += 1;
                wanted.invalid += u32::from(copied < MOST);
                continue;
            };
            copied += 1;
            wanted.add(&ports, ip, address, is_ready);
        }
    }
    wanted
}

impl Wanted {
    fn add(
        &mut self,
        ports: &Rc<Vec<discovery::EndpointPort>>,
        ip: IpAddr,
        address: &EndpointAddress,
        ready: bool,
    ) {
        let address_type = if ip.is_ipv4() { "IPv4" } else { "IPv6" };
        let slice = Slice { address_type: address_type.into(), ports: ports.clone(), endpoints: Vec::new() };
        let place = self.mirrors.iter().position(|mirror| mirror.is_kept_by(&slice));
        let place = place.unwrap_or_else(|| {
            self.mirrors.push(Mirror { slice });
            self.mirrors.len() - 1
        });
        let endpoint = Endpoint {
            addresses: vec![ip.to_string().into()],
            ready,
            serving: true,
            terminating: false,
            absent: Absent { serving: true, terminating: true, ..Absent::default() },
            hostname: address.hostname.clone(),
            node: address.node.clone(),
            zone: None,
            hints: None,
            pod: address.pod.clone(),
        };
        self.mirrors[place].slice.endpoints.push(Rc::new(endpoint));
    }
}

fn port(port: &core::EndpointPort) -> discovery::EndpointPort {
    discovery::EndpointPort {
        name: Some(port.name.clone().unwrap_or_default()),
        port: Some(port.port),
        protocol: Some(port.protocol.clone().unwrap_or_else(|| "TCP".to_owned())),
        app_protocol: port.app_protocol.clone(),
    }
}

/// Ports in an order of their own, so that sets of them compare.
fn sorted(ports: &[discovery::EndpointPort]) -> Vec<(Option<i32>, &str, &str, Option<&str>)> {
    let mut keys: Vec<_> = ports
        .iter()
        .map(|port| {
            let (name, protocol) = (port.name.as_deref(), port.protocol.as_deref());
            (port.port, name.unwrap_or_default(), protocol.unwrap_or_default(), port.app_protocol.as_deref())
        })
        .collect();
    crate::order::sort(&mut keys);
    keys
}
