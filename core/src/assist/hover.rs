//! What the field under the pointer is: its path, its type, its default, what it may be, whether it must be given and
//! whether it may change.

use serde::Serialize;
use serde_json::Value;

use super::place::{self, Role};
use super::{probe, schema};
use crate::api::{Kind, go_types};
use crate::manifest::{self, Places, SIMULATION_API_VERSION, Segment, shown_path};
use crate::simulation::{Holds, Setting, behaviours, settings};

/// The longest text that is read for one field, in bytes; in a longer one indentation has to do.
const MOST_BYTES: usize = 256 << 10;

/// What there is to know about a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hover {
    /// The column its key begins at, from 1.
    pub from: usize,
    /// The column behind its key.
    pub to: usize,
    /// `spec.strategy.rollingUpdate.maxSurge`
    pub path: String,
    /// `number or text`
    pub holds: String,
    /// `25%`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// The values it may have, if they are few.
    pub values: Vec<String>,
    /// Whether the API server asks for it.
    pub required: bool,
    /// Whether it stays as it was created.
    pub immutable: bool,
    /// Whether the API server alone writes it.
    #[serde(rename = "ofTheServer")]
    pub of_the_server: bool,
    /// The name under which there are words about it: `v1.RollingUpdateDeployment.maxSurge`.
    pub topic: String,
    /// Words about it, where they are the simulation's own.
    pub words: &'static str,
}

/// What the field is whose key is at `line` and `column`, both from 1.
pub fn hover(text: &str, line: usize, column: usize) -> Option<Hover> {
    let found = found(text, line, column)?;
    if found.api_version == SIMULATION_API_VERSION {
        let path = shown_path(&found.path);
        let setting = settings(&found.kind).into_iter().find(|each| each.path == path)?;
        return Some(of_ours(&found, setting));
    }
    if let Some(setting) = annotation(&found.path) {
        return Some(of_ours(&found, setting));
    }
    let kind = Kind::from_manifest(&found.api_version, &found.kind)?;
    let (last, holder) = found.path.split_last()?;
    let Segment::Key(name) = last else { return None };
    let go_type = schema::type_at(kind, &found.path)?;
    let declared = schema::type_at(kind, holder)
        .and_then(|holder| schema::fields(holder).into_iter().find(|(_, field)| field.json == name));
    let is_text =
        go_type == "string" || matches!(go_types::shape(go_type), Some(go_types::Shape::Named("string")));
    let of_the_server = schema::is_of_the_server(kind, &found.path);
    Some(Hover {
        from: found.from,
        to: found.to,
        holds: schema::in_words(go_type),
        default: probe::default(kind, &found.path).and_then(shown),
        values: if is_text { probe::values(kind, &found.path) } else { Vec::new() },
        required: probe::required(kind, holder).contains(name),
        immutable: !of_the_server && probe::is_immutable(kind, &found.path),
        of_the_server,
        topic: declared.map_or_else(String::new, |(owner, field)| format!("{owner}.{}", field.json)),
        path: shown_path(&found.path),
        words: "",
    })
}

/// A key, the document it is in and the way to it.
struct Found {
    api_version: String,
    kind: String,
    path: Vec<Segment>,
    from: usize,
    to: usize,
}

/// The text is asked as YAML; while it is none, by its indentation.
fn found(text: &str, line: usize, column: usize) -> Option<Found> {
    let by_lines = place::at(text, line, column);
    let is_short = text.len() <= MOST_BYTES;
    if let Some((document, path, at)) =
        is_short.then(|| Places::of(text)).and_then(|places| places.key_at(line as u32, column as u32))
    {
        let (documents, _) = manifest::read(text);
        let kind = documents.get(document)?.object.kind();
        return Some(Found {
            api_version: kind.names().api_version.to_owned(),
            kind: kind.name().to_owned(),
            path,
            from: at.column as usize,
            to: (at.column + at.length) as usize,
        });
    }
    // Whoever points at a value asks about its field.
    let place = by_lines?;
    let (from, to) = place.word;
    let key = match place.role {
        Role::Value(key) => key.to_owned(),
        Role::Key => text.lines().nth(line - 1)?.chars().skip(from - 1).take(to - from).collect(),
    };
    let key = key.trim_matches(['"', '\'']).to_owned();
    Some(Found {
        api_version: place.api_version.to_owned(),
        kind: place.kind.to_owned(),
        path: place.path.into_iter().chain([Segment::Key(key)]).collect(),
        from,
        to,
    })
}

