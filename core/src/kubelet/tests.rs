//! Kubelets at work in small clusters: what runs when, and what the API is told.

use super::{ContainerState, Intervention, PodChange, Stage};
use crate::api::{Key, Pod};
use crate::engine::{Budget, Command, Step, StepId, Timeline, Until, What};
use crate::kubelet::MachineChange;
use crate::network::flow::{Loss, Outcome, Silence};
use crate::{Duration, Time, kubectl, simulation};

const BUDGET: Budget = Budget { steps: 20_000 };

fn begin(manifests: &str) -> Timeline {
    let setup = simulation::read(manifests);
    assert_eq!(setup.diagnostics, []);
    let mut timeline = Timeline::new(setup.simulation, setup.nodes);
    timeline.submit(Command::Kubectl(kubectl::Invocation::apply(setup.documents).into()));
    timeline.advance(Until::Quiet, BUDGET);
    timeline
}

fn run(timeline: &mut Timeline, line: &str) {
    let invocation = kubectl::parse(line, &|_| None).expect("a command line");
    timeline.submit(Command::Kubectl(invocation.into()));
}

fn pass(timeline: &mut Timeline, seconds: u64) {
    let until = timeline.head().now + Duration::from_seconds(seconds);
    timeline.submit(Command::Wait(Duration::from_seconds(seconds)));
    while timeline.head().now < until {
        timeline.advance(Until::Quiet, Budget { steps: 1 });
    }
}

/// A pod called `web` with these lines beside `containers` and in its container, and these annotations.
fn pod(spec: &str, container: &str, annotations: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  labels: {{app: web}}\n  annotations: {{{annotations}}}\n\
         spec:\n{spec}  containers:\n  - name: web\n    image: nginx:1\n    ports: [{{containerPort: 80}}]\n{container}"
    )
}

/// The moments at which something happened to pods on their machines, in milliseconds from `since`.
fn moments(timeline: &Timeline, since: Time, wanted: impl Fn(&PodChange) -> bool) -> Vec<u64> {
    let is_wanted = |step: &&std::rc::Rc<Step>| match &step.what {
        What::Machine(MachineChange::Pod { what, .. }) => step.at >= since && wanted(what),
        _ => false,
    };
    timeline.steps().iter().filter(is_wanted).map(|step| step.at.since(since).as_millis()).collect()
}

/// The phases and waiting reasons that the API had of `web`, one after the other.
fn told(timeline: &Timeline) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for place in 0..timeline.len() {
        let world = timeline.world_at(StepId(place as u32));
        let Some(pod) = world.store.get::<Pod>(&Key::new("default", "web")) else { continue };
        let state = pod.container_statuses().first().and_then(|status| status.state.as_ref());
        let waiting =
            state.and_then(|state| state.waiting.as_ref()).and_then(|waiting| waiting.reason.as_deref());
        let ended = state.and_then(|state| state.terminated.as_ref()).map(|_| "terminated");
        let now = [Some(pod.phase()), waiting.or(ended)].into_iter().flatten().collect::<Vec<_>>().join(" ");
        if told.last() != Some(&now) {
            told.push(now);
        }
    }
    told
}

#[test]
fn a_pod_starts_with_three_reports() {
    let timeline = begin(&pod("", "", ""));
    assert_eq!(told(&timeline), ["Pending", "Pending ContainerCreating", "Running"]);
    let reports = timeline.steps().iter().filter_map(|step| step.change());
    assert_eq!(reports.filter(|change| change.subresource == "status").count(), 3);
}

