//! How far a size may follow its metrics: not below what was asked for lately, not too fast, not beyond its limits.
//! Upstream: `pkg/controller/podautoscaler/horizontal.go`, `normalizeDesiredReplicas` and what it is with a `behavior`.
//!
//! ```text
//! 9 replicas, 3 asked for, 9 asked for 200 s ago     ->  9 for now: the highest of the last 300 s counts
//! 3 replicas, 9 asked for, without a behavior        ->  6 for now: at most twice as many at a time, or 4
//! ```

use k8s_openapi::api::autoscaling::v2 as api;

use super::memory::History;
use crate::time::{Duration, Time};
use crate::why::autoscaler::Limit;

/// How long a lower size has to be asked for. Upstream: `horizontal-pod-autoscaler-downscale-stabilization`.
const STABILIZATION_SECONDS: i32 = 300;

/// At most so many times as many replicas at a time. Upstream: `scaleUpLimitFactor`.
const SCALE_UP_FACTOR: f64 = 2.0;

/// So many are always allowed. Upstream: `scaleUpLimitMinimum`.
const SCALE_UP_MINIMUM: f64 = 4.0;

/// A size, and between what it has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) current: i32,
    pub(super) least: i32,
    pub(super) most: i32,
}

impl Bounds {
    /// The most that there may be, where growth leads no further than to `fastest`; and what it is that bounds.
    fn most_at(self, fastest: i32) -> (i32, Limit) {
        if self.most > fastest { (fastest, Limit::ScaleUpLimit) } else { (self.most, Limit::TooManyReplicas) }
    }
}

/// What becomes of a size that metrics ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Limited {
    /// What counts after what was asked for lately.
    pub(super) stabilized: i32,
    /// The reason and message of `AbleToScale`.
    pub(super) ability: (&'static str, &'static str),
    /// The size.
    pub(super) desired: i32,
    /// What kept it from being what counts.
    pub(super) limit: Limit,
}

const READY: (&str, &str) = ("ReadyForNewScale", "recommended size matches current size");
const DOWN_STABILIZED: (&str, &str) = (
    "ScaleDownStabilized",
    "recent recommendations were higher than current one, applying the highest recent recommendation",
);
const UP_STABILIZED: (&str, &str) = (
    "ScaleUpStabilized",
    "recent recommendations were lower than current one, applying the lowest recent recommendation",
);

/// The reason and message of `ScalingLimited`.
pub(super) fn reason(limit: Limit) -> (&'static str, &'static str) {
    match limit {
        Limit::WithinRange => ("DesiredWithinRange", "the desired count is within the acceptable range"),
        Limit::ScaleUpLimit => {
            ("ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate")
        }
        Limit::ScaleDownLimit => {
            ("ScaleDownLimit", "the desired replica count is decreasing faster than the maximum scale rate")
        }
        Limit::TooManyReplicas => {
            ("TooManyReplicas", "the desired replica count is more than the maximum replica count")
        }
        Limit::TooFewReplicas => {
            ("TooFewReplicas", "the desired replica count is less than the minimum replica count")
        }
    }
}

/// Limits what metrics ask for, and remembers it.
pub(super) fn limited(
    behavior: Option<&api::HorizontalPodAutoscalerBehavior>,
    history: &mut History,
    recommended: i32,
    bounds: Bounds,
    now: Time,
) -> Limited {
    let windows = Windows::of(behavior);
    let limited = match behavior {
        None => without_behavior(history, recommended, bounds, windows, now),
        Some(behavior) => with_behavior(behavior, history, recommended, bounds, windows, now),
    };
    history.recommendations.push((now, recommended));
    history.keep(now, windows.up.max(windows.down), longest_period(behavior));
    limited
}

/// Remembers that a size was changed, where policies will ask for it.
pub(super) fn note_change(
    behavior: Option<&api::HorizontalPodAutoscalerBehavior>,
    history: &mut History,
    (current, desired): (i32, i32),
    now: Time,
) {
    if behavior.is_none() {
        return;
    }
    if desired > current {
        history.ups.push((now, desired - current));
    } else {
        history.downs.push((now, current - desired));
    }
}

/// Over how long what was asked for counts.
#[derive(Clone, Copy)]
struct Windows {
    up: Duration,
    down: Duration,
}

impl Windows {
    fn of(behavior: Option<&api::HorizontalPodAutoscalerBehavior>) -> Windows {
        let window = |rules: Option<&api::HPAScalingRules>, usual: i32| {
            let said = rules.and_then(|rules| rules.stabilization_window_seconds);
            seconds(said.unwrap_or(usual))
        };
        let up = behavior.and_then(|behavior| behavior.scale_up.as_ref());
        let down = behavior.and_then(|behavior| behavior.scale_down.as_ref());
        Windows { up: window(up, 0), down: window(down, STABILIZATION_SECONDS) }
    }
}

