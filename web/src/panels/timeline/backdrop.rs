//! What of the timeline does not move with the playhead: ruler, spans, lanes, bars, availability, breakpoints.

use std::rc::Rc;

use kubestep_core::engine::StepId;
use yew::prelude::*;

use super::BreakpointTag;
use super::availability::{Graph, graph};
use super::axis::{Axis, Ruler, label};
use super::requests::{self, Requests, requests};
use super::rows::{Row, Rows, SPANS, Subject, belongs};
use super::scale::Scale;
use super::stuck;
use super::ticks::ticks;
use crate::model::rail::Other;
use crate::scene::chart::{Bar, BarKind, Chart, Span};
use crate::scene::close_up::lives::{Lives, Stretch};
use crate::scene::figures::Hue;
use crate::scene::network::lanes::{RequestLanes, Sent};
use crate::shared::Shared;

/// What the backdrop is drawn from.
#[derive(Properties, PartialEq)]
pub struct BackdropProps {
    /// The history.
    pub chart: Shared<Chart>,
    /// Its spans, or others in their place.
    pub spans: Rc<[Span]>,
    /// What the axis measures.
    pub axis: Axis,
    /// Whether nothing but far timers is left to happen.
    pub is_at_rest: bool,
    /// The axis over pixels.
    pub ruler: Ruler,
    /// Where the rows are.
    pub rows: Rows,
    /// The life of the static pod in focus.
    pub lives: Option<Rc<Lives>>,
    /// In the network's view: what is sent to the pods of the Service in focus.
    pub requests: Option<Rc<RequestLanes>>,
    /// Stops on the way.
    pub breakpoints: Rc<[BreakpointTag]>,
    /// The world beside this one.
    pub other: Option<Rc<Other>>,
}

/// A band narrower than this has no text.
const BAND_TEXT: f64 = 40.0;
/// So many pixels a character of a band's text takes.
const BAND_CHARACTER: f64 = 6.1;
/// Bars of the kubelets stand in at most so many lines.
const BAR_LINES: usize = 4;

/// Draws the backdrop.
#[component]
pub fn Backdrop(props: &BackdropProps) -> Html {
    let scale = Scale { chart: &props.chart, axis: props.axis, ruler: props.ruler };
    html! {
        <g>
            { marks(&scale) }
            { for props.spans.iter().filter_map(|span| band(&scale, span, props.is_at_rest, false)) }
            { for props.rows.rows.iter().map(|row| lane(&scale, row)) }
            if let Some(lives) = &props.lives { { lives_of(&scale, &props.rows, lives) } }
            if let Some(lanes) = &props.requests {
                { for props.rows.rows.iter().map(|row| sent(&scale, row, lanes)) }
            }
            { availability(&scale, &props.rows) }
            { traffic(&scale, &props.rows) }
            { for props.other.as_ref().map(|other| traffic_beside(&scale, &props.rows, other)) }
            { for props.breakpoints.iter().filter_map(|tag| breakpoint(&scale, tag, &props.rows)) }
        </g>
    }
}

fn marks(scale: &Scale<'_>) -> Html {
    let ruler = scale.ruler;
    let marks = ruler.marks(scale.axis);
    let short: String = marks
        .iter()
        .filter(|mark| !mark.labelled)
        .map(|mark| format!("M{:.1} 7v4", ruler.x(mark.value)))
        .collect();
    html! {
        <>
            <path d={short} stroke="var(--line-2)" />
            { for marks.iter().filter(|mark| mark.labelled).map(|mark| {
                let x = ruler.x(mark.value);
                let anchor = match x {
                    x if x < ruler.left + 20.0 => "start",
                    x if x > ruler.right - 20.0 => "end",
                    _ => "middle",
                };
                html! { <text class="ax" x={px(x)} y="11" text-anchor={anchor}>{ label(scale.axis, mark.value) }</text> }
            }) }
        </>
    }
}

