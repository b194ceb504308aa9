use kubestep_core::engine::{Budget, Until};
use kubestep_core::{Command, simulation};

use super::*;
use crate::scene::figures::PodState;

const FILE: &str = r"sim manifest node-1 web.yaml 'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: nginx}]}\n'";

fn after(lines: &[&str]) -> Timeline {
    let setup = simulation::read("");
    let mut timeline = Timeline::new(setup.simulation, setup.nodes);
    for line in lines {
        timeline.submit(Command::parse(line, &|_| None).unwrap());
        timeline.advance(Until::Quiet, Budget { steps: 10_000 });
    }
    timeline
}

fn place(node: &str) -> Place {
    Place { node: node.into(), file: "web.yaml".into() }
}

fn close_up(timeline: &Timeline, at: Option<StepId>, nodes: &[&str]) -> CloseUp {
    let nodes = nodes.iter().map(|node| Rc::from(*node)).collect();
    let focus = Focus { nodes, file: Some(place("node-1")) };
    let world = at.map_or_else(|| timeline.genesis().clone(), |id| timeline.world_at(id));
    read(timeline, &world, at, &focus)
}

fn last(timeline: &Timeline) -> Option<StepId> {
    timeline.steps().last().map(|step| step.id)
}

#[test]
fn a_deleted_mirror_stands_beside_the_one_after_it_and_the_pod_runs_on() {
    let timeline = after(&[FILE, "kubectl delete pod web-node-1"]);
    let created =
        timeline.steps().iter().rev().find(|step| Deed::of(step) == Some(Deed::CreateMirror)).unwrap();
    let seen = close_up(&timeline, Some(created.id), &["node-1"]);
    assert_eq!(seen.mirrors.iter().map(|mirror| mirror.is_gone).collect::<Vec<_>>(), [true, false]);
    assert_ne!(seen.mirrors[0].uid, seen.mirrors[1].uid);
    assert!(seen.mirrors[1].hit);
    let node = &seen.nodes[0];
    assert_eq!((node.pods[0].state, node.pods[0].restarts), (PodState::Ready, 0));
    assert!(node.deeds.contains(&(Deed::CreateMirror, Doing::Now)));
    assert!(node.deeds.contains(&(Deed::CompareMirror, Doing::Done)));
    let message = seen.message.unwrap();
    assert_eq!((message.verb, message.from.as_deref()), ("POST", Some("node-1")));
}

#[test]
fn the_mirror_has_a_gap_where_the_container_has_none() {
    let timeline = after(&[FILE, "kubectl delete pod web-node-1"]);
    let lives = lives::of(&timeline, &place("node-1")).unwrap();
    assert_eq!((lives.file.len(), lives.container.len(), lives.mirror.len()), (1, 1, 2));
    assert_eq!(lives.container[0].until, None);
    let spans: Vec<&str> = lives.spans.iter().map(|span| &*span.label).collect();
    assert_eq!(spans, ["Starting", "Running", "Gap", "Running"]);
    assert!(lives.spans.windows(2).all(|pair| pair[0].until == pair[1].from));
}

#[test]
fn a_file_that_moves_ends_here_and_begins_there() {
    let timeline = after(&[FILE, "sim move-manifest node-1 web.yaml node-2", "sim wait 5s"]);
    let seen = close_up(&timeline, last(&timeline), &["node-1", "node-2"]);
    let files: Vec<usize> = seen.nodes.iter().map(|node| node.files.len()).collect();
    let pods: Vec<usize> = seen.nodes.iter().map(|node| node.pods.len()).collect();
    assert_eq!((files, pods), (vec![0, 1], vec![0, 1]));
    let here = lives::of(&timeline, &place("node-1")).unwrap();
    assert!(here.file[0].until.is_some() && here.container[0].until.is_some());
    let there = lives::of(&timeline, &place("node-2")).unwrap();
    assert_eq!(there.file[0].until, None);
}

#[test]
fn without_an_api_server_the_pod_has_no_mirror_and_says_so() {
    let timeline = after(&["sim stop kube-apiserver", FILE]);
    let seen = close_up(&timeline, last(&timeline), &["node-1"]);
    assert_eq!(seen.mirrors, []);
    assert!(seen.processes.contains(&("kube-apiserver", false)));
    assert!(seen.nodes[0].pods[0].sentence().ends_with("without a mirror in the API"));
}
