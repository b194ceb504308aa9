//! Requests: what components ask of the API server, and what it does by itself.

use super::*;
use crate::apiserver::definitions::FollowUp;
use crate::engine::slow;

/// Sends a request and takes its answer.
pub(super) fn send(world: &mut World, run: &mut Run, intent: &Intent, write: &Write) -> Step {
    let actor = actor_of(&run.key.component);
    let person = person_of(world, &run.key.component);
    let user = person.as_deref().map_or(actor.user(), User::Person);
    let request =
        Request { user, now: world.now, dry_run: false, protects_default: world.simulation.protects_default };
    let answer = if world.simulation.stopped.has_no_server() {
        Err(ApiError::unreachable())
    } else {
        apiserver::handle(Rc::make_mut(&mut world.store), request, write, &mut world.rng)
    };
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
                let eviction = Eviction { pod: pod.clone(), uid: *uid, grace_seconds: *grace_seconds };
                let due = Due::Evict(Box::new(eviction));
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

/// Whom a command speaks for, where it is not the administrator.
fn person_of(world: &World, component: &ComponentId) -> Option<Rc<Person>> {
    let ComponentId::Session(id) = component else { return None };
    world.sessions.get(id)?.invocation.person.clone()
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
    if !controller.reads_own_writes || change.is_noop() || !id.hears_of(change.object.kind) {
        return;
    }
    if let Some(mut work) = world.work.get(&run.key).cloned() {
        work.own_revision = change.revision;
        world.work.insert(run.key.clone(), work);
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
            world.machines.insert(name.clone(), machine.clone());
            begin_rules(world, &name, causes);
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
            let due = Due::Charge(Box::new(ObjectRef::new(Kind::ResourceQuota, quota.key.clone())));
            world.schedule(now, due, causes, Pending::Work);
        }
    }
    if matches!(change.object.kind, Kind::Inert(_)) {
        follow_up(world, change, causes);
    }
    let latency = world.simulation.latencies.watch;
    let is_meant = |session: &Session| match &session.watching {
        Some(Watching::Object(object)) => *object == change.object,
        Some(Watching::Kind(kind)) => *kind == change.object.kind,
        Some(Watching::Pods) => change.object.kind == Kind::Pod,
        None => false,
    };
    let waiting = world.sessions.iter().filter(|(_, session)| is_meant(session));
    let woken: Vec<CommandId> = waiting.map(|(id, _)| *id).collect();
    for id in woken {
        if let Some(session) = world.sessions.get_mut(&id)
            && matches!(session.watching, Some(Watching::Kind(_)))
        {
            Rc::make_mut(session).hear(change);
        }
        world.wake(WorkKey::whole(ComponentId::Session(id)), causes, latency);
    }
    let audience = audience_of(change, world.simulation.controllers);
    if audience == Audience::default() {
        return;
    }
    let slowed = slow::apart(world, &audience);
    let delivery = Delivery { change: change.clone(), store: world.store.clone(), step, writer, audience };
    if slowed.is_empty() {
        let at = world.now + latency;
        return world.schedule(at, Due::Deliver(Rc::new(delivery)), causes, Pending::Work);
    }
    for (audience, late) in slowed {
        let at = world.now + latency + late;
        let delivery = Delivery { audience, ..delivery.clone() };
        world.schedule(at, Due::Deliver(Rc::new(delivery)), causes, Pending::Work);
    }
}

/// A definition goes with its objects, and after them.
#[inline(never)]
fn follow_up(world: &mut World, change: &Change, causes: Causes) {
    for follow_up in apiserver::definitions::follow_ups(&world.store, change) {
        let due = match follow_up {
            FollowUp::Clear(object) => Due::Clear(Box::new(object)),
            FollowUp::Remove(definition) => Due::Erase(Box::new(definition)),
        };
        let now = world.now;
        world.schedule(now, due, causes, Pending::Work);
    }
}

/// The API server deletes what a definition leaves behind. It may be gone by now.
pub(super) fn clear(world: &mut World, target: &ObjectRef, causes: Causes) -> Option<Step> {
    let request = Request {
        user: User::ApiServer,
        now: world.now,
        dry_run: false,
        protects_default: world.simulation.protects_default,
    };
    let write = Write::Delete { target: target.clone(), options: apiserver::DeleteOptions::default() };
    let answer = apiserver::handle(Rc::make_mut(&mut world.store), request, &write, &mut world.rng);
    let change = Rc::new(answer.ok()?);
    let reconcile = world.next_reconcile_id();
    let why = why::ApiServer::DefinitionGoes.into();
    let step = step(world, Actor::ApiServer, reconcile, causes, why, What::Written(change.clone()));
    announce(world, &change, step.id, None);
    Some(step)
}

/// Who watches the kind that changed.
fn audience_of(change: &Change, controllers_run: bool) -> Audience {
    let kind = change.object.kind;
    let controllers = if controllers_run { ControllerId::hearers_of(kind) } else { 0 };
    let mut kubelets = Vec::new();
    if kind == Kind::Node {
        kubelets.push(change.object.key.name.clone());
    }
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
                | Kind::PersistentVolumeClaim
                | Kind::PersistentVolume
                | Kind::StorageClass
        ),
        kubelets,
        every_kubelet: matches!(
            kind,
            Kind::ConfigMap | Kind::Secret | Kind::PersistentVolumeClaim | Kind::Service
        ),
        proxies: matches!(kind, Kind::Service | Kind::EndpointSlice),
    }
}

/// The API server removes an object that nothing holds any more.
pub(super) fn erase(world: &mut World, target: &ObjectRef, causes: Causes) -> Option<Step> {
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
pub(super) fn delete_evicted(world: &mut World, eviction: &Eviction, causes: Causes) -> Option<Step> {
    let Eviction { pod, uid, grace_seconds } = eviction;
    let (store, now) = (Rc::make_mut(&mut world.store), world.now);
    let change = Rc::new(apiserver::eviction::delete(store, now, pod, *uid, *grace_seconds).ok()?);
    let reconcile = world.next_reconcile_id();
    let why = why::ApiServer::BudgetAllows.into();
    let step = step(world, Actor::ApiServer, reconcile, causes, why, What::Written(change.clone()));
    announce(world, &change, step.id, None);
    Some(step)
}

/// A node's kubelet says what a person decided about it.
pub(super) fn on_node(world: &mut World, name: &Rc<str>, act: &NodeAct, causes: Causes) -> Option<Step> {
    if matches!(act, NodeAct::WritesManifest(..) | NodeAct::RemovesManifest(_)) {
        return on_manifest(world, name, act, causes);
    }
    if let NodeAct::Uses(space, bytes) = act {
        use_elsewhere(world, name, (*space, *bytes), causes);
        return None;
    }
    let (write, why) = on_node::request(world, name, act)?;
    if world.simulation.stopped.has_no_server() {
        return None;
    }
    let actor = on_node::sender(name, act);
    let request = Request {
        user: actor.user(),
        now: world.now,
        dry_run: false,
        protects_default: world.simulation.protects_default,
    };
    let answer = apiserver::handle(Rc::make_mut(&mut world.store), request, &write, &mut world.rng);
    let reconcile = world.next_reconcile_id();
    let step = step(world, actor.clone(), reconcile, causes, why, on_node::outcome(answer, write));
    if let Some(change) = step.change().cloned() {
        announce(world, &change, step.id, None);
    }
    Some(step)
}

/// The API server counts what it let in: the quota's status says at once what is left.
pub(super) fn charge(world: &mut World, target: &ObjectRef, causes: Causes) -> Option<Step> {
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
