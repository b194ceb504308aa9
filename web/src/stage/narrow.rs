//! The stage in one narrow column: the same figures in the page's own flow, without travel.

use std::rc::Rc;

use yew::prelude::*;

use super::gauge::Gauge;
use super::pod::{Pod, Ring};
use super::sprite::{Glyph, Icon};
use super::workload::icon;
use crate::scene::Scene;
use crate::scene::figures::{
    ActorPlace, Dial, Gauge as GaugeFigure, Key, NodeFigure, PodFigure, RowSize, ServiceFigure,
    WorkloadFigure,
};
use crate::scene::geometry::Rect;
use crate::shared::Shared;

/// What the narrow stage needs to be drawn.
#[derive(Properties, PartialEq)]
pub struct NarrowProps {
    /// The scene.
    pub scene: Shared<Scene>,
    /// A figure was chosen.
    pub on_select: Callback<Key>,
}

/// Width and height that the gauge is drawn in; it is scaled to the column.
const GAUGE: Rect = Rect::new(0.0, 0.0, 358.0, 124.0);
/// Its height while its last line has nothing to say.
const GAUGE_WITHOUT_LAST_LINE: f32 = 98.0;
/// A pod's card as two lines.
const MINI: Rect = Rect::new(0.0, 0.0, 150.0, 44.0);

/// Draws the control plane as a line, then gauges, Services and nodes with their pods.
#[component]
pub fn NarrowStage(props: &NarrowProps) -> Html {
    let scene = &*props.scene;
    html! {
        <main class="m-stage" aria-label="Cluster stage">
            { control_plane(scene) }
            { for scene.workloads.iter().map(|workload| self::workload(workload, props)) }
            { for scene.services.iter().map(|service| self::service(service)) }
            { tray(props) }
            <div class="m-nodes">
                { for scene.nodes.iter().map(|node| self::node(node, props)) }
            </div>
        </main>
    }
}

fn control_plane(scene: &Scene) -> Html {
    let plane = &scene.control_plane;
    let actor = match &plane.actor {
        Some(ActorPlace::Controller(name)) => format!("{name} ctrl"),
        Some(ActorPlace::Scheduler) => "scheduler".to_owned(),
        Some(ActorPlace::Kubelet(node)) => format!("kubelet {node}"),
        Some(ActorPlace::Proxy(node)) => format!("kube-proxy {node}"),
        Some(ActorPlace::Kubectl | ActorPlace::ApiServer | ActorPlace::Clients) | None => {
            "controllers".to_owned()
        }
    };
    let kubectl_acts = plane.actor == Some(ActorPlace::Kubectl);
    let api_acts = plane.actor == Some(ActorPlace::ApiServer);
    let others_act = plane.actor.is_some() && !kubectl_acts && !api_acts;
    let hue = plane.hue.class();
    let lit = |acts: bool| acts.then_some("lit");
    html! {
        <div>
            <div class="m-cp">
                <section class={classes!("cp", "hue-user", lit(kubectl_acts))}><h3>{ "kubectl" }</h3></section>
                { wire(kubectl_acts && plane.message.is_some(), "var(--p-user)") }
                <section class={classes!("cp", "hue-api", lit(api_acts))}><h3>{ "API server" }</h3></section>
                { wire(others_act && plane.message.is_some(), plane.hue.color()) }
                <section class={classes!("cp", hue, lit(others_act))}><h3 class="ell">{ actor }</h3></section>
            </div>
            <div class={classes!("m-msg", hue)}>
                if let Some(message) = &plane.message {
                    <b>{ message.verb }</b>
                    <span class="ell">{ &message.resource }</span>
                    if let Some(refusal) = &message.refusal {
                        <span class="refused">{ refusal }</span>
                    } else if let Some((_, change)) = &message.change {
                        <span class="to">{ change }</span>
                    }
                }
            </div>
        </div>
    }
}

fn wire(busy: bool, color: &'static str) -> Html {
    let (color, width) = if busy { (color, "2") } else { ("var(--line-3)", "1.2") };
    html! {
        <svg class="m-wire" height="18" viewBox="0 0 40 18" preserveAspectRatio="none" aria-hidden="true">
            <path d="M0 9H40" stroke={color} stroke-width={width} vector-effect="non-scaling-stroke" />
        </svg>
    }
}

