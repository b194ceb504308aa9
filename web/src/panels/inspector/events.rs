//! Kubernetes' own Events, as `kubectl get events` would list them at the step in view, newest first.

use std::cmp::Reverse;
use std::rc::Rc;

use kubestep_core::api::Event;
use kubestep_core::apiserver::Store;
use kubestep_core::engine::{StepId, Timeline};
use yew::prelude::*;

use crate::shared::Shared;

/// The most Events that are listed.
const MOST: usize = 200;

/// The Events of a store.
#[derive(Properties, PartialEq)]
pub(super) struct EventsProps {
    /// The store at the step in view.
    pub store: Shared<Store>,
    /// The step in view.
    pub cursor: Option<StepId>,
    /// The history.
    pub timeline: Shared<Timeline>,
}

/// The list of Events; the one that this step wrote is marked.
#[component]
pub(super) fn Events(props: &EventsProps) -> Html {
    let mut events: Vec<&Rc<Event>> = props.store.list::<Event>().collect();
    kubestep_core::order::sort_by_key(&mut events, |event| Reverse((event.last, event.resource_version)));
    let written = props
        .cursor
        .and_then(|id| props.timeline.step(id))
        .and_then(|step| step.change())
        .map(|change| &change.object.key);
    if events.is_empty() {
        return html! { <p class="empty-note">{ "No Events yet. Controllers and kubelets write one when they act." }</p> };
    }
    html! {
        <ol class="evt" data-clip="">
            { for events.iter().take(MOST).map(|event| row(event, written == Some(&event.key))) }
        </ol>
    }
}

fn row(event: &Event, is_new: bool) -> Html {
    html! {
        <li key={event.key.name.to_string()} class={classes!(is_new.then_some("now"))}>
            <time>{ event.last.to_string() }</time>
            <span>
                <b>{ event.reason }</b>{ " " }{ for words(&event.message) }
                if event.count > 1 { <span class="times">{ format!(" x{}", event.count) }</span> }
            </span>
        </li>
    }
}

/// The message with names of objects in the code face.
fn words(message: &str) -> Vec<Html> {
    message
        .split_inclusive(' ')
        .map(|word| {
            if is_name(word.trim()) {
                html! { <span class="mono">{ word }</span> }
            } else {
                html! { { word } }
            }
        })
        .collect()
}

/// Whether a word is a generated name, an image or a path rather than prose.
fn is_name(word: &str) -> bool {
    let word = word.trim_matches(['"', ',', '.', ':', '(', ')']);
    let is_of_names = word
        .chars()
        .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-./:".contains(letter));
    is_of_names && word.contains(['-', '/', ':']) && word.len() > 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_prose() {
        assert!(is_name("web-7d4b9c6f5"));
        assert!(is_name("\"my-image\""));
        assert!(!is_name("Scaled"));
        assert!(!is_name("set"));
    }
}
