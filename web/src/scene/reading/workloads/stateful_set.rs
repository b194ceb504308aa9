//! StatefulSets: their revisions, and a place for each ordinal in order.

use std::collections::BTreeMap;

use kubestep_core::api::{Key, Kind, PersistentVolumeClaim, Pod, StatefulSet};

use super::{MOST_CELLS, View, coming, key, revisions};
use crate::scene::figures::{Dial, Gauge, GaugeCell, GaugeKind, Note, Row, RowSize, WorkloadFigure};
use crate::scene::geometry::Rect;

/// A StatefulSet's row.
#[inline(never)]
pub(super) fn figure(set: &StatefulSet, view: &View<'_>) -> WorkloadFigure {
    let status = &set.status;
    let update = status.update_revision.as_deref().unwrap_or_default();
    let (parts, hidden) = revisions::parts(set.uid, view, |revision| {
        match (revision == set.current_revision(), revision == update) {
            (true, true) => "current",
            (true, false) => "old",
            (false, true) => "update",
            (false, false) => "",
        }
    });
    let row = row(set, view);
    let available = row.cells.iter().filter(|cell| cell.kind == GaugeKind::Available).count();
    WorkloadFigure {
        key: key(Kind::StatefulSet, set.uid),
        kind: Kind::StatefulSet,
        name: set.name().to_owned(),
        namespace: None,
        card: Rect::default(),
        size: RowSize::Full,
        summary: format!("{available}/{}", set.replicas()),
        rows: vec![
            ("Replicas", set.replicas().to_string()),
            ("Ready", status.ready_replicas.unwrap_or(0).to_string()),
            ("Updated", status.updated_replicas.unwrap_or(0).to_string()),
            ("Order", if set.is_parallel() { "Parallel" } else { "OrderedReady" }.to_owned()),
        ],
        counts: Vec::new(),
        hit: view.is_hit(set.uid),
        parts,
        hidden,
        gauge: Gauge::of(Dial::Row(row)),
    }
}

fn row(set: &StatefulSet, view: &View<'_>) -> Row {
    let mut pods: BTreeMap<i64, Option<&Pod>> =
        set.ordinals().take(MOST_CELLS).map(|it| (it, None)).collect();
    for pod in view.store().pods_of(set.uid) {
        if let Some(ordinal) = set.ordinal_of(pod.name()) {
            pods.insert(ordinal, Some(pod));
        }
    }
    let wait = set.min_ready_seconds();
    let cells: Vec<GaugeCell> =
        pods.values().map(|pod| pod.map_or(coming(0), |pod| view.cell(pod, wait))).collect();
    let available = cells.iter().filter(|cell| cell.kind == GaugeKind::Available).count();
    let partition = set.partition().filter(|partition| set.is_rolling_update() && *partition > 0);
    let below = |partition: i64| pods.keys().filter(|ordinal| **ordinal < partition).count();
    let order = if set.is_parallel() { "all at once" } else { "one by one" };
    Row {
        title: "Ordinals",
        mode: format!("{}, {order}", set.strategy_type()),
        names: pods.keys().map(i64::to_string).collect(),
        line: partition.map(below),
        reached: format!("{available} of {} available", set.replicas()),
        limit: partition.map_or_else(String::new, |partition| format!("partition {partition}")),
        note: waits(set, &pods, &cells).or_else(|| claims(set, view)),
        cells,
    }
}

/// Which pod the next one waits for, where they come one by one.
fn waits(set: &StatefulSet, pods: &BTreeMap<i64, Option<&Pod>>, cells: &[GaugeCell]) -> Option<Note> {
    if set.is_parallel() {
        return None;
    }
    let places = || pods.keys().zip(cells);
    let missing = places().find(|(_, cell)| cell.kind == GaugeKind::Coming)?.0;
    let (first, cell) = places().find(|(_, cell)| cell.kind != GaugeKind::Available)?;
    let until = match cell.kind {
        _ if first >= missing => return None,
        GaugeKind::Leaving => "gone",
        _ => "available",
    };
    let words = format!("{name}-{missing} waits until {name}-{first} is {until}", name = set.name());
    Some(Note { glyph: "notready", words })
}

/// How many of the claims that its pods have made are bound.
fn claims(set: &StatefulSet, view: &View<'_>) -> Option<Note> {
    let templates = set.spec.volume_claim_templates.iter().flatten();
    let mut made = 0;
    let mut bound = 0;
    for template in templates {
        let template = template.metadata.name.as_deref().unwrap_or_default();
        for ordinal in set.ordinals().take(MOST_CELLS) {
            let name = format!("{template}-{}-{ordinal}", set.name());
            let claim = Key::new(set.key.namespace.clone(), name);
            let Some(claim) = view.store().get::<PersistentVolumeClaim>(&claim) else { continue };
            made += 1;
            bound += usize::from(claim.status.phase.as_deref() == Some("Bound"));
        }
    }
    let glyph = if bound < made { "notready" } else { "ready" };
    (made > 0).then(|| Note { glyph, words: format!("{bound} of {made} claims bound") })
}
