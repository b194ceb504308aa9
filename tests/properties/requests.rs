//! What holds for every request of every script: it ends in exactly one way, and one that got no answer can be traced
//! back to what somebody did.

use kubestep_core::engine::agenda::Due;
use kubestep_core::engine::{Cause, Step};
use kubestep_core::network::flow::Outcome;
use kubestep_core::network::traffic::Request;
use kubestep_core::story::request;
use kubestep_core::{Timeline, World, enabled};
use kubestep_tests::Story;

/// Two clients of the Service that scripts are about: one that asks from every node, one that keeps what it has.
pub(crate) const CLIENTS: &str = "---
apiVersion: kubestep.dev/v1alpha1
kind: Traffic
metadata: {name: visitors}
spec: {service: web, requestsPerSecond: 20}
---
apiVersion: kubestep.dev/v1alpha1
kind: Traffic
metadata: {name: regulars}
spec: {service: web, requestsPerSecond: 5, after: 1s, keepAlive: true, cacheDns: true, from: deploy/web}
";

/// Checks the world after every step, and every failure that it remembers.
pub(crate) fn check(story: &Story) {
    let timeline = &story.timeline;
    let mut checked: Vec<Option<u64>> = vec![None; timeline.genesis().simulation.clients.len()];
    for step in timeline.steps() {
        let world = timeline.world_at(step.id);
        each_ended_once(&world);
        for (place, client) in world.traffic.clients().enumerate() {
            for failed in
                client.failures().filter(|failed| checked[place].is_none_or(|known| failed.number > known))
            {
                is_traced(timeline, failed);
            }
            checked[place] = client.failures().last().map(|failed| failed.number).max(checked[place]);
        }
    }
}

/// The counts of what became of requests are those of the requests that were sent.
fn each_ended_once(world: &World) {
    for (place, client) in world.traffic.clients().enumerate() {
        let counts = client.counts;
        let remembered: Vec<&Request> = client.recent().collect();
        let in_order = remembered.windows(2).all(|pair| pair[0].number < pair[1].number);
        assert!(in_order, "a request is remembered twice");
        assert_eq!(client.sent(), counts.total() + on_its_way(world, place), "{counts:?}");
        let failed = client.failures().all(|request| request.outcome != Outcome::Answered);
        assert!(failed, "an answered request is among those that failed");
    }
}

/// Requests that are followed have no outcome until their last hop.
fn on_its_way(world: &World, client: usize) -> u64 {
    let waiting = enabled(world).into_iter();
    waiting.filter(|one| matches!(&one.due, Due::Hop(following) if following.place == client)).count() as u64
}

/// The causes of a failure end at a command, a timer or a fault.
fn is_traced(timeline: &Timeline, failed: &Request) {
    let chain = request::why(timeline, failed);
    let last: &Step = chain.last().unwrap_or_else(|| panic!("nothing explains {failed:?}"));
    let is_end = |cause: Cause| matches!(cause, Cause::Command(_) | Cause::Timer(_) | Cause::Fault(_));
    assert!(last.causes.iter().any(is_end), "{failed:?} ends at {last:?}");
    assert!(last.at <= failed.at, "{failed:?} is explained by what came after it");
}
