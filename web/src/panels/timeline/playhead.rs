//! The playhead: what is known but not yet, the line, the time, and the span that the viewer is in. It runs on through a
//! step's dwell without anything being rendered again.

use std::rc::Rc;

use kubestep_core::engine::StepId;
use web_sys::Element;
use yew::prelude::*;

use super::axis::{Axis, Ruler, clock};
use super::backdrop::band;
use super::rows::{Rows, home};
use super::scale::{Scale, value_of_step};
use crate::scene::chart::{Chart, Span, span_at};
use crate::scene::transition::Transition;
use crate::shared::Shared;
use crate::stage::clock::animate;

/// What the playhead is drawn from.
#[derive(Properties, PartialEq)]
pub struct PlayheadProps {
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
    /// Where the viewer is.
    pub transition: Transition,
    /// Whether the playhead jumps from step to step.
    pub reduced_motion: bool,
    /// The clock of the transport, which runs on with the playhead.
    pub clock: NodeRef,
}

/// Width of a character of the tag, and of what is around them.
const CHARACTER: f64 = 6.4;
const AROUND: f64 = 12.0;
/// The tag keeps this far from the panel's left edge.
const TAG_MARGIN: f64 = 4.0;

/// Draws the playhead and moves it while a step is shown.
#[component]
pub fn Playhead(props: &PlayheadProps) -> Html {
    let scale = Scale { chart: &props.chart, axis: props.axis, ruler: props.ruler };
    let to = props.transition.to;
    let value = value_of_step(&props.chart, props.axis, to);
    let x = props.ruler.x(value);
    let seconds = value_of_step(&props.chart, Axis::Time, to);
    let bottom = props.rows.availability.top + props.rows.availability.height;
    let group = use_node_ref();
    let veil = use_node_ref();
    {
        let (group, veil, clock) = (group.clone(), veil.clone(), props.clock.clone());
        let (transition, ruler, still) = (props.transition, props.ruler, props.reduced_motion);
        let next = next_value(&props.chart, props.axis, to);
        let next_seconds = next_value(&props.chart, Axis::Time, to);
        use_effect_with((transition, ruler, next.to_bits(), still), move |_| {
            move_to(&group, &veil, &ruler, ruler.x(value));
            show_time(&clock, seconds);
            let running = transition.dwell_ms.filter(|_| !still).map(|dwell| {
                animate(move |elapsed| {
                    let share = f64::from(elapsed / dwell.max(1.0)).min(1.0);
                    move_to(&group, &veil, &ruler, ruler.x(value + (next - value) * share));
                    show_time(&clock, seconds + (next_seconds - seconds) * share);
                    share < 1.0
                })
            });
            move || drop(running)
        });
    }
    let step = to.and_then(|id| props.chart.step(id));
    let diamond = step.and_then(|step| {
        let subject = home(step);
        props.rows.rows.iter().find(|row| row.subject == subject)
    });
    let current = to
        .and_then(|id| span_at(&props.spans, id))
        .and_then(|span| band(&scale, span, props.is_at_rest, true));
    let tag = format!("{seconds:.3}");
    let tag_width = tag.len() as f64 * CHARACTER + AROUND;
    let counts = props.chart.progress(to).filter(|progress| progress.desired > 0);
    html! {
        <>
            if let Some(progress) = counts {
                <text class="ax ui" x="16" y={format!("{:.1}", props.rows.availability.top + 24.0)}>
                    { format!("{} of {}, floor {}", progress.available, progress.desired, progress.floor) }
                </text>
            }
            <rect class="veil" ref={veil} y="36" height={format!("{:.1}", bottom - 35.0)} />
            { for current }
            <g class="playhead" ref={group} transform={format!("translate({x:.1} 0)")}>
                <path d={format!("M0 14V{bottom:.1}")} stroke="var(--fg-0)" stroke-width="1.5" />
                if let Some(row) = diamond {
                    <path d={format!("M0 {:.1}l5 5-5 5-5-5z", row.lane.top + row.lane.height / 2.0 - 5.0)}
                        fill="var(--inv-bg)" stroke="var(--bg-1)" stroke-width="1.5" />
                }
                <g data-pop="" data-width={format!("{tag_width:.1}")}>
                    <rect x={format!("{:.1}", -tag_width / 2.0)} y="-1" width={format!("{tag_width:.1}")} height="15" rx="3"
                        fill="var(--inv-bg)" />
                    <text data-on="" class="tag" y="10.5" text-anchor="middle">{ tag }</text>
                </g>
            </g>
        </>
    }
}

/// Writes a time into the clock's own text: the text node stays the one that Yew knows.
fn show_time(clock: &NodeRef, seconds: f64) {
    if let Some(text) = clock.cast::<Element>().and_then(|clock| clock.first_child()) {
        text.set_node_value(Some(&self::clock(seconds)));
    }
}

/// Moves the line, and the veil over everything after it.
fn move_to(group: &NodeRef, veil: &NodeRef, ruler: &Ruler, x: f64) {
    let inside = x.clamp(ruler.left, ruler.right);
    let visible = (ruler.left - 1.0..=ruler.right + 1.0).contains(&x);
    if let Some(group) = group.cast::<Element>() {
        // Names and values are our own: nothing here can be refused.
        let _ = group.set_attribute("transform", &format!("translate({inside:.1} 0)"));
        let _ = group.set_attribute("visibility", if visible { "visible" } else { "hidden" });
    }
    if let Some(tag) = group.cast::<Element>().and_then(|group| group.last_element_child()) {
        // At the edges the tag stays inside, beside the line.
        let half =
            tag.get_attribute("data-width").and_then(|width| width.parse::<f64>().ok()).unwrap_or(0.0) / 2.0;
        let shift = (ruler.right + 14.0 - inside - half).min(0.0).max(half + TAG_MARGIN - inside);
        let _ = tag.set_attribute("transform", &format!("translate({shift:.1} 0)"));
    }
    if let Some(veil) = veil.cast::<Element>() {
        let _ = veil.set_attribute("x", &format!("{inside:.1}"));
        let _ = veil.set_attribute("width", &format!("{:.1}", (ruler.right - inside).max(0.0) + 8.0));
    }
}

fn next_value(chart: &Chart, axis: Axis, step: Option<StepId>) -> f64 {
    let next = StepId(step.map_or(0, |id| id.0 + 1));
    let next = chart.step(next).map(|step| step.id).or(step);
    value_of_step(chart, axis, next)
}
