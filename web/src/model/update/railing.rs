//! Looking at a deletion, a rollout, a drain or an outage station by station.

use kubestep_core::story::{Rail as Story, Subject};

use super::super::Model;
use super::super::effect::Effect;
use super::super::message::Go;
use super::super::rail::{Rail, RailMessage, offered};

impl Model {
    pub(super) fn rail(&mut self, message: RailMessage, effects: &mut Vec<Effect>) {
        match message {
            RailMessage::Open(subject) => self.open_rail(subject),
            RailMessage::Toggle if self.rail.is_some() => self.close_rail(),
            RailMessage::Toggle => match offered(self).first() {
                Some(subject) => self.open_rail(*subject),
                None => self.say("This step belongs to no deletion, rollout, drain or outage.", effects),
            },
            RailMessage::Close => self.close_rail(),
            RailMessage::Compare(beside) => {
                self.rail = self.rail.map(|rail| Rail { beside, ..rail });
            }
            RailMessage::Next => self.go_to_station(true, effects),
            RailMessage::Previous => self.go_to_station(false, effects),
        }
    }

    /// The panel on the left gives way, or the stage would have no room.
    pub(in crate::model) fn open_rail(&mut self, subject: Subject) {
        self.rail = Some(Rail { subject, beside: None });
        self.frame.make_room_for_rail();
    }

    pub(super) fn close_rail(&mut self) {
        self.rail = None;
        self.frame.take_room_back();
    }

    fn go_to_station(&mut self, is_forward: bool, effects: &mut Vec<Effect>) {
        let Some(rail) = self.rail else {
            return self.say("Open the stations first: D, in a step that belongs to some.", effects);
        };
        let Some(story) = Story::of(&self.run.timeline, rail.subject) else { return };
        let cursor = self.run.cursor;
        let step = if is_forward { story.next_step(cursor) } else { story.previous_step(cursor) };
        if let Some(step) = step {
            self.go(Go::To(step), effects);
        }
    }
}
