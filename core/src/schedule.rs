//! Cron schedules: `*/5 9-17 * * MON-FRI`, `@daily`, `@every 90s`. Upstream: `github.com/robfig/cron`.
//!
//! Times are those of the calendar that virtual time begins on, in UTC.

use k8s_openapi::jiff::civil::DateTime;
use k8s_openapi::jiff::tz::TimeZone;
use k8s_openapi::jiff::{Timestamp, ToSpan};

use crate::time::Duration;

/// When something is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Schedule {
    /// At these minutes, hours and days.
    Calendar(Box<Calendar>),
    /// After so many seconds, again and again.
    Every(i64),
}

/// The values of each field that match, as bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Calendar {
    minutes: Field,
    hours: Field,
    days: Field,
    months: Field,
    weekdays: Field,
}

/// One field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Field {
    bits: u64,
    /// Whether it was `*` or `?`: then a day need not match it, if the other day field matches.
    is_any: bool,
}

impl Field {
    fn has(self, value: i8) -> bool {
        self.bits & (1 << value) != 0
    }
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
/// Schedules that match no day within so many years match none.
const YEARS: i32 = 5;

impl Schedule {
    /// Reads a schedule.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Schedule, String> {
        if let Some(interval) = text.strip_prefix("@every ") {
            let interval = Duration::parse(interval.trim());
            let seconds = interval.map(|interval| interval.whole_seconds().max(1) as i64);
            return seconds.map(Schedule::Every).ok_or_else(|| format!("failed to parse duration {text}"));
        }
        let fields = match text {
            "@yearly" | "@annually" => "0 0 1 1 *",
            "@monthly" => "0 0 1 * *",
            "@weekly" => "0 0 * * 0",
            "@daily" | "@midnight" => "0 0 * * *",
            "@hourly" => "0 * * * *",
            macro_name if macro_name.starts_with('@') => {
                return Err(format!("unrecognized descriptor: {macro_name}"));
            }
            fields => fields,
        };
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields[..] else {
            return Err(format!("expected exactly 5 fields, found {}: [{}]", fields.len(), fields.join(" ")));
        };
        Ok(Schedule::Calendar(Box::new(Calendar {
            minutes: field(minutes, 0, 59, &[])?,
            hours: field(hours, 0, 23, &[])?,
            days: field(days, 1, 31, &[])?,
            months: field(months, 1, 12, &MONTHS)?,
            weekdays: field(weekdays, 0, 6, &WEEKDAYS)?,
        })))
    }

    /// The first time after `then`, in seconds since 1970; `None` if there is none within five years.
    pub(crate) fn next(&self, then: i64) -> Option<i64> {
        match self {
            Schedule::Every(seconds) => Some(then + seconds),
            Schedule::Calendar(calendar) => calendar.next(then),
        }
    }
}

impl Calendar {
    fn next(&self, then: i64) -> Option<i64> {
        let start = Timestamp::from_second(then - then.rem_euclid(60) + 60).ok()?;
        let start = start.to_zoned(TimeZone::UTC).datetime();
        let last_year = i32::from(start.year()) + YEARS;
        let mut day = start.date();
        while i32::from(day.year()) <= last_year {
            if self.has_day(day.month(), day.day(), day.weekday().to_sunday_zero_offset()) {
                let from = if day == start.date() { (start.hour(), start.minute()) } else { (0, 0) };
                if let Some((hour, minute)) = self.time_from(from) {
                    return seconds(day.at(hour, minute, 0, 0));
                }
            }
            day = day.checked_add(1.day()).ok()?;
        }
        None
    }

    /// The days of the month and of the week add up, unless one of them is any.
    fn has_day(&self, month: i8, day: i8, weekday: i8) -> bool {
        let (by_day, by_weekday) = (self.days.has(day), self.weekdays.has(weekday));
        let either = if self.days.is_any || self.weekdays.is_any {
            by_day && by_weekday
        } else {
            by_day || by_weekday
        };
        self.months.has(month) && either
    }

