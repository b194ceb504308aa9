//! Words for the facts of `why::load_balancer`.

use super::{Detail, Text};
use crate::engine::Step;
use crate::why::LoadBalancer;

/// One sentence.
#[inline(never)]
pub(super) fn headline(fact: &LoadBalancer, step: &Step) -> Text {
    let service = |words: &'static str| {
        let text = Text::new().plain(words);
        match step.change() {
            Some(change) => text.object(&change.object),
            None => text.plain("the Service"),
        }
    };
    match fact {
        LoadBalancer::Asked => service("Holds ").plain(" and asks the cloud for a load balancer."),
        LoadBalancer::Made { address } => {
            service("Writes the address of the load balancer of ").plain(": ").number(address).plain(".")
        }
        LoadBalancer::Changed => service("Moves the load balancer of ").plain(" to another address."),
        LoadBalancer::OtherHosts { hosts } => {
            service("Lets the load balancer of ").plain(" send to ").number(hosts).plain(" nodes.")
        }
        LoadBalancer::HasAddress => "Finds the load balancer as it should be.".into(),
        LoadBalancer::Unwanted => service("Lets ").plain(" go: its load balancer is gone."),
    }
}

/// The arithmetic.
#[inline(never)]
pub(super) fn detail(fact: &LoadBalancer) -> Detail {
    match fact {
        LoadBalancer::Made { address } => Detail::new("The load balancer", "ensureLoadBalancer").row(
            "address",
            "status.loadBalancer",
            address,
        ),
        LoadBalancer::OtherHosts { hosts } => Detail::new("The load balancer", "nodeSyncService").row(
            "hosts",
            "nodes without exclude-from-external-load-balancers",
            hosts,
        ),
        LoadBalancer::Asked | LoadBalancer::Changed | LoadBalancer::HasAddress | LoadBalancer::Unwanted => {
            Detail::default()
        }
    }
}

/// The manifest fields that decided.
pub(super) fn fields(fact: &LoadBalancer) -> &'static [&'static str] {
    match fact {
        LoadBalancer::Made { .. } => &["spec.type", "spec.loadBalancerIP"],
        LoadBalancer::Changed => &["spec.ports", "spec.externalTrafficPolicy", "spec.loadBalancerIP"],
        LoadBalancer::Asked
        | LoadBalancer::OtherHosts { .. }
        | LoadBalancer::HasAddress
        | LoadBalancer::Unwanted => &["spec.type"],
    }
}
