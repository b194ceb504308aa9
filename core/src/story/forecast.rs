//! What a command would do, told before it is given: a branch of the world runs ahead, and nothing of it is kept.
//!
//! For each object: whether it would be created, changed or refused, with both versions. For each Deployment whose
//! template changes: what its rollout passes through.

use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::api::{Deployment, Key, Kind, Object, ObjectRef, Resource, Uid};
use crate::apiserver::Store;
use crate::engine::{Actor, Budget, Command, CommandId, Rest, StepId, Timeline, Until, What};
use crate::time::{Duration, Time};

/// How many steps are computed ahead.
const MOST_STEPS: usize = 20_000;

/// How many steps are computed before they are looked through.
const AT_ONCE: usize = 50;

/// How far a rollout is followed.
const LONGEST: Duration = Duration::from_seconds(3600);

/// What a command would do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Forecast {
    /// The objects it would write, in its order.
    pub objects: Vec<Outcome>,
    /// What it would print, line by line, refusals among it.
    pub printed: Vec<Line>,
    /// The rollouts that would follow.
    pub rollouts: Vec<Rollout>,
}

/// A line that would be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The line.
    pub text: String,
    /// Whether it goes to the error stream.
    pub is_error: bool,
}

/// What would become of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The object.
    pub object: ObjectRef,
    /// As it is; none where it would be created.
    pub before: Option<Object>,
    /// As it would be; none where the write would be refused.
    pub after: Option<Object>,
    /// Why it would be refused.
    pub refusal: Option<String>,
}

/// What a rollout would pass through.
#[derive(Clone, Debug, PartialEq)]
pub struct Rollout {
    /// The Deployment's key.
    pub deployment: Key,
    /// The rules it goes by.
    pub rules: Rules,
    /// The most pods at one time, terminating ones left out.
    pub most_pods: u32,
    /// The most pods that were terminating at one time.
    pub most_terminating: u32,
    /// The fewest available pods at one time.
    pub fewest_available: u32,
    /// How many steps it took.
    pub steps: usize,
    /// How long it took.
    pub took: Duration,
    /// How it ended.
    pub end: End,
}

/// The rules of a rollout.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// `spec.replicas`
    pub replicas: i32,
    /// Whether pods are replaced a few at a time; otherwise all old ones go first.
    pub is_rolling: bool,
    /// `maxSurge` as it was written and as a number of pods.
    pub surge: (String, i32),
    /// `maxUnavailable`, likewise.
    pub unavailable: (String, i32),
}

/// How a rollout ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// Every pod is new and available.
    Complete,
    /// It does not go on: what the Deployment says of it.
    Stuck(String),
    /// It was not followed to its end.
    Unknown,
}

impl Rules {
    /// The rules of a Deployment.
    pub fn of(deployment: &Deployment) -> Rules {
        let rolling = deployment.spec.strategy.as_ref().and_then(|strategy| strategy.rolling_update.as_ref());
        let written = |value: Option<&IntOrString>| match value {
            Some(IntOrString::Int(number)) => number.to_string(),
            Some(IntOrString::String(text)) => text.clone(),
            None => "0".to_owned(),
        };
        Rules {
            replicas: deployment.replicas(),
            is_rolling: deployment.is_rolling_update(),
            surge: (written(rolling.and_then(|rolling| rolling.max_surge.as_ref())), deployment.max_surge()),
            unavailable: (
                written(rolling.and_then(|rolling| rolling.max_unavailable.as_ref())),
                deployment.max_unavailable(),
            ),
        }
    }

    /// The most pods that there may be.
    pub fn ceiling(&self) -> i32 {
        self.replicas + self.surge.1
    }

    /// The fewest pods that have to be available.
    pub fn floor(&self) -> i32 {
        if self.is_rolling { self.replicas - self.unavailable.1 } else { 0 }
    }
}

/// What `command` would do behind the last step of `branch`, which nobody else watches.
pub fn forecast(mut branch: Timeline, command: Command) -> Forecast {
    let begun = branch.len();
    let id = branch.submit(command);
    branch.advance(Until::Command(id), Budget { steps: MOST_STEPS });
    let mut forecast = said_and_written(&branch, begun, id);
    let rolled: Vec<Deployment> = forecast.objects.iter().filter_map(rolled).collect();
    let from = branch.steps().get(begun).map_or(branch.head().now, |step| step.at);
    forecast.rollouts =
        rolled.iter().map(|deployment| follow(&mut branch, deployment, begun, from)).collect();
    forecast
}

