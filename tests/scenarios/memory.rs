//! A process that uses more memory than its container may.

use expect_test::expect;
use kubestep_core::api::{Key, Pod};
use kubestep_core::simulation;
use kubestep_tests::Story;

const POD: &str = "apiVersion: v1
kind: Pod
metadata:
  name: web
  annotations:
    sim.kubestep.dev/memory: 64Mi, 512Mi after 30s
spec:
  containers:
  - name: web
    image: web:1
    resources: {limits: {memory: 256Mi}}
";

#[test]
fn a_process_that_outgrows_its_limit_is_killed_and_started_again() {
    let mut story = Story::of(POD);
    story.run("sim wait 31s");
    let ends: Vec<String> = story
        .timeline
        .steps()
        .iter()
        .filter(|step| format!("{:?}", step.why).contains("OutOfMemory"))
        .map(|step| kubestep_tests::line(step))
        .collect();
    expect![[r#"
        31.373  Kubelet on node-1: Sees web of web killed by the kernel: it used more memory than its limit.
    "#]]
    .assert_eq(&(ends.join("\n") + "\n"));
    let pod =
        story.timeline.head().store.get::<Pod>(&Key::new("default", "web")).expect("it is there").clone();
    let status = &pod.container_statuses()[0];
    let last = status.last_state.as_ref().and_then(|state| state.terminated.as_ref()).expect("it ended");
    assert_eq!((last.exit_code, last.reason.as_deref()), (137, Some("OOMKilled")));
    assert_eq!(status.restart_count, 1);
}

#[test]
fn without_a_limit_nobody_kills_it() {
    let mut story = Story::of(&POD.replace("    resources: {limits: {memory: 256Mi}}\n", ""));
    story.run("sim wait 60s");
    let pod =
        story.timeline.head().store.get::<Pod>(&Key::new("default", "web")).expect("it is there").clone();
    assert_eq!(pod.container_statuses()[0].restart_count, 0);
}

#[test]
fn an_amount_that_says_nothing_is_warned_of_at_its_line() {
    let setup = simulation::read(&POD.replace("512Mi after 30s", "a lot"));
    let told: Vec<(u32, &str)> =
        setup.diagnostics.iter().map(|found| (found.line, found.message.as_str())).collect();
    let [(line, message)] = told[..] else { panic!("{told:?}") };
    assert_eq!(line, 6);
    assert!(message.contains("\"a lot\" is no amount with a moment"), "{message}");
}
