//! Where the cards of a workload's row and its gauge are.

use crate::scene::figures::{RowSize, WorkloadFigure};
use crate::scene::geometry::Rect;

/// With more workloads than this, the others are named below the last row.
pub(super) const MOST_ROWS: usize = 8;
/// The height of a part's card with two lines.
const TWO_LINES: f32 = 54.0;
/// With more workloads than these, rows are low, and one line.
const MOST_FULL_ROWS: usize = 2;
const MOST_LOW_ROWS: usize = 3;
/// Height of the line that names what there is no room for.
const REST: f32 = 16.0;

const CARD_WIDTH: f32 = 156.0;
const PARTS_LEFT: f32 = 184.0;
const PARTS_RIGHT: f32 = 420.0;
/// A card of one line needs more of the width: its name is all it shows.
const LINE_CARD_WIDTH: f32 = 188.0;
const LINE_PARTS_LEFT: f32 = 204.0;
const GAUGE_LEFT: f32 = 446.0;

impl RowSize {
    /// How rows are drawn where there are so many.
    fn of(rows: usize) -> RowSize {
        match rows {
            rows if rows <= MOST_FULL_ROWS => RowSize::Full,
            rows if rows <= MOST_LOW_ROWS => RowSize::Low,
            _ => RowSize::Line,
        }
    }

    /// The height of a row.
    fn height(self) -> f32 {
        match self {
            RowSize::Full => 120.0,
            RowSize::Low => 74.0,
            RowSize::Line => 32.0,
        }
    }

    /// The space between rows.
    fn gap(self) -> f32 {
        if self == RowSize::Line { 6.0 } else { 12.0 }
    }
}

/// Height of so many rows together, and of the line below that names the rest.
pub fn height(rows: usize, hidden: usize) -> f32 {
    let size = RowSize::of(rows);
    let rest = if hidden > 0 { REST } else { 0.0 };
    size.height() * rows as f32 + size.gap() * rows.saturating_sub(1) as f32 + rest
}

/// Puts a workload into its row of so many.
pub(super) fn place(figure: &mut WorkloadFigure, area: Rect, row: usize, rows: usize) {
    let size = RowSize::of(rows);
    let row =
        Rect::new(area.x, area.y + row as f32 * (size.height() + size.gap()), area.width, size.height());
    let card_width = match size {
        // What makes its pods itself never has parts; others may have none yet.
        _ if !figure.counts.is_empty() => PARTS_RIGHT,
        RowSize::Line => LINE_CARD_WIDTH,
        RowSize::Full | RowSize::Low => CARD_WIDTH,
    };
    figure.size = size;
    figure.card = Rect { width: card_width, ..row };
    match size {
        RowSize::Line => side_by_side(figure, row),
        RowSize::Full | RowSize::Low => one_below_the_other(figure, row),
    }
    // The gauge's title stands a little above its row, beside the band's label.
    let lift = if size == RowSize::Full { 8.0 } else { 0.0 };
    figure.gauge.size = size;
    figure.gauge.rect =
        Rect::new(row.x + GAUGE_LEFT, row.y - lift, row.width - GAUGE_LEFT, row.height + lift);
}

fn one_below_the_other(figure: &mut WorkloadFigure, row: Rect) {
    if let [only] = &mut figure.parts[..]
        && figure.size == RowSize::Low
    {
        let height = TWO_LINES;
        let y = row.center().y - height / 2.0;
        only.rect = Rect::new(row.x + PARTS_LEFT, y, PARTS_RIGHT - PARTS_LEFT, height);
        return;
    }
    let parts = figure.parts.len().max(2) as f32;
    let gap = if figure.size == RowSize::Full && parts < 3.0 { 12.0 } else { 4.0 };
    let height = (row.height - gap * (parts - 1.0)) / parts;
    for (index, part) in figure.parts.iter_mut().enumerate() {
        let y = row.y + index as f32 * (height + gap);
        part.rect = Rect::new(row.x + PARTS_LEFT, y, PARTS_RIGHT - PARTS_LEFT, height);
    }
}

fn side_by_side(figure: &mut WorkloadFigure, row: Rect) {
    let parts = figure.parts.len().max(1) as f32;
    let gap = 4.0;
    let width = (PARTS_RIGHT - LINE_PARTS_LEFT - gap * (parts - 1.0)) / parts;
    for (index, part) in figure.parts.iter_mut().enumerate() {
        let x = row.x + LINE_PARTS_LEFT + index as f32 * (width + gap);
        part.rect = Rect::new(x, row.y, width, row.height);
    }
}
