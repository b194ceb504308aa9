//! Ticks of a lane: one mark a step, or a histogram where marks would touch.

/// How one lane is drawn, as the data of one SVG path for each side of the playhead.
#[derive(Clone, Debug, PartialEq)]
pub struct Ticks {
    /// Ticks up to the playhead, in full strength.
    pub past: String,
    /// Ticks after the playhead, weaker.
    pub future: String,
    /// Whether ticks were merged into bars, whose height is their number.
    pub merged: bool,
}

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
/// A lane with fewer ticks than this is never merged: a burst of writes at one instant stays a burst of ticks.
const FEW: usize = 60;

/// Draws ticks at these positions (ascending, in pixels); the playhead stands at `playhead`.
pub fn ticks(positions: &[f64], lane: Lane, playhead: f64) -> Ticks {
    if is_crowded(positions) {
        return histogram(positions, lane, playhead);
    }
    let mut drawn = Ticks { past: String::new(), future: String::new(), merged: false };
    let mut last = [f64::NEG_INFINITY; 2];
    for &x in positions {
        let past = x <= playhead + 0.01;
        let (path, last) =
            if past { (&mut drawn.past, &mut last[0]) } else { (&mut drawn.future, &mut last[1]) };
        // Two ticks at one pixel are one mark; drawing both would only make the path longer.
        if x - *last < 0.5 {
            continue;
        }
        *last = x;
        path.push_str(&format!("M{x:.1} {:.1}v{:.1}", lane.top, lane.height));
    }
    drawn
}

fn is_crowded(positions: &[f64]) -> bool {
    if positions.len() < FEW {
        return false;
    }
    let touching = positions.windows(2).filter(|pair| pair[1] - pair[0] < TICK_WIDTH + 0.5).count();
    touching as f64 > CROWDED * (positions.len() - 1) as f64
}

fn histogram(positions: &[f64], lane: Lane, playhead: f64) -> Ticks {
    let mut bars: Vec<(f64, u32)> = Vec::new();
    for &x in positions {
        let bar = (x / BAR_PITCH).floor() * BAR_PITCH + TICK_WIDTH;
        match bars.last_mut() {
            Some((at, count)) if *at == bar => *count += 1,
            _ => bars.push((bar, 1)),
        }
    }
    let tallest = bars.iter().map(|(_, count)| *count).max().unwrap_or(1);
    let mut drawn = Ticks { past: String::new(), future: String::new(), merged: true };
    for (x, count) in bars {
        let height = (lane.height * f64::from(count) / f64::from(tallest)).max(1.0);
        let path = if x <= playhead { &mut drawn.past } else { &mut drawn.future };
        path.push_str(&format!("M{x:.1} {:.1}v{:.1}", lane.top + lane.height, -height));
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    const LANE: Lane = Lane { top: 38.0, height: 9.0 };

    #[test]
    fn each_step_is_a_tick_on_its_side_of_the_playhead() {
        let drawn = ticks(&[128.0, 134.5, 200.0], LANE, 150.0);
        assert_eq!(drawn.past, "M128.0 38.0v9.0M134.5 38.0v9.0");
        assert_eq!(drawn.future, "M200.0 38.0v9.0");
        assert!(!drawn.merged);
    }

    #[test]
    fn a_burst_of_few_writes_stays_ticks_but_thousands_become_a_histogram() {
        let burst: Vec<f64> = (0..20).map(|i| 100.0 + f64::from(i) * 0.1).collect();
        assert!(!ticks(&burst, LANE, 0.0).merged);
        let crowd: Vec<f64> = (0..4_000).map(|i| 128.0 + f64::from(i) * 0.3).collect();
        let drawn = ticks(&crowd, LANE, 700.0);
        assert!(drawn.merged);
        let bars = drawn.past.matches('M').count() + drawn.future.matches('M').count();
        assert!(bars <= 241, "{bars} bars over 1,200 pixels");
    }
}
