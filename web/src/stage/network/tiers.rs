//! The tiers: clients, Services, the rules of every node, pods, and the circuits between them.

use std::rc::Rc;

use yew::prelude::*;

use super::super::StageEvent;
use super::super::revision::{band_class, revision_class};
use super::super::sprite::Glyph;
use super::super::traffic::Service;
use crate::scene::figures::{Key, PodState, Port};
use crate::scene::network::NetworkScene;
use crate::scene::network::plan::PodSize;
use crate::scene::network::rules::NodeRules;
use crate::scene::network::tiers::{ClientCard, PodCard, Tier};
use crate::scene::network::wiring::{Tally, Wire, WireKind};
use crate::shared::Shared;

/// What the tiers need.
#[derive(Properties, PartialEq)]
pub(super) struct TiersProps {
    /// The scene.
    pub scene: Shared<NetworkScene>,
    /// The name of the selected object's element.
    pub selected: Option<AttrValue>,
    /// A figure was chosen.
    pub on_select: Callback<String>,
    /// Told what happens.
    pub on_event: Callback<StageEvent>,
}

/// Draws the tiers; the view places them.
#[component]
pub(super) fn Tiers(props: &TiersProps) -> Html {
    let scene = &*props.scene;
    let (width, height) = (format!("{:.0}", scene.size.width), format!("{:.0}", scene.size.height));
    let is_selected = |key: &str| props.selected.as_deref() == Some(key);
    let on_service = props.on_select.reform(|key: Key| key.to_string());
    let below = scene.wires.iter().filter(|wire| wire.kind != WireKind::Now);
    let now = scene.wires.iter().filter(|wire| wire.kind == WireKind::Now);
    let entry = scene.tiers.first().map(|tier| tier.service.key.clone());
    html! {
        <>
            <svg class="wires" width={width.clone()} height={height.clone()} aria-hidden="true">
                { for scene.tiers.iter().map(title) }
                { for below.map(wire) }
                { for now.map(wire) }
                if scene.tiers.is_empty() {
                    <text class="empty" x="16" y="40">{ "No Service yet. Apply one, and its clients, rules and pods stand here." }</text>
                }
            </svg>
            { for scene.tiers.iter().map(|tier| html! {
                <>
                    { for tier.clients.iter().map(|card| client(card, &props.on_event)) }
                    <Service key={tier.service.key.to_string()} figure={Rc::clone(&tier.service)} is_entry={entry.as_ref() == Some(&tier.service.key)}
                        selected={is_selected(&tier.service.key)} on_select={on_service.clone()} />
                    { for tier.pods.iter().map(|card| pod(card, is_selected(&card.key), &props.on_select)) }
                </>
            }) }
            { for scene.nodes.iter().filter(|node| node.rect.width > 0.0).map(|node| rules(node, &props.on_select)) }
            <svg class="wires" width={width} height={height} aria-hidden="true">
                { for scene.wires.iter().filter_map(port) }
                { for (0..scene.flights.len()).map(|_| html! { <circle class="dot" r="2.6" visibility="hidden" /> }) }
                { for scene.flights.iter().filter(|flight| flight.failed).map(|_| html! {
                    <path class="cross" d="M-4 -4l8 8m0 -8l-8 8" visibility="hidden" />
                }) }
                <circle class="packet" r="5" visibility="hidden" />
            </svg>
            { for scene.tallies.iter().map(tally) }
        </>
    }
}

fn title(tier: &Tier) -> Html {
    let more = if tier.more > 0 { format!(", {} more pods", tier.more) } else { String::new() };
    html! { <text class="over" x={format!("{:.0}", tier.x)} y="16">{ format!("{}{more}", tier.title.to_ascii_uppercase()) }</text> }
}

fn wire(wire: &Wire) -> Html {
    let class = match wire.kind {
        WireKind::Trunk | WireKind::Ready => "w-ready",
        WireKind::Serving => "w-serving",
        WireKind::Open => "w-open",
        WireKind::Stale => "w-stale",
        WireKind::Now => "w-now",
    };
    html! { <path {class} d={wire.path.clone()} /> }
}

/// The end of a wire at a pod: filled where the circuit is closed.
fn port(wire: &Wire) -> Option<Html> {
    let at = wire.end.filter(|_| wire.kind != WireKind::Now)?;
    let class = match wire.kind {
        WireKind::Open => "port-open",
        WireKind::Stale => "port-stale",
        _ => "port-closed",
    };
    Some(html! { <circle {class} cx={format!("{:.1}", at.x)} cy={format!("{:.1}", at.y)} r="3.5" /> })
}

fn tally(tally: &Tally) -> Html {
    html! {
        <span class={classes!("tally", "mono", "num", tally.hit.then_some("now"))} data-figure={tally.key.to_string()}>
            { tally.count }
        </span>
    }
}

