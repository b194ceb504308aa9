//! Where play shall stop: a list of things that can become true, each with the way to its next time, and a form for any
//! field of any object.

use kubestep_core::api::Kind;
use kubestep_core::engine::Actor;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::actor;
use crate::breakpoints::{self, Breakpoint};
use crate::model::message::{Message, PlaybackMessage};
use crate::stage::sprite::Icon;

/// Where play shall stop.
#[derive(Properties, PartialEq)]
pub struct BreakpointsProps {
    /// Those that are set, by number.
    pub set: Vec<(u32, Breakpoint)>,
    /// The component that acts in the step in view.
    pub actor: Option<Actor>,
    /// Where to report to.
    pub on: Callback<Message>,
}

/// The list of breakpoints, and what can be added.
#[component]
pub fn Breakpoints(props: &BreakpointsProps) -> Html {
    let offered = offered(props.actor.as_ref());
    let offered =
        offered.into_iter().filter(|(_, breakpoint)| !props.set.iter().any(|(_, known)| known == breakpoint));
    html! {
        <div class="pop pop-breakpoints" role="dialog" aria-label="Breakpoints">
            if !props.set.is_empty() {
                <h3 class="over">{ "Play stops at" }</h3>
                { for props.set.iter().map(|(number, breakpoint)| set_row(*number, breakpoint, &props.on)) }
            }
            <h3 class="over">{ "Stop when, or go to the next time" }</h3>
            { for offered.map(|(words, breakpoint)| offered_row(words, breakpoint, &props.on)) }
            <FieldForm on={props.on.clone()} />
        </div>
    }
}

fn set_row(number: u32, breakpoint: &Breakpoint, on: &Callback<Message>) -> Html {
    let onclick =
        on.reform(move |_: MouseEvent| Message::Playback(PlaybackMessage::RemoveBreakpoint(number)));
    html! {
        <button class="item" type="button" aria-label={format!("Remove breakpoint: {}", breakpoint.label())}
            {onclick}>
            <Icon name="bp" size={14} />{ breakpoint.label() }<small>{ "Remove" }</small>
        </button>
    }
}

fn offered_row(words: String, breakpoint: Breakpoint, on: &Callback<Message>) -> Html {
    let seek = {
        let breakpoint = breakpoint.clone();
        on.reform(move |_: MouseEvent| Message::Seek(breakpoint.clone()))
    };
    let onclick =
        on.reform(move |_: MouseEvent| Message::Playback(PlaybackMessage::AddBreakpoint(breakpoint.clone())));
    let label = format!("Go to the next time: {words}");
    html! {
        <div class="item-row">
            <button class="item" type="button" {onclick}>{ words }</button>
            <button class="ibtn ibtn-s" type="button" title={label.clone()} aria-label={label} onclick={seek}>
                <Icon name="end" size={14} />
            </button>
        </div>
    }
}

fn offered(actor: Option<&Actor>) -> Vec<(String, Breakpoint)> {
    let component = actor.filter(|actor| !matches!(actor, Actor::You | Actor::Kubectl(_)));
    let acts = component
        .map(|actor| (format!("{} acts again", actor::short(actor)), Breakpoint::Acts(actor.clone())));
    let usual = breakpoints::usual().into_iter().map(|(words, breakpoint)| (words.to_owned(), breakpoint));
    acts.into_iter().chain(usual).collect()
}

#[derive(Properties, PartialEq)]
struct FieldFormProps {
    on: Callback<Message>,
}

/// Any field of any object: a kind and a path.
#[component]
fn FieldForm(props: &FieldFormProps) -> Html {
    let (kind, path) = (use_node_ref(), use_node_ref());
    let add = {
        let (kind, path, on) = (kind.clone(), path.clone(), props.on.clone());
        Callback::from(move |_: MouseEvent| {
            let Some(kind) =
                kind.cast::<HtmlSelectElement>().and_then(|select| Kind::from_word(&select.value()))
            else {
                return;
            };
            let Some(path) = path.cast::<HtmlInputElement>().map(|input| input.value().trim().to_owned())
            else {
                return;
            };
            if !path.is_empty() {
                on.emit(Message::Playback(PlaybackMessage::AddBreakpoint(Breakpoint::Field { kind, path })));
            }
        })
    };
    html! {
        <div class="field-form">
            <select ref={kind} aria-label="Kind">
                { for Kind::ALL.iter().map(|each| html! {
                    <option value={each.names().singular} selected={*each == Kind::Deployment}>
                        { each.name() }
                    </option>
                }) }
            </select>
            <input ref={path} type="text" aria-label="Field" value="status.readyReplicas" maxlength="200"
                spellcheck="false" />
            <button class="btn btn-s" type="button" onclick={add}>{ "changes" }</button>
        </div>
    }
}
