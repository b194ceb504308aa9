//! ResourceQuotas: what the objects of a namespace use, and what is beyond its limits.
//! Upstream: `staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota`, `pkg/quota/v1/evaluator/core`.
//!
//! A quota limits by its status, which its controller fills in: until then, nothing is limited.

use std::collections::BTreeMap;
use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::store::Store;
use super::{ApiError, admission};
use crate::api::canonical;
use crate::api::quantity::thousandths;
use crate::api::{Kind, Object, Pod, ResourceQuota};
use crate::time::Time;

/// Amounts by resource (`pods`, `requests.cpu`, `count/deployments.apps`), in thousandths.
pub type Usage = BTreeMap<String, i128>;

/// The resources that a pod with them unsaid is refused for, where a quota limits them.
const MUST_BE_SAID: [&str; 6] =
    ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];

/// Kinds that are counted under their bare plural too.
const BARE: [Kind; 7] = [
    Kind::Pod,
    Kind::Service,
    Kind::ReplicationController,
    Kind::ResourceQuota,
    Kind::ConfigMap,
    Kind::Secret,
    Kind::PersistentVolumeClaim,
];

/// Refuses a new object that a quota of its namespace has no room for.
pub(super) fn admit(store: &Store, object: &Object, now: Time) -> Result<(), ApiError> {
    for quota in store.list_in::<ResourceQuota>(&object.key().namespace) {
        let limits = limits(&quota.status.hard);
        let asked = usage(object, now);
        let wanted: Usage = asked.into_iter().filter(|(resource, _)| limits.contains_key(resource)).collect();
        if !is_in_scope(quota, object) || wanted.is_empty() && !matches!(object, Object::Pod(_)) {
            continue;
        }
        check_said(quota, object, &limits)?;
        let used = used_so_far(store, quota, now);
        let exceeded: Vec<&String> = wanted
            .iter()
            .filter(|(resource, amount)| {
                **amount > 0 && used_of(&used, resource) + *amount > limits[*resource]
            })
            .map(|(resource, _)| resource)
            .collect();
        if exceeded.is_empty() {
            continue;
        }
        let list = |amount: &dyn Fn(&str) -> Quantity| {
            exceeded
                .iter()
                .map(|resource| format!("{resource}={}", amount(resource).0))
                .collect::<Vec<_>>()
                .join(",")
        };
        let hard = quota.status.hard.clone().unwrap_or_default();
        let detail = format!(
            "exceeded quota: {}, requested: {}, used: {}, limited: {}",
            quota.name(),
            list(&|resource| shown(resource, used_of(&wanted, resource))),
            list(&|resource| shown(resource, used_of(&used, resource))),
            list(&|resource| hard.get(resource).cloned().unwrap_or_default()),
        );
        return Err(admission::forbidden(&object.reference(), &detail));
    }
    Ok(())
}

/// The quotas that count a new object.
pub(crate) fn charged(store: &Store, object: &Object, now: Time) -> Vec<Rc<ResourceQuota>> {
    let quotas = store.list_in::<ResourceQuota>(&object.key().namespace);
    let counts = |quota: &&Rc<ResourceQuota>| {
        let asked = usage(object, now);
        is_in_scope(quota, object)
            && quota.status.hard.iter().flatten().any(|(resource, _)| asked.contains_key(resource))
    };
    quotas.filter(counts).cloned().collect()
}

/// What the objects of a quota's namespace use of what `hard` limits.
pub fn used(store: &Store, quota: &ResourceQuota, hard: &BTreeMap<String, Quantity>, now: Time) -> Usage {
    let mut used: Usage = hard.keys().map(|resource| (resource.clone(), 0)).collect();
    let namespace = &*quota.key.namespace;
    for kind in Kind::ALL.into_iter().filter(|kind| hard.keys().any(|resource| concerns(resource, *kind))) {
        let here: Box<dyn Iterator<Item = Object>> = match kind {
            Kind::Pod => Box::new(store.list_in::<Pod>(namespace).cloned().map(Object::Pod)),
            other => {
                Box::new(store.objects(other).filter(move |object| *object.key().namespace == *namespace))
            }
        };
        for object in here.filter(|object| is_in_scope(quota, object)) {
            for (resource, amount) in usage(&object, now) {
                if let Some(sum) = used.get_mut(&resource) {
                    *sum += amount;
                }
            }
        }
    }
    used
}

