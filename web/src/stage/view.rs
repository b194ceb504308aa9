//! Zoom and pan: one transform for everything on the stage.

use crate::scene::geometry::{Point, Size};

/// How the plane lies on the screen, beyond fitting it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// 1 is the scale at which everything fits.
    pub zoom: f32,
    /// Where the plane's top left corner is, in screen pixels.
    pub offset: Point,
}

const SMALLEST: f32 = 0.5;
const LARGEST: f32 = 4.0;

impl Default for View {
    fn default() -> Self {
        View { zoom: 1.0, offset: Point::new(0.0, 0.0) }
    }
}

impl View {
    /// Zoomed by a factor around a point of the screen, which stays where it is.
    pub fn zoomed(self, factor: f32, around: Point) -> View {
        let zoom = (self.zoom * factor).clamp(SMALLEST, LARGEST);
        let factor = zoom / self.zoom;
        let offset = Point::new(
            around.x - (around.x - self.offset.x) * factor,
            around.y - (around.y - self.offset.y) * factor,
        );
        View { zoom, offset }
    }

    /// Moved by so many screen pixels.
    pub fn moved(self, dx: f32, dy: f32) -> View {
        View { offset: Point::new(self.offset.x + dx, self.offset.y + dy), ..self }
    }

    /// Kept so that a quarter of the space still shows something of the stage.
    pub fn inside(self, space: Size) -> View {
        let (width, height) = (space.width * self.zoom, space.height * self.zoom);
        let x = self.offset.x.clamp(space.width * 0.25 - width, space.width * 0.75);
        let y = self.offset.y.clamp(space.height * 0.25 - height, space.height * 0.75);
        View { offset: Point::new(x, y), ..self }
    }

    /// The point of the stage that lies under a point of the screen; `scale` is the plan's own.
    pub fn stage_point(self, screen: Point, scale: f32) -> Point {
        let total = self.zoom * scale;
        Point::new((screen.x - self.offset.x) / total, (screen.y - self.offset.y) / total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_point_under_the_pointer_stays_there() {
        let pointer = Point::new(300.0, 200.0);
        let before = View::default().stage_point(pointer, 1.0);
        let view = View::default().zoomed(2.0, pointer);
        assert_eq!(view.zoom, 2.0);
        assert_eq!(view.stage_point(pointer, 1.0), before);
    }

    #[test]
    fn the_stage_cannot_be_pushed_out_of_sight() {
        let space = Size::new(700.0, 600.0);
        let view = View::default().moved(-5_000.0, 5_000.0).inside(space);
        assert_eq!(view.offset, Point::new(-525.0, 450.0));
    }
}
