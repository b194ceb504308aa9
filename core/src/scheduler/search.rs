//! Examines nodes until enough of them are known to be feasible. Upstream: `findNodesThatFitPod` in
//! `pkg/scheduler/schedule_one.go`.

use std::rc::Rc;

use super::census::Census;
use super::filter::Filters;
use super::message::{self, Histogram};
use super::node_order::Room;
use super::view::{Candidate, Incoming, View};
use crate::api::{Node, Pod};
use crate::why::scheduler::Rejection;

/// Below this many nodes, every one is examined. Upstream: `minFeasibleNodesToFind`.
const FEWEST_TO_FIND: usize = 100;

/// What the filters said.
pub(super) struct Search<'a> {
    /// The nodes that were examined, in that order.
    pub(super) examined: Vec<(Candidate<'a>, Option<Rejection>)>,
    /// Why no node at all can be right, where that was known beforehand.
    pub(super) hopeless: Option<Rejection>,
}

impl<'a> Search<'a> {
    /// The nodes that pass every filter.
    pub(super) fn feasible(&self) -> Vec<Candidate<'a>> {
        self.examined.iter().filter(|(_, rejection)| rejection.is_none()).map(|(node, _)| *node).collect()
    }

    /// The nodes that some filter rejects.
    pub(super) fn rejected(&self) -> Vec<(&'a Rc<Node>, Rejection)> {
        let rejected = self.examined.iter();
        rejected.filter_map(|(candidate, rejection)| Some((candidate.node, rejection.clone()?))).collect()
    }

    /// What the filters reject nodes for.
    pub(super) fn rejections(&self) -> impl Iterator<Item = &Rejection> {
        self.hopeless.iter().chain(self.examined.iter().filter_map(|(_, rejection)| rejection.as_ref()))
    }

    /// The rejected nodes by reason.
    pub(super) fn histogram(&self) -> Histogram {
        let mut histogram = Histogram::new();
        self.rejections().for_each(|rejection| message::count(&mut histogram, rejection));
        histogram
    }
}

/// The filters, ready for any node: once with the pods that nodes are being cleared for, once without.
pub(super) struct Examiner<'a> {
    with_nominated: Option<(View<'a>, Filters<'a>)>,
    view: View<'a>,
    filters: Filters<'a>,
}

impl<'a> Examiner<'a> {
    /// Prepares the filters. `nominated` are pods that nodes are being cleared for.
    pub(super) fn new(
        incoming: &'a Incoming<'a>,
        view: View<'a>,
        nominated: &[Rc<Pod>],
        census: &mut Census,
    ) -> Examiner<'a> {
        let with_nominated = (!nominated.is_empty()).then(|| {
            let mut view = view.clone();
            view.present.extend(nominated.iter().cloned());
            let filters = Filters::new(incoming, &view, census);
            (view, filters)
        });
        let filters = Filters::new(incoming, &view, census);
        Examiner { with_nominated, view, filters }
    }

    /// What the filters say of one node. Room that is being cleared for a pod of at least the same priority is no room;
    /// but that pod's presence must not be needed either.
    fn examine(&self, node: &'a Rc<Node>, room: Room) -> (Candidate<'a>, Option<Rejection>) {
        let crowded = self.with_nominated.as_ref();
        let rejection = crowded.and_then(|(view, filters)| filters.check(view, &view.candidate(node, room)));
        let candidate = self.view.candidate(node, room);
        let rejection = rejection.or_else(|| self.filters.check(&self.view, &candidate));
        (candidate, rejection)
    }

    /// Examines nodes from `start` on until enough are feasible. The node that was cleared for the pod comes first, and
    /// alone if it fits.
    pub(super) fn search(&self, start: usize, cleared: Option<&'a Rc<Node>>) -> Search<'a> {
        if let Some(hopeless) = self.filters.hopeless() {
            return Search { examined: Vec::new(), hopeless: Some(hopeless) };
        }
        if let Some(node) = cleared {
            let examined = self.examine(node, Room::of(node));
            if examined.1.is_none() {
                return Search { examined: vec![examined], hopeless: None };
            }
        }
        let all = self.view.nodes.len();
        let enough = feasible_to_find(all);
        let mut feasible = 0;
        let mut examined = Vec::with_capacity(all.min(enough));
        for place in 0..all {
            let listed = &self.view.nodes[(start + place) % all];
            let Some(node) = self.view.node(&listed.key) else { continue };
            let result = self.examine(node, listed.room);
            feasible += usize::from(result.1.is_none());
            examined.push(result);
            if feasible == enough {
                break;
            }
        }
        Search { examined, hopeless: None }
    }
}

/// How many feasible nodes end the search: a share of the nodes that shrinks from 50 % to 5 % as they grow.
fn feasible_to_find(nodes: usize) -> usize {
    if nodes < FEWEST_TO_FIND {
        return nodes;
    }
    let percentage = 50_usize.saturating_sub(nodes / 125).max(5);
    (nodes * percentage / 100).max(FEWEST_TO_FIND)
}

#[cfg(test)]
mod tests {
    use super::feasible_to_find;

    #[test]
    fn large_clusters_are_searched_in_part() {
        assert_eq!(feasible_to_find(3), 3);
        assert_eq!(feasible_to_find(100), 100);
        assert_eq!(feasible_to_find(1000), 420);
        assert_eq!(feasible_to_find(6000), 300);
    }
}
