//! Nodes in tables.

use super::table::{Column, always, wide};
use super::{NONE, age};
use crate::api::Node;
use crate::time::Time;

pub(super) const COLUMNS: &[Column] = &[
    always("NAME"),
    always("STATUS"),
    always("ROLES"),
    always("AGE"),
    always("VERSION"),
    wide("INTERNAL-IP"),
    wide("EXTERNAL-IP"),
    wide("OS-IMAGE"),
    wide("KERNEL-VERSION"),
    wide("CONTAINER-RUNTIME"),
];

const ROLE_PREFIX: &str = "node-role.kubernetes.io/";

pub(super) fn cells(node: &Node, now: Time) -> Vec<String> {
    let info = node.status.node_info.clone().unwrap_or_default();
    let address = |kind: &str| {
        let mut addresses = node.status.addresses.iter().flatten();
        addresses.find(|address| address.type_ == kind).map_or(NONE, |address| &address.address).to_owned()
    };
    let known = |text: &str| if text.is_empty() { "<unknown>".to_owned() } else { text.to_owned() };
    let kernel = match info.architecture.as_str() {
        "" => known(&info.kernel_version),
        architecture => format!("{} ({architecture})", known(&info.kernel_version)),
    };
    vec![
        node.name().to_owned(),
        status(node),
        roles(node),
        age::since(node.meta.created, now),
        info.kubelet_version.clone(),
        address("InternalIP"),
        address("ExternalIP"),
        known(&info.os_image),
        kernel,
        known(&info.container_runtime_version),
    ]
}

/// `Ready`, `NotReady` or `Unknown`, and whether it is cordoned.
fn status(node: &Node) -> String {
    let ready = match node.condition("Ready") {
        Some(condition) if condition.status == "True" => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    };
    let cordoned = if node.is_unschedulable() { ",SchedulingDisabled" } else { "" };
    format!("{ready}{cordoned}")
}

/// What the labels `node-role.kubernetes.io/<role>` say, and the older `kubernetes.io/role`.
pub(super) fn roles(node: &Node) -> String {
    let mut roles: Vec<&str> = Vec::new();
    for (label, value) in node.meta.labels.iter() {
        if let Some(role) = label.strip_prefix(ROLE_PREFIX).filter(|role| !role.is_empty()) {
            roles.push(role);
        } else if label == "kubernetes.io/role" && !value.is_empty() {
            roles.push(value);
        }
    }
    crate::order::sort(&mut roles);
    roles.dedup();
    if roles.is_empty() { NONE.to_owned() } else { roles.join(",") }
}
