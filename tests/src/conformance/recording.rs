//! Reads recordings: which files there are, and what is in one.
//!
//! A recording that cannot be read is an answer of its own, [`Malformed`], with the line it went wrong on: the run goes
//! on without it.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::act::Act;
use super::nodes::NodeSpec;

/// What lies beside the suites and is none: the vectors of one function, which its unit tests read.
const NOT_SUITES: [&str; 1] = ["pod-template-hash"];

/// The folders that suites lie in.
const SUITES: [&str; 5] = ["workloads", "kubectl", "kubelet", "scheduling", "api"];

/// A recording.
#[derive(Clone, Debug)]
pub enum Recording {
    /// One scenario.
    Steps(Scenario),
    /// A group of cases, each a scenario.
    Cases(Group),
}

/// A file that is no recording.
#[derive(Clone, Debug)]
pub struct Malformed {
    /// The file.
    pub file: PathBuf,
    /// From 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: String,
}

/// `web.json:12: missing field "do"`
impl fmt::Display for Malformed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}", self.file.display(), self.line, self.problem)
    }
}

/// What was done to a cluster, and the settled state that followed each step.
#[derive(Clone, Debug, Deserialize)]
pub struct Scenario {
    /// `workloads`
    pub suite: String,
    /// `roll-3-default`
    pub name: String,
    /// What it is about, in a few words.
    #[serde(default)]
    pub title: String,
    /// What it touches.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The cluster's nodes; three of them where absent.
    #[serde(default = "three_nodes")]
    pub nodes: Vec<NodeSpec>,
    /// What was done.
    pub steps: Vec<Step>,
    /// What differed between the runs.
    #[serde(default)]
    pub nondeterministic: Vec<Varied>,
    /// Suite `kubelet`: every status that each pod went through.
    #[serde(default)]
    pub pods: BTreeMap<String, Vec<Value>>,
    /// Suite `kubelet`: the Events of the whole scenario.
    #[serde(default)]
    pub events: Vec<Value>,
}

/// One step: an act, what it printed or counted, and the state after it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// What is done.
    #[serde(rename = "do")]
    pub act: Act,
    /// What the act itself answered.
    #[serde(default)]
    pub result: Option<Value>,
    /// The state after it, where the suite records one.
    #[serde(default)]
    pub expect: Option<Map<String, Value>>,
    /// How long nothing may happen before the state counts as settled, in seconds.
    #[serde(default)]
    pub settle: Option<f64>,
    /// Whether kubelets end terminating pods by themselves during this step.
    #[serde(default)]
    pub auto_terminate: bool,
    /// Whether bound pods are left unstarted from now on.
    #[serde(default)]
    pub hold_start: Option<bool>,
    /// Suite `kubelet`: the earliest and the latest second at which a run began it.
    #[serde(default)]
    pub at: Option<(f64, f64)>,
}

/// Something that differed between the runs, and is missing from the recording for that.
#[derive(Clone, Debug, Deserialize)]
pub struct Varied {
    /// `steps[3].expect.events`
    pub path: String,
    /// What it was, run by run.
    pub values: Vec<Value>,
    /// Whether the recording keeps what all runs had in common: `values` are the rest of each.
    #[serde(default)]
    pub partial: bool,
}

/// A group of cases.
#[derive(Clone, Debug)]
pub struct Group {
    /// `scheduling`
    pub suite: String,
    /// `preemption`
    pub name: String,
    /// The cases as they stand in the file: a malformed one does not hide the others.
    pub cases: Vec<RawCase>,
}

/// A case as it stands in its file.
#[derive(Clone, Debug)]
pub struct RawCase {
    text: String,
    /// The line it begins on, from 1.
    line: usize,
}

impl RawCase {
    /// Its `name`, if it has one.
    pub fn name(&self) -> Option<String> {
        let value: Value = serde_json::from_str(&self.text).ok()?;
        value["name"].as_str().map(str::to_owned)
    }

