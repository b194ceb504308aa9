//! Below the stations: what is behind the one that was reached last, where two worlds part, and what it cost.

use std::rc::Rc;

use kubestep_core::engine::StepId;
use kubestep_core::narration::rail::Line;
use kubestep_core::story::deletion::{Fact, Outcome, Stop, Told as ProxyTold};
use kubestep_core::story::{Deletion, Rail as Story, Subject, drain};
use kubestep_core::time::Time;
use yew::prelude::*;

use super::began;
use crate::model::message::{Go, Message};
use crate::model::rail::{Other, RailMessage, Told};
use crate::stage::sprite::Glyph;

/// What the foot shows.
#[derive(Properties, PartialEq)]
pub(super) struct FootProps {
    /// What is told.
    pub told: Rc<Told>,
    /// The place of the station that was reached last.
    pub place: Option<usize>,
    /// Where to report to.
    pub on: Callback<Message>,
}

/// The foot.
#[component]
pub(super) fn Foot(props: &FootProps) -> Html {
    let told = &props.told;
    html! {
        <>
            { for props.place.and_then(|place| behind(told, place, &props.on)) }
            { for told.other.as_ref().map(|other| parting(other, &props.on)) }
            <div class="pfoots">
                { sums(Some(&told.story), &told.lines, told.lost, true) }
                { for told.other.as_ref().map(|other| sums(other.story.as_ref(), &other.lines, other.lost, false)) }
            </div>
        </>
    }
}

/// What else belongs to a station: the node that the replacement got, each proxy with its own lag, the last refusal, the rail
/// that tells more.
fn behind(told: &Told, place: usize, on: &Callback<Message>) -> Option<Html> {
    match &told.story {
        Story::Deletion(deletion) => behind_deletion(deletion, *Stop::ALL.get(place)?, on),
        Story::Drain(of) => match &of.stations.get(place)?.stop {
            drain::Stop::Refused { message, .. } => {
                Some(html! { <div class="pbehind">{ "429: " }{ &**message }</div> })
            }
            drain::Stop::GivenUp { message } => Some(html! { <div class="pbehind">{ &**message }</div> }),
            _ => {
                let pod = told.lines.get(place)?.pod?;
                let open =
                    on.reform(move |_: MouseEvent| Message::Rail(RailMessage::Open(Subject::Deletion(pod))));
                Some(html! {
                    <div class="pbehind">
                        <button class="objref" type="button" onclick={open}>{ "Its deletion in ten stations" }</button>
                    </div>
                })
            }
        },
        Story::Rollout(_) | Story::Outage(_) => None,
    }
}

fn behind_deletion(deletion: &Deletion, stop: Stop, on: &Callback<Message>) -> Option<Html> {
    let Outcome::Reached { fact, at, .. } = &deletion.station(stop).outcome else { return None };
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

/// Where both worlds part, and what kubectl warns of in the other one.
fn parting(other: &Other, on: &Callback<Message>) -> Html {
    let warning = match &other.story {
        Some(Story::Deletion(deletion)) => deletion.warning.clone(),
        _ => None,
    };
    html! {
        <>
            if let Some(differs) = &other.differs {
                <div class="pbehind pdiffers">
                    { way_to(differs.step, format!("Step {}", differs.step.0 + 1), on) }
                    <span class="ell" title={format!("Here {}\nThere {}", differs.here, differs.there)}>
                        { if differs.there.is_empty() { "is the first that is not there." } else { "is the first that differs: " } }
                        { &*differs.there }
                    </span>
                </div>
            }
            if let Some(warning) = warning { <div class="pbehind pwarns"><span>{ "kubectl: " }{ &*warning }</span></div> }
        </>
    }
}

/// The narrow column beside has no room for the total, which stands in its head.
fn sums(story: Option<&Story>, lines: &[Line], lost: Option<u64>, has_room: bool) -> Html {
    let began = began(lines);
    let end = lines.iter().filter_map(Line::at).max();
    let total = end.map(|end| format!("{:.1} s", end.since(began).as_seconds()));
    html! {
        <div class="pfoot">
            if let Some(lost) = lost {
                <dl><dt>{ "Failed" }<span class={(!has_room).then_some("sr")}>{ " requests" }</span></dt><dd class={(lost > 0).then_some("bad")}>{ lost }</dd></dl>
            }
            if let Some(total) = total.filter(|_| has_room || lost.is_none()) { <dl><dt>{ "Total" }</dt><dd>{ total }</dd></dl> }
            if let Some(Story::Deletion(deletion)) = story { { container_stop(deletion, has_room) } }
        </div>
    }
}

/// Whether the API knew that the processes had ended when it let the object go, and for how long they ran on if it did not.
fn container_stop(deletion: &Deletion, has_room: bool) -> Html {
    let (words, is_sure) = match &deletion.station(Stop::Removed).outcome {
        Outcome::Reached { fact: Fact::Removal { runs_on: true, .. }, at, .. } => {
            let cleaned = deletion.station(Stop::CleanedUp).at();
            let ran_on = cleaned.map(|end| format!("ran on {:.1} s", end.since(*at).as_seconds()));
            (ran_on.unwrap_or_else(|| "still runs".to_owned()), false)
        }
        Outcome::Reached { .. } => ("observed".to_owned(), true),
        Outcome::Held(_) | Outcome::Ahead | Outcome::Skipped(_) => ("awaited".to_owned(), true),
    };
    let whole = if is_sure { words.clone() } else { format!("assumed, {words}") };
    html! {
        <dl>
            <dt>{ "Container stop" }</dt>
            <dd class={(!is_sure).then_some("unsure")} title={whole.clone()}>
                if !is_sure { <Glyph name="unknown" size={12} /> }
                <span class="ell">{ if has_room { whole } else { words } }</span>
            </dd>
        </dl>
    }
}
