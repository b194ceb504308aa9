//! Below the stations: what is behind the one that was reached last, and what the deletion cost.

use std::rc::Rc;

use kubestep_core::engine::StepId;
use kubestep_core::story::Deletion;
use kubestep_core::story::deletion::{Fact, Outcome, Stop, Told as ProxyTold};
use kubestep_core::time::Time;
use yew::prelude::*;

use crate::model::message::{Go, Message};
use crate::model::rail::Told;
use crate::stage::sprite::Glyph;

/// What the foot shows.
#[derive(Properties, PartialEq)]
pub(super) struct FootProps {
    /// The deletion.
    pub told: Rc<Told>,
    /// The station that was reached last.
    pub place: Option<Stop>,
    /// Where to report to.
    pub on: Callback<Message>,
}

/// The foot.
#[component]
pub(super) fn Foot(props: &FootProps) -> Html {
    let deletion = &props.told.deletion;
    html! {
        <>
            { for props.place.and_then(|place| behind(deletion, place, &props.on)) }
            <div class="pfoots">
                { sums(deletion, props.told.lost) }
                { for props.told.other.as_ref().map(|other| sums(&other.deletion, other.lost)) }
            </div>
        </>
    }
}

/// What else belongs to a station: the node that the replacement got, each proxy with its own lag, the last refusal.
fn behind(deletion: &Deletion, place: Stop, on: &Callback<Message>) -> Option<Html> {
    let Outcome::Reached { fact, at, .. } = &deletion.station(place).outcome else { return None };
    match fact {
        Fact::Endpoints { told, .. } if !told.is_empty() => Some(html! {
            <div class="pbehind">{ "Rules written: " }{ for told.iter().map(|told| proxy(told, *at, on)) }</div>
        }),
        Fact::Replacement { pod, bound: Some((node, step)) } => {
            let words = format!("{pod} bound to {node}");
            Some(html! { <div class="pbehind">{ "Scheduler: " }{ way_to(*step, words, on) }</div> })
        }
        Fact::Accepted { refusals: 1.., last } => {
            Some(html! { <div class="pbehind">{ "Refused before: " }{ &**last }</div> })
        }
        _ => None,
    }
}

fn proxy(told: &ProxyTold, since: Time, on: &Callback<Message>) -> Html {
    let lag = told.at.since(since).as_seconds();
    way_to(told.step, format!("{} after {lag:.3} s", told.node), on)
}

fn way_to(step: StepId, words: String, on: &Callback<Message>) -> Html {
    let onclick = on.reform(move |_: MouseEvent| Message::Go(Go::To(step)));
    html! { <button class="objref" type="button" {onclick}>{ words }</button> }
}

fn sums(deletion: &Deletion, lost: Option<u64>) -> Html {
    let began = deletion.station(Stop::Requested).at().unwrap_or(Time::ZERO);
    let total = deletion.ends().map(|end| format!("{:.1} s", end.since(began).as_seconds()));
    let (stop, is_sure) = container_stop(deletion);
    html! {
        <div class="pfoot">
            if let Some(lost) = lost {
                <dl><dt>{ "Failed requests" }</dt><dd class={(lost > 0).then_some("bad")}>{ lost }</dd></dl>
            }
            if let Some(total) = total { <dl><dt>{ "Total" }</dt><dd>{ total }</dd></dl> }
            <dl>
                <dt>{ "Container stop" }</dt>
                <dd class={(!is_sure).then_some("unsure")}>
                    if !is_sure { <Glyph name="unknown" size={12} /> }{ stop }
                </dd>
            </dl>
        </div>
    }
}

/// Whether the API knew that the processes had ended when it let the object go.
fn container_stop(deletion: &Deletion) -> (&'static str, bool) {
    match &deletion.station(Stop::Removed).outcome {
        Outcome::Reached { fact: Fact::Removal { runs_on: true, .. }, .. } => ("assumed", false),
        Outcome::Reached { .. } => ("observed", true),
        Outcome::Held(_) | Outcome::Ahead | Outcome::Skipped(_) => ("awaited", false),
    }
}
