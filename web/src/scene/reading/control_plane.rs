//! Who acts in a step, and the request it sends, as the control plane's figure.

use kubestep_core::api::{Kind, Object, Pod};
use kubestep_core::apiserver::{ApiError, Change, Station, Store, Write};
use kubestep_core::controllers::ControllerId;
use kubestep_core::engine::{Actor, Process, Step, What, World};

use super::Sight;
use crate::scene::figures::{ActorPlace, ControlPlane, Hue, Message};
use crate::scene::geometry::{Point, Rect};
use crate::scene::plan::FloorPlan;
use crate::scene::wires;

/// The control plane at a step; `None` is the time before the first.
pub fn figure(
    plan: &FloorPlan,
    sight: &Sight<'_>,
    node: impl Fn(&str) -> Option<Rect> + Copy,
) -> ControlPlane {
    let (world, step) = (sight.world, sight.step);
    let actor = step.map(|step| place(&step.actor));
    let message = step.and_then(message);
    let tile = match &actor {
        Some(ActorPlace::Kubelet(name) | ActorPlace::Proxy(name)) => node(name),
        _ => None,
    };
    let wire = match (&actor, &message) {
        (Some(actor), Some(_)) => wires::request(plan, actor, tile),
        _ => Vec::new(),
    };
    let controllers_stopped = Process::ControllerManager.is_stopped(world);
    let is_stopped = |id: &ControllerId| !controllers_stopped && Process::Controller(*id).is_stopped(world);
    ControlPlane {
        api_server_stopped: Process::ApiServer.is_stopped(world),
        scheduler_stopped: Process::Scheduler.is_stopped(world),
        controllers_stopped,
        stopped: ControllerId::all().filter(is_stopped).map(ControllerId::name).collect(),
        hue: actor.as_ref().map_or(Hue::Api, hue),
        kubectl: kubectl_words(world, step),
        revision: world.store.revision(),
        controllers: named(sight.recent, plan.controller_manager.width),
        scheduler: scheduler_words(&world.store),
        notices: step.and_then(Step::change).map(|change| notices(plan, change, node)).unwrap_or_default(),
        message,
        wire,
        actor,
    }
}

/// The wires on which a write is announced: to controllers and the scheduler if they watch its kind, and to the kubelet
/// of a pod's node. Everybody else's watch does not select it.
fn notices(plan: &FloorPlan, change: &Change, node: impl Fn(&str) -> Option<Rect>) -> Vec<Vec<Point>> {
    if change.is_noop() {
        return Vec::new();
    }
    let kind = change.object.kind;
    let mut watchers = Vec::new();
    if let Some(id) = ControllerId::all().find(|id| id.controller().watches.contains(&kind)) {
        watchers.push((ActorPlace::Controller(id.name()), None));
    }
    if matches!(kind, Kind::Pod | Kind::Node) {
        watchers.push((ActorPlace::Scheduler, None));
    }
    if let Some(Object::Pod(pod)) = change.subject()
        && let Some(name) = pod.node()
    {
        watchers.push((ActorPlace::Kubelet(name.into()), node(name)));
    }
    watchers
        .into_iter()
        .map(|(place, tile)| wires::request(plan, &place, tile).into_iter().rev().collect::<Vec<Point>>())
        .filter(|wire| !wire.is_empty())
        .collect()
}

/// A controller's chip: its padding and the width of a character; between two chips; rows of chips in the card; the
/// card's padding; the chip that counts the others.
const CHIP: f32 = 12.0;
const CHIP_CHARACTER: f32 = 5.5;
const CHIP_GAP: f32 = 3.0;
const CHIP_ROWS: usize = 2;
const CARD_PADDING: f32 = 22.0;
const COUNTING_CHIP: f32 = 32.0;

/// As many of the controllers that acted last as a card of this width can name.
fn named(recent: &[ControllerId], width: f32) -> Vec<&'static str> {
    let sorted = |most: usize| {
        let mut ids = recent[..most].to_vec();
        kubestep_core::order::sort(&mut ids);
        ids.into_iter().map(ControllerId::name).collect::<Vec<_>>()
    };
    let most = (1..=recent.len()).rev().find(|most| fit(&sorted(*most), width - CARD_PADDING));
    sorted(most.unwrap_or(0))
}

