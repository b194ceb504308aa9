//! ControllerRevisions: the pod templates that a StatefulSet or DaemonSet has had, numbered. Its pods carry the hash
//! of theirs. Upstream: `pkg/controller/history/controller_history.go`.

use std::rc::Rc;

use k8s_openapi::api::apps::v1 as apps;
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::runtime::RawExtension;
use serde_json::{Value, json};

use super::claim;
use super::deployment::hash::Fnv32;
use crate::api::{ControllerRevision, Key, Kind, Labels, Meta, Resource, Selector, Uid};
use crate::apiserver::Store;

/// The label by which pods name the revision that they were made from.
pub const POD_LABEL: &str = "controller-revision-hash";
/// The label of a StatefulSet's revision that holds its hash.
pub const HASH_LABEL: &str = "controller.kubernetes.io/hash";

/// What a revision holds of an owner with this template: a patch that sets it. Upstream: `getPatch`.
pub fn data(template: &PodTemplateSpec) -> Value {
    // Templates are plain maps, lists and scalars: they have a JSON form.
    let mut fields = serde_json::to_value(template).unwrap_or_default();
    if let Some(fields) = fields.as_object_mut() {
        fields.insert("$patch".to_owned(), Value::from("replace"));
    }
    json!({ "spec": { "template": fields } })
}

/// The hash of a revision's data. `collision_count` makes another one of the same data, once a name was taken.
/// Upstream: `HashControllerRevision`.
pub fn hash(data: &Value, collision_count: i32) -> String {
    // Go escapes these three, which stand nowhere but in strings.
    let text = data.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    let mut hash = Fnv32::default();
    hash.feed(text.as_bytes());
    hash.feed(collision_count.to_string().as_bytes());
    hash.safe_digits()
}

/// A revision of `owner`, called `<owner>-<hash>`.
pub fn new_revision<S, T>(
    kind: Kind,
    owner: &Resource<S, T>,
    hash: &str,
    labels: Labels,
    data: Value,
    number: i64,
) -> ControllerRevision {
    let meta = Meta {
        labels: Rc::new(labels),
        annotations: owner.meta.annotations.clone(),
        owners: claim::sole_owner(kind, owner),
        ..Meta::default()
    };
    let content = apps::ControllerRevision {
        data: Some(RawExtension(data)),
        revision: number,
        ..apps::ControllerRevision::default()
    };
    Resource {
        key: Key { namespace: owner.key.namespace.clone(), name: format!("{}-{hash}", owner.name()).into() },
        uid: Uid::default(),
        resource_version: 0,
        meta: Rc::new(meta),
        spec: Rc::new(content),
        status: (),
    }
}

/// `revision` with another number.
pub fn renumbered(revision: &ControllerRevision, number: i64) -> ControllerRevision {
    let mut renumbered = revision.clone();
    Rc::make_mut(&mut renumbered.spec).revision = number;
    renumbered
}

/// The revisions whose controller is `owner`, oldest first. Upstream: `SortControllerRevisions`.
pub fn revisions_of(store: &Store, owner: Uid) -> Vec<Rc<ControllerRevision>> {
    let dependents = store.dependents(owner).filter(|dependent| dependent.kind == Kind::ControllerRevision);
    let mut revisions: Vec<Rc<ControllerRevision>> = dependents
        .filter_map(|dependent| store.get::<ControllerRevision>(&dependent.key))
        .filter(|revision| revision.controller() == Some(owner))
        .cloned()
        .collect();
    crate::order::sort_by(&mut revisions, |a, b| order(a).cmp(&order(b)));
    revisions
}

fn order(revision: &ControllerRevision) -> (i64, crate::time::Time, &str) {
    (revision.number(), revision.meta.created, revision.name())
}

/// The revisions that have no controller and match the selector of `owner`, which may adopt them.
pub fn orphans<'a, S, T>(
    store: &'a Store,
    owner: &'a Resource<S, T>,
    selector: &'a Selector,
) -> impl Iterator<Item = &'a Rc<ControllerRevision>> {
    let revisions = store.list_in::<ControllerRevision>(&owner.key.namespace);
    let is_orphan = |revision: &ControllerRevision| revision.controller().is_none();
    revisions.filter(move |revision| {
        is_orphan(revision) && claim::claim(owner, selector, &***revision) == claim::Claim::Adopt
    })
}

/// The number of the next revision after `revisions`, which are in order. Upstream: `nextRevision`.
pub fn next_number(revisions: &[Rc<ControllerRevision>]) -> i64 {
    revisions.last().map_or(0, |latest| latest.number()) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_of_a_revision_is_a_patch_from_which_the_template_can_be_read_again() {
        let template: PodTemplateSpec = serde_json::from_value(json!({
            "metadata": { "labels": { "app": "db" } },
            "spec": { "containers": [{ "name": "db", "image": "postgres:16" }] },
        }))
        .unwrap();
        let data = data(&template);
        let text = r#"{"spec":{"template":{"$patch":"replace","metadata":{"labels":{"app":"db"}},"#;
        assert!(data.to_string().starts_with(text), "{data}");
        let content = apps::ControllerRevision {
            data: Some(RawExtension(data.clone())),
            ..apps::ControllerRevision::default()
        };
        let revision: ControllerRevision = crate::api::resource(Default::default(), Rc::new(content), ());
        assert_eq!(revision.template(), template);
        assert_ne!(hash(&data, 0), hash(&data, 1));
    }
}
