//! CustomResourceDefinitions: the kinds they add. Their objects are kept and shown, and nobody acts on them.
//! Upstream: `staging/src/k8s.io/apiextensions-apiserver`.

use std::rc::Rc;

use serde_json::Value;

use super::{ApiError, Change, Reason, Station, Store};
use crate::api::{Inert, InertKind, Kind, KindNames, Object, ObjectRef};

const DEFINITION: (&str, &str) = ("apiextensions.k8s.io/v1", "CustomResourceDefinition");

/// Whether the API server takes objects of this kind: every kind but those whose definition is not there. What is kept
/// on a person's word needs none.
pub fn serves(store: &Store, kind: Kind) -> bool {
    let Kind::Inert(inert) = kind else { return true };
    !inert.is_added() || inert.is_kept() || definitions(store).any(|it| kinds_of(it).contains(&kind))
}

/// 404 for kinds that are not served, 405 for those whose definition is on its way out.
/// Upstream: `pkg/apiserver/customresource_handler.go` of the same.
pub(super) fn check_served(store: &Store, kind: Kind) -> Result<(), ApiError> {
    let refused = |reason, message| Err(ApiError::new(reason, Station::Authentication, message));
    if !serves(store, kind) {
        return refused(Reason::NotFound, "the server could not find the requested resource");
    }
    let is_going = |definition: &Rc<Inert>| definition.meta.deletion.is_some();
    let Kind::Inert(inert) = kind else { return Ok(()) };
    if inert.is_added() && stored(store).filter(is_going).any(|it| kinds_of_definition(&it).contains(&kind)) {
        let message = "create not allowed while custom resource definition is terminating";
        return refused(Reason::MethodNotAllowed, message);
    }
    Ok(())
}

/// The kind of this group, version and name that some definition in the store adds.
pub fn defined(store: &Store, api_version: &str, kind: &str) -> Option<Kind> {
    let mut kinds = definitions(store).flat_map(kinds_of);
    kinds.find(|it| it.name() == kind && it.names().api_version == api_version)
}

/// The kind that is meant by one that was named before the store was known: the one of that name that is served, or of
/// which there are objects.
pub fn meant(store: &Store, kind: Kind) -> Option<Kind> {
    let Kind::Inert(inert) = kind else { return Some(kind) };
    if !inert.is_added() {
        return Some(kind);
    }
    let is_meant = |it: &Kind| {
        let (it, named) = (it.names(), kind.names());
        it.plural == named.plural || it.singular == named.singular
    };
    let defined = all(store);
    if defined.contains(&kind) {
        return Some(kind);
    }
    defined.into_iter().find(is_meant).or_else(|| store.inert_kinds().find(is_meant))
}

/// Every kind that the definitions in the store add.
pub fn all(store: &Store) -> Vec<Kind> {
    definitions(store).flat_map(kinds_of).collect()
}

fn definitions(store: &Store) -> impl Iterator<Item = Value> + '_ {
    stored(store).filter_map(|it| it.spec.fields.get("spec").cloned())
}

/// The kinds that a definition's spec adds, one for each version that is served.
pub(crate) fn kinds_of(spec: Value) -> Vec<Kind> {
    let names = &spec["names"];
    let text = |name: &str| names[name].as_str().unwrap_or_default();
    let (kind, plural) = (text("kind"), text("plural"));
    let group = spec["group"].as_str().unwrap_or_default();
    if kind.is_empty() || plural.is_empty() || group.is_empty() {
        return Vec::new();
    }
    let singular = match text("singular") {
        "" => kind.to_ascii_lowercase(),
        singular => singular.to_owned(),
    };
    let short = names["shortNames"].as_array().into_iter().flatten();
    let short: Vec<&str> = short.filter_map(Value::as_str).collect();
    let namespaced = spec["scope"].as_str() != Some("Cluster");
    let versions = spec["versions"].as_array().into_iter().flatten();
    let served = versions.filter(|version| version["served"].as_bool() == Some(true));
    let named = served.filter_map(|version| version["name"].as_str()).filter_map(|version| {
        let api_version = format!("{group}/{version}");
        let api_version = api_version.as_str();
        let names = KindNames { kind, api_version, plural, singular: &singular, short: &short, namespaced };
        InertKind::define(&names)
    });
    named.map(Kind::Inert).collect()
}

