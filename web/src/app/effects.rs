//! Does in the browser what the model asks for.

use gloo_timers::callback::Timeout;
use yew::Callback;

use super::keys;
use crate::browser;
use crate::model::effect::{Effect, Purpose};
use crate::model::message::Message;
use crate::persistence;

/// What is on its way, and where messages go.
pub(super) struct Effects {
    send: Callback<Message>,
    timeouts: [Option<Timeout>; Purpose::COUNT],
    focus: Option<Timeout>,
}

impl Effects {
    /// Nothing on its way yet.
    pub(super) fn new(send: Callback<Message>) -> Self {
        Self { send, timeouts: Default::default(), focus: None }
    }

    /// Does them in order.
    pub(super) fn run(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            self.run_one(effect);
        }
    }

    fn run_one(&mut self, effect: Effect) {
        match effect {
            Effect::Later { purpose, milliseconds, message } => {
                let send = self.send.clone();
                self.timeouts[purpose as usize] =
                    Some(browser::after(milliseconds, move || send.emit(message)));
            }
            Effect::Never(purpose) => self.timeouts[purpose as usize] = None,
            Effect::Focus(selector) => self.move_focus(selector),
            Effect::CopyLink(fragment) => browser::copy(&browser::address(&fragment)),
            Effect::Keep { key, text } => persistence::keep_text(key, &text),
            Effect::Theme(theme) => browser::set_theme(theme),
            Effect::Property(name, value) => browser::set_property(name, &value),
        }
    }

    /// Once the change is drawn, if the element is not there yet.
    fn move_focus(&mut self, selector: &'static str) {
        if browser::focus(selector) {
            return keys::prompt_arrived();
        }
        self.focus = Some(browser::after(0, move || {
            browser::focus(selector);
            keys::prompt_arrived();
        }));
    }
}
