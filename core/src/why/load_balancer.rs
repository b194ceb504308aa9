//! Facts of the controller that asks a cloud for load balancers. Upstream: `k8s.io/cloud-provider/controllers/service`.

use std::rc::Rc;

/// Why a Service gets a load balancer, or loses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadBalancer {
    /// It is of type LoadBalancer and has none.
    Asked,
    /// The cloud has made one.
    Made {
        /// Its address.
        address: Rc<str>,
    },
    /// It is not as it was when its load balancer was made.
    Changed,
    /// There are other nodes to send to.
    OtherHosts {
        /// How many.
        hosts: usize,
    },
    /// It has one.
    HasAddress,
    /// It is about to go, or of another type by now.
    Unwanted,
}
