//! The left edge of the cluster: clients, Services, and what became of the requests.

use std::rc::Rc;

use yew::prelude::*;

use super::pod::Ring;
use super::sprite::{Glyph, Icon};
use crate::scene::figures::{ClientsFigure, Key, ServiceFigure};
use crate::scene::reading::clients::failures;

/// What a Service needs to be drawn.
#[derive(Properties, PartialEq)]
pub struct ServiceProps {
    /// The Service.
    pub figure: Rc<ServiceFigure>,
    /// Whether it is the selected object.
    pub selected: bool,
    /// Whether Tab enters here.
    #[prop_or_default]
    pub is_entry: bool,
    /// It was chosen.
    pub on_select: Callback<Key>,
}

/// Draws a Service's pill: all of it for the one in focus, name and count for others.
#[component]
pub fn Service(props: &ServiceProps) -> Html {
    let service = &*props.figure;
    let on_select = props.on_select.clone();
    let key = Rc::clone(&service.key);
    let onclick = Callback::from(move |_: MouseEvent| on_select.emit(Rc::clone(&key)));
    let class = classes!(
        "svc",
        (!service.in_focus).then_some("low"),
        service.is_short.then_some("short"),
        service.hit.then_some("hit"),
        props.selected.then_some("selected")
    );
    let label = format!(
        "Service {}, {} {}, {} endpoints ready, {} draining, {} not ready",
        service.name, service.address, service.target, service.ready, service.draining, service.not_ready
    );
    html! {
        <div {class} {onclick} data-figure={service.key.to_string()} role="img" tabindex={if props.is_entry { "0" } else { "-1" }} aria-label={label}>
            if service.in_focus {
                <span class="kind"><Icon name="svc" size={12} />{ "Service" }</span>
                <div class="obj-n ell" title={service.name.clone()}>{ &service.name }</div>
                <div class="svc-address">{ &service.address }</div>
                <div class="svc-target">{ &service.target }</div>
                <div class="ctrs">{ counts(service) }</div>
            } else {
                <Icon name="svc" size={12} />
                <b class="ell" title={service.name.clone()}>{ &service.name }</b>
                <span class="grow"></span>
                if service.ready > 0 {
                    <span class="is-ok"><Glyph name="ready" size={12} /></span>
                } else {
                    <span class="is-warn"><Glyph name="notready" size={12} /></span>
                }
                <b>{ service.ready }</b>
            }
        </div>
    }
}

fn counts(service: &ServiceFigure) -> Html {
    let empty = service.ready + service.draining + service.not_ready == 0;
    html! {
        <>
            if empty {
                <div class="bad"><span class="is-warn"><Glyph name="notready" size={12} /></span><b>{ "0" }</b>{ "endpoints" }</div>
            } else {
                <div><span class="is-ok"><Glyph name="ready" size={12} /></span><b>{ service.ready }</b>{ "ready" }</div>
            }
            if service.draining > 0 {
                <div><span class="is-term"><Ring size={12} share={0.9} /></span><b>{ service.draining }</b>{ "draining" }</div>
            }
            if service.not_ready > 0 {
                <div><span class="is-warn"><Glyph name="notready" size={12} /></span><b>{ service.not_ready }</b>{ "not ready" }</div>
            }
        </>
    }
}

/// What the clients need to be drawn.
#[derive(Properties, PartialEq)]
pub struct ClientsProps {
    /// The clients.
    pub figure: Rc<ClientsFigure>,
    /// The next request of this client is to be followed.
    pub on_follow: Callback<Rc<str>>,
}

/// Draws the clients' card and the counts of their requests.
#[component]
pub fn Clients(props: &ClientsProps) -> Html {
    let clients = &*props.figure;
    let failed = clients.counts.failed();
    let ways: Vec<String> = failures(clients.counts).map(|(name, count)| format!("{count} {name}")).collect();
    let title = format!("{}. Follow the next request of {}.", clients.words, clients.first);
    let first = clients.first.clone();
    let onclick = props.on_follow.reform(move |_: MouseEvent| first.clone());
    html! {
        <>
            <button class="cli" type="button" data-figure="clients" {title} {onclick}>
                <b>{ if clients.is_short { format!("Clients, {}/s", clients.rate) } else { "Clients".to_owned() } }</b>
                if clients.is_short {
                    <span class="ell"><b>{ clients.counts.answered }</b>{ " ok, " }
                        <b class={(failed > 0).then_some("is-bad")}>{ failed }</b>{ " failed" }</span>
                } else {
                    <span>{ format!("{} requests/s", clients.rate) }</span>
                }
                <span class="sr">{ format!("Follow the next request of {}", clients.first) }</span>
            </button>
            if !clients.is_short {
            <div class="abs" data-figure="requests">
                <div class="ctrs requests">
                    <div><span class="is-ok"><Glyph name="ready" size={12} /></span><b>{ clients.counts.answered }</b>{ "served" }</div>
                    <div class={(failed > 0).then_some("bad")}>
                        <span class={if failed > 0 { "is-fail" } else { "is-idle" }}><Glyph name="fail" size={12} /></span>
                        <b>{ failed }</b>{ "failed" }
                    </div>
                </div>
                if let Some(at) = clients.last_failure {
                    <div class="last-failure">{ format!("{}, last at {at:.3} s", ways.join(", ")) }</div>
                }
            </div>
            }
        </>
    }
}
