//! The elements of the stage by name, and how they are placed and moved: through the style object, frame by frame,
//! without rendering anything again.

use std::collections::BTreeMap;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use crate::scene::Scene;
use crate::scene::beats::Moment;
use crate::scene::cells;
use crate::scene::detail::{Detail, detail_of};
use crate::scene::figures::{ActorPlace, PodFigure};
use crate::scene::geometry::{Rect, Size};
use crate::scene::tween::{Pose, posed};
use crate::scene::wires::{along, length};
use crate::stage::revision::look;

/// The elements that the stage moves.
#[derive(Default)]
pub struct Rig {
    figures: BTreeMap<String, Placed>,
    posed: Vec<String>,
    stations: Vec<Element>,
    filled: Option<(u8, u8)>,
    cells: BTreeMap<String, Element>,
    rings: Vec<Element>,
    envelope: Option<Element>,
    notices: Vec<Element>,
    dots: Vec<Element>,
    crosses: Vec<Element>,
}

struct Placed {
    element: HtmlElement,
    rect: Rect,
}

/// Words beside the wire stand this far above and below it.
const ABOVE: f32 = 25.0;
const BELOW: f32 = 12.0;
const WORD_HEIGHT: f32 = 15.0;
/// The message comes to rest this far before the API server, so that the arrow stays visible.
const REST: f32 = 36.0;
/// On a wire shorter than this there is no room for the dashes that trail behind a message.
const SHORT: f32 = 100.0;

impl Rig {
    /// Finds the elements again after they were rendered, and puts each in its place.
    pub fn collect(&mut self, plane: &Element, scene: &Scene, ghosts: &[std::rc::Rc<PodFigure>]) {
        let mut rects: BTreeMap<&str, Rect> = scene.places().collect();
        rects.extend(ghosts.iter().map(|pod| (&*pod.key, pod.rect)));
        let words = words(scene);
        rects.insert("message-above", words.0);
        rects.insert("message-below", words.1);
        if scene.tray_message.is_some() {
            rects.insert(
                "tray-message",
                Rect::new(scene.plan.tray.x, scene.plan.tray.y + 28.0, scene.plan.tray.width, 16.0),
            );
        }
        let mut old = std::mem::take(&mut self.figures);
        for element in all(plane, "[data-figure]") {
            let Ok(element) = element.dyn_into::<HtmlElement>() else { continue };
            let Some(name) = element.get_attribute("data-figure") else { continue };
            let Some(rect) = rects.get(&*name).copied() else { continue };
            let kept = old.remove(&name).filter(|placed| placed.rect == rect && placed.element == element);
            if kept.is_none() {
                place(&element, rect);
            }
            self.figures.insert(name, Placed { element, rect });
        }
        self.stations = all(plane, ".pipe li").collect();
        self.filled = None;
        self.cells = all(plane, "[data-look]")
            .filter_map(|path| Some((path.get_attribute("data-look")?, path)))
            .collect();
        self.rings = all(plane, ".ring").collect();
        self.notices = all(plane, ".notice").collect();
        self.dots = all(plane, ".dot").collect();
        self.crosses = all(plane, ".cross").collect();
        self.envelope = plane.query_selector("[data-envelope]").ok().flatten();
    }

    /// The element of a figure.
    pub fn element(&self, key: &str) -> Option<&HtmlElement> {
        self.figures.get(key).map(|placed| &placed.element)
    }

    /// Shows what is not at rest where it is at this instant; what has come to rest since is put in its place.
    pub fn pose(&mut self, poses: &[Pose]) {
        let before = std::mem::take(&mut self.posed);
        for pose in poses {
            let Some(placed) = self.figures.get(&*pose.key) else { continue };
            let style = placed.element.style();
            let transform = format!("translate({:.2}px,{:.2}px) scale({:.4})", pose.dx, pose.dy, pose.scale);
            set(&style, "transform", &transform);
            set(&style, "opacity", &format!("{:.3}", pose.opacity));
            self.posed.push(pose.key.to_string());
        }
        for key in before {
            if poses.iter().any(|pose| *pose.key == *key) {
                continue;
            }
            if let Some(placed) = self.figures.get(&key) {
                let style = placed.element.style();
                set(&style, "transform", "none");
                set(&style, "opacity", "1");
            }
        }
    }

