//! The run being watched: its history, where the viewer stands in it, and the futures that were replaced.

use std::rc::Rc;

use kubestep_core::engine::{Budget, Command, Rest, Step, StepId, Timeline, Until, World};

use super::message::{Go, Stride};
use super::moves;
use super::session::{Act, Ground};
use crate::breakpoints::Breakpoint;
use crate::repeats::{self, Repeats};
use crate::scene::chart::Chart;
use crate::scene::transition::{Motion, Transition};
use crate::shared::Shared;

/// The most replaced futures that are kept.
pub const MOST_BRANCHES: usize = 12;

/// How many steps are computed before the page may draw again: about 20 ms in a browser.
const SLICE: Budget = Budget { steps: 1_000 };

/// The most steps that are computed to find a moment that was asked for.
const MOST_SOUGHT: usize = 4_000;

/// How many of them are computed before they are looked through.
const SOUGHT_AT_ONCE: usize = 50;

/// The most steps a run may have; beyond, it is said and nothing more is computed.
pub const MOST_STEPS: usize = 60_000;

/// The run being watched.
#[derive(Clone)]
pub struct Run {
    /// What it began with.
    pub ground: Rc<Ground>,
    /// Its history, computed ahead of the viewer.
    pub timeline: Shared<Timeline>,
    /// What the stage and the timeline draw of the whole history.
    pub chart: Shared<Chart>,
    /// Where the viewer stands; none is the start.
    pub cursor: Option<StepId>,
    /// How they came there.
    pub transition: Transition,
    /// How far the computation has come.
    pub ahead: Ahead,
    /// What goes on for ever behind its end, if it came to rest and something does.
    pub repeats: Option<Rc<Repeats>>,
    /// What was done in it.
    pub acts: Rc<[Act]>,
    /// Lines that kubectl did not understand, which are no part of the run.
    pub misheard: Rc<[Misheard]>,
    /// Different for each change of what is computed, so that a late slice of another run is dropped.
    pub serial: u32,
    /// The futures that were replaced, newest first.
    pub branches: Rc<[Branch]>,
}

/// How far the computation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ahead {
    /// There is more to compute.
    Computing,
    /// Nothing but heartbeats and far timers is left.
    AtRest,
    /// The run has [`MOST_STEPS`] steps.
    AtLimit,
}

/// A line that kubectl did not understand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misheard {
    /// The step in view when it was typed.
    pub at: Option<StepId>,
    /// The line.
    pub line: Rc<str>,
    /// kubectl's answer.
    pub answer: Rc<str>,
}

/// A future that was replaced.
#[derive(Clone)]
pub struct Branch {
    /// What it began with.
    pub ground: Rc<Ground>,
    /// Its history.
    pub timeline: Shared<Timeline>,
    /// Its drawing.
    pub chart: Shared<Chart>,
    /// The step where the viewer left it.
    pub cursor: Option<StepId>,
    /// How far it was computed.
    pub ahead: Ahead,
    /// What goes on for ever behind its end.
    pub repeats: Option<Rc<Repeats>>,
    /// What was done in it.
    pub acts: Rc<[Act]>,
    /// The command that replaced it, or `opened another`.
    pub replaced_by: Rc<str>,
}

impl Run {
    /// An empty run on the cluster that this file describes.
    pub fn empty(cluster: &str) -> Self {
        let ground = Ground::of(cluster, "");
        let timeline = ground.timeline();
        Self::new(ground, timeline, Vec::new())
    }

    /// A run that begins with this history, seen from its start.
    pub fn new(ground: Ground, timeline: Timeline, acts: Vec<Act>) -> Self {
        let chart = Shared::new(Chart::of(&timeline));
        Self {
            ground: Rc::new(ground),
            timeline: Shared::new(timeline),
            chart,
            cursor: None,
            transition: Transition::default(),
            ahead: Ahead::Computing,
            repeats: None,
            acts: acts.into(),
            misheard: Rc::from([]),
            serial: 0,
            branches: Rc::from([]),
        }
    }

    /// The step in view.
    pub fn step(&self) -> Option<&Rc<Step>> {
        self.timeline.step(self.cursor?)
    }

    /// The world in view.
    pub fn world(&self) -> World {
        world_at(&self.timeline, self.cursor)
    }

    /// The world in which whatever a person does here happens.
    pub fn standing(&self) -> World {
        standing(&self.timeline, self.cursor)
    }

    /// Whether the last known step is in view.
    pub fn is_at_end(&self) -> bool {
        is_at_end(&self.timeline, self.cursor)
    }

