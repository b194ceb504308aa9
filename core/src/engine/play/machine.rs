//! Machines: what kubelets and kube-proxies do on their nodes, and moments that come by themselves.

use super::*;
use crate::kubelet::manifests;
use crate::simulation::Space;

pub(super) fn effect_on_machine(world: &mut World, run: &Run, effect: &Effect, why: Why) -> Option<Step> {
    let (ComponentId::Kubelet(node) | ComponentId::Proxy(node)) = &run.key.component else {
        unreachable!(
            "only kubelets and kube-proxies have a machine to act on; {:?} has none",
            run.key.component
        )
    };
    let (change, timers, wakes) =
        on_machine(world, node, |machine, context| kubelet::apply(machine, effect, context))?;
    // What only begins is not yet a step: its end will be one.
    let actor = actor_of(&run.key.component);
    let step = change.map(|change| step(world, actor, run.reconcile, run.causes, why, What::Machine(change)));
    follow_up(world, node, timers, wakes, step.as_ref().map(|step| step.id), run.causes);
    step
}

/// A moment that comes by itself on a machine.
pub(super) fn machine_timer(
    world: &mut World,
    node: &Rc<str>,
    timer: &MachineTimer,
    causes: Causes,
) -> Option<Step> {
    let (fired, timers, wakes) =
        on_machine(world, node, |machine, context| kubelet::fire(machine, timer, context))?;
    let step = fired.map(|(change, why)| {
        let reconcile = world.next_reconcile_id();
        step(world, Actor::Kubelet(node.clone()), reconcile, causes, why, What::Machine(change))
    });
    follow_up(world, node, timers, wakes, step.as_ref().map(|step| step.id), causes);
    step
}

/// A file of a node's manifest directory appears, changes or goes.
pub(super) fn on_manifest(world: &mut World, node: &Rc<str>, act: &NodeAct, causes: Causes) -> Option<Step> {
    let (done, timers, wakes) = on_machine(world, node, |machine, context| match act {
        NodeAct::WritesManifest(file, text) => manifests::write(machine, file, text, context),
        NodeAct::RemovesManifest(file) => manifests::remove(machine, file, context),
        NodeAct::Reports(_) | NodeAct::FallsSilent | NodeAct::Returns | NodeAct::Joins(_) => None,
        NodeAct::MovesManifest { .. } | NodeAct::Leaves | NodeAct::Uses(..) => None,
    })?;
    let (change, why) = done?;
    let reconcile = world.next_reconcile_id();
    let step = step(world, Actor::Kubelet(node.clone()), reconcile, causes, why, What::Machine(change));
    follow_up(world, node, timers, wakes, Some(step.id), causes);
    Some(step)
}

/// So much of a machine's memory or disk is used by what is no pod.
pub(super) fn use_elsewhere(world: &mut World, node: &Rc<str>, uses: (Space, i64), causes: Causes) {
    let (space, bytes) = uses;
    let done = on_machine(world, node, |machine, context| {
        kubelet::eviction::use_elsewhere(machine, space, bytes, context);
    });
    if let Some(((), timers, wakes)) = done {
        follow_up(world, node, timers, wakes, None, causes);
    }
}

type Timers = Vec<(Time, MachineTimer, bool)>;

fn on_machine<T>(
    world: &mut World,
    node: &str,
    act: impl FnOnce(&mut Machine, &mut MachineContext<'_>) -> T,
) -> Option<(T, Timers, Vec<WorkItem>)> {
    let machine = world.machines.get_mut(node).map(Rc::make_mut)?;
    let mut context = MachineContext {
        now: world.now,
        rng: &mut world.rng,
        simulation: &world.simulation,
        timers: Vec::new(),
        wakes: Vec::new(),
    };
    let result = act(machine, &mut context);
    Some((result, context.timers, context.wakes))
}

/// What a change on a machine leaves behind. Where it was no step of its own, what led to it is the cause.
fn follow_up(
    world: &mut World,
    node: &Rc<str>,
    timers: Timers,
    wakes: Vec<WorkItem>,
    step: Option<StepId>,
    causes: Causes,
) {
    process::follow(world, node);
    for (at, timer, in_progress) in timers {
        let pending = if in_progress { Pending::Progress } else { Pending::Timer };
        let causes = step.map_or(causes, |step| Causes::one(Cause::Timer(step)));
        world.schedule(at, Due::Machine(node.clone(), Box::new(timer)), causes, pending);
    }
    if let Some(step) = step {
        wake_listeners(world, Causes::one(Cause::Step(step)));
    }
    for item in wakes {
        let component = match item {
            WorkItem::Pod(_) | WorkItem::Object(_) => ComponentId::Kubelet(node.clone()),
            WorkItem::Whole => ComponentId::Proxy(node.clone()),
        };
        let causes = step.map_or(causes, |step| Causes::one(Cause::Step(step)));
        world.wake(Rc::new(WorkKey { component, item }), causes, Duration::ZERO);
    }
}

/// Whoever listens to containers hears of what happened to one.
fn wake_listeners(world: &mut World, causes: Causes) {
    let listens = |session: &Session| session.watching == Some(Watching::Pods);
    let listeners: Vec<CommandId> =
        world.sessions.iter().filter(|(_, session)| listens(session)).map(|(id, _)| *id).collect();
    let latency = world.simulation.latencies.watch;
    for id in listeners {
        world.wake(WorkKey::whole(ComponentId::Session(id)), causes, latency);
    }
}