/// Whether chips with these names, and one that counts the others, fit into the rows.
fn fit(names: &[&str], width: f32) -> bool {
    let chips = names.iter().map(|name| CHIP + CHIP_CHARACTER * name.len() as f32).chain([COUNTING_CHIP]);
    let (mut rows, mut x) = (1, 0.0);
    for chip in chips {
        if x > 0.0 && x + CHIP_GAP + chip > width {
            rows += 1;
            x = 0.0;
        }
        x += if x > 0.0 { CHIP_GAP + chip } else { chip };
    }
    rows <= CHIP_ROWS
}

/// Which card an actor is drawn as.
pub fn place(actor: &Actor) -> ActorPlace {
    match actor {
        Actor::You | Actor::Kubectl(_) => ActorPlace::Kubectl,
        Actor::ApiServer => ActorPlace::ApiServer,
        Actor::Controller(id) => ActorPlace::Controller(id.name()),
        Actor::Scheduler => ActorPlace::Scheduler,
        Actor::Kubelet(node) => ActorPlace::Kubelet(node.clone()),
        Actor::Proxy(node) | Actor::Network(node) => ActorPlace::Proxy(node.clone()),
        Actor::Client(_) | Actor::Dns => ActorPlace::Clients,
    }
}

/// The hue of an actor's process.
pub fn hue(place: &ActorPlace) -> Hue {
    match place {
        ActorPlace::Kubectl | ActorPlace::Clients => Hue::User,
        ActorPlace::ApiServer => Hue::Api,
        ActorPlace::Controller(_) => Hue::Controllers,
        ActorPlace::Scheduler => Hue::Scheduler,
        ActorPlace::Kubelet(_) | ActorPlace::Proxy(_) => Hue::Kubelet,
    }
}

/// The request of a step, if it is one.
pub fn message(step: &Step) -> Option<Message> {
    match &step.what {
        What::Written(change) => Some(accepted(change)),
        What::Refused { write, error } => Some(refused(write, error)),
        What::Asked(_) | What::Machine(_) | What::Hop(_) | What::Printed(_) | What::Looked => None,
    }
}

fn accepted(change: &Change) -> Message {
    Message {
        verb: change.verb.http(),
        resource: resource(change.object.kind.names().plural, change.object.name(), change.subresource),
        change: difference(change),
        passed: 5,
        refusal: None,
    }
}

fn refused(write: &Write, error: &ApiError) -> Message {
    let target = write.target();
    Message {
        verb: write.verb().http(),
        resource: resource(target.kind.names().plural, target.name(), write.subresource()),
        change: None,
        passed: passed(error.station),
        refusal: Some(format!("{} {:?}", error.code, error.reason)),
    }
}

fn resource(plural: &str, name: &str, subresource: &str) -> String {
    let mut text = plural.to_owned();
    for part in [name, subresource].into_iter().filter(|part| !part.is_empty()) {
        text.push('/');
        text.push_str(part);
    }
    text
}

/// How many of the five drawn stations a request passed before this one refused it.
fn passed(station: Station) -> u8 {
    match station {
        Station::Authentication => 0,
        Station::Authorization => 1,
        Station::Defaulting | Station::Admission => 2,
        Station::Validation => 3,
        Station::Storage => 4,
    }
}

/// The field that a write changed, and how: what stands below the wire.
fn difference(change: &Change) -> Option<(String, String)> {
    let (before, after) = match (&change.before, &change.after) {
        (None, _) => return Some((String::new(), "created".into())),
        (Some(_), None) => return Some((String::new(), "removed".into())),
        (Some(before), Some(after)) => (before, after),
    };
    if before.meta().deletion.is_none()
        && let Some(deletion) = after.meta().deletion
    {
        return Some(("deletionTimestamp".into(), format!("+{} s", deletion.grace_seconds)));
    }
    match (before, after) {
        (Object::Pod(before), Object::Pod(after)) => pod_difference(before, after),
        (Object::Deployment(before), Object::Deployment(after)) => {
            let (old, new) = (&before.status, &after.status);
            if before.spec.template != after.spec.template {
                return Some((String::new(), "spec.template".into()));
            }
            first_change(&[
                ("spec.replicas", Some(before.replicas()), Some(after.replicas())),
                ("updatedReplicas", old.updated_replicas, new.updated_replicas),
                ("availableReplicas", old.available_replicas, new.available_replicas),
                ("readyReplicas", old.ready_replicas, new.ready_replicas),
                ("replicas", old.replicas, new.replicas),
            ])
            .or_else(|| (old.conditions != new.conditions).then(|| (String::new(), "conditions".into())))
        }
        (Object::ReplicaSet(before), Object::ReplicaSet(after)) => first_change(&[
            ("spec.replicas", Some(before.replicas()), Some(after.replicas())),
            ("replicas", Some(before.current_replicas()), Some(after.current_replicas())),
            ("readyReplicas", Some(before.ready_replicas()), Some(after.ready_replicas())),
            ("availableReplicas", Some(before.available_replicas()), Some(after.available_replicas())),
        ]),
        (Object::EndpointSlice(before), Object::EndpointSlice(after)) => {
            let ready = |slice: &kubestep_core::api::EndpointSlice| {
                slice.spec.endpoints.iter().filter(|endpoint| endpoint.ready).count() as i32
            };
            let all = |slice: &kubestep_core::api::EndpointSlice| slice.spec.endpoints.len() as i32;
            first_change(&[
                ("ready endpoints", Some(ready(before)), Some(ready(after))),
                ("endpoints", Some(all(before)), Some(all(after))),
            ])
        }
        (Object::Node(before), Object::Node(after)) => (before.is_unschedulable()
            != after.is_unschedulable())
        .then(|| ("unschedulable".into(), after.is_unschedulable().to_string())),
        (Object::Event(before), Object::Event(after)) => {
            first_change(&[("count", Some(before.count as i32), Some(after.count as i32))])
        }
        // Of other kinds no number tells what changed, and a write never changes an object's kind.
        (_, _) => None,
    }
}

