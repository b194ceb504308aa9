//! Makes room for a pod that fits nowhere, by asking pods of lower priority to leave.
//! Upstream: `pkg/scheduler/framework/preemption`, `plugins/defaultpreemption`.

use std::cmp::Reverse;
use std::rc::Rc;

use super::budgets::Budgets;
use super::census::Census;
use super::filter::Filters;
use super::message::{self, Histogram};
use super::node_order::Room;
use super::view::{Incoming, View};
use crate::api::{Node, Pod};
use crate::time::Time;
use crate::why::scheduler::Rejection;

/// At least this many candidates are tried. Upstream: `minCandidateNodesAbsolute`.
const FEWEST_CANDIDATES: usize = 100;
/// At least this share of the candidates is tried, in percent. Upstream: `minCandidateNodesPercentage`.
const CANDIDATES_PERCENT: usize = 10;

/// What came of the attempt.
pub(super) enum Preemption {
    /// A node will be cleared.
    Clears(Candidate),
    /// Nothing, and why: the end of the pod's message.
    DoesNotHelp(String),
}

/// A node and who has to leave it.
pub(super) struct Candidate {
    pub(super) node: Rc<str>,
    /// The most important first.
    pub(super) victims: Vec<Rc<Pod>>,
    /// How many of them a budget would rather keep.
    pub(super) violations: usize,
}

/// Looks for the node that can be cleared at the least cost.
#[inline(never)]
pub(super) fn preempt(
    incoming: &Incoming<'_>,
    view: &View<'_>,
    rejected: &[(&Rc<Node>, Rejection)],
    census: &mut Census,
) -> Preemption {
    let pod = incoming.pod;
    if pod.spec.spec.preemption_policy.as_deref() == Some("Never") {
        return Preemption::DoesNotHelp("not eligible due to preemptionPolicy=Never.".to_owned());
    }
    if waits_for_victims(pod, view, rejected) {
        let reason = "not eligible due to a terminating pod on the nominated node.";
        return Preemption::DoesNotHelp(reason.to_owned());
    }
    let helpable: Vec<&Rc<Node>> =
        rejected.iter().filter(|(_, rejection)| is_resolvable(rejection)).map(|(node, _)| *node).collect();
    let enough = (helpable.len() * CANDIDATES_PERCENT / 100).max(FEWEST_CANDIDATES);
    let (mut candidates, mut histogram, mut tried) = (Vec::new(), Histogram::new(), 0);
    let budgets = Budgets::of(view.store);
    for node in helpable {
        if candidates.len() == enough {
            break;
        }
        tried += 1;
        match clear(node, incoming, view, &budgets, census) {
            Ok(candidate) => candidates.push(candidate),
            Err(None) => {
                *histogram.entry("No preemption victims found for incoming pod".into()).or_insert(0) += 1;
            }
            Err(Some(rejection)) => message::count(&mut histogram, &rejection),
        }
    }
    match cheapest(candidates) {
        Some(candidate) => Preemption::Clears(candidate),
        None => {
            let others = (view.nodes.len() - tried) as u32;
            if others > 0 {
                *histogram.entry("Preemption is not helpful for scheduling".into()).or_insert(0) += others;
            }
            Preemption::DoesNotHelp(message::fit_error(view.nodes.len(), &histogram))
        }
    }
}

/// Whether the pods that were asked to leave for `pod` are still on their way.
fn waits_for_victims(pod: &Pod, view: &View<'_>, rejected: &[(&Rc<Node>, Rejection)]) -> bool {
    let Some(nominated) = pod.status.nominated_node_name.as_deref() else { return false };
    let Some((node, _)) =
        rejected.iter().find(|(node, rejection)| node.name() == nominated && is_resolvable(rejection))
    else {
        return false;
    };
    let is_leaving = |other: &&Rc<Pod>| {
        let condition = other.condition("DisruptionTarget");
        let by_us = |reason: &String| reason == "PreemptionByScheduler";
        other.priority() < pod.priority()
            && other.is_terminating()
            && condition.is_some_and(|condition| condition.reason.as_ref().is_some_and(by_us))
    };
    view.pods_on(node).any(|other| is_leaving(&other))
}

