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
mod source;
mod tree;
pub(crate) mod unknown;

use std::rc::Rc;

use serde_json::Value;

use crate::api::strict::{self, Decoded};
use crate::api::written::Written;
use crate::api::{Key, Kind, Object, ObjectRef};
use crate::apiserver::{ApiError, Reason, Station, body};
use crate::spelling;
pub(crate) use path::{Segment, shown as shown_path};
use source::{Root, Roots, roots};
pub use tree::Position;
use tree::{Node, Unreadable};

/// The API version of `Simulation` and `Traffic` documents.
pub const SIMULATION_API_VERSION: &str = "kubestep.dev/v1alpha1";

/// How long a manifest may be, in bytes.
pub const MAX_BYTES: usize = 2 << 20;

/// How many documents a manifest may have, items of lists included.
pub const MAX_DOCUMENTS: usize = 1000;

/// How many diagnostics are reported.
const MAX_DIAGNOSTICS: usize = 100;

/// How long a diagnostic's message may be, in characters.
const MAX_MESSAGE: usize = 500;

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

/// What would put a diagnostic right: other words in place of some of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What to replace; a length of 0 puts the words in before it.
    pub at: Position,
    /// What to put there.
    pub text: String,
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
    /// What was probably meant.
    pub fix: Option<Fix>,
}

/// Where the fields of a text's objects are: of each of [`read`]'s documents, in their order.
pub struct Places(Vec<Rc<Node>>);

/// What one document of a manifest is to kubectl.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    /// An object that can be sent.
    Object(Document),
    /// A document that configures the simulation; the cluster never hears of it.
    Settings(Settings),
    /// A document that cannot be sent.
    Fault(Fault),
}

/// A `Simulation` or `Traffic` document.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// `Simulation`, `Traffic`, or a kind that does not exist.
    pub(crate) kind: String,
    /// The document.
    pub(crate) json: Value,
    node: Rc<Node>,
}

/// Why a document cannot be sent, in kubectl's words.
#[derive(Clone, Debug, PartialEq)]
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
        /// The document, should it be kept.
        json: Rc<Value>,
        /// The line its first key is on.
        line: u32,
    },
    /// kubectl itself cannot read its metadata.
    Undecodable(String),
    /// The API server cannot decode it.
    Refused {
        /// The object it describes, in the namespace it names.
        target: ObjectRef,
        /// `Deployment in version "v1" cannot be handled as a Deployment: …`
        error: Rc<ApiError>,
    },
}