#[test]
fn a_process_that_ignores_sigterm_is_killed_after_what_its_hook_left_of_the_grace() {
    let hook = "    lifecycle: {preStop: {sleep: {seconds: 4}}}\n";
    let manifest = pod("  terminationGracePeriodSeconds: 10\n", hook, "sim.kubestep.dev/on-sigterm: ignore");
    let mut timeline = begin(&manifest);
    run(&mut timeline, "delete pod web");
    timeline.advance(Until::Quiet, BUDGET);
    let hook = moments(&timeline, Time::ZERO, |what| matches!(what, PodChange::HookBegan(_)));
    let since = Time::ZERO + Duration::from_millis(hook[0]);
    assert_eq!(moments(&timeline, since, |what| matches!(what, PodChange::Terminated(_))), [4000]);
    assert_eq!(moments(&timeline, since, |what| matches!(what, PodChange::Killed(_))), [10_000]);
    assert_eq!(told(&timeline).last().map(String::as_str), Some("Failed terminated"));
    assert_eq!(timeline.head().store.count::<Pod>(), 0);
}

#[test]
fn a_hook_as_long_as_the_grace_still_leaves_two_seconds() {
    let hook = "    lifecycle: {preStop: {exec: {command: [sleep, \"40\"]}}}\n";
    let mut timeline = begin(&pod("", hook, "sim.kubestep.dev/on-sigterm: ignore"));
    run(&mut timeline, "delete pod web");
    timeline.advance(Until::Quiet, BUDGET);
    let hook = moments(&timeline, Time::ZERO, |what| matches!(what, PodChange::HookBegan(_)));
    let since = Time::ZERO + Duration::from_millis(hook[0]);
    assert_eq!(moments(&timeline, since, |what| matches!(what, PodChange::Killed(_))), [32_000]);
}

#[test]
fn a_second_deletion_shortens_the_grace() {
    let mut timeline = begin(&pod("", "", "sim.kubestep.dev/on-sigterm: ignore"));
    let signals =
        |timeline: &Timeline| moments(timeline, Time::ZERO, |what| matches!(what, PodChange::Terminated(_)));
    run(&mut timeline, "delete pod web --wait=false");
    while signals(&timeline).is_empty() {
        timeline.advance(Until::Quiet, Budget { steps: 1 });
    }
    run(&mut timeline, "delete pod web --grace-period=4");
    timeline.advance(Until::Quiet, BUDGET);
    let signals = signals(&timeline);
    let killed = moments(&timeline, Time::ZERO, |what| matches!(what, PodChange::Killed(_)));
    assert_eq!((signals.len(), killed[0] - signals[1]), (2, 4000));
}

#[test]
fn a_forced_deletion_leaves_a_process_without_an_object_for_two_seconds() {
    let mut timeline = begin(&pod("", "", "sim.kubestep.dev/on-sigterm: ignore"));
    run(&mut timeline, "delete pod web --force --grace-period=0");
    pass(&mut timeline, 1);
    let world = timeline.head();
    assert_eq!(world.store.count::<Pod>(), 0);
    let left: Vec<_> = world.machines.values().flat_map(|machine| machine.pods()).collect();
    assert!(left[0].is_removed() && left[0].stage() == Stage::Ending && left[0].is_any_running());
    timeline.advance(Until::Quiet, BUDGET);
    assert!(timeline.head().machines.values().all(|machine| machine.pod_count() == 0));
    let signalled = moments(&timeline, Time::ZERO, |what| matches!(what, PodChange::Terminated(_)));
    let killed = moments(&timeline, Time::ZERO, |what| matches!(what, PodChange::Killed(_)));
    assert_eq!(killed[0] - signalled[0], 2000);
}

#[test]
fn a_new_pod_of_the_same_name_runs_beside_the_old_one() {
    let manifest = pod("  nodeName: node-1\n", "", "sim.kubestep.dev/on-sigterm: ignore");
    let mut timeline = begin(&manifest);
    run(&mut timeline, "delete pod web --force --grace-period=0");
    timeline.advance(Until::Step(StepId(timeline.len() as u32 + 3)), BUDGET);
    let again = simulation::read(&manifest).documents;
    timeline.submit(Command::Kubectl(kubectl::Invocation::apply(again).into()));
    pass(&mut timeline, 1);
    let machine = &timeline.head().machines["node-1"];
    let addresses: Vec<&str> =
        machine.pods().filter_map(|pod| pod.sandbox()).map(|sandbox| &*sandbox.address).collect();
    assert_eq!(addresses.len(), 2, "{addresses:?}");
    assert!(machine.pods().all(|pod| &*pod.key().name == "web"));
}

