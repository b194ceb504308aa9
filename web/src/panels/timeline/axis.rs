//! The timeline's horizontal axis: virtual time, or one equal width for each step.

/// What the axis measures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Axis {
    /// Virtual seconds.
    #[default]
    Time,
    /// Steps, each equally wide.
    Steps,
}

/// The stretch of the axis that is in view: seconds or steps, by the axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// Its start.
    pub from: f64,
    /// Its end, after the start.
    pub until: f64,
}

/// A view laid out over pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ruler {
    /// What is in view.
    pub view: View,
    /// Where the view begins, in pixels.
    pub left: f64,
    /// Where it ends, in pixels.
    pub right: f64,
}

/// A mark of the ruler.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Its value on the axis.
    pub value: f64,
    /// Whether it has a label; others are short ticks.
    pub labelled: bool,
}

/// The shortest stretch one can zoom to: 10 ms, or a few steps.
const SHORTEST: [(Axis, f64); 2] = [(Axis::Time, 0.01), (Axis::Steps, 4.0)];
/// Labelled marks stand at least this far apart.
const LABEL_PITCH: f64 = 84.0;
const MINOR_MARKS: u32 = 5;

impl View {
    /// All of a history that ends at `end`.
    pub fn all(end: f64) -> View {
        View { from: 0.0, until: if end > 0.0 { end } else { 1.0 } }
    }

    /// How long it is.
    pub fn length(self) -> f64 {
        self.until - self.from
    }

    /// The view made `factor` times as long (below 1 zooms in) around a value that stays where it is, inside 0..=`end`.
    pub fn zoomed(self, axis: Axis, factor: f64, around: f64, end: f64) -> View {
        let shortest = SHORTEST.iter().find(|(of, _)| *of == axis).map_or(0.01, |(_, length)| *length);
        let length = (self.length() * factor).clamp(shortest.min(end), end.max(shortest));
        let share = (around - self.from) / self.length();
        View { from: around - share * length, until: around + (1.0 - share) * length }.inside(end)
    }

    /// The view moved by so much, inside 0..=`end`.
    pub fn moved(self, by: f64, end: f64) -> View {
        View { from: self.from + by, until: self.until + by }.inside(end)
    }

    /// The view moved, if it must, so that a value is in it.
    pub fn showing(self, value: f64, end: f64) -> View {
        if (self.from..=self.until).contains(&value) {
            return self;
        }
        self.moved(value - self.from - self.length() * 0.2, end)
    }

    fn inside(self, end: f64) -> View {
        let length = self.length();
        let from = self.from.min(end - length).max(0.0);
        View { from, until: from + length }
    }
}

impl Ruler {
    /// Where a value lies, in pixels.
    pub fn x(&self, value: f64) -> f64 {
        self.left + (value - self.view.from) / self.view.length() * (self.right - self.left)
    }

    /// Which value lies at this pixel.
    pub fn value(&self, x: f64) -> f64 {
        self.view.from + (x - self.left) / (self.right - self.left) * self.view.length()
    }

    /// Whether any of a stretch is in view.
    pub fn shows(&self, from: f64, until: f64) -> bool {
        until >= self.view.from && from <= self.view.until
    }

    /// The marks in view, from left to right: labelled ones at round values and short ones between them.
    pub fn marks(&self, axis: Axis) -> Vec<Mark> {
        let pitch = LABEL_PITCH * self.view.length() / (self.right - self.left);
        let major = round_up(pitch, axis);
        let minor = match axis {
            Axis::Steps if major < f64::from(MINOR_MARKS) => 1.0,
            _ => major / f64::from(MINOR_MARKS),
        };
        let every = (major / minor).round() as i64;
        let first = (self.view.from / minor).ceil() as i64;
        let last = (self.view.until / minor + 1e-9).floor() as i64;
        (first..=last).map(|i| Mark { value: i as f64 * minor, labelled: i % every == 0 }).collect()
    }
}

/// The next larger of 1, 2, 5, 10, 20, 50, ..: whole numbers only on the step axis.
fn round_up(value: f64, axis: Axis) -> f64 {
    let value = match axis {
        Axis::Time => value,
        Axis::Steps => value.max(1.0),
    };
    let power = 10_f64.powf(value.log10().floor());
    let digits = value / power;
    let digit = [1.0, 2.0, 5.0].into_iter().find(|digit| digits <= digit + 1e-9).unwrap_or(10.0);
    digit * power
}

/// How a mark is labelled: `4 s`, `0.25 s`, `10 min`, or the bare number of a step.
pub fn label(axis: Axis, value: f64) -> String {
    if axis == Axis::Steps {
        return format!("{value:.0}");
    }
    if value >= 600.0 && (value / 60.0).fract().abs() < 1e-9 {
        return format!("{:.0} min", value / 60.0);
    }
    let text = format!("{value:.3}");
    format!("{} s", text.trim_end_matches('0').trim_end_matches('.'))
}

/// A virtual time as the clock shows it: `00:03.120`.
pub fn clock(seconds: f64) -> String {
    let milliseconds = (seconds * 1000.0).round() as u64;
    let (minutes, rest) = (milliseconds / 60_000, milliseconds % 60_000);
    format!("{minutes:02}:{:02}.{:03}", rest / 1000, rest % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ruler(from: f64, until: f64) -> Ruler {
        Ruler { view: View { from, until }, left: 128.0, right: 1424.0 }
    }

    #[test]
    fn ten_seconds_have_a_label_each_second_as_the_design_has() {
        let ruler = ruler(0.0, 10.0);
        let labels: Vec<String> = ruler
            .marks(Axis::Time)
            .iter()
            .filter(|m| m.labelled)
            .map(|m| label(Axis::Time, m.value))
            .collect();
        assert_eq!(labels, ["0 s", "1 s", "2 s", "3 s", "4 s", "5 s", "6 s", "7 s", "8 s", "9 s", "10 s"]);
        assert!((ruler.x(1.0) - 257.6).abs() < 0.01);
        assert!((ruler.value(257.6) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn steps_are_labelled_with_whole_numbers() {
        for until in [5.0, 40.0, 118.0, 9_999.0] {
            for mark in ruler(0.0, until).marks(Axis::Steps) {
                assert_eq!(mark.value.fract(), 0.0, "{until}: {mark:?}");
            }
        }
    }

    #[test]
    fn zooming_keeps_the_value_under_the_pointer_and_stays_inside() {
        let view = View::all(10.0).zoomed(Axis::Time, 0.5, 4.0, 10.0);
        assert_eq!(view, View { from: 2.0, until: 7.0 });
        assert_eq!(view.zoomed(Axis::Time, 100.0, 4.0, 10.0), View { from: 0.0, until: 10.0 });
        assert_eq!(view.moved(9.0, 10.0), View { from: 5.0, until: 10.0 });
        assert!(View::all(10.0).zoomed(Axis::Time, 1e-9, 4.0, 10.0).length() >= 0.01);
    }

    #[test]
    fn a_playhead_outside_the_view_comes_into_it() {
        let view = View { from: 0.0, until: 2.0 };
        assert_eq!(view.showing(1.0, 10.0), view);
        let moved = view.showing(5.0, 10.0);
        assert!(moved.from < 5.0 && 5.0 < moved.until);
    }

    #[test]
    fn times_are_written_with_three_digits_on_the_clock_and_none_to_spare_on_the_axis() {
        assert_eq!(clock(3.12), "00:03.120");
        assert_eq!(clock(631.0004), "10:31.000");
        assert_eq!(label(Axis::Time, 0.25), "0.25 s");
        assert_eq!(label(Axis::Time, 600.0), "10 min");
    }
}