/// The value that a text stands for which is no manifest: a patch.
///
/// # Errors
/// What kubectl says of text that is neither YAML nor JSON.
pub(crate) fn value(text: &str) -> Result<Value, String> {
    source::value(text)
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

/// The object that a text describes which is sent to the API server as it is, without kubectl: its fields come in the
/// order of the text. `namespace` is the one of the request's path.
///
/// # Errors
/// 404 for a kind that the server has not, 400 for what it cannot decode.
pub fn posted(text: &str, namespace: &str) -> Result<Object, ApiError> {
    let bad_request = |message: String| ApiError::new(Reason::BadRequest, Station::Defaulting, message);
    let written = match roots(text).roots.into_iter().next() {
        None => Written::Map(Vec::new()),
        Some(Ok(node)) => node.to_written().map_err(|error| bad_request(error.message))?,
        Some(Err(error)) => return Err(bad_request(error.message)),
    };
    let Some(kind) = Kind::from_manifest(written.text("apiVersion"), written.text("kind")) else {
        let message = "the server could not find the requested resource";
        return Err(ApiError::new(Reason::NotFound, Station::Authentication, message));
    };
    let mut object = body::decode(kind, &written)?;
    if kind.is_namespaced() && object.key().namespace.is_empty() {
        object.set_identity(Key::new(namespace, object.key().name.clone()), object.uid());
    }
    Ok(object)
}

/// Where `path` (`spec.strategy.rollingUpdate.maxSurge`) of one of [`read`]'s documents is in the text: the place of
/// its key, or of the nearest key above it that the author wrote. `None`: there is no such document.
pub fn locate(text: &str, document: usize, path: &str) -> Option<Position> {
    Places::of(text).key(document, path)
}

impl Places {
    /// Reads a text.
    pub fn of(text: &str) -> Places {
        let (roots, parts, _) = judged(text);
        let objects = roots.into_iter().zip(parts).filter(|(_, part)| matches!(part, Part::Object(_)));
        Places(objects.filter_map(|(root, _)| root.ok()).collect())
    }

    /// The place of a field's key, or of the nearest key above it that the author wrote.
    pub fn key(&self, document: usize, path: &str) -> Option<Position> {
        Some(self.0.get(document)?.locate(&path::parse(path)).0)
    }

    /// The document whose key is at a place of the text, and the path of the key with its own place.
    pub(crate) fn key_at(&self, line: u32, column: u32) -> Option<(usize, Vec<Segment>, Position)> {
        let found = self.0.iter().enumerate();
        found
            .filter_map(|(document, node)| Some((document, node.key_at(line, column)?)))
            .map(|(document, (path, at))| (document, path, at))
            .next()
    }

    /// The place of a field's value where it is one word, and of its key otherwise.
    pub fn value(&self, document: usize, path: &str) -> Option<Position> {
        Some(self.0.get(document)?.locate_value(path))
    }
}

/// Reads every document in order, faults included.
pub(crate) fn parts(text: &str) -> (Vec<Part>, Vec<Diagnostic>) {
    let (_, parts, diagnostics) = judged(text);
    (parts, diagnostics)
}

/// Every document as it was written, and what it is to kubectl.
fn judged(text: &str) -> (Vec<Root>, Vec<Part>, Vec<Diagnostic>) {
    let Roots { roots, limit } = roots(text);
    let mut parts = Vec::with_capacity(roots.len());
    let mut diagnostics = Vec::new();
    for root in &roots {
        let node = match root {
            Ok(node) => node,
            Err(error) => {
                diagnostics
                    .push(Diagnostic::error(error.at, error.message.clone()).fixed_by(error.fix.clone()));
                parts.push((Part::Fault(Fault::Syntax(error.kubectl.clone())), Vec::new()));
                continue;
            }
        };
        let json = match node.to_json() {
            Ok(json) => json,
            Err(Unreadable { at, message, .. }) => {
                diagnostics.push(Diagnostic::error(at, message.clone()));
                let syntax = format!("error converting YAML to JSON: yaml: {message}");
                parts.push((Part::Fault(Fault::Syntax(syntax)), Vec::new()));
                continue;
            }
        };
        for (path, at) in node.duplicates() {
            diagnostics
                .push(Diagnostic::warning(at, format!("duplicate field \"{path}\": the last one counts")));
        }
        parts.push(judge(node, &json));
    }
    let parts = unknown::kept(parts, &mut diagnostics);
    diagnostics.extend(limit);
    crate::order::sort_by_key(&mut diagnostics, |diagnostic| (diagnostic.line, diagnostic.column));
    diagnostics.truncate(MAX_DIAGNOSTICS);
    (roots, parts, diagnostics)
}

/// What a document is to kubectl, and what is to be said about it.
fn judge(node: &Rc<Node>, json: &Value) -> (Part, Vec<Diagnostic>) {
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
        // The first key is where the missing line would go.
        let first = Position { length: node.at.length.max(1), ..node.at };
        let diagnostic =
            Diagnostic::error(first, missing.join(", ")).fixed_by(version_of(&kind, &version, node.at));
        return (Part::Fault(Fault::Invalid(message)), vec![diagnostic]);
    }
    let at = |path: &str| node.locate_value(path);
    if version.matches('/').count() > 1 {
        let message = format!("unexpected GroupVersion string: {version}");
        return (
            Part::Fault(Fault::Invalid(message.clone())),
            vec![Diagnostic::error(at("apiVersion"), message)],
        );
    }
    if version == SIMULATION_API_VERSION {
        return (Part::Settings(Settings { kind, json: json.clone(), node: node.clone() }), Vec::new());
    }
    match Kind::from_manifest(&version, &kind) {
        Some(known) if known != Kind::Event => return decode(known, node, json),
        _ => {}
    }
    match Kind::from_lower_case(&version, &kind) {
        Some(meant) => unregistered(meant, &kind, json, at("kind")),
        None => no_match(kind, version, json, node),
    }
}

/// The line `apiVersion: apps/v1` before the first key, where the kind says which one is missing.
fn version_of(kind: &str, version: &str, at: Position) -> Option<Fix> {
    let known = Kind::ALL.into_iter().find(|known| known.name() == kind && version.is_empty())?;
    let indent = " ".repeat(at.column as usize - 1);
    let text = format!("apiVersion: {}\n{indent}", known.names().api_version);
    Some(Fix { at: Position { length: 0, ..at }, text })
}

/// kubectl finds a kind by its name in small letters too, and the API server then knows none of that name.
fn unregistered(meant: Kind, kind: &str, json: &Value, at: Position) -> (Part, Vec<Diagnostic>) {
    let version = meant.names().api_version;
    let message = format!(
        "{kind} in version \"{}\" cannot be handled as a {}: no kind \"{kind}\" is registered for version \"{version}\" in \
         scheme \"pkg/api/legacyscheme/scheme.go:30\"",
        meant.version(),
        meant.name()
    );
    let said = format!("no kind \"{kind}\" is registered for version \"{version}\"");
    let diagnostic = Diagnostic::suggesting(at, said, Some(meant.name()));
    let error = ApiError::new(Reason::BadRequest, Station::Defaulting, message);
    (Part::Fault(Fault::Refused { target: target(meant, json), error: Rc::new(error) }), vec![diagnostic])
}

