//! Words for the facts of `why::autoscaler`.

use super::{Detail, Text};
use crate::api::{Kind, ObjectRef};
use crate::engine::Step;
use crate::why::Autoscaler;
use crate::why::autoscaler::{Judgement, Lack, Limit, Verdict};

/// One sentence.
#[inline(never)]
pub(super) fn headline(fact: &Autoscaler, step: &Step) -> Text {
    match fact {
        Autoscaler::LooksRegularly => "Looks again in fifteen seconds.".into(),
        Autoscaler::TargetIsMissing => "Reports that what it should scale does not exist.".into(),
        Autoscaler::TargetIsOff => "Reports that its target was scaled to zero: it leaves it alone.".into(),
        Autoscaler::KeepsWithinLimits { current, desired } => {
            let text = match scaled(step) {
                Some(target) => Text::new().plain("Scales ").object(target),
                None => Text::new().plain("Reports that it scaled its target"),
            };
            let text = text.plain(" from ").number(current).plain(" to ").number(desired);
            text.plain(": those are its limits.")
        }
        Autoscaler::HasNoMetrics { metrics } => {
            let text = Text::new().plain("Reports that it cannot judge by ");
            super::counted(text, *metrics as i32, "metric", "metrics").plain(": nobody measures.")
        }
        Autoscaler::CannotJudge { invalid, lack, .. } => {
            let text = Text::new().plain("Reports that it cannot judge by ");
            let text = super::counted(text, *invalid as i32, "metric", "metrics").plain(": ");
            text.plain(lacks(lack)).plain(".")
        }
        Autoscaler::SharesItsPods { autoscalers } => {
            let text = Text::new().plain("Reports that its pods are those of ").number(autoscalers);
            text.plain(" autoscalers: it leaves them alone.")
        }
        Autoscaler::TargetHasNoSelector => "Reports that its target selects no pods.".into(),
        Autoscaler::Scales(judgement) => match scaled(step) {
            Some(target) => scales(judgement, target),
            None => {
                let text = reports(judgement).plain(", and that it scaled from ").number(judgement.current);
                text.plain(" to ").number(judgement.desired).plain(".")
            }
        },
        Autoscaler::Keeps(judgement) => reports(judgement).plain(": ").plain(kept(judgement)).plain("."),
    }
}

/// What a step wrote that is no autoscaler.
fn scaled(step: &Step) -> Option<&ObjectRef> {
    let object = &step.change()?.object;
    (object.kind != Kind::HorizontalPodAutoscaler).then_some(object)
}

/// `Scales web from 3 to 6: ceil(3 × 180 % / 60 %) = 9, no faster.`
fn scales(judgement: &Judgement, target: &ObjectRef) -> Text {
    let text = Text::new().plain("Scales ").object(target).plain(" from ").number(judgement.current);
    let text = text.plain(" to ").number(judgement.desired).plain(": ");
    let text = text.plain(format!("{} = ", judgement.sum)).number(judgement.sum.replicas);
    let limit = match judgement.limit {
        Limit::WithinRange if judgement.stabilized != judgement.sum.replicas => ", lately more",
        Limit::WithinRange => "",
        Limit::ScaleUpLimit | Limit::ScaleDownLimit => ", no faster",
        Limit::TooManyReplicas => ", at its most",
        Limit::TooFewReplicas => ", at its least",
    };
    text.plain(limit).plain(".")
}

/// `Reports 180 % of cpu, 60 % are wanted`
fn reports(judgement: &Judgement) -> Text {
    let Judgement { sum, resource, .. } = judgement;
    let text = Text::new().plain("Reports ").number(sum.used).plain(" of ").plain(resource.clone());
    text.plain(", ").number(sum.target).plain(" wanted")
}

/// Why a size stays.
fn kept(judgement: &Judgement) -> String {
    let Judgement { sum, desired, .. } = judgement;
    let asked = sum.replicas;
    match (sum.verdict, judgement.limit) {
        _ if judgement.stabilized != asked => format!("{asked} would do, but lately it was {desired}"),
        (_, Limit::ScaleUpLimit | Limit::ScaleDownLimit) => format!("{asked} would do, but no faster"),
        (_, Limit::TooManyReplicas) => format!("{asked} would do, {desired} are its most"),
        (_, Limit::TooFewReplicas) => format!("{asked} would do, {desired} are its least"),
        (Verdict::WithinTolerance, Limit::WithinRange) => format!("near enough, {desired} stay"),
        (Verdict::WouldTurn, Limit::WithinRange) => format!("too little is known, {desired} stay"),
        (Verdict::Computed, Limit::WithinRange) => format!("{desired} are right"),
    }
}

