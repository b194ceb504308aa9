//! Deliveries: a change reaches the caches of those who watch it, and wakes their keys.

use super::*;
use crate::engine::world::{PROXIES, SCHEDULER};

/// A change reaches the caches of those who watch it, and wakes their keys.
pub(super) fn deliver(world: &mut World, delivery: &Delivery) {
    let causes = Causes::one(Cause::Step(delivery.step));
    let audience = &delivery.audience;
    let mut woken: Vec<(ControllerId, ObjectRef)> = Vec::new();
    let mut targets = Vec::new();
    refresh_caches(world, delivery);
    for id in ControllerId::of_bits(audience.controllers) {
        let controller = id.controller();
        let known = controller.knows_own.filter(|(kind, _)| *kind == delivery.change.object.kind);
        if known.is_some() && delivery.writer == Some(id) {
            continue;
        }
        (controller.wakes)(&delivery.store, &delivery.change, &mut world.memory, &mut targets);
        if let Some((_, wait)) = known {
            wake_later(world, id, delivery.step, &mut targets, wait);
        }
        let delay = (controller.delay)(&delivery.change);
        if delay > Duration::ZERO {
            wake_once(world, id, delivery.step, &mut targets, delay);
        }
        woken.extend(targets.drain(..).map(|target| (id, target)));
    }
    let latency = world.simulation.latencies.controller;
    for (id, target) in woken {
        world.wake(WorkKey::controller(id, target), causes, latency);
    }
    if audience.scheduler {
        deliver_to_scheduler(world, delivery, causes);
    }
    if audience.every_kubelet {
        let nodes: Vec<Rc<str>> = world.machines.keys().cloned().collect();
        for node in nodes {
            deliver_to_kubelet(world, &node, delivery, causes);
        }
    }
    for node in &audience.kubelets {
        deliver_to_kubelet(world, node, delivery, causes);
    }
    if audience.proxies {
        deliver_to_proxies(world, delivery, causes);
    }
}

/// What others did to the objects that a controller writes is heeded after a while: there may be more of it.
fn wake_later(
    world: &mut World,
    id: ControllerId,
    step: StepId,
    targets: &mut Vec<ObjectRef>,
    wait: Duration,
) {
    let at = world.now + wait;
    for target in targets.drain(..) {
        let due = Due::Wake(WorkKey::controller(id, target));
        world.schedule(at, due, Causes::one(Cause::Step(step)), Pending::Timer);
    }
}

/// Changes that come while a look is due are looked at with it: the first of them sets the time.
fn wake_once(
    world: &mut World,
    id: ControllerId,
    step: StepId,
    targets: &mut Vec<ObjectRef>,
    wait: Duration,
) {
    let at = world.now + wait;
    for target in targets.drain(..) {
        let key = WorkKey::controller(id, target);
        let mut work = world.work.get(&key).cloned().unwrap_or_default();
        if work.timer.is_some_and(|known| known <= at) {
            continue;
        }
        work.timer = Some(at);
        world.work.insert(key.clone(), work);
        world.schedule(at, Due::Wake(key), Causes::one(Cause::Step(step)), Pending::Timer);
    }
}

/// The caches of all but the kubelets, each of which has its own.
fn refresh_caches(world: &mut World, delivery: &Delivery) {
    let Audience { controllers, scheduler, proxies, .. } = delivery.audience;
    let others = [(scheduler, SCHEDULER), (proxies, PROXIES)];
    let others = others.into_iter().filter(|(hears, _)| *hears).map(|(_, place)| place);
    let caches = Rc::make_mut(&mut world.caches);
    for place in ControllerId::of_bits(controllers).map(|id| usize::from(id.0)).chain(others) {
        if caches[place].revision() < delivery.store.revision() {
            caches[place] = delivery.store.clone();
        }
    }
}

fn deliver_to_scheduler(world: &mut World, delivery: &Delivery, causes: Causes) {
    if !scheduler::memory::concerns(&delivery.change) {
        return;
    }
    let (cache, now) = (world.cache(&ComponentId::Scheduler).clone(), world.now);
    let memory = Rc::make_mut(&mut Rc::make_mut(&mut world.memory).scheduler);
    if memory.notice(&cache, &delivery.change, causes, now) {
        let latency = world.simulation.latencies.scheduler;
        world.wake(WorkKey::whole(ComponentId::Scheduler), causes, latency);
    }
}

fn deliver_to_kubelet(world: &mut World, node: &Rc<str>, delivery: &Delivery, causes: Causes) {
    let latency = world.simulation.latencies.kubelet;
    let Some(machine) = world.machine_mut(node) else { return };
    if machine.kubelet_cache.revision() < delivery.store.revision() {
        machine.kubelet_cache = delivery.store.clone();
    }
    let Some(pod) = kubelet::notice(machine, &delivery.store, &delivery.change) else { return };
    let key = Rc::new(WorkKey { component: ComponentId::Kubelet(node.clone()), item: WorkItem::Pod(pod) });
    world.wake(key, causes, latency);
}

/// The kube-proxy of a new node lists every Service and writes rules for all of them.
pub(super) fn begin_rules(world: &mut World, node: &Rc<str>, causes: Causes) {
    let (cache, simulation, now) = (world.caches[PROXIES].clone(), world.simulation.clone(), world.now);
    let Some(machine) = world.machine_mut(node) else { return };
    let followed = cache.list::<Service>().map(|service| &service.key);
    let followed: Vec<&Key> = followed.filter(|service| proxy::follows(machine, &cache, service)).collect();
    if followed.is_empty() {
        return;
    }
    let at = proxy::next_write(machine, now, &simulation);
    for service in followed {
        proxy::notice(machine, service, now);
    }
    world.wake(WorkKey::whole(ComponentId::Proxy(node.clone())), causes, at.since(now));
}

fn deliver_to_proxies(world: &mut World, delivery: &Delivery, causes: Causes) {
    let (cache, simulation, now) = (world.caches[PROXIES].clone(), world.simulation.clone(), world.now);
    let Some(service) = proxy::concerned(&delivery.change) else { return };
    let nodes: Vec<Rc<str>> = world.machines.keys().cloned().collect();
    for node in nodes {
        let Some(machine) =
            world.machines.get(&node).filter(|machine| proxy::follows(machine, &cache, &service))
        else {
            continue;
        };
        let at = proxy::next_write(machine, now, &simulation);
        if !machine.rules.is_behind(&service)
            && let Some(machine) = world.machine_mut(&node)
        {
            proxy::notice(machine, &service, now);
        }
        world.wake(WorkKey::whole(ComponentId::Proxy(node)), causes, at.since(now));
    }
}
