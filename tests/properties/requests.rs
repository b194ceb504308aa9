//! What holds for every request of every script, however long it takes to be answered: it ends in exactly one way, and one
//! that got no answer can be traced back to what somebody did.

use kubestep_core::engine::agenda::Due;
use kubestep_core::engine::{Cause, Step};
use kubestep_core::network::flow::Outcome;
use kubestep_core::network::traffic::Request;
use kubestep_core::story::request;
use kubestep_core::{Timeline, World};
use kubestep_tests::Story;
use proptest::prelude::*;

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

/// Random times to answer in, and to end in on SIGTERM: annotations of a pod template.
pub(crate) fn behaviours() -> impl Strategy<Value = String> {
    let response = prop_oneof![Just("0s"), Just("30ms"), Just("700ms"), Just("4s"), Just("90s")];
    let on_sigterm = prop_oneof![Just("0s"), Just("50ms"), Just("1s"), Just("20s"), Just("ignore")];
    (response, on_sigterm).prop_map(|(response, on_sigterm)| {
        format!(
            "      annotations: {{sim.kubestep.dev/response-time: {response}, sim.kubestep.dev/on-sigterm: {on_sigterm}}}\n"
        )
    })
}

/// The same manifests, with pods that behave like this.
pub(crate) fn behaving(manifests: &str, behaviour: &str) -> String {
    let template = "    metadata:\n      labels: {app: web}\n";
    manifests.replacen(template, &format!("{template}{behaviour}"), 1)
}

/// Checks the world after every step, and every failure that it remembers.
pub(crate) fn check(story: &Story) {
    let timeline = &story.timeline;
    let clients = timeline.genesis().simulation.clients.len();
    let mut checked: Vec<u64> = vec![0; clients];
    for step in timeline.steps() {
        let world = timeline.world_at(step.id);
        each_ended_once(&world);
        for (place, client) in world.traffic.clients().enumerate() {
            let new = client.counts.failed() - checked[place];
            let known = client.failures().count().saturating_sub(new as usize);
            for failed in client.failures().skip(known) {
                is_traced(timeline, failed);
            }
            checked[place] = client.counts.failed();
        }
    }
}

/// The counts of what became of requests are those of the requests that were sent.
fn each_ended_once(world: &World) {
    for (place, client) in world.traffic.clients().enumerate() {
        let counts = client.counts;
        let remembered: Vec<&Request> = client.recent().collect();
        let mut numbers: Vec<u64> = remembered.iter().map(|request| request.number).collect();
        let in_order = remembered.windows(2).all(|pair| pair[0].ended <= pair[1].ended);
        assert!(in_order, "requests are not remembered by when they were over");
        numbers.extend(client.in_flight().map(|request| request.number));
        numbers.sort_unstable();
        assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "a request is remembered twice");
        let in_flight = client.in_flight().count() as u64;
        assert_eq!(client.sent(), counts.total() + in_flight + on_its_way(world, place), "{counts:?}");
        assert!(client.in_flight().all(|request| request.ended > world.now), "an answer is overdue");
        let works = |request: &Request| {
            let machine = request.host.as_ref().and_then(|host| world.machines.get(host));
            let pod = machine.zip(request.pod.as_ref()).and_then(|(it, (key, uid))| it.pod_of(*uid, key));
            pod.is_some_and(|pod| pod.containers().any(|container| container.is_running()))
        };
        assert!(client.in_flight().all(works), "a request waits for a process that has ended");
        let failed = client.failures().all(|request| request.outcome != Outcome::Answered);
        assert!(failed, "an answered request is among those that failed");
    }
}

/// Requests that are followed have no outcome until their last hop.
fn on_its_way(world: &World, client: usize) -> u64 {
    let waiting = world.agenda.sorted().into_iter();
    let is_its = |due: &Due| matches!(due, Due::Hop(following) if following.place == client);
    waiting.filter(|(_, _, entry)| is_its(&entry.due)).count() as u64
}

/// The causes of a failure end at a command, a timer or a fault.
fn is_traced(timeline: &Timeline, failed: &Request) {
    let chain = request::why(timeline, failed);
    let last: &Step = chain.last().unwrap_or_else(|| panic!("nothing explains {failed:?}"));
    let is_end = |cause: Cause| matches!(cause, Cause::Command(_) | Cause::Timer(_) | Cause::Fault(_));
    assert!(last.causes.iter().any(is_end), "{failed:?} ends at {last:?}");
    assert!(last.at <= failed.ended, "{failed:?} is explained by what came after it");
}
