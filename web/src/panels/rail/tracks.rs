//! The tracks beside the stations: one for kubectl, one for the API server, one each for those who answer the mark. A
//! marker has the shape of its process; what is not reached yet is hollow, what never will be is crossed out.

use kubestep_core::engine::StepId;
use kubestep_core::story::Deletion;
use kubestep_core::story::deletion::{Outcome, Station, Stop};
use yew::prelude::*;

/// Height of a row, which the style sheet gives the list as well.
const ROW: f64 = 48.0;
/// Where a station's marker stands in its row.
const MARKER: f64 = 18.0;

/// Where the tracks run, from the left.
const USER: f64 = 22.0;
const API: f64 = 40.0;
const CONTROLLERS: f64 = 58.0;
const ENDPOINTS: f64 = 76.0;
const KUBELET: f64 = 94.0;

/// What the tracks show.
#[derive(Properties, PartialEq)]
pub(super) struct TracksProps {
    /// The deletion.
    pub deletion: Deletion,
    /// The step in view.
    pub cursor: Option<StepId>,
    /// The station that was reached last.
    pub current: Option<Stop>,
}

/// Draws the tracks.
#[component]
pub(super) fn Tracks(props: &TracksProps) -> Html {
    let deletion = &props.deletion;
    let is_done = |stop| deletion.station(stop).step().is_some_and(|step| Some(step) <= props.cursor);
    let line = |to: Stop, hue: &'static str, path: String| {
        if deletion.station(to).is_skipped() {
            return Html::default();
        }
        let dashes = (!is_done(to)).then_some("3 3");
        html! { <path d={path} fill="none" stroke={hue} stroke-width="2" stroke-dasharray={dashes} /> }
    };
    let goes_early = leaves_before_its_processes(deletion);
    let end = if goes_early {
        (format!("M{API} {:.1}V{:.1}", y(Stop::Marked), y(Stop::Removed)), "var(--p-api)")
    } else {
        (kubelet_to_end(deletion), "var(--p-kubelet)")
    };
    html! {
        <svg class="ptracks" width="110" height={(ROW * Stop::ALL.len() as f64).to_string()} aria-hidden="true">
            <path d={waiting()} fill="none" stroke="var(--line-3)" stroke-width="1.5" stroke-dasharray="2 3" />
            { line(Stop::Authorized, "var(--p-api)", request()) }
            { line(Stop::Validated, "var(--p-api)", down(API, Stop::Authorized, Stop::Validated)) }
            <path d={down(API, Stop::Validated, Stop::Marked)} fill="none" stroke="var(--p-api)" stroke-width="2"
                stroke-dasharray={(!is_done(Stop::Validated)).then_some("3 3")} />
            { line(Stop::Replaced, "var(--p-ctrl)", answer(CONTROLLERS, Stop::Replaced)) }
            { line(Stop::Unrouted, "var(--p-ctrl)", answer(ENDPOINTS, Stop::Unrouted)) }
            { line(Stop::Signalled, "var(--p-kubelet)", answer(KUBELET, Stop::Signalled)) }
            { line(Stop::CleanedUp, "var(--p-kubelet)", down(KUBELET, Stop::Signalled, Stop::CleanedUp)) }
            { line(Stop::Removed, end.1, end.0) }
            { for deletion.stations.iter().map(|station| {
                marker(station, is_done(station.stop), props.current == Some(station.stop))
            }) }
        </svg>
    }
}

/// Whether the object goes while processes of it run: then the API server's own track leads to the end.
fn leaves_before_its_processes(deletion: &Deletion) -> bool {
    let removed = deletion.station(Stop::Removed).step();
    let cleaned = deletion.station(Stop::CleanedUp);
    cleaned.is_skipped()
        || removed.is_some_and(|removed| cleaned.step().is_none_or(|cleaned| removed < cleaned))
}

/// Where the marker of a stop is, from the top.
fn y(stop: Stop) -> f64 {
    stop as usize as f64 * ROW + MARKER
}

const fn x(stop: Stop) -> f64 {
    match stop {
        Stop::Requested => USER,
        Stop::Authorized | Stop::Validated | Stop::Marked | Stop::Removed => API,
        Stop::Replaced => CONTROLLERS,
        Stop::Unrouted => ENDPOINTS,
        Stop::Signalled | Stop::Killed | Stop::CleanedUp => KUBELET,
    }
}

