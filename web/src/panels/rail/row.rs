//! One station: its number, name and time, who came to it, and what there is to say of it.

use std::rc::Rc;

use kubestep_core::engine::StepId;
use kubestep_core::narration::rail::{Line, State};
use kubestep_core::time::Time;
use yew::prelude::*;

use crate::actor;
use crate::model::message::{Go, Message};
use crate::model::rail::Told;
use crate::stage::sprite::Icon;

/// A station as a row.
#[derive(Properties, PartialEq)]
pub(super) struct RowProps {
    /// Its place, from 0. Behind the last station here, the other world has one more.
    pub number: usize,
    /// What is told.
    pub told: Rc<Told>,
    /// When it began.
    pub began: Time,
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
    let line = props.told.lines.get(props.number);
    let there = props.told.other.as_ref().map(|other| beside(other.lines.get(props.number), line));
    let current = props.is_current.then_some("step");
    html! {
        <li class={classes!("prow", line.map_or("none", |line| state(line, props)))} aria-current={current}>
            if let Some(line) = line { { here(line, props) } } else { <div class="prow-b"></div> }
            { for there }
        </li>
    }
}

fn state(line: &Line, props: &RowProps) -> &'static str {
    let is_done = line.step().is_some_and(|step| Some(step) <= props.cursor);
    match line.state {
        _ if props.is_current => "cur",
        State::Reached { .. } if is_done => "done",
        State::Reached { .. } | State::Ahead => "todo",
        State::Skipped => "skipped",
        State::Held => "held",
    }
}

fn here(line: &Line, props: &RowProps) -> Html {
    let words = line.note.to_string();
    let content = html! {
        <span class="g">
            <span class="h">
                <i>{ props.number + 1 }</i><span title={line.title.to_string()}>{ &*line.title }</span>
                <time>{ when(line, props.began) }</time>
            </span>
            <small title={words.clone()}>{ who(line) }{ words }</small>
        </span>
    };
    match line.step() {
        Some(step) => html! {
            <button type="button" class="prow-b" onclick={props.on.reform(move |_: MouseEvent| Message::Go(Go::To(step)))}>
                { content }
            </button>
        },
        None => html! { <div class="prow-b">{ content }</div> },
    }
}

/// Seconds since the beginning, or why there are none.
fn when(line: &Line, began: Time) -> String {
    match &line.state {
        State::Reached { at, .. } => format!("{:.3}", at.since(began).as_seconds()),
        State::Skipped => "skipped".to_owned(),
        State::Held => "held".to_owned(),
        State::Ahead => String::new(),
    }
}

fn who(line: &Line) -> Html {
    match &line.state {
        State::Reached { by, .. } => html! { <b>{ actor::short(by) }</b> },
        State::Skipped | State::Held | State::Ahead => Html::default(),
    }
}

/// The same station in the other world: as here, not reached there, or otherwise.
fn beside(there: Option<&Line>, here: Option<&Line>) -> Html {
    let Some(line) = there else { return html! { <span class="f none"></span> } };
    let words = line.note.to_string();
    let is_same = here.is_some_and(|here| here.title == line.title && here.note == line.note);
    let (class, icon, sign) = match &line.state {
        State::Skipped => ("f skipped", "x", "skipped: "),
        State::Held => ("f cut", "warn", "held back: "),
        State::Reached { .. } | State::Ahead if !is_same => ("f cut", "warn", "otherwise: "),
        State::Reached { .. } | State::Ahead => ("f ok", "check", "the same: "),
    };
    html! {
        <span class={class}>
            <Icon name={icon} size={14} />
            <span class="h"><span title={line.title.to_string()}>{ &*line.title }</span></span>
            <small title={words.clone()}><span class="sr">{ sign }</span>{ words }</small>
        </span>
    }
}
