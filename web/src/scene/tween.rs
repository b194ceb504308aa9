//! The picture at an instant between two scenes: where what moves is, and how visible what comes and goes is.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Scene;
use super::beats::Moment;
use super::easing::{Easing, ease};
use super::figures::{Key, PodFigure};
use super::geometry::{Rect, lerp};

/// How a figure is shown at an instant, seen from its place in the scene that is being reached.
#[derive(Clone, Debug, PartialEq)]
pub struct Pose {
    /// Which figure.
    pub key: Key,
    /// How far it is from its place, to the right.
    pub dx: f32,
    /// How far it is from its place, downwards.
    pub dy: f32,
    /// Its size, as a share of its size at rest.
    pub scale: f32,
    /// How visible it is, 0 to 1.
    pub opacity: f32,
}

/// What changes place or visibility between two scenes.
#[derive(Clone, Debug, Default)]
pub struct Tween {
    moving: Vec<(Key, Rect, Rect)>,
    arriving: Vec<Key>,
    leaving: Vec<Key>,
    ghosts: Vec<Rc<PodFigure>>,
}

impl Tween {
    /// What is different between two scenes.
    pub fn between(from: &Scene, to: &Scene) -> Tween {
        let before: BTreeMap<&str, Rect> = from.places().collect();
        let mut tween = Tween::default();
        for (key, rect) in to.places() {
            match before.get(key) {
                None => tween.arriving.push(Rc::from(key)),
                Some(old) if *old != rect => tween.moving.push((Rc::from(key), *old, rect)),
                Some(_) => {}
            }
        }
        let after: BTreeMap<&str, ()> = to.pods.iter().map(|pod| (&*pod.key, ())).collect();
        for pod in from.pods.iter().filter(|pod| !after.contains_key(&*pod.key)) {
            tween.leaving.push(Rc::clone(&pod.key));
            tween.ghosts.push(Rc::clone(pod));
        }
        tween
    }

    /// Pods of the scene that is left which the other no longer has: drawn until they have faded.
    pub fn ghosts(&self) -> &[Rc<PodFigure>] {
        &self.ghosts
    }

    /// Whether nothing changes its place or visibility.
    pub fn is_still(&self) -> bool {
        self.moving.is_empty() && self.arriving.is_empty() && self.leaving.is_empty()
    }

    /// How everything that is not at rest is shown at this moment.
    pub fn poses(&self, moment: &Moment) -> Vec<Pose> {
        let mut poses = Vec::with_capacity(self.moving.len() + self.arriving.len() + self.leaving.len());
        for (key, old, new) in &self.moving {
            let share = moment.consequences;
            let scale = if new.width > 0.0 { lerp(old.width / new.width, 1.0, share) } else { 1.0 };
            poses.push(Pose {
                key: Rc::clone(key),
                dx: (old.x - new.x) * (1.0 - share),
                dy: (old.y - new.y) * (1.0 - share),
                scale,
                opacity: 1.0,
            });
        }
        for key in &self.arriving {
            let share = moment.change;
            poses.push(Pose {
                key: Rc::clone(key),
                dx: 0.0,
                dy: (1.0 - share) * -8.0,
                scale: lerp(0.92, 1.0, share),
                opacity: share,
            });
        }
        for key in &self.leaving {
            let gone = ease(Easing::Exit, moment.change);
            poses.push(Pose {
                key: Rc::clone(key),
                dx: 0.0,
                dy: gone * 8.0,
                scale: lerp(1.0, 0.92, gone),
                opacity: 1.0 - gone,
            });
        }
        poses
    }
}

/// Where a figure is drawn at an instant.
pub fn posed(rect: Rect, pose: &Pose) -> Rect {
    Rect::new(rect.x + pose.dx, rect.y + pose.dy, rect.width * pose.scale, rect.height * pose.scale)
}
