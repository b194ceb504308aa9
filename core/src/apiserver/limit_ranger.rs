//! LimitRanges: what containers get that say nothing, and what is too little or too much.
//! Upstream: `plugin/pkg/admission/limitranger/admission.go`.

use std::collections::BTreeMap;
use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::store::Store;
use super::{ApiError, admission};
use crate::api::quantity::thousandths;
use crate::api::{LimitRange, Object, PersistentVolumeClaim, Pod};

/// Tells which defaults a pod was given.
const ANNOTATION: &str = "kubernetes.io/limit-ranger";

type Amounts = BTreeMap<String, Quantity>;

/// Gives the containers of a new pod what the namespace's LimitRanges say, where they say nothing themselves.
pub(super) fn fill_in(store: &Store, pod: &mut Rc<Pod>) {
    for range in store.list_in::<LimitRange>(&pod.key.namespace.clone()) {
        let (requests, limits) = defaults(range);
        if requests.is_empty() && limits.is_empty() {
            continue;
        }
        let pod = Rc::make_mut(pod);
        let spec = Rc::make_mut(&mut pod.spec.spec);
        let mut given = Vec::new();
        for container in &mut spec.containers {
            given.extend(complete(
                "container",
                &container.name,
                &mut container.resources,
                &requests,
                &limits,
            ));
        }
        for container in spec.init_containers.iter_mut().flatten() {
            let resources = &mut container.resources;
            given.extend(complete("init container", &container.name, resources, &requests, &limits));
        }
        if !given.is_empty() {
            let annotations = Rc::make_mut(&mut Rc::make_mut(&mut pod.meta).annotations);
            let text = format!("LimitRanger plugin set: {}", given.join("; "));
            annotations.insert(ANNOTATION.to_owned(), text);
        }
    }
}

/// Refuses what a LimitRange of the namespace does not allow.
pub(super) fn check(store: &Store, object: &Object) -> Result<(), ApiError> {
    let mut faults = Vec::new();
    for range in store.list_in::<LimitRange>(&object.key().namespace) {
        for item in range.spec.spec.iter().flat_map(|spec| &spec.limits) {
            match object {
                Object::Pod(pod) => check_pod(item, pod, &mut faults),
                Object::PersistentVolumeClaim(claim) => check_claim(item, claim, &mut faults),
                _ => {}
            }
        }
    }
    match &faults[..] {
        [] => Ok(()),
        [only] => Err(admission::forbidden(&object.reference(), only)),
        all => Err(admission::forbidden(&object.reference(), &format!("[{}]", all.join(", ")))),
    }
}

/// What containers get: requests, limits.
fn defaults(range: &LimitRange) -> (Amounts, Amounts) {
    let (mut requests, mut limits) = (Amounts::new(), Amounts::new());
    for item in range.spec.spec.iter().flat_map(|spec| &spec.limits).filter(|item| item.type_ == "Container")
    {
        requests.extend(item.default_request.clone().unwrap_or_default());
        limits.extend(item.default.clone().unwrap_or_default());
    }
    (requests, limits)
}

/// Completes one container, and says what it was given.
#[inline(never)]
fn complete(
    what: &str,
    name: &str,
    resources: &mut Option<core::ResourceRequirements>,
    requests: &Amounts,
    limits: &Amounts,
) -> Vec<String> {
    let resources = resources.get_or_insert_default();
    let fill = |given: &mut Option<Amounts>, defaults: &Amounts, word: &str| {
        let amounts = given.get_or_insert_default();
        let missing: Vec<(&String, &Quantity)> =
            defaults.iter().filter(|(resource, _)| !amounts.contains_key(*resource)).collect();
        let names: Vec<&str> = missing.iter().map(|(resource, _)| resource.as_str()).collect();
        let told = (!names.is_empty()).then(|| format!("{} {word} for {what} {name}", names.join(", ")));
        amounts.extend(missing.into_iter().map(|(resource, amount)| (resource.clone(), amount.clone())));
        if amounts.is_empty() {
            *given = None;
        }
        told
    };
    // A container that limits itself asks for its limit, if it asks for nothing: that comes before these defaults.
    let own_limits = resources.limits.clone().unwrap_or_default();
    let asked = resources.requests.get_or_insert_default();
    for (resource, limit) in own_limits {
        asked.entry(resource).or_insert(limit);
    }
    let told =
        [fill(&mut resources.requests, requests, "request"), fill(&mut resources.limits, limits, "limit")];
    told.into_iter().flatten().collect()
}

#[inline(never)]
fn check_pod(item: &core::LimitRangeItem, pod: &Pod, faults: &mut Vec<String>) {
    let spec = &pod.spec.spec;
    let of = |container: &core::Container| {
        let resources = container.resources.clone().unwrap_or_default();
        (resources.requests.unwrap_or_default(), resources.limits.unwrap_or_default())
    };
    match item.type_.as_str() {
        "Container" => {
            for container in spec.containers.iter().chain(spec.init_containers.iter().flatten()) {
                let (requests, limits) = of(container);
                check_item(item, &requests, &limits, faults);
            }
        }
        "Pod" => {
            let mut requests = Amounts::new();
            let mut limits = Amounts::new();
            for container in &spec.containers {
                let (asked, most) = of(container);
                add_all(&mut requests, &asked);
                add_all(&mut limits, &most);
            }
            for container in spec.init_containers.iter().flatten() {
                let (asked, most) = of(container);
                raise_all(&mut requests, &asked);
                raise_all(&mut limits, &most);
            }
            check_item(item, &requests, &limits, faults);
        }
        _ => {}
    }
}

