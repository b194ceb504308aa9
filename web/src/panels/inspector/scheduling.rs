//! The scheduler's table: what each filter said of each node, and the points that each score gave it.

use std::rc::Rc;

use kubestep_core::engine::Step;
use kubestep_core::narration;
use kubestep_core::why::Why;
use kubestep_core::why::scheduler::{
    FilterPlugin, NodeResult, NodeRow, Points, Scheduler, ScorePlugin, Verdict,
};
use yew::prelude::*;

use crate::stage::sprite::Glyph;

/// What the table shows.
#[derive(Properties, PartialEq)]
pub(super) struct SchedulingProps {
    /// What the scheduler found.
    pub verdict: Rc<Verdict>,
}

/// What the scheduler found about nodes, if the step is about that.
pub(super) fn verdict(step: &Step) -> Option<Rc<Verdict>> {
    match &step.why {
        Why::Scheduler(Scheduler::Fits(verdict) | Scheduler::FitsNowhere(verdict)) => Some(verdict.clone()),
        _ => None,
    }
}

/// What a filter said of a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Said {
    Passes,
    Rejects,
    /// An earlier one had rejected it.
    NotAsked,
}

/// A row for each filter and score, a column for each node; what speaks against nodes in words below.
#[component]
pub(super) fn Scheduling(props: &SchedulingProps) -> Html {
    let verdict = &*props.verdict;
    if verdict.rows.is_empty() {
        return html! { <p class="empty-note">{ "There is no node to look at." }</p> };
    }
    let is_scored = verdict.rows.iter().any(|row| points(row).is_some());
    let title = if verdict.chosen.is_some() { "Which node" } else { "Why no node" };
    html! {
        <div class="rule sched">
            <div class="hd"><span>{ title }</span><span class="mono">{ counted(verdict) }</span></div>
            <div class="sched-table" tabindex="0" role="region" aria-label="Nodes by filters and scores">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{ "Filter" }</th>
                            { for verdict.rows.iter().map(|row| html! {
                                <th scope="col" class={chosen(verdict, row)}>{ &*row.node }</th>
                            }) }
                        </tr>
                    </thead>
                    <tbody>{ for FilterPlugin::ALL.into_iter().map(|plugin| filter(plugin, verdict)) }</tbody>
                    if is_scored {
                        <tbody>
                            <tr class="group">
                                <th scope="rowgroup">{ "Score" }</th>
                                <td colspan={verdict.rows.len().to_string()}>{ "points × weight = what counts" }</td>
                            </tr>
                            { for ScorePlugin::ALL.into_iter().filter_map(|plugin| score(plugin, verdict)) }
                        </tbody>
                    }
                    <tbody>{ outcome(verdict) }</tbody>
                </table>
            </div>
            { words(verdict) }
        </div>
    }
}

/// `2 of 3 nodes pass, attempt 1`
fn counted(verdict: &Verdict) -> String {
    let attempt = if verdict.attempt > 1 { format!(", attempt {}", verdict.attempt) } else { String::new() };
    format!("{} of {} pass{attempt}", verdict.feasible, verdict.nodes)
}

fn chosen(verdict: &Verdict, row: &NodeRow) -> Option<&'static str> {
    (verdict.chosen.as_ref() == Some(&row.node)).then_some("chosen")
}

fn points(row: &NodeRow) -> Option<Points> {
    match &row.result {
        NodeResult::Scored(points) => Some(*points),
        NodeResult::Rejected(_) | NodeResult::OnlyOne => None,
    }
}

fn said(plugin: FilterPlugin, row: &NodeRow) -> Said {
    let NodeResult::Rejected(rejection) = &row.result else { return Said::Passes };
    match plugin.cmp(&rejection.plugin()) {
        std::cmp::Ordering::Less => Said::Passes,
        std::cmp::Ordering::Equal => Said::Rejects,
        std::cmp::Ordering::Greater => Said::NotAsked,
    }
}

