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
    if selector.is_empty() { NONE.to_owned() } else { selector.to_string() }
}

/// The containers' names and images, comma-joined.
fn containers_and_images(containers: &[core::Container]) -> (String, String) {
    let names: Vec<&str> = containers.iter().map(|container| container.name.as_str()).collect();
    let images: Vec<&str> =
        containers.iter().map(|container| container.image.as_deref().unwrap_or_default()).collect();
    (names.join(","), images.join(","))
}