/// The band of a span; the current one is inverse, one in which nothing comes forward has the colour of a warning.
pub fn band(scale: &Scale<'_>, span: &Span, is_at_rest: bool, current: bool) -> Option<Html> {
    let from = scale.x_of(span.first, span.from);
    let until = match scale.axis {
        Axis::Time => scale.ruler.x(span.until.as_seconds()),
        Axis::Steps => scale.x_of_step(StepId(span.last.0 + 1)),
    };
    let (left, right) = (from.max(scale.ruler.left), until.min(scale.ruler.right));
    if right - left < 1.0 {
        return None;
    }
    let room = ((right - left - 14.0) / BAND_CHARACTER).max(0.0) as usize;
    let still = stuck::standing_still(scale.chart, span, is_at_rest).map(stuck::words);
    let waits_for = still.as_ref().unwrap_or(&span.waits_for);
    let text = (right - left >= BAND_TEXT).then(|| band_text(span, waits_for, room)).flatten();
    let fill = if current { "var(--inv-bg)" } else { "var(--bg-3)" };
    let class = if current { "ph on" } else { "ph" };
    Some(html! {
        <g data-pop={current.then_some("")}>
            <rect x={px(left + 1.0)} y={px(SPANS.top)} width={px((right - left - 2.0).max(1.0))} height={px(SPANS.height)} rx="3" {fill}>
                <title>{ format!("{}: {waits_for}", span.label) }</title>
            </rect>
            if still.is_some() {
                <rect class="ph-still" x={px(left + 1.0)} y={px(SPANS.top)} width={px((right - left - 2.0).max(1.0))}
                    height={px(SPANS.height)} rx="3" />
            }
            if let Some(text) = text {
                <text data-on="" {class} x={px(left + 8.0)} y={px(SPANS.top + 13.0)}>{ text }</text>
            }
        </g>
    })
}

/// As much of a span's words as there is room for: all, the label, or its numbers.
fn band_text(span: &Span, waits_for: &str, room: usize) -> Option<String> {
    let mut words = span.label.split(' ');
    // A rollout's numbers come last, a station's first.
    let number =
        if span.is_rollout { words.next_back() } else { words.next() }.unwrap_or_default().to_owned();
    let all = format!("{}: {waits_for}", span.label);
    let short = span.is_rollout.then(|| format!("{number}: {waits_for}"));
    let label = span.label.clone();
    [Some(all), short, Some(label), Some(number)].into_iter().flatten().find(|text| text.len() <= room)
}

fn lane(scale: &Scale<'_>, row: &Row) -> Html {
    let bottom = row.lane.top + row.lane.height + 1.5;
    let middle = row.lane.top + row.lane.height / 2.0;
    let line = format!("M{:.1} {bottom:.1}H{:.1}", scale.ruler.left, scale.ruler.right);
    html! {
        <g>
            <path d={line} stroke="var(--line-1)" />
            <text class="lane" x="16" y={px(middle + 4.0)}>{ &row.label }</text>
            if !row.subject.is_drawn_apart() {
                <g class="lane-marker">{ marker(row.hue, 111.0, middle) }</g>
            }
            if row.subject == Subject::Kubelets {
                { bars(scale, row) }
            } else if !row.subject.is_drawn_apart() {
                <path d={ticks(&positions(scale, row.subject), row.lane)} stroke={row.hue.color()} stroke-width="2" />
            }
        </g>
    }
}

/// The requests of a lane: a tick for each that was answered, a cross for each that was not.
fn sent(scale: &Scale<'_>, row: &Row, lanes: &RequestLanes) -> Html {
    let (sent, color) = match row.subject {
        Subject::Dns => (&lanes.questions, "var(--fg-2)"),
        Subject::To(pod) => match lanes.pods.iter().find(|lane| lane.pod == pod) {
            Some(lane) => (&lane.sent, "var(--ok)"),
            None => return html! {},
        },
        _ => return html! {},
    };
    let x = |request: &Sent| match scale.axis {
        Axis::Time => scale.ruler.x(request.at.as_seconds()),
        Axis::Steps => {
            let later = scale.chart.steps().position(|step| step.at >= request.at);
            scale.x_of_step(StepId(later.unwrap_or(scale.chart.len().saturating_sub(1)) as u32))
        }
    };
    let inside = |x: &f64| (scale.ruler.left - 1.0..=scale.ruler.right + 1.0).contains(x);
    let of = |is_answered: bool| sent.iter().filter(move |request| request.is_answered == is_answered);
    let answered: Vec<f64> = of(true).map(x).filter(inside).collect();
    let crosses = requests::crosses(of(false).map(x).filter(inside), row.lane);
    html! {
        <>
            <path d={ticks(&answered, row.lane)} stroke={color} stroke-width="1.6" />
            <path d={crosses} stroke="var(--fail)" stroke-width="1.6" fill="none" />
        </>
    }
}

/// Where the ticks of a lane are, from left to right.
pub fn positions(scale: &Scale<'_>, subject: Subject) -> Vec<f64> {
    let inside = |x: &f64| (scale.ruler.left - 1.0..=scale.ruler.right + 1.0).contains(x);
    let steps = scale.chart.steps().filter(|step| belongs(step, subject));
    steps.map(|step| scale.x_of(step.id, step.at)).filter(inside).collect()
}

