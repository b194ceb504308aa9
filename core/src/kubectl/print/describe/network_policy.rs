//! NetworkPolicies described: whom they select, and what they let pass. Upstream: `describeNetworkPolicySpec`.

use std::rc::Rc;

use k8s_openapi::api::networking::v1 as networking;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{annotations, labels};
use crate::api::NetworkPolicy;
use crate::kubectl::print::workload;

/// What a rule of one direction is called.
struct Words {
    peers: &'static str,
    no_rules: &'static str,
    any_peer: &'static str,
}

const INGRESS: Words = Words {
    peers: "From",
    no_rules: "<none> (Selected pods are isolated for ingress connectivity)",
    any_peer: "From: <any> (traffic not restricted by source)",
};

const EGRESS: Words = Words {
    peers: "To",
    no_rules: "<none> (Selected pods are isolated for egress connectivity)",
    any_peer: "To: <any> (traffic not restricted by destination)",
};

/// A rule: its ports, and who is at the other end.
type Rule<'a> =
    (Option<&'a Vec<networking::NetworkPolicyPort>>, Option<&'a Vec<networking::NetworkPolicyPeer>>);

pub(super) fn describe(policy: &Rc<NetworkPolicy>) -> String {
    let created = policy.meta.created.to_api().0.strftime("%Y-%m-%d %H:%M:%S +0000 UTC");
    let mut text = format!("Name:\t{}\nNamespace:\t{}\n", policy.name(), policy.key.namespace);
    text += &format!("Created on:\t{created}\n");
    text += &labels("Labels", &policy.meta.labels);
    text += &annotations("Annotations", &policy.meta.annotations);
    let Some(spec) = &policy.spec.spec else { return text };
    let selector = spec.pod_selector.clone().unwrap_or_default();
    let is_empty = selector.match_labels.as_ref().is_none_or(|labels| labels.is_empty())
        && selector.match_expressions.as_ref().is_none_or(|all| all.is_empty());
    let selected = match is_empty {
        true => "<none> (Allowing the specific traffic to all pods in this namespace)".to_owned(),
        false => workload::label_selector(&selector),
    };
    text += &format!("Spec:\n  PodSelector:     {selected}\n");
    let types = spec.policy_types.as_deref().unwrap_or_default();
    let (ingress, egress) = (spec.ingress.iter().flatten(), spec.egress.iter().flatten());
    let ingress: Vec<Rule<'_>> = ingress.map(|rule| (rule.ports.as_ref(), rule.from.as_ref())).collect();
    let egress: Vec<Rule<'_>> = egress.map(|rule| (rule.ports.as_ref(), rule.to.as_ref())).collect();
    for (name, rules, words) in [("ingress", ingress, INGRESS), ("egress", egress, EGRESS)] {
        let is_affected = types.iter().any(|type_| type_.eq_ignore_ascii_case(name));
        match is_affected {
            true => text += &format!("  Allowing {name} traffic:\n{}", listed(&rules, &words)),
            false => text += &format!("  Not affecting {name} traffic\n"),
        }
    }
    text + &format!("  Policy Types: {}\n", types.join(", "))
}

fn listed(rules: &[Rule<'_>], words: &Words) -> String {
    if rules.is_empty() {
        return format!("    {}\n", words.no_rules);
    }
    let texts: Vec<String> = rules.iter().map(|rule| one(*rule, words)).collect();
    texts.join("    ----------\n")
}

fn one((ports, peers): Rule<'_>, words: &Words) -> String {
    let mut text = String::new();
    let ports = ports.map(Vec::as_slice).unwrap_or_default();
    if ports.is_empty() {
        text += "    To Port: <any> (traffic allowed to all ports)\n";
    }
    for port in ports {
        let number = match &port.port {
            Some(IntOrString::Int(number)) => number.to_string(),
            Some(IntOrString::String(name)) => name.clone(),
            None => "<nil>".to_owned(),
        };
        text += &format!("    To Port: {number}/{}\n", port.protocol.as_deref().unwrap_or("TCP"));
    }
    let peers = peers.map(Vec::as_slice).unwrap_or_default();
    if peers.is_empty() {
        text += &format!("    {}\n", words.any_peer);
    }
    for peer in peers {
        text += &format!("    {}:\n", words.peers);
        let selectors =
            [("NamespaceSelector", &peer.namespace_selector), ("PodSelector", &peer.pod_selector)];
        for (name, selector) in selectors {
            if let Some(selector) = selector {
                text += &format!("      {name}: {}\n", workload::label_selector(selector));
            }
        }
        if let Some(block) = &peer.ip_block {
            let except = block.except.as_deref().unwrap_or_default().join(", ");
            text += &format!("      IPBlock:\n        CIDR: {}\n        Except: {except}\n", block.cidr);
        }
    }
    text
}
