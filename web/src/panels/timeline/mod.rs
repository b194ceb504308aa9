//! The timeline panel: transport, ruler, spans, lanes, availability, playhead.

pub mod availability;
pub mod axis;
pub mod backdrop;
pub mod lanes;
pub mod playhead;
pub mod requests;
pub mod rows;
pub mod scale;
pub mod stuck;
pub mod ticks;
pub mod transport;

use std::rc::Rc;

use kubestep_core::engine::{StepId, Timeline};
use kubestep_core::narration;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use crate::model::rail::Other;
use crate::scene::chart::{Chart, Span, span_at};
use crate::scene::close_up::lives::Lives;
use crate::scene::network::lanes::RequestLanes;
use crate::scene::transition::Transition;
use crate::shared::Shared;
use crate::stage::measure::Measured;
use axis::{Axis, Ruler, View};
use backdrop::Backdrop;
use lanes::Lanes;
use playhead::Playhead;
use rows::{Rows, SPANS, Subject, belongs};
use scale::{Scale, end, value_of_step};
use transport::{NarrowTransport, Transport};

/// How much one press of the step button is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StepSize {
    /// One thing that happened.
    #[default]
    Into,
    /// One look by one component.
    Over,
    /// What one command led to.
    Out,
}

/// A breakpoint as the panel shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct BreakpointTag {
    /// Its number.
    pub id: u32,
    /// What it waits for: `pod Ready`.
    pub label: AttrValue,
    /// Where playing will stop, if it is known.
    pub at: Option<StepId>,
}

/// What happens in the panel.
#[derive(Clone, Debug, PartialEq)]
pub enum TimelineEvent {
    /// To before the first step.
    ToStart,
    /// One step of the chosen size back.
    Back,
    /// Play or pause.
    PlayPause,
    /// One step of the chosen size.
    Forward,
    /// To the last step.
    ToEnd,
    /// Play this fast.
    Speed(f32),
    /// A step was chosen.
    GoTo(StepId),
    /// The playhead was dragged to a step; `None` is before the first.
    Scrub(Option<StepId>),
    /// Another axis.
    Axis(Axis),
    /// A breakpoint is wanted.
    AddBreakpoint,
    /// A breakpoint goes.
    RemoveBreakpoint(u32),
    /// The kept futures were asked for.
    OpenBranches,
    /// The step button does this much from now on.
    StepSize(StepSize),
    /// To where the rollout in view exceeds its deadline.
    ToDeadline,
}

/// What the panel shows.
#[derive(Properties, PartialEq)]
pub struct TimelinePanelProps {
    /// The history.
    pub timeline: Shared<Timeline>,
    /// What is derived from it.
    pub chart: Shared<Chart>,
    /// Where the viewer is and how they came there.
    pub transition: Transition,
    /// Whether more steps are being computed.
    pub is_busy: bool,
    /// The station of what is looked at: `Station 7 of 10` and its name. It takes the span's place.
    #[prop_or_default]
    pub station: Option<(AttrValue, AttrValue)>,
    /// From station to station of what is looked at. They take the spans' place.
    #[prop_or_default]
    pub stations: Option<Rc<[Span]>>,
    /// In the network's view: what is sent to the pods of the Service in focus.
    #[prop_or_default]
    pub requests: Option<Rc<RequestLanes>>,
    /// The world beside this one.
    #[prop_or_default]
    pub other: Option<Rc<Other>>,
    /// What goes on for ever behind the last step.
    #[prop_or_default]
    pub repeats: Option<AttrValue>,
    /// Whether steps follow each other by themselves.
    pub playing: bool,
    /// How fast.
    pub speed: f32,
    /// How much one press of the step button is.
    #[prop_or_default]
    pub step_size: StepSize,
    /// What the axis measures.
    pub axis: Axis,
    /// The life of the static pod in focus: lanes of its own.
    #[prop_or_default]
    pub lives: Option<Rc<Lives>>,
    /// Stops on the way.
    pub breakpoints: Rc<[BreakpointTag]>,
    /// Replaced futures that were kept.
    pub branches: usize,
    /// Whether the playhead jumps from step to step.
    pub reduced_motion: bool,
    /// Whether the page is one narrow column.
    pub narrow: bool,
    /// Told what happens.
    pub on_event: Callback<TimelineEvent>,
    /// The panel's edge.
    #[prop_or_default]
    pub children: Html,
}

impl TimelinePanelProps {
    fn spans(&self) -> Rc<[Span]> {
        Rc::clone(self.stations.as_ref().unwrap_or(self.chart.spans()))
    }
}

