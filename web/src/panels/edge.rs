//! The edge of a side panel: dragged, or moved with the arrow keys.

use web_sys::{Element, KeyboardEvent, PointerEvent};
use yew::prelude::*;

use crate::browser;

/// How far one press of an arrow key moves an edge, in CSS pixels.
const KEY_PX: f64 = 16.0;

/// Which panel the edge belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The left panel: its edge is on its right.
    Left,
    /// The right panel.
    Right,
}

/// An edge that can be moved.
#[derive(Properties, PartialEq)]
pub struct EdgeProps {
    /// Which panel it belongs to.
    pub side: Side,
    /// The panel's width in CSS pixels.
    pub width: f64,
    /// The width that it was dragged to.
    pub on_width: Callback<f64>,
}

/// An edge that can be moved.
#[component]
pub fn Edge(props: &EdgeProps) -> Html {
    let side = props.side;
    let onpointerdown = Callback::from(move |event: PointerEvent| {
        if let Some(edge) = event.target_dyn_into::<Element>() {
            // Without the capture a quick drag would leave the edge behind.
            let _ = edge.set_pointer_capture(event.pointer_id());
        }
    });
    let onpointermove = {
        let on_width = props.on_width.clone();
        Callback::from(move |event: PointerEvent| {
            let holds = event
                .target_dyn_into::<Element>()
                .is_some_and(|edge| edge.has_pointer_capture(event.pointer_id()));
            if holds {
                on_width.emit(width_at(side, f64::from(event.client_x())));
            }
        })
    };
    let onkeydown = {
        let (on_width, width) = (props.on_width.clone(), props.width);
        Callback::from(move |event: KeyboardEvent| {
            let way = match (event.key().as_str(), side) {
                ("ArrowRight", Side::Left) | ("ArrowLeft", Side::Right) => KEY_PX,
                ("ArrowLeft", Side::Left) | ("ArrowRight", Side::Right) => -KEY_PX,
                _ => return,
            };
            event.prevent_default();
            on_width.emit(width + way);
        })
    };
    let (class, label) = match side {
        Side::Left => ("edge edge-left", "Width of the left panel"),
        Side::Right => ("edge edge-right", "Width of the right panel"),
    };
    html! {
        <div {class} role="separator" aria-orientation="vertical" aria-label={label}
            aria-valuenow={props.width.round().to_string()}
            aria-valuemin="264" aria-valuemax="560" tabindex="0" {onpointerdown} {onpointermove} {onkeydown}></div>
    }
}

fn width_at(side: Side, x: f64) -> f64 {
    match side {
        Side::Left => x,
        Side::Right => browser::width() - x,
    }
}
