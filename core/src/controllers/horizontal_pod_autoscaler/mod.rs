//! Scales by what pods use: every fifteen seconds it asks the metrics server, and works out how many there should be.
//! Upstream: `pkg/controller/podautoscaler/horizontal.go`.
//!
//! ```text
//! 3 pods use 180 % of the CPU they ask for, 60 % is wanted:   ceil(3 × 180 % / 60 %) = 9
//! not below what was asked for within 300 s, at most twice as many at a time, within minReplicas and maxReplicas:   6
//! ```

mod arithmetic;
mod limits;
pub mod memory;
mod metric;
mod pods;
mod status;
mod target;

use std::rc::Rc;

use k8s_openapi::api::autoscaling::v2 as api;
use serde_json::json;

use crate::api::{HorizontalPodAutoscaler, Key, Kind, Object, ObjectRef, Pod, Selector};
use crate::apiserver::{Change, Patch, Store, Write};
use crate::controllers::Controller;
use crate::engine::memory::{Memory, Remember};
use crate::plan::{EventDraft, EventText, Outcomes, Plan, Snapshot};
use crate::time::Duration;
use crate::why::autoscaler::{Autoscaler as Why, Judgement, Lack, Limit};

use limits::{Bounds, Limited};
use memory::History;
use metric::{Asked, Scope, Silent};
use status::Report;
use target::Target;

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
        Kind::Pod,
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

fn wakes(_store: &Store, change: &Change, memory: &mut Rc<Memory>, wakes: &mut Vec<ObjectRef>) {
    // What it scales is read, and no reason to look.
    if change.object.kind != Kind::HorizontalPodAutoscaler {
        return;
    }
    if change.after.is_some() {
        wakes.push(change.object.clone());
    } else if memory.autoscalers.knows(&change.object.key) {
        Rc::make_mut(&mut Rc::make_mut(memory).autoscalers).forget(&change.object.key);
    }
}

#[inline(never)]
fn reconcile(snapshot: &Snapshot<'_>, key: &ObjectRef, _outcomes: &Outcomes, plan: &mut Plan) {
    let Some(stored) = snapshot.store.get::<HorizontalPodAutoscaler>(&key.key) else { return };
    plan.look_again_in(PERIOD, Why::LooksRegularly);
    let mut report = Report::new(stored, snapshot.now);
    let Some(target) = target::found(snapshot.store, stored) else {
        return report_missing(stored, report, plan);
    };
    let message = "the HPA controller was able to get the target's current scale";
    report.set("AbleToScale", true, "SucceededGetScale", message);
    let known = snapshot.memory.autoscalers.of(&key.key);
    let mut history = known.clone();
    if history.recommendations.is_empty() {
        history.recommendations.push((snapshot.now, target.replicas));
    }
    let look = Look { snapshot, stored, target };
    look.decide(report, &mut history, plan);
    if history != known {
        let memory = snapshot.memory.autoscalers.with(&key.key, history);
        plan.remember(Remember::Autoscalers(Rc::new(memory)));
    }
}

/// Reports that there is nothing to scale.
fn report_missing(stored: &Rc<HorizontalPodAutoscaler>, mut report: Report<'_>, plan: &mut Plan) {
    let reference = &stored.spec.scale_target_ref;
    let plural = target::named(stored)
        .map_or_else(|| reference.kind.to_ascii_lowercase(), |named| named.kind.qualified_plural());
    let fault = format!("{plural} \"{}\" not found", reference.name);
    warn(stored, "FailedGetScale", fault.clone(), Why::TargetIsMissing, plan);
    let message = format!("the HPA controller was unable to get the target's current scale: {fault}");
    report.set("AbleToScale", false, "FailedGetScale", message);
    report.send(Why::TargetIsMissing, plan);
}

fn warn(
    stored: &Rc<HorizontalPodAutoscaler>,
    reason: &'static str,
    message: String,
    why: Why,
    plan: &mut Plan,
) {
    let object = Object::HorizontalPodAutoscaler(stored.clone());
    plan.event(EventDraft::warning(&object, reason, EventText::Fixed(message.into())), why);
}

/// One look at an autoscaler whose target is there.
struct Look<'a> {
    snapshot: &'a Snapshot<'a>,
    stored: &'a Rc<HorizontalPodAutoscaler>,
    target: Target,
}

