//! One or two nodes looked at closely: file, kubelet, containers and mirror of each static pod, in the page's own flow.

use std::rc::Rc;

use kubestep_core::api::{Kind, ObjectRef};
use yew::prelude::*;

use super::menu::{on_context_menu, on_menu_key};
use super::pod::Ring;
use super::sprite::{Glyph, Icon};
use crate::model::directory::{DirectoryMessage, Place};
use crate::model::message::Message;
use crate::panels::header::counted;
use crate::scene::close_up::{CloseUp, Doing, File, Mirror, NodeCloseUp, StaticPod, meters};
use crate::scene::figures::PodState;

/// What is drawn, and who is told what happens on it.
#[derive(Properties, PartialEq)]
pub struct CloseUpProps {
    /// The nodes.
    pub close_up: Rc<CloseUp>,
    /// The number of the step in view.
    pub step: u32,
    /// Where to report to.
    pub on: Callback<Message>,
}

/// Draws the control plane, the records of pods, and the nodes.
#[component]
pub fn CloseUpStage(props: &CloseUpProps) -> Html {
    let seen = &*props.close_up;
    let menu = props.on.reform(|(figure, at)| Message::OpenMenu(figure, at));
    let leave = props.on.reform(|_: MouseEvent| Message::Directory(DirectoryMessage::Leave));
    html! {
        <main class="stage close" aria-label={format!("Cluster stage, step {}", props.step)}>
            <div class={classes!("close-in", (seen.nodes.len() > 1).then_some("with-two"))} tabindex="0" role="group" aria-label="Nodes looked at closely" onkeydown={on_menu_key(menu.clone())}
                oncontextmenu={on_context_menu(menu)}>
                <header class="close-h">
                    <h2 class="over">{ "Control plane" }</h2>
                    <span class="grow"></span>
                    <button class="btn btn-s" type="button" onclick={leave}>{ "Whole cluster " }<span class="kbd">{ "Esc" }</span></button>
                </header>
                { control_plane(seen) }
                <div class="records">
                    <section>
                        <h2 class="over">{ "Two records of one pod" }</h2>
                        <div class="def">
                            <svg width="28" height="22" aria-hidden="true"><path d="M1.5 1.5h18l7 7v12h-25z" fill="var(--bg-2)" stroke="var(--fg-2)" /><path d="M19.5 1.5v7h7" fill="none" stroke="var(--fg-2)" /></svg>
                            <div><b>{ "Static pod" }</b><br />{ "the file on the node" }</div>
                            <svg width="28" height="22" aria-hidden="true"><rect x="1.5" y="1.5" width="25" height="19" rx="3" fill="none" stroke="var(--fg-2)" stroke-dasharray="3 2" /></svg>
                            <div><b>{ "Mirror pod" }</b><br />{ "read-only copy in the API" }</div>
                        </div>
                    </section>
                    { wire(seen, props.step) }
                    <section>
                        <h2 class="over">{ "Mirror pods in the API" }</h2>
                        { mirrors(seen, &props.on) }
                    </section>
                </div>
                <div class={classes!("close-nodes", (seen.nodes.len() > 1).then_some("two"))}>
                    { for seen.nodes.iter().map(|each| node(each, &props.on)) }
                </div>
            </div>
        </main>
    }
}

fn control_plane(seen: &CloseUp) -> Html {
    let answers = |name: &str| seen.processes.iter().any(|(known, answers)| *known == name && *answers);
    let stopped = |name: &str| (!answers(name)).then_some("stopped");
    let state = |name: &str| if answers(name) { "" } else { "stopped" };
    html! {
        <div class="close-cp">
            <section class="cp hue-user" data-figure="kubectl"><h3><Icon name="term" size={14} />{ "kubectl" }</h3><small class="ell">{ &seen.kubectl }</small></section>
            <section class="cp hue-api" data-figure="etcd"><h3><Icon name="db" size={14} />{ "etcd" }</h3><small>{ format!("revision {}", seen.revision) }</small></section>
            <section class={classes!("cp", "hue-api", seen.message.is_some().then_some("peer"), stopped("kube-apiserver"))} data-figure="api-server">
                <h3><Icon name="api" size={14} />{ "API server" }</h3><small>{ state("kube-apiserver") }</small>
            </section>
            <section class={classes!("cp", "hue-ctrl", stopped("kube-controller-manager"))} data-figure="controller-manager">
                <h3><Icon name="loop" size={14} />{ "controllers" }</h3><small>{ state("kube-controller-manager") }</small>
            </section>
            <section class={classes!("cp", "hue-sched", stopped("kube-scheduler"))} data-figure="scheduler">
                <h3><Icon name="sched" size={14} />{ "scheduler" }</h3>
                <small>{ if answers("kube-scheduler") { "nodeName already set" } else { "stopped" } }</small>
            </section>
        </div>
    }
}

