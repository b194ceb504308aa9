//! The availability graph: how many pods serve, against how many are desired, the floor and the ceiling.

use super::scale::Scale;
use super::ticks::Lane;
use crate::scene::chart::Sample;

/// The graph's lines as path data.
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    /// Under the available pods.
    pub area: String,
    /// Available pods.
    pub line: String,
    /// Desired pods.
    pub desired: String,
    /// The floor of the rollouts.
    pub floor: String,
    /// Their ceiling.
    pub ceiling: String,
    /// Where the axis begins, if not at 0.
    pub cut: Option<i64>,
}

/// The share of the values from which the axis is cut.
const CUT_ABOVE: f64 = 0.8;

/// Draws the graph of a history into a lane.
pub fn graph(scale: &Scale<'_>, lane: Lane) -> Graph {
    let samples = scale.chart.samples();
    let values = samples.iter().map(|sample| &sample.progress);
    let most =
        values.clone().map(|progress| progress.ceiling.max(progress.available)).max().unwrap_or(1).max(1);
    let least = values.map(|progress| progress.floor.min(progress.available)).min().unwrap_or(0);
    let cut = (least as f64 > CUT_ABOVE * most as f64).then(|| round_down(least));
    let base = cut.unwrap_or(0);
    let bottom = lane.top + lane.height;
    let y = |value: i64| bottom - (value - base) as f64 / (most - base).max(1) as f64 * lane.height;
    let points: Vec<(f64, [f64; 4])> = samples
        .iter()
        .map(|Sample { step, at, progress }| {
            let values = [progress.available, progress.desired, progress.floor, progress.ceiling];
            (scale.x_of(*step, *at), values.map(y))
        })
        .collect();
    let stairs = |which: usize| {
        let mut path = String::new();
        let (left, right) = (scale.ruler.left, scale.ruler.right);
        let mut last: Option<f64> = None;
        for (x, values) in &points {
            let (x, y) = (x.clamp(left, right), values[which]);
            match last {
                None => path.push_str(&format!("M{x:.1} {y:.1}")),
                Some(before) if before == y => continue,
                Some(_) => path.push_str(&format!("H{x:.1}V{y:.1}")),
            }
            last = Some(y);
        }
        if last.is_some() {
            path.push_str(&format!("H{right:.1}"));
        }
        path
    };
    let line = stairs(0);
    let first =
        points.first().map_or(scale.ruler.left, |(x, _)| x.clamp(scale.ruler.left, scale.ruler.right));
    let area = if line.is_empty() { String::new() } else { format!("{line}V{bottom:.1}H{first:.1}Z") };
    Graph { area, line, desired: stairs(1), floor: stairs(2), ceiling: stairs(3), cut }
}

/// A round number a little below.
fn round_down(value: i64) -> i64 {
    let step = 10_i64.pow((value.max(1) as f64).log10().floor() as u32);
    value / step * step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_axis_begins_at_a_round_number() {
        assert_eq!([round_down(4_116), round_down(97), round_down(3)], [4_000, 90, 3]);
    }
}