fn client(card: &ClientCard, on_event: &Callback<StageEvent>) -> Html {
    let name = Rc::clone(&card.name);
    let onclick = on_event.reform(move |_: MouseEvent| StageEvent::Follow(name.clone()));
    let failed = card.counts.failed();
    let title = format!(
        "Client {}, {} from {}: {} answered, {failed} failed, {} in flight",
        card.name, card.rate, card.from, card.counts.answered, card.waiting
    );
    html! {
        <button class={classes!("cli", card.hit.then_some("hit"))} type="button" data-figure={card.key.to_string()}
            {title} {onclick}>
            <span class="cli-n"><b class="ell">{ &*card.name }</b><span class="grow"></span>{ &card.rate }</span>
            <span class="ell">
                { &card.from }
                if card.waiting > 0 { { format!(", {} in flight", card.waiting) } }
            </span>
            <span class="ell">
                { format!("{} ok", card.counts.answered) }
                if failed > 0 { <em>{ format!(", {failed} failed") }</em> }
            </span>
            <span class="sr">{ "Follow its next request" }</span>
        </button>
    }
}

fn pod(card: &PodCard, is_selected: bool, on_select: &Callback<String>) -> Html {
    let key = card.key.to_string();
    let onclick = on_select.reform(move |_: MouseEvent| key.clone());
    let size = match card.size {
        PodSize::Card => None,
        PodSize::Mini => Some("mini"),
        PodSize::Slim => Some("slim"),
    };
    let state = card.state.map_or("gone", PodState::class);
    let class = classes!(
        "pod",
        size,
        state,
        revision_class(card.revision),
        card.hit.then_some("hit"),
        is_selected.then_some("selected"),
    );
    let glyph = card
        .state
        .map_or("orphan", |state| if state == PodState::Terminating { "stopped" } else { state.glyph() });
    let dropped = card.port.is_none().then(|| html! { <span class="tagl taint">{ "dropped" }</span> });
    let name = html! { <span class="pod-n"><span class="pod-prefix">{ &card.name.prefix }</span><b>{ &card.name.suffix }</b></span> };
    let body = match card.size {
        PodSize::Card => html! {
            <>
                { name }
                <div class="pod-s">
                    <Glyph name={glyph} size={14} /><span class="ell">{ &card.label }</span><span class="grow"></span>
                    if card.port.is_none() { { dropped } } else { <span class="tagl">{ &*card.node }</span> }
                </div>
                <div class="pod-net">
                    if !card.container.is_empty() { <span class="ctr">{ &card.container }</span> }
                    <span class="ip">{ &*card.address }</span>
                </div>
            </>
        },
        PodSize::Mini => html! {
            <>
                <div><b>{ card.name.short(12) }</b><span class="grow"></span><span class="tagl">{ &*card.node }</span></div>
                <div><Glyph name={glyph} size={12} /><span class="ell">{ &card.label }</span>{ dropped }</div>
            </>
        },
        PodSize::Slim => html! {
            <>
                <Glyph name={glyph} size={12} /><span><b>{ card.name.short(8) }</b></span>
                <span class="ip ell">{ if card.state == Some(PodState::Ready) { card.address.to_string() } else { card.label.clone() } }</span>
            </>
        },
    };
    html! {
        <div {class} {onclick} data-figure={card.key.to_string()} role="img" tabindex="-1"
            aria-label={card.sentence.clone()} title={card.sentence.clone()}
            data-endpoint={match card.port { Some(Port::Ready) => "ready", Some(Port::Serving) => "serving", Some(Port::Open) => "open", None => "dropped" }}>
            <span class={band_class(card.revision)}></span>
            { body }
        </div>
    }
}

/// What a node's kube-proxy wrote.
fn rules(node: &NodeRules, on_select: &Callback<String>) -> Html {
    let key = node.key.to_string();
    let onclick = on_select.reform(move |_: MouseEvent| key.clone());
    let class = classes!(
        "net-rules",
        (node.rect.height < 30.0).then_some("low"),
        node.is_stale.then_some("stale"),
        node.hit.then_some("hit"),
    );
    let revision = node.revision.map_or_else(String::new, |revision| format!("rev {revision}"));
    html! {
        <div {class} {onclick} data-figure={node.key.to_string()} role="img" tabindex="-1"
            aria-label={node.sentence()} title={node.sentence()}>
            <div><span class="mk hue-kubelet"></span><b class="ell">{ &*node.node }</b><span class="grow"></span><span class="mono">{ revision }</span></div>
            <div>
                <Glyph name={if node.is_stale { "notready" } else { "ready" }} size={12} />
                <span class="ell">{ if node.is_stale { format!("stale: {}", node.words()) } else { node.words() } }</span>
            </div>
        </div>
    }
}
