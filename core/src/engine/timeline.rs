//! A timeline: the commands given, the steps they led to, and the world after each.
//!
//! Going back is an index; acting in the past rewinds or branches. Every step keeps its world while that fits
//! [`HISTORY_BYTES`]; beyond, older steps keep every [`THINNED`]th and the rest is replayed from the nearest.

use std::rc::Rc;

use super::command::Command;
use super::play::{Still, play, play_until};
use super::step::{Cause, CommandId, Step, StepId, What};
use super::world::World;
use crate::api::Node;
use crate::simulation::Simulation;
use crate::time::{Duration, Time};

/// How much memory the worlds of a timeline may take, in bytes, by [`STEP_BYTES`].
pub const HISTORY_BYTES: usize = 192 << 20;

/// What a step's world takes beyond the one before it, in bytes: the measured average, rounded up.
pub const STEP_BYTES: usize = 5 << 10;

/// Beyond the budget every so many worlds are kept.
pub const THINNED: usize = 64;

/// A world counts as quiet when nothing is in progress and no timer runs out within this time.
pub const QUIET: Duration = Duration::from_millis(1500);

/// A run of the simulation.
#[derive(Clone)]
pub struct Timeline {
    genesis: World,
    steps: Vec<Rc<Step>>,
    worlds: Vec<Option<Rc<World>>>,
    script: Vec<Submission>,
    head: Rc<World>,
}

/// A command, and how many steps had happened when it was given.
#[derive(Clone, Debug, PartialEq)]
pub struct Submission {
    /// Its number.
    pub id: CommandId,
    /// How many steps had happened.
    pub after_steps: usize,
    /// The command.
    pub command: Command,
}

/// How far to advance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// Nothing is in progress and no timer runs out within [`QUIET`].
    Quiet,
    /// The next step would be later than this.
    Time(Time),
    /// This step has happened.
    Step(StepId),
    /// This command has ended.
    Command(CommandId),
}

/// How much may be computed in one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// How many steps.
    pub steps: usize,
}

/// Why advancing stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// The goal is reached.
    Reached,
    /// The budget is used up: call again to go on.
    Exhausted,
    /// Nothing is due, ever, or nothing that would be a step.
    Ended,
}

/// Steps that a rewind cut off. Dropping thousands of worlds takes a while, so a page frees them in slices.
#[derive(Default)]
pub struct Discarded {
    worlds: Vec<Option<Rc<World>>>,
    steps: Vec<Rc<Step>>,
}

impl Timeline {
    /// A cluster with these nodes, before anything happened.
    pub fn new(simulation: Simulation, nodes: Vec<Node>) -> Timeline {
        let genesis = World::new(simulation, nodes);
        Timeline {
            head: Rc::new(genesis.clone()),
            genesis,
            steps: Vec::new(),
            worlds: Vec::new(),
            script: Vec::new(),
        }
    }

    /// How many steps have happened.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether nothing has happened yet.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Every step, in order.
    pub fn steps(&self) -> &[Rc<Step>] {
        &self.steps
    }

    /// A step by its number.
    pub fn step(&self, id: StepId) -> Option<&Rc<Step>> {
        self.steps.get(id.0 as usize)
    }

    /// The commands given, and when.
    pub fn script(&self) -> &[Submission] {
        &self.script
    }

    /// The world before the first step.
    pub fn genesis(&self) -> &World {
        &self.genesis
    }

    /// The world after the last step, with the commands that wait in it.
    pub fn head(&self) -> &World {
        &self.head
    }

    /// Gives a command. It is the next thing that happens.
    pub fn submit(&mut self, command: Command) -> CommandId {
        let id = Rc::make_mut(&mut self.head).submit(command.clone());
        self.script.push(Submission { id, after_steps: self.steps.len(), command });
        id
    }

    /// Makes steps happen until the goal or the budget is reached.
    pub fn advance(&mut self, until: Until, budget: Budget) -> Rest {
        for _ in 0..budget.steps {
            if self.is_reached(until) {
                return Rest::Reached;
            }
            // The head stays at a step's end: what passed silently before a goal will pass again.
            let mut next = World::clone(&self.head);
            let step = match play_until(&mut next, |world| is_reached_between_steps(world, until)) {
                Ok(step) => step,
                Err(Still::Reached) => return Rest::Reached,
                Err(Still::Ended) => return Rest::Ended,
            };
            self.head = Rc::new(next);
            self.steps.push(Rc::new(step));
            self.worlds.push(Some(self.head.clone()));
            self.thin();
        }
        if self.is_reached(until) { Rest::Reached } else { Rest::Exhausted }
    }

