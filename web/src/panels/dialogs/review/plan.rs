//! A rollout before it is begun: its arithmetic, and what it would pass through.

use kubestep_core::story::forecast::{End, Rollout, Rules};
use yew::prelude::*;

/// The rollout.
#[derive(Properties, PartialEq)]
pub(super) struct PlanProps {
    /// What was foreseen.
    pub rollout: Rollout,
}

/// The sums of a rollout, and what it would pass through.
#[component]
pub(super) fn Plan(props: &PlanProps) -> Html {
    let rollout = &props.rollout;
    let title = format!("Rollout of {}", rollout.deployment.name);
    html! {
        <section class="plan" aria-label={title.clone()}>
            <div class="rule" tabindex="0" role="group" aria-label={format!("{title}: how far it may go")}>
                <div class="hd"><b>{ title }</b><span class="mono">{ "predicted" }</span></div>
                <div class="sum">
                    { for sums(&rollout.rules).iter().map(|sum| html! {
                        <><span>{ sum.name }</span><span>{ &sum.sum }</span><span><b>{ &sum.result }</b></span></>
                    }) }
                </div>
            </div>
            { for told(rollout).iter().map(|words| html! { <p>{ words }</p> }) }
        </section>
    }
}

/// One line of arithmetic: "ceiling", "3 + 1", "4".
#[derive(Debug, PartialEq, Eq)]
struct Sum {
    name: &'static str,
    sum: String,
    result: String,
}

fn sums(rules: &Rules) -> Vec<Sum> {
    let sum = |name, sum: String, result: i32| Sum { name, sum, result: result.to_string() };
    if !rules.is_rolling {
        return vec![sum(
            "Recreate",
            format!("all {} old pods go before the first new one comes", rules.replicas),
            0,
        )];
    }
    let share = |(written, number): &(String, i32), how: &str| match written
        .strip_suffix('%')
        .and_then(|percent| percent.parse::<i64>().ok())
    {
        Some(percent) => {
            let hundredths = percent * i64::from(rules.replicas);
            let (whole, rest) = (hundredths / 100, hundredths % 100);
            let exact = if rest == 0 { whole.to_string() } else { format!("{whole}.{rest:02}") };
            let exact = if rest == 0 { exact } else { exact.trim_end_matches('0').to_owned() };
            let rounded = if rest == 0 { String::new() } else { format!(", rounded {how}") };
            format!("{percent}% of {} = {exact}{rounded}", rules.replicas)
        }
        None => format!("{number} as written"),
    };
    let mut all = vec![sum("maxSurge", share(&rules.surge, "up"), rules.surge.1)];
    let is_moved =
        rules.surge.1 == 0 && share_of(&rules.unavailable.0, rules.replicas) == 0 && rules.unavailable.1 == 1;
    let unavailable = if is_moved {
        "0, but with both 0 nothing could move".to_owned()
    } else {
        share(&rules.unavailable, "down")
    };
    all.push(sum("maxUnavailable", unavailable, rules.unavailable.1));
    all.push(sum("ceiling", format!("{} + {}", rules.replicas, rules.surge.1), rules.ceiling()));
    all.push(sum("floor", format!("{} - {}", rules.replicas, rules.unavailable.1), rules.floor()));
    all
}

/// The written number, or percentage rounded down.
fn share_of(written: &str, replicas: i32) -> i64 {
    match written.strip_suffix('%').and_then(|percent| percent.parse::<i64>().ok()) {
        Some(percent) => percent * i64::from(replicas) / 100,
        None => written.parse().unwrap_or(0),
    }
}

/// What it would pass through, in sentences.
fn told(rollout: &Rollout) -> Vec<String> {
    let mut told = vec![match &rollout.end {
        End::Complete => format!("Complete after {} steps, in {}.", rollout.steps, rollout.took),
        End::Stuck(words) => {
            format!("It comes to a stand: after {} the Deployment says: {words}", rollout.took)
        }
        End::Unknown => format!(
            "Not over after {} steps and {}: it was followed no further.",
            rollout.steps, rollout.took
        ),
    }];
    let beside = match rollout.most_terminating {
        0 => String::new(),
        count => format!(", and up to {count} terminating beside them"),
    };
    told.push(format!(
        "Never fewer than {} available, never more than {}{beside}.",
        rollout.fewest_available,
        if rollout.most_pods == 1 { "1 pod".to_owned() } else { format!("{} pods", rollout.most_pods) },
    ));
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(replicas: i32, surge: (&str, i32), unavailable: (&str, i32)) -> Vec<String> {
        let rules = Rules {
            replicas,
            is_rolling: true,
            surge: (surge.0.to_owned(), surge.1),
            unavailable: (unavailable.0.to_owned(), unavailable.1),
        };
        sums(&rules).into_iter().map(|sum| format!("{}: {} = {}", sum.name, sum.sum, sum.result)).collect()
    }

    #[test]
    fn percentages_are_rounded_where_everybody_sees_it() {
        let expected = [
            "maxSurge: 25% of 3 = 0.75, rounded up = 1",
            "maxUnavailable: 25% of 3 = 0.75, rounded down = 0",
            "ceiling: 3 + 1 = 4",
            "floor: 3 - 0 = 3",
        ];
        assert_eq!(lines(3, ("25%", 1), ("25%", 0)), expected);
        assert_eq!(
            lines(10, ("50%", 5), ("2", 2))[..2],
            ["maxSurge: 50% of 10 = 5 = 5", "maxUnavailable: 2 as written = 2"]
        );
        assert_eq!(
            lines(3, ("0", 0), ("25%", 1))[1],
            "maxUnavailable: 0, but with both 0 nothing could move = 1"
        );
    }
}
