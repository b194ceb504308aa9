//! StatefulSets. Upstream: `pkg/apis/apps/validation/validation.go`.

use std::rc::Rc;

use k8s_openapi::api::apps::v1 as apps;
use k8s_openapi::api::core::v1 as core;

use super::field::{Faults, Path, Shown};
use super::workload::{at_most, owned_template};
use super::{go_value, names};
use crate::api::StatefulSet;

const SPEC: Path<'_> = Path::root("spec");
const STATUS: Path<'_> = Path::root("status");
/// The longest name: a pod's host name begins with it.
const LONGEST_NAME: usize = 63;

/// Checks a StatefulSet. A spec that the stored version has already is fine.
pub(super) fn stateful_set(set: &StatefulSet, before: Option<&StatefulSet>, faults: &mut Faults) {
    if before.is_some_and(|before| Rc::ptr_eq(&before.spec, &set.spec)) {
        return;
    }
    let spec = &set.spec;
    if before.is_none() && set.name().len() > LONGEST_NAME {
        faults.invalid(
            Path::root("metadata").child("name"),
            set.name(),
            "must be no more than 63 characters",
        );
    }
    if let Some(policy) = spec.pod_management_policy.as_deref() {
        management_policy(policy, faults);
    }
    if let Some(strategy) = &spec.update_strategy {
        update_strategy(strategy, faults);
    }
    retention_policy(spec, faults);
    faults.negative(SPEC.child("replicas"), spec.replicas);
    faults.negative(SPEC.child("minReadySeconds"), spec.min_ready_seconds);
    if let Some(ordinals) = &spec.ordinals {
        faults.negative(SPEC.child("ordinals.start"), ordinals.start);
    }
    let stored = before.map(|before| (&before.spec.selector, Some(&before.spec.template)));
    owned_template(&spec.selector, Some(&spec.template), stored, faults);
    if let Some(name) = spec.service_name.as_deref().filter(|name| !name.is_empty()) {
        faults.invalid_each(SPEC.child("serviceName"), name, names::dns_label(name));
    }
    for (place, claim) in spec.volume_claim_templates.iter().flatten().enumerate() {
        claim_template(claim, SPEC.child("volumeClaimTemplates").index(place), faults);
    }
    if let Some(before) = before {
        unchanged(spec, &before.spec, faults);
    }
}

fn management_policy(policy: &str, faults: &mut Faults) {
    let path = SPEC.child("podManagementPolicy");
    match policy {
        "" => faults.required(path, ""),
        "OrderedReady" | "Parallel" => {}
        other => faults.invalid(path, other, "must be 'OrderedReady' or 'Parallel'"),
    }
}

fn update_strategy(strategy: &apps::StatefulSetUpdateStrategy, faults: &mut Faults) {
    let path = SPEC.child("updateStrategy");
    match strategy.type_.as_deref().unwrap_or_default() {
        "" => faults.required(path, ""),
        "OnDelete" => {
            if let Some(rolling) = &strategy.rolling_update {
                let shown =
                    Shown::verbatim(go_value::compact("v1.RollingUpdateStatefulSetStrategy", rolling));
                let detail = "only allowed for updateStrategy 'RollingUpdate'";
                faults.invalid(path.child("rollingUpdate"), shown, detail);
            }
        }
        "RollingUpdate" => {
            if let Some(rolling) = &strategy.rolling_update {
                faults.negative(path.child("rollingUpdate.partition"), rolling.partition);
            }
        }
        _ => {
            let shown = Shown::verbatim(go_value::compact("v1.StatefulSetUpdateStrategy", strategy));
            faults.invalid(path, shown, "must be 'RollingUpdate' or 'OnDelete'");
        }
    }
}

fn retention_policy(spec: &apps::StatefulSetSpec, faults: &mut Faults) {
    let Some(policy) = &spec.persistent_volume_claim_retention_policy else { return };
    let path = SPEC.child("persistentVolumeClaimRetentionPolicy");
    for (name, value) in [("whenDeleted", &policy.when_deleted), ("whenScaled", &policy.when_scaled)] {
        let value = value.as_deref().unwrap_or_default();
        if !matches!(value, "Retain" | "Delete") {
            faults.unsupported(path.child(name), value, &["Retain", "Delete"]);
        }
    }
}

fn claim_template(claim: &core::PersistentVolumeClaim, path: Path<'_>, faults: &mut Faults) {
    let spec = claim.spec.clone().unwrap_or_default();
    super::claim::spec(&spec, path.child("spec"), faults);
}

/// Nothing but these fields may change.
fn unchanged(spec: &apps::StatefulSetSpec, before: &apps::StatefulSetSpec, faults: &mut Faults) {
    let mut allowed = before.clone();
    allowed.replicas = spec.replicas;
    allowed.template = spec.template.clone();
    allowed.update_strategy.clone_from(&spec.update_strategy);
    allowed.min_ready_seconds = spec.min_ready_seconds;
    allowed.ordinals.clone_from(&spec.ordinals);
    allowed.revision_history_limit = spec.revision_history_limit;
    allowed
        .persistent_volume_claim_retention_policy
        .clone_from(&spec.persistent_volume_claim_retention_policy);
    if allowed != *spec {
        let detail = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', \
                      'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and \
                      'minReadySeconds' are forbidden";
        faults.forbidden(SPEC, detail);
    }
}

/// Checks the counters of a new status.
pub(super) fn status(status: &apps::StatefulSetStatus, faults: &mut Faults) {
    let all = status.replicas;
    faults.negative(STATUS.child("replicas"), Some(all));
    let counters = [
        ("readyReplicas", status.ready_replicas),
        ("currentReplicas", status.current_replicas),
        ("updatedReplicas", status.updated_replicas),
        ("availableReplicas", status.available_replicas),
    ];
    for (name, count) in counters {
        faults.negative(STATUS.child(name), count);
    }
    faults.negative(STATUS.child("observedGeneration"), status.observed_generation);
    faults.negative(STATUS.child("collisionCount"), status.collision_count);
    for (name, count) in counters {
        at_most(name, count, "replicas", all, faults);
    }
    at_most(
        "availableReplicas",
        status.available_replicas,
        "readyReplicas",
        status.ready_replicas.unwrap_or(0),
        faults,
    );
}
