//! Gauges: how far a workload is, at the right of its row.

mod cells;
mod rollout;
mod row;
mod schedule;

use std::rc::Rc;

use yew::prelude::*;

use self::cells::{Strip, px};
use crate::scene::figures::{Dial, Gauge as Figure, GaugeCell, RowSize};

/// What the gauge needs to be drawn.
#[derive(Properties, PartialEq)]
pub struct GaugeProps {
    /// The workload that it belongs to.
    pub figure: Rc<Figure>,
}

/// The widest pitch of cells.
const PITCH: f32 = 50.0;

/// Draws the gauge; its group stands at its own place, since nothing in it moves apart.
#[component]
pub fn Gauge(props: &GaugeProps) -> Html {
    let gauge = &*props.figure;
    let place = format!("translate({} {})", gauge.rect.x, gauge.rect.y);
    let strip = match gauge.size {
        RowSize::Full => Strip::FULL,
        RowSize::Low => Strip::LOW,
        RowSize::Line => Strip::LINE,
    };
    let sentence = gauge.sentence();
    html! {
        <g class="gauge" transform={place} role="img" aria-label={sentence.clone()}>
            <title>{ sentence }</title>
            { match &gauge.dial {
                Dial::Rollout(rollout) => rollout::dial(rollout, gauge, strip),
                Dial::Row(row) => row::dial(row, gauge, strip),
                Dial::Schedule(schedule) => schedule::dial(schedule, gauge, strip),
            } }
        </g>
    }
}

/// The title and what stands at its right, where there is room above the strip.
fn head(gauge: &Figure, title: &str, mode: &str) -> Html {
    if gauge.size != RowSize::Full {
        return html! {};
    }
    html! {
        <>
            <text class="g-title" x="0" y="14">{ title }</text>
            <text class="g-strategy" x={px(gauge.rect.width)} y="14" text-anchor="end">{ mode }</text>
        </>
    }
}

/// The width of a cell and the gap after it, for so many.
fn pitch(width: f32, most: usize) -> f32 {
    PITCH.min(width / most.max(1) as f32)
}

/// One place alone, as wide as this and 24 pixels high: for the legend.
pub(super) fn place(cell: GaugeCell, width: f32) -> Html {
    cells::cells(&[cell], 1, width, Strip { top: 1.0, height: 22.0, reach: 0.0 })
}
