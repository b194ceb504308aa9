//! The rollout gauge: one cell for each pod that counts, the floor it must not sink below and the ceiling above it.

use std::rc::Rc;

use yew::prelude::*;

use super::revision::look;
use crate::scene::figures::{Gauge, GaugeCell, GaugeKind};

/// What the gauge needs to be drawn.
#[derive(Properties, PartialEq)]
pub struct GaugeProps {
    /// The rollout.
    pub figure: Rc<Gauge>,
}

/// With more cells than this they merge into blocks.
const MOST_CELLS: usize = 12;
const PITCH: f32 = 50.0;
const GAP: f32 = 4.0;
/// A gauge lower than this has no title and lower cells.
const FULL_HEIGHT: f32 = 100.0;
/// A cell narrower than this has no tag.
const TAG_WIDTH: f32 = 40.0;
/// Width of a character of the counts below.
const COUNT_CHARACTER: f32 = 5.6;
/// Room that the ceiling's text takes beside its line.
const LIMIT_TEXT: f32 = 56.0;
/// Most terminating pods that are drawn one by one.
const MOST_LEAVING: usize = 4;

/// The strip that the cells stand in, seen from the gauge's top edge.
#[derive(Clone, Copy)]
struct Strip {
    top: f32,
    height: f32,
}

impl Strip {
    const FULL: Strip = Strip { top: 44.0, height: 30.0 };
    const LOW: Strip = Strip { top: 20.0, height: 22.0 };

    fn middle(self) -> f32 {
        self.top + self.height / 2.0
    }
}

/// Draws the gauge; its group stands at its own place, since nothing in it moves apart.
#[component]
pub fn RolloutGauge(props: &GaugeProps) -> Html {
    let gauge = &*props.figure;
    let most = gauge.ceiling.max(gauge.cells.len()).max(1);
    let pitch = PITCH.min(gauge.rect.width / most as f32);
    let merged = most > MOST_CELLS;
    let place = format!("translate({} {})", gauge.rect.x, gauge.rect.y);
    let full = gauge.rect.height >= FULL_HEIGHT;
    let strip = if full { Strip::FULL } else { Strip::LOW };
    html! {
        <g class="gauge" transform={place} role="img" aria-label={spoken(gauge)}>
            if full {
                <text class="g-title" x="0" y="14">{ "Rollout" }</text>
                <text class="g-strategy" x={px(gauge.rect.width)} y="14" text-anchor="end">{ gauge.strategy }</text>
            }
            if merged {
                { blocks(gauge, pitch, strip) }
            } else {
                { for gauge.cells.iter().enumerate().map(|(index, each)| cell(*each, index as f32 * pitch, pitch - GAP, strip)) }
            }
            { limits(gauge, pitch, strip) }
            if full {
                { leaving(gauge, strip) }
            }
        </g>
    }
}

