//! The network's view of the stage: the stations of a followed request, the tiers with their circuits, the endpoints.
//!
//! As on the rest of the stage, Yew renders what a step changes, and every frame between moves only dots.

mod endpoints;
mod figures;
mod hops;
mod motion;
mod tiers;

use std::collections::BTreeMap;

use kubestep_core::api::ObjectRef;
use kubestep_core::engine::Timeline;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use self::endpoints::Endpoints;
use self::hops::Hops;
use self::motion::{Movers, Run};
use self::tiers::Tiers;
use super::measure::Measured;
use super::neighbours::{Direction, nearest};
use super::rig::{all, lay, place};
use super::tools::Tools;
use super::{StageCommand, StageEvent, ZOOM_STEP, listen};
use crate::model::frame::StageView;
use crate::model::run::world_at;
use crate::scene::geometry::{Rect, Size};
use crate::scene::network::{self, NetworkScene, NetworkSight};
use crate::scene::reading;
use crate::scene::transition::Transition;
use crate::shared::Shared;

/// What the network's view shows, and who is told what happens on it.
#[derive(Properties, PartialEq)]
pub struct NetworkStageProps {
    /// The history.
    pub timeline: Shared<Timeline>,
    /// Where the viewer is and how they came there.
    pub transition: Transition,
    /// The selected object.
    pub selected: Option<ObjectRef>,
    /// Whether nothing may travel.
    pub reduced_motion: bool,
    /// Whether the page is one narrow column.
    pub narrow: bool,
    /// Told what happens.
    pub on_event: Callback<StageEvent>,
}

const SMALLEST: f32 = 0.5;
const LARGEST: f32 = 3.0;
/// What it is laid out for before the browser has told its size.
const FIRST_SPACE: Size = Size::new(736.0, 300.0);

/// The network's view.
pub struct NetworkStage {
    field: NodeRef,
    plane: NodeRef,
    space: Size,
    zoom: f32,
    shown: Shared<NetworkScene>,
    run: Option<Run>,
    movers: Movers,
    measured: Option<Measured>,
}

/// What it reacts to.
pub enum Msg {
    /// A frame, so many milliseconds after the clock was started.
    Frame(f32),
    /// The space has another size.
    Resized,
    /// From the keyboard or the tools.
    Command(StageCommand),
    /// A figure was chosen.
    Select(String),
    /// A key while a figure has the focus.
    Key(KeyboardEvent),
}

impl Component for NetworkStage {
    type Message = Msg;
    type Properties = NetworkStageProps;

    fn create(ctx: &Context<Self>) -> Self {
        listen(Some(ctx.link().callback(Msg::Command)));
        NetworkStage {
            field: NodeRef::default(),
            plane: NodeRef::default(),
            space: FIRST_SPACE,
            zoom: 1.0,
            shown: Shared::new(read(ctx.props(), FIRST_SPACE)),
            run: None,
            movers: Movers::default(),
            measured: None,
        }
    }

    fn changed(&mut self, ctx: &Context<Self>, old: &NetworkStageProps) -> bool {
        let props = ctx.props();
        let (was, is) = (old.transition, props.transition);
        if was.serial != is.serial || old.timeline != props.timeline || old.selected != props.selected {
            self.shown = Shared::new(read(props, self.space));
        }
        if was.serial != is.serial {
            let link = ctx.link().clone();
            self.run = Run::begin(props, &self.shown, move |elapsed| link.send_message(Msg::Frame(elapsed)));
        } else if was.dwell_ms.is_some() && is.dwell_ms.is_none() {
            self.run = self.run.take().and_then(Run::paused);
        }
        true
    }

