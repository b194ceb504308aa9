//! Commands: what a person asks for becomes the first step of what follows.

use super::*;
use crate::engine::slow;

pub(super) fn command(world: &mut World, id: CommandId) -> Option<Step> {
    let command = world.commands.get(&id)?.clone();
    let causes = Causes::one(Cause::Command(id));
    match &*command {
        Command::Kubectl(invocation) => {
            world.sessions.insert(id, Rc::new(Session::new(id, invocation.clone())));
            let latency = world.simulation.latencies.request;
            let key = WorkKey::whole(ComponentId::Session(id));
            let step = asked(world, command.line(), causes);
            world.wake(key, Causes::one(Cause::Step(step.id)), latency);
            return Some(step);
        }
        Command::Wait(time) => {
            let until = world.now + *time;
            world.schedule(until, Due::Waited, causes, Pending::Progress);
        }
        Command::Choose(entry, what) => {
            let now = world.now;
            let is_there = world.agenda.reschedule_first(*entry, now);
            let why = why::Kubectl::Chose { what: what.clone(), is_there };
            return Some(said(world, command.line(), why, causes));
        }
        Command::Hold(entry, wait, what) => {
            let until = world.now + *wait;
            let is_there = world.agenda.reschedule(*entry, until);
            let why = why::Kubectl::HeldBack { what: what.clone(), wait: *wait, is_there };
            return Some(said(world, command.line(), why, causes));
        }
        Command::Drop(entry, what) => {
            let is_there = world.agenda.drop_message(*entry);
            let why = why::Kubectl::Dropped { what: what.clone(), is_there };
            return Some(said(world, command.line(), why, causes));
        }
        Command::Slow(watcher, late) => {
            slow::set(world, watcher, *late);
            let why = why::Kubectl::Slowed { watcher: watcher.to_string().into(), late: *late };
            return Some(said(world, command.line(), why, causes));
        }
        Command::Stop(process) => {
            process::stop(world, *process);
            let why = why::Kubectl::Stops { process: process.to_string().into() };
            return Some(said(world, command.line(), why, causes));
        }
        Command::Start(process) => {
            let waiting = process::start(world, *process);
            let why = why::Kubectl::Starts { process: process.to_string().into(), waiting };
            return Some(said(world, command.line(), why, causes));
        }
        Command::Interrupt => {
            let running: Vec<CommandId> =
                world.sessions.iter().filter(|(_, it)| it.exit.is_none()).map(|(id, _)| *id).collect();
            for id in running {
                if let Some(session) = world.sessions.get_mut(&id) {
                    Rc::make_mut(session).interrupt();
                }
            }
        }
        Command::Follow(client) => {
            let wish = sending::follow(world, client);
            let is_there = wish != sending::Wish::NoClient;
            let why = why::Kubectl::Follows { client: client.clone(), is_there };
            let step = said(world, command.line(), why, causes);
            if let sending::Wish::Taken(place, at) = wish {
                world.schedule(at, Due::Send(place), Causes::one(Cause::Step(step.id)), Pending::Progress);
            }
            return Some(step);
        }
        Command::Kubelets(mode) => {
            Rc::make_mut(&mut world.simulation).kubelets = *mode;
            let step = asked(world, command.line(), causes);
            wake_kubelets(world, Causes::one(Cause::Step(step.id)));
            return Some(step);
        }
        Command::OnNode(node, act) => {
            let step = said(world, command.line(), on_node::said(node, act), causes);
            if *act == NodeAct::FallsSilent {
                // It sends nothing, so that no further step would tell that it happened.
                on_node::fall_silent(world, node);
                return Some(step);
            }
            let (now, causes) = (world.now, Causes::one(Cause::Step(step.id)));
            if matches!(act, NodeAct::MovesManifest { .. }) {
                for (node, act) in on_node::moved(world, node, act) {
                    world.schedule(now, Due::Node(node, Rc::new(act)), causes, Pending::Work);
                }
                return Some(step);
            }
            world.schedule(now, Due::Node(node.clone(), Rc::new(act.clone())), causes, Pending::Work);
            return Some(step);
        }
        Command::OnPod(pod, act) => {
            let step = asked(world, command.line(), causes);
            if let Some((node, uid)) = place_of(world, pod) {
                let due = Due::Machine(node, Box::new(MachineTimer::ByHand(uid, act.clone())));
                let (now, causes) = (world.now, Causes::one(Cause::Step(step.id)));
                world.schedule(now, due, causes, Pending::Work);
            }
            return Some(step);
        }
    }
    Some(asked(world, command.line(), causes))
}

/// Every kubelet looks at each of its pods.
fn wake_kubelets(world: &mut World, causes: Causes) {
    let latency = world.simulation.latencies.kubelet;
    let on_nodes = world.machines.iter().flat_map(|(node, machine)| {
        let component = ComponentId::Kubelet(node.clone());
        machine
            .pods()
            .map(move |pod| WorkKey { component: component.clone(), item: WorkItem::Pod(pod.uid()) })
    });
    for key in on_nodes.collect::<Vec<_>>() {
        world.wake(Rc::new(key), causes, latency);
    }
}

/// Where a pod runs: the one that the API has under this name, or else one that is left of it.
fn place_of(world: &World, key: &Key) -> Option<(Rc<str>, Uid)> {
    if let Some(pod) = world.store.get::<Pod>(key) {
        let node = pod.spec.node.clone()?;
        let local = world.machines.get(&node).and_then(|machine| machine.pod_of(pod.uid, key));
        return Some((node, local.map_or(pod.uid, |local| local.uid())));
    }
    let left = world.machines.iter().flat_map(|(node, machine)| machine.pods().map(move |pod| (node, pod)));
    left.filter(|(_, pod)| pod.key() == key).map(|(node, pod)| (node.clone(), pod.uid())).next()
}

fn asked(world: &mut World, line: Rc<str>, causes: Causes) -> Step {
    said(world, line, why::Kubectl::Asked, causes)
}

fn said(world: &mut World, line: Rc<str>, why: why::Kubectl, causes: Causes) -> Step {
    let reconcile = world.next_reconcile_id();
    step(world, Actor::You, reconcile, causes, why.into(), What::Asked(line))
}

/// Time that a person let pass is over. A step, since the world has moved on to it.
pub(super) fn waited(world: &mut World, causes: Causes) -> Step {
    let reconcile = world.next_reconcile_id();
    step(world, Actor::You, reconcile, causes, why::Kubectl::Waited.into(), What::Looked)
}
