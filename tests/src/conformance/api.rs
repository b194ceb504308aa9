//! Cases of the suite `api`: a manifest in, the API server's answer and what kubectl prints out.

use std::path::Path;

use kubestep_core::apiserver::{self, ApiError, Change, FieldError, Request, Store, User, Write};
use kubestep_core::rng::Rng;
use kubestep_core::{Simulation, Time, World, manifest};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::cluster::{Cluster, Settings};
use super::compare::{self, Difference, Rule};
use super::names::{Names, Style};
use super::play;
use super::recording::{Group, Malformed, RawCase, Varied};
use super::report::{Compared, Outcome};
use super::self_test::{self, Sampling};
use super::snapshot::NAMESPACE;
use super::text;

/// What the server alone sets, and no two servers alike.
const UNCOMPARED: [&str; 4] = ["uid", "resourceVersion", "creationTimestamp", "managedFields"];

/// What kubectl is given.
const FILE: &str = "manifest.yaml";

/// One case.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Case {
    #[serde(rename = "name")]
    _name: String,
    /// What is sent.
    manifest: String,
    /// What is sent next, to take the place of the first.
    #[serde(default)]
    update: Option<String>,
    /// `yaml` where the text is sent as it is.
    #[serde(default, rename = "send")]
    _send: Option<String>,
    /// The API server's answer to the last of them.
    #[serde(default)]
    api: Option<Value>,
    /// What `kubectl apply` of the last of them printed.
    #[serde(default)]
    kubectl: Option<Value>,
    /// What that of the first printed.
    #[serde(default)]
    kubectl_first: Option<Value>,
    #[serde(default)]
    nondeterministic: Vec<Varied>,
    #[serde(default, rename = "runs")]
    _runs: u32,
}

/// Plays one case of a group.
pub fn outcome(file: &Path, group: &Group, place: usize, name: &str, sampling: Sampling) -> Outcome {
    let mut outcome = Outcome::new(&group.suite, format!("{}/{name}", group.name));
    let case = match Case::read(&group.cases[place]) {
        Ok(case) => case,
        Err((line, problem)) => {
            let malformed = Malformed { file: file.to_owned(), line, problem };
            outcome.problem = Some(malformed.to_string());
            return outcome;
        }
    };
    let expected = case.expected();
    let actual = case.answers();
    for (part, title) in [
        ("api", "send the manifest"),
        ("kubectlFirst", "kubectl apply -f manifest.yaml"),
        ("kubectl", "kubectl apply -f manifest.yaml"),
    ] {
        if let Some(expected) = expected.get(part) {
            outcome.steps.push(Compared {
                title: title.to_owned(),
                expected: expected.clone(),
                actual: actual.get(part).cloned().unwrap_or_default(),
                differences: case.differences(part, Some(expected), actual.get(part)),
            });
        }
    }
    if outcome.is_match() {
        let is_match = |changed: &Value| {
            let mut parts = ["api", "kubectlFirst", "kubectl"].into_iter();
            parts.all(|part| case.differences(part, changed.get(part), actual.get(part)).is_empty())
        };
        outcome.problem = self_test::of_value(&expected.into(), sampling, is_match).err();
    }
    outcome
}

impl Case {
    /// Reads a case. What it is given calls the namespace of its run by a placeholder.
    fn read(raw: &RawCase) -> Result<Case, (usize, String)> {
        let mut case: Case = raw.read()?;
        case.manifest = in_namespace(&case.manifest);
        case.update = case.update.map(|update| in_namespace(&update));
        Ok(case)
    }

    /// What was recorded, by its part.
    fn expected(&self) -> Map<String, Value> {
        let parts = [("api", &self.api), ("kubectlFirst", &self.kubectl_first), ("kubectl", &self.kubectl)];
        let recorded = parts.into_iter().filter_map(|(part, value)| Some((part.to_owned(), value.clone()?)));
        recorded.collect()
    }

