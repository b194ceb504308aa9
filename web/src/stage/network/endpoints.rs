//! What the slices say of each endpoint, how many requests it answered, and the rules of each node beside it.

use yew::prelude::*;

use super::super::sprite::Glyph;
use crate::scene::network::NetworkScene;
use crate::scene::network::endpoints::{EndpointRow, MOST_ROWS};
use crate::scene::network::rules::NodeRules;
use crate::scene::network::stations::short;
use crate::shared::Shared;

/// What the table needs.
#[derive(Properties, PartialEq)]
pub(super) struct EndpointsProps {
    /// The scene.
    pub scene: Shared<NetworkScene>,
    /// A pod was chosen.
    pub on_select: Callback<String>,
}

const COLUMNS: [&str; 9] =
    ["Slice", "Address", "Port", "Pod", "Node", "Ready", "Serving", "Terminating", "Connections"];

/// The table of endpoints.
#[component]
pub(super) fn Endpoints(props: &EndpointsProps) -> Html {
    let scene = &*props.scene;
    // With one tier the rules stand between the Service and its pods.
    let is_on_plane = scene.nodes.first().is_some_and(|node| node.rect.width > 0.0);
    html! {
        <section class="net-table" aria-label="Endpoints" tabindex="0">
            if !is_on_plane && !scene.nodes.is_empty() {
                <h2 class="over">{ format!("Rules for {}", scene.focus.as_deref().unwrap_or_default()) }</h2>
                <ul class="net-nodes">{ for scene.nodes.iter().map(rules) }</ul>
            }
            <h2 class="over">{ "EndpointSlices" }</h2>
            if scene.endpoints.is_empty() {
                <p class="net-none">{ "No endpoint: no pod matches the selector, or none has an address yet." }</p>
            } else {
                <table class="tbl">
                    <thead><tr>{ for COLUMNS.iter().map(|column| html! { <th scope="col">{ *column }</th> }) }</tr></thead>
                    <tbody>{ for scene.endpoints.iter().map(|row| self::row(row, &props.on_select)) }</tbody>
                </table>
            }
            if scene.endpoints.len() == MOST_ROWS { <p class="net-none">{ format!("The first {MOST_ROWS} endpoints.") }</p> }
        </section>
    }
}

fn row(row: &EndpointRow, on_select: &Callback<String>) -> Html {
    let key = row.key.as_ref().map(|key| key.to_string()).unwrap_or_default();
    let onclick = on_select.reform(move |_: MouseEvent| key.clone());
    html! {
        <tr class={row.hit.then_some("now")} {onclick}>
            <td title={row.slice.to_string()}>{ &*row.slice }</td>
            <td>{ &*row.address }</td>
            <td>{ &row.port }</td>
            <td title={row.pod.to_string()}>{ short(&row.pod) }</td>
            <td>{ &*row.node }</td>
            { flag(row.ready, "is-ok", "ready") }
            { flag(row.serving, "is-ok", "ready") }
            { flag(row.terminating, "is-term", "stopped") }
            <td>
                <span class="conn"><b class="num">{ row.connections }</b>
                    <svg viewBox="0 0 100 5" preserveAspectRatio="none" aria-hidden="true">
                        <rect width={format!("{:.1}", row.share * 100.0)} height="5" />
                    </svg>
                </span>
            </td>
        </tr>
    }
}

fn flag(is_set: bool, class: &'static str, glyph: &'static str) -> Html {
    html! {
        <td class={classes!("flag", is_set.then_some(class))}>
            <span>if is_set { <Glyph name={glyph} size={12} /> } else { <i>{ "–" }</i> }{ is_set }</span>
        </td>
    }
}

fn rules(node: &NodeRules) -> Html {
    let revision = node.revision.map_or_else(String::new, |revision| format!("rev {revision}, "));
    let stale = if node.is_stale { "stale, " } else { "" };
    html! {
        <li class={classes!(node.is_stale.then_some("stale"), node.hit.then_some("now"))} title={node.sentence()}>
            <Glyph name={if node.is_stale { "notready" } else { "ready" }} size={12} />
            <b>{ &*node.node }</b>
            <span>{ format!("{stale}{revision}{}", node.words()) }</span>
        </li>
    }
}