/// The marker of a process: the same shapes as in cause lists.
pub fn marker(hue: Hue, x: f64, y: f64) -> Html {
    let fill = hue.color();
    match hue {
        Hue::User => html! { <path d={format!("M{:.1} {:.1}l8 4-8 4z", x - 4.0, y - 4.0)} {fill} /> },
        Hue::Api => html! { <rect x={px(x - 1.5)} y={px(y - 3.5)} width="3" height="7" {fill} /> },
        Hue::Controllers => {
            html! { <rect x={px(x - 3.0)} y={px(y - 3.0)} width="6" height="6" rx="1.5" {fill} /> }
        }
        Hue::Scheduler => html! { <circle cx={px(x)} cy={px(y)} r="3.2" {fill} /> },
        Hue::Kubelet => html! { <path d={format!("M{x:.1} {:.1}l4 4-4 4-4-4z", y - 4.0)} {fill} /> },
    }
}

/// What the kubelets are busy with, each pod's bars in a line that no other pod uses at that time.
fn bars(scale: &Scale<'_>, row: &Row) -> Html {
    let end = scale.chart.end();
    let mut lines: Vec<f64> = Vec::new();
    let mut line_of: std::collections::BTreeMap<kubestep_core::api::Uid, usize> =
        std::collections::BTreeMap::new();
    let mut placed: Vec<(&Bar, usize, f64, f64)> = Vec::new();
    for bar in scale.chart.bars() {
        let from = scale.x_of(bar.first, bar.from);
        let until = match bar.until {
            Some((step, at)) => scale.x_of(step, at),
            None => scale.ruler.right.min(scale.x_of(StepId(scale.chart.len() as u32), end)),
        };
        let known = line_of.get(&bar.pod).copied().filter(|line| lines[*line] <= from + 0.5);
        let line =
            known.or_else(|| lines.iter().position(|taken| *taken <= from + 0.5)).unwrap_or(lines.len());
        if line == lines.len() {
            lines.push(0.0);
        }
        lines[line] = until;
        line_of.insert(bar.pod, line);
        placed.push((bar, line, from, until));
    }
    let count = lines.len().clamp(1, BAR_LINES.max((row.lane.height / 3.0) as usize));
    let pitch = row.lane.height / count.max(3) as f64;
    html! {
        <>
            { for placed.into_iter().filter_map(|(bar, line, from, until)| {
                let (left, right) = (from.max(scale.ruler.left), until.min(scale.ruler.right));
                if right <= left {
                    return None;
                }
                let (fill, opacity) = match bar.kind {
                    BarKind::Pull => ("var(--p-kubelet)", ".35"),
                    BarKind::Start => ("var(--p-kubelet)", ".7"),
                    BarKind::NotReady => ("url(#h-nr)", "1"),
                    BarKind::Terminating => ("url(#h-term)", "1"),
                };
                let y = row.lane.top + (line % count) as f64 * pitch;
                Some(html! {
                    <rect x={px(left)} y={px(y)} width={px((right - left).max(1.0))} height={px((pitch - 1.0).max(1.2))} rx="1"
                        {fill} fill-opacity={opacity}><title>{ bar_words(bar) }</title></rect>
                })
            }) }
        </>
    }
}

/// When a static pod's file was on the disk, its containers ran, and the API had a mirror.
fn lives_of(scale: &Scale<'_>, rows: &Rows, lives: &Lives) -> Html {
    let lanes = [
        (Subject::Disk, &lives.file, "var(--fg-3)", "on the disk"),
        (Subject::Container, &lives.container, "var(--ok)", "runs"),
        (Subject::Mirror, &lives.mirror, "none", "in the API"),
    ];
    html! {
        { for lanes.into_iter().filter_map(|(subject, stretches, fill, words)| {
            let row = rows.rows.iter().find(|row| row.subject == subject)?;
            Some(html! { { for stretches.iter().filter_map(|stretch| stretch_of(scale, row, stretch, fill, words)) } })
        }) }
    }
}

