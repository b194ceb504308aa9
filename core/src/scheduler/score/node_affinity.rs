//! Nodes that match more of the preferred node affinity are better. Upstream: `plugins/nodeaffinity`.

use super::normalised;
use crate::api::Pod;
use crate::placement::node_selector;
use crate::scheduler::view::Candidate;

pub(super) fn scores(pod: &Pod, nodes: &[Candidate<'_>]) -> Option<Vec<i64>> {
    let preferred = node_selector::preferred(&pod.spec.spec);
    if preferred.is_empty() {
        return None;
    }
    let weight = |candidate: &Candidate<'_>| {
        let met = preferred.iter().filter(|wish| node_selector::matches(&wish.preference, candidate.node));
        met.map(|wish| i64::from(wish.weight)).sum()
    };
    Some(normalised(nodes.iter().map(weight).collect()))
}
