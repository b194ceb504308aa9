//! What the core costs on this machine: time and memory of rollouts, and of reaching any step of them.
//!
//! Every write is a step, Events are stored objects, and every step keeps its world: the steps per pod are
//! printed beside each time, so that no step is saved by merging.

use std::alloc::System;
use std::hint::black_box;
use std::time::Instant;

use kubestep_core::engine::{Budget, Rest, Until};
use kubestep_core::simulation;
use kubestep_core::{Command, StepId, Timeline, kubectl};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

use super::Figure;
use crate::failure::{Failure, Outcome};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Each time is the best of so many runs: the others were disturbed.
const RUNS: usize = 7;

/// Every native figure, printed as it is found.
pub(super) fn figures(mut found: impl FnMut(Figure)) -> Outcome {
    let hundred = rollout(100, 3, RUNS)?;
    let thousand = rollout(1000, 10, 3)?;
    for (pods, run) in [(100, &hundred), (1000, &thousand)] {
        found(Figure::new(format!("native: {pods}-pod create"), run.create_ms, "ms"));
        let update = Figure::new(format!("native: {pods}-pod rolling update"), run.update_ms, "ms");
        found(if pods == 100 { update.at_most(25.0) } else { update.at_most(15.0 * hundred.update_ms) });
        found(Figure::new(format!("native: {pods}-pod rolling update, steps"), run.steps as f64, "steps"));
        found(Figure::new(
            format!("native: {pods}-pod, steps per pod"),
            run.steps as f64 / f64::from(pods),
            "steps",
        ));
        let step_us = run.update_ms * 1000.0 / run.steps as f64;
        let per_step = Figure::new(format!("native: {pods}-pod, time per step"), step_us, "µs");
        found(if pods == 100 { per_step.at_most(8.0) } else { per_step });
        let bytes = Figure::new(format!("native: {pods}-pod, history per step"), run.bytes_per_step, "bytes");
        found(if pods == 100 { bytes.at_most(5.0 * 1024.0) } else { bytes });
        found(Figure::new(format!("native: {pods}-pod, speed"), 1e6 / step_us, "steps/s"));
    }
    for figure in reaching(thousand.timeline) {
        found(figure);
    }
    let large = rollout(5000, 200, 1)?;
    found(Figure::new("native: 5000-pod create on 200 nodes", large.create_ms, "ms"));
    found(
        Figure::new("native: 5000-pod rolling update on 200 nodes", large.update_ms, "ms").at_most(10_000.0),
    );
    found(Figure::new("native: 5000-pod rolling update, steps", large.steps as f64, "steps"));
    Ok(())
}

struct Run {
    create_ms: f64,
    update_ms: f64,
    steps: usize,
    bytes_per_step: f64,
    timeline: Timeline,
}

fn rollout(pods: u32, nodes: u32, runs: usize) -> Result<Run, Failure> {
    let mut best: Option<Run> = None;
    for _ in 0..runs {
        let run = one_rollout(pods, nodes)?;
        best = Some(match best {
            None => run,
            Some(known) => Run {
                create_ms: known.create_ms.min(run.create_ms),
                update_ms: known.update_ms.min(run.update_ms),
                ..run
            },
        });
    }
    best.ok_or_else(|| Failure::new("no run was asked for"))
}

fn one_rollout(pods: u32, nodes: u32) -> Result<Run, Failure> {
    let setup = simulation::read(&manifests(pods, nodes));
    let mut timeline = Timeline::new(setup.simulation, setup.nodes);
    timeline.submit(Command::Kubectl(kubectl::Invocation::apply(setup.documents).into()));
    let create_ms = to_rest(&mut timeline)?;
    let before = timeline.len();
    let line = "set image deployment/web web=web:2";
    let update = kubectl::parse(line, &|_| None).map_err(Failure::new)?;
    timeline.submit(Command::Kubectl(update.into()));
    let memory = Region::new(ALLOCATOR);
    let update_ms = to_rest(&mut timeline)?;
    let change = memory.change();
    let steps = timeline.len() - before;
    // What a reallocation adds or gives back is in both of these already.
    let bytes = change.bytes_allocated as f64 - change.bytes_deallocated as f64;
    Ok(Run { create_ms, update_ms, steps, bytes_per_step: bytes / steps as f64, timeline })
}

fn to_rest(timeline: &mut Timeline) -> Result<f64, Failure> {
    let begin = Instant::now();
    let rest = timeline.advance(Until::Quiet, Budget { steps: 10_000_000 });
    let time = begin.elapsed().as_secs_f64() * 1000.0;
    if rest == Rest::Exhausted {
        return Err(Failure::new("the rollout never came to rest"));
    }
    Ok(time)
}

/// How long it takes to see, rewind to and branch from any of 10,000 steps.
fn reaching(timeline: Timeline) -> Vec<Figure> {
    let steps = timeline.len().min(10_000);
    let mut timeline = timeline.branch(StepId(steps as u32 - 1));
    let slowest = |act: &mut dyn FnMut(StepId)| {
        let places = (0..steps).step_by(97).chain([0, steps - 1]);
        let times = places.map(|place| {
            let begin = Instant::now();
            act(StepId(place as u32));
            begin.elapsed().as_secs_f64() * 1000.0
        });
        times.fold(0.0, f64::max)
    };
    let seen = slowest(&mut |step| drop(black_box(timeline.world_at(step))));
    let branched = slowest(&mut |step| std::mem::forget(black_box(timeline.branch(step))));
    let begin = Instant::now();
    let cut_off = timeline.rewind(StepId(0));
    let rewound = begin.elapsed().as_secs_f64() * 1000.0;
    drop(cut_off);
    let name = |what: &str| format!("native: {what} any step of {steps}");
    vec![
        Figure::new(name("world at"), seen, "ms").at_most(16.0),
        Figure::new(name("branch from"), branched, "ms").at_most(16.0),
        Figure::new(format!("native: rewind {steps} steps"), rewound, "ms").at_most(16.0),
    ]
}

fn manifests(pods: u32, nodes: u32) -> String {
    let mut text = format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: {pods}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers:
      - name: web
        image: web:1
        ports: [{{containerPort: 8080}}]
---
apiVersion: v1
kind: Service
metadata: {{name: web}}
spec:
  selector: {{app: web}}
  ports: [{{port: 80, targetPort: 8080}}]
"
    );
    for node in 1..=nodes {
        text += &format!(
            "---
apiVersion: v1
kind: Node
metadata: {{name: node-{node}, labels: {{kubernetes.io/hostname: node-{node}}}}}
status: {{allocatable: {{cpu: '64', memory: 256Gi, pods: '500'}}}}
"
        );
    }
    text
}
