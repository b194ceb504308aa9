//! One station: its number, name and time, who came to it, and what there is to say of it.

use kubestep_core::engine::StepId;
use kubestep_core::narration::deletion::{note, title};
use kubestep_core::story::Deletion;
use kubestep_core::story::deletion::{Outcome, Station};
use kubestep_core::time::Time;
use yew::prelude::*;

use crate::actor;
use crate::model::message::{Go, Message};
use crate::model::rail::Other;
use crate::stage::sprite::Icon;

/// A station as a row.
#[derive(Properties, PartialEq)]
pub(super) struct RowProps {
    /// Its number, from 1.
    pub number: usize,
    /// The deletion that it is of.
    pub deletion: Deletion,
    /// The station.
    pub station: Station,
    /// When the deletion was asked for.
    pub began: Time,
    /// The other way of deleting.
    pub other: Option<Other>,
    /// The step in view.
    pub cursor: Option<StepId>,
    /// Whether it is the station that was reached last.
    pub is_current: bool,
    /// Where to report to.
    pub on: Callback<Message>,
}

/// A station as a row; pressing it goes to its step.
#[component]
pub(super) fn Row(props: &RowProps) -> Html {
    let station = &props.station;
    let is_done = station.step().is_some_and(|step| Some(step) <= props.cursor);
    let state = match &station.outcome {
        _ if props.is_current => "cur",
        Outcome::Reached { .. } if is_done => "done",
        Outcome::Reached { .. } | Outcome::Ahead => "todo",
        Outcome::Skipped(_) => "skipped",
        Outcome::Held(_) => "held",
    };
    let (name, words) = (title(&props.deletion, station.stop), note(&props.deletion, station).to_string());
    let content = html! {
        <span class="g">
            <span class="h"><i>{ props.number }</i><span>{ name }</span><time>{ when(station, props.began) }</time></span>
            <small title={words.clone()}>{ who(station) }{ words }</small>
        </span>
    };
    let other = props
        .other
        .as_ref()
        .map(|other| beside(&other.deletion, other.deletion.station(station.stop), &props.deletion, station));
    let current = props.is_current.then_some("step");
    html! {
        <li class={classes!("prow", state)} aria-current={current}>
            if let Some(step) = station.step() {
                <button type="button" class="prow-b" onclick={props.on.reform(move |_: MouseEvent| Message::Go(Go::To(step)))}>
                    { content }
                </button>
            } else {
                <div class="prow-b">{ content }</div>
            }
            { for other }
        </li>
    }
}

/// Seconds since the request, or why there are none.
fn when(station: &Station, began: Time) -> String {
    match &station.outcome {
        Outcome::Reached { at, .. } => format!("{:.3}", at.since(began).as_seconds()),
        Outcome::Skipped(_) => "skipped".to_owned(),
        Outcome::Held(_) => "held".to_owned(),
        Outcome::Ahead => String::new(),
    }
}

fn who(station: &Station) -> Html {
    match &station.outcome {
        Outcome::Reached { by, .. } => html! { <b>{ actor::short(by) }</b> },
        Outcome::Skipped(_) | Outcome::Held(_) | Outcome::Ahead => Html::default(),
    }
}

/// The same station on the other way: as here, not reached there, or cut short.
fn beside(deletion: &Deletion, station: &Station, here: &Deletion, same: &Station) -> Html {
    let words = note(deletion, station).to_string();
    let (class, icon, sign) = match (&station.outcome, &same.outcome) {
        (Outcome::Skipped(_), _) => ("f skipped", "x", "skipped: "),
        (Outcome::Held(_), _) => ("f cut", "warn", "held back: "),
        _ if words != note(here, same).to_string() => ("f cut", "warn", "otherwise: "),
        _ => ("f ok", "check", "the same: "),
    };
    html! {
        <span class={class}>
            <Icon name={icon} size={14} />
            <span class="h"><span>{ title(deletion, station.stop) }</span></span>
            <small title={words.clone()}><span class="sr">{ sign }</span>{ words }</small>
        </span>
    }
}
