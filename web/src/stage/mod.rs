//! The stage: draws scenes and moves what moves between them.
//!
//! Yew renders a scene when a step changes it: once as announced (who acts, what is on the wire), once with the change
//! made. Between those, every frame writes only the attributes of what moves, through the [`rig`].

pub mod cells;
pub mod clock;
pub mod control_plane;
pub mod gauge;
pub mod legend;
pub mod measure;
pub mod narrow;
pub mod neighbours;
pub mod node;
pub mod outline;
pub mod pod;
pub mod revision;
pub mod rig;
pub mod sprite;
pub mod tools;
pub mod traffic;
pub mod view;
pub mod wires;
pub mod workload;

use std::cell::RefCell;
use std::rc::Rc;

use kubestep_core::api::ObjectRef;
use kubestep_core::engine::{StepId, Timeline};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use crate::scene::Scene;
use crate::scene::beats::{Beats, Motion, Shape};
use crate::scene::chart::Chart;
use crate::scene::figures::{Key, PodFigure};
use crate::scene::geometry::{Point, Rect, Size, lerp};
use crate::scene::reading::{self, Sight};
use crate::scene::transition::Transition;
use crate::scene::tween::Tween;
use crate::shared::Shared;
use cells::Cells;
use clock::Animation;
use control_plane::ControlPlaneCards;
pub use legend::Legend;
use measure::Measured;
use narrow::NarrowStage;
use neighbours::{Direction, nearest};
use node::Node;
use outline::Outline;
use pod::Pod;
use rig::{Rig, set};
pub use sprite::Sprite;
use tools::Tools;
use traffic::{Clients, Service};
use view::View;
use wires::{WiresAbove, WiresBelow};
use workload::Workload;

/// What the stage shows, and who is told what happens on it.
#[derive(Properties, PartialEq)]
pub struct StageProps {
    /// The history.
    pub timeline: Shared<Timeline>,
    /// What is derived from it.
    pub chart: Shared<Chart>,
    /// Where the viewer is and how they came there.
    pub transition: Transition,
    /// The selected object.
    pub selected: Option<ObjectRef>,
    /// Whether nothing may travel or roll.
    pub reduced_motion: bool,
    /// Whether the page is one narrow column.
    pub narrow: bool,
    /// Told what happens.
    pub on_event: Callback<StageEvent>,
}

/// What happens on the stage.
#[derive(Clone, Debug, PartialEq)]
pub enum StageEvent {
    /// An object was chosen.
    Select(ObjectRef),
    /// Somebody asks why an object is as it is.
    Why(ObjectRef),
    /// The legend was asked for.
    Legend,
    /// Everything that a transition moved has come to rest.
    Settled {
        /// The transition's number.
        serial: u64,
    },
}

/// What the keyboard can ask of the stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StageCommand {
    /// Show all of it.
    Fit,
    /// Larger.
    ZoomIn,
    /// Smaller.
    ZoomOut,
}

thread_local! {
    static LISTENER: RefCell<Option<Callback<StageCommand>>> = const { RefCell::new(None) };
}

/// Asks the mounted stage for something; without one nothing happens.
pub fn command(command: StageCommand) {
    let listener = LISTENER.with(|listener| listener.borrow().clone());
    if let Some(listener) = listener {
        listener.emit(command);
    }
}

const ZOOM_STEP: f32 = 1.2;
/// So many pixels of the wheel zoom by a factor of e: a notch of a mouse is about a tool's step.
const ZOOM_PIXELS: f32 = 600.0;
/// What the stage is laid out for before the browser has told its size.
const FIRST_SPACE: Size = Size::new(736.0, 628.0);

/// The stage.
pub struct Stage {
    root: NodeRef,
    plane: NodeRef,
    space: Size,
    view: View,
    /// What is rendered.
    shown: Shared<Scene>,
    /// What it leads to.
    rest: Shared<Scene>,
    ghosts: Vec<Rc<PodFigure>>,
    run: Option<Run>,
    rig: Rig,
    grabbed: Option<Point>,
    measured: Option<Measured>,
}

