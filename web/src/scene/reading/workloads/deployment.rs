//! Deployments with their ReplicaSets and their rollout.

use std::rc::Rc;

use kubestep_core::api::{Deployment, Kind, ReplicaSet};
use kubestep_core::order;

use super::{MOST_CELLS, MOST_PARTS, View, coming, key, make_room, part, revisions};
use crate::scene::figures::{Dial, Gauge, PartFigure, Rollout, RowSize, WorkloadFigure};
use crate::scene::geometry::Rect;

/// So many characters of an image fit beside a ReplicaSet's name.
const LONGEST_IMAGE: usize = 10;

/// A Deployment's row.
#[inline(never)]
pub(super) fn figure(deployment: &Deployment, view: &View<'_>) -> WorkloadFigure {
    let mut sets: Vec<&Rc<ReplicaSet>> = view.store().replica_sets_of(deployment.uid).collect();
    order::sort_by_key(&mut sets, |set| (set.revision(), set.meta.created));
    let rollout = rollout(deployment, &sets, view);
    let hidden = make_room(&mut sets, MOST_PARTS, |set| set.replicas() == 0 && set.current_replicas() == 0);
    let status = &deployment.status;
    let progressing = if deployment.is_paused() {
        "Paused".to_owned()
    } else {
        deployment
            .condition("Progressing")
            .map_or_else(|| "-".to_owned(), |condition| condition.status.clone())
    };
    WorkloadFigure {
        key: key(Kind::Deployment, deployment.uid),
        kind: Kind::Deployment,
        name: deployment.name().to_owned(),
        namespace: None,
        card: Rect::default(),
        size: RowSize::Full,
        summary: format!("{}/{}", rollout.available(), rollout.replicas),
        rows: vec![
            ("Replicas", deployment.replicas().to_string()),
            ("Updated", status.updated_replicas.unwrap_or(0).to_string()),
            ("Available", status.available_replicas.unwrap_or(0).to_string()),
            ("Progressing", progressing),
        ],
        counts: Vec::new(),
        hit: view.is_hit(deployment.uid),
        hidden,
        parts: sets.into_iter().map(|set| set_figure(set, view)).collect(),
        gauge: Gauge::of(Dial::Rollout(rollout)),
    }
}

/// A ReplicaSet among those of its Deployment.
fn set_figure(set: &ReplicaSet, view: &View<'_>) -> PartFigure {
    let template = set.spec.template.as_ref().and_then(|template| template.spec.as_ref());
    let image =
        template.and_then(|spec| spec.containers.first()).and_then(|container| container.image.as_deref());
    PartFigure {
        note: image.map(short_image).unwrap_or_default(),
        counts: vec![
            ("desired", view.count(set, ReplicaSet::replicas)),
            ("current", view.count(set, ReplicaSet::current_replicas)),
            ("ready", view.count(set, ReplicaSet::ready_replicas)),
        ],
        ..part(set, revisions::number(set.revision()), view)
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

fn rollout(deployment: &Deployment, sets: &[&Rc<ReplicaSet>], view: &View<'_>) -> Rollout {
    let mut cells = Vec::new();
    let mut terminating = 0;
    for set in sets {
        let mut counted = 0;
        for pod in view.store().pods_of(set.uid) {
            if pod.is_terminating() {
                terminating += 1;
            }
            if pod.is_active() {
                counted += 1;
                cells.push(view.cell(pod, deployment.min_ready_seconds()));
            }
        }
        let revision = revisions::number(set.revision());
        cells.extend((counted..set.replicas().max(0)).take(MOST_CELLS).map(|_| coming(revision)));
    }
    // Within a kind the old revisions come first: the sort is stable and the sets are in that order.
    order::sort_by_key(&mut cells, |cell| cell.kind);
    let replicas = deployment.replicas().max(0) as usize;
    let whole = |number: i32| number.max(0) as usize;
    let rolling = deployment.is_rolling_update();
    Rollout {
        strategy: if rolling { "RollingUpdate" } else { "Recreate" },
        replicas,
        floor: if rolling { replicas.saturating_sub(whole(deployment.max_unavailable())) } else { 0 },
        ceiling: replicas + whole(deployment.max_surge()),
        cells,
        terminating,
    }
}