/// A definition as it is stored: names that follow from others are there, and the API server has taken them.
pub(super) fn complete(definition: &mut Inert) {
    let fields = &mut Rc::make_mut(&mut definition.spec).fields;
    let Some(spec) = fields.get_mut("spec").filter(|spec| spec.is_object()) else { return };
    if spec["conversion"].is_null() {
        spec["conversion"] = serde_json::json!({ "strategy": "None" });
    }
    if spec["names"].is_object() {
        let kind = spec["names"]["kind"].as_str().unwrap_or_default().to_owned();
        let names = &mut spec["names"];
        if names["singular"].as_str().is_none_or(str::is_empty) {
            names["singular"] = kind.to_ascii_lowercase().into();
        }
        if names["listKind"].as_str().is_none_or(str::is_empty) {
            names["listKind"] = format!("{kind}List").into();
        }
    }
    let names = spec["names"].clone();
    let versions = spec["versions"].as_array().into_iter().flatten();
    let stored = versions.filter(|version| version["storage"].as_bool() == Some(true));
    let stored: Vec<Value> = stored.map(|version| version["name"].clone()).collect();
    let condition = |kind: &str, reason: &str, message: &str| serde_json::json!({ "type": kind, "status": "True", "reason": reason, "message": message });
    let status = serde_json::json!({
        "acceptedNames": names,
        "conditions": [
            condition("NamesAccepted", "NoConflicts", "no conflicts found"),
            condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
        ],
        "storedVersions": stored,
    });
    fields.insert("status".to_owned(), status);
}

/// Whether an object is such a definition.
pub(super) fn is_definition(object: &Inert) -> bool {
    let names = object.spec.kind.names();
    (names.api_version, names.kind) == DEFINITION
}

/// Keeps a definition until its objects are gone.
const CLEANUP: &str = "customresourcecleanup.apiextensions.k8s.io";

/// What the API server does by itself once a definition, or an object of one, was written.
pub(crate) enum FollowUp {
    /// An object is deleted with its definition.
    Clear(ObjectRef),
    /// The last object is gone: the definition goes, too.
    Remove(ObjectRef),
}

/// What follows a change of an object that nobody acts on.
#[inline(never)]
pub(crate) fn follow_ups(store: &Store, change: &Change) -> Vec<FollowUp> {
    match (&change.before, &change.after) {
        (Some(before), Some(Object::Inert(after)))
            if is_definition(after) && before.meta().deletion.is_none() && after.meta.deletion.is_some() =>
        {
            objects_of(store, after).map(FollowUp::Clear).collect()
        }
        (Some(Object::Inert(gone)), None) if gone.spec.kind.is_added() => {
            let kind = Kind::Inert(gone.spec.kind);
            let is_meant = |it: &Inert| it.meta.deletion.is_some() && kinds_of_definition(it).contains(&kind);
            let definition = stored(store).find(|it| is_meant(it));
            let is_last = |it: &Rc<Inert>| objects_of(store, it).next().is_none();
            definition
                .filter(is_last)
                .map(|it| FollowUp::Remove(Object::Inert(it).reference()))
                .into_iter()
                .collect()
        }
        _ => Vec::new(),
    }
}

fn stored(store: &Store) -> impl Iterator<Item = Rc<Inert>> + '_ {
    let kind = Kind::from_manifest(DEFINITION.0, DEFINITION.1);
    let objects = kind.into_iter().flat_map(|kind| store.objects(kind));
    objects.filter_map(|object| match object {
        Object::Inert(it) => Some(it),
        _ => None,
    })
}

fn kinds_of_definition(definition: &Inert) -> Vec<Kind> {
    kinds_of(definition.spec.fields.get("spec").cloned().unwrap_or_default())
}

/// The objects of a definition.
fn objects_of<'a>(store: &'a Store, definition: &Inert) -> impl Iterator<Item = ObjectRef> + 'a {
    let kinds = kinds_of_definition(definition);
    kinds.into_iter().flat_map(|kind| store.objects(kind)).map(|object| object.reference())
}

/// A definition that is being deleted waits for its objects. `None`: there are none, or it waits already.
/// Upstream: `pkg/registry/customresourcedefinition/etcd.go` of the same.
pub(super) fn waiting_for_objects(store: &Store, definition: &Object) -> Option<Object> {
    let Object::Inert(it) = definition else { return None };
    if !is_definition(it) || it.meta.deletion.is_some() || objects_of(store, it).next().is_none() {
        return None;
    }
    let mut waiting = (**it).clone();
    let finalizers = Rc::make_mut(&mut Rc::make_mut(&mut waiting.meta).finalizers);
    if !finalizers.iter().any(|name| name == CLEANUP) {
        finalizers.push(CLEANUP.to_owned());
    }
    let fields = &mut Rc::make_mut(&mut waiting.spec).fields;
    let terminating = serde_json::json!({
        "type": "Terminating",
        "status": "True",
        "reason": "InstanceDeletionPending",
        "message": "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
    });
    if let Some(conditions) = fields.get_mut("status").and_then(|status| status["conditions"].as_array_mut())
    {
        conditions.push(terminating);
    }
    Some(Object::Inert(Rc::new(waiting)))
}
