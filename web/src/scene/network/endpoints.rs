//! The table of endpoints: what the slices of the Services in view say, and how many requests each pod answered.

use std::rc::Rc;

use kubestep_core::api::Uid;
use kubestep_core::engine::World;
use kubestep_core::network::flow::Flow;

use super::chain::Chain;
use crate::scene::reading::pods;

/// An endpoint of a slice.
#[derive(Clone, Debug, PartialEq)]
pub struct EndpointRow {
    /// The name of its pod's element, if it has a pod.
    pub key: Option<Rc<str>>,
    /// The slice.
    pub slice: Rc<str>,
    /// The address.
    pub address: Rc<str>,
    /// The ports: `5432`, `80, 443`.
    pub port: String,
    /// The pod's name.
    pub pod: Rc<str>,
    /// The node.
    pub node: Rc<str>,
    /// `conditions.ready`
    pub ready: bool,
    /// `conditions.serving`
    pub serving: bool,
    /// `conditions.terminating`
    pub terminating: bool,
    /// How many requests its pod answered.
    pub connections: u64,
    /// That, as a share of the most.
    pub share: f64,
    /// Whether the followed request goes there in this step.
    pub hit: bool,
}

/// The most rows of the table.
pub const MOST_ROWS: usize = 200;

/// The endpoints of a chain, the Service in focus first.
pub fn rows(world: &World, chain: &Chain, flow: Option<&Flow>) -> Vec<EndpointRow> {
    let chosen: Option<Uid> = flow.and_then(|flow| {
        let endpoint = flow.pick()?.destination()?.endpoint.pod.as_ref();
        endpoint.map(|(_, uid)| *uid)
    });
    let focus = chain.focus().map(|service| service.uid);
    let mut services: Vec<_> = chain.links.iter().map(|link| &link.service).collect();
    services.sort_by_key(|service| Some(service.uid) != focus);
    let mut rows = Vec::new();
    for service in services {
        for slice in world.store.slices_of(&service.key) {
            let ports: Vec<String> =
                slice.spec.ports.iter().filter_map(|port| port.port).map(|port| port.to_string()).collect();
            for endpoint in &slice.spec.endpoints {
                let pod = endpoint.pod.as_ref();
                rows.push(EndpointRow {
                    key: pod.map(|(_, uid)| pods::key(*uid)),
                    slice: slice.key.name.clone(),
                    address: endpoint.addresses.first().cloned().unwrap_or_default(),
                    port: ports.join(", "),
                    pod: pod.map(|(key, _)| key.name.clone()).unwrap_or_default(),
                    node: endpoint.node.clone().unwrap_or_default(),
                    ready: endpoint.ready,
                    serving: endpoint.serving,
                    terminating: endpoint.terminating,
                    connections: pod.map_or(0, |(_, uid)| world.traffic.answered_by(*uid)),
                    share: 0.0,
                    hit: pod.is_some_and(|(_, uid)| chosen == Some(*uid)),
                });
            }
        }
    }
    let most = rows.iter().map(|row| row.connections).max().unwrap_or(0).max(1) as f64;
    rows.truncate(MOST_ROWS);
    for row in &mut rows {
        row.share = row.connections as f64 / most;
    }
    rows
}