    /// Draws the cells where they are at this instant.
    pub fn draw_cells(&self, scene: &Scene, poses: &[Pose]) {
        if self.cells.is_empty() {
            return;
        }
        let poses: BTreeMap<&str, &Pose> = poses.iter().map(|pose| (&*pose.key, pose)).collect();
        let pods = cell_pods(scene).map(|pod| {
            let rect = poses.get(&*pod.key).map_or(pod.rect, |pose| posed(pod.rect, pose));
            (pod, look(pod.revision), rect)
        });
        for (look, path) in cells::paths(pods) {
            if let Some(element) = self.cells.get(&look.class()) {
                set_attribute(element, "d", &path);
            }
        }
    }

    /// Shows the message on its wire and the stations it has passed.
    pub fn travel(&mut self, scene: &Scene, moment: &Moment) {
        let plane = &scene.control_plane;
        let on_wire = length(&plane.wire);
        if let Some(envelope) = &self.envelope {
            let rest = (1.0 - REST / on_wire.max(1.0)).max(0.5);
            match along(&plane.wire, moment.message * rest) {
                Some((at, heading)) => {
                    let angle = heading.y.atan2(heading.x).to_degrees();
                    set_attribute(envelope, "transform", &format!("translate({:.1} {:.1})", at.x, at.y));
                    set_attribute(envelope, "visibility", "visible");
                    if let Some(trail) = envelope.first_element_child() {
                        let shown = if on_wire < SHORT { "hidden" } else { "inherit" };
                        set_attribute(&trail, "visibility", shown);
                        set_attribute(&trail, "transform", &format!("rotate({:.0}) translate(-42 0)", angle));
                    }
                }
                None => set_attribute(envelope, "visibility", "hidden"),
            }
        }
        self.announce(scene, moment);
        let passed = plane.message.as_ref().map_or(0, |message| message.passed);
        let refused = plane.message.as_ref().is_some_and(|message| message.refusal.is_some());
        let reached = if plane.message.is_some() { moment.stations } else { 0 };
        if self.filled == Some((reached, passed)) {
            return;
        }
        self.filled = Some((reached, passed));
        for (index, station) in self.stations.iter().enumerate() {
            let index = index as u8;
            let class = match () {
                () if index < reached.min(passed) => "done",
                () if refused && index == passed && reached > passed => "cur refused",
                () if index == reached && reached > 0 && reached < passed => "cur",
                () => "",
            };
            set_attribute(station, "class", class);
        }
    }

    /// Shows how those who watch are told: a dot on its way to each of them while the consequences follow.
    fn announce(&self, scene: &Scene, moment: &Moment) {
        let Some(group) = self.notices.first().and_then(|dot| dot.parent_element()) else { return };
        let under_way = moment.consequences > 0.0 && moment.consequences < 1.0;
        set_attribute(&group, "visibility", if under_way { "visible" } else { "hidden" });
        if !under_way {
            // At rest the picture of a step is the same, however one came to it.
            for dot in &self.notices {
                set_attribute(dot, "cx", "0");
                set_attribute(dot, "cy", "0");
            }
            return;
        }
        for (dot, wire) in self.notices.iter().zip(&scene.control_plane.notices) {
            if let Some((at, _)) = along(wire, moment.consequences) {
                set_attribute(dot, "cx", &format!("{:.1}", at.x));
                set_attribute(dot, "cy", &format!("{:.1}", at.y));
            }
        }
    }

