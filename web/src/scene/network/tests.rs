use kubestep_core::api::Key;
use kubestep_core::engine::{Budget, StepId, Timeline, Until};
use kubestep_core::{Command, kubectl, simulation};

use super::stations::Standing;
use super::wiring::WireKind;
use super::*;
use crate::scene::figures::Port;

const TWO_TIERS: &str = include_str!("../../../../static/lessons/two-tiers.yaml");
const BUDGET: Budget = Budget { steps: 20_000 };
/// node-2's proxy needs 20 s for what others do at once.
const SLOW_PROXY: &str =
    "apiVersion: kubestep.dev/v1alpha1\nkind: Simulation\nspec: {proxies: {node-2: 20s}}\n";

fn begun(manifests: &str) -> Timeline {
    let setup = simulation::read(manifests);
    assert!(setup.diagnostics.is_empty(), "{:?}", setup.diagnostics);
    let mut timeline = Timeline::new(setup.simulation, setup.nodes);
    timeline.submit(Command::Kubectl(kubectl::Invocation::apply(setup.documents).into()));
    timeline.advance(Until::Quiet, BUDGET);
    timeline
}

fn and_then(mut timeline: Timeline, line: &str) -> Timeline {
    timeline.submit(Command::parse(line, &|_| None).unwrap_or_else(|error| panic!("{line}: {error}")));
    timeline.advance(Until::Quiet, BUDGET);
    timeline
}

fn seen(timeline: &Timeline, cursor: StepId) -> NetworkScene {
    let world = timeline.world_at(cursor);
    scene(&NetworkSight {
        timeline,
        cursor: Some(cursor),
        world: &world,
        next: None,
        selected: None,
        space: Size::new(736.0, 300.0),
    })
}

fn last(timeline: &Timeline) -> StepId {
    StepId(timeline.len() as u32 - 1)
}

fn hops(timeline: &Timeline) -> Vec<StepId> {
    timeline.steps().iter().filter(|step| follow::hop(step).is_some()).map(|step| step.id).collect()
}

#[test]
fn a_followed_request_fills_the_stations_one_by_one() {
    let timeline = and_then(begun(TWO_TIERS), "sim follow shop");
    let hops = hops(&timeline);
    assert!(hops.len() >= 5, "{hops:?}");
    let mut reached = Vec::new();
    for hop in &hops {
        let rail = seen(&timeline, *hop).rail.expect("a rail");
        let now: Vec<usize> = (0..rail.stations.len())
            .filter(|place| rail.stations[*place].standing == Standing::Now)
            .collect();
        assert_eq!(now.len(), 1, "each hop is at one station");
        assert!(rail.stations[..now[0]].iter().all(|station| station.standing != Standing::Todo));
        assert!(rail.stations.iter().all(|station| station.lines.len() <= 3), "{rail:?}");
        reached.extend(now);
    }
    assert_eq!((reached.first(), reached.last()), (Some(&0), Some(&4)));
    assert!(reached.is_sorted(), "{reached:?}");
    let rail = seen(&timeline, hops[0]).rail.expect("a rail");
    assert_eq!(rail.stations[0].title, "App calls db:5432");
    assert_eq!(rail.stations[4].step, hops.last().copied(), "what is ahead is known, and can be gone to");
}

#[test]
fn two_tiers_stand_beside_each_other_and_the_database_has_the_focus_while_its_request_is_followed() {
    let timeline = and_then(begun(TWO_TIERS), "sim follow shop");
    let scene = seen(&timeline, last(&timeline));
    let services: Vec<&str> = scene.tiers.iter().map(|tier| &*tier.service.name).collect();
    assert_eq!(services, ["frontend", "db"]);
    assert_eq!(scene.focus.as_deref(), Some("db"));
    assert_eq!(scene.tiers[0].pods.len(), 2);
    assert_eq!(scene.tiers[1].pods.len(), 3);
    assert!(scene.tiers[1].clients[0].is_inside && !scene.tiers[0].clients[0].is_inside);
    assert!(scene.endpoints[..3].iter().all(|row| row.pod.starts_with("db-")));
    let answered: u64 = scene.tiers[1].pods.iter().map(|pod| pod.answered).sum();
    assert_eq!(answered, scene.tiers[1].clients[0].counts.answered);
    assert_eq!(scene.endpoints.iter().filter(|row| row.share == 1.0).count().min(1), 1);
}

