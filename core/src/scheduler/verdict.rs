//! Puts what a look found into the fact that justifies its outcome.

use std::cmp::Reverse;
use std::rc::Rc;

use super::message::Histogram;
use super::queue::QueuedPod;
use super::search::Search;
use super::view::View;
use crate::why::scheduler::{NodeResult, NodeRow, Points, Verdict};

/// The pod fits: the node with the most points gets it, the first of them where several have the most.
/// `points` are those of the feasible nodes in order; none where there is a single one.
pub(super) fn fits(queued: &QueuedPod, view: &View<'_>, search: &Search<'_>, points: &[Points]) -> Verdict {
    let mut feasible = 0;
    let mut best: Option<(u32, Rc<str>)> = None;
    let mut rows = Vec::with_capacity(search.examined.len());
    for (candidate, rejection) in &search.examined {
        let node = candidate.node.key.name.clone();
        let result = match rejection {
            Some(rejection) => NodeResult::Rejected(rejection.clone()),
            None => {
                let scored = points.get(feasible);
                feasible += 1;
                let total = scored.map_or(0, |points| points.total);
                if best.as_ref().is_none_or(|(most, _)| total > *most) {
                    best = Some((total, node.clone()));
                }
                scored.map_or(NodeResult::OnlyOne, |points| NodeResult::Scored(*points))
            }
        };
        rows.push(NodeRow { node, result });
    }
    let chosen = best.map(|(_, node)| node);
    Verdict {
        pod: queued.key.clone(),
        attempt: queued.attempts,
        nodes: view.nodes.len() as u32,
        feasible: feasible as u32,
        rows: kept(rows, chosen.as_deref()),
        chosen,
        reasons: Vec::new(),
        message: None,
    }
}

/// The pod fits nowhere.
pub(super) fn fits_nowhere(
    queued: &QueuedPod,
    view: &View<'_>,
    search: &Search<'_>,
    histogram: Histogram,
    message: Rc<str>,
) -> Verdict {
    let row = |node: &Rc<str>, rejection: &_| NodeRow {
        node: node.clone(),
        result: NodeResult::Rejected(Clone::clone(rejection)),
    };
    let examined = search.examined.iter().take(Verdict::MAX_ROWS);
    let rows = examined
        .filter_map(|(candidate, rejection)| Some(row(&candidate.node.key.name, rejection.as_ref()?)));
    Verdict {
        pod: queued.key.clone(),
        attempt: queued.attempts,
        nodes: view.nodes.len() as u32,
        feasible: 0,
        chosen: None,
        rows: rows.collect(),
        reasons: histogram.into_iter().collect(),
        message: Some(message),
    }
}

/// All rows of a small cluster, in order; of a large one the best, the chosen node first.
fn kept(mut rows: Vec<NodeRow>, chosen: Option<&str>) -> Vec<NodeRow> {
    if rows.len() <= Verdict::MAX_ROWS {
        return rows;
    }
    crate::order::sort_by_key(&mut rows, |row| {
        let points = match &row.result {
            NodeResult::Scored(points) => Some(points.total),
            NodeResult::OnlyOne => Some(0),
            NodeResult::Rejected(_) => None,
        };
        (Some(&*row.node) != chosen, Reverse(points))
    });
    rows.truncate(Verdict::MAX_ROWS);
    rows
}
