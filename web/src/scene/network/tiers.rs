//! The Services in view with their clients and pods, as figures with places.

use std::collections::BTreeMap;
use std::rc::Rc;

use kubestep_core::api::{Key, Kind, Pod, Uid};
use kubestep_core::engine::World;
use kubestep_core::network::flow::{Flow, Hop, Seen};
use kubestep_core::network::source::sources_of;
use kubestep_core::network::traffic::Counts;
use kubestep_core::simulation::{Client, ClientPlace};

use super::chain::{Chain, Link};
use super::plan::{LinkPlan, Plan, PodSize};
use crate::scene::figures::{PodFigure, PodName, PodState, Port, ServiceFigure};
use crate::scene::geometry::Rect;
use crate::scene::reading::workloads::Revisions;
use crate::scene::reading::{machines, pods, services};

/// A Service with its clients and pods.
#[derive(Clone, Debug, PartialEq)]
pub struct Tier {
    /// What stands over it: `FRONTEND TIER`.
    pub title: String,
    /// Its clients.
    pub clients: Vec<Rc<ClientCard>>,
    /// The Service.
    pub service: Rc<ServiceFigure>,
    /// The pods of its slices, and those that only some node's rules still name.
    pub pods: Vec<Rc<PodCard>>,
    /// Pods that there is no room for.
    pub more: usize,
    /// Where the column of pods begins, for the title.
    pub x: f32,
}

/// A client.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientCard {
    /// `client:visitors`
    pub key: Rc<str>,
    /// Its name.
    pub name: Rc<str>,
    /// Its place among the simulation's clients.
    pub place: usize,
    /// Where it stands.
    pub rect: Rect,
    /// `20/s`
    pub rate: String,
    /// `deploy/shop`
    pub from: String,
    /// What became of its requests.
    pub counts: Counts,
    /// How many are being answered.
    pub waiting: usize,
    /// Whether its requests come from pods of another tier.
    pub is_inside: bool,
    /// Whether the step is about it.
    pub hit: bool,
}

/// A pod that a Service's requests go to.
#[derive(Clone, Debug, PartialEq)]
pub struct PodCard {
    /// Its element's name.
    pub key: Rc<str>,
    /// The pod.
    pub pod: Key,
    /// Where it stands.
    pub rect: Rect,
    /// How much of it is shown.
    pub size: PodSize,
    /// Its name.
    pub name: PodName,
    /// Its state; none for one that is gone.
    pub state: Option<PodState>,
    /// The state in words.
    pub label: String,
    /// Its revision, from 1; 0 for none.
    pub revision: u32,
    /// Its first container.
    pub container: String,
    /// Its address.
    pub address: Rc<str>,
    /// The node it is on.
    pub node: Rc<str>,
    /// Its endpoint; none where no slice lists it any more.
    pub port: Option<Port>,
    /// How many requests it answered.
    pub answered: u64,
    /// Whether the step is about it.
    pub hit: bool,
    /// All of it in a sentence.
    pub sentence: String,
}

/// A pod of a link: from a slice, or from the rules of a node that is behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The pod.
    pub pod: Key,
    /// Its uid.
    pub uid: Uid,
    /// Its address.
    pub address: Rc<str>,
    /// Its node.
    pub node: Rc<str>,
    /// Its endpoint; none where no slice lists it any more.
    pub port: Option<Port>,
}

impl Member {
    /// Those of every link of a chain, by name.
    pub fn of(world: &World, chain: &Chain) -> Vec<Vec<Member>> {
        chain.links.iter().map(|link| members(world, link)).collect()
    }
}

fn members(world: &World, link: &Link) -> Vec<Member> {
    let ports = services::ports(&world.store, &link.service);
    let in_slices = services::endpoints(&world.store, &link.service);
    let rules = world.machines.values().filter_map(|machine| machine.rules.service(&link.service.key));
    let in_rules = rules.flat_map(|rules| rules.usable_endpoints());
    let mut members: BTreeMap<(Rc<str>, Uid), Member> = BTreeMap::new();
    for endpoint in in_slices.chain(in_rules) {
        let Some((pod, uid)) = &endpoint.pod else { continue };
        members.entry((pod.name.clone(), *uid)).or_insert_with(|| Member {
            pod: pod.clone(),
            uid: *uid,
            address: endpoint.addresses.first().cloned().unwrap_or_default(),
            node: endpoint.node.clone().unwrap_or_default(),
            port: ports.get(uid).copied(),
        });
    }
    members.into_values().collect()
}

/// The figures of a chain.
pub fn figures(world: &World, chain: &Chain, members: &[Vec<Member>], plan: &Plan) -> Vec<Tier> {
    let revisions = Revisions::new(&world.store);
    let links = chain.links.iter().zip(members).zip(&plan.links);
    links.map(|((link, members), plan)| tier(world, link, members, plan, &revisions)).collect()
}

fn tier(world: &World, link: &Link, members: &[Member], plan: &LinkPlan, revisions: &Revisions) -> Tier {
    let clients = link.clients.iter().zip(&plan.clients).map(|(place, rect)| client(world, *place, *rect));
    let pods = members.iter().zip(&plan.pods);
    let pods = pods.map(|(member, rect)| Rc::new(pod(world, member, *rect, plan.pod_size, revisions)));
    Tier {
        title: format!("{} tier", link.service.name()),
        clients: clients.map(Rc::new).collect(),
        service: Rc::new(services::figure(&world.store, &link.service, plan.service, true, false)),
        pods: pods.collect(),
        more: members.len().saturating_sub(plan.pods.len()),
        x: plan.service.x,
    }
}

