//! The traffic lane: how many requests were served in each small stretch of the axis, and which failed.

use super::scale::Scale;
use super::ticks::Lane;
use crate::scene::chart::Requests as Counts;

/// The lane as path data.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Requests {
    /// Served requests, as bars from the lane's lower edge.
    pub served: String,
    /// A cross for each stretch in which requests failed.
    pub failed: String,
    /// How many failed, as bars from the lower edge of the availability graph.
    pub losses: String,
}

/// Width of a stretch, in pixels.
const STRETCH: f64 = 6.0;
const TALLEST_LOSS: f64 = 14.0;

/// Draws requests, counted up to some pixels, into a lane, and those that failed into the availability graph as well.
pub fn requests(
    scale: &Scale<'_>,
    counted: impl Iterator<Item = (f64, Counts)>,
    lane: Lane,
    availability: Lane,
    begins_late: bool,
) -> Requests {
    let stretches = ((scale.ruler.right - scale.ruler.left) / STRETCH).ceil().max(1.0) as usize;
    let (mut served, mut failed) = (vec![0.0; stretches], vec![0.0; stretches]);
    let mut counted = counted.peekable();
    // What is counted from a later moment on begins there.
    let first = counted.peek().copied().filter(|_| begins_late);
    let (mut from, mut before) = first.unwrap_or_else(|| (scale.ruler.x(0.0), Counts::default()));
    for (until, counts) in counted {
        spread(&mut served, scale.ruler.left, from, until, (counts.served - before.served) as f64);
        spread(&mut failed, scale.ruler.left, from, until, (counts.failed - before.failed) as f64);
        (from, before) = (until, counts);
    }
    let most = served.iter().copied().fold(1.0, f64::max);
    let worst = failed.iter().copied().fold(1.0, f64::max);
    let mut drawn = Requests::default();
    for index in 0..stretches {
        let x = scale.ruler.left + (index as f64 + 0.5) * STRETCH;
        if served[index] > 0.05 {
            let height = 1.5 + (lane.height - 3.0) * served[index] / most;
            drawn.served.push_str(&format!("M{x:.1} {:.1}v{:.1}", lane.top + lane.height, -height));
        }
        if failed[index] > 0.05 {
            drawn.failed.push_str(&cross(x, lane));
            let height = (TALLEST_LOSS * failed[index] / worst).max(3.0);
            drawn.losses.push_str(&format!(
                "M{x:.1} {:.1}v{:.1}",
                availability.top + availability.height,
                -height
            ));
        }
    }
    drawn
}

fn cross(x: f64, lane: Lane) -> String {
    format!("M{:.1} {:.1}l4 4m0 -4l-4 4", x - 2.0, lane.top)
}

/// A cross at each of these places; of those that would lie over each other, one.
pub fn crosses(places: impl Iterator<Item = f64>, lane: Lane) -> String {
    let mut path = String::new();
    let mut last = f64::NEG_INFINITY;
    for x in places {
        if x - last >= 2.0 {
            last = x;
            path.push_str(&cross(x, lane));
        }
    }
    path
}

/// Spreads a count evenly over the stretches from one pixel to another.
fn spread(stretches: &mut [f64], left: f64, from: f64, until: f64, count: f64) {
    if count <= 0.0 {
        return;
    }
    let place = |x: f64| (x - left) / STRETCH;
    let (from, until) = (place(from), place(until).max(place(from) + 1e-6));
    let density = count / (until - from);
    let first = from.floor().max(0.0) as usize;
    for (index, stretch) in stretches.iter_mut().enumerate().skip(first) {
        let overlap = (until.min(index as f64 + 1.0) - from.max(index as f64)).max(0.0);
        if index as f64 > until {
            break;
        }
        *stretch += density * overlap;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_spread_evenly_and_nothing_is_lost() {
        let mut stretches = vec![0.0; 10];
        spread(&mut stretches, 0.0, 3.0, 33.0, 10.0);
        assert!((stretches.iter().sum::<f64>() - 10.0).abs() < 1e-9);
        assert_eq!(stretches[1], stretches[3]);
        assert_eq!(stretches[6], 0.0);
    }

    #[test]
    fn what_lies_before_the_view_is_left_out() {
        let mut stretches = vec![0.0; 2];
        spread(&mut stretches, 100.0, 88.0, 112.0, 4.0);
        assert!((stretches.iter().sum::<f64>() - 2.0).abs() < 1e-9);
    }
}
