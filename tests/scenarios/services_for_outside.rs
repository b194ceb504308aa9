//! Services that are reached from outside: load balancers, node ports, protocols; and what describes a policy.

use expect_test::expect;
use kubestep_core::api::{Key, Pod, Service};
use kubestep_core::network::flow::Outcome;
use kubestep_tests::manifests::{WEB_SERVICE, web};
use kubestep_tests::{Chapter, Story};

const CLOUD: &str =
    "---\napiVersion: kubestep.dev/v1alpha1\nkind: Simulation\nspec: {loadBalancers: Cloud}\n";

/// Somebody who sends requests.
fn client(spec: &str) -> String {
    format!(
        "---\napiVersion: kubestep.dev/v1alpha1\nkind: Traffic\nmetadata: {{name: visitors}}\nspec: {{{spec}}}\n"
    )
}

fn told_of_balancer(story: &mut Story) -> String {
    let told = story.tells(Chapter::Everything);
    told.lines().filter(|line| line.contains("Cloud")).map(|line| format!("{line}\n")).collect()
}

/// The requests of the first client that were answered, and all of them.
fn answered(story: &Story) -> (u64, u64) {
    let traffic = story.timeline.head().traffic.client(0).expect("a client that has begun");
    (traffic.counts.answered, traffic.counts.total())
}

