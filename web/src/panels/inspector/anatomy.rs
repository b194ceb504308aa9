//! A picked pod as its node has it: a frame for the network namespace with the containers in it, and the volumes below.

use kubestep_core::api::Key;
use kubestep_core::engine::World;
use yew::prelude::*;

use crate::scene::anatomy::{self, Part, Volume};

/// Draws it; nothing where there is no such pod.
pub(super) fn anatomy(world: &World, pod: &Key) -> Html {
    let Some(seen) = anatomy::of(world, pod) else { return Html::default() };
    let place = match seen.node {
        None => "On no node yet".to_owned(),
        Some(node) if seen.is_in_api => format!("On {node}"),
        Some(node) => format!("On {node} alone: the API has no such object"),
    };
    let namespace = match &seen.address {
        Some(address) => format!("netns {address}"),
        None => "no network namespace".to_owned(),
    };
    html! {
        <section class="anatomy" aria-label={format!("{} on its node", pod.name)}>
            <h3 class="over">{ place }</h3>
            <div class={classes!("netns-box", seen.address.is_none().then_some("none"))}>
                <small class="mono">{ namespace }</small>
                <ul>{ for seen.containers.iter().map(part) }</ul>
            </div>
            if !seen.volumes.is_empty() { <ul class="vols">{ for seen.volumes.iter().map(volume) }</ul> }
        </section>
    }
}

fn part(part: &Part) -> Html {
    html! {
        <li>
            <span class={classes!("ctr", (!part.runs).then_some("off"), (part.role == "init").then_some("init"))}>
                { &part.name }
                if part.restarts > 0 { <span class="rst">{ format!("↻{}", part.restarts) }</span> }
            </span>
            if !part.role.is_empty() { <small>{ part.role }</small> }
            <span class="ell" title={part.words.clone()}>{ &part.words }</span>
            if let Some(cpu) = &part.cpu { <small class="mono">{ format!("{cpu} CPU") }</small> }
        </li>
    }
}

fn volume(volume: &Volume) -> Html {
    let mounts: Vec<String> =
        volume.mounts.iter().map(|(container, path)| format!("{container} {path}")).collect();
    html! {
        <li><b class="mono">{ &volume.name }</b><span>{ &volume.source }</span><span class="mono">{ mounts.join(", ") }</span></li>
    }
}
