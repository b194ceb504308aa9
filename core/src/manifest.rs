//! Reads YAML text: objects, and diagnostics with positions. Never fails, never half-applies.
//!
//! ```text
//! text --split at `---`--> documents --libyaml--> syntax --tree--> values with positions
//!      --strict--> refusals of the API server --api--> Object
//! ```
//!
//! kubectl splits and reads documents one by one, and so does this: a broken one does not hide the others. Syntax
//! is judged by libyaml (`serde_yaml`), whose words kubectl prints too; everything else comes from a tree that
//! knows its positions. Upstream: `k8s.io/cli-runtime/pkg/resource`, `k8s.io/apimachinery/pkg/util/yaml`.

mod path;
mod strict;
mod tree;

use std::rc::Rc;

use serde::Deserialize;
use serde_json::Value;

use crate::api::{Key, Kind, Object, ObjectRef};
pub use tree::Position;
use tree::{Node, Unreadable};

/// The API version of `Simulation` and `Traffic` documents.
pub const SIMULATION_API_VERSION: &str = "kubestep.dev/v1alpha1";

/// How long a manifest may be, in bytes.
pub const MAX_BYTES: usize = 2 << 20;

/// How many documents a manifest may have, items of lists included.
pub const MAX_DOCUMENTS: usize = 1000;

/// The built-in kinds that a cluster has and this one does not simulate.
const NOT_SIMULATED: &[&str] = &[
    "ClusterRole",
    "ClusterRoleBinding",
    "ConfigMap",
    "CronJob",
    "DaemonSet",
    "Endpoints",
    "Event",
    "HorizontalPodAutoscaler",
    "Ingress",
    "IngressClass",
    "Job",
    "LimitRange",
    "NetworkPolicy",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "PodDisruptionBudget",
    "PriorityClass",
    "ReplicationController",
    "ResourceQuota",
    "Role",
    "RoleBinding",
    "Secret",
    "ServiceAccount",
    "StatefulSet",
    "StorageClass",
];

/// One object of a manifest.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The object, as a client would send it: without defaults, and without a namespace if it names none.
    pub object: Object,
    /// The manifest as kubectl would send it: JSON with the author's fields alone.
    pub json: Rc<Value>,
    /// The line its first key is on, from 1.
    pub line: u32,
}

/// Something wrong with a manifest, where it went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
    /// How many characters it is about; at least 1.
    pub length: u32,
    /// Whether the manifest cannot be applied because of it.
    pub is_error: bool,
    /// What is wrong, as kubectl would say it where it says anything.
    pub message: String,
}

/// What one document of a manifest is to kubectl.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Part {
    /// An object that can be sent.
    Object(Document),
    /// A document that configures the simulation; the cluster never hears of it.
    Settings(Settings),
    /// A document that cannot be sent.
    Fault(Fault),
}

/// A `Simulation` or `Traffic` document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings {
    /// `Simulation`, `Traffic`, or a kind that does not exist.
    pub(crate) kind: String,
    /// The document.
    pub(crate) json: Value,
    /// Where it is among the roots of [`roots`].
    pub(crate) root: usize,
}

/// Why a document cannot be sent, in kubectl's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is not YAML. kubectl reads no further.
    Syntax(String),
    /// It says not what it is. kubectl reads no further.
    Invalid(String),
    /// The API server has no such kind.
    NoMatch {
        /// `kind`
        kind: String,
        /// `apiVersion`
        version: String,
        /// `metadata.name`
        name: String,
        /// `metadata.namespace`
        namespace: String,
    },
    /// kubectl itself cannot read its metadata.
    Undecodable(String),
    /// The API server cannot decode it.
    Refused {
        /// The object it describes, in the namespace it names.
        target: ObjectRef,
        /// `Deployment in version "v1" cannot be handled as a Deployment: …`
        message: String,
    },
}

/// Reads every document: the objects that could be sent, and what is wrong with the text.
pub fn read(text: &str) -> (Vec<Document>, Vec<Diagnostic>) {
    let (parts, diagnostics) = parts(text);
    let documents = parts.into_iter().filter_map(|part| match part {
        Part::Object(document) => Some(document),
        Part::Settings(_) | Part::Fault(_) => None,
    });
    (documents.collect(), diagnostics)
}

