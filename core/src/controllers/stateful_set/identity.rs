//! What the number of a pod gives it: a name, a host name, labels, and claims of its own. Upstream:
//! `pkg/controller/statefulset/stateful_set_utils.go`.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use crate::api::{
    ControllerRevision, Key, Kind, Labels, Meta, PersistentVolumeClaim, Pod, PodDesired, PodTemplate,
    Resource, StatefulSet, Uid, resource,
};
use crate::controllers::{claim, history};

/// The label that holds the pod's name, so that a Service can select one pod.
const NAME_LABEL: &str = "statefulset.kubernetes.io/pod-name";
/// The label that holds the pod's number.
const INDEX_LABEL: &str = "apps.kubernetes.io/pod-index";

/// `db-2`
pub(super) fn pod_name(set: &StatefulSet, ordinal: i64) -> String {
    format!("{}-{ordinal}", set.name())
}

/// The pod with this number, made from `revision`. Upstream: `newVersionedStatefulSetPod`.
pub(super) fn new_pod(set: &StatefulSet, revision: &ControllerRevision, ordinal: i64) -> Pod {
    let template = PodTemplate::from_api(&revision.template());
    let meta = Meta {
        labels: template.labels,
        annotations: template.annotations,
        owners: claim::sole_owner(Kind::StatefulSet, set),
        finalizers: template.finalizers,
        generate_name: Some(format!("{}-", set.name()).into()),
        ..Meta::default()
    };
    let mut pod = Resource {
        key: Key { namespace: set.key.namespace.clone(), name: pod_name(set, ordinal).into() },
        uid: Uid::default(),
        resource_version: 0,
        meta: Rc::new(meta),
        spec: PodDesired { spec: template.spec, node: None },
        status: Rc::<core::PodStatus>::default(),
    };
    let labels = Rc::make_mut(&mut Rc::make_mut(&mut pod.meta).labels);
    labels.insert(history::POD_LABEL.to_owned(), revision.name().to_owned());
    give_labels(&mut pod, ordinal);
    give_volumes(&mut pod, set, ordinal);
    let spec = Rc::make_mut(&mut pod.spec.spec);
    spec.hostname = Some(pod.key.name.to_string());
    spec.subdomain = set.spec.service_name.clone().filter(|name| !name.is_empty());
    pod
}

/// Whether a pod has the labels and volumes that its number gives it. Upstream: `identityMatches`,
/// `storageMatches`.
pub(super) fn is_intact(set: &StatefulSet, pod: &Pod, ordinal: i64) -> bool {
    let has_labels = pod.label(NAME_LABEL) == Some(pod.name());
    let mut templates = set.spec.volume_claim_templates.iter().flatten();
    has_labels && templates.all(|template| claims_volume(pod, template_name(template), set, ordinal))
}

/// `pod` with the labels and volumes that its number gives it.
pub(super) fn repaired(set: &StatefulSet, pod: &Pod, ordinal: i64) -> Pod {
    let mut repaired = pod.clone();
    give_labels(&mut repaired, ordinal);
    give_volumes(&mut repaired, set, ordinal);
    repaired
}

/// The claims of the pod with this number, as they are created.
pub(super) fn claims_of(set: &StatefulSet, ordinal: i64) -> Vec<PersistentVolumeClaim> {
    let templates = set.spec.volume_claim_templates.iter().flatten();
    let claims = templates.map(|template| {
        let mut labels: Labels = template.metadata.labels.clone().unwrap_or_default();
        labels.extend(set.spec.selector.match_labels.clone().unwrap_or_default());
        let mut meta = template.metadata.clone();
        meta.name = Some(claim_name(template_name(template), set, ordinal));
        meta.namespace = Some(set.key.namespace.to_string());
        meta.labels = Some(labels);
        resource(meta, Rc::new(template.spec.clone().unwrap_or_default()), Rc::default())
    });
    claims.collect()
}

/// `data-db-2`
fn claim_name(template: &str, set: &StatefulSet, ordinal: i64) -> String {
    format!("{template}-{}-{ordinal}", set.name())
}

fn template_name(template: &core::PersistentVolumeClaim) -> &str {
    template.metadata.name.as_deref().unwrap_or_default()
}

fn give_labels(pod: &mut Pod, ordinal: i64) {
    let name = pod.key.name.to_string();
    let labels = Rc::make_mut(&mut Rc::make_mut(&mut pod.meta).labels);
    labels.insert(NAME_LABEL.to_owned(), name);
    labels.insert(INDEX_LABEL.to_owned(), ordinal.to_string());
}

/// Volumes of claim templates come first, and take the place of the template's own of the same name.
fn give_volumes(pod: &mut Pod, set: &StatefulSet, ordinal: i64) {
    let templates = set.spec.volume_claim_templates.as_deref().unwrap_or_default();
    if templates.is_empty() {
        return;
    }
    let mut volumes: Vec<core::Volume> = templates
        .iter()
        .map(|template| core::Volume {
            name: template_name(template).to_owned(),
            persistent_volume_claim: Some(core::PersistentVolumeClaimVolumeSource {
                claim_name: claim_name(template_name(template), set, ordinal),
                read_only: None,
            }),
            ..core::Volume::default()
        })
        .collect();
    let spec = Rc::make_mut(&mut pod.spec.spec);
    let own = spec.volumes.take().unwrap_or_default();
    volumes.extend(
        own.into_iter()
            .filter(|volume| !templates.iter().any(|template| template_name(template) == volume.name)),
    );
    spec.volumes = Some(volumes);
}

fn claims_volume(pod: &Pod, template: &str, set: &StatefulSet, ordinal: i64) -> bool {
    let mut volumes = pod.spec.spec.volumes.iter().flatten();
    volumes.any(|volume| {
        let claim = volume.persistent_volume_claim.as_ref().map(|source| source.claim_name.as_str());
        volume.name == template && claim == Some(&claim_name(template, set, ordinal))
    })
}
