//! `kubectl set env` and `set resources`: changes to the containers of a pod spec, wherever a kind has one.
//! Upstream: `k8s.io/kubectl/pkg/cmd/set`.

mod env;
mod resources;

use serde_json::{Value, json};

use super::set_image::path_to_pod_spec;
use crate::api::Object;

pub use env::SetEnv;
pub use resources::SetResources;

/// What a command without objects is told.
const NOTHING_NAMED: &str =
    "error: one or more resources must be specified as <resource> <name> or <resource>/<name>";

/// A container filter: `*` is every one, `web*` those that begin so.
fn is_meant(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        Some((start, end)) => {
            name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
        }
        None => pattern == name,
    }
}

/// The containers of an object's pod spec and its init containers, with the names of the lists.
fn containers(object: &Object, lists: &[&'static str]) -> Option<Vec<(&'static str, Value)>> {
    let path = path_to_pod_spec(object)?;
    let json = object.to_json();
    let spec = path.iter().fold(&json, |inner, key| &inner[*key]);
    let each = lists.iter().flat_map(|list| {
        spec[*list].as_array().into_iter().flatten().map(|container| (*list, container.clone()))
    });
    Some(each.collect())
}

/// A strategic merge patch of these containers, or none where nothing changes.
fn patch(object: &Object, changes: Vec<(&'static str, Value)>) -> Option<Value> {
    let path = path_to_pod_spec(object)?;
    if changes.is_empty() {
        return None;
    }
    let mut lists = json!({});
    for (list, change) in changes {
        match lists[list].as_array_mut() {
            Some(known) => known.push(change),
            None => lists[list] = json!([change]),
        }
    }
    Some(path.iter().rev().fold(lists, |inner, key| json!({ *key: inner })))
}
