//! Looks: a component is called, and its plan is played intent by intent.

use super::*;

/// A component looks at a key: its plan begins to be played.
pub(super) fn look(world: &mut World, key: Rc<WorkKey>) -> Option<Step> {
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
    if process::is_stopped(world, &key.component) {
        return None;
    }
    let causes = std::mem::take(&mut work.causes);
    work.state = WorkState::Busy;
    world.work.insert(key.clone(), work);
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
    let snapshot = Snapshot {
        store: cache,
        memory: &world.memory,
        simulation: &world.simulation,
        metrics: Metrics::new(&world.machines, &world.memory.nodes, world.now),
        now: world.now,
    };
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
        (ComponentId::Kubelet(node), WorkItem::Object(_)) => {
            if let Some(machine) = world.machines.get(node) {
                kubelet::eviction::look(&snapshot, machine, &mut plan);
            }
        }
        (ComponentId::Proxy(node), _) => {
            if let Some(machine) = world.machines.get(node) {
                let neighbour = world.machines.before(&**node).map(|(_, neighbour)| &**neighbour);
                proxy::sync(&snapshot, machine, neighbour, &mut plan);
            }
        }
        (ComponentId::Session(id), _) => {
            if let Some(session) = world.sessions.get(id) {
                kubectl::look(&snapshot, View::of(world), session, outcomes, &mut plan);
            }
        }
        (ComponentId::Controller(_) | ComponentId::Kubelet(_), _) => {
            unreachable!("controllers look at objects, kubelets at pods and nodes; {key:?} is none of these")
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
pub(super) fn play_run(world: &mut World, mut run: Run) -> Option<Step> {
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
    let has_more = run.key.component == ComponentId::Scheduler
        && world.memory.scheduler.is_ready(&world.caches[controllers::ALL.len()], world.now);
    let was_woken = work.state == WorkState::BusyAndWoken || has_more;
    work.state = WorkState::Idle;
    if was_woken || failed {
        if failed {
            work.causes.merge(run.causes);
        }
        let wait = if failed {
            work.back_off(first_back_off(&run.key.component))
        } else {
            world.look_latency(&run.key.component)
        };
        let (at, causes) = (world.now + wait, work.causes);
        // Early retries are part of what is going on; late ones are a wait.
        let pending = if wait > Duration::from_millis(1500) { Pending::Timer } else { Pending::Work };
        // A controller's retry is an addition to its queue in the future: a change that comes before is looked at
        // at once. Upstream: `AddRateLimited`.
        if failed && matches!(run.key.component, ComponentId::Controller(_)) {
            work.causes = Causes::default();
            world.schedule(at, Due::Wake(run.key.clone()), causes, pending);
            if was_woken {
                work.state = WorkState::Queued;
                let soon = world.now + world.look_latency(&run.key.component);
                work.causes = causes;
                world.schedule(soon, Due::Look(run.key.clone()), causes, Pending::Work);
            }
        } else {
            work.state = WorkState::Queued;
            world.schedule(at, Due::Look(run.key.clone()), causes, pending);
        }
    }
    if work.is_forgettable() && work.own_revision <= world.cache(&run.key.component).revision() {
        world.work.remove(&run.key);
    } else {
        world.work.insert(run.key.clone(), work);
    }
}

pub(super) fn timer_ran_out(world: &mut World, key: Rc<WorkKey>, causes: Causes) {
    if let Some(mut work) = world.work.get(&key).cloned()
        && work.timer.is_some_and(|at| at <= world.now)
    {
        work.timer = None;
        world.work.insert(key.clone(), work);
    }
    world.wake(key, causes, Duration::ZERO);
}
