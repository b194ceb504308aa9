//! What may stand where the caret is: the keys that are not there yet, what must be given first; the values that a
//! field takes; kinds, and whole manifests.

use serde::Serialize;
use serde_json::Value;

use super::place::{self, Place, Role};
use super::{probe, schema, skeletons};
use crate::api::{Kind, go_types};
use crate::manifest::{SIMULATION_API_VERSION, Segment, shown_path};
use crate::simulation::{Holds, Setting, behaviours, settings};

/// What the annotations that say how containers behave begin with.
const BEHAVIOUR: &str = "sim.kubestep.dev/";

/// What may stand at the caret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Completions {
    /// The line, from 1.
    pub line: usize,
    /// The column that they replace from, from 1.
    pub from: usize,
    /// The column behind what they replace.
    pub to: usize,
    /// Best first.
    pub options: Vec<Completion>,
}

/// One thing that may stand there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Completion {
    /// What is listed.
    pub label: String,
    /// `whole number`, `required`
    pub detail: String,
    /// What is put there; of a skeleton, `${}` is around what will be changed.
    pub text: String,
    /// What it is.
    pub kind: CompletionKind,
    /// The name under which there are words about it: `v1.DeploymentSpec.replicas`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub topic: String,
    /// Words about it, where they are the simulation's own.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub words: &'static str,
    /// Whether something must stand there.
    pub required: bool,
}

/// What a completion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CompletionKind {
    /// A key, with what follows it.
    Key,
    /// A value.
    Value,
    /// A whole manifest.
    Skeleton,
}

/// What may stand at `line` and `column`, both from 1, of `text`. `None`: nothing that is known.
pub fn complete(text: &str, line: usize, column: usize) -> Option<Completions> {
    let place = place::at(text, line, column)?;
    let mut options = match Kind::from_manifest(place.api_version, place.kind) {
        _ if place.path.is_empty() && matches!(place.role, Role::Value("kind" | "apiVersion")) => {
            names(&place)
        }
        _ if place.api_version == SIMULATION_API_VERSION => of_ours(&place, &settings(place.kind), ""),
        Some(kind) => of_kind(kind, &place),
        None if place.path.is_empty() && place.role == Role::Key => beginnings(&place),
        None => Vec::new(),
    };
    options.retain(|option| !place.siblings.contains(&option.label.as_str()));
    if options.is_empty() {
        return None;
    }
    // What must be given comes first; otherwise upstream's order stands.
    crate::order::sort_by_key(&mut options, |option| !option.required);
    Some(Completions { line, from: place.word.0, to: place.word.1, options })
}

/// The kinds, or the versions, that go with what stands there.
fn names(place: &Place<'_>) -> Vec<Completion> {
    let all = skeletons::all().map(|each| (each.api_version, each.kind));
    let known = Kind::ALL
        .into_iter()
        .filter(|kind| *kind != Kind::Event)
        .map(|kind| (kind.names().api_version, kind.name()));
    let mut pairs: Vec<(&str, &str)> = all.collect();
    pairs.extend(known.filter(|pair| !pairs.contains(pair)).collect::<Vec<_>>());
    let is_kind = place.role == Role::Value("kind");
    let fits = |(version, kind): &(&str, &str)| {
        if is_kind {
            place.api_version.is_empty() || place.api_version == *version
        } else {
            !pairs_has(&pairs, place.kind) || place.kind == *kind
        }
    };
    let mut options: Vec<Completion> = Vec::new();
    for (version, kind) in pairs.iter().filter(|pair| fits(pair)) {
        let (label, detail) =
            if is_kind { (kind, version) } else { (version, if place.kind == *kind { kind } else { &"" }) };
        if !options.iter().any(|option| option.label == **label) {
            options.push(Completion { detail: (*detail).to_string(), ..value(label) });
        }
    }
    options
}

fn pairs_has(pairs: &[(&str, &str)], kind: &str) -> bool {
    pairs.iter().any(|(_, known)| *known == kind)
}

