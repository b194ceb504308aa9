//! What a person does to the stage: the wheel zooms and moves, a drag moves, keys walk from figure to figure.

use kubestep_core::api::ObjectRef;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::menu;
use super::neighbours::{Direction, nearest};
use super::sight::world_of;
use super::view::View;
use super::{Stage, StageEvent};
use crate::scene::geometry::{Point, Rect};
use crate::scene::reading;

/// So many pixels of the wheel zoom by a factor of e: a notch of a mouse is about a tool's step.
const ZOOM_PIXELS: f32 = 600.0;

impl Stage {
    pub(super) fn wheel(&mut self, event: &WheelEvent) -> bool {
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

    pub(super) fn drag(&mut self, event: &PointerEvent) -> bool {
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
    pub(super) fn key(&self, ctx: &Context<Self>, event: &KeyboardEvent) {
        let Some(element) = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) else {
            return;
        };
        if menu::is_menu_key(event) {
            if let Some((figure, at)) = menu::asked_for(Some(element.into())) {
                event.prevent_default();
                ctx.props().on_event.emit(StageEvent::Menu(figure, at));
            }
            return;
        }
        let Some(name) = element.get_attribute("data-figure") else { return };
        if event.ctrl_key() || event.alt_key() || event.meta_key() || event.shift_key() {
            return;
        }
        if !element.matches(":focus-visible").unwrap_or(false) {
            return;
        }
        let key = event.key();
        let handled = match (&*key, Direction::of_key(&key)) {
            // The clients' card is a button: the browser presses it.
            ("Enter" | " ", _) if name != "clients" => {
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

    pub(super) fn select(&self, ctx: &Context<Self>, key: &str, event: fn(ObjectRef) -> StageEvent) {
        let world = world_of(ctx.props());
        if let Some(object) = reading::object_of(&world, key) {
            ctx.props().on_event.emit(event(object));
        }
    }
}

/// Where the pointer is in the window.
pub(super) fn screen_point(event: &PointerEvent) -> Point {
    Point::new(event.client_x() as f32, event.client_y() as f32)
}
