//! Deployments and ReplicaSets of the store as figures, each with its rollout.

use std::rc::Rc;

use kubestep_core::api::{Deployment, ReplicaSet, Uid};
use kubestep_core::apiserver::Store;
use kubestep_core::time::{Duration, Time};

use crate::scene::figures::{Count, Gauge, GaugeCell, GaugeKind, ReplicaSetFigure, WorkloadFigure};
use crate::scene::geometry::Rect;

/// Height of a workload's row, by how many there are: the cards of many are lower.
const ROW: f32 = 120.0;
const LOW_ROW: f32 = 74.0;
const ROW_GAP: f32 = 12.0;
/// With more workloads than this, rows are low.
const MOST_FULL_ROWS: usize = 2;
/// More ReplicaSets than this are not drawn: the newest and those with pods are.
const MOST_SETS: usize = 3;

/// So many characters of an image fit beside a ReplicaSet's name.
const LONGEST_IMAGE: usize = 10;

const CARD_WIDTH: f32 = 156.0;
const SETS_LEFT: f32 = 184.0;
const SETS_WIDTH: f32 = 236.0;
const GAUGE_LEFT: f32 = 446.0;

/// The store before and after a step, to tell which numbers the step changed.
#[derive(Clone, Copy)]
pub struct Stores<'a> {
    /// As of the step.
    pub now: &'a Store,
    /// As of the step before, if there is one.
    pub before: Option<&'a Store>,
    /// Virtual time of the step.
    pub time: Time,
}

/// Height of all rows together.
pub fn height(store: &Store) -> f32 {
    let rows = store.list::<Deployment>().count() + lone_sets(store).count();
    row_height(rows) * rows as f32 + ROW_GAP * rows.saturating_sub(1) as f32
}

/// The figures of all workloads, row by row, inside the area.
pub fn figures(stores: Stores<'_>, area: Rect, hit: &impl Fn(Uid) -> bool) -> Vec<Rc<WorkloadFigure>> {
    let store = stores.now;
    let rows = store.list::<Deployment>().count() + lone_sets(store).count();
    let height = row_height(rows);
    let row =
        |index: usize| Rect::new(area.x, area.y + index as f32 * (height + ROW_GAP), area.width, height);
    let deployments = store.list::<Deployment>().map(|each| deployment_figure(each, stores, hit));
    let alone = lone_sets(store).map(|each| lone_figure(each, stores, hit));
    deployments.chain(alone).enumerate().map(|(index, figure)| Rc::new(placed(figure, row(index)))).collect()
}

/// The name that a Deployment's element carries.
pub fn deployment_key(uid: Uid) -> Rc<str> {
    format!("deployment:{uid}").into()
}

/// The name that a ReplicaSet's element carries.
pub fn replica_set_key(uid: Uid) -> Rc<str> {
    format!("replicaset:{uid}").into()
}

/// The revision that a ReplicaSet carries; 0 for none.
pub fn revision(set: &ReplicaSet) -> u32 {
    u32::try_from(set.revision()).unwrap_or(0)
}

fn row_height(rows: usize) -> f32 {
    if rows > MOST_FULL_ROWS { LOW_ROW } else { ROW }
}

fn lone_sets(store: &Store) -> impl Iterator<Item = &Rc<ReplicaSet>> {
    store.list::<ReplicaSet>().filter(|set| set.controller().is_none())
}

fn deployment_figure(
    deployment: &Deployment,
    stores: Stores<'_>,
    hit: &impl Fn(Uid) -> bool,
) -> WorkloadFigure {
    let mut sets: Vec<&Rc<ReplicaSet>> = stores.now.replica_sets_of(deployment.uid).collect();
    kubestep_core::order::sort_by_key(&mut sets, |set| (set.revision(), set.meta.created));
    let gauge = gauge(deployment, &sets, stores);
    let all = sets.len();
    let newest = sets.last().map(|set| set.uid);
    // Old sets without pods make room first, the oldest of them first.
    while sets.len() > MOST_SETS {
        let empty = sets
            .iter()
            .position(|set| set.replicas() == 0 && set.current_replicas() == 0 && Some(set.uid) != newest);
        sets.remove(empty.unwrap_or(0));
    }
    let status = &deployment.status;
    let progressing = if deployment.is_paused() {
        "Paused".to_owned()
    } else {
        deployment
            .condition("Progressing")
            .map_or_else(|| "-".to_owned(), |condition| condition.status.clone())
    };
    WorkloadFigure {
        key: deployment_key(deployment.uid),
        kind: "Deployment",
        name: deployment.name().to_owned(),
        card: Some(Rect::default()),
        rows: vec![
            ("Replicas", deployment.replicas().to_string()),
            ("Updated", status.updated_replicas.unwrap_or(0).to_string()),
            ("Available", status.available_replicas.unwrap_or(0).to_string()),
            ("Progressing", progressing),
        ],
        hit: hit(deployment.uid),
        hidden: all - sets.len(),
        replica_sets: sets.into_iter().map(|set| set_figure(set, stores, hit)).collect(),
        gauge: Some(gauge),
    }
}

