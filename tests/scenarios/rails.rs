//! The stations of rollouts, drains and outages, as they are read from what happened.

use std::rc::Rc;

use expect_test::expect;
use kubestep_core::api::Pod;
use kubestep_core::engine::{Budget, Until};
use kubestep_core::narration::rail::{State, heading, lines};
use kubestep_core::story::{Rail, Subject};
use kubestep_core::time::Duration;
use kubestep_tests::Story;
use kubestep_tests::manifests::{MY_DEPLOYMENT, WEB_SERVICE, web};

/// More steps than any of these stories has.
const FAR: Budget = Budget { steps: 20_000 };

const BUDGET: &str = "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: keep}\nspec: {minAvailable: 3, selector: {matchLabels: {app: my-app}}}\n";

/// The newest rail of its kind that has begun.
fn newest(story: &Story, is: fn(&Subject) -> bool) -> Rail {
    let begun = Rail::begun(&story.timeline);
    let (_, subject) = *begun.iter().rfind(|(_, subject)| is(subject)).expect("it has begun");
    Rail::of(&story.timeline, subject).expect("it is known")
}

fn rollout(story: &Story) -> Rail {
    newest(story, |subject| matches!(subject, Subject::Rollout(_)))
}

fn drain(story: &Story) -> Rail {
    newest(story, |subject| matches!(subject, Subject::Drain(_)))
}

fn outage(story: &Story) -> Rail {
    newest(story, |subject| matches!(subject, Subject::Outage(_)))
}

/// A line for each station, with the seconds since the first.
fn told(rail: &Rail) -> String {
    let lines = lines(rail);
    let began = lines[0].at().expect("the first station is where it begins");
    let told = lines.iter().map(|line| {
        let when = match &line.state {
            State::Reached { at, .. } => format!("{:.3}", at.since(began).as_seconds()),
            State::Skipped => "skipped".to_owned(),
            State::Held => "held".to_owned(),
            State::Ahead => "ahead".to_owned(),
        };
        format!("{:<34}{when:>8}  {}\n", line.title, line.note)
    });
    format!("{}\n", heading(rail)) + &told.collect::<String>()
}

fn wait(story: &mut Story, seconds: u64) {
    let until = story.timeline.head().now + Duration::from_seconds(seconds);
    story.give(&format!("sim wait {seconds}s"));
    story.timeline.advance(Until::Time(until), FAR);
}

fn node_of_first_pod(story: &Story) -> Rc<str> {
    let pod = story.timeline.head().store.list::<Pod>().next().expect("a pod").clone();
    pod.node().expect("it was bound").into()
}