fn spoken(gauge: &Gauge) -> String {
    format!(
        "Rollout, {}: {} of {} pods available, floor {}, ceiling {}, {} pods count, {} to be created, {} terminating",
        gauge.strategy,
        gauge.available(),
        gauge.replicas,
        gauge.floor,
        gauge.ceiling,
        gauge.pods(),
        gauge.coming(),
        gauge.terminating
    )
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
fn blocks(gauge: &Gauge, pitch: f32, strip: Strip) -> Html {
    let mut blocks: Vec<(GaugeCell, usize)> = Vec::new();
    for cell in &gauge.cells {
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
    let (fill, stroke, class) = match cell.kind {
        GaugeKind::Available => (fill(revision), "none".to_owned(), format!("g-tag on-{revision}")),
        GaugeKind::NotReady => (hatch(revision), self::fill(revision), String::new()),
        GaugeKind::Coming => ("none".to_owned(), "var(--fg-0)".to_owned(), "g-plus".to_owned()),
    };
    let text = match cell.kind {
        GaugeKind::Available => format!("{count} r{}", cell.revision),
        GaugeKind::NotReady => String::new(),
        GaugeKind::Coming => format!("+{count}"),
    };
    let fits = width > 7.0 * text.len() as f32 + 12.0;
    html! {
        <>
            <rect x={px(x)} y={px(strip.top)} width={px(width)} height={px(strip.height)} rx="3" {fill} {stroke}
                stroke-dasharray={(cell.kind == GaugeKind::Coming).then_some("4 3")} />
            if cell.kind == GaugeKind::Available {
                { notches(revision, x, strip) }
            }
            if fits && !text.is_empty() {
                <text data-on="" {class} x={px(x + 8.0)} y={px(strip.middle() + 4.0)}>{ text }</text>
            }
        </>
    }
}

/// Floor, replicas and ceiling as lines, with their numbers where they do not touch.
fn limits(gauge: &Gauge, pitch: f32, strip: Strip) -> Html {
    let line = |count: usize| count as f32 * pitch - GAP / 2.0;
    let (floor, replicas, ceiling) = (line(gauge.floor), line(gauge.replicas), line(gauge.ceiling));
    let apart = ceiling - floor;
    // Beside the ceiling's line if there is room, else left of it; too close to the floor they are one text.
    let beside = ceiling + LIMIT_TEXT <= gauge.rect.width;
    let one_text = !beside && apart < LIMIT_TEXT;
    let (ceiling_x, ceiling_anchor) = if beside { (ceiling + 6.0, "start") } else { (ceiling - 6.0, "end") };
    let floor_x = (floor - 6.0).max(40.0);
    let floor_text = if one_text {
        format!("floor {}, ceiling {}", gauge.floor, gauge.ceiling)
    } else {
        format!("floor {}", gauge.floor)
    };
    let pods = match gauge.coming() {
        0 => counted(gauge.pods()),
        coming => format!("{}, +{coming}", counted(gauge.pods())),
    };
    let available = format!("{} available", gauge.available());
    let pods_width = COUNT_CHARACTER * pods.len() as f32;
    let pods_x = if beside {
        (ceiling + 6.0 + pods_width).min(gauge.rect.width)
    } else if one_text {
        floor - 6.0
    } else {
        ceiling - 6.0
    };
    let side_by_side = pods_x - pods_width > floor && floor > 66.0;
    let below = strip.top + strip.height + 17.0;
    html! {
        <>
            <path class="g-floor" d={format!("M{} {}v{}", px(floor.max(0.0)), px(strip.top - 12.0), px(strip.height + 18.0))} />
            <path class="g-ceiling" d={format!("M{} {}v{}", px(ceiling), px(strip.top - 12.0), px(strip.height + 18.0))} />
            <path class="g-replicas" d={format!("M{} {}v{}", px(replicas), px(strip.top - 5.0), px(strip.height + 10.0))} />
            <text class="g-limit" x={px(floor_x)} y={px(strip.top - 8.0)} text-anchor="end">{ floor_text }</text>
            if !one_text {
                <text class="g-limit" x={px(ceiling_x)} y={px(strip.top - 8.0)} text-anchor={ceiling_anchor}>
                    { format!("ceiling {}", gauge.ceiling) }
                </text>
            }
            if side_by_side {
                <text class="g-count" x={px(floor - 6.0)} y={px(below)} text-anchor="end">{ available }</text>
            } else {
                <text class="g-count" x="0" y={px(below)}>{ available }</text>
            }
            <text class="g-count" x={px(pods_x)} y={px(below)} text-anchor="end">{ pods }</text>
        </>
    }
}

fn counted(pods: usize) -> String {
    if pods == 1 { "1 pod".into() } else { format!("{pods} pods") }
}

/// Terminating pods, below the cells: the controller does not count them.
fn leaving(gauge: &Gauge, strip: Strip) -> Html {
    if gauge.terminating == 0 {
        return html! {};
    }
    let drawn = gauge.terminating.min(MOST_LEAVING);
    let y = strip.top + strip.height + 30.5;
    html! {
        <>
            { for (0..drawn).map(|index| html! {
                <rect x={px(index as f32 * 24.0 + 0.5)} y={px(y)} width="19" height="13" rx="3" fill="url(#h-rterm)"
                    fill-opacity=".6" stroke="var(--term)" stroke-dasharray="3 2" />
            }) }
            <text class="g-count" x={px(drawn as f32 * 24.0 + 4.0)} y={px(y + 10.5)}>
                { format!("{} terminating, not counted", gauge.terminating) }
            </text>
        </>
    }
}

fn fill(revision: u32) -> String {
    if revision == 0 { "var(--fg-4)".into() } else { format!("var(--rev-{revision})") }
}

fn hatch(revision: u32) -> String {
    format!("url(#h-r{})", revision.max(1))
}

fn px(value: f32) -> String {
    format!("{value:.2}")
}
