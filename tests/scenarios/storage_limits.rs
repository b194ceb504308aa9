//! Pods that write more onto their node's disk than they may: into their own layer, or into an emptyDir volume.

use expect_test::expect;
use kubestep_tests::Story;

use crate::eviction::tells;

/// A pod with these annotations, and this in its spec.
fn pod(annotations: &str, spec: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: web, annotations: {{{annotations}}}}}\nspec:\n  nodeName: node-1\n{spec}"
    )
}

/// What the pod's status says in the end.
fn status(story: &mut Story) -> String {
    let asked = "get pod web -o jsonpath={.status.phase}|{.status.reason}|{.status.message}|{.status.conditions[*].type}";
    story.prints(asked)
}

const LIMITED: &str =
    "  containers:\n  - {name: web, image: web:1, resources: {limits: {ephemeral-storage: 1Gi}}}\n";

#[test]
fn a_container_that_writes_more_than_its_limit_is_evicted_at_the_next_look() {
    let mut story = Story::of(&pod("sim.kubestep.dev/disk: \"10Mi, 2Gi after 15s\"", LIMITED));
    story.run("sim wait 60s");
    expect![[r#"
        20.137  Kubelet on node-1: Records Event Evicted: Pod ephemeral local storage usage exceeds the total limit of conta…
        20.137  Kubelet on node-1: Evicts web: it has written 2Gi, its containers' limits add up to 1Gi.
        20.137  Kubelet on node-1: Reports web not ready: it is being evicted.
        20.857  Kubelet on node-1: Reports web Failed, reason Evicted: nothing of it runs any more.
    "#]].assert_eq(&tells(&story));
    expect!["Failed|Evicted|Pod ephemeral local storage usage exceeds the total limit of containers 1Gi. |PodReadyToStartContainers Initialized Ready ContainersReady PodScheduled"].assert_eq(&status(&mut story));
}

#[test]
fn a_limit_of_one_container_is_one_of_the_pod() {
    let log = "  - {name: log, image: log:1}\n";
    let mut story = Story::of(&pod("sim.kubestep.dev/disk: 600Mi", &format!("{LIMITED}{log}")));
    story.run("sim wait 30s");
    expect!["Failed|Evicted|Pod ephemeral local storage usage exceeds the total limit of containers 1Gi. |PodReadyToStartContainers Initialized Ready ContainersReady PodScheduled"].assert_eq(&status(&mut story));
}

#[test]
fn a_container_may_be_above_its_limit_while_its_pod_is_not() {
    let log = "  - {name: log, image: log:1, resources: {limits: {ephemeral-storage: 2Gi}}}\n";
    let mut story = Story::of(&pod("sim.kubestep.dev/disk.web: 1500Mi", &format!("{LIMITED}{log}")));
    story.run("sim wait 30s");
    expect![[r#"
        10.137  Kubelet on node-1: Records Event Evicted: Container web exceeded its local ephemeral storage limit "1Gi". 
        10.137  Kubelet on node-1: Evicts web: its container web has written 1500Mi, its limit is 1Gi.
        10.137  Kubelet on node-1: Reports web not ready: it is being evicted.
        10.857  Kubelet on node-1: Reports web Failed, reason Evicted: nothing of it runs any more.
    "#]].assert_eq(&tells(&story));
    expect![[r#"Failed|Evicted|Container web exceeded its local ephemeral storage limit "1Gi". |PodReadyToStartContainers Initialized Ready ContainersReady PodScheduled"#]].assert_eq(&status(&mut story));
}

const WITH_VOLUME: &str = "  containers:\n  - {name: web, image: web:1, volumeMounts: [{name: cache, mountPath: /cache}]}\n  \
                           volumes:\n  - {name: cache, emptyDir: {sizeLimit: 500Mi}}\n";

#[test]
fn a_volume_above_its_limit_is_noticed_once_it_is_measured() {
    let mut story = Story::of(&pod("sim.kubestep.dev/volume.cache: \"1Mi, 600Mi after 20s\"", WITH_VOLUME));
    story.run("sim wait 90s");
    expect![[r#"
        60.137  Kubelet on node-1: Records Event Evicted: Usage of EmptyDir volume "cache" exceeds the limit "500Mi". 
        60.137  Kubelet on node-1: Evicts web: its volume cache holds 600Mi, its limit is 500Mi.
        60.137  Kubelet on node-1: Reports web not ready: it is being evicted.
        60.857  Kubelet on node-1: Reports web Failed, reason Evicted: nothing of it runs any more.
    "#]].assert_eq(&tells(&story));
    expect![[r#"Failed|Evicted|Usage of EmptyDir volume "cache" exceeds the limit "500Mi". |PodReadyToStartContainers Initialized Ready ContainersReady PodScheduled"#]].assert_eq(&status(&mut story));
    let pods = story.prints("get pods");
    expect![[r#"
        NAME   READY   STATUS      RESTARTS   AGE
        web    0/1     Completed   0          91s
    "#]]
    .assert_eq(&pods);
}

#[test]
fn a_volume_in_memory_is_full_at_its_limit_and_takes_memory() {
    let in_memory = WITH_VOLUME.replace("{sizeLimit", "{medium: Memory, sizeLimit");
    let mut story = Story::of(&pod("sim.kubestep.dev/volume: 600Mi", &in_memory));
    story.run("sim wait 90s");
    assert_eq!(tells(&story), "");
    // 8 GiB less 100 MiB, 500 MiB of the volume and 16 MiB of the process.
    story.run("sim use node-1 memory 7576Mi");
    story.run("sim wait 30s");
    assert_eq!(tells(&story), "");
    story.run("sim use node-1 memory 7577Mi");
    story.run("sim wait 30s");
    expect![[r#"
        130.137 Kubelet on node-1: Records Event EvictionThresholdMet: Attempting to reclaim memory
        130.137 Kubelet on node-1: Records Event Evicted: The node was low on resource: memory. Threshold quantity: 100Mi, a…
        130.137 Kubelet on node-1: Evicts web: it uses 516Mi, asked for 0, first of 1.
        130.137 Kubelet on node-1: Reports web not ready: it is being evicted.
        130.857 Kubelet on node-1: Reports web Failed, reason Evicted: nothing of it runs any more.
        132.137 Kubelet on node-1: Records Event NodeHasInsufficientMemory: Node node-1 status is now: NodeHasInsufficientMe…
        132.142 Kubelet on node-1: Node node-1 reports MemoryPressure: it gets no new pods.
    "#]].assert_eq(&tells(&story));
}

#[test]
fn a_job_tries_again_after_its_pod_was_evicted() {
    let job = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: import}\nspec:\n  backoffLimit: 1\n  template:\n    \
               metadata: {annotations: {sim.kubestep.dev/disk: 2Gi, sim.kubestep.dev/exit-after: 5m}}\n    spec:\n      restartPolicy: Never\n      \
               containers: [{name: web, image: web:1, resources: {limits: {ephemeral-storage: 1Gi}}}]\n";
    let mut story = Story::of(job);
    story.run("sim wait 90s");
    let pods = story.prints("get pods,jobs");
    expect![[r#"
        NAME               READY   STATUS      RESTARTS   AGE
        pod/import-6twnb   0/1     Completed   0          73s
        pod/import-d69ks   0/1     Completed   0          93s

        NAME               STATUS   COMPLETIONS   DURATION   AGE
        job.batch/import   Failed   0/1           93s        93s
    "#]]
    .assert_eq(&pods);
}
