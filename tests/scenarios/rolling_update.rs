//! RollingUpdate: how far it goes in one look, and what it waits for.

use expect_test::expect;
use kubestep_tests::manifests::{MY_DEPLOYMENT, web};
use kubestep_tests::{Chapter, Story};

use crate::check;

fn rolling(surge: &str, unavailable: &str) -> String {
    format!(
        "  strategy: {{type: RollingUpdate, rollingUpdate: {{maxSurge: {surge}, maxUnavailable: {unavailable}}}}}\n"
    )
}

#[test]
fn three_replicas_with_defaults_are_at_most_four_and_never_below_three() {
    check(
        MY_DEPLOYMENT,
        "set image deployment/my-deployment my-container=my-image:2",
        Chapter::Rollout,
        expect![[r#"
            2.240   Deployment controller: Creates my-deployment-6d887db967 with 1: revision 2, a template that no ReplicaSet has.
            3.627   Kubelet on node-1: Reports my-deployment-6d887db967-x9nm8 Running, 1 of 1 containers ready.
            3.655   Deployment controller: Scales my-deployment-5c656859f from 3 to 2: 4 available, floor 3.
            3.670   Deployment controller: Scales my-deployment-6d887db967 from 1 to 2: the rollout is 1 pod below its ceiling.
            5.057   Kubelet on node-2: Reports my-deployment-6d887db967-xhvvb Running, 1 of 1 containers ready.
            5.085   Deployment controller: Scales my-deployment-5c656859f from 2 to 1: 4 available, floor 3.
            5.100   Deployment controller: Scales my-deployment-6d887db967 from 2 to 3: the rollout is 1 pod below its ceiling.
            6.487   Kubelet on node-3: Reports my-deployment-6d887db967-29p7l Running, 1 of 1 containers ready.
            6.515   Deployment controller: Scales my-deployment-5c656859f from 1 to 0: 4 available, floor 3.
        "#]],
    );
}

#[test]
fn without_surge_an_old_pod_goes_before_a_new_one_comes() {
    check(
        &web(3, &rolling("0", "1"), ""),
        "set image deployment/web web=web:2",
        Chapter::Rollout,
        expect![[r#"
            2.240   Deployment controller: Creates web-6dc799547 with 0: revision 2, a template that no ReplicaSet has.
            2.245   Deployment controller: Scales web-8588b5bfb4 from 3 to 2: 3 available, floor 2.
            2.268   Deployment controller: Scales web-6dc799547 from 0 to 1: the rollout is 1 pod below its ceiling.
            3.655   Kubelet on node-1: Reports web-6dc799547-7g76v Running, 1 of 1 containers ready.
            3.683   Deployment controller: Scales web-8588b5bfb4 from 2 to 1: 3 available, floor 2.
            3.698   Deployment controller: Scales web-6dc799547 from 1 to 2: the rollout is 1 pod below its ceiling.
            5.085   Kubelet on node-3: Reports web-6dc799547-m6qtq Running, 1 of 1 containers ready.
            5.113   Deployment controller: Scales web-8588b5bfb4 from 1 to 0: 3 available, floor 2.
            5.128   Deployment controller: Scales web-6dc799547 from 2 to 3: the rollout is 1 pod below its ceiling.
            6.515   Kubelet on node-2: Reports web-6dc799547-hctb4 Running, 1 of 1 containers ready.
        "#]],
    );
}

#[test]
fn without_unavailability_a_new_pod_must_be_ready_before_an_old_one_goes() {
    check(
        &web(3, &rolling("1", "0"), ""),
        "set image deployment/web web=web:2",
        Chapter::Rollout,
        expect![[r#"
            2.240   Deployment controller: Creates web-6dc799547 with 1: revision 2, a template that no ReplicaSet has.
            3.627   Kubelet on node-1: Reports web-6dc799547-7zdw7 Running, 1 of 1 containers ready.
            3.655   Deployment controller: Scales web-8588b5bfb4 from 3 to 2: 4 available, floor 3.
            3.670   Deployment controller: Scales web-6dc799547 from 1 to 2: the rollout is 1 pod below its ceiling.
            5.057   Kubelet on node-2: Reports web-6dc799547-jhndq Running, 1 of 1 containers ready.
            5.085   Deployment controller: Scales web-8588b5bfb4 from 2 to 1: 4 available, floor 3.
            5.100   Deployment controller: Scales web-6dc799547 from 2 to 3: the rollout is 1 pod below its ceiling.
            6.487   Kubelet on node-3: Reports web-6dc799547-xmjgz Running, 1 of 1 containers ready.
            6.515   Deployment controller: Scales web-8588b5bfb4 from 1 to 0: 4 available, floor 3.
        "#]],
    );
}

#[test]
fn percentages_round_surge_up_and_unavailability_down() {
    check(
        &web(10, &rolling("25%", "25%"), ""),
        "set image deployment/web web=web:2",
        Chapter::Rollout,
        expect![[r#"
            2.490   Deployment controller: Creates web-6dc799547 with 3: revision 2, a template that no ReplicaSet has.
            2.495   Deployment controller: Scales web-8588b5bfb4 from 10 to 8: 10 available, floor 8.
            2.505   Deployment controller: Scales web-6dc799547 from 3 to 5: the rollout is 2 pods below its ceiling.
            3.877   Kubelet on node-2: Reports web-6dc799547-8rbbq Running, 1 of 1 containers ready.
            3.887   Kubelet on node-3: Reports web-6dc799547-psnq6 Running, 1 of 1 containers ready.
            3.897   Kubelet on node-1: Reports web-6dc799547-6mm4d Running, 1 of 1 containers ready.
            3.905   Deployment controller: Scales web-8588b5bfb4 from 8 to 7: 9 available, floor 8.
            3.920   Deployment controller: Scales web-6dc799547 from 5 to 6: the rollout is 1 pod below its ceiling.
            3.947   Deployment controller: Scales web-8588b5bfb4 from 7 to 5: 10 available, floor 8.
            3.962   Deployment controller: Scales web-6dc799547 from 6 to 8: the rollout is 2 pods below its ceiling.
            3.967   Kubelet on node-2: Reports web-6dc799547-ngsqr Running, 1 of 1 containers ready.
            3.977   Kubelet on node-3: Reports web-6dc799547-v6mwf Running, 1 of 1 containers ready.
            3.990   Deployment controller: Scales web-8588b5bfb4 from 5 to 4: 9 available, floor 8.
            4.005   Deployment controller: Scales web-6dc799547 from 8 to 9: the rollout is 1 pod below its ceiling.
            4.020   Deployment controller: Scales web-8588b5bfb4 from 4 to 3: 9 available, floor 8.
            4.035   Deployment controller: Scales web-6dc799547 from 9 to 10: the rollout is 1 pod below its ceiling.
            4.398   Kubelet on node-1: Reports web-6dc799547-nqg4h Running, 1 of 1 containers ready.
            4.426   Deployment controller: Scales web-8588b5bfb4 from 3 to 2: 9 available, floor 8.
            4.449   Kubelet on node-1: Reports web-6dc799547-8tthh Running, 1 of 1 containers ready.
            4.459   Kubelet on node-2: Reports web-6dc799547-58bsq Running, 1 of 1 containers ready.
            4.468   Deployment controller: Scales web-8588b5bfb4 from 2 to 1: 9 available, floor 8.
            4.483   Deployment controller: Scales web-8588b5bfb4 from 1 to 0: 10 available, floor 8.
            4.487   Kubelet on node-3: Reports web-6dc799547-psgtr Running, 1 of 1 containers ready.
            4.522   Kubelet on node-1: Reports web-6dc799547-5wqqp Running, 1 of 1 containers ready.
        "#]],
    );
}

#[test]
fn recreate_waits_until_the_last_old_pod_is_gone() {
    check(
        &web(2, "  strategy: {type: Recreate}\n", ""),
        "set image deployment/web web=web:2",
        Chapter::Rollout,
        expect![[r#"
            2.230   Deployment controller: Scales web-8588b5bfb4 from 2 to 0: Recreate stops old pods first.
            3.016   Deployment controller: Creates web-6dc799547 with 2: revision 2, a template that no ReplicaSet has.
            4.403   Kubelet on node-1: Reports web-6dc799547-s9kmv Running, 1 of 1 containers ready.
            4.413   Kubelet on node-2: Reports web-6dc799547-97zdw Running, 1 of 1 containers ready.
        "#]],
    );
}

#[test]
fn a_new_template_in_mid_rollout_scales_the_half_finished_replica_set_down_first() {
    let mut story = Story::of(&web(4, "", ""));
    story.give("set image deployment/web web=web:2");
    story.steps(60);
    story.run("set image deployment/web web=web:3");
    expect![[r#"
        2.310   Deployment controller: Creates web-6dc799547 with 1: revision 2, a template that no ReplicaSet has.
        2.315   Deployment controller: Scales web-8588b5bfb4 from 4 to 3: 4 available, floor 3.
        2.352   Deployment controller: Scales web-6dc799547 from 1 to 2: the rollout is 1 pod below its ceiling.
        3.134   Deployment controller: Creates web-5b77d98b6 with 0: revision 3, a template that no ReplicaSet has.
        3.139   Deployment controller: Scales web-6dc799547 from 2 to 0: 2 of its pods serve nobody.
        3.162   Deployment controller: Scales web-5b77d98b6 from 0 to 2: the rollout is 2 pods below its ceiling.
        4.549   Kubelet on node-1: Reports web-5b77d98b6-4829p Running, 1 of 1 containers ready.
        4.559   Kubelet on node-2: Reports web-5b77d98b6-fh727 Running, 1 of 1 containers ready.
        4.577   Deployment controller: Scales web-8588b5bfb4 from 3 to 2: 4 available, floor 3.
        4.592   Deployment controller: Scales web-5b77d98b6 from 2 to 3: the rollout is 1 pod below its ceiling.
        4.619   Deployment controller: Scales web-8588b5bfb4 from 2 to 1: 4 available, floor 3.
        4.634   Deployment controller: Scales web-5b77d98b6 from 3 to 4: the rollout is 1 pod below its ceiling.
        5.121   Kubelet on node-1: Reports web-5b77d98b6-97j8t Running, 1 of 1 containers ready.
        5.149   Deployment controller: Scales web-8588b5bfb4 from 1 to 0: 4 available, floor 3.
        5.979   Kubelet on node-3: Reports web-5b77d98b6-784q2 Running, 1 of 1 containers ready.
    "#]].assert_eq(&story.tells(Chapter::Rollout));
}

#[test]
fn rollout_status_tells_what_it_waits_for() {
    let mut story = Story::of(MY_DEPLOYMENT);
    story.give("set image deployment/my-deployment my-container=my-image:2");
    let status = story.run("rollout status deployment/my-deployment");
    expect![[r#"
        Waiting for deployment spec update to be observed...
        Waiting for deployment spec update to be observed...
        Waiting for deployment "my-deployment" rollout to finish: 0 out of 3 new replicas have been updated...
        Waiting for deployment "my-deployment" rollout to finish: 1 out of 3 new replicas have been updated...
        Waiting for deployment "my-deployment" rollout to finish: 1 out of 3 new replicas have been updated...
        Waiting for deployment "my-deployment" rollout to finish: 1 out of 3 new replicas have been updated...
        Waiting for deployment "my-deployment" rollout to finish: 2 out of 3 new replicas have been updated...
        Waiting for deployment "my-deployment" rollout to finish: 2 out of 3 new replicas have been updated...
        Waiting for deployment "my-deployment" rollout to finish: 2 out of 3 new replicas have been updated...
        Waiting for deployment "my-deployment" rollout to finish: 2 out of 3 new replicas have been updated...
        Waiting for deployment "my-deployment" rollout to finish: 1 old replicas are pending termination...
        Waiting for deployment "my-deployment" rollout to finish: 1 old replicas are pending termination...
        Waiting for deployment "my-deployment" rollout to finish: 1 old replicas are pending termination...
        deployment "my-deployment" successfully rolled out
    "#]]
    .assert_eq(&story.output(status));
}
