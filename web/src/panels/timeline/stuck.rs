//! A rollout that stands still: what its band says instead of what it waits for, and whether its deadline is still to
//! come.

use kubestep_core::engine::StepId;

use crate::breakpoints::Breakpoint;
use crate::scene::chart::{Chart, Span};
use crate::scene::progress::Doing;

/// A wait this long, in virtual seconds, is no ordinary one: pulling and starting take less.
const LONG_S: f64 = 30.0;

/// For how many virtual seconds nothing has come forward in a span, if it stands still: it took [`LONG_S`], or it is the
/// last one and nothing is left to happen but far timers (`is_at_rest`).
pub fn standing_still(chart: &Chart, span: &Span, is_at_rest: bool) -> Option<f64> {
    let doing = chart.progress(Some(span.last))?.stand.as_ref()?.doing;
    if !span.is_rollout || !matches!(doing, Doing::Starting | Doing::RollingOut) {
        return None;
    }
    let seconds = span.until.as_seconds() - span.from.as_seconds();
    let is_last = span.last.0 as usize + 1 == chart.len();
    (seconds >= LONG_S || (is_last && is_at_rest)).then_some(seconds)
}

/// What is said of such a span: `Waiting, no progress for 600 s`.
pub fn words(seconds: f64) -> String {
    if seconds < 10.0 {
        format!("Waiting, no progress for {seconds:.1} s")
    } else {
        format!("Waiting, no progress for {seconds:.0} s")
    }
}

/// Whether the deadline of what stands still in the step's span is still to come.
pub fn awaits_deadline(chart: &Chart, step: StepId, is_at_rest: bool) -> bool {
    let Some(span) = chart.span_at(step) else { return false };
    if standing_still(chart, span, is_at_rest).is_none() {
        return false;
    }
    let seen = span.first.0..=step.0;
    !seen
        .map(StepId)
        .filter_map(|id| chart.step(id))
        .any(|step| Breakpoint::DeadlineExceeded.is_hit_by(step, chart))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lessons;
    use crate::model::run::Run;

    fn run(lesson: &str) -> Run {
        let place = lessons::place(lesson).expect("a lesson");
        let begun = lessons::ALL[place].begin();
        Run::new(begun.ground, begun.timeline, begun.acts)
    }

    #[test]
    fn a_rollout_to_an_image_that_does_not_exist_stands_still_until_its_deadline() {
        let mut run = run("bad-image");
        let span = run.chart.spans().last().expect("the rollout is under way").clone();
        assert!(standing_still(&run.chart, &span, true).is_some());
        assert!(standing_still(&run.chart, &span, false).is_none(), "while computing, it may still go on");
        assert!(awaits_deadline(&run.chart, span.last, true));

        let deadline = run.seek(&Breakpoint::DeadlineExceeded).expect("it comes after 600 s");
        let span = run.chart.span_at(deadline).expect("it is part of the wait").clone();
        assert!(standing_still(&run.chart, &span, false).is_some_and(|seconds| seconds >= 600.0));
        assert!(!awaits_deadline(&run.chart, deadline, true));
    }

    #[test]
    fn a_rollout_that_goes_well_never_stands_still() {
        let run = run("rolling-update");
        assert!(!run.chart.spans().is_empty());
        assert!(run.chart.spans().iter().all(|span| standing_still(&run.chart, span, true).is_none()));
    }
}
