//! Which of several endpoints a connection gets: by lot, in turn, or that of the client's last connection.
//! Upstream: `pkg/proxy/iptables`, `pkg/proxy/ipvs`, and the kernel that follows their rules.

use std::rc::Rc;

use crate::persistent::Map;

use super::flow::Choice;
use super::proxy::{Backends, PortRules, Reach, ServiceRules};
use crate::api::Key;
use crate::rng::Rng;
use crate::simulation::ProxyMode;
use crate::time::Time;

/// What the kernels of all nodes remember of connections.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Connections {
    /// Where each client's last connection went, by node, where a Service wants it kept together.
    affinities: Map<Client, Affinity>,
    /// How many connections each node has given out, where they go round.
    turns: Map<Port, u64>,
}

/// A port of a Service on a node.
type Port = (Rc<str>, Key, i32);
/// A client's address at a port of a Service on a node.
type Client = (Port, Rc<str>);

#[derive(Clone, Debug, PartialEq)]
struct Affinity {
    address: Rc<str>,
    last: Time,
}

/// A connection that asks for an endpoint.
pub(super) struct Asking<'a> {
    pub(super) node: &'a Rc<str>,
    pub(super) service: &'a Key,
    pub(super) rules: &'a ServiceRules,
    pub(super) port: &'a PortRules,
    pub(super) client: &'a Rc<str>,
    pub(super) reach: Reach,
    pub(super) mode: ProxyMode,
    pub(super) now: Time,
}

impl Connections {
    /// The place among the port's backends, and how it was found.
    pub(super) fn choose(&mut self, asking: &Asking<'_>, luck: &mut Rng) -> (Option<usize>, Choice) {
        let backends = asking.port.backends(asking.reach);
        let of = backends.destinations.len();
        // The lot is drawn whether it is needed or not: a client's later luck does not depend on it.
        let lot = luck.bits();
        let Some(lot) = backends.at_random(lot) else {
            return (None, if backends.drops { Choice::NoLocalEndpoint } else { Choice::NoEndpoint });
        };
        if let Some((place, choice)) = self.kept(asking, backends) {
            return (Some(place), choice);
        }
        let (place, choice) = match asking.mode {
            ProxyMode::Iptables | ProxyMode::Nftables => (lot, Choice::Random { of }),
            ProxyMode::Ipvs => {
                let port = (asking.node.clone(), asking.service.clone(), asking.port.port);
                let turn = self.turns.get(&port).copied().unwrap_or(0);
                self.turns.insert(port, turn + 1);
                ((turn % of as u64) as usize, Choice::RoundRobin { of, turn })
            }
        };
        self.keep(asking, backends, place);
        (Some(place), choice)
    }

    /// The endpoint of the client's last connection, if it is usable and was used lately enough.
    fn kept(&mut self, asking: &Asking<'_>, backends: &Backends) -> Option<(usize, Choice)> {
        let timeout = asking.rules.affinity?;
        let known = self.affinities.get(&client_of(asking))?;
        let ago = asking.now.since(known.last);
        let place = backends.destinations.iter().position(|it| it.address() == &*known.address)?;
        if ago >= timeout {
            return None;
        }
        self.keep(asking, backends, place);
        Some((place, Choice::Affinity { ago, timeout }))
    }

    fn keep(&mut self, asking: &Asking<'_>, backends: &Backends, place: usize) {
        if asking.rules.affinity.is_none() {
            return;
        }
        let address = backends.destinations[place].endpoint.addresses.first().cloned().unwrap_or_default();
        self.affinities.insert(client_of(asking), Affinity { address, last: asking.now });
    }
}

fn client_of(asking: &Asking<'_>) -> Client {
    let port = (asking.node.clone(), asking.service.clone(), asking.port.port);
    (port, asking.client.clone())
}
