//! Words for the facts of `why::autoscaler`.

use super::{Detail, Text};
use crate::engine::Step;
use crate::why::Autoscaler;

/// One sentence.
#[inline(never)]
pub(super) fn headline(fact: &Autoscaler, _step: &Step) -> Text {
    match fact {
        Autoscaler::LooksRegularly => "Looks again in fifteen seconds.".into(),
        Autoscaler::TargetIsMissing => "Reports that what it should scale does not exist.".into(),
        Autoscaler::TargetIsOff => "Reports that its target was scaled to zero: it leaves it alone.".into(),
        Autoscaler::KeepsWithinLimits { current, desired } => {
            let text = Text::new().plain("Scales its target from ").number(current);
            text.plain(" to ").number(desired).plain(": those are its limits.")
        }
        Autoscaler::HasNoMetrics { metrics } => {
            let text = Text::new().plain("Reports that it cannot judge by ");
            super::counted(text, *metrics as i32, "metric", "metrics").plain(": nobody measures.")
        }
    }
}

/// The arithmetic.
#[inline(never)]
pub(super) fn detail(fact: &Autoscaler, _step: &Step) -> Detail {
    match fact {
        Autoscaler::KeepsWithinLimits { current, desired } => Detail::new("How many", "reconcileAutoscaler")
            .row("replicas", "as they are", current)
            .row("replicas", "within minReplicas and maxReplicas", desired),
        Autoscaler::HasNoMetrics { metrics } => Detail::new("Which metrics", "computeReplicasForMetrics")
            .row("not to be had", "spec.metrics", metrics),
        Autoscaler::LooksRegularly | Autoscaler::TargetIsMissing | Autoscaler::TargetIsOff => {
            Detail::default()
        }
    }
}

/// The manifest fields that decided.
pub(super) fn fields(fact: &Autoscaler) -> &'static [&'static str] {
    match fact {
        Autoscaler::KeepsWithinLimits { .. } => &["spec.minReplicas", "spec.maxReplicas"],
        Autoscaler::HasNoMetrics { .. } => &["spec.metrics"],
        Autoscaler::TargetIsMissing | Autoscaler::TargetIsOff => &["spec.scaleTargetRef"],
        Autoscaler::LooksRegularly => &[],
    }
}
