//! The kubectl line: what was typed and answered up to the step in view, and a prompt.
//!
//! The answers belong to the timeline: stepping back takes them off the screen again.

pub mod completion;

use std::rc::Rc;

use web_sys::{HtmlElement, HtmlInputElement};
use yew::prelude::*;

use crate::stage::sprite::Icon;

/// Where one types, as a selector.
pub const PROMPT: &str = "#kubectl";

/// A line on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TerminalLine {
    /// What kind of line.
    pub kind: TerminalLineKind,
    /// Its text, without the prompt.
    pub text: AttrValue,
}

/// What kind of line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TerminalLineKind {
    /// It was typed.
    Command,
    /// It was answered.
    Output,
    /// It was answered, and means no.
    Refusal,
}

/// What the kubectl line shows.
#[derive(Properties, PartialEq)]
pub struct TerminalProps {
    /// The screen, oldest line first.
    pub lines: Rc<[TerminalLine]>,
    /// What was typed before, oldest first.
    pub history: Rc<[AttrValue]>,
    /// Something to type, shown while the prompt is empty.
    pub suggestion: AttrValue,
    /// Whether it takes most of the panel.
    pub is_tall: bool,
    /// What can stand at the end of a line; see [`completion::words`].
    pub complete: Callback<String, Vec<String>>,
    /// The line that was typed.
    pub on_line: Callback<String>,
    /// Makes it tall, or small again, where there is a choice.
    #[prop_or_default]
    pub on_toggle: Option<Callback<()>>,
}

/// The kubectl line.
#[component]
pub fn Terminal(props: &TerminalProps) -> Html {
    let screen = use_node_ref();
    {
        let screen = screen.clone();
        use_effect_with((props.lines.clone(), props.is_tall), move |_| {
            if let Some(element) = screen.cast::<HtmlElement>() {
                element.set_scroll_top(element.scroll_height());
            }
        });
    }
    let label = if props.is_tall { "Shrink the kubectl line" } else { "Expand the kubectl line" };
    html! {
        <section class={classes!("term", props.is_tall.then_some("tall"))} aria-label="kubectl terminal">
            <div class="term-h">
                <Icon name="term" size={14} />
                <b>{ "kubectl" }</b>
                <span>{ "namespace default" }</span>
                <span class="grow"></span>
                if let Some(on_toggle) = &props.on_toggle {
                    <button class="ibtn ibtn-s" type="button" aria-label={label}
                        aria-pressed={props.is_tall.to_string()}
                        onclick={on_toggle.reform(|_: MouseEvent| ())}>
                        <Icon name="full" size={14} />
                    </button>
                }
            </div>
            <div class="term-b" ref={screen} data-clip="" tabindex="0" role="group" aria-label="kubectl output">
                // In an element of its own: a new line must not make the prompt another prompt.
                <div>{ for props.lines.iter().map(line) }</div>
                <Prompt history={props.history.clone()} suggestion={props.suggestion.clone()}
                    complete={props.complete.clone()} on_line={props.on_line.clone()} />
            </div>
        </section>
    }
}

fn line(line: &TerminalLine) -> Html {
    match line.kind {
        TerminalLineKind::Command => html! {
            <div><span class="ps">{ "$ " }</span><span class="cm">{ line.text.clone() }</span></div>
        },
        TerminalLineKind::Output => html! { <div>{ line.text.clone() }</div> },
        TerminalLineKind::Refusal => html! { <div class="bad">{ line.text.clone() }</div> },
    }
}

#[derive(Properties, PartialEq)]
struct PromptProps {
    history: Rc<[AttrValue]>,
    suggestion: AttrValue,
    complete: Callback<String, Vec<String>>,
    on_line: Callback<String>,
}

/// The most words that are listed when Tab finds several.
const MOST_WORDS: usize = 40;

