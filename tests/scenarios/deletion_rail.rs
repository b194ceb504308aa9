//! The ten stations of a pod's deletion, as they are read from what happened.

use expect_test::expect;
use kubestep_core::api::{Key, Pod};
use kubestep_core::engine::{Budget, Command, NodeAct, StepId, Until};
use kubestep_core::narration;
use kubestep_core::story::Deletion;
use kubestep_core::story::deletion::{Outcome, Stop};
use kubestep_core::time::Duration;
use kubestep_tests::Story;
use kubestep_tests::manifests::{MY_DEPLOYMENT, web};

/// More steps than any of these stories has.
const FAR: Budget = Budget { steps: 10_000 };

fn first_pod(story: &Story) -> String {
    story.timeline.head().store.list::<Pod>().next().expect("a pod").name().to_owned()
}

/// The rail of the first deletion: a line for each station, with the seconds since the request.
fn rail(story: &Story) -> String {
    let (_, pod) = Deletion::begun(&story.timeline).next().expect("a deletion has begun");
    let deletion = Deletion::of(&story.timeline, pod).expect("it is known");
    let began = deletion.station(Stop::Requested).at().expect("it was asked for");
    let lines = deletion.stations.iter().enumerate().map(|(place, station)| {
        let when = match &station.outcome {
            Outcome::Reached { at, .. } => format!("{:.3}", at.since(began).as_seconds()),
            Outcome::Skipped(_) => "skipped".to_owned(),
            Outcome::Held(_) => "held".to_owned(),
            Outcome::Ahead => "ahead".to_owned(),
        };
        let (title, note) = (
            narration::deletion::title(&deletion, station.stop),
            narration::deletion::note(&deletion, station),
        );
        format!("{:>2} {title:<26}{when:>8}  {note}\n", place + 1)
    });
    lines.collect()
}

