//! What makes pods: a card for each workload, and cards for the ReplicaSets, revisions or Jobs it has made.

use std::rc::Rc;

use kubestep_core::api::Kind;
use yew::prelude::*;

use super::pod::revision_tag;
use super::revision::{band_class, revision_class};
use super::sprite::Icon;
use crate::scene::figures::{Count, Key, PartFigure, RowSize, WorkloadFigure};

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

/// Height from which a part's card has two lines, and width from which it shows its name.
const TWO_LINES: f32 = 50.0;
const ROOM_FOR_NAME: f32 = 150.0;

/// Draws the cards of a workload; the stage places them, and the gauge is drawn with the wires.
#[component]
pub fn Workload(props: &WorkloadProps) -> Html {
    let workload = &*props.figure;
    html! {
        <>
            { card(workload, props) }
            { for workload.parts.iter().map(|part| self::part(part, props)) }
        </>
    }
}

/// The icon of a kind that makes pods.
pub fn icon(kind: Kind) -> &'static str {
    match kind {
        Kind::StatefulSet => "sts",
        Kind::DaemonSet => "ds",
        Kind::Job => "job",
        Kind::CronJob => "clock",
        Kind::ReplicaSet | Kind::ReplicationController => "rs",
        _ => "deploy",
    }
}

/// What kubectl calls a kind for short: `sts`.
pub fn short(kind: Kind) -> &'static str {
    kind.names().short.first().copied().unwrap_or(kind.names().singular)
}

fn card(workload: &WorkloadFigure, props: &WorkloadProps) -> Html {
    let class = classes!(
        "obj",
        (!workload.counts.is_empty()).then_some("wide"),
        (workload.size == RowSize::Line).then_some("line"),
        workload.hit.then_some("hit"),
        selected(props, &workload.key)
    );
    let body = match workload.size {
        RowSize::Line => line(workload),
        RowSize::Full | RowSize::Low => block(workload),
    };
    html! {
        <div {class} onclick={select(props, &workload.key)} data-figure={workload.key.to_string()} role="img"
            tabindex="-1" aria-label={workload.sentence()} title={(workload.size == RowSize::Line).then(|| workload.sentence())}>
            { body }
        </div>
    }
}

/// The card as a block: kind, name, numbers.
fn block(workload: &WorkloadFigure) -> Html {
    // Two numbers stand side by side in a wide card.
    let abreast = if workload.counts.is_empty() { 1 } else { 2 };
    let above = if workload.counts.is_empty() { 45.0 } else { 64.0 };
    let rows = ((workload.card.height - above) / 16.0).max(0.0) as usize * abreast;
    html! {
        <>
            <span class="kind">
                <Icon name={icon(workload.kind)} size={12} />{ workload.kind.name() }
                if let Some(namespace) = &workload.namespace {
                    <span class="ns ell">{ namespace }</span>
                }
            </span>
            <div class="obj-n ell">{ &workload.name }</div>
            if !workload.counts.is_empty() {
                { figures(&workload.counts, true) }
            }
            <dl class="kv">
                { for workload.rows.iter().take(rows).map(|(name, value)| html! { <><dt>{ *name }</dt><dd>{ value }</dd></> }) }
            </dl>
        </>
    }
}

/// The card as one line: `sts/db`, how far it is.
fn line(workload: &WorkloadFigure) -> Html {
    html! {
        <>
            <Icon name={icon(workload.kind)} size={12} />
            <span class="line-n ell"><small>{ short(workload.kind) }{ "/" }</small>{ &workload.name }</span>
            if let Some(namespace) = &workload.namespace {
                <span class="ns ell">{ namespace }</span>
            }
            <span class="grow"></span>
            if workload.counts.is_empty() {
                <b>{ &workload.summary }</b>
            } else {
                { figures(&workload.counts, true) }
            }
        </>
    }
}

fn part(part: &PartFigure, props: &WorkloadProps) -> Html {
    let tall = part.rect.height >= TWO_LINES;
    let named = part.rect.width >= ROOM_FOR_NAME;
    let class = classes!(
        "obj",
        "rs",
        (!tall).then_some("low"),
        revision_class(part.revision),
        part.hit.then_some("hit"),
        selected(props, &part.key)
    );
    let counts = if named { &part.counts[..] } else { &part.counts[part.counts.len().saturating_sub(1)..] };
    html! {
        <div {class} onclick={select(props, &part.key)} data-figure={part.key.to_string()} role="img" tabindex="-1"
            aria-label={part.sentence()} title={(!named).then(|| part.sentence())}>
            <span class={band_class(part.revision)}></span>
            <div class="rs-h">
                if named {
                    { name(&part.name) }
                }
                <span class="grow"></span>
                if tall {
                    <span class="rs-image ell">{ &part.note }</span>
                } else {
                    { figures(counts, false) }
                }
                { revision_tag(part.revision) }
            </div>
            if tall {
                { figures(counts, true) }
            }
        </div>
    }
}

/// A name that is cut before its last part, which tells the parts of one workload apart.
fn name(name: &str) -> Html {
    let (prefix, hash) = name.split_at(name.rfind('-').unwrap_or(0));
    html! { <span class="rs-n" title={name.to_owned()}><span class="ell">{ prefix }</span><span>{ hash }</span></span> }
}

/// Numbers with their names; where there is little room only the last is named.
fn figures(counts: &[(&'static str, Count)], named: bool) -> Html {
    let last = counts.len().saturating_sub(1);
    html! {
        <div class="figs">
            { for counts.iter().enumerate().map(|(place, (name, count))| {
                figure(*count, if named || place == last { name } else { "" })
            }) }
        </div>
    }
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
