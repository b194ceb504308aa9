//! The rows of whole runs: what they say at every step, and that nothing ever lies on anything else.

use kubestep_core::engine::{Budget, Command, StepId, Timeline, Until};
use kubestep_core::simulation::{Simulation, default_nodes};
use kubestep_core::{kubectl, manifest};

use crate::scene::Scene;
use crate::scene::chart::Chart;
use crate::scene::figures::{Dial, GaugeKind, Row, RowSize, Schedule};
use crate::scene::geometry::{Rect, Size};
use crate::scene::reading::{Sight, scene};

const SPACE: Size = Size::new(736.0, 628.0);

/// A history, and the chart of it.
struct Played {
    timeline: Timeline,
    chart: Chart,
}

/// The manifests applied to an empty cluster, then each command, each to rest.
fn play(manifests: &str, commands: &[&str]) -> Played {
    let mut timeline = Timeline::new(Simulation::default(), default_nodes());
    let (documents, diagnostics) = manifest::read(manifests);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let mut submit = |invocation: kubectl::Invocation| {
        timeline.submit(Command::Kubectl(invocation.into()));
        timeline.advance(Until::Quiet, Budget { steps: 50_000 });
    };
    submit(kubectl::Invocation::apply(documents));
    for command in commands {
        submit(kubectl::parse(command, &|_| None).expect("the command is one that kubectl knows"));
    }
    let chart = Chart::of(&timeline);
    Played { timeline, chart }
}

impl Played {
    fn scene(&self, step: u32, space: Size) -> Scene {
        let id = StepId(step);
        let world = self.timeline.world_at(id);
        let before = step.checked_sub(1).map(|before| self.timeline.world_at(StepId(before)));
        scene(&Sight {
            world: &world,
            before: before.as_ref(),
            step: self.timeline.step(id).map(|step| &**step),
            layout: &self.chart.layout(Some(id)),
            slots: self.chart.slots(Some(id)),
            space,
            selected: None,
            detail: None,
            recent: &self.chart.recent_controllers(Some(id)),
            next: None,
        })
    }

    fn last(&self) -> Scene {
        self.scene(self.timeline.len() as u32 - 1, SPACE)
    }

    fn scenes(&self) -> impl Iterator<Item = Scene> {
        (0..self.timeline.len() as u32).map(|step| self.scene(step, SPACE))
    }
}

fn row(scene: &Scene) -> &Row {
    match &scene.workloads[0].gauge.dial {
        Dial::Row(row) => row,
        other => panic!("{other:?}"),
    }
}

/// The cells of a row, a letter each: available, Ready not, +1, leaving, done, later, x: left out.
fn letters(row: &Row) -> String {
    let letter = |kind: GaugeKind| match kind {
        GaugeKind::Available => 'A',
        GaugeKind::NotReady => 'n',
        GaugeKind::Coming => '+',
        GaugeKind::Leaving => 'l',
        GaugeKind::Done => 'D',
        GaugeKind::Later => '.',
        GaugeKind::Barred => 'x',
    };
    row.cells.iter().map(|cell| letter(cell.kind)).collect()
}

/// What the row showed, each picture once, in order.
fn pictures(played: &Played) -> Vec<String> {
    let mut pictures: Vec<String> = Vec::new();
    for scene in played.scenes().filter(|scene| !scene.workloads.is_empty()) {
        let picture = letters(row(&scene));
        if pictures.last() != Some(&picture) {
            pictures.push(picture);
        }
    }
    pictures
}

fn workload(api: &str, kind: &str, name: &str, spec: &str) -> String {
    let template = format!(
        "template: {{metadata: {{labels: {{app: {name}}}}}, spec: {{containers: [{{name: c, image: 'i:1'}}]"
    );
    format!("apiVersion: {api}\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {{{spec}, {template}}}}}}}\n")
}

fn stateful_set(name: &str) -> String {
    let spec = format!("serviceName: {name}, replicas: 3, selector: {{matchLabels: {{app: {name}}}}}");
    workload("apps/v1", "StatefulSet", name, &spec)
}

fn daemon_set(name: &str) -> String {
    workload("apps/v1", "DaemonSet", name, &format!("selector: {{matchLabels: {{app: {name}}}}}"))
}