#[test]
fn a_graceful_deletion_comes_to_all_stations_but_sigkill() {
    let mut story = Story::of(MY_DEPLOYMENT);
    story.run(&format!("delete pod {}", first_pod(&story)));
    expect![[r#"
         1 Request sent                 0.000  DELETE 56wqm
         2 Authenticated, authorized    0.005  kubernetes-admin may delete pods
         3 Validated                    0.005  preconditions, admission
         4 Marked for deletion          0.005  deletionTimestamp, grace 30 s
         5 Replaced                     0.019  vxbwx bound to node-1
         6 Removed from Service         0.019  my-service keeps 2; 3 of 3 proxies told
         7 preStop, then SIGTERM        0.029  SIGTERM; SIGKILL after 30 s
         8 Grace ends, SIGKILL        skipped  every process ended after 0.6 s
         9 Cleaned up                   0.749  network namespace, volumes, 10.244.1.2
        10 Removed, kubectl returns     0.916  0.9 s after the request
    "#]]
    .assert_eq(&rail(&story));
}

#[test]
fn stations_are_gone_along_forward_and_back() {
    let mut story = Story::of(MY_DEPLOYMENT);
    story.run(&format!("delete pod {}", first_pod(&story)));
    let (accepted, pod) = Deletion::begun(&story.timeline).next().expect("a deletion");
    let deletion = Deletion::of(&story.timeline, pod).expect("it is known");
    let requested = deletion.station(Stop::Requested).step().expect("a command asked for it");
    let mut forward = vec![requested];
    while let Some(next) = deletion.next_step(*forward.last().expect("it begins")) {
        forward.push(next);
    }
    let mut back: Vec<StepId> = vec![*forward.last().expect("it ends")];
    while let Some(previous) = deletion.previous_step(*back.last().expect("it began")) {
        back.push(previous);
    }
    back.reverse();
    assert_eq!(forward, back);
    assert_eq!(deletion.place_at(requested), Some(Stop::Requested));
    assert_eq!(deletion.place_at(accepted), Some(Stop::Marked));
    assert_eq!(deletion.place_at(*forward.last().expect("it ends")), Some(Stop::Removed));
}

#[test]
fn other_names_change_nothing_but_the_names() {
    let told = |name: &str| {
        let manifests = MY_DEPLOYMENT.replace("my-", name);
        let mut story = Story::of(&manifests);
        story.run(&format!("delete pod {}", first_pod(&story)));
        let (_, pod) = Deletion::begun(&story.timeline).next().expect("a deletion");
        let deletion = Deletion::of(&story.timeline, pod).expect("it is known");
        deletion.stations.map(|station| (station.stop, std::mem::discriminant(&station.outcome)))
    };
    assert_eq!(told("my-"), told("another-"));
}

#[test]
fn a_process_that_ignores_sigterm_is_killed_when_its_grace_ends() {
    let annotated = MY_DEPLOYMENT.replace(
        "        app: my-app\n    spec:",
        "        app: my-app\n      annotations:\n        sim.kubestep.dev/on-sigterm: ignore\n    spec:",
    );
    let mut story = Story::of(&annotated);
    story.run(&format!("delete pod {}", first_pod(&story)));
    expect![[r#"
         1 Request sent                 0.000  DELETE 56wqm
         2 Authenticated, authorized    0.005  kubernetes-admin may delete pods
         3 Validated                    0.005  preconditions, admission
         4 Marked for deletion          0.005  deletionTimestamp, grace 30 s
         5 Replaced                     0.019  vxbwx bound to node-1
         6 Removed from Service         0.019  my-service keeps 2; 3 of 3 proxies told
         7 preStop, then SIGTERM        0.029  SIGTERM; SIGKILL after 30 s
         8 Grace ends, SIGKILL         30.029  1 killed after 30.0 s
         9 Cleaned up                  30.149  network namespace, volumes, 10.244.1.2
        10 Removed, kubectl returns    30.916  30.9 s after the request
    "#]]
    .assert_eq(&rail(&story));
}

#[test]
fn a_hook_longer_than_the_grace_gets_two_more_seconds() {
    let spec = "terminationGracePeriodSeconds: 3\n      ";
    let hook = "lifecycle: {preStop: {sleep: {seconds: 3}}}";
    let manifests = MY_DEPLOYMENT
        .replace("      containers:\n", &format!("      {spec}containers:\n"))
        .replace("        image: my-image\n", &format!("        image: my-image\n        {hook}\n"));
    let mut story = Story::of(&manifests);
    story.run(&format!("delete pod {}", first_pod(&story)));
    expect![[r#"
         1 Request sent                 0.000  DELETE 56wqm
         2 Authenticated, authorized    0.005  kubernetes-admin may delete pods
         3 Validated                    0.005  preconditions, admission
         4 Marked for deletion          0.005  deletionTimestamp, grace 3 s
         5 Replaced                     0.019  vxbwx bound to node-1
         6 Removed from Service         0.019  my-service keeps 2; 3 of 3 proxies told
         7 preStop, then SIGTERM        0.029  preStop took the grace: 2 s are left
         8 Grace ends, SIGKILL        skipped  every process ended after 3.6 s
         9 Cleaned up                   3.749  network namespace, volumes, 10.244.1.2
        10 Removed, kubectl returns     3.916  3.9 s after the request
    "#]]
    .assert_eq(&rail(&story));
}

#[test]
fn by_force_the_object_goes_before_its_processes() {
    let mut story = Story::of(MY_DEPLOYMENT);
    story.run(&format!("delete pod {} --force --grace-period=0", first_pod(&story)));
    expect![[r#"
         1 Request sent                 0.000  DELETE 56wqm, grace 0 s
         2 Authenticated, authorized    0.010  kubernetes-admin may delete pods
         3 Validated                    0.010  preconditions, admission
         4 Marked for deletion          0.010  grace 0: erased next
         5 Replaced                     0.024  vxbwx bound to node-1
         6 Removed from Service         0.024  my-service keeps 2; 3 of 3 proxies told
         7 preStop, then SIGTERM        0.034  SIGTERM; SIGKILL after 2 s
         8 Grace ends, SIGKILL        skipped  every process ended after 0.6 s
         9 Cleaned up                   0.754  network namespace, volumes, 10.244.1.2
        10 Removed, kubectl returns     0.010  after 0.0 s; processes still run
    "#]]
    .assert_eq(&rail(&story));
}

#[test]
fn a_pod_of_its_own_is_not_replaced_and_no_service_leads_to_it() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: alone}\nspec: {containers: [{name: web, image: web:1}]}\n";
    let mut story = Story::of(pod);
    story.run("delete pod alone");
    expect![[r#"
         1 Request sent                 0.000  DELETE alone
         2 Authenticated, authorized    0.005  kubernetes-admin may delete pods
         3 Validated                    0.005  preconditions, admission
         4 Marked for deletion          0.005  deletionTimestamp, grace 30 s
         5 Replaced                   skipped  no controller owns it
         6 Removed from Service       skipped  no Service led to it
         7 preStop, then SIGTERM        0.029  SIGTERM; SIGKILL after 30 s
         8 Grace ends, SIGKILL        skipped  every process ended after 0.6 s
         9 Cleaned up                   0.749  network namespace, volumes, 10.244.1.2
        10 Removed, kubectl returns     0.759  0.8 s after the request
    "#]]
    .assert_eq(&rail(&story));
}

#[test]
fn a_pod_without_a_node_is_removed_at_once() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: alone}\nspec: {nodeSelector: {disk: ssd}, containers: [{name: web, image: web:1}]}\n";
    let mut story = Story::of(pod);
    story.run("delete pod alone");
    expect![[r#"
         1 Request sent                 0.000  DELETE alone
         2 Authenticated, authorized    0.005  kubernetes-admin may delete pods
         3 Validated                    0.005  preconditions, admission
         4 Marked for deletion          0.005  grace 0: erased next
         5 Replaced                   skipped  no controller owns it
         6 Removed from Service       skipped  no Service led to it
         7 preStop, then SIGTERM      skipped  it has no node
         8 Grace ends, SIGKILL        skipped  it has no node
         9 Cleaned up                 skipped  it has no node
        10 Removed, kubectl returns     0.005  0.0 s after the request
    "#]]
    .assert_eq(&rail(&story));
}

#[test]
fn a_finalizer_holds_the_end_back() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: kept, finalizers: [example.com/keep]}\nspec: {containers: [{name: web, image: web:1}]}\n";
    let mut story = Story::of(pod);
    story.run("delete pod kept --wait=false");
    expect![[r#"
         1 Request sent                 0.000  DELETE kept
         2 Authenticated, authorized    0.005  kubernetes-admin may delete pods
         3 Validated                    0.005  preconditions, admission
         4 Marked for deletion          0.005  grace 30 s, finalizers: 1
         5 Replaced                   skipped  no controller owns it
         6 Removed from Service       skipped  no Service led to it
         7 preStop, then SIGTERM        0.029  SIGTERM; SIGKILL after 30 s
         8 Grace ends, SIGKILL        skipped  every process ended after 0.6 s
         9 Cleaned up                   0.749  network namespace, volumes, 10.244.1.2
        10 Removed, kubectl returns      held  held by example.com/keep
    "#]]
    .assert_eq(&rail(&story));
}

#[test]
fn scaling_down_deletes_without_a_replacement() {
    let mut story = Story::of(MY_DEPLOYMENT);
    story.run("scale deployment my-deployment --replicas=2");
    expect![[r#"
         1 Request sent                 0.000  DELETE 56wqm
         2 Authenticated, authorized    0.000  replicaset-controller may delete pods
         3 Validated                    0.000  preconditions, admission
         4 Marked for deletion          0.000  deletionTimestamp, grace 30 s
         5 Replaced                   skipped  its controller wants no other
         6 Removed from Service         0.014  my-service keeps 2; 3 of 3 proxies told
         7 preStop, then SIGTERM        0.024  SIGTERM; SIGKILL after 30 s
         8 Grace ends, SIGKILL        skipped  every process ended after 0.6 s
         9 Cleaned up                   0.744  network namespace, volumes, 10.244.1.2
        10 Object removed               0.883  0.9 s after the request
    "#]]
    .assert_eq(&rail(&story));
}

#[test]
fn pods_deleted_together_are_replaced_one_each() {
    let mut story = Story::of(&web(3, "", ""));
    story.run("delete pods --all");
    let replacements: std::collections::BTreeSet<_> = Deletion::begun(&story.timeline)
        .map(|(_, pod)| {
            let deletion = Deletion::of(&story.timeline, pod).expect("it is known");
            deletion.station(Stop::Replaced).clone().outcome
        })
        .map(|outcome| match outcome {
            Outcome::Reached { step, .. } => step,
            other => panic!("not replaced: {other:?}"),
        })
        .collect();
    assert_eq!(replacements.len(), 3);
}

#[test]
fn a_silent_node_holds_the_pod_until_it_is_back() {
    let mut story = Story::of(MY_DEPLOYMENT);
    let pod = first_pod(&story);
    let node = story
        .timeline
        .head()
        .store
        .get::<Pod>(&Key::new("default", pod.as_str()))
        .and_then(|pod| pod.node().map(std::rc::Rc::from));
    let node: std::rc::Rc<str> = node.expect("it was bound");
    story.timeline.submit(Command::OnNode(node.clone(), NodeAct::FallsSilent));
    story.run(&format!("delete pod {pod} --wait=false"));
    expect![[r#"
         1 Request sent                 0.000  DELETE 56wqm
         2 Authenticated, authorized    0.005  kubernetes-admin may delete pods
         3 Validated                    0.005  preconditions, admission
         4 Marked for deletion          0.005  deletionTimestamp, grace 30 s
         5 Replaced                     0.019  vxbwx bound to node-1
         6 Removed from Service         0.019  my-service keeps 2; 3 of 3 proxies told
         7 preStop, then SIGTERM         held  node-1 does not answer
         8 Grace ends, SIGKILL           held  node-1 does not answer
         9 Cleaned up                    held  node-1 does not answer
        10 Removed, kubectl returns      held  node-1 does not answer
    "#]]
    .assert_eq(&rail(&story));

    story.timeline.submit(Command::OnNode(node, NodeAct::Returns));
    story.rest();
    let told = rail(&story);
    assert!(
        !told.contains("held") && told.lines().last().is_some_and(|line| line.contains("after the request")),
        "{told}"
    );
}

#[test]
fn slow_controllers_answer_after_the_processes_have_ended() {
    let slow =
        "apiVersion: kubestep.dev/v1alpha1\nkind: Simulation\nspec: {latencies: {controller: 3s}}\n---\n";
    let mut story = Story::of(&format!("{slow}{MY_DEPLOYMENT}"));
    story.run(&format!("delete pod {}", first_pod(&story)));
    expect![[r#"
         1 Request sent                 0.000  DELETE 56wqm
         2 Authenticated, authorized    0.005  kubernetes-admin may delete pods
         3 Validated                    0.005  preconditions, admission
         4 Marked for deletion          0.005  deletionTimestamp, grace 30 s
         5 Replaced                     3.009  bwx9n bound to node-1
         6 Removed from Service         3.009  my-service keeps 2; 3 of 3 proxies told
         7 preStop, then SIGTERM        0.029  SIGTERM; SIGKILL after 30 s
         8 Grace ends, SIGKILL        skipped  every process ended after 0.6 s
         9 Cleaned up                   0.749  network namespace, volumes, 10.244.1.2
        10 Removed, kubectl returns     1.111  1.1 s after the request
    "#]]
    .assert_eq(&rail(&story));
    let (_, pod) = Deletion::begun(&story.timeline).next().expect("a deletion");
    let deletion = Deletion::of(&story.timeline, pod).expect("it is known");
    let signalled = deletion.station(Stop::Signalled).step().expect("it was signalled");
    assert_eq!(deletion.place_at(signalled), Some(Stop::Signalled));
    assert!(deletion.station(Stop::Removed).step() < deletion.station(Stop::Unrouted).step());
}

#[test]
fn an_eviction_is_refused_until_its_budget_allows_it() {
    let budget = "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: keep}\nspec: {minAvailable: 3, selector: {matchLabels: {app: my-app}}}\n";
    let mut story = Story::of(&format!("{MY_DEPLOYMENT}{budget}"));
    let pod = first_pod(&story);
    let node = story
        .timeline
        .head()
        .store
        .get::<Pod>(&Key::new("default", pod.as_str()))
        .and_then(|pod| pod.node().map(str::to_owned));
    story.give(&format!("drain {}", node.expect("it was bound")));
    story.timeline.advance(Until::Time(story.timeline.head().now + Duration::from_seconds(12)), FAR);
    story.run("patch poddisruptionbudget keep --type=merge -p '{\"spec\":{\"minAvailable\":1}}'");
    story.timeline.advance(Until::Time(story.timeline.head().now + Duration::from_seconds(12)), FAR);
    expect![[r#"
         1 Request sent                 0.000  POST eviction of lkgz9
         2 Authenticated, authorized   15.025  kubernetes-admin may delete pods
         3 Validated                   15.025  refused 3 times before
         4 Marked for deletion         15.025  deletionTimestamp, grace 30 s
         5 Replaced                    15.039  x9nm8 bound to node-1
         6 Removed from Service        15.039  my-service keeps 2; 3 of 3 proxies told
         7 preStop, then SIGTERM       15.049  SIGTERM; SIGKILL after 30 s
         8 Grace ends, SIGKILL        skipped  every process ended after 0.6 s
         9 Cleaned up                  15.769  network namespace, volumes, 10.244.3.2
        10 Removed, kubectl returns    16.190  1.2 s after the request
    "#]]
    .assert_eq(&rail(&story));
}
