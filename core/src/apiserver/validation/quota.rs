//! ResourceQuotas and LimitRanges. Upstream: `ValidateResourceQuota`, `ValidateLimitRange` in
//! `pkg/apis/core/validation/validation.go`.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::field::{Faults, Path, Shown};
use super::{names, resources};
use crate::api::quantity::thousandths;
use crate::api::{LimitRange, ResourceQuota};

const SPEC: Path<'_> = Path::root("spec");
const SCOPES: [&str; 7] = [
    "Terminating",
    "NotTerminating",
    "BestEffort",
    "NotBestEffort",
    "PriorityClass",
    "CrossNamespacePodAffinity",
    "VolumeAttributesClass",
];
/// Scopes of which one excludes the other.
const OPPOSITES: [[&str; 2]; 2] = [["BestEffort", "NotBestEffort"], ["Terminating", "NotTerminating"]];
/// Amounts that belong to pods.
const OF_PODS: [&str; 6] =
    ["cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"];
const CONFLICT: &str = "conflicting scopes";
const UNSUPPORTED: &str = "unsupported scope applied to resource";

/// Checks a quota. Its scopes stay as they are.
#[inline(never)]
pub(super) fn resource_quota(quota: &ResourceQuota, before: Option<&ResourceQuota>, faults: &mut Faults) {
    let spec = &*quota.spec;
    let list = SPEC.child("hard");
    for (resource, amount) in spec.hard.iter().flatten() {
        resources::quota_resource(resource, list.key(resource), faults);
        resources::amount(resource, amount, list.key(resource), faults);
    }
    scopes(spec, faults);
    scope_selector(spec, faults);
    let set = |spec: &core::ResourceQuotaSpec| -> BTreeSet<String> {
        spec.scopes.iter().flatten().cloned().collect()
    };
    if before.is_some_and(|before| set(&before.spec) != set(spec)) {
        faults.invalid(SPEC.child("scopes"), Shown::json(&spec.scopes), "field is immutable");
    }
}

fn scopes(spec: &core::ResourceQuotaSpec, faults: &mut Faults) {
    let path = SPEC.child("scopes");
    let scopes = spec.scopes.as_deref().unwrap_or_default();
    for scope in scopes {
        if !SCOPES.contains(&scope.as_str()) {
            faults.invalid(path, Shown::json(&scopes), "unsupported scope");
        }
        for _ in unfitting(spec, scope) {
            faults.invalid(path, Shown::json(&scopes), UNSUPPORTED);
        }
    }
    let has = |scope: &&str| scopes.iter().any(|known| known == scope);
    for _ in OPPOSITES.iter().filter(|pair| pair.iter().all(&has)) {
        faults.invalid(path, Shown::json(&scopes), CONFLICT);
    }
}

/// The quota's resources that this scope cannot be applied to.
fn unfitting<'a>(spec: &'a core::ResourceQuotaSpec, scope: &'a str) -> impl Iterator<Item = &'a String> {
    let fits = move |resource: &str| match scope {
        "Terminating"
        | "NotTerminating"
        | "NotBestEffort"
        | "PriorityClass"
        | "CrossNamespacePodAffinity" => resource == "pods" || OF_PODS.contains(&resource),
        "BestEffort" => resource == "pods",
        "VolumeAttributesClass" => matches!(resource, "persistentvolumeclaims" | "requests.storage"),
        _ => true,
    };
    let resources = spec.hard.iter().flatten().map(|(resource, _)| resource);
    resources.filter(move |resource| resources::is_of_quotas(resource) && !fits(resource))
}

