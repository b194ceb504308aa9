//! The plane that the stage pans and zooms: bands, cards, nodes, pods and wires, in the order of their depth.

use std::rc::Rc;

use yew::prelude::*;

use super::cells::Cells;
use super::control_plane::ControlPlaneCards;
use super::node::Node;
use super::pod::Pod;
use super::sight::world_of;
use super::traffic::{Clients, Service};
use super::wires::{WiresAbove, WiresBelow};
use super::workload::Workload;
use super::{Msg, Stage, StageEvent};
use crate::scene::Scene;
use crate::scene::detail::{Detail, detail_of};
use crate::scene::figures::{Key, PodFigure};
use crate::scene::reading;

impl Stage {
    /// Everything on the plane. The order is the order in depth.
    pub(super) fn figures(&self, ctx: &Context<Self>) -> Html {
        let props = ctx.props();
        let scene = &self.shown;
        let on_select = ctx.link().callback(Msg::Select);
        let world = world_of(props);
        let selected = props.selected.as_ref().and_then(|object| reading::key_of(&world.store, object));
        let is_selected = |key: &Key| selected.as_ref() == Some(key);
        let first_pod = scene.pods.iter().find(|pod| !is_cell(pod)).map(|pod| &pod.key);
        let entry = first_pod.or_else(|| scene.nodes.first().map(|node| &node.key)).cloned();
        let pods = scene.pods.iter().chain(&self.ghosts).filter(|pod| !is_cell(pod));
        let services =
            scene.services.iter().filter(|service| service.rect.bottom() <= scene.plan.size.height);
        html! {
            <>
                { bands(scene) }
                <ControlPlaneCards figure={scene.control_plane.clone()} on_line={props.on_event.reform(StageEvent::Line)} />
                <div class="layer">
                    { for scene.workloads.iter().map(|figure| html! {
                        <Workload key={figure.key.to_string()} figure={Rc::clone(figure)} selected={selected.clone()}
                            on_select={on_select.clone()} />
                    }) }
                </div>
                if let Some(figure) = &scene.clients {
                    <Clients figure={Rc::clone(figure)} on_follow={props.on_event.reform(StageEvent::Follow)} />
                }
                <div class="layer">
                    { for services.map(|figure| html! {
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
                    { tray_message(message) }
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
                    { if scene.pods.is_empty() {
                        "Nothing is desired yet. Apply a manifest with a Deployment."
                    } else {
                        "These pods stand alone: nothing makes new ones when they go."
                    } }
                </text>
            }
            if !scene.hidden_workloads.is_empty() {
                <text class="empty" x="16" y={(plan.workload.bottom() - 2.0).to_string()}>
                    { more(&scene.hidden_workloads) }
                    <title>{ &scene.hidden_workloads }</title>
                </text>
            }
            if scene.services.is_empty() {
                <text class="empty" x="16" y={(plan.traffic.y + 20.0).to_string()}>{ "No Service yet" }</text>
            }
        </svg>
    }
}

/// Why pods are still in the tray: the scheduler's message, a tag for each of its reasons.
fn tray_message(message: &str) -> Html {
    let (counted, reasons) = reasons(message);
    html! {
        <div class="tray-message ell" data-figure="tray-message" title={message.to_owned()}>
            { counted }
            { for reasons.into_iter().map(|reason| html! { <span class="tagl taint">{ reason }</span> }) }
        </div>
    }
}

/// `0/3 nodes are available`, and each reason with the number of nodes it holds for.
fn reasons(message: &str) -> (&str, Vec<&str>) {
    let Some((counted, rest)) = message.split_once(": ") else { return (message, Vec::new()) };
    // What became of claims and of preemption is said after the reasons.
    let reasons = rest.split_once(". ").map_or(rest, |(reasons, _)| reasons);
    (counted, reasons.trim_end_matches('.').split(", ").collect())
}

/// What there is no room for: how many, and the first names.
fn more(names: &str) -> String {
    const MOST_CHARACTERS: usize = 100;
    let shown: String = names.chars().take(MOST_CHARACTERS).collect();
    let rest = if shown.len() < names.len() { "…" } else { "" };
    format!("and {} more: {shown}{rest}", names.split(", ").count())
}

fn is_cell(pod: &PodFigure) -> bool {
    matches!(detail_of(pod.rect), Detail::Cell(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schedulers_message_is_taken_apart_by_reason() {
        let message = "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint(s). \
                       no new claims to deallocate, preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.";
        let (counted, all) = reasons(message);
        assert_eq!(counted, "0/3 nodes are available");
        assert_eq!(all, ["1 Insufficient cpu", "2 node(s) had untolerated taint(s)"]);
        assert_eq!(reasons("no nodes available to schedule pods").1.len(), 0);
    }
}
