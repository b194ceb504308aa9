//! `kubectl rollout undo` and `history`.

use expect_test::expect;
use kubestep_tests::manifests::MY_DEPLOYMENT;
use kubestep_tests::{Chapter, Story};

use crate::check;

#[test]
fn undo_rolls_to_the_old_replica_set_and_renumbers_it() {
    let mut story = Story::of(MY_DEPLOYMENT);
    story.run("set image deployment/my-deployment my-container=my-image:2");
    story.tells(Chapter::Rollout);
    let undo = story.run("rollout undo deployment/my-deployment");
    expect![[r#"
        Warning: resource deployments/my-deployment was previously managed with 'kubectl apply'. Rolling back will not update the kubectl.kubernetes.io/last-applied-configuration annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead.
        deployment.apps/my-deployment rolled back
    "#]].assert_eq(&story.output(undo));
    expect![[r#"
        7.729   Deployment controller: Gives my-deployment-5c656859f revision 3 in place of 1: its template is back.
        7.729   Deployment controller: Scales my-deployment-5c656859f from 0 to 1: the rollout is 1 pod below its ceiling.
        8.306   Kubelet on node-1: Reports my-deployment-5c656859f-ffrwv Running, 1 of 1 containers ready.
        8.334   Deployment controller: Scales my-deployment-6d887db967 from 3 to 2: 4 available, floor 3.
        8.349   Deployment controller: Scales my-deployment-5c656859f from 1 to 2: the rollout is 1 pod below its ceiling.
        8.926   Kubelet on node-2: Reports my-deployment-5c656859f-dt5ng Running, 1 of 1 containers ready.
        8.954   Deployment controller: Scales my-deployment-6d887db967 from 2 to 1: 4 available, floor 3.
        8.969   Deployment controller: Scales my-deployment-5c656859f from 2 to 3: the rollout is 1 pod below its ceiling.
        9.546   Kubelet on node-3: Reports my-deployment-5c656859f-qt6ps Running, 1 of 1 containers ready.
        9.574   Deployment controller: Scales my-deployment-6d887db967 from 1 to 0: 4 available, floor 3.
    "#]].assert_eq(&story.tells(Chapter::Rollout));
    let history = story.run("rollout history deployment/my-deployment");
    expect![[r#"
        deployment.apps/my-deployment 
        REVISION   CHANGE-CAUSE
        2          <none>
        3          <none>

    "#]]
    .assert_eq(&story.output(history));
}

#[test]
fn undo_without_history_is_an_error_of_kubectl() {
    check(
        MY_DEPLOYMENT,
        "rollout undo deployment/my-deployment",
        Chapter::Kubectl,
        expect![[r#"
            2.221   You: Ran kubectl rollout undo deployment/my-deployment
            2.226   kubectl: Prints: Warning: resource deployments/my-deployment was previously managed with 'kubectl apply'. Rolling back will not update the kubectl.kubernetes.io/last-applied-configuration annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead.
            2.226   kubectl: Prints: error: no rollout history found for deployment "my-deployment"
        "#]],
    );
}