#[test]
fn an_endpoint_that_is_not_ready_is_an_open_switch() {
    let timeline = and_then(begun(TWO_TIERS), "sim unready db-2");
    let timeline = and_then(timeline, "sim follow shop");
    let scene = seen(&timeline, last(&timeline));
    let ports: Vec<Option<Port>> = scene.tiers[1].pods.iter().map(|pod| pod.port).collect();
    assert_eq!(ports, [Some(Port::Ready), Some(Port::Ready), Some(Port::Open)]);
    assert_eq!(scene.wires.iter().filter(|wire| wire.kind == WireKind::Open).count(), 1);
}

#[test]
fn a_node_that_is_behind_still_sends_to_a_pod_that_the_service_has_dropped() {
    let one_tier = TWO_TIERS
        .split("---\napiVersion: kubestep.dev/v1alpha1\nkind: Traffic\nmetadata:\n  name: shop")
        .next();
    let manifests = format!("{}---\n{SLOW_PROXY}", one_tier.expect("the frontend's clients alone"));
    let timeline = begun(&manifests);
    let before = timeline.len() as u32;
    let timeline = and_then(timeline, "kubectl scale deployment/frontend --replicas=1");
    let scenes = (before..timeline.len() as u32).map(|step| seen(&timeline, StepId(step)));
    let stale: Vec<NetworkScene> =
        scenes.filter(|scene| scene.tiers[0].pods.iter().any(|pod| pod.port.is_none())).collect();
    let scene = stale.first().expect("a step at which a pod is dropped and some node does not know");
    let behind: Vec<&str> = scene.nodes.iter().filter(|node| node.is_stale).map(|node| &*node.node).collect();
    assert!(behind.contains(&"node-2"), "{behind:?}");
    assert!(scene.wires.iter().any(|wire| wire.kind == WireKind::Stale));
    assert!(scene.nodes.iter().all(|node| node.revision.is_some()));
}

#[test]
fn nothing_lies_over_anything_else_in_either_layout() {
    let two = and_then(begun(TWO_TIERS), "sim follow shop");
    for width in [500.0, 736.0, 1100.0, 1600.0] {
        let cursor = last(&two);
        let world = two.world_at(cursor);
        for selected in
            [None, world.store.objects(kubestep_core::api::Kind::Service).next().map(|it| it.reference())]
        {
            let scene = scene(&NetworkSight {
                timeline: &two,
                cursor: Some(cursor),
                world: &world,
                next: None,
                selected: selected.as_ref(),
                space: Size::new(width, 280.0),
            });
            let mut rects = Vec::new();
            for tier in &scene.tiers {
                rects.extend(tier.clients.iter().map(|card| card.rect));
                rects.push(tier.service.rect);
                rects.extend(tier.pods.iter().map(|pod| pod.rect));
            }
            rects.extend(scene.nodes.iter().filter(|node| node.rect.width > 0.0).map(|node| node.rect));
            for (place, one) in rects.iter().enumerate() {
                assert!(one.x >= 0.0 && one.right() <= scene.size.width, "{one:?} in {:?}", scene.size);
                assert!(one.y >= 0.0 && one.bottom() <= scene.size.height, "{one:?} in {:?}", scene.size);
                assert!(rects[place + 1..].iter().all(|other| !one.overlaps(*other)), "{one:?}");
            }
        }
    }
}

#[test]
fn requests_fly_from_their_clients_to_the_pods_that_answer_them() {
    let timeline = begun(TWO_TIERS);
    let scene = seen(&timeline, last(&timeline));
    assert!(!scene.flights.is_empty());
    let ends: Vec<Point> =
        scene.tiers.iter().flat_map(|tier| &tier.pods).map(|pod| wiring::port_of(pod.rect)).collect();
    for flight in scene.flights.iter().filter(|flight| !flight.failed) {
        let end = flight.end().expect("a way");
        assert!(ends.contains(&end), "{end:?} in {ends:?}");
    }
}

