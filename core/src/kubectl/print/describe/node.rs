//! Nodes described, with what their pods ask of them.

use std::collections::BTreeMap;
use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::{Describer, annotations, labels};
use crate::api::{Node, Object, Pod, quantity};
use crate::kubectl::print::{NONE, age, node as table};

pub(super) fn describe(node: &Rc<Node>, describer: Describer<'_>) -> String {
    let mut text = format!("Name:\t{}\nRoles:\t{}\n", node.name(), table::roles(node));
    text += &labels("Labels", &node.meta.labels);
    text += &annotations("Annotations", &node.meta.annotations);
    text += &format!("CreationTimestamp:\t{}\n", age::date(&node.meta.created.to_api()));
    let taints: Vec<String> = node.taints().iter().map(taint).collect();
    text += &format!("Taints:\t{}\n", if taints.is_empty() { NONE.to_owned() } else { taints.join("\n\t") });
    text += &format!("Unschedulable:\t{}\n", node.is_unschedulable());
    text += &conditions(node);
    text += "Addresses:\n";
    for address in node.status.addresses.iter().flatten() {
        text += &format!("  {}:\t{}\n", address.type_, address.address);
    }
    text += &amounts("Capacity", node.status.capacity.as_ref());
    text += &amounts("Allocatable", node.status.allocatable.as_ref());
    text += &system_info(node);
    if let Some(range) = &node.spec.pod_cidr {
        text += &format!(
            "PodCIDR:\t{range}\nPodCIDRs:\t{}\n",
            node.spec.pod_cidrs.clone().unwrap_or_default().join(",")
        );
    }
    text += &pods(node, describer);
    text + &describer.events(&Object::Node(node.clone()))
}

/// `dedicated=x:NoSchedule`
fn taint(taint: &core::Taint) -> String {
    match taint.value.as_deref().filter(|value| !value.is_empty()) {
        Some(value) => format!("{}={value}:{}", taint.key, taint.effect),
        None => format!("{}:{}", taint.key, taint.effect),
    }
}

fn conditions(node: &Node) -> String {
    let titles = ["Type", "Status", "LastHeartbeatTime", "LastTransitionTime", "Reason", "Message"];
    let dashes = titles.map(|title| "-".repeat(title.len()));
    let mut text = format!("Conditions:\n  {}\n  {}\n", titles.join("\t"), dashes.join("\t"));
    for condition in node.status.conditions.iter().flatten() {
        let date = |time: &Option<_>| time.as_ref().map(age::date).unwrap_or_default();
        text += &format!(
            "  {} \t{} \t{} \t{} \t{} \t{}\n",
            condition.type_,
            condition.status,
            date(&condition.last_heartbeat_time),
            date(&condition.last_transition_time),
            condition.reason.as_deref().unwrap_or_default(),
            condition.message.as_deref().unwrap_or_default()
        );
    }
    text
}

fn amounts(title: &str, amounts: Option<&BTreeMap<String, Quantity>>) -> String {
    let lines: String =
        amounts.into_iter().flatten().map(|(name, amount)| format!("  {name}:\t{}\n", amount.0)).collect();
    format!("{title}:\n{lines}")
}

fn system_info(node: &Node) -> String {
    let info = node.status.node_info.clone().unwrap_or_default();
    let rows = [
        ("Machine ID", info.machine_id),
        ("System UUID", info.system_uuid),
        ("Boot ID", info.boot_id),
        ("Kernel Version", info.kernel_version),
        ("OS Image", info.os_image),
        ("Operating System", info.operating_system),
        ("Architecture", info.architecture),
        ("Container Runtime Version", info.container_runtime_version),
        ("Kubelet Version", info.kubelet_version),
        ("Kube-Proxy Version", info.kube_proxy_version),
    ];
    let lines: String = rows.iter().map(|(name, value)| format!("  {name}:\t{value}\n")).collect();
    format!("System Info:\n{lines}")
}

/// Requests and limits, in thousandths of cores and in bytes.
#[derive(Clone, Copy, Default)]
struct Load {
    cpu: [i64; 2],
    memory: [i64; 2],
    storage: [i64; 2],
}

impl Load {
    fn of(pod: &Pod) -> Load {
        let mut load = Load::default();
        for container in pod.containers() {
            let Some(resources) = &container.resources else { continue };
            for (place, listed) in [&resources.requests, &resources.limits].into_iter().enumerate() {
                let amount = |name: &str| {
                    let listed = listed.as_ref().and_then(|amounts| amounts.get(name));
                    listed.map_or(0, |amount| quantity::amount(name, amount))
                };
                load.cpu[place] += amount("cpu");
                load.memory[place] += amount("memory");
                load.storage[place] += amount("ephemeral-storage");
            }
        }
        load
    }

    fn add(&mut self, other: &Load) {
        for place in 0..2 {
            self.cpu[place] += other.cpu[place];
            self.memory[place] += other.memory[place];
            self.storage[place] += other.storage[place];
        }
    }
}

fn pods(node: &Node, describer: Describer<'_>) -> String {
    let pods: Vec<&Rc<Pod>> = describer.store.pods_on(node.name()).filter(|pod| !pod.is_finished()).collect();
    let share = |amount: i64, resource: &str| {
        let total = node.allocatable(resource);
        let percent = if total > 0 { i128::from(amount) * 100 / i128::from(total) } else { 0 };
        let amount = if resource == "cpu" { cores(amount) } else { bytes(amount) };
        format!("{amount} ({percent}%)")
    };
    let mut text = format!("Non-terminated Pods:\t({} in total)\n", pods.len());
    text += "  Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge\n";
    text += "  ---------\t----\t\t------------\t----------\t---------------\t-------------\t---\n";
    let mut sum = Load::default();
    for pod in pods {
        let load = Load::of(pod);
        sum.add(&load);
        text += &format!(
            "  {}\t{}\t\t{}\t{}\t{}\t{}\t{}\n",
            pod.key.namespace,
            pod.name(),
            share(load.cpu[0], "cpu"),
            share(load.cpu[1], "cpu"),
            share(load.memory[0], "memory"),
            share(load.memory[1], "memory"),
            age::since(pod.meta.created, describer.now)
        );
    }
    text += "Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)\n";
    text += "  Resource\tRequests\tLimits\n  --------\t--------\t------\n";
    for (resource, [requests, limits]) in
        [("cpu", sum.cpu), ("memory", sum.memory), ("ephemeral-storage", sum.storage)]
    {
        text += &format!("  {resource}\t{}\t{}\n", share(requests, resource), share(limits, resource));
    }
    text
}

/// `250m`, `2`
fn cores(thousandths: i64) -> String {
    if thousandths % 1000 == 0 { (thousandths / 1000).to_string() } else { format!("{thousandths}m") }
}

/// `64Mi`, `1Gi`, `1000`
fn bytes(amount: i64) -> String {
    let units = [("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)];
    let unit = units.into_iter().find(|(_, size)| amount > 0 && amount % size == 0);
    unit.map_or_else(|| amount.to_string(), |(name, size)| format!("{}{name}", amount / size))
}
