//! Looking at a deletion station by station.

use kubestep_core::story::Deletion;

use super::super::Model;
use super::super::effect::Effect;
use super::super::message::Go;
use super::super::rail::{Rail, RailMessage, offered};

impl Model {
    pub(super) fn rail(&mut self, message: RailMessage, effects: &mut Vec<Effect>) {
        match message {
            RailMessage::Open(pod) => self.open_rail(pod),
            RailMessage::Toggle if self.rail.is_some() => self.close_rail(),
            RailMessage::Toggle => match offered(self) {
                Some(pod) => self.open_rail(pod),
                None => self.say("No pod is being deleted in this step.", effects),
            },
            RailMessage::Close => self.close_rail(),
            RailMessage::Compare(is_compared) => {
                self.rail = self.rail.map(|rail| Rail { is_compared, ..rail });
            }
            RailMessage::Next => self.go_to_station(true, effects),
            RailMessage::Previous => self.go_to_station(false, effects),
        }
    }

    /// The panel on the left gives way, or the stage would have no room.
    pub(in crate::model) fn open_rail(&mut self, pod: kubestep_core::api::Uid) {
        let is_compared = self.rail.is_some_and(|rail| rail.is_compared);
        self.rail = Some(Rail { pod, is_compared });
        self.frame.make_room_for_rail();
    }

    fn close_rail(&mut self) {
        self.rail = None;
        self.frame.take_room_back();
    }

    fn go_to_station(&mut self, is_forward: bool, effects: &mut Vec<Effect>) {
        let Some(rail) = self.rail else {
            return self.say("Open a deletion first: D, in a step that belongs to one.", effects);
        };
        let Some(deletion) = Deletion::of(&self.run.timeline, rail.pod) else { return };
        let step = match self.run.cursor {
            Some(cursor) if is_forward => deletion.next_step(cursor),
            Some(cursor) => deletion.previous_step(cursor),
            None if is_forward => deletion.stations.iter().filter_map(|station| station.step()).min(),
            None => None,
        };
        if let Some(step) = step {
            self.go(Go::To(step), effects);
        }
    }
}