fn stretch_of(
    scale: &Scale<'_>,
    row: &Row,
    stretch: &Stretch,
    fill: &'static str,
    words: &str,
) -> Option<Html> {
    let until = match stretch.until {
        Some((step, at)) => scale.x_of(step, at),
        None => scale.ruler.right,
    };
    let left = scale.x_of(stretch.from.0, stretch.from.1).max(scale.ruler.left);
    let right = until.min(scale.ruler.right);
    if right <= left {
        return None;
    }
    let height = (row.lane.height - 2.0).clamp(3.0, 7.0);
    let y = row.lane.top + (row.lane.height - height) / 2.0;
    let is_hollow = fill == "none";
    Some(html! {
        <rect x={px(left)} y={px(y)} width={px((right - left).max(1.0))} height={px(height)} rx="1.5" {fill}
            stroke={if is_hollow { "var(--fg-2)" } else { "none" }} stroke-dasharray={is_hollow.then_some("3 2")}>
            <title>{ format!("{}: {words} from {}", row.label, stretch.from.1) }</title>
        </rect>
    })
}

fn bar_words(bar: &Bar) -> String {
    let doing = match bar.kind {
        BarKind::Pull => "sandbox and images",
        BarKind::Start => "containers start",
        BarKind::NotReady => "runs, not ready",
        BarKind::Terminating => "terminates",
    };
    format!("{}: {doing}", bar.name)
}

fn traffic(scale: &Scale<'_>, rows: &Rows) -> Html {
    let Some(row) = rows.rows.iter().find(|row| row.subject == Subject::Traffic) else {
        return html! {};
    };
    let counted = scale.chart.requests().map(|(step, counts)| (scale.x_of(step.id, step.at), counts));
    let Requests { served, failed, losses } = requests(scale, counted, row.lane, rows.availability, false);
    html! {
        <>
            <path d={served} stroke="var(--ok)" stroke-width="1.6" />
            <path d={failed} stroke="var(--fail)" stroke-width="1.6" fill="none" />
            <path d={losses} stroke="var(--fail)" stroke-width="3" />
        </>
    }
}

/// The requests of the world beside this one, from where both part.
fn traffic_beside(scale: &Scale<'_>, rows: &Rows, other: &Other) -> Html {
    let Some(row) = rows.rows.iter().find(|row| row.subject == Subject::Beside) else {
        return html! {};
    };
    let counted = other.requests.iter().map(|(at, counts)| (scale.x_at(*at), *counts));
    let Requests { served, failed, .. } = requests(scale, counted, row.lane, rows.availability, true);
    html! {
        <g class="beside">
            <title>{ format!("Requests with {}", other.name) }</title>
            <path d={served} stroke="var(--ok)" stroke-width="1.6" />
            <path d={failed} stroke="var(--fail)" stroke-width="1.6" fill="none" />
        </g>
    }
}

fn availability(scale: &Scale<'_>, rows: &Rows) -> Html {
    let lane = rows.availability;
    let Graph { area, line, desired, floor, ceiling, cut } = graph(scale, lane);
    let words = scale.chart.progress(scale.chart.len().checked_sub(1).map(|last| StepId(last as u32)));
    let has_pods = words.is_some_and(|progress| progress.desired > 0);
    html! {
        <g>
            <text class="lane" x="16" y={px(lane.top + 10.0)}>{ "Available" }</text>
            if has_pods {
                <path d={area} fill="var(--avail)" />
                <path d={line} fill="none" stroke="var(--ok)" stroke-width="1.5" />
                <path d={desired} fill="none" stroke="var(--fg-3)" stroke-width="1" />
                <path d={floor} fill="none" stroke="var(--fg-1)" stroke-width="1" stroke-dasharray="5 3" />
                <path d={ceiling} fill="none" stroke="var(--line-3)" stroke-width="1" stroke-dasharray="1 3" />
            }
            if let Some(from) = cut {
                <text class="ax" x="16" y={px(lane.top + 36.0)}>{ format!("axis from {from}") }</text>
            }
        </g>
    }
}

fn breakpoint(scale: &Scale<'_>, tag: &BreakpointTag, rows: &Rows) -> Option<Html> {
    let x = scale.x_of_step(tag.at?);
    if !(scale.ruler.left..=scale.ruler.right).contains(&x) {
        return None;
    }
    let bottom = rows.availability.top + rows.availability.height;
    Some(html! {
        <g>
            <path d={format!("M{x:.1} 2V{bottom:.1}")} stroke="var(--fg-2)" stroke-dasharray="2 3" />
            <path d={format!("M{:.1} 1h10v6l-5 5-5-5z", x - 5.0)} fill="var(--bg-1)" stroke="var(--fg-1)" stroke-width="1.4">
                <title>{ format!("Stops here: {}", tag.label) }</title>
            </path>
        </g>
    })
}

fn px(value: f64) -> String {
    format!("{value:.1}")
}
