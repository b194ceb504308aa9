//! Plays the agenda: takes entries off it until one of them makes a step.

use std::rc::Rc;

use super::agenda::{Audience, Delivery, Due, Pending, Run};
use super::command::Command;
use super::on_node::{self, NodeAct};
use super::recorder::{self, Source};
use super::step::{Actor, Cause, Causes, CommandId, ReconcileId, Step, StepId, What};
use super::workqueue::{ComponentId, WorkItem, WorkKey, WorkState};
use super::world::World;
use crate::api::{Key, Kind, Object, ObjectRef, Pod, Uid};
use crate::apiserver::{self, ApiError, Change, Request, Store, Verb, Write};
use crate::controllers::{self, ControllerId};
use crate::kubectl::{self, Session};
use crate::kubelet::{self, Effect, Machine, MachineContext, MachineTimer};
use crate::network::{proxy, traffic};
use crate::plan::{Act, EventDraft, EventText, IfRefused, Intent, Outcomes, Plan, Printed, Snapshot};
use crate::scheduler;
use crate::time::{Duration, Time};
use crate::why::{self, Why};

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
            traffic::run_until(world, at);
            world.now = at;
        }
        let step = match &entry.due {
            Due::Command(id) => command(world, *id),
            Due::Deliver(delivery) => {
                deliver(world, delivery);
                None
            }
            Due::Look(key) => look(world, key.clone()),
            Due::Continue(run) => play_run(world, (**run).clone()),
            Due::Machine(node, timer) => machine_timer(world, node, timer, entry.causes),
            Due::Erase(target) => erase(world, target, entry.causes),
            Due::Evict { pod, uid, grace_seconds } => {
                delete_evicted(world, pod, *uid, *grace_seconds, entry.causes)
            }
            Due::Node(name, act) => on_node(world, name, act, entry.causes),
            Due::Charge(quota) => charge(world, quota, entry.causes),
            Due::Wake(key) => {
                timer_ran_out(world, key.clone(), entry.causes);
                None
            }
            Due::Waited => Some(waited(world, entry.causes)),
        };
        if let Some(step) = step {
            return Ok(step);
        }
    }
    Err(Still::Ended)
}

