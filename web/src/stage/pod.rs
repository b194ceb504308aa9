//! A pod: card, mini or slim, by the space there is. Every state is an outline, a glyph, a label and a colour.

use std::rc::Rc;

use yew::prelude::*;

use super::revision::{band_class, revision_class};
use super::sprite::{Glyph, Icon};
use super::workload::icon;
use crate::scene::detail::{Detail, detail_of};
use crate::scene::figures::{Grace, Key, PodFigure, PodState};

/// What a pod needs to be drawn.
#[derive(Properties, PartialEq)]
pub struct PodProps {
    /// The pod.
    pub figure: Rc<PodFigure>,
    /// Virtual seconds, for the ring of a grace period.
    pub now: f64,
    /// Whether it is the selected object.
    pub selected: bool,
    /// Whether Tab enters the stage here.
    pub entry: bool,
    /// It was chosen.
    pub on_select: Callback<Key>,
}

/// So many characters of a numbered pod's name fit.
const MINI_CHARACTERS: usize = 12;
/// From this width on a mini shows its address.
const ROOMY_MINI: f32 = 150.0;
const SLIM_CHARACTERS: usize = 8;
const TAG_CHARACTERS: usize = 5;

/// Draws a pod; the stage places it.
#[component]
pub fn Pod(props: &PodProps) -> Html {
    let pod = &*props.figure;
    let on_select = props.on_select.clone();
    let key = Rc::clone(&pod.key);
    let onclick = Callback::from(move |_: MouseEvent| on_select.emit(Rc::clone(&key)));
    let detail = detail_of(pod.rect);
    let big = !pod.processes.is_empty();
    let shape = match detail {
        Detail::Card if big => Some("big"),
        Detail::Card => None,
        Detail::Mini => Some("mini"),
        Detail::Slim => Some("slim"),
        Detail::Tag | Detail::Cell(_) => Some("slim tag"),
    };
    let class = classes!(
        "pod",
        shape,
        pod.state.class(),
        revision_class(pod.revision),
        pod.is_static.then_some("static"),
        pod.hit.then_some("hit"),
        props.selected.then_some("selected"),
    );
    let body = match detail {
        Detail::Card if big => tall_card(pod, props.now),
        Detail::Card => card(pod, props.now),
        Detail::Mini => mini(pod, props.now),
        Detail::Slim => slim(pod, props.now),
        Detail::Tag | Detail::Cell(_) => tag(pod, props.now),
    };
    html! {
        <div {class} {onclick} data-figure={pod.key.to_string()}
            data-pod={pod.name.whole()} role="img" aria-label={pod.sentence.clone()} title={(detail != Detail::Card).then(|| pod.sentence.clone())}
            tabindex={if props.entry { "0" } else { "-1" }}>
            <span class={band_class(pod.revision)}></span>
            { body }
        </div>
    }
}

fn card(pod: &PodFigure, now: f64) -> Html {
    html! {
        <>
            <span class="pod-n">{ owner(pod) }<span class="pod-prefix">{ &pod.name.prefix }</span><b>{ &pod.name.suffix }</b></span>
            <div class="pod-s">
                { state_glyph(pod, now, 14) }
                <span class="ell">{ &pod.label }</span>
                { revision_tag(pod.revision) }
            </div>
            <div class="pod-net">
                { for pod.containers.iter().map(|container| html! {
                    <span class={classes!("ctr", (!container.running).then_some("off"), container.init.then_some("init"))}>
                        { &container.name }
                        if container.restarts > 0 {
                            <span class="rst">{ format!("↻{}", container.restarts) }</span>
                        }
                    </span>
                }) }
                <span class="ip">{ pod.note.clone().or_else(|| pod.ip.clone()).unwrap_or_else(|| "no IP".into()) }</span>
            </div>
        </>
    }
}

/// So many processes are shown; more are counted.
const MOST_PROCESSES: usize = 2;

