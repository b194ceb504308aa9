//! The menu of what can be done to something on the stage, where it was asked for.

use web_sys::HtmlElement;
use yew::prelude::*;

use crate::browser;
use crate::model::menu::Menu;
use crate::model::message::Message;

/// What the menu shows.
#[derive(Properties, PartialEq)]
pub struct ActionMenuProps {
    /// The menu.
    pub menu: Menu,
    /// Where to report to.
    pub on: Callback<Message>,
}

/// So much of the window is kept free to its right and below it, in CSS pixels.
const WIDTH: i32 = 236;
const ROW: i32 = 30;

/// The menu: arrows choose, Enter does, Esc closes.
#[component]
pub fn ActionMenu(props: &ActionMenuProps) -> Html {
    let list = use_node_ref();
    {
        let list = list.clone();
        use_effect_with(props.menu.clone(), move |menu| {
            if let Some(element) = list.cast::<HtmlElement>() {
                place(&element, menu);
                focus(&element, 0);
            }
        });
    }
    let close = props.on.reform(|_: MouseEvent| Message::CloseMenu);
    let onkeydown = {
        let (on, list, count) = (props.on.clone(), list.clone(), props.menu.actions.len());
        Callback::from(move |event: KeyboardEvent| {
            let Some(element) = list.cast::<HtmlElement>() else { return };
            let here = focused(&element);
            match &*event.key() {
                "Escape" | "Tab" => on.emit(Message::CloseMenu),
                "ArrowDown" => focus(&element, (here + 1) % count.max(1)),
                "ArrowUp" => focus(&element, (here + count.max(1) - 1) % count.max(1)),
                "Home" => focus(&element, 0),
                "End" => focus(&element, count.saturating_sub(1)),
                _ => return,
            }
            event.prevent_default();
            event.stop_propagation();
        })
    };
    html! {
        <aside class="act-scrim" aria-label="Menu" onclick={close.clone()} oncontextmenu={close.reform(|event: MouseEvent| { event.prevent_default(); event })}>
            <div class="pop act-menu" ref={list} {onkeydown} onclick={|event: MouseEvent| event.stop_propagation()}>
                <b class="act-title">{ &props.menu.title }</b>
                <div role="menu" aria-label={format!("What can be done to {}", props.menu.title)}>
                    { for props.menu.actions.iter().map(|action| {
                        let line = action.line.clone();
                        let onclick = props.on.reform(move |_: MouseEvent| Message::Kubectl(line.clone()));
                        html! {
                            <button class="item" type="button" role="menuitem" tabindex="-1" title={action.line.clone()} {onclick}>{ &action.label }</button>
                        }
                    }) }
                </div>
            </div>
        </aside>
    }
}

fn items(list: &HtmlElement) -> Vec<HtmlElement> {
    use wasm_bindgen::JsCast;
    let Ok(found) = list.query_selector_all("[role=menuitem]") else { return Vec::new() };
    (0..found.length()).filter_map(|place| found.item(place)?.dyn_into().ok()).collect()
}

fn focused(list: &HtmlElement) -> usize {
    items(list).iter().position(|item| item.matches(":focus").unwrap_or(false)).unwrap_or(0)
}

fn focus(list: &HtmlElement, place: usize) {
    if let Some(item) = items(list).get(place) {
        // What cannot take the focus leaves it where it is.
        let _ = item.focus();
    }
}

/// Puts it where it was asked for, inside of the window.
fn place(list: &HtmlElement, menu: &Menu) {
    let (width, height) = (browser::width() as i32, browser::height() as i32);
    let tall = (menu.actions.len() as i32 * ROW + 44).min(height - 16);
    let x = menu.at.0.min(width - WIDTH).max(8);
    let y = menu.at.1.min(height - tall - 8).max(8);
    let style = list.style();
    // A style that the browser refuses leaves the menu in its corner.
    let _ = style.set_property("left", &format!("{x}px"));
    let _ = style.set_property("top", &format!("{y}px"));
    let _ = style.set_property("max-height", &format!("{}px", height - y - 8));
}
