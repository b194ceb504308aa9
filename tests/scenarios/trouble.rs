//! When it does not work: bad images, cordoned nodes, refused manifests.

use expect_test::expect;
use kubestep_core::StepId;
use kubestep_core::engine::{Budget, Rest, Until};
use kubestep_tests::manifests::{MY_DEPLOYMENT, web};
use kubestep_tests::{Chapter, Story};

#[test]
fn a_bad_image_stops_the_rollout_and_the_old_pods_go_on_serving() {
    let mut story = Story::of(MY_DEPLOYMENT);
    story.run("set image deployment/my-deployment my-container=my-image:missing");
    expect![[r#"
        2.240   Deployment controller: Creates my-deployment-77b55795bf with 1: revision 2, a template that no ReplicaSet has.
    "#]].assert_eq(&story.tells(Chapter::Rollout));
    let pods = story.run("get pods");
    expect![[r#"
        NAME                             READY   STATUS         RESTARTS   AGE
        my-deployment-5c656859f-56wqm    1/1     Running        0          4s
        my-deployment-5c656859f-twnbx    1/1     Running        0          4s
        my-deployment-5c656859f-xpbql    1/1     Running        0          4s
        my-deployment-77b55795bf-x9nm8   0/1     ErrImagePull   0          2s
    "#]]
    .assert_eq(&story.output(pods));
}

#[test]
fn a_cordoned_node_gets_no_new_pods_and_keeps_its_old_ones() {
    let mut story = Story::of(&web(3, "", ""));
    let cordon = story.run("cordon node-1");
    expect![[r#"
        node/node-1 cordoned
    "#]]
    .assert_eq(&story.output(cordon));
    story.run("scale deployment/web --replicas=5");
    let pods = story.run("get pods -o wide");
    expect![[r#"
        NAME                   READY   STATUS    RESTARTS   AGE   IP           NODE     NOMINATED NODE   READINESS GATES
        web-8588b5bfb4-6vxbw   1/1     Running   0          1s    10.244.3.3   node-3   <none>           <none>
        web-8588b5bfb4-f56tw   1/1     Running   0          3s    10.244.3.2   node-3   <none>           <none>
        web-8588b5bfb4-j97zd   1/1     Running   0          1s    10.244.2.3   node-2   <none>           <none>
        web-8588b5bfb4-st856   1/1     Running   0          3s    10.244.2.2   node-2   <none>           <none>
        web-8588b5bfb4-svkqd   1/1     Running   0          3s    10.244.1.2   node-1   <none>           <none>
    "#]].assert_eq(&story.output(pods));
    let uncordon = story.run("uncordon node-1");
    expect![[r#"
        node/node-1 uncordoned
    "#]]
    .assert_eq(&story.output(uncordon));
}

#[test]
fn a_manifest_that_the_api_server_refuses_is_answered_with_its_own_words() {
    let mut story = Story::of(MY_DEPLOYMENT);
    let apply = story.apply(&web(-1i32 as u32, "", "").replace("replicas: 4294967295", "replicas: -1"));
    expect![[r#"
        The Deployment "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0
    "#]]
    .assert_eq(&story.output(apply));
    expect![[r#"
        2.221   You: Ran kubectl apply -f manifest.yaml
        2.226   kubectl: Is refused: POST of web: Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0
        2.226   kubectl: Prints: The Deployment "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0
    "#]].assert_eq(&story.tells(Chapter::Kubectl));
}

#[test]
fn a_cluster_in_which_nothing_can_happen_any_more_says_so() {
    let mut story = Story::of(&web(2, "", ""));
    for node in ["node-1", "node-2", "node-3"] {
        story.run(&format!("cordon {node}"));
    }
    story.run("scale deployment/web --replicas=4");
    let far = StepId(story.timeline.len() as u32 + 5_000);
    let rest = story.timeline.advance(Until::Step(far), Budget { steps: 5_000 });
    assert_eq!(rest, Rest::Ended, "the scheduler looks at two pods every five minutes, for ever");
}

#[test]
fn a_slow_answer_fails_probes_that_wait_less_long() {
    let pod = |patience: u32| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: web, annotations: {{sim.kubestep.dev/response-time: 3s}}}}\nspec:\n  \
             containers:\n  - name: web\n    image: web:1\n    ports: [{{containerPort: 8080}}]\n    livenessProbe: \
             {{httpGet: {{port: 8080, path: /healthz}}, initialDelaySeconds: 2, periodSeconds: 5, failureThreshold: 2, \
             timeoutSeconds: {patience}}}\n"
        )
    };
    let mut story = Story::of(&pod(1));
    story.run("sim wait 20s");
    let told = story
        .run("get events -o custom-columns=REASON:.reason,MESSAGE:.message --field-selector type=Warning");
    expect![[r#"
        REASON      MESSAGE
        Unhealthy   Liveness probe failed: Get "http://10.244.1.2:8080/healthz": context deadline exceeded (Client.Timeout exceeded while awaiting headers)
    "#]].assert_eq(&story.output(told));
    let restarts = |story: &mut Story| {
        let told = story.run("get pod web -o jsonpath={.status.containerStatuses[0].restartCount}");
        story.output(told)
    };
    // Each is judged by the instance before the one that its probe has just stopped: the second does not wait either.
    assert_eq!(restarts(&mut story), "2");
    let mut patient = Story::of(&pod(5));
    patient.run("sim wait 60s");
    assert_eq!(restarts(&mut patient), "0");
}
