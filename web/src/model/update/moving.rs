//! Moving through the known steps.

use super::super::Model;
use super::super::effect::Effect;
use super::super::message::Go;
use super::super::run::Ahead;
use super::{compute, save};
use crate::breakpoints::Breakpoint;

impl Model {
    pub(super) fn go(&mut self, go: Go, effects: &mut Vec<Effect>) {
        self.end_introduction();
        self.pause(effects);
        if matches!(go, Go::Forward(_)) && self.run.is_at_end() && self.run.ahead == Ahead::AtRest {
            self.look_further(effects);
        }
        self.run.go(go, self.playback.speed, None);
        effects.push(save());
    }

    /// At rest only far timers are left; stepping on lets the next one run out.
    pub(super) fn look_further(&mut self, effects: &mut Vec<Effect>) {
        if !self.run.look_further() {
            return self.say("Nothing more happens by itself. Apply a change or run a command.", effects);
        }
        effects.push(compute(self));
    }

    pub(super) fn seek(&mut self, breakpoint: &Breakpoint, effects: &mut Vec<Effect>) {
        self.end_introduction();
        self.pause(effects);
        self.frame.overlay = None;
        let known = self.run.timeline.len();
        let found = self.run.seek(breakpoint);
        if self.run.timeline.len() > known {
            effects.push(compute(self));
        }
        match found {
            Some(step) => self.go(Go::To(step), effects),
            None => self.say(&format!("It does not come to that: {}.", breakpoint.label()), effects),
        }
    }
}