fn lacks(lack: &Lack) -> String {
    match lack {
        Lack::NoServer => "nobody measures".to_owned(),
        Lack::NoneKnown => "nothing is measured yet".to_owned(),
        Lack::NoneReady => "no pod was ready for long enough".to_owned(),
        Lack::NoRequest { container } => format!("container {container} asks for nothing"),
        Lack::RequestsNothing => "its pods ask for nothing".to_owned(),
        Lack::NoContainer => "there is no such container".to_owned(),
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
        Autoscaler::CannotJudge { invalid, metrics, lack } => {
            Detail::new("Which metrics", "computeReplicasForMetrics")
                .row("all of them", "spec.metrics", metrics)
                .row("that say nothing", lacks(lack), invalid)
        }
        Autoscaler::Scales(judgement) | Autoscaler::Keeps(judgement) => sum(judgement),
        Autoscaler::LooksRegularly
        | Autoscaler::TargetIsMissing
        | Autoscaler::TargetIsOff
        | Autoscaler::SharesItsPods { .. }
        | Autoscaler::TargetHasNoSelector => Detail::default(),
    }
}

fn sum(judgement: &Judgement) -> Detail {
    let Judgement { sum, resource, .. } = judgement;
    let mut detail = Detail::new("How many", "GetResourceReplicas").row("pods", "that count", sum.pods);
    if sum.unready > 0 {
        detail = detail.row("not ready", "of these, as if they used nothing", sum.unready);
    }
    if sum.missing > 0 {
        detail = detail.row("not measured", "of these, as what changes least", sum.missing);
    }
    let used = match sum.verdict {
        Verdict::Computed => "each, on average",
        Verdict::WithinTolerance => "each, on average: within the tolerance",
        Verdict::WouldTurn => "each, on average: with these it would turn",
    };
    detail = detail.row(resource.clone(), used, sum.used).row("target", "spec.metrics", sum.target);
    detail = match sum.verdict {
        Verdict::Computed => detail.row("asked for", sum.to_string(), sum.replicas),
        Verdict::WithinTolerance | Verdict::WouldTurn => detail.row("asked for", "as they are", sum.replicas),
    };
    if judgement.stabilized != sum.replicas {
        detail = detail.row("asked for lately", "within the stabilization window", judgement.stabilized);
    }
    let limit = match judgement.limit {
        Limit::WithinRange => "as asked for",
        Limit::ScaleUpLimit => "grows no faster",
        Limit::ScaleDownLimit => "shrinks no faster",
        Limit::TooManyReplicas => "spec.maxReplicas",
        Limit::TooFewReplicas => "spec.minReplicas",
    };
    detail.row("replicas", format!("{limit}, was {}", judgement.current), judgement.desired)
}

/// The manifest fields that decided.
pub(super) fn fields(fact: &Autoscaler) -> &'static [&'static str] {
    match fact {
        Autoscaler::KeepsWithinLimits { .. } => &["spec.minReplicas", "spec.maxReplicas"],
        Autoscaler::HasNoMetrics { .. } | Autoscaler::CannotJudge { .. } => &["spec.metrics"],
        Autoscaler::TargetIsMissing
        | Autoscaler::TargetIsOff
        | Autoscaler::SharesItsPods { .. }
        | Autoscaler::TargetHasNoSelector => &["spec.scaleTargetRef"],
        Autoscaler::Scales(judgement) | Autoscaler::Keeps(judgement) => match judgement.limit {
            Limit::TooManyReplicas => &["spec.maxReplicas", "spec.metrics"],
            Limit::TooFewReplicas => &["spec.minReplicas", "spec.metrics"],
            Limit::ScaleUpLimit | Limit::ScaleDownLimit => &["spec.behavior", "spec.metrics"],
            Limit::WithinRange => &["spec.metrics"],
        },
        Autoscaler::LooksRegularly => &[],
    }
}