#[test]
fn restarts_wait_ten_seconds_and_twice_as_long_each_time_after() {
    let mut timeline =
        begin(&pod("", "", "sim.kubestep.dev/exit-after: 1s, sim.kubestep.dev/exit-code: \"3\""));
    pass(&mut timeline, 120);
    let starts = moments(&timeline, Time::ZERO, |what| matches!(what, PodChange::Started(_)));
    let exits = moments(&timeline, Time::ZERO, |what| matches!(what, PodChange::Exited { .. }));
    let waits: Vec<u64> = starts[1..].iter().zip(&exits).map(|(start, exit)| start - exit).collect();
    // The kubelet learns of an exit within a second, adds up to a half to a wait, and starts in a quarter second.
    let within = |wait: u64, least: u64| (least..=least * 3 / 2 + 1250).contains(&wait);
    assert!(within(waits[0], 0) && within(waits[1], 10_000) && within(waits[2], 20_000), "{waits:?}");
    assert!(within(waits[3], 40_000), "{waits:?}");
    let reasons = told(&timeline);
    let back_off = reasons.iter().position(|told| told == "Running CrashLoopBackOff");
    assert_eq!(back_off.map(|place| reasons[place - 1].as_str()), Some("Running terminated"));
}

#[test]
fn a_missing_image_is_told_a_sync_late_and_tried_again_later() {
    let mut timeline = begin(&pod("", "", "").replace("nginx:1", "nginx:missing"));
    pass(&mut timeline, 60);
    let reasons = told(&timeline);
    assert_eq!(reasons[2..5], ["Pending ErrImagePull", "Pending ImagePullBackOff", "Pending ErrImagePull"]);
    let pulls = moments(&timeline, Time::ZERO, |what| matches!(what, PodChange::PullBegan(_)));
    assert!((10_000..17_000).contains(&(pulls[1] - pulls[0])), "{pulls:?}");
    assert!(pulls[2] - pulls[1] >= 20_000, "{pulls:?}");
}

#[test]
fn readiness_follows_its_probe_and_the_probe_its_port() {
    let probe = "    readinessProbe: {httpGet: {port: 80}, periodSeconds: 3}\n";
    let timeline = begin(&pod("", probe, "sim.kubestep.dev/start-up: 4s"));
    let started = moments(&timeline, Time::ZERO, |what| matches!(what, PodChange::Started(_)));
    let ready =
        moments(&timeline, Time::ZERO, |what| matches!(what, PodChange::Probed { success: true, .. }));
    assert!((4000..=7000).contains(&(ready[0] - started[0])), "{started:?} {ready:?}");
    let web = timeline.head().store.get::<Pod>(&Key::new("default", "web")).expect("the pod");
    assert!(web.is_ready());
    let never = begin(&pod("", &probe.replace("80", "81"), ""));
    let web = never.head().store.get::<Pod>(&Key::new("default", "web")).expect("the pod");
    assert!(!web.is_ready() && web.phase() == "Running");
}

#[test]
fn sidecars_start_first_and_end_last() {
    let manifest = format!(
        "{}  initContainers:\n  - {{name: proxy, image: proxy, restartPolicy: Always}}\n",
        pod("", "", "sim.kubestep.dev/on-sigterm: 3s, sim.kubestep.dev/on-sigterm.proxy: 1s")
    );
    let mut timeline = begin(&manifest);
    run(&mut timeline, "delete pod web");
    timeline.advance(Until::Quiet, BUDGET);
    let story: Vec<String> = timeline
        .steps()
        .iter()
        .filter_map(|step| match &step.what {
            What::Machine(MachineChange::Pod { what, .. }) => match what {
                PodChange::Started(name) => Some(format!("start {name}")),
                PodChange::Terminated(name) => Some(format!("term {name}")),
                PodChange::Exited { container, .. } => Some(format!("exit {container}")),
                _ => None,
            },
            _ => None,
        })
        .collect();
    assert_eq!(story, ["start proxy", "start web", "term web", "exit web", "term proxy", "exit proxy"]);
}

