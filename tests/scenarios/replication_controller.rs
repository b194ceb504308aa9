//! ReplicationControllers: what ReplicaSets were before there were Deployments.

use expect_test::expect;
use kubestep_tests::{Chapter, Story};

const WEB: &str = "apiVersion: v1
kind: ReplicationController
metadata:
  name: web
spec:
  replicas: 2
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: web
        image: web:1
";

#[test]
fn a_replication_controller_selects_what_its_template_is_labelled_with() {
    let mut story = Story::of(WEB);
    let get = story.run("get rc web -o wide");
    expect![[r#"
        NAME   DESIRED   CURRENT   READY   AGE   CONTAINERS   IMAGES   SELECTOR
        web    2         2         2       1s    web          web:1    app=web
    "#]]
    .assert_eq(&story.output(get));
    story.tells(Chapter::Pods);
    story.run("scale rc web --replicas=1");
    expect![[r#"
        1.435   You: Ran kubectl scale rc web --replicas=1
        1.440   kubectl: Scales web from 2 to 1 replicas.
        1.440   kubectl: Prints: replicationcontroller/web scaled
    "#]]
    .assert_eq(&story.tells(Chapter::Kubectl));
}

#[test]
fn orphaned_pods_are_adopted_by_the_next_one() {
    let mut story = Story::of(WEB);
    story.run("delete rc web --cascade=orphan");
    story.tells(Chapter::Everything);
    story.apply(&WEB.replace("name: web\nspec", "name: next\nspec").replace("replicas: 2", "replicas: 3"));
    expect![[r#"
        1.482   ReplicationController controller: Adopts web-d69ks: it has no controller, and its labels match the selector.
        1.487   ReplicationController controller: Adopts web-rj26s: it has no controller, and its labels match the selector.
        1.497   ReplicationController controller: Creates next-9s5sg: 2 of 3 pods exist.
        1.511   Scheduler: Binds next-9s5sg to node-3: 597 points, the most of 3 nodes.
        1.535   Kubelet on node-3: Reports next-9s5sg Pending: its containers are about to be created.
        1.715   Kubelet on node-3: Gives next-9s5sg a network namespace with 10.244.3.2.
        1.715   Kubelet on node-3: Reports next-9s5sg ready to start containers: its sandbox is up.
        1.715   Kubelet on node-3: Pulls web:1: it is not on the node.
        2.615   Kubelet on node-3: Has pulled web:1 in 900 ms.
        2.865   Kubelet on node-3: Has started web of next-9s5sg.
        2.870   Kubelet on node-3: Reports next-9s5sg Running, 1 of 1 containers ready.
    "#]]
    .assert_eq(&story.tells(Chapter::Pods));
}
