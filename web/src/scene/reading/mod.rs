//! A world as a scene: what the API server knows, what runs on the nodes, and who acts in the step.

pub mod clients;
pub mod control_plane;
pub mod machines;
pub mod nodes;
pub mod pods;
pub mod services;
pub mod workloads;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use kubestep_core::api::{Kind, Node, ObjectRef, Pod, Service, Uid};
use kubestep_core::apiserver::Store;
use kubestep_core::controllers::ControllerId;
use kubestep_core::engine::{Step, What, World};
use kubestep_core::kubelet::{LocalPod, MachineChange};

use super::Scene;
use super::detail::{Detail, detail_for, slot_rect};
use super::figures::{self, ActorPlace, NodeFigure, PodFigure, Port, ProxyRules, WorkloadFigure};
use super::geometry::{Rect, Size};
use super::layout::{Home, Layout};
use super::network;
use super::plan::{FloorPlan, Needs};
use super::wires::{self, OwnerWires, TrafficWires};
use workloads::{Revisions, Workloads};

/// What a scene is read from.
pub struct Sight<'a> {
    /// The world as of the step.
    pub world: &'a World,
    /// The world as of the step before, to tell what the step changed.
    pub before: Option<&'a World>,
    /// The step; `None` before the first.
    pub step: Option<&'a Step>,
    /// Where pods are.
    pub layout: &'a Layout,
    /// How many slots the fullest node needs while the step's command runs.
    pub slots: usize,
    /// Screen pixels that the stage may use.
    pub space: Size,
    /// The selected object: a selected Service has its wires drawn.
    pub selected: Option<&'a ObjectRef>,
    /// The detail that pods had before.
    pub detail: Option<Detail>,
    /// The controllers that acted so far, the latest first.
    pub recent: &'a [ControllerId],
    /// The world as of the next step: it knows the requests that are sent until then.
    pub next: Option<&'a World>,
}

/// Tray pods are drawn in one line of this many, or as cells.
const TRAY_SLIM: Size = Size::new(126.0, 26.0);
const TRAY_CELL: f32 = 9.0;
/// Height of a card that shows processes: without them, for each of them, and for how many at most.
const TALL: f32 = 98.0;
const TALL_ROW: f32 = 20.0;
const TALL_PROCESSES: usize = 2;

/// The scene of a world.
pub fn scene(sight: &Sight<'_>) -> Scene {
    let store = &*sight.world.store;
    let nodes: Vec<&Rc<Node>> = store.list::<Node>().collect();
    let unschedulable = unschedulable(store);
    let hits = hits(sight.step);
    let workloads = Workloads::of(store, sight, &hits);
    let plan = FloorPlan::new(
        sight.space,
        Needs {
            workload_height: workloads::height(workloads.rows(), workloads.hidden.len()),
            nodes: nodes.len(),
            tray_open: unschedulable.is_some() && sight.layout.tray_len() > 0,
        },
    );
    let slots = sight.slots.max(sight.layout.deepest());
    let area = if plan.nodes.is_empty() { Rect::default() } else { plan.pod_area(0) };
    let detail = detail_for(Size::new(area.width, area.height), slots, sight.detail);

    let focus = focus(store, sight.selected);
    let ports = focus.as_ref().map(|service| services::ports(store, service)).unwrap_or_default();
    let revisions = Revisions::new(store);
    let view =
        workloads::View { world: sight.world, before: sight.before, hits: &hits, revisions: &revisions };
    let node_rects: BTreeMap<&str, Rect> =
        nodes.iter().zip(&plan.nodes).map(|(node, rect)| (node.name(), *rect)).collect();
    let pods = pod_figures(sight, &plan, detail, &nodes, &ports, &hits, &revisions);
    let clients = focus.as_ref().and_then(|service| clients::figure(sight.world, service, plan.traffic));
    let column = clients.as_ref().map_or(plan.traffic, |clients| clients::below(plan.traffic, clients));
    let services = services::figures(store, column, focus.as_ref(), |service| hits.contains(&service.uid));
    let traffic = match services.first().filter(|service| service.in_focus) {
        Some(service) if !matches!(detail, Detail::Cell(_)) => {
            let clients = clients.as_ref().map(|clients| clients.rect);
            wires::traffic(&plan, service, clients, pods.iter().map(|pod| &**pod))
        }
        _ => TrafficWires::default(),
    };
    let control_plane = control_plane::figure(&plan, sight, |name| node_rects.get(name).copied());
    let flights = match (&focus, &clients, services.first()) {
        (Some(service), Some(clients), Some(pill)) => {
            let places = clients::Places {
                plan: &plan,
                pill: pill.rect,
                clients: clients.rect,
                nodes: &node_rects,
                pods: &pods,
            };
            clients::flights(sight.next.unwrap_or(sight.world), service, sight.world.now, &places)
        }
        _ => Vec::new(),
    };
    let workload_figures = workloads.figures(&view, plan.workload);
    let owned = match sight.selected {
        Some(selected) if !matches!(detail, Detail::Cell(_)) => {
            owner_wires(store, &plan, selected, &workload_figures, &pods)
        }
        _ => OwnerWires::default(),
    };
    Scene {
        now: sight.world.now.as_seconds(),
        workloads: workload_figures,
        hidden_workloads: workloads.hidden.join(", "),
        services,
        clients: clients.map(Rc::new),
        nodes: node_figures(sight, &plan, &nodes, focus.as_deref(), &control_plane.actor, &hits),
        pods,
        tray_message: unschedulable,
        owned,
        flights,
        traffic,
        control_plane,
        detail,
        plan,
    }
}

