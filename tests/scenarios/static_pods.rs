//! Static pods: what a kubelet runs from a file, and the mirror that tells the API of it.

use expect_test::expect;
use kubestep_tests::{Chapter, Story};

/// Puts a static pod of this image into the manifest directory of `node`.
fn put(node: &str, image: &str) -> String {
    let text = format!(
        r"apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  containers: [{{name: web, image: \q{image}\q}}]\n"
    );
    format!("sim manifest {node} web.yaml '{text}'")
}

#[test]
fn a_static_pod_starts_without_scheduler_and_gets_a_mirror() {
    let mut story = Story::of("");
    story.run(&put("node-1", "nginx:1"));
    expect![[r#"
        0.000   Kubelet on node-1: Finds web.yaml in its manifest directory: it runs web-node-1.
        0.000   Kubelet on node-1: Creates web-node-1: the mirror of a static pod.
        0.024   Kubelet on node-1: Reports web-node-1 Pending, 0 of 1 containers ready.
        0.180   Kubelet on node-1: Gives web-node-1 a network namespace with 10.244.1.2.
        0.180   Kubelet on node-1: Reports web-node-1 ready to start containers: its sandbox is up.
        0.180   Kubelet on node-1: Pulls nginx:1: it is not on the node.
        1.080   Kubelet on node-1: Has pulled nginx:1 in 900 ms.
        1.330   Kubelet on node-1: Has started web of web-node-1.
        1.335   Kubelet on node-1: Reports web-node-1 Running, 1 of 1 containers ready.
    "#]]
    .assert_eq(&story.tells(Chapter::Pods));
    let pods = story.run("get pods -o wide");
    expect![[r#"
        NAME         READY   STATUS    RESTARTS   AGE   IP           NODE     NOMINATED NODE   READINESS GATES
        web-node-1   1/1     Running   0          1s    10.244.1.2   node-1   <none>           <none>
    "#]]
    .assert_eq(&story.output(pods));
}

#[test]
fn deleting_the_mirror_stops_nothing() {
    let mut story = Story::of("");
    story.run(&put("node-1", "nginx:1"));
    story.tells(Chapter::Pods);
    story.run("delete pod web-node-1");
    expect![[r#"
        1.340   kubectl: Deletes web-node-1: the request names no grace period.
        1.364   Kubelet on node-1: Lets web-node-1 go: a mirror is deleted, and its pod runs on.
        1.364   API server: Removes web-node-1: its grace period is 0 and no finalizer holds it.
        1.369   Kubelet on node-1: Creates web-node-1: the mirror of a static pod.
    "#]]
    .assert_eq(&story.tells(Chapter::Pods));
}

#[test]
fn removing_the_file_stops_the_pod_and_then_takes_the_mirror_away() {
    let mut story = Story::of("");
    story.run(&put("node-1", "nginx:1"));
    story.tells(Chapter::Pods);
    story.run("sim no-manifest node-1 web.yaml");
    story.run("sim wait 3s");
    expect![[r#"
        1.335   Kubelet on node-1: Finds web.yaml gone from its manifest directory: its pod is to go.
        1.335   Kubelet on node-1: Sends SIGTERM to web of web-node-1: SIGKILL follows in 30 s.
        1.935   Kubelet on node-1: Sees web of web-node-1 end with 0 after SIGTERM.
        2.055   Kubelet on node-1: Takes the sandbox of web-node-1 down: 10.244.1.2 is free.
        2.055   Kubelet on node-1: Reports web-node-1 Running: nothing of it runs any more.
        4.000   Kubelet on node-1: Deletes web-node-1 with grace 0: nothing of it is left on the node.
        4.000   API server: Removes web-node-1: its grace period is 0 and no finalizer holds it.
    "#]]
    .assert_eq(&story.tells(Chapter::Pods));
}

#[test]
fn another_text_is_another_pod_which_waits_until_the_one_before_it_is_gone() {
    let mut story = Story::of("");
    story.run(&put("node-1", "nginx:1"));
    story.tells(Chapter::Pods);
    story.run(&put("node-1", "nginx:2"));
    story.run("sim wait 20s");
    expect![[r#"
        1.335   Kubelet on node-1: Finds web.yaml in its manifest directory: it runs web-node-1.
        1.335   Kubelet on node-1: Sends SIGTERM to web of web-node-1: SIGKILL follows in 30 s.
        1.935   Kubelet on node-1: Sees web of web-node-1 end with 0 after SIGTERM.
        2.055   Kubelet on node-1: Takes the sandbox of web-node-1 down: 10.244.1.2 is free.
        2.055   Kubelet on node-1: Reports web-node-1 Running: nothing of it runs any more.
        13.730  Kubelet on node-1: Lets web-node-1 go: its file says something else now.
        13.730  API server: Removes web-node-1: its grace period is 0 and no finalizer holds it.
        13.735  Kubelet on node-1: Creates web-node-1: the mirror of a static pod.
        13.755  Kubelet on node-1: Reports web-node-1 Pending, 0 of 1 containers ready.
        13.915  Kubelet on node-1: Gives web-node-1 a network namespace with 10.244.1.3.
        13.915  Kubelet on node-1: Reports web-node-1 ready to start containers: its sandbox is up.
        13.915  Kubelet on node-1: Pulls nginx:2: it is not on the node.
        14.815  Kubelet on node-1: Has pulled nginx:2 in 900 ms.
        15.065  Kubelet on node-1: Has started web of web-node-1.
        15.070  Kubelet on node-1: Reports web-node-1 Running, 1 of 1 containers ready.
    "#]]
    .assert_eq(&story.tells(Chapter::Pods));
}

#[test]
fn a_file_that_moves_to_another_node_is_another_pod() {
    let mut story = Story::of("");
    story.run(&put("node-1", "nginx:1"));
    story.run("sim no-manifest node-1 web.yaml");
    story.run(&put("node-2", "nginx:1"));
    let pods = story.run("get pods");
    expect![[r#"
        NAME         READY   STATUS    RESTARTS   AGE
        web-node-2   1/1     Running   0          2s
    "#]]
    .assert_eq(&story.output(pods));
}

#[test]
fn a_static_pod_needs_no_api_server_and_is_told_of_when_that_is_back() {
    let mut story = Story::of("");
    story.run("sim stop kube-apiserver");
    story.run(&put("node-1", "nginx:1"));
    let pods = story.run("get pods");
    expect![[r#"
        The connection to the server 172.18.0.2:6443 was refused - did you specify the right host or port?
    "#]]
    .assert_eq(&story.output(pods));
    story.run("sim start kube-apiserver");
    story.run("sim wait 12s");
    expect![[r#"
        0.005   Kubelet on node-1: Finds web.yaml in its manifest directory: it runs web-node-1.
        0.185   Kubelet on node-1: Gives web-node-1 a network namespace with 10.244.1.2.
        0.185   Kubelet on node-1: Pulls nginx:1: it is not on the node.
        1.085   Kubelet on node-1: Has pulled nginx:1 in 900 ms.
        1.335   Kubelet on node-1: Has started web of web-node-1.
        10.000  Kubelet on node-1: Creates web-node-1: the mirror of a static pod.
        10.024  Kubelet on node-1: Reports web-node-1 Running, 1 of 1 containers ready.
    "#]]
    .assert_eq(&story.tells(Chapter::Pods));
    let pods = story.run("get pods");
    expect![[r#"
        NAME         READY   STATUS    RESTARTS   AGE
        web-node-1   1/1     Running   0          3s
    "#]]
    .assert_eq(&story.output(pods));
}

#[test]
fn a_static_pod_that_fails_is_started_again() {
    let mut story = Story::of("");
    story.run(&put("node-1", "nginx:1"));
    story.run("sim exit web-node-1 1");
    let pods = story.run("get pods");
    expect![[r#"
        NAME         READY   STATUS    RESTARTS     AGE
        web-node-1   1/1     Running   1 (1s ago)   2s
    "#]]
    .assert_eq(&story.output(pods));
}

#[test]
fn a_file_that_is_no_pod_is_passed_over() {
    let mut story = Story::of("");
    story.run(r"sim manifest node-1 web.yaml 'apiVersion: v1\nkind: Service\nmetadata: {name: web}\n'");
    expect![[r#"
        0.000   You: Put web.yaml into the manifest directory of node-1.
        0.000   Kubelet on node-1: Passes over web.yaml: it is not a pod it can run.
    "#]]
    .assert_eq(&story.tells(Chapter::Everything));
}

#[test]
fn the_mirror_that_comes_back_has_a_uid_of_its_own_and_the_container_is_the_same() {
    use kubestep_core::api::{Key, Pod};
    let mut story = Story::of("");
    story.run(&put("node-1", "nginx:1"));
    let key = Key::new("default", "web-node-1");
    let uid = |story: &Story| story.timeline.head().store.get::<Pod>(&key).unwrap().uid;
    let container = |story: &Story| {
        let machine = &story.timeline.head().machines["node-1"];
        machine.pods().next().unwrap().containers().next().unwrap().id().to_owned()
    };
    let before = (uid(&story), container(&story));
    story.run("delete pod web-node-1");
    assert_ne!(uid(&story), before.0);
    assert_eq!(container(&story), before.1);
}

#[test]
fn a_file_moved_with_one_line_is_gone_here_and_runs_there() {
    let mut story = Story::of("");
    story.run(&put("node-1", "nginx:1"));
    story.tells(Chapter::Everything);
    story.run("sim move-manifest node-1 web.yaml node-2 shop.yaml");
    story.run("sim wait 5s");
    let told = story.tells(Chapter::Everything);
    let lines: Vec<&str> = told.lines().filter(|line| line.contains(".yaml")).collect();
    expect![[r#"
        1.335   You: Moved web.yaml from the manifest directory of node-1 to that of node-2.
        1.335   Kubelet on node-1: Finds web.yaml gone from its manifest directory: its pod is to go.
        1.335   Kubelet on node-2: Finds shop.yaml in its manifest directory: it runs web-node-2.
    "#]]
    .assert_eq(&(lines.join("\n") + "\n"));
    let pods = story.run("get pods --no-headers");
    expect![[r#"
        web-node-2   1/1   Running   0     8s
    "#]]
    .assert_eq(&story.output(pods));
    story.run("sim move-manifest node-2 nothing.yaml node-1");
    assert!(story.timeline.head().machines["node-1"].manifests.is_empty());
}

#[test]
fn a_renamed_file_is_another_pod_of_the_same_name() {
    let mut story = Story::of("");
    story.run(&put("node-1", "nginx:1"));
    story.run("sim move-manifest node-1 web.yaml node-1 shop.yaml");
    story.run("sim wait 20s");
    let machine = &story.timeline.head().machines["node-1"];
    let pods: Vec<&str> = machine.pods().map(|pod| &**pod.file().unwrap()).collect();
    assert_eq!(pods, ["shop.yaml"]);
    let pods = story.run("get pods --no-headers");
    expect![[r#"
        web-node-1   1/1   Running   0     8s
    "#]]
    .assert_eq(&story.output(pods));
}

#[test]
fn a_file_that_breaks_keeps_its_pod_until_the_next_rescan_and_mends_it() {
    let mut story = Story::of("");
    story.run(&put("node-1", "nginx:1"));
    story.run("sim manifest node-1 web.yaml 'kind: Pod'");
    let runs = |story: &Story| story.timeline.head().machines["node-1"].pods().count();
    assert_eq!(runs(&story), 1);
    story.run("sim wait 26s");
    assert_eq!(runs(&story), 0, "the directory was read as a whole");
    story.run(&put("node-1", "nginx:1"));
    assert_eq!(runs(&story), 1);
}
