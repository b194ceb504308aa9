//! A whole run: every scenario's outcome, and what is printed about it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use super::compare::Difference;
use super::play::{self, Answer};
use super::recording::{self, Malformed, Recording, Scenario};
use super::scheduling;
use super::self_test::{self, Sampling};
use super::tolerances::Judge;

/// How many differences of a failing scenario are shown.
const SHOWN: usize = 6;

/// Which scenarios are run.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Those of this suite.
    pub suite: Option<String>,
    /// Those of this name.
    pub only: Option<String>,
}

/// What became of one scenario.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// `workloads`
    pub suite: String,
    /// `roll-3-default`, or `preemption/one-victim`
    pub name: String,
    /// How many steps it has.
    pub steps: usize,
    /// How many of them match.
    pub matching: usize,
    /// What differs, step by step.
    pub differences: Vec<Difference>,
    /// Why it could not be run.
    pub problem: Option<String>,
}

impl Outcome {
    /// Whether everything matches.
    pub fn is_match(&self) -> bool {
        self.problem.is_none() && self.differences.is_empty()
    }

    /// `workloads/roll-3-default`
    pub fn id(&self) -> String {
        format!("{}/{}", self.suite, self.name)
    }
}

/// Runs every selected scenario below `folder`; `done` hears of each as it ends.
///
/// # Errors
/// Where the folder cannot be read.
pub fn run(
    folder: &Path,
    selection: &Selection,
    sampling: Sampling,
    mut done: impl FnMut(&Outcome),
) -> Result<Vec<Outcome>, String> {
    let mut outcomes = Vec::new();
    for file in recording::files(folder)? {
        let suite = recording::suite_of(&file);
        if selection.suite.as_ref().is_some_and(|wanted| *wanted != suite) {
            continue;
        }
        for outcome in of_file(&file, selection, sampling) {
            done(&outcome);
            outcomes.push(outcome);
        }
    }
    Ok(outcomes)
}

fn of_file(file: &Path, selection: &Selection, sampling: Sampling) -> Vec<Outcome> {
    let is_wanted = |name: &str| selection.only.as_ref().is_none_or(|only| only == name);
    match recording::read(file) {
        Err(malformed) => {
            let outcome = unreadable(file, &malformed);
            if is_wanted(&outcome.name) { vec![outcome] } else { Vec::new() }
        }
        Ok(Recording::Steps(scenario)) if is_wanted(&scenario.name) => vec![of_steps(&scenario, sampling)],
        Ok(Recording::Steps(_)) => Vec::new(),
        Ok(Recording::Cases(group)) => {
            let name = |place: usize| {
                let case = group.cases[place].get("name").and_then(|name| name.as_str());
                case.map_or_else(|| place.to_string(), str::to_owned)
            };
            let wanted = (0..group.cases.len()).filter(|place| {
                is_wanted(&group.name)
                    || is_wanted(&name(*place))
                    || is_wanted(&format!("{}/{}", group.name, name(*place)))
            });
            wanted.map(|place| scheduling::outcome(&group, place, &name(place), sampling)).collect()
        }
    }
}

fn unreadable(file: &Path, malformed: &Malformed) -> Outcome {
    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Outcome {
        suite: recording::suite_of(file),
        name,
        steps: 0,
        matching: 0,
        differences: Vec::new(),
        problem: Some(malformed.to_string()),
    }
}

/// Plays a scenario of steps and compares each.
pub fn of_steps(scenario: &Scenario, sampling: Sampling) -> Outcome {
    let mut outcome = Outcome {
        suite: scenario.suite.clone(),
        name: scenario.name.clone(),
        steps: scenario.steps.len(),
        matching: 0,
        differences: Vec::new(),
        problem: None,
    };
    if scenario.suite == "kubelet" {
        outcome.problem = Some("kubestep does not answer this suite yet".to_owned());
        return outcome;
    }
    let answers = match play::play(scenario) {
        Ok(answers) => answers,
        Err(problem) => {
            outcome.problem = Some(problem);
            return outcome;
        }
    };
    let mut judge = Judge::of(scenario);
    for (place, (step, answer)) in scenario.steps.iter().zip(&answers).enumerate() {
        let found = judge.differences(place, step, answer);
        outcome.matching += usize::from(found.is_empty());
        outcome.differences.extend(found);
    }
    if outcome.is_match() {
        outcome.problem = self_test::of_steps(scenario, &answers, sampling).err();
    }
    outcome
}

/// The answers of a scenario, for a page that shows them.
pub fn answers(scenario: &Scenario) -> Vec<Answer> {
    play::play(scenario).unwrap_or_default()
}

/// What is printed of a failing scenario.
pub fn told(outcome: &Outcome, with_differences: bool) -> String {
    let mut text = String::new();
    if outcome.is_match() {
        return text;
    }
    let _ = writeln!(text, "{}: {} of {} steps match", outcome.id(), outcome.matching, outcome.steps);
    if let Some(problem) = &outcome.problem {
        let _ = writeln!(text, "  {problem}");
    }
    if with_differences {
        for difference in outcome.differences.iter().take(SHOWN) {
            for line in difference.to_string().lines() {
                let _ = writeln!(text, "  {line}");
            }
        }
        let more = outcome.differences.len().saturating_sub(SHOWN);
        if more > 0 {
            let _ = writeln!(text, "  and {more} more");
        }
    }
    text
}

/// A line per suite, and the closing line.
pub fn totals(outcomes: &[Outcome]) -> String {
    let mut suites: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
    for outcome in outcomes {
        let counted = suites.entry(&outcome.suite).or_default();
        let numbers = [usize::from(outcome.is_match()), 1, outcome.matching, outcome.steps];
        counted.iter_mut().zip(numbers).for_each(|(sum, number)| *sum += number);
    }
    let mut text = String::new();
    for (suite, [matching, all, steps, all_steps]) in &suites {
        let _ = writeln!(text, "{suite}: {matching} of {all} scenarios match ({steps} of {all_steps} steps)");
    }
    let passed = outcomes.iter().filter(|outcome| outcome.is_match()).count();
    let _ = writeln!(text, "{passed} passed, {} failed", outcomes.len() - passed);
    text
}
