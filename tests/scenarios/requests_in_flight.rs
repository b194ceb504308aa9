//! Requests that are being answered: they are in flight, and lost if their container goes before the answer.

use expect_test::expect;
use kubestep_core::api::Pod;
use kubestep_core::engine::{Cause, StepId, Until};
use kubestep_core::network::flow::{Loss, Outcome, Silence};
use kubestep_core::network::traffic::{ClientTraffic, Request};
use kubestep_core::story::request;
use kubestep_core::{Duration, Time};
use kubestep_tests::manifests::WEB_SERVICE;
use kubestep_tests::{Chapter, Story};

/// Two pods that take a second to answer, and somebody who sends them requests.
fn shop(behaviour: &str, pod_spec: &str, client: &str) -> Story {
    let pods = format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata:
      labels: {{app: web}}
      annotations: {{sim.kubestep.dev/response-time: 1s{behaviour}}}
    spec:
{pod_spec}      containers:
      - name: web
        image: web:1
        ports: [{{containerPort: 8080}}]
        readinessProbe: {{periodSeconds: 1, tcpSocket: {{port: 8080}}}}
"
    );
    Story::of(&format!(
        "{pods}---\n{WEB_SERVICE}---\napiVersion: kubestep.dev/v1alpha1\nkind: Traffic\nmetadata: {{name: visitors}}\nspec: {{service: web, {client}}}\n"
    ))
}

/// So many that some are always in flight to each pod.
const MANY: &str = "requestsPerSecond: 20";

fn traffic(story: &Story) -> ClientTraffic {
    story.timeline.head().traffic.client(0).cloned().expect("a client that has begun")
}

fn pass(story: &mut Story, seconds: u64) {
    story.run(&format!("sim wait {seconds}s"));
}

fn first_pod(story: &Story) -> String {
    story.timeline.head().store.list::<Pod>().next().expect("a pod").name().to_owned()
}

/// How many of a pod's requests were cut short while a line does its work, and in ten seconds more.
fn cut_short_by(story: &mut Story, line: &str) -> usize {
    pass(story, 3);
    let since = story.timeline.head().now;
    story.run(line);
    pass(story, 10);
    cut_short(story, since).len()
}

fn cut_short(story: &Story, since: Time) -> Vec<Request> {
    let traffic = traffic(story);
    let failures = traffic.failures().filter(|failed| failed.ended >= since && failed.is_cut_short());
    failures.cloned().collect()
}

fn delete(story: &mut Story, flags: &str) -> usize {
    pass(story, 3);
    let pod = first_pod(story);
    cut_short_by(story, &format!("delete pod {pod}{flags}"))
}