    /// Shows where requests are at a moment of virtual time: a dot on its way, a cross where one has died.
    pub fn fly(&self, scene: &Scene, now: f64) {
        let mut dots = scene.flights.iter().filter_map(|flight| flight.position(now));
        for dot in &self.dots {
            let Some(at) = dots.next() else {
                set_attribute(dot, "visibility", "hidden");
                continue;
            };
            set_attribute(dot, "cx", &format!("{:.1}", at.x));
            set_attribute(dot, "cy", &format!("{:.1}", at.y));
            set_attribute(dot, "visibility", "visible");
        }
        let died = scene.flights.iter().filter(|flight| flight.has_failed(now));
        let mut crosses = died.filter_map(|flight| flight.end());
        for cross in &self.crosses {
            let Some(at) = crosses.next() else {
                set_attribute(cross, "visibility", "hidden");
                continue;
            };
            set_attribute(cross, "transform", &format!("translate({:.1} {:.1})", at.x, at.y));
            set_attribute(cross, "visibility", "visible");
        }
    }

    /// Turns the rings of grace periods to a moment of virtual time, in the order of the terminating pods.
    pub fn turn_rings(&self, scene: &Scene, now: f64) {
        let drawn = scene.pods.iter().filter(|pod| !matches!(detail_of(pod.rect), Detail::Cell(_)));
        let shares = drawn.filter_map(|pod| pod.grace).map(|grace| grace.share(now));
        for (ring, share) in self.rings.iter().zip(shares) {
            set_attribute(ring, "stroke-dasharray", &format!("{:.1} 100", share * 100.0));
        }
    }
}

/// Pods that are so small that they are drawn as cells.
pub fn cell_pods(scene: &Scene) -> impl Iterator<Item = &PodFigure> {
    scene.pods.iter().map(|pod| &**pod).filter(|pod| matches!(detail_of(pod.rect), Detail::Cell(_)))
}

/// Where the words above and below the wire stand.
fn words(scene: &Scene) -> (Rect, Rect) {
    let plan = &scene.plan;
    let x = plan.api_server.right();
    let width = plan.controller_manager.x - x;
    let y = match scene.control_plane.actor {
        Some(ActorPlace::Scheduler) => plan.scheduler.center().y,
        _ => plan.api_port().y,
    };
    let below = if scene.control_plane.actor == Some(ActorPlace::Scheduler) { 10.0 } else { BELOW };
    (Rect::new(x, y - ABOVE, width, WORD_HEIGHT), Rect::new(x, y + below, width, WORD_HEIGHT))
}

/// Puts an element at a place, through its style object: style attributes are not allowed on the page.
pub fn place(element: &HtmlElement, rect: Rect) {
    let style = element.style();
    set(&style, "left", &format!("{:.2}px", rect.x));
    set(&style, "top", &format!("{:.2}px", rect.y));
    set(&style, "width", &format!("{:.2}px", rect.width));
    set(&style, "height", &format!("{:.2}px", rect.height));
}

/// Lays a plane out: how it is moved and scaled, and its own size.
pub fn lay(plane: &HtmlElement, transform: &str, size: Size) {
    let style = plane.style();
    set(&style, "transform", transform);
    set(&style, "width", &format!("{:.1}px", size.width));
    set(&style, "height", &format!("{:.1}px", size.height));
}

/// Sets a style property; one that the browser does not know is left out.
pub fn set(style: &web_sys::CssStyleDeclaration, property: &str, value: &str) {
    let _ = style.set_property(property, value);
}

fn set_attribute(element: &Element, name: &str, value: &str) {
    // Only names with characters that no attribute may have are refused.
    let _ = element.set_attribute(name, value);
}

/// The elements below `root` that fit a selector.
pub fn all(root: &Element, selector: &str) -> impl Iterator<Item = Element> {
    let list = root.query_selector_all(selector).ok();
    let length = list.as_ref().map_or(0, |list| list.length());
    (0..length).filter_map(move |index| list.as_ref()?.item(index)?.dyn_into::<Element>().ok())
}
