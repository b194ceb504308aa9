//! The SVG layers: idle wires, traffic wires and the gauge below the pods; ports above them.

use std::rc::Rc;

use yew::prelude::*;

use super::gauge::Gauge;
use crate::scene::Scene;
use crate::scene::figures::{Port, RowSize};
use crate::scene::wires::{Stub, path};
use crate::shared::Shared;

/// What a layer needs to be drawn.
#[derive(Properties, PartialEq)]
pub struct LayerProps {
    /// The scene.
    pub scene: Shared<Scene>,
}

/// So many requests are drawn one by one; beyond, the wire is thicker.
const MOST_DOTS: usize = 24;
const MOST_CROSSES: usize = 8;
/// From these rates on the wire is 2 and 3 pixels wide.
const BUSY: [f64; 2] = [100.0, 1_000.0];

/// The width of the traffic wire, by how many requests a second it carries.
fn traffic_width(scene: &Scene) -> &'static str {
    match scene.clients.as_ref().map_or(0.0, |clients| clients.rate) {
        rate if rate >= BUSY[1] => "3",
        rate if rate >= BUSY[0] => "2",
        _ => "1.5",
    }
}

/// Everything below the pods.
#[component]
pub fn WiresBelow(props: &LayerProps) -> Html {
    let scene = &*props.scene;
    html! {
        <svg class="wires below" width={size(scene.plan.size.width)} height={size(scene.plan.size.height)} role="presentation">
            { idle(scene) }
            { request(scene) }
            <g class="traffic" stroke-width={traffic_width(scene)}>
                <path d={scene.traffic.clients.clone()} />
                <path d={scene.traffic.bus.clone()} />
            </g>
            <g class="owned">
                <path d={scene.owned.lines.clone()} />
                { for scene.owned.ends.iter().map(|end| html! {
                    <rect x={size(end.x - 1.0)} y={size(end.y - 3.0)} width="4" height="6" rx="1" />
                }) }
            </g>
            { for scene.workloads.iter().map(|workload| html! {
                <Gauge key={workload.key.to_string()} figure={Rc::new(workload.gauge.clone())} />
            }) }
        </svg>
    }
}

/// The ports at the pods, above them.
#[component]
pub fn WiresAbove(props: &LayerProps) -> Html {
    let scene = &*props.scene;
    html! {
        <svg class="wires above" width={size(scene.plan.size.width)} height={size(scene.plan.size.height)} aria-hidden="true">
            { for scene.traffic.stubs.iter().map(stub) }
            if scene.clients.is_some() {
                { for (0..MOST_DOTS).map(|_| html! { <circle class="dot" r="2.6" visibility="hidden" /> }) }
                { for (0..MOST_CROSSES).map(|_| html! { <path class="cross" d="M-4 -4l8 8m0-8l-8 8" visibility="hidden" /> }) }
            }
            <g class="notices" visibility="hidden">
                { for scene.control_plane.notices.iter().map(|_| html! { <circle class="notice" r="3.4" /> }) }
            </g>
            <g class="envelope" data-envelope="" visibility="hidden">
                <path class="trail" d="M0 0h8M12 0h5M21 0h3" stroke="var(--fg-0)" stroke-width="2" />
                <g class="paper">
                    <rect x="-14" y="-9" width="28" height="18" rx="4" fill="var(--inv-bg)" />
                    <path d="M-8 -2.5h9M-8 .5h13M-8 3.5h7" stroke="var(--inv-fg)" stroke-width="1.4" />
                </g>
            </g>
        </svg>
    }
}

