//! A whole run: every scenario's outcome, and what is printed about it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use serde_json::{Map, Value};

use super::compare::Difference;
use super::kubelet;
use super::play::{self, Answer};
use super::recording::{self, Group, Malformed, Recording, Scenario};
use super::self_test::{self, Sampling};
use super::tolerances::Judge;
use super::{api, scheduling};

/// What is said of a suite that has no answers yet.
pub const NOT_SERVED: &str = "kubestep does not answer this suite yet";

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
    /// What it is about.
    pub title: String,
    /// What became of its steps.
    pub steps: Vec<Compared>,
    /// Why it could not be run, or what is wrong with it.
    pub problem: Option<String>,
}

/// What became of one step, or of one answer of a case.
#[derive(Clone, Debug)]
pub struct Compared {
    /// What was done.
    pub title: String,
    /// What real Kubernetes answered.
    pub expected: Value,
    /// What kubestep answered.
    pub actual: Value,
    /// What differs, but for what may be overlooked.
    pub differences: Vec<Difference>,
}

impl Compared {
    /// A step of a suite that has no answers yet.
    pub fn not_served(title: &str, expected: Value) -> Compared {
        let difference =
            Difference { path: title.to_owned(), expected: Some(expected.clone()), actual: None };
        Compared { title: title.to_owned(), expected, actual: Value::Null, differences: vec![difference] }
    }
}

impl Outcome {
    /// A scenario of which nothing is known yet.
    pub fn new(suite: &str, name: String) -> Outcome {
        Outcome { suite: suite.to_owned(), name, title: String::new(), steps: Vec::new(), problem: None }
    }

    /// Whether everything matches.
    pub fn is_match(&self) -> bool {
        self.problem.is_none() && self.matching() == self.steps.len()
    }

    /// How many steps match.
    pub fn matching(&self) -> usize {
        self.steps.iter().filter(|step| step.differences.is_empty()).count()
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
            let name = |place: usize| group.cases[place].name().unwrap_or_else(|| place.to_string());
            let wanted = (0..group.cases.len()).filter(|place| {
                is_wanted(&group.name)
                    || is_wanted(&name(*place))
                    || is_wanted(&format!("{}/{}", group.name, name(*place)))
            });
            wanted.map(|place| of_case(file, &group, place, &name(place), sampling)).collect()
        }
    }
}

fn of_case(file: &Path, group: &Group, place: usize, name: &str, sampling: Sampling) -> Outcome {
    match group.suite.as_str() {
        "api" => api::outcome(file, group, place, name, sampling),
        "scheduling" => scheduling::outcome(file, group, place, name, sampling),
        suite => {
            let problem = Some(NOT_SERVED.to_owned());
            Outcome { problem, ..Outcome::new(suite, format!("{}/{name}", group.name)) }
        }
    }
}

fn unreadable(file: &Path, malformed: &Malformed) -> Outcome {
    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let problem = Some(malformed.to_string());
    Outcome { problem, ..Outcome::new(&recording::suite_of(file), name) }
}

/// Plays a scenario of steps and compares each.
pub fn of_steps(scenario: &Scenario, sampling: Sampling) -> Outcome {
    if scenario.suite == "kubelet" {
        return kubelet::outcome(scenario, sampling);
    }
    let mut outcome = Outcome::new(&scenario.suite, scenario.name.clone());
    outcome.title = scenario.title.clone();
    let played = match scenario.suite.as_str() {
        "workloads" | "kubectl" => play::play(scenario),
        _ => Err(NOT_SERVED.to_owned()),
    };
    let (answers, problem) = match played {
        Ok(answers) => (answers, None),
        Err(problem) => (Vec::new(), Some(problem)),
    };
    outcome.problem = problem;
    let mut judge = Judge::of(scenario);
    for (place, step) in scenario.steps.iter().enumerate() {
        let answer = answers.get(place).cloned().unwrap_or_else(Answer::none);
        outcome.steps.push(Compared {
            title: step.act.title(),
            expected: whole(step.result.as_ref(), step.expect.clone()),
            differences: judge.differences(place, step, &answer),
            actual: whole(answer.result.as_ref(), step.expect.as_ref().map(|_| answer.state)),
        });
    }
    if outcome.is_match() {
        outcome.problem = self_test::of_steps(scenario, &answers, sampling).err();
    }
    outcome
}

/// A step's result and the state after it, as one value.
fn whole(result: Option<&Value>, state: Option<Map<String, Value>>) -> Value {
    let mut whole = state.unwrap_or_default();
    for (field, value) in result.and_then(Value::as_object).into_iter().flatten() {
        // How many pods an act changed stands beside the pods that there are.
        let field = if field == "pods" { "pods changed" } else { field };
        whole.insert(field.to_owned(), value.clone());
    }
    whole.into()
}

/// What is printed of a failing scenario.
pub fn told(outcome: &Outcome, with_differences: bool) -> String {
    let mut text = String::new();
    if outcome.is_match() {
        return text;
    }
    let _ = writeln!(text, "{}: {} of {} steps match", outcome.id(), outcome.matching(), outcome.steps.len());
    if let Some(problem) = &outcome.problem {
        let _ = writeln!(text, "  {problem}");
    }
    if with_differences {
        let differences: Vec<&Difference> = outcome.steps.iter().flat_map(|step| &step.differences).collect();
        for difference in differences.iter().take(SHOWN) {
            for line in difference.to_string().lines() {
                let _ = writeln!(text, "  {line}");
            }
        }
        let more = differences.len().saturating_sub(SHOWN);
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
        let numbers = [usize::from(outcome.is_match()), 1, outcome.matching(), outcome.steps.len()];
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
