//! ResourceQuotas and LimitRanges: what a namespace has no room for.

use expect_test::expect;
use kubestep_tests::manifests::web;
use kubestep_tests::{Chapter, Story};

const TWO_PODS: &str = "apiVersion: v1
kind: ResourceQuota
metadata:
  name: small
spec:
  hard: {pods: '2', requests.memory: 1Gi}
";

const MEMORY: &str = "apiVersion: v1
kind: LimitRange
metadata:
  name: memory
spec:
  limits:
  - type: Container
    default: {memory: 128Mi}
    max: {memory: 256Mi}
";

#[test]
fn a_third_pod_finds_no_room_until_the_quota_grows() {
    let mut story = Story::of(&format!("{TWO_PODS}---\n{MEMORY}"));
    story.tells(Chapter::Everything);
    story.apply(&web(3, "", ""));
    let told = story.tells(Chapter::Everything);
    let of_quota: Vec<&str> = told
        .lines()
        .filter(|line| line.contains("quota") && !line.contains("combined") && !line.contains("Reports"))
        .take(3)
        .collect();
    expect![[r#"
        0.057   ReplicaSet controller: Is refused: POST of : pods "web-8588b5bfb4-wnbx4" is forbidden: exceeded quota: small, requested: pods=1, used: pods=2, limited: pods=2
        0.067   ReplicaSet controller: Is refused: POST of : pods "web-8588b5bfb4-qlkgz" is forbidden: exceeded quota: small, requested: pods=1, used: pods=2, limited: pods=2
        0.080   ReplicaSet controller: Is refused: POST of : pods "web-8588b5bfb4-52bzv" is forbidden: exceeded quota: small, requested: pods=1, used: pods=2, limited: pods=2
    "#]]
    .assert_eq(&(of_quota.join("\n") + "\n"));
    story.apply(&TWO_PODS.replace("pods: '2'", "pods: '3'"));
    let quota = story.run("get resourcequota small -o yaml");
    let status = story.output(quota).split("status:").nth(1).map(|status| status.replace("\n  ", "\n"));
    expect![[r#"

          hard:
            pods: "3"
            requests.memory: 1Gi
          used:
            pods: "2"
            requests.memory: 256Mi
    "#]]
    .assert_eq(&status.unwrap_or_default());
}

#[test]
fn a_container_that_may_use_too_much_is_refused() {
    let mut story = Story::of(MEMORY);
    story.tells(Chapter::Everything);
    let large = "        resources: {limits: {memory: 1Gi}}\n";
    story.apply(&(web(1, "", "") + large));
    let refused = story.tells(Chapter::Pods).lines().next().map(str::to_owned);
    expect![[r#"
        0.038   ReplicaSet controller: Is refused: POST of : pods "web-74b4dd9cd5-kqdrj" is forbidden: maximum memory usage per Container is 256Mi, but limit is 1Gi
    "#]]
    .assert_eq(&(refused.unwrap_or_default() + "\n"));
}

#[test]
fn a_replica_set_that_waits_for_room_hears_of_a_new_size_at_once() {
    let mut story = Story::of(&TWO_PODS.replace("pods: '2'", "pods: '0'"));
    story.apply(&web(3, "", ""));
    story.run("scale deployment/web --replicas=2");
    let seen =
        story.run("get rs -o jsonpath={.items[0].metadata.generation}/{.items[0].status.observedGeneration}");
    assert_eq!(story.output(seen), "2/2");
}
