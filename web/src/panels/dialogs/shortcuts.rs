//! The list of shortcuts, from the keyboard's own table, and of the annotations that say what containers do.

use kubestep_core::simulation::{PREFIX, Setting, behaviours};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::Dialog;
use crate::keyboard::{SHORTCUTS, Shortcut};

/// The list of shortcuts.
#[derive(Properties, PartialEq)]
pub struct ShortcutsProps {
    /// Whether single keys act.
    pub single_keys: bool,
    /// Switches single keys on or off.
    pub on_single_keys: Callback<bool>,
    /// Closes the list.
    pub on_close: Callback<()>,
}

/// The list of shortcuts.
#[component]
pub fn Shortcuts(props: &ShortcutsProps) -> Html {
    let onchange = props.on_single_keys.reform(|event: Event| {
        event.target_dyn_into::<HtmlInputElement>().is_some_and(|input| input.checked())
    });
    html! {
        <Dialog title="Keyboard shortcuts" on_close={props.on_close.clone()}>
            <div class="dlg-b" tabindex="0" role="group" aria-label="Shortcuts">
                { for SHORTCUTS.iter().map(|group| html! {
                    <section>
                        <h3 class="over">{ group.title }</h3>
                        <dl class="keys-list">{ for group.shortcuts.iter().map(row) }</dl>
                    </section>
                }) }
                <section>
                    <h3 class="over">{ "What containers do: annotations of their pods" }</h3>
                    <dl class="keys-list annotations">{ for behaviours().iter().map(annotation) }</dl>
                </section>
                <label class="switch">
                    <input type="checkbox" checked={props.single_keys} {onchange} />
                    { "Single keys act (switch off if they get in the way of other tools)" }
                </label>
            </div>
        </Dialog>
    }
}

fn annotation(annotation: &Setting) -> Html {
    html! {
        <div>
            <dt><code>{ PREFIX }{ &annotation.path }</code>{ annotation.words }</dt>
            <dd>{ annotation.holds.name() }</dd>
        </div>
    }
}

fn row(shortcut: &Shortcut) -> Html {
    html! {
        <div>
            <dt>{ shortcut.does }</dt>
            <dd>{ for shortcut.keys.iter().map(|key| html! { <span class="kbd">{ *key }</span> }) }</dd>
        </div>
    }
}