#[test]
fn a_rollout_waits_for_one_pod_after_the_other() {
    let mut story = Story::of(MY_DEPLOYMENT);
    story.run("set image deployment/my-deployment my-container=my-image:2");
    expect![[r#"
        Rollout of my-deployment, revision 2
        Template changed                     0.000  my-image:2
        New ReplicaSet                       0.019  my-deployment-6d887db967, revision 2
        New 0 to 1                           0.019  my-deployment-6d887db967, ceiling 4
        1/3: x9nm8 must become ready         1.406  ready
        Old 3 to 2                           1.434  my-deployment-5c656859f, 4 available, floor 3
        New 1 to 2                           1.449  my-deployment-6d887db967, ceiling 4
        2/3: xhvvb must become ready         2.836  ready
        Old 2 to 1                           2.864  my-deployment-5c656859f, 4 available, floor 3
        New 2 to 3                           2.879  my-deployment-6d887db967, ceiling 4
        3/3: 29p7l must become ready         4.266  ready
        Old 1 to 0                           4.294  my-deployment-5c656859f, 4 available, floor 3
        Complete                             4.336  3 new pods available, no old one counts
        Old pods drained                     5.190  the last of 3 is gone
    "#]]
    .assert_eq(&told(&rollout(&story)));
}

#[test]
fn the_first_rollout_of_a_deployment_has_no_old_pods() {
    let story = Story::of(MY_DEPLOYMENT);
    expect![[r#"
        Rollout of my-deployment, revision 1
        Deployment created                   0.000  it has a template and no ReplicaSet
        New ReplicaSet                       0.019  my-deployment-5c656859f, revision 1
        New 0 to 3                           0.019  my-deployment-5c656859f, ceiling 4
        1/3: 56wqm must become ready         1.406  ready
        2/3: twnbx must become ready         1.416  ready
        3/3: xpbql must become ready         1.426  ready
        Complete                             1.454  3 new pods available, no old one counts
    "#]]
    .assert_eq(&told(&rollout(&story)));
}

#[test]
fn recreate_ends_every_old_pod_before_the_first_new_one() {
    let mut story = Story::of(&web(2, "  strategy: {type: Recreate}\n", ""));
    story.run("set image deployment/web web=web:2");
    expect![[r#"
        Rollout of web, revision 2
        Template changed                     0.000  web:2
        Old 2 to 0                           0.019  web-8588b5bfb4, Recreate: old ones first
        New ReplicaSet                       0.805  web-6dc799547, revision 2
        New 0 to 2                           0.805  web-6dc799547, ceiling 2
        Old pods drained                     1.063  the last of 2 is gone
        1/2: s9kmv must become ready         2.192  ready
        2/2: 97zdw must become ready         2.202  ready
        Complete                             2.230  2 new pods available, no old one counts
    "#]]
    .assert_eq(&told(&rollout(&story)));
}

#[test]
fn a_rollout_to_a_missing_image_stands_still_until_it_is_undone() {
    let mut story = Story::of(&web(3, "  progressDeadlineSeconds: 60\n", ""));
    story.run("set image deployment/web web=web:missing");
    let stuck = rollout(&story);
    expect![[r#"
        Rollout of web, revision 2
        Template changed                     0.000  web:missing
        New ReplicaSet                       0.019  web-7c8f5f6b85, revision 2
        New 0 to 1                           0.019  web-7c8f5f6b85, ceiling 4
        1/3: 7zdw7 must become ready          held  ErrImagePull
        Complete                             ahead  once 3 new pods are available
        Old pods drained                     ahead  of 3, some are still there
    "#]]
    .assert_eq(&told(&stuck));
    assert!(stuck.goes_on());

    wait(&mut story, 90);
    story.run("rollout undo deployment/web");
    let begun = Rail::begun(&story.timeline);
    let rollouts: Vec<Subject> = begun
        .into_iter()
        .map(|(_, subject)| subject)
        .filter(|subject| matches!(subject, Subject::Rollout(_)))
        .collect();
    let [.., undone, undo] = rollouts[..] else { panic!("{rollouts:?}") };
    expect![[r#"
        Rollout of web, revision 2
        Template changed                     0.000  web:missing
        New ReplicaSet                       0.019  web-7c8f5f6b85, revision 2
        New 0 to 1                           0.019  web-7c8f5f6b85, ceiling 4
        Stuck: deadline exceeded            60.779  no progress for 60 s, 3 of 3 available
        Undone                              91.940  an earlier template came back before it was complete
    "#]]
    .assert_eq(&told(&Rail::of(&story.timeline, undone).expect("it is known")));
    expect![[r#"
        Rollout of web, revision 3
        Template taken back                  0.000  that of revision 1
        Old ReplicaSet comes back            0.024  web-8588b5bfb4, revision 1 is now 3
        Old 1 to 0                           0.024  web-7c8f5f6b85, not available: they go first
        Complete                             0.066  3 new pods available, no old one counts
        Old pods drained                     0.991  the last of 1 is gone
    "#]]
    .assert_eq(&told(&Rail::of(&story.timeline, undo).expect("it is known")));
}

#[test]
fn a_large_rollout_folds_its_middle() {
    let mut story = Story::of(&web(60, "", ""));
    story.run("set image deployment/web web=web:2");
    let rail = rollout(&story);
    let lines = lines(&rail);
    assert_eq!(lines.len(), 49, "{}", told(&rail));
    assert!(lines.iter().any(|line| line.title.ends_with("more stations")));
    assert!(lines.iter().any(|line| &*line.title == "Complete"), "{}", told(&rail));
}

#[test]
fn a_drain_asks_again_until_its_budget_allows_it() {
    let mut story = Story::of(&format!("{MY_DEPLOYMENT}{BUDGET}"));
    let node = node_of_first_pod(&story);
    story.give(&format!("drain {node}"));
    wait(&mut story, 12);
    expect![[r#"
        drain node-3
        Drain asked for                      0.000  cordon first, then one eviction per pod
        Cordoned                             0.005  the scheduler passes node-3 over
        Budget refuses lkgz9                 0.010  429, 3 times: asked again every 5 s
        lkgz9 evicted                         held  its budget allows no disruption
        lkgz9 gone                           ahead  within its grace period
        Drained                              ahead  once every pod is gone
    "#]]
    .assert_eq(&told(&drain(&story)));

    story.run("patch poddisruptionbudget keep --type=merge -p '{\"spec\":{\"minAvailable\":1}}'");
    wait(&mut story, 12);
    expect![[r#"
        drain node-3
        Drain asked for                      0.000  cordon first, then one eviction per pod
        Cordoned                             0.005  the scheduler passes node-3 over
        Budget refuses lkgz9                 0.010  429, 3 times: asked again every 5 s
        lkgz9 evicted                       15.025  its budget allows it after 3 refusals
        lkgz9 gone                          16.190  x9nm8 replaces it on node-1
        Drained                             16.194  kubectl returns; the node stays cordoned
    "#]]
    .assert_eq(&told(&drain(&story)));
}

#[test]
fn a_drain_gives_up_on_pods_that_nobody_would_replace() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: alone}\nspec: {containers: [{name: web, image: web:1}]}\n";
    let mut story = Story::of(pod);
    let node = node_of_first_pod(&story);
    story.run(&format!("drain {node}"));
    expect![[r#"
        drain node-1
        Drain asked for                      0.000  cordon first, then one eviction per pod
        Cordoned                             0.005  the scheduler passes node-1 over
        kubectl gives up                     0.005  unable to drain node "node-1" due to error: cannot delete Pods that declare no controller (use --force to override): default/alone, continuing command...
    "#]].assert_eq(&told(&drain(&story)));
    story.run(&format!("drain {node} --force"));
    expect![[r#"
        drain node-1 --force
        Drain asked for                      0.000  cordon first, then one eviction per pod
        Cordoned                             0.005  node-1 was cordoned already
        alone evicted                        0.010  the API server marks it for deletion
        alone gone                           1.726  nobody replaces it
        Drained                              1.730  kubectl returns; the node stays cordoned
    "#]]
    .assert_eq(&told(&drain(&story)));
}

#[test]
fn a_dead_nodes_pods_are_replaced_and_stay_terminating_until_it_is_back() {
    let mut story = Story::of(MY_DEPLOYMENT);
    let node = node_of_first_pod(&story);
    story.run(&format!("sim cut-off {node}"));
    wait(&mut story, 400);
    expect![[r#"
        Outage of node-1
        Heartbeats stop                      0.000  pods that go on running: 1
        Node counts as NotReady             52.779  silent for 52 s
        Its pods leave Services             52.784  pods that count as not ready: 1
        Tainted NoExecute                   57.779  unreachable
        Toleration runs out                357.798  pods tolerate it for 300 s
        Pods marked for deletion           357.803  56wqm: Terminating
        Replaced elsewhere                 357.812  nm8c5
        Kubelet is back                       held  still silent; stuck Terminating: 1
        Ready, taints go                     ahead  once its kubelet is back
        Marked pods removed                   held  of 1, some stay until the kubelet is back or force removes them
    "#]].assert_eq(&told(&outage(&story)));

    story.run(&format!("sim reconnect {node}"));
    wait(&mut story, 60);
    expect![[r#"
        Outage of node-1
        Heartbeats stop                      0.000  pods that go on running: 1
        Node counts as NotReady             52.779  silent for 52 s
        Its pods leave Services             52.784  pods that count as not ready: 1
        Tainted NoExecute                   57.779  unreachable
        Toleration runs out                357.798  pods tolerate it for 300 s
        Pods marked for deletion           357.803  56wqm: Terminating
        Replaced elsewhere                 357.812  nm8c5
        Kubelet is back                    400.000  after 400.0 s
        Ready, taints go                   400.000  new pods may come
        Marked pods removed                400.916  the kubelet ended all 1
    "#]]
    .assert_eq(&told(&outage(&story)));
}

#[test]
fn force_removes_what_a_dead_node_holds() {
    let mut story = Story::of(MY_DEPLOYMENT);
    let node = node_of_first_pod(&story);
    story.run(&format!("sim cut-off {node}"));
    wait(&mut story, 400);
    let stuck: Vec<String> =
        story.timeline.head().store.pods_on(&node).map(|pod| pod.name().to_owned()).collect();
    for pod in stuck {
        story.run(&format!("delete pod {pod} --force --grace-period=0"));
    }
    expect![[r#"
        Outage of node-1
        Heartbeats stop                      0.000  pods that go on running: 1
        Node counts as NotReady             52.779  silent for 52 s
        Its pods leave Services             52.784  pods that count as not ready: 1
        Tainted NoExecute                   57.779  unreachable
        Toleration runs out                357.798  pods tolerate it for 300 s
        Pods marked for deletion           357.803  56wqm: Terminating
        Replaced elsewhere                 357.812  nm8c5
        Kubelet is back                       held  still silent
        Ready, taints go                     ahead  once its kubelet is back
        Marked pods removed                400.010  by force: their processes may run on
    "#]]
    .assert_eq(&told(&outage(&story)));
}

#[test]
fn a_node_that_is_back_in_time_loses_nothing() {
    let mut story = Story::of(MY_DEPLOYMENT);
    let node = node_of_first_pod(&story);
    story.run(&format!("sim cut-off {node}"));
    wait(&mut story, 10);
    story.run(&format!("sim reconnect {node}"));
    wait(&mut story, 60);
    expect![[r#"
        Outage of node-1
        Heartbeats stop                      0.000  pods that go on running: 1
        Node counts as NotReady            skipped  it was back in time
        Its pods leave Services            skipped  none of them had to
        Tainted NoExecute                  skipped  it was back in time
        Toleration runs out                skipped  nobody's time was over
        Pods marked for deletion           skipped  no pod had to go
        Replaced elsewhere                 skipped  nobody replaces its pods
        Kubelet is back                     10.000  after 10.0 s
        Ready, taints go                   skipped  it never counted as NotReady
        Marked pods removed                skipped  no pod was marked
    "#]]
    .assert_eq(&told(&outage(&story)));
}

/// What is told of a rail, without names and times: which stations, in which order, and what became of them.
fn shape(rail: &Rail) -> Vec<(String, std::mem::Discriminant<State>)> {
    let is_plain = |word: &&str| !word.contains(|letter: char| letter.is_ascii_digit() || letter == '-');
    let title = |title: &str| {
        let words: Vec<&str> = title.split(' ').filter(is_plain).filter(|word| word.len() != 5).collect();
        words.join(" ")
    };
    lines(rail).iter().map(|line| (title(&line.title), std::mem::discriminant(&line.state))).collect()
}

#[test]
fn other_names_lead_to_the_same_stations() {
    let tells = |name: &str, seed: u32| {
        let simulation =
            format!("apiVersion: kubestep.dev/v1alpha1\nkind: Simulation\nspec: {{seed: {seed}}}\n---\n");
        let manifests = format!("{simulation}{}", MY_DEPLOYMENT.replace("my-", name));
        let mut story = Story::of(&manifests);
        story.run(&format!("set image deployment/{name}deployment {name}container=other:2"));
        let rollout = shape(&rollout(&story));
        let node = node_of_first_pod(&story);
        story.run(&format!("drain {node}"));
        wait(&mut story, 40);
        let drained = lines(&drain(&story)).last().expect("an end").title.to_string();
        story.run(&format!("uncordon {node}"));
        let node = node_of_first_pod(&story);
        story.run(&format!("sim cut-off {node}"));
        wait(&mut story, 400);
        (rollout, drained, shape(&outage(&story)))
    };
    let (mine, other) = (tells("my-", 1), tells("zz-", 1));
    assert_eq!(mine, other);
    let (_, drained, _) = mine;
    assert_eq!(drained, "Drained");
}

/// Whoever acts late, and whatever else goes wrong meanwhile: the stations of a rollout are still those steps.
#[test]
fn a_rollout_is_told_whoever_is_late_and_whatever_fails() {
    let settings = [
        "{latencies: {controller: 3s}}",
        "{latencies: {kubelet: 2s, watch: 700ms}}",
        "{latencies: {proxy: 5s, scheduler: 2s}}",
    ];
    for setting in settings {
        let simulation =
            format!("apiVersion: kubestep.dev/v1alpha1\nkind: Simulation\nspec: {setting}\n---\n");
        let mut story = Story::of(&format!("{simulation}{}---\n{WEB_SERVICE}", web(3, "", "")));
        story.give("set image deployment/web web=web:2");
        story.steps(12);
        let pod = story.timeline.head().store.list::<Pod>().last().expect("a pod").name().to_owned();
        story.give(&format!("delete pod {pod} --wait=false"));
        story.steps(20);
        story.give("sim stop scheduler");
        wait(&mut story, 20);
        let halfway = rollout(&story);
        story.run("sim start scheduler");
        wait(&mut story, 30);
        let rail = rollout(&story);
        let lines = lines(&rail);
        let titles: Vec<&str> = lines.iter().map(|line| &*line.title).collect();
        let place = |title: &str| titles.iter().position(|each| *each == title);
        assert!(place("Template changed") < place("New ReplicaSet"), "{setting}: {titles:#?}");
        assert!(place("New ReplicaSet") < place("Complete"), "{setting}: {titles:#?}");
        assert!(!rail.goes_on(), "{setting}: {}", told(&rail));
        let ready = titles.iter().filter(|title| title.ends_with("must become ready")).count();
        assert!(ready >= 3, "{setting}: {titles:#?}");

        // What was told halfway is told the same in the end: what comes later takes nothing back.
        let before = halfway.steps().into_iter().flatten().collect::<Vec<_>>();
        let after = rail.steps().into_iter().flatten().collect::<Vec<_>>();
        assert_eq!(before, after[..before.len()], "{setting}");
        // Each station is a step, and they come in its order.
        assert!(after.is_sorted(), "{setting}: {}", told(&rail));
    }
}

#[test]
fn stations_are_gone_along_forward_and_back() {
    let mut story = Story::of(MY_DEPLOYMENT);
    story.run("set image deployment/my-deployment my-container=my-image:2");
    let rail = rollout(&story);
    let mut forward = vec![rail.next_step(None).expect("it begins")];
    while let Some(next) = rail.next_step(forward.last().copied()) {
        forward.push(next);
    }
    let mut back = vec![*forward.last().expect("it ends")];
    while let Some(previous) = rail.previous_step(back.last().copied()) {
        back.push(previous);
    }
    back.reverse();
    assert_eq!(forward, back);
    let places: Vec<_> = forward.iter().map(|step| rail.place_at(*step)).collect();
    assert!(places.is_sorted(), "{places:?}");
    assert_eq!(places.last().copied().flatten(), Some(lines(&rail).len() - 1));
}
