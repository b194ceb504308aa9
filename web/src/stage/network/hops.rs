//! From a name to a connection: the stations of the request that was followed last, each a way to its step.

use std::rc::Rc;

use kubestep_core::network::flow::Outcome;
use yew::prelude::*;

use super::super::StageEvent;
use super::super::sprite::Icon;
use crate::scene::network::NetworkScene;
use crate::scene::network::stations::{Rail, Standing, Station, ended};
use crate::shared::Shared;

/// What the rail needs.
#[derive(Properties, PartialEq)]
pub(super) struct HopsProps {
    /// The scene.
    pub scene: Shared<NetworkScene>,
    /// Told what is chosen.
    pub on_event: Callback<StageEvent>,
}

/// The rail, or how to get one.
#[component]
pub(super) fn Hops(props: &HopsProps) -> Html {
    html! {
        <section class="net-rail" aria-label="Name to connection">
            <h2 class="over">
                { "Name to connection" }
                if let Some(rail) = &props.scene.rail { <span class="net-of">{ &rail.title }{ outcome(rail) }</span> }
            </h2>
            if let Some(rail) = &props.scene.rail {
                <ol class={classes!("hops", (rail.stations.len() > 5).then_some("six"))}>
                    { for rail.stations.iter().enumerate().map(|(place, station)| self::station(place, station, &props.on_event)) }
                </ol>
            } else {
                { invitation(props) }
            }
        </section>
    }
}

fn outcome(rail: &Rail) -> Html {
    match rail.outcome {
        Some(Outcome::Answered) => html! { <b class="ok">{ "answered" }</b> },
        Some(outcome) => html! { <b class="bad">{ ended(outcome).to_ascii_lowercase() }</b> },
        None => html! {},
    }
}

fn station(place: usize, station: &Station, on_event: &Callback<StageEvent>) -> Html {
    let standing = match station.standing {
        Standing::Done => "done",
        Standing::Now => "cur",
        Standing::Todo => "todo",
        Standing::Skipped => "skip",
    };
    let class = classes!("hop", standing, station.is_failed.then_some("bad"));
    let current = (station.standing == Standing::Now).then_some("step");
    let body = html! {
        <>
            <span class="hop-n">
                if station.is_failed { <Icon name="x" size={12} /> } else { { place + 1 } }
            </span>
            <h3 class="ell">{ &station.title }</h3>
            { for station.lines.iter().map(|line| html! { <p class="ell" title={line.clone()}>{ line }</p> }) }
        </>
    };
    match station.step {
        Some(step) => {
            let onclick = on_event.reform(move |_: MouseEvent| StageEvent::Step(step));
            html! { <li {class} aria-current={current}><button type="button" {onclick}>{ body }</button></li> }
        }
        None => html! { <li {class}>{ body }</li> },
    }
}

/// Before anything was followed: what to do.
fn invitation(props: &HopsProps) -> Html {
    let clients = || props.scene.tiers.iter().flat_map(|tier| &tier.clients);
    if clients().next().is_none() {
        return html! {
            <p class="net-none">
                { "Nobody sends requests here. Pick a Service: " }<b>{ "Send it requests" }</b>
                { " adds a " }<code>{ "kind: Traffic" }</code>{ " to cluster.yaml." }
            </p>
        };
    }
    html! {
        <div class="net-none">
            <p>{ "Follow a request to see each of its hops as a step: from the name to the connection." }</p>
            { for clients().map(|card| {
                let name = Rc::clone(&card.name);
                let onclick = props.on_event.reform(move |_: MouseEvent| StageEvent::Follow(name.clone()));
                html! {
                    <button class="btn btn-s" type="button" {onclick}>
                        <Icon name="into" size={14} />{ format!("Follow the next request of {}", card.name) }
                    </button>
                }
            }) }
        </div>
    }
}
