//! The conditions of the object in view, with since when and why.

use kubestep_core::api::ObjectRef;
use kubestep_core::apiserver::Store;
use serde_json::Value;
use yew::prelude::*;

use crate::model::message::Message;
use crate::shared::Shared;
use crate::stage::sprite::Glyph;

/// Whose conditions are shown.
#[derive(Properties, PartialEq)]
pub(super) struct ConditionsProps {
    /// The store at the step in view.
    pub store: Shared<Store>,
    /// The object.
    pub object: Option<ObjectRef>,
    /// Where to report to.
    pub on: Callback<Message>,
}

/// One row per condition.
#[component]
pub(super) fn Conditions(props: &ConditionsProps) -> Html {
    let Some(reference) = &props.object else {
        return html! { <p class="empty-note">{ "Pick an object on the stage or under Objects." }</p> };
    };
    let conditions = conditions(&props.store, reference);
    let pick = {
        let reference = reference.clone();
        props.on.reform(move |_: MouseEvent| Message::Select(Some(reference.clone())))
    };
    html! {
        <div class="conds">
            <button class="objref" type="button" onclick={pick}><code>{ reference.to_string() }</code></button>
            if conditions.is_empty() { <p class="empty-note">{ "It has no conditions yet." }</p> }
            { for conditions.iter().map(row) }
        </div>
    }
}

fn row(condition: &Value) -> Html {
    let text = |name: &str| condition[name].as_str().unwrap_or_default().to_owned();
    let status = text("status");
    let glyph = match status.as_str() {
        "True" => "ready",
        "False" => "notready",
        _ => "unknown",
    };
    html! {
        <div>
            <Glyph name={glyph} size={12} />
            <span>{ text("type") }</span>
            <span class="v">{ &status }</span>
            <time>{ clock(&text("lastTransitionTime")) }</time>
            if condition["reason"].is_string() {
                <p>{ text("reason") }if condition["message"].is_string() { { ": " }{ text("message") } }</p>
            }
        </div>
    }
}

fn conditions(store: &Store, reference: &ObjectRef) -> Vec<Value> {
    let object = store.object(reference).map(|object| object.to_json());
    let list =
        object.as_ref().and_then(|object| object.pointer("/status/conditions")).and_then(Value::as_array);
    list.cloned().unwrap_or_default()
}

/// The clock part of an API timestamp: the simulation's calendar begins at midnight.
fn clock(timestamp: &str) -> String {
    timestamp.split_once('T').map_or(String::new(), |(_, clock)| clock.trim_end_matches('Z').to_owned())
}
