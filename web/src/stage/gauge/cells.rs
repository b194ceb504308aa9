//! The strip of cells that dials share: a pod, or the place for one, each; many of them as blocks.

use yew::prelude::*;

use crate::scene::figures::{GaugeCell, GaugeKind};
use crate::stage::revision::look;

/// With more cells than this they merge into blocks.
pub(super) const MOST_CELLS: usize = 12;
/// Between two cells.
pub(super) const GAP: f32 = 4.0;
/// A cell narrower than this has no tag.
const TAG_WIDTH: f32 = 40.0;

/// The strip that the cells stand in, seen from the gauge's top edge.
#[derive(Clone, Copy)]
pub(super) struct Strip {
    pub(super) top: f32,
    pub(super) height: f32,
    /// How far its lines stand out above.
    pub(super) reach: f32,
}

impl Strip {
    pub(super) const FULL: Strip = Strip { top: 44.0, height: 30.0, reach: 12.0 };
    pub(super) const LOW: Strip = Strip { top: 20.0, height: 22.0, reach: 12.0 };
    pub(super) const LINE: Strip = Strip { top: 6.0, height: 20.0, reach: 4.0 };

    pub(super) fn middle(self) -> f32 {
        self.top + self.height / 2.0
    }

    pub(super) fn bottom(self) -> f32 {
        self.top + self.height
    }
}

/// The cells of a dial that has room for so many.
pub(super) fn cells(cells: &[GaugeCell], most: usize, pitch: f32, strip: Strip) -> Html {
    if most > MOST_CELLS {
        return blocks(cells, pitch, strip);
    }
    let drawn = cells.iter().enumerate();
    drawn.map(|(index, each)| cell(*each, index as f32 * pitch, pitch - GAP, strip)).collect()
}

fn cell(cell: GaugeCell, x: f32, width: f32, strip: Strip) -> Html {
    let revision = look(cell.revision);
    let tag = (width >= TAG_WIDTH - GAP && cell.revision > 0).then(|| format!("r{}", cell.revision));
    let glyph_x = if tag.is_some() { x + 6.0 } else { x + width / 2.0 - 7.0 };
    let text_x = px(x + width / 2.0 + 2.0);
    let middle = strip.middle();
    match cell.kind {
        GaugeKind::Available => html! {
            <>
                <rect x={px(x)} y={px(strip.top)} width={px(width)} height={px(strip.height)} rx="4" fill={fill(revision)} />
                { notches(revision, x, strip) }
                <g class={format!("knock-{revision}")} transform={format!("translate({} {})", px(glyph_x), px(middle - 7.0))}>
                    <use href="#g-ready" width="14" height="14" />
                </g>
                if let Some(tag) = tag {
                    <text data-on="" class={format!("g-tag on-{revision}")} x={text_x} y={px(middle + 4.0)}>{ tag }</text>
                }
            </>
        },
        GaugeKind::NotReady => html! {
            <>
                <rect x={px(x + 0.75)} y={px(strip.top + 0.75)} width={px(width - 1.5)} height={px(strip.height - 1.5)} rx="3.5"
                    fill={hatch(revision)} fill-opacity=".6" stroke={fill(revision)} stroke-width="1.5" />
                <rect x={px(x + 3.0)} y={px(middle - 9.0)} width={px(width - 6.0)} height="18" rx="3" fill="var(--bg-0)" />
                <g class="g-warn" transform={format!("translate({} {})", px(glyph_x), px(middle - 7.0))}>
                    <use href="#g-notready" width="14" height="14" />
                </g>
                if let Some(tag) = tag {
                    <text class={format!("g-tag fg-{revision}")} x={text_x} y={px(middle + 4.0)}>{ tag }</text>
                }
            </>
        },
        GaugeKind::Coming => html! {
            <>
                <rect class="g-coming" x={px(x + 0.75)} y={px(strip.top + 0.75)} width={px(width - 1.5)}
                    height={px(strip.height - 1.5)} rx="3.5" />
                <text class="g-plus" x={px(x + width / 2.0)} y={px(middle + 4.0)} text-anchor="middle">{ "+1" }</text>
            </>
        },
        GaugeKind::Leaving => html! {
            <>
                { outline("g-leaving", x, width, strip) }
                <circle class="g-leave" cx={px(x + width / 2.0)} cy={px(middle)} r={px((width / 2.0 - 2.0).clamp(0.5, 8.0))} />
                <rect x={px(x + width / 2.0 - 3.0)} y={px(middle - 3.0)} width="6" height="6" fill="var(--term)" />
            </>
        },
        GaugeKind::Done => {
            html! { <>{ outline("g-done", x, width, strip) }{ mark("done", x, width, middle) }</> }
        }
        GaugeKind::Later => outline("g-later", x, width, strip),
        GaugeKind::Barred => html! {
            <>
                { outline("g-barred", x, width, strip) }
                <path class="g-bar" d={format!("M{} {}h8", px(x + width / 2.0 - 4.0), px(middle))} />
            </>
        },
    }
}

