//! When each visible part of a step happens while it is shown.
//!
//! One step is one change, told in order: the deciding line lights, the actor lights, the message travels, the API
//! server's stations fill, the object changes, the consequences follow. The whole lasts at most 1.4 s at speed 1:
//!
//! ```text
//! 0    140  280                       780      1080 1160   1400 ms
//! source
//!      actor
//!           message ------------------>
//!                                     stations->
//!                                           change-------->
//!                                              consequences>
//! ```

use kubestep_core::engine::{Step, What};

use super::easing::{self, Easing};

/// How the viewer came to a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    /// From the step before: every beat is played.
    Forward,
    /// From a later step: only the object's change is played, in reverse.
    Back,
    /// From anywhere: the picture jumps.
    Scrub,
}

/// What kind of beats a step has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A request travels to the API server and passes its stations.
    Request,
    /// Something happens at one place: a container starts, a look finds nothing to do.
    Local,
}

impl Shape {
    /// The kind of beats that a step has.
    pub fn of(step: &Step) -> Shape {
        match &step.what {
            What::Written(_) | What::Refused { .. } => Shape::Request,
            What::Asked(_) | What::Machine(_) | What::Hop(_) | What::Printed(_) | What::Looked => {
                Shape::Local
            }
        }
    }
}

/// From when to when a beat lasts, in milliseconds after the step began to be shown.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Slot {
    from: f32,
    until: f32,
}

/// The beats of one step on their way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beats {
    actor: Slot,
    message: Slot,
    stations: Slot,
    change: Slot,
    consequences: Slot,
}

/// How far each beat has come, eased, each from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// The acting component lights up.
    pub actor: f32,
    /// The message travels from the actor to the API server.
    pub message: f32,
    /// How many of the API server's five stations are filled.
    pub stations: u8,
    /// The object itself changes: its glyph, its numbers.
    pub change: f32,
    /// What follows: pods move to their slots, gaps close.
    pub consequences: f32,
    /// Whether everything has come to rest.
    pub done: bool,
}

/// The stations of a request inside the API server.
pub const STATIONS: u8 = 5;

/// At this speed and above messages jump and only end states fade.
const JUMP_SPEED: f32 = 4.0;
const FADE_MS: f32 = 140.0;
const BACK_MS: f32 = 240.0;
const STATION_MS: f32 = 60.0;

const NEVER: Slot = Slot { from: 0.0, until: 0.0 };

/// How long a step's beats last when it is shown this way, in milliseconds.
pub fn duration_ms(step: &Step, motion: Motion, speed: f32) -> f32 {
    Beats::new(Shape::of(step), motion, speed, false).duration_ms()
}

impl Beats {
    /// The beats of a step that is shown in this way; with reduced motion, and when scrubbing, everything is at rest at once.
    pub fn new(shape: Shape, motion: Motion, speed: f32, reduced_motion: bool) -> Beats {
        if motion == Motion::Scrub || reduced_motion {
            return Beats::at_rest();
        }
        let speed = speed.max(0.05);
        if motion == Motion::Back {
            let change = Slot { from: 0.0, until: BACK_MS / speed };
            return Beats { change, consequences: change, ..Beats::at_rest() };
        }
        if speed >= JUMP_SPEED {
            let change = Slot { from: 0.0, until: FADE_MS };
            return Beats { change, consequences: change, ..Beats::at_rest() };
        }
        let slot = |from: f32, until: f32| Slot { from: from / speed, until: until / speed };
        match shape {
            Shape::Request => Beats {
                actor: slot(0.0, 140.0),
                message: slot(140.0, 780.0),
                stations: slot(780.0, 780.0 + STATION_MS * f32::from(STATIONS)),
                change: slot(980.0, 1220.0),
                consequences: slot(980.0, 1400.0),
            },
            Shape::Local => Beats {
                actor: slot(0.0, 140.0),
                change: slot(140.0, 380.0),
                consequences: slot(140.0, 560.0),
                ..Beats::at_rest()
            },
        }
    }

    const fn at_rest() -> Beats {
        Beats { actor: NEVER, message: NEVER, stations: NEVER, change: NEVER, consequences: NEVER }
    }

    /// How long all of it lasts, in milliseconds.
    pub fn duration_ms(&self) -> f32 {
        [self.actor, self.message, self.stations, self.change, self.consequences]
            .iter()
            .fold(0.0, |longest, slot| longest.max(slot.until))
    }

    /// When the picture changes from the step before to this one, in milliseconds.
    pub fn change_at_ms(&self) -> f32 {
        self.change.from
    }

    /// How far everything is, so many milliseconds after the step began to be shown.
    pub fn at(&self, elapsed_ms: f32) -> Moment {
        let stations = self.stations.share(elapsed_ms) * f32::from(STATIONS);
        Moment {
            actor: easing::ease(Easing::Out, self.actor.share(elapsed_ms)),
            message: easing::ease(Easing::InOut, self.message.share(elapsed_ms)),
            stations: stations as u8,
            change: easing::ease(Easing::Out, self.change.share(elapsed_ms)),
            consequences: easing::ease(Easing::InOut, self.consequences.share(elapsed_ms)),
            done: elapsed_ms >= self.duration_ms(),
        }
    }
}

impl Slot {
    fn share(self, elapsed_ms: f32) -> f32 {
        if elapsed_ms >= self.until {
            return 1.0;
        }
        ((elapsed_ms - self.from) / (self.until - self.from)).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_told_in_order_and_within_1400_ms() {
        let beats = Beats::new(Shape::Request, Motion::Forward, 1.0, false);
        assert_eq!(beats.duration_ms(), 1400.0);
        let travelling = beats.at(400.0);
        assert_eq!((travelling.actor, travelling.stations, travelling.change), (1.0, 0, 0.0));
        assert!(travelling.message > 0.0 && travelling.message < 1.0);
        let checked = beats.at(910.0);
        assert_eq!((checked.message, checked.stations), (1.0, 2));
        assert!(beats.at(1400.0).done);
    }

    #[test]
    fn speed_divides_every_beat_and_from_4x_messages_jump() {
        assert_eq!(Beats::new(Shape::Request, Motion::Forward, 2.0, false).duration_ms(), 700.0);
        let fast = Beats::new(Shape::Request, Motion::Forward, 4.0, false);
        assert_eq!(fast.duration_ms(), 140.0);
        assert_eq!(fast.at(0.0).message, 1.0);
    }

    #[test]
    fn stepping_back_plays_the_change_without_the_message() {
        let back = Beats::new(Shape::Request, Motion::Back, 1.0, false);
        assert_eq!(back.duration_ms(), 240.0);
        let start = back.at(0.0);
        assert_eq!((start.message, start.stations, start.change), (1.0, STATIONS, 0.0));
    }

    #[test]
    fn scrubbing_and_reduced_motion_are_at_rest_at_once() {
        for beats in [
            Beats::new(Shape::Request, Motion::Scrub, 1.0, false),
            Beats::new(Shape::Request, Motion::Forward, 1.0, true),
        ] {
            let moment = beats.at(0.0);
            assert!(moment.done);
            assert_eq!(
                (moment.message, moment.stations, moment.change, moment.consequences),
                (1.0, STATIONS, 1.0, 1.0)
            );
        }
    }
}