fn scope_selector(spec: &core::ResourceQuotaSpec, faults: &mut Faults) {
    let Some(selector) = &spec.scope_selector else { return };
    let requirements = selector.match_expressions.as_deref().unwrap_or_default();
    // Upstream tells of the list, not of its entries.
    let path = SPEC.child("scopeSelector");
    let path = path.child("matchExpressions");
    for requirement in requirements {
        let (scope, operator) = (requirement.scope_name.as_str(), requirement.operator.as_str());
        if !SCOPES.contains(&scope) {
            faults.invalid(path.child("scopeName"), scope, "unsupported scope");
        }
        for _ in unfitting(spec, scope) {
            let shown = super::go_value::compact("v1.ScopeSelector", selector);
            faults.invalid(path, Shown::verbatim(shown), UNSUPPORTED);
        }
        let has_no_values =
            SCOPES.contains(&scope) && !["PriorityClass", "VolumeAttributesClass"].contains(&scope);
        if has_no_values && operator != "Exists" {
            let detail = "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, \
                          ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, \
                          ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
            faults.invalid(path.child("operator"), operator, detail);
        }
        let values = requirement.values.as_deref().unwrap_or_default();
        match operator {
            "In" | "NotIn" if values.is_empty() => {
                let detail =
                    "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
                faults.required(path.child("values"), detail);
            }
            "Exists" | "DoesNotExist" if !values.is_empty() => {
                let detail =
                    "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
                faults.invalid(path.child("values"), Shown::json(&values), detail);
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            other => faults.invalid(path.child("operator"), other, "not a valid selector operator"),
        }
    }
    let has = |scope: &&str| requirements.iter().any(|known| known.scope_name == **scope);
    for _ in OPPOSITES.iter().filter(|pair| pair.iter().all(&has)) {
        faults.invalid(path, Shown::json(&spec.scopes), CONFLICT);
    }
}

/// Checks a LimitRange: each type once, and no limit that contradicts another.
#[inline(never)]
pub(super) fn limit_range(range: &LimitRange, faults: &mut Faults) {
    let limits = range.spec.spec.as_ref().map(|spec| spec.limits.as_slice()).unwrap_or_default();
    let list = SPEC.child("limits");
    for (index, limit) in limits.iter().enumerate() {
        let path = list.index(index);
        let kind = limit.type_.as_str();
        let problems = names::qualified_name(kind);
        let is_known = kind.contains('/') || ["Pod", "Container", "PersistentVolumeClaim"].contains(&kind);
        if problems.is_empty() && !is_known {
            faults.invalid(path.child("type"), kind, "must be a standard limit type or fully qualified");
        }
        faults.invalid_each(path.child("type"), kind, problems);
        if limits[..index].iter().any(|other| other.type_ == limit.type_) {
            faults.duplicate(path.child("type"), kind);
        }
        item(limit, path, faults);
    }
}

type Amounts = BTreeMap<String, Quantity>;

fn item(limit: &core::LimitRangeItem, path: Path<'_>, faults: &mut Faults) {
    let is_of_pods = limit.type_ == "Pod";
    let name_rule = if is_of_pods || limit.type_ == "Container" {
        resources::container_resource
    } else {
        resources::any_resource
    };
    let mut keys: BTreeSet<&str> = BTreeSet::new();
    let given: [(&'static str, Option<&Amounts>); 5] = [
        ("max", limit.max.as_ref()),
        ("min", limit.min.as_ref()),
        ("default", limit.default.as_ref()),
        ("defaultRequest", limit.default_request.as_ref()),
        ("maxLimitRequestRatio", limit.max_limit_request_ratio.as_ref()),
    ];
    for (field, amounts) in given {
        let amounts = amounts.into_iter().flatten();
        if is_of_pods && field.starts_with("default") {
            if amounts.count() > 0 {
                faults.forbidden(path.child(field), "may not be specified when `type` is 'Pod'");
            }
            continue;
        }
        if field == "maxLimitRequestRatio" && limit.type_ == "PersistentVolumeClaim" {
            let has =
                |amounts: &Option<Amounts>| amounts.as_ref().is_some_and(|it| it.contains_key("storage"));
            if !has(&limit.min) && !has(&limit.max) {
                let detail = "either minimum or maximum storage value is required, but neither was provided";
                faults.required(path.child("limits"), detail);
            }
        }
        for (resource, _) in amounts {
            let list = path.child(field);
            name_rule(resource, list.key(resource), faults);
            keys.insert(resource);
        }
    }
    for resource in keys {
        contradictions(limit, resource, path, faults);
    }
}

fn contradictions(limit: &core::LimitRangeItem, resource: &str, path: Path<'_>, faults: &mut Faults) {
    let of = |amounts: &Option<Amounts>| amounts.as_ref().and_then(|amounts| amounts.get(resource)).cloned();
    let (min, max, ratio) = (of(&limit.min), of(&limit.max), of(&limit.max_limit_request_ratio));
    let is_of_pods = limit.type_ == "Pod";
    let default = of(&limit.default).filter(|_| !is_of_pods);
    let request = of(&limit.default_request).filter(|_| !is_of_pods);
    // Which field is at fault, which value it shows, and two amounts of which the first is not to be the larger.
    let orders = [
        ("min", &min, "min value", &min, "max value", &max),
        ("defaultRequest", &request, "min value", &min, "default request value", &request),
        ("defaultRequest", &request, "default request value", &request, "max value", &max),
        ("defaultRequest", &request, "default request value", &request, "default limit value", &default),
        ("default", &min, "min value", &min, "default value", &default),
        ("default", &max, "default value", &default, "max value", &max),
    ];
    for (field, shown, small, smaller, large, larger) in orders {
        if let (Some(shown), Some(smaller), Some(larger)) = (shown, smaller, larger)
            && resources::compare(smaller, larger).is_gt()
        {
            let list = path.child(field);
            let detail = format!("{small} {} is greater than {large} {}", smaller.0, larger.0);
            faults.invalid(list.key(resource), &shown.0, detail);
        }
    }
    let value = |amount: &Option<Quantity>| amount.as_ref().and_then(|amount| thousandths(&amount.0));
    if let (Some(ratio), Some(shown)) = (value(&ratio), &ratio) {
        let list = path.child("maxLimitRequestRatio");
        if ratio < 1000 {
            faults.invalid(list.key(resource), &shown.0, format!("ratio {} is less than 1", shown.0));
        }
        if let (Some(min), Some(max)) = (value(&min), value(&max)) {
            let most = max as f64 / min as f64;
            if ratio as f64 / 1000.0 > most {
                let detail = format!("ratio {} is greater than max/min = {most:.6}", shown.0);
                faults.invalid(list.key(resource), &shown.0, detail);
            }
        }
    }
    if let (Some(default), Some(request)) = (&default, &request)
        && !resources::may_exceed(resource)
        && resources::compare(default, request).is_ne()
    {
        let list = path.child("defaultRequest");
        let detail = format!(
            "default value {} must equal to defaultRequest value {} in {resource}",
            default.0, request.0
        );
        faults.invalid(list.key(resource), &request.0, detail);
    }
}
