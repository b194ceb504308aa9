//! Who could go next: everything in flight or queued at the step in view, with what would come of it. A person lets
//! one of them go first, or holds one back, and the race takes that order.

use kubestep_core::engine::agenda::Due;
use kubestep_core::engine::{Activation, World, preview};
use kubestep_core::narration::{headline, waiting};
use kubestep_core::{Command, Duration, enabled};
use yew::prelude::*;

use crate::actor::Mark;
use crate::model::message::Message;
use crate::panels::narration::Sentence;

/// The most that are listed.
const MOST: usize = 24;

/// How long one press holds back: longer than any message takes.
const HOLD: Duration = Duration::from_seconds(2);

/// Who waits.
#[derive(Properties, PartialEq)]
pub(super) struct NextProps {
    /// The world at the step in view.
    pub world: World,
    /// Where to report to.
    pub on: Callback<Message>,
}

/// One row per entry that waits, the first to come on top.
#[component]
pub(super) fn Next(props: &NextProps) -> Html {
    let all = enabled(&props.world);
    if all.is_empty() {
        return html! { <p class="empty-note">{ "Nobody is about to act: only timers run. While something is under way, whoever waits is listed here, and can be let go first or held back." }</p> };
    }
    let left = all.len().saturating_sub(MOST);
    html! {
        <>
            <ol class="nexts">
                { for all.iter().take(MOST).enumerate().map(|(place, one)| row(props, one, place == 0)) }
            </ol>
            if left > 0 { <p class="empty-note">{ format!("{left} more wait behind these.") }</p> }
        </>
    }
}

fn row(props: &NextProps, one: &Activation, is_first: bool) -> Html {
    let world = &props.world;
    let text = waiting(world, one);
    let wait = one.at.since(world.now);
    let say = |command: Command| {
        let line = command.line().to_string();
        props.on.reform(move |_: MouseEvent| Message::Order(line.clone()))
    };
    let hold = say(Command::Hold(one.entry, HOLD, text.to_string().into()));
    let first = say(Command::Choose(one.entry, text.to_string().into()));
    let is_message = matches!(one.due, Due::Deliver(_));
    let lose = is_message.then(|| say(Command::Drop(one.entry, text.to_string().into())));
    let on_object = props.on.reform(|object| Message::Select(Some(object)));
    html! {
        <li key={one.entry.to_string()}>
            <span class="due">
                if let Some(actor) = one.actor() { <Mark {actor} /> } else { <i class="mk several" aria-hidden="true"></i> }
                <time>{ format!("+{wait}") }</time>
            </span>
            <div>
                <p><Sentence text={text.clone()} on_object={Some(on_object)} /></p>
                if let Some(step) = preview(world, one.entry) {
                    <p class="then">{ headline(&step).to_string() }</p>
                }
            </div>
            <span class="acts">
                if is_first {
                    <span class="chip">{ "next" }</span>
                } else {
                    <button class="btn btn-s" type="button" onclick={first}
                        aria-label={format!("Go next: {text}")}>{ "Go next" }</button>
                }
                if let Some(lose) = lose {
                    <button class="btn btn-s" type="button" onclick={lose} aria-label={format!("Lose: {text}")}>{ "Lose" }</button>
                }
                <button class="btn btn-s" type="button" onclick={hold}
                    aria-label={format!("Hold {} s: {text}", HOLD.whole_seconds())}>
                    { format!("Hold {} s", HOLD.whole_seconds()) }
                </button>
            </span>
        </li>
    }
}