    /// Reads it.
    ///
    /// # Errors
    /// The line of the file that is malformed, and the problem.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, (usize, String)> {
        serde_json::from_str(&self.text).map_err(|error| (self.line + error.line().max(1) - 1, bare(&error)))
    }
}

fn three_nodes() -> Vec<NodeSpec> {
    (1..=3).map(|number| NodeSpec::named(&format!("node-{number}"))).collect()
}

/// The recordings below `folder`, by path.
///
/// # Errors
/// Where a folder cannot be read.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries =
            fs::read_dir(&folder).map_err(|error| format!("could not read {}: {error}", folder.display()))?;
        for entry in entries {
            let path = entry.map_err(|error| format!("could not read {}: {error}", folder.display()))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                if !NOT_SUITES.contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if name.ends_with(".json") && is_in_suite(&path) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a file belongs to a suite: what lies beside the suites' folders (the types of the API) is no recording.
fn is_in_suite(path: &Path) -> bool {
    let mut beside = path.parent().into_iter().flat_map(|folder| SUITES.map(|suite| folder.join(suite)));
    !beside.any(|suite| suite.is_dir())
}

/// The suite that a file belongs to by its folder.
pub fn suite_of(file: &Path) -> String {
    let folder = file.parent().and_then(Path::file_name);
    folder.unwrap_or_default().to_string_lossy().into_owned()
}

/// Reads one recording.
///
/// # Errors
/// [`Malformed`], where it is none.
pub fn read(file: &Path) -> Result<Recording, Malformed> {
    let malformed = |line: usize, problem: String| Malformed { file: file.to_owned(), line, problem };
    let text = fs::read_to_string(file).map_err(|error| malformed(1, error.to_string()))?;
    parse(&text).map_err(|error| malformed(error.line().max(1), bare(&error)))
}

/// What is wrong, without the position, which is told beside it.
fn bare(error: &serde_json::Error) -> String {
    let problem = error.to_string();
    problem.rsplit_once(" at line ").map_or(problem.as_str(), |(bare, _)| bare).to_owned()
}

fn parse(text: &str) -> Result<Recording, serde_json::Error> {
    #[derive(Deserialize)]
    struct Shape<'a> {
        #[serde(default)]
        suite: String,
        #[serde(default)]
        name: String,
        #[serde(default, borrow)]
        cases: Option<Vec<&'a RawValue>>,
    }
    let shape: Shape<'_> = serde_json::from_str(text)?;
    let Some(cases) = shape.cases else { return serde_json::from_str(text).map(Recording::Steps) };
    let cases = cases.into_iter().map(|raw| {
        let raw = raw.get();
        let before = raw.as_ptr() as usize - text.as_ptr() as usize;
        RawCase { text: raw.to_owned(), line: 1 + text[..before].matches('\n').count() }
    });
    Ok(Recording::Cases(Group { suite: shape.suite, name: shape.name, cases: cases.collect() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_found_on_its_line() {
        let text = "{\n \"suite\": \"workloads\", \"name\": \"x\",\n \"steps\": [\n  {\"do\": {\"dance\": 1}}\n ]\n}";
        let error = parse(text).unwrap_err();
        assert_eq!(error.line(), 4, "{error}");
        let error = parse("{\n \"suite\": \"workloads\",\n \"steps\": }").unwrap_err();
        assert_eq!(error.line(), 3, "{error}");
    }

    #[test]
    fn a_file_with_cases_is_a_group() {
        let text = "{\"suite\": \"scheduling\", \"name\": \"x\", \"cases\": [\n {\"name\": \"a\",\n  \"size\": {}}]}";
        let Recording::Cases(group) = parse(text).unwrap() else { panic!("these are cases") };
        assert_eq!(group.cases[0].name().as_deref(), Some("a"));
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Sized {
            #[serde(rename = "size")]
            _size: u32,
        }
        let (line, problem) = group.cases[0].read::<Sized>().unwrap_err();
        assert_eq!((line, problem.as_str()), (3, "invalid type: map, expected u32"));
    }
}
