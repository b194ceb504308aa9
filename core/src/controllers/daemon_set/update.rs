//! How far a rolling update may go in one look. Upstream: `pkg/controller/daemon/update.go`, `rollingUpdate`.
//!
//! ```text
//! 10 nodes, maxUnavailable 1, one new pod not available yet    no old pod goes
//! ```

use std::rc::Rc;

use super::fit::Fit;
use super::look::Look;
use super::manage::Work;
use crate::api::Pod;
use crate::why::daemon_set::DaemonSet as Why;

/// The pods of a node, apart from those that are being deleted.
enum OnNode<'a> {
    /// One, of the latest template.
    New(&'a Rc<Pod>),
    /// One, of another template.
    Old(&'a Rc<Pod>),
    /// One of each.
    Both(&'a Rc<Pod>, &'a Rc<Pod>),
    /// None.
    Nothing,
    /// More: the next look cleans up.
    Crowd,
}

/// Adds to `work` what the update does next.
pub(super) fn roll<'a>(look: &Look<'a>, work: &mut Work<'a>) {
    let nodes = look.wanted();
    if look.set.max_surge(nodes) == 0 { replace(look, nodes, work) } else { surge(look, nodes, work) }
}

/// The nodes that have a pod, or are to have one, by name.
fn states<'a>(look: &Look<'a>) -> Vec<(Rc<str>, OnNode<'a>)> {
    let concerned =
        look.nodes.iter().filter(|(node, fit)| *fit == Fit::Runs || look.pods.contains_key(node.name()));
    concerned.map(|(node, _)| (node.key.name.clone(), state(look, look.pods_on(node.name())))).collect()
}

fn state<'a>(look: &Look<'a>, pods: &[&'a Rc<Pod>]) -> OnNode<'a> {
    let alive: Vec<&'a Rc<Pod>> = pods.iter().copied().filter(|pod| !pod.is_terminating()).collect();
    match alive.as_slice() {
        [] => OnNode::Nothing,
        [pod] if look.is_updated(pod) => OnNode::New(pod),
        [pod] => OnNode::Old(pod),
        [one, other] if look.is_updated(one) && !look.is_updated(other) => OnNode::Both(one, other),
        [one, other] if !look.is_updated(one) && look.is_updated(other) => OnNode::Both(other, one),
        _ => OnNode::Crowd,
    }
}

/// Old pods go first: as many as may be unavailable.
fn replace<'a>(look: &Look<'a>, nodes: i32, work: &mut Work<'a>) {
    let max_unavailable = look.set.max_unavailable(nodes);
    let (mut unavailable, mut broken, mut candidates) = (0, Vec::new(), Vec::new());
    for (node, state) in states(look) {
        match state {
            OnNode::New(pod) => unavailable += i32::from(!look.is_available(pod)),
            OnNode::Old(pod) if look.is_available(pod) => candidates.push((node, pod)),
            OnNode::Old(pod) => broken.push((node, pod)),
            OnNode::Nothing | OnNode::Both(..) | OnNode::Crowd => unavailable += 1,
        }
    }
    let allowed = (max_unavailable - unavailable).max(0) as usize;
    let outdated = candidates.len() + broken.len();
    let why = |node: Rc<str>, is_available: bool| Why::OutdatedPod {
        node,
        is_available,
        unavailable,
        max_unavailable,
    };
    // What does not serve anyway may always go.
    work.delete.extend(broken.into_iter().map(|(node, pod)| (pod, why(node, false))));
    work.delete.extend(candidates.into_iter().take(allowed).map(|(node, pod)| (pod, why(node, true))));
    if outdated > 0 && work.delete.is_empty() {
        work.waits = Some(Why::WaitsForUpdate { outdated: outdated as i32, unavailable, max_unavailable });
    }
}

/// New pods come first: on as many nodes as may have two.
fn surge<'a>(look: &Look<'a>, nodes: i32, work: &mut Work<'a>) {
    let max_surge = look.set.max_surge(nodes);
    let (mut surging, mut broken, mut candidates) = (0, Vec::new(), Vec::new());
    for (node, state) in states(look) {
        match state {
            OnNode::Nothing | OnNode::New(_) => {}
            OnNode::Old(pod) if look.is_available(pod) => candidates.push(node),
            OnNode::Old(_) => broken.push(node),
            OnNode::Both(new, old) if look.is_available(new) => {
                work.delete.push((old, Why::ReplacedPod { node }));
            }
            OnNode::Both(..) | OnNode::Crowd => surging += 1,
        }
    }
    let allowed = (max_surge - surging).max(0) as usize;
    let nodes = broken.into_iter().chain(candidates.into_iter().take(allowed));
    let why = |node: &Rc<str>| Why::Surges { node: node.clone(), surging, max_surge };
    work.create.extend(nodes.map(|node| (node.clone(), why(&node))));
}
