//! What a step changed: the object before and after, only the lines that differ and the keys around them.

use kubestep_core::api::Object;
use kubestep_core::apiserver::Change;
use kubestep_core::engine::{Step, What};
use serde_json::Value;
use yew::prelude::*;

use crate::diff::{Row, yaml_rows};
use crate::yaml;

/// The most lines that are shown of a new or removed object.
const MOST_LINES: usize = 40;

/// The step whose change is shown.
#[derive(Properties, PartialEq)]
pub(super) struct DifferenceProps {
    /// The step.
    pub step: Step,
}

/// The object before and after a step, or what happened instead.
#[component]
pub(super) fn Difference(props: &DifferenceProps) -> Html {
    match &props.step.what {
        What::Written(change) if change.is_noop() => {
            note("The object is as it was: the API server stored nothing.")
        }
        What::Written(change) => written(change),
        What::Refused { error, .. } => note(&format!("Nothing was written. {}", error.message)),
        What::Printed(printed) => {
            html! { <div class="diff"><div class="hd"><b>{ "kubectl prints" }</b></div><pre tabindex="0">{ &*printed.text }</pre></div> }
        }
        What::Machine(_) => note("No object changed in this step: it happened on the node."),
        What::Looked => note("No object changed in this step: the component looked and found nothing to do."),
        What::Asked(_) => note("No object changed yet: kubectl sends its requests next."),
    }
}

fn note(words: &str) -> Html {
    html! { <div class="diff"><p class="empty-note">{ words }</p></div> }
}

fn written(change: &Change) -> Html {
    let rows = yaml_rows(&shown(change.before.as_ref()), &shown(change.after.as_ref()));
    let revision = |object: &Object| object.resource_version();
    let revisions = match (&change.before, &change.after) {
        (Some(before), Some(after)) => format!("rv {} → {}", revision(before), revision(after)),
        (None, Some(after)) => format!("created, rv {}", revision(after)),
        (Some(before), None) => format!("rv {}, removed", revision(before)),
        (None, None) => String::new(),
    };
    html! {
        <div class="diff">
            <div class="hd">
                <b>{ change.object.to_string() }</b>
                <span class="mono">{ revisions }</span>
            </div>
            <pre tabindex="0" role="group" aria-label="Changed lines">
                { for rows.iter().take(MOST_LINES).map(row) }
                if rows.len() > MOST_LINES { <span class="u">{ format!("  and {} more lines", rows.len() - MOST_LINES) }</span> }
            </pre>
        </div>
    }
}

fn row(row: &Row) -> Html {
    match row {
        Row::Around(text) => html! { <span class="u">{ format!("  {text}") }</span> },
        Row::Removed(text) => html! { <span class="d">{ format!("- {text}") }</span> },
        Row::Added(text) => html! { <span class="a">{ format!("+ {text}") }</span> },
    }
}

/// Metadata that every object has and that explains nothing, or that the heading says already.
const LEFT_OUT: [&str; 4] = ["creationTimestamp", "managedFields", "resourceVersion", "uid"];

/// What kubectl keeps for its own comparison: the manifest once more, on one line.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The fields of an Event that are about something.
const EVENT_FIELDS: [&str; 5] = ["count", "message", "reason", "source", "type"];

/// An object as YAML, without what explains nothing.
fn shown(object: Option<&Object>) -> String {
    let Some(object) = object else { return String::new() };
    let mut value = object.to_json();
    if let (Object::Event(_), Value::Object(fields)) = (object, &mut value) {
        fields.retain(|name, _| EVENT_FIELDS.contains(&name.as_str()));
    }
    if let Some(Value::Object(meta)) = value.get_mut("metadata") {
        meta.retain(|name, _| !LEFT_OUT.contains(&name.as_str()));
        if let Some(Value::Object(annotations)) = meta.get_mut("annotations") {
            annotations.remove(LAST_APPLIED);
        }
    }
    yaml::render(&value)
}
