//! A stopped scheduler, controller or controller-manager: what others do reaches its queue, and nobody looks.

use expect_test::expect;
use kubestep_core::api::Pod;
use kubestep_tests::manifests::web;
use kubestep_tests::{Chapter, Story};

fn pods(story: &Story) -> usize {
    story.timeline.head().store.count::<Pod>()
}

#[test]
fn three_edits_while_its_controller_is_stopped_are_answered_by_one_look() {
    let mut story = Story::of(&web(3, "", ""));
    story.run("sim stop deployment");
    for replicas in [5, 9, 4] {
        story.run(&format!("scale deployment/web --replicas={replicas}"));
    }
    assert_eq!(pods(&story), 3, "nobody tells the ReplicaSet");
    story.run("sim wait 1s");
    story.tells(Chapter::Rollout);
    story.run("sim start deployment");
    assert_eq!(pods(&story), 4);
    expect![[r#"
        3.246   Deployment controller: Scales web-8588b5bfb4 from 3 to 4 to follow spec.replicas.
        3.733   Kubelet on node-1: Reports web-8588b5bfb4-j97zd Running, 1 of 1 containers ready.
    "#]]
    .assert_eq(&story.tells(Chapter::Rollout));
}

#[test]
fn without_its_scheduler_a_cluster_leaves_new_pods_pending() {
    let mut story = Story::of(&web(1, "", ""));
    story.run("sim stop kube-scheduler");
    story.run("scale deployment/web --replicas=3");
    let pending = |story: &Story| {
        story.timeline.head().store.list::<Pod>().filter(|pod| pod.spec.node.is_none()).count()
    };
    assert_eq!(pending(&story), 2);
    story.run("sim start kube-scheduler");
    assert_eq!(pending(&story), 0);
}

#[test]
fn without_its_controller_manager_a_deleted_pod_is_not_replaced() {
    let mut story = Story::of(&web(2, "", ""));
    story.run("sim stop kube-controller-manager");
    let pod = story.timeline.head().store.list::<Pod>().next().unwrap().key.name.clone();
    story.run(&format!("delete pod {pod}"));
    assert_eq!(pods(&story), 1);
    story.run("sim start kube-controller-manager");
    assert_eq!(pods(&story), 2);
}

#[test]
fn whoever_is_stopped_in_the_middle_of_a_look_begins_it_anew() {
    let mut story = Story::before(&web(6, "", ""));
    // Its slow start has created one pod, and then two.
    while pods(&story) < 2 {
        story.steps(1);
    }
    story.run("sim stop replicaset");
    assert!((2..6).contains(&pods(&story)), "{} pods", pods(&story));
    story.run("sim start replicaset");
    assert_eq!(pods(&story), 6);
}
