//! How much CPU a process uses over time, as its pod's annotations say: `100m, 900m after 30s`.
//!
//! ```text
//! 100m, 900m after 30s   and a limit of 500m   ->  100m, from 30 s after its start on 500m: it is throttled
//! ```

use k8s_openapi::api::core::v1::Container;

use super::behaviour::{self, PREFIX};
use super::usage;
use crate::api::{Labels, quantity};
use crate::time::Duration;

/// The annotation.
pub(super) const NAME: &str = "cpu";

/// What a process uses whose pod does not say, in thousandths of a core.
const USUAL: i64 = 1;

/// The most that an annotation may name: a million cores.
const MOST: i64 = 1_000_000_000;

/// What a process uses, and what it may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CpuUse {
    /// Thousandths of a core from each moment after its start on, in the order of time.
    wanted: Vec<(Duration, i64)>,
    /// `resources.limits.cpu`, in thousandths of a core.
    limit: Option<i64>,
}

impl CpuUse {
    /// What the process in `container` uses. An annotation that says nothing counts as absent.
    pub fn of(annotations: &Labels, container: &Container) -> CpuUse {
        let said = behaviour::look_up(annotations, NAME, &container.name);
        let limits = container.resources.as_ref().and_then(|resources| resources.limits.as_ref());
        CpuUse {
            wanted: said.and_then(|text| read(text).ok()).unwrap_or_default(),
            limit: limits.and_then(|limits| limits.get("cpu")).map(|limit| quantity::amount("cpu", limit)),
        }
    }

    /// What it used between two moments after its start, on average, in billionths of a core: what it may at most.
    pub fn average(&self, from: Duration, to: Duration) -> i64 {
        let known = self.wanted.iter().rev().find(|(moment, _)| *moment <= from);
        let mut level = self.allowed(known.map_or(USUAL, |(_, amount)| *amount));
        let (mut since, mut sum) = (from, 0);
        for (moment, amount) in self.wanted.iter().filter(|(moment, _)| from < *moment && *moment < to) {
            sum += i128::from(level) * i128::from(moment.0 - since.0);
            (since, level) = (*moment, self.allowed(*amount));
        }
        let span = i128::from(to.0.saturating_sub(from.0));
        sum += i128::from(level) * i128::from(to.0.saturating_sub(since.0));
        let billionths = (sum * 1_000_000).checked_div(span).unwrap_or_default();
        i64::try_from(billionths).unwrap_or(i64::MAX)
    }

    /// A process that wants more than its limit is throttled to it.
    fn allowed(&self, wanted: i64) -> i64 {
        self.limit.map_or(wanted, |limit| wanted.min(limit))
    }
}

/// Whether a pod says how much CPU its containers use.
pub fn says_cpu(annotations: &Labels) -> bool {
    let names = annotations.keys().filter_map(|key| key.strip_prefix(PREFIX));
    names.map(|name| name.split('.').next()).any(|name| name == Some(NAME))
}

/// Reads an annotation: thousandths of a core from each moment on, in the order of time.
///
/// # Errors
/// What is wrong with it.
pub(super) fn read(text: &str) -> Result<Vec<(Duration, i64)>, String> {
    usage::amounts(text, "900m after 30s", |thousandths| {
        i64::try_from(thousandths).ok().filter(|thousandths| *thousandths <= MOST)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use k8s_openapi::api::core::v1::ResourceRequirements;
    use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

    use super::*;

    fn used(text: &str, limit: Option<&str>, from: u64, to: u64) -> i64 {
        let annotations: Labels = [("sim.kubestep.dev/cpu".to_owned(), text.to_owned())].into();
        let limits = limit.map(|limit| BTreeMap::from([("cpu".to_owned(), Quantity(limit.to_owned()))]));
        let resources = ResourceRequirements { limits, ..ResourceRequirements::default() };
        let container = Container { resources: Some(resources), ..Container::default() };
        let average = CpuUse::of(&annotations, &container)
            .average(Duration::from_seconds(from), Duration::from_seconds(to));
        average / 1_000_000
    }

    #[test]
    fn what_is_used_is_an_average_over_the_time_between_two_readings() {
        let text = "100m, 900m after 30s";
        assert_eq!(used(text, None, 0, 15), 100);
        assert_eq!(used(text, None, 30, 45), 900);
        // 10 s of 100m, then 5 s of 900m.
        assert_eq!(used(text, None, 20, 35), 366);
        assert_eq!(used("2 after 10s", None, 0, 10), USUAL);
        assert_eq!(used("nothing", None, 0, 15), USUAL);
        assert_eq!(used(text, None, 40, 40), 0);
    }

    #[test]
    fn a_limit_throttles() {
        let text = "100m, 900m after 30s";
        assert_eq!(used(text, Some("500m"), 0, 15), 100);
        assert_eq!(used(text, Some("500m"), 45, 60), 500);
        assert_eq!(used(text, Some("0.5"), 25, 35), 300);
    }

    #[test]
    fn memory_is_no_cpu() {
        assert!(read("64Mi").is_err());
        assert!(read("-1").is_err());
        assert_eq!(
            read("1, 1.5 after 5s"),
            Ok(vec![(Duration::ZERO, 1000), (Duration::from_seconds(5), 1500)])
        );
    }

    #[test]
    fn annotations_about_cpu_are_told_from_others() {
        let says = |key: &str| says_cpu(&[(key.to_owned(), "1".to_owned())].into());
        assert!(says("sim.kubestep.dev/cpu") && says("sim.kubestep.dev/cpu.web"));
        assert!(!says("sim.kubestep.dev/cpus") && !says("sim.kubestep.dev/memory") && !says("cpu"));
    }
}
