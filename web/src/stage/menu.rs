//! Asking for a figure's menu: with the pointer's other button, or with the keyboard's menu key (Shift F10).

use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

/// What the menu key does on a focused figure.
pub fn is_menu_key(event: &KeyboardEvent) -> bool {
    event.key() == "ContextMenu" || (event.key() == "F10" && event.shift_key())
}

/// The figure that an element belongs to, and the place in the window where its menu opens; the empty name stands for
/// the cluster as a whole.
pub fn asked_for(target: Option<Element>) -> Option<(String, (i32, i32))> {
    let target = target?;
    let figure = target.closest("[data-figure]").ok().flatten();
    let rect = figure.as_ref().unwrap_or(&target).get_bounding_client_rect();
    let name = figure.and_then(|figure| figure.get_attribute("data-figure")).unwrap_or_default();
    Some((name, (rect.left() as i32 + 12, rect.top() as i32 + 22)))
}

/// Listens to the pointer's other button.
pub fn on_context_menu(menu: Callback<(String, (i32, i32))>) -> Callback<MouseEvent> {
    Callback::from(move |event: MouseEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let Some((name, beside)) = asked_for(target) else { return };
        event.prevent_default();
        let at = (event.client_x(), event.client_y());
        menu.emit((name, if at == (0, 0) { beside } else { at }));
    })
}

/// Listens to the menu key.
pub fn on_menu_key(menu: Callback<(String, (i32, i32))>) -> Callback<KeyboardEvent> {
    Callback::from(move |event: KeyboardEvent| {
        if !is_menu_key(&event) {
            return;
        }
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        if let Some((name, at)) = asked_for(target) {
            event.prevent_default();
            event.stop_propagation();
            menu.emit((name, at));
        }
    })
}
