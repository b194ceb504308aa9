//! Label selectors. Upstream: `k8s.io/apimachinery/pkg/labels`.

use std::fmt;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::Labels;

/// A compiled selector: every requirement must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Selector(Vec<Requirement>);

/// One requirement of a selector.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Requirement {
    /// `key = value`, or `key in (values)`.
    In(String, Vec<String>),
    /// `key notin (values)`: absent keys satisfy it.
    NotIn(String, Vec<String>),
    /// `key`
    Exists(String),
    /// `!key`
    DoesNotExist(String),
}

impl Selector {
    /// The selector with these requirements.
    pub fn new(requirements: Vec<Requirement>) -> Selector {
        Selector(requirements)
    }

    /// The selector that matches nothing.
    pub fn nothing() -> Selector {
        Selector(vec![Requirement::In(String::new(), Vec::new())])
    }

    /// From an equality map, as Services have it.
    pub fn from_map(labels: &Labels) -> Selector {
        Selector(
            labels.iter().map(|(key, value)| Requirement::In(key.clone(), vec![value.clone()])).collect(),
        )
    }

    /// From `matchLabels` and `matchExpressions`. Unknown operators match nothing.
    pub fn from_api(selector: &LabelSelector) -> Selector {
        let labels = selector.match_labels.iter().flatten();
        let mut requirements: Vec<Requirement> =
            labels.map(|(key, value)| Requirement::In(key.clone(), vec![value.clone()])).collect();
        for expression in selector.match_expressions.iter().flatten() {
            let key = expression.key.clone();
            let values = expression.values.clone().unwrap_or_default();
            requirements.push(match expression.operator.as_str() {
                "In" => Requirement::In(key, values),
                "NotIn" => Requirement::NotIn(key, values),
                "Exists" => Requirement::Exists(key),
                "DoesNotExist" => Requirement::DoesNotExist(key),
                _ => Requirement::In(key, Vec::new()),
            });
        }
        Selector(requirements)
    }

    /// Whether it has no requirement, and so matches everything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Its requirements.
    pub fn requirements(&self) -> &[Requirement] {
        &self.0
    }

    /// Whether every requirement holds for `labels`.
    pub fn matches(&self, labels: &Labels) -> bool {
        self.0.iter().all(|requirement| requirement.matches(labels))
    }
}

/// `app=web,tier in (a,b),!old`, sorted by key.
impl fmt::Display for Selector {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut requirements: Vec<(&str, String)> = self.0.iter().map(Requirement::shown).collect();
        crate::order::sort(&mut requirements);
        let texts: Vec<String> = requirements.into_iter().map(|(_, text)| text).collect();
        out.write_str(&texts.join(","))
    }
}

impl Requirement {
    /// Its key, and all of it.
    fn shown(&self) -> (&str, String) {
        let listed = |values: &[String]| {
            let mut values = values.to_vec();
            crate::order::sort(&mut values);
            values.join(",")
        };
        match self {
            Requirement::In(key, values) if values.len() == 1 => (key, format!("{key}={}", values[0])),
            Requirement::In(key, values) => (key, format!("{key} in ({})", listed(values))),
            Requirement::NotIn(key, values) => (key, format!("{key} notin ({})", listed(values))),
            Requirement::Exists(key) => (key, key.clone()),
            Requirement::DoesNotExist(key) => (key, format!("!{key}")),
        }
    }

    fn matches(&self, labels: &Labels) -> bool {
        match self {
            Requirement::In(key, values) => labels.get(key).is_some_and(|value| values.contains(value)),
            Requirement::NotIn(key, values) => labels.get(key).is_none_or(|value| !values.contains(value)),
            Requirement::Exists(key) => labels.contains_key(key),
            Requirement::DoesNotExist(key) => !labels.contains_key(key),
        }
    }
}
