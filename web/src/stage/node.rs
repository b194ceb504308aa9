//! A node: its kubelet, its kube-proxy's rules, what its pods requested, its conditions and taints.

use std::rc::Rc;

use yew::prelude::*;

use super::sprite::{Glyph, Icon};
use crate::scene::figures::{Key, Meter, NodeFigure, ProxyRules};
use crate::scene::plan::Tile;

/// What a node needs to be drawn.
#[derive(Properties, PartialEq)]
pub struct NodeProps {
    /// The node.
    pub figure: Rc<NodeFigure>,
    /// How much of it is shown.
    pub tile: Tile,
    /// Whether it is the selected object.
    pub selected: bool,
    /// Whether Tab enters the stage here.
    pub entry: bool,
    /// It was chosen.
    pub on_select: Callback<Key>,
}

/// A tile as wide as this has room to say that its kubelet acts; a narrower one shows it by its inverse badge.
const ROOM_FOR_ACTING: f32 = 206.0;

/// A tile as wide as this has room to say that it has taints.
const ROOM_FOR_TAINT: f32 = 90.0;

/// Draws a node's frame; its pods are drawn by the stage, over it.
#[component]
pub fn Node(props: &NodeProps) -> Html {
    let node = &*props.figure;
    let on_select = props.on_select.clone();
    let key = Rc::clone(&node.key);
    let onclick = Callback::from(move |_: MouseEvent| on_select.emit(Rc::clone(&key)));
    let class = classes!(
        "node",
        (props.tile == Tile::Bare).then_some("bare"),
        node.hit.then_some("hit"),
        props.selected.then_some("selected"),
        (!node.schedulable).then_some("cordoned"),
        (!node.ready).then_some("notready"),
    );
    let name = node.key.trim_start_matches("node:").to_owned();
    html! {
        <section {class} {onclick} data-figure={node.key.to_string()} role="group" tabindex={if props.entry { "0" } else { "-1" }}
            aria-label={format!("Node {name}")}>
            <header class="node-h">
                if props.tile != Tile::Bare {
                    <Icon name="node" size={14} />
                }
                <b class="ell">{ name }</b>
                if props.tile != Tile::Full {
                    { taints(node) }
                    { stale_rules(node) }
                }
                <span class="grow"></span>
                if props.tile != Tile::Bare {
                    <span class={classes!("kubelet", node.kubelet_acts.then_some("on"))}>
                        { if node.kubelet_acts && node.rect.width >= ROOM_FOR_ACTING { "kubelet acting" } else { "kubelet" } }
                    </span>
                }
            </header>
            { footer(node, props.tile) }
        </section>
    }
}

/// That there are taints, where there is no room to name them.
fn taints(node: &NodeFigure) -> Html {
    if node.taints.is_empty() || node.rect.width < ROOM_FOR_TAINT {
        return html! {};
    }
    html! { <span class="tagl taint" title={node.taints.join(", ")}>{ "taint" }</span> }
}

/// That its rules are stale, where there is no room for them.
fn stale_rules(node: &NodeFigure) -> Html {
    match &node.rules {
        Some(rules) if rules.stale => {
            html! { <span class="tagl taint" title={rules.sentence.clone()}>{ "stale" }</span> }
        }
        _ => html! {},
    }
}

fn system_row(node: &NodeFigure) -> Html {
    let class = classes!("sys", "sys-row", node.proxy_acts.then_some("on"), stale(node).then_some("stale"));
    let text = match &node.rules {
        None => "kube-proxy".to_owned(),
        Some(ProxyRules { endpoints, revision, stale: false, .. }) => {
            format!("rev {revision}, {}", counted(*endpoints))
        }
        Some(ProxyRules { endpoints, revision, stale: true, .. }) => {
            format!("stale rev {revision}, {}", counted(*endpoints))
        }
    };
    let glyph = if stale(node) { "notready" } else { "ready" };
    let title = node.rules.as_ref().map(|rules| rules.sentence.clone());
    html! { <div {class} {title}><Glyph name={glyph} size={10} /><span class="ell">{ text }</span></div> }
}

fn stale(node: &NodeFigure) -> bool {
    node.rules.as_ref().is_some_and(|rules| rules.stale)
}

fn counted(endpoints: usize) -> String {
    match endpoints {
        0 => "no endpoint".to_owned(),
        1 => "1 endpoint".to_owned(),
        more => format!("{more} endpoints"),
    }
}

fn footer(node: &NodeFigure, tile: Tile) -> Html {
    if tile == Tile::Bare {
        return html! {};
    }
    html! {
        <footer class="node-f">
            if tile == Tile::Full {
                { system_row(node) }
            }
            { for node.meters.iter().map(meter) }
            if tile == Tile::Full {
                <div class="cond">
                    if node.ready {
                        <span class="tagl"><Glyph name="ready" size={10} />{ "Ready" }</span>
                    } else {
                        <span class="tagl bad"><Glyph name="unknown" size={10} />{ "NotReady" }</span>
                    }
                    if !node.schedulable {
                        <span class="tagl taint">{ "SchedulingDisabled" }</span>
                    }
                    { for node.taints.iter().map(|taint| html! { <span class="tagl taint">{ taint }</span> }) }
                    { for node.tags.iter().map(|tag| html! { <span class="tagl">{ tag }</span> }) }
                </div>
            }
        </footer>
    }
}

/// A bar of what is requested over what there is.
pub fn meter(meter: &Meter) -> Html {
    let percent = |share: f32| format!("{:.1}", f64::from(share.clamp(0.0, 1.0)) * 100.0);
    html! {
        <div class="meter">
            <span>{ meter.name }</span>
            <svg class="bar" viewBox="0 0 100 5" preserveAspectRatio="none" aria-hidden="true">
                <rect width={percent(meter.staying)} height="5" fill="var(--fg-3)" />
                <rect x={percent(meter.staying)} width={percent(meter.leaving)} height="5" fill="url(#h-term)" />
            </svg>
            <span>{ &meter.label }</span>
        </div>
    }
}
