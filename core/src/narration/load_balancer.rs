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
        LoadBalancer::Asked | LoadBalancer::HasAddress | LoadBalancer::Unwanted => Detail::default(),
    }
}

/// The manifest fields that decided.
pub(super) fn fields(fact: &LoadBalancer) -> &'static [&'static str] {
    match fact {
        LoadBalancer::Made { .. } => &["spec.type", "spec.loadBalancerIP"],
        LoadBalancer::Asked | LoadBalancer::HasAddress | LoadBalancer::Unwanted => &["spec.type"],
    }
}