/// Whether the node might do if pods left it.
fn is_resolvable(rejection: &Rejection) -> bool {
    match rejection {
        Rejection::Port(_)
        | Rejection::Uneven { .. }
        | Rejection::AntiAffinity
        | Rejection::ExistingAntiAffinity
        | Rejection::ClaimInUse => true,
        Rejection::TooLittle(shortages) => {
            shortages.iter().all(|shortage| shortage.asked <= shortage.allocatable)
        }
        Rejection::Cordoned
        | Rejection::Taint(_)
        | Rejection::NodeAffinity
        | Rejection::NotNamed
        | Rejection::ConflictingNames
        | Rejection::SpreadLabelMissing(_)
        | Rejection::Affinity
        | Rejection::ClaimMissing(_)
        | Rejection::ClaimComing(_)
        | Rejection::ClaimLost { .. }
        | Rejection::ClaimTerminating(_)
        | Rejection::ClaimUnbound
        | Rejection::VolumeMissing
        | Rejection::VolumeOutOfReach
        | Rejection::NoVolume => false,
    }
}

/// The fewest pods that have to leave `node`; those that no budget protects leave first.
///
/// # Errors
/// Why the node does not do even without every pod of lower priority; `None` where it has no such pod.
fn clear(
    node: &Rc<Node>,
    incoming: &Incoming<'_>,
    view: &View<'_>,
    budgets: &Budgets<'_>,
    census: &mut Census,
) -> Result<Candidate, Option<Rejection>> {
    let priority = incoming.pod.priority();
    let mut lower: Vec<Rc<Pod>> =
        view.pods_on(node).filter(|pod| pod.priority() < priority).cloned().collect();
    if lower.is_empty() {
        return Err(None);
    }
    let mut rejection_without = |gone: Vec<Rc<Pod>>| {
        let view = view.without(gone);
        let node = view.node(&node.key)?;
        Filters::new(incoming, &view, census).check(&view, &view.candidate(node, Room::of(node)))
    };
    if let Some(rejection) = rejection_without(lower.clone()) {
        return Err(Some(rejection));
    }
    crate::order::sort_by_key(&mut lower, |pod| (Reverse(pod.priority()), started(pod), pod.key.clone()));
    let (protected, others) = budgets.split(&lower);
    let mut victims = lower;
    for pod in protected.iter().chain(&others) {
        let without_it: Vec<Rc<Pod>> = victims.iter().filter(|other| other.uid != pod.uid).cloned().collect();
        // A pod that the newcomer fits beside may stay.
        if rejection_without(without_it.clone()).is_none() {
            victims = without_it;
        }
    }
    let violations =
        protected.iter().filter(|pod| victims.iter().any(|victim| victim.uid == pod.uid)).count();
    Ok(Candidate { node: node.key.name.clone(), victims, violations })
}

/// The candidate whose victims matter least: the fewest broken budgets, then the lowest highest priority, then the lowest sum of priorities, then the
/// fewest victims, then the latest start among the most important victims, then the first.
fn cheapest(candidates: Vec<Candidate>) -> Option<Candidate> {
    candidates.into_iter().min_by_key(|candidate| {
        let priorities = || candidate.victims.iter().map(|pod| pod.priority());
        let highest = priorities().max().unwrap_or(i32::MIN);
        // Shifted so that many pods of negative priority cost more than few.
        let sum: i64 = priorities().map(|priority| i64::from(priority) + (1 << 31)).sum();
        let important = candidate.victims.iter().filter(|pod| pod.priority() == highest);
        let earliest = important.map(|pod| started(pod)).min();
        (candidate.violations, highest, sum, candidate.victims.len(), Reverse(earliest))
    })
}

fn started(pod: &Pod) -> Time {
    pod.status.start_time.as_ref().map_or(Time(u64::MAX), Time::from_api)
}
