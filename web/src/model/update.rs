//! The one function that changes the model: a message in, the next model and what the browser must do out.

mod directories;
mod doing;
mod looking;
mod moving;
mod playing;
mod railing;
#[cfg(test)]
mod tests;

use super::effect::{Effect, Purpose};
use super::message::Message;
use super::session::Act;
use super::{File, Model};
use crate::persistence;

/// How long a change may wait to be kept, in milliseconds.
const SAVE_AFTER_MS: u32 = 600;

/// The model after `message`, and what the browser must do.
pub fn update(mut model: Model, message: Message) -> (Model, Vec<Effect>) {
    let mut effects = Vec::new();
    model.take(message, &mut effects);
    model.forget_saved(&mut effects);
    (model, effects)
}

impl Model {
    fn take(&mut self, message: Message, effects: &mut Vec<Effect>) {
        match message {
            Message::Go(go) => self.go(go, effects),
            Message::Seek(breakpoint) => self.seek(&breakpoint, effects),
            Message::Playback(message) => self.playback(message, effects),
            Message::Typed(text) => self.type_in(text, effects),
            Message::ReadDraft(serial) if serial == self.document.serial => self.document.read(),
            Message::ReadDraft(_) => {}
            Message::OpenFile(file) => {
                self.file = file;
                self.close_up = Vec::new();
            }
            Message::Directory(message) => self.directory(message, effects),
            Message::OpenMenu(figure, at) => self.open_menu(&figure, at),
            Message::CloseMenu => self.menu = None,
            Message::TypedCluster(text) => self.type_cluster(&text),
            Message::Apply if self.file == File::Cluster => self.apply_cluster(effects),
            Message::Apply if self.file == File::Directory => self.save_file(effects),
            Message::Apply => {
                self.document.read();
                let act = Act::apply(self.run.happened(), &self.document.draft);
                self.act(act, effects);
            }
            Message::Undo => self.undo(effects),
            Message::Kubectl(line) => self.kubectl(&line, effects),
            Message::Order(line) => self.order(&line, effects),
            Message::SendRequests(service) => self.send_requests(&service, effects),
            Message::Follow(client) => self.follow(&client, effects),
            Message::Compute(serial) if serial == self.run.serial => self.compute(effects),
            Message::Compute(_) => {}
            Message::OpenBranch(place) => self.open_branch(place, effects),
            Message::OpenLesson(place) => {
                self.end_introduction();
                self.open_lesson(place, effects);
            }
            Message::New => self.start_over("", effects),
            Message::Reset => {
                self.end_introduction();
                self.reset(effects);
            }
            Message::Rail(message) => self.rail(message, effects),
            Message::Select(object) => {
                if let Some(object) = &object {
                    self.look_closely_at(object);
                }
                self.select(object);
            }
            Message::Why(object) => self.why(object, effects),
            Message::FocusTerminal => self.focus_terminal(effects),
            Message::Frame(message) => self.frame(message, effects),
            Message::RevealLine(line) => {
                self.reveal = Some((line, self.reveal.map_or(0, |(_, serial)| serial + 1)))
            }
            Message::OpenTab(tab) => self.tab = tab,
            Message::CopyLink => self.copy_link(effects),
            Message::Save => {
                let text = serde_json::to_string(&self.session()).unwrap_or_default();
                effects.push(Effect::Keep { key: persistence::SESSION, text });
            }
            Message::ForgetNotice(number) => {
                self.notice = self.notice.take().filter(|(_, current)| *current != number);
            }
        }
    }
}

fn compute(model: &Model) -> Effect {
    Effect::Later { purpose: Purpose::Compute, milliseconds: 0, message: Message::Compute(model.run.serial) }
}

fn save() -> Effect {
    Effect::Later { purpose: Purpose::Save, milliseconds: SAVE_AFTER_MS, message: Message::Save }
}