/// As its status says, or more, where objects came since: the status follows them.
pub(crate) fn used_so_far(store: &Store, quota: &ResourceQuota, now: Time) -> Usage {
    let hard = quota.status.hard.clone().unwrap_or_default();
    let mut used = used(store, quota, &hard, now);
    for (resource, known) in limits(&quota.status.used) {
        if let Some(amount) = used.get_mut(&resource) {
            *amount = known.max(*amount);
        }
    }
    used
}

/// Amounts as a status lists them.
pub fn listed(usage: &Usage) -> BTreeMap<String, Quantity> {
    usage.iter().map(|(resource, amount)| (resource.clone(), shown(resource, *amount))).collect()
}

/// An amount in thousandths as Go prints it: bytes in powers of two.
pub(super) fn shown(resource: &str, thousandths: i128) -> Quantity {
    let bytes = thousandths / 1000;
    if (resource.ends_with("memory") || resource.ends_with("storage"))
        && thousandths % 1000 == 0
        && bytes % 1024 == 0
    {
        let text = format!("{}Ki", bytes / 1024);
        return Quantity(canonical::quantity(&text).unwrap_or(text));
    }
    let text = format!("{thousandths}m");
    Quantity(canonical::quantity(&text).unwrap_or(text))
}

fn limits(amounts: &Option<BTreeMap<String, Quantity>>) -> Usage {
    let amounts = amounts.iter().flatten();
    amounts.map(|(resource, amount)| (resource.clone(), thousandths(&amount.0).unwrap_or(0))).collect()
}

fn used_of(usage: &Usage, resource: &str) -> i128 {
    usage.get(resource).copied().unwrap_or(0)
}

/// Whether objects of a kind may use a resource.
fn concerns(resource: &str, kind: Kind) -> bool {
    if let Some(counted) = resource.strip_prefix("count/") {
        return counted == kind.qualified_plural();
    }
    match kind {
        Kind::Pod => {
            let name = resource.trim_start_matches("requests.").trim_start_matches("limits.");
            resource == "pods" || name == "cpu" || name == "memory" || name == "ephemeral-storage"
        }
        Kind::Service => resource.starts_with("services"),
        Kind::PersistentVolumeClaim => resource == "persistentvolumeclaims" || resource == "requests.storage",
        other => BARE.contains(&other) && resource == other.names().plural,
    }
}

/// What one object uses.
#[inline(never)]
fn usage(object: &Object, now: Time) -> Usage {
    let kind = object.kind();
    let one = 1000;
    let mut usage = Usage::from([(format!("count/{}", kind.qualified_plural()), one)]);
    if BARE.contains(&kind) && kind != Kind::Pod {
        usage.insert(kind.names().plural.to_owned(), one);
    }
    match object {
        Object::Pod(pod) if counts(pod, now) => pod_usage(pod, &mut usage),
        Object::Service(service) => {
            let ports = service.ports().len() as i128;
            match service.service_type() {
                "NodePort" => {
                    usage.insert("services.nodeports".to_owned(), ports * one);
                }
                "LoadBalancer" => {
                    let with_ports = service.spec.allocate_load_balancer_node_ports.unwrap_or(true);
                    usage.insert("services.loadbalancers".to_owned(), one);
                    usage.insert("services.nodeports".to_owned(), if with_ports { ports * one } else { 0 });
                }
                _ => {}
            }
        }
        Object::PersistentVolumeClaim(claim) => {
            let asked = claim.spec.resources.as_ref().and_then(|it| it.requests.as_ref()?.get("storage"));
            if let Some(amount) = asked.and_then(|asked| thousandths(&asked.0)) {
                usage.insert("requests.storage".to_owned(), amount);
            }
        }
        _ => {}
    }
    usage
}

/// Whether a pod still uses anything: finished ones do not, nor those whose grace period is long over.
/// Upstream: `QuotaV1Pod`.
fn counts(pod: &Pod, now: Time) -> bool {
    !pod.is_finished() && pod.meta.deletion.is_none_or(|deletion| now <= deletion.at)
}