fn no_match(kind: String, version: String, json: &Value, node: &Node) -> (Part, Vec<Diagnostic>) {
    let at = |path: &str| node.locate_value(path);
    let said = format!("no matches for kind \"{kind}\" in version \"{version}\"");
    let diagnostic = match Kind::built_in().find(|known| known.name() == kind) {
        Some(Kind::Event) if version == "v1" => Diagnostic::warning(
            at("kind"),
            "Events are written by components alone: this document is left out",
        ),
        // The kind is right, so its version is not.
        Some(known) if known != Kind::Event => {
            Diagnostic::suggesting(at("apiVersion"), said, Some(known.names().api_version))
        }
        _ => {
            let meant = spelling::nearest(&kind, Kind::built_in().map(Kind::name));
            let diagnostic = Diagnostic::suggesting(at("kind"), said, meant);
            if meant.is_none() { diagnostic.fixed_by(Some(unknown::keeping())) } else { diagnostic }
        }
    };
    let field = |name: &str| json["metadata"][name].as_str().unwrap_or_default().to_owned();
    let (name, namespace) = (field("name"), field("namespace"));
    let (json, line) = (Rc::new(json.clone()), node.at.line);
    (Part::Fault(Fault::NoMatch { kind, version, name, namespace, json, line }), vec![diagnostic])
}

fn decode(kind: Kind, node: &Node, json: &Value) -> (Part, Vec<Diagnostic>) {
    let at = |path: &str| node.locate(&path::parse(path)).0;
    let decoded = strict::decode(kind, &Written::from(json));
    let mut diagnostics: Vec<Diagnostic> = decoded
        .fields
        .iter()
        .map(|field| Diagnostic::suggesting(at(&field.path), field.message(), field.meant))
        .collect();
    if let Some(wrong) = &decoded.wrong {
        let fix = node.retyped(&wrong.path, &wrong.message);
        diagnostics
            .push(Diagnostic::error(node.locate_value(&wrong.path), wrong.message.clone()).fixed_by(fix));
    }
    let object = match body::decoded(kind, &decoded) {
        Ok(object) => object,
        Err(error) => {
            if diagnostics.is_empty() {
                diagnostics.push(Diagnostic::error(node.at, error.message.clone()));
            }
            return (Part::Fault(refused(kind, json, &decoded, error)), diagnostics);
        }
    };
    if let Kind::Inert(inert) = kind {
        let said = format!("{} is kept and shown, and nothing here acts on it", inert.names().kind);
        diagnostics.push(Diagnostic::warning(node.locate_value("kind"), said));
    }
    if object.name().is_empty() {
        let message = match &object.meta().generate_name {
            Some(prefix) => format!("from {prefix}: cannot use generate name with apply"),
            None => "metadata.name: Required value: name or generateName is required".to_owned(),
        };
        diagnostics.push(Diagnostic::error(at("metadata"), message));
    }
    (Part::Object(Document { object, json: Rc::new(json.clone()), line: node.at.line }), diagnostics)
}

/// What kubectl reads itself, the metadata, it refuses itself; the rest is refused by the API server.
fn refused(kind: Kind, json: &Value, decoded: &Decoded, error: ApiError) -> Fault {
    if let Some(wrong) = decoded.wrong.as_ref().filter(|wrong| wrong.path.starts_with("metadata")) {
        return Fault::Undecodable(wrong.message.clone());
    }
    Fault::Refused { target: target(kind, json), error: Rc::new(error) }
}

/// The object that a document is about, in the namespace it names.
fn target(kind: Kind, json: &Value) -> ObjectRef {
    let field = |name: &str| json["metadata"][name].as_str().unwrap_or_default();
    let namespace = if kind.is_namespaced() { field("namespace") } else { "" };
    ObjectRef::new(kind, Key::new(namespace, field("name")))
}

impl Settings {
    /// Where `path` is in the text: the place of its key, or of the nearest key above it.
    pub(crate) fn locate(&self, path: &str) -> Position {
        self.node.locate(&path::parse(path)).0
    }

    /// Where its value is, if that is one word.
    pub(crate) fn locate_value(&self, path: &str) -> Position {
        self.node.locate_value(path)
    }
}

impl Diagnostic {
    pub(crate) fn error(at: Position, message: impl Into<String>) -> Diagnostic {
        let Position { line, column, length } = at;
        let mut message: String = message.into();
        if let Some((end, _)) = message.char_indices().nth(MAX_MESSAGE) {
            message.truncate(end);
            message.push('…');
        }
        Diagnostic { line, column, length, is_error: true, message, fix: None }
    }

    /// `unknown field "spec.replica": did you mean "replicas"?`
    pub(crate) fn suggesting(at: Position, message: String, meant: Option<&str>) -> Diagnostic {
        let Some(meant) = meant else { return Diagnostic::error(at, message) };
        let fix = Fix { at, text: meant.to_owned() };
        Diagnostic::error(at, format!("{message}: did you mean \"{meant}\"?")).fixed_by(Some(fix))
    }

    pub(crate) fn fixed_by(self, fix: Option<Fix>) -> Diagnostic {
        Diagnostic { fix, ..self }
    }

    pub(crate) fn warning(at: Position, message: impl Into<String>) -> Diagnostic {
        Diagnostic { is_error: false, ..Diagnostic::error(at, message) }
    }
}

#[cfg(test)]
pub(crate) use path::parse as parse_path;

#[cfg(test)]
pub(crate) mod tests;
