//! Virtual time: nanoseconds since the simulation began.
//!
//! Core has no clock; every instant here was computed from another one. On the calendar of API objects the
//! simulation begins at [`EPOCH_SECONDS`], a whole second, so that truncating to seconds (as the API does)
//! and virtual seconds agree.

use std::fmt;
use std::ops::{Add, Sub};

use k8s_openapi::apimachinery::pkg::apis::meta::v1 as meta;
use k8s_openapi::jiff::Timestamp;

/// What the calendar says when virtual time is zero: 2026-01-01T00:00:00Z, in seconds since 1970.
pub const EPOCH_SECONDS: i64 = 1_767_225_600;

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// An instant of virtual time, in nanoseconds since the simulation began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub u64);

/// A span of virtual time, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(pub u64);

impl Time {
    /// The beginning of the simulation.
    pub const ZERO: Time = Time(0);

    /// The span from `earlier` to `self`; zero if `earlier` is later.
    pub fn since(self, earlier: Time) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }

    /// Cut to the whole second, as the API stores timestamps.
    pub fn truncate_to_second(self) -> Time {
        Time(self.0 - self.0 % NANOS_PER_SECOND)
    }

    /// Seconds since the beginning, with fractions: for display alone.
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / NANOS_PER_SECOND as f64
    }

    /// `2026-01-01T00:00:03.655000000Z`: as logs stamp their lines.
    pub fn stamp(self) -> String {
        let whole = self.to_api().0.to_string();
        format!("{}.{:09}Z", whole.trim_end_matches('Z'), self.0 % NANOS_PER_SECOND)
    }

    /// As an API timestamp, cut to the whole second.
    pub fn to_api(self) -> meta::Time {
        let seconds = EPOCH_SECONDS + (self.0 / NANOS_PER_SECOND) as i64;
        meta::Time(Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX))
    }

    /// From an API timestamp; instants before the beginning become the beginning.
    pub fn from_api(time: &meta::Time) -> Time {
        let seconds = (time.0.as_second() - EPOCH_SECONDS).max(0) as u64;
        Time(seconds.saturating_mul(NANOS_PER_SECOND))
    }
}

impl Duration {
    /// No time at all.
    pub const ZERO: Duration = Duration(0);

    /// `seconds` whole seconds.
    pub const fn from_seconds(seconds: u64) -> Duration {
        Duration(seconds.saturating_mul(NANOS_PER_SECOND))
    }

    /// `milliseconds` whole milliseconds.
    pub const fn from_millis(milliseconds: u64) -> Duration {
        Duration(milliseconds.saturating_mul(1_000_000))
    }

    /// A duration as Go writes it: `1m30s`, `1.5h`, `250ms`; `0` needs no unit. `None` for any other text.
    pub fn parse(text: &str) -> Option<Duration> {
        if text == "0" {
            return Some(Duration::ZERO);
        }
        let mut sum = Duration::ZERO;
        let mut rest = text;
        while !rest.is_empty() {
            let number_end = rest.find(|character: char| !character.is_ascii_digit() && character != '.')?;
            let (number, after) = rest.split_at(number_end);
            let unit_end = after.find(|character: char| character.is_ascii_digit()).unwrap_or(after.len());
            let (unit, after) = after.split_at(unit_end);
            sum = sum + part(number, unit_nanos(unit)?)?;
            rest = after;
        }
        (!text.is_empty()).then_some(sum)
    }

    /// As Go prints it, cut to the millisecond: `900ms`, `1.2s`, `1m20s`, `5m0s`.
    pub fn as_go(self) -> String {
        let millis = self.as_millis();
        if millis < 1000 {
            return if millis == 0 { "0s".to_owned() } else { format!("{millis}ms") };
        }
        let (minutes, rest) = (millis / 60_000, millis % 60_000);
        let mut seconds = format!("{}.{:03}", rest / 1000, rest % 1000);
        seconds.truncate(seconds.trim_end_matches('0').trim_end_matches('.').len());
        if minutes == 0 {
            return format!("{seconds}s");
        }
        let seconds = if seconds.is_empty() { "0" } else { &seconds };
        match (minutes / 60, minutes % 60) {
            (0, minutes) => format!("{minutes}m{seconds}s"),
            (hours, minutes) => format!("{hours}h{minutes}m{seconds}s"),
        }
    }

    /// Whole milliseconds, truncated.
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000_000
    }

    /// Seconds with fractions: for display alone.
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / NANOS_PER_SECOND as f64
    }

    /// Whole seconds, truncated.
    pub const fn whole_seconds(self) -> u64 {
        self.0 / NANOS_PER_SECOND
    }
}

/// `1.5` of a unit of so many nanoseconds.
fn part(number: &str, unit: u64) -> Option<Duration> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.len() > 9 {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut nanos = whole.checked_mul(unit)?;
    let mut place = unit;
    for digit in fraction.chars() {
        place /= 10;
        nanos = nanos.checked_add(place * u64::from(digit.to_digit(10)?))?;
    }
    Some(Duration(nanos))
}

fn unit_nanos(unit: &str) -> Option<u64> {
    Some(match unit {
        "ns" => 1,
        "us" | "µs" => 1_000,
        "ms" => 1_000_000,
        "s" => NANOS_PER_SECOND,
        "m" => 60 * NANOS_PER_SECOND,
        "h" => 3600 * NANOS_PER_SECOND,
        _ => return None,
    })
}

impl Add<Duration> for Time {
    type Output = Time;
    fn add(self, span: Duration) -> Time {
        Time(self.0.saturating_add(span.0))
    }
}

impl Sub<Duration> for Time {
    type Output = Time;
    fn sub(self, span: Duration) -> Time {
        Time(self.0.saturating_sub(span.0))
    }
}

impl Add for Duration {
    type Output = Duration;
    fn add(self, other: Duration) -> Duration {
        Duration(self.0.saturating_add(other.0))
    }
}

/// Virtual seconds with three digits: `3.120`.
impl fmt::Display for Time {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{:03}", self.0 / NANOS_PER_SECOND, self.0 / 1_000_000 % 1000)
    }
}

/// Seconds with one digit: `1.5 s`; whole seconds without: `30 s`.
impl fmt::Display for Duration {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = (self.0 + 50_000_000) / 100_000_000;
        if tenths.is_multiple_of(10) {
            return write!(out, "{} s", tenths / 10);
        }
        write!(out, "{}.{} s", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::Duration;

    #[test]
    fn durations_are_read_as_go_writes_them() {
        assert_eq!(Duration::parse("1m30s"), Some(Duration::from_seconds(90)));
        assert_eq!(Duration::parse("1.5s"), Some(Duration::from_millis(1500)));
        assert_eq!(Duration::parse("0"), Some(Duration::ZERO));
        for text in ["", "30", "s", "1.2.3s", "1y", "-1s", "99999999999h"] {
            assert_eq!(Duration::parse(text), None, "{text}");
        }
    }
}
