//! The picture of whole runs: invariants that hold at every step of them.

use std::collections::BTreeMap;

use kubestep_core::api::Pod;
use kubestep_core::engine::{Budget, Command, StepId, Timeline, Until};
use kubestep_core::simulation::{Simulation, default_nodes};
use kubestep_core::{kubectl, manifest};

use super::Scene;
use super::beats::{Beats, Motion, Shape};
use super::chart::Chart;
use super::geometry::{Rect, Size};
use super::layout::Home;
use super::reading::{Sight, scene};
use super::tween::{Tween, posed};

const WEB: &str = include_str!("../../../static/first-visit.yaml");
const SPACE: Size = Size::new(736.0, 628.0);

/// A cluster that these manifests were applied to, and then each command run to rest.
fn run(commands: &[&str]) -> Timeline {
    let mut timeline = Timeline::new(Simulation::default(), default_nodes());
    let (documents, diagnostics) = manifest::read(WEB);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let mut play = |invocation: kubectl::Invocation| {
        timeline.submit(Command::Kubectl(invocation.into()));
        timeline.advance(Until::Quiet, Budget { steps: 20_000 });
    };
    play(kubectl::Invocation::apply(documents));
    for command in commands {
        play(kubectl::parse(command, &|_| None).expect("the command is one that kubectl knows"));
    }
    timeline
}

fn rolled() -> Timeline {
    run(&[
        "kubectl scale deployment/my-deployment --replicas=7",
        "kubectl set image deployment/my-deployment *=my-image:2",
    ])
}

fn scene_at(timeline: &Timeline, chart: &Chart, step: u32) -> Scene {
    let id = StepId(step);
    let world = timeline.world_at(id);
    let before = step.checked_sub(1).map(|before| timeline.world_at(StepId(before)));
    scene(&Sight {
        world: &world,
        before: before.as_ref(),
        step: timeline.step(id).map(|step| &**step),
        layout: &chart.layout(Some(id)),
        slots: chart.slots(Some(id)),
        space: SPACE,
        selected: None,
        detail: None,
        recent: &chart.recent_controllers(Some(id)),
        next: None,
    })
}

#[test]
fn every_pod_has_a_place_of_its_own_at_every_step() {
    let timeline = rolled();
    let chart = Chart::of(&timeline);
    assert!(timeline.len() > 20, "the run has {} steps", timeline.len());
    for step in 0..timeline.len() as u32 {
        let scene = scene_at(&timeline, &chart, step);
        let pods = timeline.world_at(StepId(step)).store.list::<Pod>().count();
        assert!(scene.pods.len() >= pods, "step {step}: {} of {pods} pods are drawn", scene.pods.len());
        let stage = Rect::new(0.0, 0.0, scene.plan.size.width, scene.plan.size.height);
        for (index, pod) in scene.pods.iter().enumerate() {
            assert!(stage.contains(pod.rect), "step {step}: {} is outside", pod.name.whole());
            let above = scene.pods[..index].iter().find(|other| other.rect.overlaps(pod.rect));
            assert!(
                above.is_none(),
                "step {step}: {} lies on {}",
                pod.name.whole(),
                above.unwrap().name.whole()
            );
            let tile = scene
                .nodes
                .iter()
                .find(|node| pod.node.as_ref().is_some_and(|name| *node.key == *format!("node:{name}")));
            if let Some(tile) = tile {
                assert!(tile.rect.contains(pod.rect), "step {step}: {} is not on its node", pod.name.whole());
            }
        }
    }
}

#[test]
fn a_pod_keeps_its_slot_but_where_a_span_ends() {
    let timeline = rolled();
    let chart = Chart::of(&timeline);
    let mut homes: BTreeMap<_, Home> = BTreeMap::new();
    for step in 0..timeline.len() as u32 {
        let id = StepId(step);
        let waits = chart.span_at(id);
        let same_span = waits.is_some_and(|span| span.first < id);
        for (pod, home) in chart.layout(Some(id)).homes() {
            let before = homes.insert(*pod, home.clone());
            let moved_on_node =
                matches!((&before, home), (Some(Home::Slot { .. }), now) if before.as_ref() != Some(now));
            assert!(!(moved_on_node && same_span), "step {step}: a pod moved from {before:?} to {home:?}");
        }
    }
}