/// What is on the wire between a kubelet and the API server.
fn wire(seen: &CloseUp, step: u32) -> Html {
    let message = seen.message.as_ref().filter(|message| message.from.is_some());
    html! {
        <div class={classes!("close-wire", message.is_some().then_some("on"))}>
            if let Some(message) = message {
                // Another step, another message: it sets out anew.
                <i class="close-token" key={step} aria-hidden="true"></i>
                <p class="msg hue-kubelet"><b>{ message.verb }</b>{ " " }{ &message.resource }</p>
                if let Some(refusal) = &message.refusal {
                    <p class="refused">{ refusal }</p>
                } else if let Some(node) = &message.from {
                    <p>{ format!("from {node}") }</p>
                }
            }
        </div>
    }
}

fn mirrors(seen: &CloseUp, on: &Callback<Message>) -> Html {
    if seen.mirrors.is_empty() {
        return html! { <p class="empty-note">{ "The API knows of none." }</p> };
    }
    let (large, small): (Vec<&Mirror>, Vec<&Mirror>) =
        seen.mirrors.iter().partition(|mirror| mirror.in_focus);
    html! {
        <div class="mirrors">
            { for large.iter().map(|each| mirror(each, on)) }
            if !small.is_empty() {
                <ul class="mirrors-more">
                    { for small.iter().map(|each| html! {
                        <li class={classes!("pod", "slim", "mirror", each.state.class(), "rev-0", each.hit.then_some("hit"))}
                            title={format!("Mirror pod {}, {}, uid {}", each.key.name, each.label, each.uid)}>
                            { glyph(each.state, 12) }<span class="ell">{ &*each.key.name }</span>
                        </li>
                    }) }
                </ul>
            }
        </div>
    }
}

/// What is drawn says what the name says, and is not read out again.
fn mirror(mirror: &Mirror, on: &Callback<Message>) -> Html {
    let class = classes!(
        "pod",
        "mirror",
        if mirror.is_gone { "st-unknown" } else { mirror.state.class() },
        "rev-0",
        mirror.is_gone.then_some("gone"),
        mirror.hit.then_some("hit"),
    );
    let object = ObjectRef::new(Kind::Pod, mirror.key.clone());
    let onclick = on.reform(move |_: MouseEvent| Message::Select(Some(object.clone())));
    html! {
        <button type="button" {class} key={mirror.uid.to_string()} {onclick} data-figure={format!("pod:{}", mirror.uid)}>
            <span class="sr">{ format!("Mirror pod {}, {}, uid {}", mirror.key.name, mirror.label, mirror.short_uid) }</span>
            <span class="revband"></span>
            <span class="pod-n" aria-hidden="true"><b class="ell">{ &*mirror.key.name }</b></span>
            <span class="pod-s" aria-hidden="true">
                if mirror.is_gone { <Icon name="x" size={14} /> } else { { glyph(mirror.state, 14) } }
                <span>{ &mirror.label }</span>
            </span>
            <span class="pod-net" aria-hidden="true"><span>{ "uid" }</span><span class="ip">{ &mirror.short_uid }</span></span>
        </button>
    }
}

fn node(node: &NodeCloseUp, on: &Callback<Message>) -> Html {
    let is_ready = node.figure.as_ref().is_some_and(|figure| figure.ready);
    let is_cordoned = node.figure.as_ref().is_some_and(|figure| !figure.schedulable);
    let class = classes!(
        "node",
        "close-node",
        (!is_ready).then_some("notready"),
        is_cordoned.then_some("cordoned"),
        node.acts.then_some("acts"),
    );
    let object = ObjectRef::new(Kind::Node, kubestep_core::api::Key::new("", node.name.clone()));
    let select = on.reform(move |_: MouseEvent| Message::Select(Some(object.clone())));
    html! {
        <section {class} key={node.name.to_string()} data-figure={format!("node:{}", node.name)} aria-label={format!("Node {}", node.name)}>
            <header class="node-h">
                <Icon name="node" size={14} />
                <button class="plain" type="button" onclick={select}><b>{ &*node.name }</b></button>
                if is_ready { <span class="tagl"><Glyph name="ready" size={10} />{ "Ready" }</span> } else {
                    <span class="tagl bad"><Glyph name="unknown" size={10} />{ "NotReady" }</span>
                }
                if node.is_silent { <span class="tagl bad">{ "cut off" }</span> }
                if is_cordoned { <span class="tagl taint">{ "SchedulingDisabled" }</span> }
                <span class="grow"></span>
                { for node.figure.iter().flat_map(|figure| &figure.taints).map(|taint| html! { <span class="tagl taint ell">{ taint }</span> }) }
            </header>
            <div class="close-row">
                { disk(node, on) }
                <span class="close-arrow" aria-hidden="true"></span>
                { kubelet(node) }
                <span class="close-arrow" aria-hidden="true"></span>
                <div class="close-pods">
                    { for node.pods.iter().map(|each| pod(each, on)) }
                    if node.pods.is_empty() { <p class="empty-note">{ "It runs no static pod." }</p> }
                    if node.others > 0 {
                        <p class="empty-note">{ format!("and {} from the API", counted(node.others, "pod", "pods")) }</p>
                    }
                </div>
            </div>
        </section>
    }
}

