//! Nodes whose domains have fewer pods of the same set are better: the pod's soft constraints, or the system's
//! default ones. Upstream: `plugins/podtopologyspread/scoring.go`.
//!
//! Three nodes with 0, 1 and 2 pods of the set, maxSkew 3: count · ln(3 + 2) + 3 - 1 gives 2, 3.61 and 5.22, rounded
//! 2, 4 and 5; then 100 · (5 + 2 - raw) / 5 gives 100, 60 and 40.

use std::collections::BTreeMap;

use super::MOST;
use crate::api::Pod;
use crate::scheduler::census::{Census, Tally};
use crate::scheduler::spread::{self, Constraint, HOSTNAME};
use crate::scheduler::view::{Candidate, View};

pub(super) fn scores(
    pod: &Pod,
    nodes: &[Candidate<'_>],
    view: &View<'_>,
    census: &mut Census,
) -> Option<Vec<i64>> {
    let has_own = pod.spec.spec.topology_spread_constraints.iter().flatten().next().is_some();
    let constraints = if has_own {
        spread::constraints(pod, "ScheduleAnyway").into()
    } else {
        census.default_constraints(pod, view.store)
    };
    if constraints.is_empty() {
        return None;
    }
    // Default constraints are applied as far as a node has their labels; a pod's own must all be applicable.
    let takes_part = |candidate: &Candidate<'_>| {
        !has_own || constraints.iter().all(|constraint| candidate.node.label(&constraint.key).is_some())
    };
    let taking_part: Vec<&Candidate<'_>> = nodes.iter().filter(|candidate| takes_part(candidate)).collect();
    let counted: Vec<Counted<'_>> = constraints
        .iter()
        .map(|constraint| Counted::new(constraint, pod, &taking_part, view, census))
        .collect();
    let raw: Vec<Option<i64>> =
        nodes.iter().map(|candidate| takes_part(candidate).then(|| raw_score(&counted, candidate))).collect();
    let known = || raw.iter().flatten().copied();
    let (most, fewest) = (known().max().unwrap_or(0), known().min().unwrap_or(0));
    let normalise = |raw: &Option<i64>| match raw {
        None => 0,
        Some(_) if most == 0 => MOST,
        Some(raw) => MOST * (most + fewest - raw) / most,
    };
    Some(raw.iter().map(normalise).collect())
}

/// A constraint and the matching pods of each domain.
struct Counted<'a> {
    constraint: &'a Constraint,
    tally: Tally,
    /// Matching pods by the value of the topology key; empty for host names, which `tally` has already.
    domains: BTreeMap<&'a str, i64>,
    /// More domains make each pod count more.
    weight: f64,
}

impl<'a> Counted<'a> {
    fn new(
        constraint: &'a Constraint,
        pod: &Pod,
        nodes: &[&Candidate<'a>],
        view: &View<'a>,
        census: &mut Census,
    ) -> Counted<'a> {
        let tally = constraint.tally(view, census);
        let key = &*constraint.key;
        let mut domains = BTreeMap::new();
        if key != HOSTNAME {
            domains = nodes.iter().filter_map(|candidate| Some((candidate.node.label(key)?, 0))).collect();
            // Where no node has the label, there is nothing to count.
            let has_domains = !domains.is_empty();
            for (name, count) in tally.iter().filter(|_| has_domains) {
                let Some(node) = view.node_named(name) else { continue };
                if let Some(value) = node.label(key)
                    && let Some(domain) = domains.get_mut(value)
                    && constraint.includes(pod, node)
                {
                    *domain += count;
                }
            }
        }
        let size = if key == HOSTNAME { nodes.len() } else { domains.len() };
        Counted { constraint, tally, domains, weight: libm::log((size + 2) as f64) }
    }

    fn pods_near(&self, candidate: &Candidate<'_>) -> Option<i64> {
        let value = candidate.node.label(&self.constraint.key)?;
        if &*self.constraint.key == HOSTNAME {
            return Some(self.tally.get(candidate.node.name()).copied().unwrap_or(0));
        }
        Some(self.domains.get(value).copied().unwrap_or(0))
    }
}

fn raw_score(constraints: &[Counted<'_>], candidate: &Candidate<'_>) -> i64 {
    let scores = constraints.iter().filter_map(|counted| {
        let pods = counted.pods_near(candidate)?;
        Some(pods as f64 * counted.weight + (counted.constraint.max_skew - 1) as f64)
    });
    scores.sum::<f64>().round() as i64
}
