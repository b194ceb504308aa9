//! The legend: every state of a pod, every wire and marker, drawn by the components that draw them on the stage.

use std::rc::Rc;

use kubestep_core::api::Kind;
use yew::prelude::*;

use super::gauge;
use super::pod::Pod;
use super::revision::{band_class, revision_class};
use super::sprite::{Glyph, Icon};
use super::workload::icon;
use crate::scene::cells::{Look, paths};
use crate::scene::figures::{ContainerChip, GaugeCell, GaugeKind, Grace, Hue, PodFigure, PodName, PodState};
use crate::scene::geometry::Rect;

const CARD: Rect = Rect::new(0.0, 0.0, 160.0, 74.0);

/// States, what is unlike the others in their look, and a name to show them with.
const STATES: [(PodState, &str, &str); 12] = [
    (PodState::Pending, "Pending", "dashed outline, hollow band"),
    (PodState::Creating, "ContainerCreating", "chips hollow until they run"),
    (PodState::Initializing, "Init 1/2", "dots: init containers run"),
    (PodState::NotReady, "Not ready", "half disc, broken band"),
    (PodState::Ready, "Ready", "disc and tick, full band"),
    (PodState::Terminating, "Terminating 18s", "hatched, ring = grace left"),
    (PodState::CrashLoop, "CrashLoopBackOff", "loop in an octagon"),
    (PodState::ImagePull, "ImagePullBackOff", "arrow in an octagon"),
    (PodState::Failed, "Error", "filled octagon and cross"),
    (PodState::Completed, "Completed", "ring and tick, grey"),
    (PodState::Unknown, "Unknown", "diamond: node unreachable"),
    (PodState::Orphan, "No API object", "corners: a process on its own"),
];

const KINDS: [Kind; 6] =
    [Kind::Deployment, Kind::ReplicaSet, Kind::StatefulSet, Kind::DaemonSet, Kind::Job, Kind::CronJob];

/// What places of a gauge count as.
const PLACES: [GaugeKind; 7] = [
    GaugeKind::Available,
    GaugeKind::NotReady,
    GaugeKind::Coming,
    GaugeKind::Leaving,
    GaugeKind::Done,
    GaugeKind::Later,
    GaugeKind::Barred,
];

