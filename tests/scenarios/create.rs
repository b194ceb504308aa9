//! From an applied manifest to ready pods.

use expect_test::expect;
use kubestep_tests::manifests::MY_DEPLOYMENT;
use kubestep_tests::{Chapter, Story};

#[test]
fn an_applied_deployment_becomes_a_replica_set_and_three_ready_pods() {
    let mut story = Story::before(MY_DEPLOYMENT);
    story.rest();
    expect![[r#"
        0.000   You: Ran kubectl apply -f manifest.yaml
        0.005   kubectl: Creates my-deployment: the cluster has none of that name.
        0.005   kubectl: Prints: deployment.apps/my-deployment created
        0.010   kubectl: Creates my-service: the cluster has none of that name.
        0.010   kubectl: Prints: service/my-service created
        0.019   Deployment controller: Creates my-deployment-5c656859f with 3: revision 1, a template that no ReplicaSet has.
        0.019   Deployment controller: Records Event ScalingReplicaSet: Scaled up replica set my-deployment-5c656859f from 0 to 3
        0.019   Deployment controller: Records revision 1 and that its ReplicaSet exists.
        0.024   Endpoints controller: Creates my-service: 0 ready, 0 not ready addresses.
        0.024   EndpointSlice controller: Writes my-service-rj26s without endpoints: no pod matches.
        0.033   Deployment controller: Reports 3 unavailable (was 0).
        0.033   ReplicaSet controller: Creates my-deployment-5c656859f-56wqm: 0 of 3 pods exist.
        0.033   ReplicaSet controller: Records Event SuccessfulCreate: Created pod: my-deployment-5c656859f-56wqm
        0.033   ReplicaSet controller: Creates my-deployment-5c656859f-twnbx: 0 of 3 pods exist.
        0.033   ReplicaSet controller: Records Event SuccessfulCreate: Created pod: my-deployment-5c656859f-twnbx
        0.038   ReplicaSet controller: Creates my-deployment-5c656859f-xpbql: 0 of 3 pods exist.
        0.038   ReplicaSet controller: Records Event SuccessfulCreate: Created pod: my-deployment-5c656859f-xpbql
        0.038   ReplicaSet controller: Reports that it saw the latest spec; the counts are as before.
        0.047   Scheduler: Binds my-deployment-5c656859f-56wqm to node-1: the first of 3 nodes with 597 points.
        0.047   Scheduler: Records Event Scheduled: Successfully assigned default/my-deployment-5c656859f-56wqm to n…
        0.048   ReplicaSet controller: Reports 3 pods (was 0), 3 fully labeled (was 0).
        0.057   Scheduler: Binds my-deployment-5c656859f-twnbx to node-2: the first of 2 nodes with 597 points.
        0.057   Scheduler: Records Event Scheduled: Successfully assigned default/my-deployment-5c656859f-twnbx to n…
        0.062   Deployment controller: Reports 3 updated (was 0), 3 pods in all (was 0).
        0.067   Scheduler: Binds my-deployment-5c656859f-xpbql to node-3: 597 points, the most of 3 nodes.
        0.067   Scheduler: Records Event Scheduled: Successfully assigned default/my-deployment-5c656859f-xpbql to n…
        0.071   Kubelet on node-1: Reports my-deployment-5c656859f-56wqm Pending: its containers are about to be created.
        0.074   kube-proxy on node-1: Writes rules that reject packets for my-service.
        0.074   kube-proxy on node-2: Writes rules that reject packets for my-service.
        0.074   kube-proxy on node-3: Writes rules that reject packets for my-service.
        0.081   Kubelet on node-2: Reports my-deployment-5c656859f-twnbx Pending: its containers are about to be created.
        0.091   Kubelet on node-3: Reports my-deployment-5c656859f-xpbql Pending: its containers are about to be created.
        0.251   Kubelet on node-1: Gives my-deployment-5c656859f-56wqm a network namespace with 10.244.1.2.
        0.251   Kubelet on node-1: Reports my-deployment-5c656859f-56wqm ready to start containers: its sandbox is up.
        0.251   Kubelet on node-1: Records Event Pulling: Pulling image "my-image"
        0.251   Kubelet on node-1: Pulls my-image: it is not on the node.
        0.261   Kubelet on node-2: Gives my-deployment-5c656859f-twnbx a network namespace with 10.244.2.2.
        0.261   Kubelet on node-2: Reports my-deployment-5c656859f-twnbx ready to start containers: its sandbox is up.
        0.261   Kubelet on node-2: Records Event Pulling: Pulling image "my-image"
        0.261   Kubelet on node-2: Pulls my-image: it is not on the node.
        0.271   Kubelet on node-3: Gives my-deployment-5c656859f-xpbql a network namespace with 10.244.3.2.
        0.271   Kubelet on node-3: Reports my-deployment-5c656859f-xpbql ready to start containers: its sandbox is up.
        0.271   Kubelet on node-3: Records Event Pulling: Pulling image "my-image"
        0.271   Kubelet on node-3: Pulls my-image: it is not on the node.
        1.151   Kubelet on node-1: Has pulled my-image in 900 ms.
        1.151   Kubelet on node-1: Records Event Pulled: Successfully pulled image "my-image" in 900ms (900ms including wait…
        1.151   Kubelet on node-1: Records Event Created: Container created
        1.161   Kubelet on node-2: Has pulled my-image in 900 ms.
        1.161   Kubelet on node-2: Records Event Pulled: Successfully pulled image "my-image" in 900ms (900ms including wait…
        1.161   Kubelet on node-2: Records Event Created: Container created
        1.171   Kubelet on node-3: Has pulled my-image in 900 ms.
        1.171   Kubelet on node-3: Records Event Pulled: Successfully pulled image "my-image" in 900ms (900ms including wait…
        1.171   Kubelet on node-3: Records Event Created: Container created
        1.401   Kubelet on node-1: Has started my-container of my-deployment-5c656859f-56wqm.
        1.401   Kubelet on node-1: Records Event Started: Container started
        1.406   Kubelet on node-1: Reports my-deployment-5c656859f-56wqm Running, 1 of 1 containers ready.
        1.411   Kubelet on node-2: Has started my-container of my-deployment-5c656859f-twnbx.
        1.411   Kubelet on node-2: Records Event Started: Container started
        1.416   Kubelet on node-2: Reports my-deployment-5c656859f-twnbx Running, 1 of 1 containers ready.
        1.420   ReplicaSet controller: Reports 1 ready (was 0), 1 available (was 0).
        1.420   EndpointSlice controller: Updates my-service-rj26s: 1 added; 1 of 1 ready.
        1.421   Kubelet on node-3: Has started my-container of my-deployment-5c656859f-xpbql.
        1.421   Kubelet on node-3: Records Event Started: Container started
        1.426   Kubelet on node-3: Reports my-deployment-5c656859f-xpbql Running, 1 of 1 containers ready.
        1.430   ReplicaSet controller: Reports 2 ready (was 1), 2 available (was 1).
        1.430   EndpointSlice controller: Updates my-service-rj26s: 1 added; 2 of 2 ready.
        1.434   Deployment controller: Reports 1 available (was 0), 2 unavailable (was 3), 1 ready (was 0).
        1.440   ReplicaSet controller: Reports 3 ready (was 2), 3 available (was 2).
        1.440   EndpointSlice controller: Updates my-service-rj26s: 1 added; 3 of 3 ready.
        1.444   Deployment controller: Reports 2 available (was 1), 1 unavailable (was 2), 2 ready (was 1).
        1.454   Deployment controller: Reports the rollout complete: all 3 updated and available.
        1.460   Endpoints controller: Updates my-service: 3 ready, 0 not ready addresses.
        1.484   kube-proxy on node-1: Writes the node's rules for my-service: 3 endpoints.
        1.484   kube-proxy on node-2: Writes the node's rules for my-service: 3 endpoints.
        1.484   kube-proxy on node-3: Writes the node's rules for my-service: 3 endpoints.
        2.201   Kubelet on node-1: Sees my-container of my-deployment-5c656859f-56wqm answer on its ports.
        2.211   Kubelet on node-2: Sees my-container of my-deployment-5c656859f-twnbx answer on its ports.
        2.221   Kubelet on node-3: Sees my-container of my-deployment-5c656859f-xpbql answer on its ports.
    "#]].assert_eq(&story.tells(Chapter::Everything));
}

#[test]
fn every_event_has_upstreams_reason_and_message() {
    let mut story = Story::before(MY_DEPLOYMENT);
    story.rest();
    expect![[r#"
        0.019   Deployment controller: Records Event ScalingReplicaSet: Scaled up replica set my-deployment-5c656859f from 0 to 3
        0.033   ReplicaSet controller: Records Event SuccessfulCreate: Created pod: my-deployment-5c656859f-56wqm
        0.033   ReplicaSet controller: Records Event SuccessfulCreate: Created pod: my-deployment-5c656859f-twnbx
        0.038   ReplicaSet controller: Records Event SuccessfulCreate: Created pod: my-deployment-5c656859f-xpbql
        0.047   Scheduler: Records Event Scheduled: Successfully assigned default/my-deployment-5c656859f-56wqm to n…
        0.057   Scheduler: Records Event Scheduled: Successfully assigned default/my-deployment-5c656859f-twnbx to n…
        0.067   Scheduler: Records Event Scheduled: Successfully assigned default/my-deployment-5c656859f-xpbql to n…
        0.251   Kubelet on node-1: Records Event Pulling: Pulling image "my-image"
        0.261   Kubelet on node-2: Records Event Pulling: Pulling image "my-image"
        0.271   Kubelet on node-3: Records Event Pulling: Pulling image "my-image"
        1.151   Kubelet on node-1: Records Event Pulled: Successfully pulled image "my-image" in 900ms (900ms including wait…
        1.151   Kubelet on node-1: Records Event Created: Container created
        1.161   Kubelet on node-2: Records Event Pulled: Successfully pulled image "my-image" in 900ms (900ms including wait…
        1.161   Kubelet on node-2: Records Event Created: Container created
        1.171   Kubelet on node-3: Records Event Pulled: Successfully pulled image "my-image" in 900ms (900ms including wait…
        1.171   Kubelet on node-3: Records Event Created: Container created
        1.401   Kubelet on node-1: Records Event Started: Container started
        1.411   Kubelet on node-2: Records Event Started: Container started
        1.421   Kubelet on node-3: Records Event Started: Container started
    "#]].assert_eq(&story.tells(Chapter::Events));
}

#[test]
fn applying_the_same_manifest_again_changes_nothing() {
    let mut story = Story::of(MY_DEPLOYMENT);
    let again = story.apply(MY_DEPLOYMENT);
    expect![[r#"
        deployment.apps/my-deployment unchanged
        service/my-service unchanged
    "#]]
    .assert_eq(&story.output(again));
    expect![[r#"
        2.221   You: Ran kubectl apply -f manifest.yaml
        2.226   kubectl: Prints: deployment.apps/my-deployment unchanged
        2.226   kubectl: Prints: service/my-service unchanged
    "#]]
    .assert_eq(&story.tells(Chapter::Everything));
}

#[test]
fn objects_left_out_of_a_manifest_are_left_alone() {
    let mut story = Story::of(MY_DEPLOYMENT);
    let (deployment, _service) = MY_DEPLOYMENT.split_once("---").expect("two documents");
    let again = story.apply(&deployment.replace("replicas: 3", "replicas: 4"));
    expect![[r#"
        deployment.apps/my-deployment configured
    "#]]
    .assert_eq(&story.output(again));
    let services = story.run("get services");
    expect![[r#"
        NAME         TYPE        CLUSTER-IP      EXTERNAL-IP   PORT(S)   AGE
        kubernetes   ClusterIP   10.96.0.1       <none>        443/TCP   3s
        my-service   ClusterIP   10.111.180.44   <none>        80/TCP    3s
    "#]]
    .assert_eq(&story.output(services));
}

#[test]
fn what_kubectl_only_pretends_is_told_and_not_done() {
    let mut story = Story::of("");
    let says = |line: &str| {
        let id = story.run(line);
        story.output(id)
    };
    let told = [
        "create service clusterip web --tcp=80:8080 --dry-run=client -o yaml",
        "create configmap config --from-literal=a=1 --dry-run=server",
        "create secret generic password --from-literal=key=open",
        "run solo --image=nginx:1.27 --dry-run=client",
        "get configmaps,secrets,pods",
        "auth can-i delete nodes",
        "api-resources --api-group=batch",
    ]
    .map(says);
    expect![[r#"
        apiVersion: v1
        kind: Service
        metadata:
          labels:
            app: web
          name: web
        spec:
          ports:
          - name: 80-8080
            port: 80
            protocol: TCP
            targetPort: 8080
          selector:
            app: web
          type: ClusterIP
        status:
          loadBalancer: {}
        ---
        configmap/config created (server dry run)
        ---
        secret/password created
        ---
        pod/solo created (dry run)
        ---
        NAME              TYPE     DATA   AGE
        secret/password   Opaque   1      0s
        ---
        Warning: resource 'nodes' is not namespace scoped

        yes
        ---
        NAME       SHORTNAMES   APIVERSION   NAMESPACED   KIND
        cronjobs   cj           batch/v1     true         CronJob
        jobs                    batch/v1     true         Job
    "#]]
    .assert_eq(&told.join("---\n"));
}
