//! The environment of a pod's containers: fixed when they were made, and said so where it is stale.

use std::rc::Rc;

use kubestep_core::api::Pod;
use kubestep_core::engine::World;
use yew::prelude::*;

use crate::scene::network::env::{self, Row};

/// The environment of a pod.
pub(super) fn env(world: &World, pod: Option<Rc<Pod>>) -> Html {
    let Some(pod) = pod else {
        return html! { <p class="empty-note">{ "Pick a pod: its containers' environment stands here." }</p> };
    };
    let Some(environment) = env::of_pod(world, &pod) else {
        return html! { <p class="empty-note">{ format!("No container of {} has been made yet.", pod.name()) }</p> };
    };
    let is_stale =
        environment.containers.iter().flat_map(|container| &container.rows).any(|row| row.stale.is_some());
    html! {
        <div class="env">
            { for environment.containers.iter().map(|container| html! {
                <section>
                    <h3 class="over">{ format!("{} in {}", container.name, environment.pod) }</h3>
                    { for container.rows.iter().map(row) }
                </section>
            }) }
            <p>
                { "Fixed when the container was made. " }
                if is_stale { { "What is stale stays so until the pod is replaced; DNS is not. " } }
                if !environment.later.is_empty() {
                    { format!("Services that came later are in DNS alone: {}.", environment.later.join(", ")) }
                }
            </p>
        </div>
    }
}

fn row(row: &Row) -> Html {
    html! {
        <div title={row.from.clone()} class={row.stale.is_some().then_some("stale")}>
            <b>{ &row.name }</b>{ "=" }{ &row.value }
            if let Some(words) = &row.stale { <small>{ words }</small> }
        </div>
    }
}
