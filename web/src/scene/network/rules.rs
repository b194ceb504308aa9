//! What kube-proxy wrote on each node for the Service in focus, and the rules that a hop went by, line by line.

use std::rc::Rc;

use kubestep_core::api::Key;
use kubestep_core::engine::World;
use kubestep_core::kubelet::Machine;
use kubestep_core::network::flow::{Choice, Flow, Pick};
use kubestep_core::network::proxy::ServiceRules;
use kubestep_core::simulation::ProxyMode;

use crate::scene::geometry::Rect;

/// What a node's kube-proxy wrote for a Service.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeRules {
    /// `rules:node-1`
    pub key: Rc<str>,
    /// The node.
    pub node: Rc<str>,
    /// Where its card stands.
    pub rect: Rect,
    /// The store's revision that they were written from; none where the node has no rules for the Service.
    pub revision: Option<u64>,
    /// When they were written, in virtual seconds.
    pub written: f64,
    /// The names of the pods that they send connections to.
    pub pods: Vec<Rc<str>>,
    /// Whether the API server knows newer endpoints.
    pub is_stale: bool,
    /// Whether the followed request goes by them in this step.
    pub hit: bool,
}

impl NodeRules {
    /// What a card has room for.
    pub fn words(&self) -> String {
        match (self.revision, self.pods.len()) {
            (None, _) => "no rules yet".to_owned(),
            (Some(_), 0) => "rejects all".to_owned(),
            (Some(_), 1) => "1 endpoint".to_owned(),
            (Some(_), more) => format!("{more} endpoints"),
        }
    }

    /// All of it in a sentence.
    pub fn sentence(&self) -> String {
        let Some(revision) = self.revision else {
            return format!("kube-proxy on {} has written no rules for this Service", self.node);
        };
        let pods = if self.pods.is_empty() { "nobody".to_owned() } else { self.pods.join(", ") };
        let stale = if self.is_stale { "; they are stale: the API server knows newer endpoints" } else { "" };
        format!(
            "Rules of kube-proxy on {}, written at {:.3} s from revision {revision}: connections go to {pods}{stale}",
            self.node, self.written
        )
    }
}

/// Every node's rules for a Service, by node.
pub fn of_nodes(world: &World, service: &Key, flow: Option<&Flow>) -> Vec<NodeRules> {
    let picked_on = flow.and_then(Flow::pick).map(|pick| pick.node.clone());
    let machines = world.machines.values();
    let rules = machines.map(|machine| {
        let hit = picked_on.as_ref() == Some(&machine.name);
        NodeRules { hit, ..of_node(world, machine, service) }
    });
    rules.collect()
}

/// A node's rules for a Service.
pub fn of_node(world: &World, machine: &Machine, service: &Key) -> NodeRules {
    let rules = machine.rules.service(service);
    let pods = rules.into_iter().flat_map(|rules| rules.usable_endpoints());
    let mut pods: Vec<Rc<str>> =
        pods.filter_map(|endpoint| endpoint.pod.as_ref().map(|(key, _)| key.name.clone())).collect();
    // A Service with several ports names each pod once for every one of them.
    pods.sort();
    pods.dedup();
    NodeRules {
        key: format!("rules:{}", machine.name).into(),
        node: machine.name.clone(),
        rect: Rect::default(),
        revision: rules.map(|rules| rules.revision),
        written: rules.map_or(0.0, |rules| rules.written.as_seconds()),
        pods,
        is_stale: machine.rules.is_stale(service, &world.store),
        hit: false,
    }
}

/// The rules that a hop went by, as a panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesPanel {
    /// `Rules on node-1`
    pub title: String,
    /// `iptables mode`
    pub mode: String,
    /// `KUBE-SVC db  10.96.87.3:5432`
    pub head: String,
    /// A row for each endpoint that could be chosen.
    pub rows: Vec<RuleRow>,
    /// What the rules do where no row applies.
    pub otherwise: Option<String>,
    /// `written from revision 98 at 0.884 s`
    pub written: String,
    /// Whether the Service's slices say something else by now.
    pub is_stale: bool,
}

/// A rule for one endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleRow {
    /// `p 0.500`, `else`, `rr 2`.
    pub chance: String,
    /// `10.244.2.14:5432`
    pub address: String,
    /// The pod behind it.
    pub pod: String,
    /// Whether it was chosen.
    pub is_chosen: bool,
}

/// The most rules that a panel lists; the chosen one is always among them.
const MOST_ROWS: usize = 12;

/// The panel of a pick; `None` where no Service's rules had a part in it.
pub fn panel(pick: &Pick) -> Option<RulesPanel> {
    let (service, rules) = pick.rules.as_ref()?;
    let backends = pick.backends();
    let destinations = backends.map_or(&[][..], |backends| &backends.destinations);
    let count = destinations.len();
    let rows = destinations.iter().enumerate().map(|(place, destination)| RuleRow {
        chance: chance(pick.mode, place, count),
        address: format!("{}:{}", destination.address(), destination.port),
        pod: destination.endpoint.pod.as_ref().map_or_else(String::new, |(key, _)| key.name.to_string()),
        is_chosen: pick.chosen == Some(place),
    });
    let mut rows: Vec<RuleRow> = rows
        .enumerate()
        .filter(|(place, row)| *place < MOST_ROWS || row.is_chosen)
        .map(|(_, row)| row)
        .collect();
    rows.truncate(MOST_ROWS + 1);
    let hidden = count - rows.len();
    let otherwise = match pick.choice {
        Choice::NoEndpoint => Some("no endpoint: REJECT".to_owned()),
        Choice::NoLocalEndpoint => Some("none on this node, policy Local: DROP".to_owned()),
        _ if hidden > 0 => Some(format!("and {hidden} more")),
        _ => None,
    };
    Some(RulesPanel {
        title: format!("Rules on {}", pick.node),
        mode: format!("{} mode", pick.mode.name()),
        head: head(pick, &service.name, rules),
        rows,
        otherwise,
        written: format!("from revision {} at {} s", rules.revision, rules.written),
        is_stale: pick.is_stale,
    })
}

fn head(pick: &Pick, service: &str, rules: &ServiceRules) -> String {
    let (address, port) = &pick.before.destination;
    let affinity = rules.affinity.map_or_else(String::new, |_| "  recent: ClientIP".to_owned());
    match pick.mode {
        ProxyMode::Iptables => format!("KUBE-SVC {service}  {address}:{port}{affinity}"),
        ProxyMode::Nftables => format!("service {service}  {address} . tcp . {port}{affinity}"),
        ProxyMode::Ipvs => format!("TCP  {address}:{port}  rr{affinity}"),
    }
}

/// Rule i of n is taken with 1/(n-i) of what the rules before it left: each endpoint is as likely as any other.
fn chance(mode: ProxyMode, place: usize, count: usize) -> String {
    match mode {
        ProxyMode::Iptables if place + 1 == count => "else".to_owned(),
        ProxyMode::Iptables => format!("p {:.3}", 1.0 / (count - place) as f64),
        ProxyMode::Nftables => format!("{place} of {count}"),
        ProxyMode::Ipvs => "Masq 1".to_owned(),
    }
}
