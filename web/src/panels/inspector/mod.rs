//! The inspector: the step in view, why it happened, the sums behind it, what it changed; and below, the cluster's
//! objects, Events and conditions as of that step.

mod anatomy;
mod causes;
mod conditions;
pub(in crate::panels) mod difference;
mod documentation;
mod env;
mod events;
mod hop;
mod next;
mod objects;
mod requests;
mod scheduling;

use std::rc::Rc;

use kubestep_core::api::{
    Deployment, EndpointSlice, Event, Key, Kind, Namespace, Node, Object, ObjectRef, Pod, ReplicaSet, Service,
};
use kubestep_core::apiserver::Store;
use kubestep_core::engine::{Step, StepId, Timeline, What};
use kubestep_core::narration::{self, Detail};
use kubestep_core::story::Subject;
use yew::prelude::*;

use self::causes::Causes;
use self::conditions::Conditions;
use self::difference::Difference;
use self::events::Events;
use self::next::Next;
use self::objects::Objects;
use self::requests::Requests;
use self::scheduling::Scheduling;
use super::narration::Sentence;
use crate::actions::{Action, actions};
use crate::actor::Who;
use crate::model::frame::{FrameMessage, Panel};
use crate::model::message::{Go, InspectorTab, Message};
use crate::model::rail::RailMessage;
use crate::model::run::{standing, world_at};
use crate::scene::network::env as network_env;
use crate::scene::network::follow::Followed;
use crate::shared::Shared;
use crate::stage::sprite::Icon;

/// What the inspector shows.
#[derive(Properties, PartialEq)]
pub struct InspectorProps {
    /// The history.
    pub timeline: Shared<Timeline>,
    /// The step in view; none is the start.
    pub cursor: Option<StepId>,
    /// The object that was picked.
    pub selected: Option<ObjectRef>,
    /// The tab of the lower half.
    pub tab: InspectorTab,
    /// The rails that the step belongs to, to be offered station by station.
    pub offered: Rc<[Subject]>,
    /// Whether there is a panel to close.
    pub can_close: bool,
    /// Which halves to show: the one-column page has a tab for each.
    #[prop_or_default]
    pub halves: Halves,
    /// Where to report to.
    pub on: Callback<Message>,
    /// The panel's edge.
    #[prop_or_default]
    pub children: Html,
}

/// Which halves of the inspector are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Halves {
    /// Both.
    #[default]
    Both,
    /// The step and its causes.
    Step,
    /// Objects, Events and conditions.
    Cluster,
}

/// The inspector.
#[component]
pub fn Inspector(props: &InspectorProps) -> Html {
    let step = props.cursor.and_then(|id| props.timeline.step(id));
    // On one column each half is the page's main part.
    let (tag, label) = match props.halves {
        Halves::Both => ("aside", "Step inspector"),
        Halves::Step => ("main", "The step and its causes"),
        Halves::Cluster => ("main", "The cluster at this step"),
    };
    html! {
        <@{tag} class="right" aria-label={label}>
            if props.halves != Halves::Cluster {
                <StepBar step={step.cloned().map(Shared::from)} can_close={props.can_close}
                    on={props.on.clone()} />
                <div class="insp" tabindex="0" role="group" aria-label="The step and its causes">
                    if let Some(selected) = &props.selected {
                        <Picked object={selected.clone()} timeline={props.timeline.clone()}
                            cursor={props.cursor} on={props.on.clone()} />
                    }
                    if let Some(step) = step {
                        <StepView step={Shared::from(step.clone())} timeline={props.timeline.clone()}
                            offered={props.offered.clone()} on={props.on.clone()} />
                    } else {
                        <p class="insp-empty">{ "Before the first step: the cluster is as it was set up. Step forward, or play." }</p>
                    }
                </div>
            }
            if props.halves != Halves::Step {
                <Cluster timeline={props.timeline.clone()} cursor={props.cursor}
                    selected={props.selected.clone()} tab={props.tab} on={props.on.clone()} />
            }
            { props.children.clone() }
        </@>
    }
}

#[derive(Properties, PartialEq)]
struct StepBarProps {
    step: Option<Shared<Step>>,
    can_close: bool,
    on: Callback<Message>,
}

