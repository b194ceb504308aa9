//! The few things the page asks of the browser, each as one call; nothing else names `web_sys::window`.

use gloo_timers::callback::Timeout;
use js_sys::Reflect;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, Element, HtmlElement, Storage, Window};

/// The page's window; there is always one where this runs.
pub fn window() -> Window {
    web_sys::window().expect("the page runs in a window")
}

/// The page's document.
pub fn document() -> Document {
    window().document().expect("the window shows a document")
}

/// The `<html>` element.
pub fn root() -> HtmlElement {
    document()
        .document_element()
        .and_then(|element| element.dyn_into().ok())
        .expect("the document has a root")
}

/// This origin's local storage, if the browser grants it.
pub fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// Sets a custom property on the root; a Content-Security-Policy that forbids style attributes allows this.
pub fn set_property(name: &str, value: &str) {
    // Only a name or value that is no CSS at all is refused, and then the style sheet's own value stays.
    let _ = root().style().set_property(name, value);
}

/// Switches the whole page's theme.
pub fn set_theme(theme: &str) {
    let _ = root().set_attribute("data-theme", theme);
}

/// The theme that is on: `dark` or `light`, as boot.js chose it.
pub fn theme() -> String {
    root().get_attribute("data-theme").unwrap_or_else(|| "dark".to_owned())
}

/// The window's inner width in CSS pixels.
pub fn width() -> f64 {
    window().inner_width().ok().and_then(|width| width.as_f64()).unwrap_or(1440.0)
}

/// The window's inner height in CSS pixels.
pub fn height() -> f64 {
    window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(900.0)
}

/// Whether the viewer asked their system for less movement.
pub fn prefers_reduced_motion() -> bool {
    let query = window().match_media("(prefers-reduced-motion: reduce)");
    query.ok().flatten().is_some_and(|query| query.matches())
}

/// The page's own address with another text after the `#`.
pub fn address(fragment: &str) -> String {
    let here = window().location().href().unwrap_or_default();
    let page = here.split('#').next().unwrap_or_default();
    format!("{page}#{fragment}")
}

/// What stands after the `#`, which is taken away: a reload shall go on where the viewer was, not where the link led.
pub fn take_fragment() -> String {
    let fragment = window().location().hash().unwrap_or_default();
    if !fragment.is_empty() {
        let path = window().location().pathname().unwrap_or_default();
        let replaced = window()
            .history()
            .and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(&path)));
        // Only a page without an address of its own refuses; then the link stays.
        let _ = replaced;
    }
    fragment
}

/// Puts text on the clipboard.
pub fn copy(text: &str) {
    // The promise's outcome is not awaited: a refusal changes nothing here.
    let _ = window().navigator().clipboard().write_text(text);
}

/// Calls `then` after `milliseconds`, unless what is returned is dropped before.
pub fn after(milliseconds: u32, then: impl FnOnce() + 'static) -> Timeout {
    Timeout::new(milliseconds, then)
}

/// Calls `then` when there is nothing better to do.
pub fn when_idle(then: impl FnOnce() + 'static) {
    /// How long to wait where a browser cannot tell when it is idle.
    const A_WHILE_MS: i32 = 50;
    let then = Closure::once_into_js(then);
    let asked = window().request_idle_callback(then.unchecked_ref());
    if asked.is_err() {
        // Refused only without a window to wait in, and then nothing is drawn either.
        let _ =
            window().set_timeout_with_callback_and_timeout_and_arguments_0(then.unchecked_ref(), A_WHILE_MS);
    }
}

/// Moves the focus to the first element that matches. Returns whether there is one.
pub fn focus(selector: &str) -> bool {
    let found = document().query_selector(selector).ok().flatten();
    let element = found.and_then(|element| element.dyn_into::<HtmlElement>().ok());
    element.is_some_and(|element| element.focus().is_ok())
}

/// Whether keys typed into `target` are text, so that single-key shortcuts must not act on them.
pub fn takes_text(target: &Element) -> bool {
    target.closest("input,textarea,select,.code,.term,dialog,[contenteditable]").ok().flatten().is_some()
}

/// Whether Space or Enter on `target` presses it.
pub fn is_pressed_by_space(target: &Element) -> bool {
    target.closest("button,a,summary,[role=tab],[role=option]").ok().flatten().is_some()
}

/// Milliseconds since the page was opened.
pub fn now() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

/// Marks this moment for whoever measures the page.
pub fn mark(name: &str) {
    let _ = window().performance().map(|performance| performance.mark(name));
}

/// Whether all of the program is there, or will not come: boot.js says so.
pub fn plays() -> bool {
    document().document_element().is_some_and(|root| root.has_attribute("data-plays"))
}

/// Tells boot.js, which needs none of this program, that the program stopped.
pub fn report_panic(reason: &str) {
    let Ok(page) = Reflect::get(&window(), &JsValue::from_str("kubestepPage")) else { return };
    let Ok(panicked) = Reflect::get(&page, &JsValue::from_str("panicked")) else { return };
    if let Ok(function) = panicked.dyn_into::<js_sys::Function>() {
        let _ = function.call1(&JsValue::NULL, &JsValue::from_str(reason));
    }
}
