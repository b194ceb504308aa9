//! Jobs: how many pods have succeeded, how many may run, how many have failed.

use std::rc::Rc;

use kubestep_core::api::{Job, Kind, Pod};
use kubestep_core::controllers::job::{Stand, index_of};
use kubestep_core::engine::World;
use kubestep_core::metrics::Metrics;
use kubestep_core::plan::Snapshot;
use kubestep_core::time::Duration;

use super::{MOST_CELLS, View, coming, key};
use crate::scene::figures::{
    Count, Counts, Dial, Gauge, GaugeCell, GaugeKind, Note, Row, RowSize, WorkloadFigure,
};
use crate::scene::geometry::Rect;

const LATER: GaugeCell = GaugeCell { revision: 0, kind: GaugeKind::Later };
const DONE: GaugeCell = GaugeCell { revision: 0, kind: GaugeKind::Done };

/// The row of a Job that no CronJob has made.
#[inline(never)]
pub(super) fn figure(job: &Rc<Job>, view: &View<'_>) -> WorkloadFigure {
    let stand = stand(job, view.world);
    let succeeded = stand.census.succeeded;
    let completions = match job.completions() {
        Some(completions) => format!("{succeeded} of {completions}"),
        None => format!("{succeeded}, any ends it"),
    };
    WorkloadFigure {
        key: key(Kind::Job, job.uid),
        kind: Kind::Job,
        name: job.name().to_owned(),
        namespace: None,
        card: Rect::default(),
        size: RowSize::Full,
        summary: job.completions().map_or_else(|| succeeded.to_string(), |all| format!("{succeeded}/{all}")),
        rows: vec![
            ("Completions", completions),
            ("Parallelism", job.parallelism().to_string()),
            ("Back-off limit", job.backoff_limit().to_string()),
            ("State", state(job).to_owned()),
        ],
        counts: counts(job, view),
        hit: view.is_hit(job.uid),
        parts: Vec::new(),
        hidden: 0,
        gauge: Gauge::of(Dial::Row(row(job, &stand, view))),
    }
}

/// The condition that ended it, or what it does meanwhile.
pub(super) fn state(job: &Job) -> &str {
    match job.finished() {
        Some(condition) => &condition.type_,
        None if job.is_suspended() => "Suspended",
        None => "Active",
    }
}

/// Its pods by what became of them.
pub(super) fn counts(job: &Rc<Job>, view: &View<'_>) -> Counts {
    let now = stand(job, view.world).census;
    let before = view.before.and_then(|world| {
        let old = world.store.get::<Job>(&job.key).filter(|old| old.uid == job.uid)?;
        Some(stand(old, world).census)
    });
    let before = before.unwrap_or(now);
    let count = |now: i32, before: i32| Count::new(i64::from(now), i64::from(before));
    vec![
        ("active", count(now.active, before.active)),
        ("failed", count(now.failed, before.failed)),
        ("succeeded", count(now.succeeded, before.succeeded)),
    ]
}

fn stand(job: &Rc<Job>, world: &World) -> Stand {
    let snapshot = Snapshot {
        store: &world.store,
        memory: &world.memory,
        simulation: &world.simulation,
        metrics: Metrics::new(&world.machines, &world.memory.nodes, world.now),
        now: world.now,
    };
    Stand::of(&snapshot, job)
}

fn row(job: &Job, stand: &Stand, view: &View<'_>) -> Row {
    let succeeded = stand.census.succeeded.max(0) as usize;
    let parallelism = job.parallelism().max(0) as usize;
    // A work queue has no number of completions: it is done when one pod is, and the others have ended.
    let all = job.completions().map(|all| all.max(0) as usize);
    let is_over = job.finished().is_some() || job.is_suspended();
    let want = match all {
        _ if is_over => 0,
        Some(all) => parallelism.min(all.saturating_sub(succeeded)),
        None if succeeded > 0 => 0,
        None => parallelism,
    };
    let active: Vec<&Pod> =
        view.store().pods_of(job.uid).filter(|pod| pod.is_active()).map(|pod| &**pod).collect();
    let places = all.unwrap_or(succeeded + want.max(active.len())).min(MOST_CELLS);
    let cells: Vec<GaugeCell> = if job.is_indexed() {
        let at = |index: usize| active.iter().find(|pod| index_of(job, pod) == Some(index as i32));
        let mut free = want.saturating_sub(active.len());
        let cell = |index: usize| {
            if stand.indexes.contains(&(index as i32)) {
                return DONE;
            }
            if let Some(pod) = at(index) {
                return view.cell(pod, 0);
            }
            let comes = free > 0;
            free = free.saturating_sub(1);
            if comes { coming(0) } else { LATER }
        };
        (0..places).map(cell).collect()
    } else {
        let done = std::iter::repeat_n(DONE, succeeded.min(places));
        let running = active.iter().map(|pod| view.cell(pod, 0));
        let missing = (active.len()..want).map(|_| coming(0));
        let mut cells: Vec<GaugeCell> = done.chain(running).chain(missing).take(MOST_CELLS).collect();
        cells.resize(cells.len().max(places), LATER);
        cells
    };
    let mode = if job.is_indexed() { "Indexed" } else { "NonIndexed" };
    Row {
        title: "Completions",
        mode: mode.to_owned(),
        names: if job.is_indexed() {
            (0..places).map(|index| index.to_string()).collect()
        } else {
            Vec::new()
        },
        line: (!job.is_indexed() && want > 0).then_some(succeeded + want),
        reached: match all {
            Some(all) => format!("{succeeded} of {all} succeeded"),
            None => format!("{succeeded} succeeded"),
        },
        limit: if want > 0 { format!("{want} at a time") } else { String::new() },
        note: note(job, stand),
        cells,
    }
}

fn note(job: &Job, stand: &Stand) -> Option<Note> {
    let failed = stand.census.failed;
    let ended = job.finished().filter(|condition| condition.type_ == "Failed");
    if let Some(condition) = ended {
        let reason = condition.reason.clone().unwrap_or_default();
        return Some(Note { glyph: "fail", words: format!("{reason}, {failed} failed") });
    }
    let limit = job.backoff_limit();
    if stand.wait > Duration::ZERO && job.finished().is_none() {
        let wait = stand.wait.as_seconds();
        let words = format!("{failed} failed of at most {limit}, next pod in {wait:.1} s");
        return Some(Note { glyph: "crash", words });
    }
    (failed > 0).then(|| Note { glyph: "fail", words: format!("{failed} failed of at most {limit}") })
}
