//! `kubectl delete pod`: graceful, hurried, forced, and with a process that does not listen.

use expect_test::expect;
use kubestep_core::api::Pod;
use kubestep_tests::manifests::{MY_DEPLOYMENT, web};
use kubestep_tests::{Chapter, Story};

/// The name of the first pod, as `get pods` lists them.
fn first_pod(story: &Story) -> String {
    story.timeline.head().store.list::<Pod>().next().expect("a pod").name().to_owned()
}

#[test]
fn a_deleted_pod_is_replaced_at_once_and_leaves_when_its_process_has_ended() {
    let mut story = Story::of(MY_DEPLOYMENT);
    let delete = story.run(&format!("delete pod {}", first_pod(&story)));
    expect![[]].assert_eq(&story.output(delete));
    expect![[]].assert_eq(&story.tells(Chapter::Everything));
}

#[test]
fn now_means_a_grace_of_one_second() {
    let mut story = Story::of(MY_DEPLOYMENT);
    story.run(&format!("delete pod {} --now", first_pod(&story)));
    expect![[]].assert_eq(&story.tells(Chapter::Pods));
}

#[test]
fn force_erases_the_object_while_the_process_still_runs() {
    let mut story = Story::of(MY_DEPLOYMENT);
    let delete = story.run(&format!("delete pod {} --force --grace-period=0", first_pod(&story)));
    expect![[]].assert_eq(&story.output(delete));
    expect![[]].assert_eq(&story.tells(Chapter::Pods));
}

#[test]
fn a_process_that_ignores_sigterm_is_killed_when_the_grace_runs_out() {
    let manifest = web(1, "", "").replace(
        "      labels: {app: web}\n",
        "      labels: {app: web}\n      annotations: {sim.kubestep.dev/on-sigterm: ignore}\n",
    );
    let mut story = Story::of(&manifest);
    story.run(&format!("delete pod {}", first_pod(&story)));
    expect![[]].assert_eq(&story.tells(Chapter::Pods));
}

#[test]
fn deleting_the_deployment_leaves_nothing_behind() {
    let mut story = Story::of(MY_DEPLOYMENT);
    story.run("delete deployment my-deployment");
    expect![[]].assert_eq(&story.tells(Chapter::Pods));
    let left = story.run("get deployments,replicasets,pods");
    expect![[]].assert_eq(&story.output(left));
}