fn pod_difference(before: &Pod, after: &Pod) -> Option<(String, String)> {
    if before.node() != after.node() {
        return Some(("nodeName".into(), after.node().unwrap_or("none").to_owned()));
    }
    if before.phase() != after.phase() {
        return Some(("phase".into(), format!("{} → {}", before.phase(), after.phase())));
    }
    if before.is_ready() != after.is_ready() {
        return Some(("Ready".into(), if after.is_ready() { "True" } else { "False" }.into()));
    }
    if before.ip() != after.ip() {
        return Some(("podIP".into(), after.ip().unwrap_or("none").to_owned()));
    }
    if before.status.conditions != after.status.conditions {
        return Some((String::new(), "conditions".into()));
    }
    None
}

/// The first number that changed; an absent one counts as 0, as in the API.
fn first_change(fields: &[(&str, Option<i32>, Option<i32>)]) -> Option<(String, String)> {
    let (name, before, after) = fields.iter().find(|(_, before, after)| before != after)?;
    Some(((*name).to_owned(), format!("{} → {}", before.unwrap_or(0), after.unwrap_or(0))))
}

/// What kubectl's card says: what the person asked in this step, how its request was answered, or what still runs.
pub fn kubectl_words(world: &World, step: Option<&Step>) -> String {
    let Some(step) = step.filter(|step| matches!(step.actor, Actor::You | Actor::Kubectl(_))) else {
        let running = world.sessions.values().find(|session| session.exit.is_none());
        return running.map_or_else(|| "idle".into(), |session| bare(&session.invocation.line));
    };
    match &step.what {
        What::Asked(line) => bare(line),
        What::Written(change) if change.before.is_none() => format!("{}, 201 Created", change.verb.http()),
        What::Written(change) => format!("{}, 200 OK", change.verb.http()),
        What::Refused { error, .. } => format!("{} {:?}", error.code, error.reason),
        What::Printed(printed) => printed.text.trim().lines().last().unwrap_or_default().to_owned(),
        What::Machine(_) | What::Hop(_) | What::Looked => "waits".into(),
    }
}

/// A command line without the program's own name, which stands above it.
fn bare(line: &str) -> String {
    line.trim_start_matches("kubectl ").to_owned()
}

fn scheduler_words(store: &Store) -> String {
    let waiting = store.list::<Pod>().filter(|pod| pod.node().is_none() && pod.is_active()).count();
    match waiting {
        0 => "queue empty".into(),
        1 => "1 pod waits".into(),
        more => format!("{more} pods wait"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_acted_last_is_named_and_so_are_as_many_before_as_fit() {
        let all: Vec<ControllerId> = ControllerId::all().collect();
        for first in 0..all.len() {
            let recent: Vec<ControllerId> = (0..8).map(|place| all[(first + place) % all.len()]).collect();
            let named = named(&recent, 252.0);
            assert!(named.contains(&recent[0].name()), "{named:?}");
            assert!((3..=6).contains(&named.len()), "{named:?}");
        }
    }

    #[test]
    fn names_keep_their_places_while_they_take_turns() {
        let all: Vec<ControllerId> = ControllerId::all().take(4).collect();
        let turned: Vec<ControllerId> = all.iter().rev().copied().collect();
        assert_eq!(named(&all, 252.0), named(&turned, 252.0));
    }
}
