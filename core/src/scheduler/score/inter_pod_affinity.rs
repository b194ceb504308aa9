//! Nodes near more pods that the pod prefers, or that prefer it, are better. Upstream:
//! `plugins/interpodaffinity/scoring.go`.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::MOST;
use crate::scheduler::census::{Census, Meaning, Tally};
use crate::scheduler::view::{Candidate, Incoming, View};

/// Weights by topology key, then by its value.
type Weights<'a> = BTreeMap<Rc<str>, BTreeMap<&'a str, i64>>;

pub(super) fn scores<'a>(
    incoming: &Incoming<'_>,
    nodes: &[Candidate<'_>],
    view: &View<'a>,
    census: &mut Census,
) -> Option<Vec<i64>> {
    let mut weights = Weights::new();
    for (term, weight) in &incoming.terms.preferred {
        for tally in view.tallies(census, std::slice::from_ref(term)) {
            weigh(&mut weights, &term.topology_key, *weight, &tally, view);
        }
    }
    for (carried, tally) in view.carriers(census).iter() {
        if let Meaning::Attracts(weight) = carried.meaning
            && carried.term.is_about(incoming.pod, view.store)
        {
            weigh(&mut weights, &carried.term.topology_key, weight, tally, view);
        }
    }
    if weights.is_empty() {
        return None;
    }
    let raw = |candidate: &Candidate<'_>| -> i64 {
        let of_key = |(key, values): (&Rc<str>, &BTreeMap<&str, i64>)| {
            candidate.node.label(key).and_then(|value| values.get(value)).copied().unwrap_or(0)
        };
        weights.iter().map(of_key).sum()
    };
    let raw: Vec<i64> = nodes.iter().map(raw).collect();
    let (most, fewest) = (raw.iter().copied().max()?, raw.iter().copied().min()?);
    if most == fewest {
        return Some(vec![0; nodes.len()]);
    }
    let stretch = |raw: i64| (MOST as f64 * ((raw - fewest) as f64 / (most - fewest) as f64)) as i64;
    Some(raw.into_iter().map(stretch).collect())
}

fn weigh<'a>(weights: &mut Weights<'a>, key: &Rc<str>, weight: i64, tally: &Tally, view: &View<'a>) {
    for (node, count) in tally.iter() {
        if let Some(value) = view.label_of(node, key) {
            *weights.entry(key.clone()).or_default().entry(value).or_insert(0) += weight * count;
        }
    }
}
