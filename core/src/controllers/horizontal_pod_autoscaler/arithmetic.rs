//! From what pods use to how many there should be. Upstream: `pkg/controller/podautoscaler/replica_calculator.go`.
//!
//! ```text
//! 3 pods ask for 100m each and use 180m; 60 % is wanted:   ceil(3 × 180 % / 60 %) = 9
//! ```
//!
//! Percentages are whole numbers, as upstream's, and ratios floats: what is rounded there is rounded here.

use crate::why::autoscaler::Verdict;

/// How near to 1 a ratio must be for nothing to be done. Upstream: `horizontal-pod-autoscaler-tolerance`.
pub(super) const TOLERANCE: f64 = 0.1;

/// A pod as the arithmetic sees it. Amounts are thousandths of a core, or of a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sample {
    pub(super) standing: Standing,
    /// What it asks for; 0 where that does not matter.
    pub(super) request: i64,
}

/// Whether a pod counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It uses this much.
    Counted(i64),
    /// It is not ready, or has not been for as long as was measured.
    Unready,
    /// Nobody measured it.
    Missing,
    /// It is going away, or has failed.
    Ignored,
}

/// What is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A percentage of what is asked for.
    Utilization(i32),
    /// An amount for each pod.
    AverageValue(i64),
}

/// How far below and above 1 a ratio may be for nothing to be done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tolerances {
    pub(super) down: f64,
    pub(super) up: f64,
}

/// What a metric asks for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Proposal {
    pub(super) replicas: i32,
    /// What the pods that count use of what they ask for, in percent.
    pub(super) percent: Option<i32>,
    /// What each of them uses, on average.
    pub(super) average: i64,
    /// The pods behind the ratio that decided, among them those that say nothing themselves.
    pub(super) pods: u32,
    pub(super) unready: u32,
    pub(super) missing: u32,
    /// In percent, or as an amount: what each of those uses.
    pub(super) used: i64,
    pub(super) verdict: Verdict,
}

impl Tolerances {
    fn allow(self, ratio: f64) -> bool {
        1.0 - self.down <= ratio && ratio <= 1.0 + self.up
    }
}

/// What is used over what should be.
struct Ratio {
    value: f64,
    /// In percent, or as an amount.
    used: i64,
    average: i64,
    pods: u32,
}

impl Target {
    /// The ratio of these pods, each with what it uses and asks for; `None` where percentages have nothing to be of.
    fn ratio(self, pods: impl Iterator<Item = (i64, i64)>) -> Option<Ratio> {
        let (mut used, mut requested, mut count) = (0, 0, 0);
        for (value, request) in pods {
            used += i128::from(value);
            requested += i128::from(request);
            count += 1;
        }
        let average = narrow(used.checked_div(i128::from(count))?);
        let (used, wanted) = match self {
            Target::Utilization(wanted) => (narrow((used * 100).checked_div(requested)?), i64::from(wanted)),
            Target::AverageValue(wanted) => (average, wanted),
        };
        Some(Ratio { value: used as f64 / wanted as f64, used, average, pods: count })
    }

    /// What a pod that nobody measured counts as where there are more than enough: as what it may use.
    fn fallback(self, request: i64) -> i64 {
        match self {
            Target::Utilization(wanted) => narrow(i128::from(request) * i128::from(wanted.max(100)) / 100),
            Target::AverageValue(wanted) => wanted,
        }
    }
}

/// How many replicas a target of `current` should have. `None`: percentages have nothing to be of.
pub(super) fn propose(
    samples: &[Sample],
    target: Target,
    tolerances: Tolerances,
    current: i32,
) -> Option<Proposal> {
    let measured = samples.iter().filter_map(|sample| match sample.standing {
        Standing::Counted(value) => Some((value, sample.request)),
        Standing::Unready | Standing::Missing | Standing::Ignored => None,
    });
    let first = target.ratio(measured)?;
    let count = |standing| samples.iter().filter(|sample| sample.standing == standing).count() as u32;
    let (unready, missing) = (count(Standing::Unready), count(Standing::Missing));
    let proposal = |replicas, verdict, by: &Ratio, unready, missing| Proposal {
        replicas,
        percent: matches!(target, Target::Utilization(_))
            .then(|| i32::try_from(first.used).unwrap_or(i32::MAX)),
        average: first.average,
        pods: by.pods,
        unready,
        missing,
        used: by.used,
        verdict,
    };
    let asks_for_more = first.value > 1.0;
    if (unready == 0 || !asks_for_more) && missing == 0 {
        let verdict =
            if tolerances.allow(first.value) { Verdict::WithinTolerance } else { Verdict::Computed };
        let replicas = if verdict == Verdict::Computed { replicas(&first) } else { current };
        return Some(proposal(replicas, verdict, &first, 0, 0));
    }
    // Pods that say nothing count as what makes the change smaller.
    let filled = samples.iter().filter_map(|sample| match sample.standing {
        Standing::Counted(value) => Some((value, sample.request)),
        Standing::Missing if first.value < 1.0 => Some((target.fallback(sample.request), sample.request)),
        Standing::Missing | Standing::Unready if asks_for_more => Some((0, sample.request)),
        Standing::Missing | Standing::Unready | Standing::Ignored => None,
    });
    let second = target.ratio(filled)?;
    let unready = if asks_for_more { unready } else { 0 };
    let missing = second.pods - first.pods - unready;
    let turns = (first.value < 1.0 && second.value > 1.0) || (asks_for_more && second.value < 1.0);
    let wanted = replicas(&second);
    let is_contrary = (second.value < 1.0 && wanted > current) || (second.value > 1.0 && wanted < current);
    let verdict = if tolerances.allow(second.value) {
        Verdict::WithinTolerance
    } else if turns || is_contrary {
        Verdict::WouldTurn
    } else {
        Verdict::Computed
    };
    let replicas = if verdict == Verdict::Computed { wanted } else { current };
    Some(proposal(replicas, verdict, &second, unready, missing))
}

