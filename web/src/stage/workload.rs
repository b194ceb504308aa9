//! What is desired: a Deployment with its ReplicaSets, or a ReplicaSet alone.

use std::rc::Rc;

use yew::prelude::*;

use super::pod::revision_tag;
use super::revision::{band_class, revision_class};
use super::sprite::Icon;
use crate::scene::figures::{Count, Key, ReplicaSetFigure, WorkloadFigure};

/// What a workload needs to be drawn.
#[derive(Properties, PartialEq)]
pub struct WorkloadProps {
    /// The workload.
    pub figure: Rc<WorkloadFigure>,
    /// The selected object's key, if any.
    pub selected: Option<Key>,
    /// One of its cards was chosen.
    pub on_select: Callback<Key>,
}

/// Height from which a ReplicaSet's card has two lines.
const TWO_LINES: f32 = 50.0;

/// Draws the cards of a workload; the stage places them, and the gauge is drawn with the wires.
#[component]
pub fn Workload(props: &WorkloadProps) -> Html {
    let workload = &*props.figure;
    html! {
        <>
            if workload.card.is_some() {
                { deployment(workload, props) }
            }
            { for workload.replica_sets.iter().map(|set| replica_set(set, props)) }
        </>
    }
}

fn deployment(workload: &WorkloadFigure, props: &WorkloadProps) -> Html {
    let class = classes!("obj", workload.hit.then_some("hit"), selected(props, &workload.key));
    let rows = workload.card.map_or(0, |card| ((card.height - 45.0) / 16.0).max(0.0) as usize);
    html! {
        <div {class} onclick={select(props, &workload.key)} data-figure={workload.key.to_string()} role="img"
            tabindex="-1" aria-label={spoken(workload)}>
            <span class="kind"><Icon name="deploy" size={12} />{ workload.kind }</span>
            <div class="obj-n ell">{ &workload.name }</div>
            <dl class="kv">
                { for workload.rows.iter().take(rows).map(|(name, value)| html! { <><dt>{ *name }</dt><dd>{ value }</dd></> }) }
            </dl>
        </div>
    }
}

fn spoken(workload: &WorkloadFigure) -> String {
    let rows: Vec<String> = workload.rows.iter().map(|(name, value)| format!("{name} {value}")).collect();
    format!("{} {}: {}", workload.kind, workload.name, rows.join(", "))
}

fn replica_set(set: &ReplicaSetFigure, props: &WorkloadProps) -> Html {
    let tall = set.rect.height >= TWO_LINES;
    let class = classes!(
        "obj",
        "rs",
        (!tall).then_some("low"),
        revision_class(set.revision),
        set.hit.then_some("hit"),
        selected(props, &set.key)
    );
    let label = format!(
        "ReplicaSet {}, revision {}, {} desired, {} current, {} ready",
        set.name, set.revision, set.desired.now, set.current.now, set.ready.now
    );
    let figures = html! {
        <div class="figs">
            { figure(set.desired, if tall { "desired" } else { "" }) }
            { figure(set.current, if tall { "current" } else { "" }) }
            { figure(set.ready, "ready") }
        </div>
    };
    html! {
        <div {class} onclick={select(props, &set.key)} data-figure={set.key.to_string()} role="img" tabindex="-1"
            aria-label={label}>
            <span class={band_class(set.revision)}></span>
            <div class="rs-h">
                { name(&set.name) }
                <span class="grow"></span>
                if tall {
                    <span class="rs-image ell">{ &set.image }</span>
                } else {
                    { figures.clone() }
                }
                { revision_tag(set.revision) }
            </div>
            if tall {
                { figures }
            }
        </div>
    }
}

/// A name that is cut before its last part, which tells ReplicaSets of one Deployment apart.
fn name(name: &str) -> Html {
    let (prefix, hash) = name.split_at(name.rfind('-').unwrap_or(0));
    html! { <span class="rs-n" title={name.to_owned()}><span class="ell">{ prefix }</span><span>{ hash }</span></span> }
}

fn figure(count: Count, name: &'static str) -> Html {
    html! {
        <span class="fig">
            if let Some(before) = count.before {
                <b class="to">{ change(before, count.now) }</b>
            } else {
                <b>{ count.now }</b>
            }
            { name }
        </span>
    }
}

/// The old and the new value, as much of it as there is room for.
fn change(before: i64, now: i64) -> String {
    match before.max(now) {
        ..10 => format!("{before} → {now}"),
        10..100 => format!("{before}→{now}"),
        _ => now.to_string(),
    }
}

fn selected(props: &WorkloadProps, key: &Key) -> Option<&'static str> {
    (props.selected.as_ref() == Some(key)).then_some("selected")
}

fn select(props: &WorkloadProps, key: &Key) -> Callback<MouseEvent> {
    let on_select = props.on_select.clone();
    let key = Rc::clone(key);
    Callback::from(move |_| on_select.emit(Rc::clone(&key)))
}
