//! Invariants that hold after every step of random scripts. A failing script is shrunk and printed with its seed.

mod hostile;
mod invariants;
mod rails;
mod replay;
mod requests;

use std::collections::BTreeMap;

use kubestep_core::api::Pod;
use kubestep_core::engine::{Budget, ReconcileId, Until, What};
use kubestep_core::{Command, StepId, World, kubectl};
use kubestep_tests::Story;
use kubestep_tests::script::{Act, scripts};
use proptest::prelude::*;

/// Acts in one script.
const LENGTH: usize = 30;

/// How long the longest grace period and image back-off of a script may keep a cluster busy, in steps.
const REST: usize = 20_000;

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn every_step_of_every_script_keeps_the_invariants(script in scripts(LENGTH)) {
        let mut story = play(&script);
        let mut before = story.timeline.genesis().clone();
        let mut syncs: BTreeMap<ReconcileId, Sync> = BTreeMap::new();
        for step in story.timeline.steps() {
            syncs.entry(step.reconcile).or_default().last = step.id;
        }
        for place in 0..story.timeline.len() {
            let after = story.timeline.world_at(StepId(place as u32));
            let step = &story.timeline.steps()[place];
            let sync = syncs.entry(step.reconcile).or_default();
            let around = sync.around.get_or_insert_with(|| (before.clone(), after.clone()));
            invariants::check(step, &before, &after, &around.1);
            if matches!(step.what, What::Refused { .. }) {
                sync.is_refused = true;
            }
            if sync.last == step.id && !sync.is_refused {
                invariants::check_sync(step, &around.0, &after, &around.1);
            }
            before = after;
        }
        rails::check(&story);
        story.run("delete deployment web --ignore-not-found");
        story.run("delete service web --ignore-not-found");
        invariants::nothing_is_left(story.timeline.head());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, max_shrink_iters: 100, ..ProptestConfig::default() })]

    #[test]
    fn rewinding_and_replaying_gives_equal_worlds_and_two_runs_the_same_steps(script in scripts(LENGTH), cut in 0.0..1.0) {
        replay::check(&script, cut);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 30, ..ProptestConfig::default() })]

    #[test]
    fn every_request_ends_once_and_every_failure_has_its_causes(
        script in scripts(LENGTH),
        behaviour in requests::behaviours(),
    ) {
        let story = requested(&script, &behaviour);
        requests::check(&story);
        let again = requested(&script, &behaviour);
        let (one, other) = (&story.timeline, &again.timeline);
        assert!(one.steps() == other.steps() && one.head() == other.head(), "two runs of one script differ");
        let middle = StepId(one.script().last().map_or(0, |last| last.after_steps as u32));
        let mut branch = one.branch(middle);
        branch.advance(Until::Step(StepId(one.len() as u32 - 1)), Budget { steps: one.len() });
        assert!(branch.head() == one.head(), "a branch of the last command on ends in another world");
    }
}

/// Plays a script while clients send requests to pods that behave like this; some requests are followed, some processes
/// crash, and a node is taken away.
fn requested(script: &[Act], behaviour: &str) -> Story {
    let slow = |manifests: &str| requests::behaving(manifests, behaviour);
    let mut story = Story::of(&format!("{}{}", slow(&Act::manifests(3, "", 1)), requests::CLIENTS));
    for (place, act) in script.iter().enumerate() {
        perform_with(&mut story, act, slow);
        if place % 5 == 0 {
            story.give(if place % 2 == 0 { "sim follow visitors" } else { "sim follow regulars" });
        }
        let crash = with_pods(&story, &format!("sim crash {{pod {place}}}")).filter(|_| place % 7 == 3);
        if let Some(line) = crash {
            story.give(&line);
        }
        if place == script.len() / 2 {
            story.give("sim remove-node node-3");
        }
    }
    story.timeline.advance(Until::Quiet, Budget { steps: REST });
    story
}

/// The steps of one look.
#[derive(Default)]
struct Sync {
    /// The last of them.
    last: StepId,
    /// The worlds before and after the first of them.
    around: Option<(World, World)>,
    /// Whether the API server refused one of its writes: the rest of them was not sent.
    is_refused: bool,
}

/// Plays a script in a cluster of three workers, which begins with the Deployment and the Service applied.
fn play(script: &[Act]) -> Story {
    let mut story = Story::of(&Act::manifests(3, "", 1));
    for act in script {
        perform(&mut story, act);
    }
    story.timeline.advance(Until::Quiet, Budget { steps: REST });
    story
}

fn perform(story: &mut Story, act: &Act) {
    perform_with(story, act, str::to_owned);
}

/// Does it with manifests that are changed like this.
fn perform_with(story: &mut Story, act: &Act, changed: impl Fn(&str) -> String) {
    match act {
        Act::Kubectl(line) => {
            let Some(line) = with_pods(story, line) else { return };
            let invocation =
                kubectl::parse(&line, &|_| None).unwrap_or_else(|error| panic!("{line}: {error}"));
            story.timeline.submit(Command::Kubectl(invocation.into()));
        }
        Act::Line(line) => {
            story.give(line);
        }
        Act::Apply { replicas, strategy, tag } => {
            let manifests = changed(&Act::manifests(*replicas, strategy, *tag));
            let setup = kubestep_core::simulation::read(&manifests);
            let apply = kubectl::Invocation::apply(setup.documents);
            story.timeline.submit(Command::Kubectl(apply.into()));
        }
        Act::Steps(0) => {}
        Act::Steps(count) => story.steps(*count),
        Act::Rest => {
            story.timeline.advance(Until::Quiet, Budget { steps: REST });
        }
    }
}

/// Puts the name of a live pod in the place of `{pod N}`. `None` where there is no pod.
fn with_pods(story: &Story, line: &str) -> Option<String> {
    let Some((before, rest)) = line.split_once("{pod ") else { return Some(line.to_owned()) };
    let (number, after) = rest.split_once('}')?;
    let pods: Vec<&str> = story.timeline.head().store.list::<Pod>().map(|pod| pod.name()).collect();
    let place = number.parse::<usize>().ok()? % pods.len().max(1);
    Some(format!("{before}{}{after}", pods.get(place)?))
}
