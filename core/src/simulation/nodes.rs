//! The nodes of a cluster: three workers where the manifests name none, and what a kubelet says of its node when it
//! registers. Upstream: `pkg/kubelet/nodestatus`.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use crate::api::{Key, Labels, Meta, Node, Resource};
use crate::time::Time;

/// What a node has whose manifest does not say, in the words of `status.capacity`.
const CAPACITY: [(&str, &str); 4] =
    [("cpu", "4"), ("memory", "8Gi"), ("ephemeral-storage", "100Gi"), ("pods", "110")];

/// The version that every kubelet reports.
const VERSION: &str = "v1.36.2";

/// Three workers, `node-1` to `node-3`, of 4 CPU and 8 GiB in the zones `zone-a` to `zone-c`.
pub fn default_nodes() -> Vec<Node> {
    let zones = ["zone-a", "zone-b", "zone-c"];
    let node = |(index, zone): (usize, &str)| {
        let labels = [("topology.kubernetes.io/zone".to_owned(), zone.to_owned())];
        let meta = Meta { labels: Rc::new(labels.into()), ..Meta::default() };
        let bare = Resource {
            key: Key::new("", format!("node-{}", index + 1)),
            uid: Default::default(),
            resource_version: 0,
            meta: Rc::new(meta),
            spec: Rc::default(),
            status: Rc::default(),
        };
        registered(bare, index as u32 + 1)
    };
    zones.into_iter().enumerate().map(node).collect()
}

/// A node after its kubelet has registered it: labels, addresses, capacity and conditions, as far as its manifest
/// does not say. `number` is its place in the cluster, from 1.
pub fn registered(mut node: Node, number: u32) -> Node {
    let name = node.name().to_owned();
    let meta = Rc::make_mut(&mut node.meta);
    let labels: &mut Labels = Rc::make_mut(&mut meta.labels);
    for (label, value) in [
        ("beta.kubernetes.io/arch", "amd64"),
        ("beta.kubernetes.io/os", "linux"),
        ("kubernetes.io/arch", "amd64"),
        ("kubernetes.io/hostname", &name),
        ("kubernetes.io/os", "linux"),
    ] {
        labels.entry(label.to_owned()).or_insert_with(|| value.to_owned());
    }
    let spec = Rc::make_mut(&mut node.spec);
    let range = pod_range(number);
    spec.pod_cidrs.get_or_insert_with(|| vec![range.clone()]);
    spec.pod_cidr.get_or_insert(range);
    let status = Rc::make_mut(&mut node.status);
    let capacity = status.capacity.get_or_insert_with(BTreeMap::new);
    for (resource, amount) in CAPACITY {
        capacity.entry(resource.to_owned()).or_insert_with(|| Quantity(amount.to_owned()));
    }
    let mut allocatable = capacity.clone();
    allocatable.extend(status.allocatable.take().unwrap_or_default());
    status.allocatable = Some(allocatable);
    status.addresses.get_or_insert_with(|| addresses(&name, number));
    status.node_info.get_or_insert_with(|| system_info(&name, number));
    let listed = status.conditions.get_or_insert_with(Vec::new);
    for condition in conditions() {
        if listed.iter().all(|known| known.type_ != condition.type_) {
            listed.push(condition);
        }
    }
    node
}

/// The first number that none of these nodes has.
pub fn free_number<'a>(nodes: impl Iterator<Item = &'a Rc<Node>>) -> u32 {
    let taken: BTreeSet<String> = nodes.filter_map(|node| node.spec.pod_cidr.clone()).collect();
    (1..).find(|number| !taken.contains(&pod_range(*number))).unwrap_or(u32::MAX)
}

/// Where the pods of the node with this number get their addresses from.
fn pod_range(number: u32) -> String {
    format!("10.244.{number}.0/24")
}

fn addresses(name: &str, number: u32) -> Vec<core::NodeAddress> {
    let address = |type_: &str, address: String| core::NodeAddress { type_: type_.to_owned(), address };
    vec![
        address("InternalIP", format!("172.18.{}.{}", (number + 1) / 256 % 256, (number + 1) % 256)),
        address("Hostname", name.to_owned()),
    ]
}

fn system_info(name: &str, number: u32) -> core::NodeSystemInfo {
    core::NodeSystemInfo {
        architecture: "amd64".to_owned(),
        boot_id: format!("boot-{number}"),
        container_runtime_version: "containerd://2.2.1".to_owned(),
        kernel_version: "6.12.0".to_owned(),
        kube_proxy_version: String::new(),
        kubelet_version: VERSION.to_owned(),
        machine_id: name.to_owned(),
        operating_system: "linux".to_owned(),
        os_image: "Linux".to_owned(),
        system_uuid: name.to_owned(),
        ..core::NodeSystemInfo::default()
    }
}

fn conditions() -> Vec<core::NodeCondition> {
    let condition = |type_: &str, status: &str, reason: &str, message: &str| core::NodeCondition {
        type_: type_.to_owned(),
        status: status.to_owned(),
        reason: Some(reason.to_owned()),
        message: Some(message.to_owned()),
        last_heartbeat_time: Some(Time::ZERO.to_api()),
        last_transition_time: Some(Time::ZERO.to_api()),
    };
    vec![
        condition(
            "MemoryPressure",
            "False",
            "KubeletHasSufficientMemory",
            "kubelet has sufficient memory available",
        ),
        condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    ]
}
