//! Services: labels are the only link.

use expect_test::expect;
use kubestep_tests::manifests::{MY_DEPLOYMENT, WEB_SERVICE, web};
use kubestep_tests::{Chapter, Story};

#[test]
fn endpoints_follow_the_pods_and_every_nodes_rules_follow_the_endpoints() {
    let mut story = Story::before(MY_DEPLOYMENT);
    story.rest();
    expect![[r#"
        0.010   kubectl: Creates my-service: the cluster has none of that name.
        0.024   EndpointSlice controller: Writes my-service-rj26s without endpoints: no pod matches.
        0.074   kube-proxy on node-1: Writes rules that reject packets for my-service.
        0.074   kube-proxy on node-2: Writes rules that reject packets for my-service.
        0.074   kube-proxy on node-3: Writes rules that reject packets for my-service.
        1.420   EndpointSlice controller: Updates my-service-rj26s: 1 added; 1 of 1 ready.
        1.430   EndpointSlice controller: Updates my-service-rj26s: 1 added; 2 of 2 ready.
        1.440   EndpointSlice controller: Updates my-service-rj26s: 1 added; 3 of 3 ready.
        1.484   kube-proxy on node-1: Writes the node's rules for my-service: 3 endpoints.
        1.484   kube-proxy on node-2: Writes the node's rules for my-service: 3 endpoints.
        1.484   kube-proxy on node-3: Writes the node's rules for my-service: 3 endpoints.
    "#]]
    .assert_eq(&story.tells(Chapter::Network));
}

#[test]
fn a_selector_that_matches_nothing_has_no_endpoints() {
    let service = WEB_SERVICE.replace("selector: {app: web}", "selector: {app: wbe}");
    let mut story = Story::of(&format!("{}---\n{service}", web(2, "", "")));
    let slices = story.run("get endpointslices");
    expect![[r#"
        NAME        ADDRESSTYPE   PORTS     ENDPOINTS   AGE
        web-rj26s   IPv4          <unset>   <unset>     2s
    "#]]
    .assert_eq(&story.output(slices));
}
