//! Warnings about Services. Upstream: `pkg/api/service/warnings.go`.

use std::net::IpAddr;

use crate::api::Service;

/// What is said about a Service.
pub(super) fn warnings(service: &Service, found: &mut Vec<String>) {
    const HINTS: &str = "service.kubernetes.io/topology-aware-hints";
    let spec = &*service.spec;
    let mut say = |warning: &str| found.push(warning.to_owned());
    if service.meta.annotations.contains_key(HINTS) {
        say(&format!(
            "annotation {HINTS} is deprecated, please use service.kubernetes.io/topology-mode instead"
        ));
    }
    let kind = spec.type_.as_deref().unwrap_or_default();
    let is_headless = kind == "ClusterIP" && service.is_headless();
    let external_ips = spec.external_ips.as_deref().unwrap_or_default();
    let has = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
    if is_headless {
        if has(&spec.load_balancer_ip) {
            say("spec.loadBalancerIP is ignored for headless services");
        }
        if !external_ips.is_empty() {
            say("spec.externalIPs is ignored for headless services");
        }
        if spec.session_affinity.as_deref() != Some("None") {
            say("spec.SessionAffinity is ignored for headless services");
        }
    }
    for (index, ip) in external_ips.iter().enumerate() {
        if let Some(canonical) = other_form(ip) {
            say(&format!(
                "spec.externalIPs[{index}]: IPv6 address {ip:?} should be in RFC 5952 canonical format ({canonical:?})"
            ));
        }
    }
    if !external_ips.is_empty() && !is_headless && kind != "ExternalName" {
        say("spec.externalIPs is deprecated and may no longer be implemented in some clusters");
    }
    if kind == "ExternalName" && !external_ips.is_empty() {
        say("spec.externalIPs is ignored when spec.type is \"ExternalName\"");
    }
    if kind != "ExternalName" && has(&spec.external_name) {
        say("spec.externalName is ignored when spec.type is not \"ExternalName\"");
    }
    if spec.traffic_distribution.as_deref() == Some("PreferClose") {
        say("spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"");
    }
}

/// How an address of the sixth version is written, where it is written otherwise.
fn other_form(ip: &str) -> Option<String> {
    let Ok(IpAddr::V6(address)) = ip.parse() else { return None };
    Some(address.to_string()).filter(|canonical| canonical != ip)
}
