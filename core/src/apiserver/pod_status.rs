//! The parts of a pod's status that the API server writes: its first status, its QoS class, its conditions.
//! Upstream: `pkg/registry/core/pod/strategy.go`, `pkg/apis/core/v1/helper/qos`.

use k8s_openapi::api::core::v1 as core;

use crate::api::quantity;
use crate::time::Time;

/// What a new pod reports.
pub(super) fn initial(spec: &core::PodSpec) -> core::PodStatus {
    let mut status = core::PodStatus {
        phase: Some("Pending".to_owned()),
        qos_class: Some(qos_class(spec).to_owned()),
        ..core::PodStatus::default()
    };
    if spec.scheduling_gates.as_ref().is_some_and(|gates| !gates.is_empty()) {
        status.conditions = Some(vec![core::PodCondition {
            type_: "PodScheduled".to_owned(),
            status: "False".to_owned(),
            reason: Some("SchedulingGated".to_owned()),
            message: Some("Scheduling is blocked due to non-empty scheduling gates".to_owned()),
            ..core::PodCondition::default()
        }]);
    }
    status
}

/// `Guaranteed`, `Burstable` or `BestEffort`; it never changes afterwards.
pub(super) fn qos_class(spec: &core::PodSpec) -> &'static str {
    let mut asks_for_something = false;
    let mut is_guaranteed = true;
    let whole_pod = spec.resources.iter();
    let containers = spec.init_containers.iter().flatten().chain(&spec.containers);
    let of_containers = containers.map(|container| container.resources.as_ref());
    let resources: Vec<Option<&core::ResourceRequirements>> = match whole_pod.clone().next() {
        Some(resources) => vec![Some(resources)],
        None => of_containers.collect(),
    };
    for resources in resources {
        let amount = |amounts: Option<&Amounts>, resource: &str| {
            let amount = amounts.and_then(|amounts| amounts.get(resource));
            amount.map(|amount| quantity::amount(resource, amount)).filter(|amount| *amount > 0)
        };
        for resource in ["cpu", "memory"] {
            let limit = amount(resources.and_then(|resources| resources.limits.as_ref()), resource);
            let request = amount(resources.and_then(|resources| resources.requests.as_ref()), resource);
            asks_for_something |= limit.is_some() || request.is_some();
            is_guaranteed &= limit.is_some() && request.is_none_or(|request| Some(request) == limit);
        }
    }
    match (asks_for_something, is_guaranteed) {
        (false, _) => "BestEffort",
        (true, true) => "Guaranteed",
        (true, false) => "Burstable",
    }
}

type Amounts = std::collections::BTreeMap<String, k8s_openapi::apimachinery::pkg::api::resource::Quantity>;

/// Sets a condition. Its `lastTransitionTime` moves only when its status changes.
pub(super) fn set_condition(status: &mut core::PodStatus, mut condition: core::PodCondition, now: Time) {
    let conditions = status.conditions.get_or_insert_default();
    let Some(known) = conditions.iter_mut().find(|known| known.type_ == condition.type_) else {
        condition.last_transition_time = Some(now.to_api());
        conditions.push(condition);
        return;
    };
    condition.last_transition_time = if known.status == condition.status {
        known.last_transition_time.clone()
    } else {
        Some(now.to_api())
    };
    *known = condition;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(requests: &[(&str, &str)], limits: &[(&str, &str)]) -> core::Container {
        let amounts = |list: &[(&str, &str)]| {
            let amount = |(name, amount): &(&str, &str)| {
                let amount = k8s_openapi::apimachinery::pkg::api::resource::Quantity((*amount).to_owned());
                ((*name).to_owned(), amount)
            };
            Some(list.iter().map(amount).collect())
        };
        let resources = core::ResourceRequirements {
            requests: amounts(requests),
            limits: amounts(limits),
            ..core::ResourceRequirements::default()
        };
        core::Container { resources: Some(resources), ..core::Container::default() }
    }

    fn class_of(containers: Vec<core::Container>) -> &'static str {
        qos_class(&core::PodSpec { containers, ..core::PodSpec::default() })
    }

    #[test]
    fn the_qos_class_follows_from_requests_and_limits() {
        let full = [("cpu", "1"), ("memory", "1Gi")];
        assert_eq!(class_of(vec![container(&[], &[])]), "BestEffort");
        assert_eq!(class_of(vec![container(&[("cpu", "1")], &[])]), "Burstable");
        assert_eq!(class_of(vec![container(&full, &full)]), "Guaranteed");
        assert_eq!(class_of(vec![container(&full, &full), container(&[], &[])]), "Burstable");
        assert_eq!(class_of(vec![container(&[("cpu", "500m")], &full)]), "Burstable");
    }
}
