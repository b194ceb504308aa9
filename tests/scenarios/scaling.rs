//! `kubectl scale`: more pods, fewer pods, and which ones go.

use expect_test::expect;
use kubestep_tests::Chapter;
use kubestep_tests::manifests::MY_DEPLOYMENT;

use crate::check;

#[test]
fn scaling_up_creates_pods_and_no_replica_set() {
    check(
        MY_DEPLOYMENT,
        "scale deployment/my-deployment --replicas=5",
        Chapter::Rollout,
        expect![[r#"
            2.240   Deployment controller: Scales my-deployment-5c656859f from 3 to 5 to follow spec.replicas.
            2.817   Kubelet on node-1: Reports my-deployment-5c656859f-bwx9n Running, 1 of 1 containers ready.
            2.827   Kubelet on node-2: Reports my-deployment-5c656859f-njkvv Running, 1 of 1 containers ready.
        "#]],
    );
}

#[test]
fn scaling_down_deletes_the_youngest_pods() {
    check(
        MY_DEPLOYMENT,
        "scale deployment/my-deployment --replicas=1",
        Chapter::Pods,
        expect![[r#"
            2.254   ReplicaSet controller: Deletes my-deployment-5c656859f-56wqm: 3 pods, replicas 1; it drew the lot.
            2.259   ReplicaSet controller: Deletes my-deployment-5c656859f-twnbx: 3 pods, replicas 1; it drew the lot.
            2.278   Kubelet on node-1: Reports that it has seen the deletion of my-deployment-5c656859f-56wqm, grace 30 s.
            2.278   Kubelet on node-1: Sends SIGTERM to my-container of my-deployment-5c656859f-56wqm: SIGKILL follows in 30 s.
            2.283   Kubelet on node-2: Reports that it has seen the deletion of my-deployment-5c656859f-twnbx, grace 30 s.
            2.283   Kubelet on node-2: Sends SIGTERM to my-container of my-deployment-5c656859f-twnbx: SIGKILL follows in 30 s.
            2.878   Kubelet on node-1: Sees my-container of my-deployment-5c656859f-56wqm end with 0 after SIGTERM.
            2.883   Kubelet on node-2: Sees my-container of my-deployment-5c656859f-twnbx end with 0 after SIGTERM.
            2.998   Kubelet on node-1: Takes the sandbox of my-deployment-5c656859f-56wqm down: 10.244.1.2 is free.
            2.998   Kubelet on node-1: Reports my-deployment-5c656859f-56wqm Succeeded: nothing of it runs any more.
            3.003   Kubelet on node-2: Takes the sandbox of my-deployment-5c656859f-twnbx down: 10.244.2.2 is free.
            3.003   Kubelet on node-2: Reports my-deployment-5c656859f-twnbx Succeeded: nothing of it runs any more.
            3.137   Kubelet on node-1: Deletes my-deployment-5c656859f-56wqm with grace 0: nothing of it is left on the node.
            3.137   API server: Removes my-deployment-5c656859f-56wqm: its grace period is 0 and no finalizer holds it.
            3.274   Kubelet on node-2: Deletes my-deployment-5c656859f-twnbx with grace 0: nothing of it is left on the node.
            3.274   API server: Removes my-deployment-5c656859f-twnbx: its grace period is 0 and no finalizer holds it.
        "#]],
    );
}
