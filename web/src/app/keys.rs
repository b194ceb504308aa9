//! Listens to the keyboard for the whole page.

use std::cell::Cell;

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent, Window};
use yew::Callback;

use crate::browser;
use crate::keyboard::{Deed, Place, Press, deed};
use crate::model::message::Message;
use crate::panels::terminal::PROMPT;
use crate::stage;

thread_local! {
    /// Whether single keys act. The listener outlives every rendering, so it looks this up.
    static SINGLE_KEYS: Cell<bool> = const { Cell::new(true) };
}

/// How long a held key waits between two steps, in milliseconds: 8 steps a second.
const GLIDE_MS: f64 = 125.0;

thread_local! {
    /// When a held key made its last step.
    static GLIDED: Cell<f64> = const { Cell::new(0.0) };
    /// Whether the prompt was asked for and has not been drawn yet.
    static AWAITS_PROMPT: Cell<bool> = const { Cell::new(false) };
}

fn is_time_to_glide() -> bool {
    let now = browser::now();
    let is_time = now - GLIDED.get() >= GLIDE_MS;
    if is_time {
        GLIDED.set(now);
    }
    is_time
}

/// Switches single keys on or off.
pub(super) fn set_single_keys(on: bool) {
    SINGLE_KEYS.set(on);
}

/// The prompt that was asked for has been drawn and has the focus.
pub(super) fn prompt_arrived() {
    AWAITS_PROMPT.set(false);
}

/// Sends what each key does.
pub(super) fn listen(window: &Window, send: Callback<Message>) -> EventListener {
    let options = EventListenerOptions::enable_prevent_default();
    EventListener::new_with_options(window, "keydown", options, move |event| {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
        // What has the focus may have used the key already.
        if event.default_prevented() || event.is_composing() {
            return;
        }
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let place = Place {
            takes_text: AWAITS_PROMPT.get() || target.as_ref().is_some_and(browser::takes_text),
            is_button: target.as_ref().is_some_and(browser::is_pressed_by_space),
            single_keys: SINGLE_KEYS.get(),
        };
        let key = event.key();
        let press = Press {
            key: &key,
            ctrl: event.ctrl_key() || event.meta_key(),
            shift: event.shift_key(),
            alt: event.alt_key(),
            is_held: event.repeat(),
        };
        let Some(deed) = deed(press, place) else { return };
        event.prevent_default();
        if press.is_held && !is_time_to_glide() {
            return;
        }
        match deed {
            Deed::Send(message) => {
                if message == Message::FocusTerminal {
                    // Before the message: it may wait for a slice of the simulation, and what is typed meanwhile is
                    // meant for the prompt.
                    AWAITS_PROMPT.set(!browser::focus(PROMPT));
                }
                send.emit(message);
            }
            Deed::Stage(command) => stage::command(command),
        }
    })
}
