//! When it does not work: bad images, cordoned nodes, refused manifests.

use expect_test::expect;
use kubestep_tests::manifests::{MY_DEPLOYMENT, web};
use kubestep_tests::{Chapter, Story};

#[test]
fn a_bad_image_stops_the_rollout_and_the_old_pods_go_on_serving() {
    let mut story = Story::of(MY_DEPLOYMENT);
    story.run("set image deployment/my-deployment my-container=my-image:missing");
    expect![[]].assert_eq(&story.tells(Chapter::Rollout));
    let pods = story.run("get pods");
    expect![[]].assert_eq(&story.output(pods));
}

#[test]
fn a_cordoned_node_gets_no_new_pods_and_keeps_its_old_ones() {
    let mut story = Story::of(&web(3, "", ""));
    let cordon = story.run("cordon node-1");
    expect![[]].assert_eq(&story.output(cordon));
    story.run("scale deployment/web --replicas=5");
    let pods = story.run("get pods -o wide");
    expect![[]].assert_eq(&story.output(pods));
    let uncordon = story.run("uncordon node-1");
    expect![[]].assert_eq(&story.output(uncordon));
}

#[test]
fn a_manifest_that_the_api_server_refuses_is_answered_with_its_own_words() {
    let mut story = Story::of(MY_DEPLOYMENT);
    let apply = story.apply(&web(-1i32 as u32, "", "").replace("replicas: 4294967295", "replicas: -1"));
    expect![[]].assert_eq(&story.output(apply));
    expect![[]].assert_eq(&story.tells(Chapter::Kubectl));
}
