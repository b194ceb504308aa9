//! Cron schedules: `*/5 9-17 * * MON-FRI`, `@daily`, `@every 90s`. Upstream: `github.com/robfig/cron`.
//!
//! Times are those of the calendar that virtual time begins on. A day that jumps over an hour has no Job of that hour, and
//! one that has an hour twice has two.

mod zone;

use k8s_openapi::jiff::Timestamp;
use k8s_openapi::jiff::civil::DateTime;
use k8s_openapi::jiff::tz::TimeZone;

use crate::time::Duration;
pub(crate) use zone::Zone;

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
const YEARS: i16 = 5;
const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

impl Schedule {
    /// Reads a schedule. A time zone that it begins with is looked up, no more: the API server takes none.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Schedule, String> {
        let zoned = text.strip_prefix("TZ=").or_else(|| text.strip_prefix("CRON_TZ="));
        let Some((zone, text)) = zoned.and_then(|zoned| zoned.split_once(' ')) else {
            return Schedule::unzoned(text);
        };
        if !zone.is_empty() && Zone::named(zone).is_none() {
            return Err(format!("provided bad location {zone}: unknown time zone {zone}"));
        }
        Schedule::unzoned(text.trim())
    }

    fn unzoned(text: &str) -> Result<Schedule, String> {
        if text.is_empty() {
            return Err("empty spec string".to_owned());
        }
        if let Some(interval) = text.strip_prefix("@every ") {
            let seconds = Duration::parse(interval).map(|interval| interval.whole_seconds().max(1) as i64);
            let unread = || format!("failed to parse duration {text}: {}", duration_fault(interval));
            return seconds.map(Schedule::Every).ok_or_else(unread);
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

    /// The first time after `then` by the clocks of `zone`, in seconds since 1970; `None` if there is none within five
    /// years.
    pub(crate) fn next(&self, then: i64, zone: &Zone) -> Option<i64> {
        match self {
            Schedule::Every(seconds) => Some(then + seconds),
            Schedule::Calendar(calendar) => calendar.next(then, zone),
        }
    }
}

impl Calendar {
    fn next(&self, then: i64, zone: &Zone) -> Option<i64> {
        let mut at = then - then.rem_euclid(MINUTE) + MINUTE;
        let last_year = reading(at, zone)?.year() + YEARS;
        loop {
            let clock = reading(at, zone)?;
            if clock.year() > last_year {
                return None;
            }
            at = if !self.has_day(clock) {
                tomorrow(at, clock, zone)?
            } else if !self.hours.has(clock.hour()) {
                at + HOUR - i64::from(clock.minute()) * MINUTE
            } else if !self.minutes.has(clock.minute()) {
                at + MINUTE
            } else {
                return Some(at);
            };
        }
    }

    /// The days of the month and of the week add up, unless one of them is any.
    fn has_day(&self, clock: DateTime) -> bool {
        let by_weekday = self.weekdays.has(clock.weekday().to_sunday_zero_offset());
        let by_day = self.days.has(clock.day());
        let either = if self.days.is_any || self.weekdays.is_any {
            by_day && by_weekday
        } else {
            by_day || by_weekday
        };
        self.months.has(clock.month()) && either
    }
}

/// What clocks show at `second` since 1970.
fn reading(second: i64, zone: &Zone) -> Option<DateTime> {
    let shown = Timestamp::from_second(second + zone.ahead_at(second)).ok()?;
    Some(TimeZone::UTC.to_datetime(shown))
}

/// The first second of the next day, where clocks show `clock` at `second`.
fn tomorrow(second: i64, clock: DateTime, zone: &Zone) -> Option<i64> {
    let passed = i64::from(clock.hour()) * HOUR + i64::from(clock.minute()) * MINUTE;
    let midnight = second + 24 * HOUR - passed;
    // Clocks that were changed in the meantime are before or past midnight.
    let changed = zone.ahead_at(midnight) - zone.ahead_at(second);
    let is_early = reading(midnight, zone)?.date() == clock.date();
    let is_late = changed > 0 && reading(midnight - changed, zone)?.date() != clock.date();
    Some(if is_early || is_late { midnight - changed } else { midnight })
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
        Some((_, step)) if step.contains('/') => return Err(format!("too many slashes: {text}")),
        Some((values, step)) => (values, Some(step)),
        None => (text, None),
    };
    let (low, high) = match values.split_once('-') {
        Some((low, high)) => (low, Some(high)),
        None => (values, None),
    };
    let is_any = matches!(low, "*" | "?");
    let (first, last) = match high {
        _ if is_any => (least, most),
        Some(high) if high.contains('-') => return Err(format!("too many hyphens: {text}")),
        Some(high) => (number(low, least, names, text)?, number(high, least, names, text)?),
        None => {
            let first = number(low, least, names, text)?;
            (first, if step.is_some() { most } else { first })
        }
    };
    let step = step.map(|step| number(step, least, &[], text)).transpose()?.unwrap_or(1);
    if first < least {
        return Err(format!("beginning of range ({first}) below minimum ({least}): {text}"));
    }
    if last > most {
        return Err(format!("end of range ({last}) above maximum ({most}): {text}"));
    }
    if first > last {
        return Err(format!("beginning of range ({first}) beyond end of range ({last}): {text}"));
    }
    if step == 0 {
        return Err(format!("step of range should be a positive number: {text}"));
    }
    let bits = (first..=last).step_by(step as usize).fold(0, |bits, value| bits | 1_u64 << value);
    Ok(Field { bits, is_any: is_any && step == 1 })
}

