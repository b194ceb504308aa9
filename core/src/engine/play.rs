//! Plays the agenda: takes entries off it until one of them makes a step.

mod commands;
mod delivery;
mod hop;
mod look;
mod machine;
mod request;

use std::rc::Rc;

use super::agenda::{Audience, Delivery, Due, Eviction, Pending, Run};
use super::command::Command;
use super::on_node::{self, NodeAct};
use super::process;
use super::recorder::{self, Source};
use super::step::{Actor, Cause, Causes, CommandId, ReconcileId, Step, StepId, What};
use super::workqueue::{ComponentId, WorkItem, WorkKey, WorkState};
use super::world::World;
use crate::api::{Key, Kind, Object, ObjectRef, Pod, Service, Uid};
use crate::apiserver::{self, ApiError, Change, Person, Request, Store, User, Verb, Write};
use crate::controllers::{self, ControllerId};
use crate::kubectl::{self, Session, Watching};
use crate::kubelet::{self, Effect, Machine, MachineContext, MachineTimer};
use crate::metrics::Metrics;
use crate::network::walk::View;
use crate::network::{proxy, sending};
use crate::plan::{Act, EventDraft, EventText, IfRefused, Intent, Outcomes, Plan, Printed, Snapshot};
use crate::scheduler;
use crate::time::{Duration, Time};
use crate::why::{self, Why};

use commands::*;
use delivery::{begin_rules, deliver};
use hop::{break_off, hop, send_followed};
use look::*;
use machine::*;
use request::*;

/// How many messages may arrive and looks be taken in a row without a step, before a cluster counts as one in which
/// nothing happens any more. Pods that no node fits are looked at every five minutes for ever, and without a word.
const SILENCE: usize = 10_000;

/// Why [`play_until`] made no step.
pub(crate) enum Still {
    /// Nothing more happens before the goal is reached.
    Reached,
    /// Nothing is due, ever, or nothing that would be a step.
    Ended,
}

/// Makes the next step happen. `None`: nothing is due, ever.
pub(crate) fn play(world: &mut World) -> Option<Step> {
    play_until(world, |_| false).ok()
}

/// Makes the next step happen, unless the goal is reached before it: between two steps messages arrive and looks
/// begin, and with the last of them a cluster may have come to rest.
pub(crate) fn play_until(world: &mut World, is_reached: impl Fn(&World) -> bool) -> Result<Step, Still> {
    for _ in 0..SILENCE {
        if is_reached(world) {
            return Err(Still::Reached);
        }
        let Some((at, entry)) = world.agenda.take_first() else { return Err(Still::Ended) };
        if at > world.now {
            sending::run_until(world, at);
            world.now = at;
        }
        let step = match &entry.due {
            Due::Command(id) => command(world, *id),
            Due::Deliver(delivery) => {
                deliver(world, delivery);
                None
            }
            Due::Look(key) => look(world, key.clone()),
            Due::Continue(run) if process::is_stopped(world, &run.key.component) => {
                process::abandon(world, run);
                None
            }
            Due::Continue(run) => play_run(world, (**run).clone()),
            Due::Machine(node, timer) => machine_timer(world, node, timer, entry.causes),
            Due::Erase(target) => erase(world, target, entry.causes),
            Due::Evict(eviction) => delete_evicted(world, eviction, entry.causes),
            Due::Node(name, act) => on_node(world, name, act, entry.causes),
            Due::Charge(quota) => charge(world, quota, entry.causes),
            Due::Clear(target) => clear(world, target, entry.causes),
            Due::Wake(key) => {
                timer_ran_out(world, key.clone(), entry.causes);
                None
            }
            Due::Waited => Some(waited(world, entry.causes)),
            Due::Send(place) => Some(send_followed(world, *place, entry.causes)),
            Due::Hop(following) => hop(world, (**following).clone(), entry.causes),
        };
        // Only what happens on a machine ends processes.
        if matches!(entry.due, Due::Machine(..) | Due::Node(..)) && world.traffic.is_in_flight() {
            break_off(world, step.as_ref().map_or(entry.causes, |step| Causes::one(Cause::Step(step.id))));
        }
        if let Some(step) = step {
            return Ok(step);
        }
    }
    Err(Still::Ended)
}

fn record(world: &mut World, run: &Run, draft: &EventDraft, why: Why) -> Option<Step> {
    // Nobody takes it; what is told a dozen times in vain is dropped in the end.
    if world.simulation.stopped.has_no_server() {
        return None;
    }
    let message = match &draft.text {
        EventText::Fixed(text) => text.clone(),
        EventText::AfterName(text) => (*text).into(),
        EventText::AfterError(text) => (**text).into(),
    };
    let change = recorder::record(world, source_of(&run.key.component), draft, message)?;
    let what = What::Written(Rc::new(change));
    Some(step(world, actor_of(&run.key.component), run.reconcile, run.causes, why, what))
}

/// Puts what an answer said into an Event that follows it.
fn resolve(draft: &EventDraft, answer: &str) -> EventDraft {
    let text = match &draft.text {
        EventText::Fixed(text) => text.clone(),
        EventText::AfterName(prefix) => format!("{prefix}{answer}").into(),
        EventText::AfterError(prefix) => format!("{prefix}{answer}").into(),
    };
    EventDraft { text: EventText::Fixed(text), ..draft.clone() }
}

fn print(world: &mut World, run: &Run, printed: &Printed, why: Why) -> Step {
    if let ComponentId::Session(id) = run.key.component
        && let Some(session) = world.sessions.get_mut(&id)
    {
        Rc::make_mut(&mut Rc::make_mut(session).output).push(printed.clone());
    }
    let what = What::Printed(printed.clone());
    step(world, actor_of(&run.key.component), run.reconcile, run.causes, why, what)
}

fn step(
    world: &mut World,
    actor: Actor,
    reconcile: ReconcileId,
    causes: Causes,
    why: Why,
    what: What,
) -> Step {
    Step { id: world.next_step_id(), at: world.now, actor, reconcile, causes, why, what }
}

pub(super) fn actor_of(component: &ComponentId) -> Actor {
    match component {
        ComponentId::Controller(id) => Actor::Controller(*id),
        ComponentId::Scheduler => Actor::Scheduler,
        ComponentId::Kubelet(node) => Actor::Kubelet(node.clone()),
        ComponentId::Proxy(node) => Actor::Proxy(node.clone()),
        ComponentId::Session(id) => Actor::Kubectl(*id),
    }
}

fn writer_of(component: &ComponentId) -> Option<ControllerId> {
    if let ComponentId::Controller(id) = component { Some(*id) } else { None }
}

fn first_back_off(component: &ComponentId) -> Duration {
    writer_of(component).map_or(controllers::BACK_OFF, |id| id.controller().back_off)
}

fn source_of(component: &ComponentId) -> Source {
    let (component, host) = match component {
        ComponentId::Controller(id) => (id.controller().component, None),
        ComponentId::Scheduler => ("default-scheduler", None),
        ComponentId::Kubelet(node) => ("kubelet", Some(node.clone())),
        ComponentId::Proxy(node) => ("kube-proxy", Some(node.clone())),
        ComponentId::Session(_) => ("kubectl", None),
    };
    Source { component, host }
}