/// Where one types: Enter sends, Tab completes, the arrows walk through what was typed before; Tab or Right takes the
/// suggestion.
#[component]
fn Prompt(props: &PromptProps) -> Html {
    let input = use_node_ref();
    // How many entries back the walk has come; 0 is the line being typed.
    let back = use_mut_ref(|| 0_usize);
    let several = use_state(Vec::<String>::new);
    let onkeydown = {
        let (input, history, suggestion) = (input.clone(), props.history.clone(), props.suggestion.clone());
        let (complete, on_line, several) = (props.complete.clone(), props.on_line.clone(), several.clone());
        Callback::from(move |event: KeyboardEvent| {
            let Some(field) = input.cast::<HtmlInputElement>() else { return };
            let mut back = back.borrow_mut();
            let line = field.value();
            let key = event.key();
            if key != "Tab" && !several.is_empty() {
                several.set(Vec::new());
            }
            match key.as_str() {
                "Enter" if !line.trim().is_empty() => {
                    on_line.emit(line.trim().to_owned());
                    field.set_value("");
                    *back = 0;
                }
                "Tab" | "ArrowRight" if line.is_empty() && !event.shift_key() => field.set_value(&suggestion),
                "Tab" if !event.shift_key() => {
                    let words = complete.emit(line.clone());
                    // Where there is nothing to complete Tab goes on to the next thing, as everywhere on a page.
                    if words.is_empty() {
                        return;
                    }
                    field.set_value(&completed(&line, &words));
                    several.set(if words.len() > 1 { words } else { Vec::new() });
                }
                "ArrowUp" if *back < history.len() => {
                    *back += 1;
                    field.set_value(&history[history.len() - *back]);
                }
                "ArrowDown" if *back > 0 => {
                    *back -= 1;
                    let entry = history.len().checked_sub(*back).and_then(|index| history.get(index));
                    field.set_value(entry.map_or("", |entry| entry.as_str()));
                }
                "Escape" => {
                    let _ = field.blur();
                    return;
                }
                _ => return,
            }
            event.prevent_default();
        })
    };
    let take = {
        let (input, suggestion) = (input.clone(), props.suggestion.clone());
        Callback::from(move |_: MouseEvent| {
            let Some(field) = input.cast::<HtmlInputElement>() else { return };
            field.set_value(&suggestion);
            let _ = field.focus();
        })
    };
    html! {
        <>
            <div class="term-row">
                <span class="ps" aria-hidden="true">{ "$" }</span>
                <span class="term-line">
                    // The space keeps the placeholder shown while nothing is typed; the words stand beside the field, where
                    // a long suggestion has room to wrap.
                    <input ref={input} id="kubectl" type="text" aria-label="kubectl command" autocomplete="off"
                        autocapitalize="off" aria-describedby="kubectl-suggestion"
                        spellcheck="false" maxlength="2000" placeholder=" " {onkeydown} />
                    <span class="term-ghost" id="kubectl-suggestion" onclick={take}>
                        { props.suggestion.clone() }<kbd class="kbd">{ "Tab" }</kbd>
                    </span>
                </span>
            </div>
            <div class="term-words" role="status">
                { for several.iter().take(MOST_WORDS).map(|word| html! { <span>{ word }</span> }) }
                if several.len() > MOST_WORDS { <span>{ format!("and {} more", several.len() - MOST_WORDS) }</span> }
            </div>
        </>
    }
}

/// The line with its last word as far as `words` agree; a single word is followed by a space, unless more belongs to it.
fn completed(line: &str, words: &[String]) -> String {
    let begun = if line.ends_with(' ') { "" } else { line.rsplit(' ').next().unwrap_or(line) };
    let shared = completion::common(words);
    let before = &line[..line.len() - begun.len()];
    let is_whole = words.len() == 1 && !shared.ends_with('=');
    format!("{before}{shared}{}", if is_whole { " " } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_word_is_finished_and_several_as_far_as_they_agree() {
        let words = |all: &[&str]| all.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert_eq!(completed("kubectl sc", &words(&["scale"])), "kubectl scale ");
        assert_eq!(completed("kubectl get ", &words(&["pod", "pods"])), "kubectl get pod");
        assert_eq!(completed("scale x --rep", &words(&["--replicas="])), "scale x --replicas=");
    }
}
