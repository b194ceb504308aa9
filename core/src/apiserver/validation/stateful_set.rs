//! StatefulSets. Upstream: `pkg/apis/apps/validation/validation.go`.

use std::borrow::Cow;
use std::rc::Rc;

use k8s_openapi::api::apps::v1 as apps;
use k8s_openapi::api::core::v1 as core;

use super::field::{Faults, Path, Shown};
use super::workload::{self, at_most};
use super::{claim, go_value, names, selector};
use crate::api::{Labels, Selector, StatefulSet};

const SPEC: Path<'_> = Path::root("spec");
const STATUS: Path<'_> = Path::root("status");

/// Checks a StatefulSet. A spec that the stored version has already is fine.
#[inline(never)]
pub(super) fn stateful_set(set: &StatefulSet, before: Option<&StatefulSet>, faults: &mut Faults) {
    if before.is_some_and(|before| Rc::ptr_eq(&before.spec, &set.spec)) {
        return;
    }
    let spec = &set.spec;
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
    if let Some(name) = spec.service_name.as_deref().filter(|name| !name.is_empty()) {
        faults.invalid_each(SPEC.child("serviceName"), name, names::dns_label(name));
    }
    let stored = before.map(|before| (&before.spec.selector, &before.spec.template));
    if stored != Some((&spec.selector, &spec.template)) {
        template(spec, faults);
    }
    let list = SPEC.child("volumeClaimTemplates");
    for (place, template) in spec.volume_claim_templates.iter().flatten().enumerate() {
        let default = core::PersistentVolumeClaimSpec::default();
        let wanted = template.spec.as_ref().unwrap_or(&default);
        claim::spec(wanted, list.index(place).child("spec"), faults);
    }
    if let Some(before) = before {
        unchanged(spec, &before.spec, faults);
    }
}

fn template(spec: &apps::StatefulSetSpec, faults: &mut Faults) {
    let wanted = &spec.selector;
    let (path, at) = (SPEC.child("selector"), SPEC.child("template"));
    let is_absent = wanted.match_labels.is_none() && wanted.match_expressions.is_none();
    let is_empty = wanted.match_labels.as_ref().is_none_or(Labels::is_empty)
        && wanted.match_expressions.as_ref().is_none_or(Vec::is_empty);
    if is_absent {
        faults.required(path, "");
    } else {
        selector::label_selector(wanted, path, faults);
        if is_empty {
            faults.invalid(path, Shown::verbatim("{}"), "empty selector is invalid for statefulset");
        }
    }
    if !selector::is_usable(wanted) {
        faults.invalid(path, Shown::json(wanted), "");
        return;
    }
    let labels = spec.template.metadata.as_ref().and_then(|meta| meta.labels.as_ref());
    let matches = !is_absent && Selector::from_api(wanted).matches(labels.unwrap_or(&Labels::new()));
    if (is_absent || !is_empty) && !matches {
        workload::unselected(labels, at, faults);
    }
    workload::lasting_template("StatefulSet", &with_claims(spec), at, faults);
}

/// The template with the volumes that the claims become: mounts may refer to them.
fn with_claims(spec: &apps::StatefulSetSpec) -> Cow<'_, core::PodTemplateSpec> {
    let claims = spec.volume_claim_templates.as_deref().unwrap_or_default();
    if claims.is_empty() {
        return Cow::Borrowed(&spec.template);
    }
    let mut template = spec.template.clone();
    let volumes = template.spec.get_or_insert_default().volumes.get_or_insert_default();
    for name in claims.iter().filter_map(|claim| claim.metadata.name.as_ref()) {
        // A claim takes the place of a volume of its name.
        volumes.retain(|volume| volume.name != *name);
        let claim_name = name.clone();
        let source = core::PersistentVolumeClaimVolumeSource { claim_name, ..Default::default() };
        let persistent_volume_claim = Some(source);
        volumes.push(core::Volume { name: name.clone(), persistent_volume_claim, ..core::Volume::default() });
    }
    Cow::Owned(template)
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
                rolling_update(rolling, path.child("rollingUpdate"), faults);
            }
        }
        _ => {
            let shown = Shown::verbatim(go_value::compact("v1.StatefulSetUpdateStrategy", strategy));
            faults.invalid(path, shown, "must be 'RollingUpdate' or 'OnDelete'");
        }
    }
}

fn rolling_update(rolling: &apps::RollingUpdateStatefulSetStrategy, path: Path<'_>, faults: &mut Faults) {
    faults.negative(path.child("partition"), rolling.partition);
    let (path, unavailable) = (path.child("maxUnavailable"), rolling.max_unavailable.as_ref());
    workload::int_or_percent(unavailable, path, faults);
    if unavailable.is_some() && workload::is_zero(unavailable) {
        faults.invalid(path, Shown::json(&unavailable), "cannot be 0");
    }
    workload::at_most_everything(unavailable, path, faults);
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
