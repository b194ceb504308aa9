//! Hostile input: manifests and command lines that nobody meant, each of which gets an answer: no panic, no hang.
//!
//! A case follows from its number alone, so that a failure is repeated by `cargo xtask fuzz --seed N --seconds 0`.

mod corpus;
mod lines;
mod manifests;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use kubestep_core::engine::{Budget, Until};
use kubestep_core::rng::Rng;
use kubestep_core::{Command, StepId, Timeline, simulation};

pub use corpus::Corpus;

/// How long one document may take.
pub const LONGEST: Duration = Duration::from_millis(100);

/// A case that takes longer than it may is tried that often again: something else may have kept the machine busy.
const TRIES: usize = 4;

/// How far the cluster goes after a case, in steps.
const STEPS: usize = 400;

/// One in so many manifests is applied for real, and the cluster left to cope with it.
const APPLIED: u64 = 16;

/// What a run found.
#[derive(Debug, Default)]
pub struct Report {
    /// How many manifests were read.
    pub manifests: usize,
    /// How many documents they held.
    pub documents: usize,
    /// How many of the documents the API server took, or would have taken.
    pub accepted: usize,
    /// How many command lines were given.
    pub lines: usize,
    /// The longest that a document took, and in which case.
    pub slowest: (Duration, u64),
    /// What must not happen.
    pub problems: Vec<Problem>,
}

/// A case that went wrong.
#[derive(Debug)]
pub struct Problem {
    /// Its seed.
    pub seed: u64,
    /// What happened.
    pub what: String,
    /// What was given.
    pub input: String,
}

/// Gives cases from `seed` on until `is_enough` says so of their number.
pub fn run(seed: u64, corpus: &Corpus, is_enough: impl Fn(usize) -> bool) -> Report {
    let mut report = Report::default();
    let cluster = cluster();
    let mut count = 0;
    while !is_enough(count) {
        let seed = seed.wrapping_add(count as u64);
        case(seed, corpus, &cluster, &mut report);
        count += 1;
    }
    report
}

/// A cluster with a few objects that command lines can be about.
fn cluster() -> Timeline {
    let setup = simulation::read(manifests::CLUSTER);
    let mut timeline = Timeline::new(setup.simulation, setup.nodes);
    timeline.submit(Command::Kubectl(kubestep_core::kubectl::Invocation::apply(setup.documents).into()));
    timeline.advance(Until::Quiet, Budget { steps: 10_000 });
    timeline
}

fn case(seed: u64, corpus: &Corpus, cluster: &Timeline, report: &mut Report) {
    let mut rng = Rng::new(seed);
    let text = manifests::mutated(&mut rng, corpus);
    report.manifests += 1;
    let documents = text.matches("\n---").count() + 1;
    report.documents += documents;
    let is_applied = rng.below(APPLIED) == 0;
    let answer = |report: &mut Report| {
        let setup = simulation::read(&text);
        let line = if is_applied { "apply -f m.yaml" } else { "apply --dry-run=server -f m.yaml" };
        let files = |_: &str| Some(text.clone());
        let Ok(command) = Command::parse(line, &files) else { return };
        let mut timeline = branch(cluster);
        let id = timeline.submit(command);
        timeline.advance(Until::Command(id), Budget { steps: STEPS });
        let printed = timeline.head().sessions.get(&id).map_or(0, |session| session.output.len());
        report.accepted += printed.min(setup.documents.len());
        if is_applied {
            timeline.advance(Until::Quiet, Budget { steps: STEPS });
        }
    };
    // What follows an apply is the cluster's time, not the document's.
    let allowed = if is_applied { LONGEST * 10 } else { LONGEST * documents as u32 };
    guarded(seed, &text, allowed, documents as u32, report, answer);

    let line = lines::random(&mut rng);
    report.lines += 1;
    let answer = |_: &mut Report| {
        let files = |name: &str| name.ends_with("yaml").then(|| text.clone());
        let Ok(command) = Command::parse(&line, &files) else { return };
        let mut timeline = branch(cluster);
        let id = timeline.submit(command);
        timeline.advance(Until::Command(id), Budget { steps: STEPS });
    };
    guarded(seed, &line, LONGEST * 10, 1, report, answer);
}

fn branch(cluster: &Timeline) -> Timeline {
    cluster.branch(StepId(cluster.len() as u32 - 1))
}

/// Does it, and notes a panic or a hang.
fn guarded(
    seed: u64,
    input: &str,
    allowed: Duration,
    documents: u32,
    report: &mut Report,
    answer: impl Fn(&mut Report),
) {
    let mut fastest = Duration::MAX;
    for _ in 0..TRIES {
        let start = Instant::now();
        let ended = catch_unwind(AssertUnwindSafe(|| answer(report)));
        fastest = fastest.min(start.elapsed());
        if let Err(panic) = ended {
            let text = panic.downcast_ref::<String>().cloned();
            let what = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            let what = format!("panicked: {}", what.unwrap_or_default());
            report.problems.push(Problem { seed, what, input: input.to_owned() });
            return;
        }
        if fastest <= allowed {
            break;
        }
    }
    if fastest > allowed {
        let what = format!("took {} ms", fastest.as_millis());
        report.problems.push(Problem { seed, what, input: input.to_owned() });
    }
    let each = fastest / documents.max(1);
    if each > report.slowest.0 {
        report.slowest = (each, seed);
    }
}