/// A cell that is no more than its outline.
fn outline(class: &'static str, x: f32, width: f32, strip: Strip) -> Html {
    html! {
        <rect {class} x={px(x + 0.75)} y={px(strip.top + 0.75)} width={px((width - 1.5).max(1.0))}
            height={px(strip.height - 1.5)} rx="3.5" />
    }
}

/// A state's glyph in the middle of a cell, where there is room.
fn mark(glyph: &'static str, x: f32, width: f32, middle: f32) -> Html {
    if width < 14.0 {
        return html! {};
    }
    html! {
        <g class="g-mark" transform={format!("translate({} {})", px(x + width / 2.0 - 7.0), px(middle - 7.0))}>
            <use href={format!("#g-{glyph}")} width="14" height="14" />
        </g>
    }
}

/// The tally of a revision at a cell's left edge, like the notches of a pod's band.
fn notches(revision: u32, x: f32, strip: Strip) -> Html {
    let count = revision.saturating_sub(1);
    let notch = |number: u32| {
        let y = strip.top + strip.height * number as f32 / (count + 1) as f32;
        html! { <path d={format!("M{} {}h5", px(x), px(y))} stroke="var(--bg-0)" stroke-width="2" /> }
    };
    (1..=count).map(notch).collect()
}

/// Neighbouring cells of one look as one block, as wide as their number.
fn blocks(cells: &[GaugeCell], pitch: f32, strip: Strip) -> Html {
    let mut blocks: Vec<(GaugeCell, usize)> = Vec::new();
    for cell in cells {
        match blocks.last_mut() {
            Some((last, count)) if last == cell => *count += 1,
            _ => blocks.push((*cell, 1)),
        }
    }
    let mut x = 0.0;
    let drawn = blocks.into_iter().map(|(cell, count)| {
        let (left, width) = (x, (count as f32 * pitch - 1.0).max(1.0));
        x += count as f32 * pitch;
        block(cell, count, left, width, strip)
    });
    drawn.collect()
}

fn block(cell: GaugeCell, count: usize, x: f32, width: f32, strip: Strip) -> Html {
    let revision = look(cell.revision);
    let (class, text) = match cell.kind {
        GaugeKind::Available if cell.revision == 0 => ("g-block", count.to_string()),
        GaugeKind::Available => ("g-block", format!("{count} r{}", cell.revision)),
        GaugeKind::NotReady => ("g-block", String::new()),
        GaugeKind::Coming => ("g-coming", format!("+{count}")),
        GaugeKind::Leaving => ("g-leaving", String::new()),
        GaugeKind::Done => ("g-done", count.to_string()),
        GaugeKind::Later => ("g-later", String::new()),
        GaugeKind::Barred => ("g-barred", String::new()),
    };
    let (fill, stroke) = match cell.kind {
        GaugeKind::Available => (Some(fill(revision)), None),
        GaugeKind::NotReady => (Some(hatch(revision)), Some(self::fill(revision))),
        _ => (None, None),
    };
    let words = match cell.kind {
        GaugeKind::Available => format!("g-tag on-{revision}"),
        _ => "g-plus".to_owned(),
    };
    let fits = width > 7.0 * text.len() as f32 + 12.0;
    html! {
        <>
            <rect {class} x={px(x)} y={px(strip.top)} width={px(width)} height={px(strip.height)} rx="3" {fill} {stroke} />
            if cell.kind == GaugeKind::Available {
                { notches(revision, x, strip) }
            }
            if fits && !text.is_empty() {
                <text data-on="" class={words} x={px(x + 8.0)} y={px(strip.middle() + 4.0)}>{ text }</text>
            }
        </>
    }
}

fn fill(revision: u32) -> String {
    if revision == 0 { "var(--fg-4)".into() } else { format!("var(--rev-{revision})") }
}

fn hatch(revision: u32) -> String {
    format!("url(#h-r{revision})")
}

pub(super) fn px(value: f32) -> String {
    format!("{value:.2}")
}
