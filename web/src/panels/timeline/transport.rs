//! The transport: buttons, speed, step size, clock, where the viewer is, breakpoints, axis.

use std::rc::Rc;

use yew::prelude::*;

use super::axis::{Axis, clock};
use super::{BreakpointTag, StepSize, TimelineEvent};
use crate::stage::sprite::Icon;

/// What the transport shows.
#[derive(Properties, PartialEq)]
pub struct TransportProps {
    /// Whether steps follow each other by themselves.
    pub playing: bool,
    /// How fast.
    pub speed: f32,
    /// How much one press of the step button is.
    pub step_size: StepSize,
    /// Virtual seconds.
    pub now: f64,
    /// The number of the step that is shown, from 1; 0 before the first.
    pub step: u32,
    /// How many steps are known.
    pub steps: usize,
    /// How far things are, and what they wait for.
    pub span: Option<(String, String)>,
    /// What goes on for ever from here.
    pub repeats: Option<AttrValue>,
    /// Whether a rollout stands still and its deadline is still to come.
    pub awaits_deadline: bool,
    /// What the axis measures.
    pub axis: Axis,
    /// Stops on the way.
    pub breakpoints: Rc<[BreakpointTag]>,
    /// Replaced futures that were kept.
    pub branches: usize,
    /// The clock's element, which runs on between steps.
    pub clock: NodeRef,
    /// Told what was pressed.
    pub on_event: Callback<TimelineEvent>,
    /// All of the history shall be in view.
    pub on_fit: Callback<()>,
}

/// The speeds there are.
pub const SPEEDS: [(f32, &str); 5] = [(0.25, "0.25"), (0.5, "0.5"), (1.0, "1"), (2.0, "2"), (4.0, "4")];
/// Breakpoints that are shown in the bar; more are counted.
const MOST_TAGS: usize = 2;

/// Draws the bar.
#[component]
pub fn Transport(props: &TransportProps) -> Html {
    let on = |event: TimelineEvent| props.on_event.reform(move |_: MouseEvent| event.clone());
    let key = |label: &'static str, icon: &'static str, event: TimelineEvent| {
        html! { <button class="ibtn" type="button" aria-label={label} title={label} onclick={on(event)}><Icon name={icon} /></button> }
    };
    html! {
        <div class="trans" id="transport" role="toolbar" aria-label="Playback">
            <div class="keys">
                { key("To start (Home)", "start", TimelineEvent::ToStart) }
                { key("Step back (Left)", "back", TimelineEvent::Back) }
                { play(props) }
                { key("Step (Right)", "fwd", TimelineEvent::Forward) }
                { key("To end (End)", "end", TimelineEvent::ToEnd) }
            </div>
            <span class="seg seg-icons" role="group" aria-label="Step size">
                { for [
                    (StepSize::Into, "into", "Step: one event (Right)"),
                    (StepSize::Over, "over", "Over: one reconcile (Shift Right)"),
                    (StepSize::Out, "out", "Out: one command (Alt Right)"),
                ].into_iter().map(|(size, icon, label)| html! {
                    <button type="button" aria-pressed={pressed(props.step_size == size)} aria-label={label} title={label}
                        onclick={on(TimelineEvent::StepSize(size))}><Icon name={icon} size={14} /></button>
                }) }
            </span>
            <span class="seg" role="group" aria-label="Speed">
                { for SPEEDS.into_iter().map(|(speed, name)| html! {
                    <button type="button" aria-pressed={pressed(props.speed == speed)} title={format!("{name} times")}
                        onclick={on(TimelineEvent::Speed(speed))}>{ name }</button>
                }) }
            </span>
            <span class="hdr-sep"></span>
            <span class="clock" role="timer"><span ref={props.clock.clone()}>{ clock(props.now) }</span><small>{ " virtual" }</small></span>
            <span class="of num">{ "Step " }<b>{ props.step }</b>{ format!(" of {}", props.steps) }</span>
            <span class="hdr-sep"></span>
            <span class="now-phase ell" title={props.repeats.clone()}>
                if let Some(repeats) = &props.repeats {
                    { repeats }
                } else if let Some((label, waits_for)) = &props.span {
                    { format!("{label}: ") }<b class="ell">{ waits_for }</b>
                } else if props.step > 0 && props.step as usize == props.steps {
                    { "At rest: " }<b class="ell">{ "only timers run" }</b>
                } else {
                    { "Nothing to wait for" }
                }
            </span>
            if props.awaits_deadline {
                <button class="btn btn-s" type="button" title="Go to where the rollout exceeds its progress deadline"
                    onclick={on(TimelineEvent::ToDeadline)}>{ "To its deadline" }</button>
            }
            <span class="grow"></span>
            { branches(props) }
            { for props.breakpoints.iter().take(MOST_TAGS).map(|tag| breakpoint(tag, props)) }
            if props.breakpoints.len() > MOST_TAGS {
                <span class="of">{ format!("+{}", props.breakpoints.len() - MOST_TAGS) }</span>
            }
            <button class="ibtn ibtn-s" type="button" aria-label="Add breakpoint (B)" title="Add breakpoint (B)"
                onclick={on(TimelineEvent::AddBreakpoint)}><Icon name="plus" size={14} /></button>
            <span class="hdr-sep"></span>
            <span class="seg" role="group" aria-label="Axis">
                { for [(Axis::Time, "Time"), (Axis::Steps, "Steps")].into_iter().map(|(axis, name)| html! {
                    <button type="button" aria-pressed={pressed(props.axis == axis)} onclick={on(TimelineEvent::Axis(axis))}>{ name }</button>
                }) }
            </span>
            <button class="ibtn ibtn-s" type="button" aria-label="Fit timeline" title="Fit timeline"
                onclick={props.on_fit.reform(|_: MouseEvent| ())}><Icon name="fit" size={14} /></button>
        </div>
    }
}

