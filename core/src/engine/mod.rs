//! The engine: [`next_step`] is the one function that makes time pass.
//!
//! It takes the first entry off the agenda and plays it. Messages in flight and looks that lead to writes pass
//! silently; everything that a person would call "something happened" comes out as a [`Step`].

pub mod agenda;
pub mod command;
pub mod memory;
mod on_node;
pub mod play;
mod process;
pub mod recorder;
pub(crate) mod slow;
pub mod step;
pub mod timeline;
pub mod workqueue;
pub mod world;

pub use agenda::EntryId;
pub use command::Command;
pub use on_node::NodeAct;
pub use process::Process;
pub use slow::Watcher;
pub use step::{Actor, Cause, Causes, CommandId, ReconcileId, Step, StepId, What};
pub use timeline::{Budget, Discarded, Rest, Timeline, Until};
pub use world::World;

use std::cell::Cell;

use crate::time::Time;
use agenda::{Due, Pending};

/// The next thing that happens in `world`, and the world after it. `None`: nothing is due, ever.
pub fn next_step(world: &World) -> Option<(Step, World)> {
    let mut after = world.clone();
    let step = play::play(&mut after)?;
    Some((step, after))
}

/// Somebody who could act now, or a message that could arrive sooner or later than it will.
#[derive(Clone, Debug, PartialEq)]
pub struct Activation {
    /// The entry to choose or to hold.
    pub entry: EntryId,
    /// When it comes by itself.
    pub at: Time,
    /// What it is.
    pub due: Due,
}

impl Activation {
    /// Who would act, if somebody would: a message arrives by itself.
    pub fn actor(&self) -> Option<Actor> {
        Some(match &self.due {
            Due::Command(_) | Due::Waited => Actor::You,
            Due::Look(key) | Due::Wake(key) => play::actor_of(&key.component),
            Due::Continue(run) => play::actor_of(&run.key.component),
            Due::Machine(node, _) | Due::Node(node, _) => Actor::Kubelet(node.clone()),
            Due::Erase(_) | Due::Evict(_) | Due::Charge(_) | Due::Clear(_) => Actor::ApiServer,
            Due::Hop(following) => return following.flow.next_actor(),
            // Whose request it is, the world knows.
            Due::Send(_) | Due::Deliver(_) => return None,
        })
    }
}

/// What would happen if this entry came next. `None`: nothing that anybody would see.
pub fn preview(world: &World, entry: EntryId) -> Option<Step> {
    let mut world = world.clone();
    let now = world.now;
    world.agenda.reschedule_first(entry, now);
    let is_over = Cell::new(false);
    play::play_until(&mut world, |_| is_over.replace(true)).ok()
}

/// Who could act next: everything in flight or queued. Timers are not among them: a grace period ends when it
/// ends.
pub fn enabled(world: &World) -> Vec<Activation> {
    let waiting = world.agenda.sorted().into_iter().filter(|(_, _, entry)| entry.pending == Pending::Work);
    waiting.map(|(at, entry, waiting)| Activation { entry, at, due: waiting.due.clone() }).collect()
}