fn job(name: &str, spec: &str) -> String {
    workload("batch/v1", "Job", name, spec).replace("containers:", "restartPolicy: Never, containers:")
}

#[test]
fn a_stateful_set_fills_its_ordinals_in_order() {
    let played = play(&stateful_set("db"), &[]);
    assert_eq!(pictures(&played), ["+++", "n++", "A++", "An+", "AA+", "AAn", "AAA"]);
    let scene = played.last();
    assert_eq!(row(&scene).names, ["0", "1", "2"]);
    assert_eq!(row(&scene).reached, "3 of 3 available");
    assert!(scene.pods.iter().all(|pod| pod.revision == 1), "every pod is of the first revision");
}

#[test]
fn a_missing_ordinal_says_whom_it_waits_for() {
    let played = play(&stateful_set("db"), &[]);
    let waits = played.scenes().filter(|scene| !scene.workloads.is_empty()).find_map(|scene| {
        let note = row(&scene).note.clone()?;
        (letters(row(&scene)) == "An+").then_some(note.words)
    });
    assert_eq!(waits.as_deref(), Some("db-2 waits until db-1 is available"));
}

#[test]
fn a_stateful_set_is_updated_from_its_last_ordinal_down_to_the_partition() {
    let partition =
        r#"kubectl patch statefulset db -p '{"spec":{"updateStrategy":{"rollingUpdate":{"partition":1}}}}'"#;
    let played = play(&stateful_set("db"), &[partition, "kubectl set image statefulset/db c=i:2"]);
    let scene = played.last();
    let revisions: Vec<u32> = row(&scene).cells.iter().map(|cell| cell.revision).collect();
    assert_eq!(revisions, [1, 2, 2]);
    assert_eq!((row(&scene).line, &*row(&scene).limit), (Some(1), "partition 1"));
    let parts = &scene.workloads[0].parts;
    let notes: Vec<(&str, u32, i64)> =
        parts.iter().map(|part| (&*part.note, part.revision, part.counts[0].1.now)).collect();
    assert_eq!(notes, [("old", 1, 1), ("update", 2, 2)]);
    assert!(played.chart.progress(Some(StepId(played.timeline.len() as u32 - 1))).unwrap().stand.is_none());
    let labels: Vec<&str> = played.chart.spans().iter().map(|span| &*span.label).collect();
    assert!(labels.contains(&"Rolling out 3/3"), "{labels:?}");
}

#[test]
fn a_daemon_set_has_a_place_for_each_node_and_says_which_are_left_out() {
    let played = play(&daemon_set("agent"), &["kubectl taint nodes node-2 dedicated=db:NoExecute"]);
    let pictures = pictures(&played);
    assert!(pictures.contains(&"AAA".to_owned()), "{pictures:?}");
    assert_eq!(pictures.last().map(String::as_str), Some("AxA"));
    let scene = played.last();
    assert_eq!(row(&scene).names, ["node-1", "node-2", "node-3"]);
    assert_eq!(row(&scene).limit, "1 left out");
    assert_eq!(row(&scene).note.as_ref().unwrap().words, "node-2 has the taint dedicated=db:NoExecute");
}

#[test]
fn a_cordoned_node_keeps_its_daemon() {
    let played = play(&daemon_set("agent"), &["kubectl cordon node-2"]);
    assert_eq!(letters(row(&played.last())), "AAA");
}

#[test]
fn a_job_runs_as_many_pods_as_it_may_and_keeps_the_others_for_later() {
    let played = play(&job("load", "completions: 4, parallelism: 2"), &[]);
    assert!(pictures(&played).contains(&"AA..".to_owned()));
    let scene = played.last();
    assert_eq!(letters(row(&scene)), "DDDD");
    assert_eq!((row(&scene).line, &*row(&scene).limit), (None, ""), "there is nothing left to do");
    assert_eq!(scene.workloads[0].summary, "4/4");
    let indexed = play(&job("load", "completions: 3, parallelism: 1, completionMode: Indexed"), &[]);
    assert!(pictures(&indexed).contains(&"DA.".to_owned()));
    assert_eq!(row(&indexed.last()).names, ["0", "1", "2"]);
}

