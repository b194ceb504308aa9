//! Steps and virtual times on the axis that is chosen.

use kubestep_core::engine::StepId;
use kubestep_core::time::Time;

use super::axis::{Axis, Ruler};
use crate::scene::chart::Chart;

/// The axis laid out over pixels, for one history.
#[derive(Clone, Copy)]
pub struct Scale<'a> {
    /// The history.
    pub chart: &'a Chart,
    /// What the axis measures.
    pub axis: Axis,
    /// The axis over pixels.
    pub ruler: Ruler,
}

impl Scale<'_> {
    /// Where a step is, in pixels.
    pub fn x_of_step(&self, step: StepId) -> f64 {
        self.ruler.x(value_of_step(self.chart, self.axis, Some(step)))
    }

    /// Where the moment of a step at a time is; the step alone decides where steps are equally wide.
    pub fn x_of(&self, step: StepId, at: Time) -> f64 {
        match self.axis {
            Axis::Time => self.ruler.x(at.as_seconds()),
            Axis::Steps => self.x_of_step(step),
        }
    }

    /// Where a moment is; where steps are equally wide, at the last step until then.
    pub fn x_at(&self, at: Time) -> f64 {
        match self.axis {
            Axis::Time => self.ruler.x(at.as_seconds()),
            Axis::Steps => {
                let steps = self.chart.steps().take_while(|step| step.at <= at).count();
                self.ruler.x(steps as f64)
            }
        }
    }

    /// The step that a pixel points at: the last one that has happened there.
    pub fn step_at(&self, x: f64) -> Option<StepId> {
        let value = self.ruler.value(x);
        let last = self.chart.len().checked_sub(1)?;
        let index = match self.axis {
            Axis::Steps => value.round().max(1.0) as usize - 1,
            Axis::Time => {
                let reached = self.chart.steps().collect::<Vec<_>>();
                reached.partition_point(|step| step.at.as_seconds() <= value).saturating_sub(1)
            }
        };
        Some(StepId(index.min(last) as u32))
    }
}

/// The value of a step on an axis: its time, or its number from 1; the start is 0.
pub fn value_of_step(chart: &Chart, axis: Axis, step: Option<StepId>) -> f64 {
    let Some(step) = step else { return 0.0 };
    match axis {
        Axis::Time => chart.step(step).map_or(0.0, |step| step.at.as_seconds()),
        Axis::Steps => f64::from(step.0) + 1.0,
    }
}

/// Where the axis ends.
pub fn end(chart: &Chart, axis: Axis) -> f64 {
    match axis {
        Axis::Time => chart.end().as_seconds(),
        Axis::Steps => chart.len() as f64,
    }
}
