//! A value as somebody wrote it: the fields of its objects keep their order, and may stand there twice.

use serde_json::{Map, Value};

/// A value whose objects keep the order of their fields.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Written {
    /// Null, a boolean, a number or text.
    Scalar(Value),
    /// A list.
    List(Vec<Written>),
    /// An object: names and values.
    Map(Vec<(String, Written)>),
}

impl From<&Value> for Written {
    fn from(value: &Value) -> Written {
        match value {
            Value::Array(items) => Written::List(items.iter().map(Written::from).collect()),
            Value::Object(entries) => {
                let entry = |(name, value): (&String, &Value)| (name.clone(), Written::from(value));
                Written::Map(entries.iter().map(entry).collect())
            }
            scalar => Written::Scalar(scalar.clone()),
        }
    }
}

impl Written {
    /// The text of a field; empty where there is none.
    pub(crate) fn text(&self, name: &str) -> &str {
        let Written::Map(entries) = self else { return "" };
        let found = entries.iter().rev().find(|(known, _)| known == name);
        match found {
            Some((_, Written::Scalar(Value::String(text)))) => text,
            _ => "",
        }
    }

    /// As JSON: of fields of one name the last counts.
    pub(crate) fn into_json(self) -> Value {
        match self {
            Written::Scalar(value) => value,
            Written::List(items) => items.into_iter().map(Written::into_json).collect(),
            Written::Map(entries) => {
                let entries = entries.into_iter().map(|(name, value)| (name, value.into_json()));
                Value::Object(entries.collect::<Map<String, Value>>())
            }
        }
    }
}