/// The annotation of ours that a path ends in.
fn annotation(path: &[Segment]) -> Option<Setting> {
    let Segment::Key(last) = path.last()? else { return None };
    let name = last.strip_prefix("sim.kubestep.dev/")?;
    let name = name.split('.').next()?;
    behaviours().into_iter().find(|each| each.path == name)
}

fn of_ours(found: &Found, setting: Setting) -> Hover {
    let values: &[&str] = match &setting.holds {
        Holds::OneOf(words) => words,
        Holds::TimeOr(word) => std::slice::from_ref(word),
        _ => &[],
    };
    Hover {
        from: found.from,
        to: found.to,
        path: shown_path(&found.path),
        holds: setting.holds.name().to_owned(),
        values: values.iter().map(|word| (*word).to_owned()).collect(),
        default: setting.default,
        required: false,
        immutable: false,
        of_the_server: false,
        topic: String::new(),
        words: setting.words,
    }
}

/// A value that is one word; what has fields of its own shows them where they are.
fn shown(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEB: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  strategy:
    rollingUpdate: {maxSurge: 1}
  template:
    metadata:
      labels: {app: web}
      annotations:
        sim.kubestep.dev/start-up: 2s
    spec:
      containers:
      - name: web
        image: web:1
        imagePullPolicy: Always
";

    /// What is known of the field where `key` stands first.
    fn told(text: &str, key: &str) -> Hover {
        let (line, column) = text
            .lines()
            .enumerate()
            .find_map(|(index, line)| Some((index + 1, line.find(key)? + 1)))
            .unwrap();
        hover(text, line, column + 1).unwrap()
    }

    #[test]
    fn a_field_is_explained_by_its_type_and_the_api_server() {
        let replicas = told(WEB, "replicas");
        assert_eq!((replicas.path.as_str(), replicas.holds.as_str()), ("spec.replicas", "whole number"));
        assert_eq!(
            (replicas.default.as_deref(), replicas.required, replicas.immutable),
            (Some("1"), false, false)
        );
        assert_eq!(replicas.topic, "v1.DeploymentSpec.replicas");
        assert_eq!((replicas.from, replicas.to), (3, 11));
        let selector = told(WEB, "selector");
        assert!(selector.required && selector.immutable);
        let surge = told(WEB, "maxSurge");
        assert_eq!(
            (surge.default.as_deref(), surge.topic.as_str()),
            (Some("25%"), "v1.RollingUpdateDeployment.maxSurge")
        );
        let policy = told(WEB, "imagePullPolicy");
        assert_eq!(policy.values, ["Always", "IfNotPresent", "Never"]);
        assert_eq!(policy.path, "spec.template.spec.containers[0].imagePullPolicy");
        assert!(told(WEB, "sim.kubestep.dev").words.contains("ports answer"));
    }

    #[test]
    fn a_value_is_explained_by_its_field() {
        let policy = told(WEB, "Always");
        assert_eq!(policy.path, "spec.template.spec.containers[0].imagePullPolicy");
        assert_eq!((policy.from, policy.to), (26, 32));
    }

    #[test]
    fn a_text_that_is_not_yaml_yet_is_explained_too() {
        let broken = format!("{WEB}  paused\n");
        assert_eq!(told(&broken, "paused").holds, "true or false");
        let ours = "apiVersion: kubestep.dev/v1alpha1\nkind: Simulation\nspec:\n  seed: 4\n";
        assert_eq!(told(ours, "seed").default.as_deref(), Some("32570"));
    }
}

#[cfg(test)]
mod words {
    use crate::api::go_types;

    /// The editor's words about fields come with its own file, after the first picture.
    const FIELDS: &str = include_str!("../../../static/editor/fields.txt");

    #[test]
    fn words_are_about_fields_that_there_are_and_stand_there_once() {
        let mut seen = std::collections::BTreeSet::new();
        for line in FIELDS.lines().filter(|line| !line.starts_with('#')) {
            let (topic, words) = line.split_once(' ').unwrap();
            let (owner, name) = topic.rsplit_once('.').unwrap();
            let Some(owner) = go_types::named(owner) else { panic!("there is no type {owner}") };
            let declared = go_types::fields(owner).into_iter().find(|(_, field)| field.json == name);
            assert_eq!(declared.map(|(owner, _)| owner), Some(owner), "{topic}");
            assert!(words.ends_with('.') && words.len() < 240, "{topic}: {words}");
            assert!(seen.insert(topic), "{topic} stands there twice");
        }
    }
}
