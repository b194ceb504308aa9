//! `kubectl delete pod`: graceful, hurried, forced, and with a process that does not listen.

use expect_test::expect;
use kubestep_core::api::Pod;
use kubestep_tests::manifests::{MY_DEPLOYMENT, web};
use kubestep_tests::{Chapter, Story};

/// The name of the first pod, as `get pods` lists them.
fn first_pod(story: &Story) -> String {
    story.timeline.head().store.list::<Pod>().next().expect("a pod").name().to_owned()
}

#[test]
fn a_deleted_pod_is_replaced_at_once_and_leaves_when_its_process_has_ended() {
    let mut story = Story::of(MY_DEPLOYMENT);
    let delete = story.run(&format!("delete pod {}", first_pod(&story)));
    expect![[r#"
        pod "my-deployment-5c656859f-56wqm" deleted from default namespace
    "#]]
    .assert_eq(&story.output(delete));
    expect![[r#"
        2.221   You: Ran kubectl delete pod my-deployment-5c656859f-56wqm
        2.226   kubectl: Deletes my-deployment-5c656859f-56wqm: the request names no grace period.
        2.226   kubectl: Prints: pod "my-deployment-5c656859f-56wqm" deleted from default namespace
        2.240   ReplicaSet controller: Creates my-deployment-5c656859f-vxbwx: 2 of 3 pods exist.
        2.240   EndpointSlice controller: Updates my-service-rj26s: 1 terminates; 2 of 3 ready.
        2.240   ReplicaSet controller: Records Event SuccessfulCreate: Created pod: my-deployment-5c656859f-vxbwx
        2.240   ReplicaSet controller: Reports 2 pods (was 3), 2 ready (was 3), 2 available (was 3).
        2.250   Kubelet on node-1: Reports that it has seen the deletion of my-deployment-5c656859f-56wqm, grace 30 s.
        2.250   Kubelet on node-1: Records Event Killing: Stopping container my-container
        2.250   Kubelet on node-1: Sends SIGTERM to my-container of my-deployment-5c656859f-56wqm: SIGKILL follows in 30 s.
        2.254   ReplicaSet controller: Reports 3 pods (was 2), 3 fully labeled (was 2).
        2.254   Scheduler: Binds my-deployment-5c656859f-vxbwx to node-1: 595 points, the most of 3 nodes.
        2.254   Deployment controller: Reports 2 updated (was 3), 2 available (was 3), 1 unavailable (was 0).
        2.254   Scheduler: Records Event Scheduled: Successfully assigned default/my-deployment-5c656859f-vxbwx to n…
        2.268   Deployment controller: Reports 3 updated (was 2), 3 pods in all (was 2).
        2.278   Kubelet on node-1: Reports my-deployment-5c656859f-vxbwx Pending: its containers are about to be created.
        2.280   Endpoints controller: Updates my-service: 2 ready, 0 not ready addresses.
        2.458   Kubelet on node-1: Gives my-deployment-5c656859f-vxbwx a network namespace with 10.244.1.3.
        2.458   Kubelet on node-1: Reports my-deployment-5c656859f-vxbwx ready to start containers: its sandbox is up.
        2.458   Kubelet on node-1: Records Event Pulling: Pulling image "my-image"
        2.458   Kubelet on node-1: Pulls my-image: its policy is Always.
        2.484   kube-proxy on node-1: Writes the node's rules for my-service: 2 endpoints.
        2.484   kube-proxy on node-2: Writes the node's rules for my-service: 2 endpoints.
        2.484   kube-proxy on node-3: Writes the node's rules for my-service: 2 endpoints.
        2.548   Kubelet on node-1: Has pulled my-image in 90 ms.
        2.548   Kubelet on node-1: Records Event Pulled: Successfully pulled image "my-image" in 90ms (90ms including waitin…
        2.548   Kubelet on node-1: Records Event Created: Container created
        2.798   Kubelet on node-1: Has started my-container of my-deployment-5c656859f-vxbwx.
        2.798   Kubelet on node-1: Records Event Started: Container started
        2.803   Kubelet on node-1: Reports my-deployment-5c656859f-vxbwx Running, 1 of 1 containers ready.
        2.817   ReplicaSet controller: Reports 3 ready (was 2), 3 available (was 2).
        2.817   EndpointSlice controller: Updates my-service-rj26s: 1 added; 3 of 4 ready.
        2.831   Deployment controller: Reports 3 available (was 2), 0 unavailable (was 1), 3 ready (was 2).
        2.850   Kubelet on node-1: Sees my-container of my-deployment-5c656859f-56wqm end with 0 after SIGTERM.
        2.857   Endpoints controller: Updates my-service: 3 ready, 0 not ready addresses.
        2.970   Kubelet on node-1: Takes the sandbox of my-deployment-5c656859f-56wqm down: 10.244.1.2 is free.
        2.970   Kubelet on node-1: Reports my-deployment-5c656859f-56wqm Succeeded: nothing of it runs any more.
        2.984   ReplicaSet controller: Reports 0 terminating (was 1).
        2.984   EndpointSlice controller: Updates my-service-rj26s: 1 removed; 3 of 3 ready.
        2.998   Deployment controller: Reports 0 terminating (was 1).
        3.137   Kubelet on node-1: Deletes my-deployment-5c656859f-56wqm with grace 0: nothing of it is left on the node.
        3.137   API server: Removes my-deployment-5c656859f-56wqm: its grace period is 0 and no finalizer holds it.
        3.484   kube-proxy on node-1: Writes the node's rules for my-service: 3 endpoints.
        3.484   kube-proxy on node-2: Writes the node's rules for my-service: 3 endpoints.
        3.484   kube-proxy on node-3: Writes the node's rules for my-service: 3 endpoints.
        3.598   Kubelet on node-1: Sees my-container of my-deployment-5c656859f-vxbwx answer on its ports.
    "#]].assert_eq(&story.tells(Chapter::Everything));
}

#[test]
fn now_means_a_grace_of_one_second() {
    let mut story = Story::of(MY_DEPLOYMENT);
    story.run(&format!("delete pod {} --now", first_pod(&story)));
    expect![[r#"
        2.226   kubectl: Deletes my-deployment-5c656859f-56wqm with a grace period of 1 s.
        2.240   ReplicaSet controller: Creates my-deployment-5c656859f-vxbwx: 2 of 3 pods exist.
        2.250   Kubelet on node-1: Reports that it has seen the deletion of my-deployment-5c656859f-56wqm, grace 1 s.
        2.250   Kubelet on node-1: Sends SIGTERM to my-container of my-deployment-5c656859f-56wqm: SIGKILL follows in 2 s.
        2.254   Scheduler: Binds my-deployment-5c656859f-vxbwx to node-1: 595 points, the most of 3 nodes.
        2.278   Kubelet on node-1: Reports my-deployment-5c656859f-vxbwx Pending: its containers are about to be created.
        2.458   Kubelet on node-1: Gives my-deployment-5c656859f-vxbwx a network namespace with 10.244.1.3.
        2.458   Kubelet on node-1: Reports my-deployment-5c656859f-vxbwx ready to start containers: its sandbox is up.
        2.458   Kubelet on node-1: Pulls my-image: its policy is Always.
        2.548   Kubelet on node-1: Has pulled my-image in 90 ms.
        2.798   Kubelet on node-1: Has started my-container of my-deployment-5c656859f-vxbwx.
        2.803   Kubelet on node-1: Reports my-deployment-5c656859f-vxbwx Running, 1 of 1 containers ready.
        2.850   Kubelet on node-1: Sees my-container of my-deployment-5c656859f-56wqm end with 0 after SIGTERM.
        2.970   Kubelet on node-1: Takes the sandbox of my-deployment-5c656859f-56wqm down: 10.244.1.2 is free.
        2.970   Kubelet on node-1: Reports my-deployment-5c656859f-56wqm Succeeded: nothing of it runs any more.
        3.137   Kubelet on node-1: Deletes my-deployment-5c656859f-56wqm with grace 0: nothing of it is left on the node.
        3.137   API server: Removes my-deployment-5c656859f-56wqm: its grace period is 0 and no finalizer holds it.
        3.598   Kubelet on node-1: Sees my-container of my-deployment-5c656859f-vxbwx answer on its ports.
    "#]].assert_eq(&story.tells(Chapter::Pods));
}

#[test]
fn force_erases_the_object_while_the_process_still_runs() {
    let mut story = Story::of(MY_DEPLOYMENT);
    let delete = story.run(&format!("delete pod {} --force --grace-period=0", first_pod(&story)));
    expect![[r#"
        Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.
        pod "my-deployment-5c656859f-56wqm" force deleted from default namespace
    "#]].assert_eq(&story.output(delete));
    expect![[r#"
        2.231   kubectl: Deletes my-deployment-5c656859f-56wqm by force: nobody waits for its containers.
        2.231   API server: Removes my-deployment-5c656859f-56wqm: its grace period is 0 and no finalizer holds it.
        2.245   ReplicaSet controller: Creates my-deployment-5c656859f-vxbwx: 2 of 3 pods exist.
        2.255   Kubelet on node-1: Sends SIGTERM to my-container of my-deployment-5c656859f-56wqm: SIGKILL follows in 2 s.
        2.259   Scheduler: Binds my-deployment-5c656859f-vxbwx to node-1: 597 points, the most of 3 nodes.
        2.283   Kubelet on node-1: Reports my-deployment-5c656859f-vxbwx Pending: its containers are about to be created.
        2.463   Kubelet on node-1: Gives my-deployment-5c656859f-vxbwx a network namespace with 10.244.1.3.
        2.463   Kubelet on node-1: Reports my-deployment-5c656859f-vxbwx ready to start containers: its sandbox is up.
        2.463   Kubelet on node-1: Pulls my-image: its policy is Always.
        2.553   Kubelet on node-1: Has pulled my-image in 90 ms.
        2.803   Kubelet on node-1: Has started my-container of my-deployment-5c656859f-vxbwx.
        2.808   Kubelet on node-1: Reports my-deployment-5c656859f-vxbwx Running, 1 of 1 containers ready.
        2.855   Kubelet on node-1: Sees my-container of my-deployment-5c656859f-56wqm end with 0 after SIGTERM.
        2.975   Kubelet on node-1: Takes the sandbox of my-deployment-5c656859f-56wqm down: 10.244.1.2 is free.
        3.603   Kubelet on node-1: Sees my-container of my-deployment-5c656859f-vxbwx answer on its ports.
    "#]].assert_eq(&story.tells(Chapter::Pods));
}

#[test]
fn a_process_that_ignores_sigterm_is_killed_when_the_grace_runs_out() {
    let manifest = web(1, "", "").replace(
        "      labels: {app: web}\n",
        "      labels: {app: web}\n      annotations: {sim.kubestep.dev/on-sigterm: ignore}\n",
    );
    let mut story = Story::of(&manifest);
    story.run(&format!("delete pod {}", first_pod(&story)));
    expect![[r#"
        2.206   kubectl: Deletes web-5c9d7d7b4d-svkqd: the request names no grace period.
        2.220   ReplicaSet controller: Creates web-5c9d7d7b4d-6twnb: 0 of 1 pod exists.
        2.230   Kubelet on node-1: Reports that it has seen the deletion of web-5c9d7d7b4d-svkqd, grace 30 s.
        2.230   Kubelet on node-1: Sends SIGTERM to web of web-5c9d7d7b4d-svkqd: SIGKILL follows in 30 s.
        2.234   Scheduler: Binds web-5c9d7d7b4d-6twnb to node-2: the first of 2 nodes with 597 points.
        2.258   Kubelet on node-2: Reports web-5c9d7d7b4d-6twnb Pending: its containers are about to be created.
        2.438   Kubelet on node-2: Gives web-5c9d7d7b4d-6twnb a network namespace with 10.244.2.2.
        2.438   Kubelet on node-2: Reports web-5c9d7d7b4d-6twnb ready to start containers: its sandbox is up.
        2.438   Kubelet on node-2: Pulls web:1: it is not on the node.
        3.338   Kubelet on node-2: Has pulled web:1 in 900 ms.
        3.588   Kubelet on node-2: Has started web of web-5c9d7d7b4d-6twnb.
        3.593   Kubelet on node-2: Reports web-5c9d7d7b4d-6twnb Running, 1 of 1 containers ready.
        4.388   Kubelet on node-2: Sees web of web-5c9d7d7b4d-6twnb answer on its ports.
        32.230  Kubelet on node-1: Sends SIGKILL to web of web-5c9d7d7b4d-svkqd: 30 s after SIGTERM.
        32.230  Kubelet on node-1: Sees web of web-5c9d7d7b4d-svkqd end with 137: 128 + SIGKILL.
        32.350  Kubelet on node-1: Takes the sandbox of web-5c9d7d7b4d-svkqd down: 10.244.1.2 is free.
        32.350  Kubelet on node-1: Reports web-5c9d7d7b4d-svkqd Failed: nothing of it runs any more.
        33.137  Kubelet on node-1: Deletes web-5c9d7d7b4d-svkqd with grace 0: nothing of it is left on the node.
        33.137  API server: Removes web-5c9d7d7b4d-svkqd: its grace period is 0 and no finalizer holds it.
    "#]].assert_eq(&story.tells(Chapter::Pods));
}

#[test]
fn deleting_the_deployment_leaves_nothing_behind() {
    let mut story = Story::of(MY_DEPLOYMENT);
    story.run("delete deployment my-deployment");
    expect![[r#"
        2.254   Garbage collector: Deletes my-deployment-5c656859f-56wqm: its owner my-deployment-5c656859f is gone.
        2.254   Garbage collector: Deletes my-deployment-5c656859f-twnbx: its owner my-deployment-5c656859f is gone.
        2.254   Garbage collector: Deletes my-deployment-5c656859f-xpbql: its owner my-deployment-5c656859f is gone.
        2.278   Kubelet on node-1: Reports that it has seen the deletion of my-deployment-5c656859f-56wqm, grace 30 s.
        2.278   Kubelet on node-2: Reports that it has seen the deletion of my-deployment-5c656859f-twnbx, grace 30 s.
        2.278   Kubelet on node-3: Reports that it has seen the deletion of my-deployment-5c656859f-xpbql, grace 30 s.
        2.278   Kubelet on node-1: Sends SIGTERM to my-container of my-deployment-5c656859f-56wqm: SIGKILL follows in 30 s.
        2.278   Kubelet on node-2: Sends SIGTERM to my-container of my-deployment-5c656859f-twnbx: SIGKILL follows in 30 s.
        2.278   Kubelet on node-3: Sends SIGTERM to my-container of my-deployment-5c656859f-xpbql: SIGKILL follows in 30 s.
        2.878   Kubelet on node-1: Sees my-container of my-deployment-5c656859f-56wqm end with 0 after SIGTERM.
        2.878   Kubelet on node-2: Sees my-container of my-deployment-5c656859f-twnbx end with 0 after SIGTERM.
        2.878   Kubelet on node-3: Sees my-container of my-deployment-5c656859f-xpbql end with 0 after SIGTERM.
        2.998   Kubelet on node-1: Takes the sandbox of my-deployment-5c656859f-56wqm down: 10.244.1.2 is free.
        2.998   Kubelet on node-2: Takes the sandbox of my-deployment-5c656859f-twnbx down: 10.244.2.2 is free.
        2.998   Kubelet on node-3: Takes the sandbox of my-deployment-5c656859f-xpbql down: 10.244.3.2 is free.
        2.998   Kubelet on node-1: Reports my-deployment-5c656859f-56wqm Succeeded: nothing of it runs any more.
        2.998   Kubelet on node-2: Reports my-deployment-5c656859f-twnbx Succeeded: nothing of it runs any more.
        2.998   Kubelet on node-3: Reports my-deployment-5c656859f-xpbql Succeeded: nothing of it runs any more.
        3.137   Kubelet on node-1: Deletes my-deployment-5c656859f-56wqm with grace 0: nothing of it is left on the node.
        3.137   API server: Removes my-deployment-5c656859f-56wqm: its grace period is 0 and no finalizer holds it.
        3.274   Kubelet on node-2: Deletes my-deployment-5c656859f-twnbx with grace 0: nothing of it is left on the node.
        3.274   API server: Removes my-deployment-5c656859f-twnbx: its grace period is 0 and no finalizer holds it.
        3.411   Kubelet on node-3: Deletes my-deployment-5c656859f-xpbql with grace 0: nothing of it is left on the node.
        3.411   API server: Removes my-deployment-5c656859f-xpbql: its grace period is 0 and no finalizer holds it.
    "#]].assert_eq(&story.tells(Chapter::Pods));
    let left = story.run("get deployments,replicasets,pods");
    expect![[r#"
        No resources found in default namespace.
    "#]]
    .assert_eq(&story.output(left));
}