const fn hue(stop: Stop) -> &'static str {
    match stop {
        Stop::Requested => "var(--p-user)",
        Stop::Authorized | Stop::Validated | Stop::Marked | Stop::Removed => "var(--p-api)",
        Stop::Replaced | Stop::Unrouted => "var(--p-ctrl)",
        Stop::Signalled | Stop::Killed | Stop::CleanedUp => "var(--p-kubelet)",
    }
}

/// Who asked waits from the request to the end.
fn waiting() -> String {
    let end = y(Stop::Removed);
    format!(
        "M{USER} {:.1}V{:.1}Q{USER} {end:.1} {:.1} {end:.1}H{:.1}",
        y(Stop::Requested),
        end - 14.0,
        USER + 14.0,
        API - 6.0
    )
}

fn request() -> String {
    let (from, to) = (y(Stop::Requested), y(Stop::Authorized));
    format!("M{USER} {from:.1}C{USER} {:.1} {API} {:.1} {API} {to:.1}", from + 24.0, to - 24.0)
}

fn down(track: f64, from: Stop, to: Stop) -> String {
    format!("M{track} {:.1}V{:.1}", y(from), y(to))
}

/// From the mark to the side and down to who answers it.
fn answer(track: f64, to: Stop) -> String {
    let from = y(Stop::Marked);
    let bend = track - 10.0;
    format!("M{API} {from:.1}H{bend:.1}Q{track} {from:.1} {track} {:.1}V{:.1}", from + 10.0, y(to))
}

fn kubelet_to_end(deletion: &Deletion) -> String {
    let last = if deletion.station(Stop::CleanedUp).is_skipped() { Stop::Signalled } else { Stop::CleanedUp };
    let (from, to) = (y(last), y(Stop::Removed));
    format!("M{KUBELET} {from:.1}C{KUBELET} {:.1} {API} {:.1} {API} {to:.1}", from + 26.0, to - 26.0)
}

fn marker(station: &Station, is_done: bool, is_current: bool) -> Html {
    let stop = station.stop;
    let (x, y) = (x(stop), y(stop));
    match &station.outcome {
        Outcome::Skipped(_) => html! {
            <g>
                <circle cx={px(x)} cy={px(y)} r="7" fill="var(--bg-1)" />
                <path d={format!("M{:.1} {:.1}l8 8m0-8l-8 8", x - 4.0, y - 4.0)} stroke="var(--fg-3)" stroke-width="1.6" />
            </g>
        },
        Outcome::Held(_) => html! {
            <g>
                <rect x={px(x - 6.0)} y={px(y - 7.0)} width="12" height="14" rx="3" fill="var(--bg-1)" stroke="var(--warn)" stroke-width="1.6" />
                <path d={format!("M{:.1} {:.1}v6m4-6v6", x - 2.0, y - 3.0)} stroke="var(--warn-fg)" stroke-width="1.8" />
            </g>
        },
        Outcome::Reached { .. } | Outcome::Ahead if is_current => html! {
            <g>
                <circle cx={px(x)} cy={px(y)} r="9" fill="var(--inv-bg)" />
                { shape(stop, 0.85, "var(--inv-fg)", "none") }
            </g>
        },
        Outcome::Reached { .. } | Outcome::Ahead if is_done => shape(stop, 1.0, hue(stop), "var(--bg-1)"),
        Outcome::Reached { .. } | Outcome::Ahead => shape(stop, 1.0, "var(--bg-1)", hue(stop)),
    }
}

/// The mark of the process that comes to a stop.
fn shape(stop: Stop, size: f64, fill: &'static str, stroke: &'static str) -> Html {
    let (x, y) = (x(stop), y(stop));
    match stop {
        Stop::Requested => html! {
            <path d={format!("M{:.1} {:.1}v{:.1}l{:.1}-{:.1}z", x - 4.0 * size, y - 6.0 * size, 12.0 * size, 10.0 * size, 6.0 * size)}
                {fill} {stroke} stroke-width="1.6" />
        },
        Stop::Authorized | Stop::Validated | Stop::Marked | Stop::Removed => html! {
            <circle cx={px(x)} cy={px(y)} r={px(5.5 * size)} {fill} {stroke} stroke-width="2" />
        },
        Stop::Replaced | Stop::Unrouted => html! {
            <rect x={px(x - 5.0 * size)} y={px(y - 5.0 * size)} width={px(10.0 * size)} height={px(10.0 * size)} rx="2" {fill} {stroke}
                stroke-width="2" />
        },
        Stop::Signalled | Stop::Killed | Stop::CleanedUp => {
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