/// A transition on its way.
struct Run {
    beats: Beats,
    tween: Tween,
    from: Shared<Scene>,
    /// Whether the change has been made.
    changed: bool,
    /// Milliseconds shown before the clock was started anew (after a pause).
    before: f32,
    elapsed: f32,
    dwell_ms: Option<f32>,
    /// Virtual time runs from here to there while the step is shown.
    until: f64,
    settled: bool,
    /// Keeps the clock going.
    animation: Option<Animation>,
}

/// What the stage reacts to.
pub enum Msg {
    /// A frame, so many milliseconds after the clock was started.
    Frame(f32),
    /// The space has another size.
    Resized,
    /// An element was chosen.
    Select(Key),
    /// From the keyboard or the tools.
    Command(StageCommand),
    /// The wheel over the stage.
    Wheel(WheelEvent),
    /// The pointer went down.
    Grab(PointerEvent),
    /// The pointer moved.
    Drag(PointerEvent),
    /// The pointer went up.
    Release,
    /// A key while something on the stage has the focus.
    Key(KeyboardEvent),
}

impl Component for Stage {
    type Message = Msg;
    type Properties = StageProps;

    fn create(ctx: &Context<Self>) -> Self {
        let listener = ctx.link().callback(Msg::Command);
        LISTENER.with(|slot| *slot.borrow_mut() = Some(listener));
        let scene = Shared::new(read(ctx.props(), FIRST_SPACE, None));
        Stage {
            root: NodeRef::default(),
            plane: NodeRef::default(),
            space: FIRST_SPACE,
            view: View::default(),
            shown: scene.clone(),
            rest: scene,
            ghosts: Vec::new(),
            run: None,
            rig: Rig::default(),
            grabbed: None,
            measured: None,
        }
    }

    fn changed(&mut self, ctx: &Context<Self>, old: &StageProps) -> bool {
        let props = ctx.props();
        let (was, is) = (old.transition, props.transition);
        if was.serial != is.serial {
            self.begin(ctx);
            return true;
        }
        if was.dwell_ms != is.dwell_ms {
            self.pause_or_go_on(ctx, is.dwell_ms.filter(|_| !props.reduced_motion));
        }
        self.rest = Shared::new(read(props, self.space, Some(&self.rest)));
        match &mut self.run {
            Some(run) if !run.changed => self.shown = Shared::new(self.rest.announced_over(&run.from)),
            Some(run) => {
                run.tween = Tween::between(&run.from, &self.rest);
                self.shown = self.rest.clone();
            }
            None => self.shown = self.rest.clone(),
        }
        true
    }

    fn update(&mut self, ctx: &Context<Self>, message: Msg) -> bool {
        match message {
            Msg::Frame(elapsed) => self.frame(ctx, elapsed),
            Msg::Resized => self.resize(ctx),
            Msg::Select(key) => {
                self.select(ctx, &key, StageEvent::Select);
                false
            }
            Msg::Command(command) => {
                let middle = Point::new(self.space.width / 2.0, self.space.height / 2.0);
                self.view = match command {
                    StageCommand::Fit => View::default(),
                    StageCommand::ZoomIn => self.view.zoomed(ZOOM_STEP, middle),
                    StageCommand::ZoomOut => self.view.zoomed(1.0 / ZOOM_STEP, middle),
                }
                .inside(self.space);
                true
            }
            Msg::Wheel(event) => self.wheel(&event),
            Msg::Grab(event) => {
                self.grabbed = (event.button() == 0).then(|| screen_point(&event));
                false
            }
            Msg::Drag(event) => self.drag(&event),
            Msg::Release => {
                self.grabbed = None;
                false
            }
            Msg::Key(event) => {
                self.key(ctx, &event);
                false
            }
        }
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let props = ctx.props();
        let link = ctx.link();
        let step = props.transition.to.map_or(0, |id| id.0 + 1);
        if props.narrow {
            return html! {
                <NarrowStage scene={self.shown.clone()} on_select={link.callback(Msg::Select)} />
            };
        }
        let percent = (self.view.zoom * self.shown.plan.scale * 100.0).round() as u32;
        html! {
            <main class="stage" aria-label={format!("Cluster stage, step {step}")} ref={self.root.clone()}
                onwheel={link.callback(Msg::Wheel)} onpointerdown={link.callback(Msg::Grab)}
                onpointermove={link.callback(Msg::Drag)} onpointerup={link.callback(|_: PointerEvent| Msg::Release)}
                onpointerleave={link.callback(|_: PointerEvent| Msg::Release)}>
                <Outline scene={self.rest.clone()} />
                <div class="plane" ref={self.plane.clone()} role="application" aria-label="Cluster"
                    aria-describedby="stage-outline" onkeydown={link.callback(Msg::Key)}>
                    { self.figures(ctx) }
                </div>
                <Tools {percent} on_command={link.callback(Msg::Command)}
                    on_legend={props.on_event.reform(|()| StageEvent::Legend)} />
            </main>
        }
    }

