//! Nodes that run out of memory, disk, inodes or process numbers: their kubelets evict pods, and say so.

use expect_test::expect;
use kubestep_core::api::Pod;
use kubestep_core::simulation;
use kubestep_tests::{Story, line};

/// A pod on a node, with these annotations and this in its container.
fn pod(name: &str, annotations: &str, spec: &str, container: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, annotations: {{{annotations}}}}}\nspec:\n  nodeName: \
         node-1\n{spec}  containers:\n  - {{name: {name}, image: {name}:1{container}}}\n---\n"
    )
}

/// The steps that speak of an eviction, of a node that is short of something, or of images that go.
pub(crate) fn tells(story: &Story) -> String {
    let steps = story.timeline.steps().iter();
    let speaks =
        |line: &String| ["vict", "ressure", "unused", "cient"].iter().any(|word| line.contains(word));
    steps.map(|step| line(step)).filter(speaks).map(|line| line + "\n").collect()
}

#[test]
fn a_node_without_memory_evicts_who_uses_more_than_it_asked_for() {
    let modest = pod("modest", "", "", ", resources: {requests: {memory: 1Gi}}");
    let greedy = pod(
        "greedy",
        "sim.kubestep.dev/memory: \"64Mi, 8100Mi after 15s\"",
        "",
        ", resources: {requests: {memory: 64Mi}}",
    );
    let plain = pod("plain", "", "", "");
    let mut story = Story::of(&(modest + &greedy + &plain));
    story.run("sim wait 60s");
    expect![[r#"
        20.137  Kubelet on node-1: Records Event EvictionThresholdMet: Attempting to reclaim memory
        20.137  Kubelet on node-1: Records Event Evicted: The node was low on resource: memory. Threshold quantity: 100Mi, a…
        20.137  Kubelet on node-1: Evicts greedy: it uses 8100Mi, asked for 64Mi, first of 3.
        20.137  Kubelet on node-1: Reports greedy not ready: it is being evicted.
        20.857  Kubelet on node-1: Reports greedy Failed, reason Evicted: nothing of it runs any more.
        22.137  Kubelet on node-1: Records Event NodeHasInsufficientMemory: Node node-1 status is now: NodeHasInsufficientMe…
        22.142  Kubelet on node-1: Node node-1 reports MemoryPressure: it gets no new pods.
    "#]].assert_eq(&tells(&story));
    let pods = story.prints("get pods");
    expect![[r#"
        NAME     READY   STATUS      RESTARTS   AGE
        greedy   0/1     Completed   0          63s
        modest   1/1     Running     0          63s
        plain    1/1     Running     0          63s
    "#]]
    .assert_eq(&pods);
    let told = story.prints("describe pod greedy");
    expect![[r#"
        Name:         greedy
        Namespace:    default
        Priority:     0
        Node:         node-1/172.18.0.2
        Start Time:   Thu, 01 Jan 2026 00:00:00 +0000
        Labels:       <none>
        Annotations:  sim.kubestep.dev/memory: 64Mi, 8100Mi after 15s
        Status:       Failed
        Reason:       Evicted
        Message:      The node was low on resource: memory. Threshold quantity: 100Mi, available: 60Mi. Container greedy was using 8100Mi, request is 64Mi, has larger consumption of memory. 
        IP:           10.244.1.3
        IPs:
          IP:  10.244.1.3
        Containers:
          greedy:
            Container ID:   containerd://a948c4d155c824f15f7c25d8900bdbdade14f54b99663b5e3c4e3bfca25eacba
            Image:          greedy:1
            Image ID:       docker.io/library/greedy@sha256:da97d4a841cf87b6b4df5007b242cb1ee897710d2bb7e1843d974874744ebd6d
            Port:           <none>
            Host Port:      <none>
            State:          Terminated
              Reason:       Completed
              Exit Code:    0
              Started:      Thu, 01 Jan 2026 00:00:02 +0000
              Finished:     Thu, 01 Jan 2026 00:00:20 +0000
            Ready:          False
            Restart Count:  0
            Requests:
              memory:     64Mi
            Environment:  <none>
            Mounts:       <none>
        Conditions:
          Type                        Status
          PodReadyToStartContainers   False 
          Initialized                 True 
          Ready                       False 
          ContainersReady             False 
          PodScheduled                True 
          DisruptionTarget            True 
        Volumes:                      <none>
        QoS Class:                    Burstable
        Node-Selectors:               <none>
        Tolerations:                  node.kubernetes.io/not-ready:NoExecute op=Exists for 300s
                                      node.kubernetes.io/unreachable:NoExecute op=Exists for 300s
        Events:
          Type     Reason   Age   From     Message
          ----     ------   ----  ----     -------
          Normal   Pulling  62s   kubelet  spec.containers{greedy}: Pulling image "greedy:1"
          Normal   Pulled   61s   kubelet  spec.containers{greedy}: Successfully pulled image "greedy:1" in 900ms (1.795s including waiting). Image size: 18955394 bytes.
          Normal   Created  61s   kubelet  spec.containers{greedy}: Container created
          Normal   Started  60s   kubelet  spec.containers{greedy}: Container started
          Warning  Evicted  43s   kubelet  The node was low on resource: memory. Threshold quantity: 100Mi, available: 60Mi. Container greedy was using 8100Mi, request is 64Mi, has larger consumption of memory.
          Normal   Killing  43s   kubelet  spec.containers{greedy}: Stopping container greedy
    "#]].assert_eq(&told);
    let events = story.prints("get events --field-selector involvedObject.kind=Node");
    expect![[r#"
        LAST SEEN   TYPE      REASON                      OBJECT        MESSAGE
        43s         Warning   EvictionThresholdMet        node/node-1   Attempting to reclaim memory
        41s         Normal    NodeHasInsufficientMemory   node/node-1   Node node-1 status is now: NodeHasInsufficientMemory
    "#]].assert_eq(&events);
}

#[test]
fn the_condition_clears_five_minutes_after_memory_is_back() {
    let mut story = Story::of(&pod("web", "", "", ""));
    story.run("sim use node-1 memory 8150Mi");
    story.run("sim wait 30s");
    story.run("sim use node-1 memory 0");
    let late = story.apply(&pod("late", "", "", ""));
    assert!(story.output(late).contains("created"));
    story.run("sim wait 6m");
    story.apply(&pod("later", "", "", ""));
    expect![[r#"
        10.137  Kubelet on node-1: Records Event EvictionThresholdMet: Attempting to reclaim memory
        10.137  Kubelet on node-1: Records Event Evicted: The node was low on resource: memory. Threshold quantity: 100Mi, a…
        10.137  Kubelet on node-1: Evicts web: it uses 16Mi, asked for 0, first of 1.
        10.137  Kubelet on node-1: Reports web not ready: it is being evicted.
        10.857  Kubelet on node-1: Reports web Failed, reason Evicted: nothing of it runs any more.
        11.137  Kubelet on node-1: Records Event EvictionThresholdMet: Attempting to reclaim memory
        12.137  Kubelet on node-1: Records Event NodeHasInsufficientMemory: Node node-1 status is now: NodeHasInsufficientMe…
        12.142  Kubelet on node-1: Node node-1 reports MemoryPressure: it gets no new pods.
        20.142  Kubelet on node-1: Records Event EvictionThresholdMet: Attempting to reclaim memory
        30.137  Kubelet on node-1: Records Event EvictionThresholdMet: Attempting to reclaim memory
        31.393  Kubelet on node-1: Records Event Evicted: The node had condition: [MemoryPressure]. 
        31.398  Kubelet on node-1: Turns late away: the node has MemoryPressure.
        332.137 Kubelet on node-1: Records Event NodeHasSufficientMemory: Node node-1 status is now: NodeHasSufficientMemory
        332.142 Kubelet on node-1: Node node-1 reports MemoryPressure over: it has had enough for 5 minutes.
    "#]].assert_eq(&tells(&story));
    let pods = story.prints("get pods");
    expect![[r#"
        NAME    READY   STATUS      RESTARTS   AGE
        late    0/1     Evicted     0          6m1s
        later   1/1     Running     0          1s
        web     0/1     Completed   0          6m32s
    "#]]
    .assert_eq(&pods);
}

#[test]
fn of_pods_that_use_too_much_the_one_of_low_priority_goes_first() {
    let classes =
        "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: high}\nvalue: 1000\n---\n";
    let hungry = |name: &str, spec: &str, memory: &str| {
        pod(name, &format!("sim.kubestep.dev/memory: {memory}"), spec, "")
    };
    let important = hungry("important", "  priorityClassName: high\n", "3Gi");
    let small = hungry("small", "", "200Mi");
    let big = hungry("big", "", "1Gi");
    let mut story = Story::of(&(classes.to_owned() + &important + &small + &big));
    story.run("sim use node-1 memory 4Gi");
    story.run("sim wait 40s");
    expect![[r#"
        10.137  Kubelet on node-1: Records Event EvictionThresholdMet: Attempting to reclaim memory
        10.137  Kubelet on node-1: Records Event Evicted: The node was low on resource: memory. Threshold quantity: 100Mi, a…
        10.137  Kubelet on node-1: Evicts big: it uses 1Gi, asked for 0, first of 3.
        10.137  Kubelet on node-1: Reports big not ready: it is being evicted.
        10.857  Kubelet on node-1: Reports big Failed, reason Evicted: nothing of it runs any more.
        12.137  Kubelet on node-1: Records Event NodeHasInsufficientMemory: Node node-1 status is now: NodeHasInsufficientMe…
        12.142  Kubelet on node-1: Node node-1 reports MemoryPressure: it gets no new pods.
    "#]].assert_eq(&tells(&story));
    let pods = story.prints("get pods");
    expect![[r#"
        NAME        READY   STATUS      RESTARTS   AGE
        big         0/1     Completed   0          43s
        important   1/1     Running     0          43s
        small       1/1     Running     0          43s
    "#]]
    .assert_eq(&pods);
}

#[test]
fn a_full_disk_frees_unused_images_before_it_evicts() {
    let old = pod("old", "", "", "").replace("old:1", "nginx:1.27");
    let web = pod("web", "", "", "").replace("web:1", "nginx:1.26");
    let mut story = Story::of(&(old + &web));
    story.run("delete pod old");
    story.run("sim use node-1 disk 91140000000");
    story.run("sim wait 20s");
    story.run("sim use node-1 disk 90Gi");
    story.run("sim wait 30s");
    expect![[r#"
        10.137  Kubelet on node-1: Records Event EvictionThresholdMet: Attempting to reclaim ephemeral-storage
        10.137  Kubelet on node-1: Removes 1 unused image: the disk is nearly full.
        12.137  Kubelet on node-1: Records Event NodeHasDiskPressure: Node node-1 status is now: NodeHasDiskPressure
        12.142  Kubelet on node-1: Node node-1 reports DiskPressure: it gets no new pods.
        30.137  Kubelet on node-1: Records Event EvictionThresholdMet: Attempting to reclaim ephemeral-storage
        30.137  Kubelet on node-1: Records Event Evicted: The node was low on resource: ephemeral-storage. Threshold quantit…
        30.137  Kubelet on node-1: Evicts web: it uses 0, asked for 0, first of 1.
        30.137  Kubelet on node-1: Reports web not ready: it is being evicted.
        30.857  Kubelet on node-1: Reports web Failed, reason Evicted: nothing of it runs any more.
        31.137  Kubelet on node-1: Records Event EvictionThresholdMet: Attempting to reclaim ephemeral-storage
        31.137  Kubelet on node-1: Removes 1 unused image: the disk is nearly full.
        40.137  Kubelet on node-1: Records Event EvictionThresholdMet: Attempting to reclaim ephemeral-storage
        50.137  Kubelet on node-1: Records Event EvictionThresholdMet: Attempting to reclaim ephemeral-storage
    "#]].assert_eq(&tells(&story));
    let pods = story.prints("get pods");
    expect![[r#"
        NAME   READY   STATUS      RESTARTS   AGE
        web    0/1     Completed   0          53s
    "#]]
    .assert_eq(&pods);
}

#[test]
fn a_deployment_replaces_its_evicted_pods_on_other_nodes() {
    let manifest = kubestep_tests::manifests::web(3, "", "");
    let mut story = Story::of(&manifest);
    story.run("sim use node-1 memory 8150Mi");
    story.run("sim wait 40s");
    let head = story.timeline.head();
    let running: Vec<&str> = head
        .store
        .list::<Pod>()
        .filter(|pod| pod.phase() == "Running")
        .filter_map(|pod| pod.node())
        .collect();
    assert_eq!(running, ["node-2", "node-3", "node-2"]);
    // Until the taint is there, the scheduler finds no node as empty as this one.
    let turned_away =
        head.store.list::<Pod>().filter(|pod| pod.status.reason.as_deref() == Some("Evicted")).count();
    assert!(turned_away > 1, "{turned_away}");
}

#[test]
fn what_is_no_amount_is_answered_with_what_the_line_looks_like() {
    let setup = simulation::read(&pod("web", "sim.kubestep.dev/disk: \"lots\"", "", ""));
    assert_eq!(setup.diagnostics.len(), 1);
    let parsed = kubestep_core::Command::parse("sim use node-1 memory lots", &|_| None);
    assert!(parsed.unwrap_err().starts_with("usage: sim use NODE RESOURCE AMOUNT"));
}

#[test]
fn a_node_without_process_numbers_evicts_who_has_most_of_low_priority() {
    let forking = pod("forking", "sim.kubestep.dev/pids: \"1, 20k after 5s\"", "", "");
    let busy = pod("busy", "sim.kubestep.dev/pids: \"12k\"", "", ", resources: {requests: {memory: 64Mi}}");
    let mut story = Story::of(&(forking + &busy));
    story.run("sim wait 60s");
    expect![[r#"
        10.137  Kubelet on node-1: Records Event EvictionThresholdMet: Attempting to reclaim pids
        10.137  Kubelet on node-1: Records Event Evicted: The node was low on resource: pids. Threshold quantity: 3276, avai…
        10.137  Kubelet on node-1: Evicts forking: it has 20000 of the pids, first of 2.
        10.137  Kubelet on node-1: Reports forking not ready: it is being evicted.
        10.857  Kubelet on node-1: Reports forking Failed, reason Evicted: nothing of it runs any more.
        12.137  Kubelet on node-1: Records Event NodeHasInsufficientPID: Node node-1 status is now: NodeHasInsufficientPID
        12.142  Kubelet on node-1: Node node-1 reports PIDPressure: it gets no new pods.
    "#]].assert_eq(&tells(&story));
    let told = story.prints("get pod forking -o jsonpath={.status.message}");
    expect!["The node was low on resource: pids. Threshold quantity: 3276, available: 768. "]
        .assert_eq(&told);
    let node = story.prints("get node node-1 -o 'jsonpath={.spec.taints[*].key}|{.status.conditions[?(@.type==\"PIDPressure\")].message}'");
    expect!["node.kubernetes.io/pid-pressure|kubelet has insufficient PID available"].assert_eq(&node);
}

#[test]
fn a_disk_without_inodes_is_under_pressure_though_it_has_room() {
    let old = pod("old", "", "", "").replace("old:1", "nginx:1.27");
    let web = pod("web", "sim.kubestep.dev/inodes: 100k", "", "");
    let mut story = Story::of(&(old + &web));
    story.run("delete pod old");
    story.run("sim use node-1 inodes 6130k");
    story.run("sim wait 30s");
    story.run("sim use node-1 inodes 0");
    story.run("sim wait 6m");
    expect![[r#"
        10.137  Kubelet on node-1: Records Event EvictionThresholdMet: Attempting to reclaim inodes
        10.137  Kubelet on node-1: Removes 1 unused image: the disk is nearly full.
        10.137  Kubelet on node-1: Records Event Evicted: The node was low on resource: inodes. Threshold quantity: 320Ki, a…
        10.137  Kubelet on node-1: Evicts web: it has 100000 of the inodes, first of 1.
        10.137  Kubelet on node-1: Reports web not ready: it is being evicted.
        10.857  Kubelet on node-1: Reports web Failed, reason Evicted: nothing of it runs any more.
        12.137  Kubelet on node-1: Records Event NodeHasDiskPressure: Node node-1 status is now: NodeHasDiskPressure
        12.142  Kubelet on node-1: Node node-1 reports DiskPressure: it gets no new pods.
        312.137 Kubelet on node-1: Records Event NodeHasNoDiskPressure: Node node-1 status is now: NodeHasNoDiskPressure
        312.142 Kubelet on node-1: Node node-1 reports DiskPressure over: it has had enough for 5 minutes.
    "#]].assert_eq(&tells(&story));
    let told = story.prints("get pod web -o jsonpath={.status.message}");
    expect!["The node was low on resource: inodes. Threshold quantity: 320Ki, available: 307390. "]
        .assert_eq(&told);
}