fn disk(node: &NodeCloseUp, on: &Callback<Message>) -> Html {
    html! {
        <div class="close-disk">
            <div class="disk">
                <h3 class="disk-h"><Icon name="folder" size={14} /><span class="ell">{ "/etc/kubernetes/manifests" }</span></h3>
                <ul class="files">
                    { for node.files.iter().map(|each| file(&node.name, each, on)) }
                    if node.files.is_empty() { <li class="none">{ "no file" }</li> }
                </ul>
            </div>
            <div class="close-f">
                { for meters(node).iter().map(super::node::meter) }
                <p>{ "Checked every 20 s and on every file change. The API cannot edit it." }</p>
            </div>
        </div>
    }
}

fn file(node: &Rc<str>, file: &File, on: &Callback<Message>) -> Html {
    let place = Place { node: node.clone(), file: file.name.clone() };
    let onclick = {
        let on = on.clone();
        Callback::from(move |_: MouseEvent| {
            on.emit(Message::Directory(DirectoryMessage::Choose(place.clone())));
        })
    };
    html! {
        <li class={classes!(file.in_focus.then_some("src"), file.problem.is_some().then_some("bad"))} title={file.problem.clone().map(|problem| problem.to_string())}>
            <button class="plain" type="button" {onclick} aria-pressed={file.in_focus.to_string()}>
                <Icon name={if file.problem.is_some() { "warn" } else { "file" }} size={14} /><span class="ell">{ &*file.name }</span>
            </button>
        </li>
    }
}

fn kubelet(node: &NodeCloseUp) -> Html {
    html! {
        <section class={classes!("close-kubelet", "cp", "hue-kubelet", node.acts.then_some("lit"), node.is_silent.then_some("stopped"))}>
            <h3>{ "kubelet" }<span class="grow"></span>if node.acts { <span class="acting">{ "acting" }</span> }</h3>
            <ol class="deeds">
                { for node.deeds.iter().map(|(deed, doing)| {
                    let (class, spoken) = match doing {
                        Doing::Ahead => ("", ""),
                        Doing::Done => ("done", ", done"),
                        Doing::Now => ("now", ", now"),
                    };
                    html! { <li {class}>{ deed.words() }<span class="sr">{ spoken }</span></li> }
                }) }
            </ol>
        </section>
    }
}

fn pod(pod: &StaticPod, on: &Callback<Message>) -> Html {
    let object = ObjectRef::new(Kind::Pod, pod.key.clone());
    let onclick = on.reform(move |_: MouseEvent| Message::Select(Some(object.clone())));
    let class = classes!(
        "pod",
        "static",
        (!pod.in_focus).then_some("slim"),
        pod.state.class(),
        "rev-0",
        pod.hit.then_some("hit"),
    );
    let key = format!("{}{}", pod.key, pod.uid);
    html! {
        <button type="button" {class} {key} {onclick}>
            <span class="sr">{ pod.sentence() }</span>
            <span class="revband"></span>
            if pod.in_focus {
                <span class="pod-n" aria-hidden="true"><b class="ell">{ &*pod.key.name }</b></span>
                <span class="pod-s" aria-hidden="true">{ glyph(pod.state, 14) }<span class="ell">{ &pod.label }</span></span>
                <span class="pod-net" aria-hidden="true">
                    { for pod.containers.iter().map(|container| html! {
                        <span class={classes!("ctr", (!container.running).then_some("off"))}>{ &container.name }</span>
                    }) }
                    if let Some(up) = &pod.up { <span>{ up }</span> }
                    <span class="ip">{ pod.ip.as_deref().unwrap_or("no IP") }</span>
                </span>
                <span class="close-id" aria-hidden="true">
                    <span class="stt"><Icon name="pin" size={12} />{ "static" }</span>
                    { format!("id {}, {} restarts", pod.uid, pod.restarts) }
                    if !pod.has_mirror { <b>{ ", no mirror" }</b> }
                </span>
            } else {
                { glyph(pod.state, 12) }
                <span class="ell" aria-hidden="true">{ &*pod.key.name }</span>
                <span class="ip"><Icon name="pin" size={12} /></span>
            }
        </button>
    }
}

fn glyph(state: PodState, size: u32) -> Html {
    if state == PodState::Terminating {
        return html! { <Ring {size} share={1.0} /> };
    }
    html! { <Glyph name={state.glyph()} {size} /> }
}
