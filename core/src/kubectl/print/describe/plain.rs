//! Kinds whose description is short.

use std::rc::Rc;

use super::{Describer, annotations, labels, policies};
use crate::api::{ConfigMap, EndpointSlice, LimitRange, Namespace, Object, ResourceQuota, Secret};
use crate::kubectl::print::{age, yaml};

pub(super) fn namespace(namespace: &Namespace, describer: Describer<'_>) -> String {
    let mut text = format!("Name:\t{}\n", namespace.name());
    text += &labels("Labels", &namespace.meta.labels);
    text += &annotations("Annotations", &namespace.meta.annotations);
    text += &format!("Status:\t{}\n", namespace.status.phase.as_deref().unwrap_or_default());
    let conditions = namespace.status.conditions.as_deref().unwrap_or_default();
    if !conditions.is_empty() {
        text += "Conditions:\n  Type\tStatus\tLastTransitionTime\tReason\tMessage\n  \
                 ----\t------\t------------------\t------\t-------\n";
    }
    for condition in conditions {
        let since = condition.last_transition_time.as_ref().map(age::date).unwrap_or_default();
        let (reason, message) = (condition.reason.as_deref(), condition.message.as_deref());
        let (reason, message) = (reason.unwrap_or_default(), message.unwrap_or_default());
        text += &format!("  {}\t{}\t{since}\t{reason}\t{message}\n", condition.type_, condition.status);
    }
    let (store, name) = (describer.store, namespace.name());
    text += &format!("\n{}", policies::quotas(store.list_in::<ResourceQuota>(name)));
    text + &format!("\n{}", policies::limit_ranges(store.list_in::<LimitRange>(name)))
}

pub(super) fn config_map(map: &Rc<ConfigMap>, describer: Describer<'_>) -> String {
    let mut text = format!("Name:\t{}\nNamespace:\t{}\n", map.name(), map.key.namespace);
    text += &labels("Labels", &map.meta.labels);
    text += &annotations("Annotations", &map.meta.annotations);
    text += "\nData\n====\n";
    for (name, value) in map.spec.data.iter().flatten() {
        text += &format!("{name}:\n----\n{value}\n\n");
    }
    text += "\nBinaryData\n====\n";
    for (name, value) in map.spec.binary_data.iter().flatten() {
        text += &format!("{name}: {} bytes\n", value.0.len());
    }
    text + "\n" + &describer.events(&Object::ConfigMap(map.clone()))
}

pub(super) fn secret(secret: &Secret) -> String {
    let kind = secret.spec.type_.as_deref().unwrap_or("Opaque");
    let mut text = format!("Name:\t{}\nNamespace:\t{}\n", secret.name(), secret.key.namespace);
    text += &labels("Labels", &secret.meta.labels);
    text += &annotations("Annotations", &secret.meta.annotations);
    text += &format!("\nType:\t{kind}\n\nData\n====\n");
    for (name, value) in secret.spec.data.iter().flatten() {
        text += &format!("{name}:\t{} bytes\n", value.0.len());
    }
    text
}

pub(super) fn endpoint_slice(slice: &Rc<EndpointSlice>, describer: Describer<'_>) -> String {
    let mut text = format!("Name:\t{}\nNamespace:\t{}\n", slice.name(), slice.key.namespace);
    text += &labels("Labels", &slice.meta.labels);
    text += &annotations("Annotations", &slice.meta.annotations);
    text += &format!("AddressType:\t{}\n", slice.spec.address_type);
    if slice.spec.ports.is_empty() {
        text += "Ports:\t<unset>\n";
    } else {
        text += "Ports:\n  Name\tPort\tProtocol\n  ----\t----\t--------\n";
    }
    for port in slice.spec.ports.iter() {
        let name = port.name.as_deref().filter(|name| !name.is_empty()).unwrap_or("<unset>");
        let number = port.port.map_or_else(|| "<unset>".to_owned(), |port| port.to_string());
        text += &format!("  {name}\t{number}\t{}\n", port.protocol.as_deref().unwrap_or_default());
    }
    text += if slice.spec.endpoints.is_empty() { "Endpoints:\t<none>\n" } else { "Endpoints:\n" };
    for endpoint in &slice.spec.endpoints {
        let optional = |text: &Option<Rc<str>>| text.as_deref().unwrap_or("<unset>").to_owned();
        text += &format!(
            "  - Addresses:\t{}\n    Conditions:\n      Ready:\t{}\n",
            endpoint.addresses.join(","),
            endpoint.ready
        );
        text += &format!("    Hostname:\t{}\n", optional(&endpoint.hostname));
        if let Some((pod, _)) = &endpoint.pod {
            text += &format!("    TargetRef:\tPod/{}\n", pod.name);
        }
        text += &format!(
            "    NodeName:\t{}\n    Zone:\t{}\n",
            optional(&endpoint.node),
            optional(&endpoint.zone)
        );
    }
    text + &describer.events(&Object::EndpointSlice(slice.clone()))
}

/// An object as its own YAML.
pub(super) fn any(object: &Object) -> String {
    yaml::yaml(&object.to_json())
}
