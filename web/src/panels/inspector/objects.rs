//! Every object in the store as of the step in view, and one of them in full.

use kubestep_core::api::{Kind, Object, ObjectRef};
use kubestep_core::apiserver::Store;
use yew::prelude::*;

use crate::model::message::Message;
use crate::shared::Shared;
use crate::yaml;

/// The kinds in the order one looks for them.
const ORDER: [Kind; 7] = [
    Kind::Deployment,
    Kind::ReplicaSet,
    Kind::Pod,
    Kind::Service,
    Kind::EndpointSlice,
    Kind::Node,
    Kind::Namespace,
];

/// The most objects of one kind that are listed.
const MOST_OF_A_KIND: usize = 200;

/// The objects of a store.
#[derive(Properties, PartialEq)]
pub(super) struct ObjectsProps {
    /// The store at the step in view.
    pub store: Shared<Store>,
    /// The object that was picked, shown in full.
    pub selected: Option<ObjectRef>,
    /// The object that the step is about.
    pub subject: Option<ObjectRef>,
    /// Where to report to.
    pub on: Callback<Message>,
}

/// The list of objects, or the one that was picked.
#[component]
pub(super) fn Objects(props: &ObjectsProps) -> Html {
    if let Some(selected) = &props.selected {
        return in_full(selected, props.store.object(selected).as_ref(), &props.on);
    }
    html! { <ul class="objs">{ for ORDER.iter().map(|kind| of_kind(props, *kind)) }</ul> }
}

fn of_kind(props: &ObjectsProps, kind: Kind) -> Html {
    let objects: Vec<Object> = props.store.objects(kind).collect();
    let left_out = objects.len().saturating_sub(MOST_OF_A_KIND);
    html! {
        <>
            { for objects.iter().take(MOST_OF_A_KIND).map(|object| {
                let reference = object.reference();
                row(object, props.subject.as_ref() == Some(&reference), &props.on)
            }) }
            if left_out > 0 { <li class="empty-note">{ format!("and {left_out} more of kind {}", kind.name()) }</li> }
        </>
    }
}

fn row(object: &Object, is_subject: bool, on: &Callback<Message>) -> Html {
    let reference = object.reference();
    let key = reference.to_string();
    let onclick = on.reform(move |_: MouseEvent| Message::Select(Some(reference.clone())));
    html! {
        <li {key} class={classes!(is_subject.then_some("now"))}>
            <button type="button" {onclick}>
                <span>{ object.kind().name() }</span>
                <span class="nm" title={object.name().to_owned()}>{ object.name() }</span>
                <span class="rv">{ format!("rv {}", object.resource_version()) }</span>
            </button>
        </li>
    }
}

fn in_full(reference: &ObjectRef, object: Option<&Object>, on: &Callback<Message>) -> Html {
    let back = on.reform(|_: MouseEvent| Message::Select(None));
    html! {
        <div class="whole">
            <button class="objref" type="button" onclick={back}>{ "All objects" }</button>
            if let Some(object) = object {
                <pre tabindex="0" role="group" aria-label={reference.to_string()}>
                    { yaml::render(&object.to_json()) }
                </pre>
            } else {
                <p>{ format!("{reference} does not exist at this step.") }</p>
            }
        </div>
    }
}
