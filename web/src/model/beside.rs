//! Another world beside the one in view: the same deletion done the other way, or a future that was replaced.

use std::rc::Rc;

use kubestep_core::engine::{Budget, Step, StepId, Timeline, Until, World};
use kubestep_core::narration;
use kubestep_core::narration::rail::{Line, lines};
use kubestep_core::story::deletion::Stop;
use kubestep_core::story::{Deletion, Rail as Story, Subject};
use kubestep_core::time::Time;

use super::run::Run;
use super::session::Act;
use crate::scene::chart::{Chart, Requests};

/// The most steps that the other way of deleting is given.
const MOST_STEPS: usize = 20_000;

/// Which world is put beside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// The same pod deleted the other way at the same moment: by force, or gracefully if it was deleted by force.
    OtherWay,
    /// A replaced future, by its place.
    Branch(usize),
}

/// Another world.
#[derive(Clone, Debug, PartialEq)]
pub struct Other {
    /// Which.
    pub beside: Beside,
    /// What made it another: `--force --grace-period=0`.
    pub name: Rc<str>,
    /// What is told of it there; none where it does not happen.
    pub story: Option<Story>,
    /// Its stations in words.
    pub lines: Rc<[Line]>,
    /// Requests that clients lost there, from the same beginning on.
    pub lost: Option<u64>,
    /// The first step in which the worlds differ.
    pub differs: Option<Difference>,
    /// The requests of its clients from there on, with the time up to which they are counted.
    pub requests: Rc<[(Time, Requests)]>,
}

/// Where two worlds part.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The step.
    pub step: StepId,
    /// What happens here; empty where nothing does.
    pub here: Rc<str>,
    /// What happens there.
    pub there: Rc<str>,
}

/// The worlds that can be put beside, with what each is called.
pub(super) fn choices(run: &Run, story: &Story) -> Rc<[(Beside, Rc<str>)]> {
    let other_way = match story {
        Story::Deletion(deletion) => Some((Beside::OtherWay, Rc::from(how(deletion)))),
        Story::Rollout(_) | Story::Drain(_) | Story::Outage(_) => None,
    };
    let branches = run.branches.iter().enumerate();
    let branches = branches.map(|(place, branch)| (Beside::Branch(place), named(&branch.replaced_by)));
    other_way.into_iter().chain(branches).collect()
}

/// Another world beside what is told of this one.
pub(super) fn other(run: &Run, story: &Story, beside: Beside) -> Option<Other> {
    match (beside, story) {
        (Beside::OtherWay, Story::Deletion(deletion)) => {
            let timeline = other_way(&run.timeline, deletion)?;
            let chart = run.chart.extended(&timeline);
            Some(told(run, story, &timeline, &chart, beside, how(deletion).into()))
        }
        (Beside::OtherWay, _) => None,
        (Beside::Branch(place), _) => {
            let branch = run.branches.get(place)?;
            let name = named(&branch.replaced_by);
            Some(told(run, story, &branch.timeline, &branch.chart, beside, name))
        }
    }
}

/// As the list of replaced futures calls it.
fn named(replaced_by: &str) -> Rc<str> {
    format!("Before: {replaced_by}").into()
}

const fn how(deletion: &Deletion) -> &'static str {
    if deletion.is_forced { "kubectl delete pod, gracefully" } else { "--force --grace-period=0" }
}

/// The same pod deleted the other way at the same moment.
fn other_way(timeline: &Timeline, deletion: &Deletion) -> Option<Timeline> {
    let first = deletion.station(Stop::Requested).step()?;
    let mut branch = timeline.branch(StepId(first.0.checked_sub(1)?));
    let pod = &deletion.pod;
    let how = if deletion.is_forced { "" } else { " --force --grace-period=0" };
    let line = format!("kubectl delete pod {} -n {}{how}", pod.name, pod.namespace);
    let act = Act::typed(branch.len(), &line, &"".into());
    branch.submit(act.command().ok()?);
    branch.advance(Until::Quiet, Budget { steps: MOST_STEPS });
    Some(branch)
}

fn told(
    run: &Run,
    story: &Story,
    timeline: &Timeline,
    chart: &Chart,
    beside: Beside,
    name: Rc<str>,
) -> Other {
    let common = common(&run.timeline, timeline);
    let there = counterpart(timeline, story, common);
    let lost = there.as_ref().and_then(|there| lost(timeline, there));
    let requests = chart.requests().skip(common.saturating_sub(1));
    Other {
        beside,
        name,
        lines: there.as_ref().map(|there| lines(there).into()).unwrap_or_default(),
        story: there,
        lost,
        differs: difference(&run.timeline, timeline, common),
        requests: requests.map(|(step, requests)| (step.at, requests)).collect(),
    }
}

/// How many steps both begin with.
fn common(here: &Timeline, there: &Timeline) -> usize {
    let same = |(here, there): &(&Rc<Step>, &Rc<Step>)| Rc::ptr_eq(here, there) || here == there;
    here.steps().iter().zip(there.steps()).take_while(same).count()
}

/// What tells of the same there: the same deletion, rollout, drain or outage, or else the first of its kind behind where the
/// worlds part.
fn counterpart(timeline: &Timeline, story: &Story, common: usize) -> Option<Story> {
    let same = subject(story);
    let begun = Story::begun(timeline);
    let is_there = begun.iter().any(|(_, subject)| *subject == same);
    if is_there {
        return Story::of(timeline, same);
    }
    let is_like = |subject: &Subject| std::mem::discriminant(subject) == std::mem::discriminant(&same);
    let mut behind = begun.into_iter().filter(|(begins, _)| begins.0 as usize >= common);
    let (_, like) = behind.find(|(_, subject)| is_like(subject))?;
    Story::of(timeline, like)
}

fn subject(story: &Story) -> Subject {
    match story {
        Story::Deletion(of) => Subject::Deletion(of.uid),
        Story::Rollout(of) => Subject::Rollout(of.begins),
        Story::Drain(of) => Subject::Drain(of.command),
        Story::Outage(of) => Subject::Outage(of.begins),
    }
}

fn difference(here: &Timeline, there: &Timeline, common: usize) -> Option<Difference> {
    let step = StepId(common as u32);
    let words = |timeline: &Timeline| {
        let told =
            |step: &Rc<Step>| format!("{}: {}", narration::actor(&step.actor), narration::headline(step));
        timeline.step(step).map(told)
    };
    let (here, there) = (words(here), words(there));
    if here.is_none() && there.is_none() {
        return None;
    }
    let (here, there) = (here.unwrap_or_default().into(), there.unwrap_or_default().into());
    Some(Difference { step, here, there })
}

/// Requests lost between where a rail begins and the end of what is known.
pub(super) fn lost(timeline: &Timeline, story: &Story) -> Option<u64> {
    if timeline.genesis().simulation.clients.is_empty() {
        return None;
    }
    let failed = |world: &World| world.traffic.counts().failed();
    let first = story.steps().into_iter().flatten().min()?;
    Some(failed(timeline.head()) - failed(&timeline.world_at(first)))
}