fn replicas(ratio: &Ratio) -> i32 {
    (ratio.value * f64::from(ratio.pods)).ceil() as i32
}

fn narrow(amount: i128) -> i64 {
    i64::try_from(amount).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Tolerances = Tolerances { down: TOLERANCE, up: TOLERANCE };

    fn samples(standings: &[Standing]) -> Vec<Sample> {
        standings.iter().map(|standing| Sample { standing: *standing, request: 100 }).collect()
    }

    /// What is asked for of pods that ask for 100 each, with a target of 60 %.
    fn asked(standings: &[Standing], current: i32) -> (i32, Verdict) {
        let proposal = propose(&samples(standings), Target::Utilization(60), USUAL, current).unwrap();
        (proposal.replicas, proposal.verdict)
    }

    #[test]
    fn as_many_are_asked_for_as_would_use_what_they_should() {
        assert_eq!(asked(&[Standing::Counted(180); 3], 3), (9, Verdict::Computed));
        assert_eq!(asked(&[Standing::Counted(20); 9], 9), (3, Verdict::Computed));
        assert_eq!(asked(&[Standing::Counted(0); 3], 3), (0, Verdict::Computed));
        // 61 of 60 is 1 % too much, and 66 of 60 exactly a tenth.
        assert_eq!(asked(&[Standing::Counted(61); 3], 3), (3, Verdict::WithinTolerance));
        assert_eq!(asked(&[Standing::Counted(66); 3], 3), (3, Verdict::WithinTolerance));
        assert_eq!(asked(&[Standing::Counted(67); 3], 3), (4, Verdict::Computed));
        assert_eq!(asked(&[Standing::Counted(53); 10], 10), (9, Verdict::Computed));
    }

    #[test]
    fn pods_that_are_not_ready_count_as_using_nothing_where_more_are_asked_for() {
        use Standing::{Counted, Unready};
        // 180 % alone; with the two others 60 %.
        assert_eq!(asked(&[Counted(180), Unready, Unready], 3), (3, Verdict::WithinTolerance));
        assert_eq!(asked(&[Counted(180), Counted(180), Unready], 3), (6, Verdict::Computed));
        // Too little is too little without them.
        assert_eq!(asked(&[Counted(20), Counted(20), Unready], 3), (1, Verdict::Computed));
    }

    #[test]
    fn pods_that_nobody_measured_count_as_what_makes_the_change_smaller() {
        use Standing::{Counted, Missing};
        assert_eq!(asked(&[Counted(180), Counted(180), Missing], 3), (6, Verdict::Computed));
        // 20 % alone; with one at 100 % it is 60 %.
        assert_eq!(asked(&[Counted(20), Missing], 2), (2, Verdict::WithinTolerance));
        assert_eq!(asked(&[Counted(40), Missing, Missing], 3), (3, Verdict::WouldTurn));
        let proposal =
            propose(&samples(&[Counted(180), Missing]), Target::Utilization(60), USUAL, 2).unwrap();
        assert_eq!((proposal.pods, proposal.missing, proposal.used), (2, 1, 90));
        assert_eq!(
            (proposal.percent, proposal.average),
            (Some(180), 180),
            "the status tells of those measured"
        );
    }

    #[test]
    fn pods_that_go_away_do_not_count() {
        use Standing::{Counted, Ignored};
        assert_eq!(asked(&[Counted(180), Ignored, Ignored], 1), (3, Verdict::Computed));
    }

    #[test]
    fn an_amount_may_be_wanted_of_each_pod() {
        let target = Target::AverageValue(500);
        let proposal = propose(&samples(&[Standing::Counted(900); 2]), target, USUAL, 2).unwrap();
        assert_eq!((proposal.replicas, proposal.percent, proposal.average), (4, None, 900));
        let few = propose(&samples(&[Standing::Counted(100), Standing::Missing]), target, USUAL, 2).unwrap();
        assert_eq!((few.replicas, few.used), (2, 300));
    }

    #[test]
    fn a_tolerance_may_be_set_for_each_direction() {
        let target = Target::Utilization(60);
        let exact = Tolerances { down: 0.5, up: 0.0 };
        let up = propose(&samples(&[Standing::Counted(61); 3]), target, exact, 3).unwrap();
        assert_eq!(up.replicas, 4);
        let down = propose(&samples(&[Standing::Counted(31); 3]), target, exact, 3).unwrap();
        assert_eq!((down.replicas, down.verdict), (3, Verdict::WithinTolerance));
    }

    #[test]
    fn a_percentage_of_nothing_is_none_and_huge_amounts_are_cut() {
        let nothing = [Sample { standing: Standing::Counted(5), request: 0 }];
        assert_eq!(propose(&nothing, Target::Utilization(60), USUAL, 1), None);
        assert_eq!(propose(&[], Target::Utilization(60), USUAL, 1), None);
        let huge = [Sample { standing: Standing::Counted(i64::MAX), request: 1 }; 9];
        let proposal = propose(&huge, Target::Utilization(1), USUAL, 9).unwrap();
        assert_eq!((proposal.replicas, proposal.percent), (i32::MAX, Some(i32::MAX)));
    }
}
