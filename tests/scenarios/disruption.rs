//! Who may be sent away, and when: disruption budgets, drains, nodes that fall silent.

use expect_test::expect;
use kubestep_core::Command;
use kubestep_core::engine::{Budget, NodeAct, Until};
use kubestep_tests::manifests::web;
use kubestep_tests::{Chapter, Story};

const AT_LEAST_TWO: &str = "apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
spec:
  minAvailable: 2
  selector:
    matchLabels: {app: web}
";

/// The lines that hold one of these words.
fn with(told: &str, words: &[&str]) -> String {
    let lines = told.lines().filter(|line| words.iter().any(|word| line.contains(word)));
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn an_eviction_takes_one_disruption_off_the_budget() {
    let mut story = Story::of(&format!("{}---\n{AT_LEAST_TWO}", web(2, "", "")));
    story.apply(&web(3, "", ""));
    story.tells(Chapter::Everything);
    let drain = story.run("drain node-1");
    expect![[r#"
        node/node-1 cordoned
        evicting pod default/web-8588b5bfb4-drj26
        pod/web-8588b5bfb4-drj26 evicted
        node/node-1 drained
    "#]]
    .assert_eq(&story.output(drain));
    expect![[r#"
        4.422   kubectl: Evicts web-8588b5bfb4-drj26: web has an eviction left.
        4.422   API server: Deletes web-8588b5bfb4-drj26: its disruption budget had an eviction left.
        4.436   Disruption controller: Allows 0 evictions: 2 healthy, 2 needed.
        4.450   Disruption controller: Allows 0 evictions: 2 healthy, 2 needed.
        4.923   Disruption controller: Allows 1 eviction: 3 healthy, 2 needed.
        6.151   Disruption controller: Allows 1 eviction: 3 healthy, 2 needed.
    "#]]
    .assert_eq(&with(&story.tells(Chapter::Everything), &["budget", "eviction"]));
}

#[test]
fn pods_of_a_silent_node_are_replaced_when_their_patience_ends() {
    let mut story = Story::of(&web(2, "", ""));
    story.tells(Chapter::Everything);
    story.timeline.submit(Command::OnNode("node-1".into(), NodeAct::FallsSilent));
    let until = story.timeline.head().now + kubestep_core::Duration::from_seconds(400);
    story.timeline.advance(Until::Time(until), Budget { steps: 10_000 });
    let told = story.tells(Chapter::Everything);
    expect![[r#"
        55.000  Node lifecycle controller: Declares node-1 unknown: no heartbeat for 52 s.
        55.000  Node lifecycle controller: Records Event NodeNotReady: Node node-1 status is now: NodeNotReady
        55.005  Node lifecycle controller: Sets Ready of web-8588b5bfb4-svkqd to False: its kubelet is silent.
        55.005  Node lifecycle controller: Records Event NodeNotReady: Node is not ready
        55.015  Node lifecycle controller: Taints node-1: new pods stay off.
        60.000  Node lifecycle controller: Taints node-1 with node.kubernetes.io/unreachable.
        360.014 Taint eviction controller: Records Event TaintManagerEviction: Marking for deletion Pod default/web-8588b5bfb4-svkqd
        360.019 Taint eviction controller: Marks web-8588b5bfb4-svkqd: it does not tolerate the taints of node-1.
        360.024 Taint eviction controller: Evicts web-8588b5bfb4-svkqd: it does not tolerate the taints of node-1.
        360.033 ReplicaSet controller: Creates web-8588b5bfb4-bzv77: 1 of 2 pods exist.
    "#]]
    .assert_eq(&with(&told, &["Node lifecycle", "Taint eviction", "ReplicaSet controller: Creates"]));
    story.timeline.submit(Command::OnNode("node-1".into(), NodeAct::Returns));
    story.rest();
    expect![[r#"
        362.201 Kubelet on node-1: Node node-1 reports Ready True.
        362.215 Node lifecycle controller: Takes taints of node-1 away: their cause is gone.
        363.137 API server: Removes web-8588b5bfb4-svkqd: its grace period is 0 and no finalizer holds it.
    "#]]
    .assert_eq(&with(&story.tells(Chapter::Everything), &["Node", "Removes"]));
}

#[test]
fn a_drain_gives_up_on_a_pod_that_its_budget_keeps() {
    let mut story = Story::of(&format!("{}---\n{AT_LEAST_TWO}", web(2, "", "")));
    let drain = story.run("drain node-1 --timeout=3s");
    story.run("sim wait 6s");
    expect![[r#"
        node/node-1 cordoned
        evicting pod default/web-8588b5bfb4-drj26
        error when evicting pods/"web-8588b5bfb4-drj26" -n "default" (will retry after 5s): Cannot evict pod as it would violate the pod's disruption budget.
        evicting pod default/web-8588b5bfb4-drj26
        error: unable to drain node "node-1" due to error: error when evicting pods/"web-8588b5bfb4-drj26" -n "default": global timeout reached: 3s, continuing command...
        There are pending nodes to be drained:
         node-1
        error when evicting pods/"web-8588b5bfb4-drj26" -n "default": global timeout reached: 3s
    "#]].assert_eq(&story.output(drain));
}

#[test]
fn a_pod_with_two_budgets_cannot_be_evicted() {
    let other = AT_LEAST_TWO.replace("name: web", "name: also").replace("minAvailable: 2", "minAvailable: 0");
    let mut story = Story::of(&format!("{}---\n{AT_LEAST_TWO}---\n{other}", web(2, "", "")));
    let drain = story.run("drain node-1");
    expect![[r#"
        node/node-1 cordoned
        evicting pod default/web-8588b5bfb4-6st85
        error: unable to drain node "node-1" due to error: error when evicting pods/"web-8588b5bfb4-6st85" -n "default": This pod has more than one PodDisruptionBudget, which the eviction subresource does not support., continuing command...
        There are pending nodes to be drained:
         node-1
        error when evicting pods/"web-8588b5bfb4-6st85" -n "default": This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.
    "#]].assert_eq(&story.output(drain));
}

#[test]
fn a_budget_tells_of_pods_that_nobody_manages() {
    let mut story = Story::of(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: solo, labels: {app: web}}\nspec: {containers: [{name: web, image: \
         'web:1'}]}\n",
    );
    story.tells(Chapter::Events);
    story.apply(&AT_LEAST_TWO.replace("minAvailable: 2", "maxUnavailable: 1"));
    let events =
        story.run("get events --field-selector reason=UnmanagedPods -o jsonpath={.items[0].message}");
    expect![[r#"Pods selected by this PodDisruptionBudget (selector: &LabelSelector{MatchLabels:map[string]string{app: web,},MatchExpressions:[]LabelSelectorRequirement{},}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value."#]].assert_eq(&story.output(events));
}

#[test]
fn a_budget_over_pods_whose_owner_has_no_size_lets_none_of_them_go() {
    let mut story = Story::of(
        "
apiVersion: batch/v1
kind: Job
metadata: {name: pi}
spec:
  template:
    metadata: {labels: {app: pi}}
    spec: {restartPolicy: Never, containers: [{name: pi, image: 'perl:5.34'}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: half}
spec: {minAvailable: 50%, selector: {matchLabels: {app: pi}}}
",
    );
    let events = story.run("get events --field-selector involvedObject.name=half -o 'jsonpath={range .items[*]}{.type} {.reason} {.message}|{end}'");
    expect!["Warning CalculateExpectedPodCountFailed Failed to calculate the number of expected pods: jobs.batch does not implement the scale subresource|"].assert_eq(&story.output(events));
    let conditions = story.run("get pdb half -o 'jsonpath={.status.conditions[0]}'");
    expect![[r#"{"lastTransitionTime":"2026-01-01T00:00:00Z","message":"jobs.batch does not implement the scale subresource","reason":"SyncFailed","status":"False","type":"DisruptionAllowed"}"#]].assert_eq(&story.output(conditions));
    // With a number, nobody's size counts.
    story.run("patch pdb half -p '{\"spec\":{\"minAvailable\":1}}'");
    let status = story.run("get pdb");
    expect![[r#"
        NAME   MIN AVAILABLE   MAX UNAVAILABLE   ALLOWED DISRUPTIONS   AGE
        half   1               N/A               0                     7s
    "#]]
    .assert_eq(&story.output(status));
}
