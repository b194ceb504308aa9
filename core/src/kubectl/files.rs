//! The manifests that `-f` names, document by document.

use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::DEFAULT_NAMESPACE;
use super::failure::Failure;
use super::flags::Arguments;
use super::targets::Target;
use crate::api::{Key, Kind, Node, Object, ObjectRef};
use crate::apiserver::Store;
use crate::manifest::{self, Document, Fault, Part, unknown};
use crate::simulation;

/// Every document of every file of a command.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Files(Vec<Item>);

/// One document of a file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Item {
    /// The file, as it was named.
    pub(super) file: Rc<str>,
    /// Where it goes, unless it says so itself.
    namespace: Rc<str>,
    /// The document, or why it cannot be sent.
    pub(super) content: Result<Manifest, Fault>,
}

/// A document in the namespace it goes to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Manifest {
    /// The object, as it is sent.
    pub(super) object: Object,
    /// The author's fields, with the namespace filled in.
    pub(super) json: Value,
}

/// What a file is called where a page has but one.
pub(super) const ONLY_FILE: &str = "manifest.yaml";

impl Files {
    /// Reads the files that `-f` names; `text` gives the text of one.
    ///
    /// # Errors
    /// A file that does not exist, or an object that names another namespace than the command.
    pub(super) fn read(
        arguments: &Arguments,
        text: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Files, String> {
        let mut files = Files::default();
        for name in arguments.texts("filename").flat_map(|names| names.split(',')) {
            let text = text(name).ok_or_else(|| format!("error: the path \"{name}\" does not exist"))?;
            files.add(name, manifest::parts(&text).0, arguments.text("namespace"))?;
        }
        Ok(files)
    }

    /// What a page has read already.
    pub(super) fn of(documents: Vec<Document>) -> Files {
        let mut files = Files::default();
        for document in documents {
            let content = Ok(Manifest::new(document, DEFAULT_NAMESPACE));
            files.0.push(Item { file: ONLY_FILE.into(), namespace: DEFAULT_NAMESPACE.into(), content });
        }
        files
    }

    /// The same files, now that the store is known: documents of kinds that a definition adds are of these kinds, and what
    /// no kind is known of is kept or is a fault. `None` where nothing changes.
    pub(super) fn resolved(&self, store: &Store, keeps: bool) -> Option<Files> {
        let is_open = |item: &Item| match &item.content {
            Ok(manifest) => matches!(manifest.object.kind(), Kind::Inert(kind) if kind.is_added()),
            Err(fault) => matches!(fault, Fault::NoMatch { .. }),
        };
        if !self.0.iter().any(is_open) {
            return None;
        }
        let mut files = self.clone();
        for item in files.0.iter_mut().filter(|item| is_open(item)) {
            let (json, line) = match &item.content {
                Ok(manifest) => (Rc::new(manifest.json.clone()), 0),
                Err(Fault::NoMatch { json, line, .. }) => (json.clone(), *line),
                Err(_) => continue,
            };
            let namespace = item.namespace.clone();
            let document = unknown::resolve(&json, line, store, keeps);
            item.content = document.map(|document| Manifest::new(document, &namespace));
        }
        Some(files)
    }

    /// The documents, in order.
    pub(super) fn items(&self) -> &[Item] {
        &self.0
    }

    /// What each document is about, in order; what is about nothing that could be named stands for its fault alone.
    pub(super) fn targets(&self) -> Vec<Target> {
        let unknown = || ObjectRef::new(Kind::Pod, Key::new("", ""));
        let target = |(place, item): (usize, &Item)| Target {
            reference: item.target().unwrap_or_else(unknown),
            item: Some(place),
        };
        self.0.iter().enumerate().map(target).collect()
    }

    /// The document that a request is about.
    pub(super) fn item(&self, target: &Target) -> Option<&Item> {
        self.0.get(target.item?)
    }

    fn add(&mut self, file: &str, parts: Vec<Part>, namespace: Option<&str>) -> Result<(), String> {
        for part in parts {
            let content = match part {
                Part::Settings(_) => continue,
                Part::Fault(fault) => Err(fault),
                Part::Object(document) => {
                    let own = document.object.key().namespace.clone();
                    if let Some(asked) = namespace.filter(|asked| !own.is_empty() && *asked != &*own) {
                        return Err(format!(
                            "error: the namespace from the provided object \"{own}\" does not match the namespace \
                             \"{asked}\". You must pass '--namespace={own}' to perform this operation."
                        ));
                    }
                    Ok(Manifest::new(document, namespace.unwrap_or(DEFAULT_NAMESPACE)))
                }
            };
            let is_last = matches!(content, Err(Fault::Syntax(_) | Fault::Invalid(_)));
            let namespace = namespace.unwrap_or(DEFAULT_NAMESPACE).into();
            self.0.push(Item { file: file.into(), namespace, content });
            if is_last {
                break;
            }
        }
        Ok(())
    }
}

impl Item {
    /// What it is about, as far as that is known.
    pub(super) fn target(&self) -> Option<ObjectRef> {
        match &self.content {
            Ok(manifest) => Some(manifest.object.reference()),
            Err(Fault::Refused { target, .. }) => {
                let namespace = if target.kind.is_namespaced() && target.key.namespace.is_empty() {
                    DEFAULT_NAMESPACE.into()
                } else {
                    target.key.namespace.clone()
                };
                Some(ObjectRef::new(target.kind, Key::new(namespace, target.key.name.clone())))
            }
            Err(_) => None,
        }
    }