/// Labels of lanes stand left of this.
const LEFT: f64 = 128.0;
const RIGHT_MARGIN: f64 = 16.0;
const NARROW_LEFT: f64 = 16.0;
/// The transport's own height.
const TRANSPORT: f64 = 44.0;
/// A press this close to a tick means its step.
const REACH: f64 = 4.0;
const ZOOM_PER_PIXEL: f64 = 0.002;

/// The panel.
pub struct TimelinePanel {
    root: NodeRef,
    clock: NodeRef,
    width: f64,
    height: f64,
    /// What is in view; `None`: all of it.
    view: Option<View>,
    scrubbing: bool,
    hover: Option<Hover>,
    measured: Option<Measured>,
}

/// The tick under the pointer.
#[derive(Clone, Debug, PartialEq)]
struct Hover {
    step: StepId,
    x: f64,
    y: f64,
}

/// What the panel reacts to.
pub enum Msg {
    /// The panel has another size.
    Resized,
    /// All of the history shall be in view.
    Fit,
    /// The wheel over the lanes.
    Wheel(WheelEvent),
    /// The pointer went down.
    Press(PointerEvent),
    /// The pointer moved.
    Move(PointerEvent),
    /// The pointer went up.
    Release,
    /// The pointer left.
    Leave,
}

impl Component for TimelinePanel {
    type Message = Msg;
    type Properties = TimelinePanelProps;

    fn create(_: &Context<Self>) -> Self {
        TimelinePanel {
            root: NodeRef::default(),
            clock: NodeRef::default(),
            width: 1440.0,
            height: 228.0,
            view: None,
            scrubbing: false,
            hover: None,
            measured: None,
        }
    }

    fn changed(&mut self, ctx: &Context<Self>, old: &TimelinePanelProps) -> bool {
        let props = ctx.props();
        if old.axis != props.axis {
            self.view = None;
        }
        // A playhead that leaves the view takes the view with it.
        if let Some(view) = self.view {
            let value = value_of_step(&props.chart, props.axis, props.transition.to);
            self.view = Some(view.showing(value, end(&props.chart, props.axis)));
        }
        true
    }

    fn update(&mut self, ctx: &Context<Self>, message: Msg) -> bool {
        match message {
            Msg::Resized => self.resize(),
            Msg::Fit => self.view.take().is_some(),
            Msg::Wheel(event) => self.wheel(ctx.props(), &event),
            Msg::Press(event) => self.press(ctx.props(), &event),
            Msg::Move(event) => self.hover_or_scrub(ctx.props(), &event),
            Msg::Release => {
                self.scrubbing = false;
                false
            }
            Msg::Leave => self.hover.take().is_some(),
        }
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let props = ctx.props();
        if props.narrow { self.narrow(ctx) } else { self.wide(ctx) }
    }

    fn rendered(&mut self, ctx: &Context<Self>, _: bool) {
        let link = ctx.link().clone();
        Measured::keep(&mut self.measured, &self.root, move || link.send_message(Msg::Resized));
    }
}

impl TimelinePanel {
    fn wide(&self, ctx: &Context<Self>) -> Html {
        let props = ctx.props();
        let link = ctx.link();
        let lanes = self.lanes_height(props);
        let idle = props.chart.is_empty().then_some("idle");
        html! {
            <section class={classes!("tl", idle)} aria-label="Timeline" aria-busy={props.is_busy.to_string()}
                ref={self.root.clone()}>
                { self.transport(ctx) }
                if lanes > 60.0 {
                    <svg class="tl-lanes" width={self.width.to_string()} height={lanes.to_string()} role="img"
                        aria-label={format!("Timeline lanes, {} steps", props.chart.len())}
                        onwheel={link.callback(Msg::Wheel)} onpointerdown={link.callback(Msg::Press)}
                        onpointermove={link.callback(Msg::Move)} onpointerup={link.callback(|_: PointerEvent| Msg::Release)}
                        onpointerleave={link.callback(|_: PointerEvent| Msg::Leave)}>
                        { self.drawing(props, lanes) }
                    </svg>
                    { self.slider(props) }
                    <Lanes timeline={props.timeline.clone()} rows={self.rows(props, lanes)} cursor={props.transition.to}
                        on_event={props.on_event.clone()} />
                    { self.tooltip(props) }
                }
                { props.children.clone() }
            </section>
        }
    }

    fn narrow(&self, ctx: &Context<Self>) -> Html {
        let props = ctx.props();
        let link = ctx.link();
        html! {
            <section class="tl-narrow" aria-label="Timeline" aria-busy={props.is_busy.to_string()}>
                <div class="m-tl" ref={self.root.clone()}>
                    <svg class="tl-lanes" width={self.width.to_string()} height="78" role="img"
                        aria-label={format!("Timeline, {} steps", props.chart.len())}
                        onpointerdown={link.callback(Msg::Press)} onpointermove={link.callback(Msg::Move)}
                        onpointerup={link.callback(|_: PointerEvent| Msg::Release)}>
                        { self.drawing(props, 78.0) }
                    </svg>
                    { self.slider(props) }
                </div>
                { self.transport(ctx) }
            </section>
        }
    }