    /// Moves the viewer. `dwell_ms` is how long the step will be shown, while playing.
    pub fn go(&mut self, go: Go, speed: f32, dwell_ms: Option<f32>) {
        let target = moves::target(self.timeline.steps(), self.chart.spans(), self.cursor, go);
        if target == self.cursor {
            return;
        }
        let motion = match go {
            Go::Forward(_) => Motion::Forward,
            Go::Back(_) => Motion::Back,
            _ => Motion::Scrub,
        };
        self.arrive(target, motion, speed, dwell_ms);
    }

    fn arrive(&mut self, target: Option<StepId>, motion: Motion, speed: f32, dwell_ms: Option<f32>) {
        self.transition = Transition {
            serial: self.transition.serial + 1,
            from: self.cursor,
            to: target,
            motion,
            speed,
            dwell_ms,
        };
        self.cursor = target;
    }

    /// Does something where the viewer stands; what was known to come after is kept as a branch. Returns whether
    /// kubectl understood the line: if not, only the list of such lines changes.
    pub fn act(&mut self, act: Act) -> bool {
        let command = match act.command() {
            Ok(command) => command,
            Err(answer) => {
                let misheard = Misheard { at: self.cursor, line: act.line, answer: answer.into() };
                self.misheard = self.misheard.iter().cloned().chain([misheard]).collect();
                return false;
            }
        };
        if self.is_other_ground(&act) {
            self.begin_again(act, command);
            return true;
        }
        let happened = self.happened();
        let mut timeline = if happened == self.timeline.len() {
            Timeline::clone(&self.timeline)
        } else {
            self.keep_as_branch(&act.line);
            branch(&self.timeline, self.cursor)
        };
        timeline.submit(command);
        self.acts =
            self.acts.iter().filter(|each| each.after_steps < happened).cloned().chain([act]).collect();
        self.watch(timeline);
        true
    }

    /// Whether a manifest describes other nodes or settings than the run began with.
    fn is_other_ground(&self, act: &Act) -> bool {
        act.file.as_deref().is_some_and(|text| !Ground::of(&self.ground.cluster, text).is_like(&self.ground))
    }

    /// Nodes and settings are what a run stands on, so others make another run; this one is kept.
    fn begin_again(&mut self, act: Act, command: Command) {
        if !self.timeline.is_empty() {
            self.keep_as_branch(&act.line);
        }
        let ground = Ground::of(&self.ground.cluster, act.file.as_deref().unwrap_or_default());
        let mut timeline = ground.timeline();
        timeline.submit(command);
        self.ground = Rc::new(ground);
        self.acts = Rc::from([Act { after_steps: 0, ..act }]);
        self.watch(timeline);
        self.arrive(None, Motion::Scrub, 1.0, None);
    }

    /// Begins again on another cluster, with the manifests that were applied last; this run is kept as a branch. Returns
    /// whether there was anything to begin again for.
    pub fn stand_on(&mut self, cluster: &str) -> bool {
        let applied = self.acts.iter().rev().find(|act| act.file.is_some()).cloned();
        let text = applied.as_ref().and_then(|act| act.file.clone()).unwrap_or_default();
        let ground = Ground::of(cluster, &text);
        if ground.is_like(&self.ground) {
            self.ground = Rc::new(ground);
            return false;
        }
        if !self.timeline.is_empty() {
            self.keep_as_branch("another cluster.yaml");
        }
        let mut timeline = ground.timeline();
        let again = applied.map(|_| Act::apply(0, &text));
        if let Some(command) = again.as_ref().and_then(|act| act.command().ok()) {
            timeline.submit(command);
        }
        self.ground = Rc::new(ground);
        self.acts = again.into_iter().collect();
        self.watch(timeline);
        self.arrive(None, Motion::Scrub, 1.0, None);
        true
    }

    /// How many steps have happened where the viewer stands. Behind the last step that is shown there may be folded
    /// ones: they count too, or acting at the end would be acting in the past.
    pub fn happened(&self) -> usize {
        if self.is_at_end() { self.timeline.len() } else { self.cursor.map_or(0, |step| step.0 as usize + 1) }
    }

    /// Computes the next slice.
    pub fn compute(&mut self) {
        if self.timeline.len() >= MOST_STEPS {
            self.ahead = Ahead::AtLimit;
            self.repeats = repeats::found_in(self.timeline.steps()).map(Rc::new);
            return;
        }
        let mut timeline = Timeline::clone(&self.timeline);
        let rest = timeline.advance(Until::Quiet, SLICE);
        self.watch(timeline);
        if !matches!(rest, Rest::Exhausted) {
            self.ahead = Ahead::AtRest;
            self.repeats = repeats::ahead_of(&self.timeline).map(Rc::new);
        }
    }