/// Where `path` (`spec.strategy.rollingUpdate.maxSurge`) of one of [`read`]'s documents is in the text: the place of
/// its key, or of the nearest key above it that the author wrote. `None`: there is no such document.
pub fn locate(text: &str, document: usize, path: &str) -> Option<Position> {
    let mut place = 0;
    for root in roots(text).roots {
        let Ok(node) = root else { continue };
        if let Ok(json) = node.to_json()
            && let (Part::Object(_), _) = judge(&node, &json)
        {
            if place == document {
                return Some(node.locate(&path::parse(path)).0);
            }
            place += 1;
        }
    }
    None
}

/// Reads every document in order, faults included.
pub(crate) fn parts(text: &str) -> (Vec<Part>, Vec<Diagnostic>) {
    let Roots { roots, limit } = roots(text);
    let mut parts = Vec::with_capacity(roots.len());
    let mut diagnostics = Vec::new();
    for (index, root) in roots.iter().enumerate() {
        let node = match root {
            Ok(node) => node,
            Err(error) => {
                diagnostics.push(Diagnostic::error(error.at, error.message.clone()));
                parts.push(Part::Fault(Fault::Syntax(error.kubectl.clone())));
                continue;
            }
        };
        let json = match node.to_json() {
            Ok(json) => json,
            Err(Unreadable { at, message }) => {
                diagnostics.push(Diagnostic::error(at, message.clone()));
                parts.push(Part::Fault(Fault::Syntax(format!(
                    "error converting YAML to JSON: yaml: {message}"
                ))));
                continue;
            }
        };
        for (path, at) in node.duplicates() {
            diagnostics
                .push(Diagnostic::warning(at, format!("duplicate field \"{path}\": the last one counts")));
        }
        let (mut part, found) = judge(node, &json);
        if let Part::Settings(settings) = &mut part {
            settings.root = index;
        }
        diagnostics.extend(found);
        parts.push(part);
    }
    diagnostics.extend(limit);
    diagnostics.sort_by_key(|diagnostic| (diagnostic.line, diagnostic.column));
    (parts, diagnostics)
}

/// Where `path` of the document with this index among all documents is: for readers of [`Settings`].
pub(crate) fn locate_in_root(text: &str, root: usize, path: &str) -> Option<Position> {
    let roots = roots(text).roots;
    let node = roots.get(root)?.as_ref().ok()?;
    Some(node.locate(&path::parse(path)).0)
}

/// A document, or an item of a `List`.
type Root = Result<Rc<Node>, SyntaxError>;

struct Roots {
    roots: Vec<Root>,
    /// Said where a limit cut the text off.
    limit: Option<Diagnostic>,
}

/// Text that is not YAML.
struct SyntaxError {
    at: Position,
    /// `found character that cannot start any token`
    message: String,
    /// `error converting YAML to JSON: yaml: line 4: found character that cannot start any token`
    kubectl: String,
}

/// Every document, with the items of lists in place of the list.
fn roots(text: &str) -> Roots {
    let beginning = Position { line: 1, column: 1, length: 1 };
    if text.len() > MAX_BYTES {
        let message = format!("the text has {} bytes; {MAX_BYTES} are read at most", text.len());
        return Roots { roots: Vec::new(), limit: Some(Diagnostic::error(beginning, message)) };
    }
    let mut roots = Vec::new();
    for (document, first_line) in split(text.strip_prefix('\u{feff}').unwrap_or(text)) {
        match parse(document, first_line) {
            Ok(None) => continue,
            Ok(Some(node)) => collect(node, &mut roots),
            Err(error) => roots.push(Err(error)),
        }
        if roots.len() > MAX_DOCUMENTS {
            roots.truncate(MAX_DOCUMENTS);
            let at = Position { line: first_line, ..beginning };
            let message =
                format!("a manifest may have {MAX_DOCUMENTS} documents; this and what follows is left out");
            return Roots { roots, limit: Some(Diagnostic::error(at, message)) };
        }
    }
    Roots { roots, limit: None }
}

/// A document stands for itself, a `List` for its items.
fn collect(node: Rc<Node>, roots: &mut Vec<Root>) {
    let kind = node.get("kind").and_then(|kind| kind.key().ok());
    let Some(items) = node.get("items").filter(|_| kind.is_some_and(|kind| kind.ends_with("List"))) else {
        return roots.push(Ok(node));
    };
    roots.extend(items.items().iter().map(|item| Ok(item.clone())));
}

