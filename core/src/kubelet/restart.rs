//! Whether an ended container starts again, and how long that waits.
//!
//! The first restart comes at once, the next ones after 10, 20, 40 … 300 s, counted from the exit; ten quiet
//! minutes forget it all. Upstream: `k8s.io/client-go/util/flowcontrol/backoff.go`,
//! `pkg/kubelet/container/helpers.go`.

use k8s_openapi::api::core::v1 as core;

use crate::time::{Duration, Time};

/// The first wait.
pub const FIRST: Duration = Duration::from_seconds(10);

/// The longest wait.
pub const LONGEST: Duration = Duration::from_seconds(300);

/// A back-off that was not used for this long is forgotten: twice the longest wait.
const FORGOTTEN_AFTER: Duration = Duration::from_seconds(600);

/// How long the next attempt waits, and since when that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackOff {
    /// The wait.
    pub delay: Duration,
    /// When it was last raised.
    pub updated: Time,
}

impl BackOff {
    /// The wait after one more failure at `now`; `event` is what the quiet time is measured to.
    pub fn raised(known: Option<BackOff>, event: Time, now: Time) -> BackOff {
        let delay = match known {
            Some(known) if !known.is_forgotten(event) => {
                Duration(known.delay.0.saturating_mul(2)).min(LONGEST)
            }
            _ => FIRST,
        };
        BackOff { delay, updated: now }
    }

    /// When the wait that began with `event` ends, if it has not yet at `now`.
    pub fn ends(known: Option<BackOff>, event: Time, now: Time) -> Option<Time> {
        let known = known.filter(|known| !known.is_forgotten(event))?;
        let ends = event + known.delay;
        (now < ends).then_some(ends)
    }

    fn is_forgotten(&self, event: Time) -> bool {
        event.since(self.updated) > FORGOTTEN_AFTER
    }
}

/// Whether a regular container starts again after `code`: its own rules, its own policy, its pod's policy.
pub fn restarts(pod: &core::PodSpec, container: &core::Container, code: i32) -> bool {
    for rule in container.restart_policy_rules.iter().flatten() {
        let Some(codes) = &rule.exit_codes else { continue };
        let is_listed = codes.values.iter().flatten().any(|listed| *listed == code);
        if is_listed == (codes.operator == "In") {
            return rule.action == "Restart";
        }
    }
    match container.restart_policy.as_deref().or(pod.restart_policy.as_deref()) {
        Some("Never") => false,
        Some("OnFailure") => code != 0,
        _ => true,
    }
}

/// Whether a regular init container starts again after `code`; one that succeeded never does.
pub fn restarts_init(pod: &core::PodSpec, code: i32) -> bool {
    code != 0 && pod.restart_policy.as_deref() != Some("Never")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_waits_double_from_ten_seconds_to_five_minutes() {
        let mut known = None;
        let mut waits = Vec::new();
        let mut now = Time::ZERO;
        for _ in 0..7 {
            known = Some(BackOff::raised(known, now, now));
            let delay = known.map_or(Duration::ZERO, |known| known.delay);
            waits.push(delay.whole_seconds());
            now = now + delay;
        }
        assert_eq!(waits, [10, 20, 40, 80, 160, 300, 300]);
    }

    #[test]
    fn ten_quiet_minutes_forget_it() {
        let known = BackOff { delay: LONGEST, updated: Time::ZERO };
        let exit = Time::ZERO + Duration::from_seconds(601);
        assert_eq!(BackOff::ends(Some(known), exit, exit), None);
        assert_eq!(BackOff::raised(Some(known), exit, exit).delay, FIRST);
    }

    #[test]
    fn a_containers_rules_come_before_its_policy_and_that_before_its_pods() {
        let pod = core::PodSpec { restart_policy: Some("OnFailure".into()), ..Default::default() };
        let plain = core::Container::default();
        assert!(restarts(&pod, &plain, 1) && !restarts(&pod, &plain, 0));
        let never = core::Container { restart_policy: Some("Never".into()), ..Default::default() };
        assert!(!restarts(&pod, &never, 1));
        let rule = core::ContainerRestartRule {
            action: "Restart".into(),
            exit_codes: Some(core::ContainerRestartRuleOnExitCodes {
                operator: "In".into(),
                values: Some(vec![42]),
            }),
        };
        let ruled = core::Container { restart_policy_rules: Some(vec![rule]), ..never };
        assert!(restarts(&pod, &ruled, 42) && !restarts(&pod, &ruled, 1));
    }
}