/// The bar of the narrow page: back, play, step, speed.
#[component]
pub fn NarrowTransport(props: &TransportProps) -> Html {
    let on = |event: TimelineEvent| props.on_event.reform(move |_: MouseEvent| event.clone());
    let next = SPEEDS
        .iter()
        .position(|(speed, _)| *speed == props.speed)
        .map_or(2, |index| (index + 1) % SPEEDS.len());
    let name = SPEEDS.iter().find(|(speed, _)| *speed == props.speed).map_or("1", |(_, name)| name);
    html! {
        <div class="m-trans" id="transport" role="toolbar" aria-label="Playback">
            <span class="clock"><span ref={props.clock.clone()}>{ clock(props.now) }</span></span>
            <button class="ibtn" type="button" aria-label="Step back" onclick={on(TimelineEvent::Back)}><Icon name="back" size={20} /></button>
            { play(props) }
            <button class="ibtn" type="button" aria-label="Step" onclick={on(TimelineEvent::Forward)}><Icon name="fwd" size={20} /></button>
            <button class="spd" type="button" aria-label={format!("{name}x, speed; press for {}x", SPEEDS[next].1)}
                onclick={on(TimelineEvent::Speed(SPEEDS[next].0))}>{ format!("{name}x") }</button>
        </div>
    }
}

fn play(props: &TransportProps) -> Html {
    let (label, icon) = if props.playing { ("Pause (Space)", "pause") } else { ("Play (Space)", "play") };
    let onclick = props.on_event.reform(|_: MouseEvent| TimelineEvent::PlayPause);
    html! {
        <button class="ibtn play" type="button" aria-label={label} title={label} {onclick}><Icon name={icon} /></button>
    }
}

fn branches(props: &TransportProps) -> Html {
    if props.branches == 0 {
        return html! {};
    }
    let label = format!("{} kept futures: open one", props.branches);
    let onclick = props.on_event.reform(|_: MouseEvent| TimelineEvent::OpenBranches);
    html! {
        <button class="bp" type="button" title={label.clone()} aria-label={label} {onclick}>
            <Icon name="branch" size={14} />{ props.branches }
        </button>
    }
}

fn breakpoint(tag: &BreakpointTag, props: &TransportProps) -> Html {
    let id = tag.id;
    let onclick = props.on_event.reform(move |_: MouseEvent| TimelineEvent::RemoveBreakpoint(id));
    let title = format!("Break: {}. Press to remove", tag.label);
    html! {
        <button class="bp" type="button" {title} {onclick}><Icon name="bp" size={14} /><span class="ell">{ format!("Break: {}", tag.label) }</span></button>
    }
}

fn pressed(is: bool) -> &'static str {
    if is { "true" } else { "false" }
}