/// The object that an element of the stage stands for.
pub fn object_of(world: &World, key: &str) -> Option<ObjectRef> {
    let store = &*world.store;
    let (kind, rest) = key.split_once(':')?;
    let kind = Kind::ALL.into_iter().find(|each| each.names().singular == kind)?;
    if kind == Kind::Node {
        return store.objects(kind).find(|object| object.name() == rest).map(|object| object.reference());
    }
    let uid = Uid::parse(rest);
    let known = store.objects(kind).find(|object| object.uid() == uid).map(|object| object.reference());
    let alone = || machines::orphans(world).find(|local| local.uid() == uid);
    known.or_else(|| (kind == Kind::Pod).then(alone)?.map(|local| ObjectRef::new(kind, local.key().clone())))
}

/// The element that stands for an object, if there is one.
pub fn key_of(store: &Store, object: &ObjectRef) -> Option<Rc<str>> {
    let uid = store.object(object)?.uid();
    match object.kind {
        Kind::Pod => Some(pods::key(uid)),
        Kind::Service => Some(services::key(uid)),
        Kind::Node => Some(nodes::key(object.name())),
        kind if workloads::is_drawn(kind) => Some(workloads::key(kind, uid)),
        _ => None,
    }
}

/// The objects that a step is about.
fn hits(step: Option<&Step>) -> BTreeSet<Uid> {
    let mut hits = BTreeSet::new();
    if let Some(What::Machine(MachineChange::Pod { uid, .. })) = step.map(|step| &step.what) {
        hits.insert(*uid);
    }
    if let Some(object) = step.and_then(Step::change).and_then(|change| change.subject()) {
        hits.insert(object.uid());
        // A Service shows its slices' endpoints; an Event is shown at what it is about.
        if let kubestep_core::api::Object::EndpointSlice(slice) = object {
            hits.extend(slice.meta.owners.iter().map(|owner| owner.uid));
        }
    }
    hits
}

/// The Service whose wires are drawn: the selected one, or the first.
fn focus(store: &Store, selected: Option<&ObjectRef>) -> Option<Rc<Service>> {
    let chosen = selected
        .filter(|selected| selected.kind == Kind::Service)
        .and_then(|selected| store.get::<Service>(&selected.key));
    chosen.or_else(|| services::shown(store).next()).cloned()
}

/// The scheduler's message about a pod that fits nowhere.
fn unschedulable(store: &Store) -> Option<String> {
    let waiting = store.list::<Pod>().filter(|pod| pod.node().is_none() && pod.is_active());
    waiting
        .filter_map(|pod| pod.condition("PodScheduled"))
        .find(|condition| condition.status == "False" && condition.reason.as_deref() == Some("Unschedulable"))
        .and_then(|condition| condition.message.clone())
}

fn pod_figures(
    sight: &Sight<'_>,
    plan: &FloorPlan,
    detail: Detail,
    nodes: &[&Rc<Node>],
    ports: &BTreeMap<Uid, Port>,
    hits: &BTreeSet<Uid>,
    revisions: &Revisions,
) -> Vec<Rc<PodFigure>> {
    let store = &*sight.world.store;
    let index: BTreeMap<&str, usize> =
        nodes.iter().enumerate().map(|(index, node)| (node.name(), index)).collect();
    let taken: BTreeSet<(&Rc<str>, usize)> =
        sight.layout.homes().filter_map(|(_, home)| slot_of(home)).collect();
    // A place, and whether the place below is free for a pod whose processes are shown.
    let place = |home: &Home, local: Option<&LocalPod>, finished: bool| match home {
        Home::Tray(place) => Some((tray_rect(plan.tray, sight.layout.tray_len(), *place), false)),
        Home::Slot { node, slot } => {
            let area = plan.pod_area(*index.get(&**node)?);
            let (rect, below) = (slot_rect(area, detail, *slot), slot_rect(area, detail, slot + 1));
            let stopping = local.is_some_and(|local| local.grace().is_some()) && !finished;
            let free = !taken.contains(&(node, slot + 1)) && area.contains(below) && below.x == rect.x;
            let roomy = detail == Detail::Card && stopping && free;
            let processes = local.map_or(0, |local| local.containers().count()).clamp(1, TALL_PROCESSES);
            let height = if roomy { TALL + processes as f32 * TALL_ROW } else { rect.height };
            Some((Rect { height, ..rect }, roomy))
        }
    };
    let on_api = store.list::<Pod>().filter_map(|pod| {
        let local = machines::local(sight.world, pod).map(|local| &**local);
        let (rect, roomy) = place(sight.layout.home(pod.uid)?, local, pod.is_finished())?;
        let node = pod.node().and_then(|name| index.get(name)).map(|index| nodes[*index]);
        let around = pods::Around {
            now: sight.world.now,
            local,
            revision: revisions.of(pod),
            node_answers: node.is_none_or(|node| node.is_ready()),
            port: ports.get(&pod.uid).copied(),
            rect,
            roomy,
            hit: hits.contains(&pod.uid),
        };
        Some(Rc::new(pods::figure(pod, &around)))
    });
    let on_machines = machines::orphans(sight.world).filter_map(|local| {
        let (rect, roomy) = place(sight.layout.home(local.uid())?, Some(local), false)?;
        let around = pods::Around {
            now: sight.world.now,
            local: Some(local),
            revision: revisions.of(local.object()),
            node_answers: true,
            port: None,
            rect,
            roomy,
            hit: hits.contains(&local.uid()),
        };
        Some(Rc::new(pods::orphan(local, &around)))
    });
    on_api.chain(on_machines).collect()
}

