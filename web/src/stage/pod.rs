//! A pod: card, mini or slim, by the space there is. Every state is an outline, a glyph, a label and a colour.

use std::rc::Rc;

use yew::prelude::*;

use super::revision::{band_class, revision_class};
use super::sprite::Glyph;
use crate::scene::detail::{Detail, detail_of};
use crate::scene::figures::{Key, PodFigure, PodState};

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

/// Draws a pod; the stage places it.
#[component]
pub fn Pod(props: &PodProps) -> Html {
    let pod = &*props.figure;
    let on_select = props.on_select.clone();
    let key = Rc::clone(&pod.key);
    let onclick = Callback::from(move |_: MouseEvent| on_select.emit(Rc::clone(&key)));
    let detail = detail_of(pod.rect);
    let shape = match detail {
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
        pod.hit.then_some("hit"),
        props.selected.then_some("selected"),
    );
    let body = match detail {
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
            <span class="pod-n"><span class="pod-prefix">{ &pod.name.prefix }</span><b>{ &pod.name.suffix }</b></span>
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

fn mini(pod: &PodFigure, now: f64) -> Html {
    html! {
        <>
            <div><b>{ &pod.name.suffix }</b>{ revision_tag(pod.revision) }</div>
            <div>{ state_glyph(pod, now, 12) }<span class="ell">{ &pod.label }</span></div>
        </>
    }
}

fn slim(pod: &PodFigure, now: f64) -> Html {
    let right = match (pod.state, &pod.ip) {
        (PodState::Ready, Some(ip)) => ip.clone(),
        _ => pod.label.clone(),
    };
    html! {
        <>
            { state_glyph(pod, now, 12) }
            <span><b>{ &pod.name.suffix }</b></span>
            <span class="ip ell">{ right }</span>
        </>
    }
}

fn tag(pod: &PodFigure, now: f64) -> Html {
    html! { <>{ state_glyph(pod, now, 10) }<b>{ &pod.name.suffix }</b></> }
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
