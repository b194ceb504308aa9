//! RollingUpdate: how far it goes in one look, and what it waits for.

use expect_test::expect;
use kubestep_tests::manifests::{MY_DEPLOYMENT, web};
use kubestep_tests::{Chapter, Story};

use crate::check;

fn rolling(surge: &str, unavailable: &str) -> String {
    format!(
        "  strategy: {{type: RollingUpdate, rollingUpdate: {{maxSurge: {surge}, maxUnavailable: {unavailable}}}}}\n"
    )
}

#[test]
fn three_replicas_with_defaults_are_at_most_four_and_never_below_three() {
    check(
        MY_DEPLOYMENT,
        "set image deployment/my-deployment my-container=my-image:2",
        Chapter::Rollout,
        expect![[""]],
    );
}

#[test]
fn without_surge_an_old_pod_goes_before_a_new_one_comes() {
    check(
        &web(3, &rolling("0", "1"), ""),
        "set image deployment/web web=web:2",
        Chapter::Rollout,
        expect![[""]],
    );
}

#[test]
fn without_unavailability_a_new_pod_must_be_ready_before_an_old_one_goes() {
    check(
        &web(3, &rolling("1", "0"), ""),
        "set image deployment/web web=web:2",
        Chapter::Rollout,
        expect![[""]],
    );
}

#[test]
fn percentages_round_surge_up_and_unavailability_down() {
    check(
        &web(10, &rolling("25%", "25%"), ""),
        "set image deployment/web web=web:2",
        Chapter::Rollout,
        expect![[""]],
    );
}

#[test]
fn recreate_waits_until_the_last_old_pod_is_gone() {
    check(
        &web(2, "  strategy: {type: Recreate}\n", ""),
        "set image deployment/web web=web:2",
        Chapter::Rollout,
        expect![[""]],
    );
}

#[test]
fn a_new_template_in_mid_rollout_scales_the_half_finished_replica_set_down_first() {
    let mut story = Story::of(&web(4, "", ""));
    story.give("set image deployment/web web=web:2");
    story.steps(60);
    story.run("set image deployment/web web=web:3");
    expect![[""]].assert_eq(&story.tells(Chapter::Rollout));
}

#[test]
fn rollout_status_tells_what_it_waits_for() {
    let mut story = Story::of(MY_DEPLOYMENT);
    story.give("set image deployment/my-deployment my-container=my-image:2");
    let status = story.run("rollout status deployment/my-deployment");
    expect![[""]].assert_eq(&story.output(status));
}
