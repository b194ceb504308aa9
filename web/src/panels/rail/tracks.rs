//! The tracks beside the stations: one for people, one for the API server, one each for controllers, endpoints and kubelets. A
//! marker has the shape of its process; what is not reached yet is hollow, what never will be is crossed out.

use std::rc::Rc;

use kubestep_core::engine::StepId;
use kubestep_core::narration::rail::{Lane, Line, State};
use yew::prelude::*;

use super::pitch::Pitch;
use super::ten;
use crate::model::rail::Told;

/// What the tracks show.
#[derive(Properties, PartialEq)]
pub(super) struct TracksProps {
    /// What is told.
    pub told: Rc<Told>,
    /// The step in view.
    pub cursor: Option<StepId>,
    /// The station that was reached last.
    pub current: Option<usize>,
    /// How high a row is.
    pub pitch: Pitch,
}

/// Draws the tracks.
#[component]
pub(super) fn Tracks(props: &TracksProps) -> Html {
    let (lines, pitch) = (&props.told.lines, props.pitch);
    let is_done = |line: &Line| line.step().is_some_and(|step| Some(step) <= props.cursor);
    html! {
        <svg class="ptracks" width="110" height={(pitch.height() * lines.len() as f64).to_string()} aria-hidden="true">
            if let Some(deletion) = props.told.deletion() { { ten::tracks(deletion, props.cursor, pitch) } } else {
                { chain(lines, is_done, pitch) }
            }
            { for lines.iter().enumerate().map(|(place, line)| {
                marker(pitch.y(place), line, is_done(line), props.current == Some(place))
            }) }
        </svg>
    }
}

/// One station after the other, in the order in which they came.
fn chain(lines: &[Line], is_done: impl Fn(&Line) -> bool, pitch: Pitch) -> Html {
    let told: Vec<(usize, &Line)> =
        lines.iter().enumerate().filter(|(_, line)| line.state != State::Skipped).collect();
    html! {
        { for told.windows(2).map(|pair| {
            let [(from, before), (to, line)] = pair else { return Html::default() };
            let dashes = (!is_done(line)).then_some("3 3");
            html! { <path d={curve((x(before.lane), pitch.y(*from)), (x(line.lane), pitch.y(*to)))} fill="none" stroke={hue(line.lane)} stroke-width="2" stroke-dasharray={dashes} /> }
        }) }
    }
}

/// From one marker down to another, with a bend where they are on different tracks.
pub(super) fn curve((from_x, from_y): (f64, f64), (to_x, to_y): (f64, f64)) -> String {
    let bend = ((to_y - from_y) / 2.0).min(26.0);
    format!(
        "M{from_x:.1} {from_y:.1}C{from_x:.1} {:.1} {to_x:.1} {:.1} {to_x:.1} {to_y:.1}",
        from_y + bend,
        to_y - bend
    )
}

/// Where a track runs, from the left.
pub(super) const fn x(lane: Lane) -> f64 {
    match lane {
        Lane::User => 22.0,
        Lane::ApiServer => 40.0,
        Lane::Controllers => 58.0,
        Lane::Endpoints => 76.0,
        Lane::Kubelet => 94.0,
    }
}

const fn hue(lane: Lane) -> &'static str {
    match lane {
        Lane::User => "var(--p-user)",
        Lane::ApiServer => "var(--p-api)",
        Lane::Controllers | Lane::Endpoints => "var(--p-ctrl)",
        Lane::Kubelet => "var(--p-kubelet)",
    }
}

fn marker(y: f64, line: &Line, is_done: bool, is_current: bool) -> Html {
    let x = x(line.lane);
    match &line.state {
        State::Skipped => html! {
            <g>
                <circle cx={px(x)} cy={px(y)} r="7" fill="var(--bg-1)" />
                <path d={format!("M{:.1} {:.1}l8 8m0-8l-8 8", x - 4.0, y - 4.0)} stroke="var(--fg-3)" stroke-width="1.6" />
            </g>
        },
        State::Held => html! {
            <g>
                <rect x={px(x - 6.0)} y={px(y - 7.0)} width="12" height="14" rx="3" fill="var(--bg-1)" stroke="var(--warn)" stroke-width="1.6" />
                <path d={format!("M{:.1} {:.1}v6m4-6v6", x - 2.0, y - 3.0)} stroke="var(--warn-fg)" stroke-width="1.8" />
            </g>
        },
        State::Reached { .. } | State::Ahead if is_current => html! {
            <g>
                <circle cx={px(x)} cy={px(y)} r="9" fill="var(--inv-bg)" />
                { shape(line.lane, (x, y), 0.85, "var(--inv-fg)", "none") }
            </g>
        },
        State::Reached { .. } | State::Ahead if is_done => {
            shape(line.lane, (x, y), 1.0, hue(line.lane), "var(--bg-1)")
        }
        State::Reached { .. } | State::Ahead => shape(line.lane, (x, y), 1.0, "var(--bg-1)", hue(line.lane)),
    }
}

/// The mark of the process that comes to a station.
fn shape(lane: Lane, (x, y): (f64, f64), size: f64, fill: &'static str, stroke: &'static str) -> Html {
    match lane {
        Lane::User => html! {
            <path d={format!("M{:.1} {:.1}v{:.1}l{:.1}-{:.1}z", x - 4.0 * size, y - 6.0 * size, 12.0 * size, 10.0 * size, 6.0 * size)}
                {fill} {stroke} stroke-width="1.6" />
        },
        Lane::ApiServer => html! {
            <circle cx={px(x)} cy={px(y)} r={px(5.5 * size)} {fill} {stroke} stroke-width="2" />
        },
        Lane::Controllers | Lane::Endpoints => html! {
            <rect x={px(x - 5.0 * size)} y={px(y - 5.0 * size)} width={px(10.0 * size)} height={px(10.0 * size)} rx="2" {fill} {stroke}
                stroke-width="2" />
        },
        Lane::Kubelet => {
            let half = 6.0 * size;
            html! {
                <path d={format!("M{x:.1} {:.1}l{half:.1} {half:.1}-{half:.1} {half:.1}-{half:.1}-{half:.1}z", y - half)} {fill} {stroke}
                    stroke-width="2" />
            }
        }
    }
}

fn px(value: f64) -> String {
    format!("{value:.1}")
}