fn command(world: &mut World, id: CommandId) -> Option<Step> {
    let command = world.commands.get(&id)?.clone();
    let causes = Causes::one(Cause::Command(id));
    match &*command {
        Command::Kubectl(invocation) => {
            world.sessions.insert_mut(id, Rc::new(Session::new(id, invocation.clone())));
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
        Command::Choose(entry) => {
            let now = world.now;
            world.agenda.reschedule_first(*entry, now);
        }
        Command::Hold(entry, wait) => {
            let until = world.now + *wait;
            world.agenda.reschedule(*entry, until);
        }
        Command::Kubelets(mode) => {
            Rc::make_mut(&mut world.simulation).kubelets = *mode;
            let step = asked(world, command.line(), causes);
            wake_kubelets(world, Causes::one(Cause::Step(step.id)));
            return Some(step);
        }
        Command::OnNode(node, act) => {
            let step = asked(world, command.line(), causes);
            let (now, causes) = (world.now, Causes::one(Cause::Step(step.id)));
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
        return Some((pod.spec.node.clone()?, pod.uid));
    }
    let left = world.machines.iter().flat_map(|(node, machine)| machine.pods().map(move |pod| (node, pod)));
    left.filter(|(_, pod)| pod.key() == key).map(|(node, pod)| (node.clone(), pod.uid())).next()
}

fn asked(world: &mut World, line: Rc<str>, causes: Causes) -> Step {
    let reconcile = world.next_reconcile_id();
    step(world, Actor::You, reconcile, causes, why::Kubectl::Asked.into(), What::Asked(line))
}

/// Time that a person let pass is over. A step, since the world has moved on to it.
fn waited(world: &mut World, causes: Causes) -> Step {
    let reconcile = world.next_reconcile_id();
    step(world, Actor::You, reconcile, causes, why::Kubectl::Waited.into(), What::Looked)
}

/// A change reaches the caches of those who watch it, and wakes their keys.
fn deliver(world: &mut World, delivery: &Delivery) {
    let causes = Causes::one(Cause::Step(delivery.step));
    let audience = &delivery.audience;
    let mut woken: Vec<(ControllerId, ObjectRef)> = Vec::new();
    let mut targets = Vec::new();
    for id in ControllerId::all().filter(|id| audience.controllers & (1 << id.0) != 0) {
        refresh_cache(world, usize::from(id.0), delivery);
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
        refresh_cache(world, controllers::ALL.len(), delivery);
        deliver_to_scheduler(world, delivery, causes);
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
        world.work.insert_mut(key.clone(), work);
        world.schedule(at, Due::Wake(key), Causes::one(Cause::Step(step)), Pending::Timer);
    }
}

fn refresh_cache(world: &mut World, place: usize, delivery: &Delivery) {
    if world.caches[place].revision() < delivery.store.revision() {
        Rc::make_mut(&mut world.caches)[place] = delivery.store.clone();
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

fn deliver_to_proxies(world: &mut World, delivery: &Delivery, causes: Causes) {
    let (now, simulation) = (world.now, world.simulation.clone());
    let nodes: Vec<Rc<str>> = world.machines.keys().cloned().collect();
    for node in nodes {
        let Some(machine) = world.machine_mut(&node) else { continue };
        if machine.proxy_cache.revision() < delivery.store.revision() {
            machine.proxy_cache = delivery.store.clone();
        }
        if let Some(at) = proxy::notice(machine, &delivery.change, now, &simulation) {
            world.wake(WorkKey::whole(ComponentId::Proxy(node)), causes, at.since(now));
        }
    }
}

/// A component looks at a key: its plan begins to be played.
fn look(world: &mut World, key: Rc<WorkKey>) -> Option<Step> {
    let mut work = world.work.get(&key).filter(|work| work.state == WorkState::Queued)?.clone();
    if world.cache(&key.component).revision() < work.own_revision {
        // Its own last writes are still on their way to its cache.
        let at = world.now + world.simulation.latencies.watch;
        world.schedule(at, Due::Look(key), work.causes, Pending::Work);
        return None;
    }
    if let ComponentId::Kubelet(node) = &key.component
        && world.memory.nodes.silent_since(node).is_some()
    {
        // It is cut off, and stays woken until it is back.
        return None;
    }
    let causes = std::mem::take(&mut work.causes);
    work.state = WorkState::Busy;
    world.work.insert_mut(key.clone(), work);
    let reconcile = world.next_reconcile_id();
    let outcomes = Outcomes::default();
    let cache = world.cache(&key.component).clone();
    let plan = Rc::new(reconcile_key(world, &cache, &key, &outcomes));
    let causes = plan.causes.unwrap_or(causes);
    let run = Run { key, reconcile, causes, cache, plan, next: 0, event: None, outcomes, failed: false };
    begin(world, run)
}

/// Calls the component: the only place that knows which function looks.
fn reconcile_key(world: &World, cache: &Store, key: &WorkKey, outcomes: &Outcomes) -> Plan {
    let mut plan = Plan::default();
    let snapshot =
        Snapshot { store: cache, memory: &world.memory, simulation: &world.simulation, now: world.now };
    match (&key.component, &key.item) {
        (ComponentId::Controller(id), WorkItem::Object(target)) => {
            (id.controller().reconcile)(&snapshot, target, outcomes, &mut plan);
        }
        (ComponentId::Scheduler, _) => scheduler::look(&snapshot, outcomes, &mut plan),
        (ComponentId::Kubelet(node), WorkItem::Pod(uid)) => {
            if let Some(machine) = world.machines.get(node) {
                kubelet::sync(&snapshot, machine, *uid, outcomes, &mut plan);
            }
        }
        (ComponentId::Proxy(node), _) => {
            if let Some(machine) = world.machines.get(node) {
                proxy::sync(&snapshot, machine, outcomes, &mut plan);
            }
        }
        (ComponentId::Session(id), _) => {
            if let Some(session) = world.sessions.get(id) {
                kubectl::look(&snapshot, session, outcomes, &mut plan);
            }
        }
        (ComponentId::Controller(_) | ComponentId::Kubelet(_), _) => {
            unreachable!("controllers look at objects and kubelets at pods; {key:?} is neither")
        }
    }
    plan
}

/// Starts a fresh plan: memory first, then the first intent.
fn begin(world: &mut World, run: Run) -> Option<Step> {
    for what in &run.plan.remember {
        world.remember(what.clone());
    }
    if !run.plan.intents.is_empty() {
        return play_run(world, run);
    }
    let fact = run.plan.nothing.clone().or_else(|| run.plan.retry.clone());
    let (actor, reconcile, causes) = (actor_of(&run.key.component), run.reconcile, run.causes);
    // A plan with nothing in it but a further turn goes straight on.
    if run.plan.then.is_some() {
        return take_turn(world, run);
    }
    let step = fact.map(|why| step(world, actor, reconcile, causes, *why, What::Looked));
    conclude(world, &run, step.as_ref().map(|step| step.id));
    step
}

/// Plays the next intent of a plan.
fn play_run(world: &mut World, mut run: Run) -> Option<Step> {
    if let Some(draft) = run.event.take() {
        let why = run.plan.intents[run.next - 1].why.clone();
        let step = record(world, &run, &draft, why);
        proceed(world, run, step.as_ref().map(|step| step.id));
        return step;
    }
    let plan = run.plan.clone();
    let Some(intent) = plan.intents.get(run.next) else { return take_turn(world, run) };
    run.next += 1;
    let step = match &intent.act {
        Act::Write(write) => Some(send(world, &mut run, intent, write)),
        Act::Event(draft) => record(world, &run, draft, intent.why.clone()),
        Act::Effect(effect) => effect_on_machine(world, &run, effect, intent.why.clone()),
        Act::Print(printed) => Some(print(world, &run, printed, intent.why.clone())),
    };
    proceed(world, run, step.as_ref().map(|step| step.id));
    step
}

/// After an intent: the next one comes in its time, or the look is over.
fn proceed(world: &mut World, run: Run, step: Option<StepId>) {
    if run.event.is_none() && run.next >= run.plan.intents.len() && run.plan.then.is_none() {
        return conclude(world, &run, step);
    }
    // Only requests take a component's time: Events are sent beside its work.
    let next = run.plan.intents.get(run.next).filter(|_| run.event.is_none());
    let is_request = next.is_some_and(|intent| matches!(intent.act, Act::Write(_)));
    let wait = if is_request { world.simulation.latencies.request } else { Duration::ZERO };
    let (at, causes) = (world.now + wait, run.causes);
    world.schedule(at, Due::Continue(Rc::new(run)), causes, Pending::Work);
}

/// The plan is played: the component is called again if it asked for that.
fn take_turn(world: &mut World, run: Run) -> Option<Step> {
    let Some(turn) = run.plan.then else {
        conclude(world, &run, None);
        return None;
    };
    let outcomes = Outcomes { turn, answers: run.outcomes.answers.clone() };
    let cache = match &run.key.component {
        ComponentId::Controller(_) => run.cache.clone(),
        other => world.cache(other).clone(),
    };
    let plan = Rc::new(reconcile_key(world, &cache, &run.key, &outcomes));
    let outcomes = Outcomes { turn, answers: Vec::new() };
    begin(world, Run { plan, next: 0, event: None, outcomes, failed: false, ..run })
}

/// The look is over: its key is free, retried, or looked at again because it was woken meanwhile.
fn conclude(world: &mut World, run: &Run, step: Option<StepId>) {
    let Some(mut work) = world.work.get(&run.key).cloned() else { return };
    let failed = run.failed || run.plan.retry.is_some();
    work.failures = if failed { work.failures + 1 } else { 0 };
    if let (Some((wait, _)), Some(step)) =
        (&run.plan.again, step.or(world.ids.step.checked_sub(1).map(StepId)))
    {
        let at = world.now + *wait;
        if work.timer.is_none_or(|known| at < known) {
            work.timer = Some(at);
            world.schedule(at, Due::Wake(run.key.clone()), Causes::one(Cause::Timer(step)), Pending::Timer);
        }
    }
    // The scheduler takes one pod of its queue at a look: it looks again while there are more.
    let has_more =
        run.key.component == ComponentId::Scheduler && world.memory.scheduler.queue.is_ready(world.now);
    let was_woken = work.state == WorkState::BusyAndWoken || has_more;
    work.state = WorkState::Idle;
    if was_woken || failed {
        work.state = WorkState::Queued;
        let wait = if failed {
            work.back_off(first_back_off(&run.key.component))
        } else {
            world.look_latency(&run.key.component)
        };
        if failed {
            work.causes.merge(run.causes);
        }
        let (at, causes) = (world.now + wait, work.causes);
        // Early retries are part of what is going on; late ones are a wait.
        let pending = if wait > Duration::from_millis(1500) { Pending::Timer } else { Pending::Work };
        world.schedule(at, Due::Look(run.key.clone()), causes, pending);
    }
    if work.is_forgettable() && work.own_revision <= world.cache(&run.key.component).revision() {
        world.work.remove_mut(&run.key);
    } else {
        world.work.insert_mut(run.key.clone(), work);
    }
}

fn timer_ran_out(world: &mut World, key: Rc<WorkKey>, causes: Causes) {
    if let Some(mut work) = world.work.get(&key).cloned()
        && work.timer.is_some_and(|at| at <= world.now)
    {
        work.timer = None;
        world.work.insert_mut(key.clone(), work);
    }
    world.wake(key, causes, Duration::ZERO);
}

/// Sends a request and takes its answer.
fn send(world: &mut World, run: &mut Run, intent: &Intent, write: &Write) -> Step {
    let actor = actor_of(&run.key.component);
    let request = Request { user: actor.user(), now: world.now };
    let answer = apiserver::handle(Rc::make_mut(&mut world.store), request, write, &mut world.rng);
    match answer {
        Ok(change) => {
            let change = Rc::new(change);
            run.outcomes.answers.push(Ok(change.clone()));
            run.event = intent.events.0.as_ref().map(|draft| Box::new(resolve(draft, change.object.name())));
            let what = What::Written(change.clone());
            let step = step(world, actor, run.reconcile, run.causes, intent.why.clone(), what);
            remember_own_write(world, run, &change);
            announce(world, &change, step.id, writer_of(&run.key.component));
            if let (Write::Evict { pod, uid, grace_seconds }, Kind::PodDisruptionBudget) =
                (write, change.object.kind)
            {
                let due = Due::Evict { pod: pod.clone(), uid: *uid, grace_seconds: *grace_seconds };
                let now = world.now;
                world.schedule(now, due, Causes::one(Cause::Step(step.id)), Pending::Work);
            }
            step
        }
        Err(error) => {
            let error = Rc::new(error);
            run.outcomes.answers.push(Err(error.clone()));
            let is_accepted = intent.if_refused == IfRefused::Accept(error.reason);
            let event = intent.events.1.as_ref().filter(|_| !is_accepted);
            run.event = event.map(|draft| Box::new(resolve(draft, &error.message)));
            refused(run, intent, &error);
            let what = What::Refused { write: Rc::new(write.clone()), error };
            step(world, actor, run.reconcile, run.causes, intent.why.clone(), what)
        }
    }
}

fn refused(run: &mut Run, intent: &Intent, error: &ApiError) {
    let stops = match intent.if_refused {
        IfRefused::Accept(reason) if reason == error.reason => return,
        IfRefused::GoOn => false,
        IfRefused::Stop | IfRefused::Accept(_) => true,
    };
    // A component that takes a further turn decides itself what a refusal means.
    run.failed |= run.plan.then.is_none();
    if stops {
        run.next = run.plan.intents.len();
    }
}

/// A controller that reads its own writes waits for them before it looks at the key again.
fn remember_own_write(world: &mut World, run: &Run, change: &Change) {
    let ComponentId::Controller(id) = run.key.component else { return };
    let controller = id.controller();
    if !controller.reads_own_writes || change.is_noop() || !controller.watches.contains(&change.object.kind) {
        return;
    }
    if let Some(mut work) = world.work.get(&run.key).cloned() {
        work.own_revision = change.revision;
        world.work.insert_mut(run.key.clone(), work);
    }
}

/// An accepted write becomes known: watchers will hear of it, and the API server finishes what it began.
fn announce(world: &mut World, change: &Rc<Change>, step: StepId, writer: Option<ControllerId>) {
    if change.is_noop() {
        return;
    }
    let causes = Causes::one(Cause::Step(step));
    if change.erase_next {
        let now = world.now;
        world.schedule(now, Due::Erase(Box::new(change.object.clone())), causes, Pending::Work);
    }
    if change.object.kind == Kind::Node && change.before.is_none() {
        let name = change.object.key.name.clone();
        if world.machines.get(&name).is_none() {
            let machine = Rc::new(Machine::new(name.clone(), world.store.clone()));
            world.machines.insert_mut(name.clone(), machine.clone());
            for pod in machine.pods() {
                let component = ComponentId::Kubelet(name.clone());
                let wait = world.simulation.latencies.kubelet;
                world.wake(Rc::new(WorkKey { component, item: WorkItem::Pod(pod.uid()) }), causes, wait);
            }
        }
    }
    if let (None, Some(created)) = (&change.before, &change.after) {
        let now = world.now;
        for quota in apiserver::quota::charged(&world.store, created, now) {
            let due = Due::Charge(ObjectRef::new(Kind::ResourceQuota, quota.key.clone()));
            world.schedule(now, due, causes, Pending::Work);
        }
    }
    let latency = world.simulation.latencies.watch;
    let waiting =
        world.sessions.iter().filter(|(_, session)| session.watching.as_ref() == Some(&change.object));
    let woken: Vec<CommandId> = waiting.map(|(id, _)| *id).collect();
    for id in woken {
        world.wake(WorkKey::whole(ComponentId::Session(id)), causes, latency);
    }
    let audience = audience_of(change, world.simulation.controllers);
    if audience == Audience::default() {
        return;
    }
    let delivery = Delivery { change: change.clone(), store: world.store.clone(), step, writer, audience };
    let at = world.now + latency;
    world.schedule(at, Due::Deliver(Rc::new(delivery)), causes, Pending::Work);
}

/// Who watches the kind that changed.
fn audience_of(change: &Change, controllers_run: bool) -> Audience {
    let kind = change.object.kind;
    let watches = |id: &ControllerId| controllers_run && id.controller().watches.contains(&kind);
    let watching = ControllerId::all().filter(watches);
    let controllers = watching.fold(0, |bits, id| bits | 1 << id.0);
    let mut kubelets = Vec::new();
    for object in [&change.before, &change.after].into_iter().flatten() {
        if let Object::Pod(pod) = object
            && let Some(node) = &pod.spec.node
            && !kubelets.contains(node)
        {
            kubelets.push(node.clone());
        }
    }
    Audience {
        controllers,
        scheduler: matches!(
            kind,
            Kind::Pod
                | Kind::Node
                | Kind::Service
                | Kind::ReplicaSet
                | Kind::ReplicationController
                | Kind::StatefulSet
                | Kind::Namespace
                | Kind::PodDisruptionBudget
        ),
        kubelets,
        proxies: matches!(kind, Kind::Service | Kind::EndpointSlice),
    }
}

/// The API server removes an object that nothing holds any more.
fn erase(world: &mut World, target: &ObjectRef, causes: Causes) -> Option<Step> {
    let before = Rc::make_mut(&mut world.store).erase(target)?;
    let change = Rc::new(Change {
        verb: Verb::Delete,
        subresource: "",
        object: target.clone(),
        before: Some(before),
        after: None,
        sent: None,
        revision: world.store.revision(),
        erase_next: false,
    });
    let reconcile = world.next_reconcile_id();
    let why = why::ApiServer::NothingHoldsIt.into();
    let step = step(world, Actor::ApiServer, reconcile, causes, why, What::Written(change.clone()));
    announce(world, &change, step.id, None);
    Some(step)
}

/// The API server deletes a pod whose budget has let it go. It may be gone by now.
fn delete_evicted(
    world: &mut World,
    pod: &Key,
    uid: Uid,
    grace_seconds: Option<i64>,
    causes: Causes,
) -> Option<Step> {
    let (store, now) = (Rc::make_mut(&mut world.store), world.now);
    let change = Rc::new(apiserver::eviction::delete(store, now, pod, uid, grace_seconds).ok()?);
    let reconcile = world.next_reconcile_id();
    let why = why::ApiServer::BudgetAllows.into();
    let step = step(world, Actor::ApiServer, reconcile, causes, why, What::Written(change.clone()));
    announce(world, &change, step.id, None);
    Some(step)
}

/// A node's kubelet says what a person decided about it.
fn on_node(world: &mut World, name: &Rc<str>, act: &NodeAct, causes: Causes) -> Option<Step> {
    let (write, why) = on_node::request(world, name, act)?;
    let actor = on_node::sender(name);
    let request = Request { user: actor.user(), now: world.now };
    let answer = apiserver::handle(Rc::make_mut(&mut world.store), request, &write, &mut world.rng);
    let reconcile = world.next_reconcile_id();
    let step = step(world, actor.clone(), reconcile, causes, why, on_node::outcome(answer, write));
    if let Some(change) = step.change().cloned() {
        announce(world, &change, step.id, None);
    }
    Some(step)
}

/// The API server counts what it let in: the quota's status says at once what is left.
fn charge(world: &mut World, target: &ObjectRef, causes: Causes) -> Option<Step> {
    let Some(Object::ResourceQuota(quota)) = world.store.object(target) else { return None };
    let used = apiserver::quota::listed(&apiserver::quota::used_so_far(&world.store, &quota, world.now));
    if quota.status.used.as_ref() == Some(&used) {
        return None;
    }
    let mut charged = (*quota).clone();
    Rc::make_mut(&mut charged.status).used = Some(used);
    let after = Rc::make_mut(&mut world.store).put(Object::ResourceQuota(Rc::new(charged)));
    let change = Rc::new(Change {
        verb: Verb::Update,
        subresource: "status",
        object: target.clone(),
        before: Some(Object::ResourceQuota(quota)),
        revision: after.resource_version(),
        after: Some(after),
        sent: None,
        erase_next: false,
    });
    let reconcile = world.next_reconcile_id();
    let why = why::ApiServer::ChargesQuota.into();
    let step = step(world, Actor::ApiServer, reconcile, causes, why, What::Written(change.clone()));
    announce(world, &change, step.id, None);
    Some(step)
}

fn record(world: &mut World, run: &Run, draft: &EventDraft, why: Why) -> Option<Step> {
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

fn effect_on_machine(world: &mut World, run: &Run, effect: &Effect, why: Why) -> Option<Step> {
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
fn machine_timer(world: &mut World, node: &Rc<str>, timer: &MachineTimer, causes: Causes) -> Option<Step> {
    let (fired, timers, wakes) =
        on_machine(world, node, |machine, context| kubelet::fire(machine, timer, context))?;
    let step = fired.map(|(change, why)| {
        let reconcile = world.next_reconcile_id();
        step(world, Actor::Kubelet(node.clone()), reconcile, causes, why, What::Machine(change))
    });
    follow_up(world, node, timers, wakes, step.as_ref().map(|step| step.id), causes);
    step
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
    for (at, timer, in_progress) in timers {
        let pending = if in_progress { Pending::Progress } else { Pending::Timer };
        let causes = step.map_or(causes, |step| Causes::one(Cause::Timer(step)));
        world.schedule(at, Due::Machine(node.clone(), Box::new(timer)), causes, pending);
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

fn actor_of(component: &ComponentId) -> Actor {
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