/// What the command itself wrote and printed.
fn said_and_written(branch: &Timeline, begun: usize, id: CommandId) -> Forecast {
    let mut forecast = Forecast::default();
    let own = branch.steps()[begun..].iter().filter(|step| step.actor == Actor::Kubectl(id));
    for step in own {
        match &step.what {
            What::Written(change) => forecast.objects.push(Outcome {
                object: change.object.clone(),
                before: change.before.clone(),
                after: change.after.clone(),
                refusal: None,
            }),
            What::Refused { write, error } => forecast.objects.push(Outcome {
                object: write.target(),
                before: branch.head().store.object(&write.target()),
                after: None,
                refusal: Some(error.message.clone()),
            }),
            What::Printed(printed) => {
                let line = |text: &str| Line { text: text.to_owned(), is_error: printed.is_error };
                forecast.printed.extend(printed.text.lines().map(line));
            }
            What::Asked(_) | What::Machine(_) | What::Hop(_) | What::Looked => {}
        }
    }
    forecast
}

/// The Deployment of an outcome, if its pods would be replaced.
fn rolled(outcome: &Outcome) -> Option<Deployment> {
    match (&outcome.before, &outcome.after) {
        (Some(Object::Deployment(before)), Some(Object::Deployment(after))) => {
            let is_changed = before.spec.template != after.spec.template;
            (is_changed && !after.is_paused()).then(|| (**after).clone())
        }
        _ => None,
    }
}

/// Runs ahead until the rollout is over, and watches it.
fn follow(branch: &mut Timeline, deployment: &Deployment, begun: usize, from: Time) -> Rollout {
    let Resource { key, uid, .. } = deployment;
    let before =
        if begun == 0 { branch.genesis().clone() } else { branch.world_at(StepId(begun as u32 - 1)) };
    let mut watched = Watched::default();
    watched.look(&before.store, *uid, deployment.min_ready_seconds(), from);
    let mut seen = begun;
    loop {
        while seen < branch.len() {
            let step = branch.steps()[seen].clone();
            seen += 1;
            let is_about = step.change().is_some_and(|change| {
                matches!(change.object.kind, Kind::Pod | Kind::ReplicaSet | Kind::Deployment)
            });
            if !is_about {
                continue;
            }
            let world = branch.world_at(step.id);
            watched.look(&world.store, *uid, deployment.min_ready_seconds(), step.at);
            let Some(now) = world.store.get::<Deployment>(key) else { continue };
            if let Some(end) = end(now) {
                return watched.told(deployment, seen - begun, step.at.since(from), end);
            }
        }
        let next = Until::Step(StepId((branch.len() + AT_ONCE - 1) as u32));
        let rest = branch.advance(next, Budget { steps: AT_ONCE });
        let is_over = branch.len() == seen && rest == Rest::Ended;
        let is_far = branch.len() - begun >= MOST_STEPS || branch.head().now.since(from) > LONGEST;
        if is_over || is_far {
            let took = branch.head().now.since(from);
            return watched.told(deployment, branch.len() - begun, took, End::Unknown);
        }
    }
}

/// How the rollout stands, if it is over. Upstream: `kubectl rollout status`.
fn end(deployment: &Deployment) -> Option<End> {
    let status = &deployment.status;
    let count = |number: Option<i32>| number.unwrap_or(0);
    if status.observed_generation.unwrap_or(0) < deployment.meta.generation {
        return None;
    }
    let progressing = deployment.condition("Progressing")?;
    if progressing.reason.as_deref() == Some("ProgressDeadlineExceeded") {
        return Some(End::Stuck(progressing.message.clone().unwrap_or_default()));
    }
    let wanted = deployment.replicas();
    let is_complete = count(status.updated_replicas) == wanted
        && count(status.replicas) == wanted
        && count(status.available_replicas) == wanted;
    is_complete.then_some(End::Complete)
}

/// The extremes so far.
#[derive(Default)]
struct Watched {
    most_pods: u32,
    most_terminating: u32,
    fewest_available: Option<u32>,
}