    fn rendered(&mut self, ctx: &Context<Self>, _: bool) {
        if ctx.props().narrow {
            return;
        }
        if let Some(root) = self.root.cast::<Element>()
            && !self.measured.as_ref().is_some_and(|measured| measured.is_of(&root))
        {
            let link = ctx.link().clone();
            self.measured = Measured::new(root, move || link.send_message(Msg::Resized));
        }
        let Some(plane) = self.plane.cast::<HtmlElement>() else { return };
        let scale = self.shown.plan.scale * self.view.zoom;
        let (x, y) = (self.view.offset.x, self.view.offset.y);
        let style = plane.style();
        set(&style, "transform", &format!("translate({x:.1}px,{y:.1}px) scale({scale:.4})"));
        set(&style, "width", &format!("{:.1}px", self.shown.plan.size.width));
        set(&style, "height", &format!("{:.1}px", self.shown.plan.size.height));
        self.rig.collect(&plane, &self.shown, &self.ghosts);
        self.apply();
    }

    fn destroy(&mut self, _: &Context<Self>) {
        LISTENER.with(|listener| *listener.borrow_mut() = None);
    }
}

impl Stage {
    /// Everything on the plane. The order is the order in depth.
    fn figures(&self, ctx: &Context<Self>) -> Html {
        let props = ctx.props();
        let scene = &self.shown;
        let on_select = ctx.link().callback(Msg::Select);
        let world = world_of(props);
        let selected = props.selected.as_ref().and_then(|object| reading::key_of(&world.store, object));
        let is_selected = |key: &Key| selected.as_ref() == Some(key);
        let first_pod = scene.pods.iter().find(|pod| !is_cell(pod)).map(|pod| &pod.key);
        let entry = first_pod.or_else(|| scene.nodes.first().map(|node| &node.key)).cloned();
        let pods = scene.pods.iter().chain(&self.ghosts).filter(|pod| !is_cell(pod));
        html! {
                    <>
                        { bands(scene) }
                        <ControlPlaneCards figure={scene.control_plane.clone()} />
                        <div class="layer">
        { for scene.workloads.iter().map(|figure| html! {
                            <Workload key={figure.key.to_string()} figure={Rc::clone(figure)} selected={selected.clone()}
                                on_select={on_select.clone()} />
                        }) }
        </div>
                        if let Some(figure) = &scene.clients {
                            <Clients figure={Rc::clone(figure)} />
                        }
                        <div class="layer">
        { for scene.services.iter().filter(|service| service.rect.bottom() <= scene.plan.size.height).map(|figure| html! {
                            <Service key={figure.key.to_string()} figure={Rc::clone(figure)} selected={is_selected(&figure.key)}
                                on_select={on_select.clone()} />
                        }) }
        </div>
                        <div class="layer">
        { for scene.nodes.iter().map(|figure| html! {
                            <Node key={figure.key.to_string()} figure={Rc::clone(figure)} tile={scene.plan.tile}
                                selected={is_selected(&figure.key)} entry={entry.as_ref() == Some(&figure.key)}
                                on_select={on_select.clone()} />
                        }) }
        </div>
                        <WiresBelow scene={scene.clone()} />
                        if let Some(message) = &scene.tray_message {
                            <div class="tray-message ell" data-figure="tray-message" title={message.clone()}>{ message }</div>
                        }
                        <Cells scene={scene.clone()} on_select={on_select.clone()} />
                        <div class="layer">
        { for pods.map(|figure| html! {
                            <Pod key={figure.key.to_string()} figure={Rc::clone(figure)} now={scene.now}
                                selected={is_selected(&figure.key)} entry={entry.as_ref() == Some(&figure.key)}
                                on_select={on_select.clone()} />
                        }) }
        </div>
                        <WiresAbove scene={scene.clone()} />
                    </>
                }
    }

