//! Nodes that join, leave, and are cut off; watchers that hear late, and messages that get lost.

use expect_test::expect;
use kubestep_core::api::{Key, Node, Pod};
use kubestep_core::engine::agenda::Due;
use kubestep_core::{Command, enabled};
use kubestep_tests::manifests::web;
use kubestep_tests::{Chapter, Story};

fn has_node(story: &Story, name: &str) -> bool {
    story.timeline.head().store.get::<Node>(&Key::new("", name)).is_some()
}

fn first_pod_on(story: &Story, node: &str) -> String {
    let pod = story.timeline.head().store.pods_on(node).next();
    pod.expect("a pod is bound to it").key.name.to_string()
}

fn runs_on(story: &Story, node: &str) -> usize {
    let machine = &story.timeline.head().machines[node];
    let runs = |pod: &&std::rc::Rc<kubestep_core::kubelet::LocalPod>| {
        pod.containers().any(|container| container.is_running())
    };
    machine.pods().filter(runs).count()
}

#[test]
fn force_deletion_on_a_cut_off_node_leaves_a_running_container_and_an_empty_api() {
    let mut story = Story::of(&web(3, "", ""));
    let pod = first_pod_on(&story, "node-1");
    story.run("sim cut-off node-1");
    story.run(&format!("delete pod {pod} --force --grace-period=0"));
    assert!(story.timeline.head().store.get::<Pod>(&Key::new("default", pod.as_str())).is_none());
    assert_eq!(runs_on(&story, "node-1"), 1, "nobody has told its kubelet");
    story.run("sim wait 40s");
    assert_eq!(runs_on(&story, "node-1"), 1, "no grace period runs there");
    story.run("sim reconnect node-1");
    story.run("sim wait 5s");
    assert!(
        !story.timeline.head().machines["node-1"].pods().any(|local| *local.key().name == *pod),
        "back, it lets go of what the API does not know"
    );
}

#[test]
fn a_node_that_is_removed_takes_its_processes_along_and_its_pods_are_replaced() {
    let mut story = Story::of(&web(3, "", ""));
    story.run("sim remove-node node-1");
    assert!(!has_node(&story, "node-1"));
    assert!(story.timeline.head().machines.get("node-1").is_none());
    story.run("sim wait 90s");
    assert_eq!(story.timeline.head().store.pods_on("node-1").count(), 0);
    assert_eq!(story.timeline.head().store.count::<Pod>(), 3);
}

#[test]
fn a_node_that_joins_takes_pods_at_once() {
    let mut story = Story::of(&web(2, "", ""));
    for node in ["node-1", "node-2", "node-3"] {
        story.run(&format!("cordon {node}"));
    }
    story.run("scale deployment/web --replicas=4");
    story.run("sim add-node node-4");
    assert_eq!(runs_on(&story, "node-4"), 2);
}

#[test]
fn a_slow_watcher_acts_late_and_all_others_in_time() {
    let at = |story: &mut Story, who: &str| {
        let told = story.tells(Chapter::Everything);
        let line =
            told.lines().find(|line| line.contains(who)).unwrap_or_else(|| panic!("{told}")).to_owned();
        line.split_whitespace().next().unwrap().parse::<f64>().unwrap()
    };
    let mut story = Story::of(&web(2, "", ""));
    let start = story.timeline.head().now.as_seconds();
    story.run("sim slow kube-scheduler 3s");
    story.tells(Chapter::Everything);
    story.run("scale deployment/web --replicas=3");
    assert!(at(&mut story, "Scheduler: Binds") > start + 3.0);
    story.run("sim slow kube-scheduler 0s");
    let start = story.timeline.head().now.as_seconds();
    story.tells(Chapter::Everything);
    story.run("scale deployment/web --replicas=4");
    assert!(at(&mut story, "Scheduler: Binds") < start + 0.1);
}

#[test]
fn a_message_that_is_lost_is_made_up_for_by_the_next_one() {
    let mut story = Story::of(&web(2, "", ""));
    story.give("scale deployment/web --replicas=3");
    let message = loop {
        story.steps(1);
        let waiting = enabled(story.timeline.head());
        let message = waiting
            .iter()
            .find(|one| matches!(&one.due, Due::Deliver(told) if told.change.object.name() == "web"));
        if let Some(message) = message {
            break message.entry;
        }
    };
    story.timeline.submit(Command::Drop(message, "".into()));
    story.rest();
    let pods = |story: &Story| story.timeline.head().store.count::<Pod>();
    assert_eq!(pods(&story), 2, "no controller has heard of it");
    story.run("annotate deployment/web note=look");
    assert_eq!(pods(&story), 3);
}

#[test]
fn a_process_that_is_killed_is_started_again_and_a_pod_made_unready_gets_no_traffic() {
    let mut story = Story::of(&web(1, "", ""));
    let pod = story.timeline.head().store.list::<Pod>().next().unwrap().key.name.to_string();
    story.tells(Chapter::Pods);
    story.run(&format!("sim exit {pod} 137"));
    story.run(&format!("sim unready {pod}"));
    let pods = story.run("get pods --no-headers");
    expect![[r#"
        web-8588b5bfb4-svkqd   0/1   Running   1 (2s ago)   4s
    "#]]
    .assert_eq(&story.output(pods));
}