    /// What kubestep answers, by the parts that were recorded.
    fn answers(&self) -> Map<String, Value> {
        let mut answers = Map::new();
        if self.api.is_some() {
            answers.insert("api".to_owned(), self.masked(Server::new().answer(self)));
        }
        if self.kubectl.is_none() && self.kubectl_first.is_none() {
            return answers;
        }
        let settings = Settings { style: Style::Suffixed, names_nodes: true, controllers: false };
        let mut cluster = Cluster::new(Vec::new(), settings);
        let mut applied = |text: &str| {
            let files = [(FILE.to_owned(), text.to_owned())].into();
            let printed = cluster.kubectl(&format!("apply -f {FILE}"), &files, |_| {});
            self.masked(play::answered(printed))
        };
        let first = applied(&self.manifest);
        match &self.update {
            None => drop(answers.insert("kubectl".to_owned(), first)),
            Some(update) => {
                answers.insert("kubectlFirst".to_owned(), first);
                answers.insert("kubectl".to_owned(), applied(update));
            }
        }
        answers
    }

    /// An answer with placeholders for what differs from run to run.
    fn masked(&self, answer: Value) -> Value {
        match answer {
            Value::String(text) => text::line(&text, &Names::new(Style::Suffixed, true), &self.said()).into(),
            Value::Array(items) => items.into_iter().map(|item| self.masked(item)).collect(),
            Value::Object(fields) => {
                let masked = |(name, value): (String, Value)| match (name.as_str(), value) {
                    ("nodePort", Value::Number(port)) if !self.said().contains(&port.to_string()) => {
                        (name, json!("<nodePort>"))
                    }
                    (_, value) => (name, self.masked(value)),
                };
                fields.into_iter().map(masked).collect()
            }
            other => other,
        }
    }

    /// The words of its manifests.
    fn said(&self) -> Vec<String> {
        let manifests = [Some(&self.manifest), self.update.as_ref()];
        manifests.into_iter().flatten().flat_map(|manifest| text::said_in(manifest)).collect()
    }

    fn differences(&self, part: &str, expected: Option<&Value>, actual: Option<&Value>) -> Vec<Difference> {
        let rule = |path: &str| match self.nondeterministic.iter().any(|varied| varied.path == path) {
            true => Rule::Skip,
            false => Rule::Equal,
        };
        compare::values(part, expected, actual, &rule)
    }
}

fn in_namespace(manifest: &str) -> String {
    manifest.replace("{{ns}}", NAMESPACE)
}

/// An API server with nobody around it.
struct Server {
    store: Store,
    now: Time,
    rng: Rng,
}

impl Server {
    fn new() -> Server {
        let world = World::new(Simulation::default(), Vec::new());
        Server { store: (*world.store).clone(), now: world.now, rng: Rng::new(1) }
    }

    /// The answer to the last request of a case.
    fn answer(&mut self, case: &Case) -> Value {
        let created = manifest::posted(&case.manifest, NAMESPACE)
            .and_then(|object| self.ask(&Write::Create(object), case.update.is_none()));
        match (&case.update, created) {
            (_, Err(refusal)) => refused(&refusal),
            (None, Ok(change)) => accepted(201, &change),
            (Some(update), Ok(_)) => {
                let updated = manifest::posted(update, NAMESPACE)
                    .and_then(|object| self.ask(&Write::Update(object), true));
                updated.map_or_else(|refusal| refused(&refusal), |change| accepted(200, &change))
            }
        }
    }

    fn ask(&mut self, write: &Write, dry_run: bool) -> Result<Change, ApiError> {
        let request = Request { user: User::Admin, now: self.now, dry_run, protects_default: true };
        apiserver::handle(&mut self.store, request, write, &mut self.rng)
    }
}

fn accepted(code: u16, change: &Change) -> Value {
    let mut object = change.after.as_ref().map(|object| object.to_json()).unwrap_or_default();
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        UNCOMPARED.iter().for_each(|field| drop(metadata.remove(*field)));
    }
    let mut answer = json!({"code": code, "object": object});
    let warnings = apiserver::warnings(change);
    if !warnings.is_empty() {
        answer["warnings"] = json!(warnings);
    }
    answer
}

fn refused(refusal: &ApiError) -> Value {
    let mut answer =
        json!({"code": refusal.code, "reason": refusal.reason.name(), "message": refusal.message});
    if !refusal.causes.is_empty() {
        answer["causes"] = refusal.causes.iter().map(cause).collect();
    }
    answer
}

fn cause(cause: &FieldError) -> Value {
    json!({"reason": cause.fault.reason(), "message": cause.body(), "field": cause.field})
}
