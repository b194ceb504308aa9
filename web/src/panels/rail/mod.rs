//! The rail of a deletion, a rollout, a drain or an outage: its stations, where each was reached, what was skipped or held
//! back, and on request another world beside it.

mod beside;
mod foot;
mod pitch;
mod row;
mod ten;
mod tracks;

use std::rc::Rc;

use kubestep_core::engine::StepId;
use kubestep_core::narration::rail::Line;
use kubestep_core::story::Rail as Story;
use kubestep_core::story::deletion::Stop;
use kubestep_core::time::Time;
use yew::prelude::*;

use self::beside::Heads;
use self::foot::Foot;
use self::pitch::use_pitch;
use self::row::Row;
use self::tracks::Tracks;
use crate::model::message::Message;
use crate::model::rail::{RailMessage, Told};
use crate::stage::sprite::Icon;

/// What the rail shows.
#[derive(Properties, PartialEq)]
pub struct StationsProps {
    /// What is told.
    pub told: Rc<Told>,
    /// The step in view.
    pub cursor: Option<StepId>,
    /// Where to report to.
    pub on: Callback<Message>,
}

/// The rail.
#[component]
pub fn Stations(props: &StationsProps) -> Html {
    let told = &props.told;
    let place = props.cursor.and_then(|cursor| told.story.place_at(cursor));
    let began = began(&told.lines);
    let send = |message: RailMessage| props.on.reform(move |_: MouseEvent| Message::Rail(message));
    let is_compared = told.other.is_some();
    let compare = if is_compared { None } else { told.choices.first().map(|(beside, _)| *beside) };
    let beside_it = told.choices.first().map_or("", |(_, name)| &**name);
    let there = told.other.as_ref().map_or(0, |other| other.lines.len());
    let rows = told.lines.len().max(there);
    let body = use_node_ref();
    let pitch = use_pitch(&body, rows, is_compared);
    html! {
        <section class={classes!("phases", is_compared.then_some("compared"))} aria-label={format!("Stations: {}", told.heading)}>
            <div class="phases-h">
                <h2 class="ell" title={told.heading.to_string()}>{ &*told.heading }</h2>
                <span class="grow"></span>
                <button class="ibtn ibtn-s" type="button" aria-label="Previous station (<)" title="Previous station (<)"
                    onclick={send(RailMessage::Previous)}><Icon name="up" size={14} /></button>
                <button class="ibtn ibtn-s turned" type="button" aria-label="Next station (>)" title="Next station (>)"
                    onclick={send(RailMessage::Next)}><Icon name="up" size={14} /></button>
                if !told.choices.is_empty() {
                    <button class="btn btn-s" type="button" aria-pressed={is_compared.to_string()} title={format!("Beside {beside_it}")}
                        onclick={send(RailMessage::Compare(compare))}>{ "Compare" }</button>
                }
                <button class="ibtn ibtn-s" type="button" aria-label="Close the stations (D)" title="Close (D)"
                    onclick={send(RailMessage::Close)}><Icon name="x" size={16} /></button>
            </div>
            <div ref={body} class={classes!("phases-b", pitch.class())} tabindex="0" role="group" aria-label="Stations">
                if let Some(other) = &told.other {
                    <Heads told={told.clone()} other={other.clone()} {began} on={props.on.clone()} />
                }
                <div class="prows-around">
                    <Tracks told={told.clone()} cursor={props.cursor} current={place} {pitch} />
                    <ol class="prows">
                        { for (0..rows).map(|number| html! {
                            <Row key={number} {number} told={told.clone()} {began} cursor={props.cursor}
                                is_current={place == Some(number)} on={props.on.clone()} />
                        }) }
                    </ol>
                </div>
            </div>
            <Foot told={told.clone()} {place} on={props.on.clone()} />
        </section>
    }
}

/// When the first station was reached.
fn began(lines: &[Line]) -> Time {
    lines.iter().find_map(Line::at).unwrap_or(Time::ZERO)
}

/// How it went, in a few words: "grace 30 s, object gone at 0.754".
fn ended(story: &Story, lines: &[Line]) -> String {
    let began = began(lines);
    let since = |at: Time| format!("{:.3}", at.since(began).as_seconds());
    if let Story::Deletion(deletion) = story {
        let grace = deletion.grace_seconds;
        return match deletion.station(Stop::Removed).at() {
            Some(at) => format!("grace {grace} s, object gone at {}", since(at)),
            None => format!("grace {grace} s, object still there"),
        };
    }
    match lines.iter().filter_map(Line::at).max() {
        _ if story.goes_on() => "not over yet".to_owned(),
        Some(last) => format!("over at {}", since(last)),
        None => String::new(),
    }
}
