//! StatefulSets, DaemonSets, Jobs and CronJobs.

use expect_test::expect;
use kubestep_tests::{Chapter, Story};

const DATABASE: &str = "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: 3
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: 'postgres:16'}]}
";

const AGENT: &str = "
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec: {containers: [{name: agent, image: 'agent:1'}]}
";

#[test]
fn a_stateful_set_creates_its_pods_one_after_the_other_and_rolls_them_from_the_top() {
    let mut story = Story::of(DATABASE);
    let pods = story.run("get pods");
    expect![[r#"
        NAME   READY   STATUS    RESTARTS   AGE
        db-0   1/1     Running   0          4s
        db-1   1/1     Running   0          3s
        db-2   1/1     Running   0          2s
    "#]]
    .assert_eq(&story.output(pods));
    story.run("set image statefulset/db db=postgres:17");
    expect![[r#"
        4.218   StatefulSet controller: Records Event SuccessfulDelete: Delete Pod db-2 in StatefulSet db successful
        4.242   Kubelet on node-3: Records Event Killing: Stopping container db
        5.425   StatefulSet controller: Records Event SuccessfulCreate: Create Pod db-2 in StatefulSet db successful
        5.439   Scheduler: Records Event Scheduled: Successfully assigned default/db-2 to node-3
        5.643   Kubelet on node-3: Records Event Pulling: Pulling image "postgres:17"
        6.543   Kubelet on node-3: Records Event Pulled: Successfully pulled image "postgres:17" in 900ms (900ms including w…
        6.543   Kubelet on node-3: Records Event Created: Container created
        6.793   Kubelet on node-3: Records Event Started: Container started
        6.812   StatefulSet controller: Records Event SuccessfulDelete: Delete Pod db-1 in StatefulSet db successful
        6.836   Kubelet on node-2: Records Event Killing: Stopping container db
        8.288   StatefulSet controller: Records Event SuccessfulCreate: Create Pod db-1 in StatefulSet db successful
        8.302   Scheduler: Records Event Scheduled: Successfully assigned default/db-1 to node-2
        8.506   Kubelet on node-2: Records Event Pulling: Pulling image "postgres:17"
        9.406   Kubelet on node-2: Records Event Pulled: Successfully pulled image "postgres:17" in 900ms (900ms including w…
        9.406   Kubelet on node-2: Records Event Created: Container created
        9.656   Kubelet on node-2: Records Event Started: Container started
        9.675   StatefulSet controller: Records Event SuccessfulDelete: Delete Pod db-0 in StatefulSet db successful
        9.699   Kubelet on node-1: Records Event Killing: Stopping container db
        11.151  StatefulSet controller: Records Event SuccessfulCreate: Create Pod db-0 in StatefulSet db successful
        11.165  Scheduler: Records Event Scheduled: Successfully assigned default/db-0 to node-1
        11.369  Kubelet on node-1: Records Event Pulling: Pulling image "postgres:17"
        12.269  Kubelet on node-1: Records Event Pulled: Successfully pulled image "postgres:17" in 900ms (900ms including w…
        12.269  Kubelet on node-1: Records Event Created: Container created
        12.519  Kubelet on node-1: Records Event Started: Container started
    "#]].assert_eq(&story.tells(Chapter::Events));
    let history = story.run("rollout history statefulset/db");
    expect![[r#"
        statefulset.apps/db 
        REVISION   CHANGE-CAUSE
        1          <none>
        2          <none>

    "#]]
    .assert_eq(&story.output(history));
}

#[test]
fn a_daemon_set_has_a_pod_on_every_node_that_fits() {
    let mut story = Story::of(AGENT);
    let set = story.run("get daemonset agent");
    expect![[r#"
        NAME    DESIRED   CURRENT   READY   UP-TO-DATE   AVAILABLE   NODE SELECTOR   AGE
        agent   3         3         3       3            3           <none>          1s
    "#]]
    .assert_eq(&story.output(set));
    let described = story.run("describe daemonset agent");
    expect![[r#"
        Name:           agent
        Namespace:      default
        Selector:       app=agent
        Node-Selector:  <none>
        Labels:         <none>
        Annotations:    deprecated.daemonset.template.generation: 1
        Desired Number of Nodes Scheduled: 3
        Current Number of Nodes Scheduled: 3
        Number of Nodes Scheduled with Up-to-date Pods: 3
        Number of Nodes Scheduled with Available Pods: 3
        Number of Nodes Misscheduled: 0
        Pods Status:  3 Running / 0 Waiting / 0 Succeeded / 0 Failed
        Pod Template:
          Labels:  app=agent
          Containers:
           agent:
            Image:         agent:1
            Port:          <none>
            Host Port:     <none>
            Environment:   <none>
            Mounts:        <none>
          Volumes:         <none>
          Node-Selectors:  <none>
          Tolerations:     <none>
        Events:
          Type    Reason            Age   From                  Message
          ----    ------            ----  ----                  -------
          Normal  SuccessfulCreate  1s    daemonset-controller  Created pod: agent-9ksvk
          Normal  SuccessfulCreate  1s    daemonset-controller  Created pod: agent-26st8
          Normal  SuccessfulCreate  1s    daemonset-controller  Created pod: agent-mdf56
    "#]]
    .assert_eq(&story.output(described));
    story.run("set image daemonset/agent agent=agent:2");
    let status = story.run("rollout status daemonset/agent --watch=false");
    expect![[r#"
        daemon set "agent" successfully rolled out
    "#]]
    .assert_eq(&story.output(status));
    story.run("rollout undo daemonset/agent");
    let history = story.run("rollout history daemonset/agent");
    expect![[r#"
        daemonset.apps/agent 
        REVISION   CHANGE-CAUSE
        2          <none>
        3          <none>

    "#]]
    .assert_eq(&story.output(history));
}

#[test]
fn the_job_of_a_cron_job_can_be_made_by_hand() {
    let mut story = Story::of("apiVersion: v1\nkind: Namespace\nmetadata: {name: lab}\n");
    story.run("create cronjob tick --image=busybox:1.36 --schedule='@daily' -- date");
    story.run("create job by-hand --from=cronjob/tick");
    let jobs = story.run("get jobs,cronjobs");
    expect![[r#"
        NAME                STATUS     COMPLETIONS   DURATION   AGE
        job.batch/by-hand   Complete   1/1           2s         3s

        NAME                 SCHEDULE   TIMEZONE   SUSPEND   ACTIVE   LAST SCHEDULE   AGE
        cronjob.batch/tick   @daily     <none>     False     0        <none>          3s
    "#]]
    .assert_eq(&story.output(jobs));
    let refused = story.run("create cronjob bad --image=busybox --schedule=often");
    expect![[r#"
        error: failed to create cronjob: CronJob.batch "bad" is invalid: spec.schedule: Invalid value: "often": expected exactly 5 fields, found 1: [often]
    "#]].assert_eq(&story.output(refused));
}

#[test]
fn a_suspended_job_lets_its_pods_go_without_counting_them() {
    let mut story = Story::of(
        "
apiVersion: batch/v1
kind: Job
metadata: {name: pi}
spec:
  parallelism: 2
  completions: 4
  template:
    metadata: {labels: {app: pi}, annotations: {sim.kubestep.dev/exit-after: 1h}}
    spec: {restartPolicy: Never, containers: [{name: pi, image: 'busybox:1.36'}]}
",
    );
    story.run(r#"patch job pi -p '{"spec":{"suspend":true}}'"#);
    let counted = story.run("get job pi -o jsonpath={.status.active}/{.status.failed}");
    assert_eq!(story.output(counted), "/");
    let pods = story.run("get pods");
    assert_eq!(story.output(pods), "No resources found in default namespace.\n");
    story.run(r#"patch job pi -p '{"spec":{"suspend":false,"parallelism":1}}'"#);
    let counted = story.run("get job pi -o jsonpath={.status.active}/{.status.failed}");
    assert_eq!(story.output(counted), "1/");
}

#[test]
fn a_cron_job_that_keeps_no_finished_job_forgets_it_at_once() {
    let mut story = Story::of(
        "
apiVersion: batch/v1
kind: CronJob
metadata: {name: tick}
spec:
  schedule: '* * * * *'
  successfulJobsHistoryLimit: 0
  jobTemplate:
    spec:
      template:
        metadata: {annotations: {sim.kubestep.dev/exit-after: 3s}}
        spec: {restartPolicy: Never, containers: [{name: tick, image: 'busybox:1.36'}]}
",
    );
    story.run("sim wait 90s");
    let reasons = story
        .run("get events --field-selector involvedObject.kind=CronJob -o 'jsonpath={range .items[*]}{.reason},{end}'");
    let mut reasons: Vec<String> = story.output(reasons).split(',').map(str::to_owned).collect();
    reasons.sort();
    assert_eq!(reasons, ["", "SuccessfulCreate", "SuccessfulDelete"]);
}

#[test]
fn a_schedule_is_read_by_the_clocks_of_its_time_zone() {
    let mut story = Story::of(
        "
apiVersion: batch/v1
kind: CronJob
metadata: {name: lunch}
spec:
  schedule: '5 5 * * *'
  timeZone: Asia/Kathmandu # 5:45 ahead of UTC: 05:05 there is 23:20 the day before
  jobTemplate:
    spec:
      template:
        metadata: {annotations: {sim.kubestep.dev/exit-after: 3s}}
        spec: {restartPolicy: Never, containers: [{name: lunch, image: 'busybox:1.36'}]}
",
    );
    story.run("sim wait 23h19m");
    let before = story.run("get cronjobs,jobs");
    expect![[r#"
        NAME                  SCHEDULE    TIMEZONE         SUSPEND   ACTIVE   LAST SCHEDULE   AGE
        cronjob.batch/lunch   5 5 * * *   Asia/Kathmandu   False     0        <none>          23h
    "#]]
    .assert_eq(&story.output(before));
    story.run("sim wait 2m");
    let after = story.run("get jobs -o 'jsonpath={.items[*].metadata.annotations}'");
    expect![[r#"{"batch.kubernetes.io/cronjob-scheduled-timestamp":"2026-01-02T05:05:00+05:45"}"#]]
        .assert_eq(&story.output(after));
    let refused = story.run("patch cronjob lunch -p '{\"spec\":{\"timeZone\":\"Europe/Bern\"}}'");
    expect![[r#"
        The CronJob "lunch" is invalid: spec.timeZone: Invalid value: "Europe/Bern": unknown time zone Europe/Bern
    "#]].assert_eq(&story.output(refused));
}
