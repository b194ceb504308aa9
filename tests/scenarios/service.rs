//! Services: labels are the only link.

use expect_test::expect;
use kubestep_tests::manifests::{MY_DEPLOYMENT, WEB_SERVICE, web};
use kubestep_tests::{Chapter, Story};

#[test]
fn endpoints_follow_the_pods_and_every_nodes_rules_follow_the_endpoints() {
    let mut story = Story::before(MY_DEPLOYMENT);
    story.rest();
    expect![[]].assert_eq(&story.tells(Chapter::Network));
}

#[test]
fn a_selector_that_matches_nothing_has_no_endpoints() {
    let service = WEB_SERVICE.replace("selector: {app: web}", "selector: {app: wbe}");
    let mut story = Story::of(&format!("{}---\n{service}", web(2, "", "")));
    let slices = story.run("get endpointslices");
    expect![[]].assert_eq(&story.output(slices));
}