fn without_behavior(
    history: &History,
    recommended: i32,
    bounds: Bounds,
    windows: Windows,
    now: Time,
) -> Limited {
    let recent = history.recommendations.iter().filter(|(at, _)| now.since(*at) <= windows.down);
    let stabilized = recent.map(|(_, size)| *size).max().unwrap_or(recommended).max(recommended);
    let fastest = (SCALE_UP_FACTOR * f64::from(bounds.current)).max(SCALE_UP_MINIMUM) as i32;
    let (most, limit) = bounds.most_at(fastest);
    let (desired, limit) = if stabilized < bounds.least {
        (bounds.least, Limit::TooFewReplicas)
    } else if stabilized > most {
        (most, limit)
    } else {
        (stabilized, Limit::WithinRange)
    };
    let ability = if stabilized == recommended { READY } else { DOWN_STABILIZED };
    Limited { stabilized, ability, desired, limit }
}

fn with_behavior(
    behavior: &api::HorizontalPodAutoscalerBehavior,
    history: &History,
    recommended: i32,
    bounds: Bounds,
    windows: Windows,
    now: Time,
) -> Limited {
    let since = |window: Duration| {
        let recent = history.recommendations.iter().filter(move |(at, _)| now.since(*at) < window);
        recent.map(|(_, size)| *size)
    };
    let lowest = since(windows.up).min().unwrap_or(recommended).min(recommended);
    let highest = since(windows.down).max().unwrap_or(recommended).max(recommended);
    let stabilized = bounds.current.max(lowest).min(highest);
    let ability = match recommended >= bounds.current {
        _ if stabilized == recommended => READY,
        true => UP_STABILIZED,
        false => DOWN_STABILIZED,
    };
    let current = bounds.current;
    let (desired, limit) = if stabilized > current {
        let fastest = fastest_up(current, history, behavior.scale_up.as_ref(), now).max(current);
        let (most, limit) = bounds.most_at(fastest);
        if stabilized > most { (most, limit) } else { (stabilized, Limit::WithinRange) }
    } else if stabilized < current {
        let fastest = fastest_down(current, history, behavior.scale_down.as_ref(), now).min(current);
        let (least, limit) = if bounds.least < fastest {
            (fastest, Limit::ScaleDownLimit)
        } else {
            (bounds.least, Limit::TooFewReplicas)
        };
        if stabilized < least { (least, limit) } else { (stabilized, Limit::WithinRange) }
    } else {
        (stabilized, Limit::WithinRange)
    };
    Limited { stabilized, ability, desired, limit }
}

/// The size that policies let a target grow to. Upstream: `calculateScaleUpLimitWithScalingRules`.
fn fastest_up(current: i32, history: &History, rules: Option<&api::HPAScalingRules>, now: Time) -> i32 {
    by_policies(current, history, rules, now, true, |start, policy| match policy.type_.as_str() {
        "Pods" => start.saturating_add(policy.value),
        // Rounded up, so that one replica may become two.
        _ => (f64::from(start) * (1.0 + f64::from(policy.value) / 100.0)).ceil() as i32,
    })
}

/// The size that policies let a target shrink to. Upstream: `calculateScaleDownLimitWithBehaviors`.
fn fastest_down(current: i32, history: &History, rules: Option<&api::HPAScalingRules>, now: Time) -> i32 {
    by_policies(current, history, rules, now, false, |start, policy| match policy.type_.as_str() {
        "Pods" => start.saturating_sub(policy.value),
        _ => (f64::from(start) * (1.0 - f64::from(policy.value) / 100.0)) as i32,
    })
}

/// The size that the policies of a direction allow: that of the one that changes most, or least.
fn by_policies(
    current: i32,
    history: &History,
    rules: Option<&api::HPAScalingRules>,
    now: Time,
    is_up: bool,
    allows: impl Fn(i32, &api::HPAScalingPolicy) -> i32,
) -> i32 {
    let chosen = rules.and_then(|rules| rules.select_policy.as_deref()).unwrap_or("Max");
    if chosen == "Disabled" {
        return current;
    }
    let sizes = policies(rules).map(|policy| {
        let period = seconds(policy.period_seconds);
        let changed = |changes: &[(Time, i32)]| -> i32 {
            let recent = changes.iter().filter(|(at, _)| now.since(*at) < period);
            recent.fold(0, |sum, (_, change)| sum.saturating_add(*change))
        };
        // What the size was when the period began.
        let start = current.saturating_sub(changed(&history.ups)).saturating_add(changed(&history.downs));
        allows(start, policy)
    });
    let size = if is_up == (chosen != "Min") { sizes.max() } else { sizes.min() };
    size.unwrap_or(current)
}

