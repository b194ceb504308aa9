//! Documents of kinds that no cluster has from its first day. kubectl refuses them unless a CustomResourceDefinition adds
//! their kind; a person may have them kept all the same (`spec.unknownKinds: Keep` of a Simulation).

use std::rc::Rc;

use serde_json::Value;

use super::{Diagnostic, Document, Fault, Fix, Part, Position, SIMULATION_API_VERSION};
use crate::api::written::Written;
use crate::api::{InertKind, Kind, Object, strict};
use crate::apiserver::{Store, definitions};

/// The object of this kind that such a document describes. `None`: its metadata cannot be read.
fn document(kind: Kind, json: &Rc<Value>, line: u32) -> Option<Document> {
    let decoded = strict::decode(kind, &Written::from(&**json));
    if decoded.refusal().is_some() {
        return None;
    }
    let object = Object::from_json(kind, &decoded.value).ok()?;
    Some(Document { object, json: json.clone(), line })
}

/// What the documents are, now that all of them are read: those whose kind is added by a definition of the same text, or
/// is to be kept, are objects. Takes over what was said of each.
pub(super) fn kept(parts: Vec<(Part, Vec<Diagnostic>)>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Part> {
    let keeps = parts.iter().any(|(part, _)| match part {
        Part::Settings(settings) => settings.json["spec"]["unknownKinds"].as_str() == Some("Keep"),
        Part::Object(_) | Part::Fault(_) => false,
    });
    let added: Vec<Kind> = parts.iter().flat_map(|(part, _)| added_by(part)).collect();
    let mut all = Vec::with_capacity(parts.len());
    for (part, mut found) in parts {
        let Part::Fault(Fault::NoMatch { kind, version, json, line, .. }) = &part else {
            diagnostics.append(&mut found);
            all.push(part);
            continue;
        };
        let is_meant = |it: &&Kind| it.name() == kind && it.names().api_version == version;
        let own = added.iter().find(is_meant).copied();
        let known = own.or_else(|| keeps.then(|| InertKind::keep(version, kind).map(Kind::Inert))?);
        let Some(document) = known.and_then(|known| document(known, json, *line)) else {
            diagnostics.append(&mut found);
            all.push(part);
            continue;
        };
        let said = if own.is_some() {
            format!("{kind} is known to kubectl once its definition is there: apply again if it is not yet")
        } else {
            format!("{kind} is kept and shown, and nothing here acts on it")
        };
        diagnostics.extend(found.into_iter().map(|it| Diagnostic {
            is_error: false,
            message: said.clone(),
            fix: None,
            ..it
        }));
        all.push(Part::Object(document));
    }
    all
}

/// The offer to keep objects of such kinds: a document of settings before all others.
pub(super) fn keeping() -> Fix {
    let text =
        format!("apiVersion: {SIMULATION_API_VERSION}\nkind: Simulation\nspec:\n  unknownKinds: Keep\n---\n");
    Fix { at: Position { line: 1, column: 1, length: 0 }, text }
}

/// The kinds that a document adds, if it is a CustomResourceDefinition.
fn added_by(part: &Part) -> Vec<Kind> {
    match part {
        Part::Object(document) if document.object.kind().name() == "CustomResourceDefinition" => {
            definitions::kinds_of(document.json["spec"].clone())
        }
        _ => Vec::new(),
    }
}

/// A document as the store makes it understood: an object of the kind that a definition adds, or kept as it is where
/// that is wanted.
///
/// # Errors
/// kubectl's words for a kind that it does not know.
pub(crate) fn resolve(json: &Rc<Value>, line: u32, store: &Store, keeps: bool) -> Result<Document, Fault> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (version, kind) = (text(&json["apiVersion"]), text(&json["kind"]));
    let known = definitions::defined(store, &version, &kind);
    let known = known.or_else(|| keeps.then(|| InertKind::keep(&version, &kind).map(Kind::Inert))?);
    known.and_then(|known| document(known, json, line)).ok_or_else(|| {
        let (name, namespace) = (text(&json["metadata"]["name"]), text(&json["metadata"]["namespace"]));
        Fault::NoMatch { kind, version, name, namespace, json: json.clone(), line }
    })
}