fn slot_of(home: &Home) -> Option<(&Rc<str>, usize)> {
    match home {
        Home::Tray(_) => None,
        Home::Slot { node, slot } => Some((node, *slot)),
    }
}

/// A place in the tray: a slim card while there are few, a cell when there are many.
fn tray_rect(tray: Rect, pods: usize, place: usize) -> Rect {
    let fit = (tray.width / (TRAY_SLIM.width + 6.0)).floor().max(1.0) as usize;
    if pods <= fit {
        let x = tray.x + place as f32 * (TRAY_SLIM.width + 6.0);
        return Rect::new(x, tray.y, TRAY_SLIM.width, TRAY_SLIM.height);
    }
    let pitch = TRAY_CELL * 1.25;
    let columns = (tray.width / pitch).floor().max(1.0) as usize;
    let (column, row) = (place % columns, place / columns);
    Rect::new(tray.x + column as f32 * pitch, tray.y + row as f32 * pitch, TRAY_CELL, TRAY_CELL)
}

/// The wires from the selected workload or part to its pods; none if something else is selected.
fn owner_wires(
    store: &Store,
    plan: &FloorPlan,
    selected: &ObjectRef,
    workloads: &[Rc<WorkloadFigure>],
    pods: &[Rc<PodFigure>],
) -> OwnerWires {
    let Some(key) = key_of(store, selected) else { return OwnerWires::default() };
    let card = workloads.iter().find_map(|workload| {
        let part = workload.parts.iter().find(|part| part.key == key);
        let has_parts = !workload.parts.is_empty();
        part.map(|part| (part.rect, false))
            .or_else(|| (workload.key == key).then_some((workload.card, has_parts)))
    });
    let Some((card, leaves_left)) = card else { return OwnerWires::default() };
    let owned: BTreeSet<figures::Key> =
        workloads::pods_below(store, selected).map(|pod| pods::key(pod.uid)).collect();
    let rects = pods.iter().filter(|pod| pod.node.is_some() && owned.contains(&pod.key)).map(|pod| pod.rect);
    wires::ownership(plan, card, leaves_left, &rects.collect::<Vec<Rect>>())
}

/// What a node's kube-proxy has written for a Service; a Service without an address has no rules.
fn rules(world: &World, node: &str, service: &Service) -> Option<ProxyRules> {
    service.cluster_ip()?;
    let machine = world.machines.get(node)?;
    let rules = machine.rules.service(&service.key);
    let endpoints = rules.into_iter().flat_map(|rules| rules.usable_endpoints());
    let addresses: BTreeSet<&Rc<str>> = endpoints.flat_map(|endpoint| &endpoint.addresses).collect();
    let written = network::rules::of_node(world, machine, &service.key);
    Some(ProxyRules {
        endpoints: addresses.len(),
        revision: rules.map_or(0, |rules| rules.revision),
        stale: written.is_stale,
        sentence: written.sentence(),
    })
}

fn node_figures(
    sight: &Sight<'_>,
    plan: &FloorPlan,
    nodes: &[&Rc<Node>],
    focus: Option<&Service>,
    actor: &Option<ActorPlace>,
    hits: &BTreeSet<Uid>,
) -> Vec<Rc<NodeFigure>> {
    let store = &*sight.world.store;
    let acts =
        |make: fn(Rc<str>) -> ActorPlace, node: &Node| actor.as_ref() == Some(&make(Rc::from(node.name())));
    nodes
        .iter()
        .zip(&plan.nodes)
        .map(|(node, rect)| {
            let around = nodes::Around {
                rect: *rect,
                kubelet_acts: acts(ActorPlace::Kubelet, node),
                proxy_acts: acts(ActorPlace::Proxy, node),
                rules: focus.and_then(|service| rules(sight.world, node.name(), service)),
                hit: hits.contains(&node.uid),
            };
            Rc::new(nodes::figure(node, store, around))
        })
        .collect()
}