    /// A transition begins: from what is shown now to the step that the viewer went to.
    fn begin(&mut self, ctx: &Context<Self>) {
        let props = ctx.props();
        let transition = props.transition;
        let from = self.shown.clone();
        self.rest = Shared::new(read(props, self.space, Some(&from)));
        let step = transition.to.and_then(|id| props.timeline.step(id));
        // Steps that are passed over on the way are not told, only what they led to.
        let next = transition.from.map_or(0, |id| id.0 + 1);
        let tells = transition.motion != Motion::Forward || transition.to.is_some_and(|to| to.0 == next);
        let shape = match step {
            Some(step) if tells => Shape::of(step),
            _ => Shape::Local,
        };
        let beats = Beats::new(shape, transition.motion, transition.speed, props.reduced_motion);
        let tween = match transition.motion {
            Motion::Scrub => Tween::default(),
            Motion::Forward | Motion::Back => Tween::between(&from, &self.rest),
        };
        let tween = if props.reduced_motion { Tween::default() } else { tween };
        let changed = beats.change_at_ms() <= 0.0;
        self.ghosts = if changed { tween.ghosts().to_vec() } else { Vec::new() };
        self.shown = if changed { self.rest.clone() } else { Shared::new(self.rest.announced_over(&from)) };
        let link = ctx.link().clone();
        self.run = Some(Run {
            beats,
            tween,
            from,
            changed,
            before: 0.0,
            elapsed: 0.0,
            dwell_ms: transition.dwell_ms.filter(|_| !props.reduced_motion),
            until: next_time(props),
            settled: false,
            animation: Some(clock::animate(move |elapsed| {
                link.send_message(Msg::Frame(elapsed));
                true
            })),
        });
    }

    /// One frame. Answers whether something must be rendered.
    fn frame(&mut self, ctx: &Context<Self>, elapsed: f32) -> bool {
        let Some(run) = &mut self.run else { return false };
        run.elapsed = run.before + elapsed;
        let moment = run.beats.at(run.elapsed);
        if !run.changed && run.elapsed >= run.beats.change_at_ms() {
            run.changed = true;
            self.ghosts = run.tween.ghosts().to_vec();
            self.shown = self.rest.clone();
            return true;
        }
        if moment.done && !run.settled {
            run.settled = true;
            let serial = ctx.props().transition.serial;
            ctx.props().on_event.emit(StageEvent::Settled { serial });
            let had_ghosts = !std::mem::take(&mut self.ghosts).is_empty();
            self.apply();
            self.stop_if_over();
            return had_ghosts;
        }
        self.apply();
        self.stop_if_over();
        false
    }

    /// Stops the clock when neither the beats nor the dwell need another frame.
    fn stop_if_over(&mut self) {
        let Some(run) = &self.run else { return };
        let runs_on = has_grace(&self.shown) || !self.shown.flights.is_empty();
        let dwells = run.dwell_ms.is_some_and(|dwell| run.elapsed < dwell) && runs_on;
        if run.settled && !dwells {
            self.run = None;
        }
    }

