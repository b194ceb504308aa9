//! Ticks of a lane: one mark a step, or a histogram where marks would touch.

/// Where a lane lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lane {
    /// Its top edge, in pixels.
    pub top: f64,
    /// Its height.
    pub height: f64,
}

const TICK_WIDTH: f64 = 2.0;
/// Bars of a histogram stand this far apart.
const BAR_PITCH: f64 = 5.0;
/// Above this share of ticks that touch their neighbour, the lane is a histogram.
const CROWDED: f64 = 0.6;
/// The share of the lane's height that a single step takes in a histogram.
const LOWEST: f64 = 0.4;
/// A lane with fewer ticks than this is never merged: a burst of writes at one instant stays a burst of ticks.
const FEW: usize = 120;

/// The path data of ticks at these positions (ascending, in pixels).
pub fn ticks(positions: &[f64], lane: Lane) -> String {
    if is_crowded(positions) {
        return histogram(positions, lane);
    }
    let mut path = String::new();
    let mut last = f64::NEG_INFINITY;
    for &x in positions {
        // Two ticks at one pixel are one mark; drawing both would only make the path longer.
        if x - last < 0.5 {
            continue;
        }
        last = x;
        path.push_str(&format!("M{x:.1} {:.1}v{:.1}", lane.top, lane.height));
    }
    path
}

/// Whether so many ticks touch that they are drawn as a histogram.
fn is_crowded(positions: &[f64]) -> bool {
    if positions.len() < FEW {
        return false;
    }
    let touching = positions.windows(2).filter(|pair| pair[1] - pair[0] < TICK_WIDTH + 0.5).count();
    touching as f64 > CROWDED * (positions.len() - 1) as f64
}

fn histogram(positions: &[f64], lane: Lane) -> String {
    let mut bars: Vec<(f64, u32)> = Vec::new();
    for &x in positions {
        let bar = positions[0] + ((x - positions[0]) / BAR_PITCH).floor() * BAR_PITCH;
        match bars.last_mut() {
            Some((at, count)) if *at == bar => *count += 1,
            _ => bars.push((bar, 1)),
        }
    }
    let tallest = bars.iter().map(|(_, count)| *count).max().unwrap_or(1);
    bars.into_iter()
        .map(|(x, count)| {
            // A lone step must still be seen beside a burst of hundreds.
            let share =
                LOWEST + (1.0 - LOWEST) * (f64::from(count - 1) / f64::from(tallest - 1).max(1.0)).sqrt();
            let height = lane.height * share;
            format!("M{x:.1} {:.1}v{:.1}", lane.top + lane.height, -height)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LANE: Lane = Lane { top: 38.0, height: 9.0 };

    #[test]
    fn each_step_is_a_tick_and_two_at_one_pixel_are_one() {
        assert_eq!(
            ticks(&[128.0, 134.5, 134.6, 200.0], LANE),
            "M128.0 38.0v9.0M134.5 38.0v9.0M200.0 38.0v9.0"
        );
    }

    #[test]
    fn a_burst_of_few_writes_stays_ticks_but_thousands_become_a_histogram() {
        let burst: Vec<f64> = (0..20).map(|i| 100.0 + f64::from(i) * 0.6).collect();
        assert_eq!(ticks(&burst, LANE).matches("v9.0").count(), 20);
        let crowd: Vec<f64> = (0..4_000).map(|i| 128.0 + f64::from(i) * 0.3).collect();
        let bars = ticks(&crowd, LANE).matches('M').count();
        assert!((200..=241).contains(&bars), "{bars} bars over 1,200 pixels");
    }
}
