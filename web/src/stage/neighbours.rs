//! Which figure the arrow keys go to next.

use crate::scene::geometry::Rect;

/// A direction on the stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the left.
    Left,
    /// To the right.
    Right,
    /// Upwards.
    Up,
    /// Downwards.
    Down,
}

impl Direction {
    /// The direction of an arrow key.
    pub fn of_key(key: &str) -> Option<Direction> {
        match key {
            "ArrowLeft" => Some(Direction::Left),
            "ArrowRight" => Some(Direction::Right),
            "ArrowUp" => Some(Direction::Up),
            "ArrowDown" => Some(Direction::Down),
            _ => None,
        }
    }
}

/// The nearest of some places in a direction: those straight ahead count as nearer than those to the side.
pub fn nearest<'a>(
    from: Rect,
    direction: Direction,
    others: impl Iterator<Item = (&'a str, Rect)>,
) -> Option<&'a str> {
    let start = from.center();
    others
        .filter_map(|(key, rect)| {
            let end = rect.center();
            let (ahead, aside) = match direction {
                Direction::Left => (start.x - end.x, start.y - end.y),
                Direction::Right => (end.x - start.x, start.y - end.y),
                Direction::Up => (start.y - end.y, start.x - end.x),
                Direction::Down => (end.y - start.y, start.x - end.x),
            };
            (ahead > 1.0).then(|| (key, ahead + 2.0 * aside.abs()))
        })
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(key, _)| key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_go_to_what_is_straight_ahead() {
        let places = [
            ("right", Rect::new(200.0, 0.0, 10.0, 10.0)),
            ("below", Rect::new(0.0, 90.0, 10.0, 10.0)),
            ("aside", Rect::new(100.0, 80.0, 10.0, 10.0)),
        ];
        let from = Rect::new(0.0, 0.0, 10.0, 10.0);
        assert_eq!(nearest(from, Direction::Right, places.into_iter()), Some("right"));
        assert_eq!(nearest(from, Direction::Down, places.into_iter()), Some("below"));
        assert_eq!(nearest(from, Direction::Up, places.into_iter()), None);
    }
}
