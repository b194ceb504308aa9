//! Scales by metrics, of which this cluster has none: it keeps targets within their limits, and says what it lacks.
//! Upstream: `pkg/controller/podautoscaler/horizontal.go`.

use std::rc::Rc;

use k8s_openapi::api::autoscaling::v2 as api;
use serde_json::json;

use crate::api::{HorizontalPodAutoscaler, Key, Kind, Object, ObjectRef};
use crate::apiserver::{Change, Patch, Store};
use crate::controllers::Controller;
use crate::engine::memory::Memory;
use crate::plan::{EventDraft, EventText, Outcomes, Plan, Snapshot};
use crate::time::{Duration, Time};
use crate::why::Autoscaler as Why;

/// The HorizontalPodAutoscaler controller.
pub const CONTROLLER: Controller = Controller {
    name: "autoscaler",
    component: "horizontal-pod-autoscaler",
    watches: &[
        Kind::HorizontalPodAutoscaler,
        Kind::Deployment,
        Kind::ReplicaSet,
        Kind::ReplicationController,
        Kind::StatefulSet,
    ],
    reads_own_writes: false,
    knows_own: Some((Kind::HorizontalPodAutoscaler, PERIOD)),
    back_off: PERIOD,
    delay: crate::controllers::at_once,
    wakes,
    reconcile,
};

/// How often it looks. Upstream: `horizontal-pod-autoscaler-sync-period`.
const PERIOD: Duration = Duration::from_seconds(15);

/// What a cluster without a metrics server answers.
const NO_METRICS: &str = "unable to fetch metrics from resource metrics API: the server could not find the requested \
    resource (get pods.metrics.k8s.io)";

fn wakes(_store: &Store, change: &Change, _memory: &mut Rc<Memory>, wakes: &mut Vec<ObjectRef>) {
    // What it scales is read, and no reason to look.
    if change.object.kind == Kind::HorizontalPodAutoscaler && change.after.is_some() {
        wakes.push(change.object.clone());
    }
}

fn reconcile(snapshot: &Snapshot<'_>, target: &ObjectRef, _outcomes: &Outcomes, plan: &mut Plan) {
    let Some(stored) = snapshot.store.get::<HorizontalPodAutoscaler>(&target.key) else { return };
    plan.look_again_in(PERIOD, Why::LooksRegularly);
    let mut status = (*stored.status).clone();
    let mut set = |name: &str, is_true: bool, reason: &str, message: String| {
        set_condition(&mut status, name, is_true, reason, message, snapshot.now);
    };
    let object = Object::HorizontalPodAutoscaler(stored.clone());
    let scaled = scaled(stored);
    let Some(current) = scaled.as_ref().and_then(|scaled| replicas(snapshot.store, scaled)) else {
        let reference = &stored.spec.scale_target_ref;
        let plural =
            scaled.map_or_else(|| reference.kind.to_ascii_lowercase(), |it| it.kind.qualified_plural());
        let fault = format!("{plural} \"{}\" not found", reference.name);
        let text = EventText::Fixed(fault.clone().into());
        plan.event(EventDraft::warning(&object, "FailedGetScale", text), Why::TargetIsMissing);
        let message = format!("the HPA controller was unable to get the target's current scale: {fault}");
        set("AbleToScale", false, "FailedGetScale", message);
        return report(stored, status, Why::TargetIsMissing, plan);
    };
    let message = "the HPA controller was able to get the target's current scale";
    set("AbleToScale", true, "SucceededGetScale", message.to_owned());
    let (least, most) = (stored.spec.min_replicas.unwrap_or(1), stored.spec.max_replicas);
    if current == 0 && least != 0 {
        let message = "scaling is disabled since the replica count of the target is zero";
        set("ScalingActive", false, "ScalingDisabled", message.to_owned());
        status.current_replicas = Some(0);
        status.desired_replicas = 0;
        return report(stored, status, Why::TargetIsOff, plan);
    }
    status.current_replicas = Some(current);
    let limit = if current > most {
        Some((most, "Current number of replicas above Spec.MaxReplicas"))
    } else if current < least {
        Some((least, "Current number of replicas below Spec.MinReplicas"))
    } else {
        None
    };
    let Some((desired, reason)) = limit else {
        return report_lack(stored, status, snapshot.now, plan);
    };
    let why = || Why::KeepsWithinLimits { current, desired };
    let message = format!("the HPA controller was able to update the target scale to {desired}");
    set_condition(&mut status, "AbleToScale", true, "SucceededRescale", message, snapshot.now);
    status.desired_replicas = desired;
    status.last_scale_time = Some(snapshot.now.to_api());
    if let Some(scaled) = scaled {
        let patch = Patch::Strategic(json!({ "spec": { "replicas": desired } }));
        let write = crate::apiserver::Write::Patch { target: scaled, uid: None, patch: Box::new(patch) };
        let text = EventText::Fixed(format!("New size: {desired}; reason: {reason}").into());
        plan.write(write, why()).then_event(EventDraft::normal(&object, "SuccessfulRescale", text));
    }
    report(stored, status, why(), plan);
}