/// The legend's content; the dialog around it is the page's.
#[component]
pub fn Legend() -> Html {
    html! {
        <div class="legend-sheet">
            <h3>{ "Pods" }</h3>
            <div class="legend-pods">
                { for STATES.iter().map(|(state, label, words)| html! {
                    <figure>
                        <div class="legend-pod">
                            <Pod figure={example(*state, label)} now={12.0} selected={false} entry={false} on_select={Callback::noop()} />
                        </div>
                        <figcaption>{ *words }</figcaption>
                    </figure>
                }) }
            </div>
            <h3>{ "A pod that is a file on its node, and its copy in the API" }</h3>
            <div class="legend-row">
                <span class="legend-paper"><span class="pod slim static rev-0 st-ready"><span class="revband"></span><Glyph name="ready" size={12} />{ "static pod" }<Icon name="pin" size={12} /></span></span>
                <span class="legend-paper"><span class="pod slim mirror rev-0 st-ready"><Glyph name="ready" size={12} />{ "mirror pod" }</span></span>
                <span class="legend-paper"><span class="cp hue-sched stopped line1"><b>{ "a stopped process" }</b></span></span>
            </div>
            <h3>{ "Cells, where there are many pods" }</h3>
            <div class="legend-row">
                { cell(PodState::Ready, 1, "ready, revision 1") }
                { cell(PodState::Ready, 2, "revision 2") }
                { cell(PodState::Ready, 3, "revision 3") }
                { cell(PodState::Ready, 4, "revision 4") }
                { cell(PodState::NotReady, 2, "starting") }
                { cell(PodState::Terminating, 1, "terminating") }
                { cell(PodState::Failed, 1, "failed") }
                { cell(PodState::Ready, 0, "no revision") }
            </div>
            <h3>{ "Revisions: colour, notches and tag" }</h3>
            <div class="legend-row">
                { for (1..=4).map(|revision| html! {
                    <span class={revision_class(revision)}>
                        <span class="legend-band"><span class={band_class(revision)}></span></span>
                        <span class="rtag">{ format!("r{revision}") }</span>
                    </span>
                }) }
            </div>
            <h3>{ "What makes pods: an icon on its card, and on its pods but those of ReplicaSets" }</h3>
            <div class="legend-row">
                { for KINDS.into_iter().map(|kind| html! {
                    <span><Icon name={icon(kind)} size={14} />{ kind.name() }</span>
                }) }
            </div>
            <h3>{ "Gauges: a place for each pod" }</h3>
            <div class="legend-row">
                { for PLACES.into_iter().map(place) }
            </div>
            <h3>{ "Endpoints" }</h3>
            <div class="legend-row">
                { wire("ready: traffic flows", html! { <><path d="M0 8H26" stroke="var(--fg-1)" stroke-width="1.5" /><circle cx="29" cy="8" r="4" fill="var(--fg-1)" /></> }) }
                { wire("terminating, still serving", html! { <><path d="M0 8H25" stroke="var(--fg-1)" stroke-width="1.5" stroke-dasharray="3 2" /><circle cx="29" cy="8" r="3.6" fill="var(--bg-1)" stroke="var(--fg-1)" stroke-width="1.5" stroke-dasharray="3 2" /></> }) }
                { wire("no traffic", html! { <><path d="M0 8H10l9-7" fill="none" stroke="var(--fg-3)" stroke-width="1.5" /><circle cx="29" cy="8" r="3.6" fill="var(--bg-1)" stroke="var(--fg-3)" stroke-width="1.4" /></> }) }
            </div>
            <h3>{ "Who acts" }</h3>
            <div class="legend-row">
                { for [
                    (Hue::User, "you"),
                    (Hue::Api, "API server"),
                    (Hue::Controllers, "controllers"),
                    (Hue::Scheduler, "scheduler"),
                    (Hue::Kubelet, "kubelet, kube-proxy"),
                ].into_iter().map(|(hue, name)| html! {
                    <span class={hue.class()}><span class={classes!("mk", hue.class())}></span>{ name }</span>
                }) }
            </div>
        </div>
    }
}

fn example(state: PodState, label: &str) -> Rc<PodFigure> {
    let on_node = !matches!(state, PodState::Pending | PodState::Gated);
    let runs = !matches!(
        state,
        PodState::Pending | PodState::Creating | PodState::Initializing | PodState::ImagePull
    );
    let restarts = if state == PodState::CrashLoop { 5 } else { 0 };
    let container = |name: &str| ContainerChip { name: name.into(), restarts, running: runs, init: false };
    Rc::new(PodFigure {
        key: Rc::from(label),
        rect: CARD,
        state,
        label: label.to_owned(),
        revision: 2,
        name: PodName { prefix: "web-7d4b9c6f5-".into(), suffix: "x2x8k".into() },
        owner: None,
        containers: vec![container("web")],
        ip: (on_node && runs).then(|| "10.244.2.8".to_owned()),
        note: None,
        port: None,
        is_static: false,
        grace: (state == PodState::Terminating).then_some(Grace { began: 0.0, seconds: 30.0 }),
        processes: Vec::new(),
        hit: false,
        node: None,
        sentence: format!("Example: a pod, {label}"),
    })
}

fn cell(state: PodState, revision: u32, words: &'static str) -> Html {
    let pod = PodFigure { revision, ..(*example(state, words)).clone() };
    let drawn = paths([(&pod, revision, Rect::new(1.5, 1.5, 9.0, 9.0))].into_iter());
    let class = Look::of(state, revision).class();
    html! {
        <span>
            <svg class="cells" width="12" height="12" aria-hidden="true">
                { for drawn.into_values().map(|path| html! { <path class={class.clone()} d={path} /> }) }
            </svg>
            { words }
        </span>
    }
}

fn place(kind: GaugeKind) -> Html {
    html! {
        <span>
            <svg class="gauge" width="46" height="24" viewBox="0 0 46 24" aria-hidden="true">
                { gauge::place(GaugeCell { revision: 1, kind }, 46.0) }
            </svg>
            { kind.spoken() }
        </span>
    }
}

fn wire(words: &'static str, drawing: Html) -> Html {
    html! { <span><svg width="34" height="16" viewBox="0 0 34 16" aria-hidden="true">{ drawing }</svg>{ words }</span> }
}