#[test]
fn a_cloud_gives_a_load_balancer_an_address_and_takes_it_back() {
    let service = format!("{WEB_SERVICE}  type: LoadBalancer\n");
    let visitors = client("service: web, from: Outside");
    let mut story = Story::of(&format!("{}---\n{service}{visitors}{CLOUD}", web(1, "", "")));
    story.run("sim wait 5s");
    let services = story.prints("get service web");
    expect![[r#"
        NAME   TYPE           CLUSTER-IP      EXTERNAL-IP     PORT(S)        AGE
        web    LoadBalancer   10.111.180.44   203.0.113.104   80:30840/TCP   8s
    "#]]
    .assert_eq(&services);
    let before = answered(&story);
    story.run("sim wait 2s");
    let after = answered(&story);
    assert_eq!(after.0 - before.0, after.1 - before.1);
    story.run("delete service web");
    let events = story.prints("get events --field-selector involvedObject.kind=Service");
    expect![[r#"
        LAST SEEN   TYPE     REASON                 OBJECT        MESSAGE
        10s         Normal   EnsuringLoadBalancer   service/web   Ensuring load balancer
        7s          Normal   EnsuredLoadBalancer    service/web   Ensured load balancer
        0s          Normal   DeletingLoadBalancer   service/web   Deleting load balancer
        0s          Normal   DeletedLoadBalancer    service/web   Deleted load balancer
    "#]]
    .assert_eq(&events);
    expect![[r#"
        10.126  Cloud: Records Event DeletingLoadBalancer: Deleting load balancer
        10.131  Cloud: Lets web go: its load balancer is gone.
        10.131  Cloud: Records Event DeletedLoadBalancer: Deleted load balancer
    "#]]
    .assert_eq(&told_of_balancer(&mut story));
    assert!(story.timeline.head().store.get::<Service>(&Key::new("default", "web")).is_none());
}

#[test]
fn a_load_balancer_follows_its_service_and_the_nodes() {
    let service = format!("{WEB_SERVICE}  type: LoadBalancer\n");
    let mut story = Story::of(&format!("{service}{CLOUD}"));
    story.run("sim wait 5s");
    let lines = [
        "sim add-node node-4",
        "label node node-1 node.kubernetes.io/exclude-from-external-load-balancers=",
        // Whether a node is ready, or takes pods, is nothing to a load balancer.
        "cordon node-2",
        "sim report node-2 False",
        "delete node node-4",
        "patch service web -p '{\"spec\":{\"externalTrafficPolicy\":\"Local\"}}'",
        "patch service web -p '{\"spec\":{\"loadBalancerIP\":\"203.0.113.7\"}}'",
        "label node --all node.kubernetes.io/exclude-from-external-load-balancers=true --overwrite",
    ];
    for line in lines {
        story.run(line);
        story.run("sim wait 2s");
    }
    let services = story.prints("get service web");
    expect![[r#"
        NAME   TYPE           CLUSTER-IP     EXTERNAL-IP   PORT(S)        AGE
        web    LoadBalancer   10.97.68.215   203.0.113.7   80:32407/TCP   21s
    "#]]
    .assert_eq(&services);
    story.run("patch service web -p '{\"spec\":{\"type\":\"ClusterIP\",\"externalTrafficPolicy\":null,\"loadBalancerIP\":null}}'");
    story.run("sim wait 2s");
    let events =
        story.prints("get events --field-selector involvedObject.kind=Service -o custom-columns=REASON:.reason,COUNT:.count,MESSAGE:.message");
    expect![[r#"
        REASON                    COUNT   MESSAGE
        EnsuringLoadBalancer      3       Ensuring load balancer
        EnsuredLoadBalancer       3       Ensured load balancer
        UpdatedLoadBalancer       3       Updated load balancer with new hosts
        ExternalTrafficPolicy     1       Cluster -> Local
        LoadbalancerIP            1        -> 203.0.113.7
        UnAvailableLoadBalancer   1       There are no available nodes for LoadBalancer
        Type                      1       LoadBalancer -> ClusterIP
        DeletingLoadBalancer      1       Deleting load balancer
        DeletedLoadBalancer       1       Deleted load balancer
    "#]]
    .assert_eq(&events);
    expect![[r#"
        3.028   Cloud: Records Event EnsuredLoadBalancer: Ensured load balancer
        3.033   Cloud: Writes the address of the load balancer of web: 203.0.113.229.
        5.083   Cloud: Records Event UpdatedLoadBalancer: Updated load balancer with new hosts
        7.148   Cloud: Records Event UpdatedLoadBalancer: Updated load balancer with new hosts
        13.214  Cloud: Records Event UpdatedLoadBalancer: Updated load balancer with new hosts
        15.233  Cloud: Records Event ExternalTrafficPolicy: Cluster -> Local
        15.233  Cloud: Records Event EnsuringLoadBalancer: Ensuring load balancer
        15.233  Cloud: Records Event EnsuredLoadBalancer: Ensured load balancer
        17.302  Cloud: Records Event LoadbalancerIP:  -> 203.0.113.7
        17.302  Cloud: Records Event EnsuringLoadBalancer: Ensuring load balancer
        17.302  Cloud: Records Event EnsuredLoadBalancer: Ensured load balancer
        17.307  Cloud: Moves the load balancer of web to another address.
        19.376  Cloud: Records Event UnAvailableLoadBalancer: There are no available nodes for LoadBalancer
        21.405  Cloud: Records Event Type: LoadBalancer -> ClusterIP
        21.405  Cloud: Records Event DeletingLoadBalancer: Deleting load balancer
        21.410  Cloud: Lets web go: its load balancer is gone.
        21.415  Cloud: Lets web go: its load balancer is gone.
        21.415  Cloud: Records Event DeletedLoadBalancer: Deleted load balancer
    "#]]
    .assert_eq(&told_of_balancer(&mut story));
}

#[test]
fn without_a_cloud_the_address_stays_pending() {
    let mut story = Story::of(&format!("{WEB_SERVICE}  type: LoadBalancer\n"));
    story.run("sim wait 30s");
    let services =
        story.prints("get service web -o custom-columns=NAME:.metadata.name,FINALIZERS:.metadata.finalizers");
    expect![[r#"
        NAME   FINALIZERS
        web    <none>
    "#]]
    .assert_eq(&services);
    let services = story.prints("get service web");
    expect![[r#"
        NAME   TYPE           CLUSTER-IP     EXTERNAL-IP   PORT(S)        AGE
        web    LoadBalancer   10.97.68.215   <pending>     80:32407/TCP   30s
    "#]]
    .assert_eq(&services);
}

#[test]
fn from_inside_a_node_port_reaches_pods_of_every_node_whatever_its_policies() {
    let policies = "  externalTrafficPolicy: Local\n  internalTrafficPolicy: Local\n";
    let service = format!(
        "{}  type: NodePort\n{policies}",
        WEB_SERVICE.replace("  - port: 80\n", "  - port: 80\n    nodePort: 30080\n")
    );
    let asks = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: asks}\nspec: {nodeName: node-2, containers: [{name: asks, image: \
                asks}]}\n";
    let one = web(1, "", "").replace("    spec:\n", "    spec:\n      nodeName: node-1\n");
    let mut story = Story::of(&format!("{one}---\n{service}{asks}"));
    for (line, answers) in [
        ("asks -- curl -sS http://172.18.0.3:30080", true),
        ("asks -- curl -sS http://172.18.0.2:30080", true),
        ("asks -- curl -sS --max-time 2 http://web", false),
    ] {
        let id = story.prints(&format!("exec {line}"));
        let said = id;
        assert_eq!(said.contains("container web"), answers, "{line}: {said}");
    }
}

#[test]
fn a_port_of_one_number_may_be_of_two_protocols() {
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: dns}\nspec:\n  selector: {app: web}\n  ports:\n  - {name: tcp, \
                   port: 53, targetPort: 8080}\n  - {name: udp, protocol: UDP, port: 53, targetPort: 5353}\n";
    let pods = web(1, "", "").replace("containerPort: 8080", "containerPort: 5353\n          protocol: UDP");
    let asks = |protocol: &str| {
        let client = client(&format!("service: dns, port: 53, protocol: {protocol}"));
        let mut story = Story::of(&format!("{pods}---\n{service}{client}"));
        story.run("sim wait 3s");
        let traffic = story.timeline.head().traffic.client(0).expect("a client that has begun");
        traffic.recent().last().map(|request| request.outcome)
    };
    assert_eq!(asks("UDP"), Some(Outcome::Answered));
    assert!(matches!(asks("TCP"), Some(Outcome::Lost(_))), "nothing listens to TCP there");
}

#[test]
fn a_policy_is_described_as_kubectl_does() {
    let policy = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: db}\nspec:\n  podSelector: {matchLabels: \
                  {app: db}}\n  policyTypes: [Ingress, Egress]\n  ingress:\n  - from:\n    - podSelector: {matchLabels: {app: \
                  web}}\n    - namespaceSelector: {matchLabels: {team: shop}}\n      podSelector: {}\n    ports: [{port: \
                  5432}]\n  - from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]\n---\napiVersion: \
                  networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny}\nspec: {podSelector: {}}\n";
    let mut story = Story::of(policy);
    let db = story.prints("describe networkpolicy db");
    expect![[r#"
        Name:         db
        Namespace:    default
        Created on:   2026-01-01 00:00:00 +0000 UTC
        Labels:       <none>
        Annotations:  <none>
        Spec:
          PodSelector:     app=db
          Allowing ingress traffic:
            To Port: 5432/TCP
            From:
              PodSelector: app=web
            From:
              NamespaceSelector: team=shop
              PodSelector: <none>
            ----------
            To Port: <any> (traffic allowed to all ports)
            From:
              IPBlock:
                CIDR: 10.0.0.0/8
                Except: 10.1.0.0/16
          Allowing egress traffic:
            <none> (Selected pods are isolated for egress connectivity)
          Policy Types: Ingress, Egress
    "#]]
    .assert_eq(&db);
    let deny = story.prints("describe networkpolicy deny");
    expect![[r#"
        Name:         deny
        Namespace:    default
        Created on:   2026-01-01 00:00:00 +0000 UTC
        Labels:       <none>
        Annotations:  <none>
        Spec:
          PodSelector:     <none> (Allowing the specific traffic to all pods in this namespace)
          Allowing ingress traffic:
            <none> (Selected pods are isolated for ingress connectivity)
          Not affecting egress traffic
          Policy Types: Ingress
    "#]]
    .assert_eq(&deny);
    assert_eq!(story.timeline.head().store.count::<Pod>(), 0);
}
