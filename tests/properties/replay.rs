//! The same script gives the same steps, and an older world the same future.

use kubestep_core::StepId;
use kubestep_core::engine::{Budget, Until};
use kubestep_tests::script::Act;

use super::play;

/// Plays a script twice and compares every step; then goes back to a step and lets the rest happen again.
pub(crate) fn check(script: &[Act], cut: f64) {
    let first = play(script).timeline;
    let second = play(script).timeline;
    assert_eq!(first.len(), second.len(), "two runs of one script differ in length");
    for (one, other) in first.steps().iter().zip(second.steps()) {
        assert_eq!(one.fingerprint(), other.fingerprint(), "two runs differ at step {:?}", one.id);
    }

    // From a step after the last command on, the future follows from the world alone.
    let given = first.script().last().map_or(0, |last| last.after_steps);
    let free = first.len().saturating_sub(given + 1);
    let place = given + (free as f64 * cut) as usize;
    if place >= first.len() {
        return;
    }
    let mut replayed = first.branch(StepId(place as u32));
    let last = StepId(first.len() as u32 - 1);
    replayed.advance(Until::Step(last), Budget { steps: first.len() });
    assert_eq!(replayed.len(), first.len());
    assert!(*replayed.head() == first.world_at(last), "replay from step {place} ends in another world");
}