/// The documents of a text and the line each begins on: kubectl splits at lines that begin with `---`, whatever
/// else they say.
fn split(text: &str) -> Vec<(&str, u32)> {
    let mut documents = Vec::new();
    let (mut start, mut first_line, mut offset) = (0, 1, 0);
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if offset > 0 && line.starts_with("---") {
            documents.push((&text[start..offset], first_line));
            start = offset + line.len();
            first_line = index as u32 + 2;
        }
        offset += line.len();
    }
    documents.push((&text[start..], first_line));
    documents
}

fn parse(document: &str, first_line: u32) -> Result<Option<Rc<Node>>, SyntaxError> {
    if let Some(error) = libyaml_error(document, first_line) {
        return Err(error);
    }
    let node = tree::parse(document, first_line).map_err(|Unreadable { at, message }| {
        let kubectl =
            format!("error converting YAML to JSON: yaml: line {}: {message}", at.line - first_line + 1);
        SyntaxError { at, message, kubectl }
    })?;
    Ok(node.filter(|node| !node.to_json().is_ok_and(|json| json.is_null())))
}

/// What libyaml says is wrong with the first document of `text`.
fn libyaml_error(text: &str, first_line: u32) -> Option<SyntaxError> {
    let document = serde_yaml::Deserializer::from_str(text).next()?;
    let error = serde::de::IgnoredAny::deserialize(document).err()?;
    let (line, column) = error.location().map_or((1, 1), |at| (at.line() as u32, at.column() as u32));
    let full = error.to_string();
    let mut message =
        full.split(" at line ").next().unwrap_or(&full).split(", while ").next().unwrap_or(&full).to_owned();
    if message == "unknown anchor" {
        let rest = text
            .lines()
            .nth(line as usize - 1)
            .and_then(|line| line.split_once('*'))
            .map_or("", |(_, rest)| rest);
        let name: String =
            rest.chars().take_while(|character| !character.is_whitespace() && *character != ',').collect();
        message = format!("unknown anchor '{name}' referenced");
    }
    let kubectl = if text.trim_start().starts_with('{') && is_cut_short(text) {
        "unexpected EOF".to_owned()
    } else {
        format!("error converting YAML to JSON: yaml: {}{message}", reported_line(&message, line))
    };
    // Behind the last line there is nothing to underline.
    let lines = text.lines().count().max(1) as u32;
    let at = match text.lines().nth(line as usize - 1) {
        Some(_) => Position { line: first_line + line - 1, column, length: 1 },
        None => Position { line: first_line + lines - 1, column: 1, length: 1 },
    };
    Some(SyntaxError { at, message, kubectl })
}

/// Whether JSON ends too early: kubectl reads a file that begins with a brace as JSON.
fn is_cut_short(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_err_and(|error| error.is_eof())
}

/// `line 4: `. Go's port of libyaml counts lines from 0 where the parser complains, and from 1 where the scanner
/// does; errors of the first line and of anchors come without one.
fn reported_line(message: &str, line: u32) -> String {
    const OF_THE_PARSER: [&str; 6] = [
        "did not find expected <document start>",
        "did not find expected node content",
        "did not find expected '-' indicator",
        "did not find expected key",
        "did not find expected ',' or ']'",
        "did not find expected ',' or '}'",
    ];
    if line <= 1 || message.starts_with("unknown anchor") {
        return String::new();
    }
    let line = if OF_THE_PARSER.contains(&message) { line - 1 } else { line };
    format!("line {line}: ")
}

