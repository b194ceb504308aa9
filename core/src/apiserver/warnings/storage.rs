//! Warnings about claims, volumes and storage classes. Upstream:
//! `pkg/api/{persistentvolume,persistentvolumeclaim,storage}/util.go`.

use k8s_openapi::api::core::v1 as core;

use super::pod;
use crate::api::{Labels, PersistentVolume, PersistentVolumeClaim, StorageClass};

const OLD_CLASS: &str = "volume.beta.kubernetes.io/storage-class";

/// What is said about a claim.
pub(super) fn claim(claim: &PersistentVolumeClaim, found: &mut Vec<String>) {
    if claim.annotation(OLD_CLASS).is_some() {
        found.push(format!(
            "metadata.annotations[{OLD_CLASS}]: deprecated since v1.8; use \"storageClassName\" attribute instead"
        ));
    }
    claim_spec(&claim.spec, "spec", found);
}

/// What is said about a claim's spec, or that of a template of one.
pub(super) fn claim_spec(spec: &core::PersistentVolumeClaimSpec, path: &str, found: &mut Vec<String>) {
    let Some(resources) = &spec.resources else { return };
    pod::fractional("storage", resources.requests.as_ref(), &format!("{path}.resources.requests"), found);
    pod::fractional("storage", resources.limits.as_ref(), &format!("{path}.resources.limits"), found);
}

/// What is said about a volume.
pub(super) fn volume(volume: &PersistentVolume, found: &mut Vec<String>) {
    let spec = &*volume.spec;
    let is_old = |annotations: &Labels| annotations.contains_key(OLD_CLASS);
    if is_old(&volume.meta.annotations) {
        found.push(format!(
            "metadata.annotations[{OLD_CLASS}]: deprecated since v1.8; use \"storageClassName\" attribute instead"
        ));
    }
    pod::fractional("storage", spec.capacity.as_ref(), "spec.capacity", found);
    if spec.persistent_volume_reclaim_policy.as_deref() == Some("Recycle") {
        found.push(
            "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended \
             approach is to use dynamic provisioning."
                .to_owned(),
        );
    }
    let required = spec.node_affinity.as_ref().and_then(|affinity| affinity.required.as_ref());
    for (index, term) in required.iter().flat_map(|it| &it.node_selector_terms).enumerate() {
        pod::node_term(term, &format!("spec.nodeAffinity.required.nodeSelectorTerms[{index}]"), found);
    }
    let json = serde_json::to_value(spec).unwrap_or_default();
    pod::old_volumes(&json, "spec", found);
}

/// What is said about a storage class.
pub(super) fn storage_class(class: &StorageClass, found: &mut Vec<String>) {
    for (index, term) in class.spec.allowed_topologies.iter().flatten().enumerate() {
        for (place, expression) in term.match_label_expressions.iter().flatten().enumerate() {
            if let Some(said) = pod::old_label(&expression.key) {
                let path = format!("allowedTopologies[{index}].matchLabelExpressions[{place}].key");
                found.push(format!("{path}: {} is {said}", expression.key));
            }
        }
    }
}
