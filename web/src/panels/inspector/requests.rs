//! What clients sent up to the step in view: how many requests ended how, and the latest that got no answer.

use kubestep_core::engine::{StepId, Timeline, World};
use kubestep_core::network::flow::{Outcome, Silence, Unresolved};
use kubestep_core::network::traffic::{Counts, Request};
use kubestep_core::story::request;
use yew::prelude::*;

use super::causes::cause;
use crate::model::message::Message;
use crate::model::run::world_at;
use crate::scene::network::stations::{ended, lost, short};
use crate::scene::network::tiers::{from, rate};
use crate::shared::Shared;
use crate::stage::sprite::{Glyph, Icon};

/// What the tab shows.
#[derive(Properties, PartialEq)]
pub(super) struct RequestsProps {
    /// The history.
    pub timeline: Shared<Timeline>,
    /// The step in view.
    pub cursor: Option<StepId>,
    /// Where to report to.
    pub on: Callback<Message>,
}

/// The clients, one after the other.
#[component]
pub(super) fn Requests(props: &RequestsProps) -> Html {
    let opened = use_state(|| None::<(usize, u64)>);
    let world = world_at(&props.timeline, props.cursor);
    if world.simulation.clients.is_empty() {
        return html! {
            <p class="empty-note">{ "Nobody sends requests. Pick a Service, and send it some." }</p>
        };
    }
    html! {
        <div class="reqs">{ for (0..world.simulation.clients.len()).map(|place| client(props, &world, place, &opened)) }</div>
    }
}

fn client(
    props: &RequestsProps,
    world: &World,
    place: usize,
    opened: &UseStateHandle<Option<(usize, u64)>>,
) -> Html {
    let client = &world.simulation.clients[place];
    let traffic = world.traffic.client(place);
    let counts = traffic.map(|traffic| traffic.counts).unwrap_or_default();
    let name = client.name.clone();
    let follow = props.on.reform(move |_: MouseEvent| Message::Follow(name.clone()));
    let mut failures: Vec<&Request> = traffic.into_iter().flat_map(|traffic| traffic.failures()).collect();
    failures.reverse();
    html! {
        <section>
            <header>
                <b>{ &*client.name }</b>
                <span class="ell grow">{ format!("{} from {} to {}", rate(client), from(client), client.host) }</span>
                <button class="btn btn-s" type="button" title={format!("sim follow {}", client.name)} onclick={follow}>
                    <Icon name="into" size={14} />{ "Follow next" }
                </button>
            </header>
            { tallies(counts, traffic.map_or(0, |traffic| traffic.waiting())) }
            <ul>
                { for failures.into_iter().map(|request| failure(props, place, request, opened)) }
            </ul>
        </section>
    }
}

fn tallies(counts: Counts, waiting: usize) -> Html {
    let all = [
        ("answered", counts.answered),
        ("refused", counts.refused),
        ("timed out", counts.timed_out),
        ("lost", counts.lost),
        ("unresolved", counts.unresolved),
    ];
    html! {
        <dl>
            { for all.into_iter().map(|(name, count)| html! {
                <div class={classes!((name != "answered" && count > 0).then_some("bad"))}><dt>{ name }</dt><dd>{ count }</dd></div>
            }) }
            if waiting > 0 { <div><dt>{ "in flight" }</dt><dd>{ waiting }</dd></div> }
        </dl>
    }
}

fn failure(
    props: &RequestsProps,
    place: usize,
    request: &Request,
    opened: &UseStateHandle<Option<(usize, u64)>>,
) -> Html {
    let id = (place, request.number);
    let is_open = **opened == Some(id);
    let onclick = {
        let opened = opened.clone();
        Callback::from(move |_: MouseEvent| opened.set((!is_open).then_some(id)))
    };
    html! {
        <li>
            <button type="button" aria-expanded={is_open.to_string()} {onclick}>
                <span class="is-fail"><Glyph name="fail" size={12} /></span>
                <time>{ request.ended.to_string() }</time>
                <span class="grow ell"><b>{ ended(request.outcome) }</b>{ format!(": {}", words(request)) }</span>
                <Icon name={if is_open { "chev" } else { "chevr" }} size={12} />
            </button>
            if is_open { { chain(props, request) } }
        </li>
    }
}

/// The steps that decided it, from the last back to where they began: each a way there.
fn chain(props: &RequestsProps, request: &Request) -> Html {
    let store = &props.timeline.head().store;
    let steps = request::why(&props.timeline, request);
    html! {
        <ol class="why">{ for steps.iter().map(|step| cause(step, Some(step.id) == props.cursor, store, &props.on)) }</ol>
    }
}

/// What a request met, in a few words.
fn words(request: &Request) -> String {
    let pod = request.pod.as_ref().map(|(pod, _)| short(&pod.name).to_owned());
    let to = pod.or_else(|| request.address.as_ref().map(|address| address.to_string()));
    let to = to.unwrap_or_else(|| "it".to_owned());
    match request.outcome {
        Outcome::Answered => format!("by {to}"),
        Outcome::Refused => format!("no endpoint in the rules of {}", request.node),
        Outcome::TimedOut(Silence::NoRules) => format!("{} has no rules for it", request.node),
        Outcome::TimedOut(Silence::NoSuchPort) => "the Service has no such port".to_owned(),
        Outcome::TimedOut(Silence::NoWayIn) => "no way in from outside".to_owned(),
        Outcome::TimedOut(Silence::NoLocalEndpoint) => {
            format!("no endpoint on {}, policy Local", request.node)
        }
        Outcome::TimedOut(Silence::Denied(_)) => match &request.policy {
            Some(policy) => format!("{} does not let it pass", policy.name),
            None => "no policy lets it pass".to_owned(),
        },
        Outcome::TimedOut(Silence::NoAnswer) => {
            format!("{to} has not answered in {}", request.ended.since(request.at).as_go())
        }
        Outcome::Lost(_) if request.is_cut_short() => {
            let after = request.ended.since(request.at).as_go();
            format!("{to} ended {after} after it was sent, before it had answered")
        }
        Outcome::Lost(loss) => format!("{} sent it to {to}, {}", request.node, lost(loss)),
        Outcome::Unresolved(Unresolved::NoSuchName) => "no such name".to_owned(),
        Outcome::Unresolved(Unresolved::NoAddress) => "the name has no address".to_owned(),
        Outcome::Unresolved(Unresolved::NoServer) => "no DNS server answers".to_owned(),
    }
}
