//! Counts how many pods of a PodDisruptionBudget may be evicted now.
//! Upstream: `pkg/controller/disruption/disruption.go`.
//!
//! ```text
//! 3 pods, minAvailable 2:   3 healthy - 2 desired = 1 disruption allowed
//! ```

mod expected;

use std::collections::BTreeMap;
use std::rc::Rc;

use k8s_openapi::api::policy::v1::PodDisruptionBudgetStatus;
use k8s_openapi::apimachinery::pkg::apis::meta::v1 as meta;

use crate::api::{Kind, Object, ObjectRef, Pod, PodDisruptionBudget};
use crate::apiserver::{Change, Store};
use crate::controllers::Controller;
use crate::engine::memory::Memory;
use crate::plan::{EventDraft, EventText, Outcomes, Plan, Snapshot};
use crate::time::{Duration, Time};
use crate::why::disruption::{Budget, Disruption as Why};

/// The disruption controller.
pub const CONTROLLER: Controller = Controller {
    name: "disruption",
    component: "controllermanager",
    watches: &[
        Kind::PodDisruptionBudget,
        Kind::Pod,
        Kind::ReplicationController,
        Kind::ReplicaSet,
        Kind::Deployment,
        Kind::StatefulSet,
    ],
    reads_own_writes: false,
    knows_own: None,
    delay: crate::controllers::at_once,
    back_off: super::BACK_OFF,
    wakes,
    reconcile,
};

/// How long a pod whose eviction was let through counts as gone before it is. Upstream: `DeletionTimeout`.
const GONE_SOON: Duration = Duration::from_seconds(120);

fn wakes(store: &Store, change: &Change, _memory: &mut Rc<Memory>, wakes: &mut Vec<ObjectRef>) {
    match change.object.kind {
        Kind::PodDisruptionBudget => wakes.push(change.object.clone()),
        Kind::Pod => {
            for object in [&change.before, &change.after].into_iter().flatten() {
                let Object::Pod(pod) = object else { continue };
                let budgets = store.list_in::<PodDisruptionBudget>(&pod.key.namespace);
                let covering = budgets.filter(|budget| budget.covers(pod));
                wakes.extend(
                    covering.map(|budget| ObjectRef::new(Kind::PodDisruptionBudget, budget.key.clone())),
                );
            }
        }
        // Owners are read, and heeded when their pods change.
        _ => {}
    }
}

fn reconcile(snapshot: &Snapshot<'_>, target: &ObjectRef, _outcomes: &Outcomes, plan: &mut Plan) {
    let Some(budget) = snapshot.store.get::<PodDisruptionBudget>(&target.key) else { return };
    let selector = budget.pod_selector();
    let in_namespace = snapshot.store.list_in::<Pod>(&budget.key.namespace);
    let pods: Vec<&Rc<Pod>> = in_namespace.filter(|pod| selector.matches(&pod.meta.labels)).collect();
    let object = Object::PodDisruptionBudget(budget.clone());
    if pods.is_empty() {
        let text = EventText::Fixed("No matching pods found".into());
        plan.event(EventDraft::normal(&object, "NoPods", text), Why::NoPods);
    }
    let expected = match expected::count(snapshot.store, budget, &pods) {
        Ok(expected) => expected,
        Err(fault) => return fail(budget, fault.into(), snapshot.now, plan),
    };
    if expected.unmanaged > 0 {
        let text = EventText::Fixed(unmanaged_message(budget).into());
        let why = Why::Unmanaged { pods: expected.unmanaged };
        plan.event(EventDraft::warning(&object, "UnmanagedPods", text), why);
    }
    let (disrupted, recheck) = still_disrupted(budget, &pods, snapshot.now);
    let healthy = pods
        .iter()
        .filter(|pod| !pod.is_terminating() && !disrupted.contains_key(pod.name()) && pod.is_ready());
    let now = Budget {
        healthy: healthy.count() as i32,
        desired: expected.desired_healthy,
        pods: expected.pods,
        allowed: 0,
    };
    let now = Budget { allowed: if now.pods <= 0 { 0 } else { (now.healthy - now.desired).max(0) }, ..now };
    report(budget, now, disrupted, snapshot.now, plan);
    if let Some(wait) = recheck {
        plan.look_again_in(wait, Why::WaitsForEvicted);
    }
}

/// The pods cannot be counted: none may go. Upstream: `failSafe`.
fn fail(budget: &Rc<PodDisruptionBudget>, fault: Rc<str>, now: Time, plan: &mut Plan) {
    let object = Object::PodDisruptionBudget(budget.clone());
    let text = format!("Failed to calculate the number of expected pods: {fault}");
    let event =
        EventDraft::warning(&object, "CalculateExpectedPodCountFailed", EventText::Fixed(text.into()));
    let why = Why::CannotCount { fault: fault.clone() };
    plan.event(event, why.clone());
    let mut status = (*budget.status).clone();
    let condition = condition(budget, ("False", "SyncFailed", &fault), status.observed_generation, now);
    status.disruptions_allowed = Some(0);
    status.conditions = Some(vec![condition]);
    if status != *budget.status {
        let updated = PodDisruptionBudget { status: Rc::new(status), ..(**budget).clone() };
        plan.update_status(Object::PodDisruptionBudget(Rc::new(updated)), why);
    }
}

