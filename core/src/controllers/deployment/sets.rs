//! The ReplicaSets of a Deployment: which is the new one, what it is made of.
//! Upstream: `pkg/controller/deployment/util/deployment_util.go`, `sync.go`.

use std::rc::Rc;

use k8s_openapi::api::apps::v1::ReplicaSetSpec;
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};

use super::{annotations, hash};
use crate::api::{Deployment, Key, Kind, Labels, Meta, ReplicaSet, ReplicaSetDesired, Resource, Uid};
use crate::controllers::claim;
use crate::time::Time;

/// The longest name an object may have.
const NAME_LIMIT: usize = 253;

/// The oldest of `sets` (oldest first) that has the Deployment's template. Upstream: `FindNewReplicaSet`.
pub(super) fn find_new<'a>(
    deployment: &Deployment,
    sets: &'a [Rc<ReplicaSet>],
) -> Option<&'a Rc<ReplicaSet>> {
    sets.iter().find(|set| has_template_of(set, deployment))
}

/// Whether a ReplicaSet's template is the Deployment's, the hash label aside. Upstream: `EqualIgnoreHash`.
pub(crate) fn has_template_of(set: &ReplicaSet, deployment: &Deployment) -> bool {
    let Some(template) = &set.spec.template else { return false };
    let wanted = &deployment.spec.template;
    // Specs first: that is where templates differ.
    template.spec == wanted.spec && is_same_metadata(template.metadata.as_ref(), wanted.metadata.as_ref())
}

fn is_same_metadata(ours: Option<&ObjectMeta>, wanted: Option<&ObjectMeta>) -> bool {
    let none = ObjectMeta::default();
    let (ours, wanted) = (ours.unwrap_or(&none), wanted.unwrap_or(&none));
    entries(&ours.labels).eq(entries(&wanted.labels))
        && entries(&ours.annotations).eq(entries(&wanted.annotations))
        && ours.finalizers.iter().flatten().eq(wanted.finalizers.iter().flatten())
        && ours.name == wanted.name
        && ours.generate_name == wanted.generate_name
}

/// What templates may differ in; absent and empty are the same.
fn entries(labels: &Option<Labels>) -> impl Iterator<Item = (&String, &String)> {
    labels.iter().flatten().filter(|(name, _)| *name != hash::LABEL)
}

/// A ReplicaSet's template as its Deployment had it.
pub(crate) fn template_without_hash(set: &ReplicaSet) -> PodTemplateSpec {
    let mut template = set.spec.template.clone().unwrap_or_default();
    if let Some(labels) = template.metadata.as_mut().and_then(|meta| meta.labels.as_mut()) {
        labels.remove(hash::LABEL);
    }
    template
}

/// The ReplicaSet that the Deployment's template asks for. Upstream: `getNewReplicaSet`.
pub(super) fn make_new(deployment: &Deployment, revision: i64, replicas: i32) -> ReplicaSet {
    let mut template = deployment.spec.template.clone();
    let hash = hash::pod_template_hash(&template, deployment.status.collision_count);
    let labels = template.metadata.get_or_insert_default().labels.get_or_insert_default();
    labels.insert(hash::LABEL.to_owned(), hash.clone());
    let labels = labels.clone();
    let mut annotations = Rc::default();
    if let Some(wanted) = annotations::for_new_set(deployment, &annotations, revision) {
        annotations = Rc::new(wanted);
    }
    annotations::set_sizes(&mut annotations, deployment);
    let spec = ReplicaSetSpec {
        replicas: Some(replicas),
        min_ready_seconds: deployment.spec.min_ready_seconds,
        selector: with_hash(&deployment.spec.selector, &hash),
        template: Some(template),
    };
    let meta = Meta {
        labels: Rc::new(labels),
        annotations,
        owners: claim::sole_owner(Kind::Deployment, deployment),
        ..Meta::default()
    };
    Resource {
        key: Key::new(deployment.key.namespace.clone(), name(deployment.name(), &hash)),
        uid: Uid::default(),
        resource_version: 0,
        meta: Rc::new(meta),
        spec: ReplicaSetDesired::from_api(spec),
        status: Rc::default(),
    }
}

/// When a ReplicaSet was created, and its name: the order in which they are looked through.
pub(super) fn age(set: &ReplicaSet) -> (Time, &str) {
    (set.meta.created, set.name())
}

/// `web-5d4f8c7b9`, cut to the length that names may have. Upstream: `generateReplicaSetName`.
fn name(deployment: &str, hash: &str) -> String {
    let room = NAME_LIMIT - hash.len() - 1;
    let mut end = deployment.len().min(room);
    while !deployment.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}-{hash}", &deployment[..end])
}

fn with_hash(selector: &LabelSelector, hash: &str) -> LabelSelector {
    let mut selector = selector.clone();
    selector.match_labels.get_or_insert_default().insert(hash::LABEL.to_owned(), hash.to_owned());
    selector
}