    fn update(&mut self, ctx: &Context<Self>, message: Msg) -> bool {
        match message {
            Msg::Frame(elapsed) => {
                let goes_on = self.run.as_mut().is_some_and(|run| run.advance(elapsed, &self.shown));
                self.movers.show(&self.shown, self.run.as_ref());
                if !goes_on {
                    self.run = None;
                }
                false
            }
            Msg::Resized => self.resize(ctx.props()),
            Msg::Command(command) => {
                self.zoom = match command {
                    StageCommand::Fit => 1.0,
                    StageCommand::ZoomIn => self.zoom * ZOOM_STEP,
                    StageCommand::ZoomOut => self.zoom / ZOOM_STEP,
                }
                .clamp(SMALLEST, LARGEST);
                true
            }
            Msg::Select(key) => {
                self.select(ctx, &key);
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
        let scene = self.shown.clone();
        let on_event = props.on_event.clone();
        html! {
            <main class={classes!("stage", "net", props.narrow.then_some("m-net"))} aria-label={format!("Network view, step {step}")}>
                <Hops scene={scene.clone()} on_event={on_event.clone()} />
                <div class="net-field" ref={self.field.clone()} tabindex="0" role="group" aria-label="Services, their clients and pods">
                    <div class="net-plane" ref={self.plane.clone()} onkeydown={link.callback(Msg::Key)}>
                        <Tiers scene={scene.clone()} selected={self.selected(props)} on_select={link.callback(Msg::Select)}
                            {on_event} />
                    </div>
                </div>
                <Endpoints {scene} on_select={link.callback(Msg::Select)} />
                if !props.narrow {
                    <Tools percent={(self.zoom * 100.0).round() as u32} on_command={link.callback(Msg::Command)}
                        view={StageView::Network} on_view={props.on_event.reform(StageEvent::Show)}
                        on_legend={props.on_event.reform(|()| StageEvent::Legend)} />
                }
            </main>
        }
    }

    fn rendered(&mut self, ctx: &Context<Self>, _: bool) {
        let link = ctx.link().clone();
        Measured::keep(&mut self.measured, &self.field, move || link.send_message(Msg::Resized));
        let Some(plane) = self.plane.cast::<HtmlElement>() else { return };
        lay(&plane, &format!("scale({:.3})", self.zoom), self.shown.size);
        let rects: BTreeMap<&str, Rect> = figures::places(&self.shown).collect();
        for element in all(&plane, "[data-figure]") {
            let Ok(element) = element.dyn_into::<HtmlElement>() else { continue };
            let rect = element.get_attribute("data-figure").and_then(|name| rects.get(&*name).copied());
            if let Some(rect) = rect {
                place(&element, rect);
            }
        }
        self.movers.collect(&plane);
        self.movers.show(&self.shown, self.run.as_ref());
    }

    fn destroy(&mut self, _: &Context<Self>) {
        listen(None);
    }
}

impl NetworkStage {
    fn resize(&mut self, props: &NetworkStageProps) -> bool {
        let Some(field) = self.field.cast::<HtmlElement>() else { return false };
        let space = Size::new(field.client_width() as f32, field.client_height() as f32);
        // A bar that comes and goes with what it scrolls would make this go on for ever.
        let is_same =
            (space.width - self.space.width).abs() < 1.0 && (space.height - self.space.height).abs() < 1.0;
        if is_same || space.width < 1.0 {
            return false;
        }
        self.space = space;
        self.shown = Shared::new(read(props, space));
        true
    }

    fn selected(&self, props: &NetworkStageProps) -> Option<AttrValue> {
        let world = world_at(&props.timeline, props.transition.to);
        let key = props.selected.as_ref().and_then(|object| reading::key_of(&world.store, object))?;
        Some(AttrValue::from(key.to_string()))
    }

    fn select(&self, ctx: &Context<Self>, key: &str) {
        let props = ctx.props();
        let world = world_at(&props.timeline, props.transition.to);
        let key = key.replacen("rules:", "node:", 1);
        if let Some(object) = reading::object_of(&world, &key) {
            props.on_event.emit(StageEvent::Select(object));
        }
    }

    /// Arrows go from figure to figure, Enter opens one in the inspector.
    fn key(&self, ctx: &Context<Self>, event: &KeyboardEvent) {
        let target = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
        let Some(element) = target.filter(|element| element.matches(":focus-visible").unwrap_or(false))
        else {
            return;
        };
        let Some(name) = element.get_attribute("data-figure") else { return };
        if event.ctrl_key() || event.alt_key() || event.meta_key() || event.shift_key() {
            return;
        }
        let key = event.key();
        // A client's card is a button: the browser presses it.
        if matches!(&*key, "Enter" | " ") && !name.starts_with("client:") {
            self.select(ctx, &name);
        } else if let Some(direction) = Direction::of_key(&key) {
            self.go(&name, direction);
        } else {
            return;
        }
        event.prevent_default();
        event.stop_propagation();
    }

    fn go(&self, from: &str, direction: Direction) {
        let figures: Vec<(&str, Rect)> =
            figures::places(&self.shown).filter(|(key, _)| figures::is_walked(key)).collect();
        let here = figures.iter().find(|(key, _)| *key == from).map(|(_, rect)| *rect);
        let others = figures.iter().copied().filter(|(key, _)| *key != from);
        let Some(key) = here.and_then(|here| nearest(here, direction, others)) else { return };
        let Some(plane) = self.plane.cast::<Element>() else { return };
        let named = |element: &Element| element.get_attribute("data-figure").as_deref() == Some(key);
        let element = all(&plane, "[data-figure]").find(named);
        if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            // An element that cannot take the focus leaves it where it is.
            let _ = element.focus();
        }
    }
}

/// The scene of the step that the viewer is at.
#[inline(never)]
fn read(props: &NetworkStageProps, space: Size) -> NetworkScene {
    let cursor = props.transition.to;
    let world = world_at(&props.timeline, cursor);
    let next = motion::next_step(props).map(|step| props.timeline.world_at(step));
    network::scene(&NetworkSight {
        timeline: &props.timeline,
        cursor,
        world: &world,
        next: next.as_ref(),
        selected: props.selected.as_ref(),
        space,
    })
}
