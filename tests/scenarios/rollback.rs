//! `kubectl rollout undo` and `history`.

use expect_test::expect;
use kubestep_tests::manifests::MY_DEPLOYMENT;
use kubestep_tests::{Chapter, Story};

use crate::check;

#[test]
fn undo_rolls_to_the_old_replica_set_and_renumbers_it() {
    let mut story = Story::of(MY_DEPLOYMENT);
    story.run("set image deployment/my-deployment my-container=my-image:2");
    story.tells(Chapter::Rollout);
    let undo = story.run("rollout undo deployment/my-deployment");
    expect![[]].assert_eq(&story.output(undo));
    expect![[]].assert_eq(&story.tells(Chapter::Rollout));
    let history = story.run("rollout history deployment/my-deployment");
    expect![[]].assert_eq(&story.output(history));
}

#[test]
fn undo_without_history_is_an_error_of_kubectl() {
    check(MY_DEPLOYMENT, "rollout undo deployment/my-deployment", Chapter::Kubectl, expect![[]]);
}
