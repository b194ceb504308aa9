//! DaemonSets: their revisions, and a place for each node.

use std::collections::BTreeMap;
use std::rc::Rc;

use kubestep_core::api::{DaemonSet, Kind, Node, Pod};
use kubestep_core::controllers::daemon_set::{misfit, node_of};
use kubestep_core::why::daemon_set::Misfit;

use super::{MOST_CELLS, View, coming, key, revisions};
use crate::scene::figures::{Dial, Gauge, GaugeCell, GaugeKind, Note, Row, RowSize, WorkloadFigure};
use crate::scene::geometry::Rect;

/// A DaemonSet's row.
#[inline(never)]
pub(super) fn figure(set: &DaemonSet, view: &View<'_>) -> WorkloadFigure {
    let status = &set.status;
    let newest = revisions::newest(set.uid, view.store());
    let (parts, hidden) =
        revisions::parts(
            set.uid,
            view,
            |revision| {
                if newest.as_deref() == Some(revision) { "latest" } else { "" }
            },
        );
    let row = row(set, view);
    let available = row.cells.iter().filter(|cell| cell.kind == GaugeKind::Available).count();
    WorkloadFigure {
        key: key(Kind::DaemonSet, set.uid),
        kind: Kind::DaemonSet,
        name: set.name().to_owned(),
        namespace: None,
        card: Rect::default(),
        size: RowSize::Full,
        summary: format!("{available}/{}", eligible(&row.cells)),
        rows: vec![
            ("Nodes", status.desired_number_scheduled.to_string()),
            ("Ready", status.number_ready.to_string()),
            ("Updated", status.updated_number_scheduled.unwrap_or(0).to_string()),
            ("Misscheduled", status.number_misscheduled.to_string()),
        ],
        counts: Vec::new(),
        hit: view.is_hit(set.uid),
        parts,
        hidden,
        gauge: Gauge::of(Dial::Row(row)),
    }
}

fn row(set: &DaemonSet, view: &View<'_>) -> Row {
    let mut pods: BTreeMap<&str, &Pod> = BTreeMap::new();
    for pod in view.store().pods_of(set.uid) {
        let Some(node) = node_of(pod) else { continue };
        // While one pod replaces another on the same node, the one that stays is shown.
        match pods.get(node) {
            Some(known) if !known.is_terminating() => {}
            _ => _ = pods.insert(node, pod),
        }
    }
    let mut cells = Vec::new();
    let mut names = Vec::new();
    let mut left_out: Vec<(&Rc<Node>, Misfit)> = Vec::new();
    for node in view.store().list::<Node>().take(MOST_CELLS) {
        let misfit = misfit(set, node);
        cells.push(match (pods.get(node.name()), &misfit) {
            (Some(pod), _) => view.cell(pod, set.min_ready_seconds()),
            (None, None) => coming(0),
            (None, Some(_)) => GaugeCell { revision: 0, kind: GaugeKind::Barred },
        });
        names.push(node.name().to_owned());
        left_out.extend(misfit.map(|misfit| (node, misfit)));
    }
    let nodes = eligible(&cells);
    let available = cells.iter().filter(|cell| cell.kind == GaugeKind::Available).count();
    let pace = match nodes as i32 {
        nodes if set.allows_surge() => format!(", maxSurge {}", set.max_surge(nodes)),
        nodes if set.is_rolling_update() => format!(", maxUnavailable {}", set.max_unavailable(nodes)),
        _ => String::new(),
    };
    Row {
        title: "Nodes",
        mode: format!("{}{pace}", set.strategy_type()),
        cells,
        names,
        line: None,
        reached: format!("{available} of {nodes} available"),
        limit: match left_out.len() {
            0 => String::new(),
            nodes => format!("{nodes} left out"),
        },
        note: left_out.first().map(|(node, misfit)| Note {
            glyph: "gated",
            words: format!("{} {}", node.name(), words(misfit)),
        }),
    }
}

/// How many places are for pods.
fn eligible(cells: &[GaugeCell]) -> usize {
    cells.iter().filter(|cell| cell.kind != GaugeKind::Barred).count()
}

fn words(misfit: &Misfit) -> String {
    match misfit {
        Misfit::Name => "is not the node that is named".to_owned(),
        Misfit::Labels => "lacks the labels that are asked for".to_owned(),
        Misfit::Taint(taint) => format!("has the taint {taint}"),
    }
}
