//! What stands above two worlds that are compared: what each is called, and a choice of the other one.

use std::rc::Rc;

use kubestep_core::story::Rail as Story;
use kubestep_core::time::Time;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::ended;
use crate::model::message::Message;
use crate::model::rail::{Other, RailMessage, Told};

/// What the heads show.
#[derive(Properties, PartialEq)]
pub(super) struct HeadsProps {
    /// What is told.
    pub told: Rc<Told>,
    /// The world beside it.
    pub other: Rc<Other>,
    /// When it began.
    pub began: Time,
    /// Where to report to.
    pub on: Callback<Message>,
}

/// The heads of both columns.
#[component]
pub(super) fn Heads(props: &HeadsProps) -> Html {
    let (told, other) = (&props.told, &props.other);
    let there = match &other.story {
        Some(story) => ended(story, &other.lines),
        None => "does not happen there".to_owned(),
    };
    html! {
        <div class="pcols">
            <div><code>{ way(&told.story) }</code><small>{ ended(&told.story, &told.lines) }</small></div>
            <div>{ choice(told, other, &props.on) }<small title={there.clone()}>{ there }</small></div>
        </div>
    }
}

const fn way(story: &Story) -> &'static str {
    match story {
        Story::Deletion(deletion) if deletion.is_forced => "as it was: --force",
        _ => "as it was",
    }
}

/// The other world's name, or a choice where there are several.
fn choice(told: &Told, other: &Other, on: &Callback<Message>) -> Html {
    if told.choices.len() < 2 {
        return html! { <code class="ell" title={other.name.to_string()}>{ &*other.name }</code> };
    }
    let known = told.choices.clone();
    let onchange = on.reform(move |event: Event| {
        let place = event.target_unchecked_into::<HtmlSelectElement>().selected_index();
        let chosen = usize::try_from(place).ok().and_then(|place| known.get(place));
        Message::Rail(RailMessage::Compare(chosen.map(|(beside, _)| *beside)))
    });
    html! {
        <select class="pchoice" aria-label="The world beside" title={other.name.to_string()} {onchange}>
            { for told.choices.iter().map(|(beside, name)| html! {
                <option selected={*beside == other.beside}>{ &**name }</option>
            }) }
        </select>
    }
}
