//! Playing: step after step, each shown as long as it takes to see it, until a breakpoint or the end.

use kubestep_core::engine::Step;

use super::super::effect::{Effect, Purpose};
use super::super::message::{Go, Message, PlaybackMessage, Stride};
use super::super::run::Ahead;
use super::super::{Model, moves};
use super::save;
use crate::breakpoints::Breakpoint;
use crate::playback::showing;

impl Model {
    pub(super) fn playback(&mut self, message: PlaybackMessage, effects: &mut Vec<Effect>) {
        match message {
            PlaybackMessage::Toggle if self.playback.is_playing => {
                self.end_introduction();
                self.pause(effects);
            }
            PlaybackMessage::Toggle => {
                if self.run.is_at_end() && self.run.ahead == Ahead::AtRest && self.run.repeats.is_some() {
                    // What never settles goes on if asked: by its next round, not from the start again.
                    self.look_further(effects);
                } else if self.run.is_at_end() && self.run.ahead != Ahead::Computing {
                    self.run.go(Go::Start, self.playback.speed, None);
                }
                self.play(effects);
            }
            PlaybackMessage::Tick(serial)
                if self.playback.is_playing && serial == self.run.transition.serial =>
            {
                self.play_on(effects);
            }
            PlaybackMessage::Tick(_) => {}
            PlaybackMessage::Speed(speed) => {
                self.playback.is_introduction = false;
                self.playback.speed = speed;
            }
            PlaybackMessage::Stride(stride) => self.playback.stride = stride,
            PlaybackMessage::Axis(axis) => self.playback.axis = axis,
            PlaybackMessage::AddBreakpoint(breakpoint) => self.add_breakpoint(breakpoint),
            PlaybackMessage::RemoveBreakpoint(number) => {
                let kept = self.playback.breakpoints.iter().filter(|(each, _)| *each != number);
                self.playback.breakpoints = kept.cloned().collect();
            }
        }
    }

    fn add_breakpoint(&mut self, breakpoint: Breakpoint) {
        if self.playback.breakpoints.iter().any(|(_, known)| *known == breakpoint) {
            return;
        }
        let number = self.playback.breakpoints.last().map_or(0, |(number, _)| number + 1);
        self.playback.breakpoints =
            self.playback.breakpoints.iter().cloned().chain([(number, breakpoint)]).collect();
    }

    pub(super) fn play(&mut self, effects: &mut Vec<Effect>) {
        self.playback.is_playing = true;
        self.play_on(effects);
    }

    /// Shows the next step, and asks to be called again when it has been shown long enough.
    fn play_on(&mut self, effects: &mut Vec<Effect>) {
        let speed = self.playback.speed;
        let next = moves::target(self.run.timeline.steps(), &[], self.run.cursor, Go::Forward(Stride::Into));
        let Some(step) = next
            .filter(|next| Some(*next) != self.run.cursor)
            .and_then(|next| self.run.timeline.step(next))
            .cloned()
        else {
            return self.play_out(effects);
        };
        let showing = showing(&step, speed, self.frame.reduced_motion);
        self.run.go(Go::Forward(Stride::Into), showing.speed, Some(showing.dwell_ms));
        if self.is_stopped_at(&step) {
            self.stop_at(&step, effects);
        } else {
            effects.push(Effect::Later {
                purpose: Purpose::Play,
                milliseconds: showing.dwell_ms as u32,
                message: Message::Playback(PlaybackMessage::Tick(self.run.transition.serial)),
            });
        }
    }

    /// There is no next step: waits for the computation, or stops.
    fn play_out(&mut self, effects: &mut Vec<Effect>) {
        if self.run.ahead == Ahead::Computing {
            return effects.push(Effect::Later {
                purpose: Purpose::Play,
                milliseconds: 16,
                message: Message::Playback(PlaybackMessage::Tick(self.run.transition.serial)),
            });
        }
        self.end_introduction();
        self.pause(effects);
        if let Some(repeats) = self.run.repeats.clone() {
            self.say(&format!("{}. Play goes on with the next round.", repeats.words()), effects);
        }
        effects.push(save());
    }

    fn is_stopped_at(&self, step: &Step) -> bool {
        self.playback.breakpoints.iter().any(|(_, breakpoint)| breakpoint.is_hit_by(step, &self.run.chart))
    }

    fn stop_at(&mut self, step: &Step, effects: &mut Vec<Effect>) {
        let hit = self
            .playback
            .breakpoints
            .iter()
            .find(|(_, breakpoint)| breakpoint.is_hit_by(step, &self.run.chart));
        let words =
            hit.map(|(_, breakpoint)| format!("Stopped at step {}: {}", step.id.0 + 1, breakpoint.label()));
        self.pause(effects);
        if let Some(words) = words {
            self.say(&words, effects);
        }
    }

    pub(super) fn pause(&mut self, effects: &mut Vec<Effect>) {
        self.playback.is_playing = false;
        self.run.transition.dwell_ms = None;
        effects.push(Effect::Never(Purpose::Play));
    }

    /// From the viewer's first own move on, steps are shown at the speed the design means them for.
    pub(super) fn end_introduction(&mut self) {
        if self.playback.is_introduction {
            self.playback.is_introduction = false;
            self.playback.speed = 1.0;
        }
    }
}
