//! Words for what waits to happen: who could go next, and with what.

use super::{Text, actor};
use crate::api::{Kind, ObjectRef, Uid};
use crate::apiserver::Verb;
use crate::controllers::ControllerId;
use crate::engine::agenda::{Audience, Delivery, Due, Run};
use crate::engine::workqueue::{ComponentId, WorkItem, WorkKey};
use crate::engine::{Activation, Actor, World};
use crate::plan::Act;

/// Who could go next, and with what, without a full stop: `Kubelet on node-1 looks at web-x2x8k`.
pub fn waiting(world: &World, activation: &Activation) -> Text {
    let who = activation.actor().map_or_else(String::new, |who| actor(&who));
    let start = Text::new().plain(who);
    match &activation.due {
        Due::Deliver(delivery) => told(delivery),
        Due::Look(key) | Due::Wake(key) => looks(start, world, key),
        Due::Continue(run) => goes_on(start, world, run),
        Due::Erase(object) => start.plain(" removes ").object(object).plain(": it waits for nothing"),
        Due::Evict(eviction) => {
            start.plain(" deletes the evicted ").object(&ObjectRef::new(Kind::Pod, eviction.pod.clone()))
        }
        Due::Charge(quota) => start.plain(" counts a new object in ").object(quota),
        Due::Clear(object) => start.plain(" deletes ").object(object).plain(": its definition goes"),
        Due::Node(_, act) => start.plain(format!(": {act}")),
        Due::Command(_) => start.plain(" give a command"),
        Due::Machine(..) => start.plain(" goes on with its containers"),
        Due::Waited => start.plain(" waited long enough"),
        Due::Send(place) => {
            let client = world.simulation.clients.get(*place).map(|client| client.name.clone());
            Text::new().plain("Client ").plain(client.unwrap_or_default()).plain(" sends its next request")
        }
        Due::Hop(following) => {
            start.plain(" takes the request of ").plain(following.flow.client.clone()).plain(" on")
        }
    }
}

/// A message arrives.
fn told(delivery: &Delivery) -> Text {
    let what = match delivery.change.verb {
        Verb::Create => " was created",
        Verb::Delete => " is deleted",
        Verb::Update | Verb::Patch => " has changed",
    };
    let text = Text::new().plain(audience(&delivery.audience));
    text.plain(" that ").object(&delivery.change.object).plain(what)
}

/// `Scheduler and others hear`
fn audience(audience: &Audience) -> String {
    let controllers = ControllerId::all().filter(|id| audience.controllers & (1 << id.0) != 0);
    let mut names: Vec<String> =
        audience.kubelets.iter().map(|node| actor(&Actor::Kubelet(node.clone()))).collect();
    if audience.proxies {
        names.push("Every kube-proxy".to_owned());
    }
    if audience.scheduler {
        names.push(actor(&Actor::Scheduler));
    }
    names.extend(controllers.map(|id| actor(&Actor::Controller(id))));
    match names.as_slice() {
        [] => "Nobody hears".to_owned(),
        [one] => format!("{one} hears"),
        [one, other] => format!("{one} and {other} hear"),
        [one, ..] => format!("{one} and others hear"),
    }
}

fn looks(start: Text, world: &World, key: &WorkKey) -> Text {
    match (&key.component, &key.item) {
        (_, WorkItem::Object(object)) => start.plain(" looks at ").object(object),
        (ComponentId::Kubelet(node), WorkItem::Pod(uid)) => match pod_on(world, node, *uid) {
            Some(pod) => start.plain(" looks at ").object(&pod),
            None => start.plain(" looks at a pod that is gone"),
        },
        (ComponentId::Scheduler, _) => start.plain(" takes the next pod from its queue"),
        (ComponentId::Proxy(_), _) => start.plain(" writes its node's rules"),
        (ComponentId::Session(id), _) => match world.sessions.get(id) {
            Some(session) => start.plain(" goes on: ").field(session.invocation.line.clone()),
            None => start.plain(" goes on"),
        },
        _ => start.plain(" looks"),
    }
}

/// The next intent of a plan that is being played.
fn goes_on(start: Text, world: &World, run: &Run) -> Text {
    match run.plan.intents.get(run.next).map(|intent| &intent.act) {
        _ if run.event.is_some() => start.plain(" records an Event about it"),
        Some(Act::Write(write)) => {
            start.plain(format!(" sends {} of ", write.verb().http())).object(&write.target())
        }
        Some(Act::Event(event)) => start.plain(" records an Event about ").object(&event.about),
        Some(Act::Effect(_)) => start.plain(" acts on its machine"),
        Some(Act::Print(_)) => start.plain(" prints its answer"),
        None => looks(start, world, &run.key).plain(" once more"),
    }
}

fn pod_on(world: &World, node: &str, uid: Uid) -> Option<ObjectRef> {
    let known = world.machines.get(node)?.pods().find(|pod| pod.uid() == uid).map(|pod| pod.key().clone());
    let bound = || world.store.pods_on(node).find(|pod| pod.uid == uid).map(|pod| pod.key.clone());
    let key = known.or_else(bound)?;
    Some(ObjectRef::new(Kind::Pod, key))
}