/// What a document may begin with: a whole manifest, or its first two lines.
fn beginnings(place: &Place<'_>) -> Vec<Completion> {
    if !place.siblings.is_empty() {
        let first = ["apiVersion", "kind", "metadata", "spec"].map(|name| {
            let text = if matches!(name, "metadata" | "spec") {
                format!("{name}:\n  ")
            } else {
                format!("{name}: ")
            };
            key(name, text)
        });
        return first.into();
    }
    let whole = skeletons::all().map(|each| Completion {
        label: each.kind.to_owned(),
        detail: each.api_version.to_owned(),
        text: each.text.to_owned(),
        kind: CompletionKind::Skeleton,
        topic: String::new(),
        words: "",
        required: false,
    });
    let pairs = skeletons::all().map(|each| Completion {
        label: format!("kind: {}", each.kind),
        detail: each.api_version.to_owned(),
        ..key("", format!("apiVersion: {}\nkind: {}\n", each.api_version, each.kind))
    });
    whole.chain(pairs).collect()
}

fn of_kind(kind: Kind, place: &Place<'_>) -> Vec<Completion> {
    if is_annotations(&place.path) {
        return annotations(place);
    }
    let mut path = place.path.clone();
    if let Role::Value(key) = place.role {
        path.push(Segment::Key(key.to_owned()));
        return values(kind, &path);
    }
    let Some(holder) = schema::type_at(kind, &path) else { return Vec::new() };
    if !schema::is_struct(holder) {
        // An item of a list of words.
        return if matches!(path.last(), Some(Segment::Index(_))) { values(kind, &path) } else { Vec::new() };
    }
    let required = probe::required(kind, &path);
    let fields = schema::fields(holder).into_iter();
    fields
        .filter(|(_, field)| {
            let own: Vec<Segment> =
                path.iter().cloned().chain([Segment::Key(field.json.to_owned())]).collect();
            !schema::is_of_the_server(kind, &own)
        })
        .map(|(owner, field)| Completion {
            detail: schema::in_words(field.go_type),
            topic: format!("{owner}.{}", field.json),
            required: required.iter().any(|name| name == field.json),
            ..key(field.json, after_key(field.json, field.go_type, place))
        })
        .collect()
}

/// The values that a field takes, its default among them.
fn values(kind: Kind, path: &[Segment]) -> Vec<Completion> {
    let Some(go_type) = schema::type_at(kind, path) else { return Vec::new() };
    let default = probe::default(kind, path);
    let is_text =
        go_type == "string" || matches!(go_types::shape(go_type), Some(go_types::Shape::Named("string")));
    let words = match go_type {
        "bool" => vec!["true".to_owned(), "false".to_owned()],
        _ if is_text => probe::values(kind, path),
        _ => Vec::new(),
    };
    let usual = match default {
        Some(Value::String(text)) => Some(text),
        Some(number @ (Value::Number(_) | Value::Bool(_))) => Some(number.to_string()),
        _ => None,
    };
    let own = usual.iter().filter(|usual| !words.contains(usual)).cloned();
    let all: Vec<String> = words.iter().cloned().chain(own).collect();
    all.iter()
        .map(|word| Completion {
            detail: if usual.as_ref() == Some(word) { "default".to_owned() } else { String::new() },
            ..value(word)
        })
        .collect()
}

/// `metadata.annotations` of a pod, or of a template.
fn is_annotations(path: &[Segment]) -> bool {
    let is = |segment: &Segment, name: &str| matches!(segment, Segment::Key(key) if key == name);
    matches!(path, [.., metadata, annotations] if is(metadata, "metadata") && is(annotations, "annotations"))
}

