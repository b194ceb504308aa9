//! What happened during a step: Events, sizes of replica sets, and the coming and going of pods with fixed names.

use std::collections::BTreeMap;

use kubestep_core::api::{Event, Object};
use kubestep_core::apiserver::Change;
use serde_json::{Value, json};

use super::names::Names;
use super::text;

/// The kinds whose sizes a recording follows.
const SIZED: [&str; 2] = ["ReplicaSet", "ReplicationController"];

/// What happened since the step began.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// Occurrences by kind, name, type, reason and message.
    events: BTreeMap<[String; 5], u32>,
    history: Vec<Value>,
    pod_history: Vec<Value>,
}

impl Log {
    /// Takes notice of a change in the recorded namespace; `names` know it already.
    pub fn observe(&mut self, change: &Change, names: &Names) {
        let kind = change.object.kind.name();
        // Events on Nodes live in a namespace that is not recorded.
        if let Some(Object::Event(event)) = &change.after
            && event.about.kind.is_namespaced()
        {
            self.event(event, change.before.as_ref(), names);
        }
        if SIZED.contains(&kind) {
            self.size(change, names);
        }
        if kind == "Pod" && !names.is_generated(change.object.name()) {
            self.pod(change);
        }
    }

    /// `events`, as a recording lists them.
    pub fn events(&self) -> Value {
        let event = |([kind, name, event_type, reason, message], count): (&[String; 5], &u32)| {
            json!({
                "kind": kind, "name": name, "type": event_type, "reason": reason, "message": message, "count": count
            })
        };
        self.events.iter().map(event).collect()
    }

    /// `history`, as a recording lists it.
    pub fn history(&self) -> Value {
        json!(self.history)
    }

    /// `podHistory`, as a recording lists it.
    pub fn pod_history(&self) -> Value {
        json!(self.pod_history)
    }

    fn event(&mut self, event: &Event, before: Option<&Object>, names: &Names) {
        let known = match before {
            Some(Object::Event(before)) => before.count,
            _ => 0,
        };
        let occurrences = event.count.saturating_sub(known);
        if occurrences == 0 {
            return;
        }
        let key = [
            event.about.kind.name().to_owned(),
            names.name(event.about.name()),
            event.event_type.name().to_owned(),
            event.reason.to_owned(),
            text::line(&event.message, names, &[]),
        ];
        *self.events.entry(key).or_default() += occurrences;
    }

    fn size(&mut self, change: &Change, names: &Names) {
        let size = |object: &Option<Object>| {
            object.as_ref().map(|object| object.to_json()["spec"]["replicas"].clone()).unwrap_or_default()
        };
        let after = size(&change.after);
        if !after.is_null() && after != size(&change.before) {
            self.history.push(json!([names.name(change.object.name()), after]));
        }
    }

    fn pod(&mut self, change: &Change) {
        let is_terminating = |object: &Object| object.meta().deletion.is_some();
        let what = match (&change.before, &change.after) {
            (None, Some(_)) => "created",
            (Some(_), None) => "deleted",
            (Some(before), Some(after)) if !is_terminating(before) && is_terminating(after) => "terminating",
            _ => return,
        };
        self.pod_history.push(json!([change.object.name(), what]));
    }
}
