//! The network of a world, at rest: from a name to a connection, who sends requests to whom through which Service, and
//! what the slices and every node's rules say of its endpoints. Pure, like the rest of the scene.

pub mod chain;
pub mod endpoints;
pub mod env;
pub mod flights;
pub mod follow;
pub mod lanes;
pub mod plan;
pub mod rules;
pub mod stations;
#[cfg(test)]
mod tests;
pub mod tiers;
pub mod wiring;

use std::rc::Rc;

use kubestep_core::api::ObjectRef;
use kubestep_core::engine::{StepId, Timeline, What, World};
use kubestep_core::network::flow::Hop;

use self::chain::Chain;
use self::endpoints::EndpointRow;
use self::follow::Followed;
use self::plan::Plan;
use self::rules::NodeRules;
use self::stations::Rail;
use self::tiers::{Member, Tier};
use self::wiring::{Tally, Wire};
use super::geometry::{Point, Rect, Size};
use super::wires::Flight;

/// What the network's scene is read from.
pub struct NetworkSight<'a> {
    /// The history.
    pub timeline: &'a Timeline,
    /// The step in view.
    pub cursor: Option<StepId>,
    /// The world as of that step.
    pub world: &'a World,
    /// The world as of the next one: it knows the requests that are sent until then.
    pub next: Option<&'a World>,
    /// The selected object: a selected Service has the focus.
    pub selected: Option<&'a ObjectRef>,
    /// Screen pixels that the tiers may use.
    pub space: Size,
}

/// Everything that the network's view draws at one step.
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkScene {
    /// The virtual time, in seconds.
    pub now: f64,
    /// How large the tiers' plane is: at least as wide as it can be read, as high as its fullest column.
    pub size: Size,
    /// The request that was followed last, station by station.
    pub rail: Option<Rail>,
    /// Services with their clients and pods, from left to right.
    pub tiers: Vec<Tier>,
    /// What each node's kube-proxy wrote for the Service in focus.
    pub nodes: Vec<NodeRules>,
    /// The name of that Service.
    pub focus: Option<Rc<str>>,
    /// The wires.
    pub wires: Vec<Wire>,
    /// How many requests went over them.
    pub tallies: Vec<Tally>,
    /// Every endpoint of the Services in view.
    pub endpoints: Vec<EndpointRow>,
    /// Requests on their way, now or until the next step.
    pub flights: Vec<Flight>,
    /// The way of the followed request in this step; empty where nothing travels.
    pub way: Vec<Point>,
}

/// The network of a world.
pub fn scene(sight: &NetworkSight<'_>) -> NetworkScene {
    let world = sight.world;
    let followed = Followed::at(sight.timeline, sight.cursor);
    let hop = sight.cursor.and_then(|id| sight.timeline.step(id)).and_then(|step| match &step.what {
        What::Hop(passage) => Some(&passage.hop),
        _ => None,
    });
    let chain = Chain::of(world, sight.selected, followed.as_ref());
    let flow = followed.as_ref().and_then(|followed| followed.flow(world));
    let in_step = hop.and(flow.as_deref());
    let nodes = chain.focus().map_or_else(Vec::new, |service| rules::of_nodes(world, &service.key, in_step));
    let members = Member::of(world, &chain);
    let plan = Plan::new(sight.space, &chain, &members, nodes.len());
    let mut tiers = tiers::figures(world, &chain, &members, &plan);
    // With two tiers there is no room for them on the plane: they stand over the table.
    let places = plan.nodes.iter().copied().chain(std::iter::repeat(Rect::default()));
    let nodes: Vec<NodeRules> =
        nodes.into_iter().zip(places).map(|(node, rect)| NodeRules { rect, ..node }).collect();
    let path = hop.map_or_else(Vec::new, |hop| flights::way(hop, in_step, &tiers, &nodes));
    if let Some(hop) = hop {
        tiers::mark(&mut tiers, hop, in_step);
    }
    let wiring = wiring::wiring(
        world,
        &chain,
        &tiers,
        &nodes,
        in_step
            .filter(|_| matches!(hop, Some(Hop::Pick(_) | Hop::Arrive(_) | Hop::Reuse(_) | Hop::Respond(_)))),
    );
    NetworkScene {
        now: world.now.as_seconds(),
        size: plan.size,
        rail: followed
            .as_ref()
            .zip(flow.as_deref())
            .map(|(followed, flow)| stations::rail(followed, flow, sight.cursor)),
        focus: chain.focus().map(|service| service.key.name.clone()),
        endpoints: endpoints::rows(world, &chain, in_step),
        flights: flights::flights(sight.next.unwrap_or(world), world.now, &chain, &tiers, &nodes),
        wires: wiring.wires,
        tallies: wiring.tallies,
        way: path,
        tiers,
        nodes,
    }
}