/// What a document is to kubectl, and what is to be said about it.
fn judge(node: &Node, json: &Value) -> (Part, Vec<Diagnostic>) {
    let Value::Object(map) = json else {
        let fault = Fault::Invalid("invalid object to validate".to_owned());
        return (
            Part::Fault(fault),
            vec![Diagnostic::error(node.at, "this is no object: it has no apiVersion and no kind")],
        );
    };
    let text = |key: &str| map.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (version, kind) = (text("apiVersion"), text("kind"));
    let missing: Vec<&str> = [("apiVersion not set", &version), ("kind not set", &kind)]
        .into_iter()
        .filter(|(_, text)| text.is_empty())
        .map(|(words, _)| words)
        .collect();
    if !missing.is_empty() {
        let message =
            if missing.len() == 1 { missing[0].to_owned() } else { format!("[{}]", missing.join(", ")) };
        return (Part::Fault(Fault::Invalid(message)), vec![Diagnostic::error(node.at, missing.join(", "))]);
    }
    let at = |path: &str| node.locate(&path::parse(path)).0;
    if version.matches('/').count() > 1 {
        let message = format!("unexpected GroupVersion string: {version}");
        return (
            Part::Fault(Fault::Invalid(message.clone())),
            vec![Diagnostic::error(at("apiVersion"), message)],
        );
    }
    if version == SIMULATION_API_VERSION {
        return (Part::Settings(Settings { kind, json: json.clone(), root: 0 }), Vec::new());
    }
    match Kind::from_manifest(&version, &kind) {
        Some(known) if known != Kind::Event => decode(known, node, json),
        _ => no_match(kind, version, json, at("kind")),
    }
}

fn no_match(kind: String, version: String, json: &Value, at: Position) -> (Part, Vec<Diagnostic>) {
    let diagnostic = if NOT_SIMULATED.contains(&kind.as_str()) {
        Diagnostic::warning(at, format!("{kind} is not simulated: this document is left out"))
    } else {
        Diagnostic::error(at, format!("no matches for kind \"{kind}\" in version \"{version}\""))
    };
    let field = |name: &str| json["metadata"][name].as_str().unwrap_or_default().to_owned();
    let fault = Fault::NoMatch { kind, version, name: field("name"), namespace: field("namespace") };
    (Part::Fault(fault), vec![diagnostic])
}

fn decode(kind: Kind, node: &Node, json: &Value) -> (Part, Vec<Diagnostic>) {
    let at = |path: &str| node.locate(&path::parse(path)).0;
    let findings = strict::check(kind, json);
    let mut diagnostics: Vec<Diagnostic> = findings
        .unknown
        .iter()
        .map(|path| Diagnostic::error(at(path), format!("unknown field \"{path}\"")))
        .collect();
    if let Some(wrong) = &findings.wrong {
        diagnostics.push(Diagnostic::error(at(&wrong.path), wrong.message.clone()));
    }
    if let Some(message) = strict::refusal(&findings) {
        let in_metadata = findings.wrong.as_ref().is_some_and(|wrong| wrong.path.starts_with("metadata"));
        let fault = if in_metadata { Fault::Undecodable(message) } else { refused(kind, json, &message) };
        return (Part::Fault(fault), diagnostics);
    }
    let object = match Object::from_json(kind, json, &mut Vec::new()) {
        Ok(object) => object,
        Err(error) => {
            // Something that Go reads as a zero and k8s-openapi does not: a field that must be there.
            diagnostics.push(Diagnostic::error(node.at, error.to_string()));
            return (Part::Fault(refused(kind, json, &error.to_string())), diagnostics);
        }
    };
    if object.name().is_empty() {
        let message = match &object.meta().generate_name {
            Some(prefix) => format!("from {prefix}: cannot use generate name with apply"),
            None => "metadata.name: Required value: name or generateName is required".to_owned(),
        };
        diagnostics.push(Diagnostic::error(at("metadata"), message));
    }
    (Part::Object(Document { object, json: Rc::new(json.clone()), line: node.at.line }), diagnostics)
}

fn refused(kind: Kind, json: &Value, message: &str) -> Fault {
    let field = |name: &str| json["metadata"][name].as_str().unwrap_or_default();
    let namespace = if kind.is_namespaced() { field("namespace") } else { "" };
    let target = ObjectRef::new(kind, Key::new(namespace, field("name")));
    let version = kind.names().api_version.rsplit('/').next().unwrap_or_default();
    let kind = kind.name();
    let message = format!("{kind} in version \"{version}\" cannot be handled as a {kind}: {message}");
    Fault::Refused { target, message }
}

impl Diagnostic {
    pub(crate) fn error(at: Position, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            line: at.line,
            column: at.column,
            length: at.length,
            is_error: true,
            message: message.into(),
        }
    }

    pub(crate) fn warning(at: Position, message: impl Into<String>) -> Diagnostic {
        Diagnostic { is_error: false, ..Diagnostic::error(at, message) }
    }
}