fn lone_figure(set: &ReplicaSet, stores: Stores<'_>, hit: &impl Fn(Uid) -> bool) -> WorkloadFigure {
    WorkloadFigure {
        key: replica_set_key(set.uid),
        kind: "ReplicaSet",
        name: set.name().to_owned(),
        card: None,
        rows: Vec::new(),
        hit: hit(set.uid),
        replica_sets: vec![set_figure(set, stores, hit)],
        hidden: 0,
        gauge: None,
    }
}

fn set_figure(set: &ReplicaSet, stores: Stores<'_>, hit: &impl Fn(Uid) -> bool) -> ReplicaSetFigure {
    let before =
        stores.before.and_then(|store| store.get::<ReplicaSet>(&set.key)).filter(|old| old.uid == set.uid);
    let count = |read: fn(&ReplicaSet) -> i32| {
        let now = i64::from(read(set));
        Count::new(now, before.map_or(now, |old| i64::from(read(old))))
    };
    let template = set.spec.template.as_ref().and_then(|template| template.spec.as_ref());
    let image =
        template.and_then(|spec| spec.containers.first()).and_then(|container| container.image.as_deref());
    ReplicaSetFigure {
        key: replica_set_key(set.uid),
        rect: Rect::default(),
        name: set.name().to_owned(),
        revision: revision(set),
        image: image.map(short_image).unwrap_or_default(),
        desired: count(ReplicaSet::replicas),
        current: count(ReplicaSet::current_replicas),
        ready: count(ReplicaSet::ready_replicas),
        hit: hit(set.uid),
    }
}

/// What tells an image apart: without its registry, and of a long one the tag alone.
fn short_image(image: &str) -> String {
    let name = image.rsplit('/').next().unwrap_or(image);
    match name.split_once(':') {
        Some((_, tag)) if name.len() > LONGEST_IMAGE => format!(":{tag}"),
        _ => name.to_owned(),
    }
}

/// Where the cards of a row and its gauge are.
fn placed(mut figure: WorkloadFigure, row: Rect) -> WorkloadFigure {
    let sets = figure.replica_sets.len().max(2) as f32;
    let gap = if row.height > LOW_ROW && sets < 3.0 { 12.0 } else { 4.0 };
    let height = (row.height - gap * (sets - 1.0)) / sets;
    if figure.card.is_some() {
        figure.card = Some(Rect::new(row.x, row.y, CARD_WIDTH, row.height));
    }
    let left = if figure.card.is_some() { SETS_LEFT } else { 0.0 };
    for (index, set) in figure.replica_sets.iter_mut().enumerate() {
        set.rect = Rect::new(row.x + left, row.y + index as f32 * (height + gap), SETS_WIDTH, height);
    }
    if let Some(gauge) = &mut figure.gauge {
        // The gauge's title stands a little above its row, beside the band's label.
        let lift = if row.height > LOW_ROW { 8.0 } else { 0.0 };
        gauge.rect = Rect::new(row.x + GAUGE_LEFT, row.y - lift, row.width - GAUGE_LEFT, row.height + lift);
    }
    figure
}

fn gauge(deployment: &Deployment, sets: &[&Rc<ReplicaSet>], stores: Stores<'_>) -> Gauge {
    let wait = Duration::from_seconds(deployment.min_ready_seconds().max(0) as u64);
    let mut cells = Vec::new();
    let mut terminating = 0;
    for set in sets {
        let revision = revision(set);
        let mut counted = 0;
        for pod in stores.now.pods_of(set.uid) {
            if pod.is_terminating() {
                terminating += 1;
            }
            if !pod.is_active() {
                continue;
            }
            counted += 1;
            let available = pod.ready_since().is_some_and(|since| stores.time >= since + wait);
            let kind = if available { GaugeKind::Available } else { GaugeKind::NotReady };
            cells.push(GaugeCell { revision, kind });
        }
        for _ in counted..set.replicas().max(0) {
            cells.push(GaugeCell { revision, kind: GaugeKind::Coming });
        }
    }
    // Within a kind the old revisions come first: the sort is stable and the sets are in that order.
    kubestep_core::order::sort_by_key(&mut cells, |cell| cell.kind);
    let replicas = deployment.replicas().max(0) as usize;
    let whole = |number: i32| number.max(0) as usize;
    let rolling = deployment.is_rolling_update();
    Gauge {
        rect: Rect::default(),
        strategy: if rolling { "RollingUpdate" } else { "Recreate" },
        replicas,
        floor: if rolling { replicas.saturating_sub(whole(deployment.max_unavailable())) } else { 0 },
        ceiling: replicas + whole(deployment.max_surge()),
        cells,
        terminating,
    }
}