fn client(world: &World, place: usize, rect: Rect) -> ClientCard {
    let client = &world.simulation.clients[place];
    let traffic = world.traffic.client(place);
    let counts = traffic.map(|traffic| traffic.counts).unwrap_or_default();
    ClientCard {
        key: format!("client:{}", client.name).into(),
        name: client.name.clone(),
        place,
        rect,
        rate: rate(client),
        from: from(client),
        counts,
        waiting: traffic.map_or(0, |traffic| traffic.waiting()),
        is_inside: !sources_of(&world.store, client).is_empty(),
        hit: false,
    }
}

/// `20/s`, `every 5 s`.
pub fn rate(client: &Client) -> String {
    let seconds = client.interval.as_seconds().max(0.001);
    if seconds > 1.0 { format!("1 in {seconds:.0} s") } else { format!("{:.0}/s", 1.0 / seconds) }
}

/// Where a client sends from, in words.
pub fn from(client: &Client) -> String {
    match &client.from {
        ClientPlace::Anywhere => "any node".to_owned(),
        ClientPlace::Outside => "outside".to_owned(),
        ClientPlace::Node(node) => node.to_string(),
        ClientPlace::Pods(Kind::Deployment, name) => format!("deploy/{name}"),
        ClientPlace::Pods(Kind::StatefulSet, name) => format!("sts/{name}"),
        ClientPlace::Pods(Kind::Service, name) => format!("svc/{name}"),
        ClientPlace::Pods(kind, name) => format!("{}/{name}", kind.names().singular),
    }
}

fn pod(world: &World, member: &Member, rect: Rect, size: PodSize, revisions: &Revisions) -> PodCard {
    let known = world.store.get::<Pod>(&member.pod).filter(|pod| pod.uid == member.uid);
    let figure = known.map(|pod| {
        let local = machines::local(world, pod).map(|local| &**local);
        let around = pods::Around {
            now: world.now,
            local,
            revision: revisions.of(pod),
            node_answers: true,
            port: member.port,
            rect,
            roomy: false,
            hit: false,
        };
        pods::figure(pod, &around)
    });
    let answered = world.traffic.answered_by(member.uid);
    let card = card(member, figure, rect, size, answered);
    PodCard { sentence: sentence(&card), ..card }
}

fn card(member: &Member, figure: Option<PodFigure>, rect: Rect, size: PodSize, answered: u64) -> PodCard {
    let gone = || PodName { prefix: String::new(), suffix: member.pod.name.to_string() };
    let (name, state, label, revision, container) = match figure {
        Some(figure) => {
            let container = figure.containers.iter().find(|chip| !chip.init).map(|chip| chip.name.clone());
            (figure.name, Some(figure.state), figure.label, figure.revision, container.unwrap_or_default())
        }
        None => (gone(), None, "gone".to_owned(), 0, String::new()),
    };
    PodCard {
        key: pods::key(member.uid),
        pod: member.pod.clone(),
        rect,
        size,
        name,
        state,
        label,
        revision,
        container,
        address: member.address.clone(),
        node: member.node.clone(),
        port: member.port,
        answered,
        hit: false,
        sentence: String::new(),
    }
}

fn sentence(card: &PodCard) -> String {
    let endpoint = match card.port {
        Some(Port::Ready) => "takes connections",
        Some(Port::Serving) => "terminating, takes connections since no other is ready",
        Some(Port::Open) => "takes no connections",
        None => "in no slice any more, but in the rules of a node that is behind",
    };
    format!(
        "Pod {} on {}, {}, {}, {endpoint}, answered {} requests",
        card.name.whole(),
        card.node,
        card.label,
        card.address,
        card.answered
    )
}

/// Marks what a hop is about: the client and its pod while it resolves, then the Service, then the pod it reaches.
pub fn mark(tiers: &mut [Tier], hop: &Hop, flow: Option<&Flow>) {
    let Some(flow) = flow else { return };
    let client: Rc<str> = format!("client:{}", flow.client).into();
    let source = flow.source.pod.as_ref().map(|(_, uid)| pods::key(*uid));
    let (at_client, at_service, target) = match hop {
        Hop::Call(_) | Hop::Ask(_) | Hop::Answer(_) => (true, false, None),
        Hop::Pick(pick) => {
            (false, true, pick.destination().and_then(|it| it.endpoint.pod.as_ref()).map(|(_, uid)| *uid))
        }
        Hop::Judge(_) => (false, false, None),
        Hop::Reuse(_) => (true, false, flow.arrival().and_then(|it| it.pod.as_ref()).map(|(_, uid)| *uid)),
        Hop::Arrive(arrive) => (false, false, arrive.pod.as_ref().map(|(_, uid)| *uid)),
        Hop::Respond(response) => (response.outcome.seen() == Seen::Silence, false, Some(response.pod.1)),
    };
    let target = target.map(pods::key);
    for tier in tiers {
        let is_its = tier.clients.iter().any(|card| card.key == client);
        if at_service && is_its {
            tier.service = Rc::new(ServiceFigure { hit: true, ..(*tier.service).clone() });
        }
        for card in &mut tier.clients {
            if at_client && card.key == client {
                *card = Rc::new(ClientCard { hit: true, ..(**card).clone() });
            }
        }
        for card in &mut tier.pods {
            let is_source = at_client && source.as_ref() == Some(&card.key);
            if is_source || target.as_ref() == Some(&card.key) {
                *card = Rc::new(PodCard { hit: true, ..(**card).clone() });
            }
        }
    }
}
