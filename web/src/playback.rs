//! How long a step is shown while playing. The engine never hears of it: virtual time moves with steps, this is the
//! viewer's own.

use kubestep_core::engine::Step;

use crate::scene::beats::{self, Motion};

/// After its movements have ended a step rests this long, in milliseconds at speed 1, to be read.
const REST_MS: f32 = 420.0;

/// A viewer who asked for less movement sees each step this long, in milliseconds at speed 1: long enough to read its
/// sentence, since nothing leads the eye.
const STILL_MS: f32 = 1_400.0;

/// How long `step` is shown at a speed, in milliseconds.
pub fn dwell_ms(step: &Step, speed: f32, reduced_motion: bool) -> f32 {
    if reduced_motion {
        return STILL_MS / speed;
    }
    beats::duration_ms(step, Motion::Forward, speed) + REST_MS / speed
}
