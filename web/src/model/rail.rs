//! The rail that is looked at station by station, and another world beside it.

use std::rc::Rc;

use kubestep_core::api::{Kind, Pod};
use kubestep_core::engine::{Actor, StepId, Timeline};
use kubestep_core::narration::rail::{Line, State, heading, lines};
use kubestep_core::story::deletion::Stop;
use kubestep_core::story::{Deletion, Rail as Story, Subject};
use kubestep_core::time::Time;

use super::Model;
use super::beside;
pub use super::beside::{Beside, Other};
use super::run::{Run, world_at};
use crate::scene::chart::Span;

/// Which rail is looked at, and what beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rail {
    /// What it tells of.
    pub subject: Subject,
    /// The other world.
    pub beside: Option<Beside>,
}

/// What happens to the rail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RailMessage {
    /// Looks at this rail.
    Open(Subject),
    /// Looks at the rail that the step in view belongs to, or at none if one is looked at.
    Toggle,
    /// Looks at no rail.
    Close,
    /// Puts another world beside it, or takes it away.
    Compare(Option<Beside>),
    /// To the next station.
    Next,
    /// To the station before.
    Previous,
}

/// A rail as it is known, and the other world.
#[derive(Clone, PartialEq)]
pub struct Told {
    /// As it happened.
    pub story: Story,
    /// `Deletion of x2x8k`
    pub heading: Rc<str>,
    /// Its stations in words.
    pub lines: Rc<[Line]>,
    /// From station to station, as spans of the timeline; none for a rollout, which has spans of its own.
    pub spans: Option<Rc<[Span]>>,
    /// Requests that clients lost from its beginning on; none where nobody sends any.
    pub lost: Option<u64>,
    /// The worlds that can be put beside it, with what each is called.
    pub choices: Rc<[(Beside, Rc<str>)]>,
    /// The one that is.
    pub other: Option<Rc<Other>>,
}

impl Told {
    /// The deletion, if it tells of one.
    pub fn deletion(&self) -> Option<&Deletion> {
        if let Story::Deletion(deletion) = &self.story { Some(deletion) } else { None }
    }
}

/// Reads the rail that is looked at.
#[inline(never)]
pub fn tell(run: &Run, rail: Rail) -> Option<Rc<Told>> {
    let story = Story::of(&run.timeline, rail.subject)?;
    let lost = beside::lost(&run.timeline, &story);
    let choices = beside::choices(run, &story);
    let other = rail.beside.and_then(|beside| beside::other(run, &story, beside)).map(Rc::new);
    let (heading, lines): (_, Rc<[Line]>) = (heading(&story).into(), lines(&story).into());
    let spans = (!matches!(story, Story::Rollout(_))).then(|| spans(&lines, &run.timeline));
    Some(Rc::new(Told { story, heading, lines, spans, lost, choices, other }))
}

/// From each station that was reached to the one that was reached next: `7 preStop, then SIGTERM`.
fn spans(lines: &[Line], timeline: &Timeline) -> Rc<[Span]> {
    let mut reached: Vec<(StepId, Time, usize)> = lines
        .iter()
        .enumerate()
        .filter_map(|(place, line)| Some((line.step()?, line.at()?, place)))
        .collect();
    // By the step, of stations that one step reaches the last.
    reached.sort_unstable_by_key(|(step, _, place)| (*step, *place));
    let end = timeline.steps().last().map(|last| (StepId(last.id.0 + 1), last.at));
    let next = reached.iter().skip(1).map(|(step, at, _)| (*step, *at)).chain(end);
    let spans = reached.iter().zip(next).filter(|((first, ..), (next, _))| first < next);
    spans
        .map(|((first, from, place), (next, until))| Span {
            first: *first,
            last: StepId(next.0 - 1),
            from: *from,
            until,
            label: format!("{} {}", place + 1, lines[*place].title),
            waits_for: lines[*place].note.to_string(),
            is_rollout: false,
        })
        .collect()
}

/// The rails that are offered: those of the object that was picked, or else those that the step in view belongs to. The first
/// is the one that is opened.
#[inline(never)]
pub fn offered(model: &Model) -> Rc<[Subject]> {
    let (timeline, Some(cursor)) = (&model.run.timeline, model.run.cursor) else { return Rc::from([]) };
    let begun = Story::begun(timeline);
    if let Some(picked) = model.selected.as_ref()
        && let Some(subject) = of_picked(timeline, cursor, &begun, picked)
    {
        return Rc::from([subject]);
    }
    let deletion = newest(timeline, cursor, &begun, |subject| matches!(subject, Subject::Deletion(_)));
    let other = newest(timeline, cursor, &begun, |subject| !matches!(subject, Subject::Deletion(_)));
    // A deletion that a person asked for comes first; one that a rollout asked for comes behind the rollout.
    let is_asked_for = deletion.is_some_and(|subject| {
        let Some(Story::Deletion(deletion)) = Story::of(timeline, subject) else { return false };
        let asked = &lines(&Story::Deletion(deletion))[Stop::Requested as usize].state;
        matches!(asked, State::Reached { by: Actor::Kubectl(_) | Actor::You, .. })
    });
    let both = if is_asked_for { [deletion, other] } else { [other, deletion] };
    both.into_iter().flatten().collect()
}

/// The newest one that the step in view belongs to: it has begun, and has not ended or ends with this step.
fn newest(
    timeline: &Timeline,
    cursor: StepId,
    begun: &[(StepId, Subject)],
    is: fn(&Subject) -> bool,
) -> Option<Subject> {
    let of_kind = || begun.iter().filter(|(_, subject)| is(subject));
    // A command that asks for a deletion comes before the step that accepts it.
    let asked = of_kind().find(|(begins, _)| *begins > cursor).and_then(|(_, subject)| {
        let first = Story::of(timeline, *subject)?.steps().into_iter().flatten().min()?;
        (first <= cursor).then_some(*subject)
    });
    if asked.is_some() {
        return asked;
    }
    let (_, newest) = *of_kind().rfind(|(begins, _)| *begins <= cursor)?;
    let story = Story::of(timeline, newest)?;
    let last = story.steps().into_iter().flatten().max()?;
    (story.goes_on() || cursor <= last).then_some(newest)
}

/// The newest rail of an object.
fn of_picked(
    timeline: &Timeline,
    cursor: StepId,
    begun: &[(StepId, Subject)],
    picked: &kubestep_core::api::ObjectRef,
) -> Option<Subject> {
    let known = begun.iter().rev().filter(|(begins, _)| *begins <= cursor).map(|(_, subject)| *subject);
    match picked.kind {
        Kind::Pod => {
            let uid = world_at(timeline, Some(cursor)).store.get::<Pod>(&picked.key).map(|pod| pod.uid)?;
            // A deletion that is still to come is offered as well.
            let subject = Subject::Deletion(uid);
            begun.iter().any(|(_, begun)| *begun == subject).then_some(subject)
        }
        Kind::Deployment => known.into_iter().find(|subject| {
            matches!(subject, Subject::Rollout(_))
                && matches!(Story::of(timeline, *subject), Some(Story::Rollout(of)) if of.deployment == picked.key)
        }),
        Kind::Node => known.into_iter().find(|subject| {
            matches!(subject, Subject::Outage(_))
                && matches!(Story::of(timeline, *subject), Some(Story::Outage(of)) if of.node == picked.key.name)
        }),
        _ => None,
    }
}
