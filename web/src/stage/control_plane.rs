//! Who acts: kubectl, etcd, the API server with its stations, the controllers and the scheduler.

use kubestep_core::controllers::ControllerId;
use yew::prelude::*;

use super::sprite::Icon;
use crate::scene::figures::{ActorPlace, ControlPlane, Hue};

/// The stations of the API server, in the order a request passes them.
pub const STATIONS: [&str; 5] = ["Authentication", "Authorization", "Admission", "Validation", "etcd write"];

/// What the control plane needs to be drawn.
#[derive(Properties, PartialEq)]
pub struct ControlPlaneProps {
    /// Who acts and what is on the wire.
    pub figure: ControlPlane,
    /// Takes the line that stops or starts a process.
    pub on_line: Callback<String>,
}

/// Draws the five cards and the words beside the wire; the stage places them.
#[component]
pub fn ControlPlaneCards(props: &ControlPlaneProps) -> Html {
    let plane = &props.figure;
    let lit = |place: &ActorPlace| plane.actor.as_ref() == Some(place);
    let controller = match &plane.actor {
        Some(ActorPlace::Controller(name)) => Some(*name),
        _ => None,
    };
    let others = others(&plane.controllers);
    html! {
        <>
            <section class={card(Hue::User, lit(&ActorPlace::Kubectl))} data-figure="kubectl">
                <h3><Icon name="term" size={14} />{ "kubectl" }</h3>
                <small class="ell">{ &plane.kubectl }</small>
            </section>
            <section class={card(Hue::Api, false)} data-figure="etcd">
                <h3><Icon name="db" size={14} />{ "etcd" }</h3>
                <small>{ format!("revision {}", plane.revision) }</small>
            </section>
            <section class={classes!(card(Hue::Api, lit(&ActorPlace::ApiServer)), plane.message.is_some().then_some("peer"), plane.api_server_stopped.then_some("stopped"))}
                data-figure="api-server">
                <h3><Icon name="api" size={14} />{ "API server" }<span class="grow"></span>
                    { switch("kube-apiserver", plane.api_server_stopped, &props.on_line) }</h3>
                <ol class="pipe">
                    { for STATIONS.iter().map(|station| html! { <li>{ *station }</li> }) }
                </ol>
            </section>
            <section class={classes!(card(Hue::Controllers, controller.is_some()), plane.controllers_stopped.then_some("stopped"))}
                data-figure="controller-manager">
                <h3>
                    <Icon name="loop" size={14} />{ "controller-manager" }
                    <span class="grow"></span>
                    if controller.is_some() {
                        <span class="acting">{ "acting" }</span>
                    } else if plane.controllers_stopped {
                        <small>{ "stopped" }</small>
                    }
                    { switch("kube-controller-manager", plane.controllers_stopped, &props.on_line) }
                </h3>
                <div class="chips">
                    { for plane.stopped.iter().map(|name| html! {
                        <span class="chip off" title={format!("{name} is stopped")}>{ *name }</span>
                    }) }
                    { for plane.controllers.iter().filter(|name| !plane.stopped.contains(name)).map(|name| html! {
                        <span class={classes!("chip", (controller == Some(*name)).then_some("on"))}>{ *name }</span>
                    }) }
                    <span class="chip more" title={others.join(", ")}>{ format!("+{}", others.len()) }</span>
                </div>
            </section>
            <section class={classes!(card(Hue::Scheduler, lit(&ActorPlace::Scheduler)), "line1", plane.scheduler_stopped.then_some("stopped"))}
                data-figure="scheduler">
                <h3>
                    <Icon name="sched" size={14} />{ "scheduler" }
                    <span class="grow"></span>
                    if lit(&ActorPlace::Scheduler) {
                        <span class="acting">{ "acting" }</span>
                    } else if plane.scheduler_stopped {
                        <small>{ format!("stopped, {}", plane.scheduler) }</small>
                    } else {
                        <small>{ &plane.scheduler }</small>
                    }
                    { switch("kube-scheduler", plane.scheduler_stopped, &props.on_line) }
                </h3>
            </section>
            { words(plane) }
        </>
    }
}

/// The button that stops a process, or starts it again.
fn switch(process: &'static str, is_stopped: bool, on_line: &Callback<String>) -> Html {
    let (verb, label, icon) = if is_stopped { ("start", "Start", "play") } else { ("stop", "Stop", "stop") };
    let onclick = on_line.reform(move |_: MouseEvent| format!("sim {verb} {process}"));
    let label = format!("{label} {process}");
    html! {
        <button class="switch" type="button" title={label.clone()} aria-label={label} {onclick}>
            <Icon name={icon} size={12} />
        </button>
    }
}

/// The words beside the wire: verb and resource above it, the field and its change below.
fn words(plane: &ControlPlane) -> Html {
    let Some(message) = &plane.message else {
        return html! {};
    };
    let class = classes!("msg", plane.hue.class());
    html! {
        <>
            <div class={class.clone()} data-figure="message-above" title={format!("{} {}", message.verb, message.resource)}>
                <b>{ message.verb }</b>{ " " }{ shortened(&message.resource, MOST_CHARACTERS - message.verb.len()) }
            </div>
            <div {class} data-figure="message-below">
                if let Some(refusal) = &message.refusal {
                    <span class="refused">{ refusal }</span>
                } else if let Some((field, change)) = &message.change {
                    { field }{ " " }<span class="to">{ change }</span>
                }
            </div>
        </>
    }
}

/// So many characters of a verb and a resource's path fit above the wire.
const MOST_CHARACTERS: usize = 28;

/// A path that is cut in its middle if it is too long: kind and the end of the name tell what it is.
fn shortened(path: &str, most: usize) -> String {
    let length = path.chars().count();
    if length <= most {
        return path.to_owned();
    }
    let head = path.find('/').map_or(0, |slash| slash + 1).min(most / 2);
    let tail: String = path.chars().skip(length - (most - head - 1)).collect();
    format!("{}…{tail}", path.chars().take(head).collect::<String>())
}

fn card(hue: Hue, lit: bool) -> Classes {
    classes!("cp", hue.class(), lit.then_some("lit"))
}

/// The controllers that are not named.
fn others(named: &[&'static str]) -> Vec<&'static str> {
    ControllerId::all().map(ControllerId::name).filter(|name| !named.contains(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_keeps_its_kind_and_the_end_of_its_name() {
        assert_eq!(shortened("pods/web-1", 26), "pods/web-1");
        let short = shortened("pods/my-deployment-7d4b9c6f5-x2x8k/status", 26);
        assert!(short.starts_with("pods/…") && short.ends_with("-x2x8k/status"), "{short}");
        assert!(short.chars().count() <= 26);
    }
}
