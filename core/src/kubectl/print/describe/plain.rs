//! Kinds whose description is short.

use std::rc::Rc;

use super::{Describer, annotations, labels};
use crate::api::{EndpointSlice, Namespace, Object};
use crate::kubectl::print::yaml;

pub(super) fn namespace(namespace: &Namespace) -> String {
    let mut text = format!("Name:\t{}\n", namespace.name());
    text += &labels("Labels", &namespace.meta.labels);
    text += &annotations("Annotations", &namespace.meta.annotations);
    text += &format!("Status:\t{}\n", namespace.status.phase.as_deref().unwrap_or_default());
    text + "\nNo resource quota.\n\nNo LimitRange resource.\n"
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