    /// The world after a step; the latest for steps that have not happened.
    pub fn world_at(&self, id: StepId) -> World {
        let place = (id.0 as usize).min(self.steps.len().saturating_sub(1));
        if self.steps.is_empty() {
            return self.genesis.clone();
        }
        if let Some(Some(world)) = self.worlds.get(place) {
            return World::clone(world);
        }
        let nearest = (0..place).rev().find(|earlier| self.worlds[*earlier].is_some());
        let kept = nearest.and_then(|earlier| self.worlds[earlier].clone());
        let (mut world, first) = match (kept, nearest) {
            (Some(world), Some(earlier)) => (World::clone(&world), earlier + 1),
            _ => (self.genesis.clone(), 0),
        };
        for next in first..=place {
            self.resubmit(&mut world, next);
            play(&mut world);
        }
        world
    }

    /// Forgets everything after a step, commands included.
    pub fn rewind(&mut self, id: StepId) -> Discarded {
        let kept = (id.0 as usize + 1).min(self.steps.len());
        self.cut(kept)
    }

    /// Forgets every step and command.
    pub fn rewind_to_genesis(&mut self) -> Discarded {
        self.cut(0)
    }

    /// A timeline of its own that has happened up to a step and no further.
    pub fn branch(&self, id: StepId) -> Timeline {
        let kept = (id.0 as usize + 1).min(self.steps.len());
        Timeline {
            genesis: self.genesis.clone(),
            steps: self.steps[..kept].to_vec(),
            worlds: self.worlds[..kept].to_vec(),
            script: self.script.iter().filter(|given| given.after_steps < kept).cloned().collect(),
            head: Rc::new(self.world_after(kept)),
        }
    }

    /// A step, the step that caused it, and so on, back to a command, a timer or a fault.
    pub fn why_chain(&self, id: StepId) -> Vec<&Step> {
        let mut chain = Vec::new();
        let mut next = self.step(id);
        while let Some(step) = next {
            chain.push(&**step);
            next = match step.causes.iter().next() {
                Some(Cause::Step(cause) | Cause::Timer(cause)) if cause < step.id => self.step(cause),
                Some(Cause::Command(command) | Cause::Fault(command)) => self.step_of_command(command),
                _ => None,
            }
            .filter(|cause| cause.id < step.id);
        }
        chain
    }

    /// The step in which a person gave a command.
    pub fn step_of_command(&self, id: CommandId) -> Option<&Rc<Step>> {
        let given = self.script.iter().find(|given| given.id == id)?;
        let asked = |step: &&Rc<Step>| {
            matches!(step.what, What::Asked(_)) && step.causes.iter().any(|cause| cause == Cause::Command(id))
        };
        self.steps.get(given.after_steps..)?.iter().find(asked)
    }

    fn is_reached(&self, until: Until) -> bool {
        match until {
            Until::Step(id) => self.steps.len() > id.0 as usize,
            Until::Time(_) | Until::Quiet => is_reached_between_steps(&self.head, until),
            Until::Command(id) => match self.head.sessions.get(&id) {
                // Once the exit code is known, the last lines are still to be printed. What follows never ends.
                Some(session) => (session.exit.is_some() || session.follows()) && !self.head.is_busy(id),
                None => self.step_of_command(id).is_some(),
            },
        }
    }

    /// Drops the oldest worlds beyond the budget, but for every [`THINNED`]th.
    fn thin(&mut self) {
        let Some(old) = self.worlds.len().checked_sub(HISTORY_BYTES / STEP_BYTES + 1) else { return };
        if !old.is_multiple_of(THINNED) {
            self.worlds[old] = None;
        }
    }

    fn cut(&mut self, kept: usize) -> Discarded {
        self.head = Rc::new(self.world_after(kept));
        self.script.retain(|given| given.after_steps < kept);
        Discarded { worlds: self.worlds.split_off(kept), steps: self.steps.split_off(kept) }
    }

    /// The world after so many steps.
    fn world_after(&self, steps: usize) -> World {
        match steps.checked_sub(1) {
            Some(last) => self.world_at(StepId(last as u32)),
            None => self.genesis.clone(),
        }
    }

    fn resubmit(&self, world: &mut World, after_steps: usize) {
        for given in self.script.iter().filter(|given| given.after_steps == after_steps) {
            world.submit(given.command.clone());
        }
    }
}

/// Whether a goal that needs no further step is reached.
fn is_reached_between_steps(world: &World, until: Until) -> bool {
    let first = world.agenda.first().map(|(at, _)| at);
    match until {
        Until::Time(time) => first.is_some_and(|at| at > time),
        Until::Quiet => !world.agenda.is_in_progress() && first.is_some_and(|at| at.since(world.now) > QUIET),
        Until::Step(_) | Until::Command(_) => false,
    }
}

impl Discarded {
    /// Frees up to `count` steps. Returns whether any are left.
    pub fn free(&mut self, count: usize) -> bool {
        self.worlds.truncate(self.worlds.len().saturating_sub(count));
        self.steps.truncate(self.steps.len().saturating_sub(count));
        !self.worlds.is_empty()
    }
}