#[test]
fn a_cron_job_says_when_it_ran_and_when_it_will() {
    let manifest = "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: tick}\nspec: {schedule: '*/2 * * * *', \
                    jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: 'i:1'}]}}}}}\n";
    let mut played = play(manifest, &[]);
    let schedule = |scene: &Scene| match &scene.workloads[0].gauge.dial {
        Dial::Schedule(schedule) => schedule.clone(),
        other => panic!("{other:?}"),
    };
    let Schedule { last, next, active, .. } = schedule(&played.last());
    assert_eq!((last, next.as_deref(), active), (None, Some("00:02:00Z"), 0));
    let time = kubestep_core::time::Time::ZERO + kubestep_core::time::Duration::from_seconds(122);
    played.timeline.advance(Until::Time(time), Budget { steps: 50_000 });
    played.chart = Chart::of(&played.timeline);
    let scene = played.last();
    let Schedule { last, next, active, passed, .. } = schedule(&scene);
    assert_eq!((last.as_deref(), next.as_deref(), active), (Some("00:02:00Z"), Some("00:04:00Z"), 1));
    assert!((0.0..1.0).contains(&passed));
    assert_eq!(scene.workloads[0].parts.len(), 1, "its Job stands beside it");
    assert_eq!(scene.workloads.len(), 1, "its Job has no row of its own");
}

#[test]
fn nothing_lies_on_anything_else_however_many_workloads_nodes_and_pods_there_are() {
    let deployment = |name: &str, replicas: usize| {
        let spec = format!("replicas: {replicas}, selector: {{matchLabels: {{app: {name}}}}}");
        workload("apps/v1", "Deployment", name, &spec)
    };
    for (workloads, nodes, pods) in [(1, 3, 50), (3, 10, 50), (8, 30, 200), (12, 3, 50), (2, 1, 200)] {
        let mut manifests: Vec<String> = (4..=nodes)
            .map(|node| format!("apiVersion: v1\nkind: Node\nmetadata: {{name: node-{node:02}}}\nstatus: {{allocatable: {{cpu: '64', memory: 64Gi, pods: '500'}}}}\n"))
            .collect();
        for place in 0..workloads {
            manifests.push(match place % 4 {
                0 => deployment(&format!("web-{place}"), pods / workloads),
                1 => stateful_set(&format!("db-{place}")),
                2 => daemon_set(&format!("agent-{place}")),
                _ => job(&format!("load-{place}"), "completions: 20, parallelism: 3"),
            });
        }
        let played = play(&manifests.join("---\n"), &[]);
        for space in [SPACE, Size::new(576.0, 528.0), Size::new(1_160.0, 808.0)] {
            for step in [played.timeline.len() / 3, played.timeline.len() - 1] {
                let scene = played.scene(step as u32, space);
                assert_eq!(scene.workloads.len(), workloads.min(8));
                let stage = Rect::new(-0.1, -0.1, scene.plan.size.width + 0.2, scene.plan.size.height + 0.2);
                let of_a_workload = |workload: &std::rc::Rc<crate::scene::figures::WorkloadFigure>| {
                    let mut rects: Vec<Rect> = workload.parts.iter().map(|part| part.rect).collect();
                    // The gauge's title stands beside the band's label.
                    let gauge = workload.gauge.rect;
                    let lift = if workload.gauge.size == RowSize::Full { 8.0 } else { 0.0 };
                    rects.push(Rect::new(gauge.x, gauge.y + lift, gauge.width, gauge.height - lift));
                    rects.push(workload.card);
                    rects
                };
                let mut rects: Vec<Rect> = scene.workloads.iter().flat_map(of_a_workload).collect();
                rects.extend(scene.nodes.iter().map(|node| node.rect));
                for (place, rect) in rects.iter().enumerate() {
                    assert!(stage.contains(*rect), "{workloads}, {nodes}, {pods}, {space:?}: {rect:?}");
                    let under = rects[..place].iter().find(|other| other.overlaps(*rect));
                    assert!(under.is_none(), "{workloads}, {nodes}, {pods}: {rect:?} lies on {under:?}");
                }
                assert!(scene.plan.scale > 0.6, "{workloads}, {nodes}, {space:?}: {}", scene.plan.scale);
            }
        }
    }
}
