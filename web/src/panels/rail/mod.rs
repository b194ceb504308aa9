//! The rail of a pod's deletion: ten stations, where each was reached, what was skipped or held back, and on request the
//! other way of deleting beside it.

mod foot;
mod row;
mod tracks;

use std::rc::Rc;

use kubestep_core::engine::StepId;
use kubestep_core::story::deletion::Stop;
use kubestep_core::time::Time;
use yew::prelude::*;

use self::foot::Foot;
use self::row::Row;
use self::tracks::Tracks;
use crate::model::message::Message;
use crate::model::rail::{RailMessage, Told};
use crate::stage::sprite::Icon;

/// What the rail shows.
#[derive(Properties, PartialEq)]
pub struct DeletionRailProps {
    /// The deletion.
    pub told: Rc<Told>,
    /// The step in view.
    pub cursor: Option<StepId>,
    /// Where to report to.
    pub on: Callback<Message>,
}

/// The rail.
#[component]
pub fn DeletionRail(props: &DeletionRailProps) -> Html {
    let told = &props.told;
    let deletion = &told.deletion;
    let place = props.cursor.and_then(|cursor| deletion.place_at(cursor));
    let began = deletion.station(Stop::Requested).at().unwrap_or(Time::ZERO);
    let send = |message: RailMessage| props.on.reform(move |_: MouseEvent| Message::Rail(message));
    let is_compared = told.other.is_some();
    let heading = format!("Deletion of {}", deletion.short_name);
    html! {
        <section class={classes!("phases", is_compared.then_some("compared"))} aria-label="Stations of the deletion">
            <div class="phases-h">
                <h2 class="ell" title={deletion.pod.name.to_string()}>{ heading }</h2>
                <span class="grow"></span>
                <button class="ibtn ibtn-s" type="button" aria-label="Previous station (<)" title="Previous station (<)"
                    onclick={send(RailMessage::Previous)}><Icon name="up" size={14} /></button>
                <button class="ibtn ibtn-s turned" type="button" aria-label="Next station (>)" title="Next station (>)"
                    onclick={send(RailMessage::Next)}><Icon name="up" size={14} /></button>
                <button class="btn btn-s" type="button" aria-pressed={is_compared.to_string()} title={format!("Beside {}", other_way(deletion.is_forced))}
                    onclick={send(RailMessage::Compare(!is_compared))}>{ "Compare" }</button>
                <button class="ibtn ibtn-s" type="button" aria-label="Close the stations (D)" title="Close (D)"
                    onclick={send(RailMessage::Close)}><Icon name="x" size={16} /></button>
            </div>
            <div class="phases-b" tabindex="0" role="group" aria-label="Stations">
                if let Some(other) = &told.other {
                    <div class="pcols">
                        <div><code>{ way(deletion.is_forced) }</code><small>{ ended(deletion, began) }</small></div>
                        <div>
                            <code class="ell" title={other.line.to_string()}>{ &*other.line }</code>
                            <small>{ ended(&other.deletion, other.deletion.station(Stop::Requested).at().unwrap_or(Time::ZERO)) }</small>
                        </div>
                    </div>
                }
                <div class="prows-around">
                    <Tracks deletion={deletion.clone()} cursor={props.cursor} current={place} />
                    <ol class="prows">
                        { for deletion.stations.iter().enumerate().map(|(number, station)| html! {
                            <Row key={number} number={number + 1} deletion={deletion.clone()} station={station.clone()} {began}
                                other={told.other.clone()} cursor={props.cursor} is_current={place == Some(station.stop)}
                                on={props.on.clone()} />
                        }) }
                    </ol>
                </div>
            </div>
            <Foot told={told.clone()} {place} on={props.on.clone()} />
        </section>
    }
}

const fn way(is_forced: bool) -> &'static str {
    if is_forced { "as it was: --force" } else { "as it was" }
}

const fn other_way(is_forced: bool) -> &'static str {
    if is_forced { "a graceful deletion" } else { "--force --grace-period=0" }
}

/// When the object went, and when the last process did: "object gone at 0.754".
fn ended(deletion: &kubestep_core::story::Deletion, began: Time) -> String {
    match deletion.station(Stop::Removed).at() {
        Some(at) => {
            format!("grace {} s, object gone at {:.3}", deletion.grace_seconds, at.since(began).as_seconds())
        }
        None => format!("grace {} s, object still there", deletion.grace_seconds),
    }
}
