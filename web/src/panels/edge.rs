//! The edge of a panel: dragged, or moved with the arrow keys.

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
    /// The timeline: its edge is on its top.
    Bottom,
}

impl Side {
    /// The least and the most that the panel may have, in CSS pixels.
    pub const fn bounds(self) -> (f64, f64) {
        match self {
            Self::Left => (320.0, 560.0),
            Self::Right => (264.0, 420.0),
            Self::Bottom => (44.0, 360.0),
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Left => "edge edge-left",
            Self::Right => "edge edge-right",
            Self::Bottom => "edge edge-bottom",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Left => "Width of the left panel",
            Self::Right => "Width of the right panel",
            Self::Bottom => "Height of the timeline",
        }
    }

    /// The direction of the line that the edge is.
    const fn orientation(self) -> &'static str {
        match self {
            Self::Left | Self::Right => "vertical",
            Self::Bottom => "horizontal",
        }
    }

    /// How far a key moves the edge: away from the window's side is larger.
    fn moved_by(self, key: &str) -> Option<f64> {
        match (key, self) {
            ("ArrowRight", Self::Left) | ("ArrowLeft", Self::Right) | ("ArrowUp", Self::Bottom) => {
                Some(KEY_PX)
            }
            ("ArrowLeft", Self::Left) | ("ArrowRight", Self::Right) | ("ArrowDown", Self::Bottom) => {
                Some(-KEY_PX)
            }
            _ => None,
        }
    }

    /// The panel's size when the pointer has its edge here.
    fn size_at(self, event: &PointerEvent) -> f64 {
        match self {
            Self::Left => f64::from(event.client_x()),
            Self::Right => browser::width() - f64::from(event.client_x()),
            Self::Bottom => browser::height() - f64::from(event.client_y()),
        }
    }
}

/// An edge that can be moved.
#[derive(Properties, PartialEq)]
pub struct EdgeProps {
    /// Which panel it belongs to.
    pub side: Side,
    /// The panel's width, or the timeline's height, in CSS pixels.
    pub size: f64,
    /// The size that it was dragged to.
    pub on_size: Callback<f64>,
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
        let on_size = props.on_size.clone();
        Callback::from(move |event: PointerEvent| {
            let holds = event
                .target_dyn_into::<Element>()
                .is_some_and(|edge| edge.has_pointer_capture(event.pointer_id()));
            if holds {
                on_size.emit(side.size_at(&event));
            }
        })
    };
    let onkeydown = {
        let (on_size, size) = (props.on_size.clone(), props.size);
        Callback::from(move |event: KeyboardEvent| {
            let Some(way) = side.moved_by(&event.key()) else { return };
            event.prevent_default();
            on_size.emit(size + way);
        })
    };
    let (least, most) = side.bounds();
    html! {
        <div class={side.class()} role="separator" aria-orientation={side.orientation()} aria-label={side.label()}
            aria-valuenow={props.size.round().to_string()} aria-valuemin={least.to_string()}
            aria-valuemax={most.to_string()} tabindex="0" {onpointerdown} {onpointermove} {onkeydown}></div>
    }
}
