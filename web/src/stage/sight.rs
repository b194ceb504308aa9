//! What the viewer sees: the scene, the world and the time of the step they are at.

use kubestep_core::engine::{StepId, World};

use super::StageProps;
use crate::scene::Scene;
use crate::scene::geometry::Size;
use crate::scene::reading::{self, Sight};

/// The virtual time of the step after the one that is shown.
pub(super) fn next_time(props: &StageProps) -> f64 {
    let next = props.transition.to.map_or(0, |id| id.0 + 1);
    let step = props.timeline.step(StepId(next)).or_else(|| props.timeline.steps().last());
    step.map_or(0.0, |step| step.at.as_seconds())
}

/// The world of the step that the viewer is at.
pub(super) fn world_of(props: &StageProps) -> World {
    match props.transition.to {
        Some(id) => props.timeline.world_at(id),
        None => props.timeline.genesis().clone(),
    }
}

/// The scene of the step that the viewer is at.
pub(super) fn read(props: &StageProps, space: Size, before: Option<&Scene>) -> Scene {
    let world = world_of(props);
    let to = props.transition.to;
    let step_before = to.map(|id| match id.0.checked_sub(1) {
        Some(before) => props.timeline.world_at(StepId(before)),
        None => props.timeline.genesis().clone(),
    });
    let next = StepId(to.map_or(0, |id| id.0 + 1));
    let next = props.timeline.step(next).map(|step| props.timeline.world_at(step.id));
    let layout = props.chart.layout(to);
    let recent = props.chart.recent_controllers(to);
    reading::scene(&Sight {
        world: &world,
        before: step_before.as_ref(),
        step: to.and_then(|id| props.timeline.step(id)).map(|step| &**step),
        layout: &layout,
        slots: props.chart.slots(to),
        space,
        selected: props.selected.as_ref(),
        detail: before.map(|scene| scene.detail),
        recent: &recent,
        next: next.as_ref(),
    })
}