    /// `error when creating "web.yaml"`
    pub(super) fn context(&self, doing: &str) -> Rc<str> {
        format!("error when {doing} \"{}\"", self.file).into()
    }
}

/// What kubectl says about a document that cannot be sent.
pub(super) fn failure(item: &Item, fault: &Fault) -> Failure {
    let file = &item.file;
    match fault {
        Fault::Syntax(text) => Failure::own(format!("error parsing {file}: {text}")),
        Fault::Invalid(text) => Failure::own(format!(
            "error validating \"{file}\": error validating data: {text}; if you choose to ignore these errors, turn \
             validation off with --validate=false"
        )),
        Fault::NoMatch { kind, version, name, namespace, .. } => Failure::own(format!(
            "resource mapping not found for name: \"{name}\" namespace: \"{namespace}\" from \"{file}\": no matches for \
             kind \"{kind}\" in version \"{version}\"\nensure CRDs are installed first"
        )),
        Fault::Undecodable(text) => Failure::own(format!("unable to decode \"{file}\": {text}")),
        Fault::Refused { target, error } => Failure::Refused {
            target: target.clone(),
            context: Some(item.context("creating")),
            error: error.clone(),
        },
    }
}

impl Manifest {
    fn new(document: Document, namespace: &str) -> Manifest {
        let Document { mut object, json, .. } = document;
        let mut json = Rc::unwrap_or_clone(json);
        if object.kind().is_namespaced() && object.key().namespace.is_empty() {
            let key = Key::new(namespace, object.key().name.clone());
            object.set_identity(key, object.uid());
            if let Value::Object(metadata) = &mut json["metadata"] {
                metadata.insert("namespace".to_owned(), json!(namespace));
            }
        }
        Manifest { object, json }
    }

    /// The manifest as that annotation has it: with annotations, even where it has none.
    pub(super) fn without_last_applied(&self) -> Value {
        let mut json = self.json.clone();
        let annotations = &mut json["metadata"]["annotations"];
        if !annotations.is_object() {
            *annotations = Value::Object(Map::new());
        }
        annotations.as_object_mut().map(|annotations| annotations.remove(LAST_APPLIED));
        json
    }

    /// The manifest with its own text in the annotation that later applies compare with.
    pub(super) fn with_last_applied(&self) -> Value {
        let mut json = self.without_last_applied();
        let text = escaped(&json.to_string()) + "\n";
        json["metadata"]["annotations"][LAST_APPLIED] = Value::String(text);
        json
    }
}

/// An object as it is created. A Node is a machine that joins: what its kubelet registers is filled in.
pub(super) fn joined(object: Object, store: &Store) -> Object {
    let Object::Node(node) = object else { return object };
    let number = simulation::free_number(store.list::<Node>());
    Object::Node(Rc::new(simulation::registered(Rc::unwrap_or_clone(node), number)))
}

/// The annotation in which `kubectl apply` keeps what was applied last.
pub(super) const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Go writes these characters of JSON as escapes.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                text.push_str(&format!("\\u{:04x}", character as u32))
            }
            other => text.push(other),
        }
    }
    text
}
