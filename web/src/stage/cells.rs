//! The layer of pods that are too small for cards: one path for each look.

use yew::prelude::*;

use super::revision::look;
use super::rig::cell_pods;
use crate::scene::Scene;
use crate::scene::cells::paths;
use crate::scene::figures::Key;
use crate::shared::Shared;

/// What the layer needs to be drawn.
#[derive(Properties, PartialEq)]
pub struct CellsProps {
    /// The scene.
    pub scene: Shared<Scene>,
    /// A cell was chosen.
    pub on_select: Callback<Key>,
}

/// Draws every cell; a click chooses the pod under the pointer.
#[component]
pub fn Cells(props: &CellsProps) -> Html {
    let scene = &props.scene;
    let pods = || cell_pods(scene).map(|pod| (pod, look(pod.revision), pod.rect));
    let paths = paths(pods());
    if paths.is_empty() {
        return html! {};
    }
    let frames: String = pods()
        .filter(|(pod, ..)| pod.hit)
        .map(|(_, _, rect)| {
            let (x, y, edge) = (rect.x - 1.5, rect.y - 1.5, rect.width + 3.0);
            format!("M{x:.1} {y:.1}h{edge:.1}v{edge:.1}h-{edge:.1}z")
        })
        .collect();
    let onclick = {
        let (scene, on_select) = (scene.clone(), props.on_select.clone());
        Callback::from(move |event: MouseEvent| {
            // The offset is in the layer's own pixels, whatever the zoom.
            let (x, y) = (event.offset_x() as f32, event.offset_y() as f32);
            let inside = |pod: &&crate::scene::figures::PodFigure| {
                let rect = pod.rect;
                (rect.x - 1.0..rect.right() + 1.0).contains(&x)
                    && (rect.y - 1.0..rect.bottom() + 1.0).contains(&y)
            };
            if let Some(pod) = cell_pods(&scene).find(inside) {
                on_select.emit(pod.key.clone());
            }
        })
    };
    let size = scene.plan.size;
    html! {
        <svg class="wires cells" width={size.width.to_string()} height={size.height.to_string()} aria-hidden="true"
            data-pods={pods().count().to_string()} {onclick}>
            { for paths.into_iter().map(|(look, path)| {
                let class = look.class();
                html! { <path key={class.clone()} data-look={class.clone()} {class} d={path} /> }
            }) }
            <path class="cell-hit" d={frames} />
        </svg>
    }
}