impl Watched {
    fn look(&mut self, store: &Store, deployment: Uid, min_ready_seconds: i32, now: Time) {
        let (mut pods, mut terminating, mut available) = (0, 0, 0);
        let patience = Duration::from_seconds(u64::try_from(min_ready_seconds).unwrap_or(0));
        for set in store.replica_sets_of(deployment) {
            let Some(owned) = store.owned_pods(set.uid) else { continue };
            pods += owned.active;
            terminating += owned.terminating;
            available += if min_ready_seconds == 0 {
                owned.ready
            } else {
                let is_available = |since: Time| now.since(since) >= patience;
                let ready = store.pods_of(set.uid).filter(|pod| pod.is_active() && pod.is_ready());
                ready.filter(|pod| pod.ready_since().is_none_or(is_available)).count() as u32
            };
        }
        self.most_pods = self.most_pods.max(pods);
        self.most_terminating = self.most_terminating.max(terminating);
        self.fewest_available = Some(self.fewest_available.map_or(available, |fewest| fewest.min(available)));
    }

    fn told(self, deployment: &Deployment, steps: usize, took: Duration, end: End) -> Rollout {
        Rollout {
            deployment: deployment.key.clone(),
            rules: Rules::of(deployment),
            most_pods: self.most_pods,
            most_terminating: self.most_terminating,
            fewest_available: self.fewest_available.unwrap_or(0),
            steps,
            took,
            end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::{Simulation, default_nodes};

    const WEB: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web:1}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
";

    fn apply(text: &str) -> Command {
        Command::parse("kubectl apply -f web.yaml", &|_| Some(text.to_owned())).unwrap()
    }

    /// A cluster at rest in which `WEB` was applied.
    fn at_rest() -> Timeline {
        let mut timeline = Timeline::new(Simulation::default(), default_nodes());
        timeline.submit(apply(WEB));
        timeline.advance(Until::Quiet, Budget { steps: 10_000 });
        timeline
    }

    #[test]
    fn a_rollout_is_told_before_it_is_begun() {
        let before = at_rest();
        let told = forecast(before.clone(), apply(&WEB.replace("web:1", "web:2")));
        let lines: Vec<&str> = told.printed.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(lines, ["deployment.apps/web configured", "service/web unchanged"]);
        assert_eq!(told.objects.len(), 1);
        let rollout = &told.rollouts[0];
        assert_eq!((rollout.rules.ceiling(), rollout.rules.floor()), (4, 3));
        assert_eq!(rollout.rules.surge, ("25%".to_owned(), 1));
        assert_eq!((rollout.most_pods, rollout.fewest_available), (4, 3));
        assert_eq!(rollout.end, End::Complete);
        assert!(rollout.took > Duration::from_seconds(3) && rollout.steps > 50, "{rollout:?}");
        // What was told is what happens.
        let mut after = before;
        after.submit(apply(&WEB.replace("web:1", "web:2")));
        after.advance(Until::Quiet, Budget { steps: 10_000 });
        let deployment = after.head().store.get::<Deployment>(&Key::new("default", "web")).unwrap();
        assert_eq!(end(deployment), Some(End::Complete));
    }

    #[test]
    fn a_rollout_that_cannot_end_says_so() {
        let told = forecast(at_rest(), apply(&WEB.replace("web:1", "web:missing")));
        let rollout = &told.rollouts[0];
        assert!(
            matches!(&rollout.end, End::Stuck(words) if words.contains("has timed out progressing")),
            "{rollout:?}"
        );
        assert_eq!((rollout.most_pods, rollout.fewest_available), (4, 3));
    }

    #[test]
    fn recreate_leaves_nothing_available() {
        let recreate = WEB.replace("  replicas: 3", "  replicas: 3\n  strategy: {type: Recreate}");
        let told = forecast(at_rest(), apply(&recreate.replace("web:1", "web:2")));
        let rollout = &told.rollouts[0];
        assert_eq!((rollout.rules.floor(), rollout.fewest_available, rollout.most_pods), (0, 0, 3));
    }

    #[test]
    fn one_bad_document_leaves_the_others_to_be_applied() {
        let text = WEB.replace("port: 80", "port: 800000").replace("replicas: 3", "replicas: 4");
        let told = forecast(at_rest(), apply(&text));
        let refused: Vec<bool> = told.objects.iter().map(|outcome| outcome.refusal.is_some()).collect();
        assert_eq!(refused, [false, true]);
        let lines: Vec<(bool, &str)> =
            told.printed.iter().map(|line| (line.is_error, line.text.as_str())).collect();
        assert_eq!(
            lines[..2],
            [(false, "deployment.apps/web configured"), (true, "The Service \"web\" is invalid: ")]
        );
        assert_eq!(told.rollouts, []);
    }
}