fn pod_usage(pod: &Pod, usage: &mut Usage) {
    usage.insert("pods".to_owned(), 1000);
    for (prefix, amounts) in [("requests.", sums(pod, true)), ("limits.", sums(pod, false))] {
        for (resource, amount) in amounts {
            if prefix == "requests." {
                usage.insert(resource.clone(), amount);
            }
            usage.insert(format!("{prefix}{resource}"), amount);
        }
    }
}

/// What a pod's containers ask for, or are limited to: the larger of their sum and the hungriest init step.
fn sums(pod: &Pod, requests: bool) -> Usage {
    let spec = &pod.spec.spec;
    let of = |container: &core::Container| -> Usage {
        let resources = container.resources.as_ref();
        limits(&resources.and_then(|it| if requests { it.requests.clone() } else { it.limits.clone() }))
    };
    let mut sum = Usage::new();
    for (resource, amount) in spec.containers.iter().flat_map(of) {
        *sum.entry(resource).or_default() += amount;
    }
    for (resource, amount) in spec.init_containers.iter().flatten().flat_map(of) {
        let known = sum.entry(resource).or_default();
        *known = amount.max(*known);
    }
    sum
}

/// Refuses a pod with a container that does not say what a quota limits. Upstream: `podEvaluator.Constraints`.
#[inline(never)]
fn check_said(quota: &ResourceQuota, object: &Object, limits: &Usage) -> Result<(), ApiError> {
    let Object::Pod(pod) = object else { return Ok(()) };
    let mut missing: Vec<String> = Vec::new();
    for resource in MUST_BE_SAID.iter().filter(|resource| limits.contains_key(**resource)) {
        let (is_limit, name) = match resource.strip_prefix("limits.") {
            Some(name) => (true, name),
            None => (false, resource.trim_start_matches("requests.")),
        };
        let says = |container: &&core::Container| {
            let resources = container.resources.as_ref();
            let amounts =
                resources.and_then(|it| if is_limit { it.limits.as_ref() } else { it.requests.as_ref() });
            amounts.is_some_and(|amounts| amounts.contains_key(name))
        };
        let spec = &pod.spec.spec;
        let containers = spec.containers.iter().chain(spec.init_containers.iter().flatten());
        let silent: Vec<&str> =
            containers.filter(|container| !says(container)).map(|container| &*container.name).collect();
        if !silent.is_empty() {
            missing.push(format!("{resource} for: {}", silent.join(",")));
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    missing.sort();
    let detail = format!("failed quota: {}: must specify {}", quota.name(), missing.join("; "));
    Err(admission::forbidden(&object.reference(), &detail))
}

/// Whether a quota is about an object at all.
#[inline(never)]
fn is_in_scope(quota: &ResourceQuota, object: &Object) -> bool {
    let scopes = quota.spec.scopes.iter().flatten();
    let expressions = quota.spec.scope_selector.iter().flat_map(|it| it.match_expressions.iter().flatten());
    let mut scopes = scopes.peekable();
    let mut expressions = expressions.peekable();
    if scopes.peek().is_none() && expressions.peek().is_none() {
        return true;
    }
    // Scopes are about pods alone.
    let Object::Pod(pod) = object else { return false };
    scopes.all(|scope| has_scope(pod, scope))
        && expressions.all(|expression| {
            let class = pod.spec.spec.priority_class_name.as_deref().unwrap_or_default();
            let values = expression.values.as_deref().unwrap_or_default();
            let is_listed = values.iter().any(|value| value == class);
            match (expression.scope_name.as_str(), expression.operator.as_str()) {
                ("PriorityClass", "In") => is_listed,
                ("PriorityClass", "NotIn") => !is_listed,
                ("PriorityClass", "Exists") => !class.is_empty(),
                ("PriorityClass", "DoesNotExist") => class.is_empty(),
                (scope, _) => has_scope(pod, scope),
            }
        })
}

fn has_scope(pod: &Pod, scope: &str) -> bool {
    let has_deadline = pod.spec.spec.active_deadline_seconds.is_some();
    let is_best_effort = pod.status.qos_class.as_deref() == Some("BestEffort");
    match scope {
        "Terminating" => has_deadline,
        "NotTerminating" => !has_deadline,
        "BestEffort" => is_best_effort,
        "NotBestEffort" => !is_best_effort,
        "PriorityClass" => pod.spec.spec.priority_class_name.is_some(),
        _ => false,
    }
}
