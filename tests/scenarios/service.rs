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
        NAME         ADDRESSTYPE   PORTS     ENDPOINTS     AGE
        kubernetes   IPv4          6443      192.168.0.2   2s
        web-rj26s    IPv4          <unset>   <unset>       2s
    "#]]
    .assert_eq(&story.output(slices));
}

#[test]
fn endpoints_that_a_person_writes_are_mirrored_until_the_service_goes() {
    let outside = "apiVersion: v1\nkind: Service\nmetadata: {name: db}\nspec: {ports: [{port: 5432}]}\n---\napiVersion: v1\n\
                   kind: Endpoints\nmetadata: {name: db}\nsubsets:\n- addresses: [{ip: 192.0.2.78}]\n  notReadyAddresses: \
                   [{ip: 192.0.2.79}, {ip: 'fd00::1'}]\n  ports: [{port: 5432}]\n";
    let mut story = Story::before(outside);
    story.rest();
    let mirroring = |told: String| -> String {
        told.lines().filter(|line| line.contains("Mirroring")).map(|line| format!("{line}\n")).collect()
    };
    expect![[r#"
        0.019   EndpointSliceMirroring controller: Copies Endpoints to db-ksvkq: 2 addresses.
        0.024   EndpointSliceMirroring controller: Copies Endpoints to db-j26st: 1 address.
    "#]]
    .assert_eq(&mirroring(story.tells(Chapter::Everything)));
    let slices = story.run("get endpointslices,endpoints");
    expect![[r#"
        Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice
        NAME                                        ADDRESSTYPE   PORTS   ENDPOINTS               AGE
        endpointslice.discovery.k8s.io/db-j26st     IPv6          5432    fd00::1                 0s
        endpointslice.discovery.k8s.io/db-ksvkq     IPv4          5432    192.0.2.78,192.0.2.79   0s
        endpointslice.discovery.k8s.io/kubernetes   IPv4          6443    192.168.0.2             0s

        NAME                   ENDPOINTS          AGE
        endpoints/db           192.0.2.78:5432    0s
        endpoints/kubernetes   192.168.0.2:6443   0s
    "#]]
    .assert_eq(&story.output(slices));
    story.apply(&outside.replace("192.0.2.78", "192.0.2.80"));
    story.run("delete service db");
    expect![[r#"
        0.098   EndpointSliceMirroring controller: Copies Endpoints to db-ksvkq: 2 addresses.
        1.088   EndpointSliceMirroring controller: Deletes db-j26st: there are no Endpoints to copy any more.
        1.093   EndpointSliceMirroring controller: Deletes db-ksvkq: there are no Endpoints to copy any more.
    "#]]
    .assert_eq(&mirroring(story.tells(Chapter::Everything)));
}

#[test]
fn a_node_that_joins_gets_the_rules_of_every_service() {
    let mut story = Story::of(MY_DEPLOYMENT);
    story.run("sim add-node node-4");
    let machine = story.timeline.head().machines.get("node-4").expect("it joined");
    let services: Vec<&str> = machine.rules.services().map(|(service, _)| &*service.name).collect();
    assert_eq!(services, ["kubernetes", "my-service"]);
}