fn unmanaged_message(budget: &PodDisruptionBudget) -> String {
    format!(
        "Pods selected by this PodDisruptionBudget (selector: {}) were found to be unmanaged. As a result, the status \
         of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods \
         please set \".spec.minAvailable\" field of the PDB to an integer value.",
        budget.spec.selector.as_ref().map_or_else(|| "nil".to_owned(), as_go_prints),
    )
}

/// `&LabelSelector{MatchLabels:map[string]string{app: web,},MatchExpressions:[]LabelSelectorRequirement{},}`, as Go
/// prints a selector.
fn as_go_prints(selector: &meta::LabelSelector) -> String {
    let labels = selector.match_labels.iter().flatten();
    let labels: String = labels.map(|(key, value)| format!("{key}: {value},")).collect();
    let expressions = selector.match_expressions.iter().flatten().map(|expression| {
        let values = expression.values.as_deref().unwrap_or_default().join(" ");
        let (key, operator) = (&expression.key, &expression.operator);
        format!("LabelSelectorRequirement{{Key:{key},Operator:{operator},Values:[{values}],}},")
    });
    let expressions: String = expressions.collect();
    format!(
        "&LabelSelector{{MatchLabels:map[string]string{{{labels}}},\
         MatchExpressions:[]LabelSelectorRequirement{{{expressions}}},}}"
    )
}

/// The pods whose eviction was let through and whose deletion is not to be seen yet, and when that is to be looked
/// at again.
fn still_disrupted(
    budget: &PodDisruptionBudget,
    pods: &[&Rc<Pod>],
    now: Time,
) -> (BTreeMap<String, meta::Time>, Option<Duration>) {
    let mut disrupted = BTreeMap::new();
    let mut recheck = None;
    for pod in pods.iter().filter(|pod| !pod.is_terminating()) {
        let known = budget.status.disrupted_pods.as_ref().and_then(|known| known.get(pod.name()));
        let Some(since) = known else { continue };
        let until = Time::from_api(since) + GONE_SOON;
        if until <= now {
            continue;
        }
        disrupted.insert(pod.name().to_owned(), since.clone());
        let wait = until.since(now);
        recheck = Some(recheck.map_or(wait, |known: Duration| known.min(wait)));
    }
    (disrupted, recheck)
}

fn report(
    budget: &Rc<PodDisruptionBudget>,
    now: Budget,
    disrupted: BTreeMap<String, meta::Time>,
    time: Time,
    plan: &mut Plan,
) {
    let known = &budget.status;
    let was = Budget {
        healthy: known.current_healthy.unwrap_or(0),
        desired: known.desired_healthy.unwrap_or(0),
        pods: known.expected_pods.unwrap_or(0),
        allowed: known.disruptions_allowed.unwrap_or(0),
    };
    let is_seen = known.observed_generation == Some(budget.meta.generation);
    let knows_disrupted = known.disrupted_pods.clone().unwrap_or_default() == disrupted;
    if was == now && is_seen && knows_disrupted {
        return plan.nothing_to_do(Why::UpToDate(now));
    }
    let (allowed, reason) =
        if now.allowed > 0 { ("True", "SufficientPods") } else { ("False", "InsufficientPods") };
    let condition = condition(budget, (allowed, reason, ""), Some(budget.meta.generation), time);
    let status = PodDisruptionBudgetStatus {
        conditions: Some(vec![condition]),
        current_healthy: Some(now.healthy),
        desired_healthy: Some(now.desired),
        disrupted_pods: (!disrupted.is_empty()).then_some(disrupted),
        disruptions_allowed: Some(now.allowed),
        expected_pods: Some(now.pods),
        observed_generation: Some(budget.meta.generation),
    };
    let updated = PodDisruptionBudget { status: Rc::new(status), ..(**budget).clone() };
    plan.update_status(Object::PodDisruptionBudget(Rc::new(updated)), Why::Reports { was, now });
}

/// `DisruptionAllowed` with a status, a reason and a message: a time of its own only when it turns.
fn condition(
    budget: &PodDisruptionBudget,
    (status, reason, message): (&str, &str, &str),
    observed_generation: Option<i64>,
    time: Time,
) -> meta::Condition {
    let known = budget.status.conditions.iter().flatten().find(|known| known.type_ == "DisruptionAllowed");
    let same = known.filter(|known| known.status == status);
    meta::Condition {
        type_: "DisruptionAllowed".to_owned(),
        status: status.to_owned(),
        reason: reason.to_owned(),
        message: message.to_owned(),
        last_transition_time: same.map_or_else(|| time.to_api(), |known| known.last_transition_time.clone()),
        observed_generation,
    }
}
