//! The request that was followed last: its hops, with the steps that took them.

use std::rc::Rc;

use kubestep_core::api::Key;
use kubestep_core::engine::{Step, StepId, Timeline, What, World};
use kubestep_core::network::flow::{Flow, Passage};
use kubestep_core::time::Time;

/// A hop and its step.
#[derive(Clone, Debug, PartialEq)]
pub struct Taken {
    /// The step.
    pub step: StepId,
    /// When it was taken.
    pub at: Time,
    /// The hop.
    pub passage: Rc<Passage>,
}

/// A followed request: those of its hops that are known, also the ones after the step in view.
#[derive(Clone, Debug, PartialEq)]
pub struct Followed {
    /// The hops in their order; never empty.
    pub hops: Vec<Taken>,
}

impl Followed {
    /// The request that was followed last up to a step; `None` before any was.
    pub fn at(timeline: &Timeline, cursor: Option<StepId>) -> Option<Followed> {
        let steps = timeline.steps();
        let end = (cursor?.0 as usize + 1).min(steps.len());
        let last = steps[..end].iter().rposition(|step| hop(step).is_some())?;
        let (client, number) = hop(&steps[last]).map(|passage| (passage.client.clone(), passage.number))?;
        let is_its = |passage: &Rc<Passage>| passage.client == client && passage.number == number;
        let taken = |step: &Rc<Step>| {
            let passage = hop(step).filter(|passage| is_its(passage))?;
            Some(Taken { step: step.id, at: step.at, passage: passage.clone() })
        };
        let mut hops = Vec::new();
        for step in steps[..=last].iter().rev() {
            hops.extend(taken(step));
            if hops.last().is_some_and(|first: &Taken| first.passage.place == 0) {
                break;
            }
        }
        hops.reverse();
        for step in &steps[last + 1..] {
            if hops.last().is_some_and(|last| last.passage.outcome.is_some()) {
                break;
            }
            hops.extend(taken(step));
        }
        Some(Followed { hops })
    }

    /// The client that sent it.
    pub fn client(&self) -> &str {
        &self.hops[0].passage.client
    }

    /// The pod that sends it, if one does.
    pub fn source(&self, world: &World) -> Option<Key> {
        self.flow(world)?.source.pod.as_ref().map(|(key, _)| key.clone())
    }

    /// The request as far as a world knows it.
    pub fn flow(&self, world: &World) -> Option<Rc<Flow>> {
        let place = world.simulation.clients.iter().position(|client| *client.name == *self.client())?;
        world.traffic.client(place)?.followed_as(self.hops[0].passage.number).cloned()
    }
}

/// The hop that a step took.
pub fn hop(step: &Step) -> Option<&Rc<Passage>> {
    match &step.what {
        What::Hop(passage) => Some(passage),
        _ => None,
    }
}
