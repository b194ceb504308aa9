//! Which changes of a Service make its load balancer be looked at anew, and what is said of them.
//! Upstream: `needsUpdate` of `k8s.io/cloud-provider/controllers/service`.

use std::rc::Rc;

use super::wants_one;
use crate::api::Service;

/// What is said of a change: reason and message of an Event.
pub(super) type Told = (&'static str, Rc<str>);

/// Whether a load balancer has to follow: `None` where the change does not concern it, `Some(None)` where nothing is said.
pub(super) fn concerning(old: &Service, new: &Service) -> Option<Option<Told>> {
    if !wants_one(old) && !wants_one(new) {
        return None;
    }
    let (before, now) = (&old.spec, &new.spec);
    let turned =
        |reason, before: String, now: String| Some(Some((reason, format!("{before} -> {now}").into())));
    if wants_one(old) != wants_one(new) {
        // One that goes is not turned into anything.
        let is_going = new.meta.deletion.is_some() && old.meta.deletion.is_none();
        return if is_going { None } else { turned("Type", text(&before.type_), text(&now.type_)) };
    }
    if before.load_balancer_source_ranges != now.load_balancer_source_ranges {
        let ranges = |ranges: &Option<Vec<String>>| list(ranges.as_deref().unwrap_or_default());
        let (before, now) = (&before.load_balancer_source_ranges, &now.load_balancer_source_ranges);
        return turned("LoadBalancerSourceRanges", ranges(before), ranges(now));
    }
    if before.ports != now.ports
        || before.session_affinity != now.session_affinity
        || before.session_affinity_config != now.session_affinity_config
    {
        return Some(None);
    }
    if before.load_balancer_ip != now.load_balancer_ip {
        return turned("LoadbalancerIP", text(&before.load_balancer_ip), text(&now.load_balancer_ip));
    }
    let addresses = |ips: &Option<Vec<String>>| ips.clone().unwrap_or_default();
    let (known, wanted) = (addresses(&before.external_ips), addresses(&now.external_ips));
    if known.len() != wanted.len() {
        return turned("ExternalIP", format!("Count: {}", known.len()), wanted.len().to_string());
    }
    if let Some((_, added)) = known.iter().zip(&wanted).find(|(known, wanted)| known != wanted) {
        return Some(Some(("ExternalIP", format!("Added: {added}").into())));
    }
    if old.meta.annotations != new.meta.annotations {
        return Some(None);
    }
    if before.external_traffic_policy != now.external_traffic_policy {
        let (before, now) = (&before.external_traffic_policy, &now.external_traffic_policy);
        return turned("ExternalTrafficPolicy", text(before), text(now));
    }
    if before.health_check_node_port != now.health_check_node_port {
        let port = |port: Option<i32>| port.unwrap_or(0).to_string();
        let (before, now) = (before.health_check_node_port, now.health_check_node_port);
        return turned("HealthCheckNodePort", port(before), port(now));
    }
    None
}

fn text(value: &Option<String>) -> String {
    value.clone().unwrap_or_default()
}

/// As Go prints it: `[10.0.0.0/8 192.0.2.0/24]`.
fn list(values: &[String]) -> String {
    format!("[{}]", values.join(" "))
}
