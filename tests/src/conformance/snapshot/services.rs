//! Services and their endpoints in a snapshot.

use serde_json::{Map, Value, json};

use super::Looking;
use super::fields::{add, counted, field, name};

/// The label with a slice's Service.
const SERVICE: &str = "kubernetes.io/service-name";

/// The label with the controller that writes a slice.
const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";

/// The label of slices of Services without an address.
const HEADLESS: &str = "service.kubernetes.io/headless";

/// One of `services`.
pub(super) fn service(object: &Value, looking: &Looking<'_>) -> Value {
    let spec = &object["spec"];
    let address = spec["clusterIP"].as_str().map(|address| if address == "None" { address } else { "<ip>" });
    let ports = spec["ports"].as_array();
    let mut entry = json!({
        "name": name(object, looking),
        "type": spec["type"],
        "clusterIP": address,
        "selector": spec["selector"],
        "ports": ports.into_iter().flatten().map(|port| masked(port, looking)).collect::<Value>(),
        "internalTrafficPolicy": spec["internalTrafficPolicy"],
        "sessionAffinity": spec["sessionAffinity"],
        "ipFamilies": spec["ipFamilies"],
        "ipFamilyPolicy": spec["ipFamilyPolicy"],
        "loadBalancer": object["status"].get("loadBalancer").cloned().unwrap_or_else(|| json!({})),
    });
    add(&mut entry, "externalTrafficPolicy", spec["externalTrafficPolicy"].clone());
    entry
}

/// A port without a node port that no manifest fixed.
fn masked(port: &Value, looking: &Looking<'_>) -> Value {
    let mut port = port.clone();
    let number = port["nodePort"].to_string();
    if !port["nodePort"].is_null() && !looking.ports.contains(&number) {
        port["nodePort"] = json!("<nodePort>");
    }
    port
}

/// One of `endpointslices`.
pub(super) fn slice(object: &Value, looking: &Looking<'_>) -> Value {
    let labels = field(object, "metadata.labels");
    let endpoints = object["endpoints"].as_array();
    let endpoints =
        endpoints.into_iter().flatten().map(|endpoint| slice_endpoint(endpoint, looking)).collect();
    json!({
        "service": labels[SERVICE],
        "managedBy": labels[MANAGED_BY],
        "headless": !labels[HEADLESS].is_null(),
        "addressType": object["addressType"],
        "ports": object["ports"],
        "endpoints": counted(endpoints),
    })
}

fn slice_endpoint(endpoint: &Value, looking: &Looking<'_>) -> Value {
    let conditions = &endpoint["conditions"];
    let mut row = json!({
        "target": target(endpoint, looking),
        "ready": conditions["ready"],
        "serving": conditions["serving"],
        "terminating": conditions["terminating"],
    });
    add(&mut row, "hostname", endpoint["hostname"].clone());
    row
}

/// One of `endpoints`.
pub(super) fn endpoints(object: &Value, looking: &Looking<'_>) -> Value {
    let subsets = object["subsets"].as_array();
    let subsets: Value =
        subsets.into_iter().flatten().map(|subset| counted_subset(subset, looking)).collect();
    json!({"name": name(object, looking), "subsets": subsets})
}

fn counted_subset(subset: &Value, looking: &Looking<'_>) -> Value {
    let mut entry = Map::new();
    for list in ["addresses", "notReadyAddresses"] {
        if let Some(addresses) = subset[list].as_array() {
            let rows = addresses.iter().map(|address| {
                let mut row = json!({"target": target(address, looking)});
                add(&mut row, "hostname", address["hostname"].clone());
                row
            });
            entry.insert(list.to_owned(), counted(rows.collect()));
        }
    }
    entry.insert("ports".to_owned(), subset["ports"].clone());
    entry.into()
}

/// The pod behind an address, or null.
fn target(address: &Value, looking: &Looking<'_>) -> Value {
    match field(address, "targetRef.name").as_str() {
        Some(name) => json!(looking.names.name(name)),
        None => Value::Null,
    }
}
