//! How the viewer came to the step that is shown.

use kubestep_core::engine::StepId;

pub use super::beats::Motion;

/// A move of the cursor, and how it is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transition {
    /// Different for each move, so that the same step twice is two transitions.
    pub serial: u64,
    /// Where the viewer was; `None`: nothing was shown before.
    pub from: Option<StepId>,
    /// Where the viewer is; `None`: before the first step.
    pub to: Option<StepId>,
    /// How the way is shown.
    pub motion: Motion,
    /// How fast, 1 for as designed.
    pub speed: f32,
    /// While playing: how long this step is shown, in milliseconds. Virtual time runs on through it. `None`: paused.
    pub dwell_ms: Option<f32>,
}

impl Default for Transition {
    fn default() -> Self {
        Transition { serial: 0, from: None, to: None, motion: Motion::Scrub, speed: 1.0, dwell_ms: None }
    }
}
