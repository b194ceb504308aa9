//! From an applied manifest to ready pods.

use expect_test::expect;
use kubestep_tests::manifests::MY_DEPLOYMENT;
use kubestep_tests::{Chapter, Story};

#[test]
fn an_applied_deployment_becomes_a_replica_set_and_three_ready_pods() {
    let mut story = Story::before(MY_DEPLOYMENT);
    story.rest();
    expect![[]].assert_eq(&story.tells(Chapter::Everything));
}

#[test]
fn every_event_has_upstreams_reason_and_message() {
    let mut story = Story::before(MY_DEPLOYMENT);
    story.rest();
    expect![[]].assert_eq(&story.tells(Chapter::Events));
}

#[test]
fn applying_the_same_manifest_again_changes_nothing() {
    let mut story = Story::of(MY_DEPLOYMENT);
    let again = story.apply(MY_DEPLOYMENT);
    expect![[]].assert_eq(&story.output(again));
    expect![[]].assert_eq(&story.tells(Chapter::Everything));
}

#[test]
fn objects_left_out_of_a_manifest_are_left_alone() {
    let mut story = Story::of(MY_DEPLOYMENT);
    let (deployment, _service) = MY_DEPLOYMENT.split_once("---").expect("two documents");
    let again = story.apply(&deployment.replace("replicas: 3", "replicas: 4"));
    expect![[]].assert_eq(&story.output(again));
    let services = story.run("get services");
    expect![[]].assert_eq(&story.output(services));
}