/// The step's number and time, and the way to its neighbours of the same component.
#[component]
fn StepBar(props: &StepBarProps) -> Html {
    let go = |go| props.on.reform(move |_: MouseEvent| Message::Go(go));
    let close = props.on.reform(|_: MouseEvent| Message::Frame(FrameMessage::Toggle(Panel::Right)));
    html! {
        <div class="stp">
            if let Some(step) = &props.step {
                <span class="stp-n num">{ format!("Step {}", step.id.0 + 1) }</span>
                <span class="stp-t">{ format!("t={}s", step.at) }</span>
            } else {
                <span class="stp-n num">{ "Start" }</span>
            }
            <span class="grow"></span>
            <button class="ibtn ibtn-s" type="button" aria-label="Previous step by this component"
                title="Previous step by this component (,)"
                onclick={go(Go::PreviousOfActor)}><Icon name="chevl" size={16} /></button>
            <button class="ibtn ibtn-s" type="button" aria-label="Next step by this component"
                title="Next step by this component (.)"
                onclick={go(Go::NextOfActor)}><Icon name="chevr" size={16} /></button>
            if props.can_close {
                <button class="ibtn ibtn-s" type="button" aria-label="Collapse inspector (Ctrl I)"
                    onclick={close}>
                    <Icon name="panel-r" size={16} />
                </button>
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct StepViewProps {
    step: Shared<Step>,
    timeline: Shared<Timeline>,
    offered: Rc<[Subject]>,
    on: Callback<Message>,
}

/// Who did what, why, by which sums, and what changed.
#[component]
fn StepView(props: &StepViewProps) -> Html {
    let step = &props.step;
    let on_object = props.on.reform(|object| Message::Select(Some(object)));
    let detail = narration::detail(step);
    html! {
        <>
            <div>
                <Who actor={step.actor.clone()} />
                <p class="say"><Sentence text={narration::headline(step)} on_object={Some(on_object)} /></p>
                { for props.offered.iter().enumerate().map(|(place, subject)| html! {
                    <OfferedRail subject={*subject} is_first={place == 0} on={props.on.clone()} />
                }) }
            </div>
            <Causes id={step.id} timeline={props.timeline.clone()} on={props.on.clone()} />
            if let What::Hop(passage) = &step.what { { hop::hop(&passage.hop) } }
            if let Some(verdict) = scheduling::verdict(step) {
                <Scheduling {verdict} />
            } else if !detail.rows.is_empty() {
                <Sums {detail} />
            }
            <Difference step={step.clone()} />
            { documentation::link(step) }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct OfferedRailProps {
    subject: Subject,
    /// Whether the key opens it.
    is_first: bool,
    on: Callback<Message>,
}

/// The way to the stations of what the step belongs to.
#[component]
fn OfferedRail(props: &OfferedRailProps) -> Html {
    let subject = props.subject;
    let onclick = props.on.reform(move |_: MouseEvent| Message::Rail(RailMessage::Open(subject)));
    html! {
        <button class="btn btn-s offered" type="button" {onclick}>
            <Icon name="cols" size={14} />{ narration::rail::offer(subject) }
            if props.is_first { <span class="kbd">{ "D" }</span> }
        </button>
    }
}

#[derive(Properties, PartialEq)]
struct SumsProps {
    detail: Detail,
}

/// The arithmetic behind a step: names, sums, results.
#[component]
fn Sums(props: &SumsProps) -> Html {
    let Detail { title, source, rows } = &props.detail;
    let last = rows.len() - 1;
    html! {
        <div class="rule" tabindex="0" role="group" aria-label={*title}>
            <div class="hd"><span>{ *title }</span><span class="mono">{ *source }</span></div>
            <div class="sum">
                { for rows.iter().enumerate().map(|(place, row)| html! {
                    <>
                        <span>{ &*row.name }</span>
                        <span>{ &*row.sum }</span>
                        <span>
                            if !row.result.is_empty() { { "= " } }
                            if place == last { <b>{ &*row.result }</b> } else { { &*row.result } }
                        </span>
                    </>
                }) }
            </div>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct PickedProps {
    object: ObjectRef,
    timeline: Shared<Timeline>,
    cursor: Option<StepId>,
    on: Callback<Message>,
}

/// The object that was picked, and the way to the step that last changed it.
#[component]
fn Picked(props: &PickedProps) -> Html {
    let changed = last_change(&props.timeline, props.cursor, &props.object);
    let why = changed.map(|step| props.on.reform(move |_: MouseEvent| Message::Go(Go::To(step))));
    let clear = props.on.reform(|_: MouseEvent| Message::Select(None));
    let world = standing(&props.timeline, props.cursor);
    let seen = world_at(&props.timeline, props.cursor);
    let act = |action: Action| {
        let Action { label, line } = action;
        let title = line.clone();
        let onclick = props.on.reform(move |_: MouseEvent| Message::Kubectl(line.clone()));
        html! { <button class="btn btn-s" type="button" {title} {onclick}>{ label }</button> }
    };
    html! {
        <div class="picked">
            <span>{ props.object.kind.name() }</span>
            <span class="mono grow">{ props.object.name() }</span>
            if let (Some(step), Some(onclick)) = (changed, why) {
                <button class="btn btn-s" type="button" {onclick}>
                    <Icon name="why" size={14} />{ format!("Step {}", step.0 + 1) }
                </button>
            }
            <button class="ibtn ibtn-s" type="button" aria-label="Let go of this object" onclick={clear}>
                <Icon name="x" size={14} />
            </button>
            <div class="acts" role="group" aria-label={format!("What can be done to {}", props.object)}>
                { for actions(&world, &props.object).into_iter().map(act) }
                if props.object.kind == Kind::Service { { send_requests(&props.object.key, &props.on) } }
            </div>
            if props.object.kind == Kind::Pod {
                { anatomy::anatomy(&seen, &props.object.key) }
            }
        </div>
    }
}

/// A Service can be sent requests: that is no command, but a client in cluster.yaml.
fn send_requests(service: &Key, on: &Callback<Message>) -> Html {
    let service = service.clone();
    let onclick = on.reform(move |_: MouseEvent| Message::SendRequests(service.clone()));
    html! {
        <button class="btn btn-s" type="button" title="Adds kind: Traffic to cluster.yaml" {onclick}>
            { "Send it requests" }
        </button>
    }
}

/// The latest step up to `cursor` that wrote `object`.
pub fn last_change(timeline: &Timeline, cursor: Option<StepId>, object: &ObjectRef) -> Option<StepId> {
    let last = cursor?.0;
    (0..=last).rev().map(StepId).find(|&id| {
        let change = timeline.step(id).and_then(|step| step.change());
        change.is_some_and(|change| change.object == *object && !change.is_noop())
    })
}

#[derive(Properties, PartialEq)]
struct ClusterProps {
    timeline: Shared<Timeline>,
    cursor: Option<StepId>,
    selected: Option<ObjectRef>,
    tab: InspectorTab,
    on: Callback<Message>,
}

/// The cluster as of the step in view, in three tabs.
#[component]
fn Cluster(props: &ClusterProps) -> Html {
    let world = world_at(&props.timeline, props.cursor);
    let step = props.cursor.and_then(|id| props.timeline.step(id)).map(Rc::as_ref);
    let store = Shared::from(world.store.clone());
    let subject = props.selected.clone().or_else(|| subject_of(step, &store));
    let events = store.count::<Event>();
    let objects = count(&store) - events;
    let source = Followed::at(&props.timeline, props.cursor).and_then(|followed| followed.source(&world));
    let env_of = network_env::subject(&world, props.selected.as_ref(), source.as_ref());
    let has_clients = !world.simulation.clients.is_empty();
    let mut hidden = Vec::new();
    hidden.extend((env_of.is_none() && props.tab != InspectorTab::Env).then_some(InspectorTab::Env));
    hidden.extend((!has_clients).then_some(InspectorTab::Requests));
    let tab = |tab: InspectorTab, id: &'static str, label: &'static str, count: Option<usize>| {
        let onclick = props.on.reform(move |_: MouseEvent| Message::OpenTab(tab));
        let is_open = props.tab == tab;
        html! {
            <button class="tab" role="tab" type="button" {id} aria-selected={is_open.to_string()}
                aria-controls="cluster-tab"
                tabindex={if is_open { "0" } else { "-1" }} {onclick}>
                { label }if let Some(count) = count { <span class="cnt">{ count }</span> }
            </button>
        }
    };
    html! {
        <>
            <div class={classes!("tabs", "rtabs", (hidden.len() < 2).then_some("dense"))} role="tablist" aria-label="The cluster at this step"
                onkeydown={tab_keys(props.tab, hidden, &props.on)}>
                { tab(InspectorTab::Objects, "tab-objects", "Objects", Some(objects)) }
                { tab(InspectorTab::Events, "tab-events", "Events", Some(events)) }
                { tab(InspectorTab::Conditions, "tab-conditions", "Conditions", None) }
                { tab(InspectorTab::Next, "tab-next", "Next", None) }
                if env_of.is_some() || props.tab == InspectorTab::Env { { tab(InspectorTab::Env, "tab-env", "Env", None) } }
                if has_clients { { tab(InspectorTab::Requests, "tab-requests", "Requests", None) } }
            </div>
            <div class="rtab-body" id="cluster-tab" role="tabpanel" aria-labelledby={tab_id(props.tab)}
                tabindex="0">
                { match props.tab {
                    InspectorTab::Objects => {
                        let selected = props.selected.clone();
                        html! { <Objects {store} {selected} {subject} on={props.on.clone()} /> }
                    }
                    InspectorTab::Events => {
                        html! { <Events {store} cursor={props.cursor} timeline={props.timeline.clone()} /> }
                    }
                    InspectorTab::Conditions => {
                        html! { <Conditions {store} object={subject} on={props.on.clone()} /> }
                    }
                    InspectorTab::Env => env::env(&world, env_of),
                    InspectorTab::Requests => {
                        let timeline = props.timeline.clone();
                        html! { <Requests {timeline} cursor={props.cursor} on={props.on.clone()} /> }
                    }
                    InspectorTab::Next => {
                        let world = standing(&props.timeline, props.cursor);
                        html! { <Next {world} on={props.on.clone()} /> }
                    }
                } }
            </div>
        </>
    }
}

/// How many objects there are, of every kind.
fn count(store: &Store) -> usize {
    let workload = store.count::<Deployment>() + store.count::<ReplicaSet>() + store.count::<Pod>();
    let network = store.count::<Service>() + store.count::<EndpointSlice>();
    workload + network + store.count::<Node>() + store.count::<Namespace>() + store.count::<Event>()
}

const fn tab_id(tab: InspectorTab) -> &'static str {
    match tab {
        InspectorTab::Objects => "tab-objects",
        InspectorTab::Events => "tab-events",
        InspectorTab::Conditions => "tab-conditions",
        InspectorTab::Next => "tab-next",
        InspectorTab::Env => "tab-env",
        InspectorTab::Requests => "tab-requests",
    }
}

/// The arrow keys move between tabs, as in every tab list.
fn tab_keys(tab: InspectorTab, hidden: Vec<InspectorTab>, on: &Callback<Message>) -> Callback<KeyboardEvent> {
    const ORDER: [InspectorTab; 6] = [
        InspectorTab::Objects,
        InspectorTab::Events,
        InspectorTab::Conditions,
        InspectorTab::Next,
        InspectorTab::Env,
        InspectorTab::Requests,
    ];
    // Those about the network are there when there is something to tell.
    let order: Vec<InspectorTab> = ORDER.into_iter().filter(|tab| !hidden.contains(tab)).collect();
    let on = on.clone();
    Callback::from(move |event: KeyboardEvent| {
        let place = order.iter().position(|each| *each == tab).unwrap_or(0);
        let next = match event.key().as_str() {
            "ArrowRight" => order[(place + 1) % order.len()],
            "ArrowLeft" => order[(place + order.len() - 1) % order.len()],
            _ => return,
        };
        event.prevent_default();
        // The page's own arrows step through time.
        event.stop_propagation();
        on.emit(Message::OpenTab(next));
        crate::browser::focus(&format!("#{}", tab_id(next)));
    })
}

/// The object that a step is about, if it is still there; else the first Deployment.
fn subject_of(step: Option<&Step>, store: &Store) -> Option<ObjectRef> {
    let written = step.and_then(|step| match &step.what {
        What::Written(change) if change.object.kind != Kind::Event => Some(change.object.clone()),
        What::Refused { write, .. } => Some(write.target()),
        _ => None,
    });
    written
        .filter(|object| store.object(object).is_some())
        .or_else(|| store.objects(Kind::Deployment).next().map(|object| Object::reference(&object)))
}