/// A pod that is being stopped: what each of its processes does, and what is left of its grace period.
fn tall_card(pod: &PodFigure, now: f64) -> Html {
    let more = pod.processes.len().saturating_sub(MOST_PROCESSES);
    let grace = pod.grace.unwrap_or(Grace { began: now, seconds: 0.0 });
    let left = format!("{:.1}", grace.left(now));
    html! {
        <>
            <span class="pod-n">{ owner(pod) }<span class="pod-prefix">{ &pod.name.prefix }</span><b>{ &pod.name.suffix }</b></span>
            <div class="pod-s">
                if pod.state == PodState::Terminating {
                    <Ring size={14} share={grace.share(now)} /><span>{ "Terminating" }</span>
                } else {
                    <Glyph name={pod.state.glyph()} size={14} /><span class="ell">{ &pod.label }</span>
                }
            </div>
            <div class="pod-left">{ revision_tag(pod.revision) }{ format!("{left} of {:.0} s", grace.seconds) }</div>
            <svg class="big-ring" width="40" height="40" viewBox="0 0 40 40" aria-hidden="true">
                <circle cx="20" cy="20" r="17" fill="var(--bg-1)" stroke="var(--bg-4)" stroke-width="4" />
                <circle class="ring" cx="20" cy="20" r="17" pathLength="100" fill="none" stroke="var(--term)" stroke-width="4"
                    stroke-dasharray={format!("{:.1} 100", grace.share(now) * 100.0)} transform="rotate(-90 20 20)" />
                <text class="big-left" x="20" y="24" text-anchor="middle" data-on="">{ left }</text>
            </svg>
            <div class="procs">
                { for pod.processes.iter().take(MOST_PROCESSES).map(|process| html! {
                    <div>
                        <b class="ell">{ &process.container }</b>
                        if let Some(signal) = process.signal {
                            <span class="sig">{ signal }</span>
                        } else {
                            <span class="words">{ &process.words }</span>
                        }
                    </div>
                }) }
            </div>
            <div class="pod-net">
                <span class="netns">{ if more > 0 { format!("+{more}, netns") } else { "netns".to_owned() } }</span>
                <span class="ip">{ pod.ip.clone().unwrap_or_else(|| "taken down".into()) }</span>
            </div>
        </>
    }
}

fn mini(pod: &PodFigure, now: f64) -> Html {
    html! {
        <>
            <div>{ owner(pod) }<b>{ pod.name.short(MINI_CHARACTERS) }</b>{ revision_tag(pod.revision) }</div>
            <div>
                { state_glyph(pod, now, 12) }<span class="ell">{ &pod.label }</span>
                if let Some(words) = beside(pod) { <span class="ip">{ words }</span> }
            </div>
        </>
    }
}

/// What a mini has room for beside the state: when its node tries again, or its address.
fn beside(pod: &PodFigure) -> Option<String> {
    let again = pod.note.as_ref().and_then(|note| note.strip_prefix("again "));
    let address = || pod.ip.clone().filter(|_| pod.state == PodState::Ready && pod.rect.width >= ROOMY_MINI);
    again.map(str::to_owned).or_else(address)
}

fn slim(pod: &PodFigure, now: f64) -> Html {
    let right = match (pod.state, &pod.ip) {
        (PodState::Ready, Some(ip)) => ip.clone(),
        _ => pod.label.clone(),
    };
    html! {
        <>
            { state_glyph(pod, now, 12) }
            { owner(pod) }
            <span><b>{ pod.name.short(SLIM_CHARACTERS) }</b></span>
            <span class="ip ell">{ right }</span>
        </>
    }
}

fn tag(pod: &PodFigure, now: f64) -> Html {
    html! { <>{ state_glyph(pod, now, 10) }<b>{ pod.name.short(TAG_CHARACTERS) }</b></> }
}

/// The mark of what owns the pod, where that is not a ReplicaSet.
fn owner(pod: &PodFigure) -> Html {
    if pod.is_static {
        return html! { <span class="owner" title="static pod: a file on its node"><Icon name="pin" size={11} /></span> };
    }
    let Some(kind) = pod.owner else { return html! {} };
    html! { <span class="owner" title={kind.name()}><Icon name={icon(kind)} size={11} /></span> }
}

/// The `r2` tag of a revision; nothing for a pod without one.
pub fn revision_tag(revision: u32) -> Html {
    if revision == 0 {
        return html! {};
    }
    html! { <span class="rtag">{ format!("r{revision}") }</span> }
}

fn state_glyph(pod: &PodFigure, now: f64, size: u32) -> Html {
    match (pod.state, pod.grace) {
        (PodState::Terminating, grace) => {
            let share = grace.map_or(0.0, |grace| grace.share(now));
            html! { <Ring {size} {share} key="ring" moving={grace.is_some()} /> }
        }
        _ => html! { <Glyph name={pod.state.glyph()} {size} /> },
    }
}

/// A ring that empties as a grace period passes.
#[derive(Properties, PartialEq)]
pub struct RingProps {
    /// Edge length in pixels.
    pub size: u32,
    /// The share that is left.
    pub share: f64,
    /// Whether the stage turns it as virtual time runs.
    #[prop_or_default]
    pub moving: bool,
}

/// Draws a grace ring with the stop square in its middle.
#[component]
pub fn Ring(props: &RingProps) -> Html {
    let size = props.size.to_string();
    html! {
        <svg class="gl" width={size.clone()} height={size} viewBox="0 0 16 16" aria-hidden="true">
            <circle cx="8" cy="8" r="5.9" fill="none" stroke="currentColor" stroke-width="1.6" opacity=".32" />
            <circle class={props.moving.then_some("ring")} cx="8" cy="8" r="5.9" pathLength="100" fill="none"
                stroke="currentColor" stroke-width="2.2" transform="rotate(-90 8 8)"
                stroke-dasharray={format!("{:.1} 100", props.share * 100.0)} />
            <rect x="5.9" y="5.9" width="4.2" height="4.2" fill="currentColor" />
        </svg>
    }
}