#[test]
fn the_rules_of_a_pick_add_up_and_name_the_chosen_one() {
    let timeline = and_then(begun(TWO_TIERS), "sim follow shop");
    let pick = timeline.steps().iter().find_map(|step| match &follow::hop(step)?.hop {
        Hop::Pick(pick) => Some(pick.clone()),
        _ => None,
    });
    let panel = rules::panel(&pick.expect("a pick")).expect("the rules of db");
    let chances: Vec<&str> = panel.rows.iter().map(|row| row.chance.as_str()).collect();
    assert_eq!(chances, ["p 0.333", "p 0.500", "else"]);
    assert_eq!(panel.rows.iter().filter(|row| row.is_chosen).count(), 1);
    assert!(panel.head.starts_with("KUBE-SVC db  10.") && panel.head.ends_with(":5432"), "{}", panel.head);
    assert!(!panel.is_stale && panel.mode == "iptables mode");
}

#[test]
fn variables_stay_as_they_were_while_the_service_moves_on() {
    let timeline = and_then(begun(TWO_TIERS), "kubectl delete service db");
    let timeline = and_then(timeline, "kubectl create service clusterip late --tcp=80");
    let world = timeline.head();
    let pod = world.store.list::<kubestep_core::api::Pod>().find(|pod| pod.name().starts_with("frontend-"));
    let environment = env::of_pod(world, pod.expect("a frontend pod")).expect("its containers were made");
    let rows: Vec<&env::Row> = environment.containers.iter().flat_map(|container| &container.rows).collect();
    let named = |name: &str| rows.iter().find(|row| row.name == name).copied();
    assert_eq!(named("DATABASE").map(|row| (&*row.value, &row.stale)), Some(("db:5432", &None)));
    let stale = named("DB_SERVICE_HOST").and_then(|row| row.stale.as_deref());
    assert_eq!(stale, Some("the Service is gone"));
    assert_eq!(environment.later, ["late"]);
}

/// Databases that take two seconds.
fn slow_databases() -> String {
    let template = "      labels: {app: db}\n";
    assert!(TWO_TIERS.contains(template));
    let annotations = "      annotations: {sim.kubestep.dev/response-time: 2s}\n";
    TWO_TIERS.replacen(template, &format!("{template}{annotations}"), 1)
}

#[test]
fn an_answer_that_takes_its_time_is_a_station_of_its_own() {
    let timeline = and_then(begun(&slow_databases()), "sim follow shop");
    let hops = hops(&timeline);
    let rail = |hop: &StepId| seen(&timeline, *hop).rail.expect("a rail");
    let [.., arrives, answers] = hops.as_slice() else { panic!("{hops:?}") };
    let waits = rail(arrives);
    assert_eq!(waits.stations.len(), 6);
    assert_eq!((waits.stations[4].standing, waits.stations[5].standing), (Standing::Now, Standing::Todo));
    assert!(waits.stations[4].lines[1].ends_with(", for 2s") && waits.outcome.is_none(), "{waits:?}");
    let answered = rail(answers);
    assert_eq!((&*answered.stations[5].title, answered.stations[5].standing), ("Answered", Standing::Now));
    let way = seen(&timeline, *answers).way;
    let there = seen(&timeline, *arrives).way;
    assert_eq!(way.first(), there.last(), "the answer comes back from where the request went");
}

#[test]
fn what_is_being_answered_waits_at_its_pod_and_counts_in_a_lane_when_it_is_over() {
    let timeline = and_then(begun(&slow_databases()), "sim wait 5s");
    let scene = seen(&timeline, last(&timeline));
    let card = &scene.tiers[1].clients[0];
    assert!(card.waiting >= 15, "8 a second, each of which takes two: {card:?}");
    let waits: Vec<_> = scene.flights.iter().filter(|flight| flight.ended > scene.now).collect();
    assert!(!waits.is_empty());
    let arrived = waits.iter().filter(|flight| flight.at + flight.lasts < scene.now);
    assert!(arrived.clone().count() > 0);
    assert!(arrived.clone().all(|flight| flight.position(scene.now) == flight.end()));
    let service = Key::new("default", "db");
    let lanes = lanes::of(&timeline, &service);
    let sent: Vec<_> = lanes.pods.iter().flat_map(|lane| &lane.sent).collect();
    assert_eq!(sent.len() as u64, card.counts.total() - unsent_to_pods(&timeline));
    assert!(sent.iter().all(|sent| sent.at <= timeline.head().now));
}

/// Requests to db that came to no pod.
fn unsent_to_pods(timeline: &Timeline) -> u64 {
    let place = timeline.head().simulation.clients.iter().position(|client| &*client.name == "shop");
    let traffic = timeline.head().traffic.client(place.expect("the client")).expect("its traffic");
    traffic.failures().filter(|request| request.pod.is_none()).count() as u64
}
