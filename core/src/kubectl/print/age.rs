//! Ages, cut to their two most telling units. Upstream: `k8s.io/apimachinery/pkg/util/duration` (`HumanDuration`).

use k8s_openapi::apimachinery::pkg::apis::meta::v1 as meta;

use crate::time::{Duration, Time};

/// How long ago `then` was; `<invalid>` where that is still to come.
pub(crate) fn since(then: Time, now: Time) -> String {
    if then.since(now).whole_seconds() > 1 {
        return "<invalid>".to_owned();
    }
    short(now.since(then))
}

/// A duration: `42s`, `5m12s`, `3h`, `2d4h`.
pub(crate) fn short(duration: Duration) -> String {
    let seconds = duration.whole_seconds();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let years = days / 365;
    let pair = |large: u64, large_unit: &str, small: u64, small_unit: &str| {
        if small == 0 {
            format!("{large}{large_unit}")
        } else {
            format!("{large}{large_unit}{small}{small_unit}")
        }
    };
    match seconds {
        0..120 => format!("{seconds}s"),
        120..600 => pair(minutes, "m", seconds % 60, "s"),
        600..10_800 => format!("{minutes}m"),
        10_800..28_800 => pair(hours, "h", minutes % 60, "m"),
        28_800..172_800 => format!("{hours}h"),
        172_800..691_200 => pair(days, "d", hours % 24, "h"),
        _ if years < 2 => format!("{days}d"),
        _ if years < 8 => pair(years, "y", days % 365, "d"),
        _ => format!("{years}y"),
    }
}

/// An API timestamp as `describe` prints it: `Thu, 01 Jan 2026 00:00:05 +0000`.
pub(crate) fn date(time: &meta::Time) -> String {
    time.0.strftime("%a, %d %b %Y %H:%M:%S %z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_cut_to_their_two_most_telling_units() {
        let cases = [
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (125, "2m5s"),
            (599, "9m59s"),
            (600, "10m"),
            (10_799, "179m"),
            (10_860, "3h1m"),
            (28_800, "8h"),
            (172_800, "2d"),
            (176_400, "2d1h"),
            (691_200, "8d"),
            (730 * 86_400, "2y"),
            (3000 * 86_400, "8y"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(short(Duration::from_seconds(seconds)), expected, "{seconds}");
        }
    }

    #[test]
    fn dates_have_the_form_of_rfc_1123() {
        assert_eq!(date(&Time(5_000_000_000).to_api()), "Thu, 01 Jan 2026 00:00:05 +0000");
    }
}
