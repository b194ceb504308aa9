//! Pods that wait on their node: for what their volumes and variables are made of, and for a place.

use expect_test::expect;
use kubestep_tests::{Chapter, Story};

const ENVIRONMENT: &str = "
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: web
    image: nginx:1
    env: [{name: A, valueFrom: {configMapKeyRef: {name: config, key: a}}}]
";

const VOLUME: &str = "
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  volumes: [{name: c, configMap: {name: config}}]
  containers: [{name: web, image: nginx:1, volumeMounts: [{name: c, mountPath: /c}]}]
";

const CONFIG: &str = "
apiVersion: v1
kind: ConfigMap
metadata: {name: config}
data: {a: '1'}
";

#[test]
fn a_variable_from_a_config_map_that_is_not_there_holds_a_container_back() {
    let mut story = Story::of(ENVIRONMENT);
    let pods = story.run("get pods");
    expect![[r#"
        NAME   READY   STATUS                       RESTARTS   AGE
        web    0/1     CreateContainerConfigError   0          1s
    "#]]
    .assert_eq(&story.output(pods));
    story.tells(Chapter::Events);
    story.apply(CONFIG);
    story.run("sim wait 15s");
    expect![[r#"
        13.236  Kubelet on node-1: Records Event Pulled: Container image "nginx:1" already present on machine and can be acc…
        13.236  Kubelet on node-1: Records Event Created: Container created
        13.486  Kubelet on node-1: Records Event Started: Container started
    "#]].assert_eq(&story.tells(Chapter::Events));
}

#[test]
fn a_volume_from_a_config_map_that_is_not_there_holds_the_whole_pod_back() {
    let mut story = Story::before(VOLUME);
    story.run("sim wait 6s");
    story.apply(CONFIG);
    story.run("sim wait 5s");
    expect![[r#"
        0.019   Scheduler: Records Event Scheduled: Successfully assigned default/web to node-1
        0.043   Kubelet on node-1: Records Event FailedMount: MountVolume.SetUp failed for volume "c" : configmap "config" n…
        0.543   Kubelet on node-1: Records Event FailedMount: MountVolume.SetUp failed for volume "c" : configmap "config" n…
        1.543   Kubelet on node-1: Records Event FailedMount: MountVolume.SetUp failed for volume "c" : configmap "config" n…
        3.543   Kubelet on node-1: Records Event FailedMount: MountVolume.SetUp failed for volume "c" : configmap "config" n…
        7.723   Kubelet on node-1: Records Event Pulling: Pulling image "nginx:1"
        8.623   Kubelet on node-1: Records Event Pulled: Successfully pulled image "nginx:1" in 900ms (900ms including waiti…
        8.623   Kubelet on node-1: Records Event Created: Container created
        8.873   Kubelet on node-1: Records Event Started: Container started
    "#]].assert_eq(&story.tells(Chapter::Events));
}

#[test]
fn a_pod_that_names_a_node_which_does_not_suit_it_is_turned_away() {
    let mut story = Story::of("");
    story.apply(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  nodeName: node-1\n  nodeSelector: {disk: ssd}\n  \
         containers: [{name: web, image: nginx:1}]\n",
    );
    expect![[r#"
        0.005   kubectl: Creates web: the cluster has none of that name.
        0.034   Kubelet on node-1: Turns web away: this node fails its NodeAffinity.
    "#]]
    .assert_eq(&story.tells(Chapter::Pods));
}

#[test]
fn init_containers_end_by_themselves_and_sidecars_do_not() {
    let mut story = Story::of(
        "
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  initContainers:
  - {name: migrate, image: 'migrate:1'}
  - {name: proxy, image: 'proxy:1', restartPolicy: Always}
  containers:
  - {name: web, image: 'nginx:1'}
---
apiVersion: v1
kind: Pod
metadata: {name: once}
spec: {restartPolicy: OnFailure, containers: [{name: once, image: 'once:1'}]}
---
apiVersion: v1
kind: Pod
metadata: {name: serves}
spec: {restartPolicy: OnFailure, containers: [{name: serves, image: 'serves:1', ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: says}
spec: {restartPolicy: Never, containers: [{name: says, image: 'busybox:1', command: [sh, -c, 'echo no; sleep 3; exit 4']}]}
---
apiVersion: v1
kind: Pod
metadata: {name: stays}
spec: {restartPolicy: Never, containers: [{name: stays, image: 'busybox:1', command: [sleep, infinity]}]}
",
    );
    let ended =
        story.run("get pod says -o jsonpath={.status.containerStatuses[0].state.terminated.exitCode}");
    assert_eq!(story.output(ended), "4");
    let pods = story.run("get pods");
    expect![[r#"
        NAME     READY   STATUS      RESTARTS   AGE
        once     0/1     Completed   0          7s
        says     0/1     Error       0          7s
        serves   1/1     Running     0          7s
        stays    1/1     Running     0          7s
        web      2/2     Running     0          7s
    "#]]
    .assert_eq(&story.output(pods));
}