#[test]
fn kubelets_that_decide_nothing_wait_for_a_person() {
    let manual = "apiVersion: kubestep.dev/v1alpha1\nkind: Simulation\nspec: {kubelets: Manual}\n---\n";
    let mut timeline = begin(&format!("{manual}{}", pod("", "", "")));
    let key = Key::new("default", "web");
    let is_ready = |timeline: &Timeline| {
        timeline.head().store.get::<Pod>(&key).map(|pod| (pod.is_ready(), pod.phase().to_owned()))
    };
    assert_eq!(is_ready(&timeline), Some((false, "Running".to_owned())));
    timeline.submit(Command::OnPod(key.clone(), Intervention::Ready(true)));
    timeline.advance(Until::Quiet, BUDGET);
    assert_eq!(is_ready(&timeline), Some((true, "Running".to_owned())));
    run(&mut timeline, "delete pod web --wait=false");
    pass(&mut timeline, 60);
    assert_eq!(is_ready(&timeline), Some((true, "Running".to_owned())), "it stays until its process ends");
    timeline.submit(Command::OnPod(key.clone(), Intervention::Exit { container: None, code: 0 }));
    timeline.advance(Until::Quiet, BUDGET);
    assert_eq!(is_ready(&timeline), None);
}

#[test]
fn a_killed_process_is_started_again() {
    let mut timeline = begin(&pod("", "", ""));
    let exit = Intervention::Exit { container: Some("web".into()), code: 137 };
    timeline.submit(Command::OnPod(Key::new("default", "web"), exit));
    timeline.advance(Until::Quiet, BUDGET);
    let pod = timeline.head().machines.values().find_map(|machine| machine.pods().next()).expect("a pod");
    let web = pod.containers().next().expect("a container");
    assert!(matches!(web.state(), ContainerState::Running(_)) && web.restarts() == 1);
}

#[test]
fn requests_are_lost_while_rules_lead_to_a_process_that_has_stopped() {
    let service = "---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n";
    let traffic = "---\napiVersion: kubestep.dev/v1alpha1\nkind: Traffic\nmetadata: {name: all}\nspec: {service: web, requestsPerSecond: 100}\n";
    let mut timeline = begin(&format!("{}{service}{traffic}", pod("", "", "")));
    let client = |timeline: &Timeline| timeline.head().traffic.client(0).cloned().expect("a client");
    // Ready without a readiness probe: the Service sends requests before the process listens.
    let outcomes = |timeline: &Timeline| {
        let mut seen: Vec<Outcome> = Vec::new();
        for place in 0..timeline.len() {
            let world = timeline.world_at(StepId(place as u32));
            for request in world.traffic.client(0).into_iter().flat_map(|client| client.recent()) {
                if seen.last() != Some(&request.outcome) && !seen.contains(&request.outcome) {
                    seen.push(request.outcome);
                }
            }
        }
        seen
    };
    let seen = outcomes(&timeline);
    assert_eq!(
        seen,
        [Outcome::TimedOut(Silence::NoRules), Outcome::Refused, Outcome::Lost(Loss::NotListening)]
    );
    pass(&mut timeline, 2);
    let before = client(&timeline).counts;
    assert!(before.answered >= 190, "{before:?}");
    run(&mut timeline, "delete pod web");
    pass(&mut timeline, 5);
    let after = client(&timeline).counts;
    assert!(after.lost > before.lost && after.refused > before.refused, "{before:?} {after:?}");
    assert_eq!(client(&timeline).recent().count(), 64);
    // One every 10 ms from the first on, and each of them ended once.
    let latest = client(&timeline).recent().last().cloned().expect("a request");
    let first = (0..timeline.len()).find_map(|place| {
        let world = timeline.world_at(StepId(place as u32));
        world.traffic.client(0)?.recent().next().map(|request| request.at)
    });
    let sending = latest.at.since(first.expect("a first request")).as_millis();
    assert_eq!((after.total(), sending), (latest.number + 1, latest.number * 10), "{after:?}");
}
