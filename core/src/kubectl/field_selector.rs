//! `--field-selector status.phase=Running,spec.nodeName!=node-1`. Each kind knows a few fields.
//! Upstream: `pkg/apis/core/v1/conversion.go` (`AddFieldLabelConversions…`).

use std::rc::Rc;

use serde_json::Value;

use super::failure::Failure;
use super::targets::listed_as;
use crate::api::{Key, Kind, Object, ObjectRef};
use crate::apiserver::{ApiError, Reason, Station};

/// A compiled selector: every requirement must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FieldSelector {
    text: String,
    requirements: Vec<Requirement>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Requirement {
    field: String,
    value: String,
    is_equal: bool,
}

/// What objects of every kind are known by.
const ALWAYS: [&str; 2] = ["metadata.name", "metadata.namespace"];

impl FieldSelector {
    /// Reads `a=b,c!=d`.
    ///
    /// # Errors
    /// kubectl's own words for what is no requirement.
    pub(super) fn parse(text: &str) -> Result<FieldSelector, String> {
        let requirement = |part: &str| {
            let (pair, is_equal) = match part.split_once("!=") {
                Some(pair) => (Some(pair), false),
                None => (part.split_once("==").or_else(|| part.split_once('=')), true),
            };
            let (field, value) =
                pair.ok_or_else(|| format!("error: invalid selector: '{text}'; can't understand '{part}'"))?;
            Ok(Requirement { field: field.trim().to_owned(), value: value.trim().to_owned(), is_equal })
        };
        let parts = text.split(',').filter(|part| !part.is_empty());
        let requirements = parts.map(requirement).collect::<Result<_, String>>()?;
        Ok(FieldSelector { text: text.to_owned(), requirements })
    }

    /// The API server's refusal to look for objects of this kind, where they do not know a field.
    pub(super) fn refusal(&self, kind: Kind) -> Option<Failure> {
        let is_known = |field: &str| ALWAYS.contains(&field) || own_fields(kind).contains(&field);
        let unknown = self.requirements.iter().find(|requirement| !is_known(&requirement.field))?;
        let resource = listed_as(kind);
        let message = format!(
            "Unable to find \"{resource}\" that match label selector \"\", field selector \"{}\": field label not \
             supported: {}",
            self.text, unknown.field
        );
        let error = ApiError::new(Reason::BadRequest, Station::Defaulting, message);
        Some(Failure::refused(ObjectRef::new(kind, Key::new("", "")), Rc::new(error)))
    }

    /// Whether every requirement holds.
    pub(super) fn matches(&self, object: &Object) -> bool {
        if self.requirements.is_empty() {
            return true;
        }
        let json = object.to_json();
        let holds = |it: &Requirement| (text_at(object.kind(), &json, &it.field) == it.value) == it.is_equal;
        self.requirements.iter().all(holds)
    }
}

/// The fields that objects of one kind are known by beside their names.
fn own_fields(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Pod => &[
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase",
            "status.podIP",
            "status.nominatedNodeName",
        ],
        Kind::Node => &["spec.unschedulable"],
        Kind::Event => &[
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type",
        ],
        Kind::Namespace => &["status.phase"],
        Kind::Job => &["status.successful"],
        Kind::ReplicaSet | Kind::ReplicationController => &["status.replicas"],
        _ => &[],
    }
}

/// A field as text; what is absent is empty, but for switches, which are off.
fn text_at(kind: Kind, json: &Value, field: &str) -> String {
    let path = match (kind, field) {
        (Kind::Event, "source") => "source.component",
        (_, other) => other,
    };
    match path.split('.').fold(json, |value, name| &value[name]) {
        Value::String(text) => text.clone(),
        Value::Null if matches!(field, "spec.unschedulable" | "spec.hostNetwork") => "false".to_owned(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_knows_its_fields_and_no_others() {
        let running = FieldSelector::parse("status.phase==Running,metadata.name!=a").unwrap();
        assert!(running.refusal(Kind::Pod).is_none());
        assert!(running.refusal(Kind::Service).is_some());
        assert!(FieldSelector::parse("status.phase").is_err());
    }
}