fn why(story: &Story, request: &Request) -> String {
    let chain = request::why(&story.timeline, request);
    let is_end = |cause| matches!(cause, Cause::Command(_) | Cause::Timer(_) | Cause::Fault(_));
    assert!(chain.last().is_some_and(|step| step.causes.iter().any(is_end)), "{request:?}");
    let lines = chain.iter().map(|step| kubestep_tests::line(step));
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

const QUICK: &str = ", sim.kubestep.dev/on-sigterm: 100ms";
const LONG: &str = ", sim.kubestep.dev/on-sigterm: 2s";

#[test]
fn a_process_that_ends_sooner_than_it_answers_loses_what_it_works_on() {
    let mut story = shop(QUICK, "", MANY);
    assert!(delete(&mut story, "") > 0);
    let lost = traffic(&story).failures().find(|failed| failed.is_cut_short()).cloned().expect("a lost one");
    assert_eq!(lost.outcome, Outcome::Lost(Loss::Reset));
    assert_eq!(lost.container.as_deref(), Some("web"));
    expect![[r#"
        9.278   Kubelet on node-1: Sees web of web-76f84bb85d-56wqm end with 0 after SIGTERM.
        9.178   Kubelet on node-1: Sends SIGTERM to web of web-76f84bb85d-56wqm: SIGKILL follows in 30 s.
        9.154   kubectl: Deletes web-76f84bb85d-56wqm: the request names no grace period.
        9.149   You: Ran kubectl delete pod web-76f84bb85d-56wqm
    "#]]
    .assert_eq(&why(&story, &lost));
}

#[test]
fn a_process_that_takes_its_time_to_end_answers_what_it_works_on() {
    assert_eq!(delete(&mut shop(LONG, "", MANY), ""), 0);
}

#[test]
fn a_grace_period_shorter_than_the_answer_loses_it_at_sigkill() {
    let slow = ", sim.kubestep.dev/response-time.web: 5s, sim.kubestep.dev/on-sigterm: ignore";
    let mut story = shop(slow, "      terminationGracePeriodSeconds: 2\n", MANY);
    pass(&mut story, 10);
    assert!(delete(&mut story, "") > 0);
    let lost = traffic(&story).failures().find(|failed| failed.is_cut_short()).cloned().expect("a lost one");
    expect![[r#"
        21.178  Kubelet on node-1: Sees web of web-6f47749bdc-56wqm end with 137: 128 + SIGKILL.
        21.178  Kubelet on node-1: Sends SIGKILL to web of web-6f47749bdc-56wqm: 2 s after SIGTERM.
        19.178  Kubelet on node-1: Sends SIGTERM to web of web-6f47749bdc-56wqm: SIGKILL follows in 2 s.
        19.154  kubectl: Deletes web-6f47749bdc-56wqm: the request names no grace period.
        19.149  You: Ran kubectl delete pod web-6f47749bdc-56wqm
    "#]]
    .assert_eq(&why(&story, &lost));
    // With enough of it, none is.
    let mut story = shop(slow, "      terminationGracePeriodSeconds: 30\n", MANY);
    pass(&mut story, 10);
    assert_eq!(delete(&mut story, " --grace-period=60 --wait=false"), 0);
}

#[test]
fn a_pre_stop_sleep_saves_what_is_in_flight_once_it_outlasts_endpoint_and_answer() {
    let sleep = |seconds: u32| {
        let slow = format!("{QUICK}, sim.kubestep.dev/response-time.web: 2s");
        let mut story = shop(&slow, "", MANY);
        let hook = format!(
            "patch deployment web -p '{{\"spec\": {{\"template\": {{\"spec\": {{\"containers\": [{{\"name\": \"web\", \"lifecycle\": {{\"preStop\": {{\"sleep\": {{\"seconds\": {seconds}}}}}}}}}]}}}}}}}}'"
        );
        story.run(&hook);
        delete(&mut story, "")
    };
    // The endpoint goes within a second, and the last request that was sent to it takes two more.
    assert!(sleep(1) > 0);
    assert_eq!(sleep(4), 0);
}

#[test]
fn a_forced_deletion_loses_what_is_in_flight_when_the_kubelet_notices() {
    let mut story = shop(QUICK, "", MANY);
    assert!(delete(&mut story, " --force --grace-period=0") > 0);
    // On a node that is cut off nobody notices: the process goes on, and answers.
    let mut story = shop(QUICK, "", MANY);
    pass(&mut story, 3);
    let pod = story.timeline.head().store.list::<Pod>().next().cloned().expect("a pod");
    story.run(&format!("sim cut-off {}", pod.node().unwrap_or_default()));
    let line = format!("delete pod {} --force --grace-period=0", pod.name());
    assert_eq!(cut_short_by(&mut story, &line), 0);
}

#[test]
fn a_crash_and_a_node_that_is_taken_away_lose_what_is_in_flight() {
    let mut story = shop("", "", MANY);
    pass(&mut story, 3);
    let pod = first_pod(&story);
    assert!(cut_short_by(&mut story, &format!("sim exit {pod} 1")) > 0);
    let lost = traffic(&story).failures().find(|failed| failed.is_cut_short()).cloned().expect("a lost one");
    expect![[r#"
        9.149   Kubelet on node-1: Follows what was decided for web-655f4986-56wqm.
        9.149   You: Ran sim exit default/web-655f4986-56wqm 1
    "#]]
    .assert_eq(&why(&story, &lost));

    let mut story = shop("", "", MANY);
    pass(&mut story, 3);
    let node = story.timeline.head().store.list::<Pod>().next().and_then(|pod| pod.node().map(str::to_owned));
    let node = node.expect("a node");
    story.give(&format!("sim remove-node {node}"));
    story.steps(2);
    let lost = traffic(&story).failures().last().cloned().expect("a lost one");
    assert!(lost.is_cut_short() && lost.ended == story.timeline.head().now);
    assert_eq!((lost.outcome, lost.host.as_deref()), (Outcome::Lost(Loss::NoNode), Some(&*node)));
    expect![[r#"
        6.149   You: Removes node-1: its machine is switched off.
        6.149   You: Ran sim remove-node node-1
    "#]]
    .assert_eq(&why(&story, &lost));
}

#[test]
fn too_much_memory_loses_what_is_in_flight() {
    let hungry = ", sim.kubestep.dev/memory: \"64Mi, 512Mi after 8s\"";
    let mut story = shop(hungry, "", MANY);
    story.run("set resources deployment/web --limits=memory=128Mi");
    pass(&mut story, 15);
    let lost = traffic(&story).failures().find(|failed| failed.is_cut_short()).cloned().expect("a lost one");
    expect![[r#"
        21.661  Kubelet on node-3: Sees web of web-ff6b98cd6-c6j97 killed by the kernel: it used more memory than its limit.
        13.661  Kubelet on node-3: Has started web of web-ff6b98cd6-c6j97 again, restart 1.
        12.550  Kubelet on node-3: Sees web of web-ff6b98cd6-c6j97 killed by the kernel: it used more memory than its limit.
        4.550   Kubelet on node-3: Has started web of web-ff6b98cd6-c6j97.
        4.300   Kubelet on node-3: Has pulled web:1 in 900 ms.
        3.400   Kubelet on node-3: Pulls web:1: it is not on the node.
        3.400   Kubelet on node-3: Gives web-ff6b98cd6-c6j97 a network namespace with 10.244.3.2.
        3.196   Scheduler: Binds web-ff6b98cd6-c6j97 to node-3: 671 points, the most of 3 nodes.
        3.182   ReplicaSet controller: Creates web-ff6b98cd6-c6j97: 0 of 1 pod exists.
        3.168   Deployment controller: Creates web-ff6b98cd6 with 1: revision 2, a template that no ReplicaSet has.
        3.154   kubectl: Sets requests or limits of memory of web.
        3.149   You: Ran kubectl set resources deployment/web --limits=memory=128Mi
    "#]].assert_eq(&why(&story, &lost));
}

#[test]
fn an_eviction_loses_what_is_in_flight() {
    let mut story = shop(QUICK, "", MANY);
    pass(&mut story, 3);
    let node = story.timeline.head().store.list::<Pod>().next().and_then(|pod| pod.node().map(str::to_owned));
    assert!(cut_short_by(&mut story, &format!("sim use {} memory 8150Mi", node.expect("a node"))) > 0);
    let lost = traffic(&story).failures().find(|failed| failed.is_cut_short()).cloned().expect("a lost one");
    assert!(
        why(&story, &lost).trim_end().ends_with("of node-1 be used by what is no pod."),
        "the chain ends there"
    );
}

#[test]
fn a_followed_request_waits_for_its_answer() {
    let mut story = shop("", "", "requestsPerSecond: 2");
    pass(&mut story, 3);
    story.tells(Chapter::Requests);
    story.run("sim follow visitors");
    expect![[r#"
        6.514   Client visitors: Opens a connection to web: 0 dots, ndots 5.
        6.514   Client visitors: Asks DNS for web.default.svc.cluster.local, name 1 of 4.
        6.515   CoreDNS: Answers web.default.svc.cluster.local: 10.111.180.44.
        6.516   Network of node-2: Sends it to web-655f4986-twnbx, drawn: 2 of 2.
        6.517   Kubelet on node-2: web-655f4986-twnbx works on it for 1s.
        7.517   Kubelet on node-2: web-655f4986-twnbx answers after 1s.
    "#]]
    .assert_eq(&story.tells(Chapter::Requests));
    let counts = traffic(&story).counts;
    assert_eq!(
        counts.failed(),
        traffic(&story).failures().filter(|it| it.at < Time(5_000_000_000)).count() as u64
    );
}

#[test]
fn a_followed_request_is_cut_short_by_the_end_of_its_container() {
    let mut story = shop(QUICK, "", "requestsPerSecond: 2");
    pass(&mut story, 3);
    story.tells(Chapter::Requests);
    story.give("sim follow visitors");
    while story
        .timeline
        .head()
        .traffic
        .client(0)
        .and_then(|it| it.followed())
        .is_none_or(|it| it.arrival().is_none())
    {
        story.steps(1);
    }
    assert_eq!(traffic(&story).waiting(), 1 + traffic(&story).in_flight().count());
    let pod = traffic(&story).followed().and_then(|flow| flow.arrival()?.pod.clone()).expect("a pod").0;
    story.run(&format!("delete pod {} --wait=false", pod.name));
    expect![[r#"
        6.514   Client visitors: Opens a connection to web: 0 dots, ndots 5.
        6.514   Client visitors: Asks DNS for web.default.svc.cluster.local, name 1 of 4.
        6.515   CoreDNS: Answers web.default.svc.cluster.local: 10.111.180.44.
        6.516   Network of node-2: Sends it to web-76f84bb85d-twnbx, drawn: 2 of 2.
        6.517   Kubelet on node-2: web-76f84bb85d-twnbx works on it for 1s.
        6.646   Kubelet on node-2: web-76f84bb85d-twnbx resets the connection: its process has ended.
    "#]]
    .assert_eq(&story.tells(Chapter::Requests));
    let reset = story.timeline.steps().iter().rfind(|step| Chapter::Requests.contains(step)).cloned();
    let chain = story.timeline.why_chain(reset.expect("a hop").id);
    let lines = chain.iter().map(|step| kubestep_tests::line(step) + "\n");
    expect![[r#"
        6.646   Kubelet on node-2: web-76f84bb85d-twnbx resets the connection: its process has ended.
        6.646   Kubelet on node-2: Sees web of web-76f84bb85d-twnbx end with 0 after SIGTERM.
        6.546   Kubelet on node-2: Sends SIGTERM to web of web-76f84bb85d-twnbx: SIGKILL follows in 30 s.
        6.522   kubectl: Deletes web-76f84bb85d-twnbx: the request names no grace period.
        6.517   You: Ran kubectl delete pod web-76f84bb85d-twnbx --wait=false
    "#]]
    .assert_eq(&lines.collect::<String>());
}

#[test]
fn requests_overlap_where_answers_take_longer_than_the_time_between_them() {
    let mut story = shop("", "", "requestsPerSecond: 10");
    pass(&mut story, 5);
    // Ten a second, each of which takes one.
    assert_eq!(traffic(&story).in_flight().count(), 10);
    let before = traffic(&story);
    pass(&mut story, 10);
    let after = traffic(&story);
    assert_eq!(after.sent() - before.sent(), 100);
    assert_eq!(after.counts.answered - before.counts.answered, 100);
}

#[test]
fn a_client_waits_a_minute_and_no_longer() {
    let mut story = shop(", sim.kubestep.dev/response-time.web: 90s", "", "requestsPerSecond: 1");
    pass(&mut story, 50);
    assert_eq!(traffic(&story).counts.timed_out, 0, "nobody has given up yet");
    pass(&mut story, 20);
    let traffic = traffic(&story);
    assert_eq!(traffic.in_flight().count(), 60);
    let first =
        traffic.failures().find(|failed| failed.container.is_some()).cloned().expect("one that gave up");
    assert_eq!(first.outcome, Outcome::TimedOut(Silence::NoAnswer));
    assert_eq!(first.ended.since(first.at), Duration::from_seconds(60));
    expect![[r#"
        1.411   Kubelet on node-2: Has started web of web-7dcf4f9f8c-twnbx.
        1.161   Kubelet on node-2: Has pulled web:1 in 900 ms.
        0.261   Kubelet on node-2: Pulls web:1: it is not on the node.
        0.261   Kubelet on node-2: Gives web-7dcf4f9f8c-twnbx a network namespace with 10.244.2.2.
        0.057   Scheduler: Binds web-7dcf4f9f8c-twnbx to node-2: the first of 2 nodes with 597 points.
        0.033   ReplicaSet controller: Creates web-7dcf4f9f8c-twnbx: 0 of 2 pods exist.
        0.019   Deployment controller: Creates web-7dcf4f9f8c with 2: revision 1, a template that no ReplicaSet has.
        0.005   kubectl: Creates web: the cluster has none of that name.
        0.000   You: Ran kubectl apply -f manifest.yaml
    "#]].assert_eq(&why(&story, &first));
}

#[test]
fn a_long_time_of_many_requests_is_counted_as_its_beginning_went() {
    let mut story = shop("", "", "requestsPerSecond: 1000");
    pass(&mut story, 5);
    let before = traffic(&story);
    pass(&mut story, 600);
    let after = traffic(&story);
    assert_eq!(after.sent() - before.sent(), 600_000);
    assert_eq!((after.counts.answered - before.counts.answered, after.in_flight().count()), (600_000, 1_000));
}

#[test]
fn a_kept_connection_ends_with_its_process_and_the_next_request_opens_another() {
    let mut story = shop(QUICK, "", "requestsPerSecond: 1, keepAlive: true, from: node-1");
    pass(&mut story, 6);
    let answered_by = |story: &Story| {
        traffic(story)
            .recent()
            .filter(|it| it.outcome == Outcome::Answered)
            .last()
            .and_then(|it| it.pod.clone())
    };
    let kept = answered_by(&story).expect("a pod").0;
    story.run(&format!("delete pod {}", kept.name));
    pass(&mut story, 5);
    let next = answered_by(&story).expect("a pod").0;
    assert_ne!(kept, next);
    // The container alone is enough: the pod's next one knows nothing of the connection.
    pass(&mut story, 5);
    story.tells(Chapter::Requests);
    story.run("sim follow visitors");
    assert!(story.tells(Chapter::Requests).contains("Sends on the connection that it has."));
    let pod = answered_by(&story).expect("a pod").0;
    story.give(&format!("sim exit {} 1", pod.name));
    story.run("sim follow visitors");
    assert!(story.tells(Chapter::Requests).contains("Opens a connection to web"));
}

#[test]
fn curl_waits_for_its_answer_or_for_as_long_as_it_was_told() {
    let mut story = shop(QUICK, "", "requestsPerSecond: 1");
    story.run("run shell --image=shell");
    let mut said = |line: &str| {
        let began = story.timeline.head().now;
        let id = story.run(&format!("exec shell -- curl -sS {line}web"));
        (story.output(id), story.timeline.head().now.since(began) >= Duration::from_seconds(1))
    };
    let (answer, is_slow) = said("");
    assert!(answer.ends_with(", container web\n") && is_slow, "{answer}");
    expect![[r#"
        curl: (28) Operation timed out after 501 milliseconds with 0 bytes received
        command terminated with exit code 28
    "#]]
    .assert_eq(&said("-m 0.5 ").0);
    let id = story.give("exec shell -- curl -sS web");
    for _ in 0..2 {
        story.timeline.advance(
            Until::Time(story.timeline.head().now + Duration::from_millis(100)),
            kubestep_core::engine::Budget { steps: 50 },
        );
    }
    story.run("delete pods -l app=web --now --wait=false");
    expect![[r#"
        curl: (56) Recv failure: Connection reset by peer
        command terminated with exit code 56
    "#]]
    .assert_eq(&story.output(id));
}

#[test]
fn what_is_in_flight_is_part_of_history() {
    let mut story = shop(QUICK, "", MANY);
    let pod = first_pod(&story);
    pass(&mut story, 3);
    story.run(&format!("delete pod {pod}"));
    let timeline = &story.timeline;
    let last = StepId(timeline.len() as u32 - 1);
    let given = timeline.script().last().expect("a command").after_steps as u32;
    for place in [given, given + 5, given + 12] {
        let mut branch = timeline.branch(StepId(place));
        assert!(branch.head().traffic.client(0).is_some_and(|it| it.in_flight().count() > 0));
        branch.advance(Until::Step(last), kubestep_core::engine::Budget { steps: timeline.len() });
        assert!(*branch.head() == timeline.world_at(last), "from step {place} another world comes");
    }
}
