//! What a step changed: the object before and after, only the lines that differ and the keys around them.

use kubestep_core::api::Object;
use kubestep_core::apiserver::Change;
use kubestep_core::engine::{Step, What};
use kubestep_core::why::{self, Why};
use serde_json::{Value, json};
use yew::prelude::*;

use crate::diff::{Row, yaml_rows};
use crate::shared::Shared;
use crate::yaml;

/// The most lines that are shown of a new or removed object.
pub(in crate::panels) const MOST_LINES: usize = 40;

/// The step whose change is shown.
#[derive(Properties, PartialEq)]
pub(super) struct DifferenceProps {
    /// The step.
    pub step: Shared<Step>,
}

/// The object before and after a step, or what happened instead.
#[component]
pub(super) fn Difference(props: &DifferenceProps) -> Html {
    let step = &props.step;
    match &step.what {
        What::Written(change) if change.is_noop() => {
            note("The object is as it was: the API server stored nothing.")
        }
        What::Written(change) => written(change),
        What::Refused { error, .. } => note(&format!("Nothing was written. {}", error.message)),
        What::Printed(printed) => {
            html! { <div class="diff"><div class="hd"><b>{ "kubectl prints" }</b></div><pre tabindex="0">{ &*printed.text }</pre></div> }
        }
        What::Machine(_) => note("No object changed in this step: it happened on the node."),
        What::Hop(_) => note("No object changed in this step: a request took a hop."),
        What::Looked => note("No object changed in this step: the component looked and found nothing to do."),
        What::Asked(_) if matches!(step.why, Why::Kubectl(why::Kubectl::Asked)) => {
            note("No object changed yet: the requests come next.")
        }
        What::Asked(_) => note("No object changed in this step: it is about who acts, and when."),
    }
}

fn note(words: &str) -> Html {
    html! { <div class="diff"><p class="empty-note">{ words }</p></div> }
}

fn written(change: &Change) -> Html {
    let rows = ChangedLines::between(change.before.as_ref(), change.after.as_ref());
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
                { rows.first(MOST_LINES) }
            </pre>
        </div>
    }
}

/// The lines that differ between two versions of an object, and the keys around them.
pub(in crate::panels) struct ChangedLines(Vec<Row>);

impl ChangedLines {
    /// Compares two versions; one of them may not exist.
    pub(in crate::panels) fn between(before: Option<&Object>, after: Option<&Object>) -> Self {
        let order = match (before, after) {
            (Some(_), Some(_)) => Order::MetadataLast,
            _ => Order::AsPrinted,
        };
        Self(yaml_rows(&shown(before, order), &shown(after, order)))
    }

    /// Whether nothing differs that explains anything.
    pub(in crate::panels) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first `most` of them, and how many there are besides.
    pub(in crate::panels) fn first(&self, most: usize) -> Html {
        let rest = self.0.len().saturating_sub(most);
        html! {
            <>
                { for self.0.iter().take(most).map(row) }
                if rest > 0 { <span class="u">{ format!("  and {rest} more lines") }</span> }
            </>
        }
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

/// In which order an object's parts are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// As kubectl prints them: a whole object is recognised by its kind and name.
    AsPrinted,
    /// What a change is about stands in the spec or the status; annotations only keep count of it.
    MetadataLast,
}

/// An object as YAML, without what explains nothing.
fn shown(object: Option<&Object>, order: Order) -> String {
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
    let metadata = match (order, &mut value) {
        (Order::MetadataLast, Value::Object(fields)) => fields.remove("metadata"),
        _ => None,
    };
    let rest = yaml::render(&value);
    let metadata =
        metadata.map(|metadata| yaml::render(&json!({ "metadata": metadata }))).unwrap_or_default();
    rest + &metadata
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lessons;
    use crate::model::run::Run;

    #[test]
    fn an_update_shows_the_changed_spec_before_the_annotations() {
        let rolling = lessons::ALL.iter().find(|lesson| lesson.name == "rolling-update").expect("a lesson");
        let begun = rolling.begin();
        let mut run = Run::new(begun.ground, begun.timeline, begun.acts);
        run.compute();
        let changes = run.timeline.steps().iter().filter_map(|step| step.change());
        let scaled = changes
            .filter(|change| change.object.kind == kubestep_core::api::Kind::ReplicaSet)
            .find_map(|change| {
                let (before, after) = (change.before.as_ref()?, change.after.as_ref()?);
                let [before, after] = [before, after].map(|each| shown(Some(each), Order::MetadataLast));
                let rows = yaml_rows(&before, &after);
                rows.iter()
                    .any(|row| matches!(row, Row::Added(text) if text.contains("replicas:")))
                    .then_some(rows)
            });
        let rows = scaled.expect("a ReplicaSet was scaled");
        assert!(matches!(&rows[0], Row::Around(text) if text == "spec:" || text == "status:"), "{rows:?}");
    }
}