    fn time_from(&self, from: (i8, i8)) -> Option<(i8, i8)> {
        let hours = (from.0..24).filter(|hour| self.hours.has(*hour));
        hours.into_iter().find_map(|hour| {
            let first = if hour == from.0 { from.1 } else { 0 };
            (first..60).find(|minute| self.minutes.has(*minute)).map(|minute| (hour, minute))
        })
    }
}

fn seconds(at: DateTime) -> Option<i64> {
    at.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp().as_second())
}

/// `*/15`, `1-5`, `mon,wed`
fn field(text: &str, least: u32, most: u32, names: &[&str]) -> Result<Field, String> {
    let mut all = Field { bits: 0, is_any: false };
    for part in text.split(',') {
        let one = range(part, least, most, names)?;
        all.bits |= one.bits;
        all.is_any |= one.is_any;
    }
    Ok(all)
}

fn range(text: &str, least: u32, most: u32, names: &[&str]) -> Result<Field, String> {
    let (values, step) = match text.split_once('/') {
        Some((values, step)) => (values, Some(number(step, least, &[])?)),
        None => (text, None),
    };
    let is_any = matches!(values, "*" | "?");
    let (first, last) = match values.split_once('-') {
        _ if is_any => (least, most),
        Some((first, last)) => (number(first, least, names)?, number(last, least, names)?),
        None => {
            let first = number(values, least, names)?;
            (first, if step.is_some() { most } else { first })
        }
    };
    if first < least {
        return Err(format!("beginning of range ({first}) below minimum ({least}): {text}"));
    }
    if last > most {
        return Err(format!("end of range ({last}) above maximum ({most}): {text}"));
    }
    if first > last {
        return Err(format!("beginning of range ({first}) beyond end of range ({last}): {text}"));
    }
    let step = step.unwrap_or(1);
    if step == 0 {
        return Err(format!("step of range should be a positive number: {text}"));
    }
    let bits = (first..=last).step_by(step as usize).fold(0, |bits, value| bits | 1_u64 << value);
    Ok(Field { bits, is_any: is_any && step == 1 })
}

fn number(text: &str, least: u32, names: &[&str]) -> Result<u32, String> {
    let name = names.iter().position(|name| name.eq_ignore_ascii_case(text));
    if let Some(place) = name {
        return Ok(place as u32 + least);
    }
    text.parse().map_err(|_| {
        format!("failed to parse int from {text}: strconv.Atoi: parsing {text:?}: invalid syntax")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(schedule: &str, then: &str) -> String {
        let then: Timestamp = then.parse().unwrap();
        let next = Schedule::parse(schedule).unwrap().next(then.as_second());
        next.map_or_else(|| "never".to_owned(), |next| Timestamp::from_second(next).unwrap().to_string())
    }

    #[test]
    fn the_next_time_is_the_first_that_every_field_matches() {
        let then = "2026-01-01T00:00:00Z"; // a Thursday
        for (schedule, wanted) in [
            ("* * * * *", "2026-01-01T00:01:00Z"),
            ("*/15 * * * *", "2026-01-01T00:15:00Z"),
            ("0 3 * * *", "2026-01-01T03:00:00Z"),
            ("0 0 * * *", "2026-01-02T00:00:00Z"),
            ("30 9 * * mon-fri", "2026-01-01T09:30:00Z"),
            ("0 12 * * SAT", "2026-01-03T12:00:00Z"),
            ("0 0 29 2 *", "2028-02-29T00:00:00Z"),
            ("0 0 31 2 *", "never"),
            ("0 0 13 * fri", "2026-01-02T00:00:00Z"),
            ("5/20 1 * * *", "2026-01-01T01:05:00Z"),
            ("@monthly", "2026-02-01T00:00:00Z"),
            ("@every 90s", "2026-01-01T00:01:30Z"),
        ] {
            assert_eq!(next(schedule, then), wanted, "{schedule}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for schedule in ["", "* * * *", "60 * * * *", "5-1 * * * *", "*/0 * * * *", "@often", "x * * * *"] {
            assert!(Schedule::parse(schedule).is_err(), "{schedule}");
        }
    }
}
