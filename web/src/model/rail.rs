//! The deletion that is looked at station by station, and the same deletion done the other way.

use std::rc::Rc;

use kubestep_core::api::{Key, Kind, Pod, Uid};
use kubestep_core::engine::{Budget, StepId, Timeline, Until, World};
use kubestep_core::story::Deletion;
use kubestep_core::story::deletion::Stop;

use super::Model;
use super::run::world_at;
use super::session::Act;

/// The most steps that the other way of deleting is given.
const MOST_STEPS: usize = 20_000;

/// Which deletion is looked at, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rail {
    /// The pod.
    pub pod: Uid,
    /// Whether the other way of deleting stands beside it.
    pub is_compared: bool,
}

/// What happens to the rail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RailMessage {
    /// Looks at the deletion of this pod.
    Open(Uid),
    /// Looks at the deletion that the step in view belongs to, or at none if one is looked at.
    Toggle,
    /// Looks at no deletion.
    Close,
    /// Puts the other way of deleting beside it, or takes it away.
    Compare(bool),
    /// To the next station.
    Next,
    /// To the station before.
    Previous,
}

/// A deletion as it is known, and the other way.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// As it happened.
    pub deletion: Deletion,
    /// Requests that clients lost from its beginning on; none where nobody sends any.
    pub lost: Option<u64>,
    /// The same pod deleted the other way at the same moment: by force, or gracefully if it was deleted by force.
    pub other: Option<Other>,
}

/// The other way of deleting.
#[derive(Clone, Debug, PartialEq)]
pub struct Other {
    /// The command: `kubectl delete pod x --force --grace-period=0`.
    pub line: Rc<str>,
    /// What it would lead to.
    pub deletion: Deletion,
    /// As [`Told::lost`].
    pub lost: Option<u64>,
}

/// Reads the deletion that is looked at.
pub fn tell(timeline: &Timeline, rail: Rail) -> Option<Rc<Told>> {
    let deletion = Deletion::of(timeline, rail.pod)?;
    let lost = lost(timeline, &deletion);
    let other = if rail.is_compared { other_way(timeline, &deletion) } else { None };
    Some(Rc::new(Told { deletion, lost, other }))
}

/// The deletion that is offered: that of the pod that was picked, or else the one that the step in view belongs to.
pub fn offered(model: &Model) -> Option<Uid> {
    let (timeline, cursor) = (&model.run.timeline, model.run.cursor);
    let picked = model.selected.as_ref().filter(|object| object.kind == Kind::Pod);
    picked.and_then(|pod| deletion_of(timeline, cursor, &pod.key)).or_else(|| deletion_at(timeline, cursor))
}

/// The pod whose deletion a step belongs to: the newest one that has begun and not ended, or ended with this step.
fn deletion_at(timeline: &Timeline, cursor: Option<StepId>) -> Option<Uid> {
    let cursor = cursor?;
    let begun: Vec<(StepId, Uid)> = Deletion::begun(timeline).collect();
    let known = begun.partition_point(|(accepted, _)| *accepted <= cursor);
    // A command that asks for a deletion comes before the step that accepts it.
    let asked = begun.get(known).and_then(|(_, pod)| Deletion::of(timeline, *pod));
    let asked =
        asked.filter(|deletion| deletion.station(Stop::Requested).step().is_some_and(|step| step <= cursor));
    if let Some(deletion) = asked {
        return Some(deletion.uid);
    }
    let (_, newest) = begun[..known].last()?;
    let deletion = Deletion::of(timeline, *newest)?;
    let last = deletion.stations.iter().filter_map(|station| station.step()).max()?;
    let goes_on = deletion.stations.iter().any(|station| station.step().is_none() && !station.is_skipped());
    (goes_on || cursor <= last).then_some(*newest)
}

fn other_way(timeline: &Timeline, deletion: &Deletion) -> Option<Other> {
    let first = deletion.station(Stop::Requested).step()?;
    let mut branch = match first.0.checked_sub(1) {
        Some(before) => timeline.branch(StepId(before)),
        None => return None,
    };
    let pod = &deletion.pod;
    let how = if deletion.is_forced { "" } else { " --force --grace-period=0" };
    let line = format!("kubectl delete pod {} -n {}{how}", pod.name, pod.namespace);
    let act = Act::typed(branch.len(), &line, &"".into());
    branch.submit(act.command().ok()?);
    branch.advance(Until::Quiet, Budget { steps: MOST_STEPS });
    let other = Deletion::of(&branch, deletion.uid)?;
    Some(Other { line: shown(&pod.name, how).into(), lost: lost(&branch, &other), deletion: other })
}

fn shown(pod: &str, how: &str) -> String {
    if how.is_empty() { format!("kubectl delete pod {pod}") } else { how.trim().to_owned() }
}

/// Requests lost between the accepted request and the end of what is known.
fn lost(timeline: &Timeline, deletion: &Deletion) -> Option<u64> {
    if timeline.genesis().simulation.clients.is_empty() {
        return None;
    }
    let failed = |world: &World| {
        let counts = world.traffic.counts();
        counts.failed()
    };
    let before = timeline.world_at(deletion.accepted);
    Some(failed(timeline.head()) - failed(&before))
}

/// The pod of that name, if its deletion is known.
fn deletion_of(timeline: &Timeline, cursor: Option<StepId>, pod: &Key) -> Option<Uid> {
    let uid = world_at(timeline, cursor).store.get::<Pod>(pod).map(|pod| pod.uid)?;
    Deletion::begun(timeline).any(|(_, begun)| begun == uid).then_some(uid)
}
