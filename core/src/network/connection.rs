//! Connections that clients keep for further requests.

use std::rc::Rc;

use super::flow::{Finding, Flow, Hop, Outcome, Source};
use super::walk::{Target, View};
use crate::api::{Key, Uid};
use crate::kubelet::LocalPod;
use crate::time::Time;

/// A connection that is kept for further requests.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Connection {
    /// Whose it is.
    pub(super) source: Source,
    /// Where it leads to.
    pub(super) target: Target,
    /// The Service that it was made through, if one was.
    pub(super) service: Option<Key>,
    /// Since when there has been this connection.
    pub(super) since: Time,
    /// The process at its other end; `None` where that is not simulated.
    process: Option<Rc<str>>,
}

impl Connection {
    /// The connection that a request leaves behind which has been answered, or will be.
    pub(super) fn of(flow: &Flow, service: Option<Key>) -> Option<Connection> {
        let is_well = flow.outcome == Some(Outcome::Answered) || flow.work().is_some();
        let arrival = flow.arrival().filter(|_| is_well)?;
        let target = Target {
            address: arrival.at.0.clone(),
            port: arrival.at.1,
            protocol: flow.protocol,
            node: arrival.node.clone(),
            pod: arrival.pod.clone(),
        };
        let process = match &arrival.finding {
            Finding::Answers(serving) => Some(serving.process.clone()),
            Finding::Beyond | Finding::Nobody(_) => None,
        };
        let since = match flow.hops.first() {
            Some(Hop::Reuse(reuse)) => reuse.since,
            _ => flow.began,
        };
        Some(Connection { source: flow.source.clone(), target, service, since, process })
    }

    /// Whether both ends still keep it. A process closes those that it does not work on when it stops listening; its
    /// kernel closes all of them when it ends.
    pub(super) fn is_open(&self, view: &View<'_>) -> bool {
        let is_sent = view.machines.get(&self.source.node).is_some()
            && self.source.pod.as_ref().is_none_or(|pod| {
                let pod = local(view, &self.source.node, pod);
                pod.is_some_and(|pod| pod.containers().any(|container| container.is_running()))
            });
        let is_taken = match (&self.target.node, &self.target.pod, &self.process) {
            (Some(node), Some(pod), Some(process)) => {
                let running = local(view, node, pod).and_then(|pod| pod.process(process));
                running.is_some_and(|running| running.listens)
            }
            _ => true,
        };
        is_sent && is_taken
    }
}

fn local<'a>(view: &View<'a>, node: &str, (key, uid): &(Key, Uid)) -> Option<&'a Rc<LocalPod>> {
    view.machines.get(node)?.pod_of(*uid, key)
}
