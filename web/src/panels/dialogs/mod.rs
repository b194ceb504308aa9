//! What opens over the page: one frame for all of them, and a file for each.

pub mod branches;
pub mod breakpoints;
pub mod go_to;
pub mod lessons;
pub mod review;
pub mod shortcuts;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDialogElement, HtmlElement, KeyboardEvent, MouseEvent};
use yew::prelude::*;

use crate::stage::sprite::Icon;

/// A small panel over the page that a click beside it closes.
#[derive(Properties, PartialEq)]
pub struct PopoverProps {
    /// Esc, or a click beside it.
    pub on_close: Callback<()>,
    /// What it shows.
    pub children: Html,
}

/// A small panel over the page that a click beside it closes.
#[component]
pub fn Popover(props: &PopoverProps) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            let first =
                node.cast::<Element>().and_then(|element| element.query_selector("button,input").ok()?);
            if let Some(first) = first.and_then(|first| first.dyn_into::<HtmlElement>().ok()) {
                let _ = first.focus();
            }
        });
    }
    let onclick = props.on_close.reform(|_: MouseEvent| ());
    let onkeydown = {
        let on_close = props.on_close.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                on_close.emit(());
            }
        })
    };
    html! {
        <div ref={node} {onkeydown}>
            <div class="pop-back" {onclick}></div>
            { props.children.clone() }
        </div>
    }
}

/// A dialog over the page.
#[derive(Properties, PartialEq)]
pub struct DialogProps {
    /// What it is about; its heading and its name for assistive technology.
    pub title: AttrValue,
    /// Classes beside `dlg`.
    #[prop_or_default]
    pub class: Classes,
    /// Whether it has no heading row of its own.
    #[prop_or_default]
    pub bare: bool,
    /// Esc, the close button, or a click beside it.
    pub on_close: Callback<()>,
    /// What it shows.
    pub children: Html,
}

/// A native modal dialog: the browser keeps the focus inside and gives it back.
#[component]
pub fn Dialog(props: &DialogProps) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            if let Some(dialog) = node.cast::<HtmlDialogElement>() {
                // Fails only if it is open already.
                let _ = dialog.show_modal();
            }
        });
    }
    let close = {
        let on_close = props.on_close.clone();
        Callback::from(move |()| on_close.emit(()))
    };
    let onclose = close.reform(|_: Event| ());
    let onclick = {
        let node = node.clone();
        let close = close.clone();
        Callback::from(move |event: MouseEvent| {
            // The backdrop is the dialog itself; everything in it is a child.
            let target = event.target_dyn_into::<HtmlDialogElement>();
            if target.is_some() && target == node.cast::<HtmlDialogElement>() {
                close.emit(());
            }
        })
    };
    html! {
        <dialog ref={node} class={classes!("dlg", props.class.clone())} aria-label={props.title.clone()}
            {onclose} {onclick}>
            if !props.bare {
                <div class="dlg-h">
                    <h2>{ props.title.clone() }</h2>
                    <span class="grow"></span>
                    <button class="ibtn" type="button" aria-label="Close"
                        onclick={close.reform(|_: MouseEvent| ())}>
                        <Icon name="x" size={16} />
                    </button>
                </div>
            }
            { props.children.clone() }
        </dialog>
    }
}
