//! How high a station's row is: all of them are in view at once, where that is possible at all.

use yew::prelude::*;

use crate::stage::measure::Measured;

/// The height of the heads above two worlds, and of the space above the first row, as in the style sheet.
const HEADS: f64 = 44.0;
const ABOVE: f64 = 4.0;

/// How high a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pitch {
    /// Two lines with space around them, as in the design.
    Roomy,
    /// Two lines.
    Close,
    /// One line.
    Tight,
}

impl Pitch {
    /// The largest at which so many rows are as high as `room`, in pixels.
    fn of(room: f64, rows: usize) -> Pitch {
        let fits = |pitch: &Pitch| pitch.height() * rows as f64 <= room;
        [Pitch::Roomy, Pitch::Close].into_iter().find(fits).unwrap_or(Pitch::Tight)
    }

    /// Its class in the style sheet, which gives rows this height.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Pitch::Roomy => "roomy",
            Pitch::Close => "close",
            Pitch::Tight => "tight",
        }
    }

    /// The height of a row, in pixels.
    pub(super) const fn height(self) -> f64 {
        match self {
            Pitch::Roomy => 48.0,
            Pitch::Close => 38.0,
            Pitch::Tight => 29.0,
        }
    }

    /// Where the marker of a station is, from the top of the first row.
    pub(super) fn y(self, place: usize) -> f64 {
        let marker = match self {
            Pitch::Roomy => 18.0,
            Pitch::Close | Pitch::Tight => 14.0,
        };
        place as f64 * self.height() + marker
    }
}

/// The pitch of so many rows in the element that is mounted at `body`; it follows the element's size.
#[hook]
pub(super) fn use_pitch(body: &NodeRef, rows: usize, is_compared: bool) -> Pitch {
    let height = use_state(|| 0.0);
    let element = body.clone();
    let seen = height.setter();
    use_effect_with((), move |()| {
        let mut measured = None;
        let again = element.clone();
        let read = move || {
            if let Some(body) = again.cast::<web_sys::Element>() {
                seen.set(f64::from(body.client_height()));
            }
        };
        read();
        Measured::keep(&mut measured, &element, read);
        move || drop(measured)
    });
    Pitch::of(*height - ABOVE - if is_compared { HEADS } else { 0.0 }, rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_closer_before_any_of_them_is_out_of_view() {
        assert_eq!(Pitch::of(480.0, 10), Pitch::Roomy);
        assert_eq!(Pitch::of(479.0, 10), Pitch::Close);
        assert_eq!(Pitch::of(300.0, 10), Pitch::Tight);
        assert_eq!(Pitch::of(0.0, 10), Pitch::Tight);
    }
}