fn annotations(place: &Place<'_>) -> Vec<Completion> {
    match place.role {
        Role::Key => {
            let all = behaviours().into_iter();
            all.map(|setting| {
                let name = format!("{BEHAVIOUR}{}", setting.path);
                Completion {
                    detail: setting.holds.name().to_owned(),
                    words: setting.words,
                    ..key(&name, format!("{name}: "))
                }
            })
            .collect()
        }
        Role::Value(key) => {
            let name = key.trim_matches(['"', '\'']).strip_prefix(BEHAVIOUR).unwrap_or_default();
            let name = name.split('.').next().unwrap_or_default();
            behaviours().into_iter().find(|each| each.path == name).map_or_else(Vec::new, |each| held(&each))
        }
    }
}

/// What may stand in a document of ours.
fn of_ours(place: &Place<'_>, all: &[Setting], prefix: &str) -> Vec<Completion> {
    let holder = shown_path(&place.path);
    if let Role::Value(key) = place.role {
        let path = if holder.is_empty() { key.to_owned() } else { format!("{holder}.{key}") };
        return all.iter().find(|each| each.path == path).map_or_else(Vec::new, held);
    }
    let indent = " ".repeat(place.indent + 2);
    let own = all.iter().filter_map(|setting| {
        let (parent, name) = setting.path.rsplit_once('.').unwrap_or(("", &setting.path));
        (parent == holder).then_some((setting, name))
    });
    own.map(|(setting, name)| {
        let text = match setting.holds {
            Holds::Fields | Holds::Times | Holds::Images if place.in_braces => {
                format!("{prefix}{name}: {{}}")
            }
            Holds::Fields | Holds::Times | Holds::Images => format!(
                "{prefix}{name}:
{indent}"
            ),
            _ => format!("{prefix}{name}: "),
        };
        Completion { detail: setting.holds.name().to_owned(), words: setting.words, ..key(name, text) }
    })
    .collect()
}

/// The values that a setting of ours takes.
fn held(setting: &Setting) -> Vec<Completion> {
    let mut words: Vec<&str> = match setting.holds {
        Holds::OneOf(words) => words.to_vec(),
        Holds::TimeOr(word) => vec![word],
        Holds::Flag => vec!["true", "false"],
        _ => Vec::new(),
    };
    if let Some(default) = setting.default.as_deref().filter(|default| !words.contains(default)) {
        words.push(default);
    }
    let detail = |word: &str| {
        if setting.default.as_deref() == Some(word) { "default".to_owned() } else { String::new() }
    };
    words.into_iter().map(|word| Completion { detail: detail(word), ..value(word) }).collect()
}

/// A key and what has to follow it: a value, fields of its own one step further in, or the first item of a list.
fn after_key(name: &str, go_type: &'static str, place: &Place<'_>) -> String {
    let bare = schema::plain(go_type);
    let indent = " ".repeat(place.indent);
    if bare.starts_with("[]") && bare != "[]uint8" {
        return if place.in_braces { format!("{name}: []") } else { format!("{name}:\n{indent}- ") };
    }
    if schema::is_struct(bare) || schema::map_value(bare).is_some() {
        return if place.in_braces { format!("{name}: {{}}") } else { format!("{name}:\n{indent}  ") };
    }
    format!("{name}: ")
}

fn key(label: &str, text: String) -> Completion {
    Completion {
        label: label.to_owned(),
        detail: String::new(),
        text,
        kind: CompletionKind::Key,
        topic: String::new(),
        words: "",
        required: false,
    }
}

