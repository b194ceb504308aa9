//! ReplicaSets and ReplicationControllers that no Deployment has made.

use kubestep_core::api::{Kind, ReplicaSet, ReplicationController, Resource, Stored};

use super::{MOST_CELLS, View, coming, key};
use crate::scene::figures::{Counts, Dial, Gauge, GaugeCell, GaugeKind, Row, RowSize, WorkloadFigure};
use crate::scene::geometry::Rect;

/// The row of a ReplicaSet.
pub(super) fn of_set(set: &ReplicaSet, view: &View<'_>) -> WorkloadFigure {
    let counts = vec![
        ("desired", view.count(set, ReplicaSet::replicas)),
        ("current", view.count(set, ReplicaSet::current_replicas)),
        ("ready", view.count(set, ReplicaSet::ready_replicas)),
    ];
    figure(set, counts, set.min_ready_seconds(), view)
}

/// The row of a ReplicationController.
pub(super) fn of_controller(controller: &ReplicationController, view: &View<'_>) -> WorkloadFigure {
    let counts = vec![
        ("desired", view.count(controller, ReplicationController::replicas)),
        ("current", view.count(controller, |controller| controller.status.replicas)),
        ("ready", view.count(controller, |controller| controller.status.ready_replicas.unwrap_or(0))),
    ];
    figure(controller, counts, controller.spec.min_ready_seconds.unwrap_or(0), view)
}

fn figure<S, T>(
    owner: &Resource<S, T>,
    counts: Counts,
    min_ready_seconds: i32,
    view: &View<'_>,
) -> WorkloadFigure
where
    Resource<S, T>: Stored,
{
    let kind: Kind = Resource::<S, T>::KIND;
    let desired = counts.first().map_or(0, |(_, count)| count.now.max(0) as usize);
    let pods = view.store().pods_of(owner.uid).filter(|pod| !pod.is_finished());
    let mut cells: Vec<GaugeCell> = pods.map(|pod| view.cell(pod, min_ready_seconds)).collect();
    let count = |kind: GaugeKind| cells.iter().filter(|cell| cell.kind == kind).count();
    let (leaving, available) = (count(GaugeKind::Leaving), count(GaugeKind::Available));
    let missing = desired.saturating_sub(cells.len() - leaving);
    cells.extend(std::iter::repeat_n(coming(0), missing.min(MOST_CELLS)));
    kubestep_core::order::sort_by_key(&mut cells, |cell| cell.kind);
    let reached = format!("{available} of {desired} available");
    WorkloadFigure {
        key: key(kind, owner.uid),
        kind,
        name: owner.name().to_owned(),
        namespace: None,
        card: Rect::default(),
        size: RowSize::Full,
        summary: format!("{available}/{desired}"),
        rows: vec![("Available", available.to_string()), ("Leaving", leaving.to_string())],
        counts,
        hit: view.is_hit(owner.uid),
        parts: Vec::new(),
        hidden: 0,
        gauge: Gauge::of(Dial::Row(Row {
            title: "Pods",
            mode: String::new(),
            cells,
            names: Vec::new(),
            line: None,
            reached,
            limit: String::new(),
            note: None,
        })),
    }
}
