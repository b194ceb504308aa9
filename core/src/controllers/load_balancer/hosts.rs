//! The nodes that load balancers send to: all that are not marked otherwise. Upstream: `stableNodeSetPredicates` of
//! `k8s.io/cloud-provider/controllers/service`.

use std::rc::Rc;

use crate::api::{Node, Object};
use crate::apiserver::{Change, Store};

/// A label that keeps load balancers away from a node, unless it says `false`.
const EXCLUDED: &str = "node.kubernetes.io/exclude-from-external-load-balancers";

/// What the cluster autoscaler puts on a node that it is about to remove.
const TO_BE_DELETED: &str = "ToBeDeletedByClusterAutoscaler";

/// By name.
pub(super) fn of(store: &Store) -> Rc<[Rc<str>]> {
    let nodes = store.list::<Node>().filter(|node| {
        let is_going = node.taints().iter().any(|taint| taint.key == TO_BE_DELETED);
        is_included(node) && !is_going && node.meta.deletion.is_none()
    });
    nodes.map(|node| node.key.name.clone()).collect()
}

/// Whether a change of a node makes load balancers look for other ones. A taint alone does not.
pub(super) fn changed(change: &Change) -> bool {
    match (&change.before, &change.after) {
        (Some(Object::Node(old)), Some(Object::Node(new))) => {
            is_included(old) != is_included(new) || old.spec.provider_id != new.spec.provider_id
        }
        _ => true,
    }
}

/// Values are those that Go takes for false; any other keeps the node out.
fn is_included(node: &Node) -> bool {
    const FALSE: [&str; 6] = ["0", "f", "F", "false", "FALSE", "False"];
    node.label(EXCLUDED).is_none_or(|value| FALSE.contains(&value))
}