    /// Writes what is not at rest into the elements.
    fn apply(&mut self) {
        let Some(run) = &self.run else {
            let moment = Beats::new(Shape::Local, Motion::Scrub, 1.0, true).at(0.0);
            self.rig.travel(&self.shown, &moment);
            self.rig.pose(&[]);
            self.rig.draw_cells(&self.shown, &[]);
            self.rig.fly(&self.shown, self.shown.now);
            return;
        };
        let moment = run.beats.at(run.elapsed);
        self.rig.travel(&self.shown, &moment);
        let poses = if run.changed { run.tween.poses(&moment) } else { Vec::new() };
        self.rig.pose(&poses);
        if run.changed {
            self.rig.draw_cells(&self.shown, &poses);
        }
        if let Some(dwell) = run.dwell_ms {
            let share = (run.elapsed / dwell.max(1.0)).clamp(0.0, 1.0);
            let now = self.rest.now + (run.until - self.rest.now) * f64::from(lerp(0.0, 1.0, share));
            self.rig.turn_rings(&self.shown, now);
            self.rig.fly(&self.shown, now);
        }
    }

    /// Pausing holds everything where it is; playing on from the same step lets it go on.
    fn pause_or_go_on(&mut self, ctx: &Context<Self>, dwell_ms: Option<f32>) {
        let Some(run) = &mut self.run else { return };
        let was_playing = run.dwell_ms.is_some();
        run.dwell_ms = dwell_ms;
        if was_playing && dwell_ms.is_none() {
            run.before = run.elapsed;
            run.animation = None;
        }
        if dwell_ms.is_some() && run.animation.is_none() {
            let link = ctx.link().clone();
            run.animation = Some(clock::animate(move |elapsed| {
                link.send_message(Msg::Frame(elapsed));
                true
            }));
        }
    }

    fn resize(&mut self, ctx: &Context<Self>) -> bool {
        let Some(root) = self.root.cast::<HtmlElement>() else { return false };
        let space = Size::new(root.client_width() as f32, root.client_height() as f32);
        if space == self.space || space.width < 1.0 || space.height < 1.0 {
            return false;
        }
        self.space = space;
        self.view = self.view.inside(space);
        self.rest = Shared::new(read(ctx.props(), space, Some(&self.rest)));
        self.shown = self.rest.clone();
        self.ghosts.clear();
        self.run = None;
        true
    }

    fn wheel(&mut self, event: &WheelEvent) -> bool {
        let zooms = event.ctrl_key() || event.meta_key();
        if !zooms && self.view == View::default() {
            return false;
        }
        event.prevent_default();
        self.view = if zooms {
            self.view.zoomed((-event.delta_y() as f32 / ZOOM_PIXELS).exp(), self.pointer(event))
        } else {
            self.view.moved(-event.delta_x() as f32, -event.delta_y() as f32)
        }
        .inside(self.space);
        true
    }

    fn drag(&mut self, event: &PointerEvent) -> bool {
        let Some(grabbed) = self.grabbed else { return false };
        let at = screen_point(event);
        self.grabbed = Some(at);
        if self.view.zoom <= 1.0 && self.view == View::default() {
            return false;
        }
        self.view = self.view.moved(at.x - grabbed.x, at.y - grabbed.y).inside(self.space);
        true
    }

    /// Where the pointer is, seen from the stage's corner.
    fn pointer(&self, event: &MouseEvent) -> Point {
        let corner = self.root.cast::<Element>().map(|root| root.get_bounding_client_rect());
        let (left, top) = corner.map_or((0.0, 0.0), |corner| (corner.left(), corner.top()));
        Point::new(event.client_x() as f32 - left as f32, event.client_y() as f32 - top as f32)
    }