fn policies(rules: Option<&api::HPAScalingRules>) -> impl Iterator<Item = &api::HPAScalingPolicy> {
    rules.and_then(|rules| rules.policies.as_ref()).into_iter().flatten()
}

fn longest_period(behavior: Option<&api::HorizontalPodAutoscalerBehavior>) -> Duration {
    let rules = behavior.into_iter().flat_map(|it| [it.scale_up.as_ref(), it.scale_down.as_ref()]);
    let periods = rules.flat_map(policies).map(|policy| seconds(policy.period_seconds));
    periods.max().unwrap_or_default()
}

fn seconds(seconds: i32) -> Duration {
    Duration::from_seconds(u64::try_from(seconds).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Time {
        Time::ZERO + Duration::from_seconds(seconds)
    }

    fn bounds(current: i32) -> Bounds {
        Bounds { current, least: 1, most: 20 }
    }

    fn behavior(up: &str, down: &str) -> api::HorizontalPodAutoscalerBehavior {
        let rules = |text: &str| serde_json::from_str(text).unwrap();
        api::HorizontalPodAutoscalerBehavior { scale_up: Some(rules(up)), scale_down: Some(rules(down)) }
    }

    #[test]
    fn the_highest_size_of_the_last_five_minutes_counts() {
        let mut history = History { recommendations: vec![(at(0), 9)], ..History::default() };
        let mut ask = |seconds| limited(None, &mut history, 3, bounds(9), at(seconds));
        let held = ask(15);
        assert_eq!((held.stabilized, held.desired, held.ability), (9, 9, DOWN_STABILIZED));
        assert_eq!(ask(300).desired, 9);
        let freed = ask(301);
        assert_eq!((freed.desired, freed.ability, freed.limit), (3, READY, Limit::WithinRange));
    }

    #[test]
    fn at_most_twice_as_many_or_four_at_a_time() {
        let mut history = History::default();
        let mut ask = |current, wanted| {
            let limited = limited(None, &mut history, wanted, bounds(current), at(0));
            history.recommendations.clear();
            (limited.desired, limited.limit)
        };
        assert_eq!(ask(3, 9), (6, Limit::ScaleUpLimit));
        assert_eq!(ask(1, 9), (4, Limit::ScaleUpLimit));
        assert_eq!(ask(12, 30), (20, Limit::TooManyReplicas));
        assert_eq!(ask(12, 0), (1, Limit::TooFewReplicas));
        assert_eq!(ask(3, 6), (6, Limit::WithinRange));
    }

    #[test]
    fn policies_count_what_changed_within_their_period() {
        let rules = behavior(
            r#"{"stabilizationWindowSeconds": 0, "selectPolicy": "Max", "policies": [{"type": "Pods", "value": 2, "periodSeconds": 60}]}"#,
            r#"{"stabilizationWindowSeconds": 0, "selectPolicy": "Min", "policies": [{"type": "Pods", "value": 4, "periodSeconds": 60}, {"type": "Percent", "value": 50, "periodSeconds": 60}]}"#,
        );
        let mut history = History::default();
        let up = limited(Some(&rules), &mut history, 9, bounds(3), at(0));
        assert_eq!((up.desired, up.limit), (5, Limit::ScaleUpLimit));
        note_change(Some(&rules), &mut history, (3, 5), at(0));
        assert_eq!(limited(Some(&rules), &mut history, 9, bounds(5), at(30)).desired, 5);
        assert_eq!(limited(Some(&rules), &mut history, 9, bounds(5), at(61)).desired, 7);
        // 4 fewer, or half: the smaller change counts.
        let down = limited(Some(&rules), &mut history, 1, bounds(6), at(200));
        assert_eq!((down.desired, down.limit), (3, Limit::ScaleDownLimit));
    }

    #[test]
    fn a_direction_may_be_switched_off_and_growth_may_have_to_last() {
        let rules = behavior(
            r#"{"stabilizationWindowSeconds": 60, "policies": [{"type": "Percent", "value": 900, "periodSeconds": 15}]}"#,
            r#"{"selectPolicy": "Disabled", "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}]}"#,
        );
        let mut history = History { recommendations: vec![(at(0), 2)], ..History::default() };
        let held = limited(Some(&rules), &mut history, 9, bounds(2), at(30));
        assert_eq!((held.desired, held.ability), (2, UP_STABILIZED));
        assert_eq!(limited(Some(&rules), &mut history, 9, bounds(2), at(60)).desired, 9);
        let off = limited(Some(&rules), &mut History::default(), 1, bounds(9), at(60));
        assert_eq!((off.stabilized, off.desired, off.limit), (1, 9, Limit::ScaleDownLimit));
    }
}
