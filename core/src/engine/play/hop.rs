//! Requests that are followed: each hop is a step.

use super::*;
use crate::engine::agenda::Following;
use crate::network::fact;
use crate::network::flow::{Flow, Passage};

/// A client sends the request that is to be followed.
pub(super) fn send_followed(world: &mut World, place: usize, causes: Causes) -> Step {
    let reconcile = world.next_reconcile_id();
    if let Some(flow) = sending::begin(world, place)
        && let Some(step) = hop(world, Following { place, reconcile, flow }, causes)
    {
        return step;
    }
    let client = world.simulation.clients.get(place).map(|client| client.name.clone()).unwrap_or_default();
    step(world, Actor::Client(client), reconcile, causes, why::Network::NobodySends.into(), What::Looked)
}

/// A followed request takes its next hop; the one after it comes in its time.
pub(super) fn hop(world: &mut World, mut following: Following, causes: Causes) -> Option<Step> {
    let wait = sending::next_hop(world, following.place, &mut following.flow);
    let flow = &following.flow;
    let hop = flow.hops.last()?;
    let passage = Passage {
        client: flow.client.clone(),
        number: flow.number,
        host: flow.host.clone(),
        place: flow.hops.len() - 1,
        hop: hop.clone(),
        outcome: flow.outcome,
    };
    let (actor, why) = (fact::actor(flow, hop), fact::of(flow, hop).into());
    let step = step(world, actor, following.reconcile, causes, why, What::Hop(Rc::new(passage)));
    if let Some(wait) = wait {
        let (at, causes) = (world.now + wait, Causes::one(Cause::Step(step.id)));
        // A packet can be held back; work ends by itself.
        let pending = if following.flow.work().is_some() { Pending::Progress } else { Pending::Work };
        world.schedule(at, Due::Hop(Box::new(following)), causes, pending);
    }
    Some(step)
}

/// What processes worked on that have ended is lost: in no time, or as the next hop of a request that is followed.
pub(super) fn break_off(world: &mut World, causes: Causes) {
    sending::lose_broken(world);
    let machines = &world.machines;
    let is_broken = |flow: &Flow| flow.work().is_some_and(|work| work.loss(machines).is_some());
    for following in world.agenda.take_hops(is_broken) {
        world.schedule(world.now, Due::Hop(Box::new(following)), causes, Pending::Progress);
    }
}
