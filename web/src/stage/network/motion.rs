//! What moves in the network's view: requests in virtual time, and the followed one along its way in this step.

use kubestep_core::engine::StepId;
use web_sys::Element;

use super::super::clock::{self, Animation};
use super::super::rig::all;
use super::NetworkStageProps;
use crate::scene::beats::Motion;
use crate::scene::easing::{Easing, ease};
use crate::scene::network::NetworkScene;
use crate::scene::wires::along;

/// How long the followed request is on its way, in milliseconds at the usual speed.
const WAY_MS: f32 = 640.0;

/// A step that is being shown.
pub(super) struct Run {
    elapsed: f32,
    way_ms: f32,
    dwell_ms: Option<f32>,
    from: f64,
    until: f64,
    /// Keeps the clock going.
    _animation: Animation,
}

impl Run {
    /// Begins to show a step; `None` where nothing moves.
    pub(super) fn begin(
        props: &NetworkStageProps,
        scene: &NetworkScene,
        on_frame: impl Fn(f32) + 'static,
    ) -> Option<Run> {
        let transition = props.transition;
        let travels = transition.motion == Motion::Forward && !scene.way.is_empty();
        let flies = transition.dwell_ms.is_some() && !scene.flights.is_empty();
        if props.reduced_motion || !(travels || flies) {
            return None;
        }
        Some(Run {
            elapsed: 0.0,
            way_ms: if travels { WAY_MS / transition.speed.max(0.1) } else { 0.0 },
            dwell_ms: transition.dwell_ms,
            from: scene.now,
            until: next_time(props).max(scene.now),
            _animation: clock::animate(move |elapsed| {
                on_frame(elapsed);
                true
            }),
        })
    }

    /// Pausing stops virtual time; what was on its way in this step arrives.
    pub(super) fn paused(self) -> Option<Run> {
        (self.elapsed < self.way_ms).then(|| Run { dwell_ms: None, ..self })
    }

    /// Goes to a moment; answers whether anything still moves.
    pub(super) fn advance(&mut self, elapsed: f32, scene: &NetworkScene) -> bool {
        self.elapsed = elapsed;
        let dwells = self.dwell_ms.is_some_and(|dwell| elapsed < dwell) && !scene.flights.is_empty();
        elapsed < self.way_ms || dwells
    }

    fn share(&self) -> f32 {
        if self.way_ms <= 0.0 { 1.0 } else { ease(Easing::InOut, (self.elapsed / self.way_ms).min(1.0)) }
    }

    fn now(&self) -> f64 {
        let Some(dwell) = self.dwell_ms else { return self.from };
        self.from + (self.until - self.from) * f64::from((self.elapsed / dwell.max(1.0)).clamp(0.0, 1.0))
    }
}

/// The step after the one in view.
pub(super) fn next_step(props: &NetworkStageProps) -> Option<StepId> {
    let next = StepId(props.transition.to.map_or(0, |id| id.0 + 1));
    props.timeline.step(next).map(|step| step.id)
}

fn next_time(props: &NetworkStageProps) -> f64 {
    let next = next_step(props).and_then(|id| props.timeline.step(id));
    next.map_or(0.0, |step| step.at.as_seconds())
}

/// The elements that move.
#[derive(Default)]
pub(super) struct Movers {
    dots: Vec<Element>,
    crosses: Vec<Element>,
    packet: Option<Element>,
}

impl Movers {
    /// Finds them again after they were rendered.
    pub(super) fn collect(&mut self, plane: &Element) {
        self.dots = all(plane, ".dot").collect();
        self.crosses = all(plane, ".cross").collect();
        self.packet = plane.query_selector(".packet").ok().flatten();
    }

    /// Puts each where it is at this moment.
    pub(super) fn show(&self, scene: &NetworkScene, run: Option<&Run>) {
        let now = run.map_or(scene.now, Run::now);
        let mut flying = scene.flights.iter().filter_map(|flight| flight.position(now));
        for dot in &self.dots {
            put(dot, flying.next());
        }
        let died = scene.flights.iter().filter(|flight| flight.has_failed(now));
        let mut ends = died.filter_map(|flight| flight.end());
        for cross in &self.crosses {
            put(cross, ends.next());
        }
        if let Some(packet) = &self.packet {
            put(packet, along(&scene.way, run.map_or(1.0, Run::share)).map(|(at, _)| at));
        }
    }
}

fn put(element: &Element, at: Option<crate::scene::geometry::Point>) {
    let Some(at) = at else {
        return set(element, "visibility", "hidden");
    };
    set(element, "transform", &format!("translate({:.1} {:.1})", at.x, at.y));
    set(element, "visibility", "visible");
}

fn set(element: &Element, name: &str, value: &str) {
    // Only names with characters that no attribute may have are refused.
    let _ = element.set_attribute(name, value);
}