    /// Lets the next timer run out, however far away. Returns whether there was one.
    pub fn look_further(&mut self) -> bool {
        let mut timeline = Timeline::clone(&self.timeline);
        let next = StepId(timeline.len() as u32);
        if timeline.advance(Until::Step(next), Budget { steps: 1 }) == Rest::Ended {
            return false;
        }
        self.watch(timeline);
        true
    }

    /// The next step that makes `breakpoint` true. What is not known yet is computed, timer after timer, for at most
    /// [`MOST_SOUGHT`] steps; what was computed stays known.
    pub fn seek(&mut self, breakpoint: &Breakpoint) -> Option<StepId> {
        if let Some(known) = breakpoint.next_hit(&self.chart, self.cursor) {
            return Some(known);
        }
        let known = self.timeline.len();
        let mut timeline = Timeline::clone(&self.timeline);
        let mut found = None;
        while found.is_none() && timeline.len() < (known + MOST_SOUGHT).min(MOST_STEPS) {
            let before = timeline.len();
            let next = StepId((before + SOUGHT_AT_ONCE) as u32);
            let rest = timeline.advance(Until::Step(next), Budget { steps: SOUGHT_AT_ONCE });
            let chart = self.chart.extended(&timeline);
            found = breakpoint.next_hit(&chart, before.checked_sub(1).map(|last| StepId(last as u32)));
            if rest == Rest::Ended {
                break;
            }
        }
        if timeline.len() > known {
            self.watch(timeline);
        }
        found
    }

    /// Takes back the last act: its history is kept as a branch, and the viewer stands where it was given. Returns the
    /// act, if there was one.
    pub fn undo(&mut self) -> Option<Act> {
        let (last, earlier) = self.acts.split_last()?;
        let (last, earlier) = (last.clone(), earlier.to_vec());
        self.keep_as_branch(&format!("taking back {}", last.line));
        let cursor = last.after_steps.checked_sub(1).map(|step| StepId(step as u32));
        let timeline = branch(&self.timeline, cursor);
        self.acts = earlier.into();
        self.watch(timeline);
        self.arrive(cursor, Motion::Scrub, 1.0, None);
        Some(last)
    }

    fn watch(&mut self, timeline: Timeline) {
        self.chart = Shared::new(self.chart.extended(&timeline));
        self.timeline = Shared::new(timeline);
        self.ahead = Ahead::Computing;
        self.repeats = None;
        self.serial += 1;
    }

    /// Opens a replaced future where it was left; this one takes its place in the list.
    pub fn open_branch(&mut self, place: usize) {
        let Some(branch) = self.branches.get(place).cloned() else { return };
        self.branches = self
            .branches
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != place)
            .map(|(_, each)| each.clone())
            .collect();
        self.keep_as_branch("opening a replaced future");
        self.ground = branch.ground;
        self.timeline = branch.timeline;
        self.chart = branch.chart;
        self.acts = branch.acts;
        self.ahead = branch.ahead;
        self.repeats = branch.repeats;
        self.serial += 1;
        self.arrive(branch.cursor, Motion::Scrub, 1.0, None);
    }

    fn keep_as_branch(&mut self, replaced_by: &str) {
        let branch = Branch {
            ground: self.ground.clone(),
            timeline: self.timeline.clone(),
            chart: self.chart.clone(),
            cursor: self.cursor,
            ahead: self.ahead,
            repeats: self.repeats.clone(),
            acts: self.acts.clone(),
            replaced_by: replaced_by.into(),
        };
        self.branches =
            std::iter::once(branch).chain(self.branches.iter().cloned()).take(MOST_BRANCHES).collect();
    }
}

fn is_at_end(timeline: &Timeline, cursor: Option<StepId>) -> bool {
    moves::target(timeline.steps(), &[], cursor, Go::Forward(Stride::Into)) == cursor
}

/// The world in which whatever a person does here happens: behind the last step that is shown, folded ones count.
pub fn standing(timeline: &Timeline, cursor: Option<StepId>) -> World {
    if is_at_end(timeline, cursor) { timeline.head().clone() } else { world_at(timeline, cursor) }
}

/// The world after a step, or before the first.
pub fn world_at(timeline: &Timeline, cursor: Option<StepId>) -> World {
    cursor.map_or_else(|| timeline.genesis().clone(), |step| timeline.world_at(step))
}

fn branch(timeline: &Timeline, cursor: Option<StepId>) -> Timeline {
    let Some(step) = cursor else {
        let mut timeline = timeline.clone();
        timeline.rewind_to_genesis();
        return timeline;
    };
    timeline.branch(step)
}