fn number(text: &str, least: u32, names: &[&str], part: &str) -> Result<u32, String> {
    let name = names.iter().position(|name| name.eq_ignore_ascii_case(text));
    if let Some(place) = name {
        return Ok(place as u32 + least);
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!(
            "failed to parse int from {text}: strconv.Atoi: parsing {text:?}: invalid syntax"
        ));
    }
    match text.parse::<i64>() {
        Ok(value) if value < 0 => Err(format!("negative number ({value}) not allowed: {part}")),
        Ok(value) => Ok(u32::try_from(value).unwrap_or(u32::MAX)),
        Err(_) => Err(format!(
            "failed to parse int from {text}: strconv.Atoi: parsing {text:?}: value out of range"
        )),
    }
}

/// What Go says of a duration that it cannot read.
fn duration_fault(text: &str) -> String {
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|it: char| !it.is_ascii_digit() && it != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        if !number.bytes().any(|byte| byte.is_ascii_digit()) {
            break;
        }
        let end = after.find(|it: char| it.is_ascii_digit() || it == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        match unit {
            "" => return format!("time: missing unit in duration {text:?}"),
            "ns" | "us" | "µs" | "μs" | "ms" | "s" | "m" | "h" => rest = after,
            _ => return format!("time: unknown unit {unit:?} in duration {text:?}"),
        }
    }
    format!("time: invalid duration {text:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(schedule: &str, then: &str, zone: &Zone) -> String {
        let then: Timestamp = then.parse().unwrap();
        let next = Schedule::parse(schedule).unwrap().next(then.as_second(), zone);
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
            assert_eq!(next(schedule, then, &Zone::UTC), wanted, "{schedule}");
        }
    }

    #[test]
    fn clocks_that_are_changed_skip_an_hour_or_have_it_twice() {
        for (zone, schedule, then, wanted) in [
            ("Europe/Berlin", "0 3 * * *", "2026-01-01T00:00:00Z", "2026-01-01T02:00:00Z"),
            ("Europe/Berlin", "30 2 * * *", "2026-03-28T12:00:00Z", "2026-03-30T00:30:00Z"),
            ("Europe/Berlin", "30 2 * * *", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"),
            ("Europe/Berlin", "30 2 * * *", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
            ("America/New_York", "0 0 * * mon", "2026-03-07T12:00:00Z", "2026-03-09T04:00:00Z"),
            ("America/New_York", "0 0 * * mon", "2026-10-31T12:00:00Z", "2026-11-02T05:00:00Z"),
            ("Australia/Lord_Howe", "45 1 * * *", "2026-04-04T13:00:00Z", "2026-04-04T14:45:00Z"),
            ("Australia/Lord_Howe", "45 1 * * *", "2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z"),
            ("Asia/Kathmandu", "0 0 1 * *", "2026-01-01T00:00:00Z", "2026-01-31T18:15:00Z"),
            // Midnight is skipped there: the day begins at one.
            ("Africa/Cairo", "*/30 * * * fri", "2026-04-22T22:00:00Z", "2026-04-23T22:00:00Z"),
            ("Africa/Cairo", "0 0 * * fri", "2026-04-22T22:00:00Z", "2026-04-30T21:00:00Z"),
            // The hour before midnight comes twice.
            ("Africa/Cairo", "0 0 * * fri", "2026-10-29T12:00:00Z", "2026-10-29T22:00:00Z"),
            ("Africa/Casablanca", "0 12 * * *", "2026-02-20T00:00:00Z", "2026-02-20T12:00:00Z"),
            ("Africa/Casablanca", "0 12 * * *", "2026-04-20T00:00:00Z", "2026-04-20T11:00:00Z"),
            ("Pacific/Kiritimati", "@daily", "2026-01-01T00:00:00Z", "2026-01-01T10:00:00Z"),
        ] {
            let place = Zone::named(zone).unwrap();
            assert_eq!(next(schedule, then, &place), wanted, "{schedule} in {zone}");
        }
    }

    #[test]
    fn faults_are_told_in_the_words_of_the_library() {
        for (schedule, fault) in [
            ("@every 5", "failed to parse duration @every 5: time: missing unit in duration \"5\""),
            ("@every 5x", "failed to parse duration @every 5x: time: unknown unit \"x\" in duration \"5x\""),
            ("@every day", "failed to parse duration @every day: time: invalid duration \"day\""),
            ("TZ=Mars/Base * * * * *", "provided bad location Mars/Base: unknown time zone Mars/Base"),
            ("-5 * * * *", "failed to parse int from : strconv.Atoi: parsing \"\": invalid syntax"),
            ("1-2-3 * * * *", "too many hyphens: 1-2-3"),
            ("*/5/5 * * * *", "too many slashes: */5/5"),
            ("*/-5 * * * *", "negative number (-5) not allowed: */-5"),
        ] {
            assert_eq!(Schedule::parse(schedule).unwrap_err(), fault, "{schedule}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for schedule in ["", "* * * *", "60 * * * *", "5-1 * * * *", "*/0 * * * *", "@often", "x * * * *"] {
            assert!(Schedule::parse(schedule).is_err(), "{schedule}");
        }
    }
}