#[test]
fn a_chart_that_grew_with_its_history_is_the_chart_of_that_history() {
    let timeline = rolled();
    let whole = Chart::of(&timeline);
    let mut grown = Chart::default();
    for step in [0, 3, timeline.len() / 2, timeline.len() - 1] {
        grown = grown.extended(&timeline.branch(StepId(step as u32)));
    }
    let grown = grown.extended(&timeline);
    assert_eq!(grown.spans(), whole.spans());
    assert_eq!(grown.bars(), whole.bars());
    for step in 0..timeline.len() as u32 {
        let id = Some(StepId(step));
        let places = |chart: &Chart| {
            chart.layout(id).homes().map(|(pod, home)| (*pod, home.clone())).collect::<Vec<_>>()
        };
        assert_eq!(places(&grown), places(&whole), "step {step}");
    }
}

#[test]
fn a_history_that_went_another_way_has_a_chart_of_its_own() {
    let mut timeline = run(&[]);
    let first = Chart::of(&timeline);
    drop(timeline.rewind(StepId(timeline.len() as u32 / 2)));
    let command =
        kubectl::parse("kubectl delete deployment my-deployment", &|_| None).expect("kubectl knows delete");
    timeline.submit(Command::Kubectl(command.into()));
    timeline.advance(Until::Quiet, Budget { steps: 20_000 });
    let other = first.extended(&timeline);
    assert_eq!(other.len(), timeline.len());
    assert_eq!(other.spans(), Chart::of(&timeline).spans());
}

#[test]
fn spans_follow_each_other_and_name_what_they_wait_for() {
    let timeline = rolled();
    let chart = Chart::of(&timeline);
    assert!(!chart.spans().is_empty());
    for pair in chart.spans().windows(2) {
        assert!(pair[0].last < pair[1].first && pair[0].until <= pair[1].from, "{pair:?}");
    }
    for span in chart.spans().iter() {
        assert!(!span.label.is_empty() && !span.waits_for.is_empty(), "{span:?}");
    }
}

#[test]
fn every_movement_begins_where_things_were_and_ends_where_they_are() {
    let timeline = rolled();
    let chart = Chart::of(&timeline);
    let beats = Beats::new(Shape::Request, Motion::Forward, 1.0, false);
    let (start, end) = (beats.at(0.0), beats.at(beats.duration_ms()));
    let mut scene = scene_at(&timeline, &chart, 0);
    for step in 1..timeline.len() as u32 {
        let next = scene_at(&timeline, &chart, step);
        let before: BTreeMap<&str, Rect> = scene.places().collect();
        let after: BTreeMap<&str, Rect> = next.places().collect();
        for (forth, back) in [(Tween::between(&scene, &next), Tween::between(&next, &scene))] {
            for pose in forth.poses(&start).iter().filter(|pose| pose.opacity == 1.0) {
                let (Some(old), Some(new)) = (before.get(&*pose.key), after.get(&*pose.key)) else {
                    continue;
                };
                let drawn = posed(*new, pose);
                assert!(
                    (drawn.x - old.x).abs() < 0.01 && (drawn.y - old.y).abs() < 0.01,
                    "step {step}: {}",
                    pose.key
                );
            }
            for pose in forth.poses(&end).iter().chain(&back.poses(&end)) {
                let gone = pose.opacity == 0.0;
                assert!(
                    gone || (pose.dx, pose.dy, pose.scale, pose.opacity) == (0.0, 0.0, 1.0, 1.0),
                    "{pose:?}"
                );
            }
        }
        scene = next;
    }
}

#[test]
fn the_acting_component_and_its_message_are_the_steps_own() {
    let timeline = run(&[]);
    let chart = Chart::of(&timeline);
    for step in timeline.steps() {
        let plane = scene_at(&timeline, &chart, step.id.0).control_plane;
        assert!(plane.actor.is_some(), "step {}", step.id.0);
        let Some(change) = step.change() else {
            assert!(plane.message.is_none_or(|message| message.refusal.is_some()));
            continue;
        };
        let message = plane.message.expect("an accepted write travels as a message");
        assert_eq!(message.verb, change.verb.http());
        assert!(message.resource.contains(change.object.name()), "{}", message.resource);
        assert_eq!(plane.revision, change.revision);
    }
}
