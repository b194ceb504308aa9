//! Who goes next: a person lets something happen first, or holds it back, and a race ends the other way.

use expect_test::expect;
use kubestep_core::api::Pod;
use kubestep_core::engine::{Budget, Rest, Until, preview};
use kubestep_core::narration::{headline, waiting};
use kubestep_core::{Command, StepId, Timeline, enabled};
use kubestep_tests::Story;
use kubestep_tests::manifests::{WEB_SERVICE, web};

const BUDGET: Budget = Budget { steps: 5_000 };

const CLIENT: &str = "
---
apiVersion: kubestep.dev/v1alpha1
kind: Traffic
metadata: {name: everybody}
spec: {service: web, requestsPerSecond: 200}
";

/// A new pod gets no requests before it answers: whatever is lost is the old one's.
const PROBE: &str = "        readinessProbe: {periodSeconds: 1, tcpSocket: {port: 8080}}\n";

/// A pod of three has been marked for deletion, and its kubelet and the EndpointSlice controller are about to look.
fn at_the_race() -> Timeline {
    let mut story = Story::of(&format!("{}{PROBE}---\n{WEB_SERVICE}{CLIENT}", web(3, "", "")));
    let pod = story.timeline.head().store.list::<Pod>().next().unwrap().key.name.clone();
    story.give(&format!("delete pod {pod} --wait=false"));
    let mut timeline = story.timeline;
    while entry(&timeline, "Kubelet on").is_none()
        || entry(&timeline, "EndpointSlice controller looks").is_none()
    {
        let next = StepId(timeline.len() as u32);
        assert_eq!(timeline.advance(Until::Step(next), BUDGET), Rest::Reached);
    }
    timeline
}

/// The number of what waits and is said like this.
fn entry(timeline: &Timeline, beginning: &str) -> Option<String> {
    let world = timeline.head();
    let found =
        enabled(world).into_iter().find(|one| waiting(world, one).to_string().starts_with(beginning))?;
    Some(found.entry.to_string())
}

/// How many requests end without an answer when this is held back for two seconds.
fn failures_with_held(beginning: &str) -> u64 {
    let mut timeline = at_the_race();
    let before = timeline.head().traffic.client(0).unwrap().counts;
    let entry = entry(&timeline, beginning).unwrap();
    let hold = Command::parse(&format!("sim hold {entry} 2s"), &|_| None).unwrap();
    timeline.submit(hold);
    timeline.advance(Until::Quiet, BUDGET);
    let after = timeline.head().traffic.client(0).unwrap().counts;
    after.failed() - before.failed()
}

#[test]
fn everybody_who_could_go_next_is_listed_with_what_would_come_of_it() {
    let timeline = at_the_race();
    let world = timeline.head();
    let lines: Vec<String> = enabled(world)
        .iter()
        .map(|one| {
            let comes_of_it =
                preview(world, one.entry).map_or("-".to_owned(), |step| headline(&step).to_string());
            format!("{} {}: {comes_of_it}", one.at, waiting(world, one))
        })
        .collect();
    expect![[r#"
        3.168 EndpointSlice controller looks at web: Updates web-rj26s: 1 terminates; 2 of 3 ready.
        3.168 ReplicaSet controller records an Event about it: Records Event SuccessfulCreate: Created pod: web-658b575bb-nm8c5
        3.172 Scheduler and others hear that web-658b575bb-nm8c5 was created: -
        3.178 Kubelet on node-1 looks at web-658b575bb-56wqm: Reports that it has seen the deletion of web-658b575bb-56wqm, grace 30 s."#]].assert_eq(&lines.join("\n"));
}

#[test]
fn the_order_of_a_deletions_race_decides_how_many_requests_are_lost() {
    let signal_first = failures_with_held("EndpointSlice controller looks");
    let endpoint_first = failures_with_held("Kubelet on");
    assert!(signal_first > 50, "{signal_first} requests went to a process that had stopped");
    assert_eq!(endpoint_first, 0);
}
