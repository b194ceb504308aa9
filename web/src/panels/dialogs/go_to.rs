//! Ctrl+K: every step and every object, found by typing.

use std::rc::Rc;

use web_sys::{HtmlElement, HtmlInputElement};
use yew::prelude::*;

use super::Dialog;
use crate::model::message::Message;

/// The most results that are listed; more typing finds the rest.
const MOST_RESULTS: usize = 60;

/// Something one can go to.
#[derive(Clone, Debug, PartialEq)]
pub struct Destination {
    /// Its step number, or empty.
    pub number: AttrValue,
    /// The sentence or the object's name.
    pub text: AttrValue,
    /// Who made the step, or the kind of object.
    pub note: AttrValue,
    /// What going there does.
    pub message: Message,
}

/// What can be gone to.
#[derive(Properties, PartialEq)]
pub struct GoToProps {
    /// Everything, in the order it is listed.
    pub destinations: Rc<[Destination]>,
    /// Goes there.
    pub on: Callback<Message>,
    /// Closes without going.
    pub on_close: Callback<()>,
}

/// The search field and its results, as an ARIA combobox.
#[component]
pub fn GoTo(props: &GoToProps) -> Html {
    let query = use_state(String::new);
    let chosen = use_state(|| 0_usize);
    let input = use_node_ref();
    let list = use_node_ref();

    let found = matching(&props.destinations, &query);
    let current = (*chosen).min(found.len().saturating_sub(1));
    {
        let list = list.clone();
        use_effect_with(current, move |_| {
            let selected = list
                .cast::<HtmlElement>()
                .and_then(|list| list.query_selector("[aria-selected=true]").ok()?);
            if let Some(option) = selected {
                option.scroll_into_view_with_scroll_into_view_options(&nearest());
            }
        });
    }
    {
        let input = input.clone();
        use_effect_with((), move |()| {
            if let Some(field) = input.cast::<HtmlElement>() {
                let _ = field.focus();
            }
        });
    }

    let go = {
        let (on, on_close) = (props.on.clone(), props.on_close.clone());
        Callback::from(move |message: Message| {
            on_close.emit(());
            on.emit(message);
        })
    };
    let oninput = {
        let (query, chosen) = (query.clone(), chosen.clone());
        Callback::from(move |event: InputEvent| {
            let Some(field) = event.target_dyn_into::<HtmlInputElement>() else { return };
            query.set(field.value());
            chosen.set(0);
        })
    };
    let onkeydown = {
        let (chosen, go) = (chosen.clone(), go.clone());
        let messages: Vec<Message> = found.iter().map(|destination| destination.message.clone()).collect();
        Callback::from(move |event: KeyboardEvent| {
            match event.key().as_str() {
                "ArrowDown" => chosen.set((current + 1).min(messages.len().saturating_sub(1))),
                "ArrowUp" => chosen.set(current.saturating_sub(1)),
                "Enter" => {
                    if let Some(message) = messages.get(current) {
                        go.emit(message.clone());
                    }
                }
                _ => return,
            }
            event.prevent_default();
        })
    };
    let active = if found.is_empty() { String::new() } else { format!("goto-{current}") };
    html! {
        <Dialog title="Go to step or object" class="goto" bare=true on_close={props.on_close.clone()}>
            <input ref={input} type="text" role="combobox" aria-label="Go to step or object"
                aria-expanded="true"
                aria-controls="goto-list" aria-activedescendant={active} autocomplete="off" spellcheck="false"
                placeholder="A step number, an object, or words of a step" {oninput} {onkeydown} />
            <div id="goto-list" role="listbox" aria-label="Results" ref={list}>
                { for found.iter().enumerate().map(|(index, destination)| option(index, index == current, destination, &go)) }
            </div>
            if found.is_empty() {
                <p class="goto-none" role="status">{ "Nothing has these words." }</p>
            }
        </Dialog>
    }
}

fn option(index: usize, is_chosen: bool, destination: &Destination, go: &Callback<Message>) -> Html {
    let message = destination.message.clone();
    let onclick = go.reform(move |_: MouseEvent| message.clone());
    html! {
        <div id={format!("goto-{index}")} role="option" aria-selected={is_chosen.to_string()} {onclick}>
            <span class="n">{ destination.number.clone() }</span>
            <span class="ell">{ destination.text.clone() }</span>
            <small>{ destination.note.clone() }</small>
        </div>
    }
}

fn nearest() -> web_sys::ScrollIntoViewOptions {
    let options = web_sys::ScrollIntoViewOptions::new();
    options.set_block(web_sys::ScrollLogicalPosition::Nearest);
    options
}

/// The destinations that have every word of the query; one whose number it is comes first.
fn matching<'a>(all: &'a [Destination], query: &str) -> Vec<&'a Destination> {
    let query = query.trim().to_ascii_lowercase();
    let words: Vec<&str> = query.split_whitespace().collect();
    let mut found: Vec<&Destination> =
        all.iter().filter(|each| has_all(each, &words)).take(MOST_RESULTS).collect();
    if let Some(exact) = all.iter().find(|each| !query.is_empty() && each.number.as_str() == query) {
        found.retain(|each| !std::ptr::eq(*each, exact));
        found.insert(0, exact);
    }
    found
}

fn has_all(destination: &Destination, words: &[&str]) -> bool {
    if words.is_empty() {
        return true;
    }
    let text = format!("{} {}", destination.text, destination.note).to_ascii_lowercase();
    words.iter().all(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::message::Go;

    fn destination(number: &'static str, text: &'static str, note: &'static str) -> Destination {
        Destination {
            number: number.into(),
            text: text.into(),
            note: note.into(),
            message: Message::Go(Go::Start),
        }
    }

    #[test]
    fn words_may_stand_in_any_order_and_in_the_note() {
        let all = [
            destination("1", "Creates pod web-x", "ReplicaSet"),
            destination("2", "Binds web-x", "Scheduler"),
        ];
        let found: Vec<_> = matching(&all, "scheduler WEB").iter().map(|each| each.number.as_str()).collect();
        assert_eq!(found, ["2"]);
    }

    #[test]
    fn a_step_number_comes_first() {
        let all = [destination("1", "Scales to 2 replicas", ""), destination("2", "Creates a pod", "")];
        let found: Vec<_> = matching(&all, "2").iter().map(|each| each.number.as_str()).collect();
        assert_eq!(found, ["2", "1"]);
    }
}
