//! A control plane of static pods: its components are stopped and started by the files of its node.

use expect_test::expect;
use kubestep_core::engine::Process;
use kubestep_tests::{Chapter, Story};

const SETTINGS: &str =
    "apiVersion: kubestep.dev/v1alpha1\nkind: Simulation\nspec: {controlPlane: StaticPods}\n";

fn story() -> Story {
    Story::of(SETTINGS)
}

/// The line that puts a file back as it was.
fn put_back(story: &Story, file: &str) -> String {
    let machine = &story.timeline.genesis().machines["control-plane"];
    let text = machine.manifests[file].text.replace('\\', "\\\\").replace('\n', "\\n").replace('\'', "\\q");
    format!("sim manifest control-plane {file} '{text}'")
}

fn is_stopped(story: &Story, name: &str) -> bool {
    Process::read(name).unwrap().is_stopped(story.timeline.head())
}

#[test]
fn the_control_plane_runs_as_static_pods_of_a_tainted_node() {
    let mut story = story();
    let pods = story.run("get pods -n kube-system -o wide");
    expect![[r#"
        NAME                                    READY   STATUS    RESTARTS   AGE   IP           NODE            NOMINATED NODE   READINESS GATES
        etcd-control-plane                      1/1     Running   0          0s    172.18.0.5   control-plane   <none>           <none>
        kube-apiserver-control-plane            1/1     Running   0          0s    172.18.0.5   control-plane   <none>           <none>
        kube-controller-manager-control-plane   1/1     Running   0          0s    172.18.0.5   control-plane   <none>           <none>
        kube-scheduler-control-plane            1/1     Running   0          0s    172.18.0.5   control-plane   <none>           <none>
    "#]].assert_eq(&story.output(pods));
    let nodes = story.run("get nodes");
    expect![[r#"
        NAME            STATUS   ROLES           AGE   VERSION
        control-plane   Ready    control-plane   0s    v1.36.2
        node-1          Ready    <none>          0s    v1.36.2
        node-2          Ready    <none>          0s    v1.36.2
        node-3          Ready    <none>          0s    v1.36.2
    "#]]
    .assert_eq(&story.output(nodes));
    story.run("create deployment web --image=nginx --replicas=6");
    let on_it = story.timeline.head().store.pods_on("control-plane").filter(|pod| !pod.is_mirror()).count();
    assert_eq!(on_it, 0, "the taint keeps pods away");
}

#[test]
fn without_its_file_the_api_server_stops_and_with_it_comes_back() {
    let mut story = story();
    let back = put_back(&story, "kube-apiserver.yaml");
    story.tells(Chapter::Pods);
    story.run("sim no-manifest control-plane kube-apiserver.yaml");
    assert!(is_stopped(&story, "kube-apiserver"));
    let refused = story.run("get pods -n kube-system");
    expect![[r#"
        The connection to the server 172.18.0.2:6443 was refused - did you specify the right host or port?
    "#]]
    .assert_eq(&story.output(refused));
    story.run(&back);
    assert!(!is_stopped(&story, "kube-apiserver"));
    story.run("sim wait 30s");
    expect![[r#"
        0.000   Kubelet on control-plane: Finds kube-apiserver.yaml gone from its manifest directory: its pod is to go.
        0.000   Kubelet on control-plane: Sends SIGTERM to kube-apiserver of kube-apiserver-control-plane: SIGKILL follows in 30 s.
        0.600   Kubelet on control-plane: Sees kube-apiserver of kube-apiserver-control-plane end with 0 after SIGTERM: nobody does its work now.
        0.720   Kubelet on control-plane: Takes the sandbox of kube-apiserver-control-plane down: 172.18.0.5 is free.
        0.725   Kubelet on control-plane: Finds kube-apiserver.yaml in its manifest directory: it runs kube-apiserver-control-plane.
        2.200   Kubelet on control-plane: Gives kube-apiserver-control-plane a network namespace with 172.18.0.5.
        2.450   Kubelet on control-plane: Has started kube-apiserver of kube-apiserver-control-plane.
        3.250   Kubelet on control-plane: Sees kube-apiserver of kube-apiserver-control-plane answer on its ports: it is at work again.
        10.000  Kubelet on control-plane: Reports kube-apiserver-control-plane Running, 0 of 1 containers ready.
        22.020  Kubelet on control-plane: Finds kube-apiserver of kube-apiserver-control-plane started: startup probe succeeds.
        22.020  Kubelet on control-plane: Finds kube-apiserver of kube-apiserver-control-plane ready: readiness probe succeeds.
        22.020  Kubelet on control-plane: Reports kube-apiserver-control-plane Running, 1 of 1 containers ready.
    "#]].assert_eq(&story.tells(Chapter::Pods));
    let pods = story.run("get pods -n kube-system");
    expect![[r#"
        NAME                                    READY   STATUS    RESTARTS   AGE
        etcd-control-plane                      1/1     Running   0          33s
        kube-apiserver-control-plane            1/1     Running   0          33s
        kube-controller-manager-control-plane   1/1     Running   0          33s
        kube-scheduler-control-plane            1/1     Running   0          33s
    "#]]
    .assert_eq(&story.output(pods));
}

#[test]
fn a_broken_file_stops_its_component_at_the_next_rescan() {
    let mut story = story();
    story.run("sim manifest control-plane kube-scheduler.yaml 'kind: Pod'");
    assert!(!is_stopped(&story, "kube-scheduler"), "inotify alone leaves the pod");
    story.run("sim wait 21s");
    assert!(is_stopped(&story, "kube-scheduler"));
    story.run("create deployment web --image=nginx");
    let pods = story.run("get pods");
    expect![[r#"
        NAME                   READY   STATUS    RESTARTS   AGE
        web-7887448d46-mdf56   0/1     Pending   0          0s
    "#]]
    .assert_eq(&story.output(pods));
    let back = put_back(&story, "kube-scheduler.yaml");
    story.run(&back);
    story.run("sim wait 5s");
    let pods = story.run("get pods");
    expect![[r#"
        NAME                   READY   STATUS    RESTARTS   AGE
        web-7887448d46-mdf56   1/1     Running   0          7s
    "#]]
    .assert_eq(&story.output(pods));
}

#[test]
fn a_controller_manager_that_ends_is_started_again_by_its_kubelet_and_catches_up() {
    let mut story = story();
    story.run("create deployment web --image=nginx");
    story.give("sim exit kube-system/kube-controller-manager-control-plane 1");
    story.steps(2);
    assert!(is_stopped(&story, "kube-controller-manager"));
    story.run("scale deployment/web --replicas=3");
    assert!(!is_stopped(&story, "kube-controller-manager"));
    let pods = story.run("get pods");
    expect![[r#"
        NAME                   READY   STATUS    RESTARTS   AGE
        web-7887448d46-n52bz   1/1     Running   0          2s
        web-7887448d46-wqmdf   1/1     Running   0          4s
        web-7887448d46-zqs9k   1/1     Running   0          2s
    "#]]
    .assert_eq(&story.output(pods));
}

#[test]
fn without_etcd_the_api_server_can_do_nothing() {
    let mut story = story();
    let back = put_back(&story, "etcd.yaml");
    story.run("sim no-manifest control-plane etcd.yaml");
    assert!(is_stopped(&story, "kube-apiserver"));
    story.run(&back);
    assert!(!is_stopped(&story, "kube-apiserver"));
}

#[test]
fn a_static_pod_starts_without_the_api_server_and_gets_its_mirror_when_its_file_is_back() {
    let mut story = story();
    let back = put_back(&story, "kube-apiserver.yaml");
    story.run("sim no-manifest control-plane kube-apiserver.yaml");
    let text = r"apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: nginx}]}\n";
    story.run(&format!("sim manifest node-1 web.yaml '{text}'"));
    let machine = &story.timeline.head().machines["node-1"];
    assert!(machine.pods().any(|pod| pod.containers().any(|container| container.is_running())));
    let key = kubestep_core::api::Key::new("default", "web-node-1");
    let has_mirror =
        |story: &Story| story.timeline.head().store.get::<kubestep_core::api::Pod>(&key).is_some();
    assert!(!has_mirror(&story));
    story.run(&back);
    story.run("sim wait 12s");
    assert!(has_mirror(&story));
}
