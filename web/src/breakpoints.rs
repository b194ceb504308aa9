//! Where play stops: on the step that makes one of these true.

use kubestep_core::api::{Kind, Object, Pod};
use kubestep_core::apiserver::Change;
use kubestep_core::engine::{Actor, Step, StepId, What};
use serde_json::Value;

use crate::actor;
use crate::scene::chart::Chart;

/// Something that becomes true at a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Breakpoint {
    /// A pod becomes Ready.
    PodReady,
    /// A pod is asked to terminate.
    PodTerminating,
    /// A pod's phase becomes this.
    PodPhase(&'static str),
    /// A condition of this type changes its status, on an object of this kind.
    Condition(Kind, &'static str),
    /// The value at this path of an object of this kind changes: `Deployment`, `status.readyReplicas`.
    Field {
        /// The kind.
        kind: Kind,
        /// Names joined by dots; a number is an index of a list.
        path: String,
    },
    /// This component does something.
    Acts(Actor),
    /// Fewer pods of a Deployment are available than its rollout may go down to.
    BelowFloor,
    /// A rollout has made no progress for as long as its Deployment allows.
    DeadlineExceeded,
    /// The API server refuses a request.
    Refused,
    /// A client's request to a Service fails.
    RequestFails,
}

impl Breakpoint {
    /// A few words: "pod Ready".
    pub fn label(&self) -> String {
        match self {
            Self::PodReady => "pod Ready".to_owned(),
            Self::PodTerminating => "pod terminating".to_owned(),
            Self::PodPhase(phase) => format!("pod {phase}"),
            Self::Condition(kind, name) => format!("{} {name} changes", kind.name()),
            Self::Field { kind, path } => format!("{} {path}", kind.name()),
            Self::Acts(actor) => format!("{} acts", actor::short(actor)),
            Self::BelowFloor => "below the floor".to_owned(),
            Self::DeadlineExceeded => "deadline exceeded".to_owned(),
            Self::Refused => "request refused".to_owned(),
            Self::RequestFails => "client request fails".to_owned(),
        }
    }

    /// Whether this step makes it true; `chart` is of the history that it belongs to.
    pub fn is_hit_by(&self, step: &Step, chart: &Chart) -> bool {
        match self {
            Self::RequestFails => chart.lost_requests_before(step.id) > 0,
            Self::Acts(actor) => step.actor == *actor && !step.is_quiet(),
            Self::Refused => matches!(step.what, What::Refused { .. }),
            _ => step.change().is_some_and(|change| self.is_made_true_by(change)),
        }
    }

    fn is_made_true_by(&self, change: &Change) -> bool {
        let (before, after) = (change.before.as_ref(), change.after.as_ref());
        match self {
            Self::PodReady => becomes(before, after, |object| pod(object).is_some_and(Pod::is_ready)),
            Self::PodTerminating => {
                becomes(before, after, |object| pod(object).is_some_and(Pod::is_terminating))
            }
            Self::PodPhase(phase) => {
                becomes(before, after, |object| pod(object).is_some_and(|pod| pod.phase() == *phase))
            }
            Self::Condition(kind, name) => {
                change.object.kind == *kind && condition(before, name) != condition(after, name)
            }
            Self::Field { kind, path } => {
                change.object.kind == *kind && field(before, path) != field(after, path)
            }
            Self::BelowFloor => becomes(before, after, is_below_floor),
            Self::DeadlineExceeded => becomes(before, after, has_exceeded_its_deadline),
            Self::Acts(_) | Self::Refused | Self::RequestFails => false,
        }
    }

    /// Every known step that makes it true.
    pub fn hits(&self, chart: &Chart) -> Vec<StepId> {
        chart.steps().filter(|step| self.is_hit_by(step, chart)).map(|step| step.id).collect()
    }

    /// The first step after `cursor` that makes it true, among those that are known.
    pub fn next_hit(&self, chart: &Chart, cursor: Option<StepId>) -> Option<StepId> {
        let first = cursor.map_or(0, |step| step.0 as usize + 1);
        chart.steps().skip(first).find(|step| self.is_hit_by(step, chart)).map(|step| step.id)
    }
}

/// What people wait for, in words.
pub fn usual() -> [(&'static str, Breakpoint); 10] {
    [
        ("A pod becomes Ready", Breakpoint::PodReady),
        ("A pod starts to terminate", Breakpoint::PodTerminating),
        ("A pod's phase becomes Running", Breakpoint::PodPhase("Running")),
        ("A pod's phase becomes Failed", Breakpoint::PodPhase("Failed")),
        ("A Deployment's Available condition changes", Breakpoint::Condition(Kind::Deployment, "Available")),
        (
            "A Deployment's Progressing condition changes",
            Breakpoint::Condition(Kind::Deployment, "Progressing"),
        ),
        ("Availability falls below the rollout's floor", Breakpoint::BelowFloor),
        ("A rollout exceeds its progress deadline", Breakpoint::DeadlineExceeded),
        ("The API server refuses a request", Breakpoint::Refused),
        ("A client's request fails", Breakpoint::RequestFails),
    ]
}

/// Whether `is` holds after a change and did not before it.
fn becomes(before: Option<&Object>, after: Option<&Object>, is: impl Fn(&Object) -> bool) -> bool {
    after.is_some_and(&is) && !before.is_some_and(&is)
}

fn pod(object: &Object) -> Option<&Pod> {
    if let Object::Pod(pod) = object { Some(pod) } else { None }
}

/// Whether a Deployment that has been observed counts fewer available pods than replicas - maxUnavailable.
fn is_below_floor(object: &Object) -> bool {
    let Object::Deployment(deployment) = object else { return false };
    let floor = deployment.replicas() - deployment.max_unavailable();
    deployment.status.observed_generation.is_some()
        && deployment.status.available_replicas.unwrap_or(0) < floor
}

/// Whether a Deployment says that its rollout has stood still for too long.
fn has_exceeded_its_deadline(object: &Object) -> bool {
    let Object::Deployment(deployment) = object else { return false };
    let conditions = deployment.status.conditions.iter().flatten();
    conditions.into_iter().any(|condition| condition.reason.as_deref() == Some("ProgressDeadlineExceeded"))
}

fn condition(object: Option<&Object>, name: &str) -> Option<Value> {
    let conditions = object?.to_json().pointer("/status/conditions")?.as_array()?.clone();
    conditions
        .into_iter()
        .find(|condition| condition["type"] == name)
        .map(|condition| condition["status"].clone())
}

fn field(object: Option<&Object>, path: &str) -> Option<Value> {
    object?.to_json().pointer(&format!("/{}", path.replace('.', "/"))).cloned()
}