/// A workload's line and its gauge; a Deployment that is alone needs no line.
fn workload(workload: &WorkloadFigure, props: &NarrowProps) -> Html {
    let is_alone = props.scene.workloads.len() == 1 && matches!(workload.gauge.dial, Dial::Rollout(_));
    let on_select = props.on_select.clone();
    let key = workload.key.clone();
    html! {
        <section class="m-workload" key={workload.key.to_string()}>
            if !is_alone {
                <button class={classes!("m-svc", "m-wl", workload.hit.then_some("hit"))} type="button"
                    aria-label={workload.sentence()} onclick={move |_| on_select.emit(key.clone())}>
                    <Icon name={icon(workload.kind)} size={14} />
                    <b class="ell">{ &workload.name }</b>
                    if let Some(namespace) = &workload.namespace {
                        <small class="ell">{ namespace }</small>
                    }
                    <span class="grow"></span>
                    <span>{ &workload.summary }</span>
                </button>
            }
            { gauge(&workload.gauge) }
        </section>
    }
}

fn gauge(gauge: &GaugeFigure) -> Html {
    let has_last_line = match &gauge.dial {
        Dial::Rollout(rollout) => rollout.terminating > 0,
        Dial::Row(row) => row.note.is_some(),
        Dial::Schedule(_) => false,
    };
    let height = if has_last_line { GAUGE.height } else { GAUGE_WITHOUT_LAST_LINE };
    let figure = Rc::new(GaugeFigure { rect: GAUGE, size: RowSize::Full, dial: gauge.dial.clone() });
    html! {
        <svg class="m-gauge" viewBox={format!("-2 0 {} {height}", GAUGE.width + 4.0)}>
            <Gauge {figure} />
        </svg>
    }
}

fn service(service: &ServiceFigure) -> Html {
    html! {
        <div class="m-svc">
            <Icon name="svc" size={14} />
            <b class="ell">{ &service.name }</b>
            <span class="grow"></span>
            if service.ready > 0 {
                <span><span class="is-ok"><Glyph name="ready" size={12} /></span>{ format!("{} ready", service.ready) }</span>
            } else {
                <span><span class="is-warn"><Glyph name="notready" size={12} /></span>{ "0 ready" }</span>
            }
            if service.draining > 0 {
                <span><span class="is-term"><Ring size={12} share={0.9} /></span>{ format!("{} draining", service.draining) }</span>
            }
            if service.not_ready > 0 {
                <span><span class="is-warn"><Glyph name="notready" size={12} /></span>{ format!("{} not ready", service.not_ready) }</span>
            }
        </div>
    }
}

fn tray(props: &NarrowProps) -> Html {
    let waiting: Vec<&Rc<PodFigure>> = props.scene.pods.iter().filter(|pod| pod.node.is_none()).collect();
    if waiting.is_empty() {
        return html! {};
    }
    html! {
        <section class="m-node tray">
            <header><b>{ "Not on a node yet" }</b></header>
            { pods(&waiting, props) }
        </section>
    }
}

fn node(node: &NodeFigure, props: &NarrowProps) -> Html {
    let name = node.key.trim_start_matches("node:").to_owned();
    let on_node: Vec<&Rc<PodFigure>> =
        props.scene.pods.iter().filter(|pod| pod.node.as_deref() == Some(&*name)).collect();
    let state = match (node.ready, node.schedulable) {
        (true, true) => "",
        (true, false) => "cordoned",
        (false, _) => "NotReady",
    };
    html! {
        <section class="m-node" key={node.key.to_string()}>
            <header>
                <Icon name="node" size={14} />
                <b>{ name }</b>
                <span class="grow"></span>
                <span>{ state }</span>
                if let Some(cpu) = node.meters.first() {
                    <span class="num">{ format!("CPU {}", cpu.label) }</span>
                }
                <span class={classes!("kubelet", node.kubelet_acts.then_some("on"))}>{ "kubelet" }</span>
            </header>
            { pods(&on_node, props) }
        </section>
    }
}

fn pods(pods: &[&Rc<PodFigure>], props: &NarrowProps) -> Html {
    html! {
        <div class="m-pods">
            { for pods.iter().map(|pod| {
                let figure = Rc::new(PodFigure { rect: MINI, ..(***pod).clone() });
                html! {
                    <Pod key={pod.key.to_string()} {figure} now={props.scene.now} selected={false} entry={true}
                        on_select={props.on_select.clone()} />
                }
            }) }
        </div>
    }
}