    /// Keys of whoever reached the stage with Tab; those who clicked on it keep the arrows for stepping.
    fn key(&self, ctx: &Context<Self>, event: &KeyboardEvent) {
        let Some(element) = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) else {
            return;
        };
        let Some(name) = element.get_attribute("data-figure") else { return };
        if event.ctrl_key() || event.alt_key() || event.meta_key() || event.shift_key() {
            return;
        }
        if !element.matches(":focus-visible").unwrap_or(false) {
            return;
        }
        let key = event.key();
        let handled = match (&*key, Direction::of_key(&key)) {
            ("Enter" | " ", _) => {
                self.select(ctx, &name, StageEvent::Select);
                true
            }
            ("w" | "W", _) => {
                self.select(ctx, &name, StageEvent::Why);
                true
            }
            (_, Some(direction)) => {
                self.go(&name, direction);
                true
            }
            _ => false,
        };
        if handled {
            event.prevent_default();
            event.stop_propagation();
        }
    }

    fn go(&self, from: &str, direction: Direction) {
        let here = self.shown.places().find(|(key, _)| *key == from).map(|(_, rect)| rect);
        let objects = || self.shown.places().filter(|(key, rect)| key.contains(':') && rect.height > 1.0);
        let target =
            here.and_then(|here: Rect| nearest(here, direction, objects().filter(|(key, _)| *key != from)));
        if let Some(element) = target.and_then(|key| self.rig.element(key)) {
            // An element that cannot take the focus leaves it where it is.
            let _ = element.focus();
        }
    }

    fn select(&self, ctx: &Context<Self>, key: &str, event: fn(ObjectRef) -> StageEvent) {
        let world = world_of(ctx.props());
        if let Some(object) = reading::object_of(&world.store, key) {
            ctx.props().on_event.emit(event(object));
        }
    }
}

/// The labels and lines of the bands.
fn bands(scene: &Scene) -> Html {
    let plan = &scene.plan;
    let line = |y: f32| format!("M0 {y:.1}H{:.1}", plan.size.width);
    html! {
        <svg class="wires bands" width={plan.size.width.to_string()} height={plan.size.height.to_string()} aria-hidden="true">
            <path d={line(plan.workload_band)} />
            <path d={line(plan.node_band)} />
            <text x="16" y="20">{ "CONTROL PLANE" }</text>
            <text x="16" y={(plan.workload_band + 20.0).to_string()}>{ "WORKLOAD" }</text>
            <text x="16" y={(plan.node_band + 17.0).to_string()}>{ "TRAFFIC" }</text>
            <text x="140" y={(plan.node_band + 17.0).to_string()}>{ "NODES" }</text>
            if scene.workloads.is_empty() {
                <text class="empty" x="16" y={(plan.workload.y + 20.0).to_string()}>
                    { "Nothing is desired yet. Apply a manifest with a Deployment." }
                </text>
            }
            if scene.services.is_empty() {
                <text class="empty" x="16" y={(plan.traffic.y + 20.0).to_string()}>{ "No Service yet" }</text>
            }
        </svg>
    }
}

fn is_cell(pod: &PodFigure) -> bool {
    use crate::scene::detail::{Detail, detail_of};
    matches!(detail_of(pod.rect), Detail::Cell(_))
}

fn has_grace(scene: &Scene) -> bool {
    scene.pods.iter().any(|pod| pod.grace.is_some())
}

fn screen_point(event: &PointerEvent) -> Point {
    Point::new(event.client_x() as f32, event.client_y() as f32)
}

/// The virtual time of the step after the one that is shown.
fn next_time(props: &StageProps) -> f64 {
    let next = props.transition.to.map_or(0, |id| id.0 + 1);
    let step = props.timeline.step(StepId(next)).or_else(|| props.timeline.steps().last());
    step.map_or(0.0, |step| step.at.as_seconds())
}

fn world_of(props: &StageProps) -> kubestep_core::engine::World {
    match props.transition.to {
        Some(id) => props.timeline.world_at(id),
        None => props.timeline.genesis().clone(),
    }
}

/// The scene of the step that the viewer is at.
fn read(props: &StageProps, space: Size, before: Option<&Scene>) -> Scene {
    let world = world_of(props);
    let to = props.transition.to;
    let step_before = to.map(|id| match id.0.checked_sub(1) {
        Some(before) => props.timeline.world_at(StepId(before)),
        None => props.timeline.genesis().clone(),
    });
    let next = StepId(to.map_or(0, |id| id.0 + 1));
    let next = props.timeline.step(next).map(|step| props.timeline.world_at(step.id));
    let layout = props.chart.layout(to);
    reading::scene(&Sight {
        world: &world,
        before: step_before.as_ref(),
        step: to.and_then(|id| props.timeline.step(id)).map(|step| &**step),
        layout: &layout,
        slots: props.chart.slots(to),
        space,
        selected: props.selected.as_ref(),
        detail: before.map(|scene| scene.detail),
        next: next.as_ref(),
    })
}
