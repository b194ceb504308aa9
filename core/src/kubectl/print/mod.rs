//! What kubectl prints: tables, descriptions, YAML.

pub(super) mod age;
mod apps;
mod autoscaler;
pub(super) mod custom_columns;
pub(super) mod describe;
pub(super) mod event;
mod inert;
pub(super) mod jsonpath;
mod namespace;
mod node;
mod pod;
mod policy;
mod rbac;
mod service;
mod storage;
pub(super) mod table;
pub(super) mod tabs;
pub(super) mod unified;
mod workload;
pub(super) mod yaml;

use k8s_openapi::api::core::v1 as core;

use crate::api::selector::Requirement;
use crate::api::{Labels, Selector};

/// What stands for nothing.
const NONE: &str = "<none>";

/// `a=1,b=2`, or `<none>`.
fn labels(labels: &Labels) -> String {
    if labels.is_empty() {
        return NONE.to_owned();
    }
    let pairs: Vec<String> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    pairs.join(",")
}

/// `app=web,tier in (a,b),!old`, sorted by key; `<none>` if there is none.
fn selector(selector: &Selector) -> String {
    let mut requirements: Vec<(&str, String)> = selector.requirements().iter().map(requirement).collect();
    if requirements.is_empty() {
        return NONE.to_owned();
    }
    crate::order::sort(&mut requirements);
    let texts: Vec<String> = requirements.into_iter().map(|(_, text)| text).collect();
    texts.join(",")
}

fn requirement(requirement: &Requirement) -> (&str, String) {
    let listed = |values: &[String]| {
        let mut values = values.to_vec();
        crate::order::sort(&mut values);
        values.join(",")
    };
    match requirement {
        Requirement::In(key, values) if values.len() == 1 => (key, format!("{key}={}", values[0])),
        Requirement::In(key, values) => (key, format!("{key} in ({})", listed(values))),
        Requirement::NotIn(key, values) => (key, format!("{key} notin ({})", listed(values))),
        Requirement::Exists(key) => (key, key.clone()),
        Requirement::DoesNotExist(key) => (key, format!("!{key}")),
    }
}

/// The containers' names and images, comma-joined.
fn containers_and_images(containers: &[core::Container]) -> (String, String) {
    let names: Vec<&str> = containers.iter().map(|container| container.name.as_str()).collect();
    let images: Vec<&str> =
        containers.iter().map(|container| container.image.as_deref().unwrap_or_default()).collect();
    (names.join(","), images.join(","))
}
