//! Pods described.

use std::rc::Rc;

use super::template::{containers, tolerations, volumes};
use super::{Describer, annotations, controlled_by, labels};
use crate::api::{Object, Pod};
use crate::kubectl::print::age;

pub(super) fn describe(pod: &Rc<Pod>, describer: Describer<'_>) -> String {
    let spec = &pod.spec.spec;
    let status = &pod.status;
    let line = |title: &str, text: Option<&str>| {
        text.filter(|text| !text.is_empty()).map(|text| format!("{title}:\t{text}\n")).unwrap_or_default()
    };
    let mut text = format!("Name:\t{}\nNamespace:\t{}\n", pod.name(), pod.key.namespace);
    text += &line("Priority", spec.priority.map(|priority| priority.to_string()).as_deref());
    text += &line("Priority Class Name", spec.priority_class_name.as_deref());
    text += &line("Service Account", spec.service_account_name.as_deref());
    text += &match pod.node() {
        Some(node) => format!("Node:\t{node}/{}\n", status.host_ip.as_deref().unwrap_or_default()),
        None => "Node:\t<none>\n".to_owned(),
    };
    text += &line("Start Time", status.start_time.as_ref().map(age::date).as_deref());
    text += &labels("Labels", &pod.meta.labels);
    text += &annotations("Annotations", &pod.meta.annotations);
    text += &match pod.meta.deletion.filter(|_| !pod.is_finished()) {
        Some(deletion) => format!(
            "Status:\tTerminating (lasts {})\nTermination Grace Period:\t{}s\n",
            age::since(deletion.at, describer.now),
            deletion.grace_seconds
        ),
        None => format!("Status:\t{}\n", pod.phase()),
    };
    text += &line("Reason", status.reason.as_deref());
    text += &line("Message", status.message.as_deref());
    text += &format!("IP:\t{}\n", pod.ip().unwrap_or_default());
    text += &addresses(pod);
    text += &controlled_by(&pod.meta);
    text += &line("NominatedNodeName", status.nominated_node_name.as_deref());
    if let Some(init) = spec.init_containers.as_ref().filter(|init| !init.is_empty()) {
        text += &containers(
            "Init Containers",
            init,
            status.init_container_statuses.as_deref().unwrap_or_default(),
            "",
        );
    }
    text += &containers("Containers", pod.containers(), pod.container_statuses(), "");
    let conditions = status.conditions.as_deref().unwrap_or_default();
    if !conditions.is_empty() {
        text += "Conditions:\n  Type\tStatus\n";
    }
    for condition in conditions {
        text += &format!("  {} \t{} \n", condition.type_, condition.status);
    }
    text += &volumes(spec.volumes.as_deref().unwrap_or_default(), "");
    text += &line("QoS Class", status.qos_class.as_deref());
    text += &labels("Node-Selectors", &spec.node_selector.clone().unwrap_or_default());
    text += &tolerations("Tolerations", spec.tolerations.as_deref().unwrap_or_default());
    text + &describer.events(&Object::Pod(pod.clone()))
}

fn addresses(pod: &Pod) -> String {
    let listed = pod.status.pod_ips.as_deref().unwrap_or_default();
    if listed.is_empty() {
        return "IPs:\t<none>\n".to_owned();
    }
    let lines: String = listed.iter().map(|address| format!("  IP:\t{}\n", address.ip)).collect();
    format!("IPs:\n{lines}")
}
