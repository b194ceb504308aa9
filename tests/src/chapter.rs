//! Which steps a story is told by.

use kubestep_core::Step;
use kubestep_core::api::Kind;
use kubestep_core::engine::{Actor, What};
use kubestep_core::kubelet::MachineChange;

/// A selection of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chapter {
    /// Everything but looks that found nothing to do.
    Everything,
    /// The Deployment controller's scaling, and what it waited for: who became ready, who left.
    Rollout,
    /// Everything that happens to pods: to their objects, and on their machines.
    Pods,
    /// The network: endpoints, and what the nodes make of them.
    Network,
    /// Requests that are followed, hop by hop.
    Requests,
    /// What kubectl was asked and printed.
    Kubectl,
    /// Kubernetes Events.
    Events,
}

impl Chapter {
    /// Whether `step` belongs to it.
    pub fn contains(self, step: &Step) -> bool {
        let kind = step.change().filter(|change| !change.is_noop()).map(|change| change.object.kind);
        match self {
            Chapter::Everything => !step.is_quiet(),
            Chapter::Rollout => {
                let scales = kind == Some(Kind::ReplicaSet) && !is_status(step);
                let from_pod = kind == Some(Kind::Pod) && is_status(step) && became_ready(step);
                scales || from_pod
            }
            Chapter::Pods => {
                let on_machine = matches!(
                    &step.what,
                    What::Machine(change) if !matches!(change, MachineChange::RulesWritten { .. })
                );
                kind == Some(Kind::Pod) || on_machine || matches!(step.what, What::Refused { .. })
            }
            Chapter::Network => {
                let rules = matches!(&step.what, What::Machine(MachineChange::RulesWritten { .. }));
                rules || matches!(kind, Some(Kind::EndpointSlice | Kind::Service))
            }
            Chapter::Requests => matches!(step.what, What::Hop(_)),
            Chapter::Kubectl => {
                matches!(step.actor, Actor::You | Actor::Kubectl(_)) && !matches!(step.what, What::Looked)
            }
            Chapter::Events => kind == Some(Kind::Event),
        }
    }
}

fn is_status(step: &Step) -> bool {
    step.change().is_some_and(|change| change.subresource == "status")
}

fn became_ready(step: &Step) -> bool {
    let ready = |object: &Option<kubestep_core::api::Object>| matches!(object, Some(kubestep_core::api::Object::Pod(pod)) if pod.is_ready());
    step.change().is_some_and(|change| ready(&change.after) && !ready(&change.before))
}