#[inline(never)]
fn check_claim(item: &core::LimitRangeItem, claim: &PersistentVolumeClaim, faults: &mut Vec<String>) {
    if item.type_ != "PersistentVolumeClaim" {
        return;
    }
    let asked =
        claim.spec.resources.as_ref().and_then(|resources| resources.requests.clone()).unwrap_or_default();
    for (resource, minimum) in item.min.iter().flatten() {
        faults.extend(minimum_fault(item, resource, minimum, asked.get(resource), None));
    }
    for (resource, maximum) in item.max.iter().flatten() {
        let head = format!("maximum {resource} usage per {} is {}", item.type_, maximum.0);
        match asked.get(resource) {
            None => faults.push(format!("{head}.  No request is specified")),
            Some(asked) if exceeds(asked, maximum) => {
                faults.push(format!("{head}, but request is {}", asked.0));
            }
            Some(_) => {}
        }
    }
}

#[inline(never)]
fn check_item(item: &core::LimitRangeItem, requests: &Amounts, limits: &Amounts, faults: &mut Vec<String>) {
    for (resource, minimum) in item.min.iter().flatten() {
        faults.extend(minimum_fault(item, resource, minimum, requests.get(resource), limits.get(resource)));
    }
    for (resource, maximum) in item.max.iter().flatten() {
        faults.extend(maximum_fault(item, resource, maximum, requests.get(resource), limits.get(resource)));
    }
    for (resource, ratio) in item.max_limit_request_ratio.iter().flatten() {
        faults.extend(ratio_fault(item, resource, ratio, requests.get(resource), limits.get(resource)));
    }
}

fn minimum_fault(
    item: &core::LimitRangeItem,
    resource: &str,
    minimum: &Quantity,
    request: Option<&Quantity>,
    limit: Option<&Quantity>,
) -> Option<String> {
    let head = format!("minimum {resource} usage per {} is {}", item.type_, minimum.0);
    let Some(request) = request else { return Some(format!("{head}.  No request is specified")) };
    if exceeds(minimum, request) {
        return Some(format!("{head}, but request is {}", request.0));
    }
    limit.filter(|limit| exceeds(minimum, limit)).map(|limit| format!("{head}, but limit is {}", limit.0))
}

fn maximum_fault(
    item: &core::LimitRangeItem,
    resource: &str,
    maximum: &Quantity,
    request: Option<&Quantity>,
    limit: Option<&Quantity>,
) -> Option<String> {
    let head = format!("maximum {resource} usage per {} is {}", item.type_, maximum.0);
    let Some(limit) = limit else { return Some(format!("{head}.  No limit is specified")) };
    if exceeds(limit, maximum) {
        return Some(format!("{head}, but limit is {}", limit.0));
    }
    request.filter(|asked| exceeds(asked, maximum)).map(|asked| format!("{head}, but request is {}", asked.0))
}

fn ratio_fault(
    item: &core::LimitRangeItem,
    resource: &str,
    ratio: &Quantity,
    request: Option<&Quantity>,
    limit: Option<&Quantity>,
) -> Option<String> {
    let head = format!("{resource} max limit to request ratio per {} is {}", item.type_, ratio.0);
    let number = |quantity: Option<&Quantity>| quantity.map_or(0, value).max(0);
    let (asked, most) = (number(request), number(limit));
    if asked == 0 {
        return Some(format!("{head}, but no request is specified or request is 0"));
    }
    if most == 0 {
        return Some(format!("{head}, but no limit is specified or limit is 0"));
    }
    if most * 1000 <= value(ratio) * asked {
        return None;
    }
    let millionths = most * 1_000_000 / asked;
    Some(format!("{head}, but provided ratio is {}.{:06}", millionths / 1_000_000, millionths % 1_000_000))
}

/// In thousandths.
fn value(quantity: &Quantity) -> i128 {
    thousandths(&quantity.0).unwrap_or(0)
}

fn exceeds(quantity: &Quantity, limit: &Quantity) -> bool {
    value(quantity) > value(limit)
}

fn add_all(sum: &mut Amounts, other: &Amounts) {
    for (resource, amount) in other {
        let total = sum.get(resource).map_or(0, value) + value(amount);
        sum.insert(resource.clone(), super::quota::shown(resource, total));
    }
}

fn raise_all(most: &mut Amounts, other: &Amounts) {
    for (resource, amount) in other {
        if most.get(resource).is_none_or(|known| exceeds(amount, known)) {
            most.insert(resource.clone(), amount.clone());
        }
    }
}