    fn transport(&self, ctx: &Context<Self>) -> Html {
        let props = ctx.props();
        let to = props.transition.to;
        let spans = props.spans();
        let span = to.and_then(|id| span_at(&spans, id)).map(|span| {
            let still = stuck::standing_still(&props.chart, span, !props.is_busy);
            (span.label.clone(), still.map_or_else(|| span.waits_for.clone(), stuck::words))
        });
        let span = props.station.as_ref().map(|(place, name)| (place.to_string(), name.to_string())).or(span);
        let awaits_deadline = to.is_some_and(|id| stuck::awaits_deadline(&props.chart, id, !props.is_busy));
        let is_at_end = to.is_some_and(|id| id.0 as usize + 1 == props.chart.len());
        let repeats = props.repeats.clone().filter(|_| is_at_end && !awaits_deadline);
        let step = to.map_or(0, |id| id.0 + 1);
        let now = value_of_step(&props.chart, Axis::Time, to);
        let on_fit = ctx.link().callback(|()| Msg::Fit);
        let breakpoints = Rc::clone(&props.breakpoints);
        let (steps, axis, branches) = (props.chart.len(), props.axis, props.branches);
        let (playing, speed, step_size) = (props.playing, props.speed, props.step_size);
        let (clock, on_event) = (self.clock.clone(), props.on_event.clone());
        if props.narrow {
            return html! {
                <NarrowTransport {playing} {speed} {step_size} {now} {step} {steps} {span} {repeats} {awaits_deadline} {axis} {breakpoints} {branches} {clock}
                    {on_event} {on_fit} />
            };
        }
        html! {
            <Transport {playing} {speed} {step_size} {now} {step} {steps} {span} {repeats} {awaits_deadline} {axis} {breakpoints} {branches} {clock}
                {on_event} {on_fit} />
        }
    }

    fn drawing(&self, props: &TimelinePanelProps, height: f64) -> Html {
        let ruler = self.ruler(props);
        let rows = self.rows(props, height);
        let (chart, axis) = (props.chart.clone(), props.axis);
        let is_at_rest = !props.is_busy;
        html! {
            <>
                <Backdrop chart={chart.clone()} spans={props.spans()} {axis} {is_at_rest} {ruler} rows={rows.clone()} lives={props.lives.clone()}
                    requests={props.requests.clone()} other={props.other.clone()} breakpoints={Rc::clone(&props.breakpoints)} />
                <Playhead {chart} spans={props.spans()} {axis} {is_at_rest} {ruler} {rows} transition={props.transition} reduced_motion={props.reduced_motion}
                    clock={self.clock.clone()} />
            </>
        }
    }

    /// The playhead for those who do not use a pointer: the page's own keys move it.
    fn slider(&self, props: &TimelinePanelProps) -> Html {
        let to = props.transition.to;
        let (step, steps) = (to.map_or(0, |id| id.0 + 1), props.chart.len());
        let seconds = value_of_step(&props.chart, Axis::Time, to);
        let span = to
            .and_then(|id| props.chart.span_at(id))
            .map(|span| format!(", {}", span.label))
            .unwrap_or_default();
        html! {
            <div class="tl-slider" role="slider" tabindex="0" aria-label="Playhead" aria-valuemin="0"
                aria-valuemax={steps.to_string()} aria-valuenow={step.to_string()}
                aria-valuetext={format!("Step {step} of {steps}, {seconds:.3} seconds{span}")}></div>
        }
    }

    fn tooltip(&self, props: &TimelinePanelProps) -> Html {
        let Some(hover) = &self.hover else { return html! {} };
        let Some(step) = props.timeline.step(hover.step) else { return html! {} };
        let x = hover.x.min(self.width - 300.0);
        html! {
            <svg class="tl-tip-anchor" width={self.width.to_string()} height="184" aria-hidden="true">
                <foreignObject x={format!("{x:.0}")} y={format!("{:.0}", (hover.y - 44.0).max(0.0))} width="300" height="44">
                    <div class="tl-tip">
                        <b>{ format!("{} {}", step.id.0 + 1, narration::actor(&step.actor)) }</b>
                        <span class="ell">{ narration::headline(step).to_string() }</span>
                    </div>
                </foreignObject>
            </svg>
        }
    }

    fn lanes_height(&self, props: &TimelinePanelProps) -> f64 {
        if props.narrow { 78.0 } else { self.height - TRANSPORT }
    }

