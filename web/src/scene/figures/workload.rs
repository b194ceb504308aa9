//! What makes pods, as plain data: a card for each workload, cards for what it has made, and a gauge.

use kubestep_core::api::Kind;

use super::Key;
use crate::scene::geometry::Rect;

/// A number that this step changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// The value after the step.
    pub now: i64,
    /// The value before, if the step changed it.
    pub before: Option<i64>,
}

impl Count {
    /// A number, with the one before the step.
    pub fn new(now: i64, before: i64) -> Count {
        Count { now, before: (before != now).then_some(before) }
    }

    fn settled(self) -> Count {
        Count { before: None, ..self }
    }
}

/// Numbers with their names: `desired`, `current`, `ready`.
pub type Counts = Vec<(&'static str, Count)>;

/// What a workload has made and pods belong to: a ReplicaSet, a revision of its template, a Job.
#[derive(Clone, Debug, PartialEq)]
pub struct PartFigure {
    /// The kind and the uid of the object.
    pub key: Key,
    /// Its kind.
    pub kind: Kind,
    /// Its place.
    pub rect: Rect,
    /// Its name.
    pub name: String,
    /// Its revision, from 1; 0 for none.
    pub revision: u32,
    /// What tells it apart from the others: an image, `update`, `Complete`.
    pub note: String,
    /// Its pods, counted; the last number is the one that matters most.
    pub counts: Counts,
    /// Whether the step is about it.
    pub hit: bool,
}

/// How much room a workload's row has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowSize {
    /// Everything is shown.
    Full,
    /// Cards of one or two lines, the gauge without its title.
    Low,
    /// One line.
    Line,
}

/// A workload: what a person applied, with what it made.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkloadFigure {
    /// The kind and the uid of the object.
    pub key: Key,
    /// Its kind.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Its namespace, if there are workloads in several.
    pub namespace: Option<String>,
    /// Its card.
    pub card: Rect,
    /// How much room its row has.
    pub size: RowSize,
    /// How far it is: `2/3`.
    pub summary: String,
    /// Rows of the card.
    pub rows: Vec<(&'static str, String)>,
    /// Its pods, counted on its own card, where it makes them without something in between.
    pub counts: Counts,
    /// Whether the step is about the workload itself.
    pub hit: bool,
    /// What it made, and pods belong to, the oldest first.
    pub parts: Vec<PartFigure>,
    /// How many older parts are not drawn.
    pub hidden: usize,
    /// How far it is.
    pub gauge: Gauge,
}

impl WorkloadFigure {
    /// The same workload with no change marked.
    pub fn settled(&self) -> WorkloadFigure {
        let settled = |counts: &Counts| counts.iter().map(|(name, count)| (*name, count.settled())).collect();
        let parts = self.parts.iter().map(|part| PartFigure {
            hit: false,
            counts: settled(&part.counts),
            ..part.clone()
        });
        let (parts, counts) = (parts.collect(), settled(&self.counts));
        WorkloadFigure { hit: false, parts, counts, ..self.clone() }
    }
}

/// How far a workload is, drawn at the right of its row.
#[derive(Clone, Debug, PartialEq)]
pub struct Gauge {
    /// Its place.
    pub rect: Rect,
    /// How much is shown of it.
    pub size: RowSize,
    /// What it shows.
    pub dial: Dial,
}

impl Gauge {
    /// A gauge that has no place yet.
    pub fn of(dial: Dial) -> Gauge {
        Gauge { rect: Rect::default(), size: RowSize::Full, dial }
    }
}

/// What a gauge shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Dial {
    /// A Deployment: pods between a floor and a ceiling.
    Rollout(Rollout),
    /// Anything else that makes pods: a cell for each, in an order that means something.
    Row(Row),
    /// A CronJob: where now is between two times.
    Schedule(Schedule),
}

/// A pod, or the place for one, in a gauge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GaugeCell {
    /// Its revision.
    pub revision: u32,
    /// What it counts as.
    pub kind: GaugeKind,
}

/// What a pod counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GaugeKind {
    /// Serves.
    Available,
    /// Exists, and does not serve.
    NotReady,
    /// Wished for, not created yet.
    Coming,
    /// Is leaving, and holds its place until it is gone.
    Leaving,
    /// Has done its work.
    Done,
    /// Its turn comes later.
    Later,
    /// No pod is wished for here.
    Barred,
}

/// How far a rollout may go, and where it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Rollout {
    /// `RollingUpdate` or `Recreate`.
    pub strategy: &'static str,
    /// `spec.replicas`.
    pub replicas: usize,
    /// Fewest pods that must stay available: replicas - maxUnavailable.
    pub floor: usize,
    /// Most pods there may be: replicas + maxSurge.
    pub ceiling: usize,
    /// Pods by what they count as, available old ones first.
    pub cells: Vec<GaugeCell>,
    /// Pods that are leaving; the controller does not count them.
    pub terminating: usize,
}

impl Rollout {
    /// How many pods count as available.
    pub fn available(&self) -> usize {
        self.cells.iter().filter(|cell| cell.kind == GaugeKind::Available).count()
    }

    /// How many pods exist and count.
    pub fn pods(&self) -> usize {
        self.cells.iter().filter(|cell| cell.kind != GaugeKind::Coming).count()
    }

