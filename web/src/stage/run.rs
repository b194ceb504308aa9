//! A transition on its way: it is announced, it makes its change, it comes to rest; a pause holds it where it is.

use kubestep_core::engine::StepId;
use yew::prelude::*;

use super::clock::{self, Animation};
use super::sight::{next_time, read};
use super::{Msg, Stage, StageEvent};
use crate::scene::Scene;
use crate::scene::beats::{Beats, Motion, Shape};
use crate::scene::geometry::lerp;
use crate::scene::tween::Tween;
use crate::shared::Shared;

/// A transition on its way.
pub(super) struct Run {
    beats: Beats,
    pub(super) tween: Tween,
    pub(super) from: Shared<Scene>,
    /// Whether the change has been made.
    pub(super) changed: bool,
    /// Milliseconds shown before the clock was started anew (after a pause).
    before: f32,
    elapsed: f32,
    dwell_ms: Option<f32>,
    /// Virtual time runs from here to there while the step is shown.
    until: f64,
    settled: bool,
    /// Keeps the clock going.
    animation: Option<Animation>,
}

impl Stage {
    /// A transition begins: from where the last one leads, however far it came, to the step that the viewer went to.
    pub(super) fn begin(&mut self, ctx: &Context<Self>) {
        let props = ctx.props();
        let transition = props.transition;
        let is_cut_short = self.run.as_ref().is_some_and(|run| !run.changed);
        let from = if is_cut_short { self.rest.clone() } else { self.shown.clone() };
        self.rest = Shared::new(read(props, self.space, Some(&from)));
        let step = transition.to.and_then(|id| props.timeline.step(id));
        // Steps that are passed over on the way are not told, only what they led to; folded ones do not count.
        let first = transition.from.map_or(0, |id| id.0 + 1);
        let is_folded = |id| props.timeline.step(StepId(id)).is_some_and(|step| step.is_quiet());
        let tells = transition.motion != Motion::Forward
            || transition.to.is_some_and(|to| (first..to.0).all(is_folded));
        let shape = match step {
            Some(step) if tells => Shape::of(step),
            _ => Shape::Local,
        };
        let beats = Beats::new(shape, transition.motion, transition.speed, props.reduced_motion);
        let tween = match transition.motion {
            Motion::Scrub => Tween::default(),
            Motion::Forward | Motion::Back => Tween::between(&from, &self.rest),
        };
        let tween = if props.reduced_motion { Tween::default() } else { tween };
        let changed = beats.change_at_ms() <= 0.0;
        self.ghosts = if changed { tween.ghosts().to_vec() } else { Vec::new() };
        self.shown = if changed { self.rest.clone() } else { Shared::new(self.rest.announced_over(&from)) };
        let link = ctx.link().clone();
        self.run = Some(Run {
            beats,
            tween,
            from,
            changed,
            before: 0.0,
            elapsed: 0.0,
            dwell_ms: transition.dwell_ms.filter(|_| !props.reduced_motion),
            until: next_time(props),
            settled: false,
            animation: Some(clock::animate(move |elapsed| {
                link.send_message(Msg::Frame(elapsed));
                true
            })),
        });
    }

    /// One frame. Answers whether something must be rendered.
    pub(super) fn frame(&mut self, ctx: &Context<Self>, elapsed: f32) -> bool {
        let Some(run) = &mut self.run else { return false };
        run.elapsed = run.before + elapsed;
        let moment = run.beats.at(run.elapsed);
        if !run.changed && run.elapsed >= run.beats.change_at_ms() {
            run.changed = true;
            self.ghosts = run.tween.ghosts().to_vec();
            self.shown = self.rest.clone();
            return true;
        }
        if moment.done && !run.settled {
            run.settled = true;
            let serial = ctx.props().transition.serial;
            ctx.props().on_event.emit(StageEvent::Settled { serial });
            let had_ghosts = !std::mem::take(&mut self.ghosts).is_empty();
            self.apply();
            self.stop_if_over();
            return had_ghosts;
        }
        self.apply();
        self.stop_if_over();
        false
    }

    /// Stops the clock when neither the beats nor the dwell need another frame.
    fn stop_if_over(&mut self) {
        let Some(run) = &self.run else { return };
        let runs_on = has_grace(&self.shown) || !self.shown.flights.is_empty();
        let dwells = run.dwell_ms.is_some_and(|dwell| run.elapsed < dwell) && runs_on;
        if run.settled && !dwells {
            self.run = None;
        }
    }

    /// Writes what is not at rest into the elements.
    pub(super) fn apply(&mut self) {
        let Some(run) = &self.run else {
            let moment = Beats::new(Shape::Local, Motion::Scrub, 1.0, true).at(0.0);
            self.rig.travel(&self.shown, &moment);
            self.rig.pose(&[]);
            self.rig.draw_cells(&self.shown, &[]);
            self.rig.fly(&self.shown, self.shown.now);
            return;
        };
        let moment = run.beats.at(run.elapsed);
        self.rig.travel(&self.shown, &moment);
        let poses = if run.changed { run.tween.poses(&moment) } else { Vec::new() };
        self.rig.pose(&poses);
        if run.changed {
            self.rig.draw_cells(&self.shown, &poses);
        }
        if let Some(dwell) = run.dwell_ms {
            let share = (run.elapsed / dwell.max(1.0)).clamp(0.0, 1.0);
            let now = self.rest.now + (run.until - self.rest.now) * f64::from(lerp(0.0, 1.0, share));
            self.rig.turn_rings(&self.shown, now);
            self.rig.fly(&self.shown, now);
        }
    }

    /// Pausing holds everything where it is; playing on from the same step lets it go on.
    pub(super) fn pause_or_go_on(&mut self, ctx: &Context<Self>, dwell_ms: Option<f32>) {
        let Some(run) = &mut self.run else { return };
        let was_playing = run.dwell_ms.is_some();
        run.dwell_ms = dwell_ms;
        if was_playing && dwell_ms.is_none() {
            run.before = run.elapsed;
            run.animation = None;
        }
        if dwell_ms.is_some() && run.animation.is_none() {
            let link = ctx.link().clone();
            run.animation = Some(clock::animate(move |elapsed| {
                link.send_message(Msg::Frame(elapsed));
                true
            }));
        }
    }
}

fn has_grace(scene: &Scene) -> bool {
    scene.pods.iter().any(|pod| pod.grace.is_some())
}