    fn rows(&self, props: &TimelinePanelProps, height: f64) -> Rows {
        let other = props.other.as_ref().map(|other| &*other.name);
        let mut rows =
            Rows::new(&props.chart, height, props.lives.is_some(), props.requests.as_deref(), other);
        if props.narrow {
            rows.rows.retain(|row| row.subject == Subject::ApiServer);
            rows.availability = ticks::Lane { top: 50.0, height: height - 56.0 };
        }
        rows
    }

    fn ruler(&self, props: &TimelinePanelProps) -> Ruler {
        let left = if props.narrow { NARROW_LEFT } else { LEFT };
        let view = self.view.unwrap_or_else(|| View::all(end(&props.chart, props.axis)));
        Ruler { view, left, right: (self.width - RIGHT_MARGIN).max(left + 50.0) }
    }

    fn resize(&mut self) -> bool {
        let Some(root) = self.root.cast::<HtmlElement>() else { return false };
        let (width, height) = (f64::from(root.client_width()), f64::from(root.client_height()));
        if (width, height) == (self.width, self.height) || width < 1.0 {
            return false;
        }
        (self.width, self.height) = (width, height);
        true
    }

    /// The wheel zooms around the pointer; with Shift it moves.
    fn wheel(&mut self, props: &TimelinePanelProps, event: &WheelEvent) -> bool {
        event.prevent_default();
        let ruler = self.ruler(props);
        let limit = end(&props.chart, props.axis);
        let view = if event.shift_key() || event.delta_x().abs() > event.delta_y().abs() {
            let pixels = if event.delta_x() == 0.0 { event.delta_y() } else { event.delta_x() };
            ruler.view.moved(pixels / (ruler.right - ruler.left) * ruler.view.length(), limit)
        } else {
            let around = ruler.value(f64::from(event.offset_x()));
            ruler.view.zoomed(props.axis, (event.delta_y() * ZOOM_PER_PIXEL).exp(), around, limit)
        };
        self.view = (view.length() < limit).then_some(view);
        true
    }

    fn press(&mut self, props: &TimelinePanelProps, event: &PointerEvent) -> bool {
        if event.button() != 0 || props.chart.is_empty() {
            return false;
        }
        let (x, y) = (f64::from(event.offset_x()), f64::from(event.offset_y()));
        let scale = Scale { chart: &props.chart, axis: props.axis, ruler: self.ruler(props) };
        let spans = props.spans();
        if (SPANS.top..SPANS.top + SPANS.height).contains(&y)
            && let Some(span) = scale.step_at(x).and_then(|step| span_at(&spans, step))
        {
            props.on_event.emit(TimelineEvent::GoTo(span.first));
            return false;
        }
        if let Some(step) = self.tick_at(props, x, y) {
            props.on_event.emit(TimelineEvent::GoTo(step));
            return false;
        }
        self.scrubbing = true;
        if let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) {
            // Without capture the drag ends at the panel's edge, which is no harm.
            let _ = target.set_pointer_capture(event.pointer_id());
        }
        self.scrub(props, x);
        false
    }

    fn hover_or_scrub(&mut self, props: &TimelinePanelProps, event: &PointerEvent) -> bool {
        let (x, y) = (f64::from(event.offset_x()), f64::from(event.offset_y()));
        if self.scrubbing && event.buttons() & 1 == 1 {
            self.scrub(props, x);
            return self.hover.take().is_some();
        }
        self.scrubbing = false;
        let hover = self.tick_at(props, x, y).map(|step| Hover { step, x, y });
        let changed = hover.as_ref().map(|hover| hover.step) != self.hover.as_ref().map(|hover| hover.step);
        self.hover = hover;
        changed
    }

    fn scrub(&self, props: &TimelinePanelProps, x: f64) {
        let ruler = self.ruler(props);
        let scale = Scale { chart: &props.chart, axis: props.axis, ruler };
        let step = if x < ruler.left && ruler.view.from <= 0.0 { None } else { scale.step_at(x) };
        props.on_event.emit(TimelineEvent::Scrub(step));
    }

    /// The step whose tick lies under a point.
    fn tick_at(&self, props: &TimelinePanelProps, x: f64, y: f64) -> Option<StepId> {
        let rows = self.rows(props, self.lanes_height(props));
        let subject = rows.at(y)?.subject;
        let scale = Scale { chart: &props.chart, axis: props.axis, ruler: self.ruler(props) };
        let steps = props.chart.steps().filter(|step| belongs(step, subject));
        steps
            .map(|step| (step.id, (scale.x_of(step.id, step.at) - x).abs()))
            .filter(|(_, distance)| *distance <= REACH)
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(id, _)| id)
    }
}