    /// How many are wished for and not created.
    pub fn coming(&self) -> usize {
        self.cells.len() - self.pods()
    }
}

/// Places for pods in order: ordinals, nodes, completions.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// `Ordinals`, `Nodes`, `Completions`
    pub title: &'static str,
    /// How it goes about it: `RollingUpdate, one by one`.
    pub mode: String,
    /// The places.
    pub cells: Vec<GaugeCell>,
    /// What stands above each of them: its ordinal, its node.
    pub names: Vec<String>,
    /// A line behind so many places: the partition, or the most pods at a time.
    pub line: Option<usize>,
    /// What has been reached: `2 of 3 available`.
    pub reached: String,
    /// What the line means: `partition 2`.
    pub limit: String,
    /// What else there is to say, with a glyph.
    pub note: Option<Note>,
}

/// A line below a gauge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The name of its glyph.
    pub glyph: &'static str,
    /// Its words.
    pub words: String,
}

/// The times of a CronJob.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// `*/5 * * * *`
    pub cron: String,
    /// The time it ran last, as a clock shows it; none before the first.
    pub last: Option<String>,
    /// The next time, as a clock shows it; none if it is suspended or makes no sense.
    pub next: Option<String>,
    /// The share of the time between the two that has passed, 0 to 1.
    pub passed: f32,
    /// How long it still is: `in 12.5 s`.
    pub wait: String,
    /// What it does while a Job still runs: `Forbid`.
    pub policy: String,
    /// How many of its Jobs are active.
    pub active: usize,
}

impl WorkloadFigure {
    /// All of its card in a sentence, for those who do not see it.
    pub fn sentence(&self) -> String {
        let rows: Vec<String> = self.rows.iter().map(|(name, value)| format!("{name} {value}")).collect();
        let place = self.namespace.as_ref().map(|namespace| format!(" in {namespace}")).unwrap_or_default();
        let mut parts = vec![rows.join(", ")];
        if !self.counts.is_empty() {
            parts.push(spoken(&self.counts));
        }
        format!("{} {}{place}: {}", self.kind.name(), self.name, parts.join(", "))
    }
}

impl PartFigure {
    /// All of it in a sentence, for those who do not see it.
    pub fn sentence(&self) -> String {
        let revision =
            if self.revision > 0 { format!(", revision {}", self.revision) } else { String::new() };
        let note = if self.note.is_empty() { String::new() } else { format!(", {}", self.note) };
        format!("{} {}{revision}{note}, {}", self.kind.name(), self.name, spoken(&self.counts))
    }
}

impl Gauge {
    /// All of it in a sentence, for those who do not see it.
    pub fn sentence(&self) -> String {
        match &self.dial {
            Dial::Rollout(rollout) => rollout.sentence(),
            Dial::Row(row) => row.sentence(),
            Dial::Schedule(schedule) => schedule.sentence(),
        }
    }
}

impl Rollout {
    fn sentence(&self) -> String {
        format!(
            "Rollout, {}: {} of {} pods available, floor {}, ceiling {}, {} pods count, {} to be created, {} terminating",
            self.strategy,
            self.available(),
            self.replicas,
            self.floor,
            self.ceiling,
            self.pods(),
            self.coming(),
            self.terminating
        )
    }
}

impl Row {
    /// `Ordinals, RollingUpdate, one by one: 0 available r1, 1 not ready r1, 2 to be created; 1 of 3 available`
    fn sentence(&self) -> String {
        let mode = if self.mode.is_empty() { String::new() } else { format!(", {}", self.mode) };
        let mut text = format!("{}{mode}: {}", self.title, self.reached);
        for part in [&self.limit, self.note.as_ref().map_or(&String::new(), |note| &note.words)] {
            if !part.is_empty() {
                text.push_str(&format!(", {part}"));
            }
        }
        for (place, cell) in self.cells.iter().enumerate().take(MOST_SPOKEN) {
            let separator = if place == 0 { ". " } else { ", " };
            let name = self.names.get(place).map(|name| format!("{name} ")).unwrap_or_default();
            let revision = if cell.revision > 0 { format!(" r{}", cell.revision) } else { String::new() };
            text.push_str(&format!("{separator}{name}{}{revision}", cell.kind.spoken()));
        }
        text
    }
}

/// More places than this are not listed one by one.
const MOST_SPOKEN: usize = 20;

impl GaugeKind {
    /// What it counts as, in words.
    pub fn spoken(self) -> &'static str {
        match self {
            GaugeKind::Available => "available",
            GaugeKind::NotReady => "not ready",
            GaugeKind::Coming => "to be created",
            GaugeKind::Leaving => "terminating",
            GaugeKind::Done => "succeeded",
            GaugeKind::Later => "later",
            GaugeKind::Barred => "left out",
        }
    }
}

impl Schedule {
    fn sentence(&self) -> String {
        let last = self.last.as_deref().unwrap_or("never");
        let next = self.next.as_deref().unwrap_or("none");
        format!(
            "Schedule {}: last {last}, next {next} {}, {} active, {}",
            self.cron, self.wait, self.active, self.policy
        )
    }
}

fn spoken(counts: &Counts) -> String {
    let counts: Vec<String> = counts.iter().map(|(name, count)| format!("{} {name}", count.now)).collect();
    counts.join(", ")
}