/// Why metrics lead to no size.
struct Failed {
    /// Of the Event `FailedComputeMetricsReplicas`.
    message: String,
    why: Why,
    /// As far as they said anything.
    statuses: Vec<api::MetricStatus>,
}

impl Look<'_> {
    fn decide(&self, mut report: Report<'_>, history: &mut History, plan: &mut Plan) {
        let spec = &self.stored.spec;
        let current = self.target.replicas;
        let (least, most) = (spec.min_replicas.unwrap_or(1), spec.max_replicas);
        report.status.current_replicas = Some(current);
        if current == 0 && least != 0 {
            let message = "scaling is disabled since the replica count of the target is zero";
            report.set("ScalingActive", false, "ScalingDisabled", message);
            report.status.desired_replicas = 0;
            report.status.current_metrics = None;
            return report.send(Why::TargetIsOff, plan);
        }
        let beyond = if current > most {
            Some((most, "Current number of replicas above Spec.MaxReplicas"))
        } else if current < least {
            Some((least, "Current number of replicas below Spec.MinReplicas"))
        } else {
            None
        };
        if let Some((desired, reason)) = beyond {
            report.status.current_metrics = None;
            let why = Why::KeepsWithinLimits { current, desired };
            return self.scale(report, desired, reason, why, history, plan);
        }
        let (asked, statuses) = match self.asked(&mut report, plan) {
            Ok(asked) => asked,
            Err(failed) => {
                let statuses = failed.statuses;
                report.status.current_metrics = (!statuses.is_empty()).then_some(statuses);
                report.send(failed.why.clone(), plan);
                return warn(self.stored, "FailedComputeMetricsReplicas", failed.message, failed.why, plan);
            }
        };
        report.status.current_metrics = Some(statuses);
        let reason = if asked.replicas > current {
            format!("{} above target", asked.name)
        } else if asked.replicas < current {
            "All metrics below target".to_owned()
        } else {
            String::new()
        };
        let bounds = Bounds { current, least, most };
        let behavior = spec.behavior.as_ref();
        let limited = limits::limited(behavior, history, asked.replicas, bounds, self.snapshot.now);
        report.set("AbleToScale", true, limited.ability.0, limited.ability.1);
        let (name, message) = limits::reason(limited.limit);
        report.set("ScalingLimited", limited.limit != Limit::WithinRange, name, message);
        let judgement = judgement(asked, &limited, current);
        if limited.desired == current {
            report.status.desired_replicas = current;
            return report.send(Why::Keeps(judgement), plan);
        }
        self.scale(report, limited.desired, &reason, Why::Scales(judgement), history, plan);
    }

    /// Scales, tells of it and reports.
    fn scale(
        &self,
        mut report: Report<'_>,
        desired: i32,
        reason: &str,
        why: Why,
        history: &mut History,
        plan: &mut Plan,
    ) {
        let patch = Box::new(Patch::Strategic(json!({ "spec": { "replicas": desired } })));
        let write = Write::Patch { target: self.target.reference.clone(), uid: None, patch };
        let object = Object::HorizontalPodAutoscaler(self.stored.clone());
        let size = format!("New size: {desired}; reason: {reason}");
        let failed = EventText::AfterError(format!("{size}; error: ").into());
        let done = EventText::Fixed(size.into());
        plan.write(write, why.clone())
            .then_event(EventDraft::normal(&object, "SuccessfulRescale", done))
            .else_event(EventDraft::warning(&object, "FailedRescale", failed));
        let behavior = self.stored.spec.behavior.as_ref();
        limits::note_change(behavior, history, (self.target.replicas, desired), self.snapshot.now);
        report.status.desired_replicas = desired;
        report.scaled(desired);
        report.send(why, plan);
    }

    /// What its metrics ask for: the highest number counts. Upstream: `computeReplicasForMetrics`.
    fn asked(
        &self,
        report: &mut Report<'_>,
        plan: &mut Plan,
    ) -> Result<(Asked, Vec<api::MetricStatus>), Failed> {
        let pods = self.pods(report, plan)?;
        let (spec, current) = (&self.stored.spec, self.target.replicas);
        let scope = Scope::new(self.snapshot, pods, current, spec.behavior.as_ref());
        let metrics = spec.metrics.as_deref().unwrap_or_default();
        let mut statuses = vec![api::MetricStatus::default(); metrics.len()];
        let (mut most, mut silent): (Option<Asked>, Vec<Silent>) = (None, Vec::new());
        for (place, metric) in metrics.iter().enumerate() {
            match metric::asked(metric, &scope) {
                Ok(asked) => {
                    statuses[place] = asked.status.clone();
                    if most.as_ref().is_none_or(|most| most.replicas == 0 || asked.replicas > most.replicas) {
                        most = Some(asked);
                    }
                }
                Err(fault) => silent.push(fault),
            }
        }
        let why = why_silent(&silent, metrics.len());
        for silent in &silent {
            warn(self.stored, silent.reason, silent.fault.clone(), why.clone(), plan);
        }
        let fewer = |asked: &Asked| !silent.is_empty() && asked.replicas < current;
        match (most.filter(|asked| !fewer(asked)), silent.first()) {
            (Some(asked), _) => {
                let message =
                    format!("the HPA was able to successfully calculate a replica count from {}", asked.name);
                report.set("ScalingActive", true, "ValidMetricFound", message);
                Ok((asked, statuses))
            }
            (None, first) => {
                let (reason, fault, doing) = first
                    .map_or(("", "", ""), |first| (first.reason, first.fault.as_str(), first.doing.as_str()));
                let message = format!("the HPA was unable to compute the replica count: {fault}");
                report.set("ScalingActive", false, reason, message);
                let (invalid, of) = (silent.len(), metrics.len());
                let message = format!(
                    "invalid metrics ({invalid} invalid out of {of}), first error is: {doing}: {fault}"
                );
                Err(Failed { message, why, statuses })
            }
        }
    }

    /// The pods of its target, by name, if they are its own alone. Upstream: `validateAndParseSelector`.
    fn pods(&self, report: &mut Report<'_>, plan: &mut Plan) -> Result<Vec<&Rc<Pod>>, Failed> {
        let mut fail = |reason, condition: &str, message: &str, told: &str, why: Why| {
            report.set("ScalingActive", false, condition, message);
            warn(self.stored, reason, told.to_owned(), why.clone(), plan);
            Failed { message: told.to_owned(), why, statuses: Vec::new() }
        };
        let store = self.snapshot.store;
        let Some(selector) = &self.target.selector else {
            let (told, why) = ("selector is required", Why::TargetHasNoSelector);
            let message = "the HPA target's scale is missing a selector";
            return Err(fail("SelectorRequired", "InvalidSelector", message, told, why));
        };
        let all = store.list_in::<Pod>(&self.stored.key.namespace);
        let pods: Vec<&Rc<Pod>> = all.filter(|pod| selector.matches(&pod.meta.labels)).collect();
        let sharing = self.sharing(&pods);
        if sharing.len() > 1 {
            let names: Vec<String> =
                sharing.iter().map(|key| format!("{}/{}", key.namespace, key.name)).collect();
            let told =
                format!("pods by selector {selector} are controlled by multiple HPAs: [{}]", names.join(" "));
            let why = Why::SharesItsPods { autoscalers: sharing.len() as u32 };
            return Err(fail("AmbiguousSelector", "AmbiguousSelector", &told, &told, why));
        }
        Ok(pods)
    }

    /// The autoscalers whose targets select any of these pods.
    fn sharing(&self, pods: &[&Rc<Pod>]) -> Vec<&Key> {
        let store = self.snapshot.store;
        let all = store.list_in::<HorizontalPodAutoscaler>(&self.stored.key.namespace);
        let selects = |selector: &Selector| pods.iter().any(|pod| selector.matches(&pod.meta.labels));
        let shares = |autoscaler: &&Rc<HorizontalPodAutoscaler>| {
            let target = target::found(store, autoscaler);
            target.and_then(|target| target.selector).is_some_and(|selector| selects(&selector))
        };
        all.filter(shares).map(|autoscaler| &autoscaler.key).collect()
    }
}

fn judgement(asked: Asked, limited: &Limited, current: i32) -> Rc<Judgement> {
    Rc::new(Judgement {
        resource: asked.resource,
        sum: asked.sum,
        current,
        stabilized: limited.stabilized,
        limit: limited.limit,
        desired: limited.desired,
    })
}

/// What is to be said of metrics that say nothing.
fn why_silent(silent: &[Silent], metrics: usize) -> Why {
    match silent.first() {
        Some(first) if first.lack != Lack::NoServer => {
            let (invalid, metrics) = (silent.len() as u32, metrics as u32);
            Why::CannotJudge { invalid, metrics, lack: first.lack.clone() }
        }
        _ => Why::HasNoMetrics { metrics: silent.len() as u32 },
    }
}
