//! Names and amounts of resources: in containers, quotas, limit ranges and nodes.
//! Upstream: `validateResourceName` and what is around it in `pkg/apis/core/validation/validation.go`,
//! `pkg/apis/core/helper/helpers.go`.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::field::{Faults, Path, Shown};
use super::names;
use crate::api::quantity;

/// What a quota counts besides amounts of compute.
const COUNTED: [&str; 9] = [
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
];
/// Amounts of compute and storage that a quota sums up.
const SUMMED: [&str; 10] = [
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.storage",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
];

/// Checks what a container asks for. `claims` are the names of the pod's resource claims.
pub(super) fn requirements(
    asked: &core::ResourceRequirements,
    claims: &BTreeSet<&str>,
    path: Path<'_>,
    name_rule: fn(&str, Path<'_>, &mut Faults),
    faults: &mut Faults,
) {
    let limits = path.child("limits");
    for (resource, limit) in asked.limits.iter().flatten() {
        let path = limits.key(resource);
        name_rule(resource, path, faults);
        amount(resource, limit, path, faults);
        huge_pages(resource, limit, path, faults);
    }
    let requests = path.child("requests");
    for (resource, request) in asked.requests.iter().flatten() {
        let path = requests.key(resource);
        name_rule(resource, path, faults);
        amount(resource, request, path, faults);
        let limit = asked.limits.as_ref().and_then(|limits| limits.get(resource));
        match limit {
            Some(limit) if !may_exceed(resource) && compare(request, limit).is_ne() => {
                let detail = format!("must be equal to {resource} limit of {}", limit.0);
                faults.invalid(requests, &request.0, detail);
            }
            Some(limit) if compare(request, limit).is_gt() => {
                let detail = format!("must be less than or equal to {resource} limit of {}", limit.0);
                faults.invalid(requests, &request.0, detail);
            }
            None if !may_exceed(resource) => {
                faults.required(limits, "Limit must be set for non overcommitable resources");
            }
            Some(_) | None => {}
        }
        huge_pages(resource, request, path, faults);
    }
    let all = || asked.limits.iter().chain(&asked.requests).flat_map(|amounts| amounts.keys());
    if all().any(|it| is_huge_page(it)) && !all().any(|resource| resource == "cpu" || resource == "memory") {
        faults.forbidden(path, "HugePages require cpu or memory");
    }
    claim_names(asked, claims, path.child("claims"), faults);
}

fn claim_names(
    asked: &core::ResourceRequirements,
    claims: &BTreeSet<&str>,
    list: Path<'_>,
    faults: &mut Faults,
) {
    let mut seen = BTreeSet::new();
    for (index, claim) in asked.claims.iter().flatten().enumerate() {
        let path = list.index(index);
        if claim.name.is_empty() {
            faults.required(path, "");
            continue;
        }
        if !seen.insert((&claim.name, &claim.request)) {
            faults.duplicate(path, &claim.name);
        }
        if !claims.contains(claim.name.as_str()) {
            let known: Vec<&str> = claims.iter().copied().collect();
            let among = if known.is_empty() {
                " which is empty".to_owned()
            } else {
                format!(": {}", known.join(", "))
            };
            let detail = format!("must be one of the names in pod.spec.resourceClaims{among}");
            faults.not_found_because(path, &claim.name, detail);
        }
    }
}

/// Checks the name of something that containers ask for.
pub(super) fn container_resource(resource: &str, path: Path<'_>, faults: &mut Faults) {
    any_resource(resource, path, faults);
    if !resource.contains('/') {
        if !["cpu", "memory", "ephemeral-storage"].contains(&resource) && !is_huge_page(resource) {
            faults.invalid(path, resource, "must be a standard resource for containers");
        }
    } else if !is_native(resource) && !is_extended(resource) {
        faults.invalid(path, resource, "doesn't follow extended resource name standard");
    }
}

/// Checks the name of something that pods ask for as a whole.
pub(super) fn pod_resource(resource: &str, path: Path<'_>, faults: &mut Faults) {
    let before = faults.0.len();
    any_resource(resource, path, faults);
    if faults.0.len() == before && !["cpu", "memory"].contains(&resource) && !is_huge_page(resource) {
        faults.unsupported(path, resource, &["cpu", "hugepages-", "memory"]);
    }
}

/// Checks the name of something that a quota limits.
pub(super) fn quota_resource(resource: &str, path: Path<'_>, faults: &mut Faults) {
    any_resource(resource, path, faults);
    if !resource.contains('/') && !is_of_quotas(resource) {
        faults.invalid(path, resource, "must be a standard resource for quota");
    }
}

/// Checks the name of any resource.
pub(super) fn any_resource(resource: &str, path: Path<'_>, faults: &mut Faults) {
    let problems = names::qualified_name(resource);
    let is_known = resource.contains('/') || resource == "storage" || is_of_quotas(resource);
    if problems.is_empty() && !is_known {
        faults.invalid(path, resource, "must be a standard resource type or fully qualified");
    }
    faults.invalid_each(path, resource, problems);
}

/// Whether quotas know a resource by this plain name.
pub(super) fn is_of_quotas(resource: &str) -> bool {
    let asked = resource.strip_prefix("requests.").unwrap_or(resource);
    COUNTED.contains(&resource) || SUMMED.contains(&resource) || is_huge_page(asked)
}

/// Checks an amount: not negative, and whole where only whole ones can be had.
pub(super) fn amount(resource: &str, amount: &Quantity, path: Path<'_>, faults: &mut Faults) {
    let Some(thousandths) = quantity::thousandths(&amount.0) else { return };
    if thousandths < 0 {
        faults.invalid(path, &amount.0, "must be greater than or equal to 0");
    }
    if (COUNTED.contains(&resource) || is_extended(resource)) && thousandths % 1000 != 0 {
        faults.invalid(path, &amount.0, "must be an integer");
    }
}

fn huge_pages(resource: &str, amount: &Quantity, path: Path<'_>, faults: &mut Faults) {
    let Some(size) = resource.strip_prefix("hugepages-").and_then(quantity::thousandths) else { return };
    let asked = quantity::thousandths(&amount.0).unwrap_or(0);
    if size <= 0 || asked % size != 0 {
        let detail = format!("{} is not positive integer multiple of {resource}", amount.0);
        faults.invalid(path, Shown::from(&amount.0), detail);
    }
}

/// Whether requests may differ from limits: true of what nodes share out in fractions.
pub(super) fn may_exceed(resource: &str) -> bool {
    is_native(resource) && !is_huge_page(resource)
}

/// Whether one amount is more than another.
pub(super) fn compare(left: &Quantity, right: &Quantity) -> Ordering {
    quantity::thousandths(&left.0).cmp(&quantity::thousandths(&right.0))
}

fn is_huge_page(resource: &str) -> bool {
    resource.starts_with("hugepages-")
}

fn is_native(resource: &str) -> bool {
    !resource.contains('/') || resource.contains("kubernetes.io/")
}

fn is_extended(resource: &str) -> bool {
    let in_quotas = format!("requests.{resource}");
    !is_native(resource) && !resource.starts_with("requests.") && names::qualified_name(&in_quotas).is_empty()
}