/// The object it scales, if it is of a kind with a size.
fn scaled(autoscaler: &HorizontalPodAutoscaler) -> Option<ObjectRef> {
    let reference = &autoscaler.spec.scale_target_ref;
    let kind = Kind::from_manifest(reference.api_version.as_deref().unwrap_or_default(), &reference.kind)?;
    let key = Key::new(autoscaler.key.namespace.clone(), reference.name.as_str());
    Some(ObjectRef::new(kind, key))
}

/// `spec.replicas` of the object it scales.
fn replicas(store: &Store, scaled: &ObjectRef) -> Option<i32> {
    match store.object(scaled)? {
        Object::Deployment(it) => Some(it.replicas()),
        Object::ReplicaSet(it) => Some(it.replicas()),
        Object::ReplicationController(it) => Some(it.replicas()),
        Object::StatefulSet(it) => Some(it.spec.replicas.unwrap_or(1)),
        _ => None,
    }
}

/// Says of every metric that it cannot be had.
fn report_lack(
    stored: &Rc<HorizontalPodAutoscaler>,
    mut status: api::HorizontalPodAutoscalerStatus,
    now: Time,
    plan: &mut Plan,
) {
    let object = Object::HorizontalPodAutoscaler(stored.clone());
    let metrics = stored.spec.metrics.as_deref().unwrap_or_default();
    let lacks: Vec<Lack> = metrics.iter().map(Lack::of).collect();
    let why = || Why::HasNoMetrics { metrics: lacks.len() as u32 };
    for lack in &lacks {
        let text = EventText::Fixed(lack.fault.clone().into());
        plan.event(EventDraft::warning(&object, lack.reason, text), why());
    }
    let Some(first) = lacks.first() else { return };
    let message = format!("the HPA was unable to compute the replica count: {}", first.fault);
    set_condition(&mut status, "ScalingActive", false, first.reason, message, now);
    report(stored, status, why(), plan);
    let message = format!(
        "invalid metrics ({count} invalid out of {count}), first error is: failed to get {}: {}",
        first.what,
        first.fault,
        count = lacks.len()
    );
    let text = EventText::Fixed(message.into());
    plan.event(EventDraft::warning(&object, "FailedComputeMetricsReplicas", text), why());
}

/// A metric that cannot be had.
struct Lack {
    /// `FailedGetResourceMetric`
    reason: &'static str,
    /// `cpu resource metric value`
    what: String,
    fault: String,
}

impl Lack {
    fn of(metric: &api::MetricSpec) -> Lack {
        let fault = |name: &str, target: &api::MetricTarget| {
            let value = if target.average_value.is_some() { "usage" } else { "utilization" };
            format!("failed to get {name} {value}: unable to get metrics for resource {name}: {NO_METRICS}")
        };
        if let Some(resource) = &metric.resource {
            let (reason, name) = ("FailedGetResourceMetric", &resource.name);
            let what = format!("{name} resource metric value");
            return Lack { reason, what, fault: fault(name, &resource.target) };
        }
        if let Some(resource) = &metric.container_resource {
            let (reason, name) = ("FailedGetContainerResourceMetric", &resource.name);
            let what = format!("{name} container metric value");
            return Lack { reason, what, fault: fault(name, &resource.target) };
        }
        let (reason, what, api) = match metric.type_.as_str() {
            "Object" => ("FailedGetObjectMetric", "object metric value", "custom"),
            "External" => ("FailedGetExternalMetric", "external metric value", "external"),
            _ => ("FailedGetPodsMetric", "pods metric value", "custom"),
        };
        let fault =
            format!("unable to fetch metrics from {api} metrics API: no {api} metrics API is registered");
        Lack { reason, what: what.to_owned(), fault }
    }
}

fn set_condition(
    status: &mut api::HorizontalPodAutoscalerStatus,
    name: &str,
    is_true: bool,
    reason: &str,
    message: String,
    now: Time,
) {
    let state = if is_true { "True" } else { "False" };
    let conditions = status.conditions.get_or_insert_default();
    let place = conditions.iter().position(|condition| condition.type_ == name).unwrap_or_else(|| {
        let type_ = name.to_owned();
        conditions.push(api::HorizontalPodAutoscalerCondition { type_, ..Default::default() });
        conditions.len() - 1
    });
    let condition = &mut conditions[place];
    if condition.status != state {
        condition.last_transition_time = Some(now.to_api());
    }
    condition.status = state.to_owned();
    condition.reason = Some(reason.to_owned());
    condition.message = Some(message);
}

fn report(
    stored: &Rc<HorizontalPodAutoscaler>,
    status: api::HorizontalPodAutoscalerStatus,
    why: Why,
    plan: &mut Plan,
) {
    if *stored.status == status {
        return;
    }
    let updated = HorizontalPodAutoscaler { status: Rc::new(status), ..(**stored).clone() };
    plan.update_status(Object::HorizontalPodAutoscaler(Rc::new(updated)), why);
}
