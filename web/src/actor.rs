//! How the page names and colours who acts: one hue per binary, one mark per kind of process.

use kubestep_core::engine::Actor;
use kubestep_core::narration;
use yew::Classes;
use yew::prelude::*;

/// The class that sets the process's hue.
pub const fn hue(actor: &Actor) -> &'static str {
    match actor {
        Actor::You | Actor::Kubectl(_) => "hue-user",
        Actor::ApiServer => "hue-api",
        Actor::Controller(_) => "hue-ctrl",
        Actor::Scheduler => "hue-sched",
        Actor::Kubelet(_) | Actor::Proxy(_) | Actor::Network(_) => "hue-kubelet",
        // Neither is a process of Kubernetes itself: they act from outside of it, as people do.
        Actor::Client(_) | Actor::Dns => "hue-user",
    }
}

/// Who it is, in a list: "Deployment", "Kubelet node-1".
pub fn short(actor: &Actor) -> String {
    match actor {
        Actor::You => "You".to_owned(),
        Actor::Kubectl(_) => "kubectl".to_owned(),
        Actor::ApiServer => "API server".to_owned(),
        Actor::Controller(id) => spelled(id.name()),
        Actor::Scheduler => "Scheduler".to_owned(),
        Actor::Kubelet(node) => format!("Kubelet {node}"),
        Actor::Proxy(node) => format!("kube-proxy {node}"),
        Actor::Network(node) => format!("Network {node}"),
        Actor::Client(name) => format!("Client {name}"),
        Actor::Dns => "CoreDNS".to_owned(),
    }
}

/// A controller's name as its kind is written; one that is named for what it does begins with a capital.
pub fn spelled(name: &'static str) -> String {
    let kind = match name {
        "replicaset" => "ReplicaSet",
        "replicationcontroller" => "ReplicationController",
        "endpointslice" => "EndpointSlice",
        "statefulset" => "StatefulSet",
        "daemonset" => "DaemonSet",
        "cronjob" => "CronJob",
        "resourcequota" => "ResourceQuota",
        other => other,
    };
    let mut letters = kind.chars();
    letters
        .next()
        .map_or_else(String::new, |first| [first.to_ascii_uppercase()].into_iter().chain(letters).collect())
}

/// Whose mark it is.
#[derive(Properties, PartialEq)]
pub struct MarkProps {
    /// Who acts.
    pub actor: Actor,
}

/// The process's mark: triangle for you, bar for the API server, square, circle, diamond.
#[component]
pub fn Mark(props: &MarkProps) -> Html {
    let class: Classes = classes!("mk", hue(&props.actor));
    html! { <span {class} aria-hidden="true"></span> }
}

/// Who acts, with the process's mark: "Deployment controller".
#[component]
pub fn Who(props: &MarkProps) -> Html {
    html! {
        <span class={classes!("who", hue(&props.actor))}>
            <Mark actor={props.actor.clone()} />{ narration::actor(&props.actor) }
        </span>
    }
}
