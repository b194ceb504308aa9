//! Finds out that a cluster never settles: a crash loop, or two controllers that undo each other's work. Found by the
//! cycle in what happens, not by a count of steps.

use std::rc::Rc;

use kubestep_core::api::{Kind, Object, ObjectRef};
use kubestep_core::engine::{Actor, Budget, Step, Timeline, Until, What};
use kubestep_core::narration::{self, Span};
use kubestep_core::time::Duration;

use crate::actor;
use crate::panels::narration::clause;

/// How far ahead a cluster at rest is followed to see whether it settles: a few rounds of the longest back-off.
const FAR: Duration = Duration::from_seconds(3_600);

/// The most steps that are followed.
const MOST_STEPS: usize = 600;

/// A round must be seen so often to count as one.
const ROUNDS: usize = 3;

/// A short round may be chance (three pods are created one after the other), so it must be seen more often.
const SHORT: Duration = Duration::from_seconds(1);
const SHORT_ROUNDS: usize = 20;

/// How much the rounds may differ in length: a share of one.
const TOLERANCE: f64 = 0.02;

/// The most steps of a round that are told.
const MOST_TOLD: usize = 3;

/// What happens again and again.
#[derive(Clone, Debug, PartialEq)]
pub struct Repeats {
    /// How long a round takes, in virtual seconds.
    pub every: f64,
    /// What happens in it: "Kubelet node-1 starts web".
    pub doing: Vec<String>,
}

impl Repeats {
    /// What is said of it.
    pub fn words(&self) -> String {
        format!("This repeats every {:.0} s: {}", self.every, self.doing.join("; "))
    }
}

/// What the future of a history at rest repeats, if it does. The history itself stays as it is.
pub fn ahead_of(timeline: &Timeline) -> Option<Repeats> {
    let mut future = timeline.clone();
    let end = future.head().now + FAR;
    future.advance(Until::Time(end), Budget { steps: MOST_STEPS });
    found_in(future.steps())
}

/// The round that the steps end with.
pub fn found_in(steps: &[Rc<Step>]) -> Option<Repeats> {
    let command = steps.iter().rposition(|step| matches!(step.what, What::Asked(_) | What::Printed(_)));
    let told: Vec<&Step> = steps[command.map_or(0, |place| place + 1)..]
        .iter()
        .map(Rc::as_ref)
        .filter(|step| !step.is_quiet() && !is_event(step))
        .collect();
    let recent = &told[told.len().saturating_sub(MOST_STEPS)..];
    let marks: Vec<Mark> = recent.iter().map(|step| mark(step)).collect();
    let length = (1..=marks.len() / ROUNDS).find(|&length| is_round(recent, &marks, length))?;
    let round = &recent[recent.len() - length..];
    let every = seconds_between(recent, recent.len() - 1 - length, recent.len() - 1);
    Some(Repeats { every, doing: told_of(round) })
}

/// Whether the last `length` steps came before in the same order and at the same distance, often enough.
fn is_round(steps: &[&Step], marks: &[Mark], length: usize) -> bool {
    let end = steps.len();
    let every = seconds_between(steps, end - 1 - length, end - 1);
    let rounds = if every < SHORT.as_seconds() { SHORT_ROUNDS } else { ROUNDS };
    if end < rounds * length {
        return false;
    }
    let is_same = |place: usize| marks[place] == marks[place - length];
    let is_evenly_spaced = |round: usize| {
        let last = end - 1 - round * length;
        (seconds_between(steps, last - length, last) - every).abs() <= TOLERANCE * every
    };
    (end - (rounds - 1) * length..end).rev().all(is_same) && (0..rounds - 1).all(is_evenly_spaced)
}

fn seconds_between(steps: &[&Step], from: usize, until: usize) -> f64 {
    steps[until].at.as_seconds() - steps[from].at.as_seconds()
}

/// What a step is but for its numbers.
#[derive(PartialEq)]
struct Mark {
    actor: Actor,
    words: Vec<Rc<str>>,
}

fn mark(step: &Step) -> Mark {
    let object = step.change().and_then(|change| change.subject());
    let words = narration::headline(step).0.into_iter().map(|span| match span {
        Span::Plain(words) | Span::Field(words) => words,
        Span::Number(_) => "#".into(),
        Span::Object(named) => lasting_name(&named, object),
    });
    Mark { actor: step.actor.clone(), words: words.collect() }
}

/// A pod whose name was made up is another one in each round.
fn lasting_name(named: &ObjectRef, object: Option<&Object>) -> Rc<str> {
    let made_of = object
        .filter(|object| object.reference() == *named)
        .and_then(|object| object.meta().generate_name.clone());
    made_of.unwrap_or_else(|| named.key.name.clone())
}

fn is_event(step: &Step) -> bool {
    step.change().is_some_and(|change| change.object.kind == Kind::Event)
}

fn told_of(round: &[&Step]) -> Vec<String> {
    let tell = |step: &&Step| {
        let clause = clause(&narration::headline(step)).to_string();
        // What follows a comma counts ("restart 16"), which is another number each time.
        let deed = clause.split(", ").next().unwrap_or(&clause);
        format!("{} {deed}", actor::short(&step.actor))
    };
    let mut told: Vec<String> = round.iter().take(MOST_TOLD).map(tell).collect();
    if round.len() > MOST_TOLD {
        told.push(format!("{} more steps", round.len() - MOST_TOLD));
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lessons;
    use crate::model::run::Run;
    use crate::model::session::{Act, CLUSTER, Ground};

    fn at_rest(manifest: &str) -> Timeline {
        let mut timeline = Ground::of(CLUSTER, manifest).timeline();
        timeline.submit(Act::apply(0, &manifest.into()).command().expect("a command"));
        timeline.advance(Until::Quiet, Budget { steps: 10_000 });
        timeline
    }

    #[test]
    fn a_crash_loop_repeats_at_its_longest_back_off() {
        let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: fails\n  annotations:\n    sim.kubestep.dev/exit-code: \"1\"\n    \
                   sim.kubestep.dev/exit-after: 100ms\nspec:\n  containers:\n  - name: web\n    image: web:1\n";
        let timeline = at_rest(pod);
        let known = timeline.len();
        let repeats = ahead_of(&timeline).expect("it never settles");
        assert!((300.0..330.0).contains(&repeats.every), "{repeats:?}");
        assert!(repeats.words().contains("started web of fails again;"), "{}", repeats.words());
        assert_eq!(timeline.len(), known, "looking ahead changes nothing");
    }

    #[test]
    fn what_settles_repeats_nothing() {
        for lesson in &lessons::ALL {
            let begun = lesson.begin();
            let run = Run::new(begun.ground, begun.timeline, begun.acts);
            let is_waiting = lesson.name == "bad-image";
            assert_eq!(ahead_of(&run.timeline).is_some(), is_waiting, "{}", lesson.name);
        }
    }
}
