//! Why a request failed: the step that decided it, and what led to that step.
//!
//! A request leaves no trace but its record, since thousands of them pass between two steps. What decided it is found
//! in the steps before it: the rules by which its node sent it on, the end of the process that it was sent to, the
//! policy that let it fall. Behind that step comes its own chain of causes, back to a command, a timer or a fault.

use std::rc::Rc;

use crate::api::{Key, Kind, Uid};
use crate::apiserver::Verb;
use crate::engine::{Actor, Step, Timeline, What};
use crate::kubelet::{MachineChange, PodChange};
use crate::network::flow::{Loss, Outcome, Silence};
use crate::network::traffic::Request;

/// The step that decided what became of a request, the step that caused that one, and so on. Empty for a request that
/// was answered, and for one that failed before anything had happened.
pub fn why<'a>(timeline: &'a Timeline, request: &Request) -> Vec<&'a Step> {
    let deciding = match &request.outcome {
        Outcome::Answered => None,
        Outcome::Refused | Outcome::TimedOut(Silence::NoLocalEndpoint | Silence::NoSuchPort) => {
            rules_written(timeline, request).or_else(|| changed_service(timeline, request))
        }
        Outcome::TimedOut(Silence::NoRules | Silence::NoWayIn) | Outcome::Unresolved(_) => {
            changed_service(timeline, request)
        }
        Outcome::TimedOut(Silence::Denied(_)) => changed(timeline, request, |kind, key| {
            kind == Kind::NetworkPolicy && Some(key) == request.policy.as_ref()
        }),
        Outcome::TimedOut(Silence::NoAnswer) => started(timeline, request),
        Outcome::Lost(loss) => end_of_process(timeline, request, *loss)
            .or_else(|| rules_written(timeline, request))
            .or_else(|| changed_service(timeline, request)),
    };
    let deciding = deciding.or_else(|| asked_before(timeline, request));
    deciding.map_or_else(Vec::new, |step| timeline.why_chain(step.id))
}

/// The steps before a request, latest first.
fn before<'a>(timeline: &'a Timeline, request: &Request) -> impl Iterator<Item = &'a Rc<Step>> {
    let at = request.at;
    let steps = timeline.steps();
    // What happens at the very time of a request comes after it: time moves on before a step is made.
    let count = steps.partition_point(|step| step.at < at);
    steps[..count].iter().rev()
}

/// The steps before the end of a request that one of them cut short, and that one, latest first.
fn until_its_end<'a>(timeline: &'a Timeline, request: &Request) -> impl Iterator<Item = &'a Rc<Step>> {
    let steps = timeline.steps();
    let count = steps.partition_point(|step| step.at <= request.ended);
    steps[..count].iter().rev()
}

/// When its node wrote the rules that it went by.
fn rules_written<'a>(timeline: &'a Timeline, request: &Request) -> Option<&'a Rc<Step>> {
    let service = request.service.as_ref()?;
    before(timeline, request).find(|step| match &step.what {
        What::Machine(MachineChange::RulesWritten { node, services }) => {
            *node == request.node && services.contains(service)
        }
        _ => false,
    })
}

/// The latest write of its Service, or of what its Service's name stands for.
fn changed_service<'a>(timeline: &'a Timeline, request: &Request) -> Option<&'a Rc<Step>> {
    let service = request.service.as_ref()?;
    changed(timeline, request, |kind, key| kind == Kind::Service && key == service)
}

fn changed<'a>(
    timeline: &'a Timeline,
    request: &Request,
    is_meant: impl Fn(Kind, &Key) -> bool,
) -> Option<&'a Rc<Step>> {
    before(timeline, request).find(|step| {
        let change = step.change().filter(|change| !change.is_noop());
        change.is_some_and(|change| is_meant(change.object.kind, &change.object.key))
    })
}

/// What happened last to the process, or to the network namespace, that should have answered.
fn end_of_process<'a>(timeline: &'a Timeline, request: &Request, loss: Loss) -> Option<&'a Rc<Step>> {
    if loss == Loss::NoNode {
        return switched_off(timeline, request);
    }
    let (_, pod) = request.pod.as_ref()?;
    if loss == Loss::Reset {
        return until_its_end(timeline, request).find(|step| ended(step, *pod, request.container.as_deref()));
    }
    before(timeline, request).find(|step| match &step.what {
        What::Machine(MachineChange::Pod { uid, what, .. }) => is_of(*pod, *uid, loss, what),
        _ => false,
    })
}

/// When the process was started that takes so long.
fn started<'a>(timeline: &'a Timeline, request: &Request) -> Option<&'a Rc<Step>> {
    let (_, pod) = request.pod.as_ref()?;
    before(timeline, request).find(|step| match &step.what {
        What::Machine(MachineChange::Pod { uid, what, .. }) if uid == pod => match what {
            PodChange::Started(container) => Some(container) == request.container.as_ref(),
            what => *what == PodChange::ByHand,
        },
        _ => false,
    })
}

/// When its node was taken out of the cluster.
fn switched_off<'a>(timeline: &'a Timeline, request: &Request) -> Option<&'a Rc<Step>> {
    let node = request.host.as_ref()?;
    until_its_end(timeline, request).find(|step| {
        let change = step.change().filter(|change| change.verb == Verb::Delete);
        change.is_some_and(|change| change.object.kind == Kind::Node && change.object.key.name == *node)
    })
}

/// Whether a process of a container ends in a step.
fn ended(step: &Step, pod: Uid, container: Option<&str>) -> bool {
    let What::Machine(MachineChange::Pod { uid, what, .. }) = &step.what else { return false };
    let ends = match what {
        PodChange::Exited { container: name, .. } => Some(&**name) == container,
        what => *what == PodChange::ByHand,
    };
    *uid == pod && ends
}

fn is_of(pod: Uid, uid: Uid, loss: Loss, what: &PodChange) -> bool {
    let decides = match what {
        PodChange::SandboxGone { .. } => loss == Loss::NoSandbox,
        PodChange::Exited { .. } | PodChange::Killed(_) => loss != Loss::NoSandbox,
        PodChange::Terminated(_) | PodChange::Started(_) | PodChange::ByHand => loss == Loss::NotListening,
        PodChange::SandboxUp { .. }
        | PodChange::PullBegan(_)
        | PodChange::PullEnded { .. }
        | PodChange::Listens(_)
        | PodChange::Probed { .. }
        | PodChange::HookBegan(_)
        | PodChange::HookEnded(_)
        | PodChange::PostStartBegan(_)
        | PodChange::PostStartEnded(_)
        | PodChange::Evicted => false,
    };
    pod == uid && decides
}

/// The latest thing that a person did before it: what nothing else explains was so from the beginning.
fn asked_before<'a>(timeline: &'a Timeline, request: &Request) -> Option<&'a Rc<Step>> {
    let is_failure = request.outcome != Outcome::Answered;
    before(timeline, request).filter(|_| is_failure).find(|step| step.actor == Actor::You)
}
