//! Documents of kinds that no cluster has from its first day. kubectl refuses them unless a CustomResourceDefinition adds
//! their kind; a person may have them kept all the same (`spec.unknownKinds: Keep` of a Simulation).

use std::rc::Rc;

use serde_json::Value;

use super::{Diagnostic, Document, Fault, Part};
use crate::api::written::Written;
use crate::api::{InertKind, Key, Kind, Object, strict};
use crate::apiserver::{Store, definitions};

/// The object that such a document describes, of a kind that is kept. `None`: its metadata cannot be read, or there are
/// too many such kinds.
pub(super) fn document(version: &str, kind: &str, json: &Value, line: u32) -> Option<Document> {
    let kind = Kind::Inert(InertKind::keep(version, kind)?);
    let decoded = strict::decode(kind, &Written::from(json));
    if decoded.refusal().is_some() {
        return None;
    }
    let object = Object::from_json(kind, &decoded.value).ok()?;
    Some(Document { object, json: Rc::new(json.clone()), line })
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
        let Part::Fault(Fault::NoMatch { kind, version, document: Some(document), .. }) = &part else {
            diagnostics.append(&mut found);
            all.push(part);
            continue;
        };
        let is_added = added.iter().any(|it| it.name() == kind && it.names().api_version == version);
        if !is_added && !keeps {
            diagnostics.append(&mut found);
            all.push(part);
            continue;
        }
        let said = if is_added {
            format!("{kind} is known to kubectl once its definition is there: apply again if it is not yet")
        } else {
            format!("{kind} is kept and shown, and nothing here acts on it")
        };
        diagnostics.extend(found.into_iter().map(|it| Diagnostic {
            is_error: false,
            message: said.clone(),
            ..it
        }));
        all.push(Part::Object((**document).clone()));
    }
    all
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

/// The object as the store makes it understood: of the kind that a definition adds, or as it is where it is to be kept.
///
/// # Errors
/// kubectl's words for a kind that it does not know.
pub(crate) fn resolve(object: &Object, store: &Store, keeps: bool) -> Result<Object, Fault> {
    let (names, key) = (object.kind().names(), object.key());
    let Some(Kind::Inert(kind)) = definitions::defined(store, names.api_version, names.kind) else {
        if keeps {
            return Ok(object.clone());
        }
        return Err(Fault::NoMatch {
            kind: names.kind.to_owned(),
            version: names.api_version.to_owned(),
            name: key.name.to_string(),
            namespace: key.namespace.to_string(),
            document: None,
        });
    };
    let Object::Inert(it) = object else { return Ok(object.clone()) };
    let mut it = (**it).clone();
    Rc::make_mut(&mut it.spec).kind = kind;
    if !kind.names().namespaced {
        it.key = Key::new("", it.key.name.clone());
    }
    Ok(Object::Inert(Rc::new(it)))
}
