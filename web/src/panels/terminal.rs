//! The kubectl line: what was typed and answered up to the step in view, and a prompt.
//!
//! The answers belong to the timeline: stepping back takes them off the screen again.

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
                    on_line={props.on_line.clone()} />
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
    on_line: Callback<String>,
}

/// Where one types: Enter sends, the arrows walk through what was typed before, Right takes the suggestion.
#[component]
fn Prompt(props: &PromptProps) -> Html {
    let input = use_node_ref();
    // How many entries back the walk has come; 0 is the line being typed.
    let back = use_mut_ref(|| 0_usize);
    let onkeydown = {
        let (input, history, suggestion, on_line) =
            (input.clone(), props.history.clone(), props.suggestion.clone(), props.on_line.clone());
        Callback::from(move |event: KeyboardEvent| {
            let Some(field) = input.cast::<HtmlInputElement>() else { return };
            let mut back = back.borrow_mut();
            match event.key().as_str() {
                "Enter" if !field.value().trim().is_empty() => {
                    on_line.emit(field.value().trim().to_owned());
                    field.set_value("");
                    *back = 0;
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
                "ArrowRight" if field.value().is_empty() => field.set_value(&suggestion),
                "Escape" => {
                    let _ = field.blur();
                    return;
                }
                _ => return,
            }
            event.prevent_default();
        })
    };
    html! {
        <div class="term-row">
            <span class="ps" aria-hidden="true">{ "$" }</span>
            <input ref={input} id="kubectl" type="text" aria-label="kubectl command" autocomplete="off"
                autocapitalize="off"
                spellcheck="false" maxlength="2000" placeholder={props.suggestion.clone()} {onkeydown} />
        </div>
    }
}
