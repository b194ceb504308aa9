//! Hard topology spread constraints. Upstream: `plugins/podtopologyspread/filtering.go`.
//!
//! With 2, 1 and 1 matching pods in three zones and maxSkew 1, the next pod may go to the second or third zone
//! (1 + 1 - 1 = 1), not to the first (2 + 1 - 1 = 2).

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::api::{Node, Pod};
use crate::scheduler::census::Census;
use crate::scheduler::events::ClusterEvent;
use crate::scheduler::spread::{self, Constraint};
use crate::scheduler::view::{Incoming, View};
use crate::why::scheduler::Rejection;

/// The hard constraints of a pod, counted.
pub(super) struct Hard(Vec<Counted>);

struct Counted {
    constraint: Constraint,
    /// 1 if the pod counts itself.
    own: i64,
    /// Matching pods by domain, of nodes that take part.
    domains: BTreeMap<Rc<str>, i64>,
    /// The fewest in any domain.
    fewest: i64,
}

impl Hard {
    pub(super) fn new(incoming: &Incoming<'_>, view: &View<'_>, census: &mut Census) -> Hard {
        let pod = incoming.pod;
        let constraints = spread::constraints(pod, "DoNotSchedule");
        if constraints.is_empty() {
            return Hard(Vec::new());
        }
        let keys: Vec<Rc<str>> = constraints.iter().map(|constraint| constraint.key.clone()).collect();
        let nodes: Vec<&Rc<Node>> =
            view.all_nodes().filter(|node| keys.iter().all(|key| node.label(key).is_some())).collect();
        let count = |constraint: Constraint| {
            let tally = constraint.tally(view, census);
            let mut domains = BTreeMap::new();
            for node in nodes.iter().filter(|node| constraint.includes(pod, node)) {
                let Some(value) = node.label(&constraint.key) else { continue };
                *domains.entry(Rc::from(value)).or_insert(0) += tally.get(node.name()).copied().unwrap_or(0);
            }
            let enough = domains.len() as i64 >= constraint.min_domains;
            let fewest = domains.values().copied().min().filter(|_| enough).unwrap_or(0);
            let own = i64::from(constraint.selector.matches(&pod.meta.labels));
            Counted { constraint, own, domains, fewest }
        };
        Hard(constraints.into_iter().map(count).collect())
    }

    pub(super) fn check(&self, node: &Node) -> Option<Rejection> {
        self.0.iter().find_map(|counted| counted.check(node))
    }
}

impl Counted {
    fn check(&self, node: &Node) -> Option<Rejection> {
        let key = &self.constraint.key;
        let Some(value) = node.label(key) else { return Some(Rejection::SpreadLabelMissing(key.clone())) };
        let pods = self.domains.get(value).copied().unwrap_or(0) + self.own;
        let (fewest, max_skew) = (self.fewest, self.constraint.max_skew);
        (pods - fewest > max_skew).then(|| Rejection::Uneven { key: key.clone(), pods, fewest, max_skew })
    }
}

pub(super) fn may_help(event: &ClusterEvent<'_>, pod: &Pod) -> bool {
    let constraints = spread::constraints(pod, "DoNotSchedule");
    let counts = |other: &Pod| {
        other.key.namespace == pod.key.namespace
            && constraints.iter().any(|constraint| constraint.selector.matches(&other.meta.labels))
    };
    let has_domain = |node: &Node| constraints.iter().all(|constraint| node.label(&constraint.key).is_some());
    match event {
        ClusterEvent::PodPlaced(other) | ClusterEvent::PodGone(other) => counts(other),
        ClusterEvent::PodRelabelled { before, after } => counts(before) != counts(after),
        ClusterEvent::PodChanged { before, after } => before.meta.labels != after.meta.labels,
        ClusterEvent::ClaimChanged(_) | ClusterEvent::VolumeChanged | ClusterEvent::ClassChanged => false,
        ClusterEvent::NodeAdded(node) => has_domain(node),
        ClusterEvent::NodeChanged { before, after } => {
            let same_domain = |key: &str| before.label(key) == after.label(key);
            has_domain(before) != has_domain(after)
                || has_domain(after) && !constraints.iter().all(|constraint| same_domain(&constraint.key))
                || before.taints() != after.taints()
        }
    }
}
