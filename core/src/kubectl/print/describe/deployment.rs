//! Deployments described.

use std::rc::Rc;

use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::template::{port, template};
use super::{Describer, annotations, labels};
use crate::api::{Deployment, Object, ReplicaSet};
use crate::kubectl::print::{NONE, age, workload};
use crate::kubectl::rollout::new_replica_set;

pub(super) fn describe(deployment: &Rc<Deployment>, describer: Describer<'_>) -> String {
    let status = &deployment.status;
    let count = |count: Option<i32>| count.unwrap_or(0);
    let mut text = format!("Name:\t{}\nNamespace:\t{}\n", deployment.name(), deployment.key.namespace);
    text += &format!("CreationTimestamp:\t{}\n", age::date(&deployment.meta.created.to_api()));
    text += &labels("Labels", &deployment.meta.labels);
    text += &annotations("Annotations", &deployment.meta.annotations);
    text += &format!("Selector:\t{}\n", workload::label_selector(&deployment.spec.selector));
    text += &format!(
        "Replicas:\t{} desired | {} updated | {} total | {} available | {} unavailable\n",
        deployment.replicas(),
        count(status.updated_replicas),
        count(status.replicas),
        count(status.available_replicas),
        count(status.unavailable_replicas)
    );
    text += &format!("StrategyType:\t{}\n", deployment.strategy_type());
    text += &format!("MinReadySeconds:\t{}\n", deployment.min_ready_seconds());
    if let Some(rolling) =
        deployment.spec.strategy.as_ref().and_then(|strategy| strategy.rolling_update.as_ref())
    {
        let shown = |value: &Option<IntOrString>| value.as_ref().map_or_else(|| "0".to_owned(), port);
        let (unavailable, surge) = (shown(&rolling.max_unavailable), shown(&rolling.max_surge));
        text += &format!("RollingUpdateStrategy:\t{unavailable} max unavailable, {surge} max surge\n");
    }
    text += &template(&deployment.spec.template);
    let conditions = status.conditions.as_deref().unwrap_or_default();
    if !conditions.is_empty() {
        text += "Conditions:\n  Type\tStatus\tReason\n  ----\t------\t------\n";
    }
    for condition in conditions {
        let reason = condition.reason.as_deref().unwrap_or_default();
        text += &format!("  {} \t{}\t{reason}\n", condition.type_, condition.status);
    }
    text += &replica_sets(deployment, describer);
    text + &describer.events(&Object::Deployment(deployment.clone()))
}

fn replica_sets(deployment: &Deployment, describer: Describer<'_>) -> String {
    let new = new_replica_set(deployment, describer.store);
    let old: Vec<&Rc<ReplicaSet>> = describer
        .store
        .replica_sets_of(deployment.uid)
        .filter(|set| set.replicas() > 0 && new.is_none_or(|new| new.uid != set.uid))
        .collect();
    let shown = |set: &Rc<ReplicaSet>| {
        format!("{} ({}/{} replicas created)", set.name(), set.current_replicas(), set.replicas())
    };
    let old: Vec<String> = old.into_iter().map(shown).collect();
    let old = if old.is_empty() { NONE.to_owned() } else { old.join(", ") };
    format!("OldReplicaSets:\t{old}\nNewReplicaSet:\t{}\n", new.map_or_else(|| NONE.to_owned(), shown))
}