fn value(text: &str) -> Completion {
    Completion { kind: CompletionKind::Value, ..key(text, text.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is offered where the `|` of a text is, required keys with a star.
    fn offered(text: &str) -> String {
        let before = text.split('|').next().unwrap();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
        let found = complete(&text.replace('|', ""), line, column);
        let options = found.map_or_else(Vec::new, |found| found.options);
        let shown = options
            .iter()
            .map(|option| format!("{}{}", option.label, if option.required { "*" } else { "" }));
        shown.collect::<Vec<_>>().join(" ")
    }

    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n";

    #[test]
    fn keys_are_offered_that_are_not_there_and_required_ones_first() {
        let text = format!("{POD}  containers:\n  - name: a\n    im|\n");
        let keys = offered(&text);
        assert!(keys.starts_with("image* command args"), "{keys}");
        assert!(!keys.contains("name "), "{keys}");
        let root = offered("apiVersion: apps/v1\nkind: Deployment\n|");
        assert_eq!(root, "metadata* spec*");
        let meta = offered("apiVersion: v1\nkind: Pod\nmetadata:\n  |");
        assert_eq!(meta, "name* generateName namespace labels annotations ownerReferences finalizers");
    }

    #[test]
    fn values_are_offered_with_the_default_marked() {
        assert_eq!(offered(&format!("{POD}  restartPolicy: |")), "Always OnFailure Never");
        assert_eq!(offered(&format!("{POD}  hostNetwork: |")), "true false");
        assert_eq!(offered(&format!("{POD}  containers:\n  - ports:\n    - protocol: T|")), "SCTP TCP UDP");
        assert_eq!(offered("apiVersion: apps/v1\nkind: Deployment\nspec:\n  replicas: |"), "1");
        let modes = offered("apiVersion: v1\nkind: PersistentVolumeClaim\nspec:\n  accessModes:\n  - R|");
        assert!(modes.contains("ReadWriteOnce"), "{modes}");
    }

    #[test]
    fn kinds_go_with_versions() {
        assert_eq!(offered("apiVersion: batch/v1\nkind: |"), "Job CronJob");
        assert_eq!(offered("kind: Deployment\napiVersion: |"), "apps/v1");
        assert!(offered("|").starts_with("Deployment Service StatefulSet"));
        assert!(offered("kind: Pod\n|\n").starts_with("apiVersion metadata spec"));
    }

    #[test]
    fn documents_and_annotations_of_ours_are_completed_too() {
        let ours = "apiVersion: kubestep.dev/v1alpha1\nkind: Simulation\nspec:\n";
        assert!(offered(&format!("{ours}  seed: 1\n  |")).starts_with("kubelets controllers apiService"));
        assert_eq!(offered(&format!("{ours}  kubelets: |")), "Automatic Manual Held");
        assert!(offered(&format!("{ours}  latencies:\n    p|")).contains("pull"));
        let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  annotations:\n    ";
        assert!(offered(&format!("{pod}|")).contains("sim.kubestep.dev/on-sigterm"));
        assert_eq!(offered(&format!("{pod}sim.kubestep.dev/on-sigterm: |")), "ignore 600ms");
    }

    #[test]
    fn braces_are_completed_on_their_line_and_items_of_a_list_as_what_they_are() {
        let web = "apiVersion: apps/v1\nkind: Deployment\nspec:\n  strategy: {type: |}\n";
        assert_eq!(offered(web), "Recreate RollingUpdate");
        let found =
            complete("apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, im}]}", 3, 33).unwrap();
        assert_eq!((found.from, found.to, found.options[0].text.as_str()), (31, 33, "image: "));
        let resources = found.options.iter().find(|option| option.label == "resources").unwrap();
        assert_eq!(resources.text, "resources: {}");
        let list =
            "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  spec:\n    type: |\n";
        assert_eq!(offered(list), "ClusterIP ExternalName LoadBalancer NodePort");
        assert_eq!(
            offered("apiVersion: v1\nkind: List\nitems:\n- apiVersion: batch/v1\n  kind: |"),
            "Job CronJob"
        );
    }

    #[test]
    fn what_is_put_there_is_indented_as_its_place() {
        let found = complete("apiVersion: v1\nkind: Service\nspec:\n  po", 4, 5).unwrap();
        assert_eq!((found.from, found.to), (3, 5));
        let ports = found.options.iter().find(|option| option.label == "ports").unwrap();
        assert_eq!(ports.text, "ports:\n  - ");
        let selector = found.options.iter().find(|option| option.label == "selector").unwrap();
        assert_eq!(selector.text, "selector:\n    ");
    }
}
