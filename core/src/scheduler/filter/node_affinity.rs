//! nodeSelector and required node affinity. Upstream: `plugins/nodeaffinity`.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::NodeSelectorTerm;

use crate::api::{Node, Pod};
use crate::placement::node_selector;
use crate::scheduler::events::ClusterEvent;
use crate::why::scheduler::Rejection;

/// The nodes that the required affinity names by `matchFields`, if every one of its terms names some: no other node
/// is looked at.
pub(super) struct Named<'a>(Option<BTreeSet<&'a str>>);

impl<'a> Named<'a> {
    pub(super) fn of(pod: &'a Pod) -> Named<'a> {
        let terms = node_selector::required(&pod.spec.spec).map(|selector| &selector.node_selector_terms);
        let Some(terms) = terms.filter(|terms| !terms.is_empty()) else { return Named(None) };
        let mut names = BTreeSet::new();
        for term in terms {
            let Some(of_term) = names_in(term) else { return Named(None) };
            names.extend(of_term);
        }
        Named(Some(names))
    }

    pub(super) fn conflict(&self) -> Option<Rejection> {
        self.0.as_ref().filter(|names| names.is_empty()).map(|_| Rejection::ConflictingNames)
    }

    pub(super) fn check(&self, node: &Node) -> Option<Rejection> {
        let names = self.0.as_ref()?;
        (!names.contains(node.name())).then_some(Rejection::NotNamed)
    }
}

pub(super) fn check(pod: &Pod, node: &Node) -> Option<Rejection> {
    (!node_selector::requirements_met(&pod.spec.spec, node)).then_some(Rejection::NodeAffinity)
}

pub(super) fn may_help(event: &ClusterEvent<'_>, pod: &Pod) -> bool {
    match event {
        ClusterEvent::NodeAdded(node) => check(pod, node).is_none(),
        ClusterEvent::NodeChanged { before, after } => {
            check(pod, before).is_some() && check(pod, after).is_none()
        }
        ClusterEvent::PodChanged { .. }
        | ClusterEvent::PodPlaced(_)
        | ClusterEvent::PodGone(_)
        | ClusterEvent::PodRelabelled { .. }
        | ClusterEvent::ClaimChanged(_)
        | ClusterEvent::VolumeChanged
        | ClusterEvent::ClassChanged => false,
    }
}

/// The nodes that a term names; `None` where it names none.
fn names_in(term: &NodeSelectorTerm) -> Option<BTreeSet<&str>> {
    let fields = term.match_fields.iter().flatten();
    let named = fields.filter(|field| field.key == "metadata.name" && field.operator == "In");
    let sets = named.map(|field| field.values.iter().flatten().map(String::as_str).collect::<BTreeSet<_>>());
    sets.reduce(|some, others| some.intersection(&others).copied().collect())
}
