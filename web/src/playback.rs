//! How long a step is shown while playing. The engine never hears of it: virtual time moves with steps, this is the
//! viewer's own.

use kubestep_core::api::Kind;
use kubestep_core::engine::Step;

use crate::scene::beats::{self, Motion};

/// After its movements have ended a step rests this long, in milliseconds at speed 1, to be read.
const REST_MS: f32 = 420.0;

/// A viewer who asked for less movement sees each step this long, in milliseconds at speed 1: long enough to read its
/// sentence, since nothing leads the eye.
const STILL_MS: f32 = 1_400.0;

/// A step that only records an Event is told so many times as fast: it repeats what the step before it said.
const EVENT_PACE: f32 = 3.0;

/// How a step is shown while playing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Showing {
    /// How many times as fast as designed it moves.
    pub speed: f32,
    /// How long it is shown in all, in milliseconds.
    pub dwell_ms: f32,
}

/// How `step` is shown at a speed.
pub fn showing(step: &Step, speed: f32, reduced_motion: bool) -> Showing {
    let is_event = step.change().is_some_and(|change| change.object.kind == Kind::Event);
    let speed = if is_event { speed * EVENT_PACE } else { speed };
    let movement = if reduced_motion {
        STILL_MS / speed
    } else {
        beats::duration_ms(step, Motion::Forward, speed) + REST_MS / speed
    };
    Showing { speed, dwell_ms: movement }
}