fn filter(plugin: FilterPlugin, verdict: &Verdict) -> Html {
    let cell = |row: &NodeRow| {
        let (glyph, class, words) = match said(plugin, row) {
            Said::Passes => ("ready", "is-ok", "passes"),
            Said::Rejects => ("fail", "is-fail", "rejects"),
            Said::NotAsked => return html! { <td><span class="sr">{ "not asked" }</span>{ "–" }</td> },
        };
        html! { <td class={class}><Glyph name={glyph} size={12} /><span class="sr">{ words }</span></td> }
    };
    html! {
        <tr><th scope="row">{ plugin.name() }</th>{ for verdict.rows.iter().map(cell) }</tr>
    }
}

/// The points of a score; nothing where it says nothing about the pod.
fn score(plugin: ScorePlugin, verdict: &Verdict) -> Option<Html> {
    let of = |row: &NodeRow| points(row).and_then(|points| points.of[plugin as usize]);
    if verdict.rows.iter().all(|row| of(row).is_none()) {
        return None;
    }
    let weight = plugin.weight();
    let cell = |row: &NodeRow| match of(row) {
        None => html! { <td>{ "–" }</td> },
        Some(points) => html! {
            <td><small>{ format!("{points} × {weight} = ") }</small>{ u32::from(points) * weight }</td>
        },
    };
    Some(html! {
        <tr><th scope="row">{ plugin.name() }</th>{ for verdict.rows.iter().map(cell) }</tr>
    })
}

/// The last row: the sum of the points, and what became of each node.
fn outcome(verdict: &Verdict) -> Html {
    let cell = |row: &NodeRow| {
        let is_chosen = verdict.chosen.as_ref() == Some(&row.node);
        let total = points(row).map(|points| points.total);
        let words = match &row.result {
            _ if is_chosen => "chosen",
            NodeResult::Rejected(_) => "rejected",
            NodeResult::Scored(_) | NodeResult::OnlyOne => "passes",
        };
        html! {
            <td class={chosen(verdict, row)}>
                if let Some(total) = total { <b>{ total }</b>{ " " } }
                { words }
            </td>
        }
    };
    html! { <tr class="total"><th scope="row">{ "Total" }</th>{ for verdict.rows.iter().map(cell) }</tr> }
}

/// What speaks against each node, with its numbers; and the message that the pod's condition gets.
fn words(verdict: &Verdict) -> Html {
    let rejected = verdict.rows.iter().filter_map(|row| match &row.result {
        NodeResult::Rejected(rejection) => Some(html! {
            <li><b>{ &*row.node }</b>{ " " }{ narration::rejected(rejection) }</li>
        }),
        NodeResult::Scored(_) | NodeResult::OnlyOne => None,
    });
    let left = verdict.nodes as usize - verdict.rows.len().min(verdict.nodes as usize);
    let alone = verdict.rows.iter().any(|row| row.result == NodeResult::OnlyOne);
    html! {
        <ul class="sched-words">
            { for rejected }
            if alone {
                <li>{ "It alone passes every filter: nothing is scored." }</li>
            }
            if left > 0 {
                <li>{ format!("{left} more nodes are not shown: they were not needed, or have fewer points.") }</li>
            }
            if let Some(message) = &verdict.message {
                <li class="mono">{ &**message }</li>
            }
        </ul>
    }
}

#[cfg(test)]
mod tests {
    use kubestep_core::why::scheduler::Rejection;

    use super::*;

    #[test]
    fn filters_before_the_one_that_rejects_passed_and_those_after_it_were_not_asked() {
        let result = NodeResult::Rejected(Rejection::NodeAffinity);
        let row = NodeRow { node: "node-1".into(), result };
        let all = FilterPlugin::ALL.map(|plugin| said(plugin, &row));
        assert_eq!(all[..3], [Said::Passes, Said::Passes, Said::Rejects]);
        assert!(all[3..].iter().all(|said| *said == Said::NotAsked));
        let passed = NodeRow { result: NodeResult::OnlyOne, ..row };
        assert!(FilterPlugin::ALL.iter().all(|plugin| said(*plugin, &passed) == Said::Passes));
    }
}