/// The wires between the cards of the control plane, and from workloads to what they made.
fn idle(scene: &Scene) -> Html {
    let plan = &scene.plan;
    let (kubectl, etcd, api) = (plan.kubectl, plan.etcd, plan.api_server);
    let (k, e) = (kubectl.center().y, etcd.center().y);
    let lines = format!(
        "M{} {k}H{}M{} {e}H{}M{} 65H{}M{} {}H{}{}",
        kubectl.right(),
        api.x,
        etcd.right(),
        api.x,
        api.right(),
        plan.controller_manager.x,
        api.right(),
        plan.scheduler.center().y,
        plan.scheduler.x,
        brackets(scene),
    );
    let arrows =
        format!("M{} {k}l-5-3v6zM{} {e}l5-3v6zM{} {e}l-5-3v6z", api.x - 2.0, etcd.right() + 2.0, api.x - 2.0);
    html! {
        <>
            <path d={lines} fill="none" stroke="var(--line-3)" stroke-width="1.2" />
            <path d={arrows} fill="var(--line-3)" />
        </>
    }
}

fn brackets(scene: &Scene) -> String {
    let mut lines = String::new();
    for workload in &scene.workloads {
        let (Some(first), Some(last)) = (workload.parts.first(), workload.parts.last()) else { continue };
        let card = workload.card;
        if workload.size == RowSize::Line {
            // The parts stand side by side: one stroke joins them.
            let (y, from, to) = (card.center().y, card.right(), last.rect.x);
            lines.push_str(&format!("M{from} {y}H{to}"));
            continue;
        }
        let spine = card.right() + (first.rect.x - card.right()) / 2.0;
        let from = card.center().y;
        let (top, bottom) = (first.rect.center().y, last.rect.center().y);
        lines.push_str(&format!(
            "M{} {from}H{spine}M{spine} {}V{}",
            card.right(),
            top.min(from),
            bottom.max(from)
        ));
        for part in &workload.parts {
            lines.push_str(&format!("M{spine} {}H{}", part.rect.center().y, part.rect.x));
        }
    }
    lines
}

/// The wire that this step's request travels on, in the actor's hue, with an arrow into the API server.
fn request(scene: &Scene) -> Html {
    let wire = &scene.control_plane.wire;
    let [.., before, end] = wire.as_slice() else {
        return html! {};
    };
    let color = scene.control_plane.hue.color();
    let arrow = if before.x > end.x { "l8-4.5v9z" } else { "l-8-4.5v9z" };
    let inset = if before.x > end.x { 1.0 } else { -1.0 };
    html! {
        <g class="request">
            <path d={path(wire)} fill="none" stroke={color} stroke-width="2" stroke-linejoin="round" />
            <path d={format!("M{} {}{arrow}", end.x + inset, end.y)} fill={color} />
        </g>
    }
}

/// The end of a wire at a pod: a closed circuit, a dashed one, or an open switch.
fn stub(stub: &Stub) -> Html {
    let (x, y) = (stub.at.x, stub.at.y);
    let from = stub.from.x;
    match stub.port {
        Port::Ready => html! {
            <g>
                <path d={format!("M{from} {y}H{}", x - 1.0)} stroke="var(--fg-1)" stroke-width="1.5" />
                <circle cx={size(x)} cy={size(y)} r="3.5" fill="var(--fg-1)" stroke="var(--bg-1)" stroke-width="1.5" />
            </g>
        },
        Port::Serving => html! {
            <g>
                <path d={format!("M{from} {y}H{}", x - 1.0)} stroke="var(--fg-1)" stroke-width="1.5" stroke-dasharray="3 2" />
                <circle cx={size(x)} cy={size(y)} r="3.2" fill="var(--bg-1)" stroke="var(--fg-1)" stroke-width="1.5" stroke-dasharray="3 2" />
            </g>
        },
        Port::Open => html! {
            <g>
                <path d={format!("M{from} {y}h3l6 -6")} stroke="var(--fg-3)" stroke-width="1.4" fill="none" />
                <circle cx={size(x)} cy={size(y)} r="3" fill="var(--bg-1)" stroke="var(--fg-3)" stroke-width="1.3" />
            </g>
        },
    }
}

fn size(value: f32) -> String {
    format!("{value:.1}")
}
