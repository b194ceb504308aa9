//! The stage: draws scenes and moves what moves between them.
//!
//! Yew renders a scene when a step changes it: once as announced (who acts, what is on the wire), once with the change
//! made. Between those, every frame writes only the attributes of what moves, through the [`rig`].

pub mod cells;
pub mod clock;
pub mod close_up;
pub mod control_plane;
pub mod gauge;
mod hands;
pub mod legend;
pub mod measure;
pub mod menu;
pub mod narrow;
pub mod neighbours;
pub mod network;
pub mod node;
pub mod outline;
mod plane;
pub mod pod;
pub mod revision;
pub mod rig;
mod run;
mod sight;
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
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::model::frame::StageView;
use crate::scene::Scene;
use crate::scene::chart::Chart;
use crate::scene::figures::{Key, PodFigure};
use crate::scene::geometry::{Point, Size};
use crate::scene::transition::Transition;
use crate::scene::tween::Tween;
use crate::shared::Shared;
use hands::screen_point;
pub use legend::Legend;
use measure::Measured;
use narrow::NarrowStage;
use outline::Outline;
use rig::{Rig, lay};
use run::Run;
use sight::read;
pub use sprite::Sprite;
use tools::Tools;
use view::View;

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
    /// A line that somebody could as well have typed.
    Line(String),
    /// The menu of a figure was asked for, at this place of the window.
    Menu(String, (i32, i32)),
    /// The next request of this client shall become steps.
    Follow(Rc<str>),
    /// A step was chosen.
    Step(StepId),
    /// The stage shall show this.
    Show(StageView),
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

/// From now on this stage is the one that is asked; none, once it is gone.
fn listen(listener: Option<Callback<StageCommand>>) {
    LISTENER.with(|slot| *slot.borrow_mut() = listener);
}

const ZOOM_STEP: f32 = 1.2;
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
        listen(Some(ctx.link().callback(Msg::Command)));
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
                    aria-describedby="stage-outline" onkeydown={link.callback(Msg::Key)}
                    oncontextmenu={menu::on_context_menu(props.on_event.reform(|(figure, at)| StageEvent::Menu(figure, at)))}>
                    { self.figures(ctx) }
                </div>
                <Tools {percent} on_command={link.callback(Msg::Command)}
                    view={StageView::Nodes} on_view={props.on_event.reform(StageEvent::Show)}
                    on_legend={props.on_event.reform(|()| StageEvent::Legend)} />
            </main>
        }
    }

    fn rendered(&mut self, ctx: &Context<Self>, _: bool) {
        if ctx.props().narrow {
            return;
        }
        let link = ctx.link().clone();
        Measured::keep(&mut self.measured, &self.root, move || link.send_message(Msg::Resized));
        let Some(plane) = self.plane.cast::<HtmlElement>() else { return };
        let scale = self.shown.plan.scale * self.view.zoom;
        let (x, y) = (self.view.offset.x, self.view.offset.y);
        let transform = format!("translate({x:.1}px,{y:.1}px) scale({scale:.4})");
        lay(&plane, &transform, self.shown.plan.size);
        self.rig.collect(&plane, &self.shown, &self.ghosts);
        self.apply();
    }

    fn destroy(&mut self, _: &Context<Self>) {
        listen(None);
    }
}

impl Stage {
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
}
